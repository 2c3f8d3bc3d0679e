//go:build gatetest

package acceptance

import (
	"context"
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"time"
)

// Four instances start on an empty database at once and are asked the same things at
// once: they are as one instance.
func TestRow71(t *testing.T) {
	both(t, 0, func(t *testing.T, r *rig) {
		var ready []func() *instance
		for range map[string]int{"sqlite": 1, "postgres": 4}[r.kind] {
			ready = append(ready, r.begin())
		}
		for _, f := range ready {
			f()
		}
		db := r.db()

		// One form, sent many times: one flow, one mail.
		b := r.browser()
		_, email := r.person()
		form := b.get("/account/register").hidden().Get("form")
		var s statuses
		atOnce(16, func(i int) {
			s.add(b.on(i).tryPost("/account/register", "email", email, "password", password, "name", "Ines Okafor", "form", form))
		})
		if !s.only(http.StatusSeeOther) {
			t.Fatalf("one form sent 16 times: %v", &s)
		}
		r.settled()
		if n, flows := len(r.mails(email)), number(t, db, "SELECT COUNT(*) FROM flows WHERE email = $1", email); n != 1 || flows != 1 {
			t.Errorf("one form sent 16 times: %d mails, %d flows", n, flows)
		}

		// A new code, asked for many times: one.
		r.advance(61 * time.Second)
		s = statuses{}
		atOnce(16, func(i int) { s.add(b.on(i).tryPost("/account/verify/resend")) })
		if s.count[http.StatusSeeOther] != 1 || !s.only(http.StatusSeeOther, http.StatusTooManyRequests) {
			t.Errorf("a new code, asked for 16 times: %v", &s)
		}
		code := codeIn(r.waitMail(email, 2))
		r.settled()
		if n := len(r.mails(email)); n != 2 {
			t.Errorf("%d mails, want 2", n)
		}

		// Wrong codes: five are compared. Then another, and the right one: it counts once.
		atOnce(64, func(i int) { b.on(i).tryPost("/account/verify", "code", otherCode(code, i+1)) })
		if n := number(t, db, "SELECT COUNT(*) FROM audit WHERE what = 'code' AND result = 'code_wrong'"); n != 5 {
			t.Errorf("%d of 64 codes were compared, want 5", n)
		}
		wantStatus(t, "the right code of a dead flow", b.verify(code), http.StatusUnprocessableEntity)
		r.advance(122 * time.Second)
		wantStatus(t, "a new code", b.post("/account/verify/resend"), http.StatusSeeOther)
		code = codeIn(r.waitMail(email, 3))
		var welcomed atomic.Int64
		atOnce(32, func(i int) {
			if p, err := b.copyOf().on(i).tryPost("/account/verify", "code", code); err == nil && p.welcomed() {
				welcomed.Add(1)
			}
		})
		accounts := number(t, db, "SELECT COUNT(*) FROM accounts")
		sessions := number(t, db, "SELECT COUNT(*) FROM sessions")
		if welcomed.Load() != 1 || accounts != 1 || sessions != 1 {
			t.Errorf("the right code 32 times: %d welcomed, %d accounts, %d sessions", welcomed.Load(), accounts, sessions)
		}

		// Limits: mails to one address, over several forms and browsers; and what one
		// network may get wrong.
		_, victim := r.person()
		s = statuses{}
		atOnce(16, func(i int) {
			c := r.browser().on(i)
			if i%2 == 0 {
				s.add(c.tryPost("/account/register", "email", victim, "password", password, "name", "Ines Okafor"))
			} else {
				s.add(c.tryPost("/newsletter/subscribe", "email", victim))
			}
		})
		if s.count[http.StatusSeeOther] != 2 || !s.only(http.StatusSeeOther, http.StatusTooManyRequests) {
			t.Errorf("16 forms for one address: %v, want one mail now and one that waits", &s)
		}
		const hashes, braked = `gate_hashes_total{of="password"}`, `gate_events_total{result="braked",what="login"}`
		was, wasBraked := r.all(hashes), r.all(braked)
		stuffer := r.browser()
		atOnce(64, func(i int) {
			stuffer.on(i).tryPost("/account/login", "email", fmt.Sprintf("n%d@newsdesk.press", i), "password", "wrong")
		})
		if n, m := r.all(hashes)-was, r.all(braked)-wasBraked; n != 30 || m != 34 {
			t.Errorf("64 logins from one network: %v reached the hash and %v were braked, want 30 and 34", n, m)
		}
		if _, err := r.inside(0).VerifyAudit(context.Background()); err != nil {
			t.Errorf("the audit after all that: %v", err)
		}
	}, empty)
}

