package search

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/tdewolff/minify/v2"
	"github.com/tdewolff/minify/v2/js"

	"pressroom/internal/memo"
	"pressroom/internal/site"
	"pressroom/internal/words"
)

// questions are those of the tables in docs/search.md, to zipf's items.
var questions = []struct {
	name string
	ask
}{
	{"rare word", ask{Text: zipfWord(9_000) + " "}},
	{"two words", ask{Text: zipfWord(300) + " " + zipfWord(900) + " "}},
	{"stop word", ask{Text: zipfWord(1) + " "}},
	{"stop word and rare word", ask{Text: zipfWord(1) + " " + zipfWord(9_000) + " "}},
	{"prefix", ask{Text: zipfWord(700)[:4]}},
	{"filter", ask{Text: zipfWord(300) + " ", Chosen: map[string]string{"topic": "topic-3"}}},
	{"filter alone", ask{Chosen: map[string]string{"topic": "topic-3"}}},
}

// TestPayload holds a first question in 2,007 items to 40 KB and 12 requests, the script and
// all until six finds are shown. Counts come after the finds. Seven items wait in the manifest: as many as can.
func TestPayload(t *testing.T) {
	files := bytesOf(t, Make(zipf(2_007), nil))
	asks := make([]ask, len(questions))
	for i, q := range questions {
		asks[i] = q.ask
		asks[i].Anew = true
	}
	script := sent("search.js", minified(t))
	if script > 6_000 {
		t.Errorf("the script is %d bytes, want 6,000 at most", script)
	}
	for i, got := range inJavaScript(t, "xx", files, asks) {
		size := func(names []string) (size int) {
			for _, name := range names {
				size += sent(name, files[name])
			}
			return size
		}
		total := script + size(got.Fetched)
		t.Logf("%s: %d bytes in %d requests, counts %d in %d", questions[i].name, total, 1+len(got.Fetched), size(got.Then), len(got.Then))
		if total > 40_000 || 1+len(got.Fetched) > 12 || len(got.Hits) < 5 {
			t.Errorf("%s: %d bytes in %d requests for %d finds", questions[i].name, total, 1+len(got.Fetched), len(got.Hits))
		}
	}
}

// sent is how many bytes of a file are sent: what a CDN would compress is compressed.
func sent(name string, body []byte) int {
	if strings.HasSuffix(name, ".bin") {
		return len(body)
	}
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	z.Write(body)
	z.Close()
	return b.Len()
}

// minified is the script as sites have it.
func minified(t testing.TB) []byte {
	t.Helper()
	src, err := os.ReadFile(script)
	if err != nil {
		t.Fatal(err)
	}
	m := minify.New()
	m.AddFunc("js", js.Minify)
	small, err := m.Bytes("js", src)
	if err != nil {
		t.Fatal(err)
	}
	return small
}

// zipf is n items of random texts: 400 words of a vocabulary in which the n-th word comes 1/n
// as often as the first (Zipf).
func zipf(n int) site.Searchable {
	r := rand.New(rand.NewPCG(1, uint64(n)))
	x := site.Searchable{Lang: "en"}
	for i := range n {
		x.Items = append(x.Items, zipfItem(r, i, n))
	}
	return x
}

// zipfWord is the n-th most frequent word.
func zipfWord(n int) string {
	n = int(uint32(n)*2654435761>>7) % 4_000_000 // near numbers are far apart in the alphabet
	var b strings.Builder
	for range 4 {
		b.WriteByte("bcdfghjklmnprstvz"[n%17])
		n /= 17
		b.WriteByte("aeiou"[n%5])
		n /= 5
	}
	return b.String()
}

func zipfItem(r *rand.Rand, i, n int) site.Findable {
	some := func(count int) string {
		var b strings.Builder
		for range count {
			b.WriteString(zipfWord(int(math.Exp(r.Float64() * 11.2)))) // some 70,000 words
			b.WriteByte(' ')
		}
		return b.String()
	}
	title, summary := some(8), some(20)
	c := words.In("xx").Count()
	c.Text(title, 8)
	c.Text(summary, 3)
	c.Text(some(400), 1)
	f := site.Findable{
		URL: fmt.Sprintf("/news/%d/05/%s-%s/", 2006+i*20/n, zipfWord(i), zipfWord(2*i+1)), Title: title, Summary: summary, Kind: site.Facet{Slug: "news", Name: "News"},
		Date: site.Date{ISO: fmt.Sprintf("%d-05-27T10:00:00Z", 2006+i*20/n), Text: "27 May"}, Words: [][]byte{c.Pack()},
		Key: memo.Hash(title, summary, i),
	}
	pick := func(kind string, n int) site.Facet {
		k := r.IntN(n)
		return site.Facet{Slug: fmt.Sprintf("%s-%d", kind, k), Name: fmt.Sprintf("%s %d", kind, k)}
	}
	f.Speakers, f.Topics, f.Place = []site.Facet{pick("speaker", 200)}, []site.Facet{pick("topic", 12)}, pick("place", 80)
	return f
}
