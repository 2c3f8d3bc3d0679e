//go:build gatetest

package acceptance

import (
	"net/http"
	"testing"
	"time"

	"pressroom/internal/testkit/smtpsink"
)

const delayed = `gate_events_total{result="delayed",what="letter"}`

// A mail server that is down, refuses for now or for good, hangs, or vanishes after the
// last byte: nobody who asks for a page waits for it, no mail is lost, what is of no use
// any more is dropped, and a second copy leaves only when the first may have been lost.
func TestRow67(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"sqlite", "postgres"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			sink := smtpsink.New(t, smtpsink.Options{})
			n := map[string]int{"sqlite": 1, "postgres": 2}[kind]
			r := start(t, kind, n, toSink(sink))
			later := time.Duration(0)
			advance := func(by time.Duration) { later += by; r.advance(later) }
			begin := func() (*browser, string) {
				b := r.browser()
				_, email := r.person()
				wantStatus(t, "register", b.register(email, password), http.StatusSeeOther)
				return b, email
			}
			finish := func(b *browser, email string, copies int) {
				t.Helper()
				list := r.waitSunk(sink, email, copies)
				if p := b.verify(codeIn(list[len(list)-1])); !p.welcomed() {
					t.Errorf("the code does not work: %d %s", p.Status, p.text())
				}
			}
			// copies waits until nothing is under way and judges how often a mail came.
			copies := func(email string, want int) {
				t.Helper()
				r.settled()
				list := r.sunk(sink, email)
				ids := map[string]bool{}
				for _, m := range list {
					ids[m.Header.Get("Message-Id")] = true
				}
				if len(list) != want || len(ids) > 1 {
					t.Errorf("%d mails of %d Message-IDs to %s, want %d of one", len(list), len(ids), email, want)
				}
			}

			// Down, for less and for longer than the code lives.
			sink.Down()
			expired, address := begin()
			advance(20 * time.Minute)
			b, email := begin()
			eventually(t, "tries in vain", func() bool { return r.all(delayed) >= 2 })
			advance(11 * time.Minute) // the first code is over, the second is not
			sink.Up(t)
			finish(b, email, 1)
			copies(email, 1)
			copies(address, 0)
			if n := r.letters("dropped"); n != 1 {
				t.Errorf("%v letters dropped, want the one whose code had expired", n)
			}
			wantStatus(t, "a new code after the expired one", expired.post("/account/verify/resend"), http.StatusSeeOther)
			finish(expired, address, 1)

			for _, c := range []struct {
				name   string
				faults []smtpsink.Fault
				copies int
				state  string
			}{
				{"4xx to the recipient", []smtpsink.Fault{smtpsink.Refuse(smtpsink.Rcpt, 451, "later")}, 1, "sent"},
				{"4xx to the data", []smtpsink.Fault{smtpsink.Refuse(smtpsink.Data, 452, "full")}, 1, "sent"},
				{"5xx", []smtpsink.Fault{smtpsink.Refuse(smtpsink.Rcpt, 550, "nobody")}, 0, "failed"},
				{"gone before the data ended", []smtpsink.Fault{smtpsink.Drop(smtpsink.Data)}, 1, "sent"},
				{"gone after the data", []smtpsink.Fault{smtpsink.Drop(smtpsink.Stored)}, 2, "sent"},
				{"gone after the data, twice", []smtpsink.Fault{smtpsink.Drop(smtpsink.Stored), smtpsink.Drop(smtpsink.Stored)}, 2, "sent"},
			} {
				was, tried := r.letters(c.state), r.all(delayed)
				sink.Next(c.faults...)
				b, email := begin()
				if c.state == "sent" {
					eventually(t, c.name+": a try in vain", func() bool { return r.all(delayed) > tried })
					advance(time.Minute)
				}
				eventually(t, c.name+": "+c.state, func() bool { return r.letters(c.state) == was+1 })
				advance(15 * time.Minute) // to whatever would be tried once more
				copies(email, c.copies)
				if c.copies > 0 {
					finish(b, email, c.copies)
				}
			}

			// One that takes a mail and says nothing keeps neither readers nor other mails
			// waiting; and when it dies so, the mail is sent again.
			for _, dies := range []bool{false, true} {
				hold := smtpsink.Hold(smtpsink.Stored)
				sink.Next(hold)
				b, email := begin() // answered while the mail hangs, or not at all
				<-hold.Held()
				other, address := begin()
				finish(other, address, 1)
				if !dies {
					hold.Release()
					finish(b, email, 1)
					copies(email, 1)
					continue
				}
				tried := r.all(delayed)
				sink.Down()
				sink.Up(t)
				eventually(t, "the break to be noticed", func() bool { return r.all(delayed) > tried })
				advance(time.Minute)
				finish(b, email, 2)
				copies(email, 2)
			}
		})
	}
}
