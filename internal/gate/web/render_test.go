package web

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"pressroom"
	"pressroom/internal/frame"
)

var update = flag.Bool("update", false, "rewrite the pages of testdata")

// state is a page in one of its states.
type state struct {
	name string
	view func(p *Pages, lang string) View // made anew: a page is rendered once
	path string
	in   bool // somebody is logged in
}

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// states are all pages in all states that a reader can meet.
func states() (out []state) {
	add := func(name, path string, in bool, view func(p *Pages, lang string) View) {
		out = append(out, state{name, view, path, in})
	}
	rules := func(w Words, unmet ...int) (r []Rule) {
		for i, name := range []string{"length", "spaces", "upper", "lower", "number", "symbol"} {
			r = append(r, w.Rule(name, 12))
			r[i].Unmet = slices.Contains(unmet, i)
		}
		return r
	}
	const address, wanted = "lena.brandt@abendpost.example", "Gauge readers at work in Port Hale"

	add("register", "/account/register", false, func(p *Pages, lang string) View {
		return &Register{Password: Field{Rules: rules(p.Words(lang))}, Head: Head{Form: Form{Token: "f0rm"}}}
	})
	add("register-wanted", "/account/register", false, func(p *Pages, lang string) View {
		return &Register{Password: Field{Rules: rules(p.Words(lang))}, Wanted: wanted}
	})
	add("register-wrong", "/account/register", false, func(p *Pages, lang string) View {
		w := p.Words(lang)
		return &Register{
			Email:        Field{Value: `lena@"<script>`, Error: w.Refused("address", 0, 0)},
			Password:     Field{Value: "never shown", Rules: rules(p.Words(lang), 0, 4), Error: w.Refused("password", 0, 0)},
			Name:         Field{Error: w.Refused("name", 0, 0)},
			Organisation: Field{Value: "Abendpost"},
		}
	})
	add("register-work", "/account/register", false, func(p *Pages, lang string) View {
		return &Register{Password: Field{Rules: rules(p.Words(lang))}, Head: Head{Form: Form{Error: p.Words(lang).Refused("work", 0, 0), Work: &Work{Challenge: "1.18.abc", Wait: 10 * time.Minute}}}}
	})
	add("register-too-many", "/account/register", false, func(p *Pages, lang string) View {
		return &Register{Email: Field{Value: address}, Password: Field{Rules: rules(p.Words(lang))}, Head: Head{Form: Form{Error: p.Words(lang).Refused("too_many", 0, 50*time.Minute)}}}
	})

	verify := func(name string, to Purpose, set func(v *Verify, w Words)) {
		path, digits := "/account/verify", 6
		switch to {
		case ToReset:
			path, digits = "/account/reset/verify", 8
		case ToConfirm:
			path = "/newsletter/confirm"
		}
		add(name, path, false, func(p *Pages, lang string) View {
			v := &Verify{For: to, Email: address, Digits: digits, Minutes: 30, Resend: Resend{Wait: 48 * time.Second}}
			if set != nil {
				set(v, p.Words(lang))
			}
			return v
		})
	}
	verify("verify", ToRegister, nil)
	verify("verify-wrong", ToRegister, func(v *Verify, w Words) {
		v.Code, v.Resend.Wait = Field{Value: "123456", Error: w.Refused("code_wrong", 3, 0)}, 0
	})
	verify("verify-last", ToRegister, func(v *Verify, w Words) { v.Code.Error = w.Refused("code_wrong", 1, 0) })
	verify("verify-resent", ToRegister, func(v *Verify, _ Words) { v.Resend = Resend{Wait: 60 * time.Second, Sent: true} })
	verify("verify-resend-early", ToRegister, func(v *Verify, w Words) { v.Form.Error = w.Refused("too_many", 0, 48*time.Second) })
	for _, kind := range []string{"code_expired", "code_dead"} {
		verify("verify-"+kind, ToRegister, func(v *Verify, w Words) {
			v.Form.Error, v.Closed, v.Resend.Wait = w.Refused(kind, 0, 0), true, 0
		})
	}
	for _, kind := range []string{"flow", "code_used"} {
		verify("verify-"+kind, ToRegister, func(v *Verify, w Words) { v.Form.Error, v.Closed, v.Email = w.Refused(kind, 0, 0), true, "" })
	}
	verify("verify-reset", ToReset, nil)
	verify("verify-reset-wrong", ToReset, func(v *Verify, w Words) { v.Code.Error = w.Refused("code_form", 0, 0) })
	verify("verify-newsletter", ToConfirm, nil)

	add("welcome", "/account/welcome", true, func(*Pages, string) View { return &Welcome{Created: true} })
	add("welcome-download", "/account/welcome", true, func(*Pages, string) View {
		return &Welcome{Created: true, Download: &Download{"MC-1/broadcast", wanted, "/download/MC-1/broadcast"}}
	})
	add("welcome-back", "/account/welcome", true, func(*Pages, string) View {
		return &Welcome{Subscribed: true, Download: &Download{"MC-1/broadcast", wanted, "/download/MC-1/broadcast"}}
	})
	add("welcome-subscribed", "/account/welcome", true, func(*Pages, string) View { return &Welcome{Created: true, Subscribed: true} })
	add("login", "/account/login", false, func(*Pages, string) View { return &LogIn{} })
	add("login-wanted", "/account/login", false, func(*Pages, string) View { return &LogIn{Wanted: wanted} })
	for _, kind := range []string{"login", "busy", "blocked"} {
		add("login-"+kind, "/account/login", false, func(p *Pages, lang string) View {
			return &LogIn{Email: Field{Value: address}, Head: Head{Form: Form{Error: p.Words(lang).Refused(kind, 0, 0)}}}
		})
	}
	add("reset", "/account/reset", false, func(*Pages, string) View { return &Reset{} })
	add("reset-wrong", "/account/reset", false, func(p *Pages, lang string) View {
		return &Reset{Email: Field{Value: "lena", Error: p.Words(lang).Refused("address", 0, 0)}}
	})
	add("password-new", "/account/reset/password", false, func(p *Pages, lang string) View {
		return &NewPassword{Email: address, Password: Field{Rules: rules(p.Words(lang))}}
	})
	add("password-new-wrong", "/account/reset/password", false, func(p *Pages, lang string) View {
		return &NewPassword{Email: address, Password: Field{Rules: rules(p.Words(lang), 1, 5), Error: p.Words(lang).Refused("password", 0, 0)}}
	})
	add("reset-done", "/account/reset/done", false, func(*Pages, string) View { return &ResetDone{} })

	account := func(p *Pages, lang string) *Account {
		return &Account{Email: address, Since: p.Date(lang, noon.AddDate(-1, 0, 0)), Name: Field{Value: "Lena Brandt"},
			Organisation: Field{Value: "Abendpost"}, Language: Field{Options: p.Languages("fr")}}
	}
	add("account", "/account", true, func(p *Pages, lang string) View { return account(p, lang) })
	add("account-wrong", "/account", true, func(p *Pages, lang string) View {
		v := account(p, lang)
		v.Name = Field{Error: p.Words(lang).Refused("name", 0, 0)}
		v.Organisation.Error, v.Language.Error = p.Words(lang).Refused("name", 0, 0), p.Words(lang).Refused("invalid", 0, 0)
		return v
	})
	for _, note := range []Note{Saved, PasswordChanged, NowSubscribed, NowUnsubscribed} {
		add("account-"+string(note), "/account", true, func(p *Pages, lang string) View {
			v := account(p, lang)
			v.Note = note
			return v
		})
	}
	add("sessions", "/account/sessions", true, func(p *Pages, lang string) View {
		return &Sessions{Sessions: []Session{
			{"a1", "Firefox on Linux", "192.0.2.0/24", p.Date(lang, noon.AddDate(0, 0, -3)), p.Date(lang, noon), true},
			{"b2", "Safari on iPhone", "2001:db8:7::/48", p.Date(lang, noon.AddDate(0, 0, -9)), p.Date(lang, noon.Add(-26*time.Hour)), false},
			{"c3", "Chrome on Windows", "198.51.100.0/24", p.Date(lang, noon.AddDate(0, 0, -20)), p.Date(lang, noon.AddDate(0, 0, -6)), false},
		}}
	})
	add("sessions-one", "/account/sessions", true, func(p *Pages, lang string) View {
		return &Sessions{Note: OthersEnded, Sessions: []Session{{"a1", "Firefox on Linux", "", p.Date(lang, noon), p.Date(lang, noon), true}}}
	})
	add("sessions-ended", "/account/sessions", true, func(p *Pages, lang string) View {
		return &Sessions{Note: SessionEnded, Sessions: []Session{{"a1", "Firefox on Linux", "", p.Date(lang, noon), p.Date(lang, noon), true}}}
	})
	add("downloads", "/account/downloads", true, func(p *Pages, lang string) View {
		return &Downloads{Downloads: []Taken{
			{Download{"MC-20260707-V-0412/broadcast-1080i50", wanted, "/download/MC-20260707-V-0412/broadcast-1080i50"}, "/videos/MC-20260707-V-0412/", p.Bytes(lang, 473_956_352), p.Date(lang, noon)},
			{Download{ID: "MC-20240527-V-0007/web", Title: "Spring session: arrivals"}, "", p.Bytes(lang, 74_400_000), p.Date(lang, noon.AddDate(0, -4, 0))},
		}}
	})
	add("downloads-none", "/account/downloads", true, func(*Pages, string) View { return &Downloads{} })
	add("newsletter", "/newsletter/subscribe", false, func(p *Pages, lang string) View {
		return &Newsletter{Topics: Field{Options: p.Topics(lang)}, Language: Field{Options: p.Languages(lang)}}
	})
	add("newsletter-wrong", "/newsletter/subscribe", false, func(p *Pages, lang string) View {
		w := p.Words(lang)
		return &Newsletter{Email: Field{Value: "lena", Error: w.Refused("domain", 0, 0)}, Topics: Field{Options: p.Topics(lang, "water"), Error: w.Refused("invalid", 0, 0)},
			Language: Field{Options: p.Languages(lang)}}
	})
	add("newsletter-yours", "/newsletter/subscribe", true, func(p *Pages, lang string) View {
		return &Newsletter{Address: address, Subscribed: true, Note: Saved, Topics: Field{Options: p.Topics(lang, "energy", "water")}, Language: Field{Options: p.Languages(lang)}}
	})
	add("password", "/account/password", true, func(p *Pages, lang string) View {
		return &ChangePassword{Email: address, New: Field{Rules: rules(p.Words(lang))}}
	})
	add("password-wrong", "/account/password", true, func(p *Pages, lang string) View {
		w := p.Words(lang)
		return &ChangePassword{Email: address, Old: Field{Error: w.Refused("old_password", 0, 0)}, New: Field{Rules: rules(p.Words(lang), 2), Error: w.Refused("password", 0, 0)}}
	})
	add("export", "/account/export", true, func(*Pages, string) View { return &Export{} })
	add("delete", "/account/delete", true, func(*Pages, string) View { return &Delete{Email: address} })
	add("delete-wrong", "/account/delete", true, func(p *Pages, lang string) View {
		return &Delete{Email: address, Password: Field{Error: p.Words(lang).Refused("old_password", 0, 0)}}
	})
	add("prove", "/account/export", true, func(*Pages, string) View { return &Prove{Email: address} })
	add("prove-wrong", "/account/export", true, func(p *Pages, lang string) View {
		return &Prove{Email: address, Password: Field{Error: p.Words(lang).Refused("old_password", 0, 0)}}
	})
	add("logout", "/account/logout", true, func(*Pages, string) View { return &LogOut{} })
	add("unsubscribe", "/newsletter/unsubscribe", false, func(*Pages, string) View { return &Unsubscribe{} })
	add("unsubscribe-done", "/newsletter/unsubscribe", false, func(*Pages, string) View { return &Unsubscribe{Done: true} })
	for _, kind := range messages {
		add("message-"+kind, "/account/elsewhere", false, func(*Pages, string) View {
			m := &Message{Kind: kind}
			if kind == "too_many" || kind == "unavailable" {
				m.Wait = 90 * time.Minute
			}
			if kind == "download" {
				m.Next = []frame.Link{{Text: "The video", URL: "/videos/MC-1/"}, {Text: "Home", URL: "/"}}
			}
			return m
		})
	}
	return out
}

