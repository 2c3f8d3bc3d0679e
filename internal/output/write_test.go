package output

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"pressroom/internal/memo"
)

func TestWrite(t *testing.T) {
	modes(t, func(t *testing.T, inPlace bool) {
		o := newPlace(t)
		o.inPlace = inPlace
		r := write(t, o, site)
		check(t, o.Dir, site)
		if r.Total != 10 || r.Written != 10 || r.Unchanged != 0 || r.Removed != 0 || len(r.Changed) != 10 || !r.Atomic {
			t.Errorf("first: %+v", r)
		}

		next := site.with(files{"news/2024/05/a/index.html": "a, corrected", "news/2024/05/b/index.html": "", "new/x.html": "x"})
		before := state(t, o.Dir)
		r = write(t, o, next)
		check(t, o.Dir, next)
		want := Result{
			Total: 10, Written: 3, Unchanged: 7, Removed: 1, Atomic: !inPlace,
			Bytes:   int64(len("a, corrected") + len("x") + len(next.manifest())),
			Changed: []string{"manifest.json", "new/x.html", "news/2024/05/a/index.html", "news/2024/05/b/index.html"},
		}
		if !reflect.DeepEqual(r, want) {
			t.Errorf("got  %+v\nwant %+v", r, want)
		}
		for p, is := range state(t, o.Dir) {
			rel, _ := filepath.Rel(o.Dir, p)
			if is.kind == isFile && before[p].stamp != is.stamp && !slices.Contains(want.Changed, filepath.ToSlash(rel)) {
				t.Errorf("%s: unchanged, but its signature is not", rel)
			}
		}
		if r := write(t, o, files{}); r.Removed != 9 || r.Total != 1 {
			t.Errorf("emptied: %+v", r)
		}
		check(t, o.Dir, files{})
	})
}

// Files larger than the buffer are compared as they come.
func TestLargeFiles(t *testing.T) {
	long := bytes.Repeat([]byte("0123456789abcdef"), 3*sinkSize/16)
	edit := func(at int) string { b := slices.Clone(long); b[at] = 'X'; return string(b) }
	for name, next := range map[string]string{
		"same": string(long), "first byte": edit(0), "second block": edit(sinkSize + 5), "last byte": edit(len(long) - 1),
		"shorter": string(long[:2*sinkSize]), "shorter in a block": string(long[:2*sinkSize+1]), "short": string(long[:10]),
		"longer": string(long) + "y", "a block longer": string(long) + string(long[:sinkSize]),
	} {
		t.Run(name, func(t *testing.T) {
			o := newPlace(t)
			write(t, o, files{"film.mp4": string(long)})
			if err := os.Remove(o.Record); err != nil {
				t.Fatal(err)
			}
			tree := &Tree{}
			err := tree.Add(File{Path: "film.mp4", Write: func(w io.Writer) error {
				_, err := io.CopyBuffer(struct{ io.Writer }{w}, strings.NewReader(next), make([]byte, 100_003))
				return err
			}})
			if err != nil {
				t.Fatal(err)
			}
			r, err := Write(context.Background(), tree, o)
			if err != nil || (r.Written == 0) != (name == "same") {
				t.Errorf("%+v, %v", r, err)
			}
			check(t, o.Dir, files{"film.mp4": next})
		})
	}
}

// What was a folder becomes a file and the other way round.
func TestFileBecomesFolder(t *testing.T) {
	modes(t, func(t *testing.T, inPlace bool) {
		o := newPlace(t)
		o.inPlace = inPlace
		a := files{"x": "file", "y/deep/er/z": "1", "y/deep/w": "2", "k": "k"}
		b := files{"x/deep/a": "1", "x/b": "2", "y": "file", "k": "k"}
		for _, s := range []files{a, b, a, b, a} {
			write(t, o, s)
			check(t, o.Dir, s)
		}
	})
}

