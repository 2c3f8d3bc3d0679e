// Package deploy_test tries the recipes of this folder as they stand: each is checked by
// the program that it is for, and those that are installed run in front of a gate on
// loopback. Only names, ports and folders are put in the place of those in the recipe.
package deploy_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"pressroom/internal/catalogue"
	"pressroom/internal/gate/mail"
	"pressroom/internal/testkit/locked"
	"pressroom/internal/testkit/port"
)

const (
	host     = "press.example.org"
	origin   = "https://" + host
	password = "Correct-Horse-7-Battery"
	download = "MC-20240527-V-0412/broadcast-1080i50"
)

// gateProgram is cmd/gate, built once for all tests that want it.
var gateProgram = sync.OnceValues(func() (string, error) {
	path := filepath.Join(os.Getenv(programFolder), "gate")
	if out, err := exec.Command("go", "build", "-o", path, "pressroom/cmd/gate").CombinedOutput(); err != nil {
		return "", fmt.Errorf("build cmd/gate: %w\n%s", err, out)
	}
	return path, nil
})

// programFolder names the folder that TestMain makes for it, and removes.
const programFolder = "DEPLOY_TEST_PROGRAMS"

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "deploy-")
	if err == nil {
		err = os.Setenv(programFolder, dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// program finds an installed program, or skips the test; where CI is set it has to be
// there.
func program(t *testing.T, name string) string {
	t.Helper()
	for _, at := range []string{name, "/usr/sbin/" + name, "/usr/local/bin/" + name} {
		if path, err := exec.LookPath(at); err == nil {
			return path
		}
	}
	if os.Getenv("CI") != "" && name != "caddy" { // which Debian 12 has not in the version that the recipe is for
		t.Fatalf("no %s is installed, and CI is set", name)
	}
	t.Skipf("no %s is installed", name)
	return ""
}

// recipe reads a file of this folder and puts what a test has in the place of what stands
// there. All of it must stand there: else the recipe has changed and the test tries
// something else.
func recipe(t *testing.T, name string, replace ...string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	text := string(b)
	for i := 0; i+1 < len(replace); i += 2 {
		if !strings.Contains(text, replace[i]) {
			t.Fatalf("%s does not say %q", name, replace[i])
		}
		text = strings.ReplaceAll(text, replace[i], replace[i+1])
	}
	return text
}

func write(t *testing.T, path, text string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// site is a built site with one gated file, and the certificate of its host.
type site struct {
	t                               *testing.T
	dir, public, masters            string
	closed, outbox, cert, key, both string
	roots                           *x509.CertPool
	data                            []byte // of the gated file
	extra                           string // of gate.yaml
	started                         []*gateProcess
}

func newSite(t *testing.T) *site {
	t.Helper()
	dir := t.TempDir()
	s := &site{t: t, dir: dir, public: dir + "/public", masters: dir + "/media", closed: dir + "/closed", outbox: dir + "/outbox"}
	for path, text := range map[string]string{
		"/index.html": "<!doctype html><title>The site</title>", "/404.html": "nothing here", "/fr/404.html": "rien ici",
		"/news/2024/05/opening/index.html": "<!doctype html><title>Opening</title>", "/robots.txt": "User-agent: *\n",
		"/news/2024/05/opening/index.json": "{}", "/images/a.jpg": "\xff\xd8", "/assets/press-1a2b3c4d5e.css": "p{}",
		"/embed/a/index.html": "<!doctype html><title>A</title>", "/fr/embed/a/index.html": "<!doctype html><title>A</title>",
		"/videos/a/en.vtt": "WEBVTT\n", "/events.ics": "BEGIN:VCALENDAR\r\n",
	} {
		write(t, s.public+path, text)
	}
	s.data = make([]byte, 3<<20+17)
	rand.Read(s.data)
	write(t, s.masters+"/2024/a clip.mxf", string(s.data))
	sum := sha256.Sum256(s.data)
	catalogued := catalogue.File{Version: catalogue.Version, Downloads: []catalogue.Download{{
		ID: download, Title: "Council session opens", Page: "/videos/MC-20240527-V-0412/", File: "2024/a clip.mxf", Type: "application/mxf",
		Bytes: int64(len(s.data)), SHA256: hex.EncodeToString(sum[:]), Access: "account",
	}}}
	b, err := catalogued.Encode()
	if err != nil {
		t.Fatal(err)
	}
	write(t, s.closed+"/catalogue.json", string(b))
	s.certify()
	return s
}

// certify makes a certificate that the test's browsers trust.
func (s *site) certify() {
	s.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		s.t.Fatal(err)
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: host}, DNSNames: []string{host},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	if err != nil {
		s.t.Fatal(err)
	}
	if c, err = x509.ParseCertificate(der); err != nil {
		s.t.Fatal(err)
	}
	s.roots = x509.NewCertPool()
	s.roots.AddCert(c)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		s.t.Fatal(err)
	}
	certPEM := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	keyPEM := string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}))
	s.cert, s.key, s.both = write(s.t, s.dir+"/site.crt", certPEM), write(s.t, s.dir+"/site.key", keyPEM), write(s.t, s.dir+"/site.pem", certPEM+keyPEM)
}

