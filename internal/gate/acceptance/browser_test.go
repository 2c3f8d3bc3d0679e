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
	"time"
)

// forms are all paths that act on a POST.
var forms = []string{
	"/account", "/account/register", "/account/verify", "/account/verify/resend", "/account/login", "/account/logout",
	"/account/reset", "/account/reset/verify", "/account/reset/resend", "/account/reset/password", "/account/sessions",
	"/account/password", "/account/export", "/account/delete",
	"/newsletter/subscribe", "/newsletter/confirm", "/newsletter/resend", "/newsletter/unsubscribe",
}

// shown are all paths that show a page, besides those of forms.
var shown = []string{"/account/welcome", "/account/reset/done", "/account/session", "/account/downloads"}

// notOurs is what an answer says to a form from another site.
func (p *page) notOurs() bool {
	return p.Status == http.StatusForbidden && strings.Contains(p.text(), words().Refused("cross_site", 0, 0))
}

// Another site sends a form in the name of whoever reads it, or logs them in as somebody
// else.
func TestRow45(t *testing.T) {
	both(t, 1, func(t *testing.T, r *rig) {
		owner := r.browser()
		email := owner.signUp()
		if p := owner.post("/newsletter/subscribe"); p.Status != http.StatusSeeOther {
			t.Fatalf("subscribe: %d", p.Status)
		}
		subscribed := func() bool { return r.rows("subscriptions") == 1 }

		// No form is missing in the list.
		for _, b := range []*browser{r.browser(), owner} {
			for _, path := range slices.Concat(forms, shown) {
				for _, e := range b.get(path).elements(t) {
					if action, _, _ := strings.Cut(e.attr["action"], "?"); e.name == "form" && strings.EqualFold(e.attr["method"], "post") && action != "" && !slices.Contains(forms, action) {
						t.Errorf("%s has a form to %s, which is not tried", path, action)
					}
				}
			}
		}

		sites := []string{"cross-site", "same-site", "same-origin", "none", ""}
		origins := []string{
			origin, "", "null", "https://evil.test", "http://" + host, origin + ":8443", "https://evil@" + host, "https://" + host + "@evil.test",
			"https://" + host + ".evil.test", "https://sub." + host, "https://press.meridian.test:443.evil.test", origin + "/", origin + " https://evil.test",
		}
		stranger := r.browser()
		for _, path := range forms {
			for _, site := range sites {
				for _, from := range origins {
					said := []string{"Content-Type", "application/x-www-form-urlencoded", "Sec-Fetch-Site", site, "Origin", from}
					what := fmt.Sprintf("%s with Sec-Fetch-Site %q and Origin %q", path, site, from)
					ours := slices.Contains([]string{"same-origin", "none", ""}, site) && (from == origin || from == "")
					if !ours {
						// With all that would be needed otherwise.
						form := values("email", email, "password", password, "old", password, "name", "Somebody Else", "code", "123456")
						p := owner.request(http.MethodPost, path, strings.NewReader(form.Encode()), said...)
						if !p.notOurs() || len(p.Header.Values("Set-Cookie")) != 0 {
							t.Errorf("%s: %d %s", what, p.Status, p.text())
						}
						continue
					}
					// Without a cookie a request that says nothing acts for nobody; with one, even
					// one that means nothing, it does not act.
					for _, cookie := range []string{"", "__Host-flow=x", "consent=yes"} {
						p := stranger.request(http.MethodPost, path, strings.NewReader("lang=en"), append(said, "Cookie", cookie)...)
						if want := site == "" && from == "" && cookie != ""; p.notOurs() != want {
							t.Errorf("%s and the cookie %q: %d, refused is %v, want %v", what, cookie, p.Status, p.notOurs(), want)
						}
						for name := range stranger.cookies {
							delete(stranger.cookies, name)
						}
					}
				}
			}
		}
		if p := owner.get("/account"); p.Status != http.StatusOK || !strings.Contains(p.Body, email) || strings.Contains(p.Body, "Somebody Else") || !subscribed() {
			t.Fatalf("something was done: %d, subscribed is %v", p.Status, subscribed())
		}

		// The one form that takes a token in its address takes nothing else from elsewhere.
		for _, path := range []string{
			"/newsletter/unsubscribe", "/newsletter/unsubscribe?t=", "/newsletter/unsubscribe?t=x", "/newsletter/unsubscribe?t=&t=x", "/newsletter/unsubscribe?T=x",
			"/account/logout?t=x", "/account/delete?t=x", "/newsletter/subscribe?t=x",
		} {
			for _, body := range []string{"List-Unsubscribe=One-Click", "t=x&password=" + url.QueryEscape(password)} {
				p := owner.request(http.MethodPost, path, strings.NewReader(body), "Content-Type", "application/x-www-form-urlencoded", "Origin", "https://evil.test", "Sec-Fetch-Site", "cross-site")
				if p.Status < 400 || !subscribed() || !owner.signedIn() {
					t.Fatalf("%s with %s from elsewhere: %d, subscribed is %v", path, body, p.Status, subscribed())
				}
			}
		}
		// And what is ours does act.
		if p := owner.post("/newsletter/unsubscribe"); p.Status != http.StatusSeeOther || subscribed() {
			t.Errorf("unsubscribe: %d", p.Status)
		}
		if p := r.browser().request(http.MethodPost, "/account/login", strings.NewReader(values("email", email, "password", password).Encode()), "Content-Type", "application/x-www-form-urlencoded"); p.Status != http.StatusSeeOther {
			t.Errorf("a log-in by a program without cookies: %d", p.Status)
		}
	})
}

