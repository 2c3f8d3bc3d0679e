//go:build gatetest

package acceptance

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"pressroom/internal/testkit/locked"
	"pressroom/internal/testkit/port"
)

// proxy is a haproxy in front of the instances of a rig.
type proxy struct {
	*instance // as browsers see it
	stats     string
}

// balance starts haproxy. Each server is a name, its address and its admin's.
func balance(t *testing.T, r *rig, servers ...[3]string) *proxy {
	t.Helper()
	path, err := exec.LookPath("haproxy")
	if err != nil {
		path = "/usr/sbin/haproxy"
	}
	if _, err := os.Stat(path); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("no haproxy is installed, and CI is set")
		}
		t.Skip("no haproxy is installed")
	}
	p := &proxy{&instance{rig: r, public: port.Reserve(t), log: &locked.Buffer{}, done: make(chan struct{})}, port.Reserve(t)}
	var b strings.Builder
	fmt.Fprintf(&b, `global
  maxconn 500
defaults
  mode http
  timeout connect 5s
  timeout check 10s
  timeout client 60s
  timeout server 60s
  retries 3
  option redispatch
listen stats
  bind %s
  stats enable
  stats uri /
listen gate
  bind %s
  balance roundrobin
  option httpchk GET /readyz
`, p.stats, p.public)
	for _, s := range servers {
		_, number, _ := net.SplitHostPort(s[2])
		fmt.Fprintf(&b, "  server %s %s check port %s inter 200ms fall 1 rise 1\n", s[0], s[1], number)
	}
	config := filepath.Join(r.dir, "haproxy.cfg")
	if err := os.WriteFile(config, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	p.cmd = exec.Command(path, "-f", config, "-db")
	p.cmd.Stderr, p.cmd.Stdout = p.log, p.log
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.cmd.Process.Kill()
		p.cmd.Wait()
		if t.Failed() {
			t.Logf("haproxy:\n%s", tail(p.log.String(), 40))
		}
	})
	return p
}

// up waits until haproxy thinks so of a server, or thinks it is not.
func (p *proxy) up(t *testing.T, server string, want bool) {
	t.Helper()
	eventually(t, fmt.Sprintf("haproxy to see %s up: %v", server, want), func() bool {
		res, err := http.Get("http://" + p.stats + "/;csv")
		if err != nil {
			return false
		}
		defer res.Body.Close()
		b, _ := io.ReadAll(res.Body)
		for line := range strings.Lines(string(b)) {
			if f := strings.Split(line, ","); len(f) > 17 && f[0] == "gate" && f[1] == server {
				return strings.HasPrefix(f[17], "UP") == want
			}
		}
		return false
	})
}

// slowReader is somebody who takes a file by and by.
type slowReader struct {
	t    *testing.T
	body io.ReadCloser
	sum  interface {
		io.Writer
		Sum([]byte) []byte
	}
	n int64
}

// fetch begins a download and reads the beginning.
func (b *browser) fetch(t *testing.T, path string, from int64) *slowReader {
	t.Helper()
	req, err := http.NewRequest(http.MethodGet, "http://"+b.rig.instances[b.at].public+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Host = host
	want := http.StatusOK
	if from > 0 {
		req.Header.Set("Range", fmt.Sprintf("bytes=%d-", from))
		want = http.StatusPartialContent
	}
	res, err := (&http.Client{Transport: &http.Transport{}}).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { res.Body.Close() })
	if res.StatusCode != want {
		t.Fatalf("%s: %s", path, res.Status)
	}
	s := &slowReader{t: t, body: res.Body, sum: sha256.New()}
	s.read(64 << 10)
	return s
}

// read takes so much more, or what there is.
func (s *slowReader) read(n int64) error {
	m, err := io.CopyN(s.sum, s.body, n)
	s.n += m
	if err == io.EOF {
		err = nil
	}
	return err
}

// The gate is replaced under load, one process after the other: no request fails, and a
// download that is under way ends well. One that is cut off goes on elsewhere from where
// it was. With PostgreSQL haproxy stands in front of two instances; the one instance of
// SQLite hands its socket on, as systemd has it.
func TestRow73(t *testing.T) {
	t.Parallel()
	for kind, roll := range map[string]func(*testing.T, *rig){"postgres": rolling, "sqlite": socket} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			r := start(t, kind, 0, func(r *rig) {
				r.addDownload("MC-20240527-V-0412/master", "big.mov", bytes.Repeat([]byte("a lot of footage"), 3<<20)) // more than sockets hold
				r.writeCatalogue()
			})
			roll(t, r)
		})
	}
}

// big is the download that takes long.
func (r *rig) big() (id, sum string, size int64) {
	d := r.downloads[len(r.downloads)-1]
	return d.ID, d.SHA256, d.Bytes
}

