//go:build gatetest

package acceptance

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
)

// answers are one of every answer that the gate gives to what a browser can be made to
// ask: all paths, methods and mistakes.
func everyAnswer(t *testing.T, r *rig) map[string]*page {
	t.Helper()
	all := map[string]*page{}
	statuses := map[int]bool{}
	add := func(what string, p *page) {
		all[what] = p
		statuses[p.Status] = true
	}
	const urlencoded = "application/x-www-form-urlencoded"
	owner, stranger := r.browser(), r.browser()
	owner.signUp()
	download := "/download/" + r.downloads[0].ID
	link := owner.get(download).to()
	paths := slices.Concat(forms, shown, []string{download, "/download/none/none", "/account/none", "/", "/newsletter/unsubscribe?t=x", "/account/verify?sent=1", "/account/login?return=/a&return=/b", link, link + "x", "/files/none"})
	for _, path := range paths {
		for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodOptions, http.MethodPatch, http.MethodTrace, "BREW"} {
			add(method+" "+path, stranger.request(method, path, strings.NewReader(""), "Content-Type", urlencoded, "Origin", origin))
			if method == http.MethodGet {
				add(method+" "+path+" logged in", owner.request(method, path, nil))
			}
		}
	}
	add("another host", stranger.request(http.MethodGet, "/account/login", nil))
	add("a part", stranger.request(http.MethodGet, link, nil, "Range", "bytes=0-9"))
	add("a part beyond", stranger.request(http.MethodGet, link, nil, "Range", "bytes=999999999-"))
	add("unchanged", stranger.request(http.MethodGet, link, nil, "If-None-Match", all["GET "+link].Header.Get("ETag")))
	add("changed", stranger.request(http.MethodGet, link, nil, "If-Match", `"x"`))
	add("from another site", owner.request(http.MethodPost, "/account", strings.NewReader("name=x"), "Content-Type", urlencoded, "Origin", "https://evil.test"))
	add("no form", stranger.request(http.MethodPost, "/account/login", strings.NewReader("{}"), "Content-Type", "application/json"))
	add("too large a form", stranger.request(http.MethodPost, "/account/login", strings.NewReader(strings.Repeat("a", 20<<10)), "Content-Type", urlencoded))
	add("a broken form", stranger.request(http.MethodPost, "/account/login", strings.NewReader("%zz"), "Content-Type", urlencoded))
	add("a wrong log-in", stranger.logIn("ines@newsdesk.press", wrongPassword))
	_, email := r.person()
	add("register", stranger.register(email, password))
	add("too early a resend", stranger.post("/account/verify/resend"))
	add("a wrong code", stranger.post("/account/verify", "code", otherCode(r.code(email), 1)))
	for range 5 {
		add("too many wrong codes", stranger.post("/account/verify", "code", otherCode(r.code(email), 2)))
	}
	add("export", owner.post("/account/export"))
	for what, request := range map[string]string{
		"another host":      "GET /account/login HTTP/1.1\r\nHost: evil.test\r\nConnection: close\r\n\r\n",
		"another host file": "GET /files/x HTTP/1.1\r\nHost: evil.test\r\nConnection: close\r\n\r\n",
		"no host":           "GET /account/login HTTP/1.0\r\n\r\n",
		"a form in chunks":  "POST /account/login HTTP/1.1\r\nHost: " + host + "\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		"an odd path":       "GET /account/%2e%2e/login HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n",
	} {
		add(what, r.instances[0].say(t, request))
	}
	add("log out", owner.post("/account/logout"))
	for _, status := range []int{200, 206, 303, 304, 400, 403, 404, 405, 411, 412, 413, 415, 416, 421, 422, 429} {
		if !statuses[status] {
			t.Errorf("no answer is a %d", status)
		}
	}
	return all
}

// A page of the gate in a frame of another site, over whose buttons that site's lie.
func TestRow48(t *testing.T) {
	both(t, 1, func(t *testing.T, r *rig) {
		for what, p := range everyAnswer(t, r) {
			if how := p.frameable(); how != "" {
				t.Errorf("%s, %d: %s", what, p.Status, how)
			}
		}
	})
}

