package output

import (
	"context"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"pressroom/internal/memo"
)

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
