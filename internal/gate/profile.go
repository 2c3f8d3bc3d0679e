package gate

import (
	"context"
	"errors"
	"strings"
	"time"
)

// SetProfile changes what an account says of its person.
func (g *Gate) SetProfile(ctx context.Context, v Visitor, s *Session, name, organisation, language string) error {
	var wrong refusals
	name, organisation = strings.TrimSpace(name), strings.TrimSpace(organisation)
	if name == "" || !plain(name) {
		wrong.add(&Refusal{Kind: BadName, Field: "name"})
	}
	if !plain(organisation) {
		wrong.add(&Refusal{Kind: BadName, Field: "organisation"})
	}
	if err := wrong.err(); err != nil {
		return g.refused(ctx, v, "profile", err, s.Account, "")
	}
	return g.Store.Update(ctx, func(tx Tx) error {
		a, err := tx.Account(s.Account)
		if err != nil {
			return err
		}
		a.Name, a.Organisation, a.Language = name, organisation, language
		return errors.Join(tx.PutAccount(a), g.audit(tx, v, "profile", "ok", a.ID, ""))
	})
}

// ChangePassword sets a new password for somebody who types the old one. All other
// sessions are over, and this one goes on under a new token.
func (g *Gate) ChangePassword(ctx context.Context, v Visitor, s *Session, old, password string) (*Entered, error) {
	a, err := view(ctx, g, func(tx Tx) (*Account, error) { return found(tx.Account(s.Account)) })
	if err != nil {
		return nil, err
	}
	if a == nil {
		return nil, refuse(NotLoggedIn)
	}
	if rules := g.Policy.Check(password, g.personal(a.Key, a.Name, a.Organisation)); len(rules) > 0 {
		return nil, g.refused(ctx, v, "password", refusals{{Kind: BadPassword, Field: "password", Rules: rules}}.err(), a.ID, "")
	}
	var hash string
	prepare := func() (err error) {
		hash, err = g.Passwords.Hash(ctx, password)
		return g.busy("password", err)
	}
	in, err := g.proved(ctx, v, s, old, "password", prepare, func(tx Tx, in *Entered) error {
		return errors.Join(g.putPassword(tx, in.Account, hash), tx.RemoveSessionsOf(a.ID, in.Session.ID))
	})
	if err != nil {
		return nil, err
	}
	g.posted()
	return in, nil
}

// Delete removes the account of somebody who types the password, with everything that
// names them: sessions, subscription, what waits in the outbox. What they took and did
// stays under the account's random id, which leads nowhere any more.
func (g *Gate) Delete(ctx context.Context, v Visitor, s *Session, password string) error {
	_, err := g.proved(ctx, v, s, password, "delete", nil, func(tx Tx, in *Entered) error { return g.remove(tx, in.Account) })
	if err == nil {
		g.posted()
	}
	return err
}

// remove takes an account away and tells its owner.
func (g *Gate) remove(tx Tx, a *Account) error {
	tag := g.addressTag(a.Key)
	err := errors.Join(tx.RemoveAccount(a.ID), tx.RemoveLettersOf(tag))
	for _, k := range []FlowKind{FlowRegister, FlowReset, FlowConfirm} {
		err = errors.Join(err, tx.RemoveFlowsOf(a.Key, k))
	}
	sub, e := found(tx.SubscriptionByKey(a.Key))
	if err = errors.Join(err, e); err != nil {
		return err
	}
	if sub != nil {
		if err := tx.RemoveSubscription(sub.ID); err != nil {
			return err
		}
	}
	return errors.Join(
		tx.PutTombstone(g.Keys.Tag("address", a.Key), tx.Now()),
		g.post(tx, &Letter{Kind: LetterDeleted, Key: tag}, sealed{To: a.Email, Language: a.Language}),
	)
}

// Export is everything the gate knows of a person, as they get it. A field for every
// table that names them.
type Export struct {
	At           time.Time       `json:"at"`
	Account      ExportAccount   `json:"account"`
	Sessions     []ExportSession `json:"sessions"`
	Networks     []time.Time     `json:"networks"` // when last logged in from each that is remembered
	Pending      []ExportFlow    `json:"pending"`
	Downloads    []ExportGrant   `json:"downloads"`
	Newsletter   *ExportLetters  `json:"newsletter"`
	Events       []ExportEvent   `json:"events"`
	MailsWaiting []ExportWaiting `json:"mailsWaiting"`
}

