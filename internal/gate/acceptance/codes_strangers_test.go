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
