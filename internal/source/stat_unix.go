//go:build linux

package source

import (
	"os"
	"syscall"
	"time"
)

// signature returns device and inode, and when the inode last changed, which no
// program can set back.
func signature(info os.FileInfo) (sig [2]uint64, changed time.Time) {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return sig, time.Now()
	}
	return [2]uint64{uint64(st.Dev), st.Ino}, time.Unix(st.Ctim.Sec, st.Ctim.Nsec)
}
