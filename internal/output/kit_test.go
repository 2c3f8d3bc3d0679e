package output

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
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
