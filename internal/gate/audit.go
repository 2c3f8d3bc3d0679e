package gate

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"
)

// The audit says who did what, when, and how it ended, refusals too. Each line holds the
// hash of the one before, so that none can be changed or cut out unnoticed.

// sum is the line's hash: over every field, none of which can run into the next, and by
// a key that is not in the database, so that who can write there cannot make a chain.
func (e *Event) sum(k *Keys) []byte {
	h := hmac.New(sha256.New, k.audit)
	field := func(b []byte) {
		var n [8]byte
		binary.BigEndian.PutUint64(n[:], uint64(len(b)))
		h.Write(n[:])
		h.Write(b)
	}
	for _, n := range []int64{e.Seq, e.At.UnixMicro()} {
		field(binary.BigEndian.AppendUint64(nil, uint64(n)))
	}
	for _, s := range []string{e.What, e.Result, e.Account, e.Subject, e.Network, e.Request} {
		field([]byte(s))
	}
	field(e.Before)
	return h.Sum(nil)
}

// audit writes a line, as the last thing of a transaction: all others wait for it.
func (g *Gate) audit(tx Tx, v Visitor, what, result, account, subject string) error {
	seq, before, err := tx.AuditHead()
	if err != nil {
		return err
	}
	e := &Event{
		Seq: seq + 1, At: tx.Now().UTC().Truncate(time.Microsecond), What: what, Result: result,
		Account: account, Subject: subject, Request: v.Request, Before: before,
	}
	if v.Network != "" {
		e.Network = g.Keys.tagText("network", v.Network)
	}
	e.Hash = e.sum(g.Keys)
	return tx.AddAudit(e)
}

// refused writes down a refusal in a transaction of its own, and returns it. An error of
// the store is told to the log by whoever asked next: a refusal stays one.
func (g *Gate) refused(ctx context.Context, v Visitor, what string, err error, account, subject string) error {
	var r *Refusal
	if !errors.As(err, &r) {
		g.observed(what, "error")
		return err
	}
	g.observed(what, string(r.Kind))
	g.note(ctx, v, what, string(r.Kind), account, subject)
	return err
}

// Note writes down what was refused before any rule was asked, as a form from elsewhere.
func (g *Gate) Note(ctx context.Context, v Visitor, what, result string) {
	g.observed(what, result)
	g.note(ctx, v, what, result, "", "")
}

// note writes a line about a refusal, unless there were too many of late.
func (g *Gate) note(ctx context.Context, v Visitor, what, result, account, subject string) {
	write, left := g.refusals.admit(v.Network, time.Now())
	if !write && left == 0 {
		return
	}
	err := g.Store.Update(ctx, func(tx Tx) error {
		var err error
		if left > 0 {
			err = g.audit(tx, Visitor{}, "refusals", fmt.Sprintf("%d more, not written one by one", left), "", "")
		}
		if write {
			err = errors.Join(err, g.audit(tx, v, what, result, account, subject))
		}
		return err
	})
	if err != nil {
		g.observed("audit", "error")
	}
}

// Refusals cost a stranger nothing and a line of the audit is kept for ever, so there
// are so many a minute of one network, and of all; the others are counted.
const (
	refusalsNetwork = 60
	refusalsAll     = 600
)

// refusalCount counts the refusals of one minute, in this process.
type refusalCount struct {
	mu      sync.Mutex
	since   time.Time
	network map[string]int
	all     int
	left    int // that were not written
}

// admit tells whether a refusal is to be written, and how many of the minute before were
// not.
func (c *refusalCount) admit(network string, now time.Time) (write bool, left int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.network == nil || now.Sub(c.since) >= time.Minute {
		left, c.left = c.left, 0
		c.since, c.network, c.all = now, map[string]int{}, 0
	}
	if c.all >= refusalsAll || c.network[network] >= refusalsNetwork {
		c.left++
		return false, left
	}
	c.all++
	c.network[network]++
	return true, left
}

// addressTag is how an address stands in the audit.
func (g *Gate) addressTag(key string) string { return g.Keys.tagText("address", key) }

// Broken is where the audit's chain does not hold.
type Broken struct {
	Seq int64
	Why string
}

func (b *Broken) Error() string { return fmt.Sprintf("audit line %d: %s", b.Seq, b.Why) }

// VerifyAudit reads the whole chain and returns how many lines it has, or a *Broken for
// the first that does not fit. Lines cut from the end show only against a Seq and Hash
// that were kept elsewhere: see AuditHead.
func (g *Gate) VerifyAudit(ctx context.Context) (n int64, err error) {
	var before []byte
	err = g.EachEvent(ctx, 0, func(e *Event) error {
		switch {
		case e.Seq != n+1:
			return &Broken{n + 1, fmt.Sprintf("missing; the next one is %d", e.Seq)}
		case !bytes.Equal(e.Before, before):
			return &Broken{e.Seq, "does not continue the line before it"}
		case !hmac.Equal(e.Hash, e.sum(g.Keys)):
			return &Broken{e.Seq, "was changed"}
		}
		n, before = e.Seq, e.Hash
		return nil
	})
	if err != nil {
		return n, err
	}
	return view(ctx, g, func(tx Tx) (int64, error) {
		seq, head, err := tx.AuditHead()
		if err == nil && (seq < n || seq == n && !bytes.Equal(head, before)) {
			err = &Broken{n, "is not the end that was written down"}
		} else if err == nil && seq > n {
			// Lines may have come since the reading ended; they must be there.
			if more, e := tx.Audit(n, 1); e == nil && len(more) == 0 {
				err = &Broken{n + 1, "cut off: the chain once went on"}
			}
		}
		return n, err
	})
}

// EachEvent reads the audit from after a sequence on.
func (g *Gate) EachEvent(ctx context.Context, after int64, f func(*Event) error) error {
	for {
		page, err := view(ctx, g, func(tx Tx) ([]*Event, error) { return tx.Audit(after, 1000) })
		if err != nil {
			return err
		}
		for _, e := range page {
			if err := f(e); err != nil {
				if err == io.EOF {
					return nil
				}
				return err
			}
			after = e.Seq
		}
		if len(page) < 1000 {
			return nil
		}
	}
}
