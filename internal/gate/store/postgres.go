package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/jackc/puddle/v2"
	"github.com/pressly/goose/v3"

	"pressroom/internal/gate"
)

const (
	// Who wrote "CREATE TABLE" first; the number is nobody else's by chance.
	migrationLock = 0x70726573735f6761

	postgresClock = "(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000)::bigint"
)

// postgres is a pool of connections.
type postgres struct {
	pool        *pgxpool.Pool
	write, read string // what begins a transaction
}

func openPostgres(ctx context.Context, dsn string) (*postgres, error) {
	config, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return nil, err // pgx leaves the password out
	}
	if !strings.Contains(dsn, "pool_max_conns") {
		config.MaxConns = 16
	}
	if config.MaxConns < 2 {
		return nil, errors.New("pool_max_conns is 1: one connection holds the lock while another makes the tables")
	}
	if config.ConnConfig.ConnectTimeout == 0 {
		config.ConnConfig.ConnectTimeout = connLimit
	}
	config.PingTimeout = connLimit
	// A reader who goes away must not cost a connection: ask the server to stop, and
	// only hang up when it does not answer.
	config.ConnConfig.BuildContextWatcherHandler = func(c *pgconn.PgConn) ctxwatch.Handler {
		return &pgconn.CancelRequestContextWatcherHandler{Conn: c, CancelRequestDelay: 100 * time.Millisecond, DeadlineDelay: 2 * time.Second}
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	return &postgres{
		pool:  pool,
		write: postgresBegin("READ COMMITTED", writeLimit),
		read:  postgresBegin("REPEATABLE READ READ ONLY", readLimit),
	}, nil
}

// postgresBegin is one message that begins a transaction, limits it and asks the time. The
// limits are of the transaction, not of the connection: behind pgbouncer that belongs to
// others as well. They end what a gate left behind that is no more.
func postgresBegin(mode string, limit time.Duration) string {
	return fmt.Sprintf("BEGIN ISOLATION LEVEL %s; SELECT %s, set_config('statement_timeout', '%d', true), "+
		"set_config('lock_timeout', '%d', true), set_config('idle_in_transaction_session_timeout', '%[3]d', true)",
		mode, postgresClock, limit.Milliseconds(), connLimit.Milliseconds())
}

func (p *postgres) close() error {
	p.pool.Close()
	return nil
}

// migrate holds a lock that ends with its transaction, so it works behind pgbouncer too
// and nothing is left of it when the process dies. Nobody waits inside a transaction: the
// connections of those who wait could be all that there are.
func (p *postgres) migrate(ctx context.Context) error {
	for {
		done, err := p.tryMigrate(ctx)
		if done || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// tryMigrate reports false when another instance is at it.
func (p *postgres) tryMigrate(ctx context.Context) (done bool, err error) {
	locked, err := p.pool.Begin(ctx)
	if err != nil {
		return false, err
	}
	defer func() { _ = locked.Rollback(context.WithoutCancel(ctx)) }()
	if err := locked.QueryRow(ctx, "SELECT pg_try_advisory_xact_lock($1)", int64(migrationLock)).Scan(&done); !done || err != nil {
		return false, err
	}
	db := stdlib.OpenDBFromPool(p.pool)
	return true, errors.Join(migrate(ctx, goose.DialectPostgres, db, "migrations/postgres"), db.Close())
}

// postgresTx is a transaction.
type postgresTx struct {
	conn *pgxpool.Conn
}

func (p *postgres) begin(ctx context.Context, write bool) (connection, stamp, error) {
	conn, err := p.take(ctx)
	if err != nil {
		return nil, 0, err
	}
	t := &postgresTx{conn}
	begin := p.read
	if write {
		begin = p.write
	}
	answers, err := conn.Conn().PgConn().Exec(ctx, begin).ReadAll()
	if err != nil {
		t.rollback()
		return nil, 0, err
	}
	now, err := strconv.ParseInt(string(answers[len(answers)-1].Rows[0][0]), 10, 64)
	if err != nil {
		t.rollback()
		return nil, 0, err
	}
	return t, stamp(now), nil
}

// take waits for a connection.
func (p *postgres) take(ctx context.Context) (*pgxpool.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, connLimit)
	defer cancel()
	return p.pool.Acquire(ctx)
}

func (t *postgresTx) exec(ctx context.Context, query string, args ...any) (int64, error) {
	tag, err := t.conn.Exec(ctx, query, args...)
	return tag.RowsAffected(), err
}

func (t *postgresTx) query(ctx context.Context, query string, args ...any) (rows, error) {
	r, err := t.conn.Query(ctx, query, args...)
	return postgresRows{r}, err
}

// postgresRows tell with Err what was wrong when they were closed.
type postgresRows struct{ pgx.Rows }

func (r postgresRows) Close() error {
	r.Rows.Close()
	return r.Rows.Err()
}

func (t *postgresTx) commit(ctx context.Context) error {
	defer t.conn.Release()
	tag, err := t.conn.Exec(ctx, "COMMIT")
	if err == nil && tag.String() != "COMMIT" {
		err = pgx.ErrTxCommitRollback
	}
	return err
}

func (t *postgresTx) rollback() {
	defer t.conn.Release() // closes it when it is still in the transaction
	if !t.conn.Conn().IsClosed() {
		ctx, cancel := context.WithTimeout(context.Background(), connLimit)
		defer cancel()
		_, _ = t.conn.Exec(ctx, "ROLLBACK")
	}
}

func (t *postgresTx) locks() bool { return true }

func (p *postgres) one(ctx context.Context, query string, arg any, into []any) error {
	ctx, cancel := context.WithTimeout(ctx, connLimit)
	defer cancel()
	err := p.pool.QueryRow(ctx, query, arg).Scan(into...)
	if errors.Is(err, pgx.ErrNoRows) {
		return gate.ErrNotFound
	}
	return err
}

func (p *postgres) ping(ctx context.Context) error {
	var n int64
	return p.one(ctx, "SELECT COUNT(*) FROM audit_head WHERE one = $1", 1, []any{&n})
}

func (p *postgres) clock() string { return postgresClock }
func (p *postgres) renew()        { p.pool.Reset() }

func (p *postgres) judge(err error) verdict {
	var refused *pgconn.ConnectError
	if errors.As(err, &refused) {
		return away
	}
	var e *pgconn.PgError
	if errors.As(err, &e) {
		return judgeState(e.Code)
	}
	var broken net.Error // timeouts too
	switch {
	case errors.Is(err, context.Canceled):
		return wrong
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, puddle.ErrClosedPool):
		return away
	case pgconn.SafeToRetry(err), errors.As(err, &broken), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed):
		return lost
	}
	return wrong
}

// judgeState judges by the SQLSTATE, whose first two digits are its class.
func judgeState(code string) verdict {
	switch code {
	case "23505": // unique_violation
		return taken
	case "23503": // foreign_key_violation
		return orphan
	case "40001", "40P01": // serialization_failure, deadlock_detected
		return conflict
	case "57P01", "57P02", // admin_shutdown, crash_shutdown: of this connection
		"25006": // read_only_sql_transaction: another server may be the primary by now
		return lost
	case "25P03", // idle_in_transaction_session_timeout
		"55P03", // lock_not_available
		"57014": // query_canceled, by the time limit
		return away
	}
	switch code[:min(2, len(code))] {
	case "08", "53", "57", "58": // connection, resources, intervention, system
		return away
	}
	return wrong
}
