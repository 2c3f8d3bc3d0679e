//go:build gatetest

package acceptance

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"pressroom/internal/testkit/port"
	"pressroom/internal/testkit/postgres"
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

// kills is how often the gate is killed at each point: twice, or as GATE_KILLS says.
func kills(t *testing.T) int {
	n, err := strconv.Atoi(os.Getenv("GATE_KILLS"))
	if err != nil && os.Getenv("GATE_KILLS") != "" {
		t.Fatal(err)
	}
	return max(2, n)
}

// killed is a process that dies at a named point, and what must be true then.
type killed struct {
	point string
	until string // what the person had done before, see crash.until
	flows int64  // of the address, when the process is dead; -1 for any
	mails int    // that must come after the restart, without anybody's doing
	again int    // copies that may come besides
	owner int64  // accounts of the address, when the process is dead
	goes  func(t *testing.T, k *crash)
}

// crash is one kill: a person, their browser and the mails that they got.
type crash struct {
	*browser
	rig   *rig
	sink  *smtpsink.Sink
	email string
	token string // hidden in the form of registering
	code  string
}

func (k *crash) register() (*page, error) {
	return k.tryPost("/account/register", "email", k.email, "password", password, "name", "Ines Okafor", "form", k.token)
}

// verifies types the code of the newest mail.
func verifies(t *testing.T, k *crash) {
	list := k.rig.sunk(k.sink, k.email)
	if p := k.verify(codeIn(list[len(list)-1])); !p.welcomed() {
		t.Errorf("the code of the mail does not work: %d %s", p.Status, p.text())
	}
}

// registers sends the form once more, as a person does whose browser saw no answer.
func registers(t *testing.T, k *crash) {
	had := len(k.rig.sunk(k.sink, k.email))
	if p, err := k.register(); err != nil || p.Status != http.StatusSeeOther {
		t.Fatalf("register again: %+v %v", p, err)
	}
	k.rig.waitSunk(k.sink, k.email, had+1)
	verifies(t, k)
}

func logsIn(pass string) func(*testing.T, *crash) {
	return func(t *testing.T, k *crash) {
		if p := k.rig.browser().logIn(k.email, pass); p.Status != http.StatusSeeOther {
			t.Errorf("log in: %d %s", p.Status, p.text())
		}
	}
}

// onlyOther logs in with the password that a reset has set; what was before is over.
func onlyOther(t *testing.T, k *crash) {
	if k.signedIn() || k.rig.browser().logIn(k.email, password).Status == http.StatusSeeOther {
		t.Error("a session or the old password outlived a reset")
	}
	logsIn(otherPassword)(t, k)
}

const otherPassword = "Another-Horse-8-Stapler"

var points = []killed{
	{point: "flow-hashed", until: "form", goes: registers},
	{point: "letter-written", until: "form", goes: registers},
	{point: "flow-begun", until: "form", flows: 1, mails: 1, goes: registers},
	{point: "leased", until: "sent", flows: 2, mails: 2, goes: verifies},
	{point: "before-send", until: "sent", flows: 2, mails: 2, goes: verifies},
	{point: "after-send", until: "sent", flows: 2, mails: 2, again: 1, goes: verifies},
	{point: "settled", until: "sent", flows: 2, mails: 2, goes: verifies},
	{point: "flow-resent", until: "code", flows: 1, mails: 2, goes: verifies},
	{point: "guess-counted", until: "code", flows: 1, mails: 1, goes: verifies},
	{point: "guess-compared", until: "code", flows: 1, mails: 1, goes: verifies},
	{point: "flow-finished", until: "code", flows: 1, mails: 1, owner: 1, goes: logsIn(password)},
	{point: "login-counted", until: "account", flows: 1, mails: 1, owner: 1, goes: logsIn(password)},
	{point: "password-set", until: "reset", flows: -1, mails: 3, owner: 1, goes: onlyOther},
}

