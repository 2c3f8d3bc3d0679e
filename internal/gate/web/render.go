// Package web is the gate's routes and pages. In come requests; out come pages drawn by
// the site's own layouts, redirects, and a little JSON. It decides nothing: the rules are
// package gate's, and what they refuse it tells in a sentence of the reader's language.
package web

import (
	"cmp"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/url"
	"path"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/language"

	"pressroom/internal/asset"
	"pressroom/internal/frame"
	"pressroom/internal/layout"
	"pressroom/internal/locale"
	"pressroom/internal/report"
)

// Pages draws the gate's pages within the frame of the site. It may be used by many
// goroutines, also while the frame changes.
type Pages struct {
	now atomic.Pointer[drawing]
}

// drawing is all that pages are drawn with, complete and never changed.
type drawing struct {
	file     *frame.File
	layouts  *layout.Set
	zone     *time.Location
	editions map[string]*edition
	prefer   language.Matcher // makes a table of all that the languages are near to
}

// edition is the site in one language.
type edition struct {
	*frame.Frame
	locale *locale.Locale
	t      words
}

// NewPages makes pages that are drawn in a frame.
func NewPages(f *frame.File) (*Pages, error) {
	p := &Pages{}
	return p, p.Use(f)
}

// Ready tells whether there is a frame to draw in.
func (p *Pages) Ready() bool { return p.now.Load() != nil }

// Use draws in another frame from now on. A frame that cannot be drawn in changes
// nothing: the pages stay as they were.
func (p *Pages) Use(f *frame.File) error {
	d := &drawing{file: f, editions: map[string]*edition{}}
	sources := map[string][]byte{}
	for name, text := range f.Layouts {
		sources[name] = []byte(text)
	}
	var problems report.List
	if d.layouts, problems = layout.Part(sources, "account"); problems.HasErrors() {
		return fmt.Errorf("use the frame's layouts: %v", problems.Sorted()[0])
	}
	for _, v := range every() {
		if !d.layouts.Has(layoutOf(v)) {
			return fmt.Errorf("use the frame's layouts: there is no %s.html", layoutOf(v))
		}
	}
	var err error
	if d.zone, err = time.LoadLocation(f.TimeZone); err != nil {
		return fmt.Errorf("use the frame's time zone: %w", err)
	}
	var have []language.Tag
	for _, ed := range f.Languages {
		d.editions[ed.Frame.Lang] = &edition{ed.Frame, locale.New(ed.Frame.Lang), ed.Frame.T}
		have = append(have, language.Make(ed.Frame.Lang))
	}
	d.prefer = language.NewMatcher(have)
	p.now.Store(d)
	return nil
}

// every is one of each view.
func every() []View {
	return []View{&Register{}, &Verify{}, &Welcome{}, &LogIn{}, &Reset{}, &NewPassword{}, &ResetDone{}, &Account{}, &Sessions{}, &Downloads{},
		&Newsletter{}, &ChangePassword{}, &Export{}, &Delete{}, &Prove{}, &LogOut{}, &Unsubscribe{}, &Message{}}
}

func layoutOf(v View) string { return "account/" + v.name() }

