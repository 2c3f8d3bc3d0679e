package site

import "pressroom/internal/frame"

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
