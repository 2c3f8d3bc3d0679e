//go:build e2e

package e2e

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"pressroom/internal/headers"
	"pressroom/internal/testkit/chromium"
)

const film = "/videos/MC-20260914-V-0498/"

// A link with a time begins there and loads nothing; chapters, captions and soundbites
// play from where they are, and the address says so.
func TestVideoPlays(t *testing.T) {
	t.Parallel()
	n := visit(t)
	tab := chromium.Start(t)
	for _, c := range []struct {
		query string
		at    float64
	}{{"?t=7", 7}, {"#t=3", 3}, {"?t=0:05&end=7", 5}} {
		tab.Visit(n.url + film + c.query)
		tab.Is(`document.querySelector("video").currentTime`, c.at)
		tab.Is(`performance.getEntriesByType("resource").some((e) => e.name.endsWith(".mp4"))`, false)
	}
	tab.Visit(n.url + film)
	tab.Is(`document.querySelectorAll(".transcript [aria-current]").length`, 0.0)
	tab.Is(`document.querySelector("video").muted = true`, true)
	tab.Click(`.transcript[open] a[data-t="7"]`)
	tab.Until(`document.querySelector("video").currentTime > 7`)
	tab.Is(`location.search + location.hash`, "?t=7")
	tab.Is(`document.querySelector(".transcript [aria-current=true]").id`, "t7")
	tab.Is(`document.querySelectorAll(".transcript [aria-current]").length`, 1.0)

	tab.Click(`.shotlist a[data-t="3"]`)
	tab.Is(`location.search`, "?t=3&end=7")
	tab.Until(`document.querySelector("video").paused && document.querySelector("video").currentTime >= 7`)
	tab.Click(`.chapters a[data-t="3"]`)
	tab.Is(`location.search`, "?t=3")
	tab.Is(`document.querySelector("video").pause()`, nil)

	// What is copied; the clipboard itself belongs to whoever runs the test.
	tab.Is(`typeof (navigator.clipboard.writeText = async (text) => { globalThis.copied = text; })`, "function")
	tab.Is(`document.querySelector("video").currentTime = 5`, 5.0)
	tab.Click(`.screen .copy`)
	tab.Until(`document.querySelector("#copied").textContent !== ""`)
	tab.Is(`copied`, n.url+film+"?t=5")
	tab.Click(`.soundbite .copy`)
	tab.Until(`Boolean(document.querySelector(".soundbite [role=status]")?.textContent)`)
	tab.Is(`copied`, "“I have come to ask you to be the constituency of things that are not needed yet.”\nIlse Marrow, Secretary General, Meridian Council\n"+
		"MC-20260914-V-0498, 0:03\n"+n.url+film+"?t=3&end=7")
	tab.Fill(`#embed-start`, "4")
	tab.Is(`document.querySelector("#embed-code").value.includes('/embed/MC-20260914-V-0498/?t=4"')`, true)

	// The transcript: found words, another language.
	tab.Fill(`#transcript-find`, "NEIGHBOURS")
	tab.Is(`[...document.querySelectorAll(".transcript[open] li")].filter((li) => !li.hidden).map((li) => li.id).join()`, "t7")
	tab.Is(`(() => { const s = document.querySelector("#transcript-language"); s.value = "1"; s.dispatchEvent(new Event("change", { bubbles: true })); return document.querySelector(".transcript[open] ol").lang; })()`, "fr")
	tab.Quiet()
}

// Without scripts a video's page can be read and played, and its links lead to the words.
func TestVideoWithoutScripts(t *testing.T) {
	t.Parallel()
	n := visit(t)
	tab := chromium.Start(t)
	tab.Script(false)
	tab.Visit(n.url + film)
	tab.Is(`[...document.querySelectorAll("button.copy, #transcript-tools, #embed-tools")].every((e) => e.offsetParent === null)`, true)
	tab.Follow(`.chapters a[data-t="7"]`)
	tab.Is(`document.querySelector(":target").id`, "t7")
	tab.Visit(n.url + "/videos/")
	tab.Is(`document.querySelector("details.finder").offsetParent === null`, true)
	tab.Follow(`[data-filter="genre"] a[href$="/package/"]`)
	tab.Is(`document.querySelectorAll(".tile").length`, 1.0)
}

// The player alone stands in a frame of another site, begins at a time, and leads back.
func TestVideoEmbed(t *testing.T) {
	t.Parallel()
	n := visit(t)
	tab := chromium.Start(t)
	tab.Visit(n.url + "/embed/MC-20260914-V-0498/?t=4")
	tab.Is(`document.querySelector("video").currentTime`, 4.0)
	tab.Is(`document.querySelectorAll("nav, header, footer").length`, 0.0)
	tab.Is(`document.querySelector("h1 a").pathname`, film)
	tab.Is(`document.querySelector("meta[name=robots]").content`, "noindex")
	tab.Look(320, 202, "light")
	tab.Is(`document.documentElement.scrollWidth <= innerWidth && document.documentElement.scrollHeight <= innerHeight`, true)
	tab.Quiet()
}

