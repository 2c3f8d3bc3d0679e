//go:build gatetest

package acceptance

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pressroom/internal/catalogue"
	"pressroom/internal/testkit/locked"
)

// caches are CDNs of several minds. All of them look a page up without regard to cookies,
// as most do.
var caches = map[string]string{
	// Varnish's own rules, which know Cache-Control and Surrogate-Control.
	"by the rules": "",
	// Everything is kept for an hour, unless the header for CDNs forbids it (RFC 9213).
	"by CDN-Cache-Control": `sub vcl_backend_response {
		if (beresp.http.CDN-Cache-Control ~ "no-store") { set beresp.uncacheable = true; } else { unset beresp.http.Set-Cookie; set beresp.ttl = 1h; }
		return (deliver); }`,
	"by Cache-Control": `sub vcl_backend_response {
		if (beresp.http.Cache-Control ~ "private|no-store") { set beresp.uncacheable = true; } else { unset beresp.http.Set-Cookie; set beresp.ttl = 1h; }
		return (deliver); }`,
	"by Surrogate-Control": `sub vcl_backend_response {
		if (beresp.http.Surrogate-Control ~ "no-store") { set beresp.uncacheable = true; } else { unset beresp.http.Set-Cookie; set beresp.ttl = 1h; }
		return (deliver); }`,
}

// careless keeps what looks like a style sheet or a script, whatever its headers say.
const careless = `sub vcl_backend_response {
	if (bereq.url ~ "(?i)^[^?]*(\.|%2e)(css|js|png|jpg|svg|txt|json|ico)" || bereq.url ~ "^/(css|static)/") {
		unset beresp.http.Set-Cookie; set beresp.uncacheable = false; set beresp.ttl = 1h; return (deliver);
	}
	set beresp.uncacheable = true;
	return (deliver); }`

// routing sends what belongs to the gate to it, the rest to the site, and looks everything
// up without regard to cookies.
const routing = `sub vcl_recv {
	if (req.url ~ "(?i)account|newsletter|download|files") { set req.backend_hint = gate; } else { set req.backend_hint = site; }
	if (req.method == "GET" || req.method == "HEAD") { return (hash); }
	return (pass); }
`

// everyPage are the addresses that can be got, as they come in pages.
var everyPage = []string{
	"/account", "/account/session", "/account/sessions", "/account/downloads", "/account/password", "/account/export", "/account/delete",
	"/account/welcome", "/account/welcome?new=1", "/account/login", "/account/login?return=%2Fvideos%2F", "/account/logout", "/account/register",
	"/account/verify", "/account/verify/resend", "/account/reset", "/account/reset/verify", "/account/reset/resend", "/account/reset/password",
	"/account/reset/done", "/newsletter/subscribe", "/newsletter/confirm", "/newsletter/resend", "/newsletter/unsubscribe", "/newsletter/unsubscribe?t=x.y",
	"/download/" + broadcast, "/account?lang=fr", "/newsletter/subscribe?lang=fr",
}

