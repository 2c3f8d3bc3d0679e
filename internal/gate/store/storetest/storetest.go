// Package storetest is what every gate.Store has to pass. A function that opens the same
// empty database again and again goes in; the test fails where a store does not do what
// gate.Store and gate.Tx promise.
package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pressroom/internal/gate"
)

// Run runs the suite. For every part of it fresh is called once, and makes an empty
// database; the function that it returns opens that database, each time as another
// instance of the gate would, and closes it when the test ends.
func Run(t *testing.T, fresh func(*testing.T) (open func(*testing.T) gate.Store)) {
	for _, part := range []struct {
		name string
		run  func(*testing.T, func(*testing.T) gate.Store)
	}{
		{"accounts", testAccounts},
		{"familiar", testFamiliar},
		{"flows", testFlows},
		{"sessions", testSessions},
		{"grants", testGrants},
		{"subscriptions", testSubscriptions},
		{"issues", testIssues},
		{"letters", testLetters},
		{"leases", testLeases},
		{"marks", testMarks},
		{"audit", testAudit},
		{"tombstones", testTombstones},
		{"fields", testFields},
		{"removal", testRemoval},
		{"transactions", testTransactions},
		{"limits", testLimits},
		{"time", testTime},
		{"guesses", testGuesses},
		{"once", testOnce},
		{"limits at once", testMarksAtOnce},
		{"audit at once", testAuditAtOnce},
		{"leases at once", testLeasesAtOnce},
		{"crossing", testCrossing},
		{"opens at once", testOpens},
		{"closed", testClosed},
	} {
		t.Run(part.name, func(t *testing.T) { part.run(t, fresh(t)) })
	}
}

var (
	ctx = context.Background()
	// noon has microseconds, and is the same in every zone.
	noon = time.Date(2026, 3, 4, 12, 0, 0, 123456000, time.UTC)
)

func after(d time.Duration) time.Time { return noon.Add(d) }

// update and view run f, and fail the test when it does.
func update(t *testing.T, s gate.Store, f func(gate.Tx) error) {
	t.Helper()
	if err := s.Update(ctx, f); err != nil {
		t.Fatal(err)
	}
}

func view(t *testing.T, s gate.Store, f func(gate.Tx) error) {
	t.Helper()
	if err := s.View(ctx, f); err != nil {
		t.Fatal(err)
	}
}

// all makes one error of those of several calls, so that a list of them reads well.
func all(errs ...error) error { return errors.Join(errs...) }

// same fails the test when two values differ.
func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s:\ngot  %s\nwant %s", what, show(got), show(want))
	}
}

func show(v any) string {
	s := fmt.Sprintf("%+v", v)
	if r := reflect.ValueOf(v); r.Kind() == reflect.Pointer && !r.IsNil() {
		s = fmt.Sprintf("%+v", r.Elem())
	} else if r.Kind() == reflect.Slice && r.Type().Elem().Kind() == reflect.Pointer {
		var parts []string
		for i := range r.Len() {
			parts = append(parts, show(r.Index(i).Interface()))
		}
		s = strings.Join(parts, "\n     ")
	}
	return s
}

// missing fails the test unless each error is ErrNotFound.
func missing(t *testing.T, what string, errs ...error) {
	t.Helper()
	for i, err := range errs {
		if !errors.Is(err, gate.ErrNotFound) {
			t.Errorf("%s: missing row %d: %v, want ErrNotFound", what, i+1, err)
		}
	}
}

// ids names what a list holds.
func ids[T any](list []*T, id func(*T) string) string {
	var names []string
	for _, v := range list {
		names = append(names, id(v))
	}
	return strings.Join(names, " ")
}

func account(id string, created time.Time) *gate.Account {
	return &gate.Account{ID: id, Email: id + "@Example.org", Key: id + "@example.org", Name: "Noé " + id, Organisation: "The Harbour Post",
		Language: "fr", Password: "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA", PasswordAt: created, Created: created}
}

func session(id, account string, created time.Time) *gate.Session {
	return &gate.Session{ID: []byte(id), Account: account, Created: created, Proved: created, Seen: created, Expires: created.Add(time.Hour),
		Agent: "Firefox on Linux", Network: "192.0.2.0/24"}
}

func letter(id string, created time.Time) *gate.Letter {
	return &gate.Letter{ID: id, Kind: "code", Key: "ada@example.org", Sealed: []byte{0, 1, 2, 255}, State: gate.LetterWaiting, Created: created, NotBefore: created}
}

func testAccounts(t *testing.T, open func(*testing.T) gate.Store) {
	s := open(t)
	ada, bob, eve := account("ada", after(time.Second)), account("bob", noon), account("eve", noon)
	update(t, s, func(tx gate.Tx) error {
		return all(tx.AddAccount(ada), tx.AddAccount(bob), tx.AddAccount(eve))
	})
	// ErrExists leaves the transaction as good as it was.
	update(t, s, func(tx gate.Tx) error {
		other := account("zoe", noon)
		other.Key = ada.Key
		if err := tx.AddAccount(other); !errors.Is(err, gate.ErrExists) {
			t.Errorf("a second account of an address: %v, want ErrExists", err)
		}
		if err := tx.AddAccount(account("bob", noon)); !errors.Is(err, gate.ErrExists) {
			t.Errorf("a second account of an id: %v, want ErrExists", err)
		}
		_, err := tx.Account("zoe")
		missing(t, "an account that was not added", err)
		eve.Blocked, eve.Name = after(time.Minute), "Eve's new name"
		return tx.PutAccount(eve)
	})
	err := s.Update(ctx, func(tx gate.Tx) error {
		thief := *eve
		thief.Key = ada.Key
		return tx.PutAccount(&thief)
	})
	if !errors.Is(err, gate.ErrExists) || errors.Is(err, gate.ErrStore) {
		t.Errorf("an account gets the address of another: %v, want ErrExists", err)
	}
	read := func(tx gate.Tx) error {
		for _, want := range []*gate.Account{ada, bob, eve} {
			got, err := tx.Account(want.ID)
			byKey, err2 := tx.AccountByKey(want.Key)
			if err := all(err, err2); err != nil {
				return err
			}
			same(t, "by id", got, want)
			same(t, "by key", byKey, want)
		}
		_, err := tx.Account("nobody")
		_, err2 := tx.AccountByKey("ADA@example.org") // keys are compared as they are
		missing(t, "accounts", err, err2)

		name := func(a *gate.Account) string { return a.ID }
		for _, page := range []struct {
			after string
			limit int
			want  string
		}{
			{"", 0, "bob eve ada"}, {"", 2, "bob eve"}, {"bob", 1, "eve"}, {"eve", 5, "ada"}, {"ada", 5, ""},
		} {
			list, err := tx.Accounts(page.after, page.limit)
			if err != nil {
				return err
			}
			same(t, fmt.Sprintf("%d accounts after %q", page.limit, page.after), ids(list, name), page.want)
		}
		_, err = tx.Accounts("nobody", 1)
		missing(t, "a list after nobody", err)
		return nil
	}
	update(t, s, read)
	view(t, s, read)
	view(t, open(t), read) // another instance

	counts := gate.Counts{}
	view(t, s, func(tx gate.Tx) (err error) { counts, err = tx.Count(); return err })
	same(t, "counts", counts, gate.Counts{Accounts: 3})
}

