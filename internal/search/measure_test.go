//go:build measure

package search

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tdewolff/minify/v2"
	"github.com/tdewolff/minify/v2/js"

	"pressroom/internal/memo"
	"pressroom/internal/site"
	"pressroom/internal/testkit/chromium"
	"pressroom/internal/words"
)

// TestMeasure makes archives of 2,000 and 100,000 items, and a few newer ones, and asks
// for them in Chromium. It prints the table of docs/search.md:
//
//	go test -tags measure -run TestMeasure -v -timeout 30m ./internal/search
//
// Texts are random: 400 words of a vocabulary in which the n-th word comes 1/n as often as
// the first (Zipf). Bytes are those sent: what a CDN would compress is compressed.
func TestMeasure(t *testing.T) {
	tab := chromium.Start(t)
	for _, n := range []int{2_008, 100_008} {
		r := rand.New(rand.NewPCG(1, uint64(n)))
		x := site.Searchable{Lang: "en"}
		for i := range n {
			x.Items = append(x.Items, zipfItem(r, i, n))
		}
		began := time.Now()
		index := Make(x, nil)
		took := time.Since(began)
		files := bytesOf(t, index)
		size := 0
		for _, b := range files {
			size += len(b)
		}
		next := x
		next.Items = append(next.Items[:n:n], zipfItem(r, n, n))
		t.Logf("%d items: %d files, %.1f MB, made in %v; one more item changes %d files", n, len(files), float64(size)/1e6, took.Round(time.Millisecond), differ(files, bytesOf(t, Make(next, memo.New()))))
		served := serveIndex(t, files)
		for _, q := range []struct{ name, query string }{
			{"rare word", "q=" + zipfWord(9_000) + "+"}, {"two words", "q=" + zipfWord(300) + "+" + zipfWord(900) + "+"}, {"stop word", "q=" + zipfWord(1) + "+"},
			{"stop word and rare word", "q=" + zipfWord(1) + "+" + zipfWord(9_000) + "+"}, {"prefix", "q=" + zipfWord(700)[:4]}, {"filter", "q=" + zipfWord(300) + "+&topic=topic-3"}, {"filter alone", "topic=topic-3"},
		} {
			tab := tab.Stranger()
			served.begin()
			tab.Open(served.URL + "/search/?" + q.query)
			tab.Until(`document.querySelector(".tally").textContent !== ""`)
			cold := tab.Text(`String(Math.round(performance.now()))`)
			bytes, requests := served.since()
			warm := tab.Text(`(async () => {
				const get = (name) => fetch((name === "manifest.json" ? "/search/" : "/assets/search/en/") + name), at = new URLSearchParams(location.search);
				const engine = pressSearch.open(get, ""), chosen = at.get("topic") ? { topic: at.get("topic") } : {}, times = [];
				for (let i = 0; i < 6; i++) {
					const began = performance.now();
					const { hits } = await engine.find(at.get("q") ?? "", { chosen });
					await engine.documents(hits.slice(0, 6));
					times.push(performance.now() - began);
				}
				return times.sort((a, b) => a - b)[2].toFixed(1);
			})()`)
			found := tab.Text(`document.querySelector(".tally").textContent`)
			t.Logf("| %d | %s | %.1f KB | %d | %s | %s | %s |", n, q.name, float64(bytes)/1e3, requests, cold, warm, found)
			tab.Close()
		}
		served.Close()
	}
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

// served counts what is sent.
type served struct {
	*httptest.Server
	mu       sync.Mutex
	bytes    int
	requests int
}

func (s *served) begin() { s.mu.Lock(); defer s.mu.Unlock(); s.bytes, s.requests = 0, 0 }

func (s *served) since() (int, int) { s.mu.Lock(); defer s.mu.Unlock(); return s.bytes, s.requests }

const searchPage = `<!doctype html><html lang="en"><title>Search</title><link rel="icon" href="data:,"><script src="/search.js" defer></script>
<main><form class="ask" action="/search/"><input id="q" name="q"></form><p class="tally" role="status"></p><details class="narrow"><summary>Filters</summary><div></div></details>
<section><ol class="finds" data-rules="" data-words='{"one":"{n}","other":"{n}","none":"none","some":"{n} some","instead":"{n} instead","failed":"failed"}'></ol></section><p class="more"><button>more</button></p></main>`

// serveIndex serves an index with the script and the page; the page itself does not count.
func serveIndex(t *testing.T, files map[string][]byte) *served {
	src, err := os.ReadFile("../../static/js/search.js")
	if err != nil {
		t.Fatal(err)
	}
	m := minify.New()
	m.AddFunc("js", js.Minify)
	script, err := m.Bytes("js", src)
	if err != nil {
		t.Fatal(err)
	}
	s := &served{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]
		if name == "" {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			fmt.Fprint(w, searchPage)
			return
		}
		body, ok := files[name]
		if name == "search.js" {
			body, ok = script, true
			w.Header().Set("Content-Type", "text/javascript")
		}
		if !ok { // the page of a find, read for an excerpt after the first screen
			http.NotFound(w, r)
			return
		}
		if !strings.HasSuffix(name, ".bin") {
			var b bytes.Buffer
			z := gzip.NewWriter(&b)
			z.Write(body)
			z.Close()
			body = b.Bytes()
			w.Header().Set("Content-Encoding", "gzip")
		}
		if name != Manifest {
			w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		}
		s.mu.Lock()
		s.bytes, s.requests = s.bytes+len(body), s.requests+1
		s.mu.Unlock()
		w.Write(body)
	}))
	return s
}
