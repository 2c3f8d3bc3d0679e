package site

import (
	"html/template"

	"pressroom/internal/frame"
)

// The views are all that a layout sees: plain data, complete, with every date
// formatted and every link resolved. So the key of a page is the hash of its
// layout and its view, and nothing else can make it stale. A field that is empty
// is a thing the page does not have.

// What the pages of the gate have too is told in package frame.
type (
	Link         = frame.Link
	Date         = frame.Date
	Image        = frame.Image
	ImageSource  = frame.ImageSource
	Share        = frame.Share
	Frame        = frame.Frame
	Organisation = frame.Organisation
	MenuItem     = frame.MenuItem
	Contact      = frame.Contact
	Page         = frame.Page
	Language     = frame.Language
	FeedLink     = frame.FeedLink
	Preview      = frame.Preview
)

// Card is what other pages show of an item.
type Card struct {
	Title    string
	Summary  string
	URL      string
	Kind     string // "video", or the type of news, as "speech"
	Label    string // Kind in the page's language
	Date     Date
	Place    string
	Speakers []string
	Image    *Image
	Duration string   // videos: "1:12"
	Length   string   // the same in words: "1 minute 12 seconds"
	Badges   []string // videos: "HD", "CC EN", …
	Preview  string   // videos: URL of ten frames side by side, or ""
}

// Person is a speaker as named on an item.
type Person struct {
	Link         // the name and the speaker's page
	Role         string
	Organisation string
}

// Place is a location as named on an item.
type Place struct {
	Link
	Country string
	Geo     string // "52.08,4.28", or ""
}

// Dateline is who, where, when and about what: the facts of an item.
type Dateline struct {
	Date     Date
	Updated  *Date // or corrected
	Embargo  *Date // until when it was held
	Expires  *Date
	Speakers []Person
	Place    *Place
	Topics   []Link
}

// Article is a piece of news. Layout "article".
type Article struct {
	Page
	Dateline
	Reference   string // the item's own id, or ""
	Kind        string // "press-release"
	Label       string // "Press release"
	Delivery    string // "as-delivered", … or ""
	Body        Body
	Videos      []Card
	Photos      []Photo // all of them
	Album       *Link   // the page of all photos, when there are several
	Files       []Entry // to take away: the quotes as text, all photos in one
	Event       *Event
	Contacts    []Contact // of this item
	Corrections []Correction
	Related     []Card
	Rights      *Rights
	Earlier     *Link // the neighbour before it in time
	Later       *Link // and after
	Params      map[string]any
}

// Photo is a picture for desks to take.
type Photo struct {
	Image
	ID     string // its anchor on the album's page
	Date   *Date
	Place  string
	People []string
	Files  []PhotoFile // on the album's page
}

// PhotoFile is one size of a photo that can be downloaded.
type PhotoFile struct {
	Kind  string // "web" or "print"
	Label string // what it is for, in the page's language
	URL   string
	Size  string // "1600 × 900"
	Bytes string // "120 kB"
	Name  string // the name under which it is saved
}

// Album is all photos of an article. Layout "album".
type Album struct {
	Page
	Dateline
	Article Link
	Photos  []Photo
	Zip     *Entry // all originals in one file, with its size
	Rights  *Rights
}

// Correction is one entry of the ledger.
type Correction struct {
	At   Date
	Kind string // "correction", "clarification", "update", "withdrawal"
	Note string
}

// Rights says what may be done with the material.
type Rights struct {
	Credit       string
	Terms        string
	Restrictions []string
	ThirdParty   string
	Music        string
}

// Event is something that will happen, or has.
type Event struct {
	Title         string
	URL           string // the page that announces it
	Start         Date
	End           *Date
	Place         string
	Status        string // "scheduled", "moved" or "cancelled"
	Previous      *Date  // when it was to start, of one that was moved
	Accreditation string
	Email         string // who answers questions about it
	ICS           string // URL of the file for calendars
}

// Text is a plain page. Layout "page".
type Text struct {
	Page
	Body   Body
	Params map[string]any
}

// Tombstone stands where something was withdrawn: no word of it is left but its
// title and the reason. Layout "withdrawn".
type Tombstone struct {
	Page
	Date        Date
	Corrections []Correction
}

// Home is the front page. Layout "home".
type Home struct {
	Page
	Body   Body
	Lead   *Card
	News   []Card
	Videos []Card
	Topics []Link

	Coming   []Event // the next events
	Calendar Link    // all of them
}

