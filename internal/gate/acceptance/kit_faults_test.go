//go:build gatetest

package acceptance

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"pressroom/internal/gate"
	"pressroom/internal/gate/keyring"
	"pressroom/internal/gate/mail"
	"pressroom/internal/gate/store"
	"pressroom/internal/testkit/smtpsink"
)

// toSink makes the instances hand their mails to a sink.
func toSink(s *smtpsink.Sink, more ...string) option {
	return with(fmt.Sprintf("mail:\n  from: press@meridian.test\n  smtp: {host: 127.0.0.1, port: %d, tls: none}\n%s", s.Port, strings.Join(more, "\n")))
}

// sunk are the mails to an address that a sink has stored, oldest first; "" for all.
func (r *rig) sunk(s *smtpsink.Sink, to string) (found []mail.Stored) {
	r.t.Helper()
	for _, m := range s.Messages() {
		if to != "" && !strings.EqualFold(m.To[0], to) {
			continue
		}
		one, err := mail.Parse(m.Content)
		if err != nil {
			r.t.Fatal(err)
		}
		found = append(found, one)
	}
	return found
}

// waitSunk waits until a sink has so many mails to an address, and returns them.
func (r *rig) waitSunk(s *smtpsink.Sink, to string, n int) (list []mail.Stored) {
	r.t.Helper()
	eventually(r.t, fmt.Sprintf("mail %d to %s", n, to), func() bool {
		sum := 0
		for _, m := range s.Messages() {
			if strings.EqualFold(m.To[0], to) {
				sum++
			}
		}
		return sum >= n
	})
	return r.sunk(s, to)
}

// letters is how many letters of a state there are.
func (r *rig) letters(state string) float64 {
	r.t.Helper()
	return r.instances[0].metric(fmt.Sprintf("gate_letters{state=%q}", state))
}

// number is what a query answers with.
func number(t testing.TB, db *sql.DB, query string, args ...any) (n int64) {
	t.Helper()
	if err := db.QueryRow(query, args...).Scan(&n); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

// alter changes the database behind the gate's back.
func alter(t testing.TB, db *sql.DB, statement string, args ...any) {
	t.Helper()
	if _, err := db.Exec(statement, args...); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// tables are the names of the gate's tables.
func (r *rig) tables(db *sql.DB) (names []string) {
	r.t.Helper()
	query := "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
	if r.kind == "sqlite" {
		query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY 1"
	}
	rows, err := db.Query(query)
	if err != nil {
		r.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			r.t.Fatal(err)
		}
		if !strings.HasPrefix(name, "goose") {
			names = append(names, name)
		}
	}
	return names
}

// dump is every value of every table, one row a line.
func (r *rig) dump(db *sql.DB) string {
	r.t.Helper()
	var b strings.Builder
	for _, table := range r.tables(db) {
		rows, err := db.Query("SELECT * FROM " + table)
		if err != nil {
			r.t.Fatal(err)
		}
		columns, _ := rows.Columns()
		for rows.Next() {
			values := make([]any, len(columns))
			for i := range values {
				values[i] = new(any)
			}
			if err := rows.Scan(values...); err != nil {
				r.t.Fatal(err)
			}
			b.WriteString(table)
			for i, v := range values {
				v := *v.(*any)
				if bytes, ok := v.([]byte); ok {
					v = string(bytes)
				}
				fmt.Fprintf(&b, " %s=%v", columns[i], v)
			}
			b.WriteByte('\n')
		}
		if err := rows.Close(); err != nil {
			r.t.Fatal(err)
		}
	}
	return b.String()
}

// inside is the gate's rules over the same database and keys, in this process, as a
// command of the operator's has them, so much later than now.
func (r *rig) inside(later time.Duration) *gate.Gate {
	r.t.Helper()
	s, err := store.Open(context.Background(), r.dsn, store.Options{Offset: func() time.Duration { return later }})
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { s.Close() })
	f, err := keyring.Load(filepath.Join(r.dir, "data", "keys"))
	if err != nil {
		r.t.Fatal(err)
	}
	keys, err := gate.NewKeys(f.Master)
	if err != nil {
		r.t.Fatal(err)
	}
	return &gate.Gate{Store: s, Keys: keys, Limits: gate.DefaultLimits(), Rand: rand.Reader}
}

// sendIssue sends a newsletter with one piece of news to everybody.
func (r *rig) sendIssue(g *gate.Gate, title string) {
	r.t.Helper()
	ctx := context.Background()
	item := gate.Item{ID: title, Title: title, URL: origin + "/news/", Date: time.Now()}
	issue, err := g.BeginIssue(ctx, gate.Content{"en": {item}, "fr": {item}}, time.Now().Add(-time.Hour), time.Now())
	for done := false; err == nil && !done; {
		_, done, err = g.QueueIssue(ctx, issue.ID, 100, 1000)
	}
	if err != nil {
		r.t.Fatal(err)
	}
}

// atOnce runs f n times, all beginning together.
func atOnce(n int, f func(i int)) {
	var all sync.WaitGroup
	begin := make(chan struct{})
	for i := range n {
		all.Go(func() { <-begin; f(i) })
	}
	close(begin)
	all.Wait()
}

// statuses counts answers by their status; 0 is none.
type statuses struct {
	sync.Mutex
	count map[int]int
}

func (s *statuses) add(p *page, err error) {
	s.Lock()
	defer s.Unlock()
	if s.count == nil {
		s.count = map[int]int{}
	}
	if err != nil {
		s.count[0]++
		return
	}
	s.count[p.Status]++
}

// only tells whether all answers had one of these statuses.
func (s *statuses) only(allowed ...int) bool {
	s.Lock()
	defer s.Unlock()
	sum, all := 0, 0
	for _, a := range allowed {
		sum += s.count[a]
	}
	for _, n := range s.count {
		all += n
	}
	return sum == all && all > 0
}

func (s *statuses) String() string {
	s.Lock()
	defer s.Unlock()
	return fmt.Sprint(s.count)
}

// wantStatus fails the test when an answer has another status.
func wantStatus(t testing.TB, what string, p *page, want int) {
	t.Helper()
	if p.Status != want {
		t.Fatalf("%s: %d, want %d; %s\n%.1500s", what, p.Status, want, p.to(), p.text())
	}
}

// unavailable fails the test unless an answer says that it cannot be done now, and when to
// come back.
func unavailable(t testing.TB, what string, p *page) {
	t.Helper()
	wantStatus(t, what, p, http.StatusServiceUnavailable)
	if p.Header.Get("Retry-After") == "" {
		t.Errorf("%s: no Retry-After", what)
	}
}

// verify types a code.
func (b *browser) verify(code string) *page {
	b.rig.t.Helper()
	return b.post("/account/verify", "code", code)
}

// welcomed tells whether an answer leads to the page at the end of registering.
func (p *page) welcomed() bool {
	return p.Status == http.StatusSeeOther && strings.HasPrefix(p.to(), "/account/welcome")
}
