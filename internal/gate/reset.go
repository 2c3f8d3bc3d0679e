package gate

import (
	"context"
	"errors"
	"time"
)

// Reset begins a new password for who can read the address's mail. For an address
// without an account the answer is the same and no mail leaves.
func (g *Gate) Reset(ctx context.Context, v Visitor, in Begin) (*Begun, error) {
	to, err := ParseAddress(in.Email)
	if r := g.addressWrong(to, err); r != nil {
		return nil, g.refused(ctx, v, string(FlowReset), refusals{r}.err(), "", "")
	}
	if err := g.mailSoon(ctx, v, to.Key); err != nil {
		return nil, g.refused(ctx, v, string(FlowReset), err, "", g.addressTag(to.Key))
	}
	begun, err := g.begin(ctx, v, FlowReset, to, in, func(tx Tx, f *Flow) error {
		a, err := found(tx.AccountByKey(to.Key))
		if err != nil {
			return err
		}
		f.Account = ""
		if a != nil {
			f.Account = a.ID
		}
		return nil
	})
	if err != nil {
		return nil, g.refused(ctx, v, string(FlowReset), err, "", g.addressTag(to.Key))
	}
	return begun, nil
}

// VerifyReset takes the code. The flow goes on under another token, which alone may set
// the password: whoever saw the first one cannot.
func (g *Gate) VerifyReset(ctx context.Context, v Visitor, token, code string) (*Begun, error) {
	var passed *Begun
	err := g.check(ctx, v, token, code, []FlowKind{FlowReset}, func(tx Tx, f *Flow) error {
		next, err := g.newToken()
		if err != nil {
			return err
		}
		now := tx.Now()
		p := *f
		p.ID, p.Code, p.Passed, p.Expires = tokenID(next), "", now, now.Add(g.Limits.CodeLife)
		f.Code, f.Used = "", now
		passed = &Begun{&p, next, 0}
		return errors.Join(tx.PutFlow(f), tx.PutFlow(&p), g.audit(tx, v, "code", "ok", f.Account, g.addressTag(f.Key)))
	})
	if err != nil {
		return nil, err
	}
	return passed, nil
}

// SetPassword ends a reset: the new password holds, every session of the account is
// over, and nobody is logged in by it.
func (g *Gate) SetPassword(ctx context.Context, v Visitor, token, password string) error {
	a, err := view(ctx, g, func(tx Tx) (*Account, error) { _, a, err := g.passedReset(tx, token); return a, err })
	if err != nil {
		return g.refused(ctx, v, "password", err, "", "")
	}
	if rules := g.Policy.Check(password, g.personal(a.Key, a.Name, a.Organisation)); len(rules) > 0 {
		return g.refused(ctx, v, "password", refusals{{Kind: BadPassword, Field: "password", Rules: rules}}.err(), a.ID, "")
	}
	hash, err := g.Passwords.Hash(ctx, password)
	if err != nil {
		return g.busy("password", err)
	}
	err = g.Store.Update(ctx, func(tx Tx) error {
		// Who reads the mailbox is the owner: whoever guesses their password meanwhile
		// does not keep them out of the log-in that comes next.
		if err := g.forgiven(tx, v, a.Key, time.Time{}); err != nil {
			return err
		}
		f, a, err := g.passedReset(tx, token)
		if err != nil {
			return err
		}
		familiar := tx.PutFamiliar(a.ID, g.Keys.Tag("network", v.Network), tx.Now())
		f.Used = tx.Now() // put back after all others were removed: who sends the form twice is told so
		if err := errors.Join(familiar, g.putPassword(tx, a, hash), tx.PutFlow(f), tx.RemoveSessionsOf(a.ID, nil)); err != nil {
			return err
		}
		return g.audit(tx, v, "password", "reset", a.ID, "")
	})
	if err != nil {
		return g.refused(ctx, v, "password", err, a.ID, "")
	}
	fault("password-set")
	g.posted()
	g.observed("password", "reset")
	return nil
}

// Passed tells whether a browser may set a new password now, and whose.
func (g *Gate) Passed(ctx context.Context, token string) (a *Account, b *Begun, err error) {
	err = g.Store.View(ctx, func(tx Tx) error {
		f, owner, err := g.passedReset(tx, token)
		a, b = owner, &Begun{Flow: f, Token: token}
		return err
	})
	return a, b, err
}

func (g *Gate) passedReset(tx Tx, token string) (*Flow, *Account, error) {
	f, err := g.flow(tx, token, FlowReset)
	switch {
	case err != nil:
		return nil, nil, err
	case f.Passed.IsZero():
		return nil, nil, refuse(NoFlow)
	case !f.Used.IsZero():
		return nil, nil, refuse(UsedCode)
	}
	a, err := found(tx.Account(f.Account))
	if err == nil && a == nil { // deleted since
		err = refuse(NoFlow)
	}
	return f, a, err
}

// putPassword sets a password and tells the owner, whoever did it. Registrations and
// resets of the address that still wait are void.
func (g *Gate) putPassword(tx Tx, a *Account, hash string) error {
	a.Password, a.PasswordAt = hash, tx.Now()
	l := &Letter{Kind: LetterChanged, Key: g.addressTag(a.Key)}
	return errors.Join(tx.PutAccount(a), tx.RemoveFlowsOf(a.Key, FlowRegister), tx.RemoveFlowsOf(a.Key, FlowReset),
		g.post(tx, l, sealed{To: a.Email, Language: a.Language}))
}
