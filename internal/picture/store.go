package picture

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
)

// Store keeps what was made, by a name that stands for its content. It may lose anything
// at any time.
type Store interface {
	Get(name string) ([]byte, bool)
	Has(name string) bool
	Put(name string, data []byte) error
}

// memoryStore keeps variants as long as its kit lives.
type memoryStore struct{ m sync.Map }

func (s *memoryStore) Get(name string) ([]byte, bool) {
	v, ok := s.m.Load(name)
	if !ok {
		return nil, false
	}
	return v.([]byte), true
}

func (s *memoryStore) Has(name string) bool { _, ok := s.m.Load(name); return ok }

func (s *memoryStore) Put(name string, data []byte) error { s.m.Store(name, data); return nil }

// Folder is a store on disk. Each file has its SHA-256 at its end: one that was cut short
// or damaged is not there.
type Folder string

// Get reads a file.
func (d Folder) Get(name string) ([]byte, bool) {
	b, err := os.ReadFile(filepath.Join(string(d), name))
	if err != nil || len(b) < sha256.Size {
		return nil, false
	}
	data, sum := b[:len(b)-sha256.Size], b[len(b)-sha256.Size:]
	if have := sha256.Sum256(data); !bytes.Equal(have[:], sum) {
		return nil, false
	}
	return data, true
}

// Has tells whether there is a file, without looking into it.
func (d Folder) Has(name string) bool {
	_, err := os.Stat(filepath.Join(string(d), name))
	return err == nil
}

// Put writes a file, whole or not at all.
func (d Folder) Put(name string, data []byte) error {
	if err := os.MkdirAll(string(d), 0o755); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(string(d), ".press-*")
	if err != nil {
		return err
	}
	sum := sha256.Sum256(data)
	_, err = tmp.Write(data)
	_, err2 := tmp.Write(sum[:])
	if err = errors.Join(err, err2, tmp.Chmod(0o644), tmp.Close()); err == nil {
		err = os.Rename(tmp.Name(), filepath.Join(string(d), name))
	}
	if err != nil {
		os.Remove(tmp.Name())
	}
	return err
}

// Keep removes every file that none of shots uses: what the last build had no use for
// would only grow.
func (d Folder) Keep(shots []*Shot) error {
	entries, err := os.ReadDir(string(d))
	if errors.Is(err, fs.ErrNotExist) || len(entries) == 0 {
		return nil
	}
	if err != nil {
		return err
	}
	used := map[string]bool{}
	for _, s := range shots {
		for _, v := range s.variants {
			used[v.stored()] = true
		}
	}
	for _, e := range entries {
		if !used[e.Name()] {
			err = errors.Join(err, os.Remove(filepath.Join(string(d), e.Name())))
		}
	}
	return err
}
