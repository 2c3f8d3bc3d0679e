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

// facets are what the items of a segment can be narrowed to. Years are runs, because the
// items stand by date.
type facets struct {
	Year    []run  `json:"year"`
	Type    column `json:"type"`
	Place   column `json:"place"`
	Speaker column `json:"speaker"`
	Topic   column `json:"topic"`
}

// run is a year and how many items follow one another in it.
type run struct {
	Year  string `json:"year"`
	Count int    `json:"count"`
}

// column is one facet of all items: its values, sorted, and for each item none (0), the number of
// one, from 1, or the numbers of several.
type column struct {
	Values [][2]string `json:"values"` // slug and name
	Of     []any       `json:"of"`
}

func facetsOf(items []site.Findable) facets {
	f := facets{Year: []run{}}
	for i := range items {
		year, _, _ := strings.Cut(items[i].Date.ISO, "-")
		if n := len(f.Year); n == 0 || f.Year[n-1].Year != year {
			f.Year = append(f.Year, run{Year: year})
		}
		f.Year[len(f.Year)-1].Count++
	}
	one := func(x site.Facet) []site.Facet {
		if x.Slug == "" {
			return nil
		}
		return []site.Facet{x}
	}
	f.Type = columnOf(items, func(it *site.Findable) []site.Facet { return one(it.Kind) })
	f.Place = columnOf(items, func(it *site.Findable) []site.Facet { return one(it.Place) })
	f.Speaker = columnOf(items, func(it *site.Findable) []site.Facet { return it.Speakers })
	f.Topic = columnOf(items, func(it *site.Findable) []site.Facet { return it.Topics })
	return f
}

func columnOf(items []site.Findable, of func(*site.Findable) []site.Facet) column {
	names := map[string]string{}
	for i := range items {
		for _, x := range of(&items[i]) {
			names[x.Slug] = x.Name
		}
	}
	c := column{Values: make([][2]string, 0, len(names)), Of: make([]any, len(items))}
	numbers := map[string]int{}
	for _, slug := range slices.Sorted(maps.Keys(names)) {
		c.Values = append(c.Values, [2]string{slug, names[slug]})
		numbers[slug] = len(c.Values)
	}
	for i := range items {
		var these []int
		for _, x := range of(&items[i]) {
			these = append(these, numbers[x.Slug])
		}
		switch len(these) {
		case 0:
			c.Of[i] = 0
		case 1:
			c.Of[i] = these[0]
		default:
			c.Of[i] = these
		}
	}
	return c
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
