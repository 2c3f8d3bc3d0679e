package files

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"pressroom/internal/catalogue"
)

// ErrMissing says that there is no such master: nothing of that name, or something that
// is not a plain file below the folder.
var ErrMissing = errors.New("no such master")

// Masters is where the masters lie: a folder or an object store.
type Masters interface {
	// Open finds the master of a download. A way to it that is not ours to end, as an
	// address elsewhere, ends at until. The error wraps ErrMissing when there is none.
	Open(d catalogue.Download, now, until time.Time) (*Master, error)
}

// Master is a way to one file; one of the fields is set.
type Master struct {
	File      *os.File // to be sent, and closed
	Internal  string   // the web server in front sends it from there (X-Accel-Redirect)
	Elsewhere string   // the reader is sent there
}

// Close ends it.
func (m *Master) Close() error {
	if m.File == nil {
		return nil
	}
	return m.File.Close()
}

// Local are masters in a folder.
type Local struct {
	root     *os.Root
	internal string
}

// OpenLocal opens the folder of masters. With internal, as "/masters/", nginx in front
// sends the bytes, from a location of that name:
//
//	location /masters/ {
//		internal;
//		alias /srv/masters/;
//		max_ranges 1;
//		add_header X-Content-Type-Options nosniff;
//	}
func OpenLocal(dir, internal string) (*Local, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open masters: %w", err)
	}
	if internal != "" && !strings.HasSuffix(internal, "/") {
		internal += "/"
	}
	return &Local{root, internal}, nil
}

// Close closes the folder; files that are open stay so.
func (l *Local) Close() error { return l.root.Close() }

// Open opens the file of a download, if it is as long as the catalogue says: one that is
// not is still being copied, or another. Links are followed as long as they stay below
// the folder.
func (l *Local) Open(d catalogue.Download, _, _ time.Time) (*Master, error) {
	// Without O_NONBLOCK, opening a FIFO would wait for somebody to write to it.
	f, err := l.root.OpenFile(filepath.FromSlash(d.File), os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		if missing(err) {
			err = fmt.Errorf("%w: %w", ErrMissing, err)
		}
		return nil, fmt.Errorf("open master of %s: %w", d.ID, err)
	}
	info, err := f.Stat()
	switch {
	case err != nil:
	case !info.Mode().IsRegular():
		err = fmt.Errorf("%w: %s is a %s", ErrMissing, d.File, info.Mode().Type())
	case info.Size() != d.Bytes:
		err = fmt.Errorf("%s has %d bytes, the catalogue says %d", d.File, info.Size(), d.Bytes)
	case l.internal != "":
		return &Master{Internal: l.internal + (&url.URL{Path: filepath.ToSlash(d.File)}).EscapedPath()}, f.Close()
	default:
		return &Master{File: f}, nil
	}
	return nil, errors.Join(fmt.Errorf("open master of %s: %w", d.ID, err), f.Close())
}

// missing tells what the catalogue gets wrong from what fails on this machine. A name
// that leads out of the folder is an error of os.Root's own, without a number.
func missing(err error) bool {
	var number syscall.Errno
	if !errors.As(err, &number) {
		return true
	}
	return errors.Is(err, fs.ErrNotExist) || slices.Contains([]syscall.Errno{
		syscall.ENOTDIR, syscall.ELOOP, syscall.ENXIO, syscall.ENAMETOOLONG, syscall.EINVAL,
	}, number)
}
