package site

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"pressroom/internal/content"
	"pressroom/internal/frame"
)

// Ref is one page that the site has: where it stands, which layout draws it, and its
// view, made when it is asked for, so that a large site is never in memory whole.
type Ref struct {
	URL    string // path, not escaped
	Layout string // "" for a redirect, whose view is a Redirect
	Source string // the document it is made of, "" for lists
	Month  string // of the list of a month's news: "2024-05"
	View   func() any

	held bool // shown only because it was asked for
}

// Redirect is the page of an alias. Layout "redirect".
type Redirect struct {
	URL       string
	Canonical string
	Title     string
	Lang      string
}

// Pages hands out every page of the site, in a stable order.
func (s *Site) Pages() []Ref {
	refs := append(s.generated(), s.albumRefs()...)
	for i, view := range refs {
		refs[i].View = func() any { return s.described(view.View()) }
	}
	for _, ed := range s.langs {
		refs = append(refs, s.embedRefs(ed)...)
		for _, list := range [][]*item{ed.news, ed.videos, ed.pages} {
			for _, it := range list {
				refs = append(refs, s.itemRef(it))
				for _, a := range it.front.Aliases {
					refs = append(refs, Ref{URL: slashed(a.Value), Layout: "redirect", View: func() any {
						return Redirect{escape(it.url), s.absolute(it.url), it.front.Title, ed.Lang}
					}})
				}
			}
		}
	}
	return refs
}

func (s *Site) itemRef(it *item) Ref {
	r := Ref{URL: it.url, Source: it.doc.Path, held: it.held != nil}
	switch {
	case it.gone:
		r.Layout, r.View = "withdrawn", func() any { return s.described(s.tombstone(it)) }
	case it.doc.Kind == content.NewsItem:
		r.Layout, r.View = "article", func() any { return s.article(it) }
	case it.doc.Kind == content.VideoItem:
		r.Layout, r.View = "video", func() any { return s.videoView(it) }
	default:
		r.Layout, r.View = "page", func() any { return s.described(s.text(it)) }
		if o := s.ownPageOf(it); o != nil {
			r.Layout, r.View = o.name, func() any { return s.described(s.own(it.ed, *o, it)) }
		}
	}
	return r
}

// page is the head of a view of an edition: path without the edition's prefix.
func (s *Site) page(ed *edition, url, title, summary, section string) Page {
	p := Page{
		Site: &ed.frame.Frame, URL: escape(url), Canonical: s.absolute(url), Title: title, Summary: summary, Description: summary,
		Section: section, OGType: "website", JSON: escape(jsonURL(url)),
		HeadTitle: title + " · " + ed.frame.Title, Share: ed.share,
	}
	if url == ed.join() {
		p.HeadTitle = ed.frame.Title
	} else {
		p.Crumbs = []Link{{Text: ed.t["home"], URL: ed.frame.Home}}
	}
	return p
}

func jsonURL(u string) string {
	if strings.HasSuffix(u, "/") {
		return u + "index.json"
	}
	return strings.TrimSuffix(u, ".html") + ".json"
}

// itemPage is the head of an item's page.
func (s *Site) itemPage(it *item) Page {
	ed, f := it.ed, it.front
	section, name := "", ""
	switch it.doc.Kind {
	case content.NewsItem:
		section, name = "news", ed.t["news"]
	case content.VideoItem:
		section, name = "videos", ed.t["videos"]
	}
	p := s.page(ed, it.url, f.Title, f.Summary, section)
	p.Description = cmp.Or(f.Summary, it.doc.Lead)
	if it.doc.Kind.Dated() {
		p.OGType = "article"
		p.Crumbs = append(p.Crumbs, Link{Text: name, URL: ed.join(section)})
		if it.doc.Kind == content.NewsItem && !it.gone { // a withdrawn item is in no month
			p.Crumbs = append(p.Crumbs, Link{Text: upperFirst(ed.Month(it.date)), URL: ed.join("news", it.date.Format("2006"), it.date.Format("01"))})
		}
		d := s.date(ed, f.Date)
		p.Published = &d
		p.Feeds = ed.feedLinks(section, ed.frame.Title+": "+name)
	} else {
		p.Feeds = ed.feedLinks("news", ed.frame.Title+": "+ed.t["news"])
	}
	if at := it.changed(); at.After(it.date) {
		d := s.date(ed, at)
		p.Modified = &d
	}
	p.Share = it.share
	if p.Image = it.image; p.Image == nil && it.video != nil && it.video.pic != nil {
		p.Image, p.Share = it.video.still, it.video.share
	}
	if p.Share == nil {
		p.Share = ed.share
	}
	if p.Image != nil {
		p.ImageURL = s.cfg.BaseURL + p.Image.URL
	}
	if it.held != nil {
		p.Preview = &Preview{Why: it.held.Why}
		if !it.held.Until.IsZero() {
			d := s.date(ed, content.Date{Time: it.held.Until})
			p.Preview.Until = &d
		}
	}
	same := s.translations(it)
	p.Stale = s.stale(it, same[0])
	p.Languages = s.switcher(ed, func(i int, o *edition) (string, bool) {
		if same[i] != nil {
			return same[i].url, true
		}
		return o.join(section), false
	})
	return p
}

