//go:build gatetest

package acceptance

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sys/unix"

	"pressroom/internal/testkit/postgres"
)

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
