package app_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	tests "testing"
	"time"

	"pressroom"
	"pressroom/internal/gate"
	"pressroom/internal/gate/app"
	"pressroom/internal/gate/settings"
	"pressroom/internal/testkit/postgres"
)

// BenchmarkSession is what every page of the site asks when somebody opens it, without
// the network: who is logged in. Its allocations are what to look at; its time is worth
// something on an idle machine alone.
func BenchmarkSession(b *tests.B) {
	for _, kind := range []string{"sqlite", "postgres"} {
		b.Run(kind, func(b *tests.B) {
			const base = "http://press.meridian.test"
			dir := b.TempDir()
			s := settings.Settings{BaseURL: base, Data: dir, Closed: dir, Database: filepath.Join(dir, "gate.db"), KeysFile: filepath.Join(dir, "keys"),
				PasswordCost: gate.PasswordCost, CodeCost: gate.CodeCost, Limits: gate.DefaultLimits()}
			s.Mail.From, s.Mail.Folder, s.Masters.Folder = "press@meridian.test", dir, dir
			if kind == "postgres" {
				s.Database = postgres.Start(b)
			}
			ctx := context.Background()
			a, err := app.Open(ctx, s, app.Options{Log: slog.New(slog.DiscardHandler), Theme: pressroom.Theme})
			if err != nil {
				b.Fatal(err)
			}
			defer a.Close()
			const token = "a token of somebody who is logged in"
			id := sha256.Sum256([]byte(token))
			err = a.Store.Update(ctx, func(tx gate.Tx) error {
				now := time.Now()
				return errors.Join(
					tx.AddAccount(&gate.Account{ID: "1", Key: "ada@example.org", Email: "ada@example.org", Name: "Ada Quay", Password: "-"}),
					tx.PutSession(&gate.Session{ID: id[:], Account: "1", Created: now, Seen: now, Expires: now.Add(time.Hour)}))
			})
			if err != nil {
				b.Fatal(err)
			}
			h := a.Handler()
			r := httptest.NewRequest(http.MethodGet, base+"/account/session", nil)
			r.RequestURI = "/account/session"
			r.URL.Scheme, r.URL.Host = "", ""
			r.Header.Set("Accept-Language", "fr-FR,fr;q=0.9,en;q=0.8")
			r.AddCookie(&http.Cookie{Name: "session", Value: token})
			b.ReportAllocs()
			for b.Loop() {
				w := httptest.NewRecorder()
				if h.ServeHTTP(w, r); w.Body.String() != `{"signedIn":true,"name":"Ada Quay"}`+"\n" {
					b.Fatalf("%d %s", w.Code, w.Body)
				}
			}
		})
	}
}
