// Package frame is what surrounds every page of a site, whichever wing makes it: the
// name of the publisher, the menus, the contacts, the words of the interface, the head
// of a page. Package site fills it from site.yaml; layouts show it.
//
// Press writes it to closed/frame.json, together with the layouts; the gate reads it,
// again whenever it changes, and so makes pages that look like the site's without
// knowing site.yaml. File is the only code that both share for it. The package makes
// no page and reads no disk.
package frame

import (
	"html/template"

	"pressroom/internal/memo"
)

// Link is a text that leads somewhere.
type Link struct {
	Text string
	URL  string // "" when there is nothing to lead to
}

// Date is an instant, formatted for the page's language in the site's time zone.
type Date struct {
	ISO  string // RFC 3339 with offset, for <time datetime>
	Text string // "27 May 2024"
	Time string // "16:00 CEST", "" for a bare date
}

// Image is a picture with its size known, so that nothing jumps while it loads, and with
// its variants for the place where it stands.
type Image struct {
	URL           string // the picture itself
	Width, Height int    // pixels; 0 when unknown (SVG, remote)
	Alt           string
	Caption       string
	Credit        string

	Src     string        // for <img src>: a variant that every browser shows, or URL
	Srcset  string        // more of those; "" when there is no other
	Sizes   string        // how wide it is shown here
	Sources []ImageSource // for <source>, the smallest files first
	Eager   bool          // it is seen at once: not lazy, and before other pictures
	Soon    bool          // it is among the first that are seen: not lazy
}

// ImageSource is the variants of a picture in one format.
type ImageSource struct {
	Type   string // media type
	Srcset string
}

// Size is how large a picture is, in pixels; zero when that is not known.
type Size struct{ Width, Height int }

// Share is the picture that other sites show of a link to a page.
type Share struct {
	URL           string // absolute
	Width, Height int
	Alt           string
}

// Asset is a stylesheet or script: its address, which changes with its bytes, and their
// hash, for the integrity attribute.
type Asset struct {
	URL       string
	Integrity string
}

// Frame is what all pages of one language share.
type Frame struct {
	Lang          string // BCP 47, as "fr"
	Dir           string // "ltr" or "rtl"
	Title         string
	Organisation  Organisation
	Description   string
	Home          string // URL of the home page in this language
	Logo          string // URL of the logo, or ""
	LogoDark      string // of the one on a dark background, where it differs
	LogoSize      Size   // so that the name beside it does not move when it comes
	LogoDarkSize  Size
	Accent        string // CSS colour of the brand, or ""
	Menu          []MenuItem
	FooterMenu    []MenuItem
	Contacts      []Contact         // the contact strip
	AllContacts   string            // URL of the page of all contacts, or ""
	FeedsPage     string            // URL of the page about feeds
	Corrections   string            // URL of the site's ledger of corrections; "" while there are none
	T             map[string]string // the words of the interface, from layouts/i18n
	Styles        map[string]Asset  // the stylesheets of static/css by name, as "press"
	Scripts       map[string]Asset  // the scripts of static/js
	LogIn         string            // where the gate lets journalists in, in this language; "" on a site without one
	DefaultLocale string            // Open Graph locale, as "en_GB"
	Params        map[string]any

	key memo.Key
}

// Seal finds the frame's key. Whoever makes or changes a frame does so once, before
// any page holds it.
func (f *Frame) Seal() {
	f.key = memo.Hash("frame", f.Lang, f.Dir, f.Title, f.Organisation, f.Description, f.Home, f.Logo, f.LogoDark, f.LogoSize, f.LogoDarkSize, f.Accent, f.Menu, f.FooterMenu,
		f.Contacts, f.AllContacts, f.FeedsPage, f.Corrections, f.T, f.Styles, f.Scripts, f.LogIn, f.DefaultLocale, f.Params)
}

// MemoKey makes a frame cheap to hash on every page.
func (f *Frame) MemoKey() memo.Key { return f.key }

// Organisation is the institution that publishes the site.
type Organisation struct {
	Name        string
	Address     string
	URL         string
	Boilerplate string // "About the Council", at the end of every release
}

// MenuItem is a link of a menu; Section is the first part of its path, by which a
// layout marks where the reader is.
type MenuItem struct {
	Link
	Section string
}

// Contact is a person or desk that answers the press.
type Contact struct {
	Name      string
	Role      string
	Email     string
	Phone     string
	PhoneURL  template.URL // "tel:+31201234567"
	Languages []string     // names of the languages spoken, in the page's language
	Speaks    string       // the same as a list in a sentence: "English and French"
	Hours     string       // when they answer, in words, or ""
	Card      string       // URL of their vCard
}

// Page is the head of every view.
type Page struct {
	Site        *Frame
	URL         string // path, as "/news/2024/05/spring-session/"
	Canonical   string // absolute
	Title       string // the heading
	HeadTitle   string // for <title>
	Summary     string // the standfirst; may be empty
	Description string // for <meta name=description>: the summary, else how the text begins
	Section     string // "news", "videos", "speakers", … or ""
	OGType      string // "article", "video.other" or "website"
	Image       *Image
	ImageURL    string      // absolute URL of Image
	Share       *Share      // the card of the page's picture, else of the newsroom; nil on the gate's pages
	Published   *Date       // for article:published_time
	Modified    *Date       // for article:modified_time
	Languages   []Language  // the language switch, the page's own included; empty on a site of one language
	Feeds       []FeedLink  // feeds of what this page lists, else of the site
	JSON        string      // URL of index.json
	Crumbs      []Link      // from home to the parent; the page itself is not among them
	LD          template.JS // JSON-LD, or ""
	Stale       *Stale      // set on a translation that is older than its original
	Preview     *Preview    // set on drafts and held items that were asked for: a banner, and noindex
	Reader      *Reader     // who reads it: set on the gate's pages only, nil on all that lie on a CDN
}

// Reader is whoever a page of the gate was made for.
type Reader struct {
	Name  string // "" when logged out
	LogIn string // where the log-in link of this page leads; "" on the log-in page itself
}

// Language is one item of the language switch.
type Language struct {
	Lang    string // BCP 47
	Name    string // in that language
	URL     string // the same document, or where its section starts
	Address string // the absolute URL
	Current bool
	Missing bool // there is no translation; URL leads to the section
}

// Stale is the original of a translation that has changed since it was translated.
type Stale struct {
	Link    // its title and address
	Lang    string
	Updated Date
}

// FeedLink is a feed that stands for a page.
type FeedLink struct {
	Title string
	Type  string // media type
	URL   string
}

// Preview says why a page is not public yet, or no longer.
type Preview struct {
	Why   string // "draft", "embargo", "future", "expired"
	Until *Date  // when it will be public, nil for drafts and expired items
}
