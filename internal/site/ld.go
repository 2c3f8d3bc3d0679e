package site

import (
	"cmp"
	"encoding/json"
	"fmt"
	"html/template"
	"reflect"
	"slices"
	"strings"
	"time"

	"pressroom/internal/content"
)

// JSON-LD tells search engines and assistants what a page is, in the words of
// schema.org: one script a page, with one graph. Of what Google documents as required,
// a node has all or is left out; half a node is an error in its reports and no use to
// anybody else.

// ld writes JSON-LD. encoding/json writes < as \u003c, so that no text ends the script.
func ld(v any) template.JS {
	b, err := json.Marshal(v)
	if err != nil {
		panic("site: JSON-LD: " + err.Error()) // only strings, numbers and lists of them
	}
	return template.JS(b)
}

// graph is what a page says of itself: its nodes, and the way to it.
func (s *Site) graph(p *Page, nodes ...any) template.JS {
	if len(p.Crumbs) > 0 {
		nodes = append(nodes, s.breadcrumbs(p))
	}
	nodes = slices.DeleteFunc(nodes, func(n any) bool { return reflect.ValueOf(n).IsNil() })
	if len(nodes) == 0 {
		return ""
	}
	return ld(struct {
		Context string `json:"@context"`
		Graph   []any  `json:"@graph"`
	}{"https://schema.org", nodes})
}

// described gives a view that has said nothing of itself the way to its page. Every
// page comes by here, so that a new kind of page needs to know nothing of it.
func (s *Site) described(view any) any {
	v := reflect.New(reflect.TypeOf(view)).Elem()
	v.Set(reflect.ValueOf(view))
	f := v.FieldByName("Page")
	if !f.IsValid() {
		return view
	}
	p, ok := f.Addr().Interface().(*Page)
	if !ok || p.LD != "" || p.Canonical == "" {
		return view
	}
	p.LD = s.graph(p)
	return v.Interface()
}

type breadcrumbList struct {
	Type  string  `json:"@type"`
	Items []crumb `json:"itemListElement"`
}

type crumb struct {
	Type     string `json:"@type"`
	Position int    `json:"position"`
	Name     string `json:"name"`
	URL      string `json:"item"`
}

// breadcrumbs leads from the home page to the page itself.
func (s *Site) breadcrumbs(p *Page) *breadcrumbList {
	b := &breadcrumbList{Type: "BreadcrumbList"}
	for i, l := range p.Crumbs {
		b.Items = append(b.Items, crumb{"ListItem", i + 1, l.Text, s.whole(l.URL)})
	}
	b.Items = append(b.Items, crumb{"ListItem", len(p.Crumbs) + 1, cmp.Or(p.Title, p.HeadTitle), p.Canonical})
	return b
}

// whole makes the whole address of one that may be a path of this site already escaped.
func (s *Site) whole(u string) string {
	if strings.HasPrefix(u, "/") {
		return s.cfg.BaseURL + u
	}
	return u
}

type thing struct {
	Type         string `json:"@type"`
	Name         string `json:"name,omitempty"`
	URL          string `json:"url,omitempty"`
	Job          string `json:"jobTitle,omitempty"`
	Logo         string `json:"logo,omitempty"`
	Address      string `json:"address,omitempty"`
	SameAs       string `json:"sameAs,omitempty"`
	Organisation *thing `json:"affiliation,omitempty"`
	Geo          *geo   `json:"geo,omitempty"`
}

type geo struct {
	Type      string  `json:"@type"`
	Latitude  float64 `json:"latitude"`
	Longitude float64 `json:"longitude"`
}

type imageObject struct {
	Type    string `json:"@type"`
	URL     string `json:"url"`
	Width   int    `json:"width,omitempty"`
	Height  int    `json:"height,omitempty"`
	Caption string `json:"caption,omitempty"`
	Credit  string `json:"creditText,omitempty"`
}

type correctionComment struct {
	Type string `json:"@type"`
	At   string `json:"datePublished"`
	Text string `json:"text"`
}

