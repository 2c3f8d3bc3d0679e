//go:build e2e

package e2e

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strings"
	"testing"

	"pressroom/internal/gate"
	"pressroom/internal/testkit/chromium"
)

// joins makes an account and is logged in.
func (r *reader) joins(email string) {
	r.Helper()
	r.Visit(r.url + "/account/register?lang=" + r.lang)
	r.fill("#email", email)
	r.fill("#password", password)
	r.fill("#name", "Ines Okafor")
	r.fill("#organisation", "Coast Radio")
	r.sends("/account/register")
	r.fill("#code", r.code(email, 6))
	r.sends("/account/verify")
}

// After logging out, the way back through the browser's history shows nothing of the
// reader, on the gate's pages and on those of the site that showed a name; not even from
// the cache that keeps whole pages.
func TestBackAfterLogOut(t *testing.T) {
	for _, script := range []bool{true, false} {
		t.Run(fmt.Sprintf("scripts %v", script), func(t *testing.T) {
			t.Parallel()
			r := readerAt(chromium.Whole(t), serve(t), "en", script)
			r.Visit(r.url + "/about/")
			r.Is(`globalThis.kept = true, null`, nil)
			r.Visit(r.url + "/accreditation/")
			_, _ = r.Eval(`history.back(), null`)
			r.Until(`location.pathname === "/about/" && document.readyState === "complete"`)
			r.Is(`globalThis.kept`, true) // there is such a cache

			const email = "ines@coast-radio.press"
			r.joins(email)
			r.Visit(r.url + "/")
			if script {
				r.Until(`document.querySelector("[data-session]").textContent === "Ines Okafor"`)
			}
			for _, path := range []string{"/account", "/account/downloads", "/account/export"} {
				r.Visit(r.url + path)
				r.Is(`document.body.textContent.includes("Ines Okafor")`, true)
			}
			r.follow(".account form button")
			if script {
				r.Is(`localStorage.length`, 0.0)
			}
			for range 4 {
				// A page out of the cache is the one that was left, so nothing can be
				// written into it to know it by. It may go before it has answered.
				r.Is(`globalThis.left = String(performance.timeOrigin) + location.href, null`, nil)
				_, _ = r.Eval(`history.back(), null`)
				r.Until(`globalThis.left !== String(performance.timeOrigin) + location.href && document.readyState === "complete"`)
				if script {
					r.Until(`document.querySelector("[data-session]")?.textContent !== "Ines Okafor"`)
				}
				r.Is(`[document.body.textContent, document.body.innerText].some((s) => s.includes("Okafor") || s.includes("`+email+`"))`, false)
			}
			r.Quiet()
		})
	}
}

// elsewhere are ways back that lead to another site, or try to.
var elsewhere = []string{
	"//evil.test", "///evil.test", "////evil.test/", `/\evil.test`, `\\evil.test`, `\/evil.test`, "/%2f%2fevil.test", "/%2f/evil.test", "/%5cevil.test", "/%5c%5cevil.test",
	"\t//evil.test", "/\t/evil.test", "/\n/evil.test", "/\r\n/evil.test", " //evil.test", "/ /evil.test", "https:evil.test", "https:/evil.test", "https://evil.test", "HTTPS://evil.test",
	"/a/..//evil.test", "/./\\evil.test", "/..//evil.test", "/%2e%2e//evil.test", "/.//evil.test", "javascript:alert(1)", "data:text/html,x", "/@evil.test", "//press@evil.test",
	"/%0d%0aLocation:%20https://evil.test", "/\r\nLocation: https://evil.test", "/%252f%252fevil.test", "/%255cevil.test", "//[::1]", "//0", "/\u2028/evil.test", "/\u3000/evil.test",
	"//evil\u3002test", "／／evil.test", "/／evil.test", "?return=//evil.test", "#//evil.test", "", "/account/login?return=//evil.test", "/account", "/files/x",
	"/download/x/y?return=//evil.test", "/" + strings.Repeat("a", 4000), "/%", "/%zz",
}

// A way back leads to a page of the site or home, whatever was put into the form.
func TestReturnStaysHere(t *testing.T) {
	t.Parallel()
	r := newReader(serve(t), "en", true)
	const email = "ines@coast-radio.press"
	r.joins(email)
	for i, to := range elsewhere {
		if i%4 != 0 && i > 8 { // the next test asks the browser of each
			continue
		}
		r.Call("Network.clearBrowserCookies", nil, nil)
		r.Visit(r.url + "/account/login?return=" + url.QueryEscape(to))
		r.Is(`[...document.querySelectorAll("main a, main form")].every((e) => new URL(e.href ?? e.action).origin === location.origin)`, true)
		// As if the address had not been looked at, the form says it, too.
		r.Is(`(() => {
			const form = document.querySelector("main form"), field = form.elements.return ?? document.createElement("input");
			field.type = "hidden", field.name = "return", field.value = `+chromium.Quoted(to)+`;
			form.append(field);
			form.elements.email.value = "`+email+`", form.elements.password.value = "`+password+`";
		})()`, nil)
		r.sends("/account/login")
		if at := r.Text("location.href"); !strings.HasPrefix(at, r.url+"/") || strings.HasPrefix(at, r.url+"/account/login") {
			t.Errorf("back to %q: %s", to, at)
		}
	}
}

