package site

import (
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"pressroom/internal/content"
	"pressroom/internal/report"
	"pressroom/internal/source"
)

// companion are the paths that the gate serves beside the site.
var companion = []string{"/account", "/account/", "/download/", "/newsletter/"}

// target is where a link leads. A target that is held has no URL: the words stay, the
// link is left out until the release, as if it had never been written.
type target struct {
	url  string // escaped, with the fragment
	item *item
}

// link resolves what an author wrote as the destination of a link. ok is false when it
// leads nowhere, which has been reported, or to what is held.
func (s *Site) link(it *item, dest string, at position) (t target, ok bool) {
	rest, fragment, _ := strings.Cut(dest, "#")
	rest, query, _ := strings.Cut(rest, "?")
	suffix := ""
	if query != "" {
		suffix = "?" + query
	}
	if fragment != "" {
		suffix += "#" + escape(unescaped(fragment))
	}
	rest, fragment = unescaped(rest), unescaped(fragment)
	d := it.doc
	switch {
	case rest == "":
		s.anchor(it, it, fragment, at)
		return target{suffix, it}, true
	case strings.HasSuffix(rest, ".md"):
		to := s.document(it, rest, at)
		if to == nil {
			return t, false
		}
		s.anchor(it, to, fragment, at)
		return target{escape(to.url) + suffix, to}, true
	case strings.HasPrefix(rest, "/"):
		s.usedStatic[inStatic(dest)] = true
		p := norm.NFC.String(path.Clean(rest))
		if slashedP := slashed(p); path.Ext(p) == "" {
			p = slashedP
		}
		if s.known[p] || slices.ContainsFunc(companion, func(c string) bool { return strings.HasPrefix(p, c) }) {
			return target{escape(p) + suffix, nil}, true
		}
		if s.heldAt(p) {
			s.warn(d, at, "held-reference", "the link will appear with its release", "%q leads to what is not public yet", dest)
			return t, false
		}
		s.fail(d, at, "broken-link", report.DidYouMean(p, s.likely(p)), "%q leads nowhere", dest)
		return t, false
	}
	if f := s.beside(d, rest); f != nil {
		return target{s.publish(f) + suffix, nil}, true
	}
	s.fail(d, at, "broken-link", s.fileHint(d, rest), "there is no file %q beside this page", rest)
	return t, false
}

// unescaped is a part of a URL as it is named on disk: %20 is a space.
func unescaped(s string) string {
	if u, err := url.PathUnescape(s); err == nil && !strings.ContainsRune(u, 0) {
		return u
	}
	return s
}

// document finds the item of a relative or rooted path to a .md file, in the reader's
// language where there is one.
func (s *Site) document(from *item, rel string, at position) *item {
	d := from.doc
	p := path.Join(path.Dir(d.Path), rel)
	if strings.HasPrefix(rel, "/") {
		p = path.Join("content", rel)
	}
	if !strings.HasPrefix(p, "content/") {
		s.fail(d, at, "broken-link", "links to documents stay below content/", "%q leads out of the content", rel)
		return nil
	}
	for _, candidate := range []string{p, strings.Replace(p, "content/"+d.Lang+"/", "content/", 1), strings.TrimSuffix(p, ".md") + "/index.md"} {
		it, held := s.byPath[candidate], s.held[candidate]
		base := baseOf(candidate, s.cfg.Languages)
		if own := from.ed.byBase[base]; own != nil && !explicitLanguage(candidate, s.cfg.Languages) {
			it = own
		}
		if it != nil && it.url != "" {
			return it
		}
		if held != nil {
			s.warn(d, at, "held-reference", "the link will appear with its release", "%q is not public yet", rel)
			return nil
		}
	}
	s.fail(d, at, "broken-link", report.DidYouMean(p, s.paths(path.Base(p))), "there is no document %q", rel)
	return nil
}

func baseOf(p string, languages []string) string {
	b := strings.TrimSuffix(strings.TrimPrefix(p, "content/"), ".md")
	if first, rest, ok := strings.Cut(b, "/"); ok && slices.Contains(languages, first) {
		b = rest
	}
	for _, l := range languages {
		b = strings.TrimSuffix(b, "."+l)
	}
	return strings.TrimSuffix(b, "/index")
}

func explicitLanguage(p string, languages []string) bool {
	return slices.ContainsFunc(languages, func(l string) bool { return strings.HasSuffix(p, "."+l+".md") })
}

// paths are the source paths that could have been meant by a file name, for hints.
func (s *Site) paths(name string) []string {
	var out []string
	for p := range s.byPath {
		if report.Close(path.Base(p), name, 3) {
			out = append(out, p)
		}
	}
	slices.Sort(out)
	return out
}

