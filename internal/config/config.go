// Package config reads site.yaml.
//
// In goes the file and the environment; out comes a Site with every value checked
// and defaulted, or all that is wrong with line and column. It opens no other file.
package config

import (
	"cmp"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/language"

	"pressroom/internal/locale"
	"pressroom/internal/node"
	"pressroom/internal/report"
)

// Site is site.yaml.
type Site struct {
	Title        Text              `key:"title"`
	BaseURL      string            `key:"baseURL"`
	TimeZone     string            `key:"timeZone"`
	Languages    []string          `key:"languages,single"`
	Description  Text              `key:"description"`
	Organisation Organisation      `key:"organisation,alias=organization"`
	Permalinks   map[string]string `key:"permalinks"`
	Menus        map[string][]Item `key:"menus"`
	Contacts     *node.Node        `key:"contacts"`
	Topics       *node.Node        `key:"topics"`
	Rights       Rights            `key:"rights"`
	Paginate     int               `key:"paginate"`
	Media        Media             `key:"media"`
	Images       Images            `key:"images"`
	Gate         Gate              `key:"gate"`
	Theme        Theme             `key:"theme"`
	Security     *Security         `key:"security"`
	Hub          string            `key:"hub"`
	IndexNow     *IndexNow         `key:"indexNow"`
	Ignore       []node.At[string] `key:"ignoreWarnings,single"`
	Params       map[string]any    `key:"params"`

	Places node.Places `key:",places"`

	// What the values mean, set by Parse.
	Zone        *time.Location
	ContactList []Contact // in the order of the file
	TopicList   []Topic
}

// Text is a text of the site: one for all languages, or one for each.
type Text map[string]string

// UnmarshalNode takes "Press service" or {en: Press service, fr: Service de presse}.
func (t *Text) UnmarshalNode(d *node.Decoder, n *node.Node) {
	*t = Text{}
	if n.Kind == node.Scalar {
		(*t)[""] = n.Text
		return
	}
	d.Decode(n, (*map[string]string)(t))
}

// In returns the text in a language, else the one for all, else the default's.
func (t Text) In(lang string, defaults ...string) string {
	for _, l := range append([]string{lang, ""}, defaults...) {
		if s, ok := t[l]; ok {
			return s
		}
	}
	return ""
}

// Organisation is the institution.
type Organisation struct {
	Name        Text   `key:"name"`
	Address     Text   `key:"address"`
	URL         string `key:"url"`
	Boilerplate Text   `key:"boilerplate"`
}

// Item is one entry of a menu.
type Item struct {
	Name Text   `key:"name"`
	URL  string `key:"url"`
}

// Contact answers the press.
type Contact struct {
	Key       string
	Name      Text     `key:"name"`
	Role      Text     `key:"role"`
	Email     string   `key:"email"`
	Phone     string   `key:"phone"`
	Hours     Text     `key:"hours"` // when they answer
	Languages []string `key:"languages,single"`

	Topics []node.At[string] `key:"topics,single"`
}

// Topic is a subject that news can have, by its slug, with a name per language.
type Topic struct {
	Slug string
	Name Text
	Pos  node.Pos
}

// Rights are the defaults of an item's rights.
type Rights struct {
	Credit string `key:"credit"`
	Terms  Text   `key:"terms"`
}

// Media says where the masters lie: a folder, absolute or below the site's, or a
// store whose objects the build cannot see.
type Media struct {
	Folder string `key:"folder"`
	Store  string `key:"store"`
}

// UnmarshalNode takes a folder, or {folder: …} or {store: s3://bucket/prefix}.
func (m *Media) UnmarshalNode(d *node.Decoder, n *node.Node) {
	if n.Kind == node.Scalar {
		m.Folder = n.Text
		return
	}
	type form Media
	d.Decode(n, (*form)(m))
}

