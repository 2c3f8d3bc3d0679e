package store

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"pressroom/internal/gate"
)

// table is how a T is kept: its columns, of which the first is the key, and the places in
// a T that they come from and go to.
type table[T any] struct {
	name    string
	columns string
	fields  func(*T) []any

	selects, adds, puts string // the statements, as far as they are always the same
}

func newTable[T any](name, columns string, fields func(*T) []any) *table[T] {
	names := strings.Split(columns, ", ")
	var values, sets []string
	for i, column := range names {
		values = append(values, fmt.Sprintf("$%d", i+1))
		if i > 0 {
			sets = append(sets, column+" = excluded."+column)
		}
	}
	insert := "INSERT INTO " + name + " (" + columns + ") VALUES (" + strings.Join(values, ", ") + ") ON CONFLICT "
	return &table[T]{
		name:    name,
		columns: columns,
		fields:  fields,
		selects: "SELECT " + columns + " FROM " + name + " ",
		adds:    insert + "DO NOTHING",
		puts:    insert + "(" + names[0] + ") DO UPDATE SET " + strings.Join(sets, ", "),
	}
}

// of is the columns with the name of the table before each.
func (tab *table[T]) of() string {
	return tab.name + "." + strings.ReplaceAll(tab.columns, ", ", ", "+tab.name+".")
}

// get reads one row and locks it when t writes.
func (tab *table[T]) get(t *tx, where string, args ...any) (*T, error) {
	var v T
	if err := t.one(tab.selects+where+t.lock, args, tab.fields(&v)...); err != nil {
		return nil, err
	}
	return &v, nil
}

// list reads rows. A limit of 0 or less is none.
func (tab *table[T]) list(t *tx, rest string, args ...any) ([]*T, error) {
	return tab.all(t, tab.selects+rest, args...)
}

// all reads the rows of a statement that answers with the columns.
func (tab *table[T]) all(t *tx, statement string, args ...any) ([]*T, error) {
	var all []*T
	err := t.each(statement, args, func(scan func(...any) error) error {
		v := new(T)
		all = append(all, v)
		return scan(tab.fields(v)...)
	})
	if err != nil {
		return nil, err
	}
	return all, nil
}

// add makes a row. It is ErrExists when it, or another with the same unique value, is
// there.
func (tab *table[T]) add(t *tx, v *T) error {
	n, err := t.exec(tab.adds, tab.fields(v)...)
	if err == nil && n == 0 {
		return gate.ErrExists
	}
	return err
}

// put makes a row or replaces it.
func (tab *table[T]) put(t *tx, v *T) error {
	_, err := t.exec(tab.puts, tab.fields(v)...)
	return err
}

var (
	accounts = newTable("accounts", "id, email, key, name, organisation, language, password, password_at, created, blocked",
		func(a *gate.Account) []any {
			return []any{&a.ID, &a.Email, &a.Key, &a.Name, &a.Organisation, &a.Language, &a.Password, at{&a.PasswordAt}, at{&a.Created}, at{&a.Blocked}}
		})
	flows = newTable("flows", "id, kind, email, key, account, password, name, organisation, language, topics, return_to, "+
		"code, code_until, generation, guesses, created, passed, used, expires",
		func(f *gate.Flow) []any {
			return []any{&f.ID, &f.Kind, &f.Email, &f.Key, &f.Account, &f.Password, &f.Name, &f.Organisation, &f.Language, words{&f.Topics}, &f.Return,
				&f.Code, at{&f.CodeUntil}, &f.Generation, &f.Guesses, at{&f.Created}, at{&f.Passed}, at{&f.Used}, at{&f.Expires}}
		})
	sessions = newTable("sessions", "id, account, created, proved, seen, expires, agent, network",
		func(s *gate.Session) []any {
			return []any{&s.ID, &s.Account, at{&s.Created}, at{&s.Proved}, at{&s.Seen}, at{&s.Expires}, &s.Agent, &s.Network}
		})
	grants = newTable("grants", "id, account, download, title, bytes, at",
		func(g *gate.Grant) []any {
			return []any{&g.ID, &g.Account, &g.Download, &g.Title, &g.Bytes, at{&g.At}}
		})
	subscriptions = newTable("subscriptions", "id, email, key, language, topics, created",
		func(s *gate.Subscription) []any {
			return []any{&s.ID, &s.Email, &s.Key, &s.Language, words{&s.Topics}, at{&s.Created}}
		})
	issues = newTable("issues", "id, content, news_from, news_until, created, cursor, queued, done",
		func(i *gate.Issue) []any {
			return []any{&i.ID, &i.Content, at{&i.From}, at{&i.Until}, at{&i.Created}, &i.Cursor, &i.Queued, at{&i.Done}}
		})
	letters = newTable("letters", "id, kind, key, sealed, flow, generation, issue, bulk, state, created, not_before, expires, "+
		"attempts, lease, lease_until, problem, done",
		func(l *gate.Letter) []any {
			return []any{&l.ID, &l.Kind, &l.Key, &l.Sealed, &l.Flow, &l.Generation, &l.Issue, &l.Bulk, &l.State, at{&l.Created}, at{&l.NotBefore}, at{&l.Expires},
				&l.Attempts, &l.Lease, at{&l.LeaseUntil}, &l.Problem, at{&l.Done}}
		})
	events = newTable("audit", "seq, at, what, result, account, subject, network, request, before, hash",
		func(e *gate.Event) []any {
			return []any{&e.Seq, at{&e.At}, &e.What, &e.Result, &e.Account, &e.Subject, &e.Network, &e.Request, &e.Before, &e.Hash}
		})

	// The query of SignedIn, around the database's clock.
	signedIn     = "SELECT " + sessions.of() + ", " + accounts.of() + ", "
	signedInFrom = " FROM sessions JOIN accounts ON accounts.id = sessions.account WHERE sessions.id = $1"
)