// List is a page that lists items: a section, a year, a month, a speaker, a
// location, a topic. Layout "list"; for the video index "videos".
type List struct {
	Page
	Kind    string // "section", "year", "month", "speaker", "location", "topic"
	Profile *Profile
	Body    Body // the text of _index.md or of the profile
	Days    []Day
	Videos  []Card // on speakers, locations and topics: the newest videos
	Albums  []Card // on the list of photos
	Archive []Year // on sections and years
	Pager   *Pager
	Filters []Filter // on the video index
	Finder  *Finder  // there too: what the form that combines them needs

	Previews bool  // some of the videos have a preview
	Earlier  *Link // on months and years: the one before
	Later    *Link
}

// Day is the items of one day under one heading.
type Day struct {
	Date  Date
	Cards []Card
}

// Year is one row of the archive.
type Year struct {
	Link
	Months []Month
}

// Month is one of a year. Its items are counted where that makes no page change that
// would not change in any case.
type Month struct {
	Link
	Count   string // "12", or ""
	Counted string // "12 items"
}

// Pager leads through a long list. Pages are numbered from the oldest, so that a
// page once full never changes again; the newest items stand on the list's own URL.
type Pager struct {
	Newer *Link
	Older *Link
	Pages []Link // a window of numbered pages around this one; URL "" for the current
}

// Filter is one way to narrow a list: a name and the static pages per value.
type Filter struct {
	Key    string // "speaker", as in the address
	Name   string
	Values []Link
}

// Finder leads the form of the video index to its data: files numbered from 1, the
// oldest videos in the first, of which each is whole but the last.
type Finder struct {
	Data  string // URL of their folder
	Parts int
}

// Profile is what is known of a speaker or a place.
type Profile struct {
	Name         string
	Role         string
	Organisation string
	Country      string
	Geo          string
	Image        *Image
}

// Index lists all speakers, locations or topics. Layout "index".
type Index struct {
	Page
	Kind   string // "speakers", "locations", "topics"
	Body   Body
	Groups []Group
}

// Group is the entries under one initial letter or country.
type Group struct {
	Name    string
	Entries []Entry
}

// Entry is one name with a line about it.
type Entry struct {
	Link
	Note string
}

// Events is the calendar, or, with a Year, what is past of one year. Layout "events".
type Events struct {
	Page
	Body           Body
	Year           string
	ICS            string  // URL of events.ics
	Coming         []Event // the next one first
	Past           []Event // the last one first
	Years          []Link  // that have past events
	Earlier, Later *Link   // of a year
}

// Ledger is what was corrected or withdrawn, the newest first. Layout "corrections".
type Ledger struct {
	Page
	Body    Body
	Entries []Amended
	Pager   *Pager
}

// Amended is one correction with the item that it is of.
type Amended struct {
	Correction
	Item  Link
	Label string // "Press release"
}

// Contacts is everybody who answers the press. Layout "contacts".
type Contacts struct {
	Page
	Body   Body
	Groups []ContactGroup
}

// ContactGroup is those who answer for the same topics; without topics, the desks.
type ContactGroup struct {
	Topics   []Link
	Contacts []Contact
}

// Feeds tells people what there is for machines. Layout "feeds".
type Feeds struct {
	Page
	Body     Body
	Lists    []FeedRow
	More     []Link // lists of lists that have feeds
	Calendar string // URL of events.ics
	Sitemap  string
	Changes  string // URL of changes.json
	Schema   string // URL of the schema of index.json
	Example  string // URL of an index.json
}

// FeedRow is a list with its feeds.
type FeedRow struct {
	Link
	Feeds []Link
}

// Statement is the accessibility statement. Layout "accessibility".
type Statement struct {
	Page
	Body    Body
	AsOf    *Date // of the newest video that is counted
	Facts   []Fact
	Without []Waiver // videos without captions
}

// Fact is something counted.
type Fact struct{ Name, Text string }

// Waiver is a video without captions, and the reason that its editor gave, or "".
type Waiver struct {
	Link
	Reason string
}

// Search is the page that finds things, and what it offers where no script runs. Layout
// "search".
type Search struct {
	Page
	Words    string // what the script says, as JSON
	Rules    string // by which it stems words
	Years    []Year
	Topics   []Link
	Speakers []Entry // none when there are too many to choose from
}

// NotFound is the page for what is not there. Layout "404".
type NotFound struct {
	Page
	News   []Card
	Search string // URL of the search page, or ""
}

