package files

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pressroom/internal/catalogue"
	"pressroom/internal/testkit/locked"
)

var noon = time.Date(2026, 7, 7, 12, 0, 0, 0, time.UTC)

const id = "MC-20260707-V-0412/broadcast-1080i50"

// rig is a server with one master and its surroundings.
type rig struct {
	*Server
	t    testing.TB
	dir  string // of the masters; what lies above it must never get out
	data []byte // of the master
	log  *locked.Buffer
	done chan Transfer // of valid links

	refused atomic.Int64 // of all others

	mu        sync.Mutex
	now       time.Time
	downloads map[string]catalogue.Download
}

func newRig(t testing.TB, size int) *rig {
	t.Helper()
	r := &rig{t: t, dir: filepath.Join(t.TempDir(), "masters"), now: noon, log: &locked.Buffer{}, done: make(chan Transfer, 100), downloads: map[string]catalogue.Download{}}
	if err := os.Mkdir(r.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	r.data = make([]byte, size)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(r.data)
	r.add(id, "2026/0412.mxf", r.data)
	local, err := OpenLocal(r.dir, "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = local.Close() })
	r.Server = &Server{
		Keys:     ring(t, key("k1", noon.Add(-time.Hour))),
		Masters:  local,
		Download: r.find,
		Now:      r.clock,
		Log:      slog.New(slog.NewJSONHandler(r.log, nil)),
		Record: func(t Transfer) {
			if errors.Is(t.Err, ErrRefused) {
				r.refused.Add(1)
				return
			}
			r.done <- t
		},
	}
	return r
}

func key(id string, from time.Time) Key {
	return Key{ID: id, Secret: []byte(strings.Repeat(id+".", 32)), From: from}
}

func ring(t testing.TB, keys ...Key) *Keyring {
	t.Helper()
	k, err := NewKeyring(keys...)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func (r *rig) clock() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.now
}

func (r *rig) find(id string) (catalogue.Download, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	d, ok := r.downloads[id]
	return d, ok
}

// set changes the clock and the catalogue.
func (r *rig) set(f func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	f()
}

// add writes a master and lists it.
func (r *rig) add(id, file string, data []byte) {
	r.t.Helper()
	path := filepath.Join(r.dir, filepath.FromSlash(file))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		r.t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		r.t.Fatal(err)
	}
	r.list(id, file, int64(len(data)), digest(data))
}

func (r *rig) list(id, file string, size int64, sum string) {
	r.set(func() {
		r.downloads[id] = catalogue.Download{ID: id, File: file, Type: "application/mxf", Bytes: size, SHA256: sum, Access: "account"}
	})
}

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// link is a link to a download for five minutes.
func (r *rig) link(id string) string {
	r.t.Helper()
	now := r.clock()
	d, _ := r.find(id)
	d.ID = id
	s, err := r.Keys.Link(Grant{ID: "g7", Account: "a9", Download: id, Expires: now.Add(5 * time.Minute)}, Name(d), now)
	if err != nil {
		r.t.Fatal(err)
	}
	return s
}

// serve puts the server on loopback.
func (r *rig) serve() *httptest.Server {
	s := httptest.NewServer(r.Server)
	r.t.Cleanup(s.Close)
	return s
}

// ask asks without a network.
func (r *rig) ask(method, target string, header ...string) *httptest.ResponseRecorder {
	r.t.Helper()
	q := httptest.NewRequest(method, target, nil)
	for i := 0; i < len(header); i += 2 {
		q.Header.Add(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	r.ServeHTTP(w, q)
	return w
}

// fetch asks over the network; the body is read.
func fetch(t testing.TB, c *http.Client, method, url string, header ...string) (*http.Response, []byte) {
	t.Helper()
	q, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		q.Header.Add(header[i], header[i+1])
	}
	a, err := c.Do(q)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Body.Close()
	b, err := io.ReadAll(a.Body)
	if err != nil {
		t.Fatal(err)
	}
	return a, b
}
