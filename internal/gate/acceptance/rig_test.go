//go:build gatetest

package acceptance

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"pressroom"
	"pressroom/internal/catalogue"
	"pressroom/internal/gate"
	"pressroom/internal/gate/app"
	"pressroom/internal/gate/settings"
	"pressroom/internal/gate/store"
	"pressroom/internal/testkit/locked"
	"pressroom/internal/testkit/postgres"
)

// TestMain runs the tests, or the gate: the tests start this very program again as the
// process that they try.
func TestMain(m *testing.M) {
	if config := os.Getenv("RIG_CONFIG"); config != "" {
		if err := runGate(config); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(3)
		}
		os.Exit(0)
	}
	// Nobody measures this process, which takes the processors from those that are tried.
	debug.SetGCPercent(400)
	os.Exit(m.Run())
}

// runGate is what `gate serve` does.
func runGate(config string) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	s, problems := settings.Load(config, os.Environ())
	if problems.HasErrors() {
		return fmt.Errorf("%v", problems)
	}
	if os.Getenv("RIG_HASHES") != "real" {
		s.PasswordCost, s.CodeCost = gate.Cost{Memory: 256, Passes: 1, Threads: 1}, gate.Cost{Memory: 64, Passes: 1, Threads: 1}
	}
	a, err := app.Open(ctx, *s, app.Options{Log: slog.New(slog.NewJSONHandler(os.Stderr, nil)), Theme: pressroom.Theme})
	if err != nil {
		return err
	}
	defer a.Close()
	return a.Serve(ctx, func(public, admin string) { fmt.Printf("listening %s %s\n", public, admin) })
}

// host is where the site of the tests stands.
const (
	host   = "press.meridian.test"
	origin = "https://" + host
)

// rig is a site with one or more instances of the gate in front of one database.
type rig struct {
	t         testing.TB
	kind      string // "sqlite" or "postgres"
	dir       string
	dsn       string
	outbox    string
	closed    string
	masters   string
	settings  string // more of gate.yaml
	env       []string
	inherit   *os.File // a socket that instances listen at, as systemd gives it
	inbox     *inbox   // what was read of the outbox
	instances []*instance
	downloads []catalogue.Download
}

// instance is one process of the gate.
type instance struct {
	rig           *rig
	cmd           *exec.Cmd
	public, admin string
	log           *locked.Buffer
	done          chan struct{}
	err           error
}

// option changes a rig before its instances start.
type option func(*rig)

// with adds lines to gate.yaml.
func with(yaml string) option { return func(r *rig) { r.settings += yaml + "\n" } }

// withEnv adds a variable to the environment of the instances.
func withEnv(pair string) option { return func(r *rig) { r.env = append(r.env, pair) } }

// both runs a test over both databases, with so many instances. SQLite is one
// process's, so it has one instance always.
func both(t *testing.T, instances int, f func(t *testing.T, r *rig), options ...option) {
	t.Helper()
	t.Parallel()
	for _, kind := range []string{"sqlite", "postgres"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			n := instances
			if kind == "sqlite" {
				n = 1
			}
			f(t, start(t, kind, n, options...))
		})
	}
}

// start makes a site with two gated files and starts the instances.
func start(t testing.TB, kind string, instances int, options ...option) *rig {
	t.Helper()
	r := &rig{t: t, kind: kind, dir: t.TempDir()}
	r.outbox, r.closed, r.masters = filepath.Join(r.dir, "outbox"), filepath.Join(r.dir, "closed"), filepath.Join(r.dir, "masters")
	for _, d := range []string{r.outbox, r.closed, r.masters, filepath.Join(r.dir, "data")} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	r.inbox = newInbox(r.outbox)
	r.dsn = filepath.Join(r.dir, "data", "gate.db")
	if kind == "postgres" {
		r.dsn = tables.Start(t)
	} else if err := copyTables(r.dsn); err != nil {
		t.Fatal(err)
	}
	r.addDownload("MC-20240527-V-0412/broadcast-1080i50", "clip.mxf", bytes.Repeat([]byte("broadcast quality "), 20_000))
	r.addDownload("MC-20240527-V-0412/web-720p", "clip.mp4", bytes.Repeat([]byte("for the web "), 1000))
	r.writeCatalogue()
	for _, o := range options {
		o(r)
	}
	r.writeSettings()
	for range instances {
		r.launch()
	}
	return r
}

