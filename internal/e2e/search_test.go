//go:build e2e

package e2e

import (
	"strings"
	"testing"

	"pressroom/internal/testkit/chromium"
)

// says waits until the search page tells a text.
func (r *reader) says(text string) {
	r.Helper()
	r.Until(`document.querySelector(".tally").textContent.includes(` + chromium.Quoted(text) + `)`)
}

// TestSearchByKeyboard goes from the front page to a find without a mouse, narrows what is
// found, and goes back.
func TestSearchByKeyboard(t *testing.T) {
	t.Parallel()
	n := visit(t)
	r := newReader(n, "en", true)
	r.keys = true
	r.Open(n.url + "/")
	r.follow(`.tools a[href="/search/"]`)
	r.reads("search")
	r.tabTo("#q")
	r.Type("marrow")
	r.says("results") // while it is typed
	r.Is(`location.search`, "?q=marrow")
	r.Is(`document.activeElement.id`, "q")
	r.Is(`document.querySelector(".tally").getAttribute("role")`, "status")
	r.Until(`document.querySelectorAll(".finds mark").length > 0`)
	r.press("summary")
	r.Until(`document.querySelector("#by-type")?.options.length > 2`)
	r.Is(`[...document.querySelectorAll(".narrow option")].every((o) => !/\(0\)/.test(o.text) || o.disabled)`, true)
	all := r.Text(`document.querySelector(".tally").textContent`)
	r.tabTo("#by-type")
	r.Press("ArrowDown")
	r.Until(`/^[?]q=marrow&type=[a-z-]+$/.test(location.search)`)
	r.Until(`document.querySelector(".tally").textContent !== ` + chromium.Quoted(all))
	r.Is(`document.activeElement.id`, "by-type")
	r.Is(`[...document.querySelectorAll(".finds .kicker span")].every((e) => document.querySelector("#by-type").selectedOptions[0].text.startsWith(e.textContent))`, true)
	if _, err := r.Eval(`history.back()`); err != nil {
		t.Fatal(err)
	}
	r.says(all)
	r.Is(`document.querySelector("#by-type").value`, "")
	r.Quiet()
}

// TestSearchFinds asks by address, as a link to a search does.
func TestSearchFinds(t *testing.T) {
	t.Parallel()
	n := visit(t)
	r := newReader(n, "en", true)
	ask := func(path string) { r.Helper(); r.Visit(n.url + path) } // a browser writes some of them in its own way

	ask("/search/?q=stop+promising+resilience&type=video")                                                              // what is said in a film, to the second
	r.Until(`document.querySelector(".finds h3")?.scrollIntoView(), document.querySelectorAll(".finds h3").length > 0`) // what a page holds is fetched when its find is in sight
	r.Until(`/^[/]videos[/][^/]+[/][?]t=5#t5$/.test(document.querySelector(".finds .heard a")?.getAttribute("href"))`)
	r.Is(`document.querySelector("#by-type").value`, "video")
	r.judge("search")
	r.follow(".finds .heard a")
	r.Is(`document.querySelector(":target") !== null`, true)

	ask(`/search/?q=%22stop+promising+resilience%22`)
	r.says("exact words")
	r.Is(`document.querySelectorAll(".finds .card").length > 0`, true)
	ask(`/search/?q=%22resilience+promising+stop%22`)
	r.says("0 with these exact words")

	ask("/search/?q=transfomer") // a slip
	r.says("transformer")
	r.Is(`document.querySelectorAll(".finds .card").length > 0`, true)

	other := `document.querySelector(".browse").checkVisibility()` // ways
	r.Is(other, false)
	ask("/search/?q=zzyzzyva")
	r.says(r.t("search_none"))
	r.Is(other, true)

	ask("/fr/search/?q=RESERVES+PARTAGEE") // French, without its accents
	r.Until(`document.querySelectorAll(".finds h3").length > 0`)
	r.Until(`[...document.querySelectorAll(".finds mark")].some((e) => e.textContent.toLowerCase().includes("réserve"))`)

	ask(`/search/?q=<img+src=x+onerror=alert(1)>__proto__+😀` + strings.Repeat("a", 10000))
	r.Until(`document.querySelector(".tally").textContent !== ""`) // of so many words some stand somewhere, and the page says so
	r.Is(`document.querySelectorAll("main img:not(.thumb)").length`, 0.0)
	r.Quiet()
}

// TestSearchAfterADeploy: a page that was open while the pieces of its index went looks for
// new ones, and says so plainly when there are none.
func TestSearchAfterADeploy(t *testing.T) {
	t.Parallel()
	n := visit(t)
	r := newReader(n, "en", true)
	r.Open(n.url + "/search/?q=marrow")
	r.says("results")
	if _, err := r.Eval(`(() => { const real = fetch; let gone = 0; globalThis.fetch = (url, o) => String(url).includes("/assets/search/") && !gone++ ? Promise.resolve(new Response("", { status: 404 })) : real(url, o); })()`); err != nil {
		t.Fatal(err)
	}
	r.Fill("#q", "transformer")
	r.Until(`document.querySelector(".finds mark")?.textContent.toLowerCase().startsWith("transformer")`)
	if _, err := r.Eval(`globalThis.fetch = () => Promise.reject(Error("gone"))`); err != nil {
		t.Fatal(err)
	}
	r.Fill("#q", "energy")
	r.says(r.t("search_failed"))
	r.Is(`document.querySelectorAll(".finds > *").length`, 0.0) // they were for other words
}

// TestSearchWithoutScript: the form leads to the page, and the page to all there is.
func TestSearchWithoutScript(t *testing.T) {
	t.Parallel()
	n := visit(t)
	r := newReader(n, "fr", false)
	r.Open(n.url + "/fr/search/?q=r%C3%A9serve")
	r.reads("search")
	for _, to := range []string{"/fr/topics/energy/", "/fr/news/2026/", "/fr/speakers/ilse-marrow/"} {
		r.Is(`document.querySelector('.browse a[href="`+to+`"]') !== null`, true)
	}
	r.Is(`document.querySelector("noscript").textContent.length > 0`, true)
}
