//go:build gatetest

package acceptance

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pressroom/internal/catalogue"
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