// Video is the page of one video. Layout "video".
type Video struct {
	Page
	Dateline
	ID          string
	Genre       string // label in the page's language
	Kind        string // the same as a word of the front matter: "b-roll"
	Slugline    string
	Source      string
	Recorded    *Date
	Duration    string // "1:12"
	Seconds     float64
	Body        Body // the storyline
	Player      *Player
	Audio       []string // "English", "Natural sound"
	Clean       bool
	Twin        *Link
	Chapters    []Chapter
	Shots       []Shot
	Transcript  []Transcript
	Renditions  []Rendition
	Captions    []Link // caption files to download, by language
	SubRip      []Link // the same in the older form
	Texts       []Link // transcripts and the shotlist as plain text
	Stills      []Photo
	Zip         *Entry // poster and stills in one file, with its size
	Embed       *EmbedCode
	Rights      *Rights
	Contacts    []Contact
	News        []Card // the articles that show this video
	Corrections []Correction
	Params      map[string]any
}

// Player is a video that plays in the page.
type Player struct {
	Title   string
	Poster  *Image
	Sources []Source
	Tracks  []Track
	// URL of the chapters as WebVTT, or ""
	Chapters string
	// with audio description, with sign language; empty where there is only the film
	Versions []Source
}

// Source is one open file of a video.
type Source struct {
	URL   string
	Type  string // media type
	Media string // on which screens, as a media query; "" on all
	Label string // of a version: "Sign language"
}

// EmbedCode is what others need to show the player in their pages.
type EmbedCode struct {
	URL    string // of the player alone, absolute
	OEmbed string // of its description, absolute
	Code   string // HTML to paste
}

// Embedded is the player alone, in a frame of somebody else's page. Layout "embed".
// Its canonical address is that of the video's page.
type Embedded struct {
	Page
	Player   *Player
	Duration string
}

// Track is captions in one language.
type Track struct {
	URL     string
	Lang    string
	Label   string
	Default bool
}

// Chapter is a named point of a video.
type Chapter struct {
	Title   string
	Time    string // "1:23"
	Seconds string // "83", for ?t=
	Link    string // plays from there; without scripts leads to what is said then. "" when neither can be
}

// Shot is one row of the shotlist.
type Shot struct {
	In           string // "00:00:14:00"
	Seconds      string // "14"
	End          string // "36"
	Link         string // as a chapter's, to the end of the shot
	Duration     string
	Size         string // "WIDE"
	Text         string
	NatSound     bool
	Soundbite    *Soundbite
	Restrictions []string
}

// Soundbite is a person's words in a shot.
type Soundbite struct {
	Speaker      string
	Role         string
	Organisation string
	Language     string // its name in the page's language
	Lang         string // BCP 47
	Verbatim     string
	Translation  string // into the page's language, or ""
	Quote        string // all of it with reference and address, to paste into a script
}

// Transcript is the words of a video in one language, from its captions.
type Transcript struct {
	Lang string
	Name string
	Note string // where the words come from, as "machine transcript, not checked"
	Cues []Cue
}

// Cue is one caption.
type Cue struct {
	ID      string // "t83"; "" when the caption before it has the same
	Time    string // "1:23"
	Seconds string // "83"
	Link    string // "?t=83#t83"
	Speaker string // "" when the same as before
	Text    string

	// The same for machines, which seek to the frame and see one cue alone.
	Start, End float64
	Name       string // of the speaker
}

// Rendition is one file of a video that can be downloaded.
type Rendition struct {
	Name    string
	Purpose string // "Broadcast", "Web", …
	Version string // "Sign language", "Audio description", or ""
	Gated   bool   // needs a free account; URL leads to the gate
	URL     string
	Format  string // "MP4 · H.264"
	Picture string // "1920 × 1080, 25p"
	Bitrate string
	Bytes   string // "1.4 MB"
	SHA256  string
	Audio   []string // per track
	Notes   []string // for the ingest desk: where the timecode starts, how loud it is
	File    File     // the same for machines
}

// File is what machines want to know of a rendition.
type File struct {
	Type          string // media type
	Container     string
	Codec         string
	Width, Height int
	FPS           float64
	Scan          string // "progressive" or "interlaced"
	Bytes         int64
}

// Embed is the view of every layout in layouts/embeds: what an author writes as
// ::name{key=value}, :::name … ::: or {{< name key="value" >}}.
type Embed struct {
	T     map[string]string // the words of the interface
	Args  map[string]string // the author's arguments, by name
	Inner template.HTML     // what stands inside a container, as HTML
	Video *VideoEmbed       // for "video"
	Image *Image            // for "figure"
}

// VideoEmbed is a video shown inside a text.
type VideoEmbed struct {
	Card
	Player *Player
}
