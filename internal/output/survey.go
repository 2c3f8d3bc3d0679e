package output

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"pressroom/internal/memo"
	"pressroom/internal/several"
)

// resolve returns where dir really is, making the folders above it.
func resolve(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	if filepath.Dir(dir) == dir {
		return "", errors.New("the root of a file system cannot be the output folder")
	}
	target, err := filepath.EvalSymlinks(dir)
	if err == nil {
		at, err := lstat(target)
		if err == nil && at.kind != isFolder {
			err = &fs.PathError{Op: "open", Path: dir, Err: errors.New("not a folder")}
		}
		return target, err
	}
	if at, lerr := lstat(dir); lerr != nil || at.kind != isAbsent {
		return "", cmp.Or(lerr, err) // a symlink to nothing
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return "", err
	}
	parent, err := filepath.EvalSymlinks(filepath.Dir(dir))
	return filepath.Join(parent, filepath.Base(dir)), err
}

// at returns where path lies in the output folder.
func (w *writing) at(path string) string { return join(w.dir, path) }

// join is filepath.Join for what is clean already; "" is the folder itself.
func join(dir, path string) string {
	if path == "" {
		return dir
	}
	return dir + string(filepath.Separator) + filepath.FromSlash(path)
}

// above returns the path of the folder that path lies in, "" for the top.
func above(path string) string { return path[:max(0, strings.LastIndexByte(path, '/'))] }

func byPath(p place, path string) int { return cmp.Compare(p.path, path) }
func comparePlaces(a, b place) int    { return cmp.Compare(a.path, b.path) }
func isAt(ps []place, path string) bool {
	_, ok := slices.BinarySearchFunc(ps, path, byPath)
	return ok
}

// recall loads the record and lays the promised files beside what it says.
func (w *writing) recall() {
	w.old = &record{}
	if w.Record != "" {
		if r := loadRecord(w.Record); r != nil {
			w.old = r
		}
	}
	w.known = w.old.dir == w.dir
	trusted := w.old.program == memo.Program()

	files := w.tree.Files()
	w.items = make([]item, 0, len(files)+1)
	for i := range files {
		if f := &files[i]; len(w.items) == i && f.Path > ManifestName {
			w.items = append(w.items, item{entry: entry{path: ManifestName}})
		}
		w.items = append(w.items, item{entry: entry{path: files[i].Path, key: files[i].Key}, file: &files[i]})
	}
	if len(w.items) == len(files) {
		w.items = append(w.items, item{entry: entry{path: ManifestName}})
	}
	i := 0
	for k := range w.old.files {
		e := &w.old.files[k]
		if !trusted {
			e.key = memo.Key{}
		}
		for i < len(w.items) && w.items[i].path < e.path {
			i++
		}
		if i < len(w.items) && w.items[i].path == e.path {
			w.items[i].was, w.items[i].ours = e, w.known
		} else if w.known {
			w.gone = append(w.gone, place{path: e.path})
		}
	}
}

// survey looks at what stands in the folder.
func (w *writing) survey(ctx context.Context) error {
	top, err := os.Open(w.dir)
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		w.gone = nil
		w.findFolders()
		w.dropSpare() // who deletes a site may need the room
		return nil
	}
	defer top.Close()
	if err := w.readManifest(); err != nil {
		return err
	}
	w.findFolders()
	if err := w.statFolders(ctx, top); err != nil {
		return err
	}
	if err := w.statFiles(ctx, top); err != nil {
		return err
	}
	if err := w.findForeign(ctx); err != nil {
		return err
	}
	w.judge()
	return nil
}

// readManifest asks the manifest on disk which files are ours. As long as it is
// the one that the record knows, the record has said so already.
func (w *writing) readManifest() error {
	i, _ := w.find(ManifestName)
	m := &w.items[i]
	at, err := lstat(w.at(ManifestName))
	if err != nil || at.kind != isFile || w.known && m.was != nil && m.was.stamp == at.stamp {
		return err
	}
	f, err := os.Open(w.at(ManifestName))
	if err != nil {
		return err
	}
	defer f.Close()
	paths, ours := decodeManifest(f)
	m.ours = m.ours || ours
	for _, p := range paths {
		if i, ok := w.find(p); ok {
			w.items[i].ours = true
		} else {
			w.gone = append(w.gone, place{path: p})
		}
	}
	slices.SortFunc(w.gone, comparePlaces)
	w.gone = slices.CompactFunc(w.gone, func(a, b place) bool { return a.path == b.path })
	return nil
}

// find returns the index of the promised file at path.
func (w *writing) find(path string) (int, bool) {
	return slices.BinarySearchFunc(w.items, path, func(it item, path string) int { return cmp.Compare(it.path, path) })
}

// findFolders lists the folders of the files that are promised or to go, each after
// the one above it.
func (w *writing) findFolders() {
	seen := map[string]bool{"": true}
	w.folders = []folder{{needed: true}}
	add := func(path string, needed bool) {
		for d := above(path); !seen[d]; d = above(d) {
			seen[d] = true
			w.folders = append(w.folders, folder{place: place{path: d}, needed: needed})
		}
	}
	for i := range w.items {
		add(w.items[i].path, true)
	}
	for i := range w.gone {
		add(w.gone[i].path, false)
	}
	slices.SortFunc(w.folders, func(a, b folder) int { return cmp.Compare(a.path, b.path) })
	w.folder = make(map[string]int, len(w.folders))
	for i := range w.folders {
		f := &w.folders[i]
		w.folder[f.path] = i
		f.parent = w.folder[above(f.path)]
	}
	if w.known {
		for i := range w.old.folders {
			if k, ok := w.folder[w.old.folders[i].path]; ok {
				w.folders[k].was = &w.old.folders[i]
			}
		}
	}
}

