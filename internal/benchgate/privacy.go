package main

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	netmail "net/mail"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"time"

	_ "modernc.org/sqlite" // to read when a letter was put into the outbox

	"pressroom/internal/testkit/auc"
	"pressroom/internal/testkit/goals"
	"pressroom/internal/testkit/outside"
	"pressroom/internal/testkit/smtpsink"
)

// pairs are times of known and unknown addresses.
type pairs struct{ known, unknown []float64 }

// timing asks the entry points for addresses that have an account and ones that have not,
// in turn and each pair in random order, and looks whether the times tell them apart.
func (b *bench) timing() error {
	g, err := b.startGate(filepath.Join(b.dir, "timing"), "")
	if err != nil {
		return err
	}
	defer g.stop()
	b.Say("timing: making %d accounts", b.pairs)
	if _, err := g.signUp(b.Context, 0, b.pairs); err != nil {
		return err
	}
	unknown := func(n int, where string) string { return fmt.Sprintf("nobody.%s.%d@newsdesk.press", where, n) }
	post := func(path string, want int, form url.Values, cookie string) (took float64, flow string, err error) {
		from := network()
		start := time.Now()
		status, flow, err := g.send(path, form, from, cookie)
		took = time.Since(start).Seconds()
		if err == nil && status != want {
			err = fmt.Errorf("%s: status %d, want %d", path, status, want)
		}
		return took, flow, err
	}
	// measure asks for each pair by f, which tells what one address took.
	measure := func(what string, f func(n int, known bool) (float64, error)) error {
		var p pairs
		for n := range b.pairs {
			first := rand.IntN(2) == 0
			for _, known := range []bool{first, !first} {
				took, err := f(n, known)
				if err != nil {
					return fmt.Errorf("%s: %w", what, err)
				}
				if known {
					p.known = append(p.known, took)
				} else {
					p.unknown = append(p.unknown, took)
				}
			}
			if b.Context.Err() != nil {
				return b.Context.Err()
			}
		}
		v := auc.Of(p.known, p.unknown)
		b.Say("timing, %s: AUC %.3f", what, v)
		b.Add("AUC, "+what, "0.45–0.55", b.judge(v >= 0.45 && v <= 0.55), fmt.Sprintf("%.3f", v))
		b.Note("%s: median known %s, unknown %s", what, ms(median(p.known)), ms(median(p.unknown)))
		return nil
	}
	address := func(n int, known bool, where string) string {
		if known {
			return email(n)
		}
		return unknown(n, where)
	}
	begun := map[string]string{} // the flows of registrations
	if err := measure("register", func(n int, known bool) (float64, error) {
		who := address(n, known, "register")
		took, flow, err := post("/account/register", http.StatusSeeOther, url.Values{"email": {who}, "password": {password}, "name": {"Ines Okafor"}, "organisation": {"Coast Radio"}}, "")
		begun[who] = flow
		return took, err
	}); err != nil {
		return err
	}
	if err := measure("verify, a wrong code", func(n int, known bool) (float64, error) {
		took, _, err := post("/account/verify", http.StatusUnprocessableEntity, url.Values{"code": {"000000"}}, begun[address(n, known, "register")])
		return took, err
	}); err != nil {
		return err
	}
	if err := measure("log-in", func(n int, known bool) (float64, error) {
		took, _, err := post("/account/login", http.StatusUnprocessableEntity, url.Values{"email": {address(n, known, "login")}, "password": {"Wrong-" + password}}, "")
		return took, err
	}); err != nil {
		return err
	}
	b.Say("timing: waiting until the next mails may leave")
	if err := b.pause(mailGap(b) + time.Second); err != nil {
		return err
	}
	// The second request for one address within the gap is measured in the same turn: a
	// leak is likeliest there.
	flows := map[string]string{}
	var again pairs
	if err := measure("reset", func(n int, known bool) (float64, error) {
		who := address(n, known, "reset")
		took, flow, err := post("/account/reset", http.StatusSeeOther, url.Values{"email": {who}}, "")
		if err != nil {
			return 0, err
		}
		flows[who] = flow
		second, _, err := post("/account/reset", http.StatusSeeOther, url.Values{"email": {who}}, "")
		if known {
			again.known = append(again.known, second)
		} else {
			again.unknown = append(again.unknown, second)
		}
		return took, err
	}); err != nil {
		return err
	}
	v := auc.Of(again.known, again.unknown)
	b.Add("AUC, reset for the second time", "0.45–0.55", b.judge(v >= 0.45 && v <= 0.55), fmt.Sprintf("%.3f", v))
	b.Note("reset for the second time: median known %s, unknown %s", ms(median(again.known)), ms(median(again.unknown)))
	// The mail of the second waits out the gap, and from it the gap counts anew.
	if err := b.pause(2*mailGap(b) + time.Second); err != nil {
		return err
	}
	if err := measure("send a new code", func(n int, known bool) (float64, error) {
		took, _, err := post("/account/reset/resend", http.StatusSeeOther, url.Values{}, flows[address(n, known, "reset")])
		return took, err
	}); err != nil {
		return err
	}
	b.Note("with %d pairs chance alone moves an AUC by %.3f (one standard deviation)", b.pairs, auc.Chance(b.pairs))
	return nil
}