// until brings the person to where the gate is to be killed. at is their time.
func (k *crash) until(t *testing.T, what string, at *timeline) {
	t.Helper()
	k.token = k.get("/account/register").hidden().Get("form")
	register := func() {
		t.Helper()
		if p, err := k.register(); err != nil || p.Status != http.StatusSeeOther {
			t.Fatalf("register: %+v %v", p, err)
		}
	}
	switch what {
	case "form":
	case "sent":
		// The mail waits until the gap after another one is over. So the person has seen the
		// answer, and with it the cookie, before the mail leaves and the gate dies of that.
		wantStatus(t, "somebody else", k.rig.browser().register(k.email, password), http.StatusSeeOther)
		k.rig.waitSunk(k.sink, k.email, 1)
		k.rig.settled()
		register()
		return
	default:
		register()
		k.code = codeIn(k.rig.waitSunk(k.sink, k.email, 1)[0])
		if what != "code" {
			wantStatus(t, "verify", k.verify(k.code), http.StatusSeeOther)
		}
		at.later(2 * gap)
		if what == "reset" {
			wantStatus(t, "reset", k.post("/account/reset", "email", k.email), http.StatusSeeOther)
			code := codeIn(k.rig.waitSunk(k.sink, k.email, 2)[1])
			wantStatus(t, "the code of a reset", k.post("/account/reset/verify", "code", code), http.StatusSeeOther)
		}
	}
	k.rig.settled()
}

// act does what kills the gate.
func (k *crash) act(point string, at *timeline) {
	switch point {
	case "leased", "before-send", "after-send", "settled":
		at.at += gap
		k.tryAdvance(at.at)
	case "flow-resent":
		k.tryPost("/account/verify/resend")
	case "guess-counted", "guess-compared", "flow-finished":
		k.tryPost("/account/verify", "code", k.code)
	case "login-counted":
		k.copyOf().tryPost("/account/login", "email", k.email, "password", password)
	case "password-set":
		k.tryPost("/account/reset/password", "password", otherPassword)
	default:
		k.register()
	}
}

// tryAdvance moves the clock of a gate that may die of it.
func (k *crash) tryAdvance(by time.Duration) {
	if res, err := http.PostForm("http://"+k.rig.instances[0].admin+"/test/clock", values("offset", by.String())); err == nil {
		res.Body.Close()
	}
}

// The gate is killed between any two of its steps: what it had promised happens after the
// next start, what it had not has left no trace, and a mail comes twice only when it died
// between handing it over and writing that down. Who have come equally far share a
// database, over which one gate follows the other.
func TestRow68(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"sqlite", "postgres"} {
		for _, until := range []string{"form", "sent", "code", "account", "reset"} {
			t.Run(kind+"/"+until, func(t *testing.T) {
				t.Parallel()
				var here []killed
				for range kills(t) {
					for _, c := range points {
						if c.until == until {
							here = append(here, c)
						}
					}
				}
				kill(t, kind, here)
			})
		}
	}
}

func kill(t *testing.T, kind string, points []killed) {
	sink := smtpsink.New(t, smtpsink.Options{})
	r := start(t, kind, 0, toSink(sink))
	db := r.db()
	at := r.timeline()
	launch := func() *instance {
		at.at += 6 * time.Minute // longer than a lease
		r.instances = nil
		return r.launch("GATE_TEST_OFFSET=" + at.at.String())
	}
	i, doubles := launch(), 0
	for _, c := range points {
		k := &crash{browser: r.browser(), rig: r, sink: sink}
		_, k.email = r.person()
		k.until(t, c.until, at)
		i.post("/test/fault", "point", c.point)
		k.act(c.point, at)
		<-i.done
		if s, ok := i.cmd.ProcessState.Sys().(syscall.WaitStatus); !ok || s.Signal() != syscall.SIGKILL {
			t.Fatalf("%s: the gate ended by %v", c.point, i.cmd.ProcessState)
		}
		if n := number(t, db, "SELECT COUNT(*) FROM flows WHERE email = $1", k.email); c.flows >= 0 && n != c.flows {
			t.Errorf("%s: %d flows, want %d", c.point, n, c.flows)
		}
		if n := number(t, db, "SELECT COUNT(*) FROM accounts WHERE email = $1", k.email); n != c.owner {
			t.Errorf("%s: %d accounts, want %d", c.point, n, c.owner)
		}
		i = launch()
		r.settled()
		list := r.sunk(sink, k.email)
		ids := map[string]int{}
		for _, m := range list {
			ids[m.Header.Get("Message-Id")]++
		}
		if len(ids) != c.mails || len(list) > c.mails+c.again {
			t.Errorf("%s: %d mails of %d letters, want %d letters and at most %d mails more", c.point, len(list), len(ids), c.mails, c.again)
		}
		doubles += len(list) - len(ids)
		c.goes(t, k)
		if n := number(t, db, "SELECT COUNT(*) FROM accounts WHERE email = $1", k.email); n != 1 {
			t.Errorf("%s: at the end %d accounts", c.point, n)
		}
	}
	if n := number(t, db, "SELECT COUNT(*) FROM letters WHERE state <> 'sent'"); n != 0 {
		t.Errorf("%d letters were not sent", n)
	}
	t.Logf("%d kills, %d mails came twice", len(points), doubles)
}

