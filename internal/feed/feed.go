// Package feed writes what machines fetch: RSS with Media RSS, Atom, JSON Feed,
// sitemaps and calendars.
//
// In go a site's lists of plain entries; out come files, the same bytes for the same
// entries. It knows no clock: a feed is as old as its newest item.
package feed

import (
	"encoding/json"
	"encoding/xml"
	"io"
	"time"

	"pressroom/internal/site"
)

// Forms are the files of one feed, by name. To add a form, add it here: build then
// writes it beside every list.
var Forms = []struct {
	Name  string
	Write func(w io.Writer, f site.Feed) error
}{
	{"rss.xml", RSS},
	{"atom.xml", Atom},
	{"feed.json", JSON},
}

// Names are the names of the files of a feed.
func Names() (names []string) {
	for _, f := range Forms {
		names = append(names, f.Name)
	}
	return names
}

func encodeXML(w io.Writer, v any) error {
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", " ")
	if err := enc.Encode(v); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

// The RSS Advisory Board's form of RFC 822 dates.
const rfc822 = "Mon, 02 Jan 2006 15:04:05 -0700"

func stamp(t time.Time, form string) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(form)
}

type rss struct {
	XMLName xml.Name   `xml:"rss"`
	Version string     `xml:"version,attr"`
	Atom    string     `xml:"xmlns:atom,attr"`
	DC      string     `xml:"xmlns:dc,attr"`
	Media   string     `xml:"xmlns:media,attr"`
	Channel rssChannel `xml:"channel"`
}

type rssChannel struct {
	Title       string     `xml:"title"`
	Link        string     `xml:"link"`
	Description string     `xml:"description"`
	Language    string     `xml:"language"`
	Built       string     `xml:"lastBuildDate,omitempty"`
	Links       []atomLink `xml:"atom:link"`
	Items       []rssItem  `xml:"item"`
}

type rssItem struct {
	Title       string        `xml:"title"`
	Link        string        `xml:"link"`
	GUID        rssGUID       `xml:"guid"`
	Published   string        `xml:"pubDate"`
	Description string        `xml:"description,omitempty"`
	Creators    []string      `xml:"dc:creator"`
	Categories  []string      `xml:"category"`
	Enclosure   *rssEnclosure `xml:"enclosure"`
	Group       *mediaGroup   `xml:"media:group"`
	Thumbnail   *mediaPicture `xml:"media:thumbnail"`
	Credit      string        `xml:"media:credit,omitempty"`
}

type rssGUID struct {
	Permalink bool   `xml:"isPermaLink,attr"`
	Value     string `xml:",chardata"`
}

type rssEnclosure struct {
	URL   string `xml:"url,attr"`
	Bytes int64  `xml:"length,attr"`
	Type  string `xml:"type,attr"`
}

// mediaGroup follows Media RSS 1.5.1: the files of one video, its name and its words.
type mediaGroup struct {
	Files       []mediaFile `xml:"media:content"`
	Title       string      `xml:"media:title"`
	Description string      `xml:"media:description,omitempty"`
}

type mediaFile struct {
	URL      string `xml:"url,attr"`
	Type     string `xml:"type,attr"`
	Medium   string `xml:"medium,attr"`
	Bytes    int64  `xml:"fileSize,attr,omitempty"`
	Duration int    `xml:"duration,attr,omitempty"`
	Width    int    `xml:"width,attr,omitempty"`
	Height   int    `xml:"height,attr,omitempty"`
}

type mediaPicture struct {
	URL    string `xml:"url,attr"`
	Width  int    `xml:"width,attr,omitempty"`
	Height int    `xml:"height,attr,omitempty"`
}

// RSS writes RSS 2.0, with Media RSS where there are videos.
func RSS(w io.Writer, f site.Feed) error {
	c := rssChannel{Title: f.Title, Link: f.Home, Description: f.Subtitle, Language: f.Lang, Built: stamp(f.Updated, rfc822),
		Links: links(f, "rss.xml", "application/rss+xml")}
	if c.Description == "" {
		c.Description = f.Title // the element may not be empty
	}
	for _, e := range f.Items {
		item := rssItem{Title: e.Title, Link: e.URL, GUID: rssGUID{e.ID == e.URL, e.ID}, Published: stamp(e.Published, rfc822), Description: e.Summary,
			Creators: e.Authors, Categories: e.Categories}
		if len(e.Media) > 0 {
			g := &mediaGroup{Title: e.Title, Description: e.Summary}
			for _, m := range e.Media {
				g.Files = append(g.Files, mediaFile{m.URL, m.Type, "video", m.Bytes, e.Seconds, m.Width, m.Height})
			}
			if m := e.Media[0]; m.Bytes > 0 { // for readers that know no Media RSS
				item.Enclosure = &rssEnclosure{m.URL, m.Bytes, m.Type}
			}
			item.Group, item.Credit = g, e.Credit
		}
		if e.Image != nil {
			item.Thumbnail = &mediaPicture{e.Image.URL, e.Image.Width, e.Image.Height}
		}
		c.Items = append(c.Items, item)
	}
	return encodeXML(w, rss{Version: "2.0", Atom: "http://www.w3.org/2005/Atom", DC: "http://purl.org/dc/elements/1.1/",
		Media: "http://search.yahoo.com/mrss/", Channel: c})
}

