//go:build measure

package search

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path"
	"strings"
	"testing"
	"time"

	"pressroom/internal/testkit/chromium"
)

// TestMeasure makes archives of 2,000 and 100,000 items, and a few newer ones, and asks
// for them in Chromium. It prints the table of docs/search.md:
//
//	go test -tags measure -run TestMeasure -v -timeout 30m ./internal/search
//
// Bytes and requests are those of script, manifest and pieces asked for until the finds stand there, then
// those of the counts, where filters are open.
func TestMeasure(t *testing.T) {
	tab := chromium.Start(t)
	for _, n := range []int{2_007, 100_007} {
		x := zipf(n)
		began := time.Now()
		index := Make(x, nil)
		took := time.Since(began)
		files := bytesOf(t, index)
		size := 0
		for _, b := range files {
			size += len(b)
		}
		t.Logf("%d items: %d files, %.1f MB, made in %v", n, len(files), float64(size)/1e6, took.Round(time.Millisecond))
		served := serveIndex(t, files)
		for _, q := range questions {
			at := url.Values{"q": {q.Text}}
			for kind, slug := range q.Chosen {
				at.Set(kind, slug)
			}
			tab := tab.Stranger()
			tab.Open(served.URL + "/search/?" + at.Encode())
			tab.Until(`shown > 0 && (location.search.indexOf("topic") < 0 || document.querySelector("#by-sort") !== null)`)
			asked := func(when string) (size, requests int) {
				for _, name := range strings.Fields(tab.Text(`performance.getEntriesByType("resource").filter((e) => e.startTime ` + when + ` shown).map((e) => e.name).join(" ")`)) {
					name = path.Base(name)
					if n := served.sent[name]; n > 0 { // not the page of a find, read for an excerpt
						size, requests = size+n, requests+1
					}
				}
				return size, requests
			}
			finds, requests := asked("<=")
			counts, more := asked(">")
			cold := tab.Text(`String(Math.round(shown))`)
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
			t.Logf("| %d | %s | %.1f KB | %d | %.1f KB, %d | %s | %s | %s |", n, q.name, float64(finds)/1e3, requests, float64(counts)/1e3, more, cold, warm, tab.Text(`document.querySelector(".tally").textContent`))
			tab.Close()
		}
		served.Close()
	}
}

// served is an index that is served, with how many bytes each of its files takes.
type served struct {
	*httptest.Server
	sent map[string]int
}

const searchPage = `<!doctype html><html lang="en"><title>Search</title><link rel="icon" href="data:,"><script src="/search.js" defer></script>
<script>let shown = 0</script>
<main><form class="ask" action="/search/"><input id="q" name="q"></form><p class="tally" role="status"></p><details class="narrow"><summary>Filters</summary><div></div></details>
<section><ol class="finds" data-rules="" data-words='{"one":"{n}","other":"{n}","none":"none","some":"{n} some","instead":"{n} instead","failed":"failed"}'></ol></section><p class="more"><button>more</button></p></main>
<script>new MutationObserver(() => { if (document.querySelector(".tally").textContent) shown ||= performance.now() }).observe(document.querySelector(".tally"), { childList: true })</script>`

// serveIndex serves an index with the script and the page; the page itself does not count.
func serveIndex(t *testing.T, files map[string][]byte) *served {
	s := &served{sent: map[string]int{}}
	files["search.js"] = minified(t)
	for name, body := range files {
		s.sent[name] = sent(name, body)
	}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/search/") {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			fmt.Fprint(w, searchPage)
			return
		}
		name := path.Base(r.URL.Path)
		body, ok := files[name]
		if !ok { // the page of a find, read for an excerpt after the first screen
			http.NotFound(w, r)
			return
		}
		if strings.HasSuffix(name, ".js") {
			w.Header().Set("Content-Type", "text/javascript")
		}
		if name != Manifest {
			w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		}
		w.Write(body)
	}))
	return s
}