// The form of the index: with the keyboard, with the address as its state.
func TestVideoFinder(t *testing.T) {
	t.Parallel()
	r := newReader(visit(t), "en", true)
	r.keys = true
	r.Visit(r.url + "/videos/")
	shown := `[...document.querySelectorAll(".tiles:not([hidden]) .tile")].length`
	r.Is(`performance.getEntriesByType("resource").some((e) => e.name.includes("/find/"))`, false)
	r.Is(shown, 12.0)
	lazy := `[...document.querySelectorAll(".tiles:not([hidden]) img")].map((img) => Number(img.loading === "lazy")).join("")`
	r.Is(lazy, "000111111111")
	r.tabTo("#find-speaker")
	r.Until(`document.querySelector("#find-speaker option[value=ilse-marrow]").textContent.endsWith("(5)")`)
	for range 5 { // the last one of the five
		r.Press("ArrowDown")
	}
	r.Is(`document.activeElement.id`, "find-speaker")
	r.Press("Tab")
	r.Until(`document.querySelector("#found").textContent.endsWith("5")`)
	r.Is(`location.search`, "?speaker=ilse-marrow")
	r.Is(shown, 5.0)
	r.Is(`document.activeElement.id`, "find-location")
	// Pictures are as small as the tiles, and the first row of them not lazy.
	r.Is(lazy, "00011")
	r.Is(`[...document.querySelectorAll("#results img")].every((img) => img.sizes && img.srcset.startsWith("/assets/pictures/"))`, true)
	// What would leave nothing can be seen, and not be chosen.
	r.Is(`[...document.querySelectorAll("#find-location option")].some((o) => o.disabled && o.textContent.endsWith("(0)"))`, true)
	r.fill("#find-words", "package")
	r.Until(`document.querySelector("#found").textContent.endsWith("1")`)
	r.Is(`location.search`, "?q=package&speaker=ilse-marrow")
	r.Is(`document.activeElement.id`, "find-words")

	r.Visit(r.url + "/videos/?from=2026&to=2026-06&captions=*&quality=1")
	r.Until(`document.querySelector("#found").textContent.endsWith("2")`)
	r.Is(`document.querySelector("#find-to").value`, "2026-06-30")
	r.press("form#find button[type=reset]")
	r.Until(`document.querySelector("#found").textContent === ""`)
	r.Is(`location.search`, "")
	r.Is(shown, 12.0)
	r.Is(`history.back()`, nil)
	r.Until(`document.querySelector("#found").textContent.endsWith("2")`)
	r.Is(shown, 2.0)
	r.Quiet()
}

// A tile shows what is in its video while the focus rests on it, and loads nothing before;
// with the headers that pages have. press serve makes no previews, so the site is built.
func TestVideoPreview(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("ffmpeg"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("no ffmpeg")
		}
		t.Skip("no ffmpeg")
	}
	dir, film := t.TempDir(), "MC-20260914-V-0498"
	from := filepath.Join(root, "content/videos/2026", film)
	to := filepath.Join(dir, "content/videos/2026", film)
	must(t, os.MkdirAll(to, 0o755))
	for _, name := range []string{film + "-web.mp4", "en.vtt", "poster.jpg"} {
		data, err := os.ReadFile(filepath.Join(from, name))
		must(t, err)
		must(t, os.WriteFile(filepath.Join(to, name), data, 0o644))
	}
	must(t, os.WriteFile(filepath.Join(dir, "site.yaml"), []byte("title: Test Press\nbaseURL: https://press.example\ntimeZone: UTC\nlanguages: [en]\nimages: {formats: []}\n"), 0o644))
	must(t, os.WriteFile(filepath.Join(to, "index.md"), []byte(`---
id: `+film+`
title: Norrvik
date: 2026-09-14 17:00
genre: b-roll
duration: "00:00:10:00"
summary: The Assembly.
poster: {src: poster.jpg, alt: A chamber, credit: Meridian Council}
captions: [{file: en.vtt, language: en}]
renditions:
  - {name: web-360p25, access: public, file: `+film+`-web.mp4, container: mp4, codec: H.264, width: 640, height: 360, fps: 25, scan: progressive}
---
The Assembly.
`), 0o644))
	if said, err := exec.Command(pressBinary, "build", "--source", dir).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	files := http.FileServer(http.Dir(filepath.Join(dir, "public")))
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, h := range headers.For(r.URL.Path) {
			w.Header().Set(h.Name, h.Value)
		}
		files.ServeHTTP(w, r)
	}))
	t.Cleanup(site.Close)

	tab := chromium.Start(t)
	tab.Visit(site.URL + "/videos/")
	tab.Is(`performance.getEntriesByType("resource").some((e) => e.name.endsWith("-board.jpg"))`, false)
	tab.Is(`document.querySelector(".preview") === null`, true)
	tab.Is(`document.querySelector(".tile a").focus()`, nil)
	tab.Until(`document.querySelector(".tile .preview")?.getAnimations()[0]?.effect.getTiming().duration === 5000`)
	tab.Is(`getComputedStyle(document.querySelector(".preview")).backgroundImage.endsWith('-board.jpg")')`, true)
	tab.Is(`document.querySelector(".preview").getAnimations()[0].finish()`, nil)
	tab.Until(`document.querySelector(".preview") === null`) // once
	tab.Quiet()
}
