package main

import (
	"cmp"
	"crypto/sha256"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// stamp stands for the bytes of one file.
type stamp struct {
	path string
	size int64
	sum  [sha256.Size]byte
}

func byPath(a, b stamp) int { return cmp.Compare(a.path, b.path) }

// snapshot returns the stamps of all files in the folder, sorted by path. A
// folder that isn't there has none.
func snapshot(dir string) ([]stamp, error) {
	var list []stamp
	hash, buf := sha256.New(), make([]byte, 64<<10)
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if p == dir && errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || d.IsDir() {
			return err
		}
		f, err := os.Open(p)
		if err != nil {
			return err
		}
		defer f.Close()
		hash.Reset()
		size, err := io.CopyBuffer(hash, struct{ io.Reader }{f}, buf) // hides WriteTo, which would not use buf
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, p)
		s := stamp{path: filepath.ToSlash(rel), size: size}
		hash.Sum(s.sum[:0])
		list = append(list, s)
		return err
	})
	slices.SortFunc(list, byPath)
	return list, err
}

// change is how two trees differ: the files that are new, other or gone, and the
// bytes of those that would have to be sent to a server.
type change struct {
	paths []string
	bytes int64
}

// compare takes two sorted lists of stamps.
func compare(before, after []stamp) change {
	var c change
	for len(before) > 0 || len(after) > 0 {
		switch {
		case len(after) == 0 || len(before) > 0 && before[0].path < after[0].path:
			c.paths = append(c.paths, before[0].path)
			before = before[1:]
		case len(before) == 0 || after[0].path < before[0].path:
			c.paths = append(c.paths, after[0].path)
			c.bytes += after[0].size
			after = after[1:]
		default:
			if before[0] != after[0] {
				c.paths = append(c.paths, after[0].path)
				c.bytes += after[0].size
			}
			before, after = before[1:], after[1:]
		}
	}
	return c
}
