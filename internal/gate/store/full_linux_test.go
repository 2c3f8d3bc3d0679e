package store_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"pressroom/internal/gate"
)

// On a full disk what is written is ErrStore, and whole or not there; reading goes on. With
// room again it goes on by itself.
func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=1m"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("mount a small disk: %v", err)
		}
		t.Skipf("mount a small disk: %v", err)
	}
	t.Cleanup(func() { // after the store is closed
		if err := unix.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	s := open(t, filepath.Join(dir, "gate.db"))
	err := s.Update(ctx, func(tx gate.Tx) error {
		return errors.Join(tx.AddAccount(&gate.Account{ID: "ada", Key: "ada"}), tx.PutSession(&gate.Session{ID: []byte("s"), Account: "ada"}))
	})
	if err != nil {
		t.Fatal(err)
	}
	written := 1
	for round := range 3 {
		filler, err := os.Create(filepath.Join(dir, "filler"))
		if err != nil {
			t.Fatal(err)
		}
		for err == nil {
			_, err = filler.Write(make([]byte, 4096))
		}
		if !errors.Is(err, unix.ENOSPC) {
			t.Fatal(err)
		}
		filler.Close()

		refused := 0
		for i := 0; refused < 10 && i < 10_000; i++ {
			err := s.Update(ctx, func(tx gate.Tx) error {
				id := fmt.Sprint(round, " ", i)
				return errors.Join(tx.AddAccount(&gate.Account{ID: id, Key: id, Name: strings.Repeat("x", 5000)}),
					tx.PutSession(&gate.Session{ID: []byte(id), Account: id}))
			})
			if err == nil { // in what its journal still has
				written++
			} else if refused++; !errors.Is(err, gate.ErrStore) {
				t.Fatalf("on a full disk: %v, want ErrStore", err)
			}
		}
		if refused == 0 {
			t.Error("the disk is never full")
		}
		if _, _, _, err := s.SignedIn(ctx, []byte("s")); err != nil {
			t.Errorf("reading from a full disk: %v", err)
		}
		if err := s.Ping(ctx); err != nil {
			t.Error(err)
		}
		if n := count(t, s); n != written {
			t.Errorf("%d accounts, %d were written", n, written)
		}

		if err := os.Remove(filler.Name()); err != nil {
			t.Fatal(err)
		}
		if err := write(s, fmt.Sprint("healed ", round)); err != nil {
			t.Errorf("with room again: %v", err)
		}
		written++
	}
	err = s.View(ctx, func(tx gate.Tx) error {
		c, err := tx.Count()
		if int(c.Accounts) != written || c.Sessions != c.Accounts-3 {
			t.Errorf("%+v, want %d accounts", c, written)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
