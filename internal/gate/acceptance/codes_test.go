//go:build gatetest

package acceptance

import (
	"fmt"
	"net/http"
	"slices"
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

// A code lives for half an hour from when it was asked for: it works at 29:59.9 and is
// refused at 30:00.0, and a new one has a life of its own.
func TestRow14(t *testing.T) {
	const life = 30 * time.Minute
	both(t, 1, func(t *testing.T, r *rig) {
		c := r.timeline()
		// ask gets a code at once, or by asking again when the first one has lived for 20
		// minutes, and tells when its life ends, as the real time with no offset.
		ask := func(w way, resent bool) (b *browser, email, code string, end bracket) {
			email, b = w.address(c), r.browser()
			n := len(r.mails(email))
			offset := c.at
			begun := during(func() { b.post(w.begin, w.form(email)...) })
			if resent {
				r.waitMail(email, n+1)
				n++
				c.later(20 * time.Minute)
				offset = c.at
				begun = during(func() { b.post(w.resend) })
			}
			code = codeIn(r.waitMail(email, n+1))
			return b, email, code, bracket{begun.after.Add(offset + life), begun.before.Add(offset + life)}
		}
		for _, w := range ways {
			for _, resent := range []bool{false, true} {
				what := fmt.Sprintf("%s, asked for again: %v", w.name, resent)
				// Whether an answer came in time is known only when it is there. On a machine
				// that is too busy for a tenth of a second, it is tried earlier.
				early := 100 * time.Millisecond
				for {
					b, _, code, end := ask(w, resent)
					c.at = time.Until(end.after) - early
					r.advance(c.at)
					p := w.guess(b, code)
					if time.Now().Add(c.at).Before(end.after) {
						if !w.passed(p) {
							t.Errorf("%s: %v before the end: %d %q", what, early, p.Status, p.told())
						}
						break
					}
					early *= 2
				}
				b, email, code, end := ask(w, resent)
				c.at = time.Until(end.before)
				r.advance(c.at)
				w.guess(b, code).is(t, string(gate.ExpiredCode), what+": at the end")
				w.guess(b, otherCode(code, 1)).is(t, string(gate.ExpiredCode), what+": a wrong one at the end")
				if p := b.get(w.verify); p.Status != http.StatusOK || !strings.Contains(p.Body, w.resend) {
					t.Errorf("%s: the page of an expired code offers no new one: %d\n%s", what, p.Status, p.text())
				}
				w.right(b, w.again(b, email))
			}
		}
	})
}

// New codes are asked for by a double click, in two tabs, one after the other. One code
// lives at any time, and it is that of the newest mail.
func TestRow15(t *testing.T) {
	both(t, 2, func(t *testing.T, r *rig) {
		c := r.timeline()
		for _, w := range ways {
			for _, how := range []struct {
				name  string
				mails int // that it brings
				do    func(b *browser, email string)
			}{
				{"the form", 1, func(b *browser, email string) { w.start(b, email) }},
				{"the form, by a double click", 1, func(b *browser, email string) {
					v := b.get(w.begin).hidden()
					fields := append(w.form(email), "form", v.Get("form"))
					for _, p := range b.atOnce(2, 2, w.begin, func(int) []string { return fields }) {
						if p.Status != http.StatusSeeOther {
							t.Errorf("%s by a double click: %d %q", w.name, p.Status, p.told())
						}
					}
					b.post(w.begin, fields...) // its answer is the one that the browser keeps
				}},
				{"two forms, in two tabs", 1, func(b *browser, email string) {
					one, two := b.get(w.begin).hidden(), b.get(w.begin).hidden()
					b.post(w.begin, append(w.form(email), "form", one.Get("form"))...)
					b.on(1).post(w.begin, append(w.form(email), "form", two.Get("form"))...)
				}},
				{"the form, and later again", 2, func(b *browser, email string) {
					w.start(b, email)
					c.later(gap)
					w.start(b.on(1), email)
				}},
				{"a new code", 2, func(b *browser, email string) {
					w.start(b, email)
					c.later(gap)
					w.again(b.on(1), email)
				}},
				{"a new code, by a double click", 2, func(b *browser, email string) {
					w.start(b, email)
					c.later(gap)
					pages := b.atOnce(2, 2, w.resend, func(int) []string { return nil })
					if n := tally(pages); n[""] != 1 || n[string(gate.TooMany)] != 1 {
						t.Errorf("%s: two clicks on a new code: %v", w.name, n)
					}
				}},
			} {
				email, b := w.address(c), r.browser()
				before := len(r.mails(email))
				how.do(b, email)
				r.waitMail(email, before+how.mails)
				r.settled()
				codes := r.codesOf(email)[before:]
				if len(codes) != how.mails {
					t.Fatalf("%s, %s: %d mails, want %d", w.name, how.name, len(codes), how.mails)
				}
				newest := codes[len(codes)-1]
				for i, old := range codes[:len(codes)-1] {
					if old != newest { // one in a million
						w.guess(b, old).is(t, wrong(4-i), w.name+", "+how.name+": an old code")
					}
				}
				w.right(b, newest)
			}
		}
	})
}

// A code is typed where it does not belong: into the flow of another address, of another
// browser or of another kind. It counts as wrong where it could be one; where it has
// another length it cannot, and costs nothing; and no flow answers at another's page.
func TestRow16(t *testing.T) {
	both(t, 2, func(t *testing.T, r *rig) {
		c := r.timeline()
		for _, of := range []struct {
			name      string
			from, to  way
			sameOwner bool
			told      string
		}{
			{"another address", registering, registering, false, wrong(4)},
			{"another address", resetting, resetting, false, wrong(4)},
			{"another address", confirming, confirming, false, wrong(4)},
			{"another browser", registering, registering, true, wrong(4)},
			{"another browser", resetting, resetting, true, wrong(4)},
			{"another kind", registering, confirming, true, wrong(4)},
			{"another kind", confirming, registering, true, wrong(4)},
			{"another kind and length", registering, resetting, false, string(gate.BadCode)},
			{"another kind and length", resetting, registering, false, string(gate.BadCode)},
		} {
			what := fmt.Sprintf("%s: a code of %s for %s", of.name, of.from.name, of.to.name)
			email := of.from.address(c)
			a, b := r.browser(), r.browser()
			code := of.from.start(a, email)
			c.later(gap)
			if !of.sameOwner {
				email = of.to.address(c)
			}
			own := of.to.start(b, email)
			if own == code { // one in a million
				continue
			}
			of.to.guess(b, code).is(t, of.told, what)
			if of.told == wrong(4) {
				of.to.guess(b.on(1), code).is(t, wrong(3), what+", again")
			}
			// With the cookie of its own flow, but at the other's page.
			for _, w := range ways {
				if w != of.from {
					w.guess(a.twin(), code).is(t, string(gate.NoFlow), what+": at the page of "+w.name)
				}
			}
			of.to.right(b, own)
		}
	})
}

// A code is typed in another browser than the one that asked for it. It is refused with
// a page that helps, and whoever begins again there gets a flow of their own.
func TestRow17(t *testing.T) {
	both(t, 2, func(t *testing.T, r *rig) {
		c := r.timeline()
		for _, w := range ways {
			email := w.address(c)
			first, second := r.browser(), r.browser()
			code := w.start(first, email)
			for i := range 6 { // more than a code has guesses
				w.guess(second.on(i), code).is(t, string(gate.NoFlow), w.name+": in another browser")
			}
			second.post(w.resend).is(t, string(gate.NoFlow), w.name+": a new code in another browser")
			p := w.guess(second, code)
			if !strings.Contains(p.Body, w.begin) {
				t.Errorf("%s: the page does not lead to a beginning:\n%s", w.name, p.Body)
			}
			if strings.Contains(p.Body, email) {
				t.Errorf("%s: the page tells the address", w.name)
			}
			c.later(gap)
			fresh := w.start(second, email)
			w.guess(first, fresh).is(t, wrong(4), w.name+": the other browser's code in the first")
			w.right(second, fresh)
		}
	})
}

// Codes as people type and paste them, and as a generator makes them: every digit as
// likely as any other, a zero in front included. What can be no code is refused without
// using up a guess.
func TestRow18(t *testing.T) {
	each := 200 // on each database
	if long() {
		each = 1000
	}
	both(t, 2, func(t *testing.T, r *rig) {
		jar := make(map[string]*browser, each)
		hub := r.browser()
		var emails []string
		for range each {
			_, email := r.person()
			b := r.browser()
			b.client = hub.client
			jar[email], emails = b, append(emails, email)
		}
		inParallel(each, func(i int) {
			p, err := jar[emails[i]].on(i).tryPost("/account/register", registering.form(emails[i])...)
			if err != nil || p.Status != http.StatusSeeOther {
				t.Errorf("register %s: %v %+v", emails[i], err, p)
			}
		})
		r.settled()
		codes := map[string]string{}
		var digits [6][10]float64
		zeros := 0
		for _, m := range r.mails("") {
			code := codeIn(m)
			if len(code) != 6 {
				t.Fatalf("the code %q to %s", code, m.To)
			}
			codes[m.To] = code
			for i, d := range code {
				digits[i][d-'0']++
			}
			if code[0] == '0' {
				zeros++
			}
		}
		if len(codes) != each {
			t.Fatalf("%d codes came, of %d", len(codes), each)
		}
		// Of 9 degrees of freedom, a sound generator is beyond 45 once in a million.
		for i, n := range digits {
			chi := 0.0
			for _, d := range n {
				mean := float64(each) / 10
				chi += (d - mean) * (d - mean) / mean
			}
			if chi > 45 {
				t.Errorf("digit %d is not uniform: %v, χ² %.1f", i+1, n, chi)
			}
		}
		if zeros < each/50 {
			t.Fatalf("%d of %d codes begin with 0", zeros, each)
		}

		typed := func(code string) []string { // as people type it
			return []string{
				code, " " + code + " ", code[:3] + " " + code[3:], code[:3] + "-" + code[3:], code[:2] + "\u00a0" + code[2:],
				code[:3] + "\u2013" + code[3:], code[:3] + "\u202f" + code[3:], strings.Join(strings.Split(code, ""), " "), code + "\r\n", "\t" + code,
			}
		}
		full := func(code string) string {
			return strings.Map(func(d rune) rune { return d - '0' + '\uff10' }, code)
		}
		slices.SortFunc(emails, func(a, b string) int { return strings.Compare(codes[a], codes[b]) }) // zeros first
		for i, email := range emails[:len(typed(codes[emails[0]]))] {
			code := codes[email]
			b := jar[email]
			before := r.all(codeHashes)
			// More of them than a code has guesses.
			for _, no := range []string{
				"", " ", code[1:], code + "0", "0" + code, code + code, full(code), "abcdef", code[:5] + "x", code[:5] + "O",
				code[:3] + "." + code[3:], "+" + code[1:], code[:5] + "\u0661", code + "\x00", "0x" + code[2:], "1e5" + code[3:3], "%" + code, strings.Repeat("0", 10_000),
			} {
				registering.guess(b, no).is(t, string(gate.BadCode), fmt.Sprintf("%.20q", no))
			}
			if n := r.all(codeHashes) - before; n != 0 {
				t.Errorf("%v of what can be no code was compared", n)
			}
			registering.right(b.on(1), typed(code)[i])
		}
	}, with("limits: {mailAll: 100000 per hour}"))
}

// Somebody begins an account with another's address, before or after the owner does or
// while the owner tries a reset first. Their password never works, and their flow never
// makes an account.
func TestRow19(t *testing.T) {
	const theirs = "Attackers-Own-9-Secret"
	both(t, 2, func(t *testing.T, r *rig) {
		for _, order := range []string{"attacker victim", "victim attacker", "attacker victim attacker", "attacker reset victim", "reset attacker victim"} {
			c := r.timeline()
			_, email := r.person()
			attacker, victim, other := r.browser(), r.browser(), r.browser()
			var codes []string // in mails that came of the attacker's doing
			var own string
			for who := range strings.FieldsSeq(order) {
				n := len(r.mails(email))
				switch who {
				case "attacker":
					if p := attacker.register(email, theirs); p.Status != http.StatusSeeOther {
						t.Fatalf("%s: the attacker registers: %d %q", order, p.Status, p.told())
					}
					codes = append(codes, codeIn(r.waitMail(email, n+1)))
				case "victim":
					own = registering.start(victim, email)
				case "reset": // nothing is there that could be reset, whoever began an account
					if p := other.post("/account/reset", "email", email); p.Status != http.StatusSeeOther {
						t.Fatalf("%s: a reset: %d %q", order, p.Status, p.told())
					}
					r.settled()
					if len(r.mails(email)) != n {
						t.Fatalf("%s: a reset of no account sent a mail", order)
					}
					resetting.guess(other, "12345678").is(t, wrong(4), order+": a reset of no account")
				}
				c.later(gap)
			}
			refused := func(when string) {
				t.Helper()
				if p := r.browser().logIn(email, theirs); p.told() != string(gate.WrongLogin) {
					t.Errorf("%s: the attacker's password, %s: %d %q", order, when, p.Status, p.told())
				}
			}
			refused("before there is an account")
			for _, code := range codes { // the victim takes the wrong mail
				if p := registering.guess(victim, code); p.told() == "" {
					t.Errorf("%s: the code of the attacker's flow works in the victim's browser", order)
				}
			}
			registering.right(victim, own)
			refused("when there is one")
			for _, code := range append(codes, own) {
				if p := registering.guess(attacker.on(1), code); p.told() == "" {
					t.Errorf("%s: the attacker's flow went on with %s: %d %q", order, code, p.Status, p.to())
				}
			}
			if attacker.signedIn() {
				t.Errorf("%s: the attacker is logged in", order)
			}
			if p := r.browser().logIn(email, password); p.Status != http.StatusSeeOther {
				t.Errorf("%s: the victim's password: %d %q", order, p.Status, p.told())
			}
			// Nor does it when the account is gone again.
			if p := victim.post("/account/delete", "password", password); p.Status != http.StatusSeeOther && p.Status != http.StatusOK {
				t.Fatalf("%s: delete: %d\n%s", order, p.Status, p.text())
			}
			for _, code := range codes {
				if p := registering.guess(attacker, code); p.told() == "" {
					t.Errorf("%s: the attacker's flow made an account after the victim's was deleted", order)
				}
			}
			refused("when it is gone")
			if n := r.rows("accounts"); n != 0 {
				t.Fatalf("%s: %d accounts", order, n)
			}
			r.advance(0)
		}
	})
}

// A spray: few guesses at many addresses, from one network and then from everywhere.
// After 30 wrong ones in an hour the network must solve a puzzle for each guess, and
// others need not; after 300 everybody must.
func TestRow20(t *testing.T) {
	both(t, 2, func(t *testing.T, r *rig) {
		const accounts = 66
		hub, sprayer := r.browser(), r.browser().address
		people, codes := make([]*browser, accounts), make([]string, accounts)
		for i := range people {
			people[i] = r.browser()
			people[i].client = hub.client
		}
		inParallel(accounts, func(i int) {
			_, email := r.person()
			codes[i] = registering.start(people[i], email)
		})
		// from is a browser as it is seen from another network.
		from := func(b *browser, address string) *browser {
			c := b.twin()
			c.address = address
			return c
		}
		// In order, lest the test asks for more than it can count.
		compared, before := 0, r.all(codeHashes)
		for i := range 50 {
			for n := range 5 {
				p := registering.guess(from(people[i], sprayer).on(n), otherCode(codes[i], n+1))
				if compared < 30 {
					p.is(t, wrong(4-n), fmt.Sprintf("guess %d of the spray", compared+1))
					compared++
					continue
				}
				p.is(t, string(gate.NeedsWork), "a guess beyond the network's budget")
			}
		}
		if n := r.all(codeHashes) - before; n != 30 {
			t.Errorf("%v guesses were compared, of 30", n)
		}
		// A puzzle is good for one guess, from its own network.
		asked := registering.guess(from(people[49], sprayer), otherCode(codes[49], 1))
		work := asked.solve(t)
		try := func(b *browser, code, work string) *page {
			return b.post("/account/verify", "code", code, "work", work)
		}
		try(from(people[48], r.browser().address).on(1), otherCode(codes[48], 1), work).is(t, wrong(4), "a guess from another network, which needs no work")
		try(from(people[49], sprayer), otherCode(codes[49], 1), work).is(t, wrong(4), "a guess with work")
		try(from(people[49], sprayer).on(1), otherCode(codes[49], 2), work).is(t, string(gate.NeedsWork), "another guess with the same work")
		try(from(people[49], sprayer), otherCode(codes[49], 2), strings.TrimRight(work, "0123456789")+"1").is(t, string(gate.NeedsWork), "work that was not done")
		// The right code costs nobody else anything.
		registering.right(people[40], codes[40])
		people[40] = nil
		// 300 in all: 32 are counted.
		for i, total := 6, 32; total < 300; i++ {
			if b := people[i]; b != nil && i < 48 || i >= 50 {
				for n := range 5 {
					if total == 300 {
						break
					}
					registering.guess(b.on(n), otherCode(codes[i], n+1)).is(t, wrong(4-n), fmt.Sprintf("guess %d of all", total+1))
					total++
				}
			}
		}
		last := accounts - 1
		p := registering.guess(people[last], otherCode(codes[last], 1))
		p.is(t, string(gate.NeedsWork), "the guess after 300")
		if p := try(people[last], codes[last], p.solve(t)); !registering.passed(p) {
			t.Errorf("the right code with work: %d %q", p.Status, p.told())
		}
		r.advance(time.Hour + time.Minute)
		_, email := r.person()
		b := r.browser()
		code := registering.start(b, email)
		registering.guess(b, otherCode(code, 1)).is(t, wrong(4), "an hour later")
		registering.right(b, code)
	})
}

// Somebody burns another's code by wrong guesses. Without the cookie of the flow there
// is nothing to guess at, and the five guesses at a flow of one's own are no other's.
func TestRow21(t *testing.T) {
	both(t, 2, func(t *testing.T, r *rig) {
		c := r.timeline()
		for _, w := range ways {
			email := w.address(c)
			victim := r.browser()
			code := w.start(victim, email)
			before := r.all(codeHashes)
			for i := range 40 {
				b := r.browser().on(i)
				if i%2 == 1 {
					b.cookies["__Host-flow"] = fmt.Sprintf("%043d", i) // a cookie of one's own making
				}
				b.post(w.verify, "code", otherCode(code, i+1), "email", email).is(t, string(gate.NoFlow), w.name+": a guess without the cookie")
			}
			if n := r.all(codeHashes) - before; n != 0 {
				t.Errorf("%s: %v guesses without the cookie were compared", w.name, n)
			}
			c.later(gap)
			attacker := r.browser()
			theirs := w.start(attacker, email)
			w.wrongs(attacker, theirs, 5, 4)
			w.guess(attacker, theirs).is(t, string(gate.DeadCode), w.name+": the attacker's own")
			w.right(victim.on(1), code)
		}
	})
}
