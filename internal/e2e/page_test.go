//go:build e2e

package e2e

import (
	"encoding/base64"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"pressroom/internal/testkit/chromium"
)

// readable are pages of every kind that readers stay on.
var readable = []string{
	"/", "/news/", "/news/2026/", "/news/2026/07/", "/fr" + article, "/news/2026/09/parliamentary-assembly-norrvik/", "/topics/energy/", "/speakers/ilse-marrow/", "/photos/",
	"/events/", "/contacts/", "/fr/videos/", film, "/search/?q=marrow", "/feeds/", "/corrections/", "/accessibility/", "/fr/404.html", "/account/login?lang=fr", "/account/register?lang=en",
}

// cutOff are the words that a reader does not get to see: they end beyond the screen, or
// in a box that neither grows nor scrolls. What scrolls by itself may be wider.
const cutOff = `(() => {
	const scrolls = (e) => ["auto", "scroll"].includes(getComputedStyle(e).overflowX), out = new Set();
	for (const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT); walk.nextNode();) {
		const node = walk.currentNode, range = new Range();
		range.selectNodeContents(node);
		if (!node.data.trim() || !range.getClientRects().length) continue;
		const r = range.getBoundingClientRect();
		for (let e = node.parentElement; e; e = e.parentElement) {
			const s = getComputedStyle(e), b = e.getBoundingClientRect();
			if (scrolls(e) && e.tabIndex >= 0 || s.clipPath !== "none" || e.matches(".skip, option, video, [hidden]")) break; // at hand, or not for the eye
			if (s.overflowX !== "visible" && (r.right > b.right + 1 || r.left < b.left - 1 || r.bottom > b.bottom + 1) ||
				e === document.body && (r.right > innerWidth + 1 || r.left < -1)) { out.add(node.data.trim().slice(0, 60)); break; }
		}
	}
	if (document.documentElement.scrollWidth > innerWidth) out.add("the page is " + document.documentElement.scrollWidth + " wide");
	return [...out].join(" | ");
})()`

// spaced sets text as WCAG 1.4.12 says that readers may.
const spaced = `(() => {
	const sheet = new CSSStyleSheet();
	sheet.replaceSync("* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important } p { margin-block-end: 2em !important }");
	document.adoptedStyleSheets = [sheet];
})()`

// At 400 per cent a desktop's screen is 320 pixels wide: everything can be read without
// moving sideways (WCAG 1.4.10), and with wider letters, words and lines (1.4.12).
func TestZoom(t *testing.T) {
	t.Parallel()
	r := newReader(visit(t), "en", true)
	for _, page := range readable {
		r.Look(320, 256, "light")
		r.Visit(r.url + page)
		for _, how := range []string{"", spaced} {
			if how != "" {
				r.Is(how, nil)
			}
			for _, width := range []int{320, 1280} {
				r.Look(width, width*4/5, "light")
				if got := r.Text(cutOff); got != "" {
					t.Errorf("%s, %d px, spaced %t: %s", page, width, how != "", got)
				}
			}
		}
	}
	// What this would say of words that are cut off.
	r.Is(`document.querySelector("h1").replaceChildren("incomprehensibilities".repeat(9)), document.querySelector("h1").style.setProperty("white-space", "nowrap")`, nil)
	if r.Text(cutOff) == "" {
		t.Error("words that are cut off go unnoticed")
	}
}

// printed is the text of the page on A4, a sheet of paper each.
func (r *reader) printed() []string {
	r.Helper()
	program, err := exec.LookPath("pdftotext")
	if err != nil && os.Getenv("CI") != "" {
		r.Fatal(err)
	}
	if err != nil {
		r.Skip(err)
	}
	var pdf struct{ Data string }
	r.Call("Page.printToPDF", map[string]any{"preferCSSPageSize": true}, &pdf)
	data, err := base64.StdEncoding.DecodeString(pdf.Data)
	must(r, err)
	file := filepath.Join(r.TempDir(), "page.pdf")
	must(r, os.WriteFile(file, data, 0o644))
	text, err := exec.Command(program, "-raw", file, "-").Output()
	must(r, err)
	return strings.Split(strings.TrimSuffix(string(text), "\f"), "\f")
}

// solid is a text without its white space and hyphens, which paper breaks as it likes.
func solid(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(" \t\n\r\f\u00a0\u202f\u00ad\u2010-", r) }), "")
}

// On paper nothing remains of what can only be clicked; what the screen folds or plays is
// there to be read, and links say where they lead.
func TestPrint(t *testing.T) {
	t.Parallel()
	r := newReader(visit(t), "en", true)
	for _, page := range []string{film, "/videos/" + video + "/", article, "/accessibility/", "/events/", "/contacts/"} {
		r.Visit(r.url + page)
		r.Is(`document.querySelector(".prose p")?.append(Object.assign(document.createElement("a"), { href: "https://other.example/report?year=2026", textContent: " the report" }))`, nil)
		sheets := r.printed()
		paper := solid(strings.Join(sheets, ""))
		r.Call("Emulation.setEmulatedMedia", map[string]any{"media": "print"}, nil)
		for _, gone := range []string{".masthead nav a", ".tools a", ".colophon nav a", ".skip", ".crumbs a", "video", "button", "#transcript-tools", ".neighbours a", ".pager a"} {
			r.Is(`[...document.querySelectorAll(`+chromium.Quoted(gone)+`)].filter((e) => e.checkVisibility()).length`, 0.0)
		}
		wanted := r.Text(`[
			...[...document.querySelectorAll("h1, .summary, .shotlist td p, .shotlist blockquote, .transcript[open] li p, .facts dd, .contacts p")].filter((e) => e.checkVisibility()).map((e) => e.textContent),
			...[...document.querySelectorAll('.prose a[href^="http"]')].map((a) => "the report (" + a.getAttribute("href") + ")"),
		].join("\u0001")`)
		for want := range strings.SplitSeq(wanted, "\x01") {
			if !strings.Contains(paper, solid(want)) {
				t.Errorf("%s: the paper lacks %q", page, want)
			}
		}
		headings := map[string]bool{}
		for h := range strings.SplitSeq(r.Text(`[...document.querySelectorAll("h1, h2, h3")].filter((e) => e.checkVisibility()).map((e) => e.textContent).join("\u0001")`), "\x01") {
			headings[solid(h)] = true
		}
		for i, sheet := range sheets {
			lines := strings.Split(strings.TrimSpace(sheet), "\n")
			if headings[solid(lines[len(lines)-1])] {
				t.Errorf("%s: sheet %d ends with the heading %q", page, i+1, lines[len(lines)-1])
			}
		}
		r.Call("Emulation.setEmulatedMedia", map[string]any{"media": ""}, nil)
	}
	// There was something to find.
	r.Visit(r.url + film)
	r.Is(`document.querySelectorAll(".transcript[open] li p").length > 2 && document.querySelectorAll(".shotlist td p").length > 2`, true)
}
