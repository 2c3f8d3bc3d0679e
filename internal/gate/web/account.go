package web

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"pressroom/internal/gate"
)

func (q *asked) accountPage() *Account {
	a := q.account
	v := &Account{Email: a.Email, Since: q.Pages.Date(q.lang, a.Created)}
	v.Name.Value, v.Organisation.Value, v.Language.Options = a.Name, a.Organisation, q.Pages.Languages(a.Language)
	return v
}

func (q *asked) showAccount() error {
	if err := q.must(); err != nil {
		return err
	}
	v := q.accountPage()
	v.Note = note(q.value("note"), Saved, PasswordChanged)
	return q.show(http.StatusOK, v)
}

// note is what was just done, as an address says it: one of a few words.
func note(s string, known ...Note) Note {
	for _, n := range known {
		if string(n) == s {
			return n
		}
	}
	return ""
}

func (q *asked) saveAccount() error {
	if err := q.must(); err != nil {
		return err
	}
	language := q.Pages.Language(q.value("language"), "")
	err := q.Gate.SetProfile(q.ctx(), q.visitor(), q.entered, q.value("name"), q.value("organisation"), language)
	if err != nil {
		v := q.accountPage()
		v.Name.Value, v.Organisation.Value = q.value("name"), q.value("organisation")
		return q.refused(err, v, &v.Form, map[string]*Field{"name": &v.Name, "organisation": &v.Organisation})
	}
	return q.redirect(q.to("/account", "note", string(Saved)))
}

func (q *asked) showSessions() error {
	if err := q.must(); err != nil {
		return err
	}
	list, err := q.Gate.Sessions(q.ctx(), q.entered)
	if err != nil {
		return err
	}
	v := &Sessions{Note: note(q.value("note"), SessionEnded, OthersEnded)}
	for _, s := range list {
		one := Session{ID: s.Handle(), Browser: s.Agent, Network: s.Network, Since: q.Pages.Date(q.lang, s.Created), Seen: q.Pages.Date(q.lang, s.Seen), Here: s.Handle() == q.entered.Handle()}
		if one.Here {
			v.Sessions = append([]Session{one}, v.Sessions...)
		} else {
			v.Sessions = append(v.Sessions, one)
		}
	}
	return q.show(http.StatusOK, v)
}

func (q *asked) endSessions() error {
	if err := q.must(); err != nil {
		return err
	}
	handle, did := q.value("session"), SessionEnded
	if handle == "" {
		did = OthersEnded
	}
	if err := q.Gate.EndSessions(q.ctx(), q.visitor(), q.entered, handle); err != nil {
		return err
	}
	return q.redirect(q.to("/account/sessions", "note", string(did)))
}

// mostDownloads is how many a page of them shows; the export has all.
const mostDownloads = 200

func (q *asked) showDownloads() error {
	if err := q.must(); err != nil {
		return err
	}
	list, err := q.Gate.History(q.ctx(), q.entered, mostDownloads)
	if err != nil {
		return err
	}
	v := &Downloads{}
	for _, g := range list {
		t := Taken{Download: Download{ID: g.Download, Title: g.Title}, Size: q.Pages.Bytes(q.lang, g.Bytes), At: q.Pages.Date(q.lang, g.At)}
		if d, ok := q.Gate.Download(g.Download); ok {
			t.Page, t.URL = d.Page, downloads+d.ID
		}
		v.Downloads = append(v.Downloads, t)
	}
	return q.show(http.StatusOK, v)
}

func (q *asked) passwordPage() *ChangePassword {
	v := &ChangePassword{Email: q.account.Email}
	v.New.Rules = q.rules(nil)
	return v
}

func (q *asked) showPassword() error {
	if err := q.must(); err != nil {
		return err
	}
	return q.show(http.StatusOK, q.passwordPage())
}

func (q *asked) changePassword() error {
	if err := q.must(); err != nil {
		return err
	}
	in, err := q.Gate.ChangePassword(q.ctx(), q.visitor(), q.entered, q.value("old"), q.value("password"))
	if err != nil {
		v := q.passwordPage()
		return q.refused(forField(err, "old"), v, &v.Form, map[string]*Field{"old": &v.Old, "password": &v.New})
	}
	q.enter(in)
	return q.redirect(q.to("/account", "note", string(PasswordChanged)))
}

// forField puts a wrong password of somebody who is logged in beside its field.
func forField(err error, name string) error {
	var r *gate.Refusal
	if errors.As(err, &r) && r.Kind == gate.WrongOld {
		r.Field = name
	}
	return err
}

func (q *asked) showExport() error {
	if err := q.must(); err != nil {
		return err
	}
	return q.show(http.StatusOK, &Export{})
}

// export hands over what is known of the reader. It asks for the password first unless
// it was typed lately.
func (q *asked) export() error {
	if err := q.must(); err != nil {
		return err
	}
	if password := q.value("password"); password != "" {
		in, err := q.Gate.Prove(q.ctx(), q.visitor(), q.entered, password)
		if err != nil {
			v := &Prove{Email: q.account.Email}
			return q.refused(forField(err, "password"), v, &v.Form, map[string]*Field{"password": &v.Password})
		}
		q.enter(in)
	}
	e, err := q.Gate.Export(q.ctx(), q.visitor(), q.entered)
	if errors.Is(err, &gate.Refusal{Kind: gate.NotFresh}) {
		return q.show(http.StatusOK, &Prove{Email: q.account.Email})
	}
	if err != nil {
		return err
	}
	b, err := json.MarshalIndent(e, "", "  ")
	if err != nil {
		return err
	}
	q.w.Header().Set("Content-Type", "application/json")
	q.w.Header().Set("Content-Disposition", `attachment; filename="`+strings.ReplaceAll(q.Base.Hostname(), `"`, "")+`-account.json"`)
	_, err = q.w.Write(append(b, '\n'))
	return quiet(err)
}

func (q *asked) showDelete() error {
	if err := q.must(); err != nil {
		return err
	}
	return q.show(http.StatusOK, &Delete{Email: q.account.Email})
}

func (q *asked) delete() error {
	if err := q.must(); err != nil {
		return err
	}
	if err := q.Gate.Delete(q.ctx(), q.visitor(), q.entered, q.value("password")); err != nil {
		v := &Delete{Email: q.account.Email}
		return q.refused(forField(err, "password"), v, &v.Form, map[string]*Field{"password": &v.Password})
	}
	q.dropToken(sessionCookie)
	q.account, q.returns = nil, ""
	q.w.Header().Set("Clear-Site-Data", `"cache", "cookies", "storage"`)
	q.message(http.StatusOK, "deleted", 0)
	return nil
}

// download grants a file and leads to it; who is not logged in is led to do so first,
// and back.
func (q *asked) download() error {
	id := strings.TrimPrefix(q.r.URL.Path, downloads)
	if _, ok := q.Gate.Download(id); !ok {
		q.message(http.StatusNotFound, string(gate.NoDownload), 0)
		return nil
	}
	if err := q.must(); err != nil {
		return err
	}
	g, err := q.Gate.Grant(q.ctx(), q.visitor(), q.entered, id)
	if err != nil {
		return err
	}
	to, err := q.Link(g)
	if err != nil {
		return err
	}
	return q.redirect(to)
}