// elsewhere are ways back that lead away from this site, or that a browser or a proxy could
// take for such.
var elsewhere = []string{
	"//evil.test", "///evil.test", "////evil.test/x", `/\evil.test`, `\/evil.test`, `\\evil.test`, `/\/evil.test`, "/%2f%2fevil.test", "/%2fevil.test",
	"/%5cevil.test", "/%5c%5cevil.test", "%2f%2fevil.test", "/%252f%252fevil.test", "/%25252fevil.test", "\t//evil.test", "/\t/evil.test", "/\n/evil.test", "/\r\n/evil.test",
	" //evil.test", "\u00a0//evil.test", "\x00//evil.test", "/\x00/evil.test", "https:evil.test", "https:/evil.test", "https://evil.test", "HTTPS://evil.test",
	"http://" + host + "@evil.test", origin + ".evil.test", origin + "@evil.test", "//" + host + "@evil.test/", "https://" + host + ":pw@evil.test",
	"/a/..//evil.test", "/a/../..//evil.test", "/./%2e%2e//evil.test", "/..//evil.test", "/.//evil.test", "/%2e//evil.test", "/;//evil.test", "/a//evil.test",
	"javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\tscript:alert(1)", "data:text/html,<script>alert(1)</script>", "vbscript:x", "blob:" + origin + "/x",
	"/@evil.test", "@evil.test", ".evil.test", "evil.test", "?//evil.test", "#//evil.test", "/news\r\nSet-Cookie: session=x", "/news%0d%0aLocation:%20//evil.test", "/news\u2028x", "/\u2044evil.test\u202e",
	"/" + strings.Repeat("a", 4000), "/%", "/%zz", "/\xff\xfe", "/%ff", "/account/logout", "/ACCOUNT/login", "/%61ccount/delete", "/files/x",
	"/download/../account/logout", "/download//evil.test?return=//evil.test",
}

