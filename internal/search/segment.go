package search

import (
	"bytes"
	"encoding/binary"
	"hash/fnv"
	"slices"
	"strings"

	"pressroom/internal/memo"
	"pressroom/internal/site"
	"pressroom/internal/words"
)

// title is the title page of a segment: what its pieces are called, and which word each
// piece of words begins with. Names stand one behind the other.
type title struct {
	Starts    []string `json:"starts"` // sorted; the first is ""
	Words     string   `json:"words"`
	Rests     string   `json:"rests,omitempty"`
	Documents string   `json:"documents"`
	Facets    string   `json:"facets"`
	Known     string   `json:"known"`
}

// build makes the pieces of a segment.
func build(lang string, items []site.Findable) segment {
	var b binder
	var t title
	lists := postings(lang, items)
	t.Starts, t.Words, t.Rests = b.words(lists, len(items))
	var names strings.Builder
	for part := range slices.Chunk(items, batch) {
		names.WriteString(b.add(encodeJSON(documents(part)), ".json"))
	}
	t.Documents = names.String()
	t.Facets = b.add(encodeJSON(facetsOf(items)), ".json")
	t.Known = b.add(encodeJSON(vocabulary(items)), ".json")
	b.add(encodeJSON(t), ".json")
	return segment{Title: &t, Pieces: b.pieces, Bytes: memo.Keep(b.bytes)}
}

// A posting is the number of an item in its segment with the impact of a word there, 1 to
// 15, in the four lowest bits.
const impactBits = 4

// lists are the words of a segment, sorted, with their postings in the order of the items.
type lists struct {
	words []string
	of    [][]uint32
}

// nameWeight is how much a speaker's, a place's or a topic's name says of an item.
const nameWeight = 4

// postings reads the words of all items.
func postings(lang string, items []site.Findable) lists {
	ids := map[string]int{}
	var l lists
	language := words.In(lang)
	var cursors []*words.Cursor
	for n := range items {
		it := &items[n]
		c := language.Count()
		for _, f := range slices.Concat(it.Speakers, it.Topics, []site.Facet{it.Place}) {
			c.Text(f.Name, nameWeight)
		}
		cursors = append(cursors[:0], words.Read(c.Pack()))
		length := 0
		for _, packed := range it.Words {
			length += words.Length(packed)
			cursors = append(cursors, words.Read(packed))
		}
		scale := scaleOf(length)
		words.Merge(cursors, func(word []byte, weight int) {
			id, ok := ids[string(word)]
			if !ok {
				id = len(l.words)
				w := string(word)
				ids[w] = id
				l.words, l.of = append(l.words, w), append(l.of, nil)
			}
			l.of[id] = append(l.of[id], uint32(n)<<impactBits|impact(weight, scale))
		})
	}
	order := make([]int, len(l.words))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return strings.Compare(l.words[a], l.words[b]) })
	sorted := lists{make([]string, len(order)), make([][]uint32, len(order))}
	for i, id := range order {
		sorted.words[i], sorted.of[i] = l.words[id], l.of[id]
	}
	return sorted
}

// usual is the length of a text that makes a word count as it is; BM25 calls it the
// average. It is a number of ours and not the site's, which every article would change.
const usual = 400

// scaleOf is BM25's k1 * (1 - b + b * length / usual) with k1 = 1.2 and b = 0.75, in
// hundredths. Of the length only the first two binary digits count, so that a sentence
// more changes no other word's impact.
func scaleOf(length int) int {
	step := 1
	for length/step > 3 {
		step *= 2
	}
	return 30 + 90*(length/step*step)/usual
}

// impact is how much a word says of an item: BM25's growth with the word's weight, in 15
// steps. It is whole numbers throughout, so that all machines agree.
func impact(weight, scale int) uint32 {
	return uint32(max(1, min(15, weight*1600/(weight*100+scale))))
}

// deltas are postings as differences.
func deltas(of []uint32) []uint32 {
	out := make([]uint32, len(of))
	last := uint32(0)
	for i, p := range of {
		out[i] = p - last<<impactBits
		last = p >> impactBits
	}
	return out
}

const (
	// long is from how many postings on a list is cut in two: the best ones with the word,
	// and the rest in a piece for those who must know all.
	long = 2048
	best = 1024
	// large is the number of items from which on pieces of words are large: few and large
	// ones for many items, since each has a name to be told.
	large = 4096
)

