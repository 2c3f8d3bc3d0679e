// Package source holds the site folder as a still picture.
//
// In goes a folder; out comes a Tree of the files a build may read: site.yaml and
// what lies below content, layouts, static and media. It follows no link out of
// the folder, reads nothing it was not asked for, and never parses a byte.
package source

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"pressroom/internal/memo"
)

// File is one file of the picture. Its key is the SHA-256 of its bytes, known
// from the last run when the file's stat says that it has not been touched.
type File struct {
	Path string // slash path below the site folder, as "content/news/a.md"
	Size int64  // bytes

	abs  string
	data []byte // the bytes themselves, for files that live in memory

	once sync.Once
	key  memo.Key
	err  error

	remembered memo.Key // the key of its stat, zero when it must be read
	m          *memo.Memo
}

// ErrChanged says that a file was written to while the build was reading it.
var ErrChanged = errors.New("changed while it was being read; build again")

// Tree is a set of files, sorted by path.
type Tree struct {
	Root  string // the folder, as an absolute path; "" in memory
	files []*File
	index map[string]*File
}

// Memory returns a tree of files in memory: a theme in the binary, a test.
func Memory(files map[string][]byte) *Tree {
	var fs []*File
	for path, data := range files {
		fs = append(fs, &File{Path: path, Size: int64(len(data)), data: data})
	}
	return newTree("", fs)
}

func newTree(root string, files []*File) *Tree {
	slices.SortFunc(files, func(a, b *File) int { return strings.Compare(a.Path, b.Path) })
	t := &Tree{Root: root, files: files, index: make(map[string]*File, len(files))}
	for _, f := range files {
		t.index[f.Path] = f
	}
	return t
}

// Files returns all files, sorted by path.
func (t *Tree) Files() []*File { return t.files }

// Get returns the file at path, or nil.
func (t *Tree) Get(path string) *File { return t.index[path] }

// Under returns the files below a folder, as "content".
func (t *Tree) Under(dir string) []*File {
	lo, _ := slices.BinarySearchFunc(t.files, dir+"/", func(f *File, p string) int { return strings.Compare(f.Path, p) })
	hi := lo
	for hi < len(t.files) && strings.HasPrefix(t.files[hi].Path, dir+"/") {
		hi++
	}
	return t.files[lo:hi:hi]
}

// Stamp is the key of what the stats of all files say, and false when one of them was
// changed too lately for its stat to vouch for its bytes. Equal stamps are equal trees,
// found out without reading a byte.
func (t *Tree) Stamp() (memo.Key, bool) {
	parts := make([]any, 0, 2*len(t.files))
	for _, f := range t.files {
		if f.remembered.IsZero() {
			return memo.Key{}, false
		}
		parts = append(parts, f.Path, f.remembered)
	}
	return memo.Hash(parts...), true
}

// Use gives the files a memory of the keys that their stats had.
func (t *Tree) Use(m *memo.Memo) {
	for _, f := range t.files {
		f.m = m
	}
}

// Without returns the tree without the files at paths.
func (t *Tree) Without(paths []string) *Tree {
	drop := make(map[string]bool, len(paths))
	for _, p := range paths {
		drop[p] = true
	}
	return newTree(t.Root, slices.DeleteFunc(slices.Clone(t.files), func(f *File) bool { return drop[f.Path] }))
}

// Over returns the tree with the files of base below it: of two files of one
// path, t's wins.
func (t *Tree) Over(base *Tree) *Tree {
	files := slices.Clone(t.files)
	for _, f := range base.files {
		if t.index[f.Path] == nil {
			files = append(files, f)
		}
	}
	return newTree(t.Root, files)
}

// Key returns the SHA-256 of the file's bytes, reading it when its stat is new.
func (f *File) Key() (memo.Key, error) { return f.Read(context.Background(), func(int) {}) }

// Known tells whether Key has nothing to read.
func (f *File) Known() bool { return f.abs == "" || !f.remembered.IsZero() && f.m.Knows(f.remembered) }

