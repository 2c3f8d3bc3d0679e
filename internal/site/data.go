package site

import (
	"bytes"
	"encoding/json"
	"html/template"
	"strings"
	"time"
)

// What machines read of the site: JSON-LD in the page, index.json beside it, and the
// entries of feeds, sitemaps and calendars.

// ld writes JSON-LD. encoding/json writes < as \u003c, so that no text ends the script.
func ld(v any) template.JS {
	b, err := json.Marshal(v)
	if err != nil {
		panic("site: JSON-LD: " + err.Error()) // only strings and lists of them
	}
	return template.JS(b)
}

type thing struct {
	Type string `json:"@type"`
	Name string `json:"name,omitempty"`
	URL  string `json:"url,omitempty"`
	Job  string `json:"jobTitle,omitempty"`
}

type imageObject struct {
	Type   string `json:"@type"`
	URL    string `json:"url"`
	Width  int    `json:"width,omitempty"`
	Height int    `json:"height,omitempty"`
	Credit string `json:"creditText,omitempty"`
}

// newsArticle follows schema.org/NewsArticle.
type newsArticle struct {
	Context   string       `json:"@context"`
	Type      string       `json:"@type"`
	Headline  string       `json:"headline"`
	Summary   string       `json:"description,omitempty"`
	URL       string       `json:"url"`
	Lang      string       `json:"inLanguage"`
	Published string       `json:"datePublished"`
	Modified  string       `json:"dateModified,omitempty"`
	Author    []thing      `json:"author,omitempty"`
	Publisher thing        `json:"publisher"`
	Location  *thing       `json:"contentLocation,omitempty"`
	Keywords  []string     `json:"keywords,omitempty"`
	Image     *imageObject `json:"image,omitempty"`
}

func (s *Site) articleLD(it *item, ed *edition) template.JS {
	a := newsArticle{
		Context: "https://schema.org", Type: "NewsArticle", Headline: it.front.Title, Summary: it.front.Summary, URL: s.absolute(it.url),
		Lang: ed.Lang, Published: s.iso(it.front.Date.Time), Publisher: s.publisher(ed), Image: s.imageLD(it.image),
	}
	if !it.front.Updated.IsZero() {
		a.Modified = s.iso(it.front.Updated.Time)
	}
	for _, sp := range it.speakers {
		a.Author = append(a.Author, thing{Type: "Person", Name: sp.name, URL: s.absolute(sp.url)})
	}
	if it.place != nil {
		a.Location = &thing{Type: "Place", Name: it.place.name}
	}
	for _, t := range it.topics {
		a.Keywords = append(a.Keywords, t.name)
	}
	return ld(a)
}

func (s *Site) iso(t time.Time) string { return t.In(s.cfg.Zone).Format(time.RFC3339) }

func (s *Site) publisher(ed *edition) thing {
	return thing{Type: "Organization", Name: ed.frame.Organisation.Name, URL: s.cfg.BaseURL + "/"}
}

func (s *Site) organisationLD(ed *edition) template.JS {
	return ld(struct {
		Context string `json:"@context"`
		thing
		Logo string `json:"logo,omitempty"`
	}{"https://schema.org", s.publisher(ed), s.logo()})
}

func (s *Site) logo() string {
	if s.cfg.Theme.Logo == "" {
		return ""
	}
	return s.absolute(s.cfg.Theme.Logo)
}

func (s *Site) imageLD(i *Image) *imageObject {
	if i == nil {
		return nil
	}
	return &imageObject{"ImageObject", s.cfg.BaseURL + i.URL, i.Width, i.Height, i.Credit}
}

// videoObject follows schema.org/VideoObject; contentUrl is only ever an open file.
type videoObject struct {
	Context   string   `json:"@context"`
	Type      string   `json:"@type"`
	Name      string   `json:"name"`
	Summary   string   `json:"description,omitempty"`
	URL       string   `json:"url"`
	Lang      string   `json:"inLanguage"`
	Uploaded  string   `json:"uploadDate"`
	Duration  string   `json:"duration,omitempty"`
	Thumbnail string   `json:"thumbnailUrl,omitempty"`
	Content   string   `json:"contentUrl,omitempty"`
	Format    string   `json:"encodingFormat,omitempty"`
	Publisher thing    `json:"publisher"`
	Location  *thing   `json:"contentLocation,omitempty"`
	Captions  []string `json:"caption,omitempty"`
	Parts     []clip   `json:"hasPart,omitempty"`
}

