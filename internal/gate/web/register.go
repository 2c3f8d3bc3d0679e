package web

import (
	"cmp"
	"encoding/json"
	"errors"
	"net/http"
	"slices"

	"pressroom/internal/gate"
)

// begin is what a form that begins a flow says.
func (q *asked) begin() gate.Begin {
	return gate.Begin{
		Email: q.value("email"), Password: q.value("password"), Name: q.value("name"), Organisation: q.value("organisation"),
		Return: q.returns, Form: q.value("form"), Token: q.token(flowCookie),
	}
}

// begun gives the browser its flow and leads to the page of the code.
func (q *asked) begun(b *gate.Begun, path string) error {
	q.setToken(flowCookie, b.Token, q.Gate.Limits.FlowLife)
	return q.redirect(q.to(path))
}

// rules are those of a new password, with the unmet ones marked.
func (q *asked) rules(unmet []gate.Rule) (out []Rule) {
	w := q.Pages.Words(q.lang)
	missed := map[gate.RuleName]bool{}
	for _, r := range unmet {
		missed[r.Name] = true
	}
	add := func(r gate.Rule) {
		rule := w.Rule(string(r.Name), r.Want)
		rule.Unmet = missed[r.Name]
		out = append(out, rule)
	}
	told := q.Gate.Policy.Rules()
	for _, r := range told {
		add(r)
	}
	for _, r := range unmet { // those that need no telling before
		if !slices.ContainsFunc(told, func(t gate.Rule) bool { return t.Name == r.Name }) {
			add(r)
		}
	}
	return out
}

func (q *asked) registerPage() *Register {
	v := &Register{}
	v.Email.Value, v.Name.Value, v.Organisation.Value = q.value("email"), q.value("name"), q.value("organisation")
	v.Password.Rules = q.rules(nil)
	if d := q.wanted(); d != nil {
		v.Wanted = d.Title
	}
	return v
}

func (q *asked) showRegister() error {
	if a, err := q.who(); err != nil {
		return err
	} else if a != nil {
		return q.redirect(q.to("/account/welcome"))
	}
	v := q.registerPage()
	v.Email.Value, v.Name.Value, v.Organisation.Value = "", "", "" // no stranger's link fills in a form
	return q.show(http.StatusOK, v)
}

func (q *asked) register() error {
	b, err := q.Gate.Register(q.ctx(), q.visitor(), q.begin())
	if err != nil {
		v := q.registerPage()
		return q.refused(err, v, &v.Form, map[string]*Field{"email": &v.Email, "password": &v.Password, "name": &v.Name, "organisation": &v.Organisation})
	}
	return q.begun(b, "/account/verify")
}

// codePage is the page that asks for a flow's code.
func (q *asked) codePage(kind gate.FlowKind, b *gate.Begun) *Verify {
	v := &Verify{For: Purpose(kind), Digits: kind.Digits(), Minutes: int(q.Gate.Limits.CodeLife.Minutes())}
	if b == nil { // nothing was begun in this browser
		v.Closed = true
		return v
	}
	v.Email, v.Resend.Wait = b.Email, b.Wait
	v.Closed = b.Guesses >= q.Gate.Limits.Guesses
	return v
}

// pending shows the page of a flow, or of there being none here.
func (q *asked) pending(kind gate.FlowKind) error {
	b, err := q.Gate.Pending(q.ctx(), q.visitor(), q.token(flowCookie), kind)
	if err == nil && (!b.Used.IsZero() || !b.Passed.IsZero()) {
		err = &gate.Refusal{Kind: gate.UsedCode}
		b = nil
	}
	q.returnOf(b)
	v := q.codePage(kind, b)
	if err != nil {
		return q.refused(err, v, &v.Form, nil)
	}
	return q.show(http.StatusOK, v)
}

// returnOf takes the way back from the flow, which remembers it where a form lost it.
func (q *asked) returnOf(b *gate.Begun) {
	if q.returns == "" && b != nil {
		q.returns = b.Return
	}
}

// resend sends a new code and shows the page again, with the wait until the next.
func (q *asked) resend(kind gate.FlowKind, path string) error {
	b, err := q.Gate.Resend(q.ctx(), q.visitor(), q.token(flowCookie), kind)
	if err == nil {
		q.returnOf(b)
		return q.redirect(q.to(path, "sent", "1"))
	}
	return q.codeRefused(kind, path, err)
}

// codeRefused shows the page of the code with what is wrong.
func (q *asked) codeRefused(kind gate.FlowKind, path string, err error) error {
	b, e := q.Gate.Pending(q.ctx(), q.visitor(), q.token(flowCookie), kind)
	if e != nil {
		b = nil
	}
	q.returnOf(b)
	v := q.codePage(kind, b)
	v.Form.Action = path
	var r *gate.Refusal
	if errors.As(err, &r) {
		switch r.Kind {
		case gate.BadCode, gate.WrongCode:
			r.Field = "code"
		case gate.DeadCode, gate.ExpiredCode, gate.UsedCode, gate.NoFlow:
			v.Closed = true
		}
		if r.Kind == gate.BadCode || r.Kind == gate.NeedsWork {
			v.Code.Value = q.value("code") // a slip can be mended; a wrong code is typed anew
		}
	}
	return q.refused(err, v, &v.Form, map[string]*Field{"code": &v.Code})
}

