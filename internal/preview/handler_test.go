package preview

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"pressroom/internal/build"
	"pressroom/internal/config"
	"pressroom/internal/headers"
	"pressroom/internal/memo"
	"pressroom/internal/output"
)

// ask sends one request to a handler. head are pairs of a header's name and value.
func ask(h http.Handler, method, target string, head ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, nil)
	r.Host = "localhost:1313"
	for i := 0; i+1 < len(head); i += 2 {
		if head[i] == "Host" {
			r.Host = head[i+1]
		}
		r.Header.Set(head[i], head[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestHosts(t *testing.T) {
	for _, c := range []struct {
		bound, host string
		want        int
	}{
		{"127.0.0.1", "localhost:1313", 200},
		{"127.0.0.1", "LOCALHOST", 200},
		{"127.0.0.1", "localhost.", 200},
		{"127.0.0.1", "127.0.0.1:1313", 200},
		{"127.0.0.1", "[::1]:1313", 200},
		{"127.0.0.1", "[::1]", 200},
		{"desk.local", "desk.local:1313", 200},
		{"127.0.0.1", "desk.local:1313", 421},
		{"127.0.0.1", "evil.example", 421},
		{"127.0.0.1", "evil.example:1313", 421},
		{"127.0.0.1", "localhost.evil.example", 421},
		{"127.0.0.1", "192.168.1.7", 421},
		{"192.168.1.7", "192.168.1.7:1313", 200},
		{"192.168.1.7", "192.168.1.8:1313", 421},
		{"0.0.0.0", "192.168.1.7:1313", 200},  // bound to every address: figures cannot be made to lead elsewhere,
		{"0.0.0.0", "evil.example:1313", 421}, // names can
		{"::", "[fe80::1]:1313", 200},
		{"", "", 421},
	} {
		s := newFolder(t).unbuilt()
		s.state.Store(&state{site: tree(), over: make(chan struct{}), digests: none})
		s.Host = c.bound
		for _, target := range []string{"/", "/_press/live.js", "/_press/notice.css"} {
			if got := ask(s, "GET", target, "Host", c.host).Code; got != c.want {
				t.Errorf("bound to %q, %s asked of %q: %d, want %d", c.bound, target, c.host, got, c.want)
			}
		}
		if c.want == 421 {
			if w := ask(s, "GET", "/_press/events?page=/", "Host", c.host); w.Code != 421 || strings.Contains(w.Body.String(), "data:") {
				t.Errorf("bound to %q: events for %q", c.bound, c.host)
			}
		}
	}
}

// tree is a built site of these files and an index.html.
func tree(files ...output.File) *build.Result {
	r := &build.Result{Config: &config.Site{Languages: []string{"en", "fr"}}, Public: &output.Tree{}}
	for _, f := range append(files, file("index.html", "<body>home</body>")) {
		if err := r.Public.Add(f); err != nil {
			panic(err)
		}
	}
	return r
}

// sheet is where the stylesheet stands.
func sheet(s *Server) string { return s.state.Load().site.Frame.Languages[0].Frame.Styles["press"].URL }

func file(path, text string) output.File {
	return output.File{Path: path, Key: memo.Of([]byte(text)), Write: func(w io.Writer) error { _, err := io.WriteString(w, text); return err }}
}

func none() (string, string) { return "", "" }

func TestPathTricks(t *testing.T) {
	f := newFolder(t)
	f.write("static/css/own.css", "p{color:red}")
	f.write("secret.txt", "not public")
	s := f.server()
	for _, target := range []string{
		"/../secret.txt", "/%2e%2e/secret.txt", "/css/../secret.txt", "/css/%2e%2e/%2e%2e/secret.txt", "/./css/own.css", "/..%2fsecret.txt",
		"//css/own.css", "/css//own.css", "//evil.example/news", "/news/2026/01/harbour//", "//news",
		"/css/own.css%00", "/css%00/own.css", `/css\own.css`, "/css%5cown.css", `/..\secret.txt`, "/css%2fown.css", "/news%2F", "/css/own.css%0a", "/_press/../secret.txt",
	} {
		w := ask(s, "GET", target)
		if w.Code != 404 || w.Header().Get("Location") != "" || w.Body.String() != "There is no such path.\n" {
			t.Errorf("%s: %d, %q, %.200s", target, w.Code, w.Header().Get("Location"), w.Body)
		}
	}
	for _, target := range []string{
		"/secret.txt", "/site.yaml", "/content/news/2026/01/harbour.md", "/closed/catalogue.json", "/catalogue.json", "/manifest.json", "/_press/",
	} {
		w := ask(s, "GET", target)
		if w.Code != 404 || strings.Contains(w.Body.String(), "not public") {
			t.Errorf("%s: %d", target, w.Code)
		}
	}
	if w := ask(s, "GET", "/css/own.css"); w.Code != 200 || !strings.Contains(w.Body.String(), "color:red") {
		t.Errorf("the file itself: %d %s", w.Code, w.Body)
	}
}

func TestNoListing(t *testing.T) {
	f := newFolder(t)
	f.write("static/files/a.txt", "a")
	s := f.server()
	for _, target := range []string{"/files/", "/files", "/css/", "/css"} {
		if w := ask(s, "GET", target); w.Code != 404 || strings.Contains(w.Body.String(), "a.txt") {
			t.Errorf("%s: %d", target, w.Code)
		}
	}
}

func TestSlash(t *testing.T) {
	f := newFolder(t)
	f.write("content/summer.md", "---\ntitle: Summer\nurl: /été/\n---\nWarm.\n")
	s := f.server()
	for target, want := range map[string]string{"/news": "/news/", "/news?a=b": "/news/?a=b", "/fr/news": "/fr/news/", "/%C3%A9t%C3%A9": "/%C3%A9t%C3%A9/"} {
		w := ask(s, "GET", target)
		if w.Code != 301 || w.Header().Get("Location") != want {
			t.Errorf("%s: %d to %q, want %q", target, w.Code, w.Header().Get("Location"), want)
		}
		if w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s: the browser would keep the redirect for the next site on this port", target)
		}
	}
	if w := ask(s, "GET", "/%C3%A9t%C3%A9/"); w.Code != 200 {
		t.Errorf("the page: %d", w.Code)
	}
}

func TestMethods(t *testing.T) {
	s := newFolder(t).server()
	for _, m := range []string{"POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "PROPFIND"} {
		if w := ask(s, m, "/"); w.Code != 405 || w.Header().Get("Allow") != "GET, HEAD" {
			t.Errorf("%s: %d", m, w.Code)
		}
	}
	get, head := ask(s, "GET", harbour), ask(s, "HEAD", harbour)
	if head.Code != 200 || head.Body.Len() != 0 || head.Header().Get("ETag") != get.Header().Get("ETag") || head.Header().Get("Content-Length") != get.Header().Get("Content-Length") {
		t.Errorf("HEAD: %d, %d bytes, %v", head.Code, head.Body.Len(), head.Header())
	}
	if w := ask(s, "HEAD", "/nothing"); w.Code != 404 || w.Body.Len() != 0 {
		t.Errorf("HEAD of nothing: %d, %d bytes", w.Code, w.Body.Len())
	}
	if w := ask(s, "HEAD", "/_press/events?page=/"); w.Code != 200 || w.Body.Len() != 0 {
		t.Errorf("HEAD of the events: %d, %d bytes", w.Code, w.Body.Len())
	}
}

func TestNotFoundInTheLanguageOfThePath(t *testing.T) {
	s := newFolder(t).server()
	for target, lang := range map[string]string{"/nothing": "en", "/news/nothing/": "en", "/fr/rien/": "fr", "/fr/rien.jpg": "fr", "/france/": "en", "/de/": "en"} {
		w := ask(s, "GET", target)
		if w.Code != 404 || !strings.Contains(w.Body.String(), `<html lang="`+lang+`"`) || !strings.Contains(w.Body.String(), "masthead") || w.Header().Get("Content-Type") != "text/html; charset=utf-8" {
			t.Errorf("%s: %d, want the page in %s", target, w.Code, lang)
		}
	}
}

func TestTypes(t *testing.T) {
	f := newFolder(t)
	f.write("static/a.pdf", "%PDF-1.7")
	f.write("static/a.strange", "<script>alert(1)</script>")
	s := f.server()
	for target, want := range map[string]string{
		"/": "text/html; charset=utf-8", "/index.json": "application/json", sheet(s): "text/css; charset=utf-8", "/a.pdf": "application/pdf",
		"/a.strange": "application/octet-stream", "/robots.txt": "text/plain; charset=utf-8", "/news/rss.xml": "application/xml", "/favicon.svg": "image/svg+xml",
		"/_press/live.js": "text/javascript; charset=utf-8", "/_press/notice.css": "text/css; charset=utf-8",
	} {
		w := ask(s, "GET", target)
		if got := w.Header().Get("Content-Type"); w.Code != 200 || got != want || w.Header().Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %d %q, want %q", target, w.Code, got, want)
		}
	}
}

func TestETag(t *testing.T) {
	f := newFolder(t)
	f.write("static/a.pdf", "%PDF-1.7")
	s := f.server()
	tags := map[string]string{}
	for _, target := range []string{harbour, "/a.pdf", sheet(s), "/news/rss.xml"} {
		tags[target] = ask(s, "GET", target).Header().Get("ETag")
		if w := ask(s, "GET", target, "If-None-Match", tags[target]); w.Code != 304 || w.Body.Len() != 0 {
			t.Errorf("%s with its own tag: %d", target, w.Code)
		}
		if w := ask(s, "GET", target, "If-None-Match", `"another"`); w.Code != 200 {
			t.Errorf("%s with another tag: %d", target, w.Code)
		}
	}
	f.write("content/news/2026/01/harbour.md", article+"\nThe second came at one.\n")
	f.write("static/a.pdf", "%PDF-2.0")
	s.rebuild(context.Background(), nil)
	for target, want := range map[string]int{harbour: 200, "/a.pdf": 200, sheet(s): 304} {
		if code := ask(s, "GET", target, "If-None-Match", tags[target]).Code; code != want {
			t.Errorf("%s after the edit: %d, want %d", target, code, want)
		}
	}
}

func TestRanges(t *testing.T) {
	film := bytes.Repeat([]byte("0123456789"), 50_000)
	f := newFolder(t)
	f.write("static/film.mp4", string(film))
	s := f.server()
	for _, c := range []struct {
		ask, want, text string
		code            int
	}{
		{"bytes=10-19", "bytes 10-19/500000", "0123456789", 206},
		{"bytes=499995-", "bytes 499995-499999/500000", "56789", 206},
		{"bytes=-3", "bytes 499997-499999/500000", "789", 206},
		{"bytes=500000-", "bytes */500000", "", 416},
	} {
		w := ask(s, "GET", "/film.mp4", "Range", c.ask)
		if w.Code != c.code || w.Header().Get("Content-Range") != c.want || c.code == 206 && w.Body.String() != c.text {
			t.Errorf("%s: %d %q, %d bytes", c.ask, w.Code, w.Header().Get("Content-Range"), w.Body.Len())
		}
	}
	w := ask(s, "GET", "/film.mp4")
	if w.Code != 200 || !bytes.Equal(w.Body.Bytes(), film) || w.Header().Get("Accept-Ranges") != "bytes" {
		t.Errorf("whole: %d, %d bytes", w.Code, w.Body.Len())
	}
	w = ask(s, "GET", "/film.mp4", "Range", "bytes=0-1", "If-Range", `"another film"`)
	if w.Code != 200 || w.Body.Len() != len(film) {
		t.Errorf("a piece of another film: %d, %d bytes", w.Code, w.Body.Len())
	}
}

// counting counts the bytes that are read of it.
type counting struct {
	io.ReadSeeker
	read, closed int
}

func (c *counting) Read(p []byte) (int, error) {
	n, err := c.ReadSeeker.Read(p)
	c.read += n
	return n, err
}

func (c *counting) Close() error { c.closed++; return nil }

func TestPieceOfAFilmIsNotMadeWhole(t *testing.T) {
	film := &counting{ReadSeeker: strings.NewReader(strings.Repeat("x", 10<<20))}
	s := newFolder(t).unbuilt()
	s.state.Store(&state{over: make(chan struct{}), digests: none, site: tree(output.File{
		Path: "film.mp4", Key: memo.Of([]byte("film")),
		Write: func(io.Writer) error { t.Error("the whole film was made"); return nil },
		Open:  func() (io.ReadSeekCloser, error) { return film, nil },
	})})
	w := ask(s, "GET", "/film.mp4", "Range", "bytes=5000000-5000009")
	if w.Code != 206 || w.Body.Len() != 10 || film.read > 4096 {
		t.Errorf("%d, %d bytes sent, %d read", w.Code, w.Body.Len(), film.read)
	}
	ask(s, "HEAD", "/film.mp4")
	ask(s, "GET", "/film.mp4", "If-None-Match", w.Header().Get("ETag"))
	if film.closed != 3 {
		t.Errorf("closed %d times of 3", film.closed)
	}
}

func TestGatePaths(t *testing.T) {
	s := newFolder(t).server()
	for _, target := range []string{"/account", "/account/", "/account/login?return=/", "/download/MC-1/broadcast", "/newsletter/subscribe"} {
		if w := ask(s, "GET", target); w.Code != 404 || !strings.Contains(w.Body.String(), "The gate serves this") {
			t.Errorf("%s: %d", target, w.Code)
		}
	}
	if w := ask(s, "GET", "/accounting/"); strings.Contains(w.Body.String(), "The gate serves this") {
		t.Error("/accounting/ is not the gate's")
	}
}

func TestOnlyServedPagesCarryTheScript(t *testing.T) {
	s := newFolder(t).server()
	st := s.state.Load()
	for target, want := range map[string]bool{"/": true, harbour: true, "/nothing": true, "/index.json": false, "/news/rss.xml": false, sheet(s): false} {
		if got := strings.Contains(ask(s, "GET", target).Body.String(), "/_press/live.js"); got != want {
			t.Errorf("%s: script %v, want %v", target, got, want)
		}
	}
	for _, f := range st.site.Public.Files() {
		var b bytes.Buffer
		if err := f.Write(&b); err != nil || bytes.Contains(b.Bytes(), []byte("_press")) {
			t.Errorf("%s: %v, or the build knows of the preview", f.Path, err)
		}
	}
	body := ask(s, "GET", harbour).Body.String()
	if i, j := strings.Index(body, "<script src=\"/_press/"), strings.Index(body, "</body>"); i < 0 || j < i {
		t.Error("the script does not stand before the end of the body")
	}
	if w := ask(s, "GET", harbour); w.Header().Get("Content-Security-Policy") != headers.Ours || w.Header().Get("Cross-Origin-Opener-Policy") != "same-origin" {
		t.Error("a page without the policy of the site")
	}
}

func TestPageWithoutBody(t *testing.T) {
	s := newFolder(t).unbuilt()
	s.state.Store(&state{site: tree(file("bare.html", "<p>bare")), over: make(chan struct{}), digests: none})
	if got := ask(s, "GET", "/bare.html").Body.String(); !strings.HasPrefix(got, "<p>bare<script ") {
		t.Errorf("got %s", got)
	}
}

func TestFirstBuildWithErrors(t *testing.T) {
	f := newFolder(t)
	f.write("content/news/2026/01/harbour.md", "---\ntitel: <b>Harbour</b>\ndate: 2026-01-05\n---\n")
	s := f.server()
	w := ask(s, "GET", "/")
	body := w.Body.String()
	for _, want := range []string{"harbour.md:2:1: error:", "titel: &lt;b&gt;", "hint:", "/_press/live.js", "data-told"} {
		if !strings.Contains(body, want) {
			t.Errorf("the page does not show %q", want)
		}
	}
	if w.Code != 503 {
		t.Errorf("status %d", w.Code)
	}
	f.write("content/news/2026/01/harbour.md", article)
	s.rebuild(context.Background(), nil)
	if w := ask(s, "GET", harbour); w.Code != 200 || strings.Contains(w.Body.String(), "data-told") {
		t.Errorf("mended: %d", w.Code)
	}
}

func TestLastGoodPageStays(t *testing.T) {
	f := newFolder(t)
	s := f.server()
	before := ask(s, "GET", harbour)
	for path, text := range map[string]string{
		"content/news/2026/01/harbour.md": "---\ntitle: [\n---\n", "site.yaml": "title: [", "layouts/article.html": "{{define \"main\"}}{{if}}{{end}}",
	} {
		old, err := os.ReadFile(f.at(path))
		f.write(path, text)
		s.rebuild(context.Background(), nil)
		if st := s.state.Load(); !st.failed || len(st.problems) == 0 {
			t.Errorf("%s: no problem is told", path)
		}
		if w := ask(s, "GET", harbour); w.Code != 200 || w.Body.String() != before.Body.String() {
			t.Errorf("%s: %d, or another page", path, w.Code)
		}
		if err != nil {
			f.must(os.Remove(f.at(path)))
		} else {
			f.write(path, string(old))
		}
		s.rebuild(context.Background(), nil)
		if st := s.state.Load(); st.failed {
			t.Errorf("%s: mended, and yet %v", path, st.problems)
		}
	}
}

func TestPageThatCannotBeMade(t *testing.T) {
	f := newFolder(t)
	f.write("layouts/article.html", "{{define \"main\"}}\n<p>{{.Titel}}</p>{{end}}")
	s := f.server()
	w := ask(s, "GET", harbour)
	for _, want := range []string{"layouts/article.html:2:", "Titel", "^^^^", "/_press/live.js"} {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("the page does not show %q:\n%s", want, w.Body)
		}
	}
	if w.Code != 500 {
		t.Errorf("status %d", w.Code)
	}
	if w := ask(s, "GET", "/"); w.Code != 200 {
		t.Errorf("the others: %d", w.Code)
	}
}