type clip struct {
	Type  string `json:"@type"`
	Name  string `json:"name"`
	Start int    `json:"startOffset"`
	End   int    `json:"endOffset,omitempty"`
	URL   string `json:"url"`
}

func (s *Site) videoLD(it *item, v *Video) template.JS {
	f := it.front
	o := videoObject{
		Context: "https://schema.org", Type: "VideoObject", Name: f.Title, Summary: f.Summary, URL: s.absolute(it.url), Lang: it.ed.Lang,
		Uploaded: s.iso(f.Date.Time), Publisher: s.publisher(it.ed), Thumbnail: v.ImageURL,
	}
	if f.Duration.Set {
		o.Duration = isoDuration(f.Duration.At(25))
	}
	if v.Player != nil {
		o.Content, o.Format = s.cfg.BaseURL+v.Player.Sources[0].URL, v.Player.Sources[0].Type
		if strings.HasPrefix(v.Player.Sources[0].URL, "https://") {
			o.Content = v.Player.Sources[0].URL
		}
	}
	if it.place != nil {
		o.Location = &thing{Type: "Place", Name: it.place.name}
	}
	for i, c := range f.Chapters {
		at, end := int(c.At.At(25)), int(f.Duration.At(25))
		if i+1 < len(f.Chapters) {
			end = int(f.Chapters[i+1].At.At(25))
		}
		o.Parts = append(o.Parts, clip{"Clip", c.Title, at, end, s.absolute(it.url) + "#t=" + whole(c.At.At(25))})
	}
	return ld(o)
}

// isoDuration writes seconds as ISO 8601 does: PT1M12S.
func isoDuration(seconds float64) string {
	d := time.Duration(seconds*1000) * time.Millisecond
	return "PT" + strings.ToUpper(strings.Replace(d.Truncate(time.Second).String(), ".", "", 1))
}

// Document is index.json: a page for machines. Its fields are a contract with those
// who read them; add, never rename.
type Document struct {
	Type         string        `json:"type"` // the layout: "article", "video", "list", …
	URL          string        `json:"url"`
	Language     string        `json:"language"`
	Title        string        `json:"title"`
	Summary      string        `json:"summary,omitempty"`
	ID           string        `json:"id,omitempty"`
	Kind         string        `json:"kind,omitempty"` // of news: "speech"; of lists: "month"
	Date         string        `json:"date,omitempty"`
	Updated      string        `json:"updated,omitempty"`
	Speakers     []Name        `json:"speakers,omitempty"`
	Location     *Name         `json:"location,omitempty"`
	Topics       []Name        `json:"topics,omitempty"`
	Image        *Picture      `json:"image,omitempty"`
	HTML         string        `json:"html,omitempty"`
	Translations []Translation `json:"translations,omitempty"`
	Videos       []ListItem    `json:"videos,omitempty"`
	Items        []ListItem    `json:"items,omitempty"`
	Corrections  []Amendment   `json:"corrections,omitempty"`
	Renditions   []Download    `json:"renditions,omitempty"`
	Newer        string        `json:"newer,omitempty"`
	Older        string        `json:"older,omitempty"`
}

// Name is a speaker, location or topic.
type Name struct {
	Name string `json:"name"`
	Role string `json:"role,omitempty"`
	URL  string `json:"url"`
}

// Picture is an image with what must be said with it.
type Picture struct {
	URL     string `json:"url"`
	Width   int    `json:"width,omitempty"`
	Height  int    `json:"height,omitempty"`
	Alt     string `json:"alt"`
	Caption string `json:"caption,omitempty"`
	Credit  string `json:"credit,omitempty"`
}

// Translation is the same document in another language.
type Translation struct {
	Language string `json:"language"`
	URL      string `json:"url"`
}

// ListItem is one item of a list.
type ListItem struct {
	Title   string `json:"title"`
	URL     string `json:"url"`
	Kind    string `json:"kind"`
	Date    string `json:"date"`
	Summary string `json:"summary,omitempty"`
}

// Amendment is one entry of the ledger of corrections.
type Amendment struct {
	At   string `json:"at"`
	Kind string `json:"kind"`
	Note string `json:"note"`
}

// Download is one file of a video.
type Download struct {
	Name    string `json:"name"`
	URL     string `json:"url"`
	Account bool   `json:"account"` // needs one
	Format  string `json:"format,omitempty"`
	Picture string `json:"picture,omitempty"`
	SHA256  string `json:"sha256,omitempty"`
}