// A cache in front keeps nothing that is one reader's: two readers and a stranger ask for
// the same addresses through Varnish, and for addresses that look like a file of the site.
func TestRow59(t *testing.T) {
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Cache-Control", "public, max-age=60")
		io.WriteString(w, "the same for everybody")
	}))
	t.Cleanup(site.Close)
	both(t, 1, func(t *testing.T, r *rig) {
		// Readers known by names that are nowhere else.
		named := func(r *rig, name string) *browser {
			b := r.browser()
			b.signUp()
			if p := b.post("/account", "name", name, "language", "en"); p.Status != http.StatusSeeOther {
				t.Fatalf("set the name: %d %s", p.Status, p.text())
			}
			return b
		}
		ask := func(t *testing.T, front *rig) {
			t.Helper()
			ines, femi, nobody := named(front, "Ines of the harbour"), named(front, "Femi of the quay"), front.browser()
			private := func(what string, p *page) {
				t.Helper()
				if ids := strings.Fields(p.Header.Get("X-Varnish")); len(ids) != 1 {
					t.Errorf("%s, %d: comes out of the cache: X-Varnish %q, Age %q", what, p.Status, ids, p.Header.Get("Age"))
				}
				for k, want := range map[string]string{"Cache-Control": "private, no-store", "CDN-Cache-Control": "no-store", "Surrogate-Control": "no-store"} {
					if got := p.Header.Get(k); got != want {
						t.Errorf("%s, %d: %s: %q, want %q", what, p.Status, k, got, want)
					}
				}
				if c := p.Header.Values("Set-Cookie"); len(c) > 0 {
					t.Errorf("%s, %d: a GET sets %q", what, p.Status, c)
				}
			}
			seen := map[int]int{}
			walk := func(paths []string, want ...int) {
				t.Helper()
				for _, path := range paths {
					for _, who := range []struct {
						*browser
						name, other string
					}{{ines, "Ines of the harbour", "Femi"}, {femi, "Femi of the quay", "Ines"}, {nobody, "", " of the quay"}, {ines, "Ines of the harbour", "Femi"}} {
						for _, method := range []string{"GET", "HEAD"} {
							if method == "HEAD" && who.browser != femi {
								continue
							}
							p := who.request(method, path, nil, "Sec-Fetch-Site", "same-origin")
							seen[p.Status]++
							what := fmt.Sprintf("%s %s of %q", method, path, who.name)
							if len(want) > 0 && !slices.Contains(want, p.Status) {
								t.Errorf("%s: %d", what, p.Status)
							}
							private(what, p)
							if strings.Contains(p.Body, who.other) {
								t.Errorf("%s: shows another's page", what)
							}
							if method == "GET" && path == "/account/session" && p.Status == http.StatusOK && !strings.Contains(p.Body, fmt.Sprintf(`"signedIn":%v`, who.name != "")) {
								t.Errorf("%s: %s", what, p.Body)
							}
						}
					}
				}
			}
			walk(everyPage)
			walk([]string{"/account/none", "/download/none/none", "/newsletter", "/newsletter/x", "/download/", "/account/"}, http.StatusNotFound)
			walk([]string{"/account?lang=en&lang=fr", "/account/login?a=%zz"}, http.StatusBadRequest)
			walk([]string{"/files/none"}, http.StatusForbidden)

			// What acts is not looked up; its answers carry the same headers.
			for path, want := range map[string]int{"/account/login": 422, "/account/register": 422, "/account/reset": 422, "/newsletter/subscribe": 422, "/account/session": 405, "/download/" + broadcast: 405} {
				p := nobody.post(path, "email", "nobody", "password", "x")
				seen[p.Status]++
				if p.Status != want {
					t.Errorf("POST %s: %d, want %d", path, p.Status, want)
				}
				private("POST "+path, p)
			}
			p := nobody.postForm("/account/login", values("email", "x"), "Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site")
			seen[p.Status]++
			private("from another site", p)

			db := r.db()
			alter(t, db, "ALTER TABLE sessions RENAME TO sessions_away")
			walk([]string{"/account", "/account/session", "/download/" + broadcast}, http.StatusServiceUnavailable, http.StatusInternalServerError, http.StatusSeeOther, http.StatusOK)
			alter(t, db, "ALTER TABLE sessions_away RENAME TO sessions")
			eventually(t, "the database to heal", func() bool { return ines.get("/account").Status == http.StatusOK })
			for _, status := range []int{200, 303, 400, 403, 404, 405, 422} {
				if seen[status] == 0 {
					t.Errorf("no answer with %d was looked at", status)
				}
			}
			if seen[500]+seen[503] == 0 {
				t.Error("no answer with 5xx was looked at")
			}

			// The control: what is everybody's is kept, cookies or not, and sets none.
			for i, b := range []*browser{ines, femi, nobody} {
				p := b.get("/videos/")
				if hit := len(strings.Fields(p.Header.Get("X-Varnish"))) == 2; hit != (i > 0) || len(p.Header.Values("Set-Cookie")) > 0 {
					t.Errorf("the site's page the %d. time: X-Varnish %q, %q", i+1, p.Header.Get("X-Varnish"), p.Header.Values("Set-Cookie"))
				}
			}
		}
		for name, vcl := range caches {
			t.Run(name, func(t *testing.T) {
				front := r.behind(varnish(t, r.instances[0].public, site.Listener.Addr().String(), routing+vcl))
				front.t = t
				ask(t, front)
			})
		}
		t.Run("by the name", func(t *testing.T) {
			front := r.behind(varnish(t, r.instances[0].public, site.Listener.Addr().String(), routing+careless))
			front.t = t
			ines := named(front, "Ines of the harbour")
			ines.mu.Lock()
			cookie := "__Host-session=" + ines.cookies["__Host-session"]
			ines.mu.Unlock()
			if !ines.signedIn() {
				t.Fatal("not signed in")
			}
			w, kept := front.instances[0].wire(t), 0
			for _, page := range []string{"/account", "/account/session", "/account/sessions", "/newsletter/subscribe", "/download/" + broadcast} {
				for _, name := range []string{
					"/x.css", "/.css", ".css", ";.css", ";x.css", "/;.js", "%3b.css", "%3bx.css", "%2fx.css", "%2f.css", "/..%2fstyle.css", "/%2e%2e/style.css", "/..;/x.css",
					"%00.css", "%0a.css", "%0d%0ax.css", "%20.css", "%23.css", "%23x.css", "%3fx.css", "%3f.css", "%5cx.css", `\x.css`, "//x.css", "/./x.css", "!.css", "~.css", "+.css", "%25%32%66x.css", "/x.json", "/session.json", ".json", ".txt", "/favicon.ico",
				} {
					target := page + name
					for _, who := range []string{cookie, "", cookie} {
						p := w.ask("GET", target, "Cookie", who)
						if len(strings.Fields(p.Header.Get("X-Varnish"))) == 2 {
							kept++
						}
						if p.Status != http.StatusNotFound && p.Status != http.StatusBadRequest && p.Status != http.StatusForbidden || strings.Contains(p.Body, "Ines of the harbour") || len(p.Header.Values("Set-Cookie")) > 0 || strings.Contains(p.Body, `"signedIn"`) {
							t.Errorf("%s: %d %q %.200s", target, p.Status, p.Header.Values("Set-Cookie"), p.text())
						}
					}
				}
				for _, prefix := range []string{"/css/..", "/css/%2e%2e", "/css/..%2f", "/css/%2e%2e%2f", "/static/..;", "/css/x/../..", "/", "/css/..%5c", "/."} {
					target := prefix + page
					for _, who := range []string{cookie, ""} {
						if p := w.ask("GET", target, "Cookie", who); p.Status != http.StatusNotFound && p.Status != http.StatusBadRequest || strings.Contains(p.Body, "Ines of the harbour") {
							t.Errorf("%s: %d %.200s", target, p.Status, p.text())
						}
					}
				}
			}
			if kept == 0 {
				t.Error("the careless cache kept nothing")
			}
		})
	})
}

