//go:build gatetest

package acceptance

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"mime"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"pressroom/internal/catalogue"
	"pressroom/internal/gate/files"
	"pressroom/internal/gate/keyring"
	"pressroom/internal/testkit/versitygw"
)

// A link is changed in any of its parts: all of them are refused in the same words, so
// that nobody learns which one they should work at.
func TestRow51(t *testing.T) {
	both(t, 1, func(t *testing.T, r *rig) {
		b := r.browser()
		b.signUp()
		good := b.link(broadcast)
		is := takeApart(t, good)
		other := takeApart(t, b.link(web720))
		w := r.instances[0].wire(t)
		if p := w.ask("GET", good); p.Status != http.StatusOK || int64(len(p.Body)) != r.downloads[0].Bytes {
			t.Fatalf("the link itself: %d, %d bytes", p.Status, len(p.Body))
		}
		none := w.ask("GET", "/files/none")
		if none.Status != http.StatusForbidden {
			t.Fatalf("no link at all: %d", none.Status)
		}
		refused := func(what, target string, alike ...int) {
			t.Helper()
			p := w.ask("GET", target)
			if slices.Contains(alike, p.Status) && !strings.Contains(p.Body, "broadcast quality") {
				return
			}
			if diff := same(p, none); diff != "" {
				t.Errorf("%s: %q: %.200s", what, target, diff)
			}
		}

		changes := map[string]func(s *signed){
			"another video":     func(s *signed) { s.Path = strings.Replace(s.Path, "0412", "0413", 1) },
			"another rendition": func(s *signed) { s.Path = other.Path },
			"another name":      func(s *signed) { s.Path += "x" },
			"no name":           func(s *signed) { s.Path = s.Path[:strings.LastIndexByte(s.Path, '/')] },
			"one more segment":  func(s *signed) { s.Path += "/x" },
			"a slash":           func(s *signed) { s.Path += "/" },
			"two slashes":       func(s *signed) { s.Path = strings.Replace(s.Path, "/files/", "/files//", 1) },
			"a dot segment":     func(s *signed) { s.Path = strings.Replace(s.Path, "/files/", "/files/./", 1) },
			"up and down":       func(s *signed) { s.Path = strings.Replace(s.Path, "/files/", "/files/x/../", 1) },
			"an escape":         func(s *signed) { s.Path = strings.Replace(s.Path, "MC", "%4DC", 1) },
			"small letters":     func(s *signed) { s.Path = strings.ToLower(s.Path) },
			"another account":   func(s *signed) { s.Account = strings.Repeat("A", len(s.Account)) },
			"no account":        func(s *signed) { s.Account = "" },
			"a second later":    func(s *signed) { s.Expires = strconv.FormatInt(s.until(t).Unix()+1, 10) },
			"a second earlier":  func(s *signed) { s.Expires = strconv.FormatInt(s.until(t).Unix()-1, 10) },
			"years later":       func(s *signed) { s.Expires = "9" + s.Expires },
			"never":             func(s *signed) { s.Expires = "" },
			"before 1970":       func(s *signed) { s.Expires = "-" + s.Expires },
			"a zero in front":   func(s *signed) { s.Expires = "0" + s.Expires },
			"more than fits":    func(s *signed) { s.Expires = strings.Repeat("9", 40) },
			"another grant":     func(s *signed) { s.Grant = other.Grant },
			"no grant":          func(s *signed) { s.Grant = "" },
			"unknown key":       func(s *signed) { s.Key = "aaaaaaaa" },
			"no key":            func(s *signed) { s.Key = "" },
			"key in capitals":   func(s *signed) { s.Key = strings.ToUpper(s.Key) },
			"no signature":      func(s *signed) { s.Signature = "" },
			"half a signature":  func(s *signed) { s.Signature = s.Signature[:20] },
			"one sign less":     func(s *signed) { s.Signature = s.Signature[:len(s.Signature)-1] },
			"one sign more":     func(s *signed) { s.Signature += "A" },
			"padding":           func(s *signed) { s.Signature += "=" },
			"zeros":             func(s *signed) { s.Signature = strings.Repeat("A", len(s.Signature)) },
			"another signature": func(s *signed) { s.Signature = other.Signature },
			"unused bits": func(s *signed) { // the last sign carries four bits of six
				const signs = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
				last := len(s.Signature) - 1
				s.Signature = s.Signature[:last] + string(signs[strings.IndexByte(signs, s.Signature[last])^1])
			},
		}
		for what, change := range changes {
			s := is
			change(&s)
			refused(what, s.String())
		}
		path, query, _ := strings.Cut(good, "?")
		fields := strings.Split(query, "&")
		for i := range fields {
			for what, changed := range map[string][]string{
				"without a field":    slices.Delete(slices.Clone(fields), i, i+1),
				"a field twice":      slices.Insert(slices.Clone(fields), i, fields[i]),
				"a field at the end": append(slices.Delete(slices.Clone(fields), i, i+1), fields[i]),
				"a strange field":    slices.Insert(slices.Clone(fields), i, "x=1"),
				"a name in capitals": slices.Replace(slices.Clone(fields), i, i+1, strings.ToUpper(fields[i][:1])+fields[i][1:]),
				"an escaped name":    slices.Replace(slices.Clone(fields), i, i+1, fmt.Sprintf("%%%02X%s", fields[i][0], fields[i][1:])),
				"an empty field":     slices.Insert(slices.Clone(fields), i, ""),
			} {
				if slices.Equal(changed, fields) { // the last one moved to the end
					continue
				}
				refused(what+" "+fields[i], path+"?"+strings.Join(changed, "&"))
			}
		}
		refused("a semicolon", path+"?"+strings.ReplaceAll(query, "&", ";"))
		refused("no question mark", path+"/"+query)

		// Every byte once, and as many more as make 500 flips.
		dice := rand.New(rand.NewPCG(51, 1))
		for n := range 500 {
			at := n
			if at >= len(good) {
				at = dice.IntN(len(good))
			}
			flipped := []byte(good)
			flipped[at] ^= 1 << dice.IntN(8)
			var alike []int
			if c := flipped[at]; c <= ' ' || c == 0x7f || c == '%' || at == 0 {
				alike = append(alike, http.StatusBadRequest) // no request line
			}
			if at < len("/files/") {
				alike = append(alike, http.StatusNotFound, http.StatusBadRequest) // another address altogether
			}
			refused(fmt.Sprintf("byte %d", at), string(flipped), alike...)
		}

		for _, method := range []string{"POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "get", "BREW"} {
			signed, unsigned := w.ask(method, good, "Content-Length", "0"), w.ask(method, "/files/none", "Content-Length", "0")
			if diff := same(signed, unsigned); diff != "" || signed.Status != http.StatusMethodNotAllowed {
				t.Errorf("%s: %d; with and without a valid link: %s", method, signed.Status, diff)
			}
		}
		if p := w.ask("HEAD", good); p.Status != http.StatusOK || p.Body != "" {
			t.Errorf("HEAD: %d, %d bytes", p.Status, len(p.Body))
		}
		if p := w.ask("GET", good); p.Status != http.StatusOK {
			t.Errorf("after all that the link itself: %d", p.Status)
		}
	})
}