// Machines whose clocks are twenty minutes apart agree on what has expired, because only
// the database's clock counts; and when that steps back, no guess is given back and no
// brake is let off.
func TestRow72(t *testing.T) {
	both(t, 0, func(t *testing.T, r *rig) {
		r.launch("GATE_TEST_SKEW=10m")
		if r.kind == "postgres" {
			r.launch("GATE_TEST_SKEW=-10m")
		}
		last := len(r.instances) - 1
		for here := range r.instances {
			there := last - here
			r.advance(0)
			early, late := r.browser().on(here), r.browser().on(here)
			_, first := r.person()
			_, second := r.person()
			wantStatus(t, "register", early.register(first, password), http.StatusSeeOther)
			wantStatus(t, "register", late.register(second, password), http.StatusSeeOther)
			firstCode, secondCode := r.code(first), r.code(second)
			r.advance(29 * time.Minute)
			if p := early.on(there).verify(firstCode); !p.welcomed() {
				t.Errorf("a code of 29 minutes: %d %s", p.Status, p.text())
			}
			link := early.get("/download/" + r.downloads[1].ID).to()
			r.advance(30 * time.Minute)
			if p := late.on(there).verify(secondCode); p.Status != http.StatusUnprocessableEntity {
				t.Errorf("a code of 30 minutes: %d", p.Status)
			}
			for after, want := range map[time.Duration]int{0: http.StatusOK, 4 * time.Minute: http.StatusOK, 5*time.Minute + time.Second: http.StatusForbidden} {
				r.advance(29*time.Minute + after)
				for n := range r.instances {
					if p := r.browser().on(n).get(link); p.Status != want {
						t.Errorf("a link of instance %d after %v on instance %d: %d, want %d", here, after, n, p.Status, want)
					}
				}
			}
		}

		// A step back.
		r.advance(time.Hour)
		b, braked := r.browser(), r.browser()
		_, email := r.person()
		wantStatus(t, "register", b.register(email, password), http.StatusSeeOther)
		code := r.code(email)
		owner := r.browser()
		address := owner.signUp()
		for n := range 5 {
			wantStatus(t, "a wrong code", b.on(n).verify(otherCode(code, n+1)), http.StatusUnprocessableEntity)
			wantStatus(t, "a wrong password", braked.on(n).logIn(address, "wrong"), http.StatusUnprocessableEntity)
		}
		for _, step := range []time.Duration{50 * time.Minute, 0} {
			r.advance(step)
			for n := range r.instances {
				wantStatus(t, "the right code of a dead flow, after a step back", b.on(n).verify(code), http.StatusUnprocessableEntity)
				wantStatus(t, "a password behind a brake, after a step back", braked.on(n).logIn(address, password), http.StatusUnprocessableEntity)
				if !owner.on(n).signedIn() {
					t.Error("a step back ends a session")
				}
			}
			wantStatus(t, "the owner from where they were", owner.copyFrom().logIn(address, password), http.StatusSeeOther)
		}
		r.advance(time.Hour + 2*time.Minute)
		wantStatus(t, "a password after its brake", braked.logIn(address, password), http.StatusSeeOther)
	})
}

// copyFrom is a browser without cookies at the same address.
func (b *browser) copyFrom() *browser {
	c := b.rig.browser()
	c.address = b.address
	return c
}
