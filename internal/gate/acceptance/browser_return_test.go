//go:build gatetest

package acceptance

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

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