func testFamiliar(t *testing.T, open func(*testing.T) gate.Store) {
	s := open(t)
	update(t, s, func(tx gate.Tx) error {
		return all(tx.AddAccount(account("ada", noon)), tx.AddAccount(account("bob", noon)),
			tx.PutFamiliar("ada", []byte{1}, noon), tx.PutFamiliar("ada", []byte{2}, noon), tx.PutFamiliar("ada", []byte{1}, after(time.Hour)))
	})
	err := s.Update(ctx, func(tx gate.Tx) error { return tx.PutFamiliar("nobody", []byte{1}, noon) })
	missing(t, "a network of nobody", err)
	update(t, s, func(tx gate.Tx) error {
		at, err := tx.Familiar("ada", []byte{1})
		same(t, "the later time", at, after(time.Hour))
		_, err2 := tx.Familiar("bob", []byte{1})
		_, err3 := tx.Familiar("ada", []byte{3})
		missing(t, "networks", err2, err3)
		list, err4 := tx.Familiars("ada")
		same(t, "all of one account", list, []time.Time{after(time.Hour), noon})
		none, err5 := tx.Familiars("bob")
		same(t, "none", len(none), 0)
		return all(err, err4, err5, tx.PurgeFamiliar(after(time.Microsecond)))
	})
	view(t, s, func(tx gate.Tx) error {
		_, err := tx.Familiar("ada", []byte{1})
		_, err2 := tx.Familiar("ada", []byte{2})
		missing(t, "a network that was purged", err2)
		return err
	})
}

func testFlows(t *testing.T, open func(*testing.T) gate.Store) {
	s := open(t)
	flow := func(id string, kind gate.FlowKind, key string, expires time.Time) *gate.Flow {
		return &gate.Flow{ID: []byte(id), Kind: kind, Key: key, Email: key, Expires: expires, Created: noon}
	}
	one := flow("1", gate.FlowRegister, "a", after(time.Hour))
	update(t, s, func(tx gate.Tx) error {
		return all(tx.PutFlow(one), tx.PutFlow(flow("2", gate.FlowReset, "a", after(2*time.Hour))),
			tx.PutFlow(flow("3", gate.FlowReset, "b", after(3*time.Hour))), tx.PutFlow(flow("4", gate.FlowReset, "a", after(3*time.Hour))))
	})
	left := func() (names string) {
		view(t, s, func(tx gate.Tx) error {
			for _, id := range []string{"1", "2", "3", "4"} {
				got, err := tx.Flow([]byte(id))
				if errors.Is(err, gate.ErrNotFound) {
					continue
				} else if err != nil {
					return err
				}
				names += string(got.ID)
			}
			return nil
		})
		return names
	}
	same(t, "flows", left(), "1234")
	one.Guesses, one.Used = 3, after(time.Minute)
	update(t, s, func(tx gate.Tx) error { return tx.PutFlow(one) })
	view(t, s, func(tx gate.Tx) error {
		got, err := tx.Flow(one.ID)
		same(t, "replaced", got, one)
		_, err2 := tx.Flow(nil)
		missing(t, "a flow without an id", err2)
		list, err3 := tx.FlowsOf("a")
		names := ""
		for _, f := range list {
			names += string(f.ID)
		}
		same(t, "flows of an address", names, "124")
		return all(err, err3)
	})
	update(t, s, func(tx gate.Tx) error { return tx.PurgeFlows(after(time.Hour - time.Microsecond)) })
	same(t, "none is due", left(), "1234")
	update(t, s, func(tx gate.Tx) error { return tx.PurgeFlows(after(time.Hour)) })
	same(t, "after a purge", left(), "234")
	update(t, s, func(tx gate.Tx) error { return tx.RemoveFlowsOf("a", gate.FlowRegister) })
	same(t, "of another kind", left(), "234")
	update(t, s, func(tx gate.Tx) error { return tx.RemoveFlowsOf("a", gate.FlowReset) })
	same(t, "of an address", left(), "3")
	update(t, s, func(tx gate.Tx) error { return all(tx.RemoveFlow([]byte("3")), tx.RemoveFlow([]byte("3"))) })
	same(t, "after removal", left(), "")
}

