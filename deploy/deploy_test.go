package deploy_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pressroom/internal/gate"
	"pressroom/internal/headers"
	"pressroom/internal/testkit/port"
	"pressroom/internal/testkit/postgres"
)

// nginx runs nginx.conf in front of a gate and tells where it listens: by TLS, and without
// for a cache.
func (s *site) nginx(gate string) (secure, plain string) {
	s.t.Helper()
	secure, plain = port.Reserve(s.t), port.Reserve(s.t)
	conf := write(s.t, filepath.Join(s.dir, "press.conf"), recipe(s.t, "nginx.conf",
		"server 127.0.0.1:1314;", "server "+gate+";",
		"listen 80;", "listen "+port.Reserve(s.t)+";",
		"listen 443 ssl http2;", "listen "+secure+" ssl http2; listen "+plain+";",
		"/etc/ssl/press.example.org.crt", s.cert, "/etc/ssl/press.example.org.key", s.key,
		"root /srv/press/public;", "root "+s.public+";",
		"alias /srv/press/media/;", "alias "+s.masters+"/;",
	))
	user := ""
	if os.Geteuid() == 0 {
		user = "user root;\n" // the folders of a test are its user's alone
	}
	main := write(s.t, filepath.Join(s.dir, "nginx.conf"), fmt.Sprintf(`%sdaemon off; pid %[2]s/nginx.pid; error_log stderr;
events {}
http {
	access_log off;
	gzip on;
	client_body_temp_path %[2]s/t1; proxy_temp_path %[2]s/t2; fastcgi_temp_path %[2]s/t3; uwsgi_temp_path %[2]s/t4; scgi_temp_path %[2]s/t5;
	include %[3]s;
}
`, user, s.dir, conf))
	nginx := program(s.t, "nginx")
	if out, err := exec.Command(nginx, "-t", "-q", "-e", "stderr", "-c", main).CombinedOutput(); err != nil || len(out) > 0 {
		s.t.Fatalf("nginx -t: %v\n%s", err, out)
	}
	s.run(exec.Command(nginx, "-e", "stderr", "-c", main), secure, plain)
	return secure, plain
}

func TestNginx(t *testing.T) {
	for name, masters := range map[string]string{"gate sends": "masters: %q", "nginx sends": "masters: {folder: %q, accel: /masters/}"} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t)
			s.extra = "trustedProxies: [127.0.0.1]\n" + fmt.Sprintf(masters, s.masters)
			g := s.serve("gate")
			addr, _ := s.nginx(g.public)
			s.journey(addr)
			c := s.browser(addr)
			s.signUp(c, "digest@newsdesk.press")
			a := s.do(c, "GET", s.link(c), nil)
			sum := sha256.Sum256(s.data)
			if want := "sha-256=:" + base64.StdEncoding.EncodeToString(sum[:]) + ":"; a.header.Get("Repr-Digest") != want {
				t.Errorf("Repr-Digest: %q, want %q", a.header.Get("Repr-Digest"), want)
			}
			if byGate := strings.Contains(a.header.Get("ETag"), fmt.Sprintf("%x", sum)); byGate != (name == "gate sends") {
				t.Errorf("ETag %s: the wrong server has sent the file", a.header.Get("ETag"))
			}
			if a := s.do(c, "GET", "/masters/2024/a%20clip.mxf", nil); a.status != http.StatusNotFound {
				t.Errorf("the masters can be had from outside: %d", a.status)
			}
			s.withoutGate(addr, g)
		})
	}
}

