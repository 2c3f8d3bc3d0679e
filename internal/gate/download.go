package gate

import (
	"context"
	"errors"
	"sync"
	"time"

	"pressroom/internal/catalogue"
)

// Granted is a download that somebody may start now.
type Granted struct {
	*Grant
	Download catalogue.Download
}

// Grant allows a download to somebody who is logged in, and writes it down. The embargo
// is judged here too, whatever the page says that links it.
func (g *Gate) Grant(ctx context.Context, v Visitor, s *Session, download string) (*Granted, error) {
	d, ok := g.Download(download)
	if !ok {
		return nil, g.refused(ctx, v, "grant", refuse(NoDownload), s.Account, "")
	}
	id, err := g.newID()
	if err != nil {
		return nil, err
	}
	out := &Granted{&Grant{ID: id, Account: s.Account, Download: d.ID, Title: d.Title, Bytes: d.Bytes}, d}
	err = g.Store.Update(ctx, func(tx Tx) error {
		if err := g.mayGrant(tx, s, d); err != nil {
			return err
		}
		out.At = tx.Now()
		return errors.Join(tx.AddGrant(out.Grant), g.audit(tx, v, "grant", "ok", s.Account, d.ID))
	})
	if errors.Is(err, ErrStore) {
		// A disk that is full keeps nobody from the footage, as long as the rules can be
		// read; the grant is written down when it can be.
		if err = g.Store.View(ctx, func(tx Tx) error { out.At = tx.Now(); return g.mayGrant(tx, s, d) }); err == nil {
			err = g.late.add(lateGrant{out.Grant, v})
		}
	}
	if err != nil {
		return nil, g.refused(ctx, v, "grant", err, s.Account, d.ID)
	}
	g.observed("grant", "ok")
	return out, nil
}

// mayGrant judges time, number and budget.
func (g *Gate) mayGrant(tx Tx, s *Session, d catalogue.Download) error {
	now := tx.Now()
	switch {
	case now.Before(d.NotBefore):
		return refuse(NotYet)
	case !d.NotAfter.IsZero() && !now.Before(d.NotAfter):
		return refuse(NoLonger)
	}
	// The account's row stays locked, so that of two grants at once the second counts the
	// first.
	a, err := found(tx.Account(s.Account))
	if err != nil {
		return err
	}
	if a == nil {
		return refuse(NotLoggedIn)
	}
	if l := g.Limits.GrantsAccount; l.Max > 0 {
		before, err := tx.Grants(s.Account, l.Max)
		if err != nil {
			return err
		}
		if len(before) == l.Max { // newest first
			if w := before[l.Max-1].At.Add(l.Per).Sub(now); w > 0 {
				return &Refusal{Kind: TooMany, Wait: w}
			}
		}
	}
	taken, err := tx.GrantedBytes(s.Account, now.Add(-24*time.Hour))
	if err != nil {
		return err
	}
	if taken > 0 && taken+d.Bytes > g.Limits.BytesDaily {
		again, err := g.tookToday(tx, s.Account, d.ID)
		if err != nil {
			return err
		}
		if !again {
			return refuse(TooMuch)
		}
	}
	return nil
}

// tookToday tells whether a download is only resumed.
func (g *Gate) tookToday(tx Tx, account, download string) (bool, error) {
	grants, err := tx.Grants(account, 1000)
	for _, d := range grants {
		if d.Download == download && d.At.After(tx.Now().Add(-24*time.Hour)) {
			return true, err
		}
	}
	return false, err
}

// lateGrant is a grant that could not be written down yet.
type lateGrant struct {
	*Grant
	by Visitor
}

// lateGrants wait in memory for a database that can be written again.
type lateGrants struct {
	mu   sync.Mutex
	list []lateGrant
}

// mostLate bounds them: with so many unwritten, no more are given.
const mostLate = 10_000

func (l *lateGrants) add(d lateGrant) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.list) >= mostLate {
		return ErrStore
	}
	l.list = append(l.list, d)
	return nil
}

// WriteLate writes down the grants that could not be, and returns how many still wait.
// Somebody must call it now and then, and before the process ends.
func (g *Gate) WriteLate(ctx context.Context) (waiting int, err error) {
	g.late.mu.Lock()
	defer g.late.mu.Unlock()
	for len(g.late.list) > 0 && err == nil {
		d := g.late.list[0]
		err = g.Store.Update(ctx, func(tx Tx) error {
			return errors.Join(tx.AddGrant(d.Grant), g.audit(tx, d.by, "grant", "ok, written down late", d.Account, d.Download))
		})
		if err == nil {
			g.late.list = g.late.list[1:]
		}
	}
	return len(g.late.list), err
}
