package files

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"pressroom/internal/catalogue"
)

func TestServe(t *testing.T) {
	r := newRig(t, 1000)
	s := r.serve()
	sum, _ := hex.DecodeString(digest(r.data))
	etag := `"` + digest(r.data) + `"`
	common := map[string]string{
		"Accept-Ranges":          "bytes",
		"Cache-Control":          "private, no-cache, no-transform",
		"Content-Disposition":    `attachment; filename="MC-20260707-V-0412_broadcast-1080i50.mxf"`,
		"Content-Type":           "application/mxf",
		"ETag":                   etag,
		"Repr-Digest":            "sha-256=:" + base64.StdEncoding.EncodeToString(sum) + ":",
		"X-Content-Type-Options": "nosniff",
	}
	with := func(more ...string) map[string]string {
		m := map[string]string{}
		for k, v := range common {
			m[k] = v
		}
		for i := 0; i < len(more); i += 2 {
			m[more[i]] = more[i+1]
		}
		return m
	}
	told := func(status int, more ...string) map[string]string {
		m := map[string]string{"Cache-Control": "private, no-store", "Content-Type": "text/plain; charset=utf-8", "X-Content-Type-Options": "nosniff", "Content-Length": fmt.Sprint(len(sentences[status]) + 1)}
		for i := 0; i < len(more); i += 2 {
			m[more[i]] = more[i+1]
		}
		return m
	}
	unchanged := map[string]string{"Cache-Control": "private, no-cache, no-transform", "ETag": etag, "X-Content-Type-Options": "nosniff"}
	for _, c := range []struct {
		method string
		header []string
		status int
		want   map[string]string
		body   []byte
	}{
		{"GET", nil, 200, with("Content-Length", "1000"), r.data},
		{"HEAD", nil, 200, with("Content-Length", "1000"), nil},
		{"HEAD", []string{"Range", "bytes=0-1"}, 200, with("Content-Length", "1000"), nil},
		{"GET", []string{"Range", "bytes=10-19"}, 206, with("Content-Length", "10", "Content-Range", "bytes 10-19/1000"), r.data[10:20]},
		{"GET", []string{"Range", "bytes=990-"}, 206, with("Content-Length", "10", "Content-Range", "bytes 990-999/1000"), r.data[990:]},
		{"GET", []string{"Range", "bytes=-10"}, 206, with("Content-Length", "10", "Content-Range", "bytes 990-999/1000"), r.data[990:]},
		{"GET", []string{"Range", "bytes=-0"}, 416, told(416, "Content-Range", "bytes */1000"), nil},
		{"GET", []string{"Range", "bytes=1000-"}, 416, told(416, "Content-Range", "bytes */1000"), nil},
		{"GET", []string{"Range", "bytes=0-1,3-4"}, 416, told(416, "Content-Range", "bytes */1000"), nil},
		{"GET", []string{"Range", "items=0-1"}, 200, with("Content-Length", "1000"), r.data},
		{"GET", []string{"Range", "bytes=0-1", "Range", "bytes=3-4"}, 200, with("Content-Length", "1000"), r.data},
		{"GET", []string{"Range", "bytes=10-19", "If-Range", etag}, 206, with("Content-Length", "10", "Content-Range", "bytes 10-19/1000"), r.data[10:20]},
		{"GET", []string{"Range", "bytes=10-19", "If-Range", `"other"`}, 200, with("Content-Length", "1000"), r.data},
		{"GET", []string{"Range", "bytes=10-19", "If-Range", "W/" + etag}, 200, with("Content-Length", "1000"), r.data},
		{"GET", []string{"Range", "bytes=0-1,3-4", "If-Range", `"other"`}, 200, with("Content-Length", "1000"), r.data},
		{"GET", []string{"If-None-Match", etag}, 304, unchanged, nil},
		{"HEAD", []string{"If-None-Match", "W/" + etag}, 304, unchanged, nil},
		{"GET", []string{"If-None-Match", etag, "Range", "bytes=0-1"}, 304, unchanged, nil},
		{"GET", []string{"If-Match", `"other"`}, 412, told(412), nil},
		{"GET", []string{"If-Match", etag, "Range", "bytes=0-0"}, 206, with("Content-Length", "1", "Content-Range", "bytes 0-0/1000"), r.data[:1]},
		{"GET", []string{"If-Modified-Since", "Tue, 07 Jul 2099 12:00:00 GMT"}, 200, with("Content-Length", "1000"), r.data},
		{"POST", nil, 405, told(405, "Allow", "GET, HEAD"), nil},
		{"PUT", nil, 405, told(405, "Allow", "GET, HEAD"), nil},
		{"DELETE", nil, 405, told(405, "Allow", "GET, HEAD"), nil},
	} {
		a, body := fetch(t, s.Client(), c.method, s.URL+r.link(id), c.header...)
		what := fmt.Sprint(c.method, c.header)
		if a.StatusCode != c.status {
			t.Errorf("%s: %s, want %d", what, a.Status, c.status)
			continue
		}
		for k := range a.Header {
			if _, ok := c.want[k]; !ok && k != "Date" && (k != "Etag" || c.want["ETag"] == "") {
				t.Errorf("%s: %s: %s", what, k, a.Header.Get(k))
			}
		}
		for k, v := range c.want {
			if got := a.Header.Get(k); got != v {
				t.Errorf("%s: %s: %s, want %s", what, k, got, v)
			}
		}
		if c.body != nil && !bytes.Equal(body, c.body) {
			t.Errorf("%s: %d bytes of something else", what, len(body))
		}
		if c.status >= 400 && string(body) != sentences[c.status]+"\n" || c.body == nil && c.status < 400 && len(body) > 0 {
			t.Errorf("%s: %q", what, body)
		}
	}
}

