package main

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"pressroom/internal/catalogue"
	"pressroom/internal/testkit/outside"
	"pressroom/internal/testkit/postgres"
)

// server is a process that is measured.
type server struct {
	name   string
	base   string // http://127.0.0.1:…
	ready  string // is answered with 200 when it takes requests
	dir    string
	parent bool // of other processes
	cmd    *exec.Cmd
	took   time.Duration // from the start until it was ready
	said   bytes.Buffer
}

// launch starts a process and waits until it answers.
func (b *bench) launch(s *server, name string, args ...string) error {
	s.cmd = exec.Command(name, args...)
	s.cmd.Stdout, s.cmd.Stderr = io.Discard, &s.said
	s.cmd.WaitDelay = 10 * time.Second
	start := time.Now()
	if err := s.cmd.Start(); err != nil {
		return err
	}
	client := &http.Client{Timeout: 5 * time.Second}
	for late := start.Add(time.Minute); ; {
		res, err := client.Get(s.ready)
		if err == nil {
			res.Body.Close()
			if res.StatusCode == http.StatusOK {
				s.took = time.Since(start)
				return nil
			}
		}
		if time.Now().After(late) || b.Context.Err() != nil {
			s.stop()
			if err == nil {
				err = errors.New(res.Status)
			}
			return errors.Join(fmt.Errorf("%s did not start: %w\n%s", s.name, err, s.said.String()), b.Context.Err())
		}
		time.Sleep(time.Millisecond)
	}
}

// stop ends the process at once. One that has others below it has to end those itself.
func (s *server) stop() {
	if s == nil || s.cmd == nil || s.cmd.Process == nil {
		return
	}
	if s.parent {
		s.cmd.Process.Signal(syscall.SIGTERM)
	} else {
		s.cmd.Process.Kill()
	}
	s.cmd.Wait()
}

// free is an address of loopback where nobody listens now.
func free() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// startGate runs a gate in a folder. Limits that would slow one tester down, who is
// everybody here, are as high as gate.yaml lets them be; hashes cost what they cost.
func (b *bench) startGate(dir, extra string) (*server, error) {
	public, err := free()
	if err != nil {
		return nil, err
	}
	admin, err := free()
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Join(dir, "outbox"), 0o700); err != nil {
		return nil, err
	}
	if _, err := os.Stat(filepath.Join(dir, "closed")); err != nil { // a gate without a catalogue is not ready
		if _, _, err := offer(dir, 1<<16); err != nil {
			return nil, err
		}
	}
	mail := "mail: {from: press@meridian.test, folder: outbox}\n"
	if strings.Contains(extra, "mail:") {
		mail = ""
	}
	config := filepath.Join(dir, "gate.yaml")
	text := fmt.Sprintf(`baseURL: http://%s
listen: %[1]s
admin: %s
trustedProxies: [127.0.0.1]
log: {level: warn}
limits:
  loginFree: 20
  loginNetwork: 100000 per 10m
  loginAddress: 10000 per 1h
  guessesNetwork: 10000 per 1h
  guessesAll: 100000 per 1h
  mailGap: %s
  mailAddress: 100 per 1h
  mailNetwork: 10000 per 1h
  mailAll: 1000000 per 1h
  parallelDownloads: 100
  bytesDaily: 1PB
  grantsAccount: 10000 per 1h
%s%s`, public, admin, mailGap(b), mail, extra)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		return nil, err
	}
	s := &server{name: "gate", base: "http://" + public, ready: "http://" + admin + "/readyz", dir: dir}
	return s, b.launch(s, b.gate, "serve", "--config", config)
}

// mailGap is the least time between two mails to one address: as shipped, but short in a
// quick run, which has to wait for it.
func mailGap(b *bench) time.Duration { return either(b, time.Minute, 3*time.Second) }

// offer puts a master of so many bytes into a folder, and its catalogue beside it.
func offer(dir string, size int64) (path, id string, err error) {
	path, id = filepath.Join(dir, "media", "clip.mxf"), "MC-20240527-V-0412/broadcast-1080i50"
	for _, d := range []string{"closed", "media"} {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o700); err != nil {
			return "", "", err
		}
	}
	f, err := os.Create(path)
	if err != nil {
		return "", "", err
	}
	block := make([]byte, 1<<20)
	rand.Read(block)
	sum := sha256.New()
	w := io.MultiWriter(f, sum)
	for left := size; left > 0 && err == nil; left -= int64(len(block)) {
		_, err = w.Write(block[:min(left, int64(len(block)))])
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return "", "", err
	}
	c := &catalogue.File{Version: catalogue.Version, Downloads: []catalogue.Download{{
		ID: id, Title: "Council session opens", Page: "/videos/MC-20240527-V-0412/", File: "clip.mxf", Type: "application/mxf",
		Bytes: size, SHA256: hex.EncodeToString(sum.Sum(nil)), Access: "account",
	}}}
	text, err := c.Encode()
	if err != nil {
		return "", "", err
	}
	return path, id, os.WriteFile(filepath.Join(dir, "closed", "catalogue.json"), text, 0o600)
}

// pocketbase is the peer that is built from its own example program.
const pocketbase = "github.com/pocketbase/pocketbase/examples/base@v0.39.11"

