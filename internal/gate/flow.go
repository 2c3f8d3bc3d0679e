package gate

import (
	"context"
	"errors"
	"time"
)

// Digits of a code. A wrong reset loses an account, so its code is a hundred times
// harder to guess.
func (k FlowKind) Digits() int {
	if k == FlowReset {
		return 8
	}
	return 6
}

func (k FlowKind) letter() string {
	switch k {
	case FlowRegister:
		return LetterVerify
	case FlowReset:
		return LetterReset
	}
	return LetterConfirm
}

// Begin is how a flow starts: what somebody wants, and how their browser can be known as
// the one that asked before.
type Begin struct {
	Email        string
	Password     string   // register
	Name         string   // register
	Organisation string   // register
	Topics       []string // confirm
	Return       string
	Form         string // random, of the form's hidden field; the same form sent twice begins one flow
	Token        string // the browser's flow cookie, if it has one
}

// Begun is a flow as its browser knows it.
type Begun struct {
	*Flow
	Token string        // for the cookie
	Wait  time.Duration // until a new code may be asked for
}

// begin starts a flow, or goes on with the one that the same browser began for the same
// address a moment ago. The answer is the same whether the address has an account or
// not, and takes the same time: a code is made and hashed in any case.
func (g *Gate) begin(ctx context.Context, v Visitor, kind FlowKind, to Address, in Begin, fill func(tx Tx, f *Flow) error) (*Begun, error) {
	token, err := g.flowToken(ctx, kind, to, in)
	if err != nil {
		return nil, err
	}
	code, err := NewCode(g.Rand, kind.Digits())
	if err != nil {
		return nil, err
	}
	// The generation is known only inside; a code is bound to its flow's next one, which
	// is 1 but for a flow that goes on, and that is hashed anew then.
	var begun *Begun
	for {
		next, err := view(ctx, g, func(tx Tx) (int, error) {
			f, err := found(tx.Flow(tokenID(token)))
			if f == nil {
				return 1, err
			}
			return f.Generation + 1, nil
		})
		if err != nil {
			return nil, err
		}
		hash, err := g.Codes.Hash(ctx, g.Keys.pepperCode(tokenID(token), next, code))
		if err != nil {
			return nil, g.busy(string(kind), err)
		}
		fault("flow-hashed")
		retry := false
		err = g.Store.Update(ctx, func(tx Tx) error {
			begun, retry = nil, false
			c, err := count(tx, g.mailKeys(v, to.Key)...)
			if err != nil {
				return err
			}
			f, err := found(tx.Flow(tokenID(token)))
			if err != nil {
				return err
			}
			switch {
			case f == nil:
				f = &Flow{ID: tokenID(token), Kind: kind, Created: tx.Now()}
			case !f.Used.IsZero() || !f.Passed.IsZero(): // since its token was chosen
				return refuse(UsedCode)
			}
			if f.Generation+1 != next && !g.justCoded(tx, f) {
				retry = true
				return nil
			}
			f.Email, f.Key, f.Language, f.Return = to.Typed, to.Key, v.Language, in.Return
			if err := fill(tx, f); err != nil {
				return err
			}
			if !g.justCoded(tx, f) {
				if err := g.sendCode(c, v, f, code, hash, true); err != nil {
					return err
				}
			}
			begun = &Begun{f, token, c.wait(g.mailKeys(v, f.Key)[0], g.Limits.MailGap, g.Limits.MailAddress...)}
			return errors.Join(tx.PutFlow(f), g.audit(tx, v, string(kind), "begun", f.Account, g.addressTag(f.Key)))
		})
		if err != nil {
			return nil, err
		}
		if !retry {
			fault("flow-begun")
			g.posted()
			g.observed(string(kind), "begun")
			return begun, nil
		}
	}
}

// justCoded tells whether the flow's code is so new that the form was sent twice rather
// than a new one asked for.
func (g *Gate) justCoded(tx Tx, f *Flow) bool {
	return f.Generation > 0 && f.Used.IsZero() && tx.Now().Before(f.CodeUntil.Add(g.Limits.MailGap-g.Limits.CodeLife))
}