func testSessions(t *testing.T, open func(*testing.T) gate.Store) {
	s := open(t)
	ada := account("ada", noon)
	name := func(s *gate.Session) string { return string(s.ID) }
	var made []*gate.Session
	update(t, s, func(tx gate.Tx) error {
		made = nil
		for i, id := range []string{"s0", "s1", "s2", "s3"} {
			made = append(made, session(id, "ada", after(time.Duration(i)*time.Minute)))
		}
		err := all(tx.AddAccount(ada), tx.AddAccount(account("bob", noon)), tx.PutSession(session("b", "bob", noon)))
		for _, v := range made {
			err = all(err, tx.PutSession(v))
		}
		return err
	})
	missing(t, "a session of nobody", s.Update(ctx, func(tx gate.Tx) error { return tx.PutSession(session("n", "nobody", noon)) }))

	got, who, now, err := s.SignedIn(ctx, []byte("s2"))
	if err != nil {
		t.Fatal(err)
	}
	same(t, "signed in", got, made[2])
	same(t, "whose session", who, ada)
	if d := time.Since(now).Abs(); d > time.Minute || now.Location() != time.UTC {
		t.Errorf("the database's time is %v, %v from here", now, d)
	}
	for _, id := range [][]byte{[]byte("none"), {}, nil} {
		if s, a, _, err := s.SignedIn(ctx, id); s != nil || a != nil || !errors.Is(err, gate.ErrNotFound) {
			t.Errorf("signed in by %q: %v %v, %v, want ErrNotFound", id, s, a, err)
		}
	}

	list := func(account string) (names string) {
		view(t, s, func(tx gate.Tx) error {
			list, err := tx.Sessions(account)
			names = ids(list, name)
			return err
		})
		return names
	}
	same(t, "newest first", list("ada"), "s3 s2 s1 s0")
	made[0].Seen = after(time.Hour)
	update(t, s, func(tx gate.Tx) error { return tx.PutSession(made[0]) })
	view(t, s, func(tx gate.Tx) error {
		got, err := tx.Session(made[0].ID)
		same(t, "replaced", got, made[0])
		_, err2 := tx.Session([]byte("none"))
		missing(t, "a session", err2)
		return err
	})
	update(t, s, func(tx gate.Tx) error { return all(tx.RemoveSession([]byte("s3")), tx.RemoveSession([]byte("s3"))) })
	same(t, "one removed", list("ada"), "s2 s1 s0")
	if _, _, _, err := s.SignedIn(ctx, []byte("s3")); !errors.Is(err, gate.ErrNotFound) {
		t.Errorf("signed in by a session that was removed: %v", err)
	}
	// s0 was seen but is past its end at an hour; s1 was not seen.
	update(t, s, func(tx gate.Tx) error {
		return tx.PurgeSessions(after(time.Minute), after(time.Hour-time.Microsecond))
	})
	same(t, "nothing to purge but of bob", list("ada")+list("bob"), "s2 s1 s0")
	update(t, s, func(tx gate.Tx) error { return tx.PurgeSessions(after(time.Minute+time.Microsecond), after(time.Hour)) })
	same(t, "purged", list("ada"), "s2")
	update(t, s, func(tx gate.Tx) error {
		return all(tx.PutSession(made[0]), tx.PutSession(made[1]), tx.PutSession(session("b", "bob", noon)), tx.RemoveSessionsOf("ada", []byte("s1")))
	})
	same(t, "all but one", list("ada"), "s1")
	update(t, s, func(tx gate.Tx) error { return tx.RemoveSessionsOf("ada", nil) })
	same(t, "all", list("ada"), "")
	same(t, "of others", list("bob"), "b")
}

func testGrants(t *testing.T, open func(*testing.T) gate.Store) {
	s := open(t)
	ada := account("ada", noon)
	grant := func(id, account, download string, minutes int, size int64) *gate.Grant {
		return &gate.Grant{ID: id, Account: account, Download: download, Title: "Crane at dawn", Bytes: size, At: after(time.Duration(minutes) * time.Minute)}
	}
	const big = int64(1) << 40
	update(t, s, func(tx gate.Tx) error {
		return all(tx.AddAccount(ada),
			tx.AddGrant(grant("g1", "ada", "crane/1080", 0, big)), tx.AddGrant(grant("g2", "ada", "quay/720", 1, big+1)),
			tx.AddGrant(grant("g3", "ada", "crane/1080", 2, 1)), tx.AddGrant(grant("g4", "gone", "crane/1080", 2, 5)))
	})
	update(t, s, func(tx gate.Tx) error {
		if err := tx.AddGrant(grant("g1", "ada", "x/y", 9, 9)); !errors.Is(err, gate.ErrExists) {
			t.Errorf("a grant again: %v, want ErrExists", err)
		}
		return nil
	})
	view(t, s, func(tx gate.Tx) error {
		list, err := tx.Grants("ada", 2)
		same(t, "newest first", list, []*gate.Grant{grant("g3", "ada", "crane/1080", 2, 1), grant("g2", "ada", "quay/720", 1, big+1)})
		whole, err2 := tx.Grants("ada", 0)
		same(t, "all grants", len(whole), 3)
		n, err3 := tx.GrantedBytes("ada", noon)
		same(t, "bytes, each download once", n, 2*big+1)
		n, err4 := tx.GrantedBytes("ada", after(time.Microsecond))
		same(t, "bytes since", n, big+2)
		n, err5 := tx.GrantedBytes("nobody", noon)
		same(t, "bytes of nobody", n, int64(0))

		name := func(g *gate.Taken) string {
			if g.By == nil {
				return g.ID + ":-"
			}
			same(t, "taken by", g.By, ada)
			return g.ID + ":" + g.By.ID
		}
		for _, c := range []struct {
			from, until time.Time
			download    string
			want        string
		}{
			{noon, after(time.Hour), "", "g1:ada g2:ada g3:ada g4:-"},
			{noon, after(time.Hour), "crane/1080", "g1:ada g3:ada g4:-"},
			{after(time.Microsecond), after(2 * time.Minute), "", "g2:ada"},
			{noon, after(time.Microsecond), "", "g1:ada"},
			{noon, noon, "", ""},
			{noon, after(time.Hour), "crane/1080' OR '1'='1", ""},
		} {
			list, err := tx.GrantsBetween(c.from, c.until, c.download)
			if err != nil {
				return err
			}
			same(t, fmt.Sprintf("from %v until %v of %q", c.from, c.until, c.download), ids(list, name), c.want)
		}
		return all(err, err2, err3, err4, err5)
	})
}

func testSubscriptions(t *testing.T, open func(*testing.T) gate.Store) {
	s := open(t)
	subscription := func(id, key string, topics ...string) *gate.Subscription {
		return &gate.Subscription{ID: id, Email: key, Key: key, Language: "en", Topics: topics, Created: noon}
	}
	one := subscription("B", "b@example.org", "quay", `with "quotes", and commas`, "été")
	update(t, s, func(tx gate.Tx) error {
		return all(tx.PutSubscription(one), tx.PutSubscription(subscription("a", "a@example.org")), tx.PutSubscription(subscription("_", "c@example.org")))
	})
	err := s.Update(ctx, func(tx gate.Tx) error { return tx.PutSubscription(subscription("z", one.Key)) })
	if !errors.Is(err, gate.ErrExists) {
		t.Errorf("an address twice: %v, want ErrExists", err)
	}
	view(t, s, func(tx gate.Tx) error {
		got, err := tx.Subscription("B")
		same(t, "by id", got, one)
		byKey, err2 := tx.SubscriptionByKey(one.Key)
		same(t, "by key", byKey, one)
		plain, err3 := tx.Subscription("a")
		same(t, "without topics", plain, subscription("a", "a@example.org"))
		_, err4 := tx.Subscription("z")
		_, err5 := tx.SubscriptionByKey("z")
		missing(t, "subscriptions", err4, err5)
		name := func(s *gate.Subscription) string { return s.ID }
		whole, err6 := tx.Subscriptions("", 0)
		same(t, "by id, byte for byte", ids(whole, name), "B _ a")
		page, err7 := tx.Subscriptions("B", 1)
		same(t, "a page", ids(page, name), "_")
		return all(err, err2, err3, err6, err7)
	})
	update(t, s, func(tx gate.Tx) error {
		one.Topics, one.Language = nil, "fr"
		return all(tx.PutSubscription(one), tx.RemoveSubscription("a"), tx.RemoveSubscription("a"))
	})
	view(t, s, func(tx gate.Tx) error {
		got, err := tx.Subscription("B")
		same(t, "replaced", got, one)
		_, err2 := tx.Subscription("a")
		missing(t, "removed", err2)
		return err
	})
}

