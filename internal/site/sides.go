package site

import (
	"cmp"
	"fmt"
	"html"
	"slices"
	"strings"

	"pressroom/internal/content"
	"pressroom/internal/media"
)

// Side is a file that stands beside the page of an item and tells the same in another
// form. Its view is one of the types below; package feed writes them.
type Side struct {
	Path string // URL path
	View func() any
}

// ChapterTrack is the chapters of a video, for players.
type ChapterTrack struct{ Marks []ChapterMark }

// ChapterMark is one chapter: from when to when, in seconds.
type ChapterMark struct {
	Start, End float64
	Title      string
}

// Subtitles is a caption file for those whose tools read no WebVTT.
type Subtitles struct{ Cues []media.Cue }

// TranscriptText is a transcript as plain text.
type TranscriptText struct {
	Head []string // what it is, of what, where it stands
	Cues []media.Cue
}

// Dopesheet is the shotlist as agencies send it: all that a desk must know before it
// goes on air, in one plain text.
type Dopesheet struct {
	Site  *Frame
	Slug  string
	Title string
	Facts []SheetFact
	Shots []Shot
	Body  Body // the storyline
}

// SheetFact is one line of a dopesheet.
type SheetFact struct{ Name, Text string }

// Quotes is what is quoted in an article, to be taken into others.
type Quotes struct {
	Head []string // of what article, where and when it stands
	Said []Quoted
}

// Quoted is somebody's words: what, who, and where it was said.
type Quoted struct{ Words, Who, Source string }

// OEmbed describes the player for content systems: oembed.com, version 1.0, type video.
type OEmbed struct {
	Version      string `json:"version"`
	Type         string `json:"type"`
	Title        string `json:"title"`
	Author       string `json:"author_name,omitempty"`
	Provider     string `json:"provider_name"`
	ProviderURL  string `json:"provider_url"`
	Thumbnail    string `json:"thumbnail_url,omitempty"`
	ThumbnailW   int    `json:"thumbnail_width,omitempty"`
	ThumbnailH   int    `json:"thumbnail_height,omitempty"`
	HTML         string `json:"html"`
	Width        int    `json:"width"`
	Height       int    `json:"height"`
	DurationSecs int    `json:"duration,omitempty"`
}

// Sides returns the files beside the pages of all items, and the data of the indexes.
func (s *Site) Sides() (out []Side) {
	for _, ed := range s.langs {
		for _, it := range ed.news {
			if it.quotes() {
				out = append(out, Side{it.beside("quotes.txt"), func() any { return s.quotesOf(it) }})
			}
			if b := s.bundle(it); b != nil {
				out = append(out, Side{b.path, func() any { return *b }})
			}
		}
		for _, it := range ed.videos {
			out = append(out, s.sides(it)...)
		}
		out = append(out, s.finderParts(ed)...)
	}
	return out
}

func (s *Site) sides(it *item) (out []Side) {
	add := func(name string, view func() any) { out = append(out, Side{it.url + name, view}) }
	if it.plays() {
		add("oembed.json", func() any { return s.oEmbed(it) })
		if len(it.front.Chapters) > 0 {
			add("chapters.vtt", func() any { return it.chapterTrack() })
		}
	}
	if len(it.front.Shotlist) > 0 {
		add("shotlist.txt", func() any { return s.dopesheet(it) })
	}
	if b := s.bundle(it); b != nil {
		out = append(out, Side{b.path, func() any { return *b }})
	}
	for _, t := range it.tracks() {
		if it.sideOf(t) != escape(it.url) {
			continue
		}
		add("captions."+t.lang+".srt", func() any { return Subtitles{t.cues} })
		add("transcript."+t.lang+".txt", func() any { return s.wordsOf(it, t) })
	}
	return out
}

// sideOf is the page beside which the texts of a caption file stand. One that several
// languages of a page share is written once, beside the original.
func (it *item) sideOf(t track) string {
	if o := it.original; o != nil && o.video != nil {
		for _, same := range o.tracks() {
			if same.url == t.url {
				return escape(o.url)
			}
		}
	}
	return escape(it.url)
}

// beside is the path of a file beside an article, whatever form its own path has.
func (it *item) beside(name string) string {
	return strings.TrimSuffix(slashed(strings.TrimSuffix(it.url, ".html")), "/") + "/" + name
}

// quotes tells whether anybody is quoted in an article.
func (it *item) quotes() bool {
	return slices.ContainsFunc(it.doc.Holes, func(h content.Hole) bool { return h.Said != "" })
}

func (s *Site) quotesOf(it *item) Quotes {
	ed, f := it.ed, it.front
	q := Quotes{Head: []string{f.Title, joinedBy(", ", it.card.Label, f.ID, s.date(ed, f.Date).Text)}}
	if d := ed.t["delivery_"+under(f.Delivery)]; d != "" {
		q.Head = append(q.Head, d)
	}
	q.Head = append(q.Head, s.absolute(it.url))
	before, after, _ := strings.Cut(ed.t["quoted"], "%s")
	for _, h := range it.doc.Holes {
		if h.Said == "" {
			continue
		}
		words := h.Said
		if !strings.HasPrefix(words, strings.TrimSpace(before)) { // else the author has set the signs
			words = before + words + after
		}
		q.Said = append(q.Said, Quoted{words, joinedBy(", ", cmp.Or(h.Args["by"], h.Args["0"]), h.Args["role"]), h.Args["source"]})
	}
	return q
}