// flowToken finds the token that the flow is to have.
func (g *Gate) flowToken(ctx context.Context, kind FlowKind, to Address, in Begin) (string, error) {
	for _, token := range []string{in.Token, g.formToken(kind, to, in.Form)} {
		if token == "" {
			continue
		}
		f, err := view(ctx, g, func(tx Tx) (*Flow, error) { return found(tx.Flow(tokenID(token))) })
		if err != nil {
			return "", err
		}
		if f != nil && f.Kind == kind && f.Key == to.Key && f.Used.IsZero() && f.Passed.IsZero() {
			return token, nil
		}
		if f == nil && token != in.Token { // a cookie that is not ours is never taken over
			return token, nil
		}
	}
	return g.newToken()
}

func (g *Gate) formToken(kind FlowKind, to Address, form string) string {
	if form == "" {
		return ""
	}
	return g.Keys.formToken(form, kind, to.Key)
}

// sendCode gives a flow a new code, which alone is right from now on, and posts it. The
// caller puts the flow. Of a flow that nobody can finish, the code goes nowhere.
func (g *Gate) sendCode(c *counted, v Visitor, f *Flow, code, hash string, patient bool) error {
	from, err := g.mayMail(c, v, f.Key, patient)
	if err != nil {
		return err
	}
	now := c.tx.Now()
	f.Generation++
	f.Code, f.CodeUntil, f.Guesses = hash, now.Add(g.Limits.CodeLife), 0
	f.Expires = now.Add(g.Limits.FlowLife)
	if err := c.tx.DropLetters(f.ID); err != nil {
		return err
	}
	l := &Letter{Kind: f.Kind.letter(), Key: g.addressTag(f.Key), Flow: f.ID, Generation: f.Generation, NotBefore: from, Expires: f.CodeUntil}
	s := sealed{To: f.Email, Language: f.Language, Data: map[string]string{"code": code}}
	switch {
	case f.Kind == FlowRegister && f.Account != "":
		a, err := c.tx.Account(f.Account)
		if err != nil {
			return err
		}
		l.Kind, s = LetterKnown, sealed{To: a.Email, Language: a.Language}
	case f.Kind == FlowReset && f.Account == "":
		// Written like any other, so that it takes as long, and dropped at once.
		if _, err := found(c.tx.Account("nobody")); err != nil {
			return err
		}
		l.State = LetterDropped
	case f.Kind == FlowReset:
		a, err := c.tx.Account(f.Account)
		if err != nil {
			return err
		}
		s.To = a.Email // the address that is stored, however it was typed now
	}
	return g.post(c.tx, l, s)
}

// Pending finds the flow of a browser, for its page.
func (g *Gate) Pending(ctx context.Context, v Visitor, token string, kinds ...FlowKind) (*Begun, error) {
	return view(ctx, g, func(tx Tx) (*Begun, error) {
		f, err := g.flow(tx, token, kinds...)
		if err != nil {
			return nil, err
		}
		key := g.mailKeys(v, f.Key)[0]
		marks, err := tx.Marks(key)
		if err != nil {
			return nil, err
		}
		return &Begun{f, token, wait(marks[key], tx.Now(), g.Limits.MailGap, g.Limits.MailAddress...)}, nil
	})
}

// flow finds a flow by its browser's token. One of another kind is none.
func (g *Gate) flow(tx Tx, token string, kinds ...FlowKind) (*Flow, error) {
	if token == "" {
		return nil, refuse(NoFlow)
	}
	f, err := found(tx.Flow(tokenID(token)))
	if err != nil {
		return nil, err
	}
	if f == nil || !f.Expires.After(tx.Now()) {
		return nil, refuse(NoFlow)
	}
	for _, k := range kinds {
		if f.Kind == k {
			return f, nil
		}
	}
	return nil, refuse(NoFlow)
}