func testIssues(t *testing.T, open func(*testing.T) gate.Store) {
	s := open(t)
	one := &gate.Issue{ID: "1", Content: []byte(`{"en":"x"}`), From: noon, Until: after(time.Hour), Created: after(time.Hour)}
	update(t, s, func(tx gate.Tx) error {
		return all(tx.PutIssue(one), tx.PutIssue(&gate.Issue{ID: "2", Created: after(2 * time.Hour)}), tx.PutIssue(&gate.Issue{ID: "0", Created: noon}))
	})
	update(t, s, func(tx gate.Tx) error {
		got, err := tx.Issue("1")
		same(t, "an issue", got, one)
		one.Cursor, one.Queued, one.Done = "sub", 1200, after(3*time.Hour)
		return all(err, tx.PutIssue(one))
	})
	view(t, s, func(tx gate.Tx) error {
		got, err := tx.Issue("1")
		same(t, "replaced", got, one)
		_, err2 := tx.Issue("9")
		missing(t, "an issue", err2)
		list, err3 := tx.Issues(2)
		same(t, "newest first", ids(list, func(i *gate.Issue) string { return i.ID }), "2 1")
		return all(err, err3)
	})
}

func testLetters(t *testing.T, open func(*testing.T) gate.Store) {
	s := open(t)
	name := func(l *gate.Letter) string { return l.ID }
	var now time.Time
	update(t, s, func(tx gate.Tx) error {
		now = tx.Now()
		news, coded, sent, other := letter("news", after(1)), letter("coded", noon), letter("sent", noon), letter("other", noon)
		news.Issue, news.Bulk = "i1", true
		coded.Flow, coded.Generation = []byte("f"), 2
		sent.Flow, sent.State, sent.Done, sent.Issue = []byte("f"), gate.LetterSent, noon, "i1"
		other.Key = "bob@example.org"
		return all(tx.AddLetter(news), tx.AddLetter(coded), tx.AddLetter(sent), tx.AddLetter(other))
	})
	update(t, s, func(tx gate.Tx) error {
		if err := tx.AddLetter(letter("news", noon)); !errors.Is(err, gate.ErrExists) {
			t.Errorf("a letter again: %v, want ErrExists", err)
		}
		_, err := tx.Letter("none")
		missing(t, "a letter", err)
		if w, err := tx.WaitingLetters(1); err != nil || len(w) != 1 || w[0].State != gate.LetterWaiting {
			t.Errorf("waiting: %v, %v", w, err)
		}
		list, err2 := tx.LettersOf("ada@example.org")
		same(t, "what waits for an address", ids(list, name), "coded news")
		counts, err3 := tx.CountLetters("")
		same(t, "counts", counts, map[gate.LetterState]int{gate.LetterWaiting: 3, gate.LetterSent: 1})
		counts, err4 := tx.CountLetters("i1")
		same(t, "counts of an issue", counts, map[gate.LetterState]int{gate.LetterWaiting: 1, gate.LetterSent: 1})
		return all(err2, err3, err4)
	})
	update(t, s, func(tx gate.Tx) error {
		return all(tx.DropLetters([]byte("f")), tx.DropLetters(nil), tx.DropLetters([]byte{}))
	})
	update(t, s, func(tx gate.Tx) error {
		coded, err := tx.Letter("coded")
		sent, err2 := tx.Letter("sent")
		if err := all(err, err2); err != nil {
			return err
		}
		if coded.State != gate.LetterDropped || len(coded.Sealed) != 0 || coded.Done.Before(now) {
			t.Errorf("dropped: %+v", coded)
		}
		if sent.State != gate.LetterSent || !sent.Done.Equal(noon) {
			t.Errorf("a letter that was sent is dropped: %+v", sent)
		}
		counts, err := tx.CountLetters("")
		same(t, "counts after that", counts, map[gate.LetterState]int{gate.LetterWaiting: 2, gate.LetterSent: 1, gate.LetterDropped: 1})
		return all(err, tx.PurgeLetters(noon))
	})
	left := func() (names []string) {
		view(t, s, func(tx gate.Tx) error {
			for _, id := range []string{"news", "coded", "sent", "other"} {
				if _, err := tx.Letter(id); err == nil {
					names = append(names, id)
				} else if !errors.Is(err, gate.ErrNotFound) {
					return err
				}
			}
			return nil
		})
		return names
	}
	same(t, "nothing to purge", left(), []string{"news", "coded", "sent", "other"})
	update(t, s, func(tx gate.Tx) error { return tx.PurgeLetters(after(time.Microsecond)) })
	same(t, "purged", left(), []string{"news", "coded", "other"})
	update(t, s, func(tx gate.Tx) error { return tx.RemoveLettersOf("ada@example.org") })
	same(t, "removed, the dropped one too", left(), []string{"other"})
}

func testLeases(t *testing.T, open func(*testing.T) gate.Store) {
	s := open(t)
	name := func(l *gate.Letter) string { return l.ID }
	lease := func(limit int, holder string, until time.Duration) (list []*gate.Letter) {
		update(t, s, func(tx gate.Tx) (err error) {
			list, err = tx.LeaseLetters(limit, holder, tx.Now().Add(until))
			for _, l := range list {
				if l.Lease != holder || !l.LeaseUntil.Equal(tx.Now().Add(until)) {
					t.Errorf("leased to %q until %v", l.Lease, l.LeaseUntil)
				}
			}
			return err
		})
		return list
	}
	var now time.Time
	update(t, s, func(tx gate.Tx) error {
		now = tx.Now()
		bulk, second, first, later, sent := letter("bulk", noon), letter("second", after(time.Second)), letter("first", noon), letter("later", noon), letter("sent", noon)
		bulk.Bulk = true
		later.NotBefore = now.Add(time.Hour)
		sent.State = gate.LetterSent
		return all(tx.AddLetter(bulk), tx.AddLetter(second), tx.AddLetter(first), tx.AddLetter(later), tx.AddLetter(sent))
	})
	got := lease(2, "me", time.Hour)
	same(t, "the urgent first", ids(got, name), "first second")
	same(t, "then the bulk", ids(lease(9, "you", -time.Second), name), "bulk")
	same(t, "one whose lease is over", ids(lease(9, "me", time.Hour), name), "bulk")
	same(t, "nothing", ids(lease(9, "me", time.Hour), name), "")
	update(t, s, func(tx gate.Tx) error {
		l := got[0]
		l.Attempts, l.Lease, l.LeaseUntil, l.Problem, l.NotBefore = 1, "", time.Time{}, "451 later", tx.Now()
		return tx.PutLetter(l)
	})
	same(t, "one that was put back", ids(lease(9, "you", time.Hour), name), "first")
}

