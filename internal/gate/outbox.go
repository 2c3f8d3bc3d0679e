package gate

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"time"
)

// Mail leaves through a table: a letter is written in the transaction that needs it, so
// that none is lost and none is sent for what did not happen, and a courier carries it
// afterwards, so that a slow server keeps nobody waiting.

// The kinds of letter, and the data that each has.
const (
	LetterVerify     = "verify"     // code
	LetterKnown      = "known"      //
	LetterReset      = "reset"      // code
	LetterConfirm    = "confirm"    // code
	LetterChanged    = "changed"    // the password
	LetterDeleted    = "deleted"    //
	LetterNewsletter = "newsletter" // issue, subscription
)

// Post is a letter that its courier may read.
type Post struct {
	*Letter
	To       string
	Language string
	Data     map[string]string
}

// post puts a letter into the outbox.
func (g *Gate) post(tx Tx, l *Letter, s sealed) (err error) {
	if l.ID == "" {
		if l.ID, err = g.newID(); err != nil {
			return err
		}
	}
	l.Created = tx.Now()
	dropped := l.State == LetterDropped // before it began, see sendCode
	if !dropped {
		l.State = LetterWaiting
	}
	if l.NotBefore.IsZero() {
		l.NotBefore = tx.Now()
	}
	if l.Expires.IsZero() {
		l.Expires = l.NotBefore.Add(g.Limits.LetterLife)
	}
	if l.Sealed, err = g.Keys.sealLetter(g.Rand, l.ID, s); err != nil {
		return err
	}
	if dropped {
		l.Sealed, l.Done = nil, l.Created
	}
	err = tx.AddLetter(l)
	fault("letter-written") // and not yet committed
	return err
}

// leaseTime is how long a courier may take over one letter before another may think it
// dead. A courier must give up on a server before.
const leaseTime = 5 * time.Minute

// LeaseTime is how long a courier has for the letters of one Lease.
func LeaseTime() time.Duration { return leaseTime }

// Lease takes letters that a courier is to carry now. What is not worth carrying any
// more, because its code has expired or another has taken its place, is dropped.
func (g *Gate) Lease(ctx context.Context, limit int, courier string) (posts []*Post, err error) {
	err = g.Store.Update(ctx, func(tx Tx) error {
		posts = nil
		letters, err := tx.LeaseLetters(limit, courier, tx.Now().Add(leaseTime))
		if err != nil {
			return err
		}
		for _, l := range letters {
			stale, err := g.stale(tx, l)
			if err != nil {
				return err
			}
			if stale {
				if err := g.done(tx, l, LetterDropped); err != nil {
					return err
				}
				continue
			}
			p := &Post{Letter: l}
			s, err := g.Keys.openLetter(l.ID, l.Sealed)
			if err != nil {
				l.Problem = err.Error()
				if err := g.done(tx, l, LetterFailed); err != nil {
					return err
				}
				continue
			}
			p.To, p.Language, p.Data = s.To, s.Language, s.Data
			posts = append(posts, p)
		}
		return nil
	})
	if len(posts) > 0 {
		fault("leased")
	}
	return posts, err
}

// stale tells whether nobody could use the letter any more.
func (g *Gate) stale(tx Tx, l *Letter) (bool, error) {
	if !l.Expires.After(tx.Now()) {
		return true, nil
	}
	if l.Flow == nil {
		return false, nil
	}
	f, err := found(tx.Flow(l.Flow))
	if err != nil {
		return false, err
	}
	return f == nil || f.Generation != l.Generation || !f.Used.IsZero(), nil
}

// done ends a letter's way. What it said goes with it.
func (g *Gate) done(tx Tx, l *Letter, state LetterState) error {
	l.State, l.Done, l.Sealed, l.Lease, l.LeaseUntil = state, tx.Now(), nil, "", time.Time{}
	g.observed("letter", string(state))
	return tx.PutLetter(l)
}

// Outcome is what became of a letter that a courier tried to hand over.
type Outcome int

// The outcomes.
const (
	Delivered Outcome = iota // the server took it
	Rejected                 // the server will never take it
	Delayed                  // not now, or nobody answered
	Unknown                  // the connection broke after the last byte: it may have been taken
	Unwanted                 // nobody waits for it any more
)

// Settle writes down what became of a letter. A courier that has lost its lease changes
// nothing.
func (g *Gate) Settle(ctx context.Context, p *Post, courier string, outcome Outcome, problem string) error {
	return g.Store.Update(ctx, func(tx Tx) error {
		l, err := found(tx.Letter(p.ID))
		if err != nil || l == nil || l.State != LetterWaiting || l.Lease != courier {
			return err
		}
		again := l.Problem == unknownFate
		l.Attempts++
		l.Problem = problem
		switch outcome {
		case Delivered:
			return g.done(tx, l, LetterSent)
		case Rejected:
			return g.done(tx, l, LetterFailed)
		case Unwanted:
			return g.done(tx, l, LetterDropped)
		case Unknown:
			// Sent once more, since a code that never comes is worse than one that comes
			// twice; both have one Message-ID. Not a third time.
			if again {
				return g.done(tx, l, LetterSent)
			}
			l.Problem = unknownFate
		}
		l.Lease, l.LeaseUntil = "", time.Time{}
		l.NotBefore = tx.Now().Add(retryAfter(l.Attempts))
		g.observed("letter", "delayed")
		return tx.PutLetter(l)
	})
}

const unknownFate = "the connection broke after the message was sent"

// retryAfter is 5, 10, 20 … seconds up to five minutes, and up to half of it more, so
// that letters that failed together do not come back together. A code lives for half an
// hour, so the first tries are soon.
func retryAfter(attempts int) time.Duration {
	d := min(5*time.Second<<min(attempts-1, 10), 5*time.Minute)
	var b [8]byte
	rand.Read(b[:]) // never fails; nothing hangs on this randomness
	return d + time.Duration(binary.BigEndian.Uint64(b[:])%uint64(d/2))
}

// mayMail judges whether one more mail may go to an address on behalf of a network, and
// from when on. Known and unknown addresses are counted alike, also where no mail is
// sent, so that the count tells nothing. A first mail waits out the gap by itself, when
// patient; a second is refused until then.
func (g *Gate) mayMail(c *counted, v Visitor, key string, patient bool) (from time.Time, err error) {
	now, l := c.tx.Now(), &g.Limits
	keys := g.mailKeys(v, key)
	gap := c.wait(keys[0], l.MailGap)
	if w := c.wait(keys[0], 0, l.MailAddress...); w > 0 {
		return now, &Refusal{Kind: TooMany, Wait: w}
	}
	if gap > 0 && (!patient || gap > l.MailGap) {
		return now, &Refusal{Kind: TooMany, Wait: gap}
	}
	if w := max(c.wait(keys[1], 0, l.MailNetwork), c.wait(keys[2], 0, l.MailAll)); w > 0 {
		return now, &Refusal{Kind: TooMany, Wait: w}
	}
	from = now.Add(gap)
	return from, errors.Join(c.add(keys[0], from, l.MailAddress...), c.add(keys[1], now, l.MailNetwork), c.add(keys[2], now, l.MailAll))
}

// mailKeys are the marks of mails: to the address, for the network, of all.
func (g *Gate) mailKeys(v Visitor, key string) []string {
	return []string{"mail/" + g.addressTag(key), "mail-network/" + g.Keys.tagText("network", v.Network), "mail-all"}
}
