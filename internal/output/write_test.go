package output

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"pressroom/internal/memo"
)

// files is a site in a test: path → content.
type files map[string]string

func (fs files) tree(t testing.TB) *Tree {
	tree := &Tree{}
	for p, s := range fs {
		err := tree.Add(File{Path: p, Key: memo.Hash(s), Write: func(w io.Writer) error {
			_, err := io.WriteString(w, s)
			return err
		}})
		if err != nil {
			t.Fatal(err)
		}
	}
	return tree
}

// with returns fs with more files; an empty text takes one away.
func (fs files) with(more files) files {
	out := maps.Clone(fs)
	for p, s := range more {
		if out[p] = s; s == "" {
			delete(out, p)
		}
	}
	return out
}

// read returns what stands in dir: the text of files, "-> target" of symlinks, "/"
// of empty folders.
func read(t testing.TB, dir string) files {
	t.Helper()
	out := files{}
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(dir, p)
		rel = filepath.ToSlash(rel)
		switch {
		case d.IsDir():
			if names, err := os.ReadDir(p); err != nil || len(names) > 0 {
				return err
			}
			out[rel] = "/"
		case d.Type()&fs.ModeSymlink != 0:
			to, err := os.Readlink(p)
			out[rel] = "-> " + to
			return err
		default:
			b, err := os.ReadFile(p)
			out[rel] = string(b)
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// manifest is the text of manifest.json as somebody else would make it.
func (fs files) manifest() string {
	var lines []string
	for _, p := range slices.Sorted(maps.Keys(fs)) {
		sum := sha256.Sum256([]byte(fs[p]))
		lines = append(lines, fmt.Sprintf(`{"path":%q,"bytes":%d,"sha256":"%s"}`, p, len(fs[p]), hex.EncodeToString(sum[:])))
	}
	return strings.TrimSuffix("{\"files\":[\n"+strings.Join(lines, ",\n"), "\n") + "\n]}\n"
}

// check compares dir with a site, its manifest, and foreign things.
func check(t testing.TB, dir string, site files, foreign ...files) {
	t.Helper()
	want := site.with(nil)
	want[ManifestName] = site.manifest()
	for _, f := range foreign {
		maps.Copy(want, f)
	}
	if got := read(t, dir); !reflect.DeepEqual(got, want) {
		t.Fatalf("in %s:\n%s\nwant:\n%s", dir, show(got), show(want))
	}
}

func show(fs files) string {
	var b strings.Builder
	for _, p := range slices.Sorted(maps.Keys(fs)) {
		fmt.Fprintf(&b, "  %s: %.60q\n", p, fs[p])
	}
	return b.String()
}

// place returns options for a new folder and its record.
func newPlace(t testing.TB) Options {
	base := t.TempDir()
	return Options{Dir: filepath.Join(base, "public"), Record: filepath.Join(base, "cache", "record")}
}

func write(t testing.TB, o Options, site files) Result {
	t.Helper()
	r, err := Write(context.Background(), site.tree(t), o)
	if err != nil {
		t.Fatal(err)
	}
	alone(t, o)
	return r
}

// alone fails when a stage or a half-made record is left over.
func alone(t testing.TB, o Options) {
	t.Helper()
	dir, err := filepath.EvalSymlinks(o.Dir)
	if err != nil {
		dir = o.Dir
	}
	for _, d := range []string{filepath.Dir(dir), dir, filepath.Dir(o.Record)} {
		names, _ := os.ReadDir(d)
		for _, n := range names {
			if strings.HasPrefix(n.Name(), ".press-") || strings.HasSuffix(n.Name(), preparedSuffix) || strings.HasPrefix(n.Name(), ".tmp-") {
				t.Errorf("left over: %s in %s", n.Name(), d)
			}
		}
	}
}

// put writes files that the test plays the stranger with.
func put(t testing.TB, dir string, fs files) {
	t.Helper()
	for p, s := range fs {
		name := filepath.Join(dir, p)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		var err error
		if to, ok := strings.CutPrefix(s, "-> "); ok {
			err = os.Symlink(to, name)
		} else if s == "/" {
			err = os.Mkdir(name, 0o755)
		} else {
			_ = os.Remove(name)
			err = os.WriteFile(name, []byte(s), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// state is the signature of everything below dir, to prove that nothing was touched.
func state(t testing.TB, dirs ...string) map[string]info {
	t.Helper()
	out := map[string]info{}
	for _, dir := range dirs {
		err := filepath.WalkDir(dir, func(p string, _ fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			out[p], err = lstat(p)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return out
}

func compare(t testing.TB, before, after map[string]info) {
	t.Helper()
	for p, at := range before {
		if now, ok := after[p]; now != at {
			t.Errorf("%s was %+v, is %+v, stands: %v", p, at, now, ok)
		}
	}
	for p, at := range after {
		if _, ok := before[p]; !ok {
			t.Errorf("%s was not, is %+v", p, at)
		}
	}
}

var site = files{
	"index.html":                 "home",
	"style.css":                  "body{}",
	"news/index.html":            "news",
	"news/rss.xml":               "<rss/>",
	"news/2024/05/a/index.html":  "a",
	"news/2024/05/a/index.json":  "{}",
	"news/2024/05/b/index.html":  "b",
	"videos/über \"x\"/a&b.html": "quoted",
	"empty.txt":                  "",
}

// modes runs a test with the swap and with renames in place.
func modes(t *testing.T, f func(t *testing.T, inPlace bool)) {
	t.Run("swap", func(t *testing.T) {
		if !canSwap {
			t.Skip("no swap on this system")
		}
		f(t, false)
	})
	t.Run("in place", func(t *testing.T) { f(t, true) })
}

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

func TestUnchangedWritesNothing(t *testing.T) {
	modes(t, func(t *testing.T, inPlace bool) {
		o := newPlace(t)
		o.inPlace = inPlace
		write(t, o, site)
		next := site.with(files{"index.html": "home 2"})
		write(t, o, next)
		write(t, o, next) // looks once more into folders changed a moment ago
		before := state(t, filepath.Dir(o.Dir))
		var made atomic.Int32
		tree := &Tree{}
		for _, f := range next.tree(t).Files() {
			f.Write = func(io.Writer) error { made.Add(1); return nil }
			if err := tree.Add(f); err != nil {
				t.Fatal(err)
			}
		}
		r, err := Write(context.Background(), tree, o)
		if err != nil || r.Written != 0 || r.Unchanged != 10 || r.Changed != nil || made.Load() != 0 {
			t.Errorf("%+v, %v, %d files made", r, err, made.Load())
		}
		compare(t, before, state(t, filepath.Dir(o.Dir)))
	})
}

// Keys may change and the record be lost: equal bytes stay where they are.
func TestEqualBytesStay(t *testing.T) {
	for _, lose := range []string{"the keys", "the record", "the signatures", "the record and the manifest"} {
		t.Run(lose, func(t *testing.T) {
			o := newPlace(t)
			big := site.with(files{"film.mp4": strings.Repeat("film", sinkSize)})
			write(t, o, big)
			tree := big.tree(t)
			switch lose {
			case "the keys":
				other := &Tree{}
				for _, f := range tree.Files() {
					f.Key = memo.Hash("other", f.Key)
					if err := other.Add(f); err != nil {
						t.Fatal(err)
					}
				}
				tree = other
			case "the signatures":
				for p, s := range read(t, o.Dir) {
					put(t, o.Dir, files{p: s})
				}
				tree = &Tree{}
				for _, f := range big.tree(t).Files() {
					f.Write = func(io.Writer) error { return errors.New("made, though its bytes are known") }
					if err := tree.Add(f); err != nil {
						t.Fatal(err)
					}
				}
			case "the record and the manifest":
				if err := os.Remove(filepath.Join(o.Dir, ManifestName)); err != nil {
					t.Fatal(err)
				}
				fallthrough
			case "the record":
				if err := os.Remove(o.Record); err != nil {
					t.Fatal(err)
				}
			}
			before := state(t, o.Dir)
			o.step = func() {
				if names, _ := filepath.Glob(filepath.Join(filepath.Dir(o.Dir), ".press-*")); names != nil && lose != "the record and the manifest" {
					t.Error("a stage was made")
				}
			}
			r, err := Write(context.Background(), tree, o)
			if err != nil {
				t.Fatal(err)
			}
			after := state(t, o.Dir)
			if lose == "the record and the manifest" {
				if want := []string{ManifestName}; !slices.Equal(r.Changed, want) {
					t.Errorf("changed %v, want %v", r.Changed, want)
				}
				for _, m := range []map[string]info{before, after} {
					delete(m, filepath.Join(o.Dir, ManifestName))
					maps.DeleteFunc(m, func(_ string, at info) bool { return at.kind == isFolder })
				}
			} else if r.Changed != nil {
				t.Errorf("changed %v", r.Changed)
			}
			compare(t, before, after)
			check(t, o.Dir, big)
		})
	}
}

// A key counts only when it is one, and when this very program made the file of it.
func TestKeysThatSayNothing(t *testing.T) {
	o := newPlace(t)
	version := "1"
	tree := &Tree{}
	for p, k := range map[string]memo.Key{"keyed": memo.Hash(1), "unkeyed": {}} {
		if err := tree.Add(File{Path: p, Key: k, Write: func(w io.Writer) error { _, err := io.WriteString(w, version); return err }}); err != nil {
			t.Fatal(err)
		}
	}
	run := func(want files) {
		t.Helper()
		if _, err := Write(context.Background(), tree, o); err != nil {
			t.Fatal(err)
		}
		check(t, o.Dir, want)
	}
	run(files{"keyed": "1", "unkeyed": "1"})
	version = "2"
	run(files{"keyed": "1", "unkeyed": "2"})
	r := loadRecord(o.Record)
	r.program = memo.Hash("another program")
	if err := os.WriteFile(o.Record, r.encode(), 0o600); err != nil {
		t.Fatal(err)
	}
	run(files{"keyed": "2", "unkeyed": "2"})
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

func TestFailuresAreCollected(t *testing.T) {
	modes(t, func(t *testing.T, inPlace bool) {
		o := newPlace(t)
		o.inPlace = inPlace
		write(t, o, site)
		before := state(t, filepath.Dir(o.Dir))
		boom := errors.New("boom")
		tree := site.with(files{"fine.html": "fine", "large": strings.Repeat("x", 3*sinkSize)}).tree(t)
		for path, f := range map[string]func(io.Writer) error{
			"bad/one.html": func(io.Writer) error { return boom },
			"bad/two.html": func(w io.Writer) error { _, _ = io.WriteString(w, "half"); panic("ouch") },
		} {
			if err := tree.Add(File{Path: path, Write: f}); err != nil {
				t.Fatal(err)
			}
		}
		_, err := Write(context.Background(), tree, o)
		if !errors.Is(err, boom) {
			t.Errorf("got %v", err)
		}
		for _, want := range []string{"write " + o.Dir, "bad/one.html: boom", "bad/two.html: panic: ouch"} {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("no %q in %v", want, err)
			}
		}
		unchanged(t, o, before)
	})
}

// unchanged fails unless everything around o.Dir is as it was; only the times of
// the two folders that hold stages may differ.
func unchanged(t testing.TB, o Options, before map[string]info) {
	t.Helper()
	alone(t, o)
	after := state(t, filepath.Dir(o.Dir))
	for _, m := range []map[string]info{before, after} {
		for _, p := range []string{o.Dir, filepath.Dir(o.Dir), filepath.Dir(o.Record)} {
			if at, ok := m[p]; ok {
				at.mtime = 0
				m[p] = at
			}
		}
	}
	compare(t, before, after)
}

// A build can be cancelled at any step before the swap, and nothing has happened.
func TestCancel(t *testing.T) {
	cause := errors.New("enough")
	next := site.with(files{"index.html": "home 2", "news/rss.xml": "", "a/b/c": "new"})
	for at := 1; ; at++ {
		o := newPlace(t)
		write(t, o, site)
		before := state(t, filepath.Dir(o.Dir))
		ctx, cancel := context.WithCancelCause(context.Background())
		n := 0
		oneByOne(t)
		o.step = func() {
			if n++; n == at {
				cancel(cause)
			}
		}
		_, err := Write(ctx, next.tree(t), o)
		switch {
		case err == nil && n < at:
			if at < 10 {
				t.Errorf("only %d steps", at)
			}
			return
		case err == nil: // it was too late to stop
			check(t, o.Dir, next)
		case !errors.Is(err, cause):
			t.Fatalf("step %d: %v", at, err)
		default:
			unchanged(t, o, before)
		}
	}
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

func TestWrongPlaces(t *testing.T) {
	base := t.TempDir()
	put(t, base, files{"file": "x", "nowhere": "-> missing", "loop": "-> loop"})
	for name, o := range map[string]Options{
		"a file":              {Dir: filepath.Join(base, "file")},
		"below a file":        {Dir: filepath.Join(base, "file", "public")},
		"a symlink to nought": {Dir: filepath.Join(base, "nowhere")},
		"a loop":              {Dir: filepath.Join(base, "loop")},
		"the root":            {Dir: "/"},
		"a record inside":     {Dir: filepath.Join(base, "public"), Record: filepath.Join(base, "public", "record")},
	} {
		if _, err := Write(context.Background(), site.tree(t), o); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if got := read(t, base); len(got) != 3 {
		t.Errorf("left %v", got)
	}
}

// Without a record, everything works but the memory.
func TestNoRecord(t *testing.T) {
	o := Options{Dir: filepath.Join(t.TempDir(), "deep", "er", "public")}
	for _, s := range []files{site, site.with(files{"index.html": "2", "news/rss.xml": ""}), site} {
		if _, err := Write(context.Background(), s.tree(t), o); err != nil {
			t.Fatal(err)
		}
		check(t, o.Dir, s)
	}
	if got := read(t, filepath.Dir(o.Dir)); len(got) != len(site)+1 {
		t.Errorf("left %s", show(got))
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
