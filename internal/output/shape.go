package output

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"pressroom/internal/several"
	"slices"
	"time"
)

// shape says of a tree on disk which inode lies at which path. Two trees are alike
// when their shapes are: they share their files by hard links.
type shape struct {
	nodes   []node  // files and foreign things, by path
	folders []place // those that hold them, by path, each after the one above it
}

type node struct {
	path   string
	ino    uint64 // 0 is like nothing
	folder bool   // a foreign folder, one thing with all that is in it
	it     *item  // nil when foreign
}

// standing is the shape of the output folder as it was found.
func (w *writing) standing() shape {
	var s shape
	for i := range w.items {
		if it := &w.items[i]; it.at.kind == isFile || it.at.kind == isOther {
			s.nodes = append(s.nodes, node{path: it.path, ino: it.at.ino, it: it})
		}
	}
	for _, p := range slices.Concat(w.gone, w.foreign) {
		s.nodes = append(s.nodes, node{path: p.path, ino: p.ino, folder: p.kind == isFolder})
	}
	for _, f := range w.folders {
		if f.kind == isFolder {
			s.folders = append(s.folders, f.place)
		}
	}
	return s.sort()
}

// wanted is the shape of the next site.
func (w *writing) wanted() shape {
	var s shape
	for i := range w.items {
		s.nodes = append(s.nodes, node{path: w.items[i].path, ino: w.items[i].ino, it: &w.items[i]})
	}
	for _, p := range w.foreign {
		s.nodes = append(s.nodes, node{path: p.path, ino: p.ino, folder: p.kind == isFolder})
	}
	for _, f := range w.folders {
		if f.needed || f.kept {
			s.folders = append(s.folders, f.place)
		}
	}
	return s.sort()
}

// made is the shape of what this build has staged.
func (w *writing) made() shape {
	var s shape
	made := map[string]bool{"": true}
	for i := range w.items {
		it := &w.items[i]
		if !it.fresh {
			continue
		}
		s.nodes = append(s.nodes, node{path: it.path, ino: it.ino, it: it})
		for d := above(it.path); !made[d]; d = above(d) {
			made[d] = true
		}
	}
	for d := range made {
		s.folders = append(s.folders, place{path: d})
	}
	return s.sort()
}

// shape is that of the tree that a record describes. A record gives no inode of a
// foreign folder: what is in it may have changed without a trace.
func (r *record) shape() shape {
	var s shape
	for i := range r.files {
		s.nodes = append(s.nodes, node{path: r.files[i].path, ino: r.files[i].ino})
	}
	for _, p := range r.foreign {
		s.nodes = append(s.nodes, node{path: p.path, ino: p.ino, folder: p.kind == isFolder})
	}
	s.folders = r.folders
	return s.sort()
}

func (s shape) sort() shape {
	slices.SortFunc(s.nodes, func(a, b node) int { return cmp.Compare(a.path, b.path) })
	slices.SortFunc(s.folders, comparePlaces)
	return s
}

// reshape turns the tree at top from have into want; put brings one node into it.
// It returns the folders of the tree with their new signatures.
func (w *writing) reshape(ctx context.Context, top string, have, want shape, put func(n *node, to string) error) ([]place, error) {
	var drop, add []*node
	match(have.nodes, want.nodes, func(n node) string { return n.path }, func(h, n *node) {
		if h != nil && n != nil && h.ino == n.ino && h.ino != 0 && h.folder == n.folder {
			return
		}
		if h != nil {
			drop = append(drop, h)
		}
		if n != nil {
			add = append(add, n)
		}
	})
	var dropped, added []*place
	now := make([]*place, 0, len(want.folders)) // of each wanted folder, nil when it is new
	match(have.folders, want.folders, func(p place) string { return p.path }, func(h, n *place) {
		if n == nil {
			dropped = append(dropped, h)
			return
		}
		if h == nil {
			added = append(added, n)
		}
		now = append(now, h)
	})
	touched := map[string]bool{}
	for _, n := range slices.Concat(drop, add) {
		touched[above(n.path)] = true
	}
	for _, p := range slices.Concat(dropped, added) {
		touched[above(p.path)] = true
	}

	err := several.Try(ctx, len(drop), func(i int) error {
		defer w.step()
		if drop[i].folder {
			return removeAll(join(top, drop[i].path))
		}
		return os.Remove(join(top, drop[i].path))
	})
	if err != nil {
		return nil, err
	}
	for _, p := range slices.Backward(dropped) {
		w.step()
		if err := os.Remove(join(top, p.path)); err != nil {
			return nil, err
		}
	}
	for _, p := range added {
		w.step()
		if err := os.Mkdir(join(top, p.path), 0o755); err != nil {
			return nil, err
		}
	}
	err = several.Try(ctx, len(add), func(i int) error {
		defer w.step()
		return put(add[i], join(top, add[i].path))
	})
	if err != nil {
		return nil, err
	}
	folders := make([]place, len(want.folders))
	err = several.Try(ctx, len(folders), func(i int) (err error) {
		folders[i], err = w.seal(top, want.folders[i], now[i], touched[want.folders[i].path])
		return err
	})
	return folders, err
}