// Images says how pictures are made smaller: in which widths, and with whose help in
// formats that Go cannot write.
type Images struct {
	Encoder string   `key:"encoder"` // auto, off or required
	Formats []string `key:"formats,single"`
	Sizes   []int    `key:"sizes,single"`

	Places node.Places `key:",places"`
}

// Gate says whether the companion stands beside the site.
type Gate struct {
	Disabled bool `key:"disabled"`
}

// Theme is the brand.
type Theme struct {
	Accent string `key:"accent"`
	Logo   string `key:"logo"`
	// LogoDark stands for it on a dark background.
	LogoDark string `key:"logoDark"`
}

// Security is whom to tell of a weakness, for /.well-known/security.txt.
type Security struct {
	Contact []node.At[string] `key:"contact,single"`
	Policy  node.At[string]   `key:"policy"`
	Expires node.At[string]   `key:"expires"`

	Until time.Time // what Expires means, set by Parse
}

// IndexNow is how search engines are told of changes: the key proves that it is us.
type IndexNow struct {
	Key      node.At[string] `key:"key"`
	Endpoint string          `key:"endpoint"`
}

// DefaultIndexNow passes on what it hears to all engines that take part.
const DefaultIndexNow = "https://api.indexnow.org/indexnow"

var (
	colour = regexp.MustCompile(`^#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$`)
	tokens = regexp.MustCompile(`:[a-z]*`)
	known  = []string{":year", ":month", ":day", ":slug", ":title", ":section", ":sections", ":filename", ":contentbasename"}
)

// Parse reads site.yaml. env are variables as os.Environ gives them: PRESS_BASEURL
// and its like stand over the file.
func Parse(data []byte, env []string) (*Site, report.List) {
	src := report.Source{Path: "site.yaml", Text: data}
	if len(strings.TrimSpace(string(data))) == 0 {
		return nil, report.List{src.At(1, 1, 1, "site", "site.yaml is empty", "begin with title:, baseURL:, timeZone: and languages:; \"press init DIR\" writes one")}
	}
	root, problems := node.ParseYAML(src, data, 1)
	if root == nil || problems.HasErrors() {
		return nil, problems
	}
	s := &Site{}
	d := node.Decoder{Source: src}
	d.Decode(root, s)
	over, bad := node.Environment("PRESS_", "site.yaml", env, s)
	c := checker{site: s, d: &d, over: over}
	c.check()
	problems.Add(append(d.Problems, bad...)...)
	if problems.HasErrors() {
		return nil, problems
	}
	s.typeset()
	return s, problems
}

// typeset gives the texts of the site the signs of their languages, as documents have
// them. Topics keep their names as they are, by which documents call them.
func (s *Site) typeset() {
	texts := []Text{s.Title, s.Description, s.Organisation.Name, s.Organisation.Address, s.Organisation.Boilerplate, s.Rights.Terms}
	for _, menu := range s.Menus {
		for _, i := range menu {
			texts = append(texts, i.Name)
		}
	}
	for _, c := range s.ContactList {
		texts = append(texts, c.Name, c.Role, c.Hours)
	}
	for _, t := range texts {
		for lang, text := range t {
			t[lang] = locale.Typeset(cmp.Or(lang, s.Languages[0]), text)
		}
	}
}

type checker struct {
	site *Site
	d    *node.Decoder
	over map[string]report.Source // keys that the environment has set
}

func (c *checker) problem(key, hint, format string, args ...any) {
	p := c.site.Places[key]
	if p.Line == 0 {
		p = node.Pos{Line: 1, Col: 1, Len: 1}
	}
	if src, ok := c.over[key]; ok {
		c.d.Problems.Add(src.At(1, 1, len([]rune(string(src.Text))), "site", fmt.Sprintf(format, args...), hint))
		return
	}
	c.d.ErrorAt(p, "site", hint, format, args...)
}

