//go:build e2e

package e2e

import (
	"strings"
	"testing"

	"pressroom/internal/testkit/chromium"
)

// switched is the link of the language switch to a language.
func switched(lang string) string { return `.tools a[hreflang="` + lang + `"]` }

// The language switch leads to the same document, and back to where one came from; what the
// head tells search engines is what readers are told.
func TestLanguageSwitch(t *testing.T) {
	t.Parallel()
	n := visit(t)
	pages := []string{"/search/", article, "/videos/" + video + "/", "/", "/news/2026/07/", "/topics/energy/", "/speakers/ilse-marrow/", "/events/", "/contacts/", "/accessibility/"}
	for script, pages := range map[bool][]string{true: pages, false: pages[:3]} {
		r := newReader(n, "en", script)
		for _, page := range pages {
			r.Visit(n.url + page)
			r.Is(`document.querySelector('.tools [aria-current="true"]').lang`, "en")
			r.follow(switched("fr"))
			r.Is(`location.pathname`, "/fr"+page)
			r.Is(`document.documentElement.lang`, "fr")
			r.Is(`document.querySelector('.tools [aria-current="true"]').textContent`, "Français")
			// Each way is told to machines, in the head of either page.
			heads := `[...document.querySelectorAll("link[rel=alternate][hreflang]")].map((l) => l.hreflang + " " + new URL(l.href).pathname).join()`
			want := "en " + page + ",x-default " + page + ",fr /fr" + page
			r.Is(heads, want)
			r.follow(switched("en"))
			r.Is(`location.pathname`, page)
			r.Is(heads, want)
		}
		r.Quiet()
	}
}

// What has not been translated says so before it is followed, in the reader's own language,
// and leads to where the other language begins; machines are told of no such page.
func TestLanguageMissing(t *testing.T) {
	t.Parallel()
	n := visit(t)
	r := newReader(n, "en", true)
	const untranslated = "/news/2026/07/resilience-fund-explained/"
	r.Visit(n.url + untranslated)
	r.Is(`document.querySelector(`+chromium.Quoted(switched("fr"))+`).textContent`, "Français "+r.t("language_missing"))
	r.Is(`document.querySelectorAll("link[rel=alternate][hreflang=fr]").length`, 0.0)
	r.follow(switched("fr"))
	r.Is(`location.pathname`, "/fr/news/")
	r.Is(`document.documentElement.lang`, "fr")
	r.Quiet()
}

// A question goes along to the other language's search, and the gate's pages keep their place.
func TestLanguageTakesAlong(t *testing.T) {
	t.Parallel()
	n := visit(t)
	r := newReader(n, "en", true)
	r.Visit(n.url + "/search/?q=marrow")
	r.says("results")
	r.follow(switched("fr"))
	r.Is(`location.pathname + location.search`, "/fr/search/?q=marrow")
	r.Is(`document.querySelector("#q").value`, "marrow")
	r.Until(`document.querySelectorAll(".finds h3").length > 0`)
	r.Is(`[...document.querySelectorAll(".finds a")].every((a) => new URL(a.href).pathname.startsWith("/fr/"))`, true)

	r.Visit(n.url + "/account/login?return=" + article + "&lang=en")
	r.follow(switched("fr"))
	r.Is(`document.documentElement.lang`, "fr")
	if at := r.Text(`location.href`); !strings.HasPrefix(at, n.url+"/account/login?") {
		t.Errorf("from the log-in to %s", at)
	}
	r.Is(`document.querySelector("main form [name=return]").value`, article)
}
