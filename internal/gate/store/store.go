// Package store keeps the rows of the gate in a database: SQLite for one instance, PostgreSQL
// for several. A data source name goes in and a gate.Store comes out; the tables are
// made and brought up to date on the way. It decides nothing: no rule, limit or expiry is
// known here.
//
// Both databases run the same SQL. What differs (how a transaction begins, how rows are
// locked, whose clock counts, what an error means) is in sqlite.go and postgres.go. In
// SQLite one transaction writes at a time and nothing needs a lock; in PostgreSQL
// transactions are READ COMMITTED and lock the rows that they read by key.
//
// PostgreSQL can be behind pgbouncer in transaction mode, with two connections or more:
// nothing here outlives a transaction, except prepared statements. From 1.21 on pgbouncer
// knows those (its max_prepared_statements); for an older one add
// default_query_exec_mode=exec to the DSN.
package store

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"pressroom/internal/gate"
)

const (
	// A transaction that takes longer is given up, so that its locks and its
	// connection come back: those that write hold up others, those that only read
	// may be somebody's export.
	writeLimit = 15 * time.Second
	readLimit  = time.Minute

	// connLimit is how long one waits for a connection of the pool, or for a new one.
	connLimit = 5 * time.Second

	// tries is how often a transaction is begun that others get in the way of.
	tries = 8
)

// Options are what tests set.
type Options struct {
	// Offset is added to the time of the database; nil adds nothing.
	Offset func() time.Duration
}

// Store is a gate.Store in a database. It may be used by many goroutines.
type Store struct {
	db     database
	offset func() time.Duration
	close  func() error
}

var _ gate.Store = (*Store)(nil)

// database is what SQLite and PostgreSQL do differently.
type database interface {
	// migrate makes the tables and brings them up to date, one instance at a time.
	migrate(ctx context.Context) error

	// begin begins a transaction and tells the time.
	begin(ctx context.Context, write bool) (connection, stamp, error)

	// one reads a row outside of any transaction.
	one(ctx context.Context, sql string, arg any, into []any) error

	// clock is the expression of the time in SQL; it may be 0 for the machine's.
	clock() string

	// judge tells what an error of this database means for a transaction.
	judge(err error) verdict

	// renew gives up connections that are open and idle.
	renew()

	ping(ctx context.Context) error
	close() error
}

// connection is a transaction that has begun. It ends with commit or rollback, whatever
// they say.
type connection interface {
	exec(ctx context.Context, sql string, args ...any) (int64, error)
	query(ctx context.Context, sql string, args ...any) (rows, error)
	commit(ctx context.Context) error
	rollback()
	locks() bool // whether rows have to be locked
}

// rows are the answer to a query.
type rows interface {
	Next() bool
	Scan(...any) error
	Err() error
	Close() error
}

// verdict is what an error of the database means.
type verdict int

const (
	wrong    verdict = iota // we asked for something that cannot be
	taken                   // a value that is unique is there already
	orphan                  // a row names another that is not there
	conflict                // another transaction came between: again
	lost                    // the connection is no more: again, by another
	away                    // the database cannot be had, or cannot be written
)

// Open opens the database that dsn names, makes it when it is not there (SQLite only), and
// brings its tables up to date. Several processes may do so at once.
//
//	/var/lib/gate/gate.db, sqlite:gate.db     a file
//	postgres://user:password@host/name        as of pgx; pool_max_conns is 16 unless given
func Open(ctx context.Context, dsn string, o Options) (*Store, error) {
	var db database
	var err error
	scheme, rest, ok := strings.Cut(dsn, ":")
	switch {
	case ok && (scheme == "postgres" || scheme == "postgresql"):
		db, err = openPostgres(ctx, dsn)
	case ok && scheme == "sqlite":
		db, err = openSQLite(ctx, strings.TrimPrefix(rest, "//"))
	case strings.Contains(dsn, "://"):
		return nil, fmt.Errorf("open the database: %q is neither sqlite nor postgres", scheme)
	default:
		db, err = openSQLite(ctx, dsn)
	}
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	s := &Store{db: db, offset: o.Offset, close: sync.OnceValue(db.close)}
	if s.offset == nil {
		s.offset = func() time.Duration { return 0 }
	}
	if err := db.migrate(ctx); err != nil {
		err = s.explain(ctx, "bring the database up to date", err)
		return nil, errors.Join(err, db.close())
	}
	return s, nil
}

// Update is that of gate.Store. It runs f again when another transaction was in the way
// or the connection broke before the commit.
func (s *Store) Update(ctx context.Context, f func(gate.Tx) error) error {
	began := time.Now()
	for try := 1; ; try++ {
		v, err := s.attempt(ctx, true, f)
		if !s.again(ctx, v, try, began) {
			return err
		}
	}
}

