package main

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"

	"golang.org/x/net/html"

	"pressroom/internal/headers"
)

// built is the example newsroom, made once for all tests.
var built = sync.OnceValues(func() (*newsroom, error) { return made(context.Background(), example, "", nil) })

func whole(t *testing.T) *newsroom {
	t.Helper()
	n, err := built()
	if err != nil {
		t.Fatal(err)
	}
	if len(n.seen()) < 100 || len(n.types()) < 12 {
		t.Fatalf("%d pages of %d types prove little", len(n.seen()), len(n.types()))
	}
	return n
}

func TestWeights(t *testing.T) {
	html, css, js := whole(t).overweight()
	for _, fault := range slices.Concat(html, css, js) {
		t.Error(fault)
	}
}

// Every link of the built site leads somewhere, and to a place that the page has.
func TestLinks(t *testing.T) {
	for _, p := range whole(t).problems {
		t.Errorf("%s: %s", p.Place(), p.Text)
	}
}

func TestData(t *testing.T) {
	n := whole(t)
	for _, fault := range slices.Concat(n.badJSON(), n.badLD(), n.badCards()) {
		t.Error(fault)
	}
}

// Nothing on a page is fetched from elsewhere, or does what the policy forbids: a browser
// would leave it out, and readers would never know.
func TestPagesKeepToThePolicy(t *testing.T) {
	for _, p := range whole(t).pages {
		for _, fault := range p.breaches() {
			t.Errorf("%s: %s", p.at, fault)
		}
	}
}

func TestBreaches(t *testing.T) {
	for _, c := range []struct{ html, want string }{
		{`<p>Nothing.</p><a href="https://elsewhere.test/">a link</a><script src="/js/a.js" defer></script><img src="data:image/png;base64,"><script type="application/ld+json">{}</script>`, ""},
		{`<script>let a</script>`, "a script within the page"},
		{`<style>p{}</style>`, "styles within the page"},
		{`<p style="color: red">`, "style=color: red"},
		{`<p onclick="a()">`, "onclick=a()"},
		{`<a href=" javascript:a()">`, "href= javascript:a()"},
		{`<img src="https://elsewhere.test/a.png">`, "fetches https://elsewhere.test/a.png"},
		{`<img srcset="/a.png 1x, //elsewhere.test/a.png 2x">`, "fetches //elsewhere.test/a.png"},
		{`<link rel="stylesheet" href="https://elsewhere.test/a.css">`, "fetches https://elsewhere.test/a.css"},
		{`<link rel="preconnect" href="https://elsewhere.test">`, "fetches https://elsewhere.test"},
		{`<link rel="canonical" href="https://elsewhere.test">`, ""},
		{`<iframe src="https://elsewhere.test/"></iframe>`, "fetches https://elsewhere.test/"},
		{`<form action="https://elsewhere.test/"></form>`, "fetches https://elsewhere.test/"},
		{`<video poster="https://elsewhere.test/a.jpg"><source src="https://elsewhere.test/a.mp4"></video>`, "fetches https://elsewhere.test/a.jpg; fetches https://elsewhere.test/a.mp4"},
	} {
		doc, err := html.Parse(strings.NewReader(c.html))
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join((&page{doc: doc}).breaches(), "; "); got != c.want {
			t.Errorf("%s: %q, want %q", c.html, got, c.want)
		}
	}
}

// No script of the site sets a cookie, and none makes markup or code of a text, which
// Trusted Types would stop.
func TestScripts(t *testing.T) {
	n := whole(t)
	for _, name := range n.named(".js") {
		for _, word := range []string{"document.cookie", "cookieStore", "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function"} {
			if strings.Contains(string(n.files[name].data), word) {
				t.Errorf("%s has %s", name, word)
			}
		}
	}
}