func (c *checker) check() {
	s := c.site
	if len(s.Title) == 0 {
		c.problem("title", `add title: "Press service of …"`, "no title")
	}
	c.baseURL()
	c.timeZone()
	c.languages()
	if s.Paginate == 0 {
		s.Paginate = 20
	}
	if s.Paginate < 1 || s.Paginate > 1000 {
		c.problem("paginate", "20 is a good number", "paginate is %d", s.Paginate)
	}
	for section, pattern := range s.Permalinks {
		c.permalink(section, pattern)
	}
	if a := s.Theme.Accent; a != "" && !colour.MatchString(a) {
		c.problem("theme", "write it as \"#0b4f9e\"", "the accent %q is not a colour", a)
	}
	for _, logo := range []string{s.Theme.Logo, s.Theme.LogoDark} {
		if !strings.HasPrefix(logo, "/") && logo != "" {
			c.problem("theme", "put it into static/ and write /images/logo.svg", "the logo %q is not a path of this site", logo)
		}
	}
	if s.Theme.LogoDark != "" && s.Theme.Logo == "" {
		c.problem("theme", "add logo:, for a light background", "there is a logoDark and no logo")
	}
	c.images()
	c.topics()
	c.security()
	c.announcing()
	c.contacts()
	c.ignore()
}

func (c *checker) baseURL() {
	s := c.site
	u, err := url.Parse(s.BaseURL)
	switch {
	case s.BaseURL == "":
		c.problem("baseURL", "add baseURL: https://press.example.org", "no baseURL")
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.RawQuery != "" || u.Fragment != "" || u.User != nil:
		c.problem("baseURL", "write it as https://press.example.org", "%q is not the address of a site", s.BaseURL)
	case strings.Trim(u.Path, "/") != "":
		c.problem("baseURL", "the site is made for the root of a host; give it one of its own", "baseURL has a path, %q", u.Path)
	default:
		s.BaseURL = u.Scheme + "://" + u.Host
	}
}

func (c *checker) timeZone() {
	s := c.site
	if s.TimeZone == "" {
		c.problem("timeZone", "add timeZone: Europe/Amsterdam; a date without offset is read in it", "no timeZone")
		return
	}
	zone, err := time.LoadLocation(s.TimeZone)
	if err != nil || s.TimeZone == "Local" {
		c.problem("timeZone", "use a name of the IANA list, as Europe/Amsterdam or UTC", "there is no time zone %q", s.TimeZone)
		return
	}
	s.Zone = zone
}

func (c *checker) languages() {
	s := c.site
	if len(s.Languages) == 0 {
		c.problem("languages", "add languages: [en]; the first is the default", "no languages")
	}
	for i, l := range s.Languages {
		tag, err := language.Parse(l)
		switch {
		case err != nil:
			c.problem("languages", "use codes as en, fr or pt-BR", "%q is not a language code", l)
		case slices.Contains(s.Languages[:i], l):
			c.problem("languages", "", "the language %q is listed twice", l)
		case tag.String() != l:
			c.problem("languages", fmt.Sprintf("write %q", tag), "%q is not the usual spelling", l)
		}
	}
}

// security wants what RFC 9116 requires: somebody to tell, and a day on which the file
// is to be looked at again.
func (c *checker) security() {
	x := c.site.Security
	if x == nil {
		return
	}
	if len(x.Contact) == 0 {
		c.problem("security", "add contact: mailto:security@example.org", "security names nobody to tell")
	}
	for i, k := range x.Contact {
		u, err := url.Parse(k.Value)
		switch {
		case err == nil && u.Scheme == "" && strings.Contains(k.Value, "@"):
			x.Contact[i].Value = "mailto:" + k.Value
		case err != nil || u.Scheme != "https" && u.Scheme != "mailto" && u.Scheme != "tel":
			c.d.ErrorAt(k.Pos, "site", "write mailto:security@example.org or an https:// address", "the contact %q is not an address", k.Value)
		}
	}
	if p := x.Policy; p.Value != "" && !isHTTPS(p.Value) {
		c.d.ErrorAt(p.Pos, "site", "write an https:// address", "the policy %q is not an address", p.Value)
	}
	if x.Expires.Value == "" {
		c.problem("security", "add expires: with a day within a year, and look at it again by then", "security has no end")
		return
	}
	at, err := time.Parse(time.RFC3339, x.Expires.Value)
	if err != nil && c.site.Zone != nil {
		at, err = time.ParseInLocation(time.DateOnly, x.Expires.Value, c.site.Zone)
	}
	if err != nil {
		c.d.ErrorAt(x.Expires.Pos, "site", "write expires: 2027-05-31", "%q is not a day", x.Expires.Value)
	}
	x.Until = at
}

