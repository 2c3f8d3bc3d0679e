package search

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"pressroom/internal/site"
)

// document is what a find shows: address, title, summary, date as in "2024-05-27", date in
// words, kind, place, length of a video and its picture. Empty ends are left out.
type document []string

func documents(items []site.Findable) []document {
	out := make([]document, len(items))
	for i := range items {
		it := &items[i]
		day, _, _ := strings.Cut(it.Date.ISO, "T")
		d := document{it.URL, it.Title, it.Summary, day, it.Date.Text, it.Kind.Name, it.Place.Name, it.Duration, it.Image}
		for d[len(d)-1] == "" {
			d = d[:len(d)-1]
		}
		out[i] = d
	}
	return out
}

const (
	// handful is how many items a piece of documents holds. Finds stand far apart, so that each brings
	// the whole piece along.
	handful = 8
)

// documents makes the pieces of documents and returns the names of their shelves. A shelf is
// so many items whose pieces have a name in common and a number each.
func (b *binder) documents(items []site.Findable, shelf int) string {
	var names strings.Builder
	for shelf := range slices.Chunk(items, shelf) {
		var pieces [][]byte
		for part := range slices.Chunk(shelf, handful) {
			pieces = append(pieces, encodeJSON(documents(part)))
		}
		names.WriteString(b.shelve(pieces, ".json"))
	}
	return names.String()
}

// facets are what an item can be narrowed to, each as a word that no text has: its kind, slug and name.
func facets(it *site.Findable) []string {
	year, _, _ := strings.Cut(it.Date.ISO, "-")
	var out []string
	add := func(kind string, of ...site.Facet) {
		for _, f := range of {
			if f.Slug != "" {
				out = append(out, ":"+kind+":"+f.Slug+":"+f.Name)
			}
		}
	}
	add("type", it.Kind)
	add("year", site.Facet{Slug: year, Name: year})
	add("speaker", it.Speakers...)
	add("place", it.Place)
	add("topic", it.Topics...)
	add("language", it.Others...)
	slices.Sort(out)
	return slices.Compact(out)
}

const (
	known     = 4096 // words of a vocabulary
	knownSize = 4    // letters of its shortest one
)

// vocabulary is the words to suggest in the place of one that stands nowhere: those of
// titles, summaries and names, as they are written there, the most frequent ones.
func vocabulary(items []site.Findable) []string {
	counts := map[string]int{}
	for i := range items {
		it := &items[i]
		texts := []string{it.Title, it.Summary, it.Place.Name}
		for _, x := range slices.Concat(it.Speakers, it.Topics) {
			texts = append(texts, x.Name)
		}
		for _, text := range texts {
			for w := range strings.FieldsFuncSeq(text, func(r rune) bool { return !unicode.In(r, unicode.L, unicode.M) }) {
				if utf8.RuneCountInString(w) >= knownSize {
					counts[strings.ToLower(w)]++
				}
			}
		}
	}
	list := slices.SortedFunc(maps.Keys(counts), func(a, b string) int { return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b)) })
	list = slices.Clip(list[:min(known, len(list))])
	slices.Sort(list)
	return append([]string{}, list...)
}
