package gate

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"time"
)

// Entered is somebody who has just logged in.
type Entered struct {
	Token   string // for the cookie; the database has its hash alone
	Session *Session
	Account *Account
	Return  string
}

// enter makes a session, always with a token of our own, and remembers the network.
func (g *Gate) enter(tx Tx, v Visitor, a *Account) (*Entered, error) {
	token, err := g.newToken()
	if err != nil {
		return nil, err
	}
	now := tx.Now()
	s := &Session{
		ID: tokenID(token), Account: a.ID, Created: now, Proved: now, Seen: now, Expires: now.Add(g.Limits.SessionLife),
		Agent: v.Agent, Network: v.Coarse,
	}
	if err := g.makeRoom(tx, a.ID); err != nil {
		return nil, err
	}
	return &Entered{Token: token, Session: s, Account: a},
		errors.Join(tx.PutSession(s), tx.PutFamiliar(a.ID, g.Keys.Tag("network", v.Network), now))
}

// mostSessions is how many an account has at once: browsers of a whole desk.
const mostSessions = 50

// makeRoom ends the oldest sessions of an account that has too many.
func (g *Gate) makeRoom(tx Tx, account string) error {
	all, err := tx.Sessions(account)
	for i := mostSessions - 1; err == nil && i < len(all); i++ {
		err = tx.RemoveSession(all[i].ID)
	}
	return err
}

// Login lets somebody in by address and password. Whoever fails learns neither whether
// the address has an account nor whether the brake is on: the kind is WrongLogin in all
// cases, and a hash is computed whenever a try is admitted. Flow is the browser's token
// of a registration, if it has one: who typed the right password for it is told that the
// code is still missing.
func (g *Gate) Login(ctx context.Context, v Visitor, email, password, flow string) (*Entered, error) {
	to, bad := ParseAddress(email)
	if bad != nil {
		to.Key = "?" + g.addressTag(email) // nobody's, whatever was typed; it is counted like any other
	}
	subject := g.addressTag(to.Key)
	a, at, err := g.tryLogin(ctx, v, to.Key)
	if err != nil {
		return nil, g.refused(ctx, v, "login", err, "", subject)
	}
	phc, account := g.Passwords.Dummy(), ""
	pending, err := g.pendingPassword(ctx, flow, to.Key)
	if err != nil {
		return nil, err
	}
	if a != nil {
		phc, account = a.Password, a.ID
	}
	fault("login-counted")
	right, stale, err := g.Passwords.Verify(ctx, phc, password)
	waiting := false
	if err == nil && pending != "" { // compared whether there is an account or not
		waiting, _, err = g.Passwords.Verify(ctx, pending, password)
	}
	if err != nil {
		return nil, errors.Join(g.busy("login", err), g.forgetTry(ctx, v, to.Key, at))
	}
	if waiting && (!right || a == nil) {
		return nil, g.refused(ctx, v, "login", refuse(Unverified), account, subject)
	}
	if !right || a == nil {
		return nil, g.refused(ctx, v, "login", refuse(WrongLogin), account, subject)
	}
	if !a.Blocked.IsZero() {
		return nil, g.refused(ctx, v, "login", refuse(Blocked), account, subject)
	}
	var rehashed string
	if stale {
		if rehashed, err = g.Passwords.Hash(ctx, password); err != nil {
			rehashed = "" // the old one is still right; the next login tries again
		}
	}
	var in *Entered
	err = g.Store.Update(ctx, func(tx Tx) error {
		if err := g.forgiven(tx, v, to.Key, at); err != nil {
			return err
		}
		// What was compared must still hold: a reset may have come between.
		now, err := found(tx.Account(a.ID))
		if err != nil {
			return err
		}
		if now == nil || now.Password != a.Password || !now.Blocked.IsZero() {
			return refuse(WrongLogin)
		}
		if rehashed != "" {
			now.Password = rehashed
			if err := tx.PutAccount(now); err != nil {
				return err
			}
		}
		if in, err = g.enter(tx, v, now); err != nil {
			return err
		}
		return g.audit(tx, v, "login", "ok", now.ID, subject)
	})
	if err != nil {
		return nil, g.refused(ctx, v, "login", err, account, subject)
	}
	g.observed("login", "ok")
	return in, nil
}

// pendingPassword is the hash of a registration that this browser has begun for an
// address and that still waits for its code, or "".
func (g *Gate) pendingPassword(ctx context.Context, token, key string) (string, error) {
	return view(ctx, g, func(tx Tx) (string, error) {
		f, err := g.flow(tx, token, FlowRegister)
		if errors.Is(err, refuse(NoFlow)) {
			return "", nil
		}
		if err != nil || f.Key != key || !f.Used.IsZero() {
			return "", err
		}
		return f.Password, nil
	})
}