func testMarks(t *testing.T, open func(*testing.T) gate.Store) {
	s := open(t)
	times := []time.Time{after(-time.Hour), noon, after(time.Microsecond)}
	update(t, s, func(tx gate.Tx) error {
		got, err := tx.Marks("b", "a", "b")
		same(t, "no marks", got, map[string][]time.Time{"a": nil, "b": nil})
		none, err2 := tx.Marks()
		same(t, "no keys", len(none), 0)
		return all(err, err2, tx.SetMarks("a", times), tx.SetMarks("old", times[:1]))
	})
	read := func(tx gate.Tx) error {
		got, err := tx.Marks("a", "b", "it's")
		same(t, "marks", got, map[string][]time.Time{"a": times, "b": nil, "it's": nil})
		return err
	}
	view(t, s, read)
	update(t, s, read)
	update(t, s, func(tx gate.Tx) error { return tx.PurgeMarks(noon) })
	view(t, s, func(tx gate.Tx) error {
		got, err := tx.Marks("a", "old")
		same(t, "purged", got, map[string][]time.Time{"a": times, "old": nil})
		return err
	})
	update(t, s, func(tx gate.Tx) error { return tx.SetMarks("a", nil) })
	view(t, s, func(tx gate.Tx) error {
		got, err := tx.Marks("a")
		same(t, "unset", got, map[string][]time.Time{"a": nil})
		return err
	})
}

func testAudit(t *testing.T, open func(*testing.T) gate.Store) {
	s := open(t)
	event := func(seq int64, account string) *gate.Event {
		return &gate.Event{Seq: seq, At: after(time.Duration(seq)), What: "login", Result: "ok", Account: account, Subject: "s", Network: "n", Request: "r",
			Before: []byte{byte(seq - 1)}, Hash: []byte{byte(seq)}}
	}
	update(t, s, func(tx gate.Tx) error {
		seq, hash, err := tx.AuditHead()
		if seq != 0 || len(hash) != 0 {
			t.Errorf("an empty chain ends with %d %x", seq, hash)
		}
		first := event(1, "ada")
		first.At = noon
		return all(err, tx.AddAudit(first))
	})
	for seq := int64(2); seq <= 4; seq++ {
		update(t, s, func(tx gate.Tx) error {
			at, hash, err := tx.AuditHead()
			if at != seq-1 || !bytes.Equal(hash, []byte{byte(seq - 1)}) {
				t.Errorf("the chain ends with %d %x", at, hash)
			}
			e := event(seq, map[bool]string{true: "ada", false: "bob"}[seq == 4])
			e.At = noon
			return all(err, tx.AddAudit(e))
		})
	}
	for _, seq := range []int64{4, 6} {
		if err := s.Update(ctx, func(tx gate.Tx) error { return tx.AddAudit(event(seq, "")) }); !errors.Is(err, gate.ErrExists) {
			t.Errorf("line %d after line 4: %v, want ErrExists", seq, err)
		}
	}
	seq := func(e *gate.Event) string { return fmt.Sprint(e.Seq) }
	view(t, s, func(tx gate.Tx) error {
		page, err := tx.Audit(1, 2)
		same(t, "by sequence", ids(page, seq), "2 3")
		want := event(2, "bob")
		want.At = noon
		same(t, "a line", page[0], want)
		mine, err2 := tx.AuditOf("ada", 5)
		same(t, "of an account", ids(mine, seq), "4 1")
		last, err3 := tx.AuditOf("ada", 1)
		same(t, "the last", ids(last, seq), "4")
		return all(err, err2, err3)
	})
}

func testTombstones(t *testing.T, open func(*testing.T) gate.Store) {
	s := open(t)
	update(t, s, func(tx gate.Tx) error {
		_, err := tx.Tombstone([]byte("k"))
		missing(t, "a tombstone", err)
		return all(tx.PutTombstone([]byte("k"), noon), tx.PutTombstone([]byte("k"), after(time.Second)))
	})
	view(t, s, func(tx gate.Tx) error {
		at, err := tx.Tombstone([]byte("k"))
		same(t, "a tombstone", at, after(time.Second))
		return err
	})
}

// Every field of every row comes back, the first time and when it is replaced: a field
// that is added to a row is not forgotten here.
func testFields(t *testing.T, open func(*testing.T) gate.Store) {
	s := open(t)
	update(t, s, func(tx gate.Tx) error { return tx.AddAccount(account("owner", noon)) })
	for round := range 2 {
		a, f, v := filled[gate.Account](round), filled[gate.Flow](round), filled[gate.Session](round)
		u, i, l, g := filled[gate.Subscription](round), filled[gate.Issue](round), filled[gate.Letter](round), filled[gate.Grant](round)
		v.Account = "owner"
		e := filled[gate.Event](round)
		e.Seq = int64(round) + 1
		update(t, s, func(tx gate.Tx) error {
			return all(tx.PutAccount(a), tx.PutFlow(f), tx.PutSession(v), tx.PutSubscription(u), tx.PutIssue(i), tx.PutLetter(l), tx.AddAudit(e))
		})
		g.ID = fmt.Sprint(g.ID, round)
		update(t, s, func(tx gate.Tx) error { return tx.AddGrant(g) })
		view(t, s, func(tx gate.Tx) error {
			a2, err1 := tx.Account(a.ID)
			same(t, "account", a2, a)
			f2, err2 := tx.Flow(f.ID)
			same(t, "flow", f2, f)
			v2, err3 := tx.Session(v.ID)
			same(t, "session", v2, v)
			u2, err4 := tx.Subscription(u.ID)
			same(t, "subscription", u2, u)
			i2, err5 := tx.Issue(i.ID)
			same(t, "issue", i2, i)
			l2, err6 := tx.Letter(l.ID)
			same(t, "letter", l2, l)
			g2, err7 := tx.Grants(g.Account, 1)
			same(t, "grant", g2, []*gate.Grant{g})
			e2, err8 := tx.Audit(e.Seq-1, 1)
			same(t, "event", e2, []*gate.Event{e})
			return all(err1, err2, err3, err4, err5, err6, err7, err8)
		})
	}
}

