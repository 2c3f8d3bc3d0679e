package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pressroom/internal/gate"
	"pressroom/internal/gate/store"
	"pressroom/internal/gate/store/storetest"
	"pressroom/internal/testkit/postgres"
)

var ctx = context.Background()

// open opens a database and closes it when the test ends.
func open(tb testing.TB, dsn string) *store.Store {
	tb.Helper()
	s, err := store.Open(ctx, dsn, store.Options{})
	if err != nil {
		tb.Error(err) // it may be another goroutine
		tb.FailNow()
	}
	tb.Cleanup(func() {
		if err := s.Close(); err != nil {
			tb.Error(err)
		}
	})
	return s
}

func TestSQLite(t *testing.T) {
	storetest.Run(t, func(t *testing.T) func(*testing.T) gate.Store {
		path := filepath.Join(t.TempDir(), "a folder", "it's 100% #1?.db")
		return func(t *testing.T) gate.Store { return open(t, path) }
	})
}

func TestPostgres(t *testing.T) {
	storetest.Run(t, func(t *testing.T) func(*testing.T) gate.Store {
		dsn := postgres.Start(t)
		return func(t *testing.T) gate.Store { return open(t, dsn) }
	})
}

// Behind a pgbouncer that has fewer connections than there are instances.
func TestBouncer(t *testing.T) {
	server := postgres.New(t, "fsync=off")
	through := server.Bouncer(t, 4)
	storetest.Run(t, func(t *testing.T) func(*testing.T) gate.Store {
		dsn := through(server.Database(t)) + "&default_query_exec_mode=exec"
		return func(t *testing.T) gate.Store { return open(t, dsn) }
	})
}

func TestDSN(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, dsn := range []string{"plain.db", "sqlite:with-scheme.db", "sqlite://" + filepath.Join(t.TempDir(), "whole.db")} {
		open(t, dsn)
	}
	for dsn, want := range map[string]string{
		"":                                       "path",
		":memory:":                               "path",
		"sqlite:":                                "path",
		"mysql://gate:geheim@localhost/gate":     `"mysql" is neither`,
		"postgres://gate:geheim@127.0.0.1:1/x":   "connect",
		"postgres://gate:geheim@127.0.0.1:abc/x": "parse",
		"postgres://gate:geheim@127.0.0.1:1/x?pool_max_conns=1": "pool_max_conns",
	} {
		s, err := store.Open(ctx, dsn, store.Options{})
		if err == nil {
			s.Close()
			t.Errorf("%q opens", dsn)
		} else if !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "geheim") {
			t.Errorf("%q: %v, want %s and no password", dsn, err, want)
		}
	}
}

func TestOffset(t *testing.T) {
	s, err := store.Open(ctx, filepath.Join(t.TempDir(), "gate.db"), store.Options{Offset: func() time.Duration { return 40 * time.Hour }})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var moved time.Time
	err = s.Update(ctx, func(tx gate.Tx) error {
		moved = tx.Now()
		return errors.Join(tx.AddAccount(&gate.Account{ID: "a"}), tx.PutSession(&gate.Session{ID: []byte("s"), Account: "a"}))
	})
	if err != nil {
		t.Fatal(err)
	}
	_, _, now, err := s.SignedIn(ctx, []byte("s"))
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range []time.Time{moved, now} {
		if d := time.Until(at); d < 39*time.Hour || d > 41*time.Hour {
			t.Errorf("the time is %v from here, want 40 hours", d)
		}
	}
}

func TestModes(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "data")
	path := filepath.Join(dir, "gate.db")
	open(t, path)
	for name, want := range map[string]os.FileMode{dir: 0o700 | os.ModeDir, path: 0o600, path + "-wal": 0o600, path + "-shm": 0o600} {
		info, err := os.Stat(name)
		if err != nil {
			t.Error(err)
		} else if info.Mode() != want {
			t.Errorf("%s has mode %v, want %v", name, info.Mode(), want)
		}
	}
}

// raw opens both databases without the store.
func raw(t *testing.T) map[string]*sql.DB {
	t.Helper()
	path := filepath.Join(t.TempDir(), "gate.db")
	dsn := postgres.Start(t)
	open(t, path)
	open(t, dsn)
	dbs := map[string]*sql.DB{}
	for driver, name := range map[string]string{"sqlite": path, "pgx": dsn} {
		db, err := sql.Open(driver, name)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { db.Close() })
		dbs[driver] = db
	}
	return dbs
}

func TestAuditIsOnlyAddedTo(t *testing.T) {
	for driver, db := range raw(t) {
		if _, err := db.Exec("INSERT INTO audit (seq, at, what, result, account, subject, network, request) VALUES (1, 0, '', '', '', '', '', '')"); err != nil {
			t.Fatal(err)
		}
		for _, statement := range []string{"UPDATE audit SET what = 'x'", "DELETE FROM audit", "TRUNCATE audit"} {
			if _, err := db.Exec(statement); err == nil {
				t.Errorf("%s: %s goes through", driver, statement)
			}
		}
	}
}

