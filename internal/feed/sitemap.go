package feed

import (
	"encoding/xml"
	"io"
	"maps"
	"slices"
	"time"

	"pressroom/internal/site"
)

// Sitemaps are one index and its parts: a part per month of items, one for pages and
// lists, one for the news of the last days. One new article then changes one part.
type Sitemaps struct {
	Index []string                   // names of the parts, sorted
	Parts map[string][]site.MapEntry // by file name
}

// maxNews is how many URLs a news sitemap may hold, by Google's rule.
const maxNews = 1000

// Split sorts entries into parts.
func Split(entries []site.MapEntry) Sitemaps {
	m := Sitemaps{Parts: map[string][]site.MapEntry{}}
	var news []site.MapEntry
	for _, e := range entries {
		if e.News {
			news = append(news, e)
		}
		e.News = false
		name := "sitemap-" + e.Part + ".xml"
		m.Parts[name] = append(m.Parts[name], e)
	}
	// The newest of all languages, not all of the first one.
	slices.SortStableFunc(news, func(a, b site.MapEntry) int { return b.Published.Compare(a.Published) })
	if len(news) > 0 {
		m.Parts["sitemap-news.xml"] = news[:min(len(news), maxNews)]
	}
	m.Index = slices.Sorted(maps.Keys(m.Parts))
	return m
}

type sitemapIndex struct {
	XMLName xml.Name     `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 sitemapindex"`
	Parts   []sitemapRef `xml:"sitemap"`
}

type sitemapRef struct {
	Loc string `xml:"loc"`
}

// WriteIndex writes sitemap.xml.
func (m Sitemaps) WriteIndex(w io.Writer, baseURL string) error {
	var x sitemapIndex
	for _, name := range m.Index {
		x.Parts = append(x.Parts, sitemapRef{baseURL + "/" + name})
	}
	return encodeXML(w, x)
}

type urlset struct {
	XMLName xml.Name     `xml:"urlset"`
	NS      string       `xml:"xmlns,attr"`
	XHTML   string       `xml:"xmlns:xhtml,attr,omitempty"`
	News    string       `xml:"xmlns:news,attr,omitempty"`
	Video   string       `xml:"xmlns:video,attr,omitempty"`
	URLs    []sitemapURL `xml:"url"`
}

type sitemapURL struct {
	Loc        string      `xml:"loc"`
	Modified   string      `xml:"lastmod,omitempty"`
	Alternates []xhtmlLink `xml:"xhtml:link"`
	News       *newsEntry  `xml:"news:news"`
	Video      *videoEntry `xml:"video:video"`
}

type xhtmlLink struct {
	Rel  string `xml:"rel,attr"`
	Lang string `xml:"hreflang,attr"`
	Href string `xml:"href,attr"`
}

type newsEntry struct {
	Publication struct {
		Name string `xml:"news:name"`
		Lang string `xml:"news:language"`
	} `xml:"news:publication"`
	Date  string `xml:"news:publication_date"`
	Title string `xml:"news:title"`
}

type videoEntry struct {
	Thumbnail   string `xml:"video:thumbnail_loc"`
	Title       string `xml:"video:title"`
	Description string `xml:"video:description"`
	Content     string `xml:"video:content_loc"`
	Duration    int    `xml:"video:duration,omitempty"`
	Expires     string `xml:"video:expiration_date,omitempty"`
	Published   string `xml:"video:publication_date"`
}

// duration leaves out what Google would refuse: more than eight hours.
func duration(seconds int) int {
	if seconds > 28800 {
		return 0
	}
	return seconds
}

// maxVideoText is Google's limit for a description, in characters.
const maxVideoText = 2048

// WritePart writes one part. name is the institution's, for the news extension.
func (m Sitemaps) WritePart(w io.Writer, part, name string) error {
	set := urlset{NS: "http://www.sitemaps.org/schemas/sitemap/0.9"}
	for _, e := range m.Parts[part] {
		u := sitemapURL{Loc: e.URL, Modified: stamp(e.Modified, time.RFC3339)}
		if len(e.Alternates) > 0 {
			set.XHTML = "http://www.w3.org/1999/xhtml"
			for _, a := range e.Alternates {
				u.Alternates = append(u.Alternates, xhtmlLink{"alternate", a.Language, a.URL})
			}
		}
		if e.News {
			set.News = "http://www.google.com/schemas/sitemap-news/0.9"
			u.News = &newsEntry{Date: stamp(e.Published, time.RFC3339), Title: e.Title}
			u.News.Publication.Name, u.News.Publication.Lang = name, e.Lang
		}
		if v := e.Video; v != nil && len(v.Media) > 0 && v.Image != nil {
			set.Video = "http://www.google.com/schemas/sitemap-video/1.1"
			text := []rune(v.Summary)
			if len(text) == 0 {
				text = []rune(v.Title)
			}
			u.Video = &videoEntry{v.Image.URL, v.Title, string(text[:min(len(text), maxVideoText)]), v.Media[0].URL, duration(v.Seconds), stamp(e.Expires, time.RFC3339), stamp(v.Published, time.RFC3339)}
		}
		set.URLs = append(set.URLs, u)
	}
	return encodeXML(w, set)
}