// payloads are tries to be more than text, each with a word to be found by.
var payloads = []string{
	`<script>xss7()</script>`, `"><script>xss7()</script>`, `'><script>xss7()</script>`, `</title><script>xss7()</script>`, `</textarea><script>xss7()</script>`,
	`--><script>xss7()</script>`, `]]><script>xss7()</script>`, `<ScRiPt src=//evil.test/xss7></ScRiPt>`, `<script/x>xss7()</script>`, `<<script>xss7()//<</script>`,
	`<img src=x onerror=xss7()>`, `"><img src=x onerror=xss7()>`, `<svg onload=xss7()>`, `<svg/onload=xss7()>`, `"><svg><animate onbegin=xss7() attributeName=x>`,
	`<body onload=xss7()>`, `<iframe src=javascript:xss7()>`, `<iframe srcdoc="<script>xss7()</script>">`, `<object data=javascript:xss7()>`, `<embed src=javascript:xss7()>`,
	`<a href=javascript:xss7()>x</a>`, `javascript:xss7()`, `JaVaScRiPt:xss7()//`, `data:text/html,<script>xss7()</script>`, `" onfocus=xss7() autofocus x="`,
	`' onfocus=xss7() autofocus x='`, `x onmouseover=xss7()`, "` onfocus=xss7() x=`", `"/onfocus=xss7()/autofocus/x="`, `<base href=//evil.test/xss7>`,
	`<meta http-equiv=refresh content="0;url=//evil.test/xss7">`, `<link rel=stylesheet href=//evil.test/xss7>`, `<style>@import "//evil.test/xss7"</style>`, `" style="background:url(//evil.test/xss7)`,
	`<form action=//evil.test/xss7><input>`, `"><button formaction=//evil.test/xss7>`, `{{xss7}}`, `{{.Site.xss7}}`, `${xss7()}`, `<!--#exec cmd="xss7"-->`,
	`<math><mtext><table><mglyph><style><img src=x onerror=xss7()>`, `<noscript><p title="</noscript><img src=x onerror=xss7()>">`, `&lt;script&gt;xss7()&lt;/script&gt;`, `&#60;script&#62;xss7()`, `+ADw-script+AD4-xss7()`,
	"<scr\x00ipt>xss7()</script>", "\u003cscript\u003exss7()", "<xss7 contenteditable onfocus=x>", `%3Cscript%3Exss7()%3C/script%3E`, "xss7\u202e\u2028",
}

// active is what in a page is more than text: nothing may be that the layouts do not have.
func (p *page) active(t testing.TB) (found []string) {
	for _, e := range p.elements(t) {
		switch e.name {
		case "iframe", "object", "embed", "base", "style", "math", "xss7", "frame", "applet":
			found = append(found, "<"+e.name+">")
		case "script":
			if e.attr["src"] == "" || strings.TrimSpace(e.text) != "" {
				found = append(found, "a script within the page")
			}
		}
		if e.attr["http-equiv"] != "" {
			found = append(found, "<meta http-equiv>")
		}
		for name, value := range e.attr {
			switch {
			case strings.HasPrefix(name, "on") || name == "style" || name == "srcdoc" || strings.ContainsAny(name, `"'<`) || strings.Contains(name, "xss7"):
				found = append(found, fmt.Sprintf("<%s %s>", e.name, name))
			case slices.Contains([]string{"href", "src", "action", "formaction", "data"}, name) && strays(value):
				found = append(found, fmt.Sprintf("<%s %s=%q>", e.name, name, value))
			}
		}
	}
	return found
}