// A link outlives its five minutes, or a transfer does: what has begun ends well, what
// begins later is refused, and the address that stays leads on from where it stopped.
func TestRow52(t *testing.T) {
	long := pattern(32 << 20)
	both(t, 2, func(t *testing.T, r *rig) {
		b := r.browser()
		b.signUp()
		const id = "MC-20240527-V-0412/long"
		link := b.link(id)
		started, cut := r.open(t, 0, link), r.open(t, 0, link)
		part := make([]byte, 5<<20)
		for _, res := range []*http.Response{started, cut} {
			if _, err := io.ReadFull(res.Body, part); err != nil || !bytes.Equal(part, long[:len(part)]) {
				t.Fatalf("the beginning: %v", err)
			}
		}
		cut.Body.Close() // the network is gone

		stranger := r.browser()
		r.advance(time.Until(takeApart(t, link).until(t)) - 20*time.Second)
		if p := stranger.get(link, "Range", "bytes=0-9"); p.Status != http.StatusPartialContent {
			t.Errorf("before it expires: %d", p.Status)
		}
		r.advance(time.Until(takeApart(t, link).until(t)))
		for _, header := range [][]string{nil, {"Range", "bytes=5242880-"}, {"Range", "bytes=5242880-", "If-Range", cut.Header.Get("ETag")}, {"If-None-Match", cut.Header.Get("ETag")}} {
			if p := stranger.get(link, header...); p.Status != http.StatusForbidden {
				t.Errorf("from its end on, %q: %d", header, p.Status)
			}
		}
		if rest, err := io.ReadAll(started.Body); err != nil || !bytes.Equal(rest, long[len(part):]) {
			t.Errorf("the transfer that ran: %d bytes, %v", len(rest), err)
		}

		// The stable address, asked again by the same program, gives another link; the
		// tag says that it is the same file, whichever instance answers.
		from := fmt.Sprintf("bytes=%d-", len(part))
		again := b.on(1).link(id)
		if again == link {
			t.Error("the same link again")
		}
		p := stranger.on(1).get(again, "Range", from, "If-Range", cut.Header.Get("ETag"))
		if want := fmt.Sprintf("bytes %d-%d/%d", len(part), len(long)-1, len(long)); p.Status != http.StatusPartialContent || p.Header.Get("Content-Range") != want || p.Body != string(long[len(part):]) {
			t.Errorf("the rest: %d, %q, %d bytes", p.Status, p.Header.Get("Content-Range"), len(p.Body))
		}
		for _, tag := range []string{`"another"`, "W/" + cut.Header.Get("ETag"), "Sun, 22 Nov 2026 12:00:00 GMT"} {
			if p := stranger.get(again, "Range", from, "If-Range", tag); p.Status != http.StatusOK || p.Body != string(long) {
				t.Errorf("the rest of what has the tag %s: %d, %d bytes", tag, p.Status, len(p.Body))
			}
		}

		// The newsroom replaces the file: nobody is given the end of another one.
		changed := bytes.ToUpper(long)
		r.downloads = slices.DeleteFunc(r.downloads, func(d catalogue.Download) bool { return d.ID == id })
		r.addDownload(id, "long.mxf", changed)
		r.writeCatalogue()
		eventually(t, "the new catalogue", func() bool {
			p := stranger.request("HEAD", again, nil)
			return p.Status == http.StatusOK && p.Header.Get("ETag") != cut.Header.Get("ETag")
		})
		if p := stranger.get(again, "Range", from, "If-Range", cut.Header.Get("ETag")); p.Status != http.StatusOK || p.Body != string(changed) {
			t.Errorf("the rest of a file that was replaced: %d, %d bytes", p.Status, len(p.Body))
		}
		if p := stranger.get(again, "If-Match", cut.Header.Get("ETag")); p.Status != http.StatusPreconditionFailed {
			t.Errorf("If-Match of a file that was replaced: %d", p.Status)
		}
	}, withFile("MC-20240527-V-0412/long", "long.mxf", long))
}

