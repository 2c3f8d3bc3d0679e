// Package memo remembers pure steps by the hash of their inputs.
//
// In go a key, made from everything a step depends on, and the step; out comes
// its value with the problems it told, from memory, from the last run's file or
// made anew. It never decides what is out of date: a changed input is another
// key. Values are complete when made and never changed after; whoever changes a
// remembered value breaks the next build.
package memo

import (
	"fmt"
	"slices"
	"sync"

	"pressroom/internal/report"
)

// Memo holds remembered values. A nil *Memo remembers nothing and is valid.
type Memo struct {
	mu    sync.Mutex
	live  map[Key]*entry
	disk  map[Key][]byte // encoded entries of the last run, read on demand
	round int
	ran   []string
}

type entry struct {
	value    any
	problems report.List
	round    int    // the last round that asked for it
	encoded  []byte // as it came from disk, to be saved again without work
}

// New returns an empty Memo.
func New() *Memo { return &Memo{live: map[Key]*entry{}, round: 1} }

// stored is what an entry looks like on disk.
type stored[T any] struct {
	Value    T
	Problems report.List
}

// Do returns what step returns for key k, from memory where it can. The name of
// the step is only for Ran; a step without one is not listed. Problems are remembered with the value and told
// again on a hit. T must be a type that Hash accepts.
func Do[T any](m *Memo, name string, k Key, step func() (T, report.List)) (T, report.List) {
	if m == nil {
		return step()
	}
	m.mu.Lock()
	if e, ok := m.live[k]; ok {
		if v, ok := e.value.(T); ok {
			e.round = m.round
			m.mu.Unlock()
			return v, e.problems
		}
	}
	data := m.disk[k]
	m.mu.Unlock()

	e := &entry{encoded: data}
	var s stored[T]
	anew := data == nil || decode(data, &s) != nil
	if anew {
		s.Value, s.Problems = step()
		e.encoded = nil
	}
	e.value, e.problems = s.Value, s.Problems

	m.mu.Lock()
	defer m.mu.Unlock()
	e.round = m.round
	m.live[k] = e
	delete(m.disk, k)
	if anew && name != "" {
		m.ran = append(m.ran, name)
	}
	return s.Value, s.Problems
}

// Ran names the steps that were really executed since the last call, sorted.
func (m *Memo) Ran() []string {
	if m == nil {
		return nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	r := m.ran
	m.ran = nil
	slices.Sort(r)
	return r
}

// Sweep ends a round: it forgets what the round did not ask for, so that a long
// preview does not keep every keystroke of the day.
func (m *Memo) Sweep() {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for k, e := range m.live {
		if e.round < m.round {
			delete(m.live, k)
		}
	}
	m.disk = nil
	m.round++
}

func (m *Memo) String() string { return fmt.Sprintf("memo of %d values", len(m.live)) }

// Knows tells whether the fact of a key is remembered.
func (m *Memo) Knows(k Key) bool {
	if m == nil {
		return false
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.live[k] != nil || m.disk[k] != nil
}

// Fact remembers a key found out by reading, as a file's hash by its stat. A zero
// key is a failure and is not remembered.
func Fact(m *Memo, k Key, read func() Key) Key {
	if m == nil {
		return read()
	}
	v, _ := Do(m, "", k, func() (Key, report.List) { return read(), nil })
	if v.IsZero() {
		m.mu.Lock()
		delete(m.live, k)
		m.mu.Unlock()
	}
	return v
}
