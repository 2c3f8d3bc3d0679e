package search

import (
	"slices"
	"strings"

	"pressroom/internal/memo"
	"pressroom/internal/site"
	"pressroom/internal/words"
)

// contents say what a segment consists of: the word that each piece of words begins with,
// and what the pieces are called. Names stand one behind the other.
type contents struct {
	Starts    []string `json:"starts"` // sorted; the first is ""
	Words     string   `json:"words"`
	Shelf     int      `json:"shelf"`     // how many items have a name in common
	Documents string   `json:"documents"` // the shelves
	Known     string   `json:"known"`
}

// build makes the pieces of a segment.
func build(lang string, items []site.Findable, s span) segment {
	var b binder
	c := contents{Shelf: s.shelf}
	c.Starts, c.Words = b.words(postings(lang, items), s.least)
	c.Documents = b.documents(items, s.shelf)
	c.Known = b.add(encodeJSON(vocabulary(items)), ".json")
	return segment{Contents: &c, Pieces: b.pieces, Bytes: memo.Keep(b.bytes)}
}

// A posting is the number of an item in its segment with the impact of a word there, 1 to
// 15, in the four lowest bits; of a facet there is none.
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
		put := func(word []byte, impact uint32) {
			id, ok := ids[string(word)]
			if !ok {
				id = len(l.words)
				w := string(word)
				ids[w] = id
				l.words, l.of = append(l.words, w), append(l.of, nil)
			}
			l.of[id] = append(l.of[id], uint32(n)<<impactBits|impact)
		}
		scale := scaleOf(length)
		words.Merge(cursors, func(word []byte, weight int) { put(word, impact(weight, scale)) })
		for _, f := range facets(it) {
			put([]byte(f), 0)
		}
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
