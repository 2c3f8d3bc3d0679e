package gate

import (
	"context"
	"errors"
	"time"
)

// What an operator does, from the command line. Who may do it is who may read the
// database and the keys.

// byOperator stands in the audit where otherwise a request would.
var byOperator = Visitor{Request: "operator"}

// FindAccount finds an account by its id or its address; ErrNotFound when there is none.
func (g *Gate) FindAccount(ctx context.Context, idOrAddress string) (*Account, error) {
	return view(ctx, g, func(tx Tx) (*Account, error) {
		if to, err := ParseAddress(idOrAddress); err == nil {
			return tx.AccountByKey(to.Key)
		}
		return tx.Account(idOrAddress)
	})
}

// EachAccount reads all accounts by time of creation.
func (g *Gate) EachAccount(ctx context.Context, f func(*Account) error) error {
	after := ""
	for {
		page, err := view(ctx, g, func(tx Tx) ([]*Account, error) { return tx.Accounts(after, 500) })
		if err != nil || len(page) == 0 {
			return err
		}
		for _, a := range page {
			if err := f(a); err != nil {
				return err
			}
		}
		after = page[len(page)-1].ID
	}
}

// Block keeps an account out, from the next request on, or lets it in again.
func (g *Gate) Block(ctx context.Context, id string, blocked bool) error {
	return g.Store.Update(ctx, func(tx Tx) error {
		a, err := tx.Account(id)
		if err != nil {
			return err
		}
		result := "unblocked"
		a.Blocked = time.Time{}
		if blocked {
			result, a.Blocked = "blocked", tx.Now()
			if err := tx.RemoveSessionsOf(id, nil); err != nil {
				return err
			}
		}
		return errors.Join(tx.PutAccount(a), g.audit(tx, byOperator, "account", result, id, ""))
	})
}

// EndAllSessions logs an account out everywhere.
func (g *Gate) EndAllSessions(ctx context.Context, id string) error {
	return g.Store.Update(ctx, func(tx Tx) error {
		return errors.Join(tx.RemoveSessionsOf(id, nil), g.audit(tx, byOperator, "sessions", "ended", id, ""))
	})
}

// Remove deletes an account, as its owner could.
func (g *Gate) Remove(ctx context.Context, id string) error {
	err := g.Store.Update(ctx, func(tx Tx) error {
		a, err := tx.Account(id)
		if err != nil {
			return err
		}
		return errors.Join(g.remove(tx, a), g.audit(tx, byOperator, "account", "deleted", id, ""))
	})
	if err == nil {
		g.posted()
	}
	return err
}

// Downloads lists what was taken from a time up to another, oldest first; download may
// be "" for all.
func (g *Gate) Downloads(ctx context.Context, from, until time.Time, download string) ([]*Taken, error) {
	return view(ctx, g, func(tx Tx) ([]*Taken, error) { return tx.GrantsBetween(from, until, download) })
}

// keepDone is how long letters that have left can still be counted.
const keepDone = 30 * 24 * time.Hour

// Purge forgets what no rule looks at any more. Somebody calls it every few minutes.
func (g *Gate) Purge(ctx context.Context) error {
	l := &g.Limits
	return g.Store.Update(ctx, func(tx Tx) error {
		now := tx.Now()
		back := longest(append([]Limit{l.GuessesAddress, l.GuessesNetwork, l.GuessesAll, l.MailNetwork, l.MailAll,
			l.LoginNetwork, l.LoginAddress, {Per: l.LoginWindow}}, l.MailAddress...)...)
		return errors.Join(
			tx.PurgeMarks(now.Add(-back)),
			tx.PurgeFlows(now),
			tx.PurgeSessions(now.Add(-l.SessionIdle), now),
			tx.PurgeFamiliar(now.Add(-l.Familiar)),
			tx.PurgeLetters(now.Add(-keepDone)),
		)
	})
}