// Gates start on a database that has its tables, since they take longer to make than most
// rows to run: a copy of one that a store made. Those that a row is about are empty; see
// empty.
var (
	tables     = postgres.Template{Fill: makeTables}
	sqliteFile = sync.OnceValues(func() ([]byte, error) {
		dir, err := os.MkdirTemp("", "gate-")
		if err != nil {
			return nil, err
		}
		defer os.RemoveAll(dir)
		path := filepath.Join(dir, "gate.db")
		if err := makeTables(path); err != nil {
			return nil, err
		}
		return os.ReadFile(path)
	})
)

func makeTables(dsn string) error {
	s, err := store.Open(context.Background(), dsn, store.Options{})
	if err != nil {
		return err
	}
	return s.Close()
}

func copyTables(path string) error {
	b, err := sqliteFile()
	if err != nil {
		return err
	}
	return os.WriteFile(path, b, 0o600)
}

// empty is the option of rows that are about the first start.
func empty(r *rig) {
	r.t.Helper()
	if r.kind == "postgres" {
		r.dsn = postgres.Start(r.t)
	} else if err := os.Remove(r.dsn); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) addDownload(id, file string, data []byte) {
	r.t.Helper()
	if err := os.WriteFile(filepath.Join(r.masters, file), data, 0o600); err != nil {
		r.t.Fatal(err)
	}
	sum := sha256.Sum256(data)
	r.downloads = append(r.downloads, catalogue.Download{
		ID: id, Title: "Council session opens", Page: "/videos/MC-20240527-V-0412/", File: file, Type: "application/mxf",
		Bytes: int64(len(data)), SHA256: hex.EncodeToString(sum[:]), Access: "account",
	})
}

func (r *rig) writeCatalogue() {
	r.t.Helper()
	f := catalogue.File{Version: catalogue.Version, Downloads: r.downloads}
	b, err := f.Encode()
	if err == nil {
		err = os.WriteFile(filepath.Join(r.closed, "catalogue.json"), b, 0o600)
	}
	if err != nil {
		r.t.Fatal(err)
	}
}

// realHashes is the option of rows that are about what hashes cost. All others compute
// cheap ones, which no gate.yaml allows.
var realHashes = withEnv("RIG_HASHES=real")

// writeSettings writes gate.yaml.
func (r *rig) writeSettings() {
	r.t.Helper()
	text := fmt.Sprintf(`baseURL: %s
listen: 127.0.0.1:0
admin: 127.0.0.1:0
trustedProxies: [127.0.0.0/8]
clientHeader: X-Forwarded-For
data: %q
database: %q
closed: %q
masters: %q
mail:
  from: press@meridian.test
  folder: %q
%s`, origin, filepath.Join(r.dir, "data"), r.dsn, r.closed, r.masters, r.outbox, r.settings)

	if strings.Contains(r.settings, "mail:") {
		text = regexp.MustCompile(`(?m)^mail:\n  from.*\n  folder.*\n`).ReplaceAllString(text, "")
	}
	if err := os.WriteFile(filepath.Join(r.dir, "gate.yaml"), []byte(text), 0o600); err != nil {
		r.t.Fatal(err)
	}
}

// launch starts one more instance and waits until it is ready.
func (r *rig) launch(env ...string) *instance {
	r.t.Helper()
	return r.begin(env...)()
}