// newsArticle follows schema.org/NewsArticle.
type newsArticle struct {
	Type        string              `json:"@type"`
	Headline    string              `json:"headline"`
	Summary     string              `json:"description,omitempty"`
	URL         string              `json:"url"`
	Page        string              `json:"mainEntityOfPage"`
	Lang        string              `json:"inLanguage"`
	Published   string              `json:"datePublished"`
	Modified    string              `json:"dateModified"`
	Section     string              `json:"articleSection,omitempty"`
	Author      []thing             `json:"author"`
	Publisher   thing               `json:"publisher"`
	Location    *thing              `json:"contentLocation,omitempty"`
	Keywords    []string            `json:"keywords,omitempty"`
	Image       *imageObject        `json:"image,omitempty"`
	Credit      string              `json:"creditText,omitempty"`
	Corrections []correctionComment `json:"correction,omitempty"`
}

func (s *Site) articleLD(it *item, p *Page) template.JS {
	f := it.front
	a := &newsArticle{
		Type: "NewsArticle", Headline: f.Title, Summary: p.Description, URL: p.Canonical, Page: p.Canonical, Lang: it.ed.Lang,
		Published: s.iso(f.Date.Time), Modified: s.iso(it.changed().Time), Section: it.card.Label, Author: s.authors(it), Publisher: s.publisher(it.ed),
		Location: s.placeLD(it), Image: imageLD(p),
	}
	for _, t := range it.topics {
		a.Keywords = append(a.Keywords, t.name)
	}
	if r := s.rights(it); r != nil {
		a.Credit = r.Credit
	}
	for _, c := range f.Corrections {
		a.Corrections = append(a.Corrections, correctionComment{"CorrectionComment", s.iso(c.At.Time), c.Note})
	}
	return s.graph(p, a, s.eventLD(it, p))
}

// authors are the people whose words it is, else the institution.
func (s *Site) authors(it *item) (out []thing) {
	for i, sp := range it.speakers {
		t := thing{Type: "Person", Name: sp.name, URL: s.absolute(sp.url), Job: sp.role}
		org := sp.organisation
		if i < len(it.front.Speakers) {
			t.Job, org = cmp.Or(it.front.Speakers[i].Role, t.Job), cmp.Or(it.front.Speakers[i].Organisation, org)
		}
		if sp.profile != nil {
			t.Job, org = cmp.Or(t.Job, sp.profile.front.Role), cmp.Or(org, sp.profile.front.Organisation)
		}
		if org != "" {
			t.Organisation = &thing{Type: "Organization", Name: org}
		}
		out = append(out, t)
	}
	if len(out) == 0 {
		out = []thing{s.publisher(it.ed)}
	}
	return out
}

func (s *Site) iso(t time.Time) string { return t.In(s.cfg.Zone).Format(time.RFC3339) }

func (s *Site) publisher(ed *edition) thing {
	return thing{Type: "Organization", Name: ed.frame.Organisation.Name, URL: s.cfg.BaseURL + "/", Logo: s.logo()}
}

func (s *Site) logo() string {
	if s.cfg.Theme.Logo == "" {
		return ""
	}
	return s.absolute(s.cfg.Theme.Logo)
}

// imageLD is the picture that stands for a page, wherever it comes from.
func imageLD(p *Page) *imageObject {
	if p.ImageURL == "" {
		return nil
	}
	o := &imageObject{Type: "ImageObject", URL: p.ImageURL}
	if i := p.Image; i != nil {
		o.Width, o.Height, o.Caption, o.Credit = i.Width, i.Height, i.Caption, i.Credit
	}
	return o
}

func (s *Site) placeLD(it *item) *thing {
	if it.place == nil {
		return nil
	}
	t := &thing{Type: "Place", Name: it.place.name, URL: s.absolute(it.place.url)}
	if g := it.place.geo; len(g) == 2 {
		t.Geo = &geo{"GeoCoordinates", g[0], g[1]}
	}
	return t
}

