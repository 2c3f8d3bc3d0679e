package corpus

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// writer writes one article. All of its choices come from one stream of random
// numbers, so the order of the calls is part of what a seed means.
type writer struct {
	*rand.Rand
	speaker, place string // whom and where the article is about
}

// body writes 350 to 700 words of Markdown: paragraphs throughout, and in some
// articles headings, a list, a table, a set-off quotation.
func (w writer) body() []byte {
	var b bytes.Buffer
	target := 350 + w.IntN(270) // the last block runs over by up to 80 words
	headings, list, table, quotation := w.IntN(10) < 6, w.IntN(10) < 4, w.IntN(10) < 1, w.IntN(10) < 5
	for block, words := 0, 0; words < target; block++ {
		start := b.Len()
		if block > 0 {
			b.WriteByte('\n')
		}
		switch {
		case headings && block%4 == 3:
			fmt.Fprintf(&b, "## %s\n\n", w.sentence("heading"))
			w.paragraph(&b)
		case list && block == 2:
			w.list(&b)
		case table && block == 4:
			w.table(&b)
		case quotation && block == 5:
			fmt.Fprintf(&b, "> %s %s\n>\n> — %s\n", w.sentence("claim"), w.sentence("claim"), w.speaker)
		default:
			w.paragraph(&b)
		}
		words += len(bytes.Fields(b.Bytes()[start:]))
	}
	return b.Bytes()
}

func (w writer) paragraph(b *bytes.Buffer) {
	for i := 2 + w.IntN(3); i > 0; i-- {
		if w.IntN(5) == 0 {
			fmt.Fprintf(b, "“%s” %s said. ", strings.TrimSuffix(w.sentence("claim"), ".")+",", speakers.pick(w.Rand))
		} else {
			b.WriteString(w.sentence("sentence") + " ")
		}
	}
	b.Truncate(b.Len() - 1)
	b.WriteByte('\n')
}

func (w writer) list(b *bytes.Buffer) {
	fmt.Fprintf(b, "%s\n\n", w.sentence("before list"))
	for i := 3 + w.IntN(4); i > 0; i-- {
		fmt.Fprintf(b, "- %s\n", w.sentence("item"))
	}
}

func (w writer) table(b *bytes.Buffer) {
	year := 1985 + w.IntN(20)
	fmt.Fprintf(b, "| Place | %d | %d |\n| --- | ---: | ---: |\n", year, year+1)
	for i := 4 + w.IntN(5); i > 0; i-- {
		fmt.Fprintf(b, "| %s | %d | %d |\n", places.pick(w.Rand), 10+w.IntN(9000), 10+w.IntN(9000))
	}
}

// fit returns a sentence of the kind that is no longer than limit bytes.
func (w writer) fit(kind string, limit int) string {
	for {
		if s := w.sentence(kind); len(s) <= limit {
			return s
		}
	}
}

// sentence takes a pattern of the kind and fills its slots until none is left.
func (w writer) sentence(kind string) string {
	s := w.fill(kind)
	return strings.ToUpper(s[:1]) + s[1:] // every pattern and every name begins in ASCII
}

func (w writer) fill(kind string) string {
	switch kind {
	case "speaker":
		return speakers.pick(w.Rand)
	case "this speaker":
		return w.speaker
	case "place":
		return city(places.pick(w.Rand))
	case "this place":
		return city(w.place)
	case "few":
		return fmt.Sprint(2 + w.IntN(30))
	case "many":
		return fmt.Sprint(40 + w.IntN(5000))
	case "percent":
		return fmt.Sprint(1 + w.IntN(70))
	case "past": // before the first article, so that no text tells of its own future
		return fmt.Sprint(1985 + w.IntN(21))
	case "year": // after the last one
		return fmt.Sprint(2026 + w.IntN(20))
	}
	patterns, ok := grammar[kind]
	if !ok {
		panic("corpus: no pattern for " + kind)
	}
	var b strings.Builder
	rest := patterns[w.IntN(len(patterns))]
	for {
		before, after, found := strings.Cut(rest, "{")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		slot, after, _ := strings.Cut(after, "}")
		b.WriteString(w.fill(slot))
		rest = after
	}
}

func city(place string) string {
	name, _, _ := strings.Cut(place, ",")
	return name
}

// ranking is a list of names of which the first are met far more often than the
// last, as in any archive: the k-th is drawn in proportion to 1/(k+3).
type ranking struct {
	names []string
	upTo  []int // upTo[k] is the sum of the weights of names[0] to names[k]
}

// The weights are whole numbers, since sums of floats are not the same on every
// processor; the scale keeps the rarest of a thousand names apart from its neighbour.
func rank(names []string) ranking {
	r := ranking{names: names, upTo: make([]int, len(names))}
	sum := 0
	for k := range names {
		sum += 10_000_000 / (k + 3)
		r.upTo[k] = sum
	}
	return r
}

func (r ranking) pick(rnd *rand.Rand) string {
	k, _ := slices.BinarySearch(r.upTo, rnd.IntN(r.upTo[len(r.upTo)-1])+1)
	return r.names[k]
}