// A disk that is full and a database that can only be read: what has to be written is
// refused for now, who is logged in reads and downloads on, and when there is room again
// everything goes on by itself, with nothing done by halves.
func TestRow69(t *testing.T) {
	t.Parallel()
	// full makes the database unwritable and returns what mends it.
	full := map[string]func(t *testing.T, r *rig, post func() int) (mend func()){
		"sqlite": func(t *testing.T, r *rig, post func() int) func() {
			filler := filepath.Join(r.dir, "data", "filler")
			f, err := os.Create(filler)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			for err == nil {
				_, err = f.Write(make([]byte, 4<<10))
			}
			// Its journal has room that was taken before.
			for in, refused := 0, 0; refused < 10; in++ {
				if refused++; post() != http.StatusServiceUnavailable {
					refused = 0
				}
				if in > 1000 {
					t.Fatal("the disk is full and everything is written, or refused in another way")
				}
			}
			return func() {
				if err := os.Remove(filler); err != nil {
					t.Fatal(err)
				}
			}
		},
		"postgres": func(t *testing.T, r *rig, _ func() int) func() {
			db := r.db()
			db.SetMaxOpenConns(1) // which is not ended by itself
			set := func(on string) {
				alter(t, db, `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = `+on+`', current_database()); END $$`)
			}
			set("on")
			alter(t, db, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
			return func() { set("off") }
		},
	}
	for kind, fill := range full {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			r := start(t, kind, 1, func(r *rig) {
				if kind == "sqlite" {
					smallDisk(t, filepath.Join(r.dir, "data"), "2m")
				}
			})
			db := r.db()
			owner, pending := r.browser(), r.browser()
			email := owner.signUp()
			_, stranger := r.person()
			wantStatus(t, "register", pending.register(stranger, password), http.StatusSeeOther)
			code := r.code(stranger)
			r.settled()

			tries := 0
			mend := fill(t, r, func() int {
				tries++
				return r.browser().logIn(fmt.Sprintf("nobody.%d@newsdesk.press", tries), password).Status
			})
			unavailable(t, "log in", r.browser().logIn(email, password))
			_, third := r.person()
			unavailable(t, "register", r.browser().post("/account/register", "email", third, "password", password, "name", "Ines Okafor"))
			unavailable(t, "the right code", pending.verify(code))
			unavailable(t, "reset", r.browser().post("/account/reset", "email", email))
			unavailable(t, "newsletter", owner.post("/newsletter/subscribe", "language", "en"))
			unavailable(t, "delete", owner.post("/account/delete", "password", password))
			if !owner.signedIn() {
				t.Error("a session ended because the disk is full")
			}
			for _, path := range []string{"/account", "/account/downloads", "/account/sessions", "/account/login", "/account/register"} {
				if p := owner.get(path); p.Status >= 500 {
					t.Errorf("%s: %d", path, p.Status)
				}
			}
			id := r.downloads[0].ID
			p := owner.get("/download/" + id)
			wantStatus(t, "download", p, http.StatusSeeOther)
			if file := owner.get(p.to()); file.Status != http.StatusOK || int64(len(file.Body)) != r.downloads[0].Bytes {
				t.Errorf("the file: %d, %d bytes", file.Status, len(file.Body))
			}
			if n := number(t, db, "SELECT COUNT(*) FROM grants"); n != 0 {
				t.Fatalf("%d grants were written: the database is not as full as it should be", n)
			}

			mend()
			eventually(t, "the grant to be written down late", func() bool {
				return number(t, db, "SELECT COUNT(*) FROM grants WHERE download = $1", id) == 1
			})
			if n := number(t, db, "SELECT COUNT(*) FROM audit WHERE what = 'grant' AND subject = $1", id); n != 1 {
				t.Errorf("%d lines of the grant in the audit", n)
			}
			if p := pending.verify(code); !p.welcomed() {
				t.Errorf("the code that could not be taken: %d %s", p.Status, p.text())
			}
			wantStatus(t, "log in", r.browser().logIn(email, password), http.StatusSeeOther)
			for _, who := range []string{email, stranger, third} {
				want := int64(1)
				if who == third {
					want = 0
				}
				if n := number(t, db, "SELECT COUNT(*) FROM accounts WHERE email = $1", who); n != want {
					t.Errorf("%d accounts of %s, want %d", n, who, want)
				}
			}
			if n := number(t, db, "SELECT COUNT(*) FROM flows WHERE email = $1", third); n != 0 {
				t.Errorf("%d flows of what was refused", n)
			}
			if _, err := r.inside(0).VerifyAudit(context.Background()); err != nil {
				t.Error(err)
			}
		})
	}
}

