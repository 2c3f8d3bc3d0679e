package search

import (
	"bytes"
	"compress/flate"
	"context"
	"encoding/binary"
	"hash/fnv"
	"pressroom/internal/several"
	"slices"
	"strings"
	"sync"
)

// level is where deflate still is quick: the best one packs into 2 % less in twice the time.
const level = 4

const (
	// long is from how many postings on only the best ones keep their impact: of so many
	// nobody reads the others by rank, and an impact that is always the same packs into nothing.
	long = 2048
	best = 1024
)

// words makes the pieces of words. A piece ends where the hash of a word says so, and the
// more likely the more room the word takes: a word that comes or goes moves no end but its own.
// A word that would fill a piece has one of its own, which nobody fetches for another's sake.
func (b *binder) words(l lists, least int) (starts []string, names string) {
	room := func(i int) int { return len(l.words[i]) + 2*len(l.of[i]) }
	var pieces []lists
	from, size, start := 0, 0, ""
	for i, w := range l.words {
		to, own := i+1, room(i)
		size += own
		full := size >= 4*least || size >= least && hashOf(w)%uint32(least) < uint32(own)
		last := to == len(l.words)
		if !last && !full && own < least && room(to) < least {
			continue
		}
		starts = append(starts, start)
		if !last {
			start = between(w, l.words[to])
		}
		pieces = append(pieces, lists{l.words[from:to], l.of[from:to]})
		from, size = to, 0
	}
	var told strings.Builder
	for _, data := range packAll(pieces) {
		told.WriteString(b.add(data, ".bin"))
	}
	return starts, told.String()
}

// packAll packs pieces several at a time: that is half of the work of an index.
func packAll(pieces []lists) [][]byte {
	packed := make([][]byte, len(pieces))
	packers := sync.Pool{New: func() any { return new(packer) }}
	several.Do(context.Background(), len(pieces), func(i int) {
		p := packers.Get().(*packer)
		packed[i] = p.pack(pieces[i])
		packers.Put(p)
	})
	return packed
}

// between is the shortest word that is greater than a and not greater than b, to tell two
// pieces apart by, at a whole letter.
func between(a, b string) string {
	for i := range b {
		if i > 0 && b[:i] > a {
			return b[:i]
		}
	}
	return b
}

func hashOf(w string) uint32 {
	h := fnv.New32a()
	h.Write([]byte(w))
	return h.Sum32() * 2654435761 >> 8 // Knuth's multiplier spreads what short words leave together
}

// packer packs words. It is used again and again, because a compressor is large.
type packer struct {
	heads, gaps, impacts []byte
	deflate              *flate.Writer
}

// pack writes words with their postings: how many words; for each how many bytes it shares with the one
// before, how many follow, those, and how many postings it has; then, of one word after the other, how
// many items lie before each of its items; then their impacts, a byte each. What is alike stands
// together, which packs best.
func (p *packer) pack(l lists) []byte {
	p.heads = binary.AppendUvarint(p.heads[:0], uint64(len(l.words)))
	p.gaps, p.impacts = p.gaps[:0], p.impacts[:0]
	last := ""
	for i, w := range l.words {
		same := 0
		for same < min(len(last), len(w)) && last[same] == w[same] {
			same++
		}
		last = w
		p.heads = binary.AppendUvarint(p.heads, uint64(same))
		p.heads = binary.AppendUvarint(p.heads, uint64(len(w)-same))
		p.heads = append(p.heads, w[same:]...)
		p.heads = binary.AppendUvarint(p.heads, uint64(len(l.of[i])))
		next := uint32(0)
		for _, posting := range flatten(l.of[i]) {
			item := posting >> impactBits
			p.gaps = binary.AppendUvarint(p.gaps, uint64(item-next))
			p.impacts = append(p.impacts, byte(posting&15))
			next = item + 1
		}
	}
	var out bytes.Buffer
	if p.deflate == nil {
		p.deflate, _ = flate.NewWriter(nil, level) // there is such a level
	}
	p.deflate.Reset(&out)
	for _, part := range [][]byte{p.heads, p.gaps, p.impacts} {
		p.deflate.Write(part) // to a buffer, which takes all
	}
	p.deflate.Close()
	return out.Bytes()
}

// flatten gives all of a long list but the best, of equal ones the newest, the same impact.
func flatten(of []uint32) []uint32 {
	if len(of) < long {
		return of
	}
	var count [1 << impactBits]int
	for _, p := range of {
		count[p&15]++
	}
	least, room := 15, best
	for ; count[least] < room; least-- {
		room -= count[least]
	}
	skip := count[least] - room // the oldest of the least impact
	flat, others := slices.Clone(of), make([]int, 0, len(of)-best)
	sum := 0
	for i, p := range of {
		at := int(p & 15)
		if at < least || at == least && skip > 0 {
			if at == least {
				skip--
			}
			sum += at
			others = append(others, i)
		}
	}
	usual := uint32(sum / len(others))
	for _, i := range others {
		flat[i] = of[i]&^15 | usual
	}
	return flat
}