// Builtin is the frame of a gate that stands without a site: the theme's layouts in all
// languages that it has words for, without a menu. theme has layouts/ as the built-in
// theme has it; languages come in the order given, or all with English first.
func Builtin(theme fs.FS, baseURL string, languages ...string) (*frame.File, error) {
	f := &frame.File{Version: frame.Version, BaseURL: baseURL, TimeZone: "UTC", Topics: []frame.Topic{}, Layouts: map[string]string{}}
	words := map[string][]byte{}
	err := fs.WalkDir(theme, "layouts", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := fs.ReadFile(theme, name)
		name = strings.TrimPrefix(name, "layouts/")
		if path.Ext(name) == ".html" {
			f.Layouts[name] = string(b)
		} else {
			words[name] = b
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the built-in theme: %w", err)
	}
	set, problems := layout.Part(words, "account")
	if problems.HasErrors() {
		return nil, fmt.Errorf("read the built-in theme: %v", problems.Sorted()[0])
	}
	if len(languages) == 0 {
		for _, name := range slices.Sorted(maps.Keys(words)) {
			if lang, ok := strings.CutPrefix(name, "i18n/"); ok && lang != "en.yaml" {
				languages = append(languages, strings.TrimSuffix(lang, ".yaml"))
			}
		}
		languages = append([]string{"en"}, languages...)
	}
	title := baseURL
	if u, err := url.Parse(baseURL); err == nil && u.Host != "" {
		title = u.Host
	}
	styles, scripts, err := assets(theme)
	if err != nil {
		return nil, err
	}
	for i, lang := range languages {
		l := locale.New(lang)
		t, _ := set.Words(lang)
		ed := &frame.Frame{Lang: lang, Dir: l.Dir, Title: title, Organisation: frame.Organisation{Name: title}, Home: "/", T: t,
			Styles: styles, Scripts: scripts, LogIn: "/account/login", DefaultLocale: l.OpenGraph()}
		if i > 0 {
			ed.Home, ed.LogIn = "/"+lang+"/", ed.LogIn+"?lang="+lang
		}
		ed.Seal()
		f.Languages = append(f.Languages, frame.Edition{Name: upperFirst(l.Self()), Frame: ed})
	}
	return f, nil
}

// assets are the built-in stylesheets and scripts, at the addresses where a site that has
// changed none of them serves them.
func assets(theme fs.FS) (styles, scripts map[string]frame.Asset, err error) {
	styles, scripts = map[string]frame.Asset{}, map[string]frame.Asset{}
	for pattern, to := range map[string]map[string]frame.Asset{"static/css/*.css": styles, "static/js/*.js": scripts} {
		names, err := fs.Glob(theme, pattern)
		if err != nil {
			return nil, nil, fmt.Errorf("read the built-in theme: %w", err)
		}
		for _, name := range names {
			text, err := fs.ReadFile(theme, name)
			if err != nil {
				return nil, nil, fmt.Errorf("read the built-in theme: %w", err)
			}
			base := path.Base(name)
			to[strings.TrimSuffix(base, path.Ext(base))] = asset.Make(base, text).Asset
		}
	}
	return styles, scripts, nil
}

// Sheet is the stylesheet of the site's pages.
func (p *Pages) Sheet() frame.Asset { return p.now.Load().file.Languages[0].Frame.Styles["press"] }

func upperFirst(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:]
}

// Language is the language to answer in: the one asked for when the site has it, else the
// one whose pages the reader came from, else the site's first.
func (p *Pages) Language(asked, from string) string {
	d := p.now.Load()
	if d.editions[asked] != nil {
		return asked
	}
	for _, ed := range d.file.Languages[1:] {
		if strings.HasPrefix(from, ed.Frame.Home) {
			return ed.Frame.Lang
		}
	}
	return d.file.Languages[0].Frame.Lang
}

// Prefer is the language of the site that a browser's Accept-Language likes best, or ""
// when it likes none of them.
func (p *Pages) Prefer(accept string) string {
	tags, _, err := language.ParseAcceptLanguage(accept)
	if err != nil || len(tags) == 0 {
		return ""
	}
	d := p.now.Load()
	_, i, sure := d.prefer.Match(tags...)
	if sure < language.High {
		return ""
	}
	return d.file.Languages[i].Frame.Lang
}

// Languages are the languages of the site as choices, with one of them chosen.
func (p *Pages) Languages(chosen string) (out []Option) {
	for _, ed := range p.now.Load().file.Languages {
		out = append(out, Option{ed.Frame.Lang, ed.Name, ed.Frame.Lang == chosen})
	}
	return out
}

// Topics are the topics of the site as choices.
func (p *Pages) Topics(lang string, chosen ...string) (out []Option) {
	for _, t := range p.now.Load().file.Topics {
		out = append(out, Option{t.Slug, cmp.Or(t.Names[lang], t.Slug), slices.Contains(chosen, t.Slug)})
	}
	return out
}

// Home is the path of the home page in a language.
func (p *Pages) Home(lang string) string { return p.edition(lang).Home }

// Words are the sentences of a language.
func (p *Pages) Words(lang string) Words { return Words{p.edition(lang).t} }

// Date writes an instant for readers, in the site's time zone.
func (p *Pages) Date(lang string, at time.Time) frame.Date {
	d, ed := p.now.Load(), p.edition(lang)
	at = at.In(d.zone)
	return frame.Date{ISO: at.Format("2006-01-02T15:04:05Z07:00"), Text: ed.locale.Date(at), Time: ed.locale.Time(at)}
}

// Bytes writes a size.
func (p *Pages) Bytes(lang string, n int64) string { return p.edition(lang).locale.Bytes(n) }