// open begins a transfer and leaves the body to be read.
func (r *rig) open(t testing.TB, at int, link string, header ...string) *http.Response {
	t.Helper()
	req, err := http.NewRequest("GET", "http://"+r.instances[at%len(r.instances)].public+link, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Host = host
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { res.Body.Close() })
	return res
}

// Two people's links to two files are mixed in every way, and an account ends while its
// link is out.
func TestRow53(t *testing.T) {
	both(t, 2, func(t *testing.T, r *rig) {
		ines, femi := r.browser(), r.browser()
		ines.signUp()
		femi.signUp()
		one, two := takeApart(t, ines.link(broadcast)), takeApart(t, femi.link(web720))
		whole := map[string]int{one.String(): int(r.downloads[0].Bytes), two.String(): int(r.downloads[1].Bytes)}
		w := r.instances[len(r.instances)-1].wire(t)
		worked := 0
		for mix := range 64 {
			s := one
			for bit, swap := range []func(){
				func() { s.Path = two.Path }, func() { s.Account = two.Account }, func() { s.Expires = two.Expires },
				func() { s.Grant = two.Grant }, func() { s.Key = two.Key }, func() { s.Signature = two.Signature },
			} {
				if mix>>bit&1 == 1 {
					swap()
				}
			}
			p := w.ask("GET", s.String())
			if size, pure := whole[s.String()]; pure {
				worked++
				if p.Status != http.StatusOK || len(p.Body) != size {
					t.Errorf("unmixed: %d, %d bytes", p.Status, len(p.Body))
				}
			} else if p.Status != http.StatusForbidden {
				t.Errorf("mix %06b: %d", mix, p.Status)
			}
		}
		if worked < 2 {
			t.Errorf("%d links worked unmixed", worked)
		}

		// Each way of losing an account or a session: no new link from then on, and the old
		// one is over in five minutes.
		db, inside := r.db(), r.inside(0)
		lose := map[string]func(b *browser, email string){
			"blocked": func(_ *browser, email string) {
				if err := inside.Block(context.Background(), r.accountOf(db, email), true); err != nil {
					t.Fatal(err)
				}
			},
			"ended by the operator": func(_ *browser, email string) {
				if err := inside.EndAllSessions(context.Background(), r.accountOf(db, email)); err != nil {
					t.Fatal(err)
				}
			},
			"deleted": func(b *browser, _ string) {
				if p := b.post("/account/delete", "password", password); p.Status != http.StatusOK {
					t.Fatalf("delete: %d %s", p.Status, p.text())
				}
			},
			"logged out elsewhere": func(_ *browser, email string) {
				other := r.browser()
				if p := other.logIn(email, password); p.Status != http.StatusSeeOther {
					t.Fatalf("log in: %d %s", p.Status, p.text())
				}
				if p := other.post("/account/sessions"); p.Status != http.StatusSeeOther {
					t.Fatalf("end the others: %d %s", p.Status, p.text())
				}
			},
		}
		for what, end := range lose {
			b := r.browser()
			email := b.signUp()
			thief := b.copyOf() // deleting takes the cookie away from b
			link := b.link(broadcast)
			end(b, email)
			for at := range r.instances {
				if p := thief.on(at).get("/download/" + broadcast); p.Status != http.StatusSeeOther || !strings.HasPrefix(p.to(), "/account/login") {
					t.Errorf("%s: instance %d leads to %d %q", what, at, p.Status, p.to())
				}
			}
			if left := time.Until(takeApart(t, link).until(t)); left > 5*time.Minute {
				t.Errorf("%s: the link that is out holds for %s", what, left)
			}
			r.advance(time.Until(takeApart(t, link).until(t)))
			if p := w.ask("GET", link); p.Status != http.StatusForbidden {
				t.Errorf("%s: the link that was out: %d", what, p.Status)
			}
			r.advance(0)
		}

		// What the newsroom withdraws is withdrawn from links that are out as well.
		link := ines.link(web720)
		r.downloads = r.downloads[:1]
		r.writeCatalogue()
		eventually(t, "the new catalogue", func() bool { return w.ask("GET", link).Status == http.StatusNotFound })
		if p := ines.on(1).get("/download/" + web720); p.Status != http.StatusNotFound {
			eventually(t, "the new catalogue on the other", func() bool { return ines.on(1).get("/download/"+web720).Status == http.StatusNotFound })
		}
	})
}

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

