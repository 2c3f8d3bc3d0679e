package output

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"pressroom/internal/several"
	"slices"
	"strings"
)

// publish brings the staged files into the output folder.
func (w *writing) publish(ctx context.Context) error {
	// Even when files are only to go, the next site is put together in a stage.
	if err := w.stage.open(w.inPlace); err != nil {
		return w.noSpace(err)
	}
	if !w.stage.beside || !w.stage.swaps() {
		return w.publishInPlace(ctx)
	}
	err := w.exchange(ctx)
	var no refusal
	if errors.As(err, &no) {
		return w.publishInPlace(ctx)
	}
	return err
}

// refusal is why the folders cannot change places, though nothing is wrong.
type refusal struct{ error }

// swaps tells whether two folders can change places in the stage's file system,
// before a whole site is linked to find out. A first site needs no swap.
func (s *stage) swaps() bool {
	if at, err := lstat(s.dir); err == nil && at.kind == isAbsent {
		return true
	}
	a, b := filepath.Join(s.path, "a"), filepath.Join(s.path, "b")
	err := errors.Join(os.Mkdir(a, 0o700), os.Mkdir(b, 0o700))
	if err == nil {
		err = swap(a, b)
	}
	_, _ = os.Remove(a), os.Remove(b)
	return err == nil
}

// exchange puts the whole next site together and lets it change places with the
// one that stands. Until then the output folder is untouched, afterwards nothing
// that goes wrong can harm it.
func (w *writing) exchange(ctx context.Context) error {
	want := w.wanted()
	folders, err := w.assemble(ctx, want)
	if err != nil {
		return w.noSpace(err)
	}
	record, err := w.prepare(w.Record, w.ofTree(folders))
	if err != nil {
		return err
	}
	defer record.drop()
	w.step()
	if err := context.Cause(ctx); err != nil {
		return err
	}
	first := w.folders[0].kind == isAbsent
	if first {
		err = os.Rename(w.stage.site(), w.dir)
	} else {
		err = swap(w.stage.site(), w.dir)
	}
	if cannotSwap(err) {
		return refusal{err}
	}
	if err != nil {
		return err
	}
	w.step()
	if err := record.commit(); err != nil {
		return fmt.Errorf("the site is written; %w", err)
	}
	if first {
		return nil
	}
	w.step()
	w.rescue(w.stage.site())
	w.keepSpare(context.WithoutCancel(ctx), want)
	return nil
}

// assemble puts the next site together in the stage: out of the spare, or by
// linking all that stays to what is new.
func (w *writing) assemble(ctx context.Context, want shape) ([]place, error) {
	if spare := w.takeSpare(ctx); spare != nil {
		return w.reshape(ctx, w.stage.site(), spare.shape(), want, func(n *node, to string) error {
			if n.it != nil && n.it.fresh {
				return os.Rename(join(w.stage.made(), n.path), to)
			}
			return w.linkFromSite(n, to)
		})
	}
	if err := os.Rename(w.stage.made(), w.stage.site()); err != nil {
		return nil, err
	}
	return w.reshape(ctx, w.stage.site(), w.made(), want, w.linkFromSite)
}

// ofTree leaves out the folders that are there for the sake of something foreign:
// to the next build they are foreign themselves.
func (w *writing) ofTree(folders []place) []place {
	return slices.DeleteFunc(slices.Clone(folders), func(p place) bool {
		i, ok := w.folder[p.path]
		return !ok || !w.folders[i].needed
	})
}

// rescue brings over what strangers put into the old site after we had looked at
// it and before it was swapped out. This is done as well as can be: the site is
// published, and a file that has no place in it cannot have one now.
func (w *writing) rescue(old string) {
	top, err := os.Open(old)
	if err != nil {
		return
	}
	defer top.Close()
	_ = several.Try(context.Background(), len(w.folders), func(i int) error {
		f := &w.folders[i]
		if at, err := lstatIn(top, f.path); f.kind != isFolder || err != nil || at.stamp == f.stamp {
			return nil
		}
		names, _ := os.ReadDir(join(old, f.path))
		for _, d := range names {
			p := strings.TrimPrefix(f.path+"/"+d.Name(), "/")
			if isAt(w.foreign, p) && !d.IsDir() {
				_ = mirror(join(old, p), w.at(p))
			}
			if at, err := lstat(w.at(p)); err == nil && at.kind == isAbsent && !w.expected(p, d.IsDir()) {
				_ = os.Rename(join(old, p), w.at(p))
			}
		}
		return nil
	})
	for _, p := range w.foreign {
		if p.kind == isFolder {
			_ = mirror(join(old, p.path), w.at(p.path))
		}
	}
}

// inPlaceOrder: what pages need comes before them, what lists them after; the
// manifest closes.
func inPlaceOrder(path string) int {
	switch ext := filepath.Ext(path); {
	case path == ManifestName:
		return 3
	case ext == ".xml" || ext == ".json":
		return 2
	case ext == ".html":
		return 1
	}
	return 0
}

// publishInPlace renames the new files into the output folder one by one and then
// removes those that are to go. Every file is the old one or the new one, though
// for some moments not all of them are of one site.
func (w *writing) publishInPlace(ctx context.Context) error {
	if err := context.Cause(ctx); err != nil {
		return err
	}
	w.result.Atomic = false
	w.dropSpare() // no use here
	if err := w.stage.enter(); err != nil {
		return err
	}
	root, err := os.OpenRoot(w.dir) // nothing below leads out of it
	if err != nil {
		return err
	}
	defer root.Close()
	if err := w.rename(ctx, root); err != nil {
		return fmt.Errorf("some files are new, others still old, until the next build succeeds: %w", w.noSpace(err))
	}
	if err := w.remember(w.watched()); err != nil {
		return fmt.Errorf("the site is written; %w", err)
	}
	return nil
}

func (w *writing) rename(ctx context.Context, root *os.Root) error {
	// What stands where a folder or a file is wanted has to go first.
	inWay := func(p place) bool {
		f, ok := w.folder[p.path]
		blocks := ok && w.folders[f].needed
		for d := above(p.path); d != "" && !blocks; d = above(d) {
			_, blocks = w.find(d)
		}
		return blocks
	}
	var first, last []place
	for _, p := range w.gone {
		if inWay(p) {
			first = append(first, p)
		} else {
			last = append(last, p)
		}
	}
	if err := w.removeFiles(root, first); err != nil {
		return err
	}
	for i := range w.folders {
		if f := &w.folders[i]; f.needed && f.kind == isAbsent {
			if err := root.MkdirAll(f.path, 0o755); err != nil {
				return err
			}
		}
	}
	var rounds [4][]string
	for i := range w.items {
		if it := &w.items[i]; it.fresh {
			k := inPlaceOrder(it.path)
			rounds[k] = append(rounds[k], it.path)
		}
	}
	for _, paths := range rounds {
		err := several.Try(ctx, len(paths), func(i int) error {
			defer w.step()
			return root.Rename(w.stage.inside(paths[i]), paths[i])
		})
		if err != nil {
			return err
		}
	}
	return w.removeFiles(root, last)
}

// removeFiles removes files, and the folders that hold nothing any more.
func (w *writing) removeFiles(root *os.Root, files []place) error {
	for _, p := range files {
		w.step()
		if err := root.Remove(p.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		for d := above(p.path); d != ""; d = above(d) {
			if f, ok := w.folder[d]; !ok || w.folders[f].needed || root.Remove(d) != nil {
				break
			}
		}
	}
	return nil
}
