package web

import (
	"cmp"
	"fmt"
	"maps"
	"net/url"
	"strings"
	"time"

	"pressroom/internal/frame"
	"pressroom/internal/gate"
)

// The views are all that a layout below layouts/account sees: plain data, with every
// sentence in the page's language. A handler fills in what only it knows, what the
// reader typed and what is wrong with it; Render adds what is always the same.

// View is the view of one page of the gate: any of the types below.
type View interface {
	head() *Head
	name() string      // of its layout, below layouts/account
	prepare(words, At) // adds labels, links and steps
	fields() []*Field  // in the order of the page
}

// At is where a page is shown and to whom.
type At struct {
	Lang     string     // see Pages.Language
	Path     string     // of this page, as "/account/login"
	Return   string     // the path of this site that the reader came from, or ""
	Reader   string     // the name of who is logged in, or ""
	Answered bool       // it answers a POST: its address alone would not show it again
	Query    url.Values // what its address says besides, or nil
}

// Head is the head of every page of the gate.
type Head struct {
	frame.Page
	Kicker   string // what the page is part of, above its heading
	Form     Form
	Return   string    // the path to go back to, or ""
	Back     string    // the same, or the home page
	Steps    []Step    // where this page stands in what takes several
	Nav      []Item    // the pages of an account, for who is logged in
	Mistakes []Mistake // all that is wrong, for the summary at the top
}

func (h *Head) head() *Head { return h }

func (h *Head) prepare(words, At) {}

func (h *Head) fields() []*Field { return nil }

// Form is what is posted. The language and Return go with it.
type Form struct {
	Action string // path; "" for the one the page is shown at
	Error  string // what is wrong with it as a whole, as a sentence
	Token  string // tells the same form sent twice from two forms
	Work   *Work  // a puzzle that must be solved first, or nil
}

// Work is a puzzle that a script solves while the reader waits. It posts the answer as
// "work".
type Work struct {
	Challenge string
	Wait      time.Duration // after which the form is taken without it; 0 for never

	Else string // the same in words
}

// Field is one thing to fill in.
type Field struct {
	Value   string // what was typed; never a password
	Error   string // what is wrong with it, as a sentence
	Options []Option

	Name         string
	Label        string
	Hint         string
	Type         string // of the input; "select" and "choices" are lists of Options
	Autocomplete string
	InputMode    string
	Optional     bool
	Rules        []Rule // of a new password
}

// Option is one choice of a list.
type Option struct {
	Value  string
	Label  string
	Chosen bool
}

// Rule is one thing that a new password must be.
type Rule struct {
	Name  string // a gate.RuleName
	Text  string
	Unmet bool // by the one that was typed
}

// Mistake is one line of the summary.
type Mistake struct {
	Field string // its id; "" for the form as a whole
	Text  string
}

// Step is one of several pages that belong together.
type Step struct {
	Text    string
	Current bool
	Done    bool
}

// Item is one page of the account's menu.
type Item struct {
	frame.Link
	Current bool
}

// Download is a file that waits for the reader.
type Download struct {
	ID    string // "<video id>/<rendition>"
	Title string
	URL   string // where it begins
}

// Register asks for what makes an account. Layout "register".
type Register struct {
	Head
	Email, Password, Name, Organisation Field
	Wanted                              string // the title of what the reader wants to download, or ""
	LogIn                               string // URL, for those who have an account
}

func (*Register) name() string { return "register" }

func (v *Register) prepare(t words, at At) {
	v.Email.is(t, "email", "email", "email", "")
	v.Password.is(t, "password", "password", "new-password", "")
	v.Name.is(t, "name", "text", "name", "")
	v.Organisation.is(t, "organisation", "text", "organization", "")
	v.Organisation.Hint = t["account_organisation_hint"]
	v.LogIn = v.link("/account/login", at)
	v.steps(t, ToRegister, 1)
}

func (v *Register) fields() []*Field {
	return []*Field{&v.Email, &v.Password, &v.Name, &v.Organisation}
}

// Purpose is what a code is asked for.
type Purpose string

// The purposes of a code.
const (
	ToRegister Purpose = "register"
	ToReset    Purpose = "reset"
	ToConfirm  Purpose = "confirm"
)

// Verify asks for a code that was mailed. Layout "verify".
type Verify struct {
	Head
	For     Purpose
	Email   string // where the code went
	Code    Field
	Digits  int
	Minutes int  // how long it lives
	Closed  bool // no code can be right any more: only a new one
	Resend  Resend
	Restart string // URL, to begin again with another address

	Sent, Life string // what is said before the address, and of the minutes
}

