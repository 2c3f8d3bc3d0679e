package site

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"pressroom/internal/content"
	"pressroom/internal/media"
	"pressroom/internal/source"
)

// feedItems is how many items a feed holds: a desk that was away for a weekend still
// finds them all.
const feedItems = 20

// Feed is the newest items of a list, for package feed to write in each form.
type Feed struct {
	Dir      string // URL path of the list; the feed's files stand in it
	Title    string
	Subtitle string
	Lang     string
	Home     string // absolute URL of the list
	Base     string // absolute URL of Dir
	Author   string
	Hub      string // where WebSub tells of changes, or ""
	Video    bool   // Media RSS wanted
	Updated  time.Time
	Items    []FeedItem
}

// FeedItem is one entry of a feed.
type FeedItem struct {
	ID         string // permanent; the absolute URL
	URL        string
	Title      string
	Summary    string
	Published  time.Time
	Updated    time.Time
	Authors    []string
	Categories []string
	Image      *Enclosure
	Media      []Enclosure // open files of a video
	Credit     string
	Seconds    int
}

// Enclosure is a file that an item offers.
type Enclosure struct {
	URL           string
	Type          string
	Bytes         int64
	Width, Height int
}

// Feeds returns the feeds of every edition: of its news, its videos, of each speaker,
// location and topic, and of its corrections, if there are any.
func (s *Site) Feeds() (feeds []Feed) {
	for _, ed := range s.langs {
		feeds = append(feeds,
			s.feed(ed, ed.join("news"), ed.t["news"], merge(ed.news, ed.gone(content.NewsItem), feedItems), false),
			s.feed(ed, ed.join("videos"), ed.t["videos"], merge(ed.videos, ed.gone(content.VideoItem), feedItems), true))
		for _, kind := range termKinds {
			for _, t := range ed.terms[kind].list {
				feeds = append(feeds, s.feed(ed, t.url, t.name, merge(t.news, t.videos, feedItems), len(t.videos) > 0))
			}
		}
		if f := s.correctionsFeed(ed); len(f.Items) > 0 {
			feeds = append(feeds, f)
		}
	}
	return feeds
}

// gone are the withdrawn items of a kind, newest first. They stay in the feeds they
// were in: whoever took them must learn of it.
func (ed *edition) gone(kind content.Kind) (out []*item) {
	for _, it := range ed.pages {
		if it.gone && it.doc.Kind == kind {
			out = append(out, it)
		}
	}
	newestFirst(out)
	return out
}

// merge returns the newest n of two lists that are newest first.
func merge(a, b []*item, n int) (out []*item) {
	for len(out) < n && len(a)+len(b) > 0 {
		if len(b) == 0 || len(a) > 0 && !b[0].date.After(a[0].date) {
			out, a = append(out, a[0]), a[1:]
		} else {
			out, b = append(out, b[0]), b[1:]
		}
	}
	return out
}

func (s *Site) feed(ed *edition, dir, title string, items []*item, video bool) Feed {
	f := s.emptyFeed(ed, dir, title)
	f.Video = video
	for _, it := range items[:min(feedItems, len(items))] {
		f.add(s.feedItem(it))
	}
	return f
}

func (s *Site) emptyFeed(ed *edition, dir, title string) Feed {
	return Feed{Dir: dir, Title: ed.frame.Title + ": " + title, Subtitle: ed.frame.Description, Lang: ed.Lang, Home: s.absolute(dir),
		Base: s.absolute(dir), Author: ed.frame.Organisation.Name, Hub: s.cfg.Hub}
}

// add puts an entry at the end; a feed is as old as what was last changed in it.
func (f *Feed) add(e FeedItem) {
	f.Updated = later(f.Updated, e.Updated)
	f.Items = append(f.Items, e)
}

// correctionsFeed tells what was put right, the last correction first: an entry is a
// correction, so that two of one item are told twice.
func (s *Site) correctionsFeed(ed *edition) Feed {
	f := s.emptyFeed(ed, ed.join("corrections"), ed.t["corrections"])
	all := ed.ledger
	for _, c := range all[:min(feedItems, len(all))] {
		url := s.absolute(c.it.url)
		e := FeedItem{ID: url + "#" + c.at.UTC().Format("20060102T150405Z"), URL: url, Title: joinedBy(": ", ed.t["correction_"+c.kind], c.it.front.Title), Summary: c.note,
			Published: c.at.In(s.cfg.Zone), Updated: c.at.In(s.cfg.Zone)}
		if c.again > 0 {
			e.ID += fmt.Sprintf("-%d", c.again+1)
		}
		f.add(e)
	}
	return f
}

