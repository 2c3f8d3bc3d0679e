package postgres_test

import (
	"context"
	"errors"
	"os"
	"testing"

	"github.com/jackc/pgx/v5"

	"pressroom/internal/testkit/postgres"
)

func TestStart(t *testing.T) {
	ctx := context.Background()
	for range 2 { // each has its own
		conn, err := pgx.Connect(ctx, postgres.Start(t))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Exec(ctx, "CREATE TABLE things (n int)"); err != nil {
			t.Error(err)
		}
		if err := conn.Close(ctx); err != nil {
			t.Error(err)
		}
	}
}

func TestTemplate(t *testing.T) {
	ctx := context.Background()
	filled := 0
	template := postgres.Template{Fill: func(dsn string) error {
		filled++
		conn, err := pgx.Connect(ctx, dsn)
		if err == nil {
			_, err = conn.Exec(ctx, "CREATE TABLE things (n int); INSERT INTO things VALUES (7)")
			err = errors.Join(err, conn.Close(ctx))
		}
		return err
	}}
	for range 2 { // each has its own, so the table has one row again
		conn, err := pgx.Connect(ctx, template.Start(t))
		if err != nil {
			t.Fatal(err)
		}
		var n int
		if err := conn.QueryRow(ctx, "SELECT count(*) FROM things").Scan(&n); err != nil || n != 1 {
			t.Errorf("%d rows: %v", n, err)
		}
		if _, err := conn.Exec(ctx, "INSERT INTO things VALUES (8)"); err != nil {
			t.Error(err)
		}
		if err := conn.Close(ctx); err != nil {
			t.Error(err)
		}
	}
	if filled != 1 {
		t.Errorf("filled %d times", filled)
	}
}

func TestServer(t *testing.T) {
	ctx := context.Background()
	var dir string
	t.Run("", func(t *testing.T) {
		s := postgres.New(t, "max_connections=10")
		dir = s.Dir
		dsn := s.Database(t)
		conn, err := pgx.Connect(ctx, dsn)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Exec(ctx, "CREATE TABLE things (n int)"); err != nil {
			t.Fatal(err)
		}
		for _, stop := range []func() error{s.Stop, s.Kill} {
			if err := stop(); err != nil {
				t.Fatal(err)
			}
			if err := conn.Ping(ctx); err == nil {
				t.Error("it was stopped and answers")
			}
			if err := s.Start(); err != nil {
				t.Fatal(err)
			}
			if conn, err = pgx.Connect(ctx, dsn); err != nil {
				t.Fatal(err)
			}
			var n int
			if err := conn.QueryRow(ctx, "SELECT count(*) FROM things").Scan(&n); err != nil {
				t.Errorf("after a restart: %v", err)
			}
		}
		_ = conn.Close(ctx)
		if err := s.Restart(); err != nil {
			t.Error(err)
		}
	})
	if _, err := os.Stat(dir); dir != "" && !os.IsNotExist(err) {
		t.Errorf("%s is left: %v", dir, err)
	}
}
