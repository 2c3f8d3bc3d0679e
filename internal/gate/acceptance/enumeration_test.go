//go:build gatetest

package acceptance

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"pressroom/internal/gate"
)

// Somebody registers an address to learn whether it has an account. The answers are the
// same to the byte, and so is all that follows; only the mail knows.
func TestRow01(t *testing.T) {
	both(t, 2, func(t *testing.T, r *rig) {
		c := r.timeline()
		known := r.browser().signUp()
		c.later(gap)
		_, unknown := r.person()
		accounts, before := r.rows("accounts"), r.all(passwordHashes)
		const mine = "Strangers-Own-9-Word"
		walk := func(email string) *answers {
			a, b := of(email), r.browser()
			n := len(r.mails(email))
			p := a.hear(b.register(email, mine))
			a.hear(b.get(p.to()))
			a.hear(b.on(1).get("/account/verify"))
			r.waitMail(email, n+1)
			for i := range 6 {
				a.hear(b.on(i).post("/account/verify", "code", fmt.Sprintf("%06d", i)))
			}
			a.hear(b.register(email, "too short"))
			a.hear(b.register(email, mine)) // the form once more
			a.hear(b.logIn(email, "Another-Wrong-1-Password"))
			a.hear(b.logIn(email, mine)) // which waits for its code, as far as they know
			a.hear(b.get("/account/session"))
			a.hear(r.browser().register(email, mine))
			return a
		}
		one := walk(known)
		cost := r.all(passwordHashes) - before
		alike(t, "register", one, walk(unknown))
		if n := r.all(passwordHashes) - before - cost; n != cost || n < 4 {
			t.Errorf("%v hashes of passwords for an address with an account, %v for another", cost, n)
		}
		if n := r.rows("accounts"); n != accounts {
			t.Errorf("%d accounts were made", n-accounts)
		}
		for email, code := range map[string]bool{known: false, unknown: true} {
			m := r.mails(email)
			last := m[len(m)-1]
			if (codeIn(last) != "") != code || strings.Contains(last.Subject, "already have an account") == code {
				t.Errorf("the mail to %s: %q\n%s", email, last.Subject, last.Text)
			}
		}
		if p := r.browser().logIn(known, password); p.Status != http.StatusSeeOther {
			t.Errorf("the account's own password: %d %q", p.Status, p.told())
		}
	})
}

// registered are two addresses, of which one has an account, and a day for each try, in
// which nothing that was asked before counts.
func (r *rig) registered() (known, unknown string, days func(i int)) {
	known = r.browser().signUp()
	_, unknown = r.person()
	return known, unknown, func(i int) { r.advance(time.Duration(i+1) * 25 * time.Hour) }
}

// The same by time: registering takes as long for an address that has an account.
func TestRow02(t *testing.T) {
	both(t, 1, func(t *testing.T, r *rig) {
		known, unknown, days := r.registered()
		register := func(email string) func(int) func() *page {
			return func(int) func() *page {
				b := r.browser()
				b.get("/account/register") // so that the connection is there
				return func() *page { return b.post("/account/register", registering.form(email)...) }
			}
		}
		r.inTime(t, arm{"known", register(known)}, arm{"unknown", register(unknown)}, days)
	}, hashesOfTiming())
}