// Resend makes and posts a new code for a flow. It is alike for addresses with and
// without an account.
func (g *Gate) Resend(ctx context.Context, v Visitor, token string, kinds ...FlowKind) (*Begun, error) {
	p, err := g.Pending(ctx, v, token, kinds...)
	if err != nil {
		return nil, g.refused(ctx, v, "resend", err, "", "")
	}
	if p.Wait > 0 { // judged again below; here before anything costly
		return nil, g.refused(ctx, v, "resend", &Refusal{Kind: TooMany, Wait: p.Wait}, p.Account, g.addressTag(p.Key))
	}
	code, err := NewCode(g.Rand, p.Kind.Digits())
	if err != nil {
		return nil, err
	}
	hash, err := g.Codes.Hash(ctx, g.Keys.pepperCode(p.ID, p.Generation+1, code))
	if err != nil {
		return nil, g.busy("resend", err)
	}
	var begun *Begun
	err = g.Store.Update(ctx, func(tx Tx) error {
		c, err := count(tx, g.mailKeys(v, p.Key)...)
		if err != nil {
			return err
		}
		f, err := g.flow(tx, token, kinds...)
		switch {
		case err != nil:
			return err
		case !f.Used.IsZero() || !f.Passed.IsZero():
			return refuse(UsedCode)
		case f.Generation != p.Generation: // asked for twice at once: the first one did it
			return &Refusal{Kind: TooMany, Wait: c.wait(g.mailKeys(v, f.Key)[0], g.Limits.MailGap)}
		}
		if err := g.sendCode(c, v, f, code, hash, false); err != nil {
			return err
		}
		begun = &Begun{f, token, c.wait(g.mailKeys(v, f.Key)[0], g.Limits.MailGap, g.Limits.MailAddress...)}
		return errors.Join(tx.PutFlow(f), g.audit(tx, v, "resend", "ok", f.Account, g.addressTag(f.Key)))
	})
	if err != nil {
		return nil, g.refused(ctx, v, "resend", err, p.Account, g.addressTag(p.Key))
	}
	fault("flow-resent")
	g.posted()
	g.observed("resend", "ok")
	return begun, nil
}

// check compares a code with the flow's, in three steps, so that no failure gives a
// guess back: the guess is counted and that is kept; the code is compared; and only when
// it was right the guess is forgotten and finish does, in one transaction, what the flow
// was for.
func (g *Gate) check(ctx context.Context, v Visitor, token, typed string, kinds []FlowKind, finish func(tx Tx, f *Flow) error) error {
	var at time.Time
	var admitted *Flow
	what := "code"
	err := g.Store.Update(ctx, func(tx Tx) error {
		f, err := g.flow(tx, token, kinds...)
		if err != nil {
			return err
		}
		// Marks are locked after the flow here, and there is no flow yet where they are
		// locked first.
		admitted = f
		code, ok := CleanCode(typed, f.Kind.Digits())
		if !ok {
			return &Refusal{Kind: BadCode, Left: g.Limits.Guesses - f.Guesses}
		}
		typed = code
		at, err = g.admit(tx, v, f)
		return err
	})
	if err != nil {
		return g.refusedFlow(ctx, v, what, err, admitted)
	}
	fault("guess-counted")
	right, _, err := g.Codes.Verify(ctx, admitted.Code, g.Keys.pepperCode(admitted.ID, admitted.Generation, typed))
	if err != nil {
		return g.busy(what, err)
	}
	fault("guess-compared")
	if !right || admitted.decoy() {
		left := g.Limits.Guesses - admitted.Guesses
		return g.refusedFlow(ctx, v, what, &Refusal{Kind: WrongCode, Left: left}, admitted)
	}
	err = g.Store.Update(ctx, func(tx Tx) error {
		f, err := g.flow(tx, token, kinds...)
		switch {
		case err != nil:
			return err
		case !f.Used.IsZero() || !f.Passed.IsZero():
			return refuse(UsedCode)
		case f.Generation != admitted.Generation:
			return refuse(ExpiredCode)
		}
		f.Guesses--
		c, err := count(tx, g.guessKeys(v, f.Key)...)
		if err != nil {
			return err
		}
		for _, k := range g.guessKeys(v, f.Key) {
			if err := c.takeBack(k, at); err != nil {
				return err
			}
		}
		return finish(tx, f)
	})
	if err != nil {
		return g.refusedFlow(ctx, v, what, err, admitted)
	}
	fault("flow-finished")
	g.observed(what, "ok")
	return nil
}

