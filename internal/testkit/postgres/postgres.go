// Package postgres runs PostgreSQL for tests, from the programs that are installed: in goes
// a test, out comes the DSN of an empty database that is its own. It listens on a socket
// in a temporary folder, never on the network, and is gone with the process that tests,
// however that ends.
//
// A test is skipped where no PostgreSQL is installed, and fails there when CI is set.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Start makes an empty database on a server that all tests of the process share, and tells
// its DSN. The server does not wait for the disk, so its speed says little.
func Start(tb testing.TB) (dsn string) {
	tb.Helper()
	need(tb)
	s, err := shared()
	if err != nil {
		tb.Fatal(err)
	}
	return s.Database(tb)
}

// It has no cleaner either, which would go round all databases of the tests, and be in the
// way of who copies one.
var shared = sync.OnceValues(func() (*Server, error) {
	return start("fsync=off", "full_page_writes=off", "synchronous_commit=off", "autovacuum=off")
})

// Template makes databases that begin with the same content, which Fill puts into the
// first one, given its DSN. The others are copies: to copy takes a fraction of the time.
type Template struct {
	Fill func(dsn string) error

	once sync.Once
	name string
	err  error
}

// Start is that of the package, with the template's content in the database.
func (t *Template) Start(tb testing.TB) (dsn string) {
	tb.Helper()
	need(tb)
	s, err := shared()
	if err != nil {
		tb.Fatal(err)
	}
	t.once.Do(func() {
		t.name = s.newName()
		if t.err = s.do("CREATE DATABASE " + t.name + " TEMPLATE template0"); t.err == nil {
			t.err = t.Fill(s.dsn(t.name))
		}
	})
	if t.err != nil {
		tb.Fatal(t.err)
	}
	return s.database(tb, t.name)
}

// New starts a server of the test's own, to be stopped and restarted. The settings are
// those of postgresql.conf, such as "max_connections=10".
func New(tb testing.TB, settings ...string) *Server {
	tb.Helper()
	need(tb)
	s, err := start(settings...)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := s.end(""); err != nil {
			tb.Error(err)
		}
		if err := os.RemoveAll(s.Dir); err != nil {
			tb.Error(err)
		}
	})
	return s
}

// need skips the test where there is no PostgreSQL.
func need(tb testing.TB) {
	tb.Helper()
	if programs() != "" {
		return
	}
	if os.Getenv("CI") != "" {
		tb.Fatal("no PostgreSQL is installed, and CI is set")
	}
	tb.Skip("no PostgreSQL is installed: ./internal/testkit/need postgresql")
}

// programs is the folder of postgres and initdb, "" when there is none. Debian keeps each
// version in a folder of its own and off PATH.
func programs() string {
	if path, err := exec.LookPath("postgres"); err == nil {
		return filepath.Dir(path)
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/postgres") // the pattern is well formed
	if len(found) == 0 {
		return ""
	}
	version := func(path string) int {
		n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path))))
		return n
	}
	return filepath.Dir(slices.MaxFunc(found, func(a, b string) int { return version(a) - version(b) }))
}

// Server is a PostgreSQL that runs, or is stopped.
type Server struct {
	Dir string // where its socket is

	settings  []string
	databases atomic.Int64
	keeper    *exec.Cmd
	orders    io.WriteCloser
}

// keep runs the server and waits for an order. When none can come any more, since the test
// is gone, it removes everything.
const keep = `
"$1/postgres" -D "$2/data" -k "$2" -c listen_addresses= $3 >>"$2/log" 2>&1 &
order=gone
read order
case $order in
stop) kill -INT $! ;;
*) kill -QUIT $! ;;
esac
wait $!
[ "$order" = stop ] || [ "$order" = kill ] || rm -rf "$2"
`

// as is a command, run by the user postgres when we are root, whom PostgreSQL refuses.
func as(name string, args ...string) *exec.Cmd {
	if os.Geteuid() == 0 {
		args = append([]string{"-u", "postgres", "--", name}, args...)
		name = "runuser"
	}
	cmd := exec.Command(name, args...)
	cmd.Dir = "/"
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8")
	return cmd
}