func (s *Site) feedItem(it *item) FeedItem {
	f := it.front
	if it.gone { // as its tombstone: the title, and why
		e := FeedItem{ID: s.absolute(it.url), URL: s.absolute(it.url), Title: joinedBy(": ", it.ed.t["withdrawn"], f.Title), Summary: it.ed.t["withdrawn_text"],
			Published: it.date, Updated: s.withdrawal(it).at.In(s.cfg.Zone)}
		if note := s.withdrawal(it).note; note != "" {
			e.Summary = note
		}
		return e
	}
	e := FeedItem{ID: s.absolute(it.url), URL: s.absolute(it.url), Title: f.Title, Summary: it.card.Summary,
		Published: it.date, Updated: it.changed().In(s.cfg.Zone), Credit: s.cfg.Rights.Credit}
	for _, sp := range it.speakers {
		e.Authors = append(e.Authors, sp.name)
	}
	for _, t := range it.topics {
		e.Categories = append(e.Categories, t.name)
	}
	if i := it.card.Image; i != nil {
		e.Image = &Enclosure{URL: s.cfg.BaseURL + i.URL, Type: media.Type(i.URL), Width: i.Width, Height: i.Height}
	}
	if f.Rights != nil {
		e.Credit = cmp.Or(f.Rights.Credit, e.Credit)
	}
	if v := it.video; v != nil {
		e.Seconds = int(f.Duration.At(25))
		for _, r := range v.files {
			if r.Access == "public" {
				e.Media = append(e.Media, Enclosure{s.whole(r.url), r.typ, r.bytes, r.Width, r.Height})
			}
		}
	}
	return e
}

// MapEntry is one page of the sitemap.
type MapEntry struct {
	URL        string
	Modified   time.Time // zero for lists
	Part       string    // "2024-05", or "pages"
	Title      string
	Lang       string
	Published  time.Time
	News       bool // of the last two days before the newest item
	Summary    string
	Video      *FeedItem
	Expires    time.Time     // of a video that will be taken away
	Alternates []Translation // the page in all its languages, itself and x-default included
}

// newsDays is how long an article counts as news for a news sitemap, by Google's rule.
// It is counted from the newest article and not from the clock, so that an idle
// newsroom's sitemap stays as it is.
const newsDays = 48 * time.Hour

// Map returns every page that search engines should know.
func (s *Site) Map() (out []MapEntry) {
	var newest time.Time
	for _, ed := range s.langs {
		if len(ed.news) > 0 {
			newest = later(newest, ed.news[0].date)
		}
	}
	generated := s.generated()
	for _, p := range s.albumRefs() {
		if p.Layout == "photos" {
			generated = append(generated, p)
		}
	}
	// /contacts/ may be a document in one language and be made in another.
	made, stands := make(map[string]bool, len(generated)), make(map[string]bool, len(generated))
	for _, p := range generated {
		made[p.URL], stands[p.URL] = true, true
	}
	for _, ed := range s.langs {
		for _, it := range ed.pages {
			stands[it.url] = stands[it.url] || !it.gone && it.held == nil
		}
	}
	for _, p := range generated {
		if p.Layout != "404" {
			out = append(out, MapEntry{URL: s.absolute(p.URL), Part: cmp.Or(p.Month, "pages"), Alternates: s.alternatesOf(p.URL, stands)})
		}
	}
	for _, ed := range s.langs {
		for _, list := range [][]*item{ed.news, ed.videos, ed.pages} {
			for _, it := range list {
				if it.gone || it.held != nil {
					continue
				}
				e := MapEntry{URL: s.absolute(it.url), Part: "pages", Lang: ed.Lang, Title: it.front.Title}
				if it.doc.Kind.Dated() {
					e.Part = it.date.Format("2006-01")
					e.Published, e.Modified = it.date, it.changed().In(s.cfg.Zone)
					e.News = it.video == nil && newest.Sub(it.date) <= newsDays
					e.Summary = it.card.Summary
				}
				if it.plays() && it.video.poster != nil {
					v := s.feedItem(it)
					e.Video, e.Expires = &v, it.front.Expires.Time
				}
				if len(s.langs) > 1 {
					same := s.translations(it)
					e.Alternates = s.alternates(func(i int, other *edition) (string, bool) {
						if same[i] != nil {
							return same[i].url, true
						}
						url := other.prefix + strings.TrimPrefix(it.url, ed.prefix)
						return url, made[url]
					})
				}
				out = append(out, e)
				if it.hasAlbum() {
					same := s.translations(it)
					out = append(out, MapEntry{URL: s.absolute(it.albumURL()), Part: e.Part, Modified: e.Modified, Alternates: s.alternates(func(i int, _ *edition) (string, bool) {
						if same[i] == nil || !same[i].hasAlbum() {
							return "", false
						}
						return same[i].albumURL(), true
					})})
				}
			}
		}
	}
	return out
}