// Somebody logs in to learn whether an address has an account. An unknown address, a
// wrong password, a registration without its code and the brake are all told by one
// sentence. That the code is missing is told only to the browser that registered, and
// only after the right password.
func TestRow03(t *testing.T) {
	both(t, 2, func(t *testing.T, r *rig) {
		known := r.browser().signUp()
		_, unknown := r.person()
		_, pending := r.person()
		registrant := r.browser()
		registering.start(registrant, pending)
		wrongPassword := "Another-Wrong-1-Password"

		walk := func(email, pass string) *answers {
			a, b := of(email), r.browser()
			for i := range 9 { // beyond what is free, so into the brake
				a.hear(b.on(i).logIn(email, pass)).is(t, string(gate.WrongLogin), email)
			}
			return a
		}
		base := walk(known, wrongPassword)
		alike(t, "an unknown address", base, walk(unknown, wrongPassword))
		alike(t, "an unverified one, wrong password", base, walk(pending, wrongPassword))
		alike(t, "an unverified one, right password, another browser", base, walk(pending, password))
		alike(t, "what is no address", base, walk("not an address", wrongPassword))

		for _, pass := range []string{wrongPassword, "", strings.Repeat("x", 300)} {
			registrant.logIn(pending, pass).is(t, string(gate.WrongLogin), "in the browser that registered")
		}
		if p := registrant.logIn(pending, password); p.Status != http.StatusSeeOther || !strings.HasPrefix(p.to(), "/account/verify") {
			t.Errorf("the right password in the browser that registered: %d %q", p.Status, p.to())
		}
		registrant.logIn(known, wrongPassword).is(t, string(gate.WrongLogin), "another's address in the browser that registered")

		// The brake lets nobody in, not by the right password either, and says nothing else.
		braked := r.browser()
		braked.brake(r.timeline(), known)
		braked.logIn(known, password).is(t, string(gate.WrongLogin), "the right password under the brake")
		if p := r.browser().logIn(known, password); p.Status != http.StatusSeeOther {
			t.Errorf("the right password from elsewhere: %d %q", p.Status, p.told())
		}
		t.Run("time", func(t *testing.T) {
			_, other, days := r.registered()
			logIn := func(email string) func(int) func() *page {
				return func(int) func() *page {
					b := r.browser()
					b.get("/account/login")
					return func() *page { return b.logIn(email, wrongPassword) }
				}
			}
			r.inTime(t, arm{"wrong", logIn(known)}, arm{"unknown", logIn(other)}, days)
			// In a browser that has begun to register the address.
			waiting := func(email string) func(int) func() *page {
				var registrant *browser
				return func(i int) func() *page {
					if i%10 == 0 { // a registration lives for a day
						registrant = r.browser()
						registrant.post("/account/register", registering.form(email)...)
					}
					b := registrant.twin()
					b.address = r.browser().address
					return func() *page { return b.logIn(email, wrongPassword) }
				}
			}
			r.inTime(t, arm{"known, registered", waiting(known)}, arm{"unknown, registered", waiting(other)}, func(i int) { r.advance(time.Duration(400*25+2*i) * time.Hour) })
		})
	}, hashesOfTiming())
}

// Somebody asks for a reset to learn whether an address has an account, once, twice and
// a third time within the minute, in one browser and in others.
func TestRow04(t *testing.T) {
	both(t, 2, func(t *testing.T, r *rig) {
		known, unknown, days := r.registered()
		days(0)
		walk := func(email string) *answers {
			a, one, two := of(email), r.browser(), r.browser()
			for i, b := range []*browser{one, one, two, two, r.browser(), r.browser(), one} {
				a.hear(b.on(i).fill("/account/reset", "email", email))
				a.hear(b.on(i + 1).get("/account/reset/verify"))
			}
			for i := range 6 {
				a.hear(one.on(i).post("/account/reset/verify", "code", fmt.Sprintf("%08d", i)))
			}
			a.hear(one.post("/account/reset/verify", "code", "123456"))
			a.hear(one.get("/account/reset/password"))
			return a
		}
		alike(t, "reset", walk(known), walk(unknown))
		r.advance(25*time.Hour + 3*gap)
		r.settled()
		if n := len(r.mails(unknown)); n != 0 {
			t.Errorf("%d mails to an address without an account", n)
		}
		if n := len(r.codesOf(known)); n < 2 {
			t.Errorf("%d mails to the account, which is one at its making and one at least of the reset", n)
		}
		t.Run("time", func(t *testing.T) {
			reset := func(email string) func(int) func() *page {
				return func(int) func() *page {
					b := r.browser()
					b.get("/account/reset")
					return func() *page { return b.post("/account/reset", "email", email) }
				}
			}
			r.inTime(t, arm{"known", reset(known)}, arm{"unknown", reset(unknown)}, func(i int) { days(i + 2) })
			again := func(email string) func(int) func() *page {
				return func(int) func() *page {
					b := r.browser()
					b.post("/account/reset", "email", email)
					return func() *page { return b.post("/account/reset", "email", email) }
				}
			}
			r.inTime(t, arm{"known, twice", again(known)}, arm{"unknown, twice", again(unknown)}, func(i int) { days(i + 400) })
		})
	}, hashesOfTiming())
}

