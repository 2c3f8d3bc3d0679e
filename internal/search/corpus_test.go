package search

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"pressroom/internal/memo"
	"pressroom/internal/site"
	"pressroom/internal/words"
)

// corpus is n items of random texts: few words often, many words rarely.
func corpus(r *rand.Rand, lang string, n, size int) site.Searchable {
	x := site.Searchable{Lang: lang}
	for i := range n {
		x.Items = append(x.Items, item(lang, i, text(r, 3), text(r, 5), text(r, 1+r.IntN(size)), r))
	}
	return x
}

func text(r *rand.Rand, n int) string {
	var b strings.Builder
	for range n {
		fmt.Fprintf(&b, "%s ", word(int(math.Exp(r.Float64()*7))))
	}
	return strings.TrimSpace(b.String())
}

// word is the n-th word of an invented language; near numbers share beginnings.
func word(n int) string {
	syllables := []string{"ka", "ro", "mi", "tel", "sun", "ar", "vo", "pé"}
	s := ""
	for ; n > 0; n /= len(syllables) {
		s = syllables[n%len(syllables)] + s
	}
	return "b" + s
}

func item(lang string, i int, title, summary, body string, r *rand.Rand) site.Findable {
	c := words.In(lang).Count()
	c.Text(title, 8)
	c.Text(summary, 3)
	c.Text(body, 1)
	pick := func(kind string, n int) []site.Facet {
		k := r.IntN(n)
		return []site.Facet{{Slug: fmt.Sprintf("%s-%d", kind, k), Name: fmt.Sprintf("%s N%d", strings.ToUpper(kind[:1])+kind[1:], k)}}
	}
	f := site.Findable{
		URL: fmt.Sprintf("/news/%d/", i), Title: title, Summary: summary, Kind: site.Facet{Slug: "news", Name: "News"},
		Date:  site.Date{ISO: fmt.Sprintf("%d-05-27T10:00:00Z", 2000+i/300), Text: "27 May"},
		Words: [][]byte{c.Pack()}, Topics: slices.Concat(pick("topic", 4), pick("topic", 9)[:r.IntN(2)]),
	}
	if len(f.Topics) > 1 && f.Topics[0] == f.Topics[1] {
		f.Topics = f.Topics[:1]
	}
	if r.IntN(3) > 0 {
		f.Speakers = pick("speaker", 20)
	}
	if r.IntN(3) > 0 {
		f.Place = pick("place", 7)[0]
	}
	if r.IntN(5) == 0 {
		f.Others = []site.Facet{{Slug: "xx", Name: "Xxian"}}
	}
	f.Key = memo.Hash(f.URL, title, summary, body, f.Speakers, f.Topics, f.Place, f.Others)
	return f
}