// Resend is the button for a new code.
type Resend struct {
	Action string
	Wait   time.Duration // before it may be asked for
	Sent   bool          // it has just been
	Text   string        // how long to wait, in words
}

func (*Verify) name() string { return "verify" }

func (v *Verify) prepare(t words, at At) {
	v.Code.is(t, "code", "text", "one-time-code", "numeric")
	v.Code.Label = fmt.Sprintf(t["account_code_digits"], v.Digits)
	v.Life = fmt.Sprintf(t["account_code_life"], t.wait(time.Duration(v.Minutes)*time.Minute))
	if v.Resend.Wait > 0 {
		v.Resend.Text = fmt.Sprintf(t["account_resend_wait"], t.wait(v.Resend.Wait))
	}
	v.Sent = t["account_code_sent"]
	start, resend := "/account/register", "/account/verify/resend"
	switch v.For {
	case ToReset:
		v.Sent = t["account_code_sent_reset"]
		start, resend = "/account/reset", "/account/reset/resend"
	case ToConfirm:
		start, resend = "/newsletter/subscribe", "/newsletter/resend"
	}
	v.Restart, v.Resend.Action = v.link(start, at), cmp.Or(v.Resend.Action, resend)
	v.steps(t, v.For, 2)
}

func (v *Verify) fields() []*Field { return []*Field{&v.Code} }

// Welcome says that the account is there. Layout "welcome".
type Welcome struct {
	Head
	Created    bool      // just now; else somebody logged in on the way to a download
	Download   *Download // what the reader came for, or nil
	Subscribed bool      // to the newsletter
	Note       Note      // what has just been done
	Newsletter string    // URL of its choices
}

func (*Welcome) name() string { return "welcome" }

func (v *Welcome) prepare(t words, at At) {
	if v.Created {
		v.steps(t, ToRegister, 3)
	}
	v.Form.Action = cmp.Or(v.Form.Action, "/newsletter/subscribe")
	v.Newsletter = v.link("/newsletter/subscribe", at)
}

// LogIn asks for address and password. Layout "login".
type LogIn struct {
	Head
	Email, Password Field
	Wanted          string // the title of what the reader wants to download, or ""
	Register, Reset string // URLs
}

func (*LogIn) name() string { return "login" }

func (v *LogIn) prepare(t words, at At) {
	v.Email.is(t, "email", "email", "username", "email")
	v.Password.is(t, "password", "password", "current-password", "")
	v.Register, v.Reset = v.link("/account/register", at), v.link("/account/reset", at)
}

func (v *LogIn) fields() []*Field { return []*Field{&v.Email, &v.Password} }

// Reset asks which account's password is lost. Layout "reset".
type Reset struct {
	Head
	Email Field
	LogIn string // URL
}

func (*Reset) name() string { return "reset" }

func (v *Reset) prepare(t words, at At) {
	v.Email.is(t, "email", "email", "email", "")
	v.LogIn = v.link("/account/login", at)
	v.steps(t, ToReset, 1)
}

func (v *Reset) fields() []*Field { return []*Field{&v.Email} }

// NewPassword asks for the new password after a reset. Layout "password-new".
type NewPassword struct {
	Head
	Email    string // for the browser's password store
	Password Field
}

func (*NewPassword) name() string { return "password-new" }

func (v *NewPassword) prepare(t words, _ At) {
	v.Password.is(t, "password", "password", "new-password", "")
	v.Password.Label = t["account_new_password"]
	v.steps(t, ToReset, 3)
}

func (v *NewPassword) fields() []*Field { return []*Field{&v.Password} }

// ResetDone says that the new password holds. Layout "reset-done".
type ResetDone struct {
	Head
	LogIn string // URL
}

func (*ResetDone) name() string { return "reset-done" }

func (v *ResetDone) prepare(t words, at At) {
	v.LogIn = v.link("/account/login", at)
	v.steps(t, ToReset, 4)
}

// Account is the reader's own page. Layout "account".
type Account struct {
	Head
	Email                        string
	Name, Organisation, Language Field
	Note                         Note // what has just been done
	Since                        frame.Date
	Export, Delete               string // URLs
}

// Note is something that has just been done.
type Note string