// An account or a link is shared with many: so many transfers run at once and so many
// bytes leave in a day, and all that was given is written down.
func TestRow57(t *testing.T) {
	const parallel, files = 4, 20
	film := func(i int) string { return fmt.Sprintf("MC-20240601-V-0001/film-%d", i) }
	add := func(r *rig) {
		// Larger than what all buffers between two programs hold: a reader who does not
		// read keeps the transfer.
		if err := os.WriteFile(filepath.Join(r.masters, "long.mxf"), nil, 0o600); err != nil {
			r.t.Fatal(err)
		}
		if err := os.Truncate(filepath.Join(r.masters, "long.mxf"), 64<<20); err != nil {
			r.t.Fatal(err)
		}
		r.downloads = append(r.downloads, catalogue.Download{ID: "MC-20240601-V-0001/long", Title: "Long", File: "long.mxf", Type: "application/mxf", Bytes: 64 << 20, SHA256: strings.Repeat("0", 64), Access: "account"})
		for i := range files {
			r.addDownload(film(i), fmt.Sprintf("film-%d.mxf", i), bytes.Repeat([]byte("x"), 600_000))
		}
		r.writeCatalogue()
	}
	both(t, 2, func(t *testing.T, r *rig) {
		ines, femi := r.browser(), r.browser()
		ines.signUp()
		femi.signUp()
		links := []string{ines.link("MC-20240601-V-0001/long"), ines.link("MC-20240601-V-0001/long")}
		var all sync.WaitGroup
		answers := make([]*http.Response, 20)
		for i := range answers {
			all.Go(func() { answers[i] = r.open(t, 0, links[i%2], "X-Forwarded-For", fmt.Sprintf("198.51.100.%d", i)) })
		}
		all.Wait()
		var running []*http.Response
		for _, res := range answers {
			switch res.StatusCode {
			case http.StatusOK:
				running = append(running, res)
			case http.StatusTooManyRequests:
				if res.Header.Get("Retry-After") == "" {
					t.Error("refused without a Retry-After")
				}
			default:
				t.Errorf("%s", res.Status)
			}
		}
		if len(running) != parallel {
			t.Fatalf("%d of 20 transfers run at once, want %d", len(running), parallel)
		}
		if res := r.open(t, 0, femi.link("MC-20240601-V-0001/long")); res.StatusCode != http.StatusOK {
			t.Errorf("another account: %s", res.Status)
		}
		running[0].Body.Close()
		eventually(t, "a transfer to end", func() bool {
			res := r.open(t, 0, links[0])
			if res.StatusCode != http.StatusOK {
				res.Body.Close()
			}
			return res.StatusCode == http.StatusOK
		})
		if res := r.open(t, 0, links[1]); res.StatusCode != http.StatusTooManyRequests {
			t.Errorf("one more than there is room for: %s", res.Status)
		}

		// The budget of a day: 1 MB.
		db := r.db()
		granted := func(b *browser, at int, id string) int {
			p := b.on(at).get("/download/" + id)
			if p.Status != http.StatusSeeOther && p.Status != http.StatusTooManyRequests {
				t.Errorf("%s: %d\n%s", id, p.Status, p.text())
			}
			return p.Status
		}
		olga := r.browser()
		email := olga.signUp()
		for _, step := range []struct {
			id   string
			want int
		}{
			{film(0), 303},
			{film(1), 429},
			{film(0), 303}, // again, as a resumed download does
			{web720, 303},  // there is room for a small one
			{film(2), 429},
			{web720, 303},
		} {
			if got := granted(olga, 1, step.id); got != step.want {
				t.Errorf("%s: %d, want %d", step.id, got, step.want)
			}
		}
		if got := granted(femi, 1, web720); got != http.StatusTooManyRequests { // 64 MiB is more than a day's
			t.Errorf("after one long film: %d", got)
		}
		id := r.accountOf(db, email)
		var taken []string
		for _, line := range r.query(db, "SELECT download FROM grants WHERE account = $1 ORDER BY at", id) {
			taken = append(taken, line[0])
		}
		if want := []string{film(0), film(0), web720, web720}; !slices.Equal(taken, want) {
			t.Errorf("written down are %q, want %q", taken, want)
		}
		var events []string
		for _, line := range r.query(db, "SELECT result, subject FROM audit WHERE account = $1 AND what = 'grant' ORDER BY seq", id) {
			events = append(events, line[0]+" "+line[1])
		}
		if want := []string{"ok " + film(0), "too_much " + film(1), "ok " + film(0), "ok " + web720, "too_much " + film(2), "ok " + web720}; !slices.Equal(events, want) {
			t.Errorf("the audit has %q, want %q", events, want)
		}
		if p := olga.get("/account/downloads"); !strings.Contains(p.Body, film(0)) || !strings.Contains(p.Body, web720) || strings.Contains(p.Body, film(1)) {
			t.Errorf("the page of downloads:\n%s", p.text())
		}

		// Twenty at once, over two instances: the first is given whatever its size, and no
		// other gets by while it is being written down.
		for range 3 {
			race := r.browser()
			race.signUp()
			var n atomic.Int32
			barrier := make(chan struct{})
			for i := range files {
				one := race.twin()
				all.Go(func() {
					<-barrier
					if granted(one, i, film(i)) == http.StatusSeeOther {
						n.Add(1)
					}
				})
			}
			close(barrier)
			all.Wait()
			if n.Load() != 1 {
				t.Errorf("%d of %d films at once were given, want 1", n.Load(), files)
			}
		}
		r.advance(24*time.Hour + time.Minute)
		if got := granted(olga, 0, film(1)); got != http.StatusSeeOther {
			t.Errorf("the next day: %d", got)
		}
	}, add, with("limits: {bytesDaily: 1MB}"))
}

