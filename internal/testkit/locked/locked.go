// Package locked has a buffer that one goroutine writes while another reads it, as a test
// does with the log of what it runs.
package locked

import (
	"bytes"
	"sync"
)

// Buffer is ready to use, and not to be copied.
type Buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *Buffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

// String is what was written so far.
func (l *Buffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
