package content

import (
	"pressroom/internal/node"
)

// Front is the front matter of any document. To add a key, add a field here with
// its tag: the decoder then knows it, its aliases and its misspellings; if it can
// be wrong, say so in check.go; what readers see of it, site puts into a view.
type Front struct {
	Title    string            `key:"title"`
	Date     Date              `key:"date"`
	ID       string            `key:"id"`
	Type     string            `key:"type"`
	Summary  string            `key:"summary,alias=description"`
	Speakers []Speaker         `key:"speaker,alias=speakers|authors|author,single"`
	Location *Location         `key:"location,alias=place"`
	Topics   []node.At[string] `key:"topics,alias=topic|tags|keywords|categories,single"`
	Image    *Image            `key:"image"`
	Photos   []Image           `key:"photos"`
	Videos   []node.At[string] `key:"videos,alias=video,single"`
	Related  []node.At[string] `key:"related,single"`
	Contacts []node.At[string] `key:"contacts,alias=contact,single"`
	Event    *Event            `key:"event"`
	Rights   *Rights           `key:"rights"`
	Params   map[string]any    `key:"params"`

	// When it may be seen, and what became of it.
	Embargo     Date         `key:"embargo,alias=publishDate|pubdate|published"`
	Expires     Date         `key:"expires,alias=expiryDate|unpublishDate"`
	Draft       bool         `key:"draft"`
	Status      string       `key:"status"`
	Updated     Date         `key:"updated,alias=lastmod|modified"`
	Corrections []Correction `key:"corrections"`
	Delivery    string       `key:"delivery"`

	// Where it stands.
	Slug    string            `key:"slug"`
	URL     string            `key:"url"`
	Aliases []node.At[string] `key:"aliases,single"`
	Weight  int               `key:"weight"`

	// Of a profile.
	Role         string    `key:"role"`
	Organisation string    `key:"organisation,alias=organization"`
	City         string    `key:"city"`
	Country      string    `key:"country"`
	Geo          []float64 `key:"geo"`

	Video // of a video, flattened

	Places node.Places `key:",places"`
}

// Video is what only a video has; see RFC-like notes of broadcasters' desks in
// doc.go for the terms.
type Video struct {
	Genre          string      `key:"genre"`
	Slugline       string      `key:"slugline"`
	Source         string      `key:"source"`
	Recorded       Date        `key:"recorded"`
	Duration       Timecode    `key:"duration"`
	Clean          bool        `key:"clean"`
	Twin           string      `key:"twin"`
	Audio          *Audio      `key:"audio"`
	Poster         *Image      `key:"poster"`
	Captions       []Captions  `key:"captions,single"`
	CaptionsWaiver string      `key:"captions-waiver"`
	Transcript     *Transcript `key:"transcript"`
	Chapters       []Chapter   `key:"chapters"`
	Shotlist       []Shot      `key:"shotlist"`
	Renditions     []Rendition `key:"renditions"`
	Release        *Release    `key:"release"`
}

// Speaker is who says it, as written: a name, or a name with role and organisation.
type Speaker struct {
	Name         string
	Role         string
	Organisation string
	Pos          node.Pos
}

// UnmarshalNode takes "Ana Duarte" or {name, role, organisation}.
func (s *Speaker) UnmarshalNode(d *node.Decoder, n *node.Node) {
	s.Pos = n.Pos
	if n.Kind == node.Scalar {
		s.Name = tidy(n.Text)
	} else {
		var form struct {
			Name         string `key:"name"`
			Role         string `key:"role"`
			Organisation string `key:"organisation,alias=organization"`
		}
		d.Decode(n, &form)
		s.Name, s.Role, s.Organisation = tidy(form.Name), tidy(form.Role), tidy(form.Organisation)
	}
	if s.Name == "" {
		d.Errorf(n, "speaker", "write a name, or {name: …, role: …}", "a speaker without a name")
	}
}

