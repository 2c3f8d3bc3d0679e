package site

import (
	"bytes"
	"encoding/json"
	"html"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// The schemas of what machines read, by name. They lie in static/schemas/, where
// readers of the data find them; a change that would break a reader gets a new number.
const (
	pageSchema    = "page-1.json"
	changesSchema = "changes-1.json"
)

// Document is index.json: a page for machines. Its fields are a contract with those
// who read them; add, never rename, and tell static/schemas/page-1.json. A field that
// is not there is a thing that the page does not have. Every address is whole, every
// date has its offset.
type Document struct {
	Schema       string        `json:"$schema"`
	Type         string        `json:"type"` // the layout: "article", "video", "list", …
	URL          string        `json:"url"`
	Language     string        `json:"language"`
	Title        string        `json:"title"`
	Summary      string        `json:"summary,omitempty"`
	ID           string        `json:"id,omitempty"`
	Kind         string        `json:"kind,omitempty"`   // of news: "speech"; of videos: "b-roll"; of lists: "month"
	Status       string        `json:"status,omitempty"` // "withdrawn", or nothing
	Date         string        `json:"date,omitempty"`
	Updated      string        `json:"updated,omitempty"`
	Embargo      string        `json:"embargo,omitempty"` // until when it was held
	Expires      string        `json:"expires,omitempty"`
	Recorded     string        `json:"recorded,omitempty"`
	Delivery     string        `json:"delivery,omitempty"`
	Speakers     []Name        `json:"speakers,omitempty"`
	Location     *Name         `json:"location,omitempty"`
	Topics       []Name        `json:"topics,omitempty"`
	Image        *Picture      `json:"image,omitempty"`
	Photos       []Photograph  `json:"photos,omitempty"`
	Album        string        `json:"album,omitempty"` // of an article: where all its photos are
	Files        []FileLink    `json:"files,omitempty"` // to take away: the quotes as text, all photos or stills in one
	HTML         string        `json:"html,omitempty"`
	Text         string        `json:"text,omitempty"` // the same without marks, a line a paragraph
	Event        *Happening    `json:"event,omitempty"`
	Translations []Translation `json:"translations,omitempty"`
	Videos       []ListItem    `json:"videos,omitempty"`
	Related      []ListItem    `json:"related,omitempty"`
	ShownIn      []ListItem    `json:"shownIn,omitempty"` // the articles that show this video
	Items        []ListItem    `json:"items,omitempty"`
	Corrections  []Amendment   `json:"corrections,omitempty"`
	Contacts     []Desk        `json:"contacts,omitempty"`
	Rights       *Terms        `json:"rights,omitempty"`
	Seconds      float64       `json:"seconds,omitempty"` // how long a video is
	Slugline     string        `json:"slugline,omitempty"`
	Source       string        `json:"source,omitempty"`
	Clean        bool          `json:"clean,omitempty"` // no graphics, no commentary
	Chapters     []Mark        `json:"chapters,omitempty"`
	Shots        []ShotRow     `json:"shots,omitempty"`
	Captions     []CaptionFile `json:"captions,omitempty"`
	Transcripts  []Words       `json:"transcripts,omitempty"`
	Renditions   []Download    `json:"renditions,omitempty"`
	Newest       string        `json:"newest,omitempty"` // of a list that grows: the JSON Feed that has its newest items
	Newer        string        `json:"newer,omitempty"`
	Older        string        `json:"older,omitempty"`
	Ninjs        string        `json:"ninjs,omitempty"` // the item in the form of news agencies
}

// Name is a speaker, location or topic.
type Name struct {
	Name         string `json:"name"`
	Role         string `json:"role,omitempty"`
	Organisation string `json:"organisation,omitempty"`
	Country      string `json:"country,omitempty"`
	Geo          string `json:"geo,omitempty"` // "52.08,4.28"
	URL          string `json:"url"`
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

// Photograph is a photo with its files.
type Photograph struct {
	Picture
	Date   string      `json:"date,omitempty"`
	Place  string      `json:"place,omitempty"`
	People []string    `json:"people,omitempty"`
	Files  []PhotoSize `json:"files,omitempty"`
}

// PhotoSize is one size of a photo.
type PhotoSize struct {
	Kind string `json:"kind"` // "web" or "print"
	URL  string `json:"url"`
	Size string `json:"size,omitempty"`
}

// FileLink is a file that goes with a page.
type FileLink struct {
	Title string `json:"title"`
	URL   string `json:"url"`
	Size  string `json:"size,omitempty"` // "1.2 MB"
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
	Date    string `json:"date,omitempty"`
	Summary string `json:"summary,omitempty"`
}

// Amendment is one entry of the ledger of corrections.
type Amendment struct {
	At   string `json:"at"`
	Kind string `json:"kind"`
	Note string `json:"note"`
}

// Happening is the event that an item announces.
type Happening struct {
	Title         string `json:"title"`
	Start         string `json:"start"`
	End           string `json:"end,omitempty"`
	Previous      string `json:"previous,omitempty"` // when it was to start, of one that was moved
	Place         string `json:"place,omitempty"`
	Status        string `json:"status"` // "scheduled", "moved" or "cancelled"
	Accreditation string `json:"accreditation,omitempty"`
}

// Terms says what may be done with the material.
type Terms struct {
	Credit       string   `json:"credit,omitempty"`
	Terms        string   `json:"terms,omitempty"`
	Restrictions []string `json:"restrictions,omitempty"`
	ThirdParty   string   `json:"thirdParty,omitempty"`
	Music        string   `json:"music,omitempty"`
}

// Desk answers questions about an item.
type Desk struct {
	Name  string `json:"name"`
	Role  string `json:"role,omitempty"`
	Email string `json:"email,omitempty"`
	Phone string `json:"phone,omitempty"`
}

// Mark is a chapter of a video.
type Mark struct {
	Title string  `json:"title"`
	Start float64 `json:"start"` // seconds
	URL   string  `json:"url"`   // plays from there
}

// ShotRow is one row of the shotlist.
type ShotRow struct {
	In           string   `json:"in"` // "00:00:14:00"
	Duration     string   `json:"duration"`
	Start        float64  `json:"start"` // seconds
	Size         string   `json:"size,omitempty"`
	Text         string   `json:"text,omitempty"`
	NaturalSound bool     `json:"naturalSound,omitempty"`
	Soundbite    *Quote   `json:"soundbite,omitempty"`
	Restrictions []string `json:"restrictions,omitempty"`
}

// Quote is a person's words in a shot.
type Quote struct {
	Speaker      string `json:"speaker"`
	Role         string `json:"role,omitempty"`
	Organisation string `json:"organisation,omitempty"`
	Language     string `json:"language,omitempty"`
	Verbatim     string `json:"verbatim"`
	Translation  string `json:"translation,omitempty"` // into the page's language
}

// CaptionFile is a file of captions.
type CaptionFile struct {
	Language string `json:"language"`
	URL      string `json:"url"`
	Type     string `json:"type"`
}

// Words are what is said in a video, in one language.
type Words struct {
	Language string    `json:"language"`
	Note     string    `json:"note,omitempty"` // where the words come from
	Cues     []CueLine `json:"cues"`
}

// CueLine is one caption.
type CueLine struct {
	Start   float64 `json:"start"` // seconds
	End     float64 `json:"end"`
	Speaker string  `json:"speaker,omitempty"`
	Text    string  `json:"text"`
}

// Download is one file of a video.
type Download struct {
	Name      string   `json:"name"`
	URL       string   `json:"url"`
	Account   bool     `json:"account"` // needs one
	Format    string   `json:"format,omitempty"`
	Picture   string   `json:"picture,omitempty"`
	Type      string   `json:"type,omitempty"` // media type
	Codec     string   `json:"codec,omitempty"`
	Width     int      `json:"width,omitempty"`
	Height    int      `json:"height,omitempty"`
	FrameRate float64  `json:"frameRate,omitempty"`
	Scan      string   `json:"scan,omitempty"`
	Bitrate   string   `json:"bitrate,omitempty"`
	Bytes     int64    `json:"bytes,omitempty"`
	SHA256    string   `json:"sha256,omitempty"`
	Audio     []string `json:"audio,omitempty"`
}

// JSON makes the index.json of a page from its view.
func (s *Site) JSON(layout string, view any) ([]byte, error) {
	d := Document{Schema: s.schema(pageSchema), Type: layout}
	s.head(&d, headOf(view))
	var body Body
	switch v := view.(type) {
	case Article:
		body = v.Body
		s.articleData(&d, v)
	case Album:
		s.facts(&d, v.Dateline, v.Rights, nil, nil, nil)
		d.Photos = s.photographs(v.Photos)
		if v.Zip != nil {
			d.Files = s.fileLinks(*v.Zip)
		}
	case Video:
		body = v.Body
		s.videoData(&d, v)
	case Text:
		body = v.Body
	case Tombstone:
		d.Status, d.Date, d.Corrections, d.Ninjs = "withdrawn", v.Date.ISO, amendments(v.Corrections), s.ninjsURL(v.Page)
	case Home:
		body = v.Body
		d.Newest = s.newest(v.Page)
	case List:
		body = v.Body
		s.listData(&d, v)
	case Index:
		body, d.Kind = v.Body, v.Kind
		for _, g := range v.Groups {
			for _, e := range g.Entries {
				d.Items = append(d.Items, ListItem{Title: e.Text, URL: s.whole(e.URL), Kind: v.Kind, Summary: e.Note})
			}
		}
	case Events:
		body = v.Body
		for _, e := range append(slices.Clip(v.Coming), v.Past...) {
			d.Items = append(d.Items, ListItem{Title: e.Title, URL: s.whole(e.URL), Kind: e.Status, Date: e.Start.ISO})
		}
	case Ledger:
		body = v.Body
		for _, e := range v.Entries {
			d.Items = append(d.Items, ListItem{Title: e.Item.Text, URL: s.whole(e.Item.URL), Kind: e.Kind, Date: e.At.ISO, Summary: e.Note})
		}
		s.pagerData(&d, v.Pager)
	case Contacts:
		body = v.Body
		for _, g := range v.Groups {
			d.Contacts = append(d.Contacts, desks(g.Contacts)...)
		}
	case Feeds:
		body = v.Body
	case Statement:
		body = v.Body
	}
	text, err := body.HTML()
	if err != nil {
		return nil, err
	}
	d.HTML, d.Text = string(text), plain(string(text))
	return encode(d)
}

func (s *Site) schema(name string) string { return s.cfg.BaseURL + "/schemas/" + name }

// encode writes JSON as people read it: a < stays one.
func encode(v any) ([]byte, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return out.Bytes(), err
}

// headOf is the head that every view of a page has.
func headOf(view any) Page {
	if f := reflect.ValueOf(view).FieldByName("Page"); f.IsValid() {
		if p, ok := f.Interface().(Page); ok {
			return p
		}
	}
	return Page{}
}

func (s *Site) head(d *Document, p Page) {
	d.URL, d.Title, d.Summary = p.Canonical, p.Title, p.Summary
	if p.Site != nil {
		d.Language = p.Site.Lang
	}
	if i := p.Image; i != nil {
		d.Image = s.pictureData(*i)
	}
	for _, l := range p.Languages {
		if !l.Current && !l.Missing {
			d.Translations = append(d.Translations, Translation{l.Lang, s.whole(l.URL)})
		}
	}
}

func (s *Site) pictureData(i Image) *Picture {
	return &Picture{s.whole(i.URL), i.Width, i.Height, i.Alt, i.Caption, i.Credit}
}

// facts are what articles and videos have in common.
func (s *Site) facts(d *Document, x Dateline, r *Rights, contacts []Contact, c []Correction, related []Card) {
	d.Date, d.Updated, d.Embargo, d.Expires = x.Date.ISO, iso(x.Updated), iso(x.Embargo), iso(x.Expires)
	for _, sp := range x.Speakers {
		d.Speakers = append(d.Speakers, Name{Name: sp.Text, Role: sp.Role, Organisation: sp.Organisation, URL: s.whole(sp.URL)})
	}
	if p := x.Place; p != nil {
		d.Location = &Name{Name: p.Text, Country: p.Country, Geo: p.Geo, URL: s.whole(p.URL)}
	}
	for _, t := range x.Topics {
		d.Topics = append(d.Topics, Name{Name: t.Text, URL: s.whole(t.URL)})
	}
	if r != nil {
		d.Rights = &Terms{r.Credit, r.Terms, r.Restrictions, r.ThirdParty, r.Music}
	}
	d.Contacts = desks(contacts)
	d.Corrections, d.Related = amendments(c), s.entries(related)
}

func iso(d *Date) string {
	if d == nil {
		return ""
	}
	return d.ISO
}

func (s *Site) articleData(d *Document, v Article) {
	s.facts(d, v.Dateline, v.Rights, v.Contacts, v.Corrections, v.Related)
	d.ID, d.Kind, d.Delivery, d.Ninjs = v.Reference, v.Kind, v.Delivery, s.ninjsURL(v.Page)
	d.Videos = s.entries(v.Videos)
	d.Photos, d.Files = s.photographs(v.Photos), s.fileLinks(v.Files...)
	if v.Album != nil {
		d.Album = s.whole(v.Album.URL)
	}
	if e := v.Event; e != nil {
		d.Event = &Happening{e.Title, e.Start.ISO, iso(e.End), iso(e.Previous), e.Place, e.Status, e.Accreditation}
	}
}

func (s *Site) fileLinks(files ...Entry) (out []FileLink) {
	for _, f := range files {
		out = append(out, FileLink{f.Text, s.whole(f.URL), f.Note})
	}
	return out
}

func (s *Site) videoData(d *Document, v Video) {
	s.facts(d, v.Dateline, v.Rights, v.Contacts, v.Corrections, nil)
	d.ID, d.Kind, d.Recorded, d.Seconds, d.Slugline, d.Source, d.Clean = v.ID, v.Kind, iso(v.Recorded), v.Seconds, v.Slugline, v.Source, v.Clean
	d.ShownIn, d.Ninjs = s.entries(v.News), s.ninjsURL(v.Page)
	d.Photos = s.photographs(v.Stills)
	if v.Zip != nil {
		d.Files = s.fileLinks(*v.Zip)
	}
	for _, c := range v.Chapters {
		d.Chapters = append(d.Chapters, Mark{c.Title, number(c.Seconds), v.Canonical + "?t=" + c.Seconds})
	}
	for _, x := range v.Shots {
		row := ShotRow{x.In, x.Duration, number(x.Seconds), x.Size, x.Text, x.NatSound, nil, x.Restrictions}
		if b := x.Soundbite; b != nil {
			row.Soundbite = &Quote{b.Speaker, b.Role, b.Organisation, b.Lang, b.Verbatim, b.Translation}
		}
		d.Shots = append(d.Shots, row)
	}
	for _, t := range v.Transcript {
		w := Words{Language: t.Lang, Note: t.Note, Cues: []CueLine{}}
		for _, c := range t.Cues {
			w.Cues = append(w.Cues, CueLine{c.Start, c.End, c.Name, c.Text})
		}
		d.Transcripts = append(d.Transcripts, w)
	}
	for i, c := range v.Captions {
		if i < len(v.Transcript) {
			d.Captions = append(d.Captions, CaptionFile{v.Transcript[i].Lang, s.whole(c.URL), "text/vtt"})
		}
	}
	for _, r := range v.Renditions {
		f := r.File
		d.Renditions = append(d.Renditions, Download{
			Name: r.Name, URL: s.whole(r.URL), Account: r.Gated, Format: r.Format, Picture: r.Picture, Type: f.Type, Codec: f.Codec, Width: f.Width, Height: f.Height,
			FrameRate: f.FPS, Scan: f.Scan, Bitrate: r.Bitrate, Bytes: f.Bytes, SHA256: r.SHA256, Audio: r.Audio,
		})
	}
}

func (s *Site) listData(d *Document, v List) {
	d.Kind = v.Kind
	if v.grows() {
		d.Newest = s.newest(v.Page)
	} else {
		for _, day := range v.Days {
			d.Items = append(d.Items, s.entries(day.Cards)...)
		}
		d.Videos = s.entries(v.Videos)
	}
	d.Items = append(d.Items, s.entries(v.Albums)...)
	for _, y := range v.Archive {
		for _, m := range y.Months {
			d.Items = append(d.Items, ListItem{Title: m.Text + " " + y.Text, URL: s.whole(m.URL), Kind: "month"})
		}
	}
	s.pagerData(d, v.Pager)
}

func (s *Site) pagerData(d *Document, p *Pager) {
	if p == nil {
		return
	}
	if p.Newer != nil {
		d.Newer = s.whole(p.Newer.URL)
	}
	if p.Older != nil {
		d.Older = s.whole(p.Older.URL)
	}
}

func desks(contacts []Contact) (out []Desk) {
	for _, k := range contacts {
		out = append(out, Desk{k.Name, k.Role, k.Email, k.Phone})
	}
	return out
}

// grows tells the head of a list to which every new item comes. Its feed has the newest
// items already; a second copy beside the page would change with each of them.
func (l List) grows() bool {
	return l.Kind != "month" && l.Kind != "year" && (l.Pager == nil || l.Pager.Newer == nil)
}

// newest is the JSON Feed of a page.
func (s *Site) newest(p Page) string {
	for _, f := range p.Feeds {
		if f.Type == "application/feed+json" {
			return s.whole(f.URL)
		}
	}
	return ""
}

// number reads seconds as the views print them.
func number(seconds string) float64 {
	n, _ := strconv.ParseFloat(seconds, 64)
	return n
}

func (s *Site) entries(cards []Card) (out []ListItem) {
	for _, c := range cards {
		out = append(out, ListItem{c.Title, s.whole(c.URL), c.Kind, c.Date.ISO, c.Summary})
	}
	return out
}

func (s *Site) photographs(list []Photo) (out []Photograph) {
	for _, p := range list {
		x := Photograph{Picture: *s.pictureData(p.Image), Place: p.Place, People: p.People}
		if p.Date != nil {
			x.Date = p.Date.ISO
		}
		for _, f := range p.Files {
			x.Files = append(x.Files, PhotoSize{f.Kind, s.cfg.BaseURL + f.URL, f.Size})
		}
		out = append(out, x)
	}
	return out
}

func amendments(list []Correction) (out []Amendment) {
	for _, c := range list {
		out = append(out, Amendment{c.At.ISO, c.Kind, c.Note})
	}
	return out
}

// inside are the elements that stand inside a line of text; where another one ends, a
// line does.
var inside = map[string]bool{
	"a": true, "abbr": true, "b": true, "bdi": true, "cite": true, "code": true, "del": true, "em": true, "i": true, "img": true, "ins": true, "kbd": true,
	"mark": true, "q": true, "s": true, "small": true, "span": true, "strong": true, "sub": true, "sup": true, "time": true, "u": true,
}

// plain is the text of HTML that we made ourselves: a line a paragraph, heading, item
// or cell, no marks, one blank between words. It goes once through the text, because it
// is asked for with every page.
func plain(markup string) string {
	out := make([]byte, 0, len(markup))
	between := byte(0) // what comes before the next letter: nothing, a blank or a new line
	for i := 0; i < len(markup); i++ {
		switch c := markup[i]; c {
		case '<':
			end := strings.IndexByte(markup[i:], '>')
			if end < 0 {
				return string(out)
			}
			if !inside[tagName(markup[i+1:i+end])] {
				between = '\n'
			}
			i += end
		case ' ', '\t', '\n', '\r':
			if between == 0 {
				between = ' '
			}
		default:
			if between != 0 && len(out) > 0 {
				out = append(out, between)
			}
			between = 0
			if c == '&' {
				if end := strings.IndexByte(markup[i:min(i+longestReference, len(markup))], ';'); end > 0 {
					out = append(out, html.UnescapeString(markup[i:i+end+1])...)
					i += end
					continue
				}
			}
			out = append(out, c)
		}
	}
	return string(out)
}

// longestReference is that of a character: &CounterClockwiseContourIntegral;
const longestReference = 33

// tagName is the name in "p class=x", "/p" and "br /".
func tagName(tag string) string {
	tag = strings.TrimPrefix(tag, "/")
	if i := strings.IndexAny(tag, " /\n"); i >= 0 {
		tag = tag[:i]
	}
	return tag
}
