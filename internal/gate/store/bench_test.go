package store_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"pressroom/internal/gate"
	"pressroom/internal/gate/store"
	"pressroom/internal/testkit/postgres"
)

// benchmark runs f on both databases, with 10,000 people who are logged in. PostgreSQL
// waits for the disk, as SQLite does.
func benchmark(b *testing.B, f func(*testing.B, *store.Store)) {
	const people = 10_000
	for _, name := range []string{"sqlite", "postgres"} {
		b.Run(name, func(b *testing.B) {
			dsn := filepath.Join(b.TempDir(), "gate.db")
			if name == "postgres" {
				dsn = postgres.New(b).Database(b)
			}
			s := open(b, dsn)
			err := s.Update(ctx, func(tx gate.Tx) error {
				for i := range people {
					id := fmt.Sprint(i)
					err := errors.Join(
						tx.AddAccount(&gate.Account{ID: id, Key: id + "@example.org", Email: id + "@example.org", Name: "Ada Quay", Password: "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA"}),
						tx.PutSession(&gate.Session{ID: session(i), Account: id, Agent: "Firefox on Linux", Created: time.Now(), Seen: time.Now(), Expires: time.Now()}))
					if err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			b.ResetTimer()
			f(b, s)
		})
	}
}

func session(i int) []byte {
	id := make([]byte, 32)
	binary.BigEndian.PutUint64(id, uint64(i)*0x9e3779b97f4a7c15)
	return id
}

// As the server calls it: with a context that ends when the reader goes away.
func BenchmarkSignedIn(b *testing.B) {
	benchmark(b, func(b *testing.B, s *store.Store) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		b.Run("alone", func(b *testing.B) {
			for i := range b.N {
				if _, _, _, err := s.SignedIn(ctx, session(i%10_000)); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("8", func(b *testing.B) {
			var n atomic.Int64
			b.SetParallelism(4) // of two processors each
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if _, _, _, err := s.SignedIn(ctx, session(int(n.Add(1)%10_000))); err != nil {
						b.Error(err)
						return
					}
				}
			})
		})
	})
}

// What a login does: limits, the account, the network, a session, a line of the audit.
func BenchmarkLogin(b *testing.B) {
	benchmark(b, func(b *testing.B, s *store.Store) {
		var n atomic.Int64
		b.SetParallelism(4)
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				i := int(n.Add(1))
				err := s.Update(ctx, func(tx gate.Tx) error {
					network := fmt.Sprint("network ", i%100)
					if _, err := tx.Marks("login "+fmt.Sprint(i%10_000), network); err != nil {
						return err
					}
					a, err := tx.AccountByKey(fmt.Sprintf("%d@example.org", i%10_000))
					if err != nil {
						return err
					}
					err = errors.Join(tx.SetMarks(network, []time.Time{tx.Now()}), tx.PutFamiliar(a.ID, []byte(network), tx.Now()),
						tx.PutSession(&gate.Session{ID: session(10_000 + i), Account: a.ID, Created: tx.Now()}))
					if err != nil {
						return err
					}
					seq, hash, err := tx.AuditHead()
					if err != nil {
						return err
					}
					return tx.AddAudit(&gate.Event{Seq: seq + 1, At: tx.Now(), What: "login", Result: "ok", Account: a.ID, Before: hash, Hash: session(i)})
				})
				if err != nil {
					b.Error(err)
					return
				}
			}
		})
	})
}