// tryLogin admits a try, counting it as a failure until it proves right, so that no
// number of parallel tries gets past the brake.
func (g *Gate) tryLogin(ctx context.Context, v Visitor, key string) (a *Account, at time.Time, err error) {
	l := &g.Limits
	err = g.Store.Update(ctx, func(tx Tx) error {
		keys := g.loginKeys(v, key)
		c, err := count(tx, keys...)
		if err != nil {
			return err
		}
		if a, err = found(tx.AccountByKey(key)); err != nil {
			return err
		}
		at = tx.Now()
		familiar, err := g.familiar(tx, a, v)
		if err != nil {
			return err
		}
		recent := 0
		var last time.Time
		for _, t := range c.marks[keys[0]] {
			if t.After(at.Add(-l.LoginWindow)) {
				recent++
				if t.After(last) {
					last = t
				}
			}
		}
		brake := last.Add(backOff(recent, l.LoginFree, l.LoginSlowest)).Sub(at)
		if recent < l.LoginFree {
			brake = 0
		}
		if brake > 0 || c.wait(keys[1], 0, l.LoginNetwork) > 0 || !familiar && c.wait(keys[2], 0, l.LoginAddress) > 0 {
			g.observed("login", "braked")
			return refuse(WrongLogin)
		}
		if err := errors.Join(c.add(keys[0], at, Limit{Per: l.LoginWindow}), c.add(keys[1], at, l.LoginNetwork)); err != nil {
			return err
		}
		if familiar {
			return nil
		}
		return c.add(keys[2], at, l.LoginAddress)
	})
	return a, at, err
}

// loginKeys are the marks of wrong passwords: of the address from this network, of the
// network, and of the address from networks that are not familiar.
func (g *Gate) loginKeys(v Visitor, key string) []string {
	a, n := g.addressTag(key), g.Keys.tagText("network", v.Network)
	return []string{"login/" + a + "/" + n, "login-network/" + n, "login-address/" + a}
}

// familiar tells whether the account's owner has lately logged in from the network, and
// so is not to be kept out by others who guess.
func (g *Gate) familiar(tx Tx, a *Account, v Visitor) (bool, error) {
	id := ""
	if a != nil {
		id = a.ID
	}
	at, err := tx.Familiar(id, g.Keys.Tag("network", v.Network)) // asked for nobody, too: it takes as long
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	return err == nil && at.After(tx.Now().Add(-g.Limits.Familiar)), err
}

// forgiven forgets the failures of an address from a network: its owner is there.
func (g *Gate) forgiven(tx Tx, v Visitor, key string, at time.Time) error {
	keys := g.loginKeys(v, key)
	c, err := count(tx, keys...)
	if err != nil {
		return err
	}
	return errors.Join(tx.SetMarks(keys[0], nil), c.takeBack(keys[1], at), c.takeBack(keys[2], at))
}

// forgetTry takes back a try that was not judged.
func (g *Gate) forgetTry(ctx context.Context, v Visitor, key string, at time.Time) error {
	return g.Store.Update(ctx, func(tx Tx) error {
		keys := g.loginKeys(v, key)
		c, err := count(tx, keys...)
		if err != nil {
			return err
		}
		return errors.Join(c.takeBack(keys[0], at), c.takeBack(keys[1], at), c.takeBack(keys[2], at))
	})
}

// seenEvery is how exact a session knows when it was last used: it is not written down
// at every page.
const seenEvery = time.Minute

// SignedIn finds who is logged in by a cookie's token, or refuses with NotLoggedIn. Used
// is whether the person did something, which keeps an idle session alive; a static page
// that asks for the name does not.
func (g *Gate) SignedIn(ctx context.Context, token string, used bool) (*Session, *Account, error) {
	if token == "" {
		return nil, nil, refuse(NotLoggedIn)
	}
	s, a, now, err := g.Store.SignedIn(ctx, tokenID(token))
	if errors.Is(err, ErrNotFound) {
		return nil, nil, refuse(NotLoggedIn)
	}
	if err != nil {
		return nil, nil, err
	}
	if !s.Seen.Add(g.Limits.SessionIdle).After(now) || !s.Expires.After(now) || !a.Blocked.IsZero() {
		return nil, nil, refuse(NotLoggedIn)
	}
	if used && now.Sub(s.Seen) >= seenEvery {
		s.Seen = now
		err := g.Store.Update(ctx, func(tx Tx) error {
			row, err := tx.Session(s.ID)
			if err != nil { // ended this moment
				return err
			}
			row.Seen = now
			return tx.PutSession(row)
		})
		if errors.Is(err, ErrNotFound) {
			return nil, nil, refuse(NotLoggedIn)
		}
		// A database that cannot be written keeps nobody from reading.
		if err != nil {
			g.observed("session", "not touched")
		}
	}
	return s, a, nil
}

