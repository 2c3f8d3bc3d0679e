//go:build gatetest

package acceptance

import (
	"bytes"
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"golang.org/x/crypto/argon2"
)

// Somebody has the database and not the keys: no code can be computed from it, and nothing
// that stands in it opens anything.
func TestRow65(t *testing.T) {
	both(t, 1, func(t *testing.T, r *rig) {
		owner := r.browser()
		email := owner.signUp()
		owner.post("/newsletter/subscribe", "language", "en")
		owner.link(broadcast)
		asking, resetting := r.browser(), r.browser()
		_, asked := r.person()
		asking.register(asked, password)
		code := r.code(asked)
		r.advance(gap)
		resetting.fill("/account/reset", "email", email)
		reset := codeIn(r.waitMail(email, 2))
		if len(code) != 6 || len(reset) != 8 {
			t.Fatalf("codes %q and %q", code, reset)
		}

		// The thief's copy.
		db := r.db()
		type cell struct{ table, column, value string }
		var cells []cell
		for _, table := range r.tables(db) {
			rows, err := db.Query("SELECT * FROM " + table)
			if err != nil {
				t.Fatal(err)
			}
			columns, _ := rows.Columns()
			for rows.Next() {
				got := make([]any, len(columns))
				for i := range got {
					got[i] = new(any)
				}
				if err := rows.Scan(got...); err != nil {
					t.Fatal(err)
				}
				for i, v := range got {
					switch v := (*v.(*any)).(type) {
					case []byte:
						cells = append(cells, cell{table, columns[i], string(v)})
					case string:
						cells = append(cells, cell{table, columns[i], v})
					}
				}
			}
			if err := rows.Close(); err != nil {
				t.Fatal(err)
			}
		}
		flow := r.query(db, "SELECT id, code, generation, email FROM flows WHERE kind = 'register' AND email = $1", asked)
		if len(flow) != 1 {
			t.Fatalf("%d flows of %s", len(flow), asked)
		}
		id, phc := flow[0][0], flow[0][1]
		flowOfReset := r.query(db, "SELECT id, code, generation, email FROM flows WHERE kind = 'reset' AND email = $1", email)
		if len(flowOfReset) != 1 {
			t.Fatalf("%d flows of a reset", len(flowOfReset))
		}

		// Everything that a code could be a hash in: values as they are, and decoded.
		targets := map[string]cell{}
		for _, c := range cells {
			if c.table == "audit" || c.table == "audit_head" { // chained hashes of lines
				continue
			}
			for _, part := range append(strings.Split(c.value, "$"), c.value) {
				for _, decode := range []func(string) ([]byte, error){
					func(s string) ([]byte, error) { return []byte(s), nil }, hex.DecodeString, base64.RawStdEncoding.DecodeString, base64.RawURLEncoding.DecodeString, base64.StdEncoding.DecodeString,
				} {
					if b, err := decode(part); err == nil && len(b) >= 16 {
						targets[string(b[:16])] = c
					}
				}
			}
		}
		if len(targets) < 20 {
			t.Fatalf("only %d values", len(targets))
		}
		salted := func(c string) [][]byte {
			return [][]byte{[]byte(c), []byte(id + c), []byte(hex.EncodeToString([]byte(id)) + c), []byte(asked + c), []byte(c + asked), []byte(asked + ":" + c)}
		}
		// try computes what a thief without the key can, and returns where one fits: for the
		// whole space what is usual, for one code all that comes to mind.
		try := func(targets map[string]cell, c string, whole bool) *cell {
			if whole {
				for _, b := range []string{c, id + c, asked + c, asked + ":" + c} {
					h := sha256.Sum256([]byte(b))
					if hit, ok := targets[string(h[:16])]; ok {
						return &hit
					}
				}
				return nil
			}
			for _, b := range salted(c) {
				h256, h1, h5, h512 := sha256.Sum256(b), sha1.Sum(b), md5.Sum(b), sha512.Sum512(b)
				for _, h := range [][]byte{h256[:16], h1[:16], h5[:16], h512[:16]} {
					if hit, ok := targets[string(h)]; ok {
						return &hit
					}
				}
			}
			m := hmac.New(sha256.New, []byte(id))
			m.Write([]byte(c))
			if hit, ok := targets[string(m.Sum(nil)[:16])]; ok {
				return &hit
			}
			return nil
		}
		var tried atomic.Int64
		var all sync.WaitGroup
		workers := runtime.GOMAXPROCS(0)
		for w := range workers {
			all.Go(func() {
				for n := w; n < 1_000_000; n += workers {
					if hit := try(targets, fmt.Sprintf("%06d", n), true); hit != nil {
						t.Errorf("%06d fits %s.%s", n, hit.table, hit.column)
						return
					}
					tried.Add(1)
				}
			})
		}
		all.Wait()
		t.Logf("%d codes tried on %d values", tried.Load(), len(targets))
		for _, c := range []string{code, reset} {
			if hit := try(targets, c, false); hit != nil {
				t.Errorf("a code of %d digits fits %s.%s", len(c), hit.table, hit.column)
			}
		}
		plain := sha256.Sum256([]byte(asked + ":" + code))
		if control := map[string]cell{string(plain[:16]): {}}; try(control, code, true) == nil || try(control, code, false) == nil {
			t.Error("the control: a plain hash would not be found")
		}

		// And through the slow hash itself. Only the right code could fit; the others are
		// tried by the benchmarks.
		slow := func(phc, c, flow string) bool {
			parts := strings.Split(phc, "$")
			var m, p uint32
			var threads uint8
			if len(parts) != 6 || parts[1] != "argon2id" {
				t.Fatalf("a code is kept as %q", phc)
			}
			fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &m, &p, &threads)
			salt, err := base64.RawStdEncoding.DecodeString(parts[4])
			key, err2 := base64.RawStdEncoding.DecodeString(parts[5])
			if err != nil || err2 != nil {
				t.Fatalf("a code is kept as %q", phc)
			}
			return bytes.Equal(argon2.IDKey([]byte(c), salt, p, m, threads, uint32(len(key))), key)
		}
		for _, c := range []struct{ phc, id, code string }{{phc, id, code}, {flowOfReset[0][1], flowOfReset[0][0], reset}} {
			for _, b := range salted(c.code) {
				if slow(c.phc, string(b), c.id) {
					t.Errorf("a code of %d digits is kept without the key", len(c.code))
				}
			}
			nothing := hmac.New(sha256.New, nil)
			nothing.Write([]byte(c.code))
			if slow(c.phc, base64.RawStdEncoding.EncodeToString(nothing.Sum(nil)), c.id) {
				t.Error("a code is kept under no key")
			}
		}
		if os.Getenv("GATE_TIMING") != "" {
			for w := range workers {
				all.Go(func() {
					for n := w; n < 1_000_000; n += workers {
						if slow(phc, fmt.Sprintf("%06d", n), id) {
							t.Errorf("%06d is the code", n)
						}
					}
				})
			}
			all.Wait()
		}

		// Whatever stands in it is no key to anything.
		r.advance(gap)
		thief := r.browser()
		seen := map[string]bool{}
		for _, c := range cells {
			if len(c.value) < 8 || len(c.value) > 400 {
				continue
			}
			for _, token := range []string{
				c.value, hex.EncodeToString([]byte(c.value)), base64.RawURLEncoding.EncodeToString([]byte(c.value)), base64.StdEncoding.EncodeToString([]byte(c.value)),
			} {
				if seen[token] || strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r >= 0x7f || strings.ContainsRune(`";,\`, r) }) {
					continue
				}
				seen[token] = true
				p := thief.get("/account/session", "Cookie", "__Host-session="+token)
				if strings.Contains(p.Body, `"signedIn":true`) {
					t.Fatalf("%s.%s is a session", c.table, c.column)
				}
				if c.column == "id" || c.table == "flows" || c.table == "sessions" {
					for path, pending := range map[string]string{"/account/verify": asked, "/account/reset/verify": email} {
						if p := thief.get(path, "Cookie", "__Host-flow="+token); strings.Contains(p.Body, pending) {
							t.Fatalf("%s.%s is a flow", c.table, c.column)
						}
					}
					if p := thief.get("/newsletter/unsubscribe?t=" + url.QueryEscape(token)); p.Status < 400 {
						t.Fatalf("%s.%s ends a subscription", c.table, c.column)
					}
				}
			}
		}
		// The control: what the browsers have is.
		if !owner.signedIn() || !strings.Contains(asking.get("/account/verify").Body, asked) {
			t.Error("the owner's cookies are no keys either")
		}
		if p := asking.post("/account/verify", "code", code); p.Status != http.StatusSeeOther {
			t.Errorf("the code itself: %d %s", p.Status, p.text())
		}
	})
	// What is kept costs as much as is said.
	t.Run("costs", func(t *testing.T) {
		t.Parallel()
		r := start(t, "sqlite", 1, realHashes)
		b := r.browser()
		b.signUp()
		_, email := r.person()
		b = r.browser()
		b.register(email, password)
		db := r.db()
		for query, want := range map[string]string{
			"SELECT password FROM accounts":             "$argon2id$v=19$m=19456,t=2,p=1$",
			"SELECT password FROM flows WHERE used = 0": "$argon2id$v=19$m=19456,t=2,p=1$",
			"SELECT code FROM flows WHERE used = 0":     "$argon2id$v=19$m=7168,t=1,p=1$",
		} {
			rows := r.query(db, query)
			if len(rows) == 0 {
				t.Errorf("%s: nothing", query)
			}
			for _, row := range rows {
				if !strings.HasPrefix(row[0], want) {
					t.Errorf("%s: %.40s, want %s", query, row[0], want)
				}
			}
		}
	})
}
