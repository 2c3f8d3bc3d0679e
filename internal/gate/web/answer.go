package web

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"pressroom/internal/catalogue"
	"pressroom/internal/gate"
)

// answer remembers what was sent.
type answer struct {
	http.ResponseWriter
	status int
}

func (a *answer) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
	a.ResponseWriter.WriteHeader(status)
}

func (a *answer) Write(b []byte) (int, error) {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	return a.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach the connection.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// show writes a page.
func (q *asked) show(status int, v View) error {
	at := At{Lang: q.lang, Path: q.r.URL.Path, Return: q.returns, Answered: q.r.Method == http.MethodPost}
	if q.account != nil {
		at.Reader = q.account.Name
	}
	for _, name := range []string{"t", "new"} { // without which it would be another page
		if q.form.Has(name) {
			at.Query = url.Values{name: q.form[name]}
		}
	}
	h := v.head()
	if h.Form.Token == "" {
		// Kept over the mistakes of one form; never taken from an address, which could be
		// somebody else's choice.
		if q.r.Method == http.MethodPost {
			h.Form.Token = q.value("form")
		}
		h.Form.Token = cmp.Or(h.Form.Token, formID())
	}
	var b bytes.Buffer
	if err := q.Pages.Render(&b, at, v); err != nil {
		return fmt.Errorf("draw %s: %w", at.Path, err)
	}
	q.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	q.w.Header().Set("Content-Language", q.lang)
	q.w.WriteHeader(status)
	_, err := q.w.Write(b.Bytes())
	return quiet(err)
}

// quiet forgets that a reader left while an answer was being written.
func quiet(error) error { return nil }

// redirect leads to a path of this site after a POST, or to a file.
func (q *asked) redirect(to string) error {
	q.w.Header().Set("Location", to)
	q.w.WriteHeader(http.StatusSeeOther)
	return nil
}

// to is a path of the gate in the same language and with the same way back.
func (q *asked) to(path string, more ...string) string {
	v := url.Values{}
	if q.value("lang") != "" {
		v.Set("lang", q.lang)
	}
	if q.returns != "" {
		v.Set("return", q.returns)
	}
	for i := 0; i+1 < len(more); i += 2 {
		v.Set(more[i], more[i+1])
	}
	if len(v) == 0 {
		return path
	}
	return path + "?" + v.Encode()
}

// plain answers without a page.
func (q *asked) plain(status int, text string) {
	q.w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	q.w.WriteHeader(status)
	fmt.Fprintln(q.w, text)
}

// message shows the page that says one thing.
func (q *asked) message(status int, kind string, wait time.Duration) {
	if q.lang == "" {
		q.lang = q.Pages.Language(cmp.Or(q.r.URL.Query().Get("lang"), q.Pages.Prefer(q.r.Header.Get("Accept-Language"))), "")
	}
	if q.form == nil {
		q.form = url.Values{}
	}
	if wait > 0 {
		q.w.Header().Set("Retry-After", strconv.Itoa(seconds(wait)))
	}
	if err := q.show(status, &Message{Kind: kind, Wait: wait}); err != nil {
		q.Log.Error("cannot draw a page", "request", q.id, "err", err)
		q.plain(status, http.StatusText(status))
	}
}

// seconds are rounded up: who comes back then is not sent away again.
func seconds(d time.Duration) int { return int((d + time.Second - 1) / time.Second) }

// fail answers a request whose handler returned an error: a refusal by a page, all else
// by an apology and a line in the log.
func (q *asked) fail(err error) {
	var refusal *gate.Refusal
	switch {
	case errors.As(err, &refusal):
		if refusal.Kind == gate.NotLoggedIn {
			if q.r.Method == http.MethodPost {
				q.message(http.StatusForbidden, string(refusal.Kind), 0)
				return
			}
			v := url.Values{"lang": {q.lang}}
			if back := q.cameFrom(); back != "" {
				v.Set("return", back)
			}
			q.redirect("/account/login?" + v.Encode())
			return
		}
		q.message(status(refusal.Kind), string(refusal.Kind), refusal.Wait)
	case q.ctx().Err() != nil:
		q.plain(http.StatusServiceUnavailable, "You left.") // nobody reads it
	case errors.Is(err, gate.ErrStore):
		q.Log.Error("the database", "request", q.id, "route", q.route, "err", err)
		q.message(http.StatusServiceUnavailable, "unavailable", 10*time.Second)
	default:
		q.Log.Error("failed", "request", q.id, "route", q.route, "err", err)
		q.message(http.StatusInternalServerError, "error", 0)
	}
}

// cameFrom is where a log-in leads back to: the page that was asked for, unless it is
// one of the account's own, which come after a log-in anyway.
func (q *asked) cameFrom() string {
	if strings.HasPrefix(q.r.URL.Path, downloads) {
		return gate.ReturnPath(q.r.URL.RequestURI())
	}
	return q.returns
}

// status is the one table of refusals and HTTP.
func status(k gate.Kind) int {
	switch k {
	case gate.TooMany, gate.NeedsWork, gate.TooMuch:
		return http.StatusTooManyRequests
	case gate.Busy:
		return http.StatusServiceUnavailable
	case gate.NoDownload:
		return http.StatusNotFound
	case gate.NotYet, gate.NoLonger, gate.Blocked, gate.NotFresh, gate.NotLoggedIn:
		return http.StatusForbidden
	}
	return http.StatusUnprocessableEntity
}

// refused tells a form what is wrong with it, and shows it again. What is no refusal is
// returned.
func (q *asked) refused(err error, v View, form *Form, fields map[string]*Field) error {
	var r *gate.Refusal
	if !errors.As(err, &r) {
		return err
	}
	w := q.Pages.Words(q.lang)
	code := status(r.Kind)
	tell := func(r *gate.Refusal) {
		text := w.Refused(string(r.Kind), r.Left, r.Wait)
		f := fields[r.Field]
		if f == nil {
			form.Error = text
			return
		}
		f.Error = text
		if r.Kind == gate.BadPassword {
			f.Rules = q.rules(r.Rules)
		}
	}
	if r.Kind == gate.Invalid {
		for _, one := range r.Fields {
			tell(one)
		}
	} else {
		tell(r)
	}
	if r.Kind == gate.NeedsWork {
		challenge, err := q.Gate.Challenge(q.ctx(), q.visitor())
		if err != nil {
			return err
		}
		form.Work = &Work{Challenge: challenge, Wait: r.Wait}
	}
	if r.Wait > 0 {
		q.w.Header().Set("Retry-After", strconv.Itoa(seconds(r.Wait)))
	}
	return q.show(code, v)
}

// wanted is the download that a way back leads to, or nil.
func (q *asked) wanted() *catalogue.Download {
	u, err := url.Parse(q.returns)
	if err != nil || !strings.HasPrefix(u.Path, downloads) {
		return nil
	}
	if d, ok := q.Gate.Download(strings.TrimPrefix(u.Path, downloads)); ok {
		return &d
	}
	return nil
}