// journey is a reader's way through the site and the gate behind a server in front.
func (s *site) journey(addr string) {
	t := s.t
	t.Helper()
	c := s.browser(addr)

	for _, path := range []string{"/", "/news/2024/05/opening/", "/news/2024/05/opening/index.json", "/videos/a/en.vtt", "/images/a.jpg", "/robots.txt", "/assets/press-1a2b3c4d5e.css", "/embed/a/", "/fr/embed/a/"} {
		a := s.do(c, "GET", path, nil, "Cookie", "__Host-session=somebody")
		if a.status != http.StatusOK {
			t.Errorf("%s: %d", path, a.status)
		}
		if len(a.header.Values("Set-Cookie")) > 0 {
			t.Errorf("%s sets a cookie", path)
		}
		want := headers.For(path)
		for _, h := range want {
			if got := a.header.Values(h.Name); len(got) != 1 || got[0] != h.Value {
				t.Errorf("%s: %s %q, want %q", path, h.Name, got, h.Value)
			}
		}
		if got := a.header.Get("Access-Control-Allow-Origin"); got != "" && want[len(want)-1].Value != got {
			t.Errorf("%s can be read by other sites' scripts", path)
		}
	}
	for path, text := range map[string]string{"/none/": "nothing here", "/fr/none/": "rien ici", "/none.css": "nothing here"} {
		if a := s.do(c, "GET", path, nil); a.status != http.StatusNotFound || !strings.Contains(string(a.body), text) || a.header.Get("Cache-Control") != "public, max-age=5" {
			t.Errorf("%s: %d %q %q", path, a.status, a.header.Get("Cache-Control"), a.body)
		}
	}
	if a := s.do(c, "GET", "/videos/a/en.vtt", nil); !strings.HasPrefix(a.header.Get("Content-Type"), "text/vtt") {
		t.Errorf("captions are %q", a.header.Get("Content-Type"))
	}
	if a := s.do(c, "POST", "/news/2024/05/opening/", url.Values{}); a.status != http.StatusForbidden && a.status != http.StatusMethodNotAllowed {
		t.Errorf("a page takes a POST: %d", a.status)
	}

	// What the gate says comes as it said it, whatever a cache may take the path for.
	for path, want := range map[string]int{"/account/login": 200, "/account/session": 200, "/account": 303, "/account/x.css": 404, "/account/none/": 404, "/newsletter/subscribe": 200, "/download/" + download: 303, "/files/none": 403, "/account/login;.js": 404, "/news/..%2faccount/login": 404, "/account/%2e/login": 404} {
		a := s.do(c, "GET", path, nil)
		if a.status != want {
			t.Errorf("%s: %d, want %d", path, a.status, want)
		}
		for name, want := range map[string]string{"Cache-Control": "private, no-store", "Cdn-Cache-Control": "no-store", "Strict-Transport-Security": "max-age=31536000"} {
			if got := a.header.Values(name); len(got) != 1 || got[0] != want {
				t.Errorf("%s: %s is %q", path, name, got)
			}
		}
		if got := a.header.Values("Content-Security-Policy"); len(got) != 1 || !strings.Contains(got[0], "frame-ancestors 'none'") {
			t.Errorf("%s: the policy is %q", path, got)
		}
	}
	if a, err := try(c, "POST", "/account/login", url.Values{"email": {"a@b.press"}, "password": {strings.Repeat("x", 20<<10)}}); err == nil && a.status != http.StatusRequestEntityTooLarge {
		t.Errorf("a large form: %d", a.status)
	}

	s.signUp(c, "ines@newsdesk.press")
	if !s.signedIn(c) || s.signedIn(s.browser(addr)) {
		t.Error("not the one who registered is logged in, and nobody else")
	}
	if a := s.do(c, "GET", "/account", nil); a.status != http.StatusOK || !bytes.Contains(a.body, []byte("ines@newsdesk.press")) {
		t.Errorf("the account: %d", a.status)
	}
	s.file(s.browser(addr), s.link(c))
}