// statFolders looks at each folder. What lies below a symlink does not stand in
// our folder, whatever lstat says of it.
func (w *writing) statFolders(ctx context.Context, top *os.File) error {
	err := several.Try(ctx, len(w.folders), func(i int) (err error) {
		w.folders[i].info, err = lstatIn(top, w.folders[i].path)
		return err
	})
	for i := range w.folders {
		f := &w.folders[i]
		if i > 0 && w.folders[f.parent].kind != isFolder {
			f.info = info{}
		}
		if f.kind == isFolder || f.kind == isAbsent {
			continue
		}
		if f.needed && !isAt(w.gone, f.path) {
			w.clashes = append(w.clashes, f.path)
		}
		f.info = info{}
	}
	return err
}

// statFiles looks at each promised file and at those that are to go.
func (w *writing) statFiles(ctx context.Context, top *os.File) error {
	err := several.Try(ctx, len(w.items), func(i int) (err error) {
		it := &w.items[i]
		if w.stands(above(it.path)) {
			it.at, err = lstatIn(top, it.path)
		}
		// A file by our own signature is ours wherever the site was moved to.
		it.ours = it.ours || it.was != nil && it.at.kind == isFile && it.was.stamp == it.at.stamp
		return err
	})
	if err != nil {
		return err
	}
	err = several.Try(ctx, len(w.gone), func(i int) (err error) {
		if p := &w.gone[i]; w.stands(above(p.path)) {
			p.info, err = lstatIn(top, p.path)
		}
		return err
	})
	// A folder where our file was is not our file.
	w.gone = slices.DeleteFunc(w.gone, func(p place) bool { return p.kind == isAbsent || p.kind == isFolder })
	return err
}

func (w *writing) stands(folder string) bool {
	i, ok := w.folder[folder]
	return ok && w.folders[i].kind == isFolder
}

// unwatched is a folder that may have changed since the record was made.
func (f *folder) unwatched() bool {
	return f.was == nil || f.was.stamp != f.stamp || f.was.stamp == stamp{}
}

// findForeign finds what else stands in our folders. A folder whose signature is
// as recorded holds what the record says.
func (w *writing) findForeign(ctx context.Context) error {
	found := make([][]place, len(w.folders))
	err := several.Try(ctx, len(w.folders), func(i int) error {
		f := &w.folders[i]
		if f.kind != isFolder || !f.unwatched() {
			return nil
		}
		names, err := os.ReadDir(w.at(f.path))
		for _, d := range names {
			p := strings.TrimPrefix(f.path+"/"+d.Name(), "/")
			if f.path == "" && w.stage.owns(d.Name()) {
				continue
			}
			if !w.expected(p, d.IsDir()) {
				found[i] = append(found[i], place{path: p})
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	w.foreign = slices.Concat(found...)
	if w.known {
		for _, p := range w.old.foreign {
			i, ok := w.folder[above(p.path)]
			if ok && w.folders[i].kind == isFolder && !w.folders[i].unwatched() && !w.expected(p.path, p.kind == isFolder) {
				w.foreign = append(w.foreign, place{path: p.path})
			}
		}
	}
	err = several.Try(ctx, len(w.foreign), func(i int) (err error) {
		w.foreign[i].info, err = lstat(w.at(w.foreign[i].path))
		return err
	})
	w.foreign = slices.DeleteFunc(w.foreign, func(p place) bool { return p.kind == isAbsent })
	slices.SortFunc(w.foreign, comparePlaces)
	return err
}

// expected tells whether what stands at path is a matter of items, gone or folders.
func (w *writing) expected(path string, dir bool) bool {
	if dir {
		return w.stands(path)
	}
	if _, ok := w.find(path); ok {
		return true
	}
	return isAt(w.gone, path)
}

// judge finds what is foreign and in the way, and which folders something foreign
// keeps alive.
func (w *writing) judge() {
	for _, p := range w.foreign {
		for i, ok := w.folder[above(p.path)]; ok && !w.folders[i].kept; i = w.folders[i].parent {
			w.folders[i].kept = true
		}
	}
	for i := range w.items {
		it := &w.items[i]
		switch it.at.kind {
		case isFolder:
			// Our own folder may make way for a file, when nothing else is in it.
			if f, ok := w.folder[it.path]; !ok || w.folders[f].kept {
				w.clashes = append(w.clashes, it.path)
			}
		case isOther:
			if !it.ours {
				w.clashes = append(w.clashes, it.path)
			}
		}
	}
}

// strangers returns what is foreign as the next Write will see it: a folder that
// holds nothing of ours is one thing, whatever is in it.
func (w *writing) strangers() []place {
	var out []place
	for _, p := range w.foreign {
		for i, ok := w.folder[above(p.path)]; ok && i != 0; i = w.folders[i].parent {
			if !w.folders[i].needed {
				p = w.folders[i].place
			}
		}
		if p.kind == isFolder {
			p.info = info{kind: isFolder} // its signature says nothing about what is in it
		}
		if n := len(out); n == 0 || out[n-1].path != p.path {
			out = append(out, p)
		}
	}
	slices.SortFunc(out, comparePlaces)
	return out
}

// watched returns the folders of the record when nothing has been changed. One
// that was changed just now may change again within the same tick of the clock,
// and its signature would not show it: it is to be looked into again.
func (w *writing) watched() []place {
	const tick = 2e9 // the coarsest file system clock, that of FAT
	var out []place
	for i := range w.folders {
		f := &w.folders[i]
		if !f.needed {
			continue
		}
		p := f.place
		if f.unwatched() && p.mtime > w.started.UnixNano()-tick {
			p.info = info{kind: isFolder}
		}
		out = append(out, p)
	}
	return out
}
