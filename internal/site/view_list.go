package site

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