// Read is Key for a file that may be large: it ends with ctx, and then for good, and told
// hears of every piece how many bytes it has.
func (f *File) Read(ctx context.Context, told func(bytes int)) (memo.Key, error) {
	f.once.Do(func() {
		if f.abs == "" {
			f.key = memo.Of(f.data)
			return
		}
		hash := func() memo.Key { f.key, f.err = f.hash(ctx, told); return f.key }
		if f.remembered.IsZero() {
			hash()
			return
		}
		f.key = memo.Fact(f.m, f.remembered, hash)
	})
	return f.key, f.err
}

func (f *File) hash(ctx context.Context, told func(bytes int)) (memo.Key, error) {
	r, err := os.Open(f.abs)
	if err != nil {
		return memo.Key{}, err
	}
	defer r.Close()
	tee, key := memo.Reader(r)
	piece := make([]byte, min(f.Size+1, 1<<20))
	for {
		n, err := tee.Read(piece)
		if err == io.EOF {
			return key(), nil
		}
		if err = cmp.Or(err, context.Cause(ctx)); err != nil {
			return memo.Key{}, err
		}
		told(n)
	}
}

// Load returns the key, and the bytes too when they had to be read to know it;
// otherwise data is nil, and Bytes brings them.
func (f *File) Load() (key memo.Key, data []byte, err error) {
	f.once.Do(func() {
		if f.abs == "" {
			f.key, data = memo.Of(f.data), f.data
			return
		}
		read := func() memo.Key {
			if data, f.err = os.ReadFile(f.abs); f.err != nil {
				return memo.Key{}
			}
			f.key = memo.Of(data)
			return f.key
		}
		if f.remembered.IsZero() {
			read()
			return
		}
		f.key = memo.Fact(f.m, f.remembered, read)
	})
	return f.key, data, f.err
}

// Bytes returns the whole content. It fails with ErrChanged when the file is no
// longer what its key says: a page is never made of two versions.
func (f *File) Bytes() ([]byte, error) {
	key, data, err := f.Load()
	if err != nil || data != nil {
		return data, err
	}
	if f.abs == "" {
		return f.data, nil
	}
	if data, err = os.ReadFile(f.abs); err != nil {
		return nil, err
	}
	if memo.Of(data) != key {
		return nil, fmt.Errorf("%s: %w", f.Path, ErrChanged)
	}
	return data, nil
}

// WriteTo copies the content to w, in pieces, and checks it on the way.
func (f *File) WriteTo(w io.Writer) (int64, error) {
	if f.abs == "" {
		n, err := w.Write(f.data)
		return int64(n), err
	}
	want, err := f.Key()
	if err != nil {
		return 0, err
	}
	r, err := os.Open(f.abs)
	if err != nil {
		return 0, err
	}
	defer r.Close()
	tee, key := memo.Reader(r)
	n, err := io.Copy(w, tee)
	if err == nil && key() != want {
		err = fmt.Errorf("%s: %w", f.Path, ErrChanged)
	}
	return n, err
}

// Open returns the content for reading in pieces and seeking, as a web server does.
func (f *File) Open() (io.ReadSeekCloser, error) {
	if f.abs == "" {
		return struct {
			io.ReadSeeker
			io.Closer
		}{bytes.NewReader(f.data), io.NopCloser(nil)}, nil
	}
	return os.Open(f.abs)
}

// OnDisk is where the content lies, for programs that read it there; "" in memory.
func (f *File) OnDisk() string { return f.abs }

// settled is how old a change must be before its stat can vouch for the bytes: a
// second write within the file system's time step would leave the same stat.
const settled = 2 * time.Second

// statKey is the key of what a stat says, or zero when it is too fresh to trust.
func statKey(abs string, info os.FileInfo, now time.Time) memo.Key {
	sig, changed := signature(info)
	if now.Sub(changed) < settled || now.Sub(info.ModTime()) < settled {
		return memo.Key{}
	}
	return memo.Hash("bytes of", abs, info.Size(), info.ModTime(), changed, sig)
}

func clean(root, path string) string {
	rel, err := filepath.Rel(root, path)
	if err != nil {
		return filepath.ToSlash(path)
	}
	return filepath.ToSlash(rel)
}