// Fresh tells whether the password was typed so lately that it counts for what cannot be
// undone.
func (g *Gate) Fresh(ctx context.Context, s *Session) (bool, error) {
	return view(ctx, g, func(tx Tx) (bool, error) { return s.Proved.Add(g.Limits.Fresh).After(tx.Now()), nil })
}

// Prove takes the password again. The session goes on under a new token.
func (g *Gate) Prove(ctx context.Context, v Visitor, s *Session, password string) (*Entered, error) {
	return g.proved(ctx, v, s, password, "prove", nil, func(Tx, *Entered) error { return nil })
}

// proved checks the password of somebody who is logged in, under the brake of a login,
// does what is costly when it was right, and something in the transaction that renews the
// session.
func (g *Gate) proved(ctx context.Context, v Visitor, s *Session, password, what string, prepare func() error, do func(tx Tx, in *Entered) error) (*Entered, error) {
	a, err := view(ctx, g, func(tx Tx) (*Account, error) { return found(tx.Account(s.Account)) })
	if err == nil && a == nil {
		err = refuse(NotLoggedIn)
	}
	if err != nil {
		return nil, err
	}
	_, at, err := g.tryLogin(ctx, v, a.Key)
	if err == nil {
		var right bool
		if right, _, err = g.Passwords.Verify(ctx, a.Password, password); err != nil {
			return nil, errors.Join(g.busy(what, err), g.forgetTry(ctx, v, a.Key, at))
		}
		if !right {
			err = refuse(WrongOld)
		}
	} else if errors.Is(err, refuse(WrongLogin)) {
		err = refuse(WrongOld)
	}
	if err != nil {
		return nil, g.refused(ctx, v, what, err, a.ID, "")
	}
	if prepare != nil {
		if err := prepare(); err != nil {
			return nil, errors.Join(err, g.forgetTry(ctx, v, a.Key, at))
		}
	}
	var in *Entered
	err = g.Store.Update(ctx, func(tx Tx) error {
		if err := g.forgiven(tx, v, a.Key, at); err != nil {
			return err
		}
		now, err := found(tx.Account(a.ID))
		if err != nil {
			return err
		}
		old, err := found(tx.Session(s.ID))
		if err != nil {
			return err
		}
		if now == nil || old == nil || now.Password != a.Password {
			return refuse(NotLoggedIn)
		}
		token, err := g.newToken()
		if err != nil {
			return err
		}
		renewed := *old
		renewed.ID, renewed.Proved, renewed.Seen = tokenID(token), tx.Now(), tx.Now()
		in = &Entered{Token: token, Session: &renewed, Account: now}
		if err := errors.Join(tx.RemoveSession(old.ID), tx.PutSession(&renewed)); err != nil {
			return err
		}
		if err := do(tx, in); err != nil {
			return err
		}
		return g.audit(tx, v, what, "ok", a.ID, "")
	})
	if err != nil {
		return nil, g.refused(ctx, v, what, err, a.ID, "")
	}
	g.observed(what, "ok")
	return in, nil
}

// Logout ends the session of a token; one that has ended is fine.
func (g *Gate) Logout(ctx context.Context, v Visitor, token string) error {
	if token == "" {
		return nil
	}
	return g.Store.Update(ctx, func(tx Tx) error {
		s, err := found(tx.Session(tokenID(token)))
		if err != nil || s == nil {
			return err
		}
		return errors.Join(tx.RemoveSession(s.ID), g.audit(tx, v, "logout", "ok", s.Account, ""))
	})
}

// Handle is how a page names a session: enough to tell one's own apart, and of no use to
// anybody else.
func (s *Session) Handle() string { return hex.EncodeToString(s.ID[:8]) }

// Sessions lists the sessions of the account that is logged in, newest first.
func (g *Gate) Sessions(ctx context.Context, s *Session) ([]*Session, error) {
	return view(ctx, g, func(tx Tx) (live []*Session, err error) {
		all, err := tx.Sessions(s.Account)
		for _, o := range all {
			if o.Expires.After(tx.Now()) && o.Seen.Add(g.Limits.SessionIdle).After(tx.Now()) {
				live = append(live, o)
			}
		}
		return live, err
	})
}

// EndSessions ends one other session by its handle, or all but this one for "".
func (g *Gate) EndSessions(ctx context.Context, v Visitor, s *Session, handle string) error {
	err := g.Store.Update(ctx, func(tx Tx) error {
		if handle == "" {
			return errors.Join(tx.RemoveSessionsOf(s.Account, s.ID), g.audit(tx, v, "sessions", "ended", s.Account, ""))
		}
		all, err := tx.Sessions(s.Account)
		if err != nil {
			return err
		}
		for _, o := range all {
			if o.Handle() == handle && !bytes.Equal(o.ID, s.ID) {
				return errors.Join(tx.RemoveSession(o.ID), g.audit(tx, v, "sessions", "ended", s.Account, ""))
			}
		}
		return nil
	})
	g.observed("sessions", "ended")
	return err
}
