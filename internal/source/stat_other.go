//go:build !linux

package source

import (
	"os"
	"time"
)

// signature cannot tell a file from its replacement here, so every file is read.
func signature(os.FileInfo) (sig [2]uint64, changed time.Time) { return sig, time.Now() }