func (q *asked) showVerify() error   { return q.pendingSent(gate.FlowRegister) }
func (q *asked) resendVerify() error { return q.resend(gate.FlowRegister, "/account/verify") }

// pendingSent is pending, which says too that a new code has been sent.
func (q *asked) pendingSent(kind gate.FlowKind) error {
	if q.value("sent") == "" {
		return q.pending(kind)
	}
	b, err := q.Gate.Pending(q.ctx(), q.visitor(), q.token(flowCookie), kind)
	if err != nil || !b.Used.IsZero() || !b.Passed.IsZero() {
		return q.pending(kind)
	}
	q.returnOf(b)
	v := q.codePage(kind, b)
	v.Resend.Sent = true
	return q.show(http.StatusOK, v)
}

func (q *asked) verify() error {
	in, err := q.Gate.Verify(q.ctx(), q.visitor(), q.token(flowCookie), q.value("code"))
	if err != nil {
		return q.codeRefused(gate.FlowRegister, "/account/verify", err)
	}
	q.replace(in)
	q.dropToken(flowCookie)
	if in.Return != "" {
		q.returns = in.Return
	}
	return q.redirect(q.to("/account/welcome", "new", "1"))
}

// showWelcome stands at the end of registering, and of logging in on the way to a
// download: what the reader came for is one button away.
func (q *asked) showWelcome() error {
	if err := q.must(); err != nil {
		return err
	}
	v := &Welcome{Created: q.value("new") != "", Note: note(q.value("note"), NowSubscribed)}
	sub, err := q.Gate.Subscription(q.ctx(), q.account)
	if err != nil {
		return err
	}
	v.Subscribed = sub != nil
	if d := q.wanted(); d != nil {
		v.Download = &Download{ID: d.ID, Title: d.Title, URL: q.returns}
		v.Back = cmp.Or(pageOf(q.returns), d.Page)
	}
	return q.show(http.StatusOK, v)
}

func (q *asked) logInPage() *LogIn {
	v := &LogIn{}
	v.Email.Value = q.value("email")
	if d := q.wanted(); d != nil {
		v.Wanted = d.Title
	}
	return v
}

func (q *asked) showLogIn() error {
	if a, err := q.who(); err != nil {
		return err
	} else if a != nil {
		return q.redirect(q.afterLogIn())
	}
	v := q.logInPage()
	v.Email.Value = ""
	return q.show(http.StatusOK, v)
}

// afterLogIn is where a log-in leads: back to the page; to the page with the download
// ready, if one was on the way; else to the account.
func (q *asked) afterLogIn() string {
	switch {
	case q.wanted() != nil:
		return q.to("/account/welcome")
	case q.returns != "":
		return q.returns
	}
	return q.to("/account")
}

func (q *asked) logIn() error {
	in, err := q.Gate.Login(q.ctx(), q.visitor(), q.value("email"), q.value("password"), q.token(flowCookie))
	if errors.Is(err, &gate.Refusal{Kind: gate.Unverified}) {
		return q.redirect(q.to("/account/verify"))
	}
	if err != nil {
		v := q.logInPage()
		return q.refused(err, v, &v.Form, nil)
	}
	q.replace(in)
	return q.redirect(q.afterLogIn())
}

// replace enters, and ends the session of whoever was logged in here before.
func (q *asked) replace(in *gate.Entered) {
	old := q.token(sessionCookie)
	q.enter(in)
	if err := q.Gate.Logout(q.ctx(), q.visitor(), old); err != nil {
		q.Log.Warn("end the session before", "request", q.id, "err", err)
	}
}

func (q *asked) showLogOut() error {
	if err := q.must(); err != nil {
		return err
	}
	return q.show(http.StatusOK, &LogOut{})
}

func (q *asked) logOut() error {
	if err := q.Gate.Logout(q.ctx(), q.visitor(), q.token(sessionCookie)); err != nil {
		return err
	}
	q.dropToken(sessionCookie)
	q.dropToken(flowCookie)
	q.w.Header().Set("Clear-Site-Data", `"cache", "cookies", "storage"`)
	return q.redirect(cmp.Or(q.returns, q.Pages.Home(q.lang)))
}

// session tells a static page who is logged in. It keeps nobody logged in: an idle
// session ends although a page stands open.
func (q *asked) session() error {
	out := struct {
		SignedIn bool   `json:"signedIn"`
		Name     string `json:"name,omitempty"`
	}{}
	_, a, err := q.Gate.SignedIn(q.ctx(), q.token(sessionCookie), false)
	switch {
	case err == nil:
		out.SignedIn, out.Name = true, a.Name
	case !errors.Is(err, &gate.Refusal{Kind: gate.NotLoggedIn}):
		return err
	}
	q.w.Header().Set("Content-Type", "application/json")
	return quiet(json.NewEncoder(q.w).Encode(out))
}
