package main

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
)

// The most of each that a page may send, compressed, in bytes.
const (
	mostHTML = 14 << 10
	mostCSS  = 8 << 10
	fewJS    = 2 << 10
	moreJS   = 6 << 10
)

// mostJS is what the scripts of a layout may come to: pages to read need next to none,
// those on which something is played or looked for some.
func mostJS(layout string) int {
	switch layout {
	case "video", "embed", "videos", "search", "photos":
		return moreJS
	}
	return fewJS
}

// weight is what a page and that which it cannot be shown without come to.
type weight struct{ html, css, js int }

func (n *newsroom) weigh(p *page) weight {
	w := weight{html: p.sent()}
	counted := map[*file]bool{}
	for e := range elements(p.doc) {
		address := ""
		switch {
		case e.Data == "script":
			address = attr(e, "src")
		case e.Data == "link" && (rel(e, "stylesheet") || rel(e, "preload") || rel(e, "modulepreload")):
			address = attr(e, "href")
		}
		f := n.find(p, address)
		if address == "" || f == nil || counted[f] {
			continue
		}
		counted[f] = true
		switch path.Ext(f.path) {
		case ".css":
			w.css += f.sent()
		case ".js":
			w.js += f.sent()
		}
	}
	return w
}

// overweight says which pages send more than they may.
func (n *newsroom) overweight() (html, css, js []string) {
	for _, p := range n.pages {
		w := n.weigh(p)
		for _, m := range []struct {
			to   *[]string
			what string
			is   int
			most int
		}{{&html, "HTML", w.html, mostHTML}, {&css, "CSS", w.css, mostCSS}, {&js, "JavaScript", w.js, mostJS(p.layout)}} {
			if m.is > m.most {
				*m.to = append(*m.to, fmt.Sprintf("%s: %s of %s, %s at most (%s)", p.at, kb(m.is), m.what, kb(m.most), p.layout))
			}
		}
	}
	return html, css, js
}

func (a *audit) weight() error {
	var most weight
	js := map[int]int{} // by what is allowed, the most there is
	for _, p := range a.ltr.pages {
		w := a.ltr.weigh(p)
		most.html, most.css = max(most.html, w.html), max(most.css, w.css)
		js[mostJS(p.layout)] = max(js[mostJS(p.layout)], w.js)
	}
	html, css, scripts := a.ltr.overweight()
	a.Find("HTML of a page", "≤ 14 KB", kb(most.html), html...)
	a.Find("CSS of a page", "≤ 8 KB", kb(most.css), css...)
	var got []string
	for _, allowed := range slices.Sorted(maps.Keys(js)) {
		got = append(got, kb(js[allowed]))
	}
	a.Find("JavaScript of an article / of video, index, search", "≤ 2 / ≤ 6 KB", strings.Join(got, " / "), scripts...)
	return nil
}

// links counts what press check says of the site.
func (a *audit) links() error {
	var broken, rest []string
	for _, n := range []*newsroom{a.ltr, a.rtl} {
		for _, p := range n.problems {
			line := p.Place() + ": " + p.Text
			if p.Name == "broken-link" || p.Name == "broken-anchor" {
				broken = append(broken, line)
			} else if n == a.ltr { // what is said of texts is said once
				rest = append(rest, line)
			}
		}
	}
	pages := count(len(a.ltr.pages), "page")
	a.Find("links, anchors included", "0 broken", fmt.Sprintf("%d on %s", len(broken), pages), broken...)
	a.Find("press check", "0 problems", fmt.Sprintf("%d on %s", len(rest), pages), rest...)
	return nil
}