// The server of the audit answers as the recipes in deploy/ do.
func TestServer(t *testing.T) {
	n := whole(t)
	get := func(at string, header ...string) *http.Response {
		r := httptest.NewRequest(http.MethodGet, at, nil)
		for i := 0; i+1 < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		w := httptest.NewRecorder()
		n.ServeHTTP(w, r)
		return w.Result()
	}
	film := n.named(".mp4")[0]
	for _, c := range []struct {
		at     string
		header []string
		status int
		kind   string
		sent   int
	}{
		{"/", nil, 200, "text/html; charset=utf-8", len(n.files["index.html"].data)},
		{"/", []string{"Accept-Encoding", "gzip, br"}, 200, "text/html; charset=utf-8", len(n.files["index.html"].packed)},
		{"/news", nil, 301, "text/html; charset=utf-8", -1},
		{"/nothing/", nil, 404, "text/html; charset=utf-8", len(n.files["404.html"].data)},
		{"/" + film, []string{"Range", "bytes=2-5"}, 206, "video/mp4", 4},
	} {
		a := get(c.at, c.header...)
		b := make([]byte, 1<<20)
		sent, _ := a.Body.Read(b)
		if a.StatusCode != c.status || a.Header.Get("Content-Type") != c.kind || c.sent >= 0 && sent != c.sent {
			t.Errorf("%s %v: %d, %s, %d bytes, want %d, %s, %d", c.at, c.header, a.StatusCode, a.Header.Get("Content-Type"), sent, c.status, c.kind, c.sent)
		}
		if c.status != 301 {
			for _, h := range headers.For(c.at) {
				if a.Header.Get(h.Name) != h.Value {
					t.Errorf("%s: %s is %q, want %q", c.at, h.Name, a.Header.Get(h.Name), h.Value)
				}
			}
		}
		if len(a.Cookies()) > 0 {
			t.Errorf("%s: it sets %v", c.at, a.Cookies())
		}
	}
}

func TestReadCard(t *testing.T) {
	const event = "BEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20261120T100000Z\r\nDTSTART:20261203T090000Z\r\n"
	calendar := func(s string) string {
		return "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n" + s + "END:VCALENDAR\r\n"
	}
	for _, c := range []struct{ name, text, want string }{
		{"right", calendar(event + "SUMMARY;LANGUAGE=en:A long\r\n  line\r\nEND:VEVENT\r\n"), ""},
		{"card", "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Colm Farrell\r\nEND:VCARD\r\n", ""},
		{"no name", "BEGIN:VCARD\r\nVERSION:4.0\r\nEND:VCARD\r\n", "VCARD without FN"},
		{"empty", calendar(""), "nothing in it"},
		{"no start", calendar("BEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20261120T100000Z\r\nEND:VEVENT\r\n"), "without DTSTART"},
		{"ends early", calendar(event + "DTEND:20261203T080000Z\r\nEND:VEVENT\r\n"), "before it starts"},
		{"crossed", calendar(event + "END:VALARM\r\n"), "END:VALARM within VEVENT"},
		{"open", strings.TrimSuffix(calendar(event+"END:VEVENT\r\n"), "END:VCALENDAR\r\n"), "unexpected EOF"},
		{"bare lines", strings.ReplaceAll(calendar(event+"END:VEVENT\r\n"), "\r\n", "\n"), "CRLF"},
		{"long", calendar(event + "SUMMARY:" + strings.Repeat("x", 70) + "\r\nEND:VEVENT\r\n"), "75 at most"},
		{"no property", calendar(event + "a line\r\nEND:VEVENT\r\n"), "no property"},
	} {
		var got []string
		for _, err := range readCard([]byte(c.text)) {
			got = append(got, err.Error())
		}
		if all := strings.Join(got, "; "); c.want == "" && all != "" || !strings.Contains(all, c.want) {
			t.Errorf("%s: %q, want %q", c.name, all, c.want)
		}
	}
}

func TestThing(t *testing.T) {
	for _, c := range []struct{ json, want string }{
		{`{"@type": "Organization", "name": "Council", "url": "https://council.test/"}`, ""},
		{`{"@type": "Organization", "@id": "https://council.test/#us"}`, ""},
		{`{"@graph": [{"@type": "VideoObject", "name": "A", "description": "B", "thumbnailUrl": "/a.jpg", "uploadDate": "2026-07-07T10:00:00Z"}]}`, `thumbnailUrl: "/a.jpg" is no whole address`},
		{`{"@type": "Clip", "name": "A", "url": "https://council.test/"}`, "Clip without startOffset"},
		{`{"@type": "Event", "name": "A", "location": "B", "startDate": "in July"}`, `startDate: "in July" is no date`},
		{`{"@type": "Person", "name": ""}`, "name is empty"},
	} {
		var v any
		if err := json.Unmarshal([]byte(c.json), &v); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(thing(v), "; "); got != c.want {
			t.Errorf("%s: %q, want %q", c.json, got, c.want)
		}
	}
}

// Whoever adds a kind of file finds out here that nothing packs or names it.
func TestKinds(t *testing.T) {
	for name := range whole(t).files {
		if ext := path.Ext(name); ext != "" && ext != ".bin" && kind(name) == "application/octet-stream" {
			t.Errorf("%s has no content type", name)
		}
	}
}
