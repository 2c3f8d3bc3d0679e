package words

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"html"
	"slices"
	"strings"
	"sync"
)

// A Counter weighs the words of one document. It is taken by Count and given back by
// Pack.
type Counter struct {
	cutter
	weight int
	length int      // of all texts, in words
	run    []byte   // of HTML: the text since the last tag
	arena  []byte   // the words, one behind the other
	seen   []seen   // in the order of their coming
	slots  []uint16 // a hash table of numbers into seen, from 1
}

// seen is one word of the document.
type seen struct {
	head   uint64 // its first eight bytes, to sort by
	at     uint32 // in the arena
	size   uint8
	weight int32
}

// slots is the size of an empty table; a table is never more than half full.
const slots = 1024

var counters = sync.Pool{New: func() any {
	c := &Counter{slots: make([]uint16, slots)}
	c.emit = c.add
	return c
}}

// Count begins to count the words of a document in this language.
func (l *Language) Count() *Counter {
	c := counters.Get().(*Counter)
	c.lang = l
	return c
}

// Text counts the words of a plain text, each as often as weight says.
func (c *Counter) Text(s string, weight int) {
	c.weight = weight
	c.text(s)
}

// inline are the tags that do not part words.
const inline = " a em strong b i code del sub sup span bdi "

// closing ends a tag, and a mark of package content.
var closing = map[bool][]byte{false: []byte(">"), true: {0}}

// HTML counts the words of a text of package content: what stands between its tags and
// marks.
func (c *Counter) HTML(b []byte, weight int) {
	c.weight = weight
	run := c.run[:0]
	for len(b) > 0 {
		i := bytes.IndexAny(b, "<\x00")
		if i < 0 {
			i = len(b)
		}
		run = append(run, b[:i]...)
		if b = b[i:]; len(b) == 0 {
			break
		}
		mark, rest, _ := bytes.Cut(b[1:], closing[b[0] == 0])
		switch {
		case b[0] == '<' && !strings.Contains(inline, " "+tag(mark)+" "):
			c.flush(run)
			run = run[:0]
		case b[0] == 0 && bytes.HasPrefix(mark, []byte(".")): // a picture or an embed stands here
			run = append(run, ' ')
		}
		b = rest
	}
	c.flush(run)
	c.run = run
}

func (c *Counter) flush(run []byte) {
	s := string(run)
	if strings.IndexByte(s, '&') >= 0 {
		s = html.UnescapeString(s)
	}
	c.text(s)
}

// tag is the name of a tag: "a" of `a href="/"` and of "/a".
func tag(b []byte) string {
	b = bytes.TrimPrefix(b, []byte("/"))
	if i := bytes.IndexAny(b, " /\n"); i >= 0 {
		b = b[:i]
	}
	return string(b)
}

// add counts one word.
func (c *Counter) add(w []byte) {
	c.length++
	h := uint32(2166136261) // FNV-1a, 32 bits
	for _, b := range w {
		h = (h ^ uint32(b)) * 16777619
	}
	mask := uint32(len(c.slots) - 1)
	for i := h & mask; ; i = (i + 1) & mask {
		n := c.slots[i]
		if n == 0 {
			c.enter(w, i)
			return
		}
		if s := &c.seen[n-1]; int(s.size) == len(w) && string(c.arena[s.at:s.at+uint32(s.size)]) == string(w) {
			s.weight += int32(c.weight)
			return
		}
	}
}

// most is how many different words of a document are counted: as many as the table's
// numbers reach.
const most = 1<<15 - 1

func (c *Counter) enter(w []byte, slot uint32) {
	if len(c.seen) == most {
		return
	}
	var head [8]byte
	copy(head[:], w)
	c.seen = append(c.seen, seen{binary.BigEndian.Uint64(head[:]), uint32(len(c.arena)), uint8(len(w)), int32(c.weight)})
	c.arena = append(c.arena, w...)
	c.slots[slot] = uint16(len(c.seen))
	if 2*len(c.seen) > len(c.slots) {
		c.grow()
	}
}

func (c *Counter) grow() {
	c.slots = make([]uint16, 2*len(c.slots))
	mask := uint32(len(c.slots) - 1)
	for n, s := range c.seen {
		h := uint32(2166136261)
		for _, b := range c.arena[s.at : s.at+uint32(s.size)] {
			h = (h ^ uint32(b)) * 16777619
		}
		i := h & mask
		for c.slots[i] != 0 {
			i = (i + 1) & mask
		}
		c.slots[i] = uint16(n + 1)
	}
}

// Pack ends the count and returns it: how many words there were, and each word once, sorted,
// with its weight. Words share what their beginnings have in common.
func (c *Counter) Pack() []byte {
	slices.SortFunc(c.seen, func(a, b seen) int {
		if a.head != b.head {
			return cmp.Compare(a.head, b.head)
		}
		return bytes.Compare(c.arena[a.at:a.at+uint32(a.size)], c.arena[b.at:b.at+uint32(b.size)])
	})
	out := binary.AppendUvarint(make([]byte, 0, 8+6*len(c.seen)), uint64(c.length))
	var last []byte
	for _, s := range c.seen {
		w := c.arena[s.at : s.at+uint32(s.size)]
		same := common(last, w)
		out = append(out, byte(same), byte(len(w)-same))
		out = append(out, w[same:]...)
		out = binary.AppendUvarint(out, uint64(s.weight))
		last = w
	}
	if len(c.slots) > slots {
		c.slots = make([]uint16, slots)
	}
	clear(c.slots)
	c.arena, c.seen, c.length, c.lang = c.arena[:0], c.seen[:0], 0, nil
	counters.Put(c)
	return slices.Clip(out)
}

// common is how many bytes two words begin with alike.
func common(a, b []byte) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return i
		}
	}
	return n
}

// Length is how many words a count has counted.
func Length(packed []byte) int {
	n, _ := binary.Uvarint(packed)
	return int(n)
}

// Cursor reads the words of a count, sorted.
type Cursor struct {
	Word   []byte // good until the next
	Weight int
	packed []byte
}

// Read begins to read a count.
func Read(packed []byte) *Cursor {
	_, n := binary.Uvarint(packed)
	return &Cursor{packed: packed[max(n, 0):]}
}

// Next goes on to the next word, and tells whether there is one.
func (c *Cursor) Next() bool {
	if len(c.packed) < 3 {
		return false
	}
	same, more := int(c.packed[0]), int(c.packed[1])
	c.Word = append(c.Word[:same], c.packed[2:2+more]...)
	weight, n := binary.Uvarint(c.packed[2+more:])
	c.Weight, c.packed = int(weight), c.packed[2+more+n:]
	return true
}

// Merge hands out the words of several counts together, sorted, each once with its whole
// weight. The bytes of a word are good until the next.
func Merge(cursors []*Cursor, f func(word []byte, weight int)) {
	cursors = slices.DeleteFunc(cursors, func(c *Cursor) bool { return !c.Next() })
	for len(cursors) > 0 {
		least := 0
		for i, c := range cursors {
			if bytes.Compare(c.Word, cursors[least].Word) < 0 {
				least = i
			}
		}
		first := cursors[least]
		weight := first.Weight
		for i := len(cursors) - 1; i > least; i-- {
			if c := cursors[i]; bytes.Equal(c.Word, first.Word) {
				weight += c.Weight
				if !c.Next() {
					cursors = slices.Delete(cursors, i, i+1)
				}
			}
		}
		f(first.Word, weight)
		if !first.Next() {
			cursors = slices.Delete(cursors, least, least+1)
		}
	}
}