// filled is a T whose every field has a value that is its own, and another in every round;
// an id is the same in all.
func filled[T any](round int) *T {
	v := new(T)
	for i := range reflect.TypeFor[T]().NumField() {
		field := reflect.ValueOf(v).Elem().Field(i)
		text := fmt.Sprintf("%s, it's \"%d\" é", reflect.TypeFor[T]().Field(i).Name, round)
		if i == 0 {
			text = "the id"
		}
		switch field.Addr().Interface().(type) {
		case *time.Time:
			field.Set(reflect.ValueOf(after(time.Duration(i+100*round) * 17 * time.Microsecond)))
		case *[]byte:
			field.SetBytes(append([]byte(text), 0, 255))
		case *[]string:
			field.Set(reflect.ValueOf([]string{text, "2"}))
		case *int, *int64:
			field.SetInt(int64(i + 100*round))
		case *bool:
			field.SetBool(round == 0)
		default:
			field.SetString(text)
		}
	}
	return v
}

func testRemoval(t *testing.T, open func(*testing.T) gate.Store) {
	s := open(t)
	update(t, s, func(tx gate.Tx) error {
		return all(tx.AddAccount(account("ada", noon)), tx.AddAccount(account("bob", noon)),
			tx.PutSession(session("a", "ada", noon)), tx.PutSession(session("b", "bob", noon)),
			tx.PutFamiliar("ada", []byte{1}, noon), tx.PutFamiliar("bob", []byte{1}, noon),
			tx.AddGrant(&gate.Grant{ID: "g", Account: "ada", Download: "d", At: noon}),
			tx.AddAudit(&gate.Event{Seq: 1, At: noon, What: "grant", Account: "ada"}))
	})
	update(t, s, func(tx gate.Tx) error { return all(tx.RemoveAccount("ada"), tx.RemoveAccount("ada")) })
	if _, _, _, err := s.SignedIn(ctx, []byte("a")); !errors.Is(err, gate.ErrNotFound) {
		t.Errorf("signed in without an account: %v", err)
	}
	view(t, s, func(tx gate.Tx) error {
		_, err := tx.Account("ada")
		_, err2 := tx.Session([]byte("a"))
		_, err3 := tx.Familiar("ada", []byte{1})
		missing(t, "of ada", err, err2, err3)
		_, err4 := tx.Session([]byte("b"))
		_, err5 := tx.Familiar("bob", []byte{1})
		grants, err6 := tx.GrantsBetween(noon, after(1000), "")
		if len(grants) != 1 || grants[0].By != nil {
			t.Errorf("grants of who is gone: %v", grants)
		}
		lines, err7 := tx.AuditOf("ada", 0)
		same(t, "lines of who is gone", len(lines), 1)
		n, err8 := tx.Count()
		same(t, "counts", n, gate.Counts{Accounts: 1, Sessions: 1})
		return all(err4, err5, err6, err7, err8)
	})
}

func testTransactions(t *testing.T, open func(*testing.T) gate.Store) {
	s, other := open(t), open(t)
	there := func(id string) bool {
		t.Helper()
		found := false
		view(t, other, func(tx gate.Tx) error {
			_, err := tx.Account(id)
			found = err == nil
			if errors.Is(err, gate.ErrNotFound) {
				return nil
			}
			return err
		})
		return found
	}
	// f's error is returned as it is, and nothing happened.
	refusal := errors.New("no")
	err := s.Update(ctx, func(tx gate.Tx) error {
		return all(tx.AddAccount(account("x", noon)), nil, refusal)
	})
	if !errors.Is(err, refusal) || errors.Is(err, gate.ErrStore) || there("x") {
		t.Errorf("after a refusal: %v, there %v", err, there("x"))
	}
	if err := s.Update(ctx, func(gate.Tx) error { return refusal }); err != refusal {
		t.Errorf("the error is %v", err)
	}
	if err := s.View(ctx, func(gate.Tx) error { return refusal }); err != refusal {
		t.Errorf("the error of a view is %v", err)
	}
	// A panic too leaves nothing, and the store as good as it was.
	for range 20 {
		for _, run := range []func(context.Context, func(gate.Tx) error) error{s.Update, s.View} {
			func() {
				defer func() {
					if recover() == nil {
						t.Error("the panic is lost")
					}
				}()
				_ = run(ctx, func(tx gate.Tx) error {
					if _, err := tx.Account("x"); err == nil {
						t.Error("a panic was committed")
					}
					panic("oh")
				})
			}()
		}
	}
	// An error of the database that f keeps to itself is not committed.
	err = s.Update(ctx, func(tx gate.Tx) error {
		err := tx.AddAccount(account("y", noon))
		_ = tx.PutSession(session("s", "nobody", noon))
		return err
	})
	missing(t, "an error that was kept", err)
	if there("y") {
		t.Error("half a transaction is there")
	}
	// Who goes away gets the context's error, not the database's.
	gone, cancel := context.WithCancel(ctx)
	err = s.Update(gone, func(tx gate.Tx) error {
		err := tx.AddAccount(account("z", noon))
		cancel()
		return err
	})
	if !errors.Is(err, context.Canceled) || errors.Is(err, gate.ErrStore) || there("z") {
		t.Errorf("cancelled: %v, there %v", err, there("z"))
	}
	for _, run := range []func(context.Context, func(gate.Tx) error) error{s.Update, s.View} {
		if err := run(gone, func(gate.Tx) error { return nil }); !errors.Is(err, context.Canceled) || errors.Is(err, gate.ErrStore) {
			t.Errorf("cancelled before: %v", err)
		}
	}
	// A view sees one moment and cannot write.
	update(t, s, func(tx gate.Tx) error { return tx.AddAccount(account("p", noon)) })
	view(t, s, func(tx gate.Tx) error {
		_, err := tx.Account("p")
		_, err2 := tx.Account("q")
		missing(t, "before", err2)
		update(t, other, func(tx gate.Tx) error { return tx.AddAccount(account("q", noon)) })
		_, err3 := tx.Account("q")
		missing(t, "of the same moment", err3)
		return err
	})
	if err := s.View(ctx, func(tx gate.Tx) error { return tx.RemoveAccount("p") }); err == nil || !there("p") {
		t.Errorf("a view writes: %v", err)
	}
	if err := all(s.Ping(ctx), other.Ping(ctx)); err != nil {
		t.Error(err)
	}
}

