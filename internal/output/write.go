// Package output writes a tree of promised files into a folder, so that a reader
// of the folder, or whoever kills the program, sees the old site or the new one.
//
// In goes a Tree: for each path a key, known beforehand, and a function that
// makes the bytes. Out comes a folder that holds exactly these files, a
// manifest.json that lists them, and whatever strangers keep in it.
//
// A file whose key stands in the record and whose stat signature still agrees
// is neither made nor read. When all files agree, nothing is written. Otherwise
// the new site is put together beside the folder, out of hard links to what
// stays and new files for what does not, and the two folders change places in
// one system call (renameat2, Linux). Where that cannot be had (another system,
// a mount point, a parent we may not write to) the files are renamed into place
// one by one, new assets before the pages that need them.
//
// Linking a whole site for one changed page would cost more than all the rest of
// a build, so the tree that was swapped out is kept beside the record as a spare:
// brought level with the new site, it needs only the changes of the next build.
// It costs no room but that of its folders, and when in doubt it is thrown away.
//
// The package never overwrites or removes what it did not write, never follows a
// symlink inside the folder, and promises nothing about power cuts: it does not
// call fsync, because the next build repairs what a power cut broke.
package output

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// Options says where to write and how.
type Options struct {
	Dir string // the folder of the site; may be missing, or a symlink to a folder

	// Record is the file that remembers what the last Write left, outside Dir; the
	// spare tree lies beside it as Record+".spare" when that is on the same file
	// system. Both are caches: deleting them costs time, nothing else. Without a
	// name nothing is remembered.
	Record string

	Progress func(done, total int) // files settled; never called twice at once

	// Ready is called once, when every file has been made and before any is seen: what
	// must stand before the pages do. Its error leaves the folder as it was. May be nil.
	Ready func() error

	// For tests: step is called between any two changes to the disk, inPlace
	// forbids the swap.
	step    func()
	inPlace bool
}

// Result says what a Write did. The manifest counts as a file.
type Result struct {
	Total, Written, Unchanged, Removed int
	Bytes                              int64    // size of the files written
	Changed                            []string // paths written or removed, sorted
	Foreign                            []string // what in Dir is not ours, sorted, at most 100; a folder ends in "/"
	Atomic                             bool     // false when the files were renamed one by one
}

// maxForeign bounds a list that somebody is going to read.
const maxForeign = 100

// ForeignError says that Dir holds what we did not write where the site needs its
// own file or folder. Nothing has been changed.
type ForeignError struct {
	Paths []string // sorted
}

func (e *ForeignError) Error() string {
	const shown = 5
	names := strings.Join(e.Paths[:min(shown, len(e.Paths))], ", ")
	if n := len(e.Paths) - shown; n > 0 {
		names += fmt.Sprintf(" and %d more", n)
	}
	return "not written by us, but in the way: " + names
}

// Write brings o.Dir into line with t. Two Writes to one folder at once need Lock.
//
// On an error Dir is as it was; the one exception is a file-by-file update that
// was interrupted, which the error says and the next Write completes.
func Write(ctx context.Context, t *Tree, o Options) (Result, error) {
	w, err := begin(t, o)
	if err == nil {
		defer w.stage.remove()
		err = w.run(ctx)
	}
	if err != nil {
		return Result{}, fmt.Errorf("write %s: %w", o.Dir, err)
	}
	return w.result, nil
}

// writing is one Write on its way.
type writing struct {
	Options
	tree    *Tree
	dir     string // absolute, without symlinks
	started time.Time

	old   *record // what the last Write left; empty when unknown
	known bool    // old tells of this very folder, so its paths are ours

	items   []item         // the promised files and the manifest, by path
	gone    []place        // ours, standing, no longer promised
	folders []folder       // those that items or gone need, by path
	folder  map[string]int // into folders
	foreign []place        // by path
	clashes []string       // foreign, and in the way

	stage  stage
	full   atomic.Bool  // the disk; from then on files are only measured
	failed atomic.Bool  // something; the same
	copied atomic.Bool  // a file of ours that could not be linked
	need   atomic.Int64 // bytes of all new files
	mu     sync.Mutex
	errs   []failure
	done   int

	result Result
}

// item is one promised file: what is known of it, what stands, what will.
type item struct {
	entry        // what will stand, once it is settled
	file  *File  // nil for the manifest
	was   *entry // what the record says of this path
	at    info   // what stands in Dir
	ours  bool   // what stands there was written by us
	fresh bool   // made anew and staged
}

// place is a path and what stands there.
type place struct {
	path string
	info
}

// folder is one that our files need, or needed.
type folder struct {
	place
	was    *place // what the record says
	parent int    // index of the folder above; the top is its own parent
	needed bool   // by the tree
	kept   bool   // by something foreign
}

type failure struct {
	path string
	err  error
}

func begin(t *Tree, o Options) (*writing, error) {
	dir, err := resolve(o.Dir)
	if err != nil {
		return nil, err
	}
	if o.Progress == nil {
		o.Progress = func(int, int) {}
	}
	if o.step == nil {
		o.step = func() {}
	}
	if o.Record != "" {
		if o.Record, err = filepath.Abs(o.Record); err != nil {
			return nil, err
		}
		if rel, err := filepath.Rel(dir, o.Record); err == nil && filepath.IsLocal(rel) {
			return nil, fmt.Errorf("the record %s lies inside the folder", o.Record)
		}
	}
	w := &writing{Options: o, tree: t, dir: dir, started: time.Now()}
	w.stage.dir = dir
	return w, nil
}

// run is the whole of Write, top to bottom.
func (w *writing) run(ctx context.Context) error {
	w.sweep()
	w.recall()
	if err := w.survey(ctx); err != nil {
		return err
	}
	if err := w.render(ctx); err != nil {
		return err
	}
	if len(w.clashes) > 0 {
		slices.Sort(w.clashes)
		return &ForeignError{Paths: slices.Compact(w.clashes)}
	}
	w.tally()
	if w.Ready != nil {
		if err := w.Ready(); err != nil {
			return err
		}
	}
	if len(w.result.Changed) == 0 {
		return w.remember(w.watched())
	}
	return w.publish(ctx)
}

// tally fills the result from the settled items.
func (w *writing) tally() {
	r := &w.result
	r.Total, r.Atomic = len(w.items), true
	for i := range w.items {
		if it := &w.items[i]; it.fresh {
			r.Written++
			r.Bytes += it.size
			r.Changed = append(r.Changed, it.path)
		}
	}
	for _, p := range w.gone {
		r.Removed++
		r.Changed = append(r.Changed, p.path)
	}
	slices.Sort(r.Changed)
	r.Unchanged = r.Total - r.Written
	for _, p := range w.strangers() {
		if len(r.Foreign) == maxForeign {
			break
		}
		name := p.path
		if p.kind == isFolder {
			name += "/"
		}
		r.Foreign = append(r.Foreign, name)
	}
}

// noSpace says how much room was missing when that is what went wrong.
func (w *writing) noSpace(err error) error {
	if !isFull(err) {
		return err
	}
	return fmt.Errorf("%w (the new files need %s beside the old ones)", err, humanSize(w.need.Load()))
}

func isFull(err error) bool { return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) }

func humanSize(n int64) string {
	switch {
	case n < 1000:
		return fmt.Sprintf("%d bytes", n)
	case n < 1e6:
		return fmt.Sprintf("%.1f kB", float64(n)/1e3)
	case n < 1e9:
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	}
	return fmt.Sprintf("%.1f GB", float64(n)/1e9)
}
