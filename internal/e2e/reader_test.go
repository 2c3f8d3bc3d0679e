//go:build e2e

package e2e

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"regexp"
	"strings"

	"pressroom/internal/testkit/chromium"
)

// reader is a person with a browser who reads the newsroom in a language.
type reader struct {
	*chromium.Tab
	*newsroom
	lang   string
	script bool   // the browser runs scripts
	keys   bool   // there is no mouse
	typed  string // the code read last
	steps  int
}

func newReader(n *newsroom, lang string, script bool) *reader {
	return readerAt(chromium.Start(n.test), n, lang, script)
}

func readerAt(tab *chromium.Tab, n *newsroom, lang string, script bool) *reader {
	tab.Script(script)
	return &reader{Tab: tab, newsroom: n, lang: lang, script: script}
}

// stranger is another person at another computer.
func (r *reader) stranger() *reader {
	n := *r
	n.Tab = r.Tab.Stranger()
	n.Script(r.script)
	if n.keys {
		n.byKeyboard()
	}
	return &n
}

// byKeyboard takes the mouse away, and with it what glides: a page that is on its way to
// the focus when something else moves may never arrive on a busy machine.
func (r *reader) byKeyboard() {
	r.Helper()
	r.keys = true
	r.Call("Emulation.setEmulatedMedia", map[string]any{"features": []map[string]string{{"name": "prefers-reduced-motion", "value": "reduce"}}}, nil)
}

// home is the path of the site in the reader's language.
func (r *reader) home() string {
	if r.lang == "en" {
		return ""
	}
	return "/" + r.lang
}

func (r *reader) t(key string) string { r.Helper(); return r.word(r.lang, key) }

// reads finds itself on the page whose heading is a word of the interface.
func (r *reader) reads(key string) {
	r.Helper()
	r.steps++
	if got := r.Text(`document.querySelector("h1").textContent`); got != r.t(key) {
		text, _ := r.Eval(`location.href + " " + document.querySelector("main").innerText`)
		r.Fatalf("the page is %q, want %q: %s", got, r.t(key), text)
	}
	r.Is(`document.documentElement.lang`, r.lang)
	r.Is(`document.querySelectorAll("h1").length`, 1.0)
	state := strings.TrimSuffix(strings.TrimPrefix(key, "account_"), "_title")
	if r.Text(`document.querySelector("main [role=alert]") ? "wrong" : "right"`) == "wrong" {
		state += "-wrong"
		r.mistakesFirst()
	} else {
		r.Is(`document.title.startsWith(`+chromium.Quoted(strings.TrimSuffix(r.t("account_error_title"), "%s"))+`)`, false)
	}
	if r.Text(`document.querySelector("main [role=status]") ? "told" : ""`) == "told" {
		state += "-done"
	}
	if r.script && !r.keys { // what else there is without scripts, or with a mouse, is less
		r.judge(state + r.Text(`document.querySelector(".account form") ? "" : "-stranger"`))
	}
	r.picture(state)
}

// mistakesFirst: after a mistake the summary has the focus, is in sight, stands first on
// the page, and names the fields that it leads to (WCAG 3.3.1).
func (r *reader) mistakesFirst() {
	r.Helper()
	r.Until(`document.activeElement === document.querySelector(".mistakes")`)
	r.Is(`(() => { const b = document.querySelector(".mistakes").getBoundingClientRect(); return b.top >= 0 && b.top < innerHeight; })()`, true)
	r.Is(`document.querySelector(".sheet-body").firstElementChild.className`, "mistakes")
	r.Is(`document.title.startsWith(`+chromium.Quoted(strings.TrimSuffix(r.t("account_error_title"), "%s"))+`)`, true)
	r.Is(`[...document.querySelectorAll(".mistakes a")].every((a) => {
		const f = document.querySelector(a.hash);
		return f?.ariaInvalid === "true" && f.getAttribute("aria-describedby").split(" ").includes(f.id + "-error");
	})`, true)
}

// told is the text of the summary of mistakes.
func (r *reader) told(keys ...string) {
	r.Helper()
	text := r.Text(`document.querySelector(".mistakes")?.textContent ?? ""`)
	for _, k := range keys {
		want, _, _ := strings.Cut(r.t(k), "%s")
		if !strings.Contains(text, want) {
			r.Errorf("the summary says %q, and nothing of %q", text, want)
		}
	}
}