// maskRandom takes out of a page what is random.
var maskRandom = regexp.MustCompile(`[0-9a-f]{18}`)

// Headers that no cache tells pages apart by appear in no page, change none and lead
// nowhere.
func TestRow60(t *testing.T) {
	const canary = "canary.evil.example"
	headers := map[string]string{
		"X-Forwarded-Host": canary, "X-Forwarded-Server": canary, "X-Host": canary, "X-Original-Host": canary, "X-HTTP-Host-Override": canary, "X-Backend-Host": canary,
		"Forwarded":      "for=" + canary + ";host=" + canary + ";proto=http",
		"X-Original-URL": "/account/reset/done?" + canary, "X-Rewrite-URL": "/account/reset/done?" + canary, "X-Forwarded-URI": "/" + canary, "X-Original-URI": "/" + canary, "X-Forwarded-Path": "/" + canary,
		"X-Forwarded-Prefix": "/" + canary, "X-Script-Name": "/" + canary, "X-Forwarded-For": canary, "X-Real-IP": canary, "True-Client-IP": canary, "CF-Connecting-IP": canary, "Client-IP": canary,
		"X-Forwarded-Proto": "http", "X-Forwarded-Scheme": "http", "X-Forwarded-Port": "1337", "X-Forwarded-Ssl": "off", "Front-End-Https": "off", "X-Url-Scheme": "http",
		"X-HTTP-Method-Override": "POST", "X-HTTP-Method": "DELETE", "X-Method-Override": "PUT", "X-Requested-With": canary,
		"Referer": "https://" + canary + "/", "Origin": "https://" + canary, "User-Agent": canary, "Accept": canary + "/x", "Accept-Language": canary, "Accept-Encoding": canary, "Accept-Charset": canary,
		"Authorization": "Bearer " + canary, "Via": "1.1 " + canary, "From": "x@" + canary, "Cookie2": canary, "Range": "bytes=0-0", "If-None-Match": "*", "If-Modified-Since": "Sun, 22 Nov 2099 12:00:00 GMT",
		"If-Match": `"x"`, "Content-Type": canary, "Pragma": canary, "X-Request-Id": canary, "X-Correlation-Id": canary, "Traceparent": canary, "Upgrade-Insecure-Requests": "1", "Sec-Fetch-Site": "cross-site", "Save-Data": "on", "DNT": "1", "Purpose": "prefetch",
	}
	both(t, 1, func(t *testing.T, r *rig) {
		in, out := r.browser(), r.browser()
		in.signUp()
		link := in.link(broadcast)
		for who, b := range map[string]*browser{"a reader": in, "a stranger": out} {
			for _, path := range append([]string{"/account/none", "/download/none/none", "/videos/", "/", "/files/none"}, everyPage...) {
				if strings.HasPrefix(path, "/download/") && b == in {
					continue // leads to another link each time
				}
				clean := b.get(path)
				clean.Body = maskRandom.ReplaceAllString(clean.Body, "")
				for name, value := range headers {
					p := b.get(path, name, value)
					for k, v := range p.Header {
						if strings.Contains(strings.Join(v, " "), canary) {
							t.Errorf("%s, %s, %s: in the header %s: %q", who, path, name, k, v)
						}
					}
					if strings.Contains(p.Body, canary) {
						t.Errorf("%s, %s, %s: in the page", who, path, name)
					}
					p.Body = maskRandom.ReplaceAllString(p.Body, "")
					if diff := same(p, clean); diff != "" {
						t.Errorf("%s, %s, %s: another page: %.300s", who, path, name, diff)
					}
					if c := p.Header.Get("Cache-Control"); c != "private, no-store" {
						t.Errorf("%s, %s, %s: Cache-Control %q", who, path, name, c)
					}
				}
			}
		}
		// The file itself, which may be kept by its reader: nothing of a request is in it.
		for name, value := range headers {
			switch name {
			case "Range", "If-None-Match", "If-Match": // mean something here
				continue
			}
			p := out.get(link, name, value)
			for k, v := range p.Header {
				if strings.Contains(strings.Join(v, " "), canary) {
					t.Errorf("the file, %s: in the header %s: %q", name, k, v)
				}
			}
			if p.Status != http.StatusOK || !strings.Contains(p.Header.Get("Cache-Control"), "private") || p.Header.Get("CDN-Cache-Control") != "no-store" {
				t.Errorf("the file, %s: %d %q", name, p.Status, p.Header.Get("Cache-Control"))
			}
		}
		// A form answers with an address of the site, whatever host a header speaks of.
		for name, value := range headers {
			if name == "Origin" || name == "Sec-Fetch-Site" || name == "Content-Type" {
				continue // decide whether a form is taken at all
			}
			p := out.postForm("/account/reset", values("email", "nobody", "return", "/videos/"), name, value)
			if p.Status != http.StatusUnprocessableEntity || strings.Contains(p.Body, canary) {
				t.Errorf("a form with %s: %d", name, p.Status)
			}
		}
	})
}

