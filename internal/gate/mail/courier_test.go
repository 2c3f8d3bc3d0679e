package mail_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pressroom/internal/gate"
	"pressroom/internal/gate/mail"
	"pressroom/internal/gate/store"
	"pressroom/internal/testkit/smtpsink"
)

// office is a gate over a database of its own, with a mail server that a test can break.
type office struct {
	*gate.Gate
	t      *testing.T
	sink   *smtpsink.Sink
	later  atomic.Int64 // nanoseconds, added to the time of the database
	events chan string  // how letters ended
}

func newOffice(t *testing.T) *office {
	t.Helper()
	o := &office{t: t, sink: smtpsink.New(t, smtpsink.Options{}), events: make(chan string, 1000)}
	s, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "gate.db"), store.Options{Offset: func() time.Duration { return time.Duration(o.later.Load()) }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	codes, err := gate.NewHasher(gate.HashOptions{Cost: gate.Cost{Memory: 64, Passes: 1, Threads: 1}, Rand: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	o.Gate = &gate.Gate{
		Store: s, Keys: keys(t, "k"), Codes: codes, Limits: gate.DefaultLimits(), Rand: rand.Reader,
		Observed: func(what, result string) {
			if what == "letter" {
				o.events <- result
			}
		},
	}
	return o
}

func keys(t *testing.T, letter string) *gate.Keys {
	t.Helper()
	k, err := gate.NewKeys([]byte(strings.Repeat(letter, gate.MasterSize)))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// courier is a new one; it looks for letters again only when it is told to.
func (o *office) courier(name string) *mail.Courier {
	o.t.Helper()
	templates, err := mail.NewTemplates(mail.Site{Title: mail.Words{"": "Press"}, BaseURL: "https://press.example", From: "press@press.example"}, nil)
	if err != nil {
		o.t.Fatal(err)
	}
	return &mail.Courier{
		Gate: o.Gate, Templates: templates, Transport: transport(o.t, o.sink, mail.SMTPOptions{}), Name: name, CodeLife: 30 * time.Minute,
		BaseURL: "https://press.example", Log: slog.New(slog.NewTextHandler(o.t.Output(), nil)), Poll: time.Hour,
	}
}

// run starts a courier, and returns what ends it and waits.
func run(c *mail.Courier) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { c.Run(ctx) })
	return func() {
		cancel()
		running.Wait()
	}
}

// carry runs a courier until so many letters have come to an end or a delay, and tells
// which.
func (o *office) carry(n int) (ends []string) {
	o.t.Helper()
	stop := run(o.courier("courier"))
	for range n {
		ends = append(ends, o.next())
	}
	stop()
	slices.Sort(ends)
	return ends
}

func (o *office) next() string {
	o.t.Helper()
	select {
	case e := <-o.events:
		return e
	case <-time.After(30 * time.Second): // only of a broken courier
		o.t.Fatal("no letter came to an end")
		return ""
	}
}

// issue queues a newsletter for so many subscribers, and tells the ids of its letters.
func (o *office) issue(n int) (letters []string) {
	o.t.Helper()
	ctx := o.t.Context()
	item := gate.Item{ID: "1", Title: "Quarry reopens", URL: "https://press.example/quarry/", Date: time.Now(), Topics: []string{"mines"}}
	i, err := o.BeginIssue(ctx, gate.Content{"en": {item}}, time.Time{}, time.Now())
	if err != nil {
		o.t.Fatal(err)
	}
	err = o.Store.Update(ctx, func(tx gate.Tx) error {
		for n := range n {
			id := fmt.Sprintf("s%03d", n)
			sub := &gate.Subscription{ID: id, Email: id + "@desk.example", Key: id + "@desk.example", Language: "en", Created: tx.Now()}
			if err := tx.PutSubscription(sub); err != nil {
				return err
			}
			letters = append(letters, i.ID+"-"+id)
		}
		return nil
	})
	if err == nil {
		_, _, err = o.QueueIssue(ctx, i.ID, 1000, 1e9)
	}
	if err != nil {
		o.t.Fatal(err)
	}
	return letters
}

func (o *office) letter(id string) (l *gate.Letter) {
	o.t.Helper()
	if err := o.Store.View(o.t.Context(), func(tx gate.Tx) (err error) { l, err = tx.Letter(id); return err }); err != nil {
		o.t.Fatal(err)
	}
	return l
}

func messageID(m smtpsink.Message) string {
	for line := range strings.Lines(string(m.Content)) {
		if id, ok := strings.CutPrefix(line, "Message-ID: "); ok {
			return strings.TrimSpace(id)
		}
	}
	return ""
}

// Two couriers share an outbox: each letter is carried once, by one of them.
func TestTwoCouriers(t *testing.T) {
	const n = 60
	o := newOffice(t)
	letters := o.issue(n)
	// The first mail hangs, so that one courier alone could not carry all without the
	// other being slower than it.
	hold := smtpsink.Hold(smtpsink.Rcpt)
	o.sink.Next(hold)
	one, other := o.courier("one"), o.courier("other")
	stopOne, stopOther := run(one), run(other)
	<-hold.Held()
	for range n - 1 {
		o.next()
	}
	hold.Release()
	o.next()
	stopOne()
	stopOther()
	got := map[string]int{}
	for _, m := range o.sink.Messages() {
		got[messageID(m)]++
	}
	for _, id := range letters {
		l := o.letter(id)
		if l.State != gate.LetterSent || l.Attempts != 1 || l.Lease != "" || l.Sealed != nil || l.Done.IsZero() {
			t.Errorf("%s: %+v", id, l)
		}
		if c := got["<"+id+"@press.example>"]; c != 1 {
			t.Errorf("%s came %d times", id, c)
		}
	}
}

// What a mail server does with a letter decides what becomes of it.
func TestOutcomes(t *testing.T) {
	const inDoubt = "the connection broke after the message was sent"
	for _, c := range []struct {
		name    string
		faults  []smtpsink.Fault // one for each try
		ends    []string
		state   gate.LetterState
		problem string
		stored  int
	}{
		{"taken", nil, []string{"sent"}, gate.LetterSent, "", 1},
		{"not now", []smtpsink.Fault{smtpsink.Refuse(smtpsink.Rcpt, 451, "try later")}, []string{"delayed"}, gate.LetterWaiting, "send mail: RCPT: 451 ", 0},
		{"not now, then taken", []smtpsink.Fault{smtpsink.Refuse(smtpsink.Mail, 421, "busy"), smtpsink.Accept()}, []string{"delayed", "sent"}, gate.LetterSent, "", 1},
		{"never", []smtpsink.Fault{smtpsink.Refuse(smtpsink.Rcpt, 550, "nobody here")}, []string{"failed"}, gate.LetterFailed, "send mail: RCPT: 550 ", 0},
		{"broken off before the end", []smtpsink.Fault{smtpsink.Drop(smtpsink.Data)}, []string{"delayed"}, gate.LetterWaiting, "", 0},
		{"in doubt", []smtpsink.Fault{smtpsink.Drop(smtpsink.Stored)}, []string{"delayed"}, gate.LetterWaiting, inDoubt, 1},
		{"in doubt, then taken", []smtpsink.Fault{smtpsink.Drop(smtpsink.Stored), smtpsink.Accept()}, []string{"delayed", "sent"}, gate.LetterSent, "", 2},
		{"in doubt twice", []smtpsink.Fault{smtpsink.Drop(smtpsink.Stored), smtpsink.Drop(smtpsink.Stored)}, []string{"delayed", "sent"}, gate.LetterSent, "", 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := newOffice(t)
			id := o.issue(1)[0]
			o.sink.Next(c.faults...)
			for i, end := range c.ends {
				o.later.Store(int64(time.Duration(i) * time.Minute))
				if got := o.carry(1); got[0] != end {
					t.Fatalf("try %d: %s, want %s", i+1, got[0], end)
				}
			}
			l := o.letter(id)
			if l.State != c.state || l.Attempts != len(c.ends) || l.Lease != "" || !l.LeaseUntil.IsZero() {
				t.Errorf("%+v", l)
			}
			if c.problem != "" && !strings.HasPrefix(l.Problem, c.problem) || c.state == gate.LetterSent && len(c.faults) == 0 && l.Problem != "" {
				t.Errorf("problem %q", l.Problem)
			}
			if waits := c.state == gate.LetterWaiting; waits != (l.Sealed != nil) || waits != l.Done.IsZero() {
				t.Errorf("what it says is kept %v, and it is done at %v", l.Sealed != nil, l.Done)
			}
			list := o.sink.Messages()
			if len(list) != c.stored {
				t.Fatalf("%d mails were stored, want %d", len(list), c.stored)
			}
			for _, m := range list {
				if messageID(m) != messageID(list[0]) || !bytes.Equal(m.Content, list[0].Content) {
					t.Error("a second copy is another mail")
				}
			}
		})
	}
}

