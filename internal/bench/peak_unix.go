//go:build unix

package main

import (
	"os"
	"runtime"
	"syscall"
)

// peak returns the most memory, in bytes, that the process held at any moment.
func peak(p *os.ProcessState) int64 {
	r, ok := p.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	if runtime.GOOS == "darwin" {
		return int64(r.Maxrss)
	}
	return int64(r.Maxrss) * 1024 // KiB on Linux and the BSDs, getrusage(2)
}
