package files

import (
	"bytes"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/minio/minio-go/v7/pkg/credentials"

	"pressroom/internal/catalogue"
	"pressroom/internal/testkit/versitygw"
)

func TestS3Check(t *testing.T) {
	good := S3{Endpoint: "https://s3.example.org", Region: "eu", Bucket: "b", AccessKey: "a", SecretKey: "s3cret"}
	if err := good.Check(); err != nil {
		t.Error(err)
	}
	for name, change := range map[string]func(*S3){
		"endpoint":   func(s *S3) { s.Endpoint = "s3.example.org" },
		"scheme":     func(s *S3) { s.Endpoint = "ftp://s3.example.org" },
		"path":       func(s *S3) { s.Endpoint = "https://s3.example.org/b" },
		"query":      func(s *S3) { s.Endpoint = "https://s3.example.org?a=b" },
		"bucket":     func(s *S3) { s.Bucket = "" },
		"region":     func(s *S3) { s.Region = "" },
		"access key": func(s *S3) { s.AccessKey = "" },
		"secret key": func(s *S3) { s.SecretKey = "" },
	} {
		s := good
		change(&s)
		if err := s.Check(); err == nil || strings.Contains(err.Error(), good.SecretKey) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The address of the store is good no longer than the grant, nor than five minutes.
func TestS3Life(t *testing.T) {
	s := masters(t, &S3{Endpoint: "https://s3.example.org", Region: "eu", Bucket: "masters", AccessKey: "a", SecretKey: "s", SessionToken: "to/ken"})
	for life, want := range map[time.Duration]string{time.Hour: "300", 5 * time.Minute: "300", 90500 * time.Millisecond: "90", time.Millisecond: "1"} {
		m, err := s.Open(catalogue.Download{ID: "V/web", File: "a.mp4"}, noon, noon.Add(life))
		if err != nil {
			t.Fatal(err)
		}
		u, err := url.Parse(m.Elsewhere)
		if err != nil || u.Query().Get("X-Amz-Expires") != want || u.Query().Get("X-Amz-Security-Token") != "to/ken" {
			t.Errorf("%s: %v %s", life, err, u)
		}
	}
}

// The bucket stands where the store wants it, whatever is in a name is escaped once, and
// an address that nothing has signed is none.
func TestS3Address(t *testing.T) {
	at := S3{Endpoint: "https://s3.example.org/", Region: "eu", Bucket: "masters", AccessKey: "a", SecretKey: "s"}
	download := catalogue.Download{ID: "V/web", File: "2026/été 1+1%.mp4"}
	for style, want := range map[bool]string{false: "https://s3.example.org/masters/", true: "https://masters.s3.example.org/"} {
		at.HostStyle = style
		m, err := masters(t, &at).Open(download, noon, noon.Add(time.Minute))
		if err != nil {
			t.Fatal(err)
		}
		if address, _, _ := strings.Cut(m.Elsewhere, "?"); address != want+"2026/%C3%A9t%C3%A9%201%2B1%25.mp4" || !strings.Contains(m.Elsewhere, "&X-Amz-Signature=") {
			t.Errorf("host style %v: %s", style, m.Elsewhere)
		}
	}
	none := masters(t, &at).(*store)
	none.keys = credentials.NewStaticV4("", "", "")
	if m, err := none.Open(download, noon, noon.Add(time.Minute)); err == nil {
		t.Errorf("without keys: %s", m.Elsewhere)
	}
}

func masters(t *testing.T, s *S3) Masters {
	t.Helper()
	m, err := s.Masters()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestS3(t *testing.T) {
	store := versitygw.Start(t)
	r := newRig(t, 100_000)
	odd := "2026/été 100%+#1?&=;,:@$!'()*~_.mxf"
	store.Put(t, "masters", odd, r.data)
	r.list(id, odd, int64(len(r.data)), digest(r.data))
	r.now = time.Now() // the store's clock is not ours to set
	at := S3{Endpoint: store.URL, Region: store.Region, Bucket: "masters", AccessKey: store.AccessKey, SecretKey: store.SecretKey}
	s3 := masters(t, &at)
	r.Masters = s3
	gate := r.serve()

	a, body := fetch(t, gate.Client(), "GET", gate.URL+r.link(id))
	if a.StatusCode != 200 || !bytes.Equal(body, r.data) {
		t.Fatalf("%s, %d bytes: %.300s", a.Status, len(body), body)
	}
	for k, want := range map[string]string{"Content-Type": "application/mxf", "Content-Disposition": `attachment; filename="MC-20260707-V-0412_broadcast-1080i50.mxf"`, "Cache-Control": cacheControl, "Content-Length": "100000"} {
		if got := a.Header.Get(k); got != want {
			t.Errorf("%s: %s, want %s", k, got, want)
		}
	}
	if a, body = fetch(t, gate.Client(), "GET", gate.URL+r.link(id), "Range", "bytes=10-19"); a.StatusCode != 206 || !bytes.Equal(body, r.data[10:20]) {
		t.Errorf("range: %s, %d bytes", a.Status, len(body))
	}

	// The gate's own answers.
	stay := &http.Client{Transport: gate.Client().Transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	a, _ = fetch(t, stay, "GET", gate.URL+r.link(id), "If-None-Match", `"the store's"`)
	if a.StatusCode != http.StatusFound || a.Header.Get("Cache-Control") != "private, no-store" || a.Header.Get("Content-Disposition") != "" {
		t.Errorf("%s %v", a.Status, a.Header)
	}
	away := a.Header.Get("Location")
	a, _ = fetch(t, stay, "HEAD", gate.URL+r.link(id))
	if a.StatusCode != http.StatusOK || a.ContentLength != 100_000 || a.Header.Get("Content-Type") != "application/mxf" || !strings.HasPrefix(a.Header.Get("Repr-Digest"), "sha-256=:") {
		t.Errorf("HEAD: %s %v", a.Status, a.Header)
	}
	if a, _ = fetch(t, stay, "HEAD", away); a.StatusCode != http.StatusForbidden {
		t.Errorf("the store answers HEAD with %s: the gate need not", a.Status)
	}

	// What the store refuses.
	if a, _ = fetch(t, stay, "GET", away); a.StatusCode != http.StatusOK {
		t.Fatalf("%s", a.Status)
	}
	for name, change := range map[string][2]string{
		"signature": {"X-Amz-Signature=", "X-Amz-Signature=0"},
		"name":      {"V-0412", "V-0413"},
		"type":      {"mxf&", "mp4&"},
		"expiry":    {"X-Amz-Expires=", "X-Amz-Expires=1"},
		"object":    {"2026/", "2025/"},
	} {
		changed := strings.Replace(away, change[0], change[1], 1)
		if changed == away {
			t.Fatalf("%s: nothing to change in %s", name, away)
		}
		if a, body = fetch(t, stay, "GET", changed); a.StatusCode != http.StatusForbidden || bytes.Contains(body, r.data[:10]) {
			t.Errorf("%s changed: %s", name, a.Status)
		}
	}
	brief, err := s3.Open(r.downloads[id], r.clock(), r.clock().Add(time.Second))
	if err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); ; { // the store's clock is the real one
		if a, body = fetch(t, stay, "GET", brief.Elsewhere); a.StatusCode == http.StatusForbidden && bytes.Contains(body, []byte("expired")) {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("never expired: %s %.200s", a.Status, body)
		}
	}
	other := at
	other.SecretKey = "another"
	wrong, err := masters(t, &other).Open(r.downloads[id], r.clock(), r.clock().Add(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	if a, _ = fetch(t, stay, "GET", wrong.Elsewhere); a.StatusCode != http.StatusForbidden {
		t.Errorf("another secret: %s", a.Status)
	}
}