// Location is where it happens: "Sofia, Bulgaria", or the parts by name.
type Location struct {
	Name    string // what readers see
	City    string
	Country string
	Geo     []float64 // latitude, longitude
	Pos     node.Pos
}

// UnmarshalNode takes "City, Country" or {name, city, country, geo}.
func (l *Location) UnmarshalNode(d *node.Decoder, n *node.Node) {
	l.Pos = n.Pos
	if n.Kind == node.Scalar {
		l.Name = tidy(n.Text)
		l.City, l.Country = splitPlace(l.Name)
		return
	}
	var form struct {
		Name    string    `key:"name"`
		City    string    `key:"city"`
		Country string    `key:"country"`
		Geo     []float64 `key:"geo"`
	}
	d.Decode(n, &form)
	l.Name, l.City, l.Country, l.Geo = tidy(form.Name), tidy(form.City), tidy(form.Country), form.Geo
	switch {
	case l.Name != "":
	case l.City != "" && l.Country != "":
		l.Name = l.City + ", " + l.Country
	default:
		l.Name = l.City + l.Country
	}
	if l.Name == "" {
		d.Errorf(n, "location", `write "City, Country", or {name: …, city: …, country: …}`, "a location without a name")
	}
	if !validGeo(l.Geo) {
		d.Errorf(n.Get("geo"), "geo", "write geo: [52.08, 4.28]", "geo is latitude and longitude in degrees")
	}
}

// Image is a picture with what the law and the reader need to know of it.
type Image struct {
	Src     node.At[string] `key:"src"`
	Alt     string          `key:"alt"`
	Caption string          `key:"caption"`
	Credit  string          `key:"credit"`
	Focus   []float64       `key:"focus"` // what must be seen when it is cut, in parts of width and height
	Date    Date            `key:"date"`  // of a photo: when it was taken,
	Place   string          `key:"place"` // where,
	People  []string        `key:"people"`
	Pos     node.Pos
}

// UnmarshalNode takes {src, alt, caption, credit} and wants the alt and the credit.
func (i *Image) UnmarshalNode(d *node.Decoder, n *node.Node) {
	if n.Kind == node.Scalar {
		d.Errorf(n, "image", `write {src: `+n.Text+`, alt: "what it shows", credit: "who made it"}`, "an image needs alt and credit")
		return
	}
	type form Image
	var f struct {
		Src     node.At[string] `key:"src"`
		Alt     string          `key:"alt"`
		Caption string          `key:"caption"`
		Credit  string          `key:"credit"`
		Focus   []float64       `key:"focus"`
		Date    Date            `key:"date"`
		Place   string          `key:"place,alias=location"`
		People  []string        `key:"people,alias=person|persons,single"`
	}
	d.Decode(n, &f)
	for k, name := range f.People {
		f.People[k] = tidy(name)
	}
	*i = Image(form{f.Src, tidy(f.Alt), tidy(f.Caption), tidy(f.Credit), f.Focus, f.Date, tidy(f.Place), f.People, n.Pos})
	if n.Kind != node.Map {
		return
	}
	if i.Src.Value == "" {
		d.Errorf(n, "image", "add src: with the file's name", "an image without src")
	}
	if i.Alt == "" {
		d.Errorf(n, "missing-alt", `add alt: "what the picture shows"`, "an image without alt text")
	}
	if len(i.Focus) != 0 && (len(i.Focus) != 2 || min(i.Focus[0], i.Focus[1]) < 0 || max(i.Focus[0], i.Focus[1]) > 1) {
		d.Errorf(n.Get("focus"), "image", "write focus: [0.5, 0.3]; [0, 0] is the upper left corner", "focus is a place in the picture, in parts of its width and height")
	}
	if i.Credit == "" {
		d.Errorf(n, "missing-credit", `add credit: "who made it"`, "an image without credit")
	}
}

