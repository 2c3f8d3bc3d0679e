//go:build gatetest

package acceptance

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"pressroom/internal/gate"
)

// Somebody guesses one code. The sixth try is refused even when it is right, and the code
// stays dead; only a new one works.
func TestRow08(t *testing.T) {
	both(t, 2, func(t *testing.T, r *rig) {
		c := r.timeline()
		for _, w := range ways {
			email := w.address(c)
			b := r.browser()
			code := w.start(b, email)
			for i := range 5 {
				w.guess(b.on(i), otherCode(code, i+1)).is(t, wrong(4-i), w.name)
			}
			before := r.all(codeHashes)
			for i := range 3 {
				w.guess(b.on(i), code).is(t, string(gate.DeadCode), w.name+": the right code after five wrong ones")
			}
			if n := r.all(codeHashes) - before; n != 0 {
				t.Errorf("%s: %v codes were compared after the fifth", w.name, n)
			}
			if p := b.get(w.verify); strings.Contains(p.Body, "one-time-code") {
				t.Errorf("%s: the page still asks for the dead code", w.name)
			}
			b.post(w.resend).is(t, string(gate.TooMany), w.name+": a new code at once")
			c.later(gap)
			w.right(b.on(1), w.again(b, email))
		}
	})
}

// Somebody refills the guesses by asking for new codes, or by beginning anew. Ten wrong
// ones for an address in a day are all there are, whoever made them and wherever.
func TestRow09(t *testing.T) {
	both(t, 2, func(t *testing.T, r *rig) {
		for _, how := range []struct {
			name   string
			refill func(b *browser, email string) (*browser, way, string)
		}{
			{"a new code", func(b *browser, email string) (*browser, way, string) {
				return b, registering, registering.again(b, email)
			}},
			{"the form again", func(b *browser, email string) (*browser, way, string) {
				return b, registering, registering.start(b, email)
			}},
			{"another browser", func(_ *browser, email string) (*browser, way, string) {
				b := r.browser()
				return b, registering, registering.start(b, email)
			}},
			{"another kind of code", func(_ *browser, email string) (*browser, way, string) {
				b := r.browser()
				return b, confirming, confirming.start(b, email)
			}},
		} {
			c := r.timeline()
			_, email := r.person()
			b, w := r.browser(), registering
			code := w.start(b, email)
			w.wrongs(b, code, 5, 4)
			for range 2 {
				c.later(gap)
				b, w, code = how.refill(b, email)
				b = b.on(1)
				if c.at < 2*gap {
					w.wrongs(b, code, 5, 4)
				}
			}
			w.guess(b, code).is(t, string(gate.TooMany), how.name+": the right code after ten wrong ones")
			c.later(24*time.Hour - 5*gap)
			code = w.again(b, email)
			w.guess(b, code).is(t, string(gate.TooMany), how.name+": the right code shortly before the day is over")
			c.later(4 * gap)
			w.right(b, code)
			r.advance(0)
		}
	})
}

// The gate dies when a guess has been counted, or compared. It counts all the same: what
// is written down before anybody knows the outcome cannot be rolled back with it.
func TestRow10(t *testing.T) {
	both(t, 1, func(t *testing.T, r *rig) {
		// dying starts an instance that dies at the point, and returns its number.
		dying := func(point string) int {
			if r.kind == "sqlite" {
				r.instances[len(r.instances)-1].kill()
			}
			r.launch("GATE_TEST_FAULT=" + point)
			return len(r.instances) - 1
		}
		// healthy is an instance that lives.
		healthy := func() int {
			if r.kind == "sqlite" {
				r.launch()
				return len(r.instances) - 1
			}
			return 0
		}
		at := 0
		for _, point := range []string{"guess-counted", "guess-compared"} {
			for _, right := range []bool{false, true} {
				_, email := r.person()
				b := r.browser().on(at)
				code := registering.start(b, email)
				typed := otherCode(code, 1)
				if right {
					typed = code
				}
				for range 5 {
					if p, err := b.on(dying(point)).tryPost("/account/verify", "code", typed); err == nil {
						t.Fatalf("%s: it was to die, and answers %d %q", point, p.Status, p.told())
					}
				}
				at = healthy()
				b = b.on(at)
				registering.guess(b, code).is(t, string(gate.DeadCode), fmt.Sprintf("%s: after five guesses (right: %v) that the gate did not outlive", point, right))
			}
		}
		if n := r.rows("accounts"); n != 0 {
			t.Errorf("%d accounts were made", n)
		}
	})
}

// 64 guesses at the same moment, at one instance or two: no more than five are compared.
func TestRow11(t *testing.T) {
	both(t, 2, func(t *testing.T, r *rig) {
		b := r.browser() // its connections serve all rounds
		for round := range 30 {
			_, email := r.person()
			one := r.browser()
			one.client = b.client
			code := registering.start(one, email)
			before := r.all(codeHashes)
			pages := one.atOnce(64, 1+round%2, "/account/verify", func(i int) []string { return []string{"code", otherCode(code, i+1)} })
			n := 0
			for _, p := range pages {
				if strings.HasPrefix(p.told(), string(gate.WrongCode)) {
					n++
				}
			}
			if compared := r.all(codeHashes) - before; n != 5 || compared != 5 {
				t.Fatalf("round %d: %d guesses were answered and %v compared, of five: %v", round, n, compared, tally(pages))
			}
			registering.guess(one, code).is(t, string(gate.DeadCode), "the right code after them")
		}
	})
}

