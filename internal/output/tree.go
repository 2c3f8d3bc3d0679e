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

	mu     sync.Mutex
	sorted []File // files by path, made when asked for
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
	if len(t.sorted) != len(t.files) {
		t.sorted = slices.Clone(t.files)
		slices.SortFunc(t.sorted, func(a, b File) int { return cmp.Compare(a.Path, b.Path) })
	}
	return t.sorted
}

// Get returns the file at a path.
func (t *Tree) Get(path string) (File, bool) {
	i, ok := t.byPath[path]
	if !ok {
		return File{}, false
	}
	return t.files[i], true
}

// Len returns the number of files, without the manifest.
func (t *Tree) Len() int { return len(t.files) }

var errPath = errors.New("not a clean relative slash path")

// checkPath accepts only what means one place below the output folder on every
// system; paths out of a manifest found on disk pass through it too.
func checkPath(p string) error {
	if !fs.ValidPath(p) || p == "." || strings.ContainsAny(p, "\x00\\") || !filepath.IsLocal(filepath.FromSlash(p)) {
		return fmt.Errorf("output path %q: %w", p, errPath)
	}
	return nil
}
