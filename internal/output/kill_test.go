//go:build unix

package output

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"runtime"
	"sync"
	"syscall"
	"testing"
)

// oneByOne has the test make one file after the other, so that its steps come in order.
func oneByOne(t testing.TB) {
	before := runtime.GOMAXPROCS(1)
	t.Cleanup(func() { runtime.GOMAXPROCS(before) })
}

// child is what the test binary does when it is started as a child: one Write,
// which asks before every step, or a Lock.
type child struct {
	Dir, Record string
	Jobs        int
	Site        files
	InPlace     bool
	Locked      bool // take the lock first
	Ask         bool // at every step
}

const childEnv = "OUTPUT_TEST_CHILD"

func TestMain(m *testing.M) {
	if order := os.Getenv(childEnv); order != "" {
		os.Exit(runChild(order))
	}
	os.Exit(m.Run())
}

func runChild(order string) int {
	var c child
	if err := json.Unmarshal([]byte(order), &c); err != nil {
		panic(err)
	}
	var mu sync.Mutex
	if c.Jobs > 0 {
		runtime.GOMAXPROCS(c.Jobs)
	}
	o := Options{Dir: c.Dir, Record: c.Record, inPlace: c.InPlace}
	if c.Ask {
		o.step = func() {
			mu.Lock()
			defer mu.Unlock()
			_, _ = os.Stdout.Write([]byte{'?'})
			if _, err := os.Stdin.Read(make([]byte, 1)); err != nil {
				select {} // the parent is about to kill us
			}
		}
	}
	tree := &Tree{}
	for p, s := range c.Site {
		if err := tree.Add(File{Path: p, Write: func(w io.Writer) error { _, err := io.WriteString(w, s); return err }}); err != nil {
			panic(err)
		}
	}
	if c.Locked {
		unlock, err := Lock(context.Background(), c.Dir, func() { fmt.Print("waiting") })
		if err != nil {
			panic(err)
		}
		defer unlock()
	}
	if _, err := Write(context.Background(), tree, o); err != nil {
		fmt.Print(err)
		return 1
	}
	return 0
}

func (c child) command(t testing.TB) *exec.Cmd {
	order, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), childEnv+"="+string(order))
	cmd.Stderr = os.Stderr
	return cmd
}

// killAt runs the child, kills it when it asks for the k-th time, and returns
// whether it asked that often.
func (c child) killAt(t *testing.T, k int) bool {
	t.Helper()
	cmd := c.command(t)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	killed := false
	for n, b := 0, make([]byte, 1); !killed; {
		if _, err := out.Read(b); err != nil {
			break
		}
		if n++; n < k {
			_, _ = in.Write(b)
			continue
		}
		killed = true
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
	}
	if err := cmd.Wait(); err != nil && !killed {
		t.Fatalf("step %d: %v", k, err)
	}
	return killed
}

// A build killed at any step leaves the old site or the new one, and the next
// build neither trips over what is left nor leaves it there.
func TestKill(t *testing.T) {
	if !canSwap {
		t.Skip("no swap on this system")
	}
	foreign := files{"CNAME": "example.org", "dir/own": "x", "news/note": "y", "link": "-> CNAME"}
	a := site.with(files{"old/only.html": "old", "turn/into/file": "1"})
	b := site.with(files{"index.html": "home 2", "new/only.html": "new", "news/rss.xml": "", "turn": "file"})
	for name, prepare := range map[string]func(t *testing.T, o Options){
		"first build": func(t *testing.T, o Options) {},
		"linking": func(t *testing.T, o Options) {
			write(t, o, a)
			put(t, o.Dir, foreign)
		},
		"with a spare": func(t *testing.T, o Options) {
			write(t, o, a.with(files{"index.html": "home 0"}))
			put(t, o.Dir, foreign)
			write(t, o, a)
			if at, err := lstat(filepath.Join(o.Record+".spare", sealName)); err != nil || at.kind != isFile {
				t.Fatal("no spare")
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			old, stay := a, foreign
			if name == "first build" {
				old, stay = nil, nil
			}
			sites := map[string]int{}
			for k := 1; ; k++ {
				o := newPlace(t)
				prepare(t, o)
				if !(child{Dir: o.Dir, Record: o.Record, Site: b, Ask: true}).killAt(t, k) {
					if k < 12 || len(sites) != 2 {
						t.Errorf("%d steps, found %v", k, sites)
					}
					break
				}
				got := files{}
				if at, _ := lstat(o.Dir); at.kind != isAbsent {
					got = read(t, o.Dir)
				}
				which := ""
				for name, s := range map[string]files{"old": old, "new": b} {
					want := files{}
					if s != nil {
						want = s.with(stay)
						want[ManifestName] = s.manifest()
					}
					if reflect.DeepEqual(got, want) {
						which = name
					}
				}
				if which == "" {
					t.Fatalf("step %d: neither site but\n%s", k, show(got))
				}
				sites[which]++
				write(t, o, b)
				check(t, o.Dir, b, stay)
			}
		})
	}
}