// decoy tells whether no code can finish the flow: its address has an account already,
// or none where one is needed.
func (f *Flow) decoy() bool {
	return f.Kind == FlowRegister && f.Account != "" || f.Kind == FlowReset && f.Account == ""
}

// admit counts a guess before anybody knows whether it is right.
func (g *Gate) admit(tx Tx, v Visitor, f *Flow) (at time.Time, err error) {
	now, l := tx.Now(), &g.Limits
	switch {
	case !f.Used.IsZero() || !f.Passed.IsZero():
		return now, refuse(UsedCode)
	case !f.CodeUntil.After(now):
		return now, refuse(ExpiredCode)
	case f.Guesses >= l.Guesses:
		return now, refuse(DeadCode)
	}
	keys := g.guessKeys(v, f.Key)
	c, err := count(tx, keys...)
	if err != nil {
		return now, err
	}
	limits := []Limit{l.GuessesAddress, l.GuessesNetwork, l.GuessesAll}
	if w := c.wait(keys[0], 0, limits[0]); w > 0 {
		return now, &Refusal{Kind: TooMany, Wait: w}
	}
	if w := max(c.wait(keys[1], 0, limits[1]), c.wait(keys[2], 0, limits[2])); w > 0 {
		worked, err := g.spendWork(tx, v)
		if err != nil {
			return now, err
		}
		if !worked {
			return now, &Refusal{Kind: NeedsWork, Wait: w}
		}
	}
	for i, k := range keys {
		if err := c.add(k, now, limits[i]); err != nil {
			return now, err
		}
	}
	f.Guesses++
	return now, tx.PutFlow(f)
}

// guessKeys are the marks of guesses: at the address, from the network, of all.
func (g *Gate) guessKeys(v Visitor, key string) []string {
	return []string{"guess/" + g.addressTag(key), "guess-network/" + g.Keys.tagText("network", v.Network), "guess-all"}
}

// refusedFlow writes down a refusal that concerns a flow.
func (g *Gate) refusedFlow(ctx context.Context, v Visitor, what string, err error, f *Flow) error {
	if f == nil {
		return g.refused(ctx, v, what, err, "", "")
	}
	return g.refused(ctx, v, what, err, f.Account, g.addressTag(f.Key))
}

// workPurpose binds puzzles to the typing of codes.
const workPurpose = "code"

func (g *Gate) puzzle() Puzzle {
	return Puzzle{Key: g.Keys.work, Bits: g.Limits.WorkBits, Life: WorkLife, Rand: g.Rand}
}

// Challenge makes a puzzle for a visitor who was refused with NeedsWork.
func (g *Gate) Challenge(ctx context.Context, v Visitor) (string, error) {
	return view(ctx, g, func(tx Tx) (string, error) { return g.puzzle().NewChallenge(tx.Now(), workPurpose, v.Network) })
}

// spendWork tells whether a visitor brought the solution of a puzzle, and takes it: it
// is good for one guess.
func (g *Gate) spendWork(tx Tx, v Visitor) (bool, error) {
	if v.Work == "" {
		return false, nil
	}
	w, err := g.puzzle().CheckWork(tx.Now(), workPurpose, v.Network, v.Work)
	if err != nil {
		return false, nil // asked again, with a puzzle that holds
	}
	key := "work/" + w.ID
	marks, err := tx.Marks(key)
	if err != nil || len(marks[key]) > 0 {
		return false, err
	}
	return true, tx.SetMarks(key, []time.Time{w.Until})
}
