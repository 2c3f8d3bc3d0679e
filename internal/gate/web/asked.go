package web

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"pressroom/internal/gate"
)

// asked is one request, with what was found out about it.
type asked struct {
	*Server
	w       *answer
	r       *http.Request
	id      string
	route   string
	client  netip.Addr
	form    url.Values
	returns string // the page to go back to, or ""
	lang    string

	known   bool          // whether who is looked up
	entered *gate.Session // of who is logged in
	account *gate.Account
}

func (q *asked) ctx() context.Context { return q.r.Context() }

// parse reads a form: small, of plain fields, each once. It returns a status for what is
// not.
func (q *asked) parse() int {
	r := q.r
	kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	if !strings.EqualFold(strings.TrimSpace(kind), "application/x-www-form-urlencoded") {
		return http.StatusUnsupportedMediaType
	}
	if r.ContentLength > maxBody {
		return http.StatusRequestEntityTooLarge
	}
	var body bytes.Buffer
	if _, err := body.ReadFrom(http.MaxBytesReader(q.w, r.Body, maxBody)); err != nil {
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			return http.StatusRequestEntityTooLarge
		}
		return http.StatusBadRequest
	}
	// All is read; a handler may take longer than the sender could.
	_ = http.NewResponseController(q.w).SetReadDeadline(time.Time{})
	form, ok := parseFields(body.String())
	if !ok {
		return http.StatusBadRequest
	}
	q.form = form
	return 0
}

// query are the fields of a GET, or nil when they are none.
func (q *asked) query() url.Values {
	form, ok := parseFields(q.r.URL.RawQuery)
	if !ok {
		return nil
	}
	return form
}

// parseFields refuses a field that comes twice: one part of a system might look at the
// first and another at the last. Topics are a list.
func parseFields(s string) (url.Values, bool) {
	if strings.Count(s, "&") >= maxFields {
		return nil, false
	}
	form, err := url.ParseQuery(s)
	if err != nil {
		return nil, false
	}
	for name, values := range form {
		if len(values) > 1 && name != "topic" {
			return nil, false
		}
	}
	return form, true
}

func (q *asked) value(name string) string { return q.form.Get(name) }

// chooseLanguage: what was asked for, else that of the page the reader came from, else
// what the browser prefers.
func (q *asked) chooseLanguage() {
	want := q.value("lang")
	if want == "" && q.returns == "" {
		want = q.Pages.Prefer(q.r.Header.Get("Accept-Language"))
	}
	q.lang = q.Pages.Language(want, q.returns)
}

// visitor is who asks, as the rules know them.
func (q *asked) visitor() gate.Visitor {
	return gate.Visitor{
		Network: gate.Network(q.client), Coarse: gate.Coarse(q.client), Agent: gate.Agent(q.r.UserAgent()),
		Language: q.lang, Request: q.id, Work: q.value("work"),
	}
}

// visitorOf is visitor for a request that was not read.
func (q *asked) visitorOf() gate.Visitor {
	return gate.Visitor{Network: gate.Network(q.client), Request: q.id}
}

// Cookies. The prefix __Host- holds them to this host, and to https; a preview without
// https has no such luck and needs none.
func (s *Server) cookieName(name string) string {
	if s.Base.Scheme == "https" {
		return "__Host-" + name
	}
	return name
}

const (
	flowCookie    = "flow"
	sessionCookie = "session"
)

func (q *asked) token(cookie string) string {
	// Of two cookies of one name nobody knows which is ours.
	if c := q.r.CookiesNamed(q.cookieName(cookie)); len(c) == 1 {
		return c[0].Value
	}
	return ""
}

func (q *asked) setToken(cookie, token string, life time.Duration) {
	http.SetCookie(q.w, &http.Cookie{
		Name: q.cookieName(cookie), Value: token, Path: "/", MaxAge: int(life.Seconds()),
		Secure: q.Base.Scheme == "https", HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}

func (q *asked) dropToken(cookie string) { q.setToken(cookie, "", -time.Second) }

// enter gives the browser the session it has just won.
func (q *asked) enter(in *gate.Entered) {
	q.setToken(sessionCookie, in.Token, q.Gate.Limits.SessionLife)
	q.known, q.entered, q.account = true, in.Session, in.Account
}

// who finds out who is logged in; nobody is nil.
func (q *asked) who() (*gate.Account, error) {
	if q.known {
		return q.account, nil
	}
	s, a, err := q.Gate.SignedIn(q.ctx(), q.token(sessionCookie), true)
	if errors.Is(err, &gate.Refusal{Kind: gate.NotLoggedIn}) {
		q.known = true
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	q.known, q.entered, q.account = true, s, a
	return a, nil
}

// must is who for pages of somebody who is logged in.
func (q *asked) must() error {
	a, err := q.who()
	if err == nil && a == nil {
		err = &gate.Refusal{Kind: gate.NotLoggedIn}
	}
	if err == nil && q.value("lang") == "" && q.returns == "" {
		q.lang = q.Pages.Language(a.Language, "")
	}
	return err
}