// Somebody asks for new codes to learn whether an address has an account: the waits, the
// counts and the refusals are the same for one that has none, one that has, and one that
// gets it meanwhile.
func TestRow05(t *testing.T) {
	both(t, 2, func(t *testing.T, r *rig) {
		c := r.timeline()
		known := r.browser().signUp()
		_, unknown := r.person()
		_, another := r.person()
		_, verified := r.person()
		walk := func(w way, email string, finish bool) *answers {
			c.later(25 * time.Hour) // as if for the first time
			owner := r.browser()
			owner.post(w.begin, w.form(email)...)
			if finish {
				r.waitMail(email, 1)
			}
			c.later(gap)
			b, a := r.browser(), of(email)
			a.hear(b.fill(w.begin, w.form(email)...))
			for i := range 6 { // beyond five mails in an hour
				if i == 2 && finish {
					w.right(owner, r.codesOf(email)[0])
				}
				a.hear(b.on(i).post(w.resend))
				c.later(gap)
				a.hear(b.on(i).get(w.verify))
				a.hear(b.on(i).post(w.resend))
				a.hear(b.on(i).get(w.verify + "?sent=1"))
			}
			if n := a.refusals(); n[string(gate.TooMany)] < 6 || n[""] < 6 {
				t.Errorf("%s of %s: the walk shows nothing: %v", w.name, email, n)
			}
			return a
		}
		alike(t, "registering", walk(registering, known, false), walk(registering, unknown, false))
		alike(t, "a reset", walk(resetting, known, false), walk(resetting, unknown, false))
		alike(t, "registering, verified meanwhile by another browser", walk(registering, verified, true), walk(registering, another, false))
	})
}

// Addresses at domains that no mail goes to are refused before anybody looks whether they
// have an account.
func TestRow06(t *testing.T) {
	both(t, 1, func(t *testing.T, r *rig) {
		// Accounts from when the domains were still allowed.
		domains := []string{"example.com", "agency.press", "sub.agency.press"}
		known := map[string]string{}
		for _, d := range domains {
			known[d] = "ines.known@" + d
			r.browser().signUpAs(known[d], password)
		}
		for _, i := range r.instances {
			i.kill()
		}
		r.settings = "domains: {refuse: [agency.press]}\n"
		r.writeSettings()
		r.launch()
		at := len(r.instances) - 1
		hashes, mails := r.all(passwordHashes)+r.all(codeHashes), len(r.mails(""))
		for _, d := range domains {
			walk := func(email string) *answers {
				a, b := of(email), r.browser().on(at)
				for _, w := range ways {
					for range 2 {
						a.hear(b.fill(w.begin, w.form(email)...)).is(t, string(gate.BadDomain), w.name+" of "+email)
					}
					a.hear(b.get(w.verify))
					a.hear(b.post(w.resend))
				}
				return a
			}
			alike(t, d, walk(known[d]), walk("ines.other@"+d))
		}
		if n := r.all(passwordHashes) + r.all(codeHashes) - hashes; n != 0 {
			t.Errorf("%v hashes were computed for refused domains", n)
		}
		if n := len(r.mails("")); n != mails || r.rows("flows") != len(domains) {
			t.Errorf("refused domains made %d mails and %d flows", n-mails, r.rows("flows")-len(domains))
		}
	}, with("domains: {allow: [example.com]}"))
}

// Somebody fails on purpose to see a brake that only accounts have. It comes at the same
// try and looks the same for addresses that nobody has, and costs as many hashes.
func TestRow07(t *testing.T) {
	both(t, 2, func(t *testing.T, r *rig) {
		c := r.timeline()
		known := r.browser().signUp()
		_, unknown := r.person()
		walk := func(email string) *answers {
			a, b := of(email), r.browser()
			for range 2 {
				for _, p := range b.brake(c, email) {
					a.hear(p)
				}
				c.later(2 * time.Hour) // the failures are forgotten
			}
			return a
		}
		alike(t, "failures", walk(known), walk(unknown))
	})
}

// TestTimingEnumeration is rows 2, 3 and 4 by the clock.
func TestTimingEnumeration(t *testing.T) {
	if os.Getenv("GATE_TIMING") == "" {
		t.Skip("times are compared with GATE_TIMING=1")
	}
	for name, f := range map[string]func(*testing.T){"02": TestRow02, "03": TestRow03, "04": TestRow04} {
		t.Run(name, f)
	}
}