func TestProgress(t *testing.T) {
	o := newPlace(t)
	var seen []int
	o.Progress = func(done, total int) {
		if seen = append(seen, done); total != 10 {
			t.Errorf("total %d", total)
		}
	}
	write(t, o, site)
	write(t, o, site)
	if want := []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 9, 10}; !slices.Equal(seen, want) {
		t.Errorf("got %v, want %v", seen, want)
	}
}

// Whatever came before, the folder holds the tree and what strangers left there.
func TestRandomSequences(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	rounds := 20
	if testing.Short() {
		rounds = 10
	}
	for seed := range rounds {
		rng := rand.New(rand.NewPCG(uint64(seed), 7))
		o := newPlace(t)
		foreign := files{}
		word := func() string { return string("abcde"[rng.IntN(5)]) }
		path := func() string {
			p := word()
			for rng.IntN(3) > 0 {
				p += "/" + word()
			}
			return p
		}
		cur := files{}
		for step := range 12 {
			next := files{}
			tree := &Tree{}
			for range rng.IntN(20) {
				p, s := path(), word()+strings.Repeat(word(), rng.IntN(4))
				if old, ok := cur[p]; ok && rng.IntN(3) > 0 {
					s = old
				}
				if tree.Add(File{Path: p}) == nil {
					next[p] = s
				}
			}
			// A stranger comes by: with names of his own, so that nothing is in the way.
			for range rng.IntN(3) {
				p := path() + "/Foreign" + word()
				if at, _ := lstat(filepath.Join(o.Dir, above(above(p)))); at.kind == isFolder && cur[above(p)] == "" {
					foreign[p] = word()
					put(t, o.Dir, files{p: foreign[p]})
				}
			}
			o.inPlace = rng.IntN(4) == 0
			runtime.GOMAXPROCS(1 + rng.IntN(3))
			switch rng.IntN(10) {
			case 0:
				_ = os.Remove(o.Record)
			case 1:
				_ = os.RemoveAll(o.Record + ".spare")
			case 2: // a meddled spare
				d := filepath.Join(o.Record+".spare", "tree", word())
				_ = os.MkdirAll(d, 0o755)
				_ = os.WriteFile(filepath.Join(d, "meddled"), nil, 0o644)
			case 3: // all signatures lost
				for p := range cur {
					put(t, o.Dir, files{p: cur[p]})
				}
			case 4: // our file edited by hand
				for p := range cur {
					put(t, o.Dir, files{p: "by hand"})
					break
				}
			case 5:
				for p := range foreign {
					delete(foreign, p)
					for ; p != ""; p = above(p) { // with the folders that this leaves empty
						_ = os.Remove(filepath.Join(o.Dir, p))
					}
					break
				}
			}
			blocked := false
			for p := range foreign {
				for d := p; d != ""; d = above(d) {
					if _, ok := next[d]; ok {
						blocked = true
					}
				}
			}
			before := read(t, filepath.Dir(o.Dir))
			r, err := Write(context.Background(), next.tree(t), o)
			var clash *ForeignError
			switch {
			case blocked && errors.As(err, &clash):
				if after := read(t, filepath.Dir(o.Dir)); !reflect.DeepEqual(before, after) {
					t.Fatalf("seed %d step %d: refused, but changed\n%s\n%s", seed, step, show(before), show(after))
				}
				continue
			case blocked || err != nil:
				t.Fatalf("seed %d step %d: blocked %v, %v", seed, step, blocked, err)
			}
			alone(t, o)
			got := read(t, o.Dir)
			maps.DeleteFunc(got, func(_, s string) bool { return s == "/" }) // a stranger's empty folders
			want := next.with(foreign)
			want[ManifestName] = next.manifest()
			if !reflect.DeepEqual(got, want) {
				t.Fatalf("seed %d step %d:\n%s\nwant\n%s", seed, step, show(got), show(want))
			}
			if (len(r.Foreign) == 0) != (len(foreign) == 0) && len(foreign) > 0 {
				t.Fatalf("seed %d step %d: foreign %v, want %v", seed, step, r.Foreign, foreign)
			}
			cur = next
		}
	}
}

