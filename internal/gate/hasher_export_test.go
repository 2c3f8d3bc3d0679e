package gate

import "runtime"

// WaitQueued returns when so many wait for a hasher.
func WaitQueued(h *Hasher, n int) {
	for len(h.queue) != n {
		runtime.Gosched()
	}
}

// ReadHash reads a hash and writes it again.
func ReadHash(hash string) (string, bool) {
	p, err := parsePHC(hash)
	return p.String(), err == nil
}
