package source

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"pressroom/internal/memo"
	"pressroom/internal/report"
)

// folders are what a build reads, beside site.yaml. Everything else in the site
// folder is the editor's own affair.
var folders = []string{"content", "layouts", "static", "media"}

// Roots are the folders that a Snapshot of root and media reads whole. They need not be
// there.
func Roots(root, media string) []string {
	dirs := make([]string, len(folders))
	for i, dir := range folders {
		if dirs[i] = filepath.Join(root, dir); dir == "media" && media != "" {
			dirs[i] = media
		}
	}
	return dirs
}

// maxText is the largest Markdown file, layout or site.yaml that is read whole:
// the longest transcript of a summit day is a tenth of it.
const maxText = 8 << 20

// Snapshot takes the picture of the site in root. A folder of masters that lies
// elsewhere is given as media, else "". Problems are what an editor can mend (a
// link out of the folder, a name no URL can carry); an error is the disk's.
func Snapshot(root, media string, m *memo.Memo) (*Tree, report.List, error) {
	abs, err := filepath.Abs(root)
	if err != nil {
		return nil, nil, err
	}
	w := &walker{root: abs, memo: m, now: time.Now(), slots: make(chan struct{}, 4)}
	if info, err := os.Stat(filepath.Join(abs, "site.yaml")); err == nil {
		w.file("site.yaml", filepath.Join(abs, "site.yaml"), info)
	}
	for i, at := range Roots(abs, media) {
		dir := folders[i]
		if info, err := os.Lstat(at); err == nil && info.Mode()&fs.ModeSymlink != 0 && dir != "media" {
			w.problem(dir, "symlink", "a link instead of a folder", "put the files themselves there")
			continue
		}
		w.wait.Add(1)
		go w.dir(dir, at)
	}
	w.wait.Wait()
	return newTree(abs, w.files), w.problems.Sorted(), errors.Join(w.errs...)
}

type walker struct {
	root  string
	memo  *memo.Memo
	now   time.Time
	slots chan struct{}
	wait  sync.WaitGroup

	mu       sync.Mutex
	files    []*File
	problems report.List
	errs     []error
}

func (w *walker) problem(path, name, text, hint string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.problems.Add(report.Problem{Path: path, Name: name, Text: text, Hint: hint})
}

func (w *walker) fail(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.errs = append(w.errs, err)
}

func (w *walker) dir(path, abs string) {
	defer w.wait.Done()
	w.slots <- struct{}{}
	defer func() { <-w.slots }()
	entries, err := os.ReadDir(abs)
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			w.fail(fmt.Errorf("read folder %s: %w", path, errors.Unwrap(err)))
		}
		return
	}
	for _, e := range entries {
		p, at := path+"/"+e.Name(), filepath.Join(abs, e.Name())
		if Ignored(e.Name()) {
			continue
		}
		if !utf8.ValidString(e.Name()) || strings.ContainsFunc(e.Name(), func(r rune) bool { return r < ' ' || r == 0x7f || r == '\\' }) {
			w.problem(strings.ToValidUTF8(p, "\uFFFD"), "file-name", fmt.Sprintf("the name %q cannot stand in a URL", e.Name()), "rename it")
			continue
		}
		switch {
		case e.IsDir():
			w.wait.Add(1)
			go w.dir(p, at)
		case e.Type()&fs.ModeSymlink != 0:
			w.link(p, at)
		case !e.Type().IsRegular():
			w.problem(p, "file-name", "not a regular file", "remove it")
		default:
			info, err := e.Info()
			if errors.Is(err, fs.ErrNotExist) { // removed since the folder was read: it was not there
				continue
			}
			if err != nil {
				w.fail(err)
				continue
			}
			w.file(p, at, info)
		}
	}
}

// link admits a link to a file inside the site folder and nothing else.
func (w *walker) link(path, abs string) {
	target, err := filepath.EvalSymlinks(abs)
	if err != nil {
		w.problem(path, "symlink", "a link that leads nowhere", "remove it, or mend it")
		return
	}
	info, err := os.Stat(target)
	switch {
	case err != nil:
		w.fail(err)
	case strings.HasPrefix(clean(w.realRoot(), target), ".."):
		w.problem(path, "symlink", "a link that leads out of the site folder", "copy the file here, or name the folder of masters by \"media:\" in site.yaml")
	case !info.Mode().IsRegular():
		w.problem(path, "symlink", "a link to a folder", "put the files themselves there")
	default:
		w.file(path, target, info)
	}
}

func (w *walker) realRoot() string {
	if r, err := filepath.EvalSymlinks(w.root); err == nil {
		return r
	}
	return w.root
}

func (w *walker) file(path, abs string, info fs.FileInfo) {
	if info.Size() > maxText && !strings.HasPrefix(path, "media/") && isText(path) {
		w.problem(path, "too-large", fmt.Sprintf("%d MB is more than a text can have", info.Size()>>20), "split it, or move attachments beside the page")
		return
	}
	f := &File{Path: path, Size: info.Size(), abs: abs, remembered: statKey(abs, info, w.now), m: w.memo}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.files = append(w.files, f)
}

func isText(path string) bool {
	switch filepath.Ext(path) {
	case ".md", ".yaml", ".html", ".vtt":
		return true
	}
	return false
}

// Ignored tells the names of what editors and systems leave lying about, which no
// Snapshot has.
func Ignored(name string) bool {
	return strings.HasPrefix(name, ".") || strings.HasSuffix(name, "~") || name == "4913" || name == "Thumbs.db" ||
		strings.HasPrefix(name, "#") && strings.HasSuffix(name, "#")
}