// ExportAccount is the account without its password.
type ExportAccount struct {
	ID, Email, Name, Organisation, Language string
	Created, PasswordSet                    time.Time
}

// ExportSession is one of the sessions.
type ExportSession struct {
	Browser, Network         string
	Created, LastUsed, Until time.Time
}

// ExportFlow is something begun with the address, by whomever, that waits for its code or
// has lately had it.
type ExportFlow struct {
	Kind         FlowKind
	Begun, Until time.Time
}

// ExportGrant is a download that was allowed.
type ExportGrant struct {
	Download, Title string
	Bytes           int64
	At              time.Time
}

// ExportLetters is the subscription.
type ExportLetters struct {
	Email, Language string
	Topics          []string
	Since           time.Time
}

// ExportEvent is a line of the audit that concerns the account.
type ExportEvent struct {
	At           time.Time
	What, Result string
}

// ExportWaiting is a mail that has not left yet.
type ExportWaiting struct {
	Kind  string
	Since time.Time
}

// exported is how many grants and events an export has at most.
const exported = 100_000

// Export gathers what the gate knows of the person who is logged in. It asks for a
// password that was typed lately.
func (g *Gate) Export(ctx context.Context, v Visitor, s *Session) (*Export, error) {
	if fresh, err := g.Fresh(ctx, s); err != nil || !fresh {
		if err == nil {
			err = refuse(NotFresh)
		}
		return nil, g.refused(ctx, v, "export", err, s.Account, "")
	}
	var e *Export
	err := g.Store.Update(ctx, func(tx Tx) error {
		a, err := tx.Account(s.Account)
		if err != nil {
			return err
		}
		e = &Export{At: tx.Now(), Account: ExportAccount{a.ID, a.Email, a.Name, a.Organisation, a.Language, a.Created, a.PasswordAt}}
		sessions, err1 := tx.Sessions(a.ID)
		for _, s := range sessions {
			e.Sessions = append(e.Sessions, ExportSession{s.Agent, s.Network, s.Created, s.Seen, s.Expires})
		}
		var err6 error
		e.Networks, err6 = tx.Familiars(a.ID)
		flows, err7 := tx.FlowsOf(a.Key)
		for _, f := range flows {
			e.Pending = append(e.Pending, ExportFlow{f.Kind, f.Created, f.Expires})
		}
		grants, err2 := tx.Grants(a.ID, exported)
		for _, d := range grants {
			e.Downloads = append(e.Downloads, ExportGrant{d.Download, d.Title, d.Bytes, d.At})
		}
		sub, err3 := found(tx.SubscriptionByKey(a.Key))
		if sub != nil {
			e.Newsletter = &ExportLetters{sub.Email, sub.Language, sub.Topics, sub.Created}
		}
		events, err4 := tx.AuditOf(a.ID, exported)
		for _, ev := range events {
			e.Events = append(e.Events, ExportEvent{ev.At, ev.What, ev.Result})
		}
		letters, err5 := tx.LettersOf(g.addressTag(a.Key))
		for _, l := range letters {
			e.MailsWaiting = append(e.MailsWaiting, ExportWaiting{l.Kind, l.Created})
		}
		return errors.Join(err1, err2, err3, err4, err5, err6, err7, g.audit(tx, v, "export", "ok", a.ID, ""))
	})
	if err != nil {
		return nil, err
	}
	g.observed("export", "ok")
	return e, nil
}

// Events lists what lately happened to the account that is logged in, newest first.
func (g *Gate) Events(ctx context.Context, s *Session, limit int) ([]*Event, error) {
	return view(ctx, g, func(tx Tx) ([]*Event, error) { return tx.AuditOf(s.Account, limit) })
}

// History lists the downloads of the account that is logged in, newest first.
func (g *Gate) History(ctx context.Context, s *Session, limit int) ([]*Grant, error) {
	return view(ctx, g, func(tx Tx) ([]*Grant, error) { return tx.Grants(s.Account, limit) })
}
