package files

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
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

// Keys that the configuration lacks are the environment's, or those of the machine's role.
func TestS3KeysFound(t *testing.T) {
	withoutKeys(t)
	at := S3{Endpoint: "https://s3.example.org", Region: "eu", Bucket: "masters"}
	role := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "pod" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		_, _ = io.WriteString(w, `{"AccessKeyId":"of-role","SecretAccessKey":"s","Token":"to/ken","Expiration":"2999-01-01T00:00:00Z"}`)
	}))
	defer role.Close()
	t.Setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", role.URL)
	t.Setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", "pod")
	signed := func() url.Values {
		t.Helper()
		m, err := masters(t, &at).Open(catalogue.Download{ID: "V/web", File: "a.mp4"}, noon, noon.Add(time.Minute))
		if err != nil {
			t.Fatal(err)
		}
		u, err := url.Parse(m.Elsewhere)
		if err != nil {
			t.Fatal(err)
		}
		return u.Query()
	}
	if q := signed(); !strings.HasPrefix(q.Get("X-Amz-Credential"), "of-role/") || q.Get("X-Amz-Security-Token") != "to/ken" {
		t.Errorf("by the machine's role: %v", q)
	}
	t.Setenv("AWS_ACCESS_KEY_ID", "of-environment")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "s")
	if q := signed(); !strings.HasPrefix(q.Get("X-Amz-Credential"), "of-environment/") || q.Has("X-Amz-Security-Token") {
		t.Errorf("by the environment: %v", q)
	}
}

// One who has keys to give and does not answer is not waited for. This one answers well in
// the end, so that who waits is found out.
func TestS3KeysLate(t *testing.T) {
	withoutKeys(t)
	var asked atomic.Int32
	role := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		select {
		case <-r.Context().Done():
		case <-time.After(20 * time.Second):
		}
		_, _ = io.WriteString(w, `{"AccessKeyId":"late","SecretAccessKey":"s","Expiration":"2999-01-01T00:00:00Z"}`)
	}))
	defer role.Close()
	t.Setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", role.URL)
	s := masters(t, &S3{Endpoint: "https://s3.example.org", Region: "eu", Bucket: "masters"}).(*store)
	if s.client.Timeout != keysTime {
		t.Errorf("keys are waited for %s", s.client.Timeout)
	}
	s.client.Timeout = 50 * time.Millisecond
	if m, err := s.Open(catalogue.Download{ID: "V/web", File: "a.mp4"}, noon, noon.Add(time.Minute)); err == nil {
		t.Errorf("waited for keys: %s", m.Elsewhere)
	} else if !strings.Contains(err.Error(), "a.mp4") || !strings.Contains(err.Error(), "role") {
		t.Error(err)
	}
	// For a while the others are told without asking.
	for _, c := range []struct {
		after time.Duration
		again bool
	}{{0, false}, {dryTime - time.Second, false}, {dryTime, true}} {
		before, at := asked.Load(), noon.Add(c.after)
		if m, err := s.Open(catalogue.Download{ID: "V/web", File: "b.mp4"}, at, at.Add(time.Minute)); err == nil || !strings.Contains(err.Error(), "b.mp4") || !strings.Contains(err.Error(), "role") {
			t.Errorf("%v later: %v %v", c.after, m, err)
		}
		if again := asked.Load() > before; again != c.again {
			t.Errorf("%v later it is asked again: %t", c.after, again)
		}
	}
}

// withoutKeys hides the keys that whoever runs the test may have.
func withoutKeys(t *testing.T) {
	for _, name := range os.Environ() {
		if name, _, _ = strings.Cut(name, "="); strings.HasPrefix(name, "AWS_") {
			t.Setenv(name, "")
		}
	}
	nowhere := filepath.Join(t.TempDir(), "none")
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", nowhere)
	t.Setenv("AWS_CONFIG_FILE", nowhere)
}

// Whatever is in the name of an object, the store finds that object and no other, with
// the bucket in the path and before the host.
func TestS3Names(t *testing.T) {
	server := versitygw.Start(t)
	client := server.Client(t)
	names := []string{
		"clip.mxf", "2026/07/clip.mxf", "2026/07/a b/clip.mxf",
		"a b.mxf", "a+b.mxf", "a%20b.mxf", "a%2Bb.mxf", "a%b.mxf", "a%2520b.mxf", "100%.mxf", " a  b .mxf",
		"été.mxf", "e\u0301te\u0301.mxf", "Kåre Ærø.mxf", "Łódź/żółw.mxf", "記者会見.mxf", "مؤتمر.mxf", "🎬.mxf",
		"a?b=c&d#e.mxf", "a;b,c:d@e$f!g'h(i)j*k~l_m.mxf", `a"b<c>d|e^f{g}h[i]` + "`.mxf",
	}
	for _, name := range names {
		server.Put(t, "masters", name, []byte("this is "+name))
	}
	for style, endpoint := range map[bool]string{false: server.URL, true: "http://" + versitygw.Domain} {
		s3 := masters(t, &S3{Endpoint: endpoint, HostStyle: style, Region: server.Region, Bucket: "masters", AccessKey: server.AccessKey, SecretKey: server.SecretKey})
		for _, name := range names {
			m, err := s3.Open(catalogue.Download{ID: id, File: name, Type: "application/mxf"}, noon, noon.Add(time.Minute))
			if err != nil {
				t.Fatal(err)
			}
			if a, body := fetch(t, client, "GET", m.Elsewhere); a.StatusCode != http.StatusOK || string(body) != "this is "+name || a.Header.Get("Content-Type") != "application/mxf" {
				t.Errorf("host style %v, %q: %s %.300s\n%s", style, name, a.Status, body, m.Elsewhere)
			}
			elsewhere := strings.Replace(m.Elsewhere, ".mxf?", ".mxg?", 1)
			if a, body := fetch(t, client, "GET", elsewhere); a.StatusCode != http.StatusForbidden {
				t.Errorf("host style %v, %q renamed: %s %.300s", style, name, a.Status, body)
			}
		}
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
