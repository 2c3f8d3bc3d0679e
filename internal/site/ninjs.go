package site

import (
	"fmt"
	"strings"

	"pressroom/internal/media"
)

// ninjs is the IPTC's "news in JSON", which agencies and their systems read. What of an
// item has no place in version 3.1, as shots and checksums, stands in index.json: the
// schema of IPTC refuses every field that it does not know.

const (
	ninjsVersion = "3.1"
	ninjsSchema  = "http://www.iptc.org/std/ninjs/ninjs-schema_3.1.json#"
)

type ninjs struct {
	URI            string             `json:"uri"`
	Type           string             `json:"type"`
	Standard       ninjsStandard      `json:"standard"`
	Representation string             `json:"representationType"`
	FirstCreated   string             `json:"firstCreated"`
	VersionCreated string             `json:"versionCreated"`
	ContentCreated string             `json:"contentCreated,omitempty"`
	EmbargoedUntil string             `json:"embargoedUntil,omitempty"`
	Expires        string             `json:"expires,omitempty"`
	Status         string             `json:"pubStatus"`
	Language       string             `json:"language"`
	Title          string             `json:"title"`
	By             string             `json:"by,omitempty"`
	Slugline       string             `json:"slugline,omitempty"`
	Located        string             `json:"located,omitempty"`
	Holder         string             `json:"copyrightHolder,omitempty"`
	Usage          string             `json:"usageTerms,omitempty"`
	EdNote         string             `json:"edNote,omitempty"`
	Headlines      []ninjsText        `json:"headlines"`
	Descriptions   []ninjsText        `json:"descriptions,omitempty"`
	Bodies         []ninjsText        `json:"bodies,omitempty"`
	People         []ninjsName        `json:"people,omitempty"`
	Organisations  []ninjsName        `json:"organisations,omitempty"`
	Places         []ninjsName        `json:"places,omitempty"`
	Subjects       []ninjsName        `json:"subjects,omitempty"`
	Events         []ninjsName        `json:"events,omitempty"`
	EventDetails   *ninjsEvent        `json:"eventDetails,omitempty"`
	Genres         []ninjsGenre       `json:"genres,omitempty"`
	InfoSources    []ninjsName        `json:"infoSources,omitempty"`
	AltIDs         []ninjsID          `json:"altIds,omitempty"`
	Renditions     []ninjsRendition   `json:"renditions,omitempty"`
	Associations   []ninjsAssociation `json:"associations,omitempty"`
}

type ninjsStandard struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Schema  string `json:"schema"`
}

type ninjsText struct {
	Role  string `json:"role,omitempty"`
	Type  string `json:"contentType,omitempty"`
	Value string `json:"value"`
}

type ninjsName struct {
	Name string `json:"name"`
	Rel  string `json:"rel,omitempty"`
	Role string `json:"role,omitempty"` // of sources
	URI  string `json:"uri,omitempty"`
}

type ninjsGenre struct {
	Name    string `json:"name"`
	Literal string `json:"literal"`
}

type ninjsID struct {
	Role  string `json:"role"`
	Value string `json:"value"`
}

type ninjsEvent struct {
	Dates ninjsDates `json:"dates"`
}

type ninjsDates struct {
	Start string `json:"startDate"`
	End   string `json:"endDate,omitempty"`
}

type ninjsRendition struct {
	Name     string  `json:"name"`
	URL      string  `json:"href"`
	Type     string  `json:"contentType,omitempty"`
	Title    string  `json:"title,omitempty"`
	Width    int     `json:"width,omitempty"`
	Height   int     `json:"height,omitempty"`
	Bytes    int64   `json:"sizeInBytes,omitempty"`
	Duration float64 `json:"duration,omitempty"`
	Format   string  `json:"format,omitempty"`
	Codec    string  `json:"videoCodec,omitempty"`
	FPS      float64 `json:"frameRate,omitempty"`
	Scan     string  `json:"scanType,omitempty"`
	Bitrate  string  `json:"bitrate,omitempty"`
}

type ninjsAssociation struct {
	Name         string           `json:"name"`
	URI          string           `json:"uri"`
	Type         string           `json:"type"`
	Rel          string           `json:"rel,omitempty"`
	By           string           `json:"by,omitempty"`
	Headlines    []ninjsText      `json:"headlines,omitempty"`
	Descriptions []ninjsText      `json:"descriptions,omitempty"`
	Renditions   []ninjsRendition `json:"renditions,omitempty"`
}

