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
	host  func() time.Time
	apart atomic.Int64 // nanoseconds
}

func newClock(ctx context.Context, s gate.Store, host func() time.Time) (*clock, error) {
	c := &clock{host: host}
	return c, c.set(ctx, s)
}

// set asks the database again.
func (c *clock) set(ctx context.Context, s gate.Store) error {
	before := c.host()
	var at time.Time
	err := s.View(ctx, func(tx gate.Tx) error { at = tx.Now(); return nil })
	if err == nil {
		c.apart.Store(int64(at.Sub(before.Add(c.host().Sub(before) / 2))))
	}
	return err
}

func (c *clock) now() time.Time { return c.host().Add(time.Duration(c.apart.Load())) }
