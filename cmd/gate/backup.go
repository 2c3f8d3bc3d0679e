package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	_ "modernc.org/sqlite"

	"pressroom/internal/command"
)

func backupVerb() *verb {
	return &verb{
		Name: "backup", Short: "copy the database into a file, while the gate runs", Args: "FILE",
		Long: `Writes a copy of the SQLite database into FILE, which must not be there yet. The gate may
run meanwhile: the copy is that of one moment, checked, and can be put in the place of
the original. Whoever has it has all accounts; only you may read it.

The keys are not in it. Keep a copy of the key file too, and elsewhere: without it the
copy's waiting mails and codes are lost, and with it they are open.

A PostgreSQL database is copied by its own tools: pg_dump --format=custom.`,
		Flags: bindConfig,
		Run:   runBackup,
	}
}

func runBackup(c *call) error {
	switch len(c.Args) {
	case 0:
		return command.UsageError{Text: "backup into which file?", Hint: "gate backup gate-2026-07-07.db"}
	case 1:
	default:
		return c.Surplus(c.Args[1])
	}
	s, err := load(c, false)
	if err != nil {
		return err
	}
	to := c.Args[0]
	if postgres(s.Database) {
		return command.UsageError{Text: "the database is PostgreSQL, which has tools of its own for that",
			Hint: fmt.Sprintf("pg_dump --format=custom --file=%s '%s'", to, withoutPassword(s.Database))}
	}
	if _, err := os.Stat(s.Database); errors.Is(err, fs.ErrNotExist) {
		return command.Refusal{Text: fmt.Sprintf("there is no %s", s.Database), Hint: `"gate serve" makes it; is this the right gate.yaml?`}
	}
	n, err := copyDatabase(c.Ctx, s.Database, to)
	switch {
	case errors.Is(err, fs.ErrExist):
		return command.UsageError{Text: fmt.Sprintf("%s is there already", to), Hint: "name a new file"}
	case err != nil:
		return fmt.Errorf("back up %s: %w", s.Database, err)
	}
	_, err = fmt.Fprintf(c.Stdout, "%s: %d bytes; keep a copy of %s too, elsewhere\n", to, n, s.KeysFile)
	return err
}

// copyDatabase copies a SQLite database that is in use. A copy that is not whole is
// removed.
func copyDatabase(ctx context.Context, from, to string) (size int64, err error) {
	// SQLite takes a file that is empty, and would make one that everybody may read.
	f, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return 0, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(to))
		}
	}()
	if err := f.Close(); err != nil {
		return 0, err
	}
	absolute, err := filepath.Abs(to)
	if err != nil {
		return 0, err
	}
	err = inDatabase(from, "mode=ro", func(db *sql.DB) error {
		_, err := db.ExecContext(ctx, "VACUUM INTO ?", absolute)
		return err
	})
	if err != nil {
		return 0, err
	}
	if err := inDatabase(absolute, "mode=ro&immutable=1", func(db *sql.DB) error { return whole(ctx, db) }); err != nil {
		return 0, fmt.Errorf("the copy: %w", err)
	}
	if f, err = os.Open(to); err != nil {
		return 0, err
	}
	defer f.Close()
	if err := f.Sync(); err != nil {
		return 0, err
	}
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// inDatabase opens a SQLite database beside whoever has it open.
func inDatabase(path, query string, f func(*sql.DB) error) error {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	dsn := url.URL{Scheme: "file", Path: filepath.ToSlash(absolute), RawQuery: query + "&_pragma=busy_timeout(5000)"}
	db, err := sql.Open("sqlite", dsn.String())
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(1)
	return errors.Join(f(db), db.Close())
}

// whole asks SQLite whether a database is undamaged.
func whole(ctx context.Context, db *sql.DB) error {
	var said string
	if err := db.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&said); err != nil {
		return err
	}
	if said != "ok" {
		return fmt.Errorf("the database is damaged: %s", said)
	}
	return nil
}
