//go:build e2e

package preview

import (
	"io/fs"
	"net"
	"os"
	"strings"
	"testing"

	"pressroom"
	"pressroom/internal/site"
	"pressroom/internal/testkit/chromium"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// long is an article that must be scrolled.
func long(last string) string {
	return article + strings.Repeat("\nThe ships came in one by one, and the harbour master wrote down each of them.\n", 120) + "\n" + last + "\n"
}

const overlay = `document.querySelector("press-problems")?.shadowRoot`

func TestBrowserReloadsInPlace(t *testing.T) {
	t.Parallel()
	f := newFolder(t)
	f.write("content/news/2026/01/harbour.md", long("The end."))
	r, c := f.run(), chromium.Start(t)
	c.Open(r.url + harbour)
	c.Is(`document.body.textContent.includes("The end.")`, true)
	c.Is(`window.first = true`, true)
	c.Scroll(1500)

	f.write("content/news/2026/01/harbour.md", long("The very end."))
	c.Until(`document.body.textContent.includes("The very end.") && document.readyState === "complete"`)
	c.Is(`window.first === undefined`, true)
	c.Until(`scrollY === 1500`)
	c.Is(`history.scrollRestoration`, "auto")

	// Once more, from elsewhere in the page: the place is that of the last time.
	c.Scroll(300)
	f.write("content/news/2026/01/harbour.md", long("The end of all."))
	c.Until(`document.body.textContent.includes("The end of all.") && scrollY === 300`)

	// Another article changes, and this page stays: it hears of that before it hears of
	// the mistake.
	c.Is(`window.second = true`, true)
	f.write("content/note.md", "---\ntitle: Note\n---\nA note.\n")
	r.shows("/note/", "A note.")
	f.write("content/note.md", "---\ntitel: Note\n---\nA note.\n")
	c.Until(overlay + `?.textContent.includes("note.md") === true`)
	c.Is(`window.second && scrollY === 300`, true)
	c.Quiet()
}

// The theme's sheet has another name when it changes, so the page is another and comes
// anew; a sheet that a layout links by its own name is taken in where it stands.
func TestBrowserTakesStylesInAnew(t *testing.T) {
	t.Parallel()
	f := newFolder(t)
	f.write("content/news/2026/01/harbour.md", long("The end."))
	f.write("static/css/own.css", "h1 { color: rgb(1, 1, 1) }")
	layout, err := fs.ReadFile(pressroom.Theme, "layouts/base.html")
	if err != nil {
		t.Fatal(err)
	}
	f.write("layouts/base.html", strings.Replace(string(layout), "</head>", `<link rel="stylesheet" href="/css/own.css"></head>`, 1))
	r, c := f.run(), chromium.Start(t)
	c.Open(r.url + harbour)
	c.Is(`window.first = true`, true)
	c.Scroll(1500)
	c.Is(`window.sheets = document.styleSheets.length, sheets > 1`, true)
	for _, colour := range []string{"rgb(1, 2, 3)", "rgb(4, 5, 6)", "rgb(7, 8, 9)"} {
		f.write("static/css/own.css", "h1 { color: "+colour+" }")
		c.Until(`getComputedStyle(document.querySelector("main h1")).color === "` + colour + `"`)
	}
	c.Until(`document.querySelectorAll("link[rel=stylesheet]").length === sheets`)
	c.Is(`window.first && scrollY === 1500`, true)

	f.write("static/css/press.css", "p { color: rgb(3, 2, 1) }")
	c.Until(`getComputedStyle(document.querySelector("main p")).color === "rgb(3, 2, 1)"`)
	c.Until(`scrollY === 1500`)
	c.Quiet()
}

func TestBrowserShowsProblems(t *testing.T) {
	t.Parallel()
	f := newFolder(t)
	f.write("content/news/2026/01/harbour.md", long("The end."))
	r, c := f.run(), chromium.Start(t)
	c.Open(r.url + harbour)
	c.Is(`window.first = true`, true)
	c.Scroll(900)

	// A mistake, in words that would be markup if they were taken for it.
	f.write("content/news/2026/01/harbour.md", "---\ntitel: \"<img src=x onerror=alert(1)>\"\ndate: 2026-01-05\n---\n")
	c.Until(overlay + `?.textContent.includes("harbour.md:2:1") === true`)
	c.Is(overlay+`.querySelector(".error summary").textContent`, "2 errors")
	c.Is(overlay+`.querySelector(".error").open`, true)
	c.Is(overlay+`.querySelectorAll("img").length`, 0.0)
	c.Is(overlay+`.textContent.includes('<img src=x onerror=alert(1)>')`, true)
	c.Is(overlay+`.textContent.includes("\n^^^^^")`, true)
	c.Is(overlay+`.textContent.includes("hint: ")`, true)
	c.Is(`document.body.textContent.includes("The end.")`, true)
	c.Is(overlay+`.querySelector("section").getBoundingClientRect().bottom === innerHeight`, true)

	// One of the two is mended: the overlay says what is left.
	f.write("content/news/2026/01/harbour.md", "---\ntitle: The harbour\ndate: [\n---\n")
	c.Until(overlay + `?.textContent.includes("titel") === false`)
	c.Is(`window.first && scrollY === 900`, true)

	f.write("content/news/2026/01/harbour.md", long("The end."))
	c.Until(`document.querySelector("press-problems") === null`)
	c.Is(`window.first && scrollY === 900`, true)
	c.Quiet()
}

func TestBrowserReadsInLightAndDark(t *testing.T) {
	t.Parallel()
	f := newFolder(t)
	r, c := f.run(), chromium.Start(t)
	c.Open(r.url + harbour)
	f.write("content/news/2026/01/harbour.md", "---\ntitel: Harbour\ndate: 2026-01-05\n---\n")
	c.Until(overlay + `?.textContent.includes("harbour.md") === true`)
	for _, scheme := range []string{"light", "dark"} {
		c.Call("Emulation.setEmulatedMedia", map[string]any{"features": []map[string]string{{"name": "prefers-color-scheme", "value": scheme}}}, nil)
		c.Until(`matchMedia("(prefers-color-scheme: ` + scheme + `)").matches`)
		// Contrast after WCAG 2, of every text against what it stands on.
		worst, err := c.Eval(`(() => {
			const light = (c) => { const [r, g, b] = c.match(/[\d.]+/g).map((v) => { v /= 255; return v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; }); return .2126 * r + .7152 * g + .0722 * b; };
			let worst = 99;
			for (const e of ` + overlay + `.querySelectorAll("summary, code, span, pre, .hint")) {
				let on = e;
				while (/, 0\)$|transparent/.test(getComputedStyle(on).backgroundColor)) on = on.parentElement;
				const [a, b] = [light(getComputedStyle(e).color), light(getComputedStyle(on).backgroundColor)];
				worst = Math.min(worst, (Math.max(a, b) + .05) / (Math.min(a, b) + .05));
			}
			return worst;
		})()`)
		if n, ok := worst.(float64); err != nil || !ok || n < 4.5 || n > 21 {
			t.Errorf("%s: the contrast is %v (%v)", scheme, worst, err)
		}
	}
	c.Quiet()
}

func TestBrowserDismissesWarnings(t *testing.T) {
	t.Parallel()
	f := newFolder(t)
	r, c := f.run(), chromium.Start(t)
	c.Open(r.url + harbour)
	f.write("content/news/2026/01/harbour.md", strings.Replace(article, "The harbour opens", strings.Repeat("The harbour opens ", 6), 1))
	c.Until(overlay + `?.querySelector(".warning summary").textContent === "1 warning"`)
	c.Is(overlay+`.querySelector(".warning").open`, false)
	c.Is(overlay+`.querySelector("button").click(), document.querySelector("press-problems")`, nil)

	// They stay away when the page is loaded again, and come back when they change.
	f.write("content/news/2026/01/harbour.md", strings.Replace(with("More."), "The harbour opens", strings.Repeat("The harbour opens ", 6), 1))
	c.Until(`document.body.textContent.includes("More.") && document.readyState === "complete"`)
	c.Is(`document.querySelector("press-problems")`, nil)
	f.write("content/news/2026/01/harbour.md", strings.Replace(with("More."), "The harbour opens", strings.Repeat("The harbour opens ", 7), 1))
	c.Until(overlay + `?.querySelector(".warning summary").textContent === "1 warning"`)
	c.Quiet()
}

func TestBrowserFindsTheServerAgain(t *testing.T) {
	t.Parallel()
	f := newFolder(t)
	r, c := f.run(), chromium.Start(t)
	c.Open(r.url + harbour)
	must(t, r.end())
	f.write("content/news/2026/01/harbour.md", with("While nobody served."))
	l, err := net.Listen("tcp", strings.TrimPrefix(r.url, "http://"))
	must(t, err)
	f.runAt(l)
	c.Until(`document.body.textContent.includes("While nobody served.")`)
	f.write("content/news/2026/01/harbour.md", with("And on."))
	c.Until(`document.body.textContent.includes("And on.")`)
	c.Quiet()
}

func TestBrowserOnPagesThatAreNotThere(t *testing.T) {
	t.Parallel()
	f := newFolder(t)
	f.write("content/news/2026/01/harbour.md", "---\ntitel: Harbour\ndate: 2026-01-05\n---\n")
	r, c := f.run(), chromium.Start(t)

	// Nothing could be built yet: the page itself tells, and changes with what is wrong.
	c.Open(r.url + harbour)
	c.Is(`document.querySelector("pre").textContent.includes("harbour.md:2:1: error:")`, true)
	c.Is(`document.querySelector("press-problems")`, nil)
	f.write("content/news/2026/01/harbour.md", "---\ntitle: Harbour\ndat: 2026-01-05\n---\n")
	c.Until(`document.querySelector("pre").textContent.includes("harbour.md:3:1: error:")`)
	f.write("content/news/2026/01/harbour.md", article)
	c.Until(`document.querySelector("h1").textContent === "The harbour opens"`)

	// A layout that fails for this page alone.
	f.write("layouts/article.html", `{{define "main"}}{{.Titel}}{{end}}`)
	c.Until(`document.querySelector("pre")?.textContent.includes("layouts/article.html:1:") === true`)
	must(t, os.Remove(f.at("layouts/article.html")))
	c.Until(`document.querySelector("h1").textContent === "The harbour opens"`)

	// A page that is removed, and comes back.
	must(t, os.Remove(f.at("content/news/2026/01/harbour.md")))
	c.Until(`document.querySelector(".kicker")?.textContent === "404"`)
	f.write("content/news/2026/01/harbour.md", article)
	c.Until(`document.querySelector("h1").textContent === "The harbour opens"`)
	c.Quiet()
}

func TestBrowserSeesTheBanner(t *testing.T) {
	t.Parallel()
	f := newFolder(t)
	f.write("content/news/2026/01/harbour.md", strings.Replace(article, "date:", "draft: true\ndate:", 1))
	f.write("content/news/2026/01/quay.md", strings.Replace(article, "date:", "embargo: 2096-01-01 11:00\ndate:", 1))
	r, c := f.run(func(s *Server) { s.Input.Asked = site.Asked{Drafts: true, Future: true} }), chromium.Start(t)
	c.Open(r.url + harbour)
	c.Is(`document.querySelector(".banner").textContent.includes("This is a draft and is not public.")`, true)
	c.Open(r.url + "/news/2026/01/quay/")
	c.Is(`document.querySelector(".banner").textContent.includes("Under embargo")`, true)
	f.write("content/news/2026/01/quay.md", article)
	c.Until(`document.querySelector(".banner") === null && document.querySelector("h1") !== null`)
	c.Quiet()
}

// More pages than a browser opens connections to one host: those that nobody sees must
// not keep the others from loading, and are right again when they are seen.
func TestBrowserWithManyTabs(t *testing.T) {
	t.Parallel()
	r, c := newFolder(t).run(), chromium.Whole(t)
	var first *chromium.Tab
	for i := range 9 {
		c.Open(r.url + harbour)
		c.Is(`document.hidden`, false)
		c.Is(`document.querySelector("h1").textContent`, "The harbour opens")
		if i == 0 {
			first = c
		}
		c = c.Beside(false)
	}
	for range 9 { // as by a click of the middle button
		behind := c.Beside(true)
		behind.Open(r.url + harbour)
		behind.Is(`document.hidden`, true)
	}
	c.Open(r.url + harbour)
	r.write("content/news/2026/01/harbour.md", with("Seen."))
	c.Until(`document.body.textContent.includes("Seen.")`)

	first.Is(`document.hidden`, true)
	first.Is(`document.body.textContent.includes("Seen.")`, false)
	first.Front()
	first.Until(`document.body.textContent.includes("Seen.")`)
	first.Quiet()
}
