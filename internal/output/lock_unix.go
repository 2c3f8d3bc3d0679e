//go:build unix

package output

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// Lock waits until no other build writes to dir, and keeps others waiting until
// unlock. It locks the folder that dir lies in, so one lock covers everything
// beside dir too: a program that writes two folders side by side takes one. The
// lock ends with the process, however that ends, and leaves no file behind. When
// it has to wait it says so once, by calling waiting. The folders above dir are
// made when they are missing.
//
// A file system that knows no locks (some network drives) is not locked; a system
// other than Unix neither.
func Lock(ctx context.Context, dir string, waiting func()) (unlock func(), err error) {
	dir, err = resolve(dir)
	if err != nil {
		return nil, fmt.Errorf("lock: %w", err)
	}
	f, err := os.Open(filepath.Dir(dir))
	if err != nil {
		return nil, fmt.Errorf("lock: %w", err)
	}
	const pause = 20 * time.Millisecond // flock itself would not heed ctx
	for first := true; ; first = false {
		locked, err := tryLock(f)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("lock %s: %w", f.Name(), err), f.Close())
		}
		if locked {
			return sync.OnceFunc(func() { _ = f.Close() }), nil
		}
		if first && waiting != nil {
			waiting()
		}
		select {
		case <-ctx.Done():
			return nil, errors.Join(fmt.Errorf("lock %s: %w", f.Name(), context.Cause(ctx)), f.Close())
		case <-time.After(pause):
		}
	}
}

// tryLock locks an open folder until it is closed, unless another process has.
func tryLock(f *os.File) (bool, error) {
	for {
		switch err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err {
		case unix.EINTR:
		case unix.EWOULDBLOCK:
			return false, nil
		case unix.ENOTSUP, unix.ENOSYS, unix.ENOLCK, unix.EBADF: // EBADF: NFS, for a folder
			return true, nil
		default:
			return err == nil, err
		}
	}
}
