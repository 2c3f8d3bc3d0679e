//go:build gatetest

package acceptance

import (
	"bytes"
	"fmt"
	"io"
	"mime"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"pressroom/internal/catalogue"
	"pressroom/internal/testkit/versitygw"
)

// Paths lead out of the folder of masters: by the address, or by a catalogue that somebody
// could write to.
func TestRow54(t *testing.T) {
	const canary = "the newsroom's own secret"
	var asked []string // ids of the evil catalogue
	evil := func(r *rig) {
		above := filepath.Dir(r.masters)
		for _, at := range []string{filepath.Join(above, ".env"), filepath.Join(r.masters, ".env"), filepath.Join(above, "out.mxf")} {
			if err := os.WriteFile(at, []byte(canary), 0o600); err != nil {
				r.t.Fatal(err)
			}
		}
		for name, to := range map[string]string{"out": "../out.mxf", "absolute": filepath.Join(above, "out.mxf"), "up": "..", "database": r.dsn, "loop": "loop", "zero": "/dev/zero"} {
			if err := os.Symlink(to, filepath.Join(r.masters, name)); err != nil {
				r.t.Fatal(err)
			}
		}
		if err := syscall.Mkfifo(filepath.Join(r.masters, "fifo"), 0o600); err != nil {
			r.t.Fatal(err)
		}
		for i, file := range []string{
			"../.env", "../out.mxf", "../data/keys", "../data/gate.db", "../gate.yaml", "x/../../.env", "./../.env", "../masters/../.env",
			filepath.Join(above, ".env"), r.dsn, "/etc/passwd", "/dev/zero", "/dev/stdin", "/proc/self/environ", "//etc/passwd",
			"out", "absolute", "up/.env", "up/data/keys", "database", "loop", "zero", "fifo", "", ".", "..", "/", "clip.mxf/", "clip.mxf/x", "out/",
			"clip.mxf\x00", "clip.mxf\x00.jpg", strings.Repeat("a/", 3000) + "x", strings.Repeat("x", 5000), "..\\.env", "....//.env", "~/.env", "file:///etc/passwd",
		} {
			id := fmt.Sprintf("EVIL/%d", i)
			asked = append(asked, id)
			for _, n := range []int64{int64(len(canary)), 0} { // as long as the file is, or not
				r.downloads = append(r.downloads, catalogue.Download{ID: fmt.Sprintf("%s-%d", id, n), Title: "Evil", File: file, Type: "video/mp4", Bytes: n, SHA256: strings.Repeat("0", 64), Access: "account"})
			}
		}
		r.writeCatalogue()
	}
	both(t, 1, func(t *testing.T, r *rig) {
		b := r.browser()
		b.signUp()
		link := takeApart(t, b.link(broadcast))
		b.mu.Lock()
		cookie := "__Host-session=" + b.cookies["__Host-session"]
		b.mu.Unlock()
		w := r.instances[0].wire(t)
		harmless := func(what string, p *page, want ...int) {
			t.Helper()
			if !slices.Contains(want, p.Status) || strings.Contains(p.Body, canary) || strings.Contains(p.Body, "root:") || strings.Contains(p.Body, "SQLite format") {
				t.Errorf("%.200q: %d, want one of %d\n%.300s", what, p.Status, want, p.Body)
			}
		}
		above := filepath.Dir(r.masters)
		_, query, _ := strings.Cut(link.String(), "?")
		tried := 0
		for _, up := range []string{"..", "../..", "%2e%2e", ".%2e", "%2e%2e%2f..", "..%2f..", "..%5c..", `..\..`, "%252e%252e", "..;", "..;/..", "....//..", "%c0%ae%c0%ae",
			"%uff0e%uff0e", "x/..", "./..", "%00", "..%00", ".%00.", "", ".", "/", "%2f", "%2f" + above, above, "..%c1%9c..", "MC-20240527-V-0412/..", "..%0a", "..%20"} {
			for _, file := range []string{".env", "out.mxf", "out", "fifo", "data/gate.db", "data/keys", "gate.yaml", "etc/passwd", "dev/zero", "closed/catalogue.json"} {
				target := up + "/" + file
				tried++
				// Nothing is signed but what the gate made; what it made names a download.
				harmless(target, w.ask("GET", "/files/"+target), http.StatusForbidden, http.StatusBadRequest)
				harmless(target, w.ask("GET", "/files/"+target+"?"+query), http.StatusForbidden, http.StatusBadRequest)
				harmless(target, w.ask("GET", "/download/"+target, "Cookie", cookie), http.StatusNotFound, http.StatusBadRequest)
			}
		}
		if tried < 60 {
			t.Errorf("only %d paths tried", tried)
		}
		for _, target := range []string{"/files", "/files/", "/files/../files/../.env", "/.env", "/gate.db", "/media/clip.mxf", "/masters/clip.mxf", "/download", "/download/", "/closed/catalogue.json", "/catalogue.json", "/gate.yaml", "//etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "http://" + host + "/../.env"} {
			harmless(target, w.ask("GET", target, "Cookie", cookie), http.StatusNotFound, http.StatusForbidden, http.StatusBadRequest)
		}

		// Even a catalogue that names them opens none: to be asked for by somebody who may.
		for _, id := range asked {
			for _, n := range []int{len(canary), 0} {
				id := fmt.Sprintf("%s-%d", id, n)
				to := b.get("/download/" + id)
				if to.Status != http.StatusSeeOther {
					t.Errorf("%s: %d", id, to.Status)
					continue
				}
				harmless(id, w.ask("GET", to.to()), http.StatusNotFound, http.StatusServiceUnavailable)
				harmless(id, w.ask("HEAD", to.to()), http.StatusNotFound, http.StatusServiceUnavailable)
			}
		}
		if p := w.ask("GET", link.String()); p.Status != http.StatusOK {
			t.Errorf("after all that a good link: %d", p.Status)
		}
	}, evil)
}

