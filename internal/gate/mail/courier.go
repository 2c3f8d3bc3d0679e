package mail

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/url"
	"sync"
	"time"

	"pressroom/internal/gate"
)

// Courier carries the letters of the outbox. Several may run, in one process or many:
// each letter is leased by one of them at a time.
type Courier struct {
	Gate      *gate.Gate
	Templates *Templates
	Transport Transport
	Name      string // of this process, unlike any other's
	CodeLife  time.Duration
	BaseURL   string
	Log       *slog.Logger
	Workers   int           // letters carried at once; 4 when 0
	Poll      time.Duration // how often to look for letters of other processes; 2 s when 0

	wake chan struct{}
	once sync.Once
}

// Posted tells the courier that a letter waits. It never blocks.
func (c *Courier) Posted() {
	c.start()
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

func (c *Courier) start() { c.once.Do(func() { c.wake = make(chan struct{}, 1) }) }

// Run carries letters until the context ends, and returns when those under way are
// settled: what it has handed over is written down even then.
func (c *Courier) Run(ctx context.Context) {
	c.start()
	workers, poll := c.Workers, c.Poll
	if workers == 0 {
		workers = 4
	}
	if poll == 0 {
		poll = 2 * time.Second
	}
	free := make(chan struct{}, workers) // a place for each letter that is being carried
	var busy sync.WaitGroup
	defer busy.Wait()
	for ctx.Err() == nil {
		select {
		case free <- struct{}{}: // with none free there is nothing to lease
			<-free
		case <-ctx.Done():
			return
		}
		posts, err := c.Gate.Lease(ctx, workers-len(free), c.Name)
		if err != nil && ctx.Err() == nil {
			c.Log.Error("lease letters", "err", err)
		}
		for _, p := range posts {
			free <- struct{}{}
			busy.Go(func() {
				c.carry(ctx, p)
				<-free
				c.Posted() // there may be more
			})
		}
		if len(posts) > 0 && len(free) < workers {
			continue
		}
		select {
		case <-c.wake:
		case <-time.After(poll + rand.N(poll/4)):
		case <-ctx.Done():
		}
	}
}

// carry hands one letter over and settles it.
func (c *Courier) carry(ctx context.Context, p *gate.Post) {
	outcome, err := c.send(context.WithoutCancel(ctx), p)
	problem := ""
	if err != nil {
		problem = err.Error()
		c.Log.Warn("letter not handed over", "letter", p.ID, "kind", p.Kind, "attempt", p.Attempts+1, "err", err)
	}
	// Even while the process ends: an unsettled letter would be sent twice.
	settle, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
	defer cancel()
	if err := c.Gate.Settle(settle, p, c.Name, outcome, problem); err != nil {
		c.Log.Error("settle letter", "letter", p.ID, "err", err)
	}
	gate.Fault("settled")
}

func (c *Courier) send(ctx context.Context, p *gate.Post) (gate.Outcome, error) {
	about, err := c.about(ctx, p)
	if errors.Is(err, gate.ErrNotFound) { // unsubscribed since
		return gate.Unwanted, nil
	}
	if err != nil {
		return gate.Delayed, err
	}
	m, err := c.Templates.Compose(Letter{ID: p.ID, To: p.To, Language: p.Language, Date: p.Created}, about)
	if err != nil {
		return gate.Rejected, err
	}
	gate.Fault("before-send")
	// Time enough for a slow server, and less than the lease.
	ctx, cancel := context.WithTimeout(ctx, gate.LeaseTime()-30*time.Second)
	defer cancel()
	err = c.Transport.Send(ctx, m)
	gate.Fault("after-send")
	switch {
	case err == nil:
		return gate.Delivered, nil
	case Permanent(err):
		return gate.Rejected, err
	case Ambiguous(err):
		return gate.Unknown, err
	}
	return gate.Delayed, err
}

// about makes what a letter says of its data.
func (c *Courier) about(ctx context.Context, p *gate.Post) (About, error) {
	switch p.Kind {
	case gate.LetterVerify:
		return Verify{p.Data["code"], c.CodeLife}, nil
	case gate.LetterKnown:
		return Known{}, nil
	case gate.LetterReset:
		return Reset{p.Data["code"], c.CodeLife}, nil
	case gate.LetterConfirm:
		return Confirm{p.Data["code"], c.CodeLife}, nil
	case gate.LetterChanged:
		return Changed{p.Created}, nil
	case gate.LetterDeleted:
		return Deleted{p.Created}, nil
	case gate.LetterNewsletter:
		return c.newsletter(ctx, p)
	}
	return nil, fmt.Errorf("no mail is called %q", p.Kind)
}

func (c *Courier) newsletter(ctx context.Context, p *gate.Post) (About, error) {
	items, token, err := c.Gate.IssueFor(ctx, p.Data["issue"], p.Data["subscription"])
	if err != nil {
		return nil, err
	}
	unsubscribe, err := url.JoinPath(c.BaseURL, "newsletter", "unsubscribe")
	if err != nil {
		return nil, err
	}
	n := Newsletter{Unsubscribe: unsubscribe + "?t=" + url.QueryEscape(token)}
	if n.Preferences, err = url.JoinPath(c.BaseURL, "newsletter", "subscribe"); err != nil {
		return nil, err
	}
	for _, i := range items {
		n.Items = append(n.Items, Item{i.Title, i.Summary, i.URL, i.Date})
	}
	if len(n.Items) == 0 {
		return nil, gate.ErrNotFound // other choices since it was queued
	}
	return n, nil
}
