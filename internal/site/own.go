package site

import (
	"slices"
	"strings"
	"time"

	"pressroom/internal/content"
	"pressroom/internal/node"
)

// ownPage is a page that the site makes of what it knows. An editor may give it a text,
// title and summary: content/contacts.md is the text of /contacts/.
type ownPage struct {
	name  string // of the file, the layout, the address and the words of its title
	wants func(s *Site) bool
	view  func(s *Site, ed *edition, head Page, text Body) any
}

var ownPageList = []ownPage{
	{"accessibility", func(*Site) bool { return true }, (*Site).statement},
	{"contacts", func(s *Site) bool { return len(s.cfg.ContactList) > 0 }, (*Site).contacts},
	{"feeds", func(*Site) bool { return true }, (*Site).feedsPage},
}

// textFor is the document that an editor wrote for an own page, or nil.
func (ed *edition) textFor(name string) *item {
	if it := ed.byBase[name]; it != nil && it.doc.Kind == content.Page {
		return it
	}
	return nil
}

// ownPages are those that no editor wrote a text for; of the others itemRef knows.
func (s *Site) ownPages(ed *edition) (refs []Ref) {
	for _, o := range ownPageList {
		if o.wants(s) && ed.textFor(o.name) == nil {
			refs = append(refs, Ref{URL: ed.join(o.name), Layout: o.name, View: func() any { return s.own(ed, o, nil) }})
		}
	}
	return refs
}

// ownPageOf is the own page whose text an item is, or nil.
func (s *Site) ownPageOf(it *item) *ownPage {
	if i := slices.IndexFunc(ownPageList, func(o ownPage) bool { return o.name == it.doc.Base }); i >= 0 && ownPageList[i].wants(s) {
		return &ownPageList[i]
	}
	return nil
}

// ownURL is where an own page of an edition stands.
func (ed *edition) ownURL(name string) string {
	if it := ed.textFor(name); it != nil {
		return it.url
	}
	return ed.join(name)
}

func (s *Site) own(ed *edition, o ownPage, it *item) any {
	var head Page
	var text Body
	if it == nil {
		head = s.page(ed, ed.join(o.name), ed.t[o.name], ed.t[o.name+"_text"], "")
		head.Feeds = ed.feedLinks("news", ed.frame.Title+": "+ed.t["news"])
	} else {
		head, text = s.itemPage(it), it.body
	}
	head.Languages = s.switcher(ed, func(_ int, e *edition) (string, bool) { return e.ownURL(o.name), true })
	return o.view(s, ed, head, text)
}

// contacts shows everybody who answers the press: the desks first, then, in the order
// of the topics, those who answer for them. Who answers for several stands once.
func (s *Site) contacts(ed *edition, head Page, text Body) any {
	type placed struct {
		topics []int // of the site's list
		Contact
	}
	var all []placed
	for i, k := range s.cfg.ContactList {
		p := placed{Contact: ed.frame.allContacts[i].Contact}
		for j, t := range s.cfg.TopicList {
			if slices.ContainsFunc(k.Topics, func(own node.At[string]) bool { return own.Value == t.Slug }) {
				p.topics = append(p.topics, j)
			}
		}
		all = append(all, p)
	}
	slices.SortStableFunc(all, func(a, b placed) int { return slices.Compare(a.topics, b.topics) })
	c := Contacts{Page: head, Body: text}
	for i, p := range all {
		if i == 0 || !slices.Equal(all[i-1].topics, p.topics) {
			g := ContactGroup{}
			for _, j := range p.topics {
				t := ed.terms[topicKind].bySlug[content.Slugify(s.cfg.TopicList[j].Slug)]
				g.Topics = append(g.Topics, Link{Text: t.name, URL: escape(t.url)})
			}
			c.Groups = append(c.Groups, g)
		}
		g := &c.Groups[len(c.Groups)-1]
		g.Contacts = append(g.Contacts, p.Contact)
	}
	return c
}

// AddressCard is a contact for address books.
type AddressCard struct {
	Path                                        string // of the file
	Name, Role, Organisation, Email, Phone, URL string
}

// AddressCards returns a card of every contact, in every language.
func (s *Site) AddressCards() (out []AddressCard) {
	for _, ed := range s.langs {
		for _, k := range ed.frame.allContacts {
			out = append(out, AddressCard{unescaped(k.Card), k.Name, k.Role, ed.frame.Organisation.Name, k.Email, k.Phone, s.absolute(ed.ownURL("contacts"))})
		}
	}
	return out
}

// feedsPage tells people what there is for machines, and where.
func (s *Site) feedsPage(ed *edition, head Page, text Body) any {
	f := Feeds{Page: head, Body: text, Calendar: ed.join() + "events.ics", Sitemap: "/sitemap.xml", Changes: "/changes.json", Schema: "/schemas/" + pageSchema, Example: escape(ed.join("news")) + "index.json"}
	add := func(name, url string) {
		row := FeedRow{Link: Link{Text: name, URL: escape(url)}}
		for _, l := range ed.feedLinks(strings.TrimPrefix(url, ed.prefix), ed.frame.Title+": "+name) {
			row.Feeds = append(row.Feeds, Link{Text: feedNames[l.Type], URL: l.URL})
		}
		f.Lists = append(f.Lists, row)
	}
	add(ed.t["news"], ed.join("news"))
	add(ed.t["videos"], ed.join("videos"))
	if len(ed.ledger) > 0 {
		add(ed.t["corrections"], ed.join("corrections"))
	}
	for _, t := range ed.terms[topicKind].list {
		add(t.name, t.url)
	}
	for _, kind := range []termKind{speakerKind, locationKind} {
		f.More = append(f.More, Link{Text: ed.t[string(kind)], URL: ed.join(string(kind))})
	}
	return f
}

// feedNames are the forms of feeds, as people call them.
var feedNames = map[string]string{"application/rss+xml": "RSS", "application/atom+xml": "Atom", "application/feed+json": "JSON Feed"}

// statement says how accessible the site is. What an editor wrote stands beside what
// this build knows; it is dated by the newest of what it speaks of, not by the clock.
func (s *Site) statement(ed *edition, head Page, text Body) any {
	st := Statement{Page: head, Body: text}
	var newest time.Time
	captioned, transcribed := 0, 0
	byLang := map[string]int{}
	for _, it := range ed.videos {
		newest = later(newest, later(it.date, it.front.Updated.Time))
		if it.video == nil {
			continue
		}
		spoken := false
		for _, tr := range it.video.tracks {
			byLang[tr.lang]++
			spoken = spoken || len(tr.cues) > 0
		}
		link := Link{Text: it.front.Title, URL: escape(it.url)}
		switch {
		case len(it.video.tracks) > 0:
			captioned++
			if spoken {
				transcribed++
			}
		default:
			st.Without = append(st.Without, Waiver{link, it.front.CaptionsWaiver})
		}
	}
	if len(ed.videos) == 0 {
		return st
	}
	at := s.date(ed, content.Date{Time: newest, Bare: true})
	st.AsOf = &at
	fact := func(name string, n int) { st.Facts = append(st.Facts, Fact{name, ed.count("videos_n", n)}) }
	fact(ed.t["videos"], len(ed.videos))
	fact(ed.t["statement_captions"], captioned)
	for _, lang := range sortedKeys(byLang) {
		fact(strings.ReplaceAll(ed.t["statement_captions_in"], "%s", ed.Language(lang)), byLang[lang])
	}
	fact(ed.t["statement_transcripts"], transcribed)
	return st
}