// crowd sends requests until it is told to stop. All of them must be answered well.
func crowd(t *testing.T, r *rig, owner *browser) (stop func()) {
	var s statuses
	var load sync.WaitGroup
	end := make(chan struct{})
	for n := range 4 {
		load.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-end:
					return
				default:
				}
				var p *page
				var err error
				switch (n + i) % 4 {
				case 0:
					p, err = owner.try(http.MethodGet, "/account", nil)
				case 1:
					p, err = owner.try(http.MethodGet, "/account/session", nil)
				case 2: // a form, which nobody in between may send twice
					p, err = owner.tryPost("/account", "name", "Ines Okafor", "organisation", fmt.Sprint("Desk ", i))
					if err == nil && p.Status == http.StatusSeeOther {
						p.Status = http.StatusOK
					}
				case 3:
					p, err = owner.try(http.MethodGet, "/account/login", nil)
					if err == nil && p.Status == http.StatusSeeOther {
						p.Status = http.StatusOK
					}
				}
				if err != nil {
					t.Logf("a request failed: %v", err)
				}
				s.add(p, err)
			}
		})
	}
	return func() {
		t.Helper()
		close(end)
		load.Wait()
		if !s.only(http.StatusOK) {
			t.Errorf("requests while processes were replaced: %v", &s)
		}
		t.Logf("requests: %v", &s)
	}
}

func rolling(t *testing.T, r *rig) {
	type seat struct{ name, public, admin string }
	seats := []seat{{"a", port.Reserve(t), port.Reserve(t)}, {"b", port.Reserve(t), port.Reserve(t)}}
	sit := func(s seat) *instance { return r.launch("GATE_LISTEN="+s.public, "GATE_ADMIN="+s.admin) }
	running := []*instance{sit(seats[0]), sit(seats[1])}
	p := balance(t, r, [3]string{seats[0].name, seats[0].public, seats[0].admin}, [3]string{seats[1].name, seats[1].public, seats[1].admin})
	for _, s := range seats {
		p.up(t, s.name, true)
	}
	owner := r.browser()
	owner.signUp()
	r.instances = append([]*instance{p.instance}, r.instances...) // from here on all go by the proxy
	id, sum, size := r.big()
	owner.client = &http.Client{CheckRedirect: owner.client.CheckRedirect, Transport: &http.Transport{MaxIdleConnsPerHost: 16}}

	stop := crowd(t, r, owner)
	for n, s := range seats {
		// One of two goes to the process that is replaced.
		first, second := owner.fetch(t, owner.get("/download/"+id).to(), 0), owner.fetch(t, owner.get("/download/"+id).to(), 0)
		ended := make(chan error, 1)
		go func() { ended <- running[n].stop() }()
		p.up(t, s.name, false)
		for _, d := range []*slowReader{first, second} {
			if err := d.read(size); err != nil || d.n != size || hex.EncodeToString(d.sum.Sum(nil)) != sum {
				t.Errorf("a download while its process was replaced: %d of %d bytes, %v", d.n, size, err)
			}
		}
		if err := <-ended; err != nil {
			t.Errorf("the process did not end well: %v", err)
		}
		running[n] = sit(s)
		p.up(t, s.name, true)
	}
	stop()

	// Killed in the middle: the rest comes from the other one.
	link := owner.get("/download/" + id).to()
	r.instances = []*instance{running[0], running[1]}
	cut := owner.fetch(t, link, 0)
	running[0].kill()
	err := cut.read(size)
	if err == nil || cut.n == size {
		t.Fatalf("the download was not cut: %d bytes, %v", cut.n, err)
	}
	rest := owner.on(1).fetch(t, owner.on(1).get("/download/"+id).to(), cut.n)
	if err := rest.read(size); err != nil || cut.n+rest.n != size {
		t.Errorf("the rest: %d + %d of %d bytes, %v", cut.n, rest.n, size, err)
	}
}

func socket(t *testing.T, r *rig) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f, err := l.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	defer l.Close()
	r.inherit = f
	old := r.launch()
	if old.public != l.Addr().String() {
		t.Fatalf("it listens at %s, and not at the socket %s that it was given", old.public, l.Addr())
	}
	owner := r.browser()
	owner.signUp()
	owner.client = &http.Client{CheckRedirect: owner.client.CheckRedirect, Transport: &http.Transport{DisableKeepAlives: true}}
	id, sum, size := r.big()
	stop := crowd(t, r, owner)
	for range 2 {
		d := owner.fetch(t, owner.get("/download/"+id).to(), 0)
		ended := make(chan error, 1)
		go func() { ended <- old.stop() }()
		eventually(t, "the end to be announced", func() bool {
			res, err := http.Get("http://" + old.admin + "/readyz")
			if err == nil {
				res.Body.Close()
			}
			return err != nil || res.StatusCode == http.StatusServiceUnavailable
		})
		if err := d.read(size); err != nil || d.n != size || hex.EncodeToString(d.sum.Sum(nil)) != sum {
			t.Errorf("a download while its process was replaced: %d of %d bytes, %v", d.n, size, err)
		}
		if err := <-ended; err != nil {
			t.Errorf("the process did not end well: %v", err)
		}
		old = r.launch()
	}
	stop()
}