// The tables of both databases have the same columns.
func TestColumns(t *testing.T) {
	lists := map[string][]string{}
	for driver, db := range raw(t) {
		query := "SELECT m.name || '.' || c.name || ' ' || c.\"notnull\" FROM sqlite_schema m, pragma_table_info(m.name) c " +
			"WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' AND m.name NOT LIKE 'goose%' ORDER BY 1"
		if driver == "pgx" {
			query = "SELECT table_name || '.' || column_name || CASE is_nullable WHEN 'NO' THEN ' 1' ELSE ' 0' END COLLATE \"C\" AS c FROM information_schema.columns " +
				"WHERE table_schema = 'public' AND table_name NOT LIKE 'goose%' ORDER BY c"
		}
		rows, err := db.Query(query)
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			var column string
			if err := rows.Scan(&column); err != nil {
				t.Fatal(err)
			}
			lists[driver] = append(lists[driver], column)
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
	}
	if len(lists["pgx"]) < 90 || !slices.Equal(lists["sqlite"], lists["pgx"]) {
		t.Errorf("SQLite and PostgreSQL differ:\n%q\n%q", lists["sqlite"], lists["pgx"])
	}
}

// An old program leaves the tables of a newer one alone.
func TestNewerTables(t *testing.T) {
	path := filepath.Join(t.TempDir(), "gate.db")
	open(t, path).Close()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("INSERT INTO goose_db_version (version_id, is_applied) VALUES (999, 1)"); err != nil {
		t.Fatal(err)
	}
	db.Close()
	if _, err := store.Open(ctx, path, store.Options{}); err == nil || !strings.Contains(err.Error(), "999") {
		t.Errorf("tables of version 999: %v", err)
	}
}

// write adds an account.
func write(s gate.Store, id string) error {
	return s.Update(ctx, func(tx gate.Tx) error { return tx.AddAccount(&gate.Account{ID: id, Key: id}) })
}

func count(t *testing.T, s gate.Store) (n int) {
	t.Helper()
	err := s.View(ctx, func(tx gate.Tx) error {
		c, err := tx.Count()
		n = int(c.Accounts)
		return err
	})
	if err != nil {
		t.Error(err)
	}
	return n
}

// Whoever gets no connection in time is told that it is the database's fault.
func TestPoolExhausted(t *testing.T) {
	s := open(t, postgres.Start(t)+"&pool_max_conns=2")
	err := s.Update(ctx, func(gate.Tx) error {
		return s.Update(ctx, func(gate.Tx) error {
			soon, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
			defer cancel()
			_, _, _, err := s.SignedIn(soon, []byte("s"))
			for _, err := range []error{err, s.Ping(soon), s.Update(soon, func(gate.Tx) error { return nil })} {
				if !errors.Is(err, gate.ErrStore) {
					t.Errorf("without a connection: %v, want ErrStore", err)
				}
			}
			return nil
		})
	})
	if err != nil {
		t.Error(err)
	}
}

// While PostgreSQL restarts or has lost its power everything is ErrStore, and nothing when
// it is back. What was said to be written is there.
func TestRestart(t *testing.T) {
	server := postgres.New(t)
	s := open(t, server.Database(t))
	for name, stop := range map[string]func() error{"stopped": server.Stop, "killed": server.Kill} {
		before := count(t, s)
		var written, unsure atomic.Int64
		done := make(chan struct{})
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				for n := 0; ; n++ {
					select {
					case <-done:
						return
					default:
					}
					switch err := write(s, fmt.Sprint(name, i, " ", n)); {
					case err == nil:
						written.Add(1)
					case errors.Is(err, gate.ErrStore):
						unsure.Add(1)
						if _, _, _, err := s.SignedIn(ctx, []byte("s")); !errors.Is(err, gate.ErrStore) && !errors.Is(err, gate.ErrNotFound) {
							t.Errorf("%s: %v", name, err)
						}
					default:
						t.Errorf("%s: %v", name, err)
					}
				}
			})
		}
		for written.Load() < 20 {
			runtime.Gosched()
		}
		if err := stop(); err != nil {
			t.Fatal(err)
		}
		if err := s.Ping(ctx); !errors.Is(err, gate.ErrStore) {
			t.Errorf("%s: ping says %v", name, err)
		}
		for at := unsure.Load(); unsure.Load() < at+20; {
			runtime.Gosched()
		}
		if err := server.Start(); err != nil {
			t.Fatal(err)
		}
		close(done)
		wg.Wait()
		if err := write(s, name); err != nil { // at the first try
			t.Errorf("%s and started: %v", name, err)
		}
		if n := count(t, s) - before; n < int(written.Load())+1 {
			t.Errorf("%s: %d accounts of %d are there", name, n, written.Load()+1)
		}
	}
}

// A server that only reads, as a standby does, is ErrStore to those who write.
func TestReadOnlyServer(t *testing.T) {
	dsn := postgres.Start(t)
	s := open(t, dsn)
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	set := func(to string) {
		t.Helper()
		name := strings.TrimPrefix(strings.SplitN(dsn, "?", 2)[0], "postgres:///")
		if _, err := db.Exec("BEGIN READ WRITE; ALTER DATABASE " + name + " SET default_transaction_read_only = " + to + "; COMMIT"); err != nil {
			t.Fatal(err)
		}
		db.SetMaxIdleConns(0) // a setting is of connections to come
	}
	set("on")
	other := open(t, dsn)
	if err := write(other, "a"); !errors.Is(err, gate.ErrStore) {
		t.Errorf("written to a server that only reads: %v", err)
	}
	if n := count(t, other); n != 0 {
		t.Errorf("%d accounts", n)
	}
	set("off")
	for _, s := range []*store.Store{s, other} {
		if err := write(s, fmt.Sprintf("%p", s)); err != nil {
			t.Error(err)
		}
	}
}
