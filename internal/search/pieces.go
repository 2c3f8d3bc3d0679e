package search

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"hash/fnv"
	"slices"
	"strings"
)

const (
	// long is from how many postings on only the best ones keep their impact: of so many
	// nobody reads the others by rank, and an impact that is always the same packs into nothing.
	long = 2048
	best = 1024
)

// chunkSize is the least size of a piece of words before it is packed; most are twice as large.
// The more items, the larger: each piece has a name to be told.
func chunkSize(items int) int {
	switch {
	case items >= many:
		return 16 << 10
	case items >= 4096:
		return 8 << 10
	case items >= fewUnit:
		return 3 << 10
	}
	return 2 << 10
}

// words makes the pieces of words. A piece ends where the hash of a word says so, and the
// more likely the more room the word takes: a word that comes or goes moves no end but its own.
// A word that fills a piece has one of its own, so that nobody else must fetch it.
func (b *binder) words(l lists, least int) (starts []string, names string) {
	room := make([]int, len(l.words))
	for i, of := range l.of {
		room[i] = len(l.words[i]) + 2*len(of)
	}
	var told strings.Builder
	from, size, start := 0, 0, ""
	for i, w := range l.words {
		size += room[i]
		end := i+1 == len(l.words)
		full := size >= 4*least || size >= least && hashOf(w)%uint32(least) < uint32(room[i])
		if !end && !full && room[i] < least && room[i+1] < least {
			continue
		}
		starts = append(starts, start)
		told.WriteString(b.add(b.pack(l.words[from:i+1], l.of[from:i+1]), ".bin"))
		if from, size = i+1, 0; !end {
			start = between(w, l.words[from])
		}
	}
	return starts, told.String()
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
func (p *packer) pack(words []string, of [][]uint32) []byte {
	p.heads = binary.AppendUvarint(p.heads[:0], uint64(len(words)))
	p.gaps, p.impacts = p.gaps[:0], p.impacts[:0]
	last := ""
	for i, w := range words {
		same := 0
		for same < min(len(last), len(w)) && last[same] == w[same] {
			same++
		}
		last = w
		p.heads = binary.AppendUvarint(p.heads, uint64(same))
		p.heads = binary.AppendUvarint(p.heads, uint64(len(w)-same))
		p.heads = append(p.heads, w[same:]...)
		p.heads = binary.AppendUvarint(p.heads, uint64(len(of[i])))
		next := uint32(0)
		for _, posting := range flatten(of[i]) {
			item := posting >> impactBits
			p.gaps = binary.AppendUvarint(p.gaps, uint64(item-next))
			p.impacts = append(p.impacts, byte(posting&15))
			next = item + 1
		}
	}
	var out bytes.Buffer
	if p.deflate == nil {
		p.deflate, _ = flate.NewWriter(nil, flate.DefaultCompression) // there is such a level
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
