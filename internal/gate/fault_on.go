//go:build gatetest

package gate

import (
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
)

// armed is the fault that is to come.
var armed atomic.Pointer[string]

// reached counts how often its point was.
var reached atomic.Int64

// Arm chooses the fault to come, as "point" or "point:n"; "" for none. Until it is
// called, GATE_TEST_FAULT counts. It exists in test builds alone.
func Arm(point string) {
	armed.Store(&point)
	reached.Store(0)
}

// fault kills the process at a named point, the n-th time it comes there.
func fault(point string) {
	chosen := os.Getenv("GATE_TEST_FAULT")
	if p := armed.Load(); p != nil {
		chosen = *p
	}
	name, nth, _ := strings.Cut(chosen, ":")
	if name != point {
		return
	}
	n, _ := strconv.ParseInt(nth, 10, 64)
	if reached.Add(1) >= max(n, 1) {
		syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {} // until the signal arrives
	}
}

// Fault is fault for the packages around this one.
func Fault(point string) { fault(point) }