// The key that signs links is changed while many download: nobody is refused for it. Links
// end with the key that signed them.
func TestRow58(t *testing.T) {
	both(t, 2, func(t *testing.T, r *rig) {
		at := filepath.Join(r.dir, "data", "keys")
		first, err := keyring.Load(at)
		if err != nil {
			t.Fatal(err)
		}
		old := first.Signing()[0]
		var people []*browser
		for range 4 {
			b := r.browser()
			b.signUp()
			people = append(people, b)
		}
		before := people[0].link(web720)
		if key := takeApart(t, before).Key; key != old.ID {
			t.Fatalf("signed with %s, want %s", key, old.ID)
		}

		// Each asks one instance for a link and uses it at the other.
		stop := make(chan struct{})
		var all sync.WaitGroup
		var done [2]atomic.Int64 // by whether the key is the old one
		var mu sync.Mutex
		var wrong []string
		for i, b := range people {
			all.Go(func() {
				for n := i; ; n++ {
					select {
					case <-stop:
						return
					default:
					}
					p, err := b.on(n).try("GET", "/download/"+web720, nil)
					if err == nil && p.Status == http.StatusSeeOther {
						key := 0
						if u, e := url.Parse(p.to()); e == nil && u.Query().Get("key") != old.ID {
							key = 1
						}
						p, err = b.on(n+1).try("GET", p.to(), nil)
						if err == nil && p.Status == http.StatusOK {
							done[key].Add(1)
							continue
						}
					}
					mu.Lock()
					if err != nil {
						wrong = append(wrong, err.Error())
					} else {
						wrong = append(wrong, fmt.Sprintf("%d %s", p.Status, p.text()))
					}
					mu.Unlock()
				}
			})
		}
		eventually(t, "downloads with the old key", func() bool { return done[0].Load() > 50 })
		rotated, err := keyring.Rotate(at, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		fresh := rotated.Signing()[1]
		for _, i := range r.instances {
			eventually(t, "the keys to be read again", func() bool { return strings.Contains(i.log.String(), "the keys were read again") })
		}
		if done[1].Load() > 0 {
			t.Error("the new key signs before every instance can have read it")
		}
		// One instance after the other comes to the time at which the new key signs.
		r.advance(time.Until(fresh.From) + time.Second)
		eventually(t, "downloads with the new key", func() bool { return done[1].Load() > 50 })
		during := people[0].link(web720)
		w := r.instances[0].wire(t)
		for what, link := range map[string]string{"before": before, "during": during} {
			if p := w.ask("GET", link); p.Status != http.StatusOK {
				t.Errorf("a link made %s: %d", what, p.Status)
			}
		}
		close(stop)
		all.Wait()
		if len(wrong) > 0 {
			t.Errorf("%d of %d were refused, the first: %s", len(wrong), done[0].Load()+done[1].Load(), wrong[0])
		}

		// A link that would hold longer than its key, as only the holder of the key can make.
		lasting := func(k files.Key) string {
			t.Helper()
			k.From, k.Until = time.Time{}, time.Time{}
			ring, err := files.NewKeyring(k)
			if err != nil {
				t.Fatal(err)
			}
			link, err := ring.Link(files.Grant{ID: "g", Account: "a", Download: web720, Expires: time.Now().Add(48 * time.Hour)}, "clip.mp4", time.Now())
			if err != nil {
				t.Fatal(err)
			}
			return link
		}
		status := func(link string, want int, what string) {
			t.Helper()
			for _, i := range r.instances {
				if p := i.wire(t).ask("GET", link); p.Status != want {
					t.Errorf("%s: %d, want %d", what, p.Status, want)
				}
			}
		}
		until := rotated.Signing()[0].Until
		if until.IsZero() {
			t.Fatal("the old key never ends")
		}
		status(lasting(old), http.StatusOK, "the old key while it verifies")
		r.advance(time.Until(until) - 20*time.Second)
		status(lasting(old), http.StatusOK, "the old key shortly before its end")
		r.advance(time.Until(until))
		status(lasting(old), http.StatusForbidden, "the old key at its end")
		status(lasting(fresh), http.StatusOK, "the new key after the old one's end")
		unknown := fresh
		unknown.ID = "aaaaaaaa"
		status(lasting(unknown), http.StatusForbidden, "an unknown key")
		unknown.ID, unknown.Secret = "aaaaaaaa", make([]byte, len(fresh.Secret))
		status(lasting(unknown), http.StatusForbidden, "an unknown key of zeros")
		unknown.ID = fresh.ID
		status(lasting(unknown), http.StatusForbidden, "a known key with another secret")

		// A key that has become known is removed: its links are void at once.
		r.advance(0)
		third, err := keyring.Rotate(at, time.Now().Add(2*time.Minute))
		if err != nil {
			t.Fatal(err)
		}
		newest := third.Signing()[len(third.Signing())-1]
		r.advance(time.Until(newest.From) + time.Second)
		for _, i := range r.instances {
			eventually(t, "the third key", func() bool { return i.wire(t).ask("GET", lasting(newest)).Status == http.StatusOK })
		}
		if _, err := keyring.Remove(at, fresh.ID, newest.From.Add(time.Second)); err != nil {
			t.Fatal(err)
		}
		for _, i := range r.instances {
			eventually(t, "the removed key to be refused", func() bool { return i.wire(t).ask("GET", lasting(fresh)).Status == http.StatusForbidden })
		}
		status(people[1].link(web720), http.StatusOK, "a link after that")

		// A file that cannot be read changes nothing.
		if err := os.WriteFile(at, []byte("{"), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, i := range r.instances {
			eventually(t, "the broken file to be told", func() bool { return strings.Contains(i.log.String(), "the ones before stay in force") })
		}
		status(people[1].link(web720), http.StatusOK, "a link while the file is broken")
	})
}