// messages are the kinds of Message.
var messages = strings.Fields("invalid too_many busy blocked logged_out flow code_used download not_yet no_longer too_much token not_found method cross_site form unavailable error signed_out deleted subscribed")

// newsroom is the frame of a small site, drawn by the theme.
func newsroom(t testing.TB) *Pages {
	t.Helper()
	f, err := Builtin(pressroom.Theme, "https://press.meridian-council.example", "en", "fr")
	if err != nil {
		t.Fatal(err)
	}
	f.TimeZone = "Europe/Amsterdam"
	f.Topics = []frame.Topic{{Slug: "energy", Names: map[string]string{"en": "Energy", "fr": "Énergie"}}, {Slug: "water", Names: map[string]string{"en": "Water and coasts", "fr": "Eaux et littoral"}}}
	p, err := NewPages(f)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// at is where a state is met.
func (s state) at(lang string) At {
	at := At{Lang: lang, Path: s.path, Return: "/videos/MC-1/?a=1&b=2"}
	if s.in {
		at.Reader = "Lena Brandt"
	}
	return at
}

func render(t *testing.T, p *Pages, at At, v View) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := p.Render(&b, at, v); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestPages(t *testing.T) {
	p := newsroom(t)
	for _, s := range states() {
		for _, lang := range []string{"en", "fr"} {
			t.Run(s.name+"/"+lang, func(t *testing.T) {
				page := render(t, p, s.at(lang), s.view(p, lang))
				inspect(t, page)
				if !bytes.Contains(page, []byte(`<html lang="`+lang+`"`)) {
					t.Error("it is not in its language")
				}
				if bytes.Contains(page, []byte("%!")) || bytes.Contains(page, []byte("ZgotmplZ")) {
					t.Errorf("something was not filled in:\n%s", page)
				}
			})
		}
	}
}

// inspect reads a page as a browser and a screen reader do.
func inspect(t *testing.T, page []byte) {
	t.Helper()
	root, err := html.Parse(bytes.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	ids, labels := map[string]bool{}, map[string]bool{}
	var h1, robots int
	var title string
	var mistakes, invalid int
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		if id, ok := attr(n, "id"); ok {
			if ids[id] {
				t.Errorf("two elements have the id %q", id)
			}
			ids[id] = true
		}
		for _, a := range n.Attr {
			if a.Key == "style" || strings.HasPrefix(a.Key, "on") {
				t.Errorf("<%s %s=%q> is inline", n.Data, a.Key, a.Val)
			}
		}
		switch n.Data {
		case "h1":
			h1++
		case "title":
			title = content(n)
		case "style":
			t.Error("there is an inline style")
		case "script":
			if src, _ := attr(n, "src"); src == "" {
				t.Error("there is an inline script")
			}
		case "label":
			if id, ok := attr(n, "for"); ok && strings.TrimSpace(content(n)) != "" {
				labels[id] = true
			}
		case "meta":
			name, _ := attr(n, "name")
			what, _ := attr(n, "content")
			if name == "robots" && what == "noindex" {
				robots++
			}
		case "section":
			if class, _ := attr(n, "class"); class == "mistakes" {
				mistakes++
			}
		}
		if is, _ := attr(n, "aria-invalid"); is == "true" {
			invalid++
		}
	}
	for n := range root.Descendants() {
		switch {
		case n.Type != html.ElementNode:
		case n.Data == "input" || n.Data == "select":
			kind, _ := attr(n, "type")
			id, _ := attr(n, "id")
			if hidden, _ := attr(n, "aria-hidden"); kind != "hidden" && hidden != "true" && !labels[id] && !within(n, "label") {
				t.Errorf("an input of type %q, id %q has no label", kind, id)
			}
			if value, ok := attr(n, "value"); kind == "password" && ok {
				t.Errorf("a password is shown: %q", value)
			}
		case n.Data == "form":
			if method, _ := attr(n, "method"); method != "post" {
				t.Errorf("a form is sent by %q", method)
			}
			if action, _ := attr(n, "action"); !strings.HasPrefix(action, "/") {
				t.Errorf("a form goes to %q", action)
			}
		case n.Data == "a":
			if href, _ := attr(n, "href"); href == "" || strings.HasPrefix(href, "#") && !ids[href[1:]] {
				t.Errorf("a link leads to %q", href)
			}
			if strings.TrimSpace(content(n)) == "" {
				t.Error("a link has no text")
			}
		case n.Data == "button":
			if strings.TrimSpace(content(n)) == "" {
				t.Error("a button has no text")
			}
		}
		for _, key := range []string{"aria-describedby", "aria-labelledby"} {
			list, _ := attr(n, key)
			for id := range strings.FieldsSeq(list) {
				if !ids[id] {
					t.Errorf("%s names %q, which is not there", key, id)
				}
			}
		}
	}
	if h1 != 1 || robots != 1 {
		t.Errorf("%d headings of the first level, %d times noindex", h1, robots)
	}
	if wrong := strings.HasPrefix(title, "Error: ") || strings.HasPrefix(title, "Erreur\u00a0: "); wrong != (mistakes > 0) || invalid > 0 && !wrong {
		t.Errorf("title %q, %d summaries of mistakes, %d invalid fields", title, mistakes, invalid)
	}
}

func within(n *html.Node, tag string) bool {
	for a := range n.Ancestors() {
		if a.Data == tag {
			return true
		}
	}
	return false
}

func attr(n *html.Node, key string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val, true
		}
	}
	return "", false
}

