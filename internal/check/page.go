package check

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unique"

	"golang.org/x/net/html"

	"pressroom/internal/report"
)

// anchor is a link to a place in another page.
type anchor struct {
	page     string // output path
	fragment string
	words    string // as it stands in the page
}

// alternate is the page in a language, as <link rel=alternate hreflang> names it.
type alternate struct{ lang, page string }

// reader reads one page.
type reader struct {
	*checker
	*paper
	base      *url.URL // of the page
	host      string   // of the site
	whole     bool     // a document, and no bare piece of HTML
	drawing   int      // how many <svg> we are in
	headings  int
	title     bool
	canonical string
	local     []anchor // links within the page
	taken     map[string]bool
	attr      map[string]string // of the tag being read
}

func (c *checker) readPage(p *paper, data []byte) {
	own, _ := url.Parse(c.Result.Config.BaseURL)
	r := &reader{checker: c, paper: p, base: &url.URL{Path: p.at}, host: own.Host, taken: map[string]bool{}, attr: map[string]string{}}
	r.scan(data)
	for _, a := range r.local {
		if !r.taken[a.fragment] {
			p.fail(brokenAnchor(a, p))
		}
	}
	r.shape()
}

// scan reads tags. Where the tokens of a page are wrong, browsers go on, and so do we.
func (r *reader) scan(data []byte) {
	z := html.NewTokenizer(bytes.NewReader(data))
	inside := "" // the element whose text comes next
	for {
		switch kind := z.Next(); kind {
		case html.ErrorToken:
			return
		case html.DoctypeToken:
			r.whole = true
		case html.StartTagToken, html.SelfClosingTagToken:
			drawing := r.drawing
			if inside = r.tag(z); kind == html.SelfClosingTagToken {
				r.drawing = drawing // <svg/> has nothing in it
			}
		case html.EndTagToken:
			if name, _ := z.TagName(); string(name) == "svg" {
				r.drawing--
			}
			inside = ""
		case html.TextToken:
			switch inside {
			case "title":
				r.title = r.title || len(bytes.TrimSpace(z.Text())) > 0
			case "ld+json":
				if text := z.Text(); !json.Valid(text) {
					r.fail(fault{name: "bad-json", key: "ld+json", text: "the JSON-LD block cannot be read: " + jsonError(text)})
				}
			case "noscript": // one raw text to a tokenizer, tags to a reader without scripts
				r.scan(bytes.Clone(z.Raw()))
			}
			inside = ""
		}
	}
}

// tag reads one start tag, and returns what its text will be.
func (r *reader) tag(z *html.Tokenizer) (inside string) {
	raw, more := z.TagName()
	name, attr := string(raw), r.attr
	clear(attr)
	for more {
		var k, v []byte
		k, v, more = z.TagAttr()
		attr[string(k)] = string(v)
	}
	if id := attr["id"]; r.taken[id] {
		r.fail(fault{name: "duplicate-id", text: fmt.Sprintf("the id %q is given twice in the page", id), hint: "a link can lead to one of them only", words: `id="` + id + `"`})
	} else {
		r.place(id)
	}
	switch name {
	case "html":
		r.whole, r.lang = true, strings.TrimSpace(attr["lang"])
	case "svg":
		r.drawing++
	case "h1":
		r.headings++
	case "title":
		if r.drawing == 0 {
			inside = "title"
		}
	case "noscript":
		inside = "noscript"
	case "script":
		if attr["type"] == "application/ld+json" {
			inside = "ld+json"
		}
	case "img":
		if _, ok := attr["alt"]; !ok {
			r.fail(fault{name: "missing-alt", key: "img", text: fmt.Sprintf("the picture %q has no alt", attr["src"]), hint: `write alt="" if it is decoration`})
		}
	case "a":
		r.place(attr["name"]) // as old pages have it
	case "meta":
		r.meta(attr)
	case "link":
		r.relation(attr)
		return inside
	}
	for _, key := range []string{"href", "xlink:href", "src", "poster", "action", "formaction"} {
		if v, ok := attr[key]; ok {
			r.link(v, name, key)
		}
	}
	if v, ok := attr["data"]; ok && name == "object" {
		r.link(v, name, "data")
	}
	r.sources(attr["srcset"], name, "srcset")
	return inside
}

// place notes that links can lead to an id. A large site has few different ones.
func (r *reader) place(id string) {
	if id != "" && !r.taken[id] {
		r.taken[id] = true
		r.ids = append(r.ids, unique.Make(id).Value())
	}
}

// sources reads srcset: addresses, each with a width or density after a space.
func (r *reader) sources(set, tag, attr string) {
	for candidate := range strings.SplitSeq(set, ",") {
		if f := strings.Fields(candidate); len(f) > 0 {
			r.link(f[0], tag, attr)
		}
	}
}

// relation reads <link>.
func (r *reader) relation(attr map[string]string) {
	rel := strings.Fields(strings.ToLower(attr["rel"]))
	r.sources(attr["imagesrcset"], "link", "imagesrcset")
	href, ok := attr["href"]
	switch {
	case !ok:
	case slices.Contains(rel, "canonical") && !r.redirect():
		r.canonical = href
	case slices.Contains(rel, "alternate") && attr["hreflang"] != "":
		if page := r.link(href, "link", "href"); page != "" {
			r.alternates = append(r.alternates, alternate{attr["hreflang"], page})
		}
	default:
		r.link(href, "link", "href")
	}
}