// sends clicks on the button of the form that posts to a path.
func (r *reader) sends(path string) {
	r.Helper()
	r.follow(`main form[action^="` + path + `"] button.button`)
}

// press hits a link, a button or a box: with the mouse, or with the key that does it.
func (r *reader) press(selector string) {
	r.Helper()
	if !r.keys {
		r.Click(selector)
		return
	}
	r.tabTo(selector)
	key := "Enter"
	if r.Text(`document.activeElement.type ?? ""`) == "checkbox" {
		key = " "
	}
	r.Press(key)
}

// follow is press, and then the page that it leads to.
func (r *reader) follow(selector string) { r.Helper(); r.Leave(func() { r.press(selector) }) }

// fill writes into a field, in place of what is there.
func (r *reader) fill(selector, text string) {
	r.Helper()
	if !r.keys {
		r.Fill(selector, text)
		return
	}
	r.tabTo(selector) // which selects what is there
	r.Type(text)
}

// mostStops is more than any page of the newsroom has to tab through.
const mostStops = 200

// tabTo goes on with the Tab key until it comes to an element. On the way each stop can
// be seen to have the focus (WCAG 2.4.7), lies on the screen and comes after the one
// before (2.4.3), and from the last one the way leads around to the first.
func (r *reader) tabTo(selector string) {
	r.Helper()
	for range mostStops {
		r.Press("Tab")
		r.Until(`(() => { const b = document.activeElement.getBoundingClientRect(); return document.activeElement === document.body || b.bottom > 0 && b.top < innerHeight; })()`)
		switch at := r.Text(`(() => {
			const e = document.activeElement, s = getComputedStyle(e), last = globalThis.last;
			globalThis.last = e;
			if (e === document.body || e.localName === "video") return "on"; // around, or among what the browser draws itself
			const what = e.outerHTML.slice(0, 200);
			if (!e.matches(":focus-visible, [type=date]") || s.outlineStyle === "none" || parseFloat(s.outlineWidth) < 3) return "not seen to have the focus: " + what;
			const around = e === document.querySelector(".skip");
			if (last?.isConnected && last !== e && !around && !(last.compareDocumentPosition(e) & Node.DOCUMENT_POSITION_FOLLOWING)) return "out of order: " + what;
			return e.matches(` + chromium.Quoted(selector) + `) ? "here" : "on";
		})()`); at {
		case "here":
			return
		case "on":
		default:
			r.Errorf("%s: %s", r.Text("location.href"), at)
		}
	}
	r.Fatalf("no tab leads to %s on %s", selector, r.Text("location.href"))
}

// code opens the outbox in a second tab and reads the code of so many digits in the
// newest mail to an address, once there is one that it has not read yet.
func (r *reader) code(email string, length int) string {
	r.Helper()
	tab := r.Beside(false)
	defer func() { tab.Close(); r.Front() }()
	tab.Script(r.script)
	digits := regexp.MustCompile(fmt.Sprintf(`\b\d{%d}\b`, length))
	var code string
	for code == "" || code == r.typed {
		tab.Open(r.url + "/_outbox/")
		row := `[...document.querySelectorAll("tbody tr")].find((tr) => tr.cells[1].textContent.includes(` + chromium.Quoted(email) + `))`
		if there, _ := tab.Eval(`Boolean((` + row + `?.querySelector("a") ?? {}).id = "newest") && document.querySelector("#newest") !== null`); there != true {
			continue // the courier is on its way
		}
		second := *r
		second.Tab = tab
		second.follow("#newest")
		code = digits.FindString(tab.Text(`document.querySelector("pre").textContent`))
	}
	r.typed = code
	return code
}

// takes clicks on what leads to a download, and has the whole file.
func (r *reader) takes(selector, sha string) {
	r.Helper()
	path, name := r.Download(func() { r.press(selector) })
	b, err := os.ReadFile(path)
	must(r, err)
	if sum := sha256.Sum256(b); hex.EncodeToString(sum[:]) != sha {
		r.Errorf("%s has %d bytes and the sum %x, and the page says %s", name, len(b), sum, sha)
	}
	if !strings.HasSuffix(name, ".mp4") {
		r.Errorf("the file is called %q", name)
	}
}