// site says whose home page it is; only the home page does.
type website struct {
	Type      string `json:"@type"`
	Name      string `json:"name"`
	URL       string `json:"url"`
	Lang      string `json:"inLanguage"`
	Summary   string `json:"description,omitempty"`
	Publisher thing  `json:"publisher"`
}

func (s *Site) homeLD(ed *edition, p *Page) template.JS {
	o := s.publisher(ed)
	o.Address, o.SameAs = ed.frame.Organisation.Address, ed.frame.Organisation.URL
	return s.graph(p, &o, &website{"WebSite", ed.frame.Title, p.Canonical, ed.Lang, ed.frame.Description, s.publisher(ed)})
}

// eventNode follows schema.org/Event.
type eventNode struct {
	Type      string       `json:"@type"`
	Name      string       `json:"name"`
	Summary   string       `json:"description,omitempty"`
	URL       string       `json:"url"`
	Start     string       `json:"startDate"`
	End       string       `json:"endDate,omitempty"`
	Previous  string       `json:"previousStartDate,omitempty"`
	Status    string       `json:"eventStatus"`
	Mode      string       `json:"eventAttendanceMode"`
	Location  thing        `json:"location"`
	Organiser thing        `json:"organizer"`
	Image     *imageObject `json:"image,omitempty"`
}

// eventStatuses are ours in the words of schema.org.
var eventStatuses = map[string]string{"scheduled": "EventScheduled", "moved": "EventRescheduled", "cancelled": "EventCancelled"}

// eventLD is the event that an item announces. One without a place is not told: where
// it is, is required.
func (s *Site) eventLD(it *item, p *Page) *eventNode {
	e := it.front.Event
	if e == nil || e.Start.IsZero() {
		return nil
	}
	v := s.event(it)
	if v.Place == "" {
		return nil
	}
	n := &eventNode{
		Type: "Event", Name: v.Title, Summary: p.Description, URL: p.Canonical, Start: s.day(e.Start), Status: "https://schema.org/" + eventStatuses[v.Status],
		Mode: "https://schema.org/OfflineEventAttendanceMode", Location: thing{Type: "Place", Name: v.Place, Address: v.Place}, Organiser: s.publisher(it.ed), Image: imageLD(p),
	}
	if !e.End.IsZero() {
		n.End = s.day(e.End)
	}
	if !e.Previous.IsZero() {
		n.Previous = s.day(e.Previous)
	}
	return n
}

// day writes an instant with its zone, and a day that was named without a time as a day.
func (s *Site) day(d content.Date) string {
	if d.Bare {
		return d.In(s.cfg.Zone).Format(time.DateOnly)
	}
	return s.iso(d.Time)
}

// videoObject follows schema.org/VideoObject; contentUrl is only ever an open file.
type videoObject struct {
	Type       string              `json:"@type"`
	Name       string              `json:"name"`
	Summary    string              `json:"description,omitempty"`
	URL        string              `json:"url"`
	Lang       string              `json:"inLanguage"`
	Uploaded   string              `json:"uploadDate"`
	Modified   string              `json:"dateModified"`
	Created    string              `json:"dateCreated,omitempty"`
	Expires    string              `json:"expires,omitempty"`
	Duration   string              `json:"duration,omitempty"`
	Thumbnail  []string            `json:"thumbnailUrl"`
	Content    string              `json:"contentUrl,omitempty"`
	Format     string              `json:"encodingFormat,omitempty"`
	Publisher  thing               `json:"publisher"`
	Actors     []thing             `json:"actor,omitempty"`
	Location   *thing              `json:"contentLocation,omitempty"`
	Keywords   []string            `json:"keywords,omitempty"`
	Credit     string              `json:"creditText,omitempty"`
	Captions   []captionObject     `json:"caption,omitempty"`
	Transcript string              `json:"transcript,omitempty"`
	Parts      []clip              `json:"hasPart,omitempty"`
	Changes    []correctionComment `json:"correction,omitempty"`
}

type captionObject struct {
	Type   string `json:"@type"`
	URL    string `json:"contentUrl"`
	Format string `json:"encodingFormat"`
	Lang   string `json:"inLanguage"`
}