func (b *bench) pause(d time.Duration) error {
	select {
	case <-b.Context.Done():
		return b.Context.Err()
	case <-time.After(d):
		return nil
	}
}

// mail measures how long a code takes from the transaction that promises it until the
// mail server has it, at 20 a second.
func (b *bench) mail() error {
	return outside.Do(func(tb *outside.TB) error {
		sink := smtpsink.New(tb, smtpsink.Options{})
		dir := filepath.Join(b.dir, "mail")
		g, err := b.startGate(dir, fmt.Sprintf("mail: {from: press@meridian.test, smtp: {host: 127.0.0.1, port: %d, tls: none}}\n", sink.Port))
		if err != nil {
			return err
		}
		defer g.stop()
		const each = time.Second / 20
		n := either(b, 600, 40)

		// The sink does not say when; we look every millisecond.
		arrived := make([]time.Time, 0, n)
		seen, stop := make(chan struct{}), make(chan struct{})
		go func() {
			defer close(seen)
			for len(arrived) < n {
				for range len(sink.Messages()) - len(arrived) {
					arrived = append(arrived, time.Now())
				}
				select {
				case <-stop:
					return
				case <-time.After(time.Millisecond):
				}
			}
		}()
		var posts sync.WaitGroup
		var mu sync.Mutex
		var wrong error
		var answers []float64
		tick := time.NewTicker(each)
		for i := range n {
			<-tick.C
			posts.Go(func() {
				start := time.Now()
				status, _, err := g.send("/account/register", url.Values{"email": {email(i)}, "password": {password}, "name": {"Ines Okafor"}, "organisation": {"Coast Radio"}}, network(), "")
				mu.Lock()
				defer mu.Unlock()
				answers = append(answers, time.Since(start).Seconds())
				if err != nil || status != http.StatusSeeOther {
					wrong = unexpected("register", status, err)
				}
			})
		}
		tick.Stop()
		posts.Wait()
		select {
		case <-seen:
		case <-time.After(time.Minute):
			close(stop)
			<-seen
			wrong = errors.Join(wrong, fmt.Errorf("%d of %d mails came", len(arrived), n))
		}
		if wrong != nil {
			return wrong
		}
		created, err := letters(filepath.Join(dir, "gate-data", "gate.db"))
		if err != nil {
			return err
		}
		var took []float64
		for i, m := range sink.Messages()[:n] {
			parsed, err := netmail.ReadMessage(bytes.NewReader(m.Content))
			if err != nil {
				return err
			}
			id, _, _ := strings.Cut(strings.Trim(parsed.Header.Get("Message-Id"), "<>"), "@")
			at, ok := created[id]
			if !ok {
				return fmt.Errorf("the outbox knows no letter %q", id)
			}
			took = append(took, arrived[i].Sub(at).Seconds())
		}
		b.Add("code, enqueued → accepted, p50", "", goals.Open, ms(median(took)))
		b.Add("— p95, at 20/s", "≤ 300 ms", b.judge(quantile(took, 0.95) <= 0.3), ms(quantile(took, 0.95)))
		b.Add("— p99", "≤ 1 s", b.judge(quantile(took, 0.99) <= 1), ms(quantile(took, 0.99)))
		b.Add("— the form's answer meanwhile, p99", "", goals.Open, ms(quantile(answers, 0.99)))
		return nil
	})
}

// letters are the times at which letters were put into the outbox, by their ids.
func letters(path string) (map[string]time.Time, error) {
	db, err := sql.Open("sqlite", "file:"+path+"?mode=ro&_pragma=busy_timeout(5000)")
	if err != nil {
		return nil, err
	}
	defer db.Close()
	rows, err := db.Query("SELECT id, created FROM letters")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[string]time.Time{}
	for rows.Next() {
		var id string
		var at int64
		if err := rows.Scan(&id, &at); err != nil {
			return nil, err
		}
		out[id] = time.UnixMicro(at)
	}
	return out, rows.Err()
}