// What is of no use any more is not carried.
func TestDropped(t *testing.T) {
	begin := func(t *testing.T, o *office) *gate.Begun {
		t.Helper()
		b, err := o.BeginSubscription(t.Context(), gate.Visitor{Network: "192.0.2.1", Language: "en"}, gate.Begin{Email: "reader@newsdesk.press"})
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	unsubscribe := func(t *testing.T, o *office, id string) {
		t.Helper()
		if err := o.Unsubscribe(t.Context(), gate.Visitor{}, o.UnsubscribeToken(id)); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		name string
		do   func(*testing.T, *office)
		ends string
		to   []string // who gets a mail
	}{
		{"unsubscribed since", func(t *testing.T, o *office) {
			o.issue(3)
			unsubscribe(t, o, "s001")
		}, "dropped sent sent", []string{"s000@desk.example", "s002@desk.example"}},
		{"other topics since", func(t *testing.T, o *office) {
			o.issue(2)
			err := o.Store.Update(t.Context(), func(tx gate.Tx) error {
				s, err := tx.Subscription("s000")
				if err != nil {
					return err
				}
				s.Topics = []string{"sports"}
				return tx.PutSubscription(s)
			})
			if err != nil {
				t.Fatal(err)
			}
		}, "dropped sent", []string{"s001@desk.example"}},
		{"a code that is over", func(t *testing.T, o *office) {
			begin(t, o)
			o.later.Store(int64(30 * time.Minute))
		}, "dropped", nil},
		{"a code that is not over", func(t *testing.T, o *office) {
			begin(t, o)
			o.later.Store(int64(29 * time.Minute))
		}, "sent", []string{"reader@newsdesk.press"}},
		{"a newsletter that nobody took for days", func(t *testing.T, o *office) {
			o.issue(1)
			o.later.Store(int64(49 * time.Hour))
		}, "dropped", nil},
		{"written under another key", func(t *testing.T, o *office) {
			begin(t, o)
			o.Keys = keys(t, "x")
		}, "failed", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := newOffice(t)
			c.do(t, o)
			if got := strings.Join(o.carry(len(strings.Fields(c.ends))), " "); got != c.ends {
				t.Errorf("%s, want %s", got, c.ends)
			}
			var to []string
			for _, m := range o.sink.Messages() {
				to = append(to, m.To...)
			}
			slices.Sort(to)
			if !slices.Equal(to, c.to) {
				t.Errorf("mails to %q, want %q", to, c.to)
			}
		})
	}

	t.Run("a code that was replaced", func(t *testing.T) {
		o := newOffice(t)
		b := begin(t, o)
		o.later.Store(int64(2 * time.Minute))
		if _, err := o.Resend(t.Context(), gate.Visitor{Network: "192.0.2.1", Language: "en"}, b.Token, gate.FlowConfirm); err != nil {
			t.Fatal(err)
		}
		o.carry(1)
		if n := len(o.sink.Messages()); n != 1 {
			t.Errorf("%d mails", n)
		}
	})
}