// stale tells whether the original o of a translation was changed after it.
func (s *Site) stale(it, o *item) *frame.Stale {
	if o == nil || o == it || it.gone || o.gone || it.changed().IsZero() || !o.changed().After(it.changed().Time) {
		return nil
	}
	return &frame.Stale{Link: Link{Text: o.front.Title, URL: escape(o.url)}, Lang: o.ed.Lang, Updated: s.date(it.ed, o.changed())}
}

// switcher is the language switch: at gives the path in an edition, and whether it is
// the same document.
func (s *Site) switcher(own *edition, at func(i int, ed *edition) (string, bool)) (out []Language) {
	if len(s.langs) == 1 {
		return nil
	}
	for i, ed := range s.langs {
		url, same := at(i, ed)
		out = append(out, Language{Lang: ed.Lang, Name: upperFirst(ed.Self()), URL: escape(url), Address: s.absolute(url), Current: ed == own, Missing: !same})
	}
	return out
}

// feedLinks are the feeds of a list, as links.
func (ed *edition) feedLinks(dir, title string) []FeedLink {
	base := escape(ed.join(dir))
	return []FeedLink{
		{Title: title, Type: "application/rss+xml", URL: base + "rss.xml"},
		{Title: title, Type: "application/atom+xml", URL: base + "atom.xml"},
		{Title: title, Type: "application/feed+json", URL: base + "feed.json"},
	}
}

// date formats an instant for readers, in the site's zone.
func (s *Site) date(ed *edition, d content.Date) Date {
	at := d.In(s.cfg.Zone)
	out := Date{ISO: at.Format("2006-01-02T15:04:05Z07:00"), Text: ed.Date(at)}
	if !d.Bare {
		out.Time = ed.Time(at)
	}
	return out
}

// maybe is a date that an item may not have.
func (s *Site) maybe(ed *edition, d content.Date, has bool) *Date {
	if !has {
		return nil
	}
	out := s.date(ed, d)
	return &out
}

// changed is when an item last changed: when it was published, updated or corrected,
// whichever was last. An editor who notes a correction need not date it twice.
func (it *item) changed() content.Date {
	last := it.front.Date
	for _, c := range it.front.Corrections {
		if c.At.After(last.Time) {
			last = c.At
		}
	}
	if it.front.Updated.After(last.Time) {
		last = it.front.Updated
	}
	return last
}

func (s *Site) card(it *item) Card {
	f, ed := it.front, it.ed
	c := Card{Title: f.Title, Summary: cmp.Or(f.Summary, it.doc.Lead), URL: escape(it.url), Kind: cmp.Or(f.Type, content.Types[0]), Image: s.at(it.pic, atThumb)}
	c.Date = s.date(ed, f.Date)
	c.Label = ed.t["type_"+under(c.Kind)]
	if it.doc.Kind == content.VideoItem {
		c.Kind, c.Label = "video", ed.t["video"]
		if it.video != nil {
			c.Badges = it.badges()
			if it.video.pic != nil {
				c.Image = s.at(it.video.pic, atTile)
			}
		}
		if f.Duration.Set {
			c.Duration = clockText(f.Duration.At(25))
			c.Length = ed.length(f.Duration.At(25))
		}
	}
	if it.place != nil {
		c.Place = it.place.name
	}
	for _, sp := range it.speakers {
		c.Speakers = append(c.Speakers, sp.name)
	}
	return c
}

func (s *Site) dateline(it *item) Dateline {
	f, ed := it.front, it.ed
	d := Dateline{Date: s.date(ed, f.Date)}
	d.Updated = s.maybe(ed, it.changed(), it.changed().After(it.date))
	d.Embargo = s.maybe(ed, f.Embargo, !f.Embargo.IsZero())
	d.Expires = s.maybe(ed, f.Expires, !f.Expires.IsZero())
	for i, sp := range it.speakers {
		p := Person{Link: Link{Text: sp.name, URL: escape(sp.url)}}
		if i < len(f.Speakers) {
			p.Role, p.Organisation = f.Speakers[i].Role, f.Speakers[i].Organisation
		}
		if prof := sp.profile; prof != nil {
			p.Role, p.Organisation = cmp.Or(p.Role, prof.front.Role), cmp.Or(p.Organisation, prof.front.Organisation)
		}
		d.Speakers = append(d.Speakers, p)
	}
	if it.place != nil {
		d.Place = &Place{Link{Text: it.place.name, URL: escape(it.place.url)}, it.place.country, geoText(it.place.geo)}
	}
	for _, t := range it.topics {
		d.Topics = append(d.Topics, Link{Text: t.name, URL: escape(t.url)})
	}
	return d
}

