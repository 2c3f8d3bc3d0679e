package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/pressly/goose/v3"
	driver "modernc.org/sqlite"
	codes "modernc.org/sqlite/lib"

	"pressroom/internal/gate"
)

//go:embed migrations
var migrations embed.FS

var errClosed = errors.New("the store is closed")

// sqlite is one connection that writes and several that read. They stay open, with their
// statements: preparing one takes longer than running it, and on a full disk nothing new
// has to be opened.
type sqlite struct {
	path    string
	write   *sql.DB
	read    *sql.DB
	writers chan *sqliteConn
	readers chan *sqliteConn
	closed  chan struct{}
}

// sqliteConn is a connection with the statements that were prepared on it.
type sqliteConn struct {
	*sql.Conn
	ready map[string]*sql.Stmt
}

func openSQLite(ctx context.Context, path string) (*sqlite, error) {
	if path == "" || strings.HasPrefix(path, ":memory:") {
		return nil, errors.New("SQLite needs the path of a file")
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	// Made here, because SQLite would make it for everybody to read. Its journals get
	// the mode of the file.
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_RDONLY|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := f.Close(); err != nil {
		return nil, err
	}

	s := &sqlite{path: path, closed: make(chan struct{})}
	// The switch to WAL knows no waiting, and goose no lock: one instance at a time.
	unlock, err := lock(ctx, filepath.Dir(path))
	if err != nil {
		return nil, err
	}
	defer unlock()
	if s.write, s.writers, err = sqlitePool(ctx, path, 1, "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)", "secure_delete(1)", "journal_size_limit(16777216)"); err != nil {
		return nil, err
	}
	if s.read, s.readers, err = sqlitePool(ctx, path, 2*max(2, runtime.GOMAXPROCS(0)), "query_only(1)"); err != nil {
		return nil, errors.Join(err, drain(s.write, s.writers))
	}
	return s, nil
}

// sqlitePool opens n connections. The pragmas stand in the data source name, so that each
// of them has them, and so does what begins a migration.
func sqlitePool(ctx context.Context, path string, n int, pragmas ...string) (*sql.DB, chan *sqliteConn, error) {
	pragmas = append([]string{"busy_timeout(1000)", "temp_store(MEMORY)"}, pragmas...)
	dsn := url.URL{Scheme: "file", Path: filepath.ToSlash(path), RawQuery: url.Values{"_pragma": pragmas, "_txlock": {"immediate"}}.Encode()}
	db, err := sql.Open("sqlite", dsn.String())
	if err != nil {
		return nil, nil, err
	}
	db.SetMaxIdleConns(n)
	pool := make(chan *sqliteConn, n)
	for range n {
		conn, err := db.Conn(ctx)
		if err != nil {
			return nil, nil, errors.Join(err, db.Close())
		}
		pool <- &sqliteConn{conn, map[string]*sql.Stmt{}}
	}
	return db, pool, nil
}

// drain closes a pool when its last connection is back.
func drain(db *sql.DB, pool chan *sqliteConn) error {
	var errs []error
	for range cap(pool) {
		conn := <-pool
		for _, statement := range conn.ready {
			errs = append(errs, statement.Close())
		}
		errs = append(errs, conn.Close())
	}
	return errors.Join(append(errs, db.Close())...)
}

func (s *sqlite) close() error {
	close(s.closed)
	// Readers first: the last to close folds the journal into the file.
	return errors.Join(drain(s.read, s.readers), drain(s.write, s.writers))
}

func (s *sqlite) migrate(ctx context.Context) error {
	unlock, err := lock(ctx, filepath.Dir(s.path))
	if err != nil {
		return err
	}
	defer unlock()
	conn, err := s.take(ctx, s.writers)
	if err != nil {
		return err
	}
	defer func() { s.writers <- conn }()
	return migrate(ctx, goose.DialectSQLite3, s.write, "migrations/sqlite")
}

// migrate runs what a folder of migrations has and the database has not. The caller holds
// a lock.
func migrate(ctx context.Context, dialect goose.Dialect, db *sql.DB, folder string) error {
	files, err := fs.Sub(migrations, folder)
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(dialect, db, files, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return err
	}
	has, knows, err := p.GetVersions(ctx)
	if err != nil {
		return err
	}
	if has > knows {
		return fmt.Errorf("its tables are of version %d, this program knows them up to %d", has, knows)
	}
	_, err = p.Up(ctx)
	return err
}

// take waits for a connection; whoever takes it puts it back.
func (s *sqlite) take(ctx context.Context, pool chan *sqliteConn) (*sqliteConn, error) {
	select {
	case <-s.closed:
		return nil, errClosed
	default:
	}
	select {
	case conn := <-pool:
		return conn, nil
	default:
	}
	ctx, cancel := context.WithTimeout(ctx, connLimit)
	defer cancel()
	select {
	case conn := <-pool:
		return conn, nil
	case <-s.closed:
		return nil, errClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// prepare keeps a statement. SQLite would number $1, $2 as it meets them, ?1 and ?2 by
// their digits.
func (c *sqliteConn) prepare(ctx context.Context, query string) (*sql.Stmt, error) {
	if statement := c.ready[query]; statement != nil {
		return statement, nil
	}
	statement, err := c.PrepareContext(ctx, strings.ReplaceAll(query, "$", "?"))
	if err == nil {
		c.ready[query] = statement
	}
	return statement, err
}

func (c *sqliteConn) run(query string) error {
	ctx := context.Background()
	statement, err := c.prepare(ctx, query)
	if err == nil {
		_, err = statement.ExecContext(ctx)
	}
	return err
}

// sqliteTx is a transaction. Its statements are not interrupted: each takes far less than
// the context would cost, and what takes long is to wait for the connection. Between two
// statements the context counts.
type sqliteTx struct {
	*sqliteConn
	pool chan *sqliteConn
}

func (s *sqlite) begin(ctx context.Context, write bool) (connection, stamp, error) {
	pool, begin := s.readers, "BEGIN"
	if write {
		pool, begin = s.writers, "BEGIN IMMEDIATE"
	}
	conn, err := s.take(ctx, pool)
	if err != nil {
		return nil, 0, err
	}
	if err := conn.run(begin); err != nil {
		pool <- conn
		return nil, 0, err
	}
	return &sqliteTx{conn, pool}, stampOf(time.Now()), nil
}

func (t *sqliteTx) exec(ctx context.Context, query string, args ...any) (int64, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	ctx = context.WithoutCancel(ctx)
	statement, err := t.prepare(ctx, query)
	if err != nil {
		return 0, err
	}
	result, err := statement.ExecContext(ctx, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

func (t *sqliteTx) query(ctx context.Context, query string, args ...any) (rows, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	ctx = context.WithoutCancel(ctx)
	statement, err := t.prepare(ctx, query)
	if err != nil {
		return nil, err
	}
	return statement.QueryContext(ctx, args...)
}

func (t *sqliteTx) commit(context.Context) error {
	err := t.run("COMMIT")
	if err != nil {
		t.rollback() // it may still be open
		return err
	}
	t.pool <- t.sqliteConn
	return nil
}

func (t *sqliteTx) rollback() {
	_ = t.run("ROLLBACK") // fails when SQLite did it by itself, as on a full disk
	t.pool <- t.sqliteConn
}

func (t *sqliteTx) locks() bool { return false }

func (s *sqlite) one(ctx context.Context, query string, arg any, into []any) error {
	conn, err := s.take(ctx, s.readers)
	if err != nil {
		return err
	}
	defer func() { s.readers <- conn }()
	ctx = context.WithoutCancel(ctx)
	statement, err := conn.prepare(ctx, query)
	if err != nil {
		return err
	}
	err = statement.QueryRowContext(ctx, arg).Scan(into...)
	if errors.Is(err, sql.ErrNoRows) {
		return gate.ErrNotFound
	}
	return err
}

func (s *sqlite) ping(ctx context.Context) error {
	var n int64
	return s.one(ctx, "SELECT COUNT(*) FROM audit_head WHERE one = $1", 1, []any{&n})
}

func (s *sqlite) clock() string { return "0" }
func (s *sqlite) renew()        {}

func (s *sqlite) judge(err error) verdict {
	if errors.Is(err, errClosed) || errors.Is(err, context.DeadlineExceeded) {
		return away
	}
	var e *driver.Error
	if !errors.As(err, &e) {
		return wrong
	}
	switch e.Code() {
	case codes.SQLITE_CONSTRAINT_UNIQUE, codes.SQLITE_CONSTRAINT_PRIMARYKEY:
		return taken
	case codes.SQLITE_CONSTRAINT_FOREIGNKEY:
		return orphan
	}
	switch e.Code() & 0xff { // the rest of an extended code tells the details
	case codes.SQLITE_BUSY, codes.SQLITE_LOCKED:
		return conflict
	case codes.SQLITE_FULL, codes.SQLITE_READONLY, codes.SQLITE_IOERR, codes.SQLITE_CANTOPEN, codes.SQLITE_PERM, codes.SQLITE_PROTOCOL, codes.SQLITE_NOMEM:
		return away
	}
	return wrong
}
