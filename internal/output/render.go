package output

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"pressroom/internal/several"
	"runtime/debug"
	"slices"
	"sync"
	"syscall"
)

// render settles every promised file, the manifest last: it stands already, or it
// is made and staged. All that goes wrong is collected.
func (w *writing) render(ctx context.Context) error {
	var todo []int
	manifest, _ := w.find(ManifestName)
	for i := range w.items {
		if it := &w.items[i]; it.hit() {
			it.sum, it.stamp = it.was.sum, it.at.stamp
		} else if i != manifest {
			todo = append(todo, i)
		}
	}
	w.done = len(w.items) - len(todo) - 1
	w.settled(0)
	sinks := sync.Pool{New: func() any { return &sink{hash: sha256.New()} }}
	err := several.Try(ctx, len(todo), func(i int) error {
		s := sinks.Get().(*sink)
		defer sinks.Put(s)
		w.settle(ctx, &w.items[todo[i]], s)
		return nil
	})
	if err == nil && !w.failed.Load() {
		w.settleManifest(ctx, &w.items[manifest], len(todo) > 0 || len(w.gone) > 0)
	}
	return cmp.Or(err, w.failures())
}

// hit tells whether the file stands as promised, by its key and signature.
func (it *item) hit() bool {
	return it.was != nil && it.was.key == it.key && !it.key.IsZero() && it.at.kind == isFile && it.was.stamp == it.at.stamp
}

// settleManifest makes the list of all files, which nothing but another file can
// change.
func (w *writing) settleManifest(ctx context.Context, it *item, changed bool) {
	if !changed && it.was != nil && it.at.kind == isFile && it.was.stamp == it.at.stamp && len(w.old.files) == len(w.items) {
		it.sum, it.stamp = it.was.sum, it.at.stamp
		w.settled(1)
		return
	}
	list := encodeManifest(w.items)
	it.file = &File{Path: ManifestName, Write: func(to io.Writer) error { _, err := to.Write(list); return err }}
	w.settle(ctx, it, &sink{hash: sha256.New()})
}

func (w *writing) settled(n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.done += n
	w.Progress(w.done, len(w.items))
}

// settle makes one file, unless what stands turns out to be it.
func (w *writing) settle(ctx context.Context, it *item, s *sink) {
	defer w.settled(1)
	if w.sameAsRemembered(it, s) {
		return
	}
	s.begin(ctx, w, it)
	if err := s.make(); err != nil {
		w.fail(it.path, err)
	}
	s.close()
	w.step()
}

// sameAsRemembered spares making a file whose signature was lost (a checkout, a
// restored cache) but whose bytes the record knows.
func (w *writing) sameAsRemembered(it *item, s *sink) bool {
	if it.was == nil || it.was.key != it.key || it.key.IsZero() || it.at.kind != isFile || it.at.size != it.was.size {
		return false
	}
	f, err := os.Open(w.at(it.path))
	if err != nil {
		return false
	}
	defer f.Close()
	s.hash.Reset()
	if _, err := io.Copy(s.hash, f); err != nil || [sha256.Size]byte(s.hash.Sum(nil)) != it.was.sum {
		return false
	}
	it.sum, it.stamp, it.ours = it.was.sum, it.at.stamp, true
	return true
}

func (w *writing) fail(path string, err error) {
	w.failed.Store(true)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.errs = append(w.errs, failure{path, err})
}

// failures joins what went wrong, by path; a full disk once for all files.
func (w *writing) failures() error {
	slices.SortFunc(w.errs, func(a, b failure) int { return cmp.Compare(a.path, b.path) })
	errs := make([]error, 0, len(w.errs)+1)
	for _, f := range w.errs {
		errs = append(errs, fmt.Errorf("%s: %w", f.path, f.err))
	}
	if w.full.Load() {
		errs = append(errs, w.noSpace(syscall.ENOSPC))
	}
	return errors.Join(errs...)
}

// sinkSize is how much of a file is held in memory before anything is written:
// more than nearly all pages have, so that most files that turn out as before
// cost no writing at all.
const sinkSize = 256 << 10

// sink takes the bytes of one file. It hashes them, compares them with what
// stands, and writes to the stage from the first difference on: a film that was
// copied in already is not copied again to find that out.
type sink struct {
	ctx   context.Context
	w     *writing
	it    *item
	hash  hash.Hash
	size  int64
	buf   []byte
	other []byte   // as much of what stands
	same  *os.File // what stands, equal so far
	upto  int64    // how many bytes of it
	out   *os.File // the new file
	mute  bool     // measure only
}

func (s *sink) begin(ctx context.Context, w *writing, it *item) {
	if s.buf == nil {
		s.buf = make([]byte, 0, sinkSize)
	}
	s.hash.Reset()
	*s = sink{ctx: ctx, w: w, it: it, hash: s.hash, buf: s.buf[:0], other: s.other}
}

// make runs the promise and settles the item. A panic in it is that file's error.
func (s *sink) make() (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v\n%s", v, debug.Stack())
		}
	}()
	if err := s.it.file.Write(s); err != nil {
		return err
	}
	return s.finish()
}

