package preview

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/fsnotify/fsnotify"

	"pressroom/internal/source"
)

// Times of the watch.
const (
	quiet    = 10 * time.Millisecond  // an editor's save by rename is over by then
	patience = 200 * time.Millisecond // how long a burst may put a build off
	interval = time.Second            // between two looks, where the system cannot tell
)

// watch tells when the sources may have changed.
//
// The system reports on single folders, loses track of those that move, and has no
// word for a folder that is not there yet. So the watch is made anew, whole, whenever a
// folder comes, goes or moves, and always before the change is told: what was written
// too early to be reported is in the picture taken after.
type watch struct {
	file  string          // site.yaml
	roots func() []string // the folders that are watched whole
	modes func() bool     // whether a change of permissions counts
	say   func(error)     // tells once why the system's word cannot be had
	add   func(*fsnotify.Watcher, string) error
	every time.Duration

	changed chan struct{} // holds one element when something has changed since

	notify *fsnotify.Watcher
	whole  map[string]bool // watched folders whose every file counts
	single map[string]bool // paths that count by themselves: site.yaml, a root, the target of a link
	stale  bool            // the watch must be made anew
}

func newWatch(file string, roots func() []string) *watch {
	return &watch{
		file: file, roots: roots, modes: func() bool { return true }, say: func(error) {},
		add: (*fsnotify.Watcher).Add, every: interval, changed: make(chan struct{}, 1),
	}
}

// start begins to watch. The goroutine it leaves behind ends with ctx; done is closed
// then.
func (w *watch) start(ctx context.Context) (done <-chan struct{}) {
	end := make(chan struct{})
	err := w.renew()
	go func() {
		defer close(end)
		if err == nil {
			err = w.follow(ctx)
		}
		if ctx.Err() == nil {
			w.say(err)
			w.poll(ctx)
		}
	}()
	return end
}

func (w *watch) tell() {
	select {
	case w.changed <- struct{}{}:
	default: // nobody has taken the last one; it stands for both
	}
}

// renew makes the watch anew.
func (w *watch) renew() error {
	fresh, err := fsnotify.NewWatcher()
	if err != nil {
		return noWatch(err)
	}
	last := w.notify
	w.notify, w.whole, w.single, w.stale = fresh, map[string]bool{}, map[string]bool{}, false
	if err := w.addAll(); err != nil {
		fresh.Close()
		w.notify = last
		return noWatch(err)
	}
	if last != nil {
		last.Close()
	}
	return nil
}

func (w *watch) addAll() error {
	if err := w.addSingle(w.file); err != nil {
		return err
	}
	for _, dir := range w.roots() {
		if err := errors.Join(w.addSingle(dir), w.addWhole(dir)); err != nil {
			return err
		}
	}
	return nil
}

// addSingle watches one path by way of its folder, or of the nearest that is there.
func (w *watch) addSingle(path string) error {
	for {
		w.single[path] = true
		dir := filepath.Dir(path)
		err := w.add(w.notify, dir)
		if limit(err) {
			return err
		}
		if err == nil || dir == path {
			return nil
		}
		path = dir
	}
}

// addWhole watches a folder and all below it. The watch comes first and the look
// second, so that nothing can appear between the two.
func (w *watch) addWhole(dir string) error {
	if err := w.add(w.notify, dir); err != nil {
		if limit(err) {
			return err
		}
		return nil // not there, or not to be read: the build tells
	}
	w.whole[dir] = true
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		switch {
		case source.Ignored(e.Name()):
		case e.IsDir():
			err = w.addWhole(path)
		case e.Type()&fs.ModeSymlink != 0:
			if target, bad := filepath.EvalSymlinks(path); bad == nil {
				err = w.addSingle(target)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// follow tells of changes, of one burst together, until ctx ends or the watch cannot be
// renewed.
func (w *watch) follow(ctx context.Context) error {
	defer func() { w.notify.Close() }()
	for w.next(ctx, nil, nil) {
		latest := time.After(patience)
		for w.next(ctx, time.After(quiet), latest) {
		}
		if w.stale {
			if err := w.renew(); err != nil {
				return err
			}
		}
		w.tell()
	}
	return nil
}

// next waits for a report that counts, and gives up at either time or when ctx ends.
func (w *watch) next(ctx context.Context, over, latest <-chan time.Time) bool {
	for {
		select {
		case <-ctx.Done():
			return false
		case <-over:
			return false
		case <-latest:
			return false
		case e := <-w.notify.Events:
			if w.counts(e) {
				return true
			}
		case <-w.notify.Errors: // reports were lost
			w.stale = true
			return true
		}
	}
}

// counts tells whether a report is about a source, and notes what it means for the
// watch itself.
func (w *watch) counts(e fsnotify.Event) bool {
	if e.Op == fsnotify.Chmod && !w.modes() {
		return false
	}
	if w.single[e.Name] {
		w.stale = true
		return true
	}
	if !w.whole[filepath.Dir(e.Name)] || source.Ignored(filepath.Base(e.Name)) {
		return false
	}
	if w.whole[e.Name] {
		w.stale = true
	} else if e.Has(fsnotify.Create) {
		info, err := os.Lstat(e.Name)
		w.stale = w.stale || err == nil && (info.IsDir() || info.Mode()&fs.ModeSymlink != 0)
	}
	return true
}

// poll looks at every source again and again. What happened before the first look is
// not known, so that it counts as a change.
func (w *watch) poll(ctx context.Context) {
	tick := time.NewTicker(w.every)
	defer tick.Stop()
	seed := maphash.MakeSeed()
	last := w.look(seed)
	w.tell()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if now := w.look(seed); now != last {
				last = now
				w.tell()
			}
		}
	}
}

// look sums up what the folders hold.
func (w *watch) look(seed maphash.Seed) uint64 {
	var h maphash.Hash
	h.SetSeed(seed)
	note := func(path string) {
		if info, err := os.Stat(path); err == nil {
			fmt.Fprintln(&h, path, info.Size(), info.ModTime().UnixNano(), info.Mode())
		}
	}
	note(w.file)
	for _, root := range w.roots() {
		if real, err := filepath.EvalSymlinks(root); err == nil { // media/ may be a link
			root = real
		}
		filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return nil
			case path != root && source.Ignored(e.Name()):
				if e.IsDir() {
					return fs.SkipDir
				}
			case !e.IsDir():
				note(path)
			}
			return nil
		})
	}
	return h.Sum64()
}

// limit tells whether the system refuses any more.
func limit(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) || errors.Is(err, syscall.ENOMEM)
}

// noWatch says what can be done about a watch that cannot be had.
func noWatch(err error) error {
	what := "ask the administrator"
	switch {
	case errors.Is(err, syscall.ENOSPC):
		what = "raise the limit with: sudo sysctl fs.inotify.max_user_watches=524288"
	case errors.Is(err, syscall.EMFILE):
		what = "close programs that watch files, or raise the limits with: ulimit -n 8192; sudo sysctl fs.inotify.max_user_instances=1024"
	}
	return fmt.Errorf("cannot watch the folders (%w); looking every second instead: %s", err, what)
}