// A transaction that somebody else holds up is given up when the caller goes away.
func testLimits(t *testing.T, open func(*testing.T) gate.Store) {
	s, other := open(t), open(t)
	update(t, s, func(tx gate.Tx) error { return tx.AddAccount(account("ada", noon)) })
	update(t, s, func(tx gate.Tx) error {
		if _, err := tx.Account("ada"); err != nil {
			return err
		}
		for _, instance := range []gate.Store{s, other} {
			soon, cancel := context.WithCancel(ctx)
			begun := make(chan error, 1)
			go func() {
				begun <- instance.Update(soon, func(tx gate.Tx) error {
					_, err := tx.Account("ada")
					return err
				})
			}()
			cancel()
			if err := <-begun; !errors.Is(err, context.Canceled) || errors.Is(err, gate.ErrStore) {
				t.Errorf("waiting for a row: %v", err)
			}
			// Reading waits for nobody.
			view(t, instance, func(tx gate.Tx) error {
				_, err := tx.Account("ada")
				return err
			})
		}
		return nil
	})
}

func testTime(t *testing.T, open func(*testing.T) gate.Store) {
	s := open(t)
	var last time.Time
	for range 3 {
		update(t, s, func(tx gate.Tx) error {
			now := tx.Now()
			if !now.Equal(now.Truncate(time.Microsecond)) || now.Location() != time.UTC || now.Before(last) || tx.Now() != now {
				t.Errorf("now is %v, after %v", now, last)
			}
			last = now
			return nil
		})
	}
	paris := time.FixedZone("", 3600)
	a := account("a", noon.In(paris))
	a.PasswordAt = time.Date(1931, 2, 3, 4, 5, 6, 7000, paris)
	a.Blocked = time.Date(2026, 1, 1, 0, 0, 0, 1999, time.UTC) // finer than a microsecond
	update(t, s, func(tx gate.Tx) error { return tx.AddAccount(a) })
	view(t, s, func(tx gate.Tx) error {
		got, err := tx.Account("a")
		if err != nil {
			return err
		}
		same(t, "in UTC", got.Created, noon)
		same(t, "before 1970", got.PasswordAt, a.PasswordAt.UTC())
		same(t, "cut", got.Blocked, time.Date(2026, 1, 1, 0, 0, 0, 1000, time.UTC))
		return nil
	})
}

// atOnce runs f many times at the same moment, spread over two instances.
func atOnce(t *testing.T, open func(*testing.T) gate.Store, n int, f func(s gate.Store, i int) error) gate.Store {
	t.Helper()
	instances := []gate.Store{open(t), open(t)}
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			<-start
			if err := f(instances[i%2], i); err != nil {
				t.Error(err)
			}
		})
	}
	close(start)
	wg.Wait()
	return instances[0]
}

// What is decided on a row that was read stays true until it is written.
func testGuesses(t *testing.T, open func(*testing.T) gate.Store) {
	first := open(t)
	update(t, first, func(tx gate.Tx) error {
		return all(tx.PutFlow(&gate.Flow{ID: []byte("f")}), tx.AddAccount(account("ada", noon)), tx.PutSession(session("s", "ada", noon)),
			tx.PutSubscription(&gate.Subscription{ID: "u", Key: "k"}), tx.PutIssue(&gate.Issue{ID: "i"}), tx.AddLetter(letter("l", noon)))
	})
	const n = 64
	var mu sync.Mutex
	admitted := 0
	s := atOnce(t, open, n, func(s gate.Store, i int) error {
		free := false
		err := s.Update(ctx, func(tx gate.Tx) error {
			f, err := tx.Flow([]byte("f"))
			if err != nil {
				return err
			}
			free = f.Guesses < 5
			f.Guesses++
			return tx.PutFlow(f)
		})
		mu.Lock()
		defer mu.Unlock()
		if err == nil && free {
			admitted++
		}
		return err
	})
	same(t, "guesses that were compared", admitted, 5)
	view(t, s, func(tx gate.Tx) error {
		f, err := tx.Flow([]byte("f"))
		if err == nil {
			same(t, "guesses that were counted", f.Guesses, n)
		}
		return err
	})
	// The same for every other row that is read by its key.
	s = atOnce(t, open, 32, func(s gate.Store, i int) error {
		return s.Update(ctx, func(tx gate.Tx) error {
			var a *gate.Account
			var u *gate.Subscription
			var err, err2 error
			if i%4 < 2 {
				a, err = tx.Account("ada")
				u, err2 = tx.Subscription("u")
			} else {
				a, err = tx.AccountByKey("ada@example.org")
				u, err2 = tx.SubscriptionByKey("k")
			}
			v, err3 := tx.Session([]byte("s"))
			issue, err4 := tx.Issue("i")
			l, err5 := tx.Letter("l")
			if err := all(err, err2, err3, err4, err5); err != nil {
				return err
			}
			a.Name += "+"
			u.Language += "+"
			v.Agent += "+"
			issue.Queued++
			l.Attempts++
			return all(tx.PutAccount(a), tx.PutSubscription(u), tx.PutSession(v), tx.PutIssue(issue), tx.PutLetter(l))
		})
	})
	view(t, s, func(tx gate.Tx) error {
		a, err := tx.Account("ada")
		u, err2 := tx.Subscription("u")
		v, err3 := tx.Session([]byte("s"))
		issue, err4 := tx.Issue("i")
		l, err5 := tx.Letter("l")
		if err := all(err, err2, err3, err4, err5); err != nil {
			return err
		}
		for _, n := range []int{strings.Count(a.Name, "+"), len(u.Language), strings.Count(v.Agent, "+"), issue.Queued, l.Attempts} {
			same(t, "changes", n, 32)
		}
		return nil
	})
}