// gateProcess is one running instance.
type gateProcess struct {
	cmd           *exec.Cmd
	public, admin string
	done          chan struct{}
	log           *locked.Buffer
}

// config writes gate.yaml for an instance of that name.
func (s *site) config(name string) string {
	return write(s.t, filepath.Join(s.dir, name+".yaml"), fmt.Sprintf(`baseURL: %s
listen: %s
admin: %s
data: %q
closed: %q
mail: {from: press@example.org, folder: %q}
%s`, origin, port.Reserve(s.t), port.Reserve(s.t), filepath.Join(s.dir, "data"), s.closed, s.outbox, s.extra))
}

// serve starts `gate serve` and waits until it listens.
func (s *site) serve(name string) *gateProcess {
	s.t.Helper()
	path, err := gateProgram()
	if err != nil {
		s.t.Fatal(err)
	}
	return s.start(exec.Command(path, "serve", "--config", s.config(name)))
}

func (s *site) start(cmd *exec.Cmd) *gateProcess {
	s.t.Helper()
	g := &gateProcess{cmd: cmd, done: make(chan struct{}), log: &locked.Buffer{}}
	out, err := cmd.StderrPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		s.t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for g.public == "" && lines.Scan() {
		fmt.Fprintln(g.log, lines.Text())
		var said struct{ Msg, Public, Admin string }
		if json.Unmarshal(lines.Bytes(), &said) == nil && said.Msg == "listening" {
			g.public, g.admin = said.Public, said.Admin
		}
	}
	go func() {
		for lines.Scan() {
			fmt.Fprintln(g.log, lines.Text())
		}
		cmd.Wait()
		close(g.done)
	}()
	s.started = append(s.started, g)
	s.t.Cleanup(func() {
		cmd.Process.Kill()
		<-g.done
		if s.t.Failed() {
			s.t.Logf("log of the gate at %s:\n%s", g.public, g.log)
		}
	})
	if g.public == "" {
		s.t.Fatalf("the gate did not start:\n%s", g.log)
	}
	return g
}

// answered tells whether this process has answered a request for a path well.
func (g *gateProcess) answered(path string) bool {
	res, err := http.Get("http://" + g.admin + "/metrics")
	if err != nil {
		return false
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	return err == nil && bytes.Contains(b, []byte(`gate_request_seconds_count{class="2xx",method="GET",route="`+path+`"}`))
}

// tls ends TLS before a server that does not, on a port of its own.
func (s *site) tls(addr string) string {
	s.t.Helper()
	pair, err := tls.LoadX509KeyPair(s.cert, s.key)
	if err != nil {
		s.t.Fatal(err)
	}
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{pair}})
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { l.Close() })
	go func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer in.Close()
				out, err := net.Dial("tcp", addr)
				if err != nil {
					return
				}
				defer out.Close()
				go func() { io.Copy(out, in); out.(*net.TCPConn).CloseWrite() }()
				io.Copy(in, out)
			}()
		}
	}()
	return l.Addr().String()
}

// stop asks the gate to end and waits for it.
func (g *gateProcess) stop() {
	g.cmd.Process.Signal(syscall.SIGTERM)
	<-g.done
}