func (s *Site) article(it *item) Article {
	f := it.front
	a := Article{
		Page: s.itemPage(it), Dateline: s.dateline(it), Reference: f.ID, Kind: it.card.Kind, Label: it.card.Label, Delivery: f.Delivery,
		Body: it.body, Contacts: it.contacts, Corrections: s.corrections(it), Rights: s.rights(it), Params: f.Params,
	}
	for _, v := range it.videos {
		a.Videos = append(a.Videos, v.card)
	}
	a.Photos, a.Album = s.photosOf(it)
	if it.quotes() {
		a.Files = append(a.Files, Entry{Link: Link{Text: it.ed.t["quotes"], URL: escape(it.beside("quotes.txt"))}})
	}
	if zip := s.zipOf(it); zip != nil {
		a.Files = append(a.Files, *zip)
	}
	if f.Event != nil {
		e := s.event(it)
		a.Event = &e
	}
	for _, r := range s.relatedTo(it) {
		a.Related = append(a.Related, r.card)
	}
	if n := it.earlier; n != nil {
		a.Earlier = &Link{Text: n.front.Title, URL: escape(n.url)}
	}
	if n := it.later; n != nil {
		a.Later = &Link{Text: n.front.Title, URL: escape(n.url)}
	}
	a.LD = s.articleLD(it, &a.Page)
	return a
}

// relatedTo are the items the editor named, filled up to three with the ones just
// before this one under its first topic. Only older ones: a new article then changes
// no old page.
func (s *Site) relatedTo(it *item) []*item {
	const enough = 3
	out := slices.Clone(it.related)
	if len(it.topics) == 0 {
		return out
	}
	same := it.topics[0].news
	i, _ := slices.BinarySearchFunc(same, it, func(a, b *item) int {
		return cmp.Or(b.date.Compare(a.date), cmp.Compare(a.doc.Base, b.doc.Base))
	})
	for i++; i < len(same) && len(out) < enough; i++ {
		if !slices.Contains(out, same[i]) {
			out = append(out, same[i])
		}
	}
	return out
}

func (s *Site) corrections(it *item) (out []Correction) {
	for _, c := range it.front.Corrections {
		out = append(out, Correction{s.date(it.ed, c.At), cmp.Or(c.Kind, "correction"), c.Note})
	}
	return out
}

// rights are the item's own, with what it leaves open taken from the site's.
func (s *Site) rights(it *item) *Rights {
	r := Rights{Credit: s.cfg.Rights.Credit, Terms: s.cfg.Rights.Terms.In(it.ed.Lang, s.cfg.Languages...)}
	if f := it.front.Rights; f != nil {
		r = Rights{cmp.Or(f.Credit, r.Credit), cmp.Or(f.Terms, r.Terms), f.Restrictions, it.ed.none(f.ThirdParty), it.ed.none(f.Music)}
		if r.Restrictions != nil && len(r.Restrictions) == 0 { // said, and not left open
			r.Restrictions = []string{it.ed.t["none"]}
		}
	}
	if r.Credit == "" && r.Terms == "" && len(r.Restrictions) == 0 {
		return nil
	}
	return &r
}

func (s *Site) text(it *item) Text {
	t := Text{Page: s.itemPage(it), Body: it.body, Params: it.front.Params}
	if t.Title == "" && len(it.doc.Outline) > 0 {
		t.Title = it.doc.Outline[0].Text
	}
	return t
}

// tombstone keeps the title and the reason, and nothing else of a withdrawn item.
func (s *Site) tombstone(it *item) Tombstone {
	p := s.itemPage(it)
	p.Summary, p.Description, p.Image, p.ImageURL, p.Share = "", "", nil, "", it.ed.share
	return Tombstone{Page: p, Date: s.date(it.ed, it.front.Date), Corrections: s.corrections(it)}
}

// textOf is the text of a list page, from _index.md, and what it says of the title.
func (ed *edition) textOf(dir, title, summary string) (string, string, Body) {
	it := ed.texts[dir]
	if it == nil {
		return title, summary, Body{}
	}
	return cmp.Or(it.front.Title, title), cmp.Or(it.front.Summary, summary), it.body
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
