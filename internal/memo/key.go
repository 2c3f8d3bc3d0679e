package memo

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"io"
	"reflect"
	"sync"
)

// Key is the SHA-256 of what a value depends on.
type Key [sha256.Size]byte

// IsZero tells whether the key was never set.
func (k Key) IsZero() bool { return k == Key{} }

// String is the key in hexadecimal.
func (k Key) String() string { return hex.EncodeToString(k[:]) }

// Keyed is a value that knows its own key, so that Hash need not walk it: the
// frame all pages share, a body that is not made yet. Equal keys must mean equal
// values.
type Keyed interface{ MemoKey() Key }

var buffers = sync.Pool{New: func() any { b := make([]byte, 0, 8<<10); return &b }}

// Hash returns the key of parts: plain values, structs of exported fields,
// slices, maps, pointers, times and Keyed values, to any depth. It panics on a
// value that it cannot see whole (a func, a chan, a struct with unexported
// fields), because leaving something out would serve stale pages.
func Hash(parts ...any) Key {
	p := buffers.Get().(*[]byte)
	b := (*p)[:0]
	for _, part := range parts {
		if part == nil {
			b = append(b, 0)
			continue
		}
		v := reflect.ValueOf(part)
		// The type is part of the key: 1 and "1" are different inputs.
		b = append(append(b, v.Type().String()...), 0)
		b = appendValue(b, v, true)
	}
	k := Key(sha256.Sum256(b))
	*p = b
	buffers.Put(p)
	return k
}

// Of returns the key of bytes alone: the SHA-256 that others can compute too.
func Of(b []byte) Key { return sha256.Sum256(b) }

// Reader returns r together with a function giving the key of all that was read.
func Reader(r io.Reader) (io.Reader, func() Key) {
	h := sha256.New()
	return io.TeeReader(r, h), func() Key { return sum(h) }
}

func sum(h hash.Hash) (k Key) { h.Sum(k[:0]); return k }