// seal gives a folder of a new tree what its counterpart has, and returns its
// signature. Its time is set back, so that the next change shows in it however
// soon that comes.
func (w *writing) seal(top string, like place, now *place, touched bool) (place, error) {
	name := join(top, like.path)
	var err error
	var is info
	if now != nil {
		is = now.info
	}
	if touched || is.stamp == (stamp{}) {
		if err := os.Chtimes(name, time.Time{}, w.started.Add(-time.Minute)); err != nil {
			return place{}, err
		}
		if is, err = lstat(name); err != nil {
			return place{}, err
		}
	}
	if like.kind == isFolder && (like.perm != is.perm || like.uid != is.uid || like.gid != is.gid) {
		if err := setLike(name, like.info, is); err != nil {
			return place{}, err
		}
		if is, err = lstat(name); err != nil {
			return place{}, err
		}
	}
	return place{path: like.path, info: is}, nil
}

// match walks two lists sorted by name and calls f for each name with what either
// list has of it.
func match[T any](a, b []T, name func(T) string, f func(a, b *T)) {
	for i, j := 0, 0; i < len(a) || j < len(b); {
		switch {
		case j == len(b) || i < len(a) && name(a[i]) < name(b[j]):
			f(&a[i], nil)
			i++
		case i == len(a) || name(b[j]) < name(a[i]):
			f(nil, &b[j])
			j++
		default:
			f(&a[i], &b[j])
			i, j = i+1, j+1
		}
	}
}

// linkFromSite puts what stands in the output folder into another tree.
func (w *writing) linkFromSite(n *node, to string) error {
	from := w.at(n.path)
	if n.it == nil {
		// A stranger's may have changed, or gone, or not be for us to read: renaming
		// files in place needs none of that.
		err := mirror(from, to)
		if err != nil && !isFull(err) {
			err = refusal{err}
		}
		return err
	}
	at, linked, err := linkOrCopy(from, to)
	if err != nil {
		return err
	}
	// A link must be to what was looked at, or somebody has put another file, or a
	// symlink, in its place: maybe with the inode that the first one set free, so
	// the whole signature counts. A copy has an inode of its own.
	if was := n.it.stamp; at.size != was.size || at.mtime != was.mtime || linked && at.ino != was.ino {
		return fmt.Errorf("%s has changed while the site was written", n.path)
	}
	if !linked {
		w.copied.Store(true)
	}
	n.it.stamp, n.ino = at.stamp, at.ino
	return nil
}

// linkOrCopy gives the file or symlink at from a second name. Where the file system
// will not (none left, or not our file: protected_hardlinks) it is copied with its
// time. What is gone by now is absent there too.
func linkOrCopy(from, to string) (at info, linked bool, err error) {
	if os.Link(from, to) == nil {
		at, err = lstat(to)
		return at, true, err
	}
	if at, err = lstat(from); err != nil {
		return at, false, err
	}
	switch at.kind {
	case isFile:
		err = copyFile(from, to, at)
	case isOther:
		var target string
		if target, err = os.Readlink(from); err == nil {
			err = os.Symlink(target, to)
		}
	}
	if err != nil {
		return at, false, err
	}
	at, err = lstat(to)
	return at, false, err
}

func copyFile(from, to string, at info) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	if err := errors.Join(err, out.Close()); err != nil {
		return err
	}
	if err := os.Chmod(to, os.FileMode(at.perm).Perm()); err != nil {
		return err
	}
	return os.Chtimes(to, time.Time{}, time.Unix(0, at.mtime))
}

// mirror brings a file, or a folder with all that is in it, to another place. In
// a folder that is there already it links what is missing or differs, and takes
// nothing away.
func mirror(from, to string) error {
	like, err := lstat(from)
	if err != nil || like.kind == isAbsent {
		return err
	}
	is, err := lstat(to)
	if err != nil || is.kind != isAbsent && (is.ino == like.ino || (is.kind == isFolder) != (like.kind == isFolder)) {
		return err
	}
	if like.kind != isFolder {
		if is.kind != isAbsent {
			if err := os.Remove(to); err != nil {
				return err
			}
		}
		_, _, err = linkOrCopy(from, to)
		return err
	}
	if is.kind == isAbsent {
		if err := os.Mkdir(to, 0o755); err != nil {
			return err
		}
	}
	names, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	for _, d := range names {
		if err := mirror(filepath.Join(from, d.Name()), filepath.Join(to, d.Name())); err != nil {
			return err
		}
	}
	if is, err = lstat(to); err != nil {
		return err
	}
	return setLike(to, like, is)
}