// Ranges: one of them, as RFC 9110 §14 has it, and none of what makes one request cost
// like a thousand.
func TestRow55(t *testing.T) {
	data := pattern(10_000)
	both(t, 1, func(t *testing.T, r *rig) {
		b := r.browser()
		b.signUp()
		link := b.link("MC-20240527-V-0412/short")
		w := r.instances[0].wire(t)
		const all = -1
		many := func(n int, f func(i int) string) string {
			parts := make([]string, n)
			for i := range parts {
				parts[i] = f(i)
			}
			return "bytes=" + strings.Join(parts, ",")
		}
		huge := strings.Repeat("9", 40)
		for _, c := range []struct {
			asked    string
			status   int
			from, to int // of the bytes that come, both inclusive
		}{
			{"bytes=0-0", 206, 0, 0},
			{"bytes=0-9999", 206, 0, 9999},
			{"bytes=100-199", 206, 100, 199},
			{"bytes=9999-", 206, 9999, 9999},
			{"bytes=-1", 206, 9999, 9999},
			{"bytes=-10000", 206, 0, 9999},
			{"bytes=-20000", 206, 0, 9999},
			{"bytes=0-" + huge, 206, 0, 9999},
			{"bytes=-" + huge, 206, 0, 9999},
			{"bytes=0-18446744073709551615", 206, 0, 9999},
			{"bytes=0-9223372036854775807", 206, 0, 9999},
			{"Bytes=5-6", 206, 5, 6}, // units are matched without regard to case
			{"bytes= 5-6 ", 206, 5, 6},
			{"bytes=5-6,", 206, 5, 6}, // an empty element of a list is none
			{"bytes=00005-00006", 206, 5, 6},

			{"bytes=-0", 416, 0, all},
			{"bytes=10000-", 416, 0, all},
			{"bytes=10000-10001", 416, 0, all},
			{"bytes=" + huge + "-", 416, 0, all},
			{"bytes=18446744073709551616-", 416, 0, all}, // 2⁶⁴ is not 0
			{"bytes=9223372036854775808-", 416, 0, all},
			{"bytes=0-0,1-1", 416, 0, all},
			{"bytes=0-0, 0-0", 416, 0, all},
			{"bytes=0-,-1", 416, 0, all},
			{"bytes=-0,-0", 416, 0, all},
			{"bytes=0-5,20000-", 416, 0, all},
			{many(1000, func(i int) string { return fmt.Sprintf("%d-%d", i, i) }), 416, 0, all},
			{many(1000, func(int) string { return "0-" }), 416, 0, all},
			{many(1000, func(int) string { return "-1" }), 416, 0, all},

			{"", 200, 0, 9999},
			{"bytes", 200, 0, 9999},
			{"bytes=", 200, 0, 9999},
			{"bytes=,,,", 200, 0, 9999},
			{"bytes=-", 200, 0, 9999},
			{"bytes=a-b", 200, 0, 9999},
			{"bytes=5-4", 200, 0, 9999},
			{"bytes=0x0-0x5", 200, 0, 9999},
			{"bytes=+1-2", 200, 0, 9999},
			{"bytes=1--2", 200, 0, 9999},
			{"bytes=--1", 200, 0, 9999},
			{"bytes=1-2-3", 200, 0, 9999},
			{"bytes=0-5;6-7", 200, 0, 9999},
			{"bytes=٠-٥", 200, 0, 9999},
			{"bytes:0-5", 200, 0, 9999},
			{"items=0-5", 200, 0, 9999},
			{"none", 200, 0, 9999},
			{"bytes=0-5,x", 200, 0, 9999},
		} {
			p := w.ask("GET", link, "Range", c.asked)
			what := fmt.Sprintf("%.60s", c.asked)
			if p.Status != c.status {
				t.Errorf("%s: %d, want %d", what, p.Status, c.status)
				continue
			}
			wantRange := ""
			switch c.status {
			case 206:
				wantRange = fmt.Sprintf("bytes %d-%d/10000", c.from, c.to)
			case 416:
				wantRange = "bytes */10000"
			}
			if got := p.Header.Values("Content-Range"); wantRange == "" && len(got) > 0 || wantRange != "" && !slices.Equal(got, []string{wantRange}) {
				t.Errorf("%s: Content-Range %q, want %q", what, got, wantRange)
			}
			if c.to != all && p.Body != string(data[c.from:c.to+1]) {
				t.Errorf("%s: %d bytes of something else", what, len(p.Body))
			}
			if strings.HasPrefix(p.Header.Get("Content-Type"), "multipart/") || c.to == all && len(p.Body) > 1000 {
				t.Errorf("%s: %s, %d bytes", what, p.Header.Get("Content-Type"), len(p.Body))
			}
			if h := w.ask("HEAD", link, "Range", c.asked); h.Status != 200 || h.Header.Get("Content-Length") != "10000" { // HEAD knows no ranges
				t.Errorf("HEAD %s: %d, %s bytes", what, h.Status, h.Header.Get("Content-Length"))
			}
		}
		// Two header fields are one list, and no list of one unit: as good as none.
		if p := w.ask("GET", link, "Range", "bytes=0-1", "Range", "bytes=3-4"); p.Status == http.StatusPartialContent || strings.HasPrefix(p.Header.Get("Content-Type"), "multipart/") {
			t.Errorf("two headers: %d %s", p.Status, p.Header.Get("Content-Type"))
		}
	}, withFile("MC-20240527-V-0412/short", "short.mxf", data))
}

