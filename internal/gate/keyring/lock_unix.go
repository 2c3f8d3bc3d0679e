//go:build unix

package keyring

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// lock keeps other processes from changing the keys in a folder at the same time. It is
// held for some milliseconds, ends with the process, and leaves no file behind.
func lock(folder string) (unlock func(), err error) {
	f, err := os.Open(folder)
	if err != nil {
		return nil, err
	}
	for {
		switch err := unix.Flock(int(f.Fd()), unix.LOCK_EX); err {
		case unix.EINTR:
			continue
		case nil, unix.ENOTSUP, unix.ENOSYS, unix.ENOLCK, unix.EBADF: // a file system without locks
			return func() { _ = f.Close() }, nil
		default:
			_ = f.Close()
			return nil, fmt.Errorf("lock %s: %w", folder, err)
		}
	}
}