// file fetches the gated file by its link, whole and in parts.
func (s *site) file(c *http.Client, link string) {
	t := s.t
	t.Helper()
	n := len(s.data)
	whole := s.do(c, "GET", link, nil)
	if whole.status != http.StatusOK || !bytes.Equal(whole.body, s.data) {
		t.Errorf("the file: %d, %d bytes of %d", whole.status, len(whole.body), n)
	}
	h := whole.header
	if h.Get("Content-Type") != "application/mxf" || !strings.HasPrefix(h.Get("Content-Disposition"), "attachment;") || h.Get("Cache-Control") != "private, no-cache, no-transform" || h.Get("Accept-Ranges") != "bytes" {
		t.Errorf("the file has headers %v", h)
	}
	for asked, want := range map[string][2]int{"bytes=0-0": {0, 1}, "bytes=1048575-2097152": {1048575, 2097153}, fmt.Sprintf("bytes=%d-", n-5): {n - 5, n}, "bytes=-7": {n - 7, n}} {
		a := s.do(c, "GET", link, nil, "Range", asked, "If-Range", h.Get("ETag"))
		if a.status != http.StatusPartialContent || !bytes.Equal(a.body, s.data[want[0]:want[1]]) || a.header.Get("Content-Range") != fmt.Sprintf("bytes %d-%d/%d", want[0], want[1]-1, n) {
			t.Errorf("%s: %d, %q, %d bytes", asked, a.status, a.header.Get("Content-Range"), len(a.body))
		}
	}
	if a := s.do(c, "GET", link, nil, "Range", fmt.Sprintf("bytes=%d-", n)); a.status != http.StatusRequestedRangeNotSatisfiable {
		t.Errorf("a range behind the end: %d", a.status)
	}
	if a := s.do(c, "GET", link, nil, "Range", "bytes=0-9,20-29"); strings.HasPrefix(a.header.Get("Content-Type"), "multipart/") {
		t.Error("two ranges are answered in parts")
	}
	if a := s.do(c, "HEAD", link, nil); a.status != http.StatusOK || a.header.Get("Content-Length") != fmt.Sprint(n) || len(a.body) > 0 {
		t.Errorf("HEAD: %d, %q", a.status, a.header.Get("Content-Length"))
	}
	if a := s.do(c, "GET", link+"x", nil); a.status != http.StatusForbidden {
		t.Errorf("a link that was changed: %d", a.status)
	}
}

// withoutGate ends the gate: the site is served on, and nobody remembers that the rest was
// not.
func (s *site) withoutGate(addr string, gates ...*gateProcess) {
	s.t.Helper()
	for _, g := range gates {
		g.cmd.Process.Kill()
		<-g.done
	}
	c := s.browser(addr)
	var a answer
	wait(s.t, "the gate to be missed", func() bool {
		a = s.do(c, "GET", "/account/session", nil)
		return a.status == http.StatusServiceUnavailable && bytes.Contains(a.body, []byte("try again"))
	})
	if a.header.Get("Cache-Control") != "private, no-store" || a.header.Get("Retry-After") == "" {
		s.t.Errorf("without a gate: %v\n%s", a.header, a.body)
	}
	if a := s.do(c, "GET", "/news/2024/05/opening/", nil); a.status != http.StatusOK {
		s.t.Errorf("without a gate the site says %d", a.status)
	}
}

// heard is a server in the place of the gate that remembers what it was sent.
func heard(t *testing.T) (addr string, last func() *http.Request) {
	var r atomic.Pointer[http.Request]
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) { r.Store(q) }))
	t.Cleanup(s.Close)
	return s.Listener.Addr().String(), r.Load
}

// forwarded tries that a server in front says where a request came from, whatever the
// request itself says of that.
func (s *site) forwarded(addr string, last func() *http.Request) {
	s.t.Helper()
	proxy := []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}
	for _, lie := range []string{"", "203.0.113.9", "127.0.0.1", "127.0.0.1, 203.0.113.9", "unknown"} {
		header := []string{"Forwarded", "for=203.0.113.9", "X-Real-Ip", "203.0.113.9"}
		if lie != "" {
			header = append(header, "X-Forwarded-For", lie)
		}
		s.do(s.browser(addr), "GET", "/account/session", nil, header...)
		r := last()
		peer := netip.MustParseAddrPort(r.RemoteAddr).Addr()
		if got := gate.ClientAddr(peer, r.Header.Values("X-Forwarded-For"), proxy); got.String() != "127.0.0.2" {
			s.t.Errorf("who said %q is taken for %s: %q from %s", lie, got, r.Header.Values("X-Forwarded-For"), peer)
		}
		if r.Host != host || r.URL.Path != "/account/session" {
			s.t.Errorf("the gate hears of %s%s", r.Host, r.URL.Path)
		}
	}
}

