package output

import (
	"errors"
	"io"
)

// ErrForgotten says that a recalled file would have to be made, and cannot be.
var ErrForgotten = errors.New("only its key is known")

// Recall returns the tree that the last Write with this record left, or nil. Its files
// know their keys and nothing else: written again over a folder that still has them
// all, it makes none; where one is missing or has been touched, Write fails with
// ErrForgotten and changes nothing.
func Recall(record string) *Tree {
	r := loadRecord(record)
	if r == nil {
		return nil
	}
	t := &Tree{}
	for _, e := range r.files {
		if e.path == ManifestName {
			continue
		}
		if t.Add(File{Path: e.path, Key: e.key, Write: func(io.Writer) error { return ErrForgotten }}) != nil {
			return nil
		}
	}
	return t
}