// Requests that could be read in two ways, so that part of one becomes another: refused
// when they come straight, and through nginx, HAProxy and Varnish nothing of them arrives as
// a request of its own, and nobody else is given what answers them.
func TestRow61(t *testing.T) {
	// What hides asks for another host. The servers in front set the host themselves, on
	// each request that they see: so the gate answers 421, and writes that down, where it
	// sees one more.
	whole := "GET /account/login HTTP/1.1\r\nHost: smuggled.invalid\r\n\r\n"
	post := "POST /account/login HTTP/1.1\r\nHost: " + host + "\r\nContent-Type: application/x-www-form-urlencoded\r\n"
	chunks := fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(whole), whole)
	type attack struct {
		name, text string
		tolerable  bool // means one thing only, to everybody, and may be answered
	}
	var attacks []attack
	add := func(name, text string) { attacks = append(attacks, attack{name: name, text: text}) }
	for name, te := range map[string]string{
		"chunked": "Transfer-Encoding: chunked\r\n", "capitals": "Transfer-Encoding: CHUNKED\r\n", "xchunked": "Transfer-Encoding: xchunked\r\n",
		"a blank before the colon": "Transfer-Encoding : chunked\r\n", "a tab": "Transfer-Encoding:\tchunked\r\n", "a vertical tab": "Transfer-Encoding:\x0bchunked\r\n",
		"a blank in front": " Transfer-Encoding: chunked\r\n", "folded": "Transfer-Encoding:\r\n chunked\r\n", "quoted": "Transfer-Encoding: \"chunked\"\r\n",
		"identity after": "Transfer-Encoding: chunked, identity\r\n", "identity before": "Transfer-Encoding: identity, chunked\r\n", "twice in one": "Transfer-Encoding: chunked, chunked\r\n",
		"twice": "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", "a comma": "Transfer-Encoding: ,chunked\r\n", "a parameter": "Transfer-Encoding: chunked;x=1\r\n",
		"gzip": "Transfer-Encoding: gzip, chunked\r\n", "NUL": "Transfer-Encoding: chunked\x00\r\n", "a bare CR": "X: y\rTransfer-Encoding: chunked\r\n", "a bare LF": "X: y\nTransfer-Encoding: chunked\r\n",
		"a bare LF after": "Transfer-Encoding: chunked\nX: y\r\n", "empty": "Transfer-Encoding: \r\n", "8 bits": "Transfer-Encoding: \xffchunked\r\n",
	} {
		add("CL.TE, "+name, post+"Content-Length: "+fmt.Sprint(5+len(whole))+"\r\n"+te+"\r\n0\r\n\r\n"+whole)
		add("TE.CL, "+name, post+te+"Content-Length: 4\r\n\r\n"+chunks)
		add("TE, "+name, post+te+"\r\n"+chunks)
	}
	for name, cl := range map[string]string{
		"two": "Content-Length: 0\r\nContent-Length: " + fmt.Sprint(len(whole)) + "\r\n", "a list": "Content-Length: 0, " + fmt.Sprint(len(whole)) + "\r\n", "plus": "Content-Length: +" + fmt.Sprint(len(whole)) + "\r\n",
		"minus": "Content-Length: -1\r\n", "hexadecimal": "Content-Length: 0x10\r\n", "two numbers": "Content-Length: 0 " + fmt.Sprint(len(whole)) + "\r\n", "too large": "Content-Length: 18446744073709551616\r\n",
		"underscore digits": "Content-Length: 1_0\r\n", "a blank before the colon": "Content-Length : " + fmt.Sprint(len(whole)) + "\r\n", "a letter": "Content-Length: 1a\r\n", "empty": "Content-Length:\r\n", "NUL": "Content-Length: 0\x00\r\n", "folded": "Content-Length:\r\n " + fmt.Sprint(len(whole)) + "\r\n",
		"after a bare LF": "X: y\nContent-Length: " + fmt.Sprint(len(whole)) + "\r\n",
	} {
		add("CL, "+name, post+cl+"\r\n"+whole)
	}
	for name, text := range map[string]string{
		"lines": "POST /account/login HTTP/1.1\nHost: " + host + "\nContent-Length: 0\n\n" + whole, "request line": "GET /account/login HTTP/1.1\nHost: " + host + "\r\n\r\n", "end": "GET /account/login HTTP/1.1\r\nHost: " + host + "\r\n\n" + whole,
		"header": "GET /account/login HTTP/1.1\r\nHost: " + host + "\nX: y\r\n\r\n", "hides an end": "GET /account/login HTTP/1.1\r\nHost: " + host + "\r\nX: y\n\n" + whole,
		"in a chunk": post + "Transfer-Encoding: chunked\r\n\r\n1;x\ny\r\n0\r\n\r\n", "chunk lines": post + "Transfer-Encoding: chunked\r\n\r\n0\n\n" + whole, "CR LF LF": "GET /account/login HTTP/1.1\r\nHost: " + host + "\r\n\r\r\n" + whole,
		"in the second request": "GET /account/login HTTP/1.1\r\nHost: " + host + "\r\n\r\n" + "GET /account/login HTTP/1.1\nHost: " + host + "\n\n",
		"after a body":          post + "Content-Length: 3\r\n\r\na=bGET /account/login HTTP/1.1\nHost: " + host + "\n\n",
	} {
		add("bare LF, "+name, text)
	}
	add("two hosts", "GET /account/login HTTP/1.1\r\nHost: "+host+"\r\nHost: evil.example\r\n\r\n")
	add("no host", "GET /account/login HTTP/1.1\r\n\r\n")
	add("a blank in a name", "GET /account/login HTTP/1.1\r\nHost: "+host+"\r\nX Y: z\r\n\r\n")
	add("HTTP/1.0 with chunks", strings.Replace(post, "1.1", "1.0", 1)+"Transfer-Encoding: chunked\r\n\r\n"+chunks)
	add("HTTP/3.0", "GET /account/login HTTP/3.0\r\nHost: "+host+"\r\n\r\n")
	attacks = append(attacks,
		attack{"the body of a GET", "GET /account/login HTTP/1.1\r\nHost: " + host + "\r\nContent-Length: " + fmt.Sprint(len(whole)) + "\r\n\r\n" + whole, true},
		attack{"the body of a HEAD", "HEAD /account/login HTTP/1.1\r\nHost: " + host + "\r\nContent-Length: " + fmt.Sprint(len(whole)) + "\r\n\r\n" + whole, true},
		attack{"the body of what is not there", "POST /account/none HTTP/1.1\r\nHost: " + host + "\r\nContent-Length: " + fmt.Sprint(len(whole)) + "\r\n\r\n" + whole, true},
		attack{"the body of a refused form", strings.Replace(post, "urlencoded", "json", 1) + "Content-Length: " + fmt.Sprint(len(whole)) + "\r\n\r\n" + whole, true},
		attack{"the body of a file", "GET /files/none HTTP/1.1\r\nHost: " + host + "\r\nContent-Length: " + fmt.Sprint(len(whole)) + "\r\n\r\n" + whole, true},
		attack{"a body that waits", post + "Expect: 100-continue\r\nContent-Length: " + fmt.Sprint(len(whole)) + "\r\n\r\n" + whole, true},
		attack{"h2c", "GET /account/login HTTP/1.1\r\nHost: " + host + "\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n", true},
		attack{"half a request", post + "Content-Length: 10\r\n\r\n" + "email", true},
	)
	both(t, 1, func(t *testing.T, r *rig) {
		i := r.instances[0]
		arrived := func(t *testing.T) {
			t.Helper()
			if n := strings.Count(i.log.String(), `"status":421`); n > 0 {
				t.Errorf("%d smuggled requests arrived", n)
			}
		}
		// send writes and reads until the other side has enough, or we have.
		send := func(addr, text string, patience time.Duration) (statuses []int, closed bool, all string) {
			c, err := net.Dial("tcp", addr)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			c.SetDeadline(time.Now().Add(patience)) // a server may wait for more
			io.WriteString(c, text)                 // it may not want to read all
			var b strings.Builder
			_, err = io.Copy(&b, c)
			closed = err == nil || !errors.Is(err, os.ErrDeadlineExceeded)
			in := bufio.NewReader(strings.NewReader(b.String()))
			for {
				res, err := http.ReadResponse(in, nil)
				if err != nil {
					return statuses, closed, b.String()
				}
				statuses = append(statuses, res.StatusCode)
				io.Copy(io.Discard, res.Body)
			}
		}
		t.Run("all", func(t *testing.T) {
			t.Run("direct", func(t *testing.T) {
				t.Parallel()
				inParallel(len(attacks), func(n int) {
					a := attacks[n]
					if a.tolerable {
						// Followed by a request that ends the connection: two answers, no third.
						statuses, _, all := send(i.public, a.text+"GET /account/login HTTP/1.1\r\nHost: "+host+"\r\nConnection: close\r\n\r\n", 4*time.Second)
						if len(statuses) > 3 || strings.Contains(all, "HTTP/2") {
							t.Errorf("%s: %d answers\n%.500s", a.name, len(statuses), all)
						}
						return
					}
					// The first request of a pair may be a good one.
					statuses, closed, all := send(i.public, a.text, time.Minute)
					if len(statuses) == 0 || statuses[len(statuses)-1] < 400 || !closed || len(statuses) > 2 || len(statuses) == 2 && !strings.Contains(a.name, "second") && !strings.Contains(a.name, "after a body") {
						t.Errorf("%s: answers %d, closed: %v\n%.300s", a.name, statuses, closed, all)
					}
				})
				arrived(t)
			})
			fronts := map[string]func(testing.TB) string{
				"nginx":   func(t testing.TB) string { return nginx(t, i.public) },
				"haproxy": func(t testing.TB) string { return haproxy(t, i.public) },
				"varnish": func(t testing.TB) string {
					return varnish(t, i.public, i.public, `sub vcl_recv { set req.http.Host = "`+host+`"; return (pass); }`+"\n")
				},
			}
			for name, begin := range fronts {
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					addr := begin(t)
					front := r.behind(addr)
					front.t = t
					// The victim's requests share the connections to the gate.
					victim := func(what string) {
						t.Helper()
						p, err := front.browser().try("GET", "/account/login", nil)
						if err != nil || p.Status != http.StatusOK || !strings.Contains(p.Body, `action="/account/login"`) && !strings.Contains(p.Body, `action=/account/login`) {
							t.Errorf("after %s the log-in is %v, %+v", what, err, p)
						}
					}
					victim("nothing")
					var all sync.WaitGroup
					slots := make(chan struct{}, 32)
					for _, a := range attacks {
						slots <- struct{}{}
						all.Go(func() {
							send(addr, a.text, 4*time.Second)
							victim(a.name)
							<-slots
						})
					}
					all.Wait()
					arrived(t)
				})
			}
		})
		// The control: what asks for another host is written down, if after its answer.
		i.wire(t).ask("GET", "http://smuggled.invalid/account/login")
		lines := func() int { return strings.Count(i.log.String(), `"status":421`) }
		eventually(t, "the line of the control", func() bool { return lines() > 0 })
		if n := lines(); n != 1 {
			t.Errorf("%d requests for another host arrived, want the control alone", n)
		}
	})
}