// smallDisk puts a disk of a few megabytes at a folder.
func smallDisk(t *testing.T, dir, size string) {
	t.Helper()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "mode=0700,size="+size); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("mount a small disk: %v", err)
		}
		t.Skipf("mount a small disk: %v", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
}

// The database goes away under load and comes back, or gives no connection: as long as
// it is gone nobody is let in, no code is compared and no limit is forgotten; afterwards
// all is as before, without a restart of the gate.
func TestRow70(t *testing.T) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		r := start(t, "sqlite", 1)
		db := r.db()
		gone(t, r, func() (back func()) {
			conn, err := db.Conn(context.Background()) // another program that writes
			if err == nil {
				_, err = conn.ExecContext(context.Background(), "BEGIN IMMEDIATE")
			}
			if err != nil {
				t.Fatal(err)
			}
			return func() {
				if _, err := conn.ExecContext(context.Background(), "ROLLBACK"); err != nil {
					t.Error(err)
				}
				conn.Close()
			}
		}, true)
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		server := postgres.New(t)
		r := start(t, "postgres", 2, func(r *rig) { r.dsn = server.Database(t) })
		gone(t, r, func() (back func()) {
			if err := server.Stop(); err != nil {
				t.Fatal(err)
			}
			return func() {
				if err := server.Start(); err != nil {
					t.Fatal(err)
				}
			}
		}, false)
	})
	t.Run("exhausted", func(t *testing.T) {
		t.Parallel()
		plain := ""
		r := start(t, "postgres", 2, func(r *rig) { plain, r.dsn = r.dsn, r.dsn+"&pool_max_conns=2" })
		r.dsn = plain
		db := r.db()
		gone(t, r, func() (back func()) {
			tx, err := db.Begin()
			if err == nil {
				_, err = tx.Exec("LOCK TABLE marks, accounts, sessions, flows IN ACCESS EXCLUSIVE MODE")
			}
			if err != nil {
				t.Fatal(err)
			}
			return func() { tx.Rollback() }
		}, false)
	})
}

