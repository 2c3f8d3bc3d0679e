package output

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
)

// stage is a private folder in which the next site is put together. It lies beside
// the output folder, or inside it where we may not write beside it or where that
// would be another file system. It is locked as long as its build lives.
//
// In it are "new", the files made by this build, and "tree", the site that is to
// change places with the old one, afterwards the old one.
type stage struct {
	dir    string // the output folder
	beside bool   // of the output folder, so that the two can swap

	mu   sync.Mutex
	path string   // "" until something is staged
	lock *os.File // the stage itself, locked
}

// prefix of the names of stages: ".press-public-" and 16 hexadecimal digits.
func (s *stage) prefix() string { return ".press-" + filepath.Base(s.dir) + "-" }

const stageDigits = 16

// owns tells whether a name is that of a stage of this output folder.
func (s *stage) owns(name string) bool {
	tail, ok := strings.CutPrefix(name, s.prefix())
	return ok && len(tail) == stageDigits && strings.Trim(tail, "0123456789abcdef") == ""
}

// sweep removes what killed builds left: their stages, which nobody has locked,
// and a record that did not come true. What cannot be removed is in nobody's way.
func (w *writing) sweep() {
	for _, dir := range []string{filepath.Dir(w.dir), w.dir} {
		names, _ := os.ReadDir(dir)
		for _, d := range names {
			if !w.stage.owns(d.Name()) || !d.IsDir() {
				continue
			}
			f, err := os.Open(filepath.Join(dir, d.Name()))
			if err != nil {
				continue
			}
			if locked, _ := tryLock(f); locked {
				_ = removeAll(f.Name())
			}
			_ = f.Close()
		}
	}
	(&prepared{w.Record}).drop()
}

// open makes the stage when there is none.
func (s *stage) open(inPlace bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.path != "" {
		return nil
	}
	at, err := lstat(s.dir)
	if err != nil {
		return err
	}
	s.beside = at.kind == isAbsent || canSwap && !inPlace && !isMount(s.dir)
	if s.beside {
		err = s.makeIn(filepath.Dir(s.dir))
		if at.kind == isFolder && (errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS)) {
			s.beside = false
		}
	}
	if !s.beside {
		err = s.makeIn(s.dir)
	}
	return err
}

func (s *stage) makeIn(dir string) error {
	var digits [stageDigits / 2]byte
	_, _ = rand.Read(digits[:]) // never fails
	path := filepath.Join(dir, s.prefix()+hex.EncodeToString(digits[:]))
	if err := os.Mkdir(path, 0o700); err != nil {
		return err
	}
	s.path = path
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	s.lock = f
	if _, err := tryLock(f); err != nil {
		return err
	}
	return os.Mkdir(s.made(), 0o755)
}

func (s *stage) made() string { return filepath.Join(s.path, "new") }
func (s *stage) site() string { return filepath.Join(s.path, "tree") }

// enter moves the stage into the output folder, from where files are renamed.
func (s *stage) enter() error {
	if !s.beside {
		return nil
	}
	to := filepath.Join(s.dir, filepath.Base(s.path))
	if err := os.Rename(s.path, to); err != nil {
		return err
	}
	s.path, s.beside = to, false
	return nil
}

// inside is the path of a new file, seen from the output folder: it may be on its
// way into a tree that did not come to be swapped.
func (s *stage) inside(path string) string {
	from := s.made()
	if at, err := lstat(join(from, path)); err == nil && at.kind == isAbsent {
		from = s.site()
	}
	return filepath.Join(filepath.Base(s.path), filepath.Base(from), filepath.FromSlash(path))
}

// create makes a new file of the next site, to be written piece by piece. This and
// write need an open stage.
func (s *stage) create(path string) (f *os.File, err error) {
	err = s.within(path, func(name string) error {
		f, err = os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
		return err
	})
	return f, err
}

// write makes a new file of the next site in one go.
func (s *stage) write(path string, data []byte) (at info, err error) {
	err = s.within(path, func(name string) error {
		at, err = writeFile(name, data)
		return err
	})
	return at, err
}

// within calls make for a path in the stage, once more when its folder was missing.
func (s *stage) within(path string, make func(name string) error) error {
	name := join(s.made(), path)
	err := make(name)
	if errors.Is(err, fs.ErrNotExist) {
		// Mostly the folder above is there, and MkdirAll would look first.
		if err := os.Mkdir(filepath.Dir(name), 0o755); errors.Is(err, fs.ErrNotExist) {
			if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
				return err
			}
		}
		err = make(name)
	}
	return err
}

// removeAll deletes a tree of ours. In it may be a stranger's folder, with the
// permissions that it has in the site: maybe none to write.
func removeAll(path string) error {
	if err := os.RemoveAll(path); !errors.Is(err, fs.ErrPermission) {
		return err
	}
	_ = filepath.WalkDir(path, func(p string, d fs.DirEntry, err error) error {
		if d != nil && d.IsDir() {
			_ = os.Chmod(p, 0o700) // before its names are read
		}
		return nil
	})
	return os.RemoveAll(path)
}

// remove deletes the stage with all that is in it. What cannot be deleted is left
// to the next build: for this one it changes nothing.
func (s *stage) remove() {
	if s.path != "" {
		_ = removeAll(s.path)
		s.path = ""
	}
	s.release()
}

// release unlocks the stage, which is somebody else's from now on.
func (s *stage) release() {
	if s.lock != nil {
		_ = s.lock.Close()
		s.lock = nil
	}
}