// Readers that take all the time they can: over the header, over the body, over reading.
// They are cut off, while who is slow and moves on is served to the end.
func TestRow62(t *testing.T) {
	const size = 48 << 20
	// In place of a minute. Longer than a busy machine leaves a reader waiting for its turn.
	const window = 5 * time.Second
	add := func(r *rig) {
		at := filepath.Join(r.masters, "long.mxf")
		err := os.WriteFile(at, nil, 0o600)
		if err == nil {
			err = os.Truncate(at, size)
		}
		if err != nil {
			r.t.Fatal(err)
		}
		r.downloads = append(r.downloads, catalogue.Download{ID: "MC-20240601-V-0001/long", Title: "Long", File: "long.mxf", Type: "application/mxf", Bytes: size, SHA256: strings.Repeat("0", 64), Access: "account"})
		r.writeCatalogue()
	}
	both(t, 1, func(t *testing.T, r *rig) {
		b := r.browser()
		b.signUp()
		i := r.instances[0]
		var all sync.WaitGroup
		var mu sync.Mutex
		var ended []string
		ends := func(what string) {
			mu.Lock()
			defer mu.Unlock()
			ended = append(ended, what)
		}
		// drip sends a byte now and then until the server has enough, and returns what it
		// said.
		drip := func(c net.Conn) string {
			stop := make(chan struct{})
			go func() {
				for n := 0; ; n++ {
					select {
					case <-stop:
						return
					case <-time.After(100 * time.Millisecond):
						c.Write([]byte{"abcdefgh"[n%8]})
					}
				}
			}()
			defer close(stop)
			c.SetReadDeadline(time.Now().Add(45 * time.Second))
			said, err := io.ReadAll(c)
			if errors.Is(err, os.ErrDeadlineExceeded) {
				t.Error("never cut off")
			}
			return string(said)
		}
		// Forty of each.
		for n := range 40 {
			for what, begin := range map[string]string{
				"header": "GET /account/login HTTP/1.1\r\nHost: " + host + "\r\nX: ",
				"body":   "POST /account/login HTTP/1.1\r\nHost: " + host + "\r\nOrigin: " + origin + "\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 10000\r\n\r\nemail=",
			} {
				c := i.dial(t)
				all.Go(func() {
					io.WriteString(c, begin)
					said := drip(c)
					if n == 0 {
						ends(what)
					}
					if strings.HasPrefix(said, "HTTP/1.1 2") || strings.HasPrefix(said, "HTTP/1.1 3") {
						t.Errorf("%s: %.100s", what, said)
					}
				})
			}
		}
		// Another asks meanwhile, again and again.
		crowd := make(chan struct{})
		var asked sync.WaitGroup
		asked.Go(func() {
			for {
				select {
				case <-crowd:
					return
				default:
				}
				if p, err := b.try("GET", "/account", nil); err != nil || p.Status != http.StatusOK {
					t.Errorf("meanwhile: %v %+v", err, p)
					return
				}
			}
		})

		// Transfers, with a shorter window. Nobody reads the
		// first; the second reads a byte at a time; the third reads slowly, but moves on for
		// many windows.
		links := []string{b.link("MC-20240601-V-0001/long"), b.link("MC-20240601-V-0001/long"), b.link("MC-20240601-V-0001/long")}
		transfers := func() float64 { return i.metric(`gate_transfers_total{class="2xx"}`) }
		before := transfers()
		begin := func(link string) net.Conn {
			c := i.dial(t)
			c.(*net.TCPConn).SetReadBuffer(64 << 10)
			fmt.Fprintf(c, "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", link, host)
			return c
		}
		idle, crawling, slow := begin(links[0]), begin(links[1]), begin(links[2])
		var live int64
		started := time.Now()
		all.Go(func() {
			// 48 MiB at 2 MiB a second: five windows.
			for live < size {
				n, err := io.CopyN(io.Discard, slow, 1<<20)
				live += n
				if err != nil {
					break
				}
				time.Sleep(500 * time.Millisecond)
			}
		})
		stopCrawl := make(chan struct{})
		all.Go(func() {
			one := make([]byte, 1)
			for {
				select {
				case <-stopCrawl:
					return
				case <-time.After(100 * time.Millisecond):
					crawling.Read(one)
				}
			}
		})
		eventually(t, "both to be cut off", func() bool { return transfers() >= before+2 })
		close(stopCrawl)
		all.Wait()
		close(crowd)
		asked.Wait()
		if live < size {
			t.Errorf("the slow reader got %d bytes of %d", live, size)
		}
		if windows := time.Since(started) / window; windows < 4 {
			t.Errorf("the slow reader was not slow: %d windows", windows)
		}
		for what, c := range map[string]net.Conn{"idle": idle, "crawling": crawling} {
			c.SetReadDeadline(time.Now().Add(20 * time.Second))
			n, err := io.Copy(io.Discard, c)
			if n >= size || errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("the %s reader got %d bytes: %v", what, n, err)
			}
		}
		if !slices.Equal(ended, []string{"header", "body"}) { // 5 and 10 seconds
			t.Errorf("cut off were %q in this order", ended)
		}
	}, add, withEnv("GATE_TEST_WINDOW="+window.String()), with("limits: {parallelDownloads: 10}"))
}

