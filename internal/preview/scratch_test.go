package preview
import ("testing";"time";"context";"io/fs";"pressroom";"pressroom/internal/bench/corpus";"pressroom/internal/build";"pressroom/internal/memo";"pressroom/internal/source";"os")
func TestScratch(t *testing.T){
 dir:="/dev/shm/pv/site"
 c:=corpus.Corpus{Seed:1,Articles:10000}
 if _,err:=os.Stat(dir);err!=nil{ if err:=(corpus.Site{Dir:dir}).Create(c);err!=nil{t.Fatal(err)}}
 m:=memo.New()
 files := map[string][]byte{}
 fs.WalkDir(pressroom.Theme, ".", func(p string, d fs.DirEntry, err error) error { if err!=nil||d.IsDir(){return err}; files[p],err=pressroom.Theme.ReadFile(p); return err})
 th:=source.Memory(files)
 for i:=0;i<5;i++{
  s:=time.Now()
  tree,_,err:=source.Snapshot(dir,"",m); if err!=nil{t.Fatal(err)}
  a:=time.Now()
  r,p:=build.Run(context.Background(),build.Input{Source:tree,Theme:th,Now:time.Now(),BaseURL:"http://127.0.0.1:1313"},m)
  b:=time.Now()
  m.Sweep()
  t.Log(r!=nil,len(p),a.Sub(s),b.Sub(a))
  corpus.Site{Dir:dir}.Put(c.Article(i).EditTitle(i))
 }
}
