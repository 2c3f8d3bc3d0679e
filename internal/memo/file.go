package memo

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"debug/elf"
	"encoding/binary"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"sync"
)

const magic = "press memo 1\n"

// Load returns a Memo that knows what the last run saved at path. A file that is
// missing, cut short, damaged anywhere or written by another program is no memory
// at all, and no error: everything is made anew.
func Load(path string) *Memo {
	m := New()
	data, err := os.ReadFile(path)
	if err != nil || len(data) < len(magic)+2*sha256.Size {
		return m
	}
	body, sum := data[:len(data)-sha256.Size], data[len(data)-sha256.Size:]
	if got := sha256.Sum256(body); !bytes.Equal(got[:], sum) || !bytes.HasPrefix(body, []byte(magic)) {
		return m
	}
	program := Program()
	d := decoder{body[len(magic):]}
	if !bytes.Equal(d.take(len(program)), program[:]) {
		return m
	}
	m.disk = map[Key][]byte{}
	for len(d.b) > 0 {
		k := Key(d.take(len(Key{})))
		m.disk[k] = d.take(int(d.uint()))
	}
	return m
}

// Save writes what this round asked for, whole or not at all: readers of path see
// the old file or the new one.
func (m *Memo) Save(path string) error { return m.save(path, false) }

// SaveStopped is Save for a round that did not come to its end: what Load found and the
// round has not asked for stays, too.
func (m *Memo) SaveStopped(path string) error { return m.save(path, true) }

func (m *Memo) save(path string, stopped bool) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	keys := make([]Key, 0, len(m.live))
	for k, e := range m.live {
		if e.round == m.round {
			keys = append(keys, k)
		}
	}
	if stopped {
		keys = slices.AppendSeq(keys, maps.Keys(m.disk))
	}
	slices.SortFunc(keys, func(a, b Key) int { return bytes.Compare(a[:], b[:]) })
	return writeFile(path, func(w io.Writer) error {
		h := sha256.New()
		out := bufio.NewWriterSize(io.MultiWriter(w, h), 1<<20)
		program := Program()
		out.WriteString(magic)
		out.Write(program[:])
		var head, value []byte
		for _, k := range keys {
			if e := m.live[k]; e == nil {
				value = m.disk[k]
			} else if value = e.encoded; value == nil {
				value = e.encode()
			}
			head = binary.AppendUvarint(append(head[:0], k[:]...), uint64(len(value)))
			out.Write(head)
			out.Write(value)
		}
		if err := out.Flush(); err != nil { // bufio keeps the first error of all writes
			return err
		}
		_, err := w.Write(h.Sum(nil))
		return err
	})
}

// encode writes the entry as stored[T] would be, without knowing T.
func (e *entry) encode() []byte {
	b := appendValue(nil, reflect.ValueOf(e.value), false)
	return appendValue(b, reflect.ValueOf(e.problems), false)
}

// WriteFile writes data to path whole or not at all, readable by its owner alone.
func WriteFile(path string, data []byte) error {
	return writeFile(path, func(w io.Writer) error { _, err := w.Write(data); return err })
}

// writeFile writes a file so that a reader or a crash sees all of it or none, making
// the folder when it is missing. It is private to its owner: what we remember may be
// under embargo.
func writeFile(path string, write func(io.Writer) error) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".tmp-*")
	if err != nil {
		return err
	}
	err = errors.Join(write(f), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}

// Program is the key of the running program: values remembered by another build
// of it may mean something else.
var Program = sync.OnceValue(func() Key {
	path, err := os.Executable()
	if err != nil {
		return Key{}
	}
	if f, err := elf.Open(path); err == nil {
		defer f.Close()
		// The linker's build id is a hash of all that went into the program.
		if s := f.Section(".note.go.buildid"); s != nil {
			if id, err := s.Data(); err == nil {
				return Hash("buildid", id)
			}
		}
	}
	f, err := os.Open(path)
	if err != nil {
		return Key{}
	}
	defer f.Close()
	r, key := Reader(f)
	if _, err := io.Copy(io.Discard, r); err != nil {
		return Key{}
	}
	return key()
})