// What can have been done; "" is nothing.
const (
	Saved           Note = "saved"
	PasswordChanged Note = "password"
	SessionEnded    Note = "session"
	OthersEnded     Note = "others"
	NowSubscribed   Note = "subscribed"
	NowUnsubscribed Note = "unsubscribed"
)

func (*Account) name() string { return "account" }

func (v *Account) prepare(t words, at At) {
	v.Name.is(t, "name", "text", "name", "")
	v.Organisation.is(t, "organisation", "text", "organization", "")
	v.Language.is(t, "language", "select", "", "")
	v.Language.Hint = t["account_language_hint"]
	v.Export, v.Delete = v.link("/account/export", at), v.link("/account/delete", at)
}

func (v *Account) fields() []*Field { return []*Field{&v.Name, &v.Organisation, &v.Language} }

// Sessions are the browsers that are logged in. Layout "sessions".
type Sessions struct {
	Head
	Sessions []Session // this one first
	Note     Note
}

// Session is one of them.
type Session struct {
	ID      string // names it in the form; opens nothing
	Browser string // "Firefox on Linux"
	Network string // "192.0.2.0/24"
	Since   frame.Date
	Seen    frame.Date
	Here    bool // the one that asks
}

func (*Sessions) name() string { return "sessions" }

func (v *Sessions) prepare(t words, _ At) {
	for i := range v.Sessions {
		s := &v.Sessions[i]
		browser, system, ok := strings.Cut(s.Browser, " on ")
		if browser == gate.UnknownAgent {
			browser = t["account_browser_unknown"]
		}
		if s.Browser = browser; ok {
			s.Browser = fmt.Sprintf(t["account_browser"], browser, system)
		}
	}
}

// Downloads is what the reader has taken. Layout "downloads".
type Downloads struct {
	Head
	Downloads []Taken // newest first
}

// Taken is one download.
type Taken struct {
	Download
	Page string // path of the video's page; "" when it is gone
	Size string // "1.4 GB"
	At   frame.Date
}

func (*Downloads) name() string { return "downloads" }

// Newsletter is what the newsletter brings, and to whom. Layout "newsletter".
type Newsletter struct {
	Head
	Email            Field // of a reader who is not logged in
	Address          string
	Topics, Language Field
	Subscribed       bool
	Note             Note
	Unsubscribe      string // path to post to
}

func (*Newsletter) name() string { return "newsletter" }

func (v *Newsletter) prepare(t words, at At) {
	v.Email.is(t, "email", "email", "email", "")
	v.Topics.is(t, "topic", "choices", "", "")
	v.Topics.Label, v.Topics.Hint = t["account_topics"], t["account_topics_hint"]
	v.Language.is(t, "language", "select", "", "")
	v.Unsubscribe = cmp.Or(v.Unsubscribe, "/newsletter/unsubscribe")
	if at.Reader == "" {
		v.steps(t, ToConfirm, 1)
		v.Kicker = "" // the heading says it
	}
}

func (v *Newsletter) fields() []*Field { return []*Field{&v.Email, &v.Topics, &v.Language} }

// ChangePassword asks for the old and the new one. Layout "password".
type ChangePassword struct {
	Head
	Email    string // for the browser's password store
	Old, New Field
}

func (*ChangePassword) name() string { return "password" }

func (v *ChangePassword) prepare(t words, _ At) {
	v.Old.is(t, "old", "password", "current-password", "")
	v.New.is(t, "password", "password", "new-password", "")
	v.Old.Label, v.New.Label = t["account_old_password"], t["account_new_password"]
}

func (v *ChangePassword) fields() []*Field { return []*Field{&v.Old, &v.New} }

// Export offers all that is known of the reader as a file. Layout "export".
type Export struct{ Head }

func (*Export) name() string { return "export" }

// Delete asks whether the account is to go. Layout "delete".
type Delete struct {
	Head
	Email    string
	Password Field
}

func (*Delete) name() string { return "delete" }

func (v *Delete) prepare(t words, _ At) {
	v.Password.is(t, "password", "password", "current-password", "")
}

func (v *Delete) fields() []*Field { return []*Field{&v.Password} }

// Prove asks for the password again before what cannot be undone. It posts to the page
// that asked. Layout "prove".
type Prove struct {
	Head
	Email    string
	Password Field
}

func (*Prove) name() string { return "prove" }

func (v *Prove) prepare(t words, _ At) {
	v.Password.is(t, "password", "password", "current-password", "")
}

func (v *Prove) fields() []*Field { return []*Field{&v.Password} }

// LogOut asks whether to: a link alone ends no session. Layout "logout".
type LogOut struct{ Head }

