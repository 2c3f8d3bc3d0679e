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