type atomFeed struct {
	XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	Lang    string      `xml:"xml:lang,attr"`
	ID      string      `xml:"id"`
	Title   string      `xml:"title"`
	Sub     string      `xml:"subtitle,omitempty"`
	Updated string      `xml:"updated"`
	Author  atomPerson  `xml:"author"`
	Links   []atomLink  `xml:"link"`
	Entries []atomEntry `xml:"entry"`
}

type atomPerson struct {
	Name string `xml:"name"`
}

type atomLink struct {
	Rel    string `xml:"rel,attr"`
	Type   string `xml:"type,attr,omitempty"`
	Href   string `xml:"href,attr"`
	Length int64  `xml:"length,attr,omitempty"`
}

// links are where a feed itself stands, and the hub that tells of its changes: the two
// that WebSub asks for.
func links(f site.Feed, name, kind string) []atomLink {
	out := []atomLink{{Rel: "self", Type: kind, Href: f.Base + name}}
	if f.Hub != "" {
		out = append(out, atomLink{Rel: "hub", Href: f.Hub})
	}
	return out
}

type atomEntry struct {
	ID         string         `xml:"id"`
	Title      string         `xml:"title"`
	Updated    string         `xml:"updated"`
	Published  string         `xml:"published"`
	Authors    []atomPerson   `xml:"author"`
	Links      []atomLink     `xml:"link"`
	Categories []atomCategory `xml:"category"`
	Summary    string         `xml:"summary,omitempty"`
}

type atomCategory struct {
	Term string `xml:"term,attr"`
}

// Atom writes RFC 4287.
func Atom(w io.Writer, f site.Feed) error {
	updated := f.Updated
	if updated.IsZero() {
		updated = time.Unix(0, 0).UTC() // the element is required; an empty feed was never updated
	}
	a := atomFeed{Lang: f.Lang, ID: f.Home, Title: f.Title, Sub: f.Subtitle, Updated: stamp(updated, time.RFC3339), Author: atomPerson{f.Author},
		Links: append(links(f, "atom.xml", "application/atom+xml"), atomLink{Rel: "alternate", Type: "text/html", Href: f.Home})}
	for _, e := range f.Items {
		entry := atomEntry{ID: e.ID, Title: e.Title, Updated: stamp(e.Updated, time.RFC3339), Published: stamp(e.Published, time.RFC3339), Summary: e.Summary,
			Links: []atomLink{{Rel: "alternate", Type: "text/html", Href: e.URL}}}
		for _, name := range e.Authors {
			entry.Authors = append(entry.Authors, atomPerson{name})
		}
		for _, c := range e.Categories {
			entry.Categories = append(entry.Categories, atomCategory{c})
		}
		for _, m := range e.Media {
			entry.Links = append(entry.Links, atomLink{"enclosure", m.Type, m.URL, m.Bytes})
		}
		a.Entries = append(a.Entries, entry)
	}
	return encodeXML(w, a)
}

type jsonFeed struct {
	Version     string       `json:"version"`
	Title       string       `json:"title"`
	Home        string       `json:"home_page_url"`
	Feed        string       `json:"feed_url"`
	Description string       `json:"description,omitempty"`
	Language    string       `json:"language"`
	Hubs        []jsonHub    `json:"hubs,omitempty"`
	Authors     []jsonAuthor `json:"authors,omitempty"`
	Items       []jsonItem   `json:"items"`
}

type jsonHub struct {
	Type string `json:"type"`
	URL  string `json:"url"`
}

type jsonAuthor struct {
	Name string `json:"name"`
}

type jsonItem struct {
	ID          string           `json:"id"`
	URL         string           `json:"url"`
	Title       string           `json:"title"`
	Text        string           `json:"content_text"`
	Published   string           `json:"date_published"`
	Modified    string           `json:"date_modified,omitempty"`
	Image       string           `json:"image,omitempty"`
	Authors     []jsonAuthor     `json:"authors,omitempty"`
	Tags        []string         `json:"tags,omitempty"`
	Attachments []jsonAttachment `json:"attachments,omitempty"`
}

type jsonAttachment struct {
	URL     string `json:"url"`
	Type    string `json:"mime_type"`
	Bytes   int64  `json:"size_in_bytes,omitempty"`
	Seconds int    `json:"duration_in_seconds,omitempty"`
}

// JSON writes JSON Feed 1.1.
func JSON(w io.Writer, f site.Feed) error {
	j := jsonFeed{Version: "https://jsonfeed.org/version/1.1", Title: f.Title, Home: f.Home, Feed: f.Base + "feed.json", Description: f.Subtitle,
		Language: f.Lang, Authors: []jsonAuthor{{f.Author}}, Items: []jsonItem{}}
	if f.Hub != "" {
		j.Hubs = []jsonHub{{"WebSub", f.Hub}}
	}
	for _, e := range f.Items {
		item := jsonItem{ID: e.ID, URL: e.URL, Title: e.Title, Text: e.Summary, Published: stamp(e.Published, time.RFC3339), Tags: e.Categories}
		if e.Updated.After(e.Published) {
			item.Modified = stamp(e.Updated, time.RFC3339)
		}
		if e.Image != nil {
			item.Image = e.Image.URL
		}
		for _, name := range e.Authors {
			item.Authors = append(item.Authors, jsonAuthor{name})
		}
		for _, m := range e.Media {
			item.Attachments = append(item.Attachments, jsonAttachment{m.URL, m.Type, m.Bytes, e.Seconds})
		}
		j.Items = append(j.Items, item)
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	return enc.Encode(j)
}