// What a reader or a link says is shown again, and runs.
func TestRow49(t *testing.T) {
	both(t, 2, func(t *testing.T, r *rig) {
		for what, p := range everyAnswer(t, r) {
			if lacks := p.unguarded(); lacks != "" {
				t.Errorf("%s, %d: %s", what, p.Status, lacks)
			}
			if kind := p.Header.Get("Content-Type"); strings.HasPrefix(kind, "text/html") {
				if found := p.active(t); len(found) > 0 {
					t.Errorf("%s has %q", what, found)
				}
			}
		}
		owner := r.browser()
		owner.signUp()
		code := r.browser()
		_, email := r.person()
		code.register(email, password)
		var echoed sync.Map
		judge := func(what, payload string, p *page) {
			if p.Status >= 500 {
				t.Errorf("%s with %q: %d", what, payload, p.Status)
			}
			if kind := p.Header.Get("Content-Type"); strings.HasPrefix(kind, "text/html") {
				if found := p.active(t); len(found) > 0 {
					t.Errorf("%s with %q has %q", what, payload, found)
				}
			} else if p.Body != "" && !slices.Contains([]string{"application/json", "text/plain; charset=utf-8"}, kind) {
				t.Errorf("%s is %q", what, kind)
			}
			if strings.Contains(p.Body, "xss7") {
				echoed.Store(what, true)
			}
		}
		inParallel(len(payloads), func(i int) {
			payload := payloads[i]
			q := url.QueryEscape(payload)
			b := r.browser().on(i)
			judge("register", payload, b.post("/account/register", "email", payload, "password", payload, "name", payload+strings.Repeat(" long", 40), "organisation", payload+"\x00", "form", payload, "lang", payload))
			judge("log in", payload, b.post("/account/login", "email", payload, "password", payload, "return", payload, "form", payload))
			judge("reset", payload, b.post("/account/reset", "email", payload, "form", payload))
			judge("newsletter", payload, b.post("/newsletter/subscribe", "email", payload, "topic", payload, "language", payload))
			judge("code", payload, code.twin().post("/account/verify", "code", payload))
			judge("unsubscribe", payload, b.get("/newsletter/unsubscribe?t="+q))
			judge("work", payload, b.post("/account/verify", "code", "1", "work", payload))
			for _, path := range []string{"/account/login", "/account/register", "/account/reset", "/account/verify", "/newsletter/subscribe"} {
				judge("the address of "+path, payload, b.get(path+"?lang="+q+"&return="+q+"&email="+q+"&note="+q+"&form="+q+"&sent="+q+"&"+q+"="+q))
				judge("the way back of "+path, payload, b.get(path+"?return="+url.QueryEscape("/"+payload)))
			}
			judge("the address of an account", payload, owner.twin().get("/account?note="+q+"&form="+q))
			judge("a path", payload, b.get("/account/"+url.PathEscape(payload)))
			judge("a download", payload, b.get("/download/"+url.PathEscape(payload)+"/x"))
			judge("headers", payload, b.get("/account/login", "Accept-Language", strings.ReplaceAll(payload, "\x00", ""), "Referer", origin+"/"+q))
		})
		// What is kept of somebody is shown to them later.
		kept := 0
		for _, payload := range payloads {
			agent := strings.ReplaceAll(payload, "\x00", "")
			owner.header.Set("User-Agent", "Mozilla/5.0 "+agent+" Firefox/140.0")
			if p := owner.post("/account", "name", payload, "organisation", payload, "language", payload); p.Status == http.StatusSeeOther {
				kept++
			} else {
				judge("a profile that is refused", payload, p)
			}
			for _, path := range []string{"/account", "/account/sessions", "/newsletter/subscribe", "/account/session"} {
				judge(path, payload, owner.get(path))
			}
		}
		if kept < 40 {
			t.Errorf("only %d of %d names were kept", kept, len(payloads))
		}
		for _, what := range []string{"register", "log in", "reset", "newsletter", "code", "/account", "/account/session", "the way back of /account/login"} {
			if _, ok := echoed.Load(what); !ok {
				t.Errorf("%s shows nothing again, so nothing was tried", what)
			}
		}
	})
}

