package mail

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	htmltemplate "html/template"
	"io/fs"
	"maps"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	texttemplate "text/template"
	"time"

	"pressroom/internal/locale"
)

//go:embed templates
var embedded embed.FS

// Site is what mails tell of the site that sends them. All of it is the operator's.
type Site struct {
	Title        Words          // of the press site
	Organisation Words          // that runs it
	BaseURL      string         // "https://press.example.org"
	From         string         // the address mails come from; its name is Title
	Contact      string         // where people are reached, an address or other words; may be empty
	Zone         *time.Location // of the times in mails; UTC when nil
}

// Words are a text by language. The one under "" is for the languages without.
type Words map[string]string

func (w Words) in(lang string) string {
	if s, ok := w[lang]; ok {
		return s
	}
	return w[""]
}

// Letter is what a mail has beside what it is about.
type Letter struct {
	ID       string // of letters, digits, - and _
	To       string
	Language string    // BCP 47; one without templates gets those of Languages()[0]
	Date     time.Time // when it was written, so that it is the same at each try
}

// About is what a mail is about: Verify, Known, Reset, Confirm, Changed, Deleted or
// Newsletter. None but Newsletter has a word that a visitor could choose.
type About interface {
	// Kind is the name of its templates.
	Kind() string
}

type (
	// Verify gives the code that makes an account.
	Verify struct {
		Code string
		Life time.Duration // of the code, from now
	}
	// Known tells somebody who has an account that a second one was asked for.
	Known struct{}
	// Reset gives the code by which a new password is set.
	Reset struct {
		Code string
		Life time.Duration
	}
	// Confirm gives the code by which somebody without an account gets the newsletter.
	Confirm struct {
		Code string
		Life time.Duration
	}
	// Changed tells that the password is another one.
	Changed struct{ At time.Time }
	// Deleted tells that the account is no more.
	Deleted struct{ At time.Time }
	// Newsletter is an issue of the newsletter for one subscriber. Its links are absolute.
	Newsletter struct {
		Items       []Item // at least one
		Preferences string // the page for choosing what to get
		Unsubscribe string // takes a POST by RFC 8058 and shows a page for a GET
	}
	// Item is a piece of news.
	Item struct {
		Title, Summary, URL string
		Date                time.Time
	}
)

func (Verify) Kind() string     { return "verify" }
func (Known) Kind() string      { return "known" }
func (Reset) Kind() string      { return "reset" }
func (Confirm) Kind() string    { return "confirm" }
func (Changed) Kind() string    { return "changed" }
func (Deleted) Kind() string    { return "deleted" }
func (Newsletter) Kind() string { return "newsletter" }

// samples are one of each kind. A set of templates that cannot write them is refused.
func samples() []About {
	at := time.Date(2024, 5, 27, 14, 0, 0, 0, time.UTC)
	return []About{
		Verify{"042719", 30 * time.Minute}, Known{}, Reset{"04271938", 30 * time.Minute}, Confirm{"042719", 30 * time.Minute},
		Changed{at}, Deleted{at},
		Newsletter{
			Items:       []Item{{"Harbour reopens", "Two berths from Monday.", "https://press.example.org/news/harbour/", at}, {"Quay, of 1974", "", "https://press.example.org/news/quay/", at}},
			Preferences: "https://press.example.org/newsletter/preferences?t=x", Unsubscribe: "https://press.example.org/newsletter/unsubscribe?t=x",
		},
	}
}

// codeOf is the code that a mail gives, or "".
func codeOf(about About) string {
	switch a := about.(type) {
	case Verify:
		return a.Code
	case Reset:
		return a.Code
	case Confirm:
		return a.Code
	}
	return ""
}

// Templates write the mails of a site. Each language is a folder; in it frame.txt and
// frame.html are around every mail, and each kind has two files. Its .txt defines
// "subject" and "content", its .html "content". They are executed with
//
//	.Title .Organisation .Contact   of the site, in the language
//	.Host .URL "/path"              of the site
//	.Language .Dir .Date .Subject   of the mail; Dir is ltr or rtl
//	.Data                           what it is about, as Verify
//
// and have the functions date and time, of an instant, minutes, of a duration, and
// rest, of a list.
type Templates struct {
	site      Site
	base      *url.URL
	languages map[string]*set
}