func TestManifestIsJSON(t *testing.T) {
	o := newPlace(t)
	write(t, o, site)
	b, err := os.ReadFile(filepath.Join(o.Dir, ManifestName))
	if err != nil {
		t.Fatal(err)
	}
	var m struct {
		Files []struct {
			Path   string
			Bytes  int
			SHA256 string
		}
	}
	if err := json.Unmarshal(b, &m); err != nil {
		t.Fatal(err)
	}
	for _, f := range m.Files {
		if s, ok := site[f.Path]; !ok || len(s) != f.Bytes {
			t.Errorf("%+v", f)
		}
	}
	if len(m.Files) != len(site) || bytes.Count(b, []byte("\n")) != len(site)+2 {
		t.Errorf("%d files in\n%s", len(m.Files), b)
	}
}

func TestAdd(t *testing.T) {
	tree := files{"a/b/c": "1", "d": "2"}.tree(t)
	for path, want := range map[string]string{
		"": "not a clean", ".": "not a clean", "/abs": "not a clean", "a/../b": "not a clean", "../x": "not a clean", "a//b": "not a clean",
		"x/": "not a clean", "a\\b": "not a clean", "x\x00y": "not a clean", "\xff": "not a clean",
		"d": `"d": promised twice`, "a/b": `"a/b": a file where another file needs a folder`, "d/e/f": `"d/e/f": needs a folder where "d" is a file`,
		"manifest.json": "made from all the others", "manifest.json/x": `"manifest.json" is a file`,
	} {
		if err := tree.Add(File{Path: path}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Add(%q) = %v, want %q", path, err, want)
		}
	}
	if err := tree.Add(File{Path: "b", Key: memo.Hash(1)}); err != nil {
		t.Error(err)
	}
	var got []string
	for _, f := range tree.Files() {
		got = append(got, f.Path)
	}
	if want := []string{"a/b/c", "b", "d"}; !slices.Equal(got, want) || tree.Len() != 3 {
		t.Errorf("got %v, want %v", got, want)
	}
	if f, ok := tree.Get("b"); !ok || f.Key != memo.Hash(1) {
		t.Errorf("Get: %v %v", f, ok)
	}
	if _, ok := tree.Get("a"); ok {
		t.Error("Get finds a folder")
	}
}

// TestLater: a folder whose files are found out when somebody asks, once.
func TestLater(t *testing.T) {
	tree, asked := files{"a/b": "1"}.tree(t), 0
	if err := tree.Later("a/later", func() []File {
		asked++
		return []File{{Path: "a/later/x", Key: memo.Hash(1)}, {Path: "a/later/y/z"}}
	}); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{"a", "a/b", "a/b/c", "../x", "a/later"} {
		if err := tree.Later(dir, nil); err == nil {
			t.Errorf("Later(%q) is taken", dir)
		}
	}
	for _, path := range []string{"a/later", "a/later/x", "a/later/new"} {
		if err := tree.Add(File{Path: path}); err == nil {
			t.Errorf("Add(%q) is taken", path)
		}
	}
	if got := tree.Known(); len(got) != 1 || asked != 0 {
		t.Errorf("%d files are known, and the others were asked for %d times", len(got), asked)
	}
	if _, ok := tree.Get("a/b"); !ok || asked != 0 {
		t.Error("another file asks for those that are made later")
	}
	if f, ok := tree.Get("a/later/x"); !ok || f.Key != memo.Hash(1) {
		t.Error("a file made later is not found")
	}
	if _, ok := tree.Get("a/later/no"); ok {
		t.Error("what is not there is found")
	}
	var got []string
	for _, f := range tree.Files() {
		got = append(got, f.Path)
	}
	if want := []string{"a/b", "a/later/x", "a/later/y/z"}; !slices.Equal(got, want) || tree.Len() != 3 || asked != 1 {
		t.Errorf("got %v, asked %d times", got, asked)
	}
}