func isHTTPS(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Scheme == "https" && u.Host != ""
}

// indexNowKey is the form that IndexNow asks for; the key is also the name of a file.
var indexNowKey = regexp.MustCompile(`^[A-Za-z0-9-]{8,128}$`)

func (c *checker) announcing() {
	s := c.site
	if u, err := url.Parse(s.Hub); s.Hub != "" && (err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http") {
		c.problem("hub", "write hub: https://hub.example.org/", "the hub %q is not an address", s.Hub)
	}
	x := s.IndexNow
	if x == nil {
		return
	}
	switch {
	case x.Key.Value == "":
		c.problem("indexNow", "add key: with 8 to 128 letters and digits of your own", "indexNow has no key")
	case !indexNowKey.MatchString(x.Key.Value):
		c.d.ErrorAt(x.Key.Pos, "site", "use 8 to 128 letters, digits and hyphens", "%q is not a key of IndexNow", x.Key.Value)
	}
	if x.Endpoint == "" {
		x.Endpoint = DefaultIndexNow
	}
	if u, err := url.Parse(x.Endpoint); err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		c.problem("indexNow", "leave endpoint: out", "the endpoint %q is not an address", x.Endpoint)
	}
}

func (c *checker) permalink(section, pattern string) {
	if section != "news" && section != "pages" {
		c.problem("permalinks", "patterns are for news; a video's URL is its id", "no permalinks for %q", section)
	}
	if !strings.HasPrefix(pattern, "/") || strings.Contains(pattern, "..") || strings.ContainsAny(pattern, "?#\\% ") {
		c.problem("permalinks", "write it as /:section/:year/:month/:slug/", "the pattern %q is not a path", pattern)
	}
	for _, t := range tokens.FindAllString(pattern, -1) {
		if !slices.Contains(known, t) {
			c.problem("permalinks", report.DidYouMean(t, known), "unknown token %q in %q", t, pattern)
		}
	}
	if !strings.Contains(pattern, ":slug") && !strings.Contains(pattern, ":title") && !strings.Contains(pattern, ":filename") && !strings.Contains(pattern, ":contentbasename") {
		c.problem("permalinks", "add :slug", "the pattern %q gives all articles of a day one URL", pattern)
	}
}

// The widths of variants, in pixels: a thumbnail on a dense screen, a telephone, a column
// of text on a dense screen, a photograph for the web.
var imageSizes = []int{400, 800, 1200, 1600}

var (
	encoderWords = []string{"auto", "off", "required"}
	formatWords  = []string{"avif", "webp"}
)

func (c *checker) images() {
	i := &c.site.Images
	fail := func(key, hint, format string, args ...any) {
		if _, ok := c.over["images"]; ok || i.Places[key].Line == 0 {
			c.problem("images", hint, format, args...)
			return
		}
		c.d.ErrorAt(i.Places[key], "site", hint, format, args...)
	}
	if i.Encoder = cmp.Or(i.Encoder, "auto"); !slices.Contains(encoderWords, i.Encoder) {
		fail("encoder", cmp.Or(report.DidYouMean(i.Encoder, encoderWords), "write auto, off or required"), "the encoder %q", i.Encoder)
	}
	if i.Formats == nil {
		i.Formats = formatWords
	}
	for _, f := range i.Formats {
		if !slices.Contains(formatWords, f) {
			fail("formats", cmp.Or(report.DidYouMean(f, formatWords), "write [avif, webp]; JPEG or PNG is always made"), "the format %q", f)
		}
	}
	if i.Sizes == nil {
		i.Sizes = imageSizes
	}
	if len(i.Sizes) == 0 || len(i.Sizes) > 8 || !slices.IsSorted(i.Sizes) || len(slices.Compact(slices.Clone(i.Sizes))) != len(i.Sizes) || i.Sizes[0] < 100 || i.Sizes[len(i.Sizes)-1] > 4000 {
		fail("sizes", "write sizes: [400, 800, 1200, 1600]", "sizes are up to eight widths from 100 to 4000 pixels, the smallest first")
	}
}