func TestNginxForwards(t *testing.T) {
	s := newSite(t)
	backend, last := heard(t)
	addr, _ := s.nginx(backend)
	s.forwarded(addr, last)
	// Paths arrive as they were sent: it is for the gate to judge them.
	for _, path := range []string{"/account/login?return=/a%2fb", "/news/..%2faccount/login", "/account/%2e/login", "/account/a;b"} {
		s.do(s.browser(addr), "GET", path, nil)
		if got := last().RequestURI; got != path {
			t.Errorf("%s arrives as %s", path, got)
		}
	}
}

// haproxy runs haproxy.cfg in front of two gates and a web server with the site's files.
func (s *site) haproxy(g1, g2 [2]string, files string) (addr string) {
	s.t.Helper()
	addr = port.Reserve(s.t)
	_, port1, _ := net.SplitHostPort(g1[1])
	_, port2, _ := net.SplitHostPort(g2[1])
	conf := write(s.t, filepath.Join(s.dir, "haproxy.cfg"), recipe(s.t, "haproxy.cfg",
		"bind :80\n", "bind "+port.Reserve(s.t)+"\n",
		"bind :443 ssl crt /etc/haproxy/press.example.org.pem", "bind "+addr+" ssl crt "+s.both,
		"10.0.0.11:1314 port 1315", g1[0]+" port "+port1, "10.0.0.12:1314 port 1315", g2[0]+" port "+port2,
		"10.0.0.21:8080", files,
	))
	haproxy := program(s.t, "haproxy")
	if out, err := exec.Command(haproxy, "-c", "-q", "-f", conf).CombinedOutput(); err != nil || len(out) > 0 {
		s.t.Fatalf("haproxy -c: %v\n%s", err, out)
	}
	s.run(exec.Command(haproxy, "-db", "-f", conf), addr)
	return addr
}

// Two gates on one PostgreSQL; while a reader goes on asking, each is ended and followed by
// a new one, and no request fails.
func TestHaproxy(t *testing.T) {
	s := newSite(t)
	program(t, "haproxy")
	s.extra = fmt.Sprintf("trustedProxies: [127.0.0.1]\nmasters: %q\ndatabase: %q", s.masters, postgres.Start(t))
	one, two := s.serve("one"), s.serve("two")
	_, files := s.nginx(one.public)
	addr := s.haproxy([2]string{one.public, one.admin}, [2]string{two.public, two.admin}, files)
	wait(t, "both gates to be ready", func() bool { return s.do(s.browser(addr), "GET", "/account/session", nil).status == http.StatusOK })
	s.journey(addr)

	c := s.browser(addr)
	s.signUp(c, "rolling@newsdesk.press")
	ctx, end := context.WithCancel(t.Context())
	var readers sync.WaitGroup
	var asked atomic.Int64
	for range 4 {
		readers.Go(func() {
			mine := s.browser(addr)
			mine.Jar = c.Jar
			for ctx.Err() == nil {
				if a, err := try(mine, "GET", "/account/session", nil); err != nil || a.status != http.StatusOK || !bytes.Contains(a.body, []byte(`"signedIn":true`)) {
					t.Errorf("a reader is told %d %v %s", a.status, err, a.body)
				}
				if a, err := try(mine, "POST", "/account/login", url.Values{"email": {"nobody"}, "password": {"x"}}); err != nil || a.status != http.StatusUnprocessableEntity {
					t.Errorf("a form is told %d %v", a.status, err)
				}
				asked.Add(2)
			}
		})
	}
	for _, g := range []*gateProcess{one, two} {
		before := asked.Load()
		wait(t, "some requests", func() bool { return asked.Load() > before+20 })
		g.stop()
		g = s.start(exec.Command(g.cmd.Path, g.cmd.Args[1:]...))
		wait(t, "haproxy to find it", func() bool { return g.answered("/account/session") })
	}
	end()
	readers.Wait()
	t.Logf("%d requests during two restarts", asked.Load())
	s.withoutGate(addr, s.started...)
}