// The right code comes 32 times at the same moment: exactly one of them does what the
// code is for.
func TestRow12(t *testing.T) {
	both(t, 2, func(t *testing.T, r *rig) {
		c := r.timeline()
		for _, w := range ways {
			for range 4 {
				email := w.address(c)
				b := r.browser()
				code := w.start(b, email)
				accounts, sessions, subscriptions := r.rows("accounts"), r.rows("sessions"), r.rows("subscriptions")
				pages := b.atOnce(32, 2, w.verify, func(int) []string { return []string{"code", code} })
				n := 0
				for _, p := range pages {
					if w.passed(p) {
						n++
					} else if p.Status != http.StatusUnprocessableEntity {
						t.Errorf("%s: the right code once more: %d %q", w.name, p.Status, p.told())
					}
				}
				if n != 1 {
					t.Errorf("%s: %d successes: %v", w.name, n, tally(pages))
				}
				made := [3]int{r.rows("accounts") - accounts, r.rows("sessions") - sessions, r.rows("subscriptions") - subscriptions}
				if want := map[way][3]int{registering: {1, 1, 0}, confirming: {0, 0, 1}}[w]; made != want {
					t.Errorf("%s: accounts, sessions, subscriptions %v were made, want %v", w.name, made, want)
				}
			}
		}
	})
}

// A code is used once more: in the same browser with the cookie it had, and in another.
func TestRow13(t *testing.T) {
	both(t, 2, func(t *testing.T, r *rig) {
		c := r.timeline()
		for _, w := range ways {
			email := w.address(c)
			b := r.browser()
			code := w.start(b, email)
			thief, stranger := b.copyOf(), r.browser()
			w.right(b, code)
			sessions, subscriptions := r.rows("sessions"), r.rows("subscriptions")
			for i := range 3 {
				w.guess(thief.on(i), code).is(t, string(gate.UsedCode), w.name+": a second time, with the cookie")
				w.guess(stranger.on(i), code).is(t, string(gate.NoFlow), w.name+": a second time, without the cookie")
			}
			c.later(gap)
			thief.post(w.resend).is(t, string(gate.UsedCode), w.name+": a new code for what is done")
			if thief.signedIn() || r.rows("sessions") != sessions || r.rows("subscriptions") != subscriptions {
				t.Errorf("%s: a used code did something", w.name)
			}
		}
		// The browser of a reset goes on under another cookie, which is good for one
		// password.
		email := resetting.address(c)
		b := r.browser()
		resetting.right(b, resetting.start(b, email))
		thief := b.copyOf()
		if p := b.post("/account/reset/password", "password", password+"2"); p.Status != http.StatusSeeOther {
			t.Fatalf("a new password: %d %q", p.Status, p.text())
		}
		if p := thief.post("/account/reset/password", "password", password+"3"); p.Status != http.StatusUnprocessableEntity {
			t.Errorf("a second new password by one code: %d %q", p.Status, p.told())
		}
		if p := r.browser().logIn(email, password+"3"); p.Status == http.StatusSeeOther {
			t.Error("one code set two passwords")
		}
		if p := r.browser().logIn(email, password+"2"); p.Status != http.StatusSeeOther {
			t.Errorf("the new password: %d %q", p.Status, p.told())
		}
	})
}

// Whoever once read the owner's mail holds a reset back, to use it after the owner has
// set another password: it is void by then.
func TestRow13Held(t *testing.T) {
	both(t, 2, func(t *testing.T, r *rig) {
		for _, how := range []string{"reset", "change"} {
			c := r.timeline()
			owner := r.browser()
			email := owner.signUp()
			c.later(gap)
			thief := r.browser()
			resetting.right(thief, resetting.start(thief, email))
			c.later(gap)
			if how == "reset" {
				resetting.right(owner, resetting.start(owner, email))
				if p := owner.post("/account/reset/password", "password", password+"2"); p.Status != http.StatusSeeOther {
					t.Fatalf("a new password: %d %q", p.Status, p.text())
				}
			} else if p := owner.post("/account/password", "old", password, "password", password+"2"); p.Status != http.StatusSeeOther {
				t.Fatalf("another password: %d %q", p.Status, p.text())
			}
			if p := thief.on(1).post("/account/reset/password", "password", password+"3"); p.Status == http.StatusSeeOther {
				t.Errorf("%s: the reset that was held back set a password", how)
			}
			if p := r.browser().logIn(email, password+"2"); p.Status != http.StatusSeeOther {
				t.Errorf("%s: the owner's password: %d %q", how, p.Status, p.told())
			}
			r.advance(0)
		}
	})
}