type clip struct {
	Type  string `json:"@type"`
	Name  string `json:"name"`
	Start int    `json:"startOffset"`
	End   int    `json:"endOffset,omitempty"`
	URL   string `json:"url"`
}

func (s *Site) videoLD(it *item, v *Video) template.JS {
	if v.ImageURL == "" {
		return s.graph(&v.Page) // a VideoObject must have a thumbnail
	}
	f := it.front
	o := &videoObject{
		Type: "VideoObject", Name: f.Title, Summary: v.Description, URL: v.Canonical, Lang: it.ed.Lang,
		Uploaded: s.iso(f.Date.Time), Modified: s.iso(it.changed().Time), Publisher: s.publisher(it.ed), Thumbnail: []string{v.ImageURL}, Location: s.placeLD(it),
		Transcript: transcriptText(v.Transcript, it.ed.Lang),
	}
	if len(it.speakers) > 0 {
		o.Actors = s.authors(it)
	}
	if !f.Recorded.IsZero() {
		o.Created = s.day(f.Recorded)
	}
	if !f.Expires.IsZero() {
		o.Expires = s.iso(f.Expires.Time)
	}
	if f.Duration.Set {
		o.Duration = isoDuration(f.Duration.At(25))
	}
	if v.Player != nil {
		o.Content, o.Format = s.whole(v.Player.Sources[0].URL), v.Player.Sources[0].Type
	}
	for _, t := range it.topics {
		o.Keywords = append(o.Keywords, t.name)
	}
	if v.Rights != nil {
		o.Credit = v.Rights.Credit
	}
	for _, t := range it.video.tracks {
		o.Captions = append(o.Captions, captionObject{"MediaObject", s.whole(t.url), "text/vtt", t.lang})
	}
	o.Parts = s.clips(it)
	for _, c := range f.Corrections {
		o.Changes = append(o.Changes, correctionComment{"CorrectionComment", s.iso(c.At.Time), c.Note})
	}
	return s.graph(&v.Page, o)
}

// clips are the chapters and the soundbites: what one may want to be led to.
func (s *Site) clips(it *item) (out []clip) {
	f, address := it.front, s.absolute(it.url)
	for i, c := range f.Chapters {
		at, end := int(c.At.At(25)), int(f.Duration.At(25))
		if i+1 < len(f.Chapters) {
			end = int(f.Chapters[i+1].At.At(25))
		}
		out = append(out, clip{"Clip", c.Title, at, end, fmt.Sprintf("%s?t=%d", address, at)})
	}
	for _, shot := range f.Shotlist {
		if b := shot.Soundbite; b != nil {
			at := int(shot.In.At(25))
			end := int(shot.In.At(25) + shot.Dur.At(25))
			out = append(out, clip{"Clip", fmt.Sprintf("%s: %s", b.Speaker, b.Verbatim), at, end, fmt.Sprintf("%s?t=%d&end=%d", address, at, end)})
		}
	}
	return out
}

// transcriptText is the words of a video in the page's language, else in the first, a
// speaker's name before theirs.
func transcriptText(all []Transcript, lang string) string {
	if len(all) == 0 {
		return ""
	}
	t := all[max(0, slices.IndexFunc(all, func(t Transcript) bool { return t.Lang == lang }))]
	return t.text()
}

func (t Transcript) text() string {
	var b strings.Builder
	for i, c := range t.Cues {
		switch {
		case i == 0:
		case c.Speaker != "":
			b.WriteByte('\n')
		default:
			b.WriteByte(' ')
		}
		if c.Speaker != "" {
			b.WriteString(c.Speaker + ": ")
		}
		b.WriteString(strings.Join(strings.Fields(c.Text), " "))
	}
	return b.String()
}

// isoDuration writes seconds as ISO 8601 does: PT1M12S.
func isoDuration(seconds float64) string {
	d := time.Duration(seconds*1000) * time.Millisecond
	return "PT" + strings.ToUpper(d.Truncate(time.Second).String())
}