// The same with an outside tool, which opens hundreds of connections of each kind. It takes
// minutes and is measured, so it belongs to the benchmarks.
func TestTimingSlowHTTP(t *testing.T) {
	if os.Getenv("GATE_TIMING") == "" {
		t.Skip("takes minutes: set GATE_TIMING=1")
	}
	program := tool(t, "slowhttptest")
	r := start(t, "sqlite", 1)
	b := r.browser()
	b.signUp()
	link := b.link(broadcast)
	addr := "http://" + r.instances[0].public
	for what, args := range map[string][]string{
		"headers": {"-H", "-u", addr + "/account/login"},
		"body":    {"-B", "-u", addr + "/account/login", "-s", "16000", "-f", "application/x-www-form-urlencoded"},
		"reading": {"-X", "-u", addr + link, "-w", "512", "-y", "1024", "-n", "5", "-z", "32", "-k", "3"},
	} {
		t.Run(what, func(t *testing.T) {
			cmd := exec.Command(program, append(args, "-c", "500", "-r", "200", "-i", "2", "-l", "40", "-p", "5")...)
			cmd.Env = append(os.Environ(), "TERM=dumb")
			ended := make(chan error, 1)
			log := &locked.Buffer{}
			cmd.Stdout, cmd.Stderr = log, log
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			go func() { ended <- cmd.Wait() }()
			var slowest time.Duration
			for n := 0; ; n++ {
				select {
				case <-ended:
					t.Logf("%d pages meanwhile, the slowest in %s\n%s", n, slowest, tail(log.String(), 25))
					if slowest > 500*time.Millisecond {
						t.Errorf("a page took %s", slowest)
					}
					return
				case <-time.After(50 * time.Millisecond):
				}
				at := time.Now()
				if p := b.get("/account"); p.Status != http.StatusOK {
					t.Fatalf("%d", p.Status)
				}
				slowest = max(slowest, time.Since(at))
			}
		})
	}
}