// gone tries a gate whose database goes away and comes back. Some databases can be read
// even then.
func gone(t *testing.T, r *rig, away func() (back func()), readable bool) {
	last := len(r.instances) - 1
	owner, guesser, spent := r.browser(), r.browser(), r.browser()
	email := owner.signUp()
	_, stranger := r.person()
	wantStatus(t, "register", guesser.register(stranger, password), http.StatusSeeOther)
	code := r.code(stranger)
	for n := range 4 {
		wantStatus(t, "a wrong code", guesser.on(n).verify(otherCode(code, n+1)), http.StatusUnprocessableEntity)
	}
	for n := range 30 { // all that a network may get wrong
		wantStatus(t, "a wrong login", spent.on(n).logIn(fmt.Sprintf("n%d@newsdesk.press", n), "wrong"), http.StatusUnprocessableEntity)
	}
	r.settled()

	// The load: whoever is let in must be who they say, before, in the gap and after it.
	var wrong, right, sessions statuses
	end := make(chan struct{})
	var load sync.WaitGroup
	for n := range 3 {
		load.Go(func() {
			for {
				select {
				case <-end:
					return
				default:
				}
				b := r.browser().on(n)
				switch n {
				case 0:
					wrong.add(b.tryPost("/account/login", "email", email, "password", "not the password"))
				case 1:
					right.add(b.tryPost("/account/login", "email", email, "password", password))
				case 2:
					p, err := owner.try(http.MethodGet, "/account/session", nil)
					if err == nil && p.Status == http.StatusOK && !strings.Contains(p.Body, "true") {
						p.Status = http.StatusTeapot // somebody who is logged in was told they are not
					}
					sessions.add(p, err)
				}
			}
		})
	}

	back := away()
	// Each of these ends while the database is away.
	answers := make([]*page, 5)
	atOnce(len(answers), func(i int) {
		b := r.browser().on(i)
		_, other := r.person()
		switch i {
		case 0:
			answers[i], _ = b.tryPost("/account/login", "email", email, "password", password)
		case 1:
			answers[i], _ = guesser.on(last).tryPost("/account/verify", "code", code)
		case 2:
			answers[i], _ = b.tryPost("/account/register", "email", other, "password", password, "name", "Ines Okafor")
		case 3:
			answers[i], _ = spent.tryPost("/account/login", "email", email, "password", password)
		case 4:
			answers[i], _ = owner.copyOf().on(last).tryPost("/account/password", "old", password, "password", otherPassword)
		}
	})
	for i, p := range answers {
		if p == nil {
			t.Fatalf("request %d: no answer", i)
		}
		unavailable(t, fmt.Sprintf("request %d while the database is away", i), p)
	}
	if p := owner.get("/account/session"); !readable && p.Status != http.StatusServiceUnavailable || readable && !strings.Contains(p.Body, "true") {
		t.Errorf("who is logged in: %d %s", p.Status, p.Body)
	}
	back()
	for _, i := range r.instances {
		eventually(t, i.public+" to be ready", func() bool {
			res, err := http.Get("http://" + i.admin + "/readyz")
			if err == nil {
				res.Body.Close()
			}
			return err == nil && res.StatusCode == http.StatusOK
		})
	}
	close(end)
	load.Wait()
	if !wrong.only(http.StatusUnprocessableEntity, http.StatusServiceUnavailable) {
		t.Errorf("wrong passwords under load: %v", &wrong)
	}
	if !right.only(http.StatusSeeOther, http.StatusUnprocessableEntity, http.StatusServiceUnavailable) {
		t.Errorf("right passwords under load: %v", &right)
	}
	if !sessions.only(http.StatusOK, http.StatusServiceUnavailable) {
		t.Errorf("who is logged in, under load: %v", &sessions)
	}

	// Ready again: no error any more, on any instance, and every limit where it was.
	for n := range 3 * len(r.instances) {
		_, other := r.person()
		wantStatus(t, "register", r.browser().on(n).register(other, password), http.StatusSeeOther)
		if !owner.on(n).signedIn() {
			t.Error("a session is lost")
		}
	}
	wantStatus(t, "log in from a network that spent its tries", spent.logIn(email, password), http.StatusUnprocessableEntity)
	wantStatus(t, "log in", r.browser().logIn(email, password), http.StatusSeeOther)
	wantStatus(t, "the fifth wrong code", guesser.verify(otherCode(code, 9)), http.StatusUnprocessableEntity)
	if p := guesser.on(last).verify(code); p.Status != http.StatusUnprocessableEntity {
		t.Errorf("the right code after five wrong ones, one of them across the gap: %d %s", p.Status, p.to())
	}
}

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

// proxy is a haproxy in front of the instances of a rig.
type proxy struct {
	*instance // as browsers see it
	stats     string
}

// balance starts haproxy. Each server is a name, its address and its admin's.
func balance(t *testing.T, r *rig, servers ...[3]string) *proxy {
	t.Helper()
	path, err := exec.LookPath("haproxy")
	if err != nil {
		path = "/usr/sbin/haproxy"
	}
	if _, err := os.Stat(path); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("no haproxy is installed, and CI is set")
		}
		t.Skip("no haproxy is installed")
	}
	p := &proxy{&instance{rig: r, public: port.Reserve(t), log: &buffer{}, done: make(chan struct{})}, port.Reserve(t)}
	var b strings.Builder
	fmt.Fprintf(&b, `global
  maxconn 500
defaults
  mode http
  timeout connect 5s
  timeout check 10s
  timeout client 60s
  timeout server 60s
  retries 3
  option redispatch
listen stats
  bind %s
  stats enable
  stats uri /
listen gate
  bind %s
  balance roundrobin
  option httpchk GET /readyz
`, p.stats, p.public)
	for _, s := range servers {
		_, number, _ := net.SplitHostPort(s[2])
		fmt.Fprintf(&b, "  server %s %s check port %s inter 200ms fall 1 rise 1\n", s[0], s[1], number)
	}
	config := filepath.Join(r.dir, "haproxy.cfg")
	if err := os.WriteFile(config, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	p.cmd = exec.Command(path, "-f", config, "-db")
	p.cmd.Stderr, p.cmd.Stdout = p.log, p.log
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.cmd.Process.Kill()
		p.cmd.Wait()
		if t.Failed() {
			t.Logf("haproxy:\n%s", tail(p.log.String(), 40))
		}
	})
	return p
}