// Methods and spellings of paths that one part of a system reads in another way than the
// next.
func TestRow50(t *testing.T) {
	both(t, 1, func(t *testing.T, r *rig) {
		owner := r.browser()
		email := owner.signUp()
		cookie := "Cookie: __Host-session=" + owner.sessionToken() + "\r\n"
		ask := func(method, target string, more ...string) *page {
			return r.instances[0].say(t, method+" "+target+" HTTP/1.1\r\nHost: "+host+"\r\nConnection: close\r\n"+cookie+strings.Join(more, "")+"\r\n")
		}
		shows := func(p *page) bool { return strings.Contains(p.Body, email) || p.Status < 400 }

		for _, method := range []string{"TRACE", "OPTIONS", "PUT", "DELETE", "PATCH", "PROPFIND", "BREW", "get", "GETT", "DEBUG", "TRACK"} {
			for _, path := range []string{"/account", "/account/login", "/account/session", "/account/logout", "/download/" + r.downloads[0].ID, "/newsletter/subscribe"} {
				p := ask(method, path, "Content-Length: 0\r\n", "X-Secret: mirrored\r\n")
				if p.Status != http.StatusMethodNotAllowed || !strings.HasPrefix(p.Header.Get("Allow"), "GET, HEAD") || strings.Contains(p.Body, "mirrored") || strings.Contains(p.Body, owner.sessionToken()) {
					t.Errorf("%s %s: %d, Allow %q", method, path, p.Status, p.Header.Get("Allow"))
				}
			}
		}
		for _, path := range shown {
			p := ask("POST", path, "Content-Length: 0\r\nOrigin: "+origin+"\r\n")
			if p.Status != http.StatusMethodNotAllowed || p.Header.Get("Allow") != "GET, HEAD" {
				t.Errorf("POST %s: %d, Allow %q", path, p.Status, p.Header.Get("Allow"))
			}
		}
		if p := ask("HEAD", "/account"); p.Status != http.StatusOK || p.Body != "" {
			t.Errorf("HEAD /account: %d, %d bytes", p.Status, len(p.Body))
		}

		// The verb that is asked by is the only one that counts.
		const form = "password=" + password + "&_method=DELETE&method=POST"
		for _, more := range []string{"X-HTTP-Method-Override: POST\r\n", "X-HTTP-Method: DELETE\r\n", "X-Method-Override: POST\r\n"} {
			for _, path := range []string{"/account/delete", "/account/logout?_method=POST"} {
				ask("GET", path, more, fmt.Sprintf("Content-Type: application/x-www-form-urlencoded\r\nOrigin: %s\r\nContent-Length: %d\r\n\r\n%s", origin, len(form), form))
			}
		}
		if !owner.signedIn() {
			t.Fatal("a GET acted")
		}

		for _, target := range []string{
			"//account", "/account//", "/account//login", "///account", "/account/", "/account/login/", "/./account", "/account/.", "/account/./login", "/x/../account", "/account/..",
			"/account/../account", "/account/sessions/../password", "/%2e/account", "/%2e%2e/account", "/x/%2e%2e/account", "/account/%2e%2e/account", "/account%2f", "/account%2fsessions",
			"/%61ccount", "/accoun%74", "/account%20", "/account%00", "/account%00.css", "/account;x", "/account;.css", "/account/x.css", "/account/session.json", "/account;jsessionid=1",
			"/account%3b", "/account%3f", "/account%23", "/account.", "/account.html", "/account~", "/ACCOUNT", "/Account/Login", "/account\\sessions", "/account%5csessions", "\\account",
			"/account/%c0%ae%c0%ae/account", "/account/..%2faccount", "/account/..;/account", "/account/%252e%252e/account", "/account%0a", "/account%0d%0aX: y", "/account/*", "/*",
			"/download/../account", "/download/" + r.downloads[0].ID + "/", "/download//" + r.downloads[0].ID, "/download/" + strings.Replace(r.downloads[0].ID, "/", "%2f", 1), "/download/x/../" + r.downloads[0].ID,
			"/download/./" + r.downloads[0].ID, "/download/" + r.downloads[0].ID + ";x", "/download/" + r.downloads[0].ID + "%00", "/files/../account", "/files/%2e%2e/account", "/files/..%2faccount", "/files//",
			"/newsletter/../account", "*", "account", "http:account", "http:/account", "?", "",
		} {
			for _, method := range []string{"GET", "POST"} {
				p := ask(method, target, "Content-Length: 0\r\nOrigin: "+origin+"\r\n")
				if shows(p) || p.Status >= 500 || !slices.Contains([]int{400, 403, 404, 405}, p.Status) {
					t.Errorf("%s %q: %d %q", method, target, p.Status, p.to())
				}
			}
		}
		for _, raw := range []string{"/account\x00", "/account \x01", "/account\x7f", "/acc ount", "/account\t"} {
			if p := ask("GET", raw); shows(p) || p.Status >= 500 {
				t.Errorf("GET %q: %d", raw, p.Status)
			}
		}
		// Named by another host, in whatever place.
		for _, request := range []string{
			"GET https://evil.test/account HTTP/1.1\r\nHost: " + host + "\r\n", "GET http://evil.test/account HTTP/1.1\r\nHost: " + host + "\r\n",
			"GET /account HTTP/1.1\r\nHost: " + host + "\r\nHost: evil.test\r\n", "GET /account HTTP/1.1\r\nHost: " + host + ".evil.test\r\n", "GET /account HTTP/1.1\r\nHost: " + host + "@evil.test\r\n",
			"GET /account HTTP/1.1\r\n",
		} {
			p := r.instances[0].say(t, request+cookie+"Connection: close\r\n\r\n")
			if shows(p) || p.Status != http.StatusMisdirectedRequest && p.Status != http.StatusBadRequest {
				t.Errorf("%q: %d", request, p.Status)
			}
		}
		if p := ask("GET", "/account"); p.Status != http.StatusOK || !strings.Contains(p.Body, email) {
			t.Errorf("the account itself: %d", p.Status)
		}
	})
}