// stamp is a time as the databases keep it: microseconds since 1970 in UTC, 0 for the
// zero time.
type stamp int64

func stampOf(t time.Time) stamp {
	if t.IsZero() {
		return 0
	}
	return stamp(t.UnixMicro())
}

func (s stamp) time() time.Time {
	if s == 0 {
		return time.Time{}
	}
	return time.UnixMicro(int64(s)).UTC()
}

// at lets a time be read and written as a stamp.
type at struct{ t *time.Time }

// Value is that of driver.Valuer.
func (a at) Value() (driver.Value, error) { return int64(stampOf(*a.t)), nil }

// Scan is that of sql.Scanner.
func (a at) Scan(v any) error {
	n, ok := v.(int64)
	if !ok {
		return fmt.Errorf("a time is %T", v)
	}
	*a.t = stamp(n).time()
	return nil
}

// words lets a list be read and written as JSON; an empty one is nil.
type words struct{ list *[]string }

// Value is that of driver.Valuer.
func (w words) Value() (driver.Value, error) {
	if len(*w.list) == 0 {
		return "[]", nil
	}
	b, err := json.Marshal(*w.list)
	return string(b), err
}

// Scan is that of sql.Scanner.
func (w words) Scan(v any) error {
	s, ok := v.(string)
	if !ok {
		return fmt.Errorf("a list is %T", v)
	}
	*w.list = nil
	if s == "[]" {
		return nil
	}
	return json.Unmarshal([]byte(s), w.list)
}

// tx is a gate.Tx.
type tx struct {
	store  *Store
	caller context.Context
	ctx    context.Context // the caller's within the limit
	conn   connection
	now    time.Time
	lock   string // what makes a SELECT lock what it finds
	failed error  // of the database, the first
}

// fail remembers an error of the database and says what it was about.
func (t *tx) fail(statement string, err error) error {
	verb, _, _ := strings.Cut(statement, "$")
	if len(verb) > 40 {
		verb = verb[:40] + "…"
	}
	err = t.store.explain(t.caller, strings.TrimSpace(verb), err)
	if t.failed == nil {
		t.failed = err
	}
	return err
}

// exec runs a statement and counts the rows that it changed.
func (t *tx) exec(statement string, args ...any) (int64, error) {
	n, err := t.conn.exec(t.ctx, statement, args...)
	if err != nil {
		return 0, t.fail(statement, err)
	}
	return n, nil
}

// each runs a query and calls f for its rows.
func (t *tx) each(query string, args []any, f func(scan func(...any) error) error) error {
	rows, err := t.conn.query(t.ctx, query, args...)
	if err != nil {
		return t.fail(query, err)
	}
	for err == nil && rows.Next() {
		err = f(rows.Scan)
	}
	if err == nil {
		err = rows.Err()
	}
	if shut := rows.Close(); err == nil {
		err = shut
	}
	if err != nil {
		return t.fail(query, err)
	}
	return nil
}

// one reads the first row, or says ErrNotFound.
func (t *tx) one(query string, args []any, into ...any) error {
	found := false
	err := t.each(query, args, func(scan func(...any) error) error {
		found = true
		return scan(into...)
	})
	if err == nil && !found {
		return gate.ErrNotFound
	}
	return err
}
