//go:build e2e

package e2e

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"pressroom/internal/testkit/chromium"
)

// TestRightToLeft reads a newsroom in Arabic, in the built-in theme: it builds without a
// warning, so that all words are there; it stands from right to left; nothing is wider
// than a narrow screen; and what is written from left to right all the same, as telephone
// numbers, is not turned round.
func TestRightToLeft(t *testing.T) {
	t.Parallel()
	a, err := txtar.ParseFile("../build/testdata/arabic.txtar")
	must(t, err)
	dir := t.TempDir()
	for _, f := range a.Files {
		if strings.HasPrefix(f.Name, "want") {
			continue
		}
		name := filepath.Join(dir, filepath.FromSlash(f.Name))
		must(t, os.MkdirAll(filepath.Dir(name), 0o755))
		must(t, os.WriteFile(name, f.Data, 0o644))
	}
	build := exec.Command(pressBinary, "build", "-s", dir, "--now", "2026-07-07T12:00:00Z", "--strict")
	build.Env = append(os.Environ(), "XDG_CACHE_HOME="+cache, "PRESS_IMAGES_ENCODER=off") // its film is none, of which no preview can be made
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	server := httptest.NewServer(http.FileServer(http.Dir(filepath.Join(dir, "public"))))
	t.Cleanup(server.Close)

	r := &reader{Tab: chromium.Start(t), lang: "ar"}
	for _, page := range []string{"", "news/", "news/2026/06/", "news/2026/06/crane/", "news/2026/07/visit/", "topics/ships/", "topics/ships/page/1/", "videos/", "videos/PA-V-7/",
		"events/", "contacts/", "corrections/", "feeds/", "accessibility/", "404.html"} {
		r.Open(server.URL + "/" + page)
		r.steps++
		r.Is(`document.documentElement.dir + document.documentElement.lang`, "rtlar")
		r.Is(`getComputedStyle(document.querySelector("h1")).direction`, "rtl")
		// Every number to ring is in its own order: its plus sign is left of its last digit.
		r.Is(`[...document.querySelectorAll('a[href^="tel:"] bdi[dir=ltr]')].length === document.querySelectorAll('a[href^="tel:"]').length`, true)
		r.Is(turned(`a[href^="tel:"] bdi`), "")
		r.judge("rtl-" + strings.Trim(page, "/"))
		for _, width := range []int{320, 1280} {
			r.Look(width, 700, "light")
			r.Is(`document.documentElement.scrollWidth <= innerWidth`, true)
		}
		r.picture("rtl-" + strings.NewReplacer("/", "-").Replace(page))
	}

	r.Open(server.URL + "/news/2026/06/crane/")
	r.Is(turned(`.facts bdi`), "")
	r.Is(`document.querySelector(".facts bdi").textContent`, "PA-2026-014")
	r.Is(`document.querySelector(".prose").textContent.includes("«ننتظر هذا اليوم منذ عامين»")`, true)
	r.Open(server.URL + "/videos/PA-V-7/")
	r.Is(`document.querySelectorAll(".timecode").length > 2`, true)
	r.Is(turned(`.timecode, .duration`), "")

	// At a desk the dates stand right of the line and the texts left of it.
	r.Look(1280, 700, "light")
	r.Open(server.URL + "/events/")
	r.Is(`document.querySelector(".card-date").getBoundingClientRect().left > document.querySelector(".card-text").getBoundingClientRect().right`, true)
}

// turned are the texts below selector whose first sign does not stand left of the last.
func turned(selector string) string {
	return `[...document.querySelectorAll(` + chromium.Quoted(selector) + `)].map((e) => {
		const walk = document.createTreeWalker(e, NodeFilter.SHOW_TEXT), texts = [];
		while (walk.nextNode()) if (walk.currentNode.data.trim()) texts.push(walk.currentNode);
		if (!texts.length) return "";
		const at = (node, i) => { const range = new Range(); range.setStart(node, i); range.setEnd(node, i + 1); return range.getBoundingClientRect(); };
		const first = at(texts[0], 0), last = at(texts.at(-1), texts.at(-1).length - 1);
		return first.width && last.width && first.top === last.top && first.left >= last.left ? e.textContent : "";
	}).filter((s) => s).join(" | ")`
}
