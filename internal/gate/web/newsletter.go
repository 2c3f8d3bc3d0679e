package web

import (
	"cmp"
	"net/http"
	"slices"

	"pressroom/internal/gate"
)

// newsletterPage shows the choices: of who is logged in, or to be confirmed by a code.
func (q *asked) newsletterPage(language string, topics []string) (*Newsletter, error) {
	a, err := q.who()
	if err != nil {
		return nil, err
	}
	v := &Newsletter{}
	if a != nil {
		v.Address = a.Email
		sub, err := q.Gate.Subscription(q.ctx(), a)
		if err != nil {
			return nil, err
		}
		if sub != nil {
			v.Subscribed = true
			language, topics = cmp.Or(language, sub.Language), append(slices.Clone(sub.Topics), topics...)
		}
	}
	v.Topics.Options = q.Pages.Topics(q.lang, topics...)
	v.Language.Options = q.Pages.Languages(cmp.Or(language, q.lang))
	return v, nil
}

func (q *asked) showNewsletter() error {
	v, err := q.newsletterPage("", nil)
	if err != nil {
		return err
	}
	v.Note = note(q.value("note"), NowSubscribed, NowUnsubscribed)
	return q.show(http.StatusOK, v)
}

// choices are the language and the topics of the form; what the site does not have is
// left out.
func (q *asked) choices() (language string, topics []string) {
	language = q.Pages.Language(cmp.Or(q.value("language"), q.lang), "")
	for _, o := range q.Pages.Topics(q.lang, q.form["topic"]...) {
		if o.Chosen {
			topics = append(topics, o.Value)
		}
	}
	return language, topics
}

func (q *asked) subscribe() error {
	a, err := q.who()
	if err != nil {
		return err
	}
	language, topics := q.choices()
	if a != nil {
		if err := q.Gate.Subscribe(q.ctx(), q.visitor(), q.entered, language, topics); err != nil {
			return err
		}
		done := []string{"note", string(NowSubscribed)}
		if q.value("from") != "welcome" {
			return q.redirect(q.to("/newsletter/subscribe", done...))
		}
		if q.value("new") != "" {
			done = append(done, "new", "1")
		}
		return q.redirect(q.to("/account/welcome", done...)) // where the download waits
	}
	in := q.begin()
	in.Topics = topics
	visitor := q.visitor()
	visitor.Language = language
	b, err := q.Gate.BeginSubscription(q.ctx(), visitor, in)
	if err != nil {
		v, e := q.newsletterPage(language, topics)
		if e != nil {
			return e
		}
		v.Email.Value = q.value("email")
		return q.refused(err, v, &v.Form, map[string]*Field{"email": &v.Email})
	}
	return q.begun(b, "/newsletter/confirm")
}

func (q *asked) showConfirm() error   { return q.pendingSent(gate.FlowConfirm) }
func (q *asked) resendConfirm() error { return q.resend(gate.FlowConfirm, "/newsletter/confirm") }

func (q *asked) confirm() error {
	back, err := q.Gate.Confirm(q.ctx(), q.visitor(), q.token(flowCookie), q.value("code"))
	if err != nil {
		return q.codeRefused(gate.FlowConfirm, "/newsletter/confirm", err)
	}
	q.dropToken(flowCookie)
	q.returns = cmp.Or(q.returns, back)
	return q.show(http.StatusOK, &Message{Kind: "subscribed"})
}

func (q *asked) showUnsubscribe() error {
	t := q.value("t")
	if t == "" {
		return q.redirect(q.to("/newsletter/subscribe"))
	}
	if err := q.Gate.CheckUnsubscribe(t); err != nil {
		return err
	}
	v := &Unsubscribe{}
	v.Form.Action = q.r.URL.RequestURI()
	return q.show(http.StatusOK, v)
}

// unsubscribe ends a subscription: by the token of a mail, without a cookie and from
// anywhere, as a mail program does it (RFC 8058); or for who is logged in, from a page
// of ours.
func (q *asked) unsubscribe() error {
	if t := q.r.URL.Query().Get("t"); t != "" {
		if err := q.Gate.Unsubscribe(q.ctx(), q.visitor(), t); err != nil {
			return err
		}
		return q.show(http.StatusOK, &Unsubscribe{Done: true})
	}
	if err := q.must(); err != nil {
		return err
	}
	if err := q.Gate.UnsubscribeAccount(q.ctx(), q.visitor(), q.account); err != nil {
		return err
	}
	return q.redirect(q.to("/newsletter/subscribe", "note", string(NowUnsubscribed)))
}