// set is the templates of one language.
type set struct {
	locale *locale.Locale
	text   map[string]*texttemplate.Template
	html   map[string]*htmltemplate.Template
}

// view is what templates are executed with.
type view struct {
	Title, Organisation, Contact, Host string
	Language, Dir, Subject             string
	Date                               time.Time
	Data                               About

	base *url.URL
}

// URL is an address of the site.
func (v view) URL(path string) string { return v.base.JoinPath(path).String() }

// NewTemplates reads the templates: those that come with the gate, and over them the
// operator's, in a folder of the same form, which may hold any of the files and further
// languages; nil for none. A set that is not whole, or cannot write one of the mails, is
// an error, so that it is not found out when somebody waits for a mail.
func NewTemplates(site Site, own fs.FS) (*Templates, error) {
	if site.Zone == nil {
		site.Zone = time.UTC
	}
	base, err := url.Parse(site.BaseURL)
	if err != nil || base.Host == "" || base.Scheme != "https" && base.Scheme != "http" {
		return nil, fmt.Errorf("mail templates: base URL %q is not absolute", site.BaseURL)
	}
	if err := CheckAddress(site.From); err != nil {
		return nil, fmt.Errorf("mail templates: sender: %w", err)
	}
	t := &Templates{site: site, base: base, languages: map[string]*set{}}
	shipped, err := fs.Sub(embedded, "templates")
	if err != nil {
		return nil, fmt.Errorf("mail templates: %w", err)
	}
	layers := []fs.FS{shipped}
	if own != nil {
		layers = append(layers, own)
	}
	files := map[string]string{}
	for _, layer := range layers {
		names, err := fs.Glob(layer, "*/*")
		if err != nil {
			return nil, fmt.Errorf("mail templates: %w", err)
		}
		for _, name := range names {
			if path.Ext(name) != ".txt" && path.Ext(name) != ".html" {
				continue
			}
			b, err := fs.ReadFile(layer, name)
			if err != nil {
				return nil, fmt.Errorf("mail templates: %w", err)
			}
			files[name] = string(b)
		}
	}
	for name := range files {
		lang := path.Dir(name)
		if t.languages[lang] != nil {
			continue
		}
		if t.languages[lang], err = t.parse(lang, files); err != nil {
			return nil, fmt.Errorf("mail templates: %w", err)
		}
		for _, about := range samples() {
			l := Letter{ID: "sample", To: "reader@example.org", Language: lang, Date: time.Date(2024, 5, 27, 14, 0, 0, 0, time.UTC)}
			m, err := t.Compose(l, about)
			if err == nil {
				err = m.Check()
			}
			if err != nil {
				return nil, fmt.Errorf("mail templates: %s/%s: %w", lang, about.Kind(), err)
			}
		}
	}
	return t, nil
}

func (t *Templates) parse(lang string, files map[string]string) (*set, error) {
	s := &set{locale: locale.New(lang), text: map[string]*texttemplate.Template{}, html: map[string]*htmltemplate.Template{}}
	functions := map[string]any{
		"date":    func(at time.Time) string { return s.locale.Date(at.In(t.site.Zone)) },
		"time":    func(at time.Time) string { return s.locale.Time(at.In(t.site.Zone)) },
		"minutes": func(d time.Duration) int { return int(d / time.Minute) },
		"rest":    func(items []Item) []Item { return items[min(1, len(items)):] },
	}
	for _, about := range samples() {
		kind := about.Kind()
		text, html := texttemplate.New("text").Funcs(functions), htmltemplate.New("html").Funcs(functions)
		for _, name := range []string{"frame", kind} {
			for _, ext := range []string{".txt", ".html"} {
				file := lang + "/" + name + ext
				content, ok := files[file]
				if !ok {
					return nil, fmt.Errorf("%s is missing", file)
				}
				var err error
				if ext == ".txt" {
					_, err = text.New(file).Parse(content)
				} else {
					_, err = html.New(file).Parse(content)
				}
				if err != nil {
					return nil, err // names the file
				}
			}
		}
		s.text[kind], s.html[kind] = text, html
	}
	return s, nil
}