// buildPocketBase builds the peer into the user's cache, once.
func (b *bench) buildPocketBase() (string, error) {
	if b.base != "" {
		return b.base, nil
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	_, version, _ := strings.Cut(pocketbase, "@")
	dir := filepath.Join(cache, "pressroom-bench", "pocketbase-"+version)
	path := filepath.Join(dir, "base")
	if _, err := os.Stat(path); err != nil {
		b.Say("building PocketBase %s; this takes some minutes, once", version)
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return "", err
		}
		cmd := exec.CommandContext(b.Context, "go", "install", "-ldflags", "-s -w", pocketbase)
		cmd.Dir, cmd.Env = dir, append(os.Environ(), "GOBIN="+dir, "GOFLAGS=")
		if out, err := cmd.CombinedOutput(); err != nil {
			return "", fmt.Errorf("build PocketBase: %w\n%s", err, out)
		}
	}
	b.base = path
	return path, nil
}

// What PocketBase's user is called. Its rate limits are off unless switched on.
const (
	peerEmail    = "ines.okafor@newsdesk.press"
	peerPassword = "Correct-Horse-7-Battery"
)

// startPocketBase runs the peer with one user.
func (b *bench) startPocketBase(dir string) (*server, error) {
	path, err := b.buildPocketBase()
	if err != nil {
		return nil, err
	}
	addr, err := free()
	if err != nil {
		return nil, err
	}
	data := filepath.Join(dir, "pb_data")
	fresh := false
	if _, err := os.Stat(data); err != nil {
		fresh = true
		if out, err := exec.CommandContext(b.Context, path, "superuser", "upsert", "root@newsdesk.press", peerPassword, "--dir", data).CombinedOutput(); err != nil {
			return nil, fmt.Errorf("PocketBase: %w\n%s", err, out)
		}
	}
	s := &server{name: "PocketBase", base: "http://" + addr, ready: "http://" + addr + "/api/health", dir: dir}
	if err := b.launch(s, path, "serve", "--http", addr, "--dir", data); err != nil {
		return nil, err
	}
	if !fresh {
		return s, nil
	}
	token, err := s.peerLogin("_superusers", "root@newsdesk.press")
	if err == nil {
		err = s.peerPost("/api/collections/users/records", token, map[string]any{
			"email": peerEmail, "password": peerPassword, "passwordConfirm": peerPassword, "verified": true,
		}, nil)
	}
	if err != nil {
		s.stop()
		return nil, fmt.Errorf("PocketBase: %w", err)
	}
	return s, nil
}

// peerLogin is a log-in of PocketBase; it tells the token.
func (s *server) peerLogin(collection, email string) (string, error) {
	var out struct{ Token string }
	err := s.peerPost("/api/collections/"+collection+"/auth-with-password", "", map[string]any{"identity": email, "password": peerPassword}, &out)
	if err == nil && out.Token == "" {
		err = errors.New("no token")
	}
	return out.Token, err
}

func (s *server) peerPost(path, token string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	r, err := http.NewRequest(http.MethodPost, s.base+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	if token != "" {
		r.Header.Set("Authorization", token)
	}
	res, err := keepAlive.Do(r)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s %.200s", path, res.Status, text)
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(text, out)
}

// startNginx serves a folder as a careful operator would.
func (b *bench) startNginx(dir, files string) (*server, error) {
	path := tool("nginx")
	if path == "" {
		return nil, errMissing{"nginx"}
	}
	addr, err := free()
	if err != nil {
		return nil, err
	}
	user := ""
	if os.Geteuid() == 0 {
		user = "user root;" // its own may not read our folder
	}
	conf := filepath.Join(dir, "nginx.conf")
	text := fmt.Sprintf(`%s daemon off; worker_processes auto; pid %[2]s/nginx.pid; error_log stderr;
events { worker_connections 1024; }
http {
	access_log off; sendfile on; tcp_nopush on; default_type application/octet-stream;
	client_body_temp_path %[2]s/t1; proxy_temp_path %[2]s/t2; fastcgi_temp_path %[2]s/t3; uwsgi_temp_path %[2]s/t4; scgi_temp_path %[2]s/t5;
	server { listen %[3]s; root %[4]s; location = /ready { return 200; } }
}
`, user, dir, addr, files)
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		return nil, err
	}
	s := &server{name: "nginx", base: "http://" + addr, ready: "http://" + addr + "/ready", dir: dir, parent: true}
	return s, b.launch(s, path, "-e", "stderr", "-c", conf)
}

// errMissing is a tool that is not installed.
type errMissing struct{ name string }

func (e errMissing) Error() string { return e.name + " is not installed" }

// tool finds a program, "" when it is not there. Those of administrators are not on
// everybody's PATH.
func tool(name string) string {
	for _, at := range []string{name, "/usr/sbin/" + name} {
		if path, err := exec.LookPath(at); err == nil {
			return path
		}
	}
	return ""
}

// withPostgres runs f with the address of an empty database, of a server that waits for
// its disk as it would at work.
func withPostgres(f func(dsn string) error) error {
	return outside.Do(func(tb *outside.TB) error { return f(postgres.New(tb).Database(tb)) })
}

// memory reads a line of /proc, as VmRSS or VmHWM, in bytes; 0 where the system does not
// tell.
func (s *server) memory(what string) int64 {
	f, err := os.Open(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var kib int64
		if rest, ok := strings.CutPrefix(lines.Text(), what+":"); ok {
			fmt.Sscan(rest, &kib)
			return kib << 10
		}
	}
	return 0
}

// forget makes VmHWM begin anew (proc(5), clear_refs).
func (s *server) forget() {
	_ = os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", s.cmd.Process.Pid), []byte("5"), 0) // then it is the peak since the start
}