// up waits until haproxy thinks so of a server, or thinks it is not.
func (p *proxy) up(t *testing.T, server string, want bool) {
	t.Helper()
	eventually(t, fmt.Sprintf("haproxy to see %s up: %v", server, want), func() bool {
		res, err := http.Get("http://" + p.stats + "/;csv")
		if err != nil {
			return false
		}
		defer res.Body.Close()
		b, _ := io.ReadAll(res.Body)
		for line := range strings.Lines(string(b)) {
			if f := strings.Split(line, ","); len(f) > 17 && f[0] == "gate" && f[1] == server {
				return strings.HasPrefix(f[17], "UP") == want
			}
		}
		return false
	})
}

// slowReader is somebody who takes a file by and by.
type slowReader struct {
	t    *testing.T
	body io.ReadCloser
	sum  interface {
		io.Writer
		Sum([]byte) []byte
	}
	n int64
}

// fetch begins a download and reads the beginning.
func (b *browser) fetch(t *testing.T, path string, from int64) *slowReader {
	t.Helper()
	req, err := http.NewRequest(http.MethodGet, "http://"+b.rig.instances[b.at].public+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Host = host
	want := http.StatusOK
	if from > 0 {
		req.Header.Set("Range", fmt.Sprintf("bytes=%d-", from))
		want = http.StatusPartialContent
	}
	res, err := (&http.Client{Transport: &http.Transport{}}).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { res.Body.Close() })
	if res.StatusCode != want {
		t.Fatalf("%s: %s", path, res.Status)
	}
	s := &slowReader{t: t, body: res.Body, sum: sha256.New()}
	s.read(64 << 10)
	return s
}

// read takes so much more, or what there is.
func (s *slowReader) read(n int64) error {
	m, err := io.CopyN(s.sum, s.body, n)
	s.n += m
	if err == io.EOF {
		err = nil
	}
	return err
}

// The gate is replaced under load, one process after the other: no request fails, and a
// download that is under way ends well. One that is cut off goes on elsewhere from where
// it was. With PostgreSQL haproxy stands in front of two instances; the one instance of
// SQLite hands its socket on, as systemd has it.
func TestRow73(t *testing.T) {
	t.Parallel()
	for kind, roll := range map[string]func(*testing.T, *rig){"postgres": rolling, "sqlite": socket} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			r := start(t, kind, 0, func(r *rig) {
				r.addDownload("MC-20240527-V-0412/master", "big.mov", bytes.Repeat([]byte("a lot of footage"), 3<<20)) // more than sockets hold
				r.writeCatalogue()
			})
			roll(t, r)
		})
	}
}

// big is the download that takes long.
func (r *rig) big() (id, sum string, size int64) {
	d := r.downloads[len(r.downloads)-1]
	return d.ID, d.SHA256, d.Bytes
}

// crowd sends requests until it is told to stop. All of them must be answered well.
func crowd(t *testing.T, r *rig, owner *browser) (stop func()) {
	var s statuses
	var load sync.WaitGroup
	end := make(chan struct{})
	for n := range 4 {
		load.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-end:
					return
				default:
				}
				var p *page
				var err error
				switch (n + i) % 4 {
				case 0:
					p, err = owner.try(http.MethodGet, "/account", nil)
				case 1:
					p, err = owner.try(http.MethodGet, "/account/session", nil)
				case 2: // a form, which nobody in between may send twice
					p, err = owner.tryPost("/account", "name", "Ines Okafor", "organisation", fmt.Sprint("Desk ", i))
					if err == nil && p.Status == http.StatusSeeOther {
						p.Status = http.StatusOK
					}
				case 3:
					p, err = owner.try(http.MethodGet, "/account/login", nil)
					if err == nil && p.Status == http.StatusSeeOther {
						p.Status = http.StatusOK
					}
				}
				if err != nil {
					t.Logf("a request failed: %v", err)
				}
				s.add(p, err)
			}
		})
	}
	return func() {
		t.Helper()
		close(end)
		load.Wait()
		if !s.only(http.StatusOK) {
			t.Errorf("requests while processes were replaced: %v", &s)
		}
		t.Logf("requests: %v", &s)
	}
}