// A courier that is so slow that another has taken its letter for lost settles nothing
// any more: what the other wrote down stays.
func TestLeaseLost(t *testing.T) {
	for _, end := range []smtpsink.Fault{smtpsink.Accept(), smtpsink.Refuse(smtpsink.Rcpt, 550, "nobody here"), smtpsink.Refuse(smtpsink.Rcpt, 451, "later")} {
		o := newOffice(t)
		id := o.issue(1)[0]
		hold := smtpsink.Hold(smtpsink.Stored)
		o.sink.Next(hold, end)
		stopSlow := run(o.courier("slow"))
		<-hold.Held()

		o.later.Store(int64(gate.LeaseTime() - time.Second)) // still the slow one's
		quick := o.courier("quick")
		posts, err := o.Lease(t.Context(), 10, "quick")
		if err != nil || len(posts) != 0 {
			t.Fatalf("leased %d letters of another's, %v", len(posts), err)
		}
		o.later.Store(int64(gate.LeaseTime() + time.Second))
		stopQuick := run(quick)
		ended := o.next()
		stopQuick()
		settled := o.letter(id)
		if string(settled.State) != ended && (ended != "delayed" || settled.State != gate.LetterWaiting) || settled.Attempts != 1 {
			t.Errorf("%s: %+v", ended, settled)
		}

		hold.Release()
		stopSlow() // it has settled, or tried to
		after := o.letter(id)
		if after.State != settled.State || after.Attempts != settled.Attempts || after.Problem != settled.Problem || !after.Done.Equal(settled.Done) {
			t.Errorf("the slow one changed\n%+v to\n%+v", settled, after)
		}
		for _, m := range o.sink.Messages() {
			if messageID(m) != "<"+id+"@press.example>" {
				t.Errorf("a copy under another name: %s", messageID(m))
			}
		}
	}
}