// NinjsPath is the path of the ninjs of the page at u.
func NinjsPath(u string) string {
	if strings.HasSuffix(u, "/") {
		return u + "ninjs.json"
	}
	return strings.TrimSuffix(u, ".html") + ".ninjs.json"
}

// ninjsURL is where the ninjs of an item stands: nowhere while the item is held, even
// when it was asked for, because this is the file that other newsrooms take from us.
func (s *Site) ninjsURL(p Page) string {
	if p.Preview != nil {
		return ""
	}
	return NinjsPath(p.Canonical)
}

// Ninjs makes the ninjs of an item from its view.
func (s *Site) Ninjs(view any) ([]byte, error) {
	p := headOf(view)
	n := ninjs{
		URI: p.Canonical, Type: "text", Standard: ninjsStandard{"ninjs", ninjsVersion, ninjsSchema}, Representation: "full", Status: "usable",
		Language: p.Site.Lang, Title: p.Title, Headlines: []ninjsText{{"main", "text/plain", p.Title}},
		By: p.Site.Organisation.Name, Organisations: []ninjsName{{Name: p.Site.Organisation.Name, Rel: "publisher", URI: s.cfg.BaseURL + "/"}},
	}
	if p.Summary != "" {
		n.Descriptions = []ninjsText{{"summary", "text/plain", p.Summary}}
	}
	if i := p.Image; i != nil {
		n.Associations = append(n.Associations, s.ninjsPicture("main picture", *i))
	}
	var err error
	switch v := view.(type) {
	case Article:
		err = s.ninjsArticle(&n, v)
	case Video:
		err = s.ninjsVideo(&n, v)
	case Tombstone:
		n.Status, n.FirstCreated, n.VersionCreated, n.EdNote = "canceled", v.Date.ISO, v.Date.ISO, notes(v.Corrections)
		if p.Modified != nil {
			n.VersionCreated = p.Modified.ISO
		}
	default:
		err = fmt.Errorf("%T is no item", view)
	}
	if err != nil {
		return nil, err
	}
	return encode(n)
}

// HasNinjs tells whether the page is an item that other newsrooms may take: not a list,
// and not one that is held and shown only because it was asked for.
func (r Ref) HasNinjs() bool {
	return !r.held && (r.Layout == "article" || r.Layout == "video" || r.Layout == "withdrawn")
}

func (s *Site) ninjsFacts(n *ninjs, x Dateline, r *Rights, c []Correction) {
	n.FirstCreated, n.VersionCreated, n.EmbargoedUntil, n.Expires, n.EdNote = x.Date.ISO, x.Date.ISO, iso(x.Embargo), iso(x.Expires), notes(c)
	if x.Updated != nil {
		n.VersionCreated = x.Updated.ISO
	}
	for _, sp := range x.Speakers {
		n.People = append(n.People, ninjsName{Name: sp.Text, Rel: "speaker", URI: s.whole(sp.URL)})
	}
	if x.Place != nil {
		n.Located = x.Place.Text
		n.Places = []ninjsName{{Name: x.Place.Text, Rel: "located", URI: s.whole(x.Place.URL)}}
	}
	for _, t := range x.Topics {
		n.Subjects = append(n.Subjects, ninjsName{Name: t.Text, Rel: "about", URI: s.whole(t.URL)})
	}
	if r != nil {
		n.Holder = r.Credit
		lines := append([]string{r.Terms}, r.Restrictions...)
		for _, more := range []string{r.ThirdParty, r.Music} {
			if more != "none" {
				lines = append(lines, more)
			}
		}
		n.Usage = joined(lines)
	}
}

