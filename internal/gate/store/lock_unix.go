//go:build unix

package store

import (
	"context"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// lock keeps other processes from making the tables of a database in the folder at the
// same time. It is on the folder, since to close the database's own file would end the
// locks that SQLite has on it, and it leaves no file behind.
func lock(ctx context.Context, folder string) (unlock func(), err error) {
	f, err := os.Open(folder)
	if err != nil {
		return nil, err
	}
	const pause = 20 * time.Millisecond // flock itself would not heed ctx
	for {
		switch err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err {
		case nil, unix.ENOTSUP, unix.ENOSYS, unix.ENOLCK, unix.EBADF: // a file system without locks
			return func() { _ = f.Close() }, nil
		case unix.EWOULDBLOCK, unix.EINTR:
		default:
			_ = f.Close()
			return nil, fmt.Errorf("lock %s: %w", folder, err)
		}
		select {
		case <-ctx.Done():
			_ = f.Close()
			return nil, fmt.Errorf("lock %s: %w", folder, ctx.Err())
		case <-time.After(pause):
		}
	}
}