// A courier that is told to end while a mail is on its way waits for it and writes down
// what became of it, or it would be sent twice.
func TestCourierEnds(t *testing.T) {
	o := newOffice(t)
	id := o.issue(1)[0]
	hold := smtpsink.Hold(smtpsink.Stored)
	o.sink.Next(hold)
	ctx, cancel := context.WithCancel(t.Context())
	c, ended := o.courier("courier"), make(chan struct{})
	go func() {
		c.Run(ctx)
		close(ended)
	}()
	<-hold.Held()
	cancel()
	select {
	case <-ended:
		t.Error("it left while its mail was on the way")
	default:
	}
	hold.Release()
	<-ended
	if l := o.letter(id); l.State != gate.LetterSent {
		t.Errorf("%+v", l)
	}
}

// Tries are 5, 10, 20 … seconds apart, up to five minutes, and up to half of it more, each
// another time.
func TestBackOff(t *testing.T) {
	o := newOffice(t)
	letters := o.issue(20)
	now := func() (at time.Time) {
		if err := o.Store.View(t.Context(), func(tx gate.Tx) error { at = tx.Now(); return nil }); err != nil {
			t.Fatal(err)
		}
		return at
	}
	for n := range 9 {
		o.later.Add(int64(8 * time.Minute)) // past whatever was to be waited for
		posts, err := o.Lease(t.Context(), 100, "me")
		if err != nil || len(posts) != len(letters) {
			t.Fatalf("try %d: %d letters, %v", n+1, len(posts), err)
		}
		usual := min(5*time.Second<<n, 5*time.Minute)
		least, most := time.Hour, time.Duration(0)
		for _, p := range posts {
			before := now()
			if err := o.Settle(t.Context(), p, "me", gate.Delayed, "x"); err != nil {
				t.Fatal(err)
			}
			wait, took := o.letter(p.ID).NotBefore.Sub(before), now().Sub(before)
			if wait < usual || wait-took > usual*3/2 {
				t.Errorf("try %d: the next one after %v to %v, want %v and up to half more", n+1, wait-took, wait, usual)
			}
			least, most = min(least, wait), max(most, wait-took)
		}
		if most-least < usual/20 { // of 20, all so close together: once in 10¹⁷
			t.Errorf("try %d: all come back together, within %v of %v", n+1, most-least, usual)
		}
	}
}
