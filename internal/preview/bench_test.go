package preview

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pressroom/internal/bench/corpus"
)

// BenchmarkSaveToServed is the time an editor waits: from the save of one article in a
// large archive until its page is served with the new sentence. The first build, of
// everything, is told beside it.
func BenchmarkSaveToServed(b *testing.B) {
	for _, n := range []int{1_000, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			c := corpus.Corpus{Seed: 1, Articles: n}
			archive := corpus.Site{Dir: b.TempDir()}
			if err := archive.Create(c); err != nil {
				b.Fatal(err)
			}
			start := time.Now()
			r := folder{b, archive.Dir}.run()
			first := time.Since(start)
			edits := 0
			for b.Loop() {
				a, sentence := c.Article(edits % n).EditBody(edits)
				edits++
				if err := archive.Put(a); err != nil {
					b.Fatal(err)
				}
				page := "/" + strings.TrimSuffix(a.Page(), "index.html")
				r.shows(page, sentence)
			}
			b.ReportMetric(float64(first.Milliseconds()), "ms-first-build")
			b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N), "ms/save")
		})
	}
}