// chunkSize is the least size of a piece of words; most are twice as large.
func chunkSize(items int) int {
	if items > large {
		return 6 << 10
	}
	return 2 << 10
}

// words makes the pieces of words. A piece ends where the hash of a word says so, and the
// more likely the more room the word takes: a word that comes or goes moves no end but its own.
func (b *binder) words(l lists, items int) (starts []string, names, rests string) {
	least := chunkSize(items)
	var chunk, rest []byte
	var restNames, chunkNames strings.Builder
	restFiles := 0
	last := ""
	flush := func() {
		if len(chunk) > 0 {
			chunkNames.WriteString(b.add(bytes.Clone(chunk), ".bin"))
			chunk = chunk[:0]
		}
	}
	start := ""
	for i, w := range l.words {
		if len(chunk) == 0 {
			starts = append(starts, start)
			last = ""
		}
		same := 0
		for same < min(len(last), len(w)) && last[same] == w[same] {
			same++
		}
		before := len(chunk)
		chunk = append(chunk, byte(same), byte(len(w)-same))
		chunk = append(chunk, w[same:]...)
		of := l.of[i]
		if len(of) < long {
			chunk = binary.AppendUvarint(chunk, uint64(len(of))<<1)
			chunk = appendPostings(chunk, of)
		} else {
			top, others := divide(of)
			chunk = binary.AppendUvarint(chunk, uint64(len(of))<<1|1)
			chunk = append(chunk, byte(average(others)))
			chunk = binary.AppendUvarint(chunk, uint64(restFiles))
			chunk = binary.AppendUvarint(chunk, uint64(len(rest)))
			chunk = binary.AppendUvarint(chunk, uint64(len(top)))
			chunk = appendPostings(chunk, top)
			if rest = appendRest(rest, others, items); len(rest) >= least {
				restNames.WriteString(b.add(rest, ".bin"))
				rest, restFiles = nil, restFiles+1
			}
		}
		last = w
		if size := len(chunk); size >= 4*least || size >= least && i+1 < len(l.words) && hashOf(w)%uint32(least) < uint32(size-before) {
			flush()
			if i+1 < len(l.words) {
				start = between(w, l.words[i+1])
			}
		}
	}
	flush()
	if len(rest) > 0 {
		restNames.WriteString(b.add(rest, ".bin"))
	}
	return starts, chunkNames.String(), restNames.String()
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

func appendPostings(b []byte, of []uint32) []byte {
	last := uint32(0)
	for _, p := range of {
		b = binary.AppendUvarint(b, uint64(p-last<<impactBits))
		last = p >> impactBits
	}
	return b
}

// divide parts a long list into those of the greatest impact, of equal ones the newest, and
// the others; both in the order of the items.
func divide(of []uint32) (top, others []uint32) {
	var count [1 << impactBits]int
	for _, p := range of {
		count[p&15]++
	}
	least, room := 15, best
	for ; count[least] < room; least-- {
		room -= count[least]
	}
	skip := count[least] - room // the oldest of the least impact
	for _, p := range of {
		switch at := int(p & 15); {
		case at > least:
			top = append(top, p)
		case at == least && skip == 0:
			top = append(top, p)
		default:
			if at == least {
				skip--
			}
			others = append(others, p)
		}
	}
	return top, others
}

// average is the impact that stands for all of the others.
func average(of []uint32) int {
	sum := 0
	for _, p := range of {
		sum += int(p & 15)
	}
	return max(1, sum/max(1, len(of)))
}

// appendRest writes items without impacts: as differences, or as a bit for each item
// where that is shorter.
func appendRest(b []byte, of []uint32, items int) []byte {
	var list []byte
	last := uint32(0)
	for _, p := range of {
		list = binary.AppendUvarint(list, uint64(p>>impactBits-last))
		last = p >> impactBits
	}
	if len(list) <= (items+7)/8 {
		b = binary.AppendUvarint(b, uint64(len(of))<<1)
		return append(b, list...)
	}
	bits := make([]byte, (items+7)/8)
	for _, p := range of {
		n := p >> impactBits
		bits[n/8] |= 1 << (n % 8)
	}
	b = binary.AppendUvarint(b, uint64(len(bits))<<1|1)
	return append(b, bits...)
}
