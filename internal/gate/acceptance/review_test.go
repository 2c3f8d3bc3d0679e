//go:build gatetest

package acceptance

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// What a reading of the code with an attacker's eye found; each was possible once.

// A link to the form that brings its hidden field would let its author share the flow
// that a visitor begins with it, and put another password into it.
func TestFormTokenIsOurs(t *testing.T) {
	both(t, 1, func(t *testing.T, r *rig) {
		const planted = "AAAAAAAAAAAAAAAAAA"
		_, email := r.person()
		victim, attacker := r.browser(), r.browser()
		victim.fill("/account/register?form="+planted, "email", email, "password", password, "name", "Ines", "organisation", "")
		p := attacker.post("/account/register", "form", planted, "email", email, "password", "Another-Word-9-Lantern", "name", "Eve")
		if p.Status != http.StatusSeeOther {
			t.Fatalf("register: %d", p.Status)
		}
		if p := victim.post("/account/verify", "code", r.code(email)); p.Status != http.StatusSeeOther {
			t.Fatalf("verify: %d\n%s", p.Status, p.text())
		}
		attacker.logIn(email, "Another-Word-9-Lantern")
		if other := r.browser(); attacker.signedIn() || other.logIn(email, "Another-Word-9-Lantern").Status == http.StatusSeeOther {
			t.Error("the attacker's password is the account's")
		}
		if p := r.browser().logIn(email, password); p.Status != http.StatusSeeOther {
			t.Errorf("the victim's password is not: %d", p.Status)
		}
	})
}

// A download under embargo is answered like one that does not exist, wherever its id
// can be asked with, and known from the second on.
func TestEmbargoedDownloadIsUnknown(t *testing.T) {
	both(t, 1, func(t *testing.T, r *rig) {
		const held, none = "MC-20260707-V-0413/broadcast", "MC-20260707-V-0414/broadcast"
		r.addDownload(held, "held.mxf", []byte("not yet"))
		d := &r.downloads[len(r.downloads)-1]
		d.Title, d.NotBefore = "The treaty is signed", time.Now().Add(time.Hour)
		r.writeCatalogue()
		b, stranger := r.browser(), r.browser()
		eventually(t, "the catalogue to be read again", func() bool { return r.instances[0].metric("gate_downloads_offered") == 3 })
		b.signUp()
		for _, path := range []string{"/download/%s", "/account/login?return=/download/%s", "/account/register?return=/download/%s", "/account/welcome?return=/download/%s"} {
			for name, who := range map[string]*browser{"stranger": stranger, "account": b} {
				x, y := who.get(fmt.Sprintf(path, held)), who.get(fmt.Sprintf(path, none))
				if x.Status != y.Status || strings.Contains(x.Body, d.Title) || strings.Contains(x.to(), "treaty") {
					t.Errorf("%s %s: %d, and %d for none\n%s", name, path, x.Status, y.Status, x.text())
				}
			}
		}
		r.advance(time.Hour + time.Second)
		eventually(t, "the release", func() bool { return b.get("/download/"+held).Status == http.StatusSeeOther })
	})
}

// The right password of a registration that waits for its code is told, and in the same
// way for an address that has an account already.
func TestUnverifiedAlike(t *testing.T) {
	both(t, 1, func(t *testing.T, r *rig) {
		known := r.browser().signUp()
		_, unknown := r.person()
		const typed = "Another-Word-9-Lantern"
		for _, pass := range []string{typed, "Wrong-Word-3-Lantern"} {
			var answers []string
			for _, email := range []string{known, unknown} {
				b := r.browser()
				b.register(email, typed)
				p := b.logIn(email, pass)
				answers = append(answers, fmt.Sprint(p.Status, p.to()))
			}
			if answers[0] != answers[1] {
				t.Errorf("with %s: known %s, unknown %s", pass, answers[0], answers[1])
			}
		}
	})
}

// Who registers, or logs in, in a browser that is logged in ends the session before.
func TestNewSessionEndsTheOneBefore(t *testing.T) {
	both(t, 1, func(t *testing.T, r *rig) {
		b := r.browser()
		first := b.signUp()
		before := b.copyOf()
		_, second := r.person()
		b.post("/account/register", "email", second, "password", password, "name", "Ines")
		if p := b.post("/account/verify", "code", r.code(second)); p.Status != http.StatusSeeOther {
			t.Fatalf("verify: %d\n%s", p.Status, p.text())
		}
		if before.signedIn() {
			t.Error("registering left the old session")
		}
		between := b.copyOf()
		b.logIn(first, password)
		if between.signedIn() {
			t.Error("logging in left the old session")
		}
	})
}

// A stranger cannot make the audit grow as they like.
func TestRefusalsAreBounded(t *testing.T) {
	both(t, 1, func(t *testing.T, r *rig) {
		b := r.browser()
		for range 200 {
			b.post("/newsletter/unsubscribe?t=nonsense.token")
		}
		if n := r.instances[0].metric(`gate_rows{of="audit"}`); n > 61 {
			t.Errorf("%v lines for 200 refusals", n)
		}
	})
}