func TestEmptyFile(t *testing.T) {
	r := newRig(t, 0)
	for header, want := range map[string]int{"": 200, "bytes=0-": 416, "bytes=-5": 200} {
		if w := r.ask("GET", r.link(id), "Range", header); w.Code != want || want == 200 && w.Header().Get("Content-Length") != "0" {
			t.Errorf("%q: %d %v", header, w.Code, w.Header())
		}
	}
}

// What the link proves is not all: the catalogue has the last word.
func TestCatalogueDecides(t *testing.T) {
	r := newRig(t, 1000)
	link := r.link(id)
	with := func(change func(*catalogue.Download)) int {
		d := r.downloads[id]
		was := d
		change(&d)
		r.set(func() { r.downloads[id] = d })
		w := r.ask("GET", link)
		r.set(func() { r.downloads[id] = was })
		return w.Code
	}
	for _, c := range []struct {
		name   string
		want   int
		change func(*catalogue.Download)
	}{
		{"as it is", 200, func(*catalogue.Download) {}},
		{"embargoed", 404, func(d *catalogue.Download) { d.NotBefore = noon.Add(time.Nanosecond) }},
		{"released now", 200, func(d *catalogue.Download) { d.NotBefore = noon }},
		{"ends now", 404, func(d *catalogue.Download) { d.NotAfter = noon }},
		{"ends soon", 200, func(d *catalogue.Download) { d.NotAfter = noon.Add(time.Nanosecond) }},
		{"longer", 503, func(d *catalogue.Download) { d.Bytes++ }},
		{"shorter", 503, func(d *catalogue.Download) { d.Bytes-- }},
		{"no file", 404, func(d *catalogue.Download) { d.File = "" }},
		{"other file", 404, func(d *catalogue.Download) { d.File = "2026/none.mxf" }},
	} {
		if got := with(c.change); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
	if !strings.Contains(r.log.String(), "0412.mxf has 1000 bytes, the catalogue says 1001") {
		t.Errorf("the operator is not told:\n%s", r.log)
	}
	if n := strings.Count(r.log.String(), "\n"); n != 4 {
		t.Errorf("%d lines in the log:\n%s", n, r.log)
	}
	r.set(func() { delete(r.downloads, id) })
	if w := r.ask("GET", link); w.Code != 404 {
		t.Errorf("withdrawn: %d", w.Code)
	}
	r.list(id, "2026/0412.mxf", 1000, digest(r.data))
	r.set(func() { r.now = noon.Add(5 * time.Minute) })
	if w := r.ask("GET", link); w.Code != 403 || w.Header().Get("Cache-Control") != "private, no-store" {
		t.Errorf("expired: %d %v", w.Code, w.Header())
	}
}

func TestType(t *testing.T) {
	r := newRig(t, 1)
	for typ, want := range map[string]string{"video/mp4": "video/mp4", "text/html; charset=utf-8": "text/html; charset=utf-8", "": "application/octet-stream", "a\r\nb": "application/octet-stream", "video/": "application/octet-stream"} {
		d := r.downloads[id]
		d.Type = typ
		r.downloads[id] = d
		if got := r.ask("GET", r.link(id)).Header().Get("Content-Type"); got != want {
			t.Errorf("%q: %q", typ, got)
		}
	}
}

func TestName(t *testing.T) {
	for want, d := range map[string]catalogue.Download{
		"MC-20240527-V-0412_broadcast-1080i50.mxf": {ID: "MC-20240527-V-0412/broadcast-1080i50", File: "2024/x.y/0412.mxf"},
		"V_web": {ID: "V/web", File: "a.b/c"},
	} {
		if got := Name(d); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	for _, name := range []string{
		"plain.mxf", "two words.mxf", `quo"te.mxf`, `back\slash`, "crlf\r\nSet-Cookie: a=b", "été.mp4", "日本.mp4", "100%.mp4", "a;b=c.mp4", "../../etc/passwd", "nul\x00", "del\x7f", "line\u2028end", "bad\xff", "it's", "%2f", "",
	} {
		v := disposition(name)
		if strings.ContainsFunc(v, func(r rune) bool { return r < ' ' || r > '~' }) {
			t.Errorf("%q: %q cannot stand in a header", name, v)
		}
		kind, p, err := mime.ParseMediaType(v)
		if err != nil || kind != "attachment" {
			t.Errorf("%q: %q: %v", name, v, err)
		}
		if want := strings.ToValidUTF8(name, "_"); p["filename"] != want {
			t.Errorf("%q: read back as %q", name, p["filename"])
		}
		plain, _, _ := strings.Cut(v, "; filename*=")
		if _, p, err := mime.ParseMediaType(plain); err != nil || strings.ContainsAny(p["filename"], "/\\\"\r\n%") {
			t.Errorf("%q: old programs read %q %v", name, p["filename"], err)
		}
	}
}

// A transfer is cut, its link expires, and the rest comes by a new one.
func TestResume(t *testing.T) {
	r := newRig(t, 32<<20) // more than the buffers between us hold
	s := r.serve()
	a, err := s.Client().Get(s.URL + r.link(id))
	if err != nil {
		t.Fatal(err)
	}
	got := make([]byte, 3<<20)
	if _, err := io.ReadFull(a.Body, got); err != nil {
		t.Fatal(err)
	}
	old := r.link(id)
	r.set(func() { r.now = r.now.Add(time.Hour) })
	// What runs when the link expires goes on.
	more := make([]byte, 1<<20)
	if _, err := io.ReadFull(a.Body, more); err != nil {
		t.Fatal(err)
	}
	got = append(got, more...)
	if err := a.Body.Close(); err != nil {
		t.Fatal(err)
	}
	if done := <-r.done; done.Err == nil || done.Status != 200 || done.Bytes >= 32<<20 || done.Account != "a9" || done.ID != "g7" {
		t.Errorf("recorded %+v", done)
	}
	from := fmt.Sprintf("bytes=%d-", len(got))
	if a, _ := fetch(t, s.Client(), "GET", s.URL+old, "Range", from, "If-Range", a.Header.Get("ETag")); a.StatusCode != http.StatusForbidden {
		t.Errorf("old link: %s", a.Status)
	}
	b, rest := fetch(t, s.Client(), "GET", s.URL+r.link(id), "Range", from, "If-Range", a.Header.Get("ETag"))
	if b.StatusCode != http.StatusPartialContent || !bytes.Equal(append(got, rest...), r.data) {
		t.Errorf("resumed: %s, %d bytes", b.Status, len(rest))
	}
	if done := <-r.done; done.Err != nil || done.Status != 206 || done.From != int64(len(got)) || done.Bytes != int64(len(rest)) {
		t.Errorf("recorded %+v", done)
	}
	// Another file under the same id is not mixed with the first.
	r.add(id, "2026/0412.mxf", bytes.Repeat([]byte("x"), 32<<20))
	b, rest = fetch(t, s.Client(), "GET", s.URL+r.link(id), "Range", from, "If-Range", a.Header.Get("ETag"))
	if b.StatusCode != http.StatusOK || len(rest) != 32<<20 {
		t.Errorf("after a change: %s, %d bytes", b.Status, len(rest))
	}
}

func TestParallel(t *testing.T) {
	r := newRig(t, 32<<20) // more than the buffers between us hold
	r.Parallel = 3
	s := r.serve()
	var open []*http.Response
	for range 3 {
		a, err := s.Client().Get(s.URL + r.link(id))
		if err != nil || a.StatusCode != http.StatusOK {
			t.Fatal(err, a)
		}
		open = append(open, a)
	}
	for range 20 {
		a, _ := fetch(t, s.Client(), "GET", s.URL+r.link(id), "Range", "bytes=0-0")
		if a.StatusCode != http.StatusTooManyRequests || a.Header.Get("Retry-After") != "10" || a.Header.Get("Cache-Control") != "private, no-store" {
			t.Fatalf("%s %v", a.Status, a.Header)
		}
		if done := <-r.done; done.Status != http.StatusTooManyRequests {
			t.Fatalf("recorded %+v", done)
		}
	}
	if a, _ := fetch(t, s.Client(), "HEAD", s.URL+r.link(id)); a.StatusCode != http.StatusOK {
		t.Errorf("HEAD: %s", a.Status)
	}
	<-r.done
	other, err := r.Keys.Link(Grant{Account: "b1", Download: id, Expires: noon.Add(time.Minute)}, "f", noon)
	if err != nil {
		t.Fatal(err)
	}
	if a, _ := fetch(t, s.Client(), "GET", s.URL+other, "Range", "bytes=0-0"); a.StatusCode != http.StatusPartialContent {
		t.Errorf("another account: %s", a.Status)
	}
	<-r.done
	for _, a := range open {
		_ = a.Body.Close()
		<-r.done // recorded after it has made room
	}
	if a, _ := fetch(t, s.Client(), "GET", s.URL+r.link(id), "Range", "bytes=0-0"); a.StatusCode != http.StatusPartialContent {
		t.Errorf("afterwards: %s", a.Status)
	}
	<-r.done
	if len(r.busy.busy) != 0 {
		t.Errorf("left: %v", r.busy.busy)
	}
}

// What strangers ask for is in the answer's headers nowhere.
func TestTraversal(t *testing.T) {
	r := newRig(t, 10)
	const canary = "CANARY-7c1f"
	above := filepath.Dir(r.dir)
	for _, f := range []string{filepath.Join(above, ".env"), filepath.Join(above, "gate.db"), filepath.Join(r.dir, ".env"), filepath.Join(r.dir, "gate.db")} {
		if err := os.WriteFile(f, []byte(canary), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(filepath.Join(above, ".env"), filepath.Join(r.dir, "out")); err != nil {
		t.Fatal(err)
	}
	_, query := split(t, r.link(id))
	mux := http.NewServeMux()
	mux.Handle(Prefix, r.Server)
	for name, handler := range map[string]http.Handler{"bare": r.Server, "mux": mux} {
		s := httptest.NewServer(handler)
		t.Cleanup(s.Close)
		tried := 0
		for _, up := range []string{"..", "../..", "%2e%2e", ".%2e", "%2e%2e%2f..", "..%2f..", "..%5c..", `..\..`, "%252e%252e", "..;", "....//..", "%c0%ae%c0%ae", "%uff0e%uff0e", "x/..", "./..", "/", "%00", "..%00", "2026/../..", "", ".", "//" + above, "%2f" + above} {
			for _, file := range []string{".env", "gate.db", "out", "etc/passwd", above + "/.env"} {
				for _, target := range []string{"/files/" + up + "/" + file, "/files/" + up + "/" + file + "?" + query} {
					tried++
					status, body := raw(t, s.Listener.Addr().String(), target)
					if status == 200 || status == 206 || status >= 500 || strings.Contains(body, canary) || strings.Contains(body, "root:") {
						t.Errorf("%s, %q: %d %s", name, target, status, body)
					}
				}
			}
		}
		t.Log(name, tried)
	}
	// Even if it were signed, what is not in the catalogue does not exist; and even if it
	// were in the catalogue, what lies outside is not opened.
	for _, file := range []string{"../.env", "..", "../masters/../.env", above + "/.env", "/etc/passwd", "/dev/zero", "out", "2026/../../.env", "2026", ".", "", "2026/0412.mxf/", "2026/0412.mxf/x", "nul\x00", "out/", strings.Repeat("x", 5000)} {
		for _, name := range []string{"V/" + file, file} {
			if w := r.ask("GET", r.link(name)); w.Code == 200 {
				t.Errorf("%q as an id: %d %s", name, w.Code, w.Body)
			}
		}
		r.list("V/evil", file, int64(len(canary)), strings.Repeat("0", 64))
		if w := r.ask("GET", r.link("V/evil")); w.Code != 404 {
			t.Errorf("%q in the catalogue: %d %s", file, w.Code, w.Body)
		}
	}
}

// raw sends a request line as it is.
func raw(t *testing.T, addr, target string) (status int, all string) {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := fmt.Fprintf(c, "GET %s HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", target); err != nil {
		t.Fatal(err)
	}
	a, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatalf("%q: %v", target, err)
	}
	defer a.Body.Close()
	var b strings.Builder
	_ = a.Header.Write(&b)
	_, _ = io.Copy(&b, a.Body)
	return a.StatusCode, b.String()
}

// The web server in front sends the file, and the gate says which.
func TestInternal(t *testing.T) {
	r := newRig(t, 100)
	r.add("V/web", "été/100% #1?.mp4", []byte("x"))
	local, err := OpenLocal(r.dir, "/masters")
	if err != nil {
		t.Fatal(err)
	}
	defer local.Close()
	r.Masters = local
	for _, method := range []string{"GET", "HEAD"} {
		w := r.ask(method, r.link("V/web"), "If-Match", `"nginx"`, "Range", "bytes=0-0")
		h := w.Header()
		if w.Code != 200 || h.Get("X-Accel-Redirect") != "/masters/%C3%A9t%C3%A9/100%25%20%231%3F.mp4" || h.Get("ETag") != "" || h.Get("Content-Length") != "" || w.Body.Len() != 0 || h.Get("Content-Disposition") != `attachment; filename="V_web.mp4"` {
			t.Errorf("%s: %d %v", method, w.Code, h)
		}
	}
	r.list("V/web", "été/100% #1?.mp4", 2, "")
	if w := r.ask("GET", r.link("V/web")); w.Code != 503 || w.Header().Get("X-Accel-Redirect") != "" {
		t.Errorf("other size: %d %v", w.Code, w.Header())
	}
}

func TestFail(t *testing.T) {
	r := newRig(t, 1)
	r.Server.Fail = func(w http.ResponseWriter, _ *http.Request, status int) { http.Error(w, "page", status) }
	if w := r.ask("GET", "/files/x"); w.Code != 403 || w.Body.String() != "page\n" || r.refused.Load() != 1 {
		t.Errorf("%d %s, %d recorded", w.Code, w.Body, r.refused.Load())
	}
}

// The kernel copies the bytes: the file itself reaches the connection.
func TestSendfile(t *testing.T) {
	r := newRig(t, 4<<20)
	s := httptest.NewUnstartedServer(r.Server)
	l := &watched{Listener: s.Listener}
	s.Listener = l
	s.Start()
	t.Cleanup(s.Close)
	if _, body := fetch(t, s.Client(), "GET", s.URL+r.link(id)); !bytes.Equal(body, r.data) {
		t.Fatal("other bytes")
	}
	if got, least := l.files.Load(), int64(4<<20-4096); got < least {
		t.Errorf("%d bytes came as a file, want %d", got, least)
	}
}

type watched struct {
	net.Listener
	files atomic.Int64
}

func (l *watched) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &watchedConn{c.(*net.TCPConn), l}, nil
}

type watchedConn struct {
	*net.TCPConn
	l *watched
}

func (c *watchedConn) ReadFrom(r io.Reader) (int64, error) {
	inner := r
	for {
		limited, ok := inner.(*io.LimitedReader)
		if !ok {
			break
		}
		inner = limited.R
	}
	n, err := c.TCPConn.ReadFrom(r)
	if _, ok := inner.(*os.File); ok {
		c.l.files.Add(n)
	}
	return n, err
}

// slowly fetches a file at so many bytes per second, on a clock that runs ahead of the
// real one, and returns how much came and how long it took.
func slowly(t *testing.T, size, rate int64) (got int64, took time.Duration) {
	r := newRig(t, 0)
	if err := os.Truncate(filepath.Join(r.dir, "2026/0412.mxf"), size); err != nil {
		t.Fatal(err)
	}
	r.list(id, "2026/0412.mxf", size, "")
	link := r.link(id)
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := net.Pipe()
		l := &single{conn: make(chan net.Conn, 1), closed: make(chan struct{})}
		l.conn <- theirs
		server := &http.Server{Handler: r.Server, IdleTimeout: time.Second}
		go server.Serve(l)
		defer server.Close()
		start := time.Now()
		if _, err := fmt.Fprintf(ours, "GET %s HTTP/1.1\r\nHost: h\r\n\r\n", link); err != nil {
			t.Fatal(err)
		}
		a, err := http.ReadResponse(bufio.NewReaderSize(ours, 16), nil)
		if err != nil {
			t.Fatal(err)
		}
		for {
			n, err := io.CopyN(io.Discard, a.Body, rate)
			got += n
			if err != nil || got == size {
				break
			}
			time.Sleep(time.Second)
		}
		took = time.Since(start)
		_ = ours.Close()
		<-r.done
	})
	return got, took
}