// The browser has the last word on where an address leads: what gate.ReturnPath lets
// through is to it a path of this site, the very one that was meant.
func TestReturnPathAsTheBrowserReadsIt(t *testing.T) {
	t.Parallel()
	r := newReader(visit(t), "en", true)
	r.Open(r.url + "/404.html")
	pieces := []string{"/", "/", "/", "//", `\`, ".", "..", "%2e", "%2E%2e", "%2f", "%5c", "%25", "%252f", "@", ":", "?", "#", "&", "=", ";", "\t", "\n", "\r", " ", "%00", "%09", "\u2028", "\u3000", "\u00e9", "／", "。",
		"evil.test", "evil.test:80", "https:", "HTTP:", "javascript:", "news", "videos", "a", "download", "account", "files", "return=", "'", `"`, "<", "|", "^", "`", "{", "[", "~", "+", "*"}
	random := rand.New(rand.NewPCG(46, 2026))
	given := slices.Clone(elsewhere)
	for len(given) < 6000 {
		s := ""
		if random.IntN(4) > 0 {
			s = "/"
		}
		for range 1 + random.IntN(7) {
			s += pieces[random.IntN(len(pieces))]
		}
		given = append(given, s)
	}
	let := 0
	var pairs []string
	for _, s := range given {
		p := gate.ReturnPath(s)
		if p != "" {
			let++
		}
		pairs = append(pairs, "["+chromium.Quoted(s)+","+chromium.Quoted(p)+"]")
	}
	if len(given) < 2000 || let < 500 {
		t.Fatalf("%d texts, of which %d are let through, prove little", len(given), let)
	}
	// A browser escapes a ' in queries and drops blanks at the end; both lead nowhere else.
	wrong := r.Text(`(() => {
		const at = (s) => { try { return new URL(s, location.href); } catch { return { origin: "none" }; } };
		const plain = (s) => { for (let i = 0; i < 9; i++) try { s = decodeURIComponent(s); } catch { break; } return s.replace(/ +$/, ""); };
		return [` + strings.Join(pairs, ",") + `].filter(([given, path]) => {
			if (path === "") return false;
			const a = at(given), b = at(path);
			return a.origin !== location.origin || b.origin !== location.origin || plain(b.href) !== plain(location.origin + path) ||
				plain(a.pathname) !== plain(b.pathname) || /^\/(account|files)(\/|$)/i.test(plain(b.pathname));
		}).map((pair) => JSON.stringify(pair)).join("\n");
	})()`)
	if wrong != "" {
		t.Errorf("the browser reads these otherwise:\n%s", wrong)
	}
}

// sprays types so many wrong codes, from the reader's network but by a program.
func (n *newsroom) sprays(count int) {
	n.test.Helper()
	for typed := 0; typed < count; {
		jar, _ := cookiejar.New(nil) // never fails
		client := &http.Client{Jar: jar}
		post := func(path string, form url.Values) {
			r, err := http.NewRequest(http.MethodPost, n.url+path, strings.NewReader(form.Encode()))
			must(n.test, err)
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set("Origin", n.url)
			a, err := client.Do(r)
			must(n.test, err)
			a.Body.Close()
		}
		post("/account/register", url.Values{"email": {fmt.Sprintf("desk%d@coast-radio.press", typed)}, "password": {password}, "name": {"Desk"}, "organisation": {"Coast Radio"}})
		for range 5 {
			post("/account/verify", url.Values{"code": {"000000"}})
			typed++
		}
	}
}

// After too many wrong codes from a network the form carries a puzzle, which the browser
// solves while the reader waits; the code that was typed is still there.
func TestPuzzle(t *testing.T) {
	t.Parallel()
	n := serve(t)
	r := newReader(n, "en", true)
	const email = "ines@coast-radio.press"
	r.Visit(r.url + "/account/register?lang=en")
	r.fill("#email", email)
	r.fill("#password", password)
	r.fill("#name", "Ines Okafor")
	r.fill("#organisation", "Coast Radio")
	r.sends("/account/register")
	n.sprays(30)
	r.fill("#code", r.code(email, 6))
	r.sends("/account/verify")
	r.reads("account_verify_title")
	r.told("refused_work")
	r.Is(`document.querySelector("#code").value`, r.typed)
	r.Until(`document.querySelector("[name=work]").value !== ""`)
	r.Is(`document.querySelector("[data-challenge]").innerText.trim()`, r.t("account_work_done"))
	r.judge("work-done")
	r.sends("/account/verify")
	r.reads("account_welcome_title")
	r.Quiet()

	// Without scripts the page says how long to wait instead.
	r.Script(false)
	r = r.stranger()
	r.script = false
	r.Script(false)
	r.Visit(r.url + "/account/register?lang=en")
	r.fill("#email", "paul@coast-radio.press")
	r.fill("#password", password)
	r.fill("#name", "Paul Adeyemi")
	r.fill("#organisation", "Coast Radio")
	r.sends("/account/register")
	r.fill("#code", "123456")
	r.sends("/account/verify")
	r.reads("account_verify_title")
	want, _, _ := strings.Cut(r.t("account_work_else"), "%s")
	r.Is(`document.querySelector("main").innerText.includes(`+chromium.Quoted(want)+`)`, true)
}