// HEAD, the type and the name are the gate's own words, whatever a title, a name of a file
// or the reader's header says, and also when an object store has the file.
func TestRow56(t *testing.T) {
	const nasty = "Leaders \"arrive\"\r\nSet-Cookie: evil=1\r\n\r\n<script>alert(1)</script>; filename=evil.exe"
	type wanted struct{ id, name, kind string }
	list := []wanted{
		{broadcast, "MC-20240527-V-0412_broadcast-1080i50.mxf", "application/mxf"},
		{"MC-1/quotes", "MC-1_quotes.mp4", "video/mp4"},
		{"MC-1/type", "MC-1_type.mp4", "application/octet-stream"},
		{"MC-1/été", "MC-1_été.mp4", "video/mp4"},
	}
	add := func(r *rig) {
		for _, d := range []catalogue.Download{
			{ID: "MC-1/quotes", Title: nasty, File: "a.mp4", Type: "video/mp4"},
			{ID: "MC-1/type", Title: nasty, File: "a.mp4", Type: "text/html\r\nSet-Cookie: evil=1"},
			{ID: "MC-1/été", Title: "Été", File: "a.mp4", Type: "video/mp4"},
		} {
			r.addDownload(d.ID, d.File, []byte("a short film"))
			last := &r.downloads[len(r.downloads)-1]
			last.Title, last.Type = d.Title, d.Type
		}
		r.writeCatalogue()
	}
	check := func(t *testing.T, what string, p *page, w wanted, size int64) {
		t.Helper()
		kind, params, err := mime.ParseMediaType(p.Header.Get("Content-Disposition"))
		if p.Status != http.StatusOK || err != nil || kind != "attachment" || params["filename"] != w.name {
			t.Errorf("%s: %d, Content-Disposition %q: %v", what, p.Status, p.Header.Get("Content-Disposition"), err)
		}
		if got := p.Header.Get("Content-Type"); got != w.kind {
			t.Errorf("%s: Content-Type %q, want %q", what, got, w.kind)
		}
		if got := p.Header.Get("Content-Length"); got != strconv.FormatInt(size, 10) {
			t.Errorf("%s: Content-Length %q, want %d", what, got, size)
		}
		if len(p.Header.Values("Set-Cookie")) > 0 || p.Header.Get("X-Content-Type-Options") != "nosniff" || p.Header.Get("Accept-Ranges") != "bytes" {
			t.Errorf("%s: %v", what, p.Header)
		}
	}
	both(t, 1, func(t *testing.T, r *rig) {
		b := r.browser()
		b.signUp()
		w := r.instances[0].wire(t)
		for _, want := range list {
			link := b.link(want.id)
			size := r.downloads[slices.IndexFunc(r.downloads, func(d catalogue.Download) bool { return d.ID == want.id })].Bytes
			// What the reader sends or calls the file by changes neither type nor name.
			header := []string{"Accept", "text/html", "Content-Type", "text/html", "Accept-Encoding", "gzip, br"}
			get, head := w.ask("GET", link, header...), w.ask("HEAD", link, header...)
			check(t, "GET "+want.id, get, want, size)
			check(t, "HEAD "+want.id, head, want, size)
			head.Body = get.Body
			if diff := same(get, head); diff != "" {
				t.Errorf("%s: GET and HEAD differ in %.200s", want.id, diff)
			}
		}
	}, add)
	t.Run("S3", func(t *testing.T) {
		t.Parallel()
		store := versitygw.Start(t)
		r := start(t, "sqlite", 0, add)
		at := filepath.Join(r.dir, "gate.yaml")
		yaml, err := os.ReadFile(at)
		if err == nil {
			s3 := fmt.Sprintf("masters: {s3: {endpoint: %q, region: %s, bucket: masters, accessKey: %s, secretKey: %s}}", store.URL, store.Region, store.AccessKey, store.SecretKey)
			err = os.WriteFile(at, bytes.Replace(yaml, fmt.Appendf(nil, "masters: %q", r.masters), []byte(s3), 1), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
		r.launch()
		b := r.browser()
		b.signUp()
		for _, want := range list {
			d := r.downloads[slices.IndexFunc(r.downloads, func(d catalogue.Download) bool { return d.ID == want.id })]
			data, err := os.ReadFile(filepath.Join(r.masters, d.File))
			if err != nil {
				t.Fatal(err)
			}
			store.Put(t, "masters", d.File, data)
			link := b.link(want.id)
			check(t, "HEAD "+want.id, b.request("HEAD", link, nil), want, d.Bytes)
			get := b.get(link)
			if get.Status != http.StatusFound || !strings.HasPrefix(get.to(), store.URL+"/masters/") {
				t.Fatalf("%s: %d %q", want.id, get.Status, get.to())
			}
			res, err := http.Get(get.to())
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(res.Body)
			res.Body.Close()
			_, params, e := mime.ParseMediaType(res.Header.Get("Content-Disposition"))
			if err != nil || e != nil || !bytes.Equal(body, data) || res.Header.Get("Content-Type") != want.kind || params["filename"] != want.name {
				t.Errorf("%s from the store: %s, %d bytes, %q, %q", want.id, res.Status, len(body), res.Header.Get("Content-Type"), res.Header.Get("Content-Disposition"))
			}
		}
	})
}