func (p *Pages) edition(lang string) *edition { return p.now.Load().edition(lang) }

func (d *drawing) edition(lang string) *edition {
	if ed := d.editions[lang]; ed != nil {
		return ed
	}
	return d.editions[d.file.Languages[0].Frame.Lang]
}

// Render writes a page. It completes v, which must not be used again. An error is a
// mistake in a layout; what was written by then is not a page.
func (p *Pages) Render(w io.Writer, at At, v View) error {
	d := p.now.Load()
	ed := d.edition(at.Lang)
	d.complete(ed, at, v)
	return d.layouts.Page(layoutOf(v)).Execute(w, deref(v))
}

// deref is a view as layouts take it.
func deref(v View) any { return reflect.ValueOf(v).Elem().Interface() }

// complete adds to a view what is the same whatever happened.
func (d *drawing) complete(ed *edition, at At, v View) {
	h, t := v.head(), ed.t
	h.Site, h.URL, h.OGType = ed.Frame, at.Path, "website"
	h.Return, h.Back = at.Return, cmp.Or(h.Back, pageOf(at.Return), ed.Home)
	h.Reader = &frame.Reader{Name: at.Reader}
	if _, ok := v.(*LogIn); !ok {
		h.Reader.LogIn = h.link("/account/login", at)
	}
	if at.Reader != "" {
		h.Nav = d.nav(h, t, at)
	}
	if !at.Answered && len(d.file.Languages) > 1 {
		for _, o := range d.file.Languages {
			there := Head{}
			there.Site = o.Frame
			h.Languages = append(h.Languages, frame.Language{Lang: o.Frame.Lang, Name: o.Name, URL: there.link(at.Path, at), Current: o.Frame == ed.Frame})
		}
	}
	v.prepare(t, at)
	h.Form.Action = cmp.Or(h.Form.Action, at.Path)
	if work := h.Form.Work; work != nil && work.Wait > 0 {
		work.Else = fmt.Sprintf(t["account_work_else"], t.wait(work.Wait))
	}
	h.Title = cmp.Or(h.Title, title(t, v))
	h.HeadTitle = h.Title + " · " + ed.Title
	if h.Kicker != "" {
		h.HeadTitle = h.Title + " · " + h.Kicker + " · " + ed.Title
	}
	if h.Form.Error != "" {
		h.Mistakes = append(h.Mistakes, Mistake{"", h.Form.Error})
	}
	for _, f := range v.fields() {
		var unmet []string
		for _, rule := range f.Rules {
			if rule.Unmet {
				unmet = append(unmet, rule.Text)
			}
		}
		if len(unmet) > 0 { // named, for those who cannot see which ones are marked
			f.Error = fmt.Sprintf(t["account_password_lacks"], strings.Join(unmet, ", "))
		}
		if f.Error != "" {
			h.Mistakes = append(h.Mistakes, Mistake{f.Name, f.Error})
		}
	}
	if len(h.Mistakes) > 0 {
		h.HeadTitle = fmt.Sprintf(t["account_error_title"], h.HeadTitle)
	}
}

// pageOf is the page to go back to: of a download, the one it was asked for on.
func pageOf(back string) string {
	if u, err := url.Parse(back); err == nil && strings.HasPrefix(u.Path, "/download/") {
		return u.Query().Get("return")
	}
	return back
}

// title is the heading of a page.
func title(t words, v View) string {
	switch v := v.(type) {
	case *Message:
		return cmp.Or(t["message_"+v.Kind], t["message_invalid"])
	case *Welcome:
		if !v.Created {
			return t["account_ready_title"]
		}
	case *Unsubscribe:
		if v.Done {
			return t["account_unsubscribed_title"]
		}
	case *Newsletter:
		if v.Subscribed {
			return t["account_newsletter_yours_title"]
		}
	}
	return t["account_"+strings.ReplaceAll(v.name(), "-", "_")+"_title"]
}

// nav are the pages of an account.
func (d *drawing) nav(h *Head, t words, at At) (out []Item) {
	for _, i := range []struct{ word, path string }{
		{"account_account_title", "/account"},
		{"account_downloads_title", "/account/downloads"},
		{"account_newsletter_nav", "/newsletter/subscribe"},
		{"account_sessions_title", "/account/sessions"},
		{"account_password_title", "/account/password"},
	} {
		out = append(out, Item{frame.Link{Text: t[i.word], URL: h.link(i.path, at)}, i.path == at.Path})
	}
	return out
}