// A link to this site leads the reader on to another one. (Chromium's own reading of these
// addresses is tried in Chromium.)
func TestRow46(t *testing.T) {
	both(t, 2, func(t *testing.T, r *rig) {
		owner := r.browser()
		email := owner.signUp()
		links := func(door string, bad string, p *page) {
			t.Helper()
			for _, to := range p.leads(t) {
				if strays(to) || strings.Contains(to, "evil.test") || strings.HasPrefix(to, "//") || strings.ContainsAny(to, "\r\n\t\x00\\") {
					t.Errorf("%s with %.60q leads to %.100q", door, bad, to)
				}
			}
		}
		// home judges an answer that leads on by itself.
		home := func(door string, bad string, p *page) {
			t.Helper()
			if p.Status != http.StatusSeeOther || p.to() != "/" {
				t.Errorf("%s with %.60q: %d, leads to %.100q instead of home", door, bad, p.Status, p.to())
			}
			links(door, bad, p)
			if slices.ContainsFunc(p.Header.Values("Set-Cookie"), func(c string) bool { return !strings.HasPrefix(c, "__Host-") }) {
				t.Errorf("%s with %.60q sets a cookie", door, bad)
			}
		}
		in := r.browser() // somebody whose sessions no later ones end
		in.signUp()
		inParallel(len(elsewhere), func(i int) {
			bad := elsewhere[i]
			query := "?lang=en&return=" + url.QueryEscape(bad)
			b := r.browser().on(i)
			home("log in", bad, b.fill("/account/login"+query, "email", email, "password", password))
			home("log in at once", bad, r.browser().post("/account/login", "lang", "en", "return", bad, "email", email, "password", password))
			home("a page of the log-in for who is logged in", bad, in.get("/account/login"+query))
			links("a page of registering for who is logged in", bad, in.get("/account/register"+query))
			home("log out", bad, b.fill("/account/logout"+query))
			for n, path := range slices.Concat(forms, shown) {
				if (n+i)%4 == 0 { // each page many times
					links(path, bad, b.get(path+query))
					links(path+" of who is logged in", bad, in.on(i).get(path+query))
				}
			}
			for _, path := range []string{"/account/login", "/account/verify", "/account/reset", "/account/register", "/newsletter/confirm"} {
				links("mistakes at "+path, bad, r.browser().post(path, "return", bad, "email", "x"))
			}
			links("a download", bad, r.browser().get("/download/"+r.downloads[0].ID+query))
		})

		// Through a whole flow, in which the way back is kept in the database.
		inParallel(10, func(i int) {
			bad := elsewhere[i*len(elsewhere)/10]
			b := r.browser()
			_, email := r.person()
			b.post("/account/register", "email", email, "password", password, "name", "Ines", "return", bad)
			links("the page of the code", bad, b.get("/account/verify"))
			links("a resent code", bad, b.post("/account/verify/resend"))
			p := b.post("/account/verify", "code", r.code(email))
			links("the end of registering", bad, p)
			if p = b.get(p.to()); p.Status != http.StatusOK || !slices.Contains(p.leads(t), "/") {
				t.Errorf("welcome with %.60q: %d, no way home", bad, p.Status)
			}
			links("welcome", bad, p)
		})
		r.advance(2 * time.Minute)
		for _, bad := range []string{elsewhere[0], `/\evil.test`} {
			b := r.browser()
			r.settled()
			n := len(r.mails(email))
			b.post("/account/reset", "email", email, "return", bad)
			links("the end of a reset's code", bad, b.post("/account/reset/verify", "code", codeIn(r.waitMail(email, n+1)), "return", bad))
			p := b.fill("/account/reset/password", "password", nextPassword, "return", bad)
			links("the end of a reset", bad, p)
			links("the end of a reset", bad, b.get(p.to()))
			r.advance(4 * time.Minute)
		}

		// What is a page of this site is kept to the letter.
		for _, good := range []string{"/", "/news/2024/05/27/opening/?q=a%2Fb&t=12#at", "/fr/vid%C3%A9os/", "/videos/MC-20240527-V-0412/#t=1m2s", "/search/?q=//x"} {
			p := r.browser().post("/account/login", "return", good, "email", email, "password", nextPassword)
			if p.Status != http.StatusSeeOther || p.to() != good {
				t.Errorf("%q: %d, leads to %q", good, p.Status, p.to())
			}
		}
	})
}