func TestPanicIsThatPagesOwn(t *testing.T) {
	s := newFolder(t).unbuilt()
	bad := output.File{Path: "bad.html", Write: func(io.Writer) error { panic("no such number") }}
	s.state.Store(&state{site: tree(bad), over: make(chan struct{}), digests: none})
	if w := ask(s, "GET", "/bad.html"); w.Code != 500 || !strings.Contains(w.Body.String(), "no such number") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// A file that is written to between two builds is not sent half old and half new: the
// request waits for the build that knows it.
func TestRequestWaitsForTheBuildOfAChange(t *testing.T) {
	f := newFolder(t)
	f.write("static/css/own.css", "p{color:red}")
	s := f.server()
	f.write("static/css/own.css", "p{color:blue}")
	if _, err := s.state.Load().answer("/css/own.css"); !moving(err) {
		t.Fatalf("want the news that the file has changed, got %v", err)
	}
	got := make(chan *httptest.ResponseRecorder)
	go func() { got <- ask(s, "GET", "/css/own.css") }()
	s.rebuild(context.Background(), nil)
	select {
	case w := <-got:
		if w.Code != 200 || !strings.Contains(w.Body.String(), "blue") {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	case <-time.After(deadline):
		t.Fatal("no answer")
	}
}

func TestFileThatGoesUnnoticed(t *testing.T) {
	f := newFolder(t)
	f.write("static/a.pdf", "%PDF-1.7")
	s := f.server()
	f.must(os.Remove(f.at("static/a.pdf")))
	if w := ask(s, "GET", "/a.pdf"); w.Code != 500 { // after a while: nobody has built
		t.Errorf("%d", w.Code)
	}
}

func TestStrict(t *testing.T) {
	f := newFolder(t)
	f.write("content/news/2026/01/harbour.md", strings.Replace(article, "The harbour opens", strings.Repeat("The harbour opens ", 6), 1))
	s := f.server()
	if st := s.state.Load(); st.failed || len(st.problems) == 0 {
		t.Fatalf("want a warning, got %v", st.problems)
	}
	s.Strict = true
	s.rebuild(context.Background(), nil)
	if st := s.state.Load(); !st.failed || !st.problems.HasErrors() {
		t.Errorf("a warning passed: %v", st.problems)
	}
}

// An editor that empties a file before it writes must not raise an alarm.
func TestHalfWrittenFileIsLookedAtAgain(t *testing.T) {
	f := newFolder(t)
	s := f.server()
	path, built := "content/news/2026/01/harbour.md", 0
	s.Clock = func() time.Time { // asked once by every build, before it reads
		if built++; built == 1 {
			f.write(path, "---\ntitle: The har")
		} else {
			f.write(path, article)
		}
		return time.Now()
	}
	told := 0
	s.Told = func(b Built) {
		if told++; b.Failed {
			t.Errorf("complained of a half written file: %v", b.Problems)
		}
	}
	changed := make(chan struct{}, 1)
	changed <- struct{}{}
	s.rebuild(context.Background(), changed)
	if built != 2 || told != 1 {
		t.Errorf("built %d times and told %d times", built, told)
	}
}

// A build that fails early must not cost the next one all that is remembered.
func TestBrokenSiteYAMLForgetsNothing(t *testing.T) {
	f := newFolder(t)
	s := f.server()
	s.rebuild(context.Background(), nil)
	before := s.Memo.String()
	f.write("site.yaml", "title: [")
	for range 3 {
		s.rebuild(context.Background(), nil)
	}
	if !s.state.Load().failed || s.Memo.String() != before {
		t.Errorf("%s, before the mistake %s", s.Memo, before)
	}
}
