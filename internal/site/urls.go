package site

import (
	"net/url"
	"path"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"

	"pressroom/internal/content"
	"pressroom/internal/node"
)

type position = node.Pos

// escape makes a URL of a path.
func escape(p string) string { return (&url.URL{Path: p}).EscapedPath() }

// absolute is the whole address of a path.
func (s *Site) absolute(p string) string { return s.cfg.BaseURL + escape(p) }

// itemURL is the path at which a document stands: "/fr/news/2024/05/spring-session/".
func (s *Site) itemURL(d *content.Doc) string {
	prefix := ""
	if d.Lang != s.cfg.Languages[0] {
		prefix = "/" + d.Lang
	}
	if u := d.Front.URL; u != "" {
		return slashed(path.Join(prefix+"/", norm.NFC.String(u)))
	}
	if d.Kind == content.VideoItem {
		return prefix + "/videos/" + d.Front.ID + "/"
	}
	dir, name := path.Split(d.Base)
	parts := strings.Split(strings.Trim(dir, "/"), "/")
	for i, p := range parts {
		parts[i] = element(p)
	}
	name = element(name)
	if d.Front.Slug != "" {
		name = norm.NFC.String(d.Front.Slug)
	}
	section := "pages"
	if d.Kind == content.NewsItem {
		section = "news"
	}
	if pattern := s.cfg.Permalinks[section]; pattern != "" && (d.Kind == content.NewsItem || d.Kind == content.Page) {
		return slashed(path.Join(prefix+"/", s.permalink(pattern, d, parts, name)))
	}
	return slashed(path.Join(prefix+"/", path.Join(parts...), name))
}

// permalink fills Hugo's tokens.
func (s *Site) permalink(pattern string, d *content.Doc, dirs []string, name string) string {
	at := d.Front.Date.In(s.cfg.Zone)
	// The longer tokens first: :sections begins with :section.
	return strings.NewReplacer(
		":year", at.Format("2006"), ":month", at.Format("01"), ":day", at.Format("02"),
		":slug", name, ":title", content.Slugify(d.Front.Title),
		":sections", path.Join(dirs...), ":section", dirs[0],
		":filename", element(path.Base(d.Base)), ":contentbasename", element(path.Base(d.Base)),
	).Replace(pattern)
}

// slashed puts the slash at the end that every page's path has.
func slashed(p string) string {
	if strings.HasSuffix(p, "/") || strings.HasSuffix(p, ".html") {
		return p
	}
	return p + "/"
}

// element makes a folder or file name fit for a URL: a good one stays as it is, in
// lower case.
func element(name string) string {
	lower := strings.ToLower(norm.NFC.String(name))
	if strings.Trim(lower, "abcdefghijklmnopqrstuvwxyz0123456789-_.~") == "" && strings.Trim(lower, ".") != "" {
		return lower
	}
	return content.Slugify(name)
}

// OutputPath is where a page of a URL path stands in the output.
func OutputPath(u string) string {
	p := strings.TrimPrefix(u, "/")
	if strings.HasSuffix(u, "/") || u == "" {
		return p + "index.html"
	}
	return p
}

// addURLs gives every open item its path and makes known all that can be linked to.
// Two sources of one path are an error that names both.
func (s *Site) addURLs() {
	taken := map[string]*item{}
	for _, ed := range s.langs {
		for _, list := range [][]*item{ed.news, ed.videos, ed.pages} {
			for _, it := range list {
				it.url = s.itemURL(it.doc)
				s.claim(taken, it, it.url)
			}
		}
	}
	for _, ed := range s.langs { // aliases after pages: a page is never hidden by one
		for _, list := range [][]*item{ed.news, ed.videos, ed.pages} {
			for _, it := range list {
				for _, a := range it.front.Aliases {
					if first := taken[slashed(a.Value)]; first != nil {
						s.fail(it.doc, a.Pos, "same-url", "remove the alias", "the alias %q is the address of %s", a.Value, first.doc.Path)
						continue
					}
					taken[slashed(a.Value)] = it
					s.known[slashed(a.Value)] = true
				}
			}
		}
	}
	for _, p := range append(s.generated(), s.albumRefs()...) {
		if first := taken[p.URL]; first != nil {
			s.fail(first.doc, position{}, "same-url", "rename the file, or give it another slug", "the address %q is that of a list", p.URL)
		}
		s.known[p.URL] = true
	}
	for _, f := range s.files.Under("static") {
		s.known["/"+strings.TrimPrefix(f.Path, "static/")] = true
	}
}

func (s *Site) claim(taken map[string]*item, it *item, u string) {
	if strings.Contains(u, "//") || u == "/" {
		s.fail(it.doc, position{}, "url", "give it a slug:", "no address can be made of the name")
		return
	}
	for part := range strings.SplitSeq(u, "/") {
		if len(part) > 240 { // file systems take 255 bytes
			s.fail(it.doc, it.front.Places["slug"], "url", "give it a shorter slug:", "a part of the address has %d bytes", len(part))
			return
		}
	}
	if first := taken[u]; first != nil {
		s.fail(it.doc, position{}, "same-url", "rename one of them, or give it another slug", "the address %s is also that of %s", strconv.Quote(u), first.doc.Path)
		return
	}
	taken[u] = it
	s.known[u] = true
}
