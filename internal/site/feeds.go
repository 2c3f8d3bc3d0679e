package site

import (
	"cmp"
	"strings"
	"time"

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
	Video    bool // Media RSS wanted
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

// Feeds returns the feeds of every edition: of its news, its videos, and of each
// speaker, location and topic.
func (s *Site) Feeds() (feeds []Feed) {
	for _, ed := range s.langs {
		feeds = append(feeds,
			s.feed(ed, ed.join("news"), ed.t["news"], ed.news, false),
			s.feed(ed, ed.join("videos"), ed.t["videos"], ed.videos, true))
		for _, kind := range termKinds {
			for _, t := range ed.terms[kind].list {
				feeds = append(feeds, s.feed(ed, t.url, t.name, merge(t.news, t.videos, feedItems), len(t.videos) > 0))
			}
		}
	}
	return feeds
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
	f := Feed{Dir: dir, Title: ed.frame.Title + ": " + title, Subtitle: ed.frame.Description, Lang: ed.Lang, Home: s.absolute(dir),
		Base: s.absolute(dir), Author: ed.frame.Organisation.Name, Video: video}
	for _, it := range items[:min(feedItems, len(items))] {
		e := s.feedItem(it)
		if e.Updated.After(f.Updated) {
			f.Updated = e.Updated
		}
		f.Items = append(f.Items, e)
	}
	return f
}

func (s *Site) feedItem(it *item) FeedItem {
	f := it.front
	e := FeedItem{ID: s.absolute(it.url), URL: s.absolute(it.url), Title: f.Title, Summary: it.card.Summary,
		Published: it.date, Updated: later(it.date, f.Updated.Time).In(s.cfg.Zone), Credit: s.cfg.Rights.Credit}
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
				u := r.url
				if strings.HasPrefix(u, "/") {
					u = s.cfg.BaseURL + u
				}
				e.Media = append(e.Media, Enclosure{u, r.typ, r.bytes, r.Width, r.Height})
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
	Alternates []Translation
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
	for _, p := range s.generated() {
		if p.Layout != "404" {
			out = append(out, MapEntry{URL: s.absolute(p.URL), Part: "pages"})
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
					e.Published, e.Modified = it.date, later(it.date, it.front.Updated.Time).In(s.cfg.Zone)
					e.News = it.video == nil && newest.Sub(it.date) <= newsDays
					e.Summary = it.card.Summary
				}
				if it.video != nil && it.video.poster != nil && len(it.video.sources) > 0 {
					v := s.feedItem(it)
					e.Video = &v
				}
				if len(s.langs) > 1 {
					for i, o := range s.translations(it) {
						if o != nil {
							e.Alternates = append(e.Alternates, Translation{s.langs[i].Lang, s.absolute(o.url)})
						}
					}
				}
				out = append(out, e)
			}
		}
	}
	return out
}

// CalendarEntry is one event for calendars.
type CalendarEntry struct {
	UID        string
	Title      string
	URL        string
	Start, End time.Time
	AllDay     bool
	Place      string
	Summary    string
	Status     string // "scheduled", "moved" or "cancelled"
	Sequence   int
	Stamp      time.Time
}

// Calendar is the events of one edition.
type Calendar struct {
	Path   string // of the file
	Title  string
	Zone   *time.Location
	Events []CalendarEntry
}

// Calendars returns the events of every edition.
func (s *Site) Calendars() (out []Calendar) {
	for _, ed := range s.langs {
		c := Calendar{Path: ed.join() + "events.ics", Title: ed.frame.Title, Zone: s.cfg.Zone}
		for _, it := range ed.eventItems() {
			e := it.front.Event
			v := s.event(it)
			entry := CalendarEntry{
				// Of the source, so that it is the same in all languages and outlives an edit.
				UID:   strings.ReplaceAll(it.doc.Base, "/", "-") + "@" + strings.TrimPrefix(strings.TrimPrefix(s.cfg.BaseURL, "https://"), "http://"),
				Title: v.Title, URL: s.absolute(it.url), Start: e.Start.Time, End: e.End.Time, AllDay: e.Start.Bare, Place: v.Place,
				Summary: it.front.Summary, Status: v.Status, Sequence: e.Sequence, Stamp: later(it.date, it.front.Updated.Time),
			}
			c.Events = append(c.Events, entry)
		}
		out = append(out, c)
	}
	return out
}

// Assets are the files of content/ that open items show, by output path.
func (s *Site) Assets() map[string]*source.File { return s.assets }

// Title is the site's name in its first language.
func (s *Site) Title() string { return s.langs[0].frame.Title }