func (s *Site) ninjsArticle(n *ninjs, v Article) error {
	s.ninjsFacts(n, v.Dateline, v.Rights, v.Corrections)
	n.Genres = []ninjsGenre{{v.Label, v.Kind}}
	if v.Reference != "" {
		n.AltIDs = []ninjsID{{"reference", v.Reference}}
	}
	if err := n.text("main", v.Body); err != nil {
		return err
	}
	if e := v.Event; e != nil {
		n.Events = []ninjsName{{Name: e.Title, Rel: "announces"}}
		n.EventDetails = &ninjsEvent{ninjsDates{e.Start.ISO, iso(e.End)}}
		if e.Status != "scheduled" {
			n.EdNote = joined([]string{v.Site.T["event_"+e.Status], n.EdNote})
		}
	}
	for i, p := range v.Photos {
		n.Associations = append(n.Associations, s.ninjsPicture(fmt.Sprintf("photo %d", i+1), p.Image))
	}
	for i, c := range v.Videos {
		n.Associations = append(n.Associations, ninjsAssociation{Name: fmt.Sprintf("video %d", i+1), URI: s.whole(c.URL), Type: "video", Rel: "illustrates",
			Headlines: []ninjsText{{"main", "text/plain", c.Title}}})
	}
	return nil
}

func (s *Site) ninjsVideo(n *ninjs, v Video) error {
	s.ninjsFacts(n, v.Dateline, v.Rights, v.Corrections)
	n.Type, n.Slugline, n.ContentCreated, n.AltIDs = "video", v.Slugline, iso(v.Recorded), []ninjsID{{"video", v.ID}}
	if v.Genre != "" {
		n.Genres = []ninjsGenre{{v.Genre, v.Kind}}
	}
	if v.Source != "" {
		n.InfoSources = []ninjsName{{Name: v.Source, Role: "producer"}}
	}
	if err := n.text("storyline", v.Body); err != nil {
		return err
	}
	n.add("shotlist", "text/plain", dopesheet(v.Shots))
	for _, t := range v.Transcript {
		role := "transcript"
		if t.Lang != v.Site.Lang {
			role += "-" + t.Lang // a body has no language of its own
		}
		n.add(role, "text/plain", t.text())
	}
	for _, r := range v.Renditions {
		f := r.File
		n.Renditions = append(n.Renditions, ninjsRendition{r.Name, s.whole(r.URL), f.Type, r.Purpose, f.Width, f.Height, f.Bytes, v.Seconds, f.Container, f.Codec, f.FPS, f.Scan, r.Bitrate})
	}
	return nil
}

// text adds the item's text as HTML.
func (n *ninjs) text(role string, b Body) error {
	text, err := b.HTML()
	if err == nil {
		n.add(role, "text/html", string(text))
	}
	return err
}

func (n *ninjs) add(role, kind, value string) {
	if value != "" {
		n.Bodies = append(n.Bodies, ninjsText{role, kind, value})
	}
}

// dopesheet is the shotlist as desks know it: a line a shot.
func dopesheet(shots []Shot) string {
	var b strings.Builder
	for i, x := range shots {
		fmt.Fprintf(&b, "%d. %s", i+1, x.In)
		for _, part := range []string{x.Duration, x.Size, x.Text} {
			if part != "" {
				b.WriteString(" · " + part)
			}
		}
		if q := x.Soundbite; q != nil {
			fmt.Fprintf(&b, " · SOUNDBITE (%s) %s: %q", q.Language, joinedBy(", ", q.Speaker, q.Role, q.Organisation), q.Verbatim)
		}
		for _, r := range x.Restrictions {
			b.WriteString(" · " + r)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func (s *Site) ninjsPicture(name string, i Image) ninjsAssociation {
	a := ninjsAssociation{Name: name, URI: s.whole(i.URL), Type: "picture", Rel: "illustrates", By: i.Credit,
		Renditions: []ninjsRendition{{Name: "main", URL: s.whole(i.URL), Type: media.Type(i.URL), Width: i.Width, Height: i.Height}}}
	for _, t := range []ninjsText{{"caption", "text/plain", i.Caption}, {"alt", "text/plain", i.Alt}} {
		if t.Value != "" {
			a.Descriptions = append(a.Descriptions, t)
		}
	}
	return a
}

// notes tells desks what was changed.
func notes(list []Correction) string {
	var lines []string
	for _, c := range list {
		lines = append(lines, c.At.ISO+" "+c.Kind+": "+c.Note)
	}
	return joined(lines)
}

func joined(lines []string) string { return joinedBy("\n", lines...) }

// joinedBy joins what is not empty.
func joinedBy(between string, parts ...string) string {
	var out []string
	for _, p := range parts {
		if p != "" {
			out = append(out, p)
		}
	}
	return strings.Join(out, between)
}