// Of many who want the same new row one gets it.
func testOnce(t *testing.T, open func(*testing.T) gate.Store) {
	open(t)
	var mu sync.Mutex
	made := 0
	s := atOnce(t, open, 32, func(s gate.Store, i int) error {
		err := s.Update(ctx, func(tx gate.Tx) error {
			a := account(fmt.Sprint(i), noon)
			a.Key = "ada@example.org"
			return all(tx.AddAccount(a), tx.PutSession(session(a.ID, a.ID, noon)))
		})
		if errors.Is(err, gate.ErrExists) && !errors.Is(err, gate.ErrStore) {
			return nil
		}
		mu.Lock()
		defer mu.Unlock()
		made++
		return err
	})
	same(t, "accounts that were made", made, 1)
	view(t, s, func(tx gate.Tx) error {
		n, err := tx.Count()
		same(t, "rows", n, gate.Counts{Accounts: 1, Sessions: 1})
		return err
	})
}

// Limits hold though nobody has a row yet, in whatever order the keys are asked for.
func testMarksAtOnce(t *testing.T, open func(*testing.T) gate.Store) {
	open(t)
	var mu sync.Mutex
	free := map[string]int{}
	s := atOnce(t, open, 64, func(s gate.Store, i int) error {
		keys := []string{"all", fmt.Sprintf("of %d", i%4), "day"}
		rand.Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
		var let []string
		err := s.Update(ctx, func(tx gate.Tx) error {
			let = nil
			marks, err := tx.Marks(keys...)
			if err != nil {
				return err
			}
			for _, key := range keys {
				if len(marks[key]) < 10 {
					let = append(let, key)
					err = all(err, tx.SetMarks(key, append(marks[key], tx.Now())))
				}
			}
			if i%8 == 0 { // a purge at the same time takes nothing away that is new
				err = all(err, tx.PurgeMarks(noon))
			}
			return err
		})
		mu.Lock()
		defer mu.Unlock()
		for _, key := range let {
			free[key]++
		}
		return err
	})
	same(t, "let through", free, map[string]int{"all": 10, "day": 10, "of 0": 10, "of 1": 10, "of 2": 10, "of 3": 10})
	view(t, s, func(tx gate.Tx) error {
		marks, err := tx.Marks("all", "day")
		same(t, "marks", []int{len(marks["all"]), len(marks["day"])}, []int{10, 10})
		return err
	})
}

func testAuditAtOnce(t *testing.T, open func(*testing.T) gate.Store) {
	open(t)
	s := atOnce(t, open, 64, func(s gate.Store, i int) error {
		return s.Update(ctx, func(tx gate.Tx) error {
			seq, hash, err := tx.AuditHead()
			if err != nil {
				return err
			}
			return tx.AddAudit(&gate.Event{Seq: seq + 1, At: tx.Now(), Before: hash, Hash: fmt.Appendf(nil, "%d after %s", i, hash)[:min(8, 3+i%2)]})
		})
	})
	view(t, s, func(tx gate.Tx) error {
		lines, err := tx.Audit(0, 0)
		same(t, "lines", len(lines), 64)
		var before []byte
		for i, e := range lines {
			if e.Seq != int64(i+1) || !bytes.Equal(e.Before, before) {
				t.Fatalf("line %d has number %d and follows %q, not %q", i+1, e.Seq, e.Before, before)
			}
			before = e.Hash
		}
		return err
	})
}

func testLeasesAtOnce(t *testing.T, open func(*testing.T) gate.Store) {
	const n = 200
	update(t, open(t), func(tx gate.Tx) error {
		var err error
		for i := range n {
			err = all(err, tx.AddLetter(letter(fmt.Sprintf("%03d", i), after(time.Duration(i)*time.Second))))
		}
		return err
	})
	var mu sync.Mutex
	holders := map[string][]string{}
	atOnce(t, open, 16, func(s gate.Store, i int) error {
		for {
			var list []*gate.Letter
			err := s.Update(ctx, func(tx gate.Tx) (err error) {
				list, err = tx.LeaseLetters(7, fmt.Sprint(i), tx.Now().Add(time.Hour))
				return err
			})
			if err != nil {
				return err
			}
			if len(list) > 7 {
				return fmt.Errorf("%d letters for 7", len(list))
			}
			mu.Lock()
			for _, l := range list {
				holders[l.ID] = append(holders[l.ID], l.Lease)
			}
			whole := len(holders) == n
			mu.Unlock()
			// Nothing to be had is not the end: others may have them locked.
			if whole {
				return nil
			}
		}
	})
	for id, who := range holders {
		if len(who) != 1 {
			t.Errorf("letter %s is held by %v", id, who)
		}
	}
}

// Transactions that lock the same rows in opposite orders all come through.
func testCrossing(t *testing.T, open func(*testing.T) gate.Store) {
	update(t, open(t), func(tx gate.Tx) error {
		return all(tx.PutIssue(&gate.Issue{ID: "0"}), tx.PutIssue(&gate.Issue{ID: "1"}))
	})
	s := atOnce(t, open, 2, func(s gate.Store, i int) error {
		for range 12 {
			err := s.Update(ctx, func(tx gate.Tx) error {
				for _, id := range []string{fmt.Sprint(i), fmt.Sprint(1 - i)} {
					issue, err := tx.Issue(id)
					if err != nil {
						return err
					}
					issue.Queued++
					if err := tx.PutIssue(issue); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	view(t, s, func(tx gate.Tx) error {
		list, err := tx.Issues(0)
		for _, issue := range list {
			same(t, "changes", issue.Queued, 24)
		}
		return err
	})
}

// Several instances start at once on an empty database.
func testOpens(t *testing.T, open func(*testing.T) gate.Store) {
	stores := make([]gate.Store, 6)
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i := range stores {
		wg.Go(func() {
			<-start
			stores[i] = open(t)
		})
	}
	close(start)
	wg.Wait()
	if slices.Contains(stores, nil) {
		t.Fatal("not every instance could open it")
	}
	for i, s := range stores {
		update(t, s, func(tx gate.Tx) error {
			seq, hash, err := tx.AuditHead()
			same(t, "lines", seq, int64(i))
			return all(err, tx.AddAudit(&gate.Event{Seq: seq + 1, At: noon, Before: hash}))
		})
	}
}

// Who comes after Close is told so, and does not hang.
func testClosed(t *testing.T, open func(*testing.T) gate.Store) {
	s := open(t)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	nothing := func(gate.Tx) error { return nil }
	_, _, _, err := s.SignedIn(ctx, []byte("s"))
	for i, err := range []error{err, s.Update(ctx, nothing), s.View(ctx, nothing), s.Ping(ctx)} {
		if !errors.Is(err, gate.ErrStore) {
			t.Errorf("call %d after Close: %v, want ErrStore", i+1, err)
		}
	}
	if err := s.Close(); err != nil {
		t.Errorf("closed again: %v", err)
	}
}
