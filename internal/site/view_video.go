package site

import "html/template"

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