func (c *checker) contacts() {
	n := c.site.Contacts
	if n == nil {
		return
	}
	if n.Kind != node.Map {
		c.d.Errorf(n, "site", "write contacts: {desk: {name: …, email: …}}", "contacts is a group of keys, not %s", n.Kind)
		return
	}
	for _, e := range n.Map {
		contact := Contact{}
		c.d.Decode(e.Value, &contact)
		contact.Key = e.Key
		if len(contact.Name) == 0 {
			c.d.ErrorAt(e.Pos, "site", "add name:", "the contact %q has no name", e.Key)
		}
		if !slug.MatchString(e.Key) {
			c.d.ErrorAt(e.Pos, "site", "use small letters, digits and hyphens", "%q cannot stand in a URL", e.Key)
		}
		for _, t := range contact.Topics {
			c.topic(t)
		}
		c.site.ContactList = append(c.site.ContactList, contact)
	}
}

// topic checks that a topic which a contact answers for is one of the site's.
func (c *checker) topic(t node.At[string]) {
	var slugs []string
	for _, known := range c.site.TopicList {
		slugs = append(slugs, known.Slug)
	}
	if len(slugs) > 0 && !slices.Contains(slugs, t.Value) {
		c.d.ErrorAt(t.Pos, "site", report.DidYouMean(t.Value, slugs), "no topic %q in site.yaml", t.Value)
	}
}

var slug = regexp.MustCompile(`^[\p{L}\p{N}]+(-[\p{L}\p{N}]+)*$`)

func (c *checker) topics() {
	n := c.site.Topics
	if n == nil {
		return
	}
	add := func(slugged string, name Text, at node.Pos) {
		if !slug.MatchString(slugged) {
			c.d.ErrorAt(at, "site", "use small letters, digits and hyphens", "%q cannot stand in a URL", slugged)
		}
		c.site.TopicList = append(c.site.TopicList, Topic{slugged, name, at})
	}
	switch n.Kind {
	case node.Map:
		for _, e := range n.Map {
			var name Text
			c.d.Decode(e.Value, &name)
			if len(name) == 0 {
				name = Text{"": e.Key}
			}
			add(e.Key, name, e.Pos)
		}
	case node.List:
		for _, item := range n.List {
			add(item.Text, Text{"": item.Text}, item.Pos)
		}
	default:
		c.d.Errorf(n, "site", "write topics: {energy: {en: Energy, fr: Énergie}}", "topics is a group of keys, not %s", n.Kind)
	}
}

// ignore warns of names that no problem has: misspelt, they silence nothing.
func (c *checker) ignore() {
	names := slices.Sorted(maps.Keys(report.Names))
	for _, i := range c.site.Ignore {
		if report.Names[i.Value] != "" {
			continue
		}
		src := c.d.Source
		if over, ok := c.over["ignoreWarnings"]; ok {
			src = over
		}
		c.d.Problems.Add(src.At(i.Pos.Line, i.Pos.Col, i.Pos.Len, "unknown-warning", fmt.Sprintf("there is no warning %q", i.Value),
			report.DidYouMean(i.Value, names)).Warn())
	}
}

// Silenced are the names of the warnings that the site does not want to hear.
func (s *Site) Silenced() (names []string) {
	for _, i := range s.Ignore {
		names = append(names, i.Value)
	}
	return names
}