// In place, every file is old or new at any time, new pages find their assets, and
// the next build completes what a kill interrupted.
func TestKillInPlace(t *testing.T) {
	a := files{"index.html": "1", "zfeed.xml": "1", "gone.html": "1", "gone/deep.html": "1", "turn/into": "1"}
	b := files{"index.html": "2", "zfeed.xml": "2", "asset.css": "2", "turn": "2"}
	foreign := files{"CNAME": "x", "gone/own": "y"}
	for k := 1; ; k++ {
		o := newPlace(t)
		write(t, o, a)
		put(t, o.Dir, foreign)
		if !(child{Dir: o.Dir, Record: o.Record, Jobs: 1, Site: b, InPlace: true, Ask: true}).killAt(t, k) {
			if k < 10 {
				t.Errorf("%d steps", k)
			}
			return
		}
		got := read(t, o.Dir)
		maps.DeleteFunc(got, func(p, _ string) bool { return p[0] == '.' })
		if got["index.html"] == "2" && got["asset.css"] != "2" || got["zfeed.xml"] == "2" && got["index.html"] != "2" ||
			got[ManifestName] == b.manifest() && got["zfeed.xml"] != "2" || got["gone.html"] == "" && got[ManifestName] != b.manifest() {
			t.Fatalf("step %d: in the wrong order:\n%s", k, show(got))
		}
		for p, s := range got {
			if s != a[p] && s != b[p] && s != foreign[p] && p != ManifestName {
				t.Fatalf("step %d: %s holds %q", k, p, s)
			}
		}
		o.inPlace = true
		write(t, o, b)
		check(t, o.Dir, b, foreign)
	}
}

// Builds that take the lock do not meet, and say so when they wait.
func TestLock(t *testing.T) {
	o := newPlace(t)
	unlock, err := Lock(context.Background(), o.Dir, func() { t.Error("nobody to wait for") })
	if err != nil {
		t.Fatal(err)
	}
	waits := 0
	ctx, stop := context.WithCancelCause(context.Background())
	if _, err := Lock(ctx, o.Dir, func() { waits++; stop(errors.New("too long")) }); err == nil || !errors.Is(err, context.Cause(ctx)) || waits != 1 {
		t.Errorf("a second lock: %v, %d waits", err, waits)
	}
	var children []*exec.Cmd
	for i := range 2 {
		cmd := child{Dir: o.Dir, Record: o.Record, Locked: true, Site: site.with(files{"who": fmt.Sprint(i)})}.command(t)
		out, err := cmd.StdoutPipe()
		if err := errors.Join(err, cmd.Start()); err != nil {
			t.Fatal(err)
		}
		said := make([]byte, len("waiting"))
		if _, err := io.ReadFull(out, said); err != nil || string(said) != "waiting" {
			t.Fatalf("child %d said %q, %v", i, said, err)
		}
		children = append(children, cmd)
	}
	if at, _ := lstat(o.Dir); at.kind != isAbsent {
		t.Error("somebody did not wait")
	}
	unlock()
	unlock() // once more does no harm
	for _, cmd := range children {
		if err := cmd.Wait(); err != nil {
			t.Error(err)
		}
	}
	alone(t, o)
	if got := read(t, o.Dir); len(got) != len(site)+2 {
		t.Errorf("got %s", show(got))
	}
	if names, _ := os.ReadDir(filepath.Dir(o.Dir)); len(names) != 2 {
		t.Errorf("left %v", names)
	}
}