func content(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return b.String()
}

// Two pages at two addresses have two titles.
func TestTitlesAreUnique(t *testing.T) {
	p := newsroom(t)
	seen := map[string]string{}
	for _, s := range states() {
		if strings.HasPrefix(s.name, "message-") || strings.HasPrefix(s.name, "prove") {
			continue // they stand for another page
		}
		title := regexp.MustCompile(`<title>(?:Error: )?(.*?)</title>`).FindSubmatch(render(t, p, s.at("en"), s.view(p, "en")))
		if before, ok := seen[string(title[1])]; ok && before != s.path {
			t.Errorf("%s and %s are both %q", before, s.path, title[1])
		}
		seen[string(title[1])] = s.path
	}
}

// The pages that most readers see, as they are sent: a change shows in the diff.
func TestGolden(t *testing.T) {
	p := newsroom(t)
	kept := map[string]string{"register-wrong": "en", "verify": "fr", "login-wanted": "en", "sessions": "fr", "message-too_many": "en"}
	for _, s := range states() {
		lang := kept[s.name]
		if lang == "" {
			continue
		}
		page := render(t, p, s.at(lang), s.view(p, lang))
		start, end := bytes.Index(page, []byte("<header class=\"masthead\"")), bytes.Index(page, []byte("<footer"))
		got := append(bytes.ReplaceAll(page[start:end], []byte("><"), []byte(">\n<")), '\n')
		name := filepath.Join("testdata", s.name+"."+lang+".html")
		if *update {
			if err := os.WriteFile(name, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(name)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %v\ngot  %s\nwant %s", name, err, got, want)
		}
	}
}

func TestLanguage(t *testing.T) {
	p := newsroom(t)
	for _, c := range []struct{ asked, from, want string }{
		{"fr", "", "fr"}, {"", "", "en"}, {"de", "", "en"}, {"", "/fr/videos/MC-1/", "fr"}, {"", "/french/", "en"}, {"en", "/fr/", "en"}, {"../../x", "/fr", "en"},
	} {
		if got := p.Language(c.asked, c.from); got != c.want {
			t.Errorf("Language(%q, %q) = %q, want %q", c.asked, c.from, got, c.want)
		}
	}
}

// The switch keeps the way back, and is not there where the address does not show the page.
func TestLanguageSwitch(t *testing.T) {
	p := newsroom(t)
	at := At{Lang: "en", Path: "/account/login", Return: "/videos/MC-1/?x=1"}
	page := render(t, p, at, &LogIn{})
	if want := `href="/account/login?lang=fr&amp;return=%2Fvideos%2FMC-1%2F%3Fx%3D1" lang="fr"`; !bytes.Contains(page, []byte(want)) {
		t.Errorf("no %s in %s", want, page)
	}
	at.Answered = true
	if page := render(t, p, at, &LogIn{}); bytes.Contains(page, []byte(`hreflang="fr"`)) {
		t.Error("an answer to a POST has a language switch")
	}
}

// A frame with a mistake leaves the pages as they were.
func TestUseKeepsWhatWorks(t *testing.T) {
	p := newsroom(t)
	whole, err := Builtin(pressroom.Theme, "https://press.example")
	if err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(f *frame.File){
		"syntax":    func(f *frame.File) { f.Layouts["account/login.html"] = "{{if" },
		"missing":   func(f *frame.File) { delete(f.Layouts, "account/delete.html") },
		"no base":   func(f *frame.File) { delete(f.Layouts, "base.html") },
		"time zone": func(f *frame.File) { f.TimeZone = "Nowhere/City" },
	} {
		f := *whole
		f.Layouts = map[string]string{}
		for k, v := range whole.Layouts {
			f.Layouts[k] = v
		}
		spoil(&f)
		if err := p.Use(&f); err == nil {
			t.Errorf("%s: the frame was used", name)
		}
		if page := render(t, p, At{Lang: "fr", Path: "/account/login"}, &LogIn{}); !bytes.Contains(page, []byte("press.meridian-council.example")) {
			t.Errorf("%s: the frame was used in part", name)
		}
	}
	if err := p.Use(whole); err != nil {
		t.Fatal(err)
	}
	if page := render(t, p, At{Lang: "fr", Path: "/account/login"}, &LogIn{}); !bytes.Contains(page, []byte("<title>Se connecter · press.example</title>")) {
		t.Errorf("the new frame is not used: %s", page)
	}
}

// Nothing is left to the slow way: the layouts of accounts are compiled as the site's are.
func TestCompiled(t *testing.T) {
	p := newsroom(t)
	d := p.now.Load()
	for _, s := range states() {
		v := s.view(p, "en")
		render(t, p, s.at("en"), v)
		if err := d.layouts.Page(layoutOf(v)).Compiled(deref(v)); err != nil {
			t.Errorf("%s is left to html/template: %v", s.name, err)
		}
	}
}

func TestWait(t *testing.T) {
	p := newsroom(t)
	for d, want := range map[time.Duration]string{
		time.Millisecond: "1 second", time.Second: "1 second", 47100 * time.Millisecond: "48 seconds", 100 * time.Second: "100 seconds",
		101 * time.Second: "2 minutes", 30 * time.Minute: "30 minutes", 24 * time.Hour: "24 hours",
	} {
		if got := p.Words("en").t.wait(d); got != want {
			t.Errorf("%v is %q, want %q", d, got, want)
		}
	}
}

// Every refusal has a sentence of its own, and every message its heading.
func TestWords(t *testing.T) {
	p := newsroom(t)
	for _, lang := range []string{"en", "fr"} {
		w := p.Words(lang)
		for _, kind := range strings.Fields("invalid address domain password name code_form code_wrong code_dead code_expired code_used flow too_many work busy login unverified old_password blocked logged_out not_fresh download not_yet no_longer too_much token") {
			if got := w.Refused(kind, 2, 0); got == w.t["refused_error"] || strings.Contains(got, "%") {
				t.Errorf("%s: %s is told as %q", lang, kind, got)
			}
		}
		for _, kind := range messages {
			if w.t["message_"+kind] == "" || w.t["refused_"+kind] == "" {
				t.Errorf("%s: the message %s lacks words", lang, kind)
			}
		}
	}
	if got := p.Words("en").Refused("code_wrong", 1, 0); got != "This is not the code that we sent; 1 try is left." {
		t.Error(got)
	}
}

func TestPrefer(t *testing.T) {
	p := newsroom(t)
	for accept, want := range map[string]string{"": "", "fr-CA,fr;q=0.9,en;q=0.8": "fr", "de,en-US;q=0.5": "en", "de": "", "*": "", ";;;": "", "fr;q=0,en": "en"} {
		if got := p.Prefer(accept); got != want {
			t.Errorf("Prefer(%q) = %q, want %q", accept, got, want)
		}
	}
}