// View is that of gate.Store. What f reads is of one moment.
func (s *Store) View(ctx context.Context, f func(gate.Tx) error) error {
	began := time.Now()
	for try := 1; ; try++ {
		v, err := s.attempt(ctx, false, f)
		if !s.again(ctx, v, try, began) {
			return err
		}
	}
}

// again waits and reports true when another try may go well. Where each try takes long, as
// behind another program that writes to SQLite, there are fewer: somebody waits for a page.
func (s *Store) again(ctx context.Context, v verdict, try int, began time.Time) bool {
	if try == tries || time.Since(began) >= connLimit {
		return false
	}
	if v == lost {
		s.db.renew()
	} else if v != conflict {
		return false
	}
	// At random, so that those who met do not meet again.
	pause := time.NewTimer(rand.N(4 * time.Millisecond << try))
	defer pause.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-pause.C:
		return true
	}
}

// attempt runs f in one transaction. The verdict is about the database's error, not f's.
func (s *Store) attempt(ctx context.Context, write bool, f func(gate.Tx) error) (verdict, error) {
	limit, what := readLimit, "begin to read"
	if write {
		limit, what = writeLimit, "begin to write"
	}
	within, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	conn, now, err := s.db.begin(within, write)
	if err != nil {
		return s.db.judge(err), s.explain(ctx, what, err)
	}
	t := &tx{store: s, caller: ctx, ctx: within, conn: conn, now: s.time(now)}
	if write && conn.locks() {
		t.lock = " FOR UPDATE"
	}
	ended := false
	defer func() { // when f panics too
		if !ended {
			conn.rollback()
		}
	}()
	err = f(t)
	if t.failed != nil {
		// Whatever f makes of it: what the transaction did is not whole.
		if err == nil {
			err = t.failed
		}
		return s.db.judge(t.failed), err
	}
	if err != nil {
		return wrong, err
	}
	if err := within.Err(); err != nil {
		return wrong, s.explain(ctx, "commit", err)
	}
	ended = true
	// A commit that was sent is waited for: nobody can take it back. It is only
	// tried again when the database says that it did not happen.
	sending, cancel := context.WithTimeout(context.WithoutCancel(ctx), connLimit)
	defer cancel()
	if err := conn.commit(sending); err != nil {
		v := s.db.judge(err)
		if v == lost {
			v = away
		}
		return v, s.explain(ctx, "commit", err)
	}
	return wrong, nil
}

// explain says what was done when err came, and adds ErrStore when the database cannot do
// it now. An error because the caller went away is not the database's.
func (s *Store) explain(ctx context.Context, doing string, err error) error {
	if cause := ctx.Err(); errors.Is(cause, context.Canceled) {
		return fmt.Errorf("%s: %w", doing, cause)
	}
	switch s.db.judge(err) {
	case conflict, lost, away:
		return fmt.Errorf("%s: %w: %w", doing, gate.ErrStore, err)
	case taken:
		return fmt.Errorf("%s: %w: %w", doing, gate.ErrExists, err)
	case orphan:
		return fmt.Errorf("%s: %w: %w", doing, gate.ErrNotFound, err)
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// time is the database's with the offset of tests.
func (s *Store) time(now stamp) time.Time {
	return now.time().Add(s.offset()).Truncate(time.Microsecond)
}

// SignedIn is that of gate.Store.
func (s *Store) SignedIn(ctx context.Context, id []byte) (*gate.Session, *gate.Account, time.Time, error) {
	var (
		session gate.Session
		account gate.Account
		now     stamp
	)
	into := append(append(sessions.fields(&session), accounts.fields(&account)...), &now)
	query := signedIn + s.db.clock() + signedInFrom
	began := time.Now()
	for try := 1; ; try++ {
		err := s.db.one(ctx, query, id, into)
		switch {
		case err == nil:
			if now == 0 {
				now = stampOf(time.Now())
			}
			return &session, &account, s.time(now), nil
		case errors.Is(err, gate.ErrNotFound):
			return nil, nil, time.Time{}, err
		case !s.again(ctx, s.db.judge(err), try, began):
			return nil, nil, time.Time{}, s.explain(ctx, "read a session", err)
		}
	}
}

// Ping is that of gate.Store.
func (s *Store) Ping(ctx context.Context) error {
	if err := s.db.ping(ctx); err != nil {
		return s.explain(ctx, "ping the database", err)
	}
	return nil
}

// Close waits for the transactions that are under way. Whoever comes later gets ErrStore.
func (s *Store) Close() error {
	if err := s.close(); err != nil {
		return fmt.Errorf("close the database: %w", err)
	}
	return nil
}