// likely are the known URLs that could have been meant, for hints.
func (s *Site) likely(p string) []string {
	var out []string
	for u := range s.known {
		if path.Ext(u) == path.Ext(p) && (report.Close(path.Base(u), path.Base(p), 3) || path.Dir(path.Clean(u)) == path.Dir(path.Clean(p))) {
			out = append(out, u)
		}
	}
	slices.Sort(out)
	return out
}

func (s *Site) heldAt(p string) bool {
	return slices.ContainsFunc(s.Held, func(h Held) bool { return h.URL == p && s.held[h.Source] != nil })
}

var ownAnchor = regexp.MustCompile(`^(t\d+|part-[a-z-]+|fn(ref)?\d*:\d+)$`)

// anchor checks that a page has the place a link leads to.
func (s *Site) anchor(from, to *item, fragment string, at position) {
	if fragment == "" || ownAnchor.MatchString(fragment) {
		return
	}
	var ids []string
	for _, h := range to.doc.Outline {
		if h.ID == fragment {
			return
		}
		ids = append(ids, h.ID)
	}
	s.fail(from.doc, at, "broken-anchor", report.DidYouMean(fragment, ids), "%s has no heading %q", to.doc.Path, fragment)
}

// beside finds a file that belongs to a document: relative to it, in its own language's
// folder or the default's.
func (s *Site) beside(d *content.Doc, rel string) *source.File {
	dir := path.Dir(d.Path)
	for _, dir := range []string{dir, strings.Replace(dir+"/", "content/"+d.Lang+"/", "content/", 1)} {
		p := path.Join(dir, rel)
		if !strings.HasPrefix(p, "content/") || strings.HasSuffix(p, ".md") {
			continue
		}
		for _, form := range []string{p, norm.NFC.String(p), norm.NFD.String(p)} {
			if f := s.files.Get(form); f != nil {
				return f
			}
		}
	}
	return nil
}

func (s *Site) fileHint(d *content.Doc, rel string) string {
	var names []string
	dir := path.Dir(d.Path)
	for _, f := range s.files.Under(dir) {
		if !strings.HasSuffix(f.Path, ".md") {
			names = append(names, strings.TrimPrefix(f.Path, dir+"/"))
		}
	}
	return report.DidYouMean(rel, names)
}

// publish lets a file of content/ into the output, at its own path without the
// language's folder, and returns its URL. Only what an open item shows is ever
// published: a file beside a held text has no way out.
func (s *Site) publish(f *source.File) string {
	p := strings.TrimPrefix(f.Path, "content/")
	for _, l := range s.cfg.Languages {
		p = strings.TrimPrefix(p, l+"/")
	}
	if other := s.assets[p]; other != nil && other != f {
		p = strings.TrimPrefix(f.Path, "content/") // the same name in two languages: keep them apart
	}
	s.assets[p] = f
	return escape("/" + p)
}

// file finds what src names: a file beside the document, or one of static/.
func (s *Site) file(d *content.Doc, src string, at position) (url string, f *source.File) {
	switch {
	case strings.Contains(src, "://") || strings.HasPrefix(src, "//"):
		s.fail(d, at, "remote-file", "put the file beside the page", "%q lies on another server; readers would be told to it", src)
		return "", nil
	case strings.HasPrefix(src, "/"):
		p := path.Clean(src)
		s.usedStatic["static"+p] = true
		if f = s.files.Get("static" + p); f != nil {
			return escape(p), f
		}
		s.fail(d, at, "missing-file", "put it into static"+path.Dir(p)+", or beside the page", "there is no file %q", "static"+p)
		return "", nil
	}
	if f = s.beside(d, src); f == nil {
		s.fail(d, at, "missing-file", s.fileHint(d, src), "there is no file %q beside this page", src)
		return "", nil
	}
	return s.publish(f), f
}

// checkStatic refuses to publish what static/ holds for a held item alone: everything
// in static/ is public from the first build on, and a picture tells as much as a text.
func (s *Site) checkStatic(docs []content.Parsed) {
	for _, p := range docs {
		if p.Doc == nil || s.held[p.Doc.Path] == nil || s.held[p.Doc.Path].Why == "expired" {
			continue
		}
		for _, ref := range staticRefs(p.Doc) {
			for _, f := range slices.Compact([]string{"static" + path.Clean(ref.Value), inStatic(ref.Value)}) {
				if s.files.Get(f) != nil && !s.usedStatic[f] {
					s.fail(p.Doc, ref.Pos, "static-embargo", "put it beside the page, as a bundle: "+strings.TrimSuffix(p.Doc.Path, ".md")+"/index.md",
						"%q would be public before this page is", f)
				}
			}
		}
	}
}