// Correction is one entry of the ledger of what was changed after release.
type Correction struct {
	At   Date   `key:"at"`
	Kind string `key:"kind"`
	Note string `key:"note"`
}

// Event is something to attend.
type Event struct {
	Title         string `key:"title"`
	Start         Date   `key:"start"`
	End           Date   `key:"end"`
	Place         string `key:"place,alias=location"`
	Status        string `key:"status"`
	Previous      Date   `key:"previous"` // when it was to start, before it was moved
	Sequence      int    `key:"sequence"`
	Accreditation string `key:"accreditation"`
	Contact       string `key:"contact"`
}

// Rights says what may be done with the material.
type Rights struct {
	Credit       string   `key:"credit"`
	Terms        string   `key:"terms"`
	Restrictions []string `key:"restrictions,single"`
	ThirdParty   string   `key:"third-party"`
	Music        string   `key:"music"`
}

// Audio says what is heard.
type Audio struct {
	Languages    []string `key:"languages,single"`
	NaturalSound bool     `key:"natural-sound"`
	VoiceOver    bool     `key:"voice-over"`
}

// Captions is one WebVTT file.
type Captions struct {
	File     node.At[string] `key:"file"`
	Language string          `key:"language"`
}

// Transcript says where the words of the captions come from.
type Transcript struct {
	File      node.At[string] `key:"file"`
	Origin    string          `key:"origin"`
	CheckedBy string          `key:"checked-by"`
	CheckedAt Date            `key:"checked-at"`
}

// Chapter is a named point of a video.
type Chapter struct {
	At    Timecode `key:"at"`
	Title string   `key:"title"`
}

// Shot is one row of the shotlist.
type Shot struct {
	In           Timecode   `key:"in"`
	Dur          Timecode   `key:"dur"`
	Shot         string     `key:"shot"`
	Text         string     `key:"text"`
	NatSound     bool       `key:"nats"`
	Soundbite    *Soundbite `key:"soundbite"`
	Location     string     `key:"location"`
	Restrictions []string   `key:"restrictions,single"`
}

// Soundbite is a person's words in a shot.
type Soundbite struct {
	Speaker      string            `key:"speaker"`
	Role         string            `key:"role"`
	Organisation string            `key:"organisation,alias=organization"`
	Language     string            `key:"language"`
	Verbatim     string            `key:"verbatim"`
	Translation  map[string]string `key:"translation"`
}

// Rendition is one file of a video: open beside the page, or a master behind the gate.
type Rendition struct {
	Name      string          `key:"name"`
	Access    string          `key:"access"`  // public or account
	Version   string          `key:"version"` // audio-description or sign-language; "" for the film itself
	File      node.At[string] `key:"file"`
	Container string          `key:"container"`
	Codec     string          `key:"codec"`
	Width     int             `key:"width"`
	Height    int             `key:"height"`
	FPS       float64         `key:"fps"`
	Scan      string          `key:"scan"`
	Bitrate   string          `key:"bitrate"`
	TCStart   string          `key:"tc-start"`
	Loudness  float64         `key:"loudness-lufs"`
	Bytes     int             `key:"bytes"`
	SHA256    string          `key:"sha256"`
	Audio     []AudioTrack    `key:"audio"`
	Pos       node.Pos        // of the whole,
	Places    node.Places     `key:",places"` // and of what is said of it
}

// UnmarshalNode keeps the place of the whole rendition.
func (r *Rendition) UnmarshalNode(d *node.Decoder, n *node.Node) {
	type form Rendition
	var f form
	d.Decode(n, &f)
	*r = Rendition(f)
	r.Pos = n.Pos
}

// AudioTrack is what one track of a rendition carries.
type AudioTrack struct {
	Track    int    `key:"track"`
	Role     string `key:"role"`
	Language string `key:"language"`
}

// Release says who let it go, and when.
type Release struct {
	Status    string `key:"status"`
	Authority string `key:"authority"`
	At        Date   `key:"at"`
}