func (*LogOut) name() string { return "logout" }

// Unsubscribe ends the newsletter, by a link of a mail. Layout "unsubscribe".
type Unsubscribe struct {
	Head
	Done      bool
	Subscribe string // URL, for a change of mind
}

func (*Unsubscribe) name() string { return "unsubscribe" }

func (v *Unsubscribe) prepare(_ words, at At) { v.Subscribe = v.link("/newsletter/subscribe", at) }

// Message is a page that says one thing and what to do next. Layout "message".
type Message struct {
	Head
	Kind string        // of its words: "message_KIND" is the title, "refused_KIND" the text
	Wait time.Duration // until it makes sense to try again, or 0
	Next []frame.Link  // the first is a button; without any there is one to Back

	Text  string
	Again string // the wait, in words
}

func (*Message) name() string { return "message" }

func (v *Message) prepare(t words, _ At) {
	v.Text = t["refused_"+v.Kind]
	if v.Wait > 0 {
		v.Again = fmt.Sprintf(t["account_try_again"], t.wait(v.Wait))
	}
	if len(v.Next) == 0 {
		back := frame.Link{Text: t["home"], URL: v.Back}
		if v.Return != "" {
			back.Text = t["account_back"]
		}
		v.Next = []frame.Link{back}
	}
}

// is says what a field is for; its label is the word of its name.
func (f *Field) is(t words, name, kind, autocomplete, mode string) {
	f.Name, f.Type, f.Autocomplete, f.InputMode = name, kind, autocomplete, mode
	if f.Label == "" {
		f.Label = t["account_"+name]
	}
	if kind == "password" {
		f.Value = "" // typed anew, always
	}
}

// link leads to another page of the gate, in the same language and with the same way back.
func (h *Head) link(path string, at At) string {
	q := url.Values{}
	if h.Site.Lang != "" {
		q.Set("lang", h.Site.Lang)
	}
	if at.Return != "" {
		q.Set("return", at.Return)
	}
	if path == at.Path {
		maps.Copy(q, at.Query)
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

// steps places a page among those that belong together; the current one is counted from 1.
func (h *Head) steps(t words, to Purpose, current int) {
	names := []string{"account_step_details", "account_step_code", "account_step_done"}
	h.Kicker = t["account_register_title"]
	switch to {
	case ToReset:
		names = []string{"account_step_address", "account_step_code", "account_step_password", "account_step_done"}
		h.Kicker = t["account_reset_title"]
	case ToConfirm:
		names[0] = "account_step_choices"
		h.Kicker = t["account_newsletter_nav"]
	}
	for i, name := range names {
		h.Steps = append(h.Steps, Step{t[name], i+1 == current, i+1 < current})
	}
}

// words are the words of the interface in the language of a page.
type words map[string]string

// count writes a number with the word that goes with it: "1 second", "48 seconds".
func (t words) count(n int, word string) string {
	form := "_other"
	if n == 1 {
		form = "_one"
	}
	return fmt.Sprintf(t[word+form], n)
}

// wait writes how long something takes, rounded up to what a person counts in.
func (t words) wait(d time.Duration) string {
	up := func(unit time.Duration) int { return int((d + unit - 1) / unit) }
	switch {
	case d <= 100*time.Second:
		return t.count(up(time.Second), "seconds")
	case d <= 100*time.Minute:
		return t.count(up(time.Minute), "minutes")
	}
	return t.count(up(time.Hour), "hours")
}

// Words gives handlers the sentences of refusals, in a language.
type Words struct{ t words }

// Refused is why something was refused, as a sentence: kind is a gate.Kind. The sentence
// may name how many tries are left, or how long to wait.
func (w Words) Refused(kind string, left int, wait time.Duration) string {
	s := w.t["refused_"+kind]
	if s == "" {
		s = w.t["refused_error"]
	}
	if strings.Contains(s, "%s") {
		s = fmt.Sprintf(s, w.t.count(left, "tries"))
	}
	if wait > 0 {
		s += " " + fmt.Sprintf(w.t["account_try_again"], w.t.wait(wait))
	}
	return s
}

// Rule is one thing that a new password must be: name is a gate.RuleName, want the number
// that it is about, if it is about one.
func (w Words) Rule(name string, want int) Rule {
	text := w.t["password_"+name]
	if strings.Contains(text, "%d") {
		text = fmt.Sprintf(text, want)
	}
	return Rule{Name: name, Text: text}
}
