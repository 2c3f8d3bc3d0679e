package output

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"pressroom/internal/memo"
)

// File is a promise: its key is known before its bytes are made.
type File struct {
	Path  string                  // clean slash path, as "news/2024/index.html"
	Key   memo.Key                // equal keys mean equal bytes; the zero key promises nothing
	Write func(w io.Writer) error // makes the bytes, the same each time, on any goroutine

	// Open is set for a copy of a file that exists already: it gives the same bytes, to
	// be read from any place, so that a server can answer for a piece of a film without
	// making the whole of it.
	Open func() (io.ReadSeekCloser, error)
}

// ManifestName is the path of the list of all files, which Write makes itself.
const ManifestName = "manifest.json"

// Tree is a set of files that can stand on one disk together: no path twice, no
// path that is a file here and a folder there. The zero value is an empty tree.
// Adding is for one goroutine; a tree that has been filled may be read by many.
type Tree struct {
	files  []File         // in the order of Add
	byPath map[string]int // into files
	dirs   map[string]bool
	later  []later

	mu     sync.Mutex
	sorted []File // files by path, made when asked for
}

// later is a folder of its own, whose files are known only when somebody asks for them.
type later struct {
	dir   string // with the slash
	files func() []File
	find  func() map[string]File
}

// Later gives a folder to files whose names are made of their bytes: what they are called
// is found out when somebody reads the tree whole, or asks for one of them. Nothing else
// can stand there, and files gives paths below dir, each once.
func (t *Tree) Later(dir string, files func() []File) error {
	if err := checkPath(dir); err != nil {
		return err
	}
	if _, ok := t.byPath[dir]; ok || t.dirs[dir] {
		return fmt.Errorf("output path %q: taken, and files made later need it", dir)
	}
	if t.byPath == nil {
		t.byPath, t.dirs = map[string]int{}, map[string]bool{}
	}
	if err := t.addDirs(dir + "/"); err != nil {
		return err
	}
	l := later{dir: dir + "/", files: sync.OnceValue(files)}
	l.find = sync.OnceValue(func() map[string]File {
		m := map[string]File{}
		for _, f := range l.files() {
			m[f.Path] = f
		}
		return m
	})
	t.later, t.sorted = append(t.later, l), nil
	return nil
}

// Add puts a file into the tree, or says why it cannot stand there.
func (t *Tree) Add(f File) error {
	if err := checkPath(f.Path); err != nil {
		return err
	}
	if f.Path == ManifestName {
		return fmt.Errorf("output path %q: this file is made from all the others", f.Path)
	}
	if _, ok := t.byPath[f.Path]; ok {
		return fmt.Errorf("output path %q: promised twice", f.Path)
	}
	if t.dirs[f.Path] {
		return fmt.Errorf("output path %q: a file where another file needs a folder", f.Path)
	}
	for _, l := range t.later {
		if strings.HasPrefix(f.Path, l.dir) {
			return fmt.Errorf("output path %q: this folder belongs to files that are made later", f.Path)
		}
	}
	if t.byPath == nil {
		t.byPath, t.dirs = map[string]int{}, map[string]bool{}
	}
	if err := t.addDirs(f.Path); err != nil {
		return err
	}
	t.byPath[f.Path] = len(t.files)
	t.files, t.sorted = append(t.files, f), nil
	return nil
}

// addDirs notes the folders above name, upwards until one is known already.
func (t *Tree) addDirs(name string) error {
	for d := path.Dir(name); d != "." && !t.dirs[d]; d = path.Dir(d) {
		if _, ok := t.byPath[d]; ok || d == ManifestName {
			return fmt.Errorf("output path %q: needs a folder where %q is a file", name, d)
		}
	}
	for d := path.Dir(name); d != "." && !t.dirs[d]; d = path.Dir(d) {
		t.dirs[d] = true
	}
	return nil
}

// Files returns the files sorted by path. The caller leaves the slice alone.
func (t *Tree) Files() []File {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.sorted == nil {
		t.sorted = slices.Clone(t.files)
		for _, l := range t.later {
			t.sorted = append(t.sorted, l.files()...)
		}
		slices.SortFunc(t.sorted, func(a, b File) int { return cmp.Compare(a.Path, b.Path) })
	}
	return t.sorted
}

// Known returns the files that were added one by one, in that order, and asks for no others.
func (t *Tree) Known() []File { return t.files }

// Get returns the file at a path.
func (t *Tree) Get(path string) (File, bool) {
	if i, ok := t.byPath[path]; ok {
		return t.files[i], true
	}
	for _, l := range t.later {
		if strings.HasPrefix(path, l.dir) {
			f, ok := l.find()[path]
			return f, ok
		}
	}
	return File{}, false
}

// Len returns the number of files, without the manifest.
func (t *Tree) Len() int { return len(t.Files()) }

var errPath = errors.New("not a clean relative slash path")

// checkPath accepts only what means one place below the output folder on every
// system; paths out of a manifest found on disk pass through it too.
func checkPath(p string) error {
	if !fs.ValidPath(p) || p == "." || strings.ContainsAny(p, "\x00\\") || !filepath.IsLocal(filepath.FromSlash(p)) {
		return fmt.Errorf("output path %q: %w", p, errPath)
	}
	return nil
}