// The time limit of a transfer ends with it, and does not hit the next request of the
// connection.
func TestConnectionOutlivesTransfer(t *testing.T) {
	r := newRig(t, 1<<20)
	link := r.link(id)
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := net.Pipe()
		l := &single{conn: make(chan net.Conn, 1), closed: make(chan struct{})}
		l.conn <- theirs
		server := &http.Server{Handler: r.Server}
		go server.Serve(l)
		defer server.Close()
		answers := bufio.NewReader(ours)
		for _, c := range []struct {
			target string
			status int
		}{{link, 200}, {"/files/none", 403}, {link, 200}} {
			if _, err := fmt.Fprintf(ours, "GET %s HTTP/1.1\r\nHost: h\r\n\r\n", c.target); err != nil {
				t.Fatal(err)
			}
			a, err := http.ReadResponse(answers, nil)
			if err != nil || a.StatusCode != c.status {
				t.Fatal(err, a)
			}
			if _, err := io.Copy(io.Discard, a.Body); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Hour)
		}
		_ = ours.Close()
	})
}

// A master that is replaced in place while it is sent ends the transfer, so that nobody
// takes what came for the whole.
func TestShrinks(t *testing.T) {
	r := newRig(t, 32<<20)
	s := r.serve()
	a, err := s.Client().Get(s.URL + r.link(id))
	if err != nil {
		t.Fatal(err)
	}
	defer a.Body.Close()
	if err := os.Truncate(filepath.Join(r.dir, "2026/0412.mxf"), 1<<20); err != nil {
		t.Fatal(err)
	}
	if n, err := io.Copy(io.Discard, a.Body); err == nil {
		t.Errorf("%d bytes without an error", n)
	}
	if done := <-r.done; done.Err == nil || !strings.Contains(r.log.String(), "became shorter") {
		t.Errorf("%+v\n%s", done, r.log)
	}
}