// plays tells whether there is an open file of the film itself.
func (it *item) plays() bool {
	if it.video == nil {
		return false
	}
	for _, r := range it.video.sources {
		if r.Version == "" {
			return true
		}
	}
	return false
}

func (it *item) chapterTrack() (out ChapterTrack) {
	f := it.front
	for i, c := range f.Chapters {
		end := c.At.At(25) + 1 // a cue must end; without a duration nobody knows when
		if f.Duration.Set {
			end = f.Duration.At(25)
		}
		if i+1 < len(f.Chapters) {
			end = f.Chapters[i+1].At.At(25)
		}
		out.Marks = append(out.Marks, ChapterMark{c.At.At(25), end, c.Title})
	}
	return out
}

func (s *Site) wordsOf(it *item, t track) TranscriptText {
	ed := it.ed
	w := TranscriptText{Head: []string{it.front.Title, it.front.ID + ", " + s.date(ed, it.front.Date).Text, ed.t["transcript"] + ", " + ed.Language(t.lang)}, Cues: t.cues}
	if note := it.provenance(); note != "" {
		w.Head = append(w.Head, note)
	}
	w.Head = append(w.Head, s.absolute(it.url))
	return w
}

func (s *Site) dopesheet(it *item) Dopesheet {
	f, ed := it.front, it.ed
	v := s.videoView(it)
	d := Dopesheet{Site: v.Site, Slug: f.Slugline, Title: f.Title, Shots: v.Shots, Body: it.body}
	fact := func(key, text string) {
		if text != "" {
			d.Facts = append(d.Facts, SheetFact{ed.t[key], text})
		}
	}
	fact("video_id", f.ID)
	fact("trt", f.Duration.Text)
	fact("source", f.Source)
	if r := v.Rights; r != nil {
		fact("restrictions", strings.Join(r.Restrictions, "; "))
		fact("credit", r.Credit)
		fact("third_party", r.ThirdParty)
		fact("music", r.Music)
		fact("terms", r.Terms)
	}
	fact("audio", strings.Join(v.Audio, ", "))
	fact("genre", v.Genre)
	if f.Clean {
		fact("graphics", ed.t["clean"])
	}
	fact("dateline", s.datelineText(it, &v))
	fact("published", v.Date.Text+" "+v.Date.Time)
	fact("link", s.absolute(it.url))
	return d
}

// none says in the page's language what editors write as "none".
func (ed *edition) none(text string) string {
	if strings.EqualFold(text, "none") {
		return ed.t["none"]
	}
	return text
}

// datelineText is where and when the pictures were taken.
func (s *Site) datelineText(it *item, v *Video) string {
	var parts []string
	if l := it.front.Location; l != nil && l.Name != "" {
		parts = append(parts, l.Name)
		if l.City != "" && !strings.Contains(l.Name, l.City) {
			parts = append(parts, l.City)
		}
		if l.Country != "" && !strings.Contains(l.Name, l.Country) {
			parts = append(parts, l.Country)
		}
	}
	when := v.Date
	if v.Recorded != nil {
		when = *v.Recorded
	}
	return strings.Join(append(parts, strings.TrimSpace(when.Text+" "+when.Time)), ", ")
}

// The frame that others give the player: 16:9, and a line for the title below it.
const embedWidth, embedHeight = 640, 404

func (s *Site) embedURL(it *item) string {
	return s.absolute(strings.TrimSuffix(it.ed.join("embed", it.front.ID), "/") + "/")
}

func (s *Site) embedCode(it *item) *EmbedCode {
	c := &EmbedCode{URL: s.embedURL(it), OEmbed: s.absolute(it.url) + "oembed.json"}
	c.Code = fmt.Sprintf(`<iframe src="%s" width="%d" height="%d" title="%s" loading="lazy" allowfullscreen allow="fullscreen; picture-in-picture"></iframe>`,
		c.URL, embedWidth, embedHeight, html.EscapeString(it.front.Title))
	return c
}

func (s *Site) oEmbed(it *item) OEmbed {
	o := OEmbed{Version: "1.0", Type: "video", Title: it.front.Title, Author: it.front.Source, Provider: it.ed.frame.Title, ProviderURL: s.absolute(it.ed.join()),
		HTML: s.embedCode(it).Code, Width: embedWidth, Height: embedHeight, DurationSecs: int(it.front.Duration.At(25))}
	if p := it.video.poster; p != nil && p.Width > 0 {
		o.Thumbnail, o.ThumbnailW, o.ThumbnailH = s.cfg.BaseURL+p.URL, p.Width, p.Height
	}
	return o
}

// embedRefs are the pages of the players alone.
func (s *Site) embedRefs(ed *edition) (refs []Ref) {
	for _, it := range ed.videos {
		if it.plays() {
			refs = append(refs, Ref{URL: ed.join("embed", it.front.ID), Layout: "embed", View: func() any { return s.embedded(it) }})
		}
	}
	return refs
}

func (s *Site) embedded(it *item) Embedded {
	p := s.itemPage(it)
	p.Crumbs, p.Languages, p.Feeds, p.JSON = nil, nil, nil, ""
	return Embedded{Page: p, Player: it.player(it.ed), Duration: it.card.Duration}
}
