package check

import (
	"fmt"
	"slices"
)

// compare checks what two files say of each other.
func (c *checker) compare(papers []*paper) {
	byPath := make(map[string]*paper, len(papers))
	for _, p := range papers {
		byPath[p.path] = p
	}
	ids := map[document]*paper{}
	for i, p := range papers {
		c.anchors(p, byPath)
		c.translations(p, byPath)
		c.reachable(p, c.reached[i].Load())
		if p.doc.ID == "" {
			continue
		}
		if first := ids[p.doc]; first != nil {
			c.add(p, fault{name: "same-id", text: fmt.Sprintf("the id %q is also that of %s", p.doc.ID, first.source()), hint: "an id is given once and for ever",
				key: p.path, words: p.doc.ID})
		} else {
			ids[p.doc] = p
		}
	}
}

func (c *checker) anchors(p *paper, byPath map[string]*paper) {
	for _, a := range p.away {
		if to := byPath[a.page]; !to.unmade && !slices.Contains(to.ids, a.fragment) {
			c.add(p, brokenAnchor(a, to))
		}
	}
}

// translations wants pages to name each other: search engines believe no page that
// says alone that another is its translation.
func (c *checker) translations(p *paper, byPath map[string]*paper) {
	if len(p.alternates) == 0 {
		return
	}
	names := func(from *paper, page string) bool {
		return slices.ContainsFunc(from.alternates, func(a alternate) bool { return a.page == page })
	}
	if !names(p, p.path) {
		c.add(p, fault{name: "translation-link", key: "self", text: "the page names its translations and not itself", hint: "add <link rel=alternate hreflang> for the page's own language"})
	}
	for _, a := range p.alternates {
		to := byPath[a.page]
		switch {
		case to.unmade:
		case a.lang != "x-default" && to.lang != a.lang:
			c.add(p, fault{name: "translation-link", key: "language", text: fmt.Sprintf("%s is named as %q and is in %q", to.at, a.lang, to.lang)})
		case !names(to, p.path):
			c.add(p, fault{name: "translation-link", key: "mutual", text: fmt.Sprintf("%s is named as a translation and does not name this page", to.at)})
		}
	}
}

// reachable wants every translation to be linked: a reader finds it by the language
// switch of its original, by a list or not at all.
func (c *checker) reachable(p *paper, linked bool) {
	if linked || p.source() == "" || p.lang == "" || p.lang == c.Result.Config.Languages[0] {
		return
	}
	if p.ref.Layout == "withdrawn" || p.ref.Layout == "redirect" { // left at their addresses on purpose
		return
	}
	c.add(p, fault{name: "unreachable-translation", key: p.path, text: fmt.Sprintf("no page leads to %s", p.at), hint: "give it the name of its original, or link to it", warn: true})
}