// begin starts one more instance, and returns what waits until it is ready: so several
// can start at once.
func (r *rig) begin(env ...string) (ready func() *instance) {
	r.t.Helper()
	i := &instance{rig: r, log: &locked.Buffer{}, done: make(chan struct{})}
	i.cmd = exec.Command(os.Args[0])
	if r.inherit != nil {
		i.cmd = exec.Command("/bin/sh", "-c", `LISTEN_PID=$$ LISTEN_FDS=1 exec "$0"`, os.Args[0])
		i.cmd.ExtraFiles = []*os.File{r.inherit}
	}
	i.cmd.Env = append(append(append(os.Environ(), "RIG_CONFIG="+filepath.Join(r.dir, "gate.yaml")), r.env...), env...)
	i.cmd.Stderr = i.log
	out, err := i.cmd.StdoutPipe()
	if err == nil {
		err = i.cmd.Start()
	}
	if err != nil {
		r.t.Fatal(err)
	}
	return func() *instance {
		r.t.Helper()
		line, err := bufio.NewReader(out).ReadString('\n')
		if _, e := fmt.Sscanf(line, "listening %s %s", &i.public, &i.admin); err != nil || e != nil {
			i.cmd.Wait()
			r.t.Fatalf("the gate did not start: %v\n%s", err, i.log)
		}
		go func() {
			io.Copy(io.Discard, out)
			i.err = i.cmd.Wait()
			close(i.done)
		}()
		r.instances = append(r.instances, i)
		r.t.Cleanup(func() {
			i.kill()
			if r.t.Failed() {
				r.t.Logf("log of %s:\n%s", i.public, tail(i.log.String(), 40))
			}
		})
		return i
	}
}

func tail(s string, n int) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

// kill ends the process at once; stop asks it to end and waits.
func (i *instance) kill() {
	i.cmd.Process.Kill()
	<-i.done
}

func (i *instance) stop() error {
	i.cmd.Process.Signal(syscall.SIGTERM)
	<-i.done
	return i.err
}

// advance moves the clock of the database, as all instances see it, to so much later
// than the real time.
func (r *rig) advance(by time.Duration) {
	r.t.Helper()
	for _, i := range r.instances {
		i.post("/test/clock", "offset", by.String())
	}
}

// purge forgets what is over, as the gate does every minute.
func (r *rig) purge() { r.instances[0].post("/test/purge") }

// post asks the admin listener.
func (i *instance) post(path string, form ...string) {
	i.rig.t.Helper()
	res, err := http.PostForm("http://"+i.admin+path, values(form...))
	if err != nil {
		i.rig.t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		b, _ := io.ReadAll(res.Body)
		i.rig.t.Fatalf("%s: %s %s", path, res.Status, b)
	}
}

// metric is a number of /metrics, as "gate_hashes_total{of=\"password\"}"; 0 when there is
// none.
func (i *instance) metric(name string) float64 {
	i.rig.t.Helper()
	return i.metrics()[name]
}

// metrics are all numbers of /metrics, of one moment.
func (i *instance) metrics() map[string]float64 {
	i.rig.t.Helper()
	res, err := http.Get("http://" + i.admin + "/metrics")
	if err != nil {
		i.rig.t.Fatal(err)
	}
	defer res.Body.Close()
	all := map[string]float64{}
	s := bufio.NewScanner(res.Body)
	for s.Scan() {
		if at := strings.LastIndexByte(s.Text(), ' '); at > 0 && s.Text()[0] != '#' {
			n, err := strconv.ParseFloat(s.Text()[at+1:], 64)
			if err != nil {
				i.rig.t.Fatalf("/metrics: %q: %v", s.Text(), err)
			}
			all[s.Text()[:at]] = n
		}
	}
	if err := s.Err(); err != nil {
		i.rig.t.Fatal(err)
	}
	return all
}

func values(form ...string) url.Values {
	v := url.Values{}
	for i := 0; i+1 < len(form); i += 2 {
		v.Add(form[i], form[i+1])
	}
	return v
}

// eventually waits until something is true. It gives up after a minute, which only a
// broken gate needs; and asks less and less often, since who asks takes the processor from
// who is to answer.
func eventually(t testing.TB, what string, f func() bool) {
	t.Helper()
	pause := time.Millisecond
	for deadline := time.Now().Add(time.Minute); !f(); pause = min(2*pause, 32*time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("in vain waited for %s", what)
		}
		time.Sleep(pause)
	}
}

// settled waits until the outbox has nothing that could leave now.
func (r *rig) settled() {
	r.t.Helper()
	r.instances[r.newest()].post("/test/settled")
}

// dial opens a connection to an instance for what no client library would send.
func (i *instance) dial(t testing.TB) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", i.public)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}
