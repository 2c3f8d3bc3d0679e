//go:build gatetest

package gate

import (
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
)

var faults atomic.Int64

// fault kills the process at a named point, the n-th time it comes there, when
// GATE_TEST_FAULT is "point" or "point:n". It exists in test builds alone.
func fault(point string) {
	name, nth, _ := strings.Cut(os.Getenv("GATE_TEST_FAULT"), ":")
	if name != point {
		return
	}
	n, _ := strconv.ParseInt(nth, 10, 64)
	if faults.Add(1) >= max(n, 1) {
		syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {} // until the signal arrives
	}
}

// Fault is fault for the packages around this one.
func Fault(point string) { fault(point) }