func TestHaproxyForwards(t *testing.T) {
	s := newSite(t)
	backend, last := heard(t)
	addr := s.haproxy([2]string{backend, backend}, [2]string{backend, backend}, backend)
	s.forwarded(addr, last)
}

// Varnish keeps what is static and nothing else.
func TestVarnish(t *testing.T) {
	s := newSite(t)
	varnish := program(t, "varnishd")
	s.extra = fmt.Sprintf("trustedProxies: [127.0.0.1]\nmasters: %q", s.masters)
	g := s.serve("gate")
	_, origin := s.nginx(g.public)
	_, number, _ := net.SplitHostPort(origin)
	vcl := write(t, filepath.Join(s.dir, "site.vcl"), recipe(t, "varnish.vcl", `.port = "8080"`, fmt.Sprintf(".port = %q", number)))
	addr := port.Reserve(t)
	user := []string{}
	if os.Geteuid() == 0 {
		user = []string{"-j", "none"} // its own users may not read the folder of a test
	}
	s.run(exec.Command(varnish, append(user, "-F", "-n", filepath.Join(s.dir, "varnish"), "-a", addr, "-f", vcl, "-s", "malloc,32m", "-T", "none")...), addr)

	// Its client brings the cookies by itself, as they are for https alone.
	c := s.browser(addr)
	ask := func(method, path string, form url.Values, header ...string) answer {
		t.Helper()
		a, err := tryAt(c, "http://"+host, method, path, form, header...)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	secure := s.browser(s.tls(addr))
	s.signUp(secure, "cache@newsdesk.press")
	mine := secure.Jar.Cookies(mustURL(t, "https://"+host+"/"))
	cookie := mine[0].Name + "=" + mine[0].Value

	for _, path := range []string{"/", "/?utm=1", "/news/2024/05/opening/"} {
		ask("GET", path, nil, "Cookie", cookie)
		if a := ask("GET", path, nil); !hit(a) || len(a.header.Values("Set-Cookie")) > 0 {
			t.Errorf("%s is not kept: %v", path, a.header)
		}
	}
	for range 3 {
		if a := ask("GET", "/account/session", nil, "Cookie", cookie); hit(a) || !bytes.Contains(a.body, []byte("Ines")) {
			t.Errorf("who is logged in is told %s, %v", a.body, a.header)
		}
		if a := ask("GET", "/account/session", nil); hit(a) || bytes.Contains(a.body, []byte("Ines")) {
			t.Errorf("a stranger is told %s, %v", a.body, a.header)
		}
		for _, path := range []string{"/account/x.css", "/account", "/download/" + download, "/newsletter/subscribe", "/files/none", "/news/..%2faccount/session", "/%61ccount/session"} {
			if a := ask("GET", path, nil, "Cookie", cookie); hit(a) {
				t.Errorf("%s is kept: %v", path, a.header)
			}
		}
	}
	s.file(s.browser(s.tls(addr)), s.link(secure))
}

// hit tells whether Varnish had the answer: then it names two requests.
func hit(a answer) bool { return strings.Contains(a.header.Get("X-Varnish"), " ") }

func mustURL(t *testing.T, s string) *url.URL {
	t.Helper()
	u, err := url.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestCaddy(t *testing.T) {
	caddy := program(t, "caddy")
	s := newSite(t)
	s.extra = fmt.Sprintf("trustedProxies: [127.0.0.1]\nmasters: %q", s.masters)
	s.caddy(caddy, recipe(t, "Caddyfile"), true)
	g := s.serve("gate")
	addr := s.caddy(caddy, recipe(t, "Caddyfile", "127.0.0.1:1314", g.public), false)
	s.journey(addr)
	s.withoutGate(addr, g)

	backend, last := heard(t)
	s.forwarded(s.caddy(caddy, recipe(t, "Caddyfile", "127.0.0.1:1314", backend), false), last)
}

// caddy checks the recipe, or runs it on loopback with our certificate.
func (s *site) caddy(program, text string, check bool) (addr string) {
	s.t.Helper()
	if check {
		path := write(s.t, filepath.Join(s.dir, "Caddyfile"), text)
		if out, err := exec.Command(program, "validate", "--adapter", "caddyfile", "--config", path).CombinedOutput(); err != nil {
			s.t.Fatalf("caddy validate: %v\n%s", err, out)
		}
		return ""
	}
	addr = port.Reserve(s.t)
	_, number, _ := net.SplitHostPort(addr)
	text = strings.Replace(text, "\npress.example.org {\n", fmt.Sprintf("\n{\n\tadmin off\n\tauto_https disable_redirects\n\tskip_install_trust\n}\n\nhttps://press.example.org:%s {\n\tbind 127.0.0.1\n\ttls %s %s\n", number, s.cert, s.key), 1)
	text = strings.ReplaceAll(text, "/srv/press/public", s.public)
	path := write(s.t, filepath.Join(s.dir, "Caddyfile-"+number), text)
	cmd := exec.Command(program, "run", "--adapter", "caddyfile", "--config", path)
	cmd.Env = append(os.Environ(), "XDG_DATA_HOME="+s.dir, "XDG_CONFIG_HOME="+s.dir)
	s.run(cmd, addr)
	return addr
}

// The units are what systemd takes, and leave the gate little to do harm with.
func TestUnits(t *testing.T) {
	analyze := program(t, "systemd-analyze")
	dir := t.TempDir()
	me, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	service := write(t, dir+"/gate.service", recipe(t, "gate.service", "/usr/local/bin/gate", me, "User=gate", "User=root"))
	socket := write(t, dir+"/gate.socket", recipe(t, "gate.socket"))
	if out, err := exec.Command(analyze, "verify", "--recursive-errors=no", "--man=no", service, socket).CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("systemd-analyze verify: %v\n%s", err, out)
	}
	// Of 10, and less is better; 2.0 is what systemd calls "OK".
	if out, err := exec.Command(analyze, "security", "--offline=true", "--threshold=15", "--no-pager", write(t, dir+"/strict/gate.service", recipe(t, "gate.service"))).CombinedOutput(); err != nil {
		t.Errorf("systemd-analyze security: %v\n%s", err, out)
	}
}

// One gate follows another on the socket that systemd holds: requests meanwhile wait and
// none is refused.
func TestSocket(t *testing.T) {
	s := newSite(t)
	s.extra = fmt.Sprintf("trustedProxies: [127.0.0.1]\nmasters: %q", s.masters)
	path, err := gateProgram()
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	socket, err := l.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	l.Close() // the socket stays open in our copy, as in systemd
	config := s.config("gate")
	launch := func() *gateProcess {
		// LISTEN_PID is the gate's own, as sd_listen_fds(3) has it.
		cmd := exec.Command("/bin/sh", "-c", `LISTEN_FDS=1 LISTEN_PID=$$ exec "$0" serve --config "$1"`, path, config)
		cmd.ExtraFiles = []*os.File{socket}
		return s.start(cmd)
	}
	g := launch()
	if g.public != l.Addr().String() {
		t.Fatalf("the gate listens at %s, the socket is %s", g.public, l.Addr())
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: time.Minute} // as the servers in front
	ctx, end := context.WithCancel(t.Context())
	var readers sync.WaitGroup
	var asked atomic.Int64
	for range 3 {
		readers.Go(func() {
			for ctx.Err() == nil {
				if a, err := tryAt(client, "http://"+g.public, "GET", "/account/session", nil); err != nil || a.status != http.StatusOK {
					t.Errorf("a reader is told %d %v", a.status, err)
				}
				asked.Add(1)
			}
		})
	}
	wait(t, "some requests", func() bool { return asked.Load() > 50 })
	g.stop()
	launch()
	before := asked.Load()
	wait(t, "some more", func() bool { return asked.Load() > before+50 })
	end()
	readers.Wait()
}