// run starts another server, waits until it takes connections at the addresses, and ends
// it with the test.
func (s *site) run(cmd *exec.Cmd, addrs ...string) {
	s.t.Helper()
	said := &locked.Buffer{}
	cmd.Stdout, cmd.Stderr = said, said
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	gone := make(chan struct{})
	go func() { cmd.Wait(); close(gone) }()
	s.t.Cleanup(func() {
		cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-gone:
		case <-time.After(10 * time.Second):
			cmd.Process.Kill()
			<-gone
		}
		if s.t.Failed() {
			s.t.Logf("%s said:\n%s", cmd.Args[0], said)
		}
	})
	for _, addr := range addrs {
		wait(s.t, addr+" to listen", func() bool {
			select {
			case <-gone:
				s.t.Fatalf("%s ended:\n%s", cmd.Args[0], said)
			default:
			}
			c, err := net.Dial("tcp", addr)
			if err == nil {
				c.Close()
			}
			return err == nil
		})
	}
}

func wait(t *testing.T, what string, f func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !f(); {
		if time.Now().After(deadline) {
			t.Fatalf("in vain waited for %s", what)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// browser is a client that finds the site's host at an address of loopback, and comes
// from another one than the servers do.
func (s *site) browser(addr string) *http.Client {
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	d := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 2)}}
	return &http.Client{
		Jar: jar, Timeout: time.Minute,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
				return d.DialContext(ctx, network, addr)
			},
			TLSClientConfig:   &tls.Config{RootCAs: s.roots},
			ForceAttemptHTTP2: true, DisableCompression: true,
		},
	}
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func (s *site) do(c *http.Client, method, path string, form url.Values, header ...string) answer {
	s.t.Helper()
	a, err := try(c, method, path, form, header...)
	if err != nil {
		s.t.Fatal(err)
	}
	return a
}

func try(c *http.Client, method, path string, form url.Values, header ...string) (answer, error) {
	return tryAt(c, origin, method, path, form, header...)
}

func tryAt(c *http.Client, base, method, path string, form url.Values, header ...string) (answer, error) {
	r, err := http.NewRequest(method, base+path, strings.NewReader(form.Encode()))
	if err != nil {
		return answer{}, err
	}
	r.Host = host
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", origin)
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	res, err := c.Do(r)
	if err != nil {
		return answer{}, err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	return answer{res.StatusCode, res.Header, b}, err
}

var codeLine = regexp.MustCompile(`(?m)^([0-9]{6})\r?$`)

// signUp makes an account and leaves the browser logged in.
func (s *site) signUp(c *http.Client, email string) {
	s.t.Helper()
	a := s.do(c, "POST", "/account/register", url.Values{"email": {email}, "password": {password}, "name": {"Ines Okafor"}, "organisation": {"Coast Radio"}})
	if a.status != http.StatusSeeOther {
		s.t.Fatalf("register: %d\n%s", a.status, a.body)
	}
	if len(a.header.Values("Set-Cookie")) != 1 || !strings.HasPrefix(a.header.Get("Set-Cookie"), "__Host-flow=") || !strings.Contains(a.header.Get("Set-Cookie"), "; Secure") {
		s.t.Fatalf("register set %q", a.header.Values("Set-Cookie"))
	}
	f := mail.Folder{Dir: s.outbox}
	code := ""
	wait(s.t, "the code", func() bool {
		list, _ := f.List(100)
		for _, m := range list {
			if whole, err := f.Open(m.Name); err == nil && strings.EqualFold(m.To, email) {
				if found := codeLine.FindStringSubmatch(whole.Text); found != nil {
					code = found[1]
				}
			}
		}
		return code != ""
	})
	if a = s.do(c, "POST", "/account/verify", url.Values{"code": {code}}); a.status != http.StatusSeeOther || !strings.HasPrefix(a.header.Get("Location"), "/account/welcome") {
		s.t.Fatalf("verify: %d %s\n%s", a.status, a.header.Get("Location"), a.body)
	}
}

// signedIn asks as the pages of the site do.
func (s *site) signedIn(c *http.Client) bool {
	s.t.Helper()
	return strings.Contains(string(s.do(c, "GET", "/account/session", nil).body), `"signedIn":true`)
}

// link is the address of the gated file, as the gate gives it.
func (s *site) link(c *http.Client) string {
	s.t.Helper()
	a := s.do(c, "GET", "/download/"+download, nil)
	if to := a.header.Get("Location"); a.status == http.StatusSeeOther && strings.HasPrefix(to, "/files/") {
		return to
	}
	s.t.Fatalf("download: %d %s\n%s", a.status, a.header.Get("Location"), a.body)
	return ""
}