// The page that the reader came from is lost on the way, or the way is a circle.
func TestRow47(t *testing.T) {
	both(t, 2, func(t *testing.T, r *rig) {
		clock := r.timeline()
		const came = "/videos/MC-20240527-V-0412/?lang=x&t=12#shot-3"
		query := "?return=" + url.QueryEscape(came)
		// back fails the test unless a page leads back, by a link or in its form.
		back := func(what string, p *page) {
			t.Helper()
			leads := p.leads(t)
			if !slices.Contains(leads, came) {
				t.Errorf("%s: %d, no way back among %q", what, p.Status, leads)
			}
		}
		// link is the first link of a page to a path of the gate.
		link := func(p *page, path string) string {
			for _, to := range p.leads(t) {
				if at, _, _ := strings.Cut(to, "?"); at == path {
					return to
				}
			}
			t.Errorf("%s does not lead to %s but to %q", p.URL, path, p.leads(t))
			return path
		}
		details := func(email string) []string {
			return []string{"email", email, "password", password, "name", "Ines Okafor", "organisation", "Coast Radio"}
		}
		welcome := func(what string, b *browser, p *page) {
			t.Helper()
			if p.Status != http.StatusSeeOther || !strings.HasPrefix(p.to(), "/account/welcome") {
				t.Errorf("%s: %d %q %s", what, p.Status, p.to(), p.text())
				return
			}
			back(what, b.get(p.to()))
		}

		// Each step by the links and forms that the pages have.
		b := r.browser()
		_, email := r.person()
		p := b.get("/account/login" + query)
		p = b.fill(link(p, "/account/register"), details(email)...)
		back("the page of the code", b.get(p.to()))
		welcome("registering", b, b.fill(p.to(), "code", r.code(email)))

		// Mistakes on the way.
		b = r.browser()
		_, slow := r.person()
		wrong := details(slow)
		wrong[3] = "short"
		p = b.fill("/account/register"+query, wrong...)
		form := p.hidden()
		for i := 0; i < len(wrong); i += 2 {
			form.Set(wrong[i], details(slow)[i+1])
		}
		p = b.postForm("/account/register", form)
		at := p.to()
		back("a wrong code", b.fill(at, "code", otherCode(r.code(slow), 1)))
		clock.later(31 * time.Minute)
		p = b.fill(at, "code", r.code(slow))
		back("an expired code", p)
		p = b.post("/account/verify/resend", "return", p.hidden().Get("return"))
		back("a resent code", b.get(p.to()))
		welcome("an expired code and a new one", b, b.fill(p.to(), "code", codeIn(r.waitMail(slow, 2))))

		// A second tab, which knows of the flow alone.
		b = r.browser()
		_, tabbed := r.person()
		b.fill("/account/register"+query, details(tabbed)...)
		back("a second tab", b.get("/account/verify"))
		welcome("a second tab", b, b.post("/account/verify", "code", r.code(tabbed)))

		// Another machine, which knows nothing of it: it is told what to do, with the way back.
		other := r.browser()
		p = other.get("/account/verify" + query)
		if p.told() != "flow" {
			t.Errorf("a code on another machine: %d %s", p.Status, p.text())
		}
		_, moved := r.person()
		p = other.fill(link(p, "/account/register"), details(moved)...)
		welcome("another machine", other, other.fill(p.to(), "code", r.code(moved)))

		// A wrong password, then the right one.
		b = r.browser()
		p = b.fill("/account/login"+query, "email", email, "password", wrongPassword)
		back("a wrong password", r.browser().get(link(p, "/account/reset")))
		form = p.hidden()
		form.Set("email", email)
		form.Set("password", password)
		if p = b.postForm("/account/login", form); p.to() != came {
			t.Errorf("the right password after a wrong one leads to %q", p.to())
		}

		// A forgotten one.
		clock.later(2 * time.Minute)
		r.settled()
		n := len(r.mails(email))
		b = r.browser()
		p = b.fill(link(b.get("/account/login"+query), "/account/reset"), "email", email)
		p = b.fill(p.to(), "code", codeIn(r.waitMail(email, n+1)))
		p = b.fill(p.to(), "password", nextPassword)
		p = b.get(p.to())
		if p = b.fill(link(p, "/account/login"), "email", email, "password", nextPassword); p.to() != came {
			t.Errorf("the log-in after a reset leads to %q", p.to())
		}

		// Logged in already: no circle. And out again.
		if p := b.get("/account/login" + query); p.to() != came {
			t.Errorf("a log-in of who is logged in leads to %q", p.to())
		}
		if p := b.get("/account/register" + query); !strings.HasPrefix(p.to(), "/account/welcome?") {
			t.Errorf("registering of who is logged in leads to %q", p.to())
		} else {
			back("registering of who is logged in", b.get(p.to()))
		}
		if p := b.fill("/account/logout" + query); p.to() != came {
			t.Errorf("a log-out leads to %q", p.to())
		}

		// A download, with the page that it stands on.
		page := "/videos/MC-20240527-V-0412/"
		asked := "/download/" + r.downloads[0].ID + "?return=" + url.QueryEscape(page)
		b = r.browser()
		p = b.fill(b.get(asked).to(), "email", email, "password", nextPassword)
		p = b.get(p.to())
		if leads := p.leads(t); !slices.Contains(leads, page) || !slices.ContainsFunc(leads, func(to string) bool { return strings.HasPrefix(to, "/download/"+r.downloads[0].ID) }) {
			t.Errorf("a download: %d, leads to %q", p.Status, leads)
		}

		// The account's own pages are no way back, from wherever they are asked for.
		for _, path := range []string{"/account", "/account/login", "/account/verify", "/account/sessions?note=x"} {
			b := r.browser()
			p := b.fill("/account/login?return="+url.QueryEscape(path), "email", email, "password", nextPassword)
			if p.Status != http.StatusSeeOther || p.to() != "/" {
				t.Errorf("a way back to %s: %d %q", path, p.Status, p.to())
			}
			if p := r.browser().get("/account"); strings.Contains(p.to(), "return=") {
				t.Errorf("the account leads to %q", p.to())
			}
		}
	})
}

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