// alternates are a page in all the languages that have it, as its own links tell them:
// none when it stands in one, and x-default for readers of all others.
func (s *Site) alternates(at func(i int, ed *edition) (string, bool)) (out []Translation) {
	for i, ed := range s.langs {
		if u, ok := at(i, ed); ok {
			out = append(out, Translation{ed.Lang, s.absolute(u)})
		}
	}
	if len(out) < 2 {
		return nil
	}
	if out[0].Language == s.langs[0].Lang {
		out = append(out, Translation{"x-default", out[0].URL})
	}
	return out
}

// alternatesOf are those of a generated page: it stands at the same path in every
// language, if there. A numbered page of a list has none, because the lists differ.
func (s *Site) alternatesOf(url string, stands map[string]bool) []Translation {
	if len(s.langs) == 1 || strings.Contains(url, "/page/") {
		return nil
	}
	path := url
	for _, ed := range s.langs[1:] {
		if rest, ok := strings.CutPrefix(url, ed.prefix+"/"); ok {
			path = "/" + rest
		}
	}
	return s.alternates(func(_ int, ed *edition) (string, bool) { return ed.prefix + path, stands[ed.prefix+path] })
}

// CalendarEntry is one event for calendars.
type CalendarEntry struct {
	UID        string
	Title      string
	URL        string
	Start, End time.Time
	AllDay     bool
	Place      string
	Geo        string // "52.08,4.28", or ""
	Summary    string
	Status     string // "scheduled", "moved" or "cancelled"
	Sequence   int
	Stamp      time.Time
}

// Calendar is the events of one edition, or one of them.
type Calendar struct {
	Path   string // of the file
	Title  string
	Zone   *time.Location
	Events []CalendarEntry
}

// Calendars returns the events of every edition, together and each by itself.
func (s *Site) Calendars() (out []Calendar) {
	for _, ed := range s.langs {
		c := Calendar{Path: ed.join() + "events.ics", Title: ed.frame.Title, Zone: s.cfg.Zone}
		for _, it := range ed.eventItems() {
			e := s.calendarEntry(it)
			c.Events = append(c.Events, e)
			out = append(out, Calendar{Path: beside(it.url, "event.ics"), Title: e.Title, Zone: s.cfg.Zone, Events: []CalendarEntry{e}})
		}
		out = append(out, c)
	}
	return out
}

// calendarEntry is the event that an item announces.
func (s *Site) calendarEntry(it *item) CalendarEntry {
	e, v := it.front.Event, s.event(it)
	c := CalendarEntry{
		// Of the source, so that it is the same in all languages and outlives an edit.
		UID:   strings.ReplaceAll(it.doc.Base, "/", "-") + "@" + strings.TrimPrefix(strings.TrimPrefix(s.cfg.BaseURL, "https://"), "http://"),
		Title: v.Title, URL: s.absolute(it.url), Start: e.Start.Time, End: e.End.Time, AllDay: e.Start.Bare, Place: v.Place,
		Summary: it.front.Summary, Status: v.Status, Sequence: e.Sequence, Stamp: it.changed().Time,
	}
	if v.Status != "scheduled" { // a calendar takes a change only with a higher number
		c.Sequence = max(c.Sequence, 1)
	}
	if it.place != nil && it.place.name == v.Place && len(it.place.geo) == 2 {
		c.Geo = geoText(it.place.geo)
	}
	return c
}

// Assets are the files of content/ that open items show, by output path.
func (s *Site) Assets() map[string]*source.File { return s.assets }

// Title is the site's name in its first language.
func (s *Site) Title() string { return s.langs[0].frame.Title }