// JSON makes the index.json of a page from its view, or nil for a page that has none.
func (s *Site) JSON(layout string, view any) ([]byte, error) {
	var d Document
	head := func(p Page) {
		d = Document{Type: layout, URL: p.Canonical, Language: p.Site.Lang, Title: p.Title, Summary: p.Summary}
		if i := p.Image; i != nil {
			d.Image = &Picture{p.ImageURL, i.Width, i.Height, i.Alt, i.Caption, i.Credit}
		}
		for _, l := range p.Languages {
			if !l.Current && !l.Missing {
				d.Translations = append(d.Translations, Translation{l.Lang, s.cfg.BaseURL + l.URL})
			}
		}
	}
	facts := func(x Dateline) {
		d.Date = x.Date.ISO
		if x.Updated != nil {
			d.Updated = x.Updated.ISO
		}
		for _, sp := range x.Speakers {
			d.Speakers = append(d.Speakers, Name{sp.Text, sp.Role, s.cfg.BaseURL + sp.URL})
		}
		if x.Place != nil {
			d.Location = &Name{Name: x.Place.Text, URL: s.cfg.BaseURL + x.Place.URL}
		}
		for _, t := range x.Topics {
			d.Topics = append(d.Topics, Name{Name: t.Text, URL: s.cfg.BaseURL + t.URL})
		}
	}
	var body Body
	switch v := view.(type) {
	case Article:
		head(v.Page)
		facts(v.Dateline)
		d.ID, d.Kind, body = v.Reference, v.Kind, v.Body
		d.Videos, d.Corrections = s.entries(v.Videos), amendments(v.Corrections)
	case Video:
		head(v.Page)
		facts(v.Dateline)
		d.ID, body = v.ID, v.Body
		d.Corrections = amendments(v.Corrections)
		for _, r := range v.Renditions {
			u := r.URL
			if strings.HasPrefix(u, "/") {
				u = s.cfg.BaseURL + u
			}
			d.Renditions = append(d.Renditions, Download{r.Name, u, r.Gated, r.Format, r.Picture, r.SHA256})
		}
	case Text:
		head(v.Page)
		body = v.Body
	case Tombstone:
		head(v.Page)
		d.Date, d.Corrections = v.Date.ISO, amendments(v.Corrections)
	case Home:
		head(v.Page)
		if v.Lead != nil {
			d.Items = s.entries([]Card{*v.Lead})
		}
		d.Items = append(d.Items, s.entries(v.News)...)
		d.Videos = s.entries(v.Videos)
	case List:
		head(v.Page)
		d.Kind = v.Kind
		for _, day := range v.Days {
			d.Items = append(d.Items, s.entries(day.Cards)...)
		}
		d.Videos = s.entries(v.Videos)
		for _, y := range v.Archive {
			for _, m := range y.Months {
				d.Items = append(d.Items, ListItem{Title: m.Text + " " + y.Text, URL: s.cfg.BaseURL + m.URL, Kind: "month"})
			}
		}
		if p := v.Pager; p != nil {
			if p.Newer != nil {
				d.Newer = s.cfg.BaseURL + p.Newer.URL
			}
			if p.Older != nil {
				d.Older = s.cfg.BaseURL + p.Older.URL
			}
		}
	case Index:
		head(v.Page)
		for _, g := range v.Groups {
			for _, e := range g.Entries {
				d.Items = append(d.Items, ListItem{Title: e.Text, URL: s.cfg.BaseURL + e.URL, Kind: v.Kind, Summary: e.Note})
			}
		}
	case Events:
		head(v.Page)
		for _, y := range v.Years {
			for _, e := range y.Events {
				d.Items = append(d.Items, ListItem{Title: e.Title, URL: s.cfg.BaseURL + e.URL, Kind: e.Status, Date: e.Start.ISO})
			}
		}
	default:
		return nil, nil
	}
	text, err := body.HTML()
	if err != nil {
		return nil, err
	}
	d.HTML = string(text)
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	err = enc.Encode(d)
	return out.Bytes(), err
}

func (s *Site) entries(cards []Card) (out []ListItem) {
	for _, c := range cards {
		out = append(out, ListItem{c.Title, s.cfg.BaseURL + c.URL, c.Kind, c.Date.ISO, c.Summary})
	}
	return out
}

func amendments(list []Correction) (out []Amendment) {
	for _, c := range list {
		out = append(out, Amendment{c.At.ISO, c.Kind, c.Note})
	}
	return out
}
