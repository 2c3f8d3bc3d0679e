//go:build gatetest

package acceptance

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"pressroom/internal/testkit/locked"
	"pressroom/internal/testkit/port"
)

// tool finds an installed program. Without it the test is skipped, or fails where CI is
// set.
func tool(t testing.TB, name string) string {
	t.Helper()
	for _, at := range []string{name, "/usr/sbin/" + name, "/usr/bin/" + name} {
		if path, err := exec.LookPath(at); err == nil {
			return path
		}
	}
	if os.Getenv("CI") != "" {
		t.Fatalf("no %s is installed, and CI is set", name)
	}
	t.Skipf("no %s is installed", name)
	return ""
}

// runTool starts a server that is not ours and waits until it listens at an address. It
// ends with the test.
func runTool(t testing.TB, addr, name string, args ...string) {
	t.Helper()
	log := &locked.Buffer{}
	cmd := exec.Command(tool(t, name), args...)
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		cmd.Wait()
		close(ended)
	}()
	t.Cleanup(func() {
		cmd.Process.Kill()
		<-ended
		if t.Failed() {
			t.Logf("%s:\n%s", name, tail(log.String(), 30))
		}
	})
	eventually(t, name+" to listen", func() bool {
		select {
		case <-ended:
			t.Fatalf("%s ended:\n%s", name, log)
		default:
		}
		c, err := net.Dial("tcp", addr)
		if err == nil {
			c.Close()
		}
		return err == nil
	})
}

// behind is the same site as it is seen through a server in front.
func (r *rig) behind(addr string) *rig {
	front := *r
	front.instances = []*instance{{rig: &front, public: addr, admin: r.instances[0].admin, log: &locked.Buffer{}}}
	return &front
}

// config writes a file into a new folder of the test.
func config(t testing.TB, name, text string) string {
	t.Helper()
	at := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(at, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return at
}

// varnish starts Varnish with what a VCL says after its backends, "gate" and "site".
func varnish(t testing.TB, gate, site, vcl string) (addr string) {
	t.Helper()
	backend := func(name, addr string) string {
		host, number, err := net.SplitHostPort(addr)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprintf("backend %s { .host = %q; .port = %q; }\n", name, host, number)
	}
	addr = port.Reserve(t)
	at := config(t, "default.vcl", "vcl 4.1;\n"+backend("gate", gate)+backend("site", site)+vcl)
	runTool(t, addr, "varnishd", "-F", "-j", "none", "-n", t.TempDir(), "-a", addr, "-T", "none", "-f", at, "-s", "malloc,16m",
		"-p", "thread_pools=1", "-p", "thread_pool_min=10", "-p", "vcc_err_unref=off")
	return addr
}

// nginx starts nginx, which passes everything on as it comes, over connections that it
// keeps: where requests of several readers share one, one that is read in two ways does
// most harm.
func nginx(t testing.TB, gate string) (addr string) {
	t.Helper()
	addr = port.Reserve(t)
	dir := t.TempDir()
	runTool(t, addr, "nginx", "-e", "stderr", "-p", dir, "-c", config(t, "nginx.conf", fmt.Sprintf(`
daemon off; master_process off; pid %[1]s/pid; error_log stderr warn;
events { worker_connections 256; }
http {
	access_log off;
	client_body_temp_path %[1]s; proxy_temp_path %[1]s; fastcgi_temp_path %[1]s; uwsgi_temp_path %[1]s; scgi_temp_path %[1]s;
	upstream gate { server %[2]s; keepalive 4; }
	server {
		listen %[3]s;
		location / {
			proxy_pass http://gate;
			proxy_http_version 1.1;
			proxy_request_buffering off;
			proxy_set_header Connection "";
			proxy_set_header Host %[4]s;
			proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
		}
	}
}
`, dir, gate, addr, host)))
	return addr
}

// haproxy starts HAProxy in the same way.
func haproxy(t testing.TB, gate string) (addr string) {
	t.Helper()
	addr = port.Reserve(t)
	runTool(t, addr, "haproxy", "-db", "-f", config(t, "haproxy.cfg", fmt.Sprintf(`
global
	maxconn 256
defaults
	mode http
	timeout connect 5s
	timeout client 20s
	timeout server 20s
	timeout http-request 5s
	option forwardfor
	http-reuse always
frontend press
	bind %s
	default_backend gate
backend gate
	http-request set-header Host %s
	server gate %s
`, addr, host, gate)))
	return addr
}