// The stage of a living build is left alone even by one that takes no lock.
func TestLivingStageStays(t *testing.T) {
	o := newPlace(t)
	write(t, o, site)
	second := site.with(files{"second": "x"})
	nested := false
	outer := o
	oneByOne(t)
	outer.step = func() {
		if !nested {
			nested = true
			if _, err := Write(context.Background(), second.tree(t), o); err != nil {
				t.Error(err)
			}
		}
	}
	third := site.with(files{"third": "x"})
	write(t, outer, third)
	got := read(t, o.Dir)
	if got["third"] != "x" || !nested {
		t.Errorf("got %s", show(got))
	}
}

// As somebody who may write in the folder but not beside it, and link to no file
// of others.
func TestUnprivileged(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("needs root to become nobody")
	}
	o := newPlace(t)
	o.Record = filepath.Join(o.Dir, "..", "cache", "record")
	if err := os.Chmod(filepath.Dir(filepath.Dir(o.Dir)), 0o755); err != nil {
		t.Fatal(err)
	}
	const nobody = 65534
	for _, d := range []string{o.Dir, filepath.Dir(o.Record)} {
		if err := errors.Join(os.MkdirAll(d, 0o755), os.Chown(d, nobody, nobody)); err != nil {
			t.Fatal(err)
		}
	}
	put(t, o.Dir, files{"roots": "own"})
	run := func(s files, more ...files) {
		t.Helper()
		cmd := child{Dir: o.Dir, Record: o.Record, Site: s}.command(t)
		exe := filepath.Join(filepath.Dir(o.Dir), "test")
		if err := copyFile(cmd.Path, exe, info{perm: 0o755}); err != nil && !errors.Is(err, os.ErrExist) {
			t.Fatal(err)
		}
		cmd.Path = exe
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
		if out, err := cmd.Output(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		alone(t, o)
		check(t, o.Dir, s, append(more, files{"roots": "own"})...)
	}
	run(site)
	run(site.with(files{"index.html": "2", "news/rss.xml": ""}))

	// Now beside it too, so that the stranger's file is carried over by copying.
	if err := os.Chown(filepath.Dir(o.Dir), nobody, nobody); err != nil {
		t.Fatal(err)
	}
	before, _ := lstat(o.Dir)
	locked := filepath.Join(o.Dir, "locked")
	put(t, locked, files{"file": "x"})
	if err := errors.Join(os.Chown(locked, nobody, nobody), os.Chmod(locked, 0o555)); err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		run(site.with(files{"index.html": fmt.Sprint(i)}), files{"locked/file": "x"})
	}
	if err := os.RemoveAll(filepath.Join(o.Dir, "locked")); err != nil {
		t.Fatal(err)
	}
	if after, _ := lstat(o.Dir); canSwap && after.ino == before.ino {
		t.Error("not swapped")
	}

	// Files of ours that now belong to somebody else are copied too, and then there is
	// no sense in a spare.
	if err := errors.Join(os.RemoveAll(o.Record+".spare"), filepath.WalkDir(o.Dir, func(p string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			err = os.Chown(p, 0, 0)
		}
		return err
	})); err != nil {
		t.Fatal(err)
	}
	run(site.with(files{"index.html": "3"}))
	protected, _ := os.ReadFile("/proc/sys/fs/protected_hardlinks")
	if at, err := lstat(o.Record + ".spare"); string(protected) == "1\n" && (err != nil || at.kind != isAbsent) {
		t.Errorf("a spare of copies: %+v, %v", at, err)
	}

	// What we may not read we cannot carry over: the files are renamed in place.
	secret := filepath.Join(o.Dir, "secret")
	if err := os.Mkdir(secret, 0o700); err != nil {
		t.Fatal(err)
	}
	before, _ = lstat(o.Dir)
	run(site.with(files{"index.html": "4", "news/rss.xml": ""}), files{"secret": "/"})
	if after, _ := lstat(o.Dir); after.ino != before.ino {
		t.Error("swapped without the secret")
	}
}