// single listens to one connection that is already there.
type single struct {
	conn   chan net.Conn
	closed chan struct{}
}

func (l *single) Accept() (net.Conn, error) {
	select {
	case c := <-l.conn:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *single) Close() error {
	close(l.closed)
	return nil
}

func (l *single) Addr() net.Addr { return &net.TCPAddr{} }

// There is no limit to the time a transfer takes, as long as it moves.
func TestSlowReaders(t *testing.T) {
	for _, c := range []struct {
		name       string
		size, rate int64
		whole      bool
		took       time.Duration
	}{
		{"2 hours at 1 Mbit/s", 125_000 * 7200, 125_000, true, 7199 * time.Second},
		{"an hour at 5 KiB/s", 5 << 10 * 3600, 5 << 10, true, 3599 * time.Second},
		{"3 KiB/s", 5 << 20, 3 << 10, false, 0},
		{"one byte per second", 5 << 20, 1, false, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, took := slowly(t, c.size, c.rate)
			if c.whole && (got != c.size || took.Round(time.Second) != c.took) {
				t.Errorf("%d of %d bytes in %s", got, c.size, took)
			}
			if !c.whole && (got == c.size || took < time.Minute || took > 2*time.Minute) {
				t.Errorf("cut off after %d bytes and %s", got, took)
			}
		})
	}
}
