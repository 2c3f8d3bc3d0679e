package output

import (
	"cmp"
	"errors"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"
)

// canSwap: two folders can change places in one step.
const canSwap = true

// swap lets two folders change places in one step.
func swap(a, b string) error {
	return ignoringEINTR(func() error {
		return unix.Renameat2(unix.AT_FDCWD, a, unix.AT_FDCWD, b, unix.RENAME_EXCHANGE)
	})
}

// cannotSwap tells the refusal of a file system or a mount point (overlayfs says
// EXDEV for a folder of a lower layer) from a real failure.
func cannotSwap(err error) bool {
	for _, e := range []error{unix.EINVAL, unix.ENOSYS, unix.ENOTSUP, unix.EBUSY, unix.EXDEV} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// isMount tells whether another file system, or another part of one, is mounted
// at dir. A kernel before 5.8 does not say; there the swap itself is refused.
func isMount(dir string) bool {
	var st unix.Statx_t
	err := unix.Statx(unix.AT_FDCWD, dir, unix.AT_SYMLINK_NOFOLLOW, 0, &st)
	return err == nil && st.Attributes_mask&st.Attributes&unix.STATX_ATTR_MOUNT_ROOT != 0
}

func lstat(path string) (info, error) { return lstatFrom(unix.AT_FDCWD, path) }

// lstatIn is lstat for a path below an open folder. It goes past os.Lstat, which
// allocates, and past the way down to the folder: this is asked for every file of
// a site.
func lstatIn(top *os.File, path string) (info, error) {
	if path == "" {
		path = "."
	}
	return lstatFrom(int(top.Fd()), path)
}

func lstatFrom(fd int, path string) (info, error) {
	var st unix.Stat_t
	err := ignoringEINTR(func() error { return unix.Fstatat(fd, path, &st, unix.AT_SYMLINK_NOFOLLOW) })
	switch {
	case errors.Is(err, unix.ENOENT), errors.Is(err, unix.ENOTDIR):
		return info{}, nil
	case err != nil:
		return info{}, &fs.PathError{Op: "lstat", Path: path, Err: err}
	}
	return infoOf(&st), nil
}

func infoOf(st *unix.Stat_t) info {
	at := info{
		stamp: stamp{mtime: st.Mtim.Nano(), ino: st.Ino, size: st.Size},
		perm:  st.Mode & 0o7777, uid: st.Uid, gid: st.Gid,
	}
	switch st.Mode & unix.S_IFMT {
	case unix.S_IFREG:
		at.kind = isFile
	case unix.S_IFDIR:
		at.kind, at.size = isFolder, 0
	default:
		at.kind = isOther
	}
	return at
}

// writeFile makes a new file. It goes past os.File, which takes half as long again
// by asking whether the file can be waited for.
func writeFile(path string, data []byte) (at info, err error) {
	var fd int
	err = ignoringEINTR(func() error {
		fd, err = unix.Open(path, unix.O_WRONLY|unix.O_CREAT|unix.O_EXCL|unix.O_CLOEXEC, 0o644)
		return err
	})
	if err != nil {
		return at, &fs.PathError{Op: "open", Path: path, Err: err}
	}
	for len(data) > 0 && err == nil {
		var n int
		if n, err = unix.Write(fd, data); err == unix.EINTR {
			n, err = 0, nil
		}
		data = data[max(n, 0):]
	}
	if err == nil {
		var st unix.Stat_t
		err = unix.Fstat(fd, &st)
		at = infoOf(&st)
	}
	if err := cmp.Or(err, unix.Close(fd)); err != nil {
		return at, &fs.PathError{Op: "write", Path: path, Err: err}
	}
	return at, nil
}

// setLike gives the folder at path, which is as now says, the owner and the
// permissions of another. Only root can give a folder away, so an owner that
// cannot be kept is not an error; wider permissions would be.
func setLike(path string, like, now info) error {
	if like.uid != now.uid || like.gid != now.gid {
		_ = os.Lchown(path, int(like.uid), int(like.gid))
	} else if like.perm == now.perm {
		return nil
	}
	return ignoringEINTR(func() error { return unix.Chmod(path, like.perm) })
}

func ignoringEINTR(call func() error) error {
	for {
		if err := call(); err != unix.EINTR {
			return err
		}
	}
}