// Languages lists the languages that have templates, English first if it is one, then
// by name.
func (t *Templates) Languages() []string {
	return slices.SortedFunc(maps.Keys(t.languages), func(a, b string) int {
		if a == "en" || b == "en" {
			return map[bool]int{true: -1, false: 1}[a == "en"]
		}
		return strings.Compare(a, b)
	})
}

// language picks the templates for a language: its own, those of it without a region,
// or the first.
func (t *Templates) language(lang string) string {
	for ; lang != ""; lang = lang[:max(strings.LastIndexByte(lang, '-'), 0)] {
		if t.languages[lang] != nil {
			return lang
		}
	}
	return t.Languages()[0]
}

var blankLines = regexp.MustCompile(`\n{3,}`)

// Compose writes a mail.
func (t *Templates) Compose(l Letter, about About) (Message, error) {
	m, err := t.compose(l, about)
	if err != nil {
		return Message{}, fmt.Errorf("compose %s mail: %w", about.Kind(), err)
	}
	return m, nil
}

func (t *Templates) compose(l Letter, about About) (Message, error) {
	lang := t.language(l.Language)
	s, kind := t.languages[lang], about.Kind()
	if s.text[kind] == nil {
		return Message{}, errors.New("there is no such kind")
	}
	v := view{
		Title: t.site.Title.in(lang), Organisation: t.site.Organisation.in(lang), Contact: t.site.Contact, Host: t.base.Host,
		Language: lang, Dir: s.locale.Dir, Date: l.Date, Data: about, base: t.base,
	}
	m := Message{ID: l.ID, From: Sender{v.Title, t.site.From}, To: l.To, Date: l.Date, Language: lang}
	if t.site.Contact != t.site.From && CheckAddress(t.site.Contact) == nil {
		m.Headers = append(m.Headers, Header{"Reply-To", "<" + t.site.Contact + ">"})
	}
	if n, ok := about.(Newsletter); ok {
		headers, err := t.listHeaders(n)
		if err != nil {
			return Message{}, err
		}
		m.Headers = append(m.Headers, headers...)
	} else {
		m.Headers = append(m.Headers, Header{"Auto-Submitted", "auto-generated"}) // RFC 3834: no holiday replies
	}

	var b bytes.Buffer
	if err := s.text[kind].ExecuteTemplate(&b, "subject", v); err != nil {
		return Message{}, err
	}
	m.Subject = strings.Join(strings.Fields(b.String()), " ")
	v.Subject = m.Subject
	b.Reset()
	if err := s.text[kind].ExecuteTemplate(&b, lang+"/frame.txt", v); err != nil {
		return Message{}, err
	}
	m.Text = strings.TrimSpace(blankLines.ReplaceAllString(b.String(), "\n\n")) + "\n"
	b.Reset()
	if err := s.html[kind].ExecuteTemplate(&b, lang+"/frame.html", v); err != nil {
		return Message{}, err
	}
	m.HTML = b.String()

	if code := codeOf(about); code != "" {
		if !strings.Contains("\n"+m.Text, "\n"+code+"\n") {
			return Message{}, errors.New("the code does not stand alone on a line of the text")
		}
		if strings.Contains(m.Subject, code) {
			return Message{}, errors.New("the code stands in the subject, which shows on locked screens")
		}
	}
	return m, nil
}

// listHeaders are those of a newsletter: RFC 2369, RFC 2919, RFC 8058.
func (t *Templates) listHeaders(n Newsletter) ([]Header, error) {
	if len(n.Items) == 0 {
		return nil, errors.New("a newsletter has at least one item")
	}
	u, err := url.Parse(n.Unsubscribe)
	if err != nil || u.Host == "" || strings.ContainsAny(n.Unsubscribe, "<>, \"") {
		return nil, errors.New("the link to unsubscribe is not an absolute URL") // not shown: whoever has it can unsubscribe
	}
	return []Header{
		{"List-Id", "<newsletter." + t.base.Hostname() + ">"},
		{"List-Unsubscribe", "<" + n.Unsubscribe + ">"},
		{"List-Unsubscribe-Post", "List-Unsubscribe=One-Click"},
	}, nil
}
