//go:build !linux

package output

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// Only Linux swaps two folders in one step in a way that we can test; elsewhere
// files are renamed into place one by one.
const canSwap = false

func swap(_, _ string) error { return errors.ErrUnsupported }

func cannotSwap(err error) bool { return errors.Is(err, errors.ErrUnsupported) }

func isMount(string) bool { return false }

func lstatIn(top *os.File, path string) (info, error) { return lstat(join(top.Name(), path)) }

// lstat knows no inodes here: the signature is time and size.
func lstat(path string) (info, error) {
	fi, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		return info{}, nil
	case err != nil:
		return info{}, err
	}
	at := info{stamp: stamp{mtime: fi.ModTime().UnixNano(), size: fi.Size()}, perm: uint32(fi.Mode().Perm())}
	switch {
	case fi.Mode().IsRegular():
		at.kind = isFile
	case fi.IsDir():
		at.kind, at.size = isFolder, 0
	default:
		at.kind = isOther
	}
	return at, nil
}

func writeFile(path string, data []byte) (at info, err error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return at, err
	}
	_, err = f.Write(data)
	if err := errors.Join(err, f.Close()); err != nil {
		return at, err
	}
	return lstat(path)
}

// setLike has nothing to do where no folder is ever put together anew.
func setLike(string, info, info) error { return nil }
