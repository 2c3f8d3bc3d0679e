package search

import (
	"slices"
	"strings"
	"testing"

	bench "pressroom/internal/bench/corpus"
	"pressroom/internal/memo"
	"pressroom/internal/site"
	"pressroom/internal/words"
)

// press is n press articles, oldest first: prose with quotes, lists and tables.
func press(n int) site.Searchable {
	x := site.Searchable{Lang: "en"}
	all := bench.Corpus{Seed: 1, Articles: n}
	facet := func(name string) site.Facet { return site.Facet{Slug: strings.ReplaceAll(name, " ", "-"), Name: name} }
	for i := range n {
		a := all.Article(i)
		c := words.In("en").Count()
		c.Text(a.Title, 8)
		c.Text(a.Summary, 3)
		c.Text(string(a.Markdown()), 1)
		f := site.Findable{
			URL: a.Page(), Title: a.Title, Summary: a.Summary, Kind: site.Facet{Slug: "news", Name: "News"}, Place: facet(a.Location), Speakers: []site.Facet{facet(a.Speaker)},
			Date: site.Date{ISO: a.Date.Format("2006-01-02T15:04:05Z07:00"), Text: a.Date.Format("2 January 2006")}, Words: [][]byte{c.Pack()}, Key: memo.Hash(i),
		}
		for _, t := range a.Topics {
			f.Topics = append(f.Topics, facet(t))
		}
		x.Items = append(x.Items, f)
	}
	slices.SortFunc(x.Items, func(a, b site.Findable) int { return strings.Compare(a.Date.ISO+a.URL, b.Date.ISO+b.URL) })
	return x
}

// TestAThousandMore adds 1,024 articles to 10,000, one after the other, and counts all files
// of the index that come, go or change, merges included. An article changes 33 others.
func TestAThousandMore(t *testing.T) {
	if testing.Short() {
		t.Skip("takes some seconds")
	}
	const from, more, wanted = 10_000, 1_024, 7
	all := press(from + more)
	m := memo.New()
	var before map[string]bool
	files, size, worst := 0, 0, 0
	for n := from; n <= from+more; n++ {
		if n%batch != 0 && n > from {
			files++ // the manifest, as TestOneMore shows
			continue
		}
		x := Make(site.Searchable{Lang: "en", Items: all.Items[:n]}, m)
		now := map[string]bool{}
		for _, f := range x.Pieces {
			now[f.Path] = true
		}
		if before != nil {
			d := 1
			for name := range now {
				if !before[name] {
					d++
				}
			}
			for name := range before {
				if !now[name] {
					d++
				}
			}
			files += d
			worst = max(worst, d)
		}
		before, size = now, len(now)
		m.Sweep()
	}
	t.Logf("%d of %d files for %d articles: %.2f each; at most %d at once", files, size, more, float64(files)/more, worst)
	if files > wanted*more {
		t.Errorf("an article changes %.1f files of the index, want %d at most", float64(files)/more, wanted)
	}
}
