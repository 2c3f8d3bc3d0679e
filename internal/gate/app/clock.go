package app

import (
	"context"
	"sync/atomic"
	"time"

	"pressroom/internal/gate"
)

// clock is the database's time without asking for it each time: this machine's, put
// right by how far they are apart. So instances whose clocks differ agree when a link
// has expired.
type clock struct {
	apart atomic.Int64 // nanoseconds
	ask   func() time.Time
}

// newClock sets the clock. A test's clock jumps, so there it is asked each time.
func newClock(ctx context.Context, s gate.Store, jumps bool) (*clock, error) {
	c := &clock{}
	if jumps {
		c.ask = func() time.Time { return databaseTime(context.Background(), s, time.Now()) }
	}
	return c, c.set(ctx, s)
}

func (c *clock) set(ctx context.Context, s gate.Store) error {
	before := time.Now()
	var at time.Time
	err := s.View(ctx, func(tx gate.Tx) error { at = tx.Now(); return nil })
	if err == nil {
		c.apart.Store(int64(at.Sub(before.Add(time.Since(before) / 2))))
	}
	return err
}

func (c *clock) now() time.Time {
	if c.ask != nil {
		return c.ask()
	}
	return time.Now().Add(time.Duration(c.apart.Load()))
}

func databaseTime(ctx context.Context, s gate.Store, otherwise time.Time) time.Time {
	at := otherwise
	_ = s.View(ctx, func(tx gate.Tx) error { at = tx.Now(); return nil })
	return at
}