func rolling(t *testing.T, r *rig) {
	type seat struct{ name, public, admin string }
	seats := []seat{{"a", port.Reserve(t), port.Reserve(t)}, {"b", port.Reserve(t), port.Reserve(t)}}
	sit := func(s seat) *instance { return r.launch("GATE_LISTEN="+s.public, "GATE_ADMIN="+s.admin) }
	running := []*instance{sit(seats[0]), sit(seats[1])}
	p := balance(t, r, [3]string{seats[0].name, seats[0].public, seats[0].admin}, [3]string{seats[1].name, seats[1].public, seats[1].admin})
	for _, s := range seats {
		p.up(t, s.name, true)
	}
	owner := r.browser()
	owner.signUp()
	r.instances = append([]*instance{p.instance}, r.instances...) // from here on all go by the proxy
	id, sum, size := r.big()
	owner.client = &http.Client{CheckRedirect: owner.client.CheckRedirect, Transport: &http.Transport{MaxIdleConnsPerHost: 16}}

	stop := crowd(t, r, owner)
	for n, s := range seats {
		// One of two goes to the process that is replaced.
		first, second := owner.fetch(t, owner.get("/download/"+id).to(), 0), owner.fetch(t, owner.get("/download/"+id).to(), 0)
		ended := make(chan error, 1)
		go func() { ended <- running[n].stop() }()
		p.up(t, s.name, false)
		for _, d := range []*slowReader{first, second} {
			if err := d.read(size); err != nil || d.n != size || hex.EncodeToString(d.sum.Sum(nil)) != sum {
				t.Errorf("a download while its process was replaced: %d of %d bytes, %v", d.n, size, err)
			}
		}
		if err := <-ended; err != nil {
			t.Errorf("the process did not end well: %v", err)
		}
		running[n] = sit(s)
		p.up(t, s.name, true)
	}
	stop()

	// Killed in the middle: the rest comes from the other one.
	link := owner.get("/download/" + id).to()
	r.instances = []*instance{running[0], running[1]}
	cut := owner.fetch(t, link, 0)
	running[0].kill()
	err := cut.read(size)
	if err == nil || cut.n == size {
		t.Fatalf("the download was not cut: %d bytes, %v", cut.n, err)
	}
	rest := owner.on(1).fetch(t, owner.on(1).get("/download/"+id).to(), cut.n)
	if err := rest.read(size); err != nil || cut.n+rest.n != size {
		t.Errorf("the rest: %d + %d of %d bytes, %v", cut.n, rest.n, size, err)
	}
}

func socket(t *testing.T, r *rig) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f, err := l.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	defer l.Close()
	r.inherit = f
	old := r.launch()
	if old.public != l.Addr().String() {
		t.Fatalf("it listens at %s, and not at the socket %s that it was given", old.public, l.Addr())
	}
	owner := r.browser()
	owner.signUp()
	owner.client = &http.Client{CheckRedirect: owner.client.CheckRedirect, Transport: &http.Transport{DisableKeepAlives: true}}
	id, sum, size := r.big()
	stop := crowd(t, r, owner)
	for range 2 {
		d := owner.fetch(t, owner.get("/download/"+id).to(), 0)
		ended := make(chan error, 1)
		go func() { ended <- old.stop() }()
		eventually(t, "the end to be announced", func() bool {
			res, err := http.Get("http://" + old.admin + "/readyz")
			if err == nil {
				res.Body.Close()
			}
			return err != nil || res.StatusCode == http.StatusServiceUnavailable
		})
		if err := d.read(size); err != nil || d.n != size || hex.EncodeToString(d.sum.Sum(nil)) != sum {
			t.Errorf("a download while its process was replaced: %d of %d bytes, %v", d.n, size, err)
		}
		if err := <-ended; err != nil {
			t.Errorf("the process did not end well: %v", err)
		}
		old = r.launch()
	}
	stop()
}
