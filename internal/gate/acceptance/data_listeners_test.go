//go:build gatetest

package acceptance

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"pressroom/internal/gate/settings"
	"pressroom/internal/testkit/locked"
)

// programs are cmd/gate as it is shipped, and with the tag of these tests.
var programs = sync.OnceValues(func() (map[string]string, error) {
	dir, err := os.MkdirTemp("", "gate-programs-")
	if err != nil {
		return nil, err
	}
	found := map[string]string{}
	for name, args := range map[string][]string{"shipped": nil, "test": {"-tags", "gatetest"}} {
		found[name] = filepath.Join(dir, name)
		args = append(append([]string{"build"}, args...), "-o", found[name], "pressroom/cmd/gate")
		if out, err := exec.Command("go", args...).CombinedOutput(); err != nil {
			return nil, fmt.Errorf("build cmd/gate: %w\n%s", err, out)
		}
	}
	return found, nil
})

// What operators and tests look at is not there for the world: the public listener answers
// none of it, the other one is on loopback, and the program that is shipped has neither
// clock nor fault points.
func TestRow66(t *testing.T) {
	t.Parallel()
	found, err := programs()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(filepath.Dir(found["shipped"])) })
	t.Run("program", func(t *testing.T) {
		t.Parallel()
		for name, has := range map[string]bool{"shipped": false, "test": true} {
			symbols, err := exec.Command("go", "tool", "nm", found[name]).Output()
			if err != nil {
				t.Fatal(err)
			}
			content, err := os.ReadFile(found[name])
			if err != nil {
				t.Fatal(err)
			}
			for _, symbol := range []string{"pressroom/internal/gate.armed", "pressroom/internal/gate/app.moved"} {
				if bytes.Contains(symbols, []byte(symbol+"\n")) != has {
					t.Errorf("the %s program: symbol %s: %v, want %v", name, symbol, !has, has)
				}
			}
			for _, text := range []string{"/test/clock", "/test/purge", "/test/settled", "/test/fault", "GATE_TEST_"} {
				if bytes.Contains(content, []byte(text)) != has {
					t.Errorf("the %s program: %q: %v, want %v", name, text, !has, has)
				}
			}
			if bytes.Contains(symbols, []byte(" net/http/pprof.")) {
				t.Errorf("the %s program has pprof", name)
			}
		}
	})
	if d := settings.Default(t.TempDir()); !strings.HasPrefix(d.Admin, "127.0.0.1:") || !strings.HasPrefix(d.Listen, "127.0.0.1:") {
		t.Errorf("listens at %s and %s by default", d.Listen, d.Admin)
	}
	inside := []string{"/metrics", "/healthz", "/readyz", "/debug/pprof", "/debug/pprof/", "/debug/pprof/heap", "/debug/pprof/profile?seconds=1", "/debug/pprof/cmdline", "/debug/vars", "/test/clock", "/test/clock?offset=1h", "/test/purge", "/test/settled", "/test/fault?point=x", "/_outbox/", "/admin", "/status", "/server-status", "/stats", "/health", "/live", "/ready", "/version", "/env", "/actuator", "/.git/config", "/api", "/swagger.json", "/config", "/outbox", "/users", "/audit", "/keys"}
	scan := func(t *testing.T, r *rig, public, admin string, shipped bool) {
		t.Helper()
		w := wireTo(t, "tcp", public)
		none := w.ask("GET", "/none")
		for _, method := range []string{"GET", "HEAD", "POST", "OPTIONS"} {
			for _, path := range inside {
				for _, target := range []string{path, "/" + path, "/account/.." + path, path + "/", "http://" + host + path, "http://" + admin + path} {
					p := w.ask(method, target, "Content-Length", "0")
					if p.Status != http.StatusNotFound && p.Status != http.StatusMisdirectedRequest {
						t.Errorf("public: %s %s: %d %.200s", method, target, p.Status, p.text())
					}
					if strings.Contains(p.Body, "gate_") || strings.Contains(p.Body, "goroutine") {
						t.Errorf("public: %s %s: %.300s", method, target, p.Body)
					}
				}
			}
		}
		if p := w.ask("GET", "/metrics"); p.Status != none.Status || p.text() != none.text() {
			t.Errorf("public: /metrics is told apart from what is not there: %d and %d", p.Status, none.Status)
		}
		if address, _, _ := net.SplitHostPort(admin); address != "127.0.0.1" {
			t.Errorf("the operators' listener is at %s", admin)
		}
		a := wireTo(t, "tcp", admin)
		for path, want := range map[string]int{"/metrics": 200, "/healthz": 200, "/readyz": 200, "/debug/pprof/": 404, "/debug/vars": 404, "/account": 404, "/account/login": 404, "/files/none": 404} {
			if p := a.ask("GET", path); p.Status != want {
				t.Errorf("operators: %s: %d, want %d", path, p.Status, want)
			}
		}
		for path, want := range map[string]int{"/test/clock?offset=0s": 200, "/test/purge": 200, "/test/fault?point=none": 200} {
			if shipped {
				want = http.StatusNotFound
			}
			if p := a.ask("POST", path, "Content-Length", "0"); p.Status != want {
				t.Errorf("operators: POST %s: %d, want %d", path, p.Status, want)
			}
		}
	}
	for _, kind := range []string{"sqlite", "postgres"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			r := start(t, kind, 1)
			scan(t, r, r.instances[0].public, r.instances[0].admin, false)
			// The shipped program on the same site.
			log := &locked.Buffer{}
			cmd := exec.Command(found["shipped"], "serve", "--config", filepath.Join(r.dir, "gate.yaml"))
			cmd.Stderr = log
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				cmd.Process.Kill()
				cmd.Wait()
			})
			var at struct{ Public, Admin string }
			eventually(t, "the shipped gate to listen", func() bool {
				for line := range strings.Lines(log.String()) {
					if strings.Contains(line, `"listening"`) {
						return json.Unmarshal([]byte(line), &at) == nil
					}
				}
				return false
			})
			scan(t, r, at.Public, at.Admin, true)
		})
	}
}