// Write takes bytes of the file.
func (s *sink) Write(p []byte) (int, error) {
	if err := context.Cause(s.ctx); err != nil {
		return 0, err
	}
	n := len(p)
	s.hash.Write(p)
	s.size += int64(n)
	for !s.muted() && len(p) > cap(s.buf)-len(s.buf) {
		k := cap(s.buf) - len(s.buf)
		s.buf, p = append(s.buf, p[:k]...), p[k:]
		if err := s.flush(); err != nil {
			return 0, err
		}
	}
	if !s.muted() {
		s.buf = append(s.buf, p...)
	}
	return n, nil
}

// muted: the build has failed or the disk is full, so that nothing will be
// published. The bytes are still counted, to say how much room was missing.
func (s *sink) muted() bool { return s.mute || s.w.full.Load() || s.w.failed.Load() }

// flush compares the buffer with what stands, or writes it.
func (s *sink) flush() error {
	if s.out == nil && s.same == nil && s.it.at.kind == isFile {
		if f, err := os.Open(s.w.at(s.it.path)); err == nil {
			s.same = f
		}
	}
	if s.same != nil {
		if s.matches() {
			s.upto += int64(len(s.buf))
			s.buf = s.buf[:0]
			return nil
		}
		if err := s.part(); err != nil {
			return err
		}
	}
	return s.put()
}

// matches compares the buffer with the next bytes of what stands.
func (s *sink) matches() bool {
	if s.other == nil {
		s.other = make([]byte, cap(s.buf))
	}
	b := s.other[:len(s.buf)]
	_, err := s.same.ReadAt(b, s.upto)
	return err == nil && bytes.Equal(b, s.buf)
}

// part begins the new file with all that was as before.
func (s *sink) part() error {
	if err := s.open(); err != nil || s.out == nil {
		return err
	}
	_, err := io.Copy(s.out, io.NewSectionReader(s.same, 0, s.upto))
	err = errors.Join(err, s.same.Close())
	s.same = nil
	return s.unlessFull(err)
}

// put writes the buffer to the new file.
func (s *sink) put() error {
	err := s.open()
	if err == nil && s.out != nil && !s.muted() {
		_, err = s.out.Write(s.buf)
	}
	s.buf = s.buf[:0]
	return s.unlessFull(err)
}

// allowed tells whether a new file may be made: not in a build that has failed,
// nor in the place of a stranger's.
func (s *sink) allowed() bool {
	if s.it.at.kind == isFile && !s.it.ours && !s.mute {
		s.w.mu.Lock()
		s.w.clashes = append(s.w.clashes, s.it.path)
		s.w.mu.Unlock()
		s.mute = true
	}
	return !s.muted()
}

func (s *sink) open() error {
	if s.out != nil || !s.allowed() {
		return nil
	}
	err := s.w.stage.open(s.w.inPlace)
	if err == nil {
		s.out, err = s.w.stage.create(s.it.path)
	}
	return s.unlessFull(err)
}

// unlessFull lets the promise run on when the disk is full, to learn its size.
func (s *sink) unlessFull(err error) error {
	if isFull(err) {
		s.w.full.Store(true)
		s.mute = true
		return nil
	}
	return err
}

// finish settles the item when all its bytes are known.
func (s *sink) finish() error {
	it := s.it
	s.hash.Sum(it.sum[:0])
	if !s.mute && s.unchanged() {
		it.stamp, it.ours = it.at.stamp, true
		return nil
	}
	s.w.need.Add(s.size)
	at, err := s.last()
	if err := s.unlessFull(err); err != nil || s.muted() {
		return err
	}
	it.stamp, it.fresh = at.stamp, true
	return nil
}

// last writes what is left in the buffer and returns what the file has become.
func (s *sink) last() (at info, err error) {
	if s.out == nil && s.same == nil && s.allowed() { // in one go, as nearly always
		if err := s.w.stage.open(s.w.inPlace); err != nil {
			return at, err
		}
		return s.w.stage.write(s.it.path, s.buf)
	}
	if s.same != nil && s.out == nil {
		if err := s.part(); err != nil {
			return at, err
		}
	}
	if err := s.put(); err != nil || s.out == nil {
		return at, err
	}
	name := s.out.Name()
	err = s.out.Close()
	s.out = nil
	if err != nil {
		return at, err
	}
	return lstat(name)
}

// unchanged tells whether the bytes are those that stand.
func (s *sink) unchanged() bool {
	it := s.it
	if s.out != nil || it.at.kind != isFile || it.at.size != s.size {
		return false
	}
	if it.was != nil && it.was.stamp == it.at.stamp {
		return it.was.sum == it.sum
	}
	if s.same == nil {
		f, err := os.Open(s.w.at(it.path))
		if err != nil {
			return false
		}
		s.same = f
	}
	return s.matches()
}

// close closes what an error, or nothing to do, left open. What counts has been
// closed and checked already.
func (s *sink) close() {
	for _, f := range []*os.File{s.same, s.out} {
		if f != nil {
			_ = f.Close()
		}
	}
}