func start(settings ...string) (*Server, error) {
	dir, err := os.MkdirTemp("", "pg-")
	if err != nil {
		return nil, err
	}
	if os.Geteuid() == 0 {
		u, err := user.Lookup("postgres")
		if err != nil {
			return nil, err
		}
		uid, _ := strconv.Atoi(u.Uid)
		gid, _ := strconv.Atoi(u.Gid)
		if err := os.Chown(dir, uid, gid); err != nil {
			return nil, err
		}
	}
	s := &Server{Dir: dir, settings: append([]string{"max_connections=200"}, settings...)}
	out, err := as(filepath.Join(programs(), "initdb"), "-D", filepath.Join(dir, "data"), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync").CombinedOutput()
	if err == nil {
		err = s.Start()
	} else {
		err = fmt.Errorf("initdb: %w\n%s", err, out)
	}
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return s, nil
}

// Start starts a server that was stopped, and waits until it answers.
func (s *Server) Start() error {
	var settings strings.Builder
	for _, setting := range s.settings {
		settings.WriteString(" -c " + setting)
	}
	s.keeper = as("/bin/sh", "-c", strings.Replace(keep, "$3", settings.String(), 1), "sh", programs(), s.Dir)
	var err error
	if s.orders, err = s.keeper.StdinPipe(); err != nil {
		return err
	}
	if err := s.keeper.Start(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for {
		conn, err := pgx.Connect(ctx, s.dsn("postgres"))
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-ctx.Done():
			log, _ := os.ReadFile(filepath.Join(s.Dir, "log")) // the error is told without it, too
			return errors.Join(fmt.Errorf("start PostgreSQL: %w\n%s", err, log), s.end("kill"))
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// Stop ends the server as a restart does: connections are cut, transactions rolled back.
func (s *Server) Stop() error { return s.end("stop") }

// Kill ends it as a power cut does.
func (s *Server) Kill() error { return s.end("kill") }

// Restart stops and starts it.
func (s *Server) Restart() error {
	if err := s.Stop(); err != nil {
		return err
	}
	return s.Start()
}

// end gives an order to the keeper, or none, and waits for it. A server that was ended is
// left alone.
func (s *Server) end(order string) error {
	if s.orders == nil {
		return nil
	}
	_, err := io.WriteString(s.orders, order+"\n")
	err = errors.Join(err, s.orders.Close())
	s.orders = nil
	var exit *exec.ExitError // how the server ended is not ours
	if e := s.keeper.Wait(); e != nil && !errors.As(e, &exit) {
		err = errors.Join(err, e)
	}
	return err
}

// Database makes an empty database and tells its DSN. It is removed after the test.
func (s *Server) Database(tb testing.TB) (dsn string) {
	tb.Helper()
	return s.database(tb, "template0")
}

func (s *Server) newName() string { return fmt.Sprintf("test%d", s.databases.Add(1)) }

func (s *Server) database(tb testing.TB, template string) (dsn string) {
	tb.Helper()
	name := s.newName()
	if err := s.do("CREATE DATABASE " + name + " TEMPLATE " + template); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if s.orders == nil {
			return
		}
		if err := s.do("DROP DATABASE " + name + " WITH (FORCE)"); err != nil {
			tb.Error(err)
		}
	})
	return s.dsn(name)
}

// Bouncer runs a pgbouncer in transaction mode before the server until the test ends, with
// so many connections to each database, and tells the DSN of one through it. It is
// skipped where no pgbouncer is installed, and fails there when CI is set.
func (s *Server) Bouncer(tb testing.TB, connections int) (through func(dsn string) string) {
	tb.Helper()
	program, err := exec.LookPath("pgbouncer")
	if err != nil {
		program = "/usr/sbin/pgbouncer"
	}
	if _, err := os.Stat(program); err != nil {
		if os.Getenv("CI") != "" {
			tb.Fatal("no pgbouncer is installed, and CI is set")
		}
		tb.Skip("no pgbouncer is installed: ./internal/testkit/need pgbouncer")
	}
	// Beside the server's socket, where its user may write.
	settings := fmt.Sprintf("[databases]\n* = host=%[1]s user=postgres\n[pgbouncer]\nunix_socket_dir=%[1]s\nlisten_addr=\nlisten_port=6432\n"+
		"auth_type=any\npool_mode=transaction\ndefault_pool_size=%d\nmax_client_conn=500\nlogfile=%[1]s/bouncer.log\n", s.Dir, connections)
	path := filepath.Join(s.Dir, "bouncer.ini")
	if err := os.WriteFile(path, []byte(settings), 0o644); err != nil {
		tb.Fatal(err)
	}
	// It ends with the shell's input, as the server does.
	cmd := as("/bin/sh", "-c", `"$1" -q "$2" & read order; kill -INT $!; wait`, "sh", program, path)
	orders, err := cmd.StdinPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := errors.Join(orders.Close(), cmd.Wait()); err != nil {
			tb.Error(err)
		}
	})
	through = func(dsn string) string { return dsn + "&port=6432" }
	deadline := time.Now().Add(time.Minute)
	for {
		conn, err := pgx.Connect(context.Background(), through(s.dsn("postgres")))
		if err == nil {
			if err := conn.Close(context.Background()); err != nil {
				tb.Error(err)
			}
			return through
		}
		if time.Now().After(deadline) {
			tb.Fatalf("start pgbouncer: %v", err)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func (s *Server) do(statement string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, s.dsn("postgres"))
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, statement)
	return errors.Join(err, conn.Close(ctx))
}

func (s *Server) dsn(database string) string {
	return "postgres:///" + database + "?" + url.Values{"host": {s.Dir}, "user": {"postgres"}}.Encode()
}