func (r *reader) redirect() bool { return r.ref != nil && r.ref.Layout == "redirect" }

// meta reads what leads somewhere: a refresh, and the addresses of Open Graph.
func (r *reader) meta(attr map[string]string) {
	content := attr["content"]
	if strings.EqualFold(attr["http-equiv"], "refresh") {
		if _, to, ok := strings.Cut(content, "url="); ok {
			r.link(to, "meta", "content")
		}
	}
	switch attr["property"] + attr["name"] {
	case "og:url", "og:image", "og:video", "og:audio", "twitter:image":
		r.link(content, "meta", "content")
	}
}

// link checks an address as it stands in the page, and returns the file of the tree
// that it leads to.
func (r *reader) link(value, tag, attr string) string {
	value = strings.TrimSpace(value)
	switch {
	case strings.Contains(value, "ZgotmplZ"): // what html/template writes in the place of such a value
		r.fail(fault{name: "unsafe-value", text: fmt.Sprintf("the value for %s of <%s> was refused", attr, tag), hint: "layouts may print addresses of https:, mailto: and tel:, and paths"})
		return ""
	case value == "" && (attr == "action" || attr == "formaction"):
		return "" // the page itself
	case value == "":
		r.fail(fault{name: "broken-link", text: fmt.Sprintf("an empty %s in <%s>", attr, tag), hint: "leave the element out where there is no address"})
		return ""
	}
	u, err := url.Parse(value)
	if err != nil {
		r.fail(fault{name: "broken-link", text: fmt.Sprintf("%q is not an address", value), words: value})
		return ""
	}
	if u.Scheme != "" && u.Scheme != "http" && u.Scheme != "https" || u.Host != "" && u.Host != r.host {
		return ""
	}
	to := r.base.ResolveReference(u)
	f := fault{name: "broken-link", key: value, pattern: r.pattern(value), text: fmt.Sprintf("%q leads nowhere", value), near: to.Path, words: value}
	file, is := r.shelf.find(to.Path)
	switch is {
	case nothing:
		if strings.HasPrefix(to.Path, "/download/") {
			f.text, f.near, f.hint = fmt.Sprintf("%q is no download of the catalogue", to.Path), "", "gated files are the renditions with access: account"
		}
		r.fail(f)
		return ""
	case aService:
		return ""
	case aRedirect:
		r.fail(fault{name: "link-slash", text: fmt.Sprintf("%q lacks the slash at its end", value), hint: fmt.Sprintf("write %q", to.Path+"/"), warn: true, words: f.words})
	}
	if (tag == "a" || tag == "area") && file != r.path {
		r.reached[r.shelf.index[file]].Store(true)
	}
	if isPlace(to.Fragment) && strings.HasSuffix(file, ".html") {
		a := anchor{file, to.Fragment, value}
		if file == r.path {
			r.local = append(r.local, a)
		} else {
			r.away = append(r.away, a)
		}
	}
	return file
}

// pattern is an address without the page's own in it, or "" when that is not in it.
func (r *reader) pattern(value string) string {
	p := strings.ReplaceAll(value, r.base.EscapedPath(), "\x00")
	if r.at == "/" || p == value {
		return ""
	}
	return p
}

// isPlace tells whether a fragment names an element: not the top of the page, a time
// of a film (W3C Media Fragments) or words to look for (URL Fragment Text Directives).
func isPlace(fragment string) bool {
	return fragment != "" && !strings.EqualFold(fragment, "top") && !strings.HasPrefix(fragment, "t=") && !strings.HasPrefix(fragment, ":~:")
}

// brokenAnchor is a link to a place that a page does not have.
func brokenAnchor(a anchor, to *paper) fault {
	page := to.at
	if strings.HasPrefix(a.words, "#") {
		page = "its page"
	}
	return fault{name: "broken-anchor", text: fmt.Sprintf("%q leads to no place of %s", a.words, page), hint: report.DidYouMean(a.fragment, to.ids), words: a.words}
}

// shape checks what every document has one of. What stands at an old address is no
// page of its own, and a bare piece of HTML in static/ is none at all.
func (r *reader) shape() {
	if !r.whole || r.redirect() {
		return
	}
	if !r.title {
		r.fail(fault{name: "page-title", text: "the page has no <title>"})
	}
	if r.headings == 0 {
		r.fail(fault{name: "page-heading", text: "the page has no <h1>"})
	}
	if r.headings > 1 {
		r.fail(fault{name: "page-heading", key: "many", text: fmt.Sprintf("the page has %d <h1>", r.headings), hint: "one heading names the page; the others are <h2>"})
	}
	if r.lang == "" {
		r.fail(fault{name: "page-language", text: "<html> has no lang", hint: `write <html lang="{{.Site.Lang}}">`})
	}
	if r.canonical == "" || r.ref == nil || r.ref.Layout == "embed" { // a player alone names the page that it belongs to
		return
	}
	own := r.Result.Config.BaseURL + (&url.URL{Path: r.ref.URL}).EscapedPath()
	switch u, err := url.Parse(r.canonical); {
	case err != nil || u.Scheme == "" || u.Host == "":
		r.fail(fault{name: "canonical", key: "relative", text: fmt.Sprintf("the canonical address %q is not a whole one", r.canonical), hint: "write " + own})
	case r.canonical != own:
		r.fail(fault{name: "canonical", key: "other", text: fmt.Sprintf("the canonical address is %q", r.canonical), hint: "write " + own})
	}
}
