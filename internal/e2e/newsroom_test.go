//go:build e2e

package e2e

import (
	"bufio"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"pressroom"
	"pressroom/internal/gate"
	"pressroom/internal/gate/keyring"
	"pressroom/internal/gate/web"
)

// root is the top of the repository, which is the example newsroom too.
const root = "../.."

// deadline is for what a loaded machine may take; nothing waits for it when all is well.
const deadline = 60 * time.Second

var (
	pressBinary string // as `make` builds it
	cache       string // of all runs of it
	library     shared // the newsroom of those who only read
)

// shared is a newsroom that several tests use, from the first one that wants it on.
type shared struct {
	once sync.Once
	*newsroom
	stop func() error
	err  error
}

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "e2e")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	pressBinary, cache = filepath.Join(dir, "press"), filepath.Join(dir, "cache")
	build := exec.Command("go", "build", "-ldflags=-s -w", "-o", pressBinary, "./cmd/press")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build press: %v\n%s", err, out)
		return 1
	}
	code := m.Run()
	if library.stop != nil {
		if err := library.stop(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	return code
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// newsroom is a copy of the example that press serves.
type newsroom struct {
	test  testing.TB
	dir   string
	url   string
	words map[string]map[string]string // of the interface, by language
}

// serve starts press in a copy of the example newsroom, for a test whose readers do what
// the gate writes down; it ends with the test.
func serve(t testing.TB) *newsroom {
	t.Helper()
	n, stop, err := start(t.TempDir())
	if stop != nil {
		t.Cleanup(func() {
			if err := stop(); err != nil {
				t.Error(err)
			}
		})
	}
	must(t, err)
	n.test = t
	return n
}

// visit leads to a newsroom that the test shares with others who only read.
func visit(t testing.TB) *newsroom {
	t.Helper()
	library.once.Do(func() {
		library.newsroom, library.stop, library.err = start(filepath.Join(filepath.Dir(pressBinary), "library"))
	})
	must(t, library.err)
	n := *library.newsroom
	n.test = t
	return &n
}

// start copies the newsroom into dir and has press serve it. What ends it tells what press
// complained of.
func start(dir string) (n *newsroom, stop func() error, err error) {
	n = &newsroom{dir: dir, words: map[string]map[string]string{}}
	for _, part := range []string{"content", "layouts", "static", "media"} {
		if err := os.CopyFS(filepath.Join(dir, part), os.DirFS(filepath.Join(root, part))); err != nil {
			return nil, nil, err
		}
	}
	config, err := os.ReadFile(filepath.Join(root, "site.yaml"))
	if err != nil {
		return nil, nil, err
	}
	if err := os.WriteFile(filepath.Join(dir, "site.yaml"), config, 0o600); err != nil {
		return nil, nil, err
	}
	f, err := web.Builtin(pressroom.Theme, "https://press.example.org")
	if err != nil {
		return nil, nil, err
	}
	for _, ed := range f.Languages {
		n.words[ed.Frame.Lang] = ed.Frame.T
	}

	cmd := exec.Command(pressBinary, "serve", "--addr", "127.0.0.1:0", "--source", dir)
	cmd.Env = append(os.Environ(), "XDG_CACHE_HOME="+cache)
	log := &strings.Builder{}
	cmd.Stderr = log
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, nil, err
	}
	lines := bufio.NewScanner(out)
	for n.url == "" && lines.Scan() {
		if rest, ok := strings.CutPrefix(lines.Text(), "Pressroom serves "); ok {
			n.url, _, _ = strings.Cut(rest, "/ ")
		}
	}
	told := make(chan struct{})
	go func() {
		defer close(told)
		for lines.Scan() {
		}
	}()
	stop = func() error {
		cmd.Process.Signal(os.Interrupt)
		<-told
		if err := cmd.Wait(); err != nil || log.Len() > 0 {
			return fmt.Errorf("press: %v\n%s", err, log)
		}
		return nil
	}
	if n.url == "" {
		return nil, stop, errors.New("press does not serve")
	}
	for limit := time.Now().Add(deadline); ; time.Sleep(5 * time.Millisecond) {
		r, err := http.Get(n.url + "/account/session")
		if err == nil {
			r.Body.Close()
		}
		if err == nil && r.StatusCode == http.StatusOK {
			return n, stop, nil
		}
		if time.Now().After(limit) {
			return nil, stop, fmt.Errorf("the gate does not answer: %w", err)
		}
	}
}

// word is a word of the interface.
func (n *newsroom) word(lang, key string) string {
	n.test.Helper()
	w, ok := n.words[lang][key]
	if !ok {
		n.test.Fatalf("there is no word %s", key)
	}
	return w
}

// database is the gate's, beside the press that uses it.
func (n *newsroom) database(do func(db *sql.DB) error) {
	n.test.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(n.dir, "gate-data", "gate.db")+"?_pragma=busy_timeout(10000)")
	must(n.test, err)
	must(n.test, errors.Join(do(db), db.Close()))
}

// minute lets the minute between two mails to one address go by at once.
func (n *newsroom) minute() {
	n.test.Helper()
	n.database(func(db *sql.DB) error {
		_, err := db.Exec("DELETE FROM marks WHERE key LIKE 'mail%'")
		return err
	})
}

// unsubscribeLink is the one that the newsletter's mails to an address have.
func (n *newsroom) unsubscribeLink(email string) string {
	n.test.Helper()
	var id string
	n.database(func(db *sql.DB) error {
		return db.QueryRow("SELECT id FROM subscriptions WHERE email = $1", email).Scan(&id)
	})
	ring, err := keyring.LoadOrCreate(filepath.Join(n.dir, "gate-data", "keys"), time.Now())
	must(n.test, err)
	keys, err := gate.NewKeys(ring.Master)
	must(n.test, err)
	return n.url + "/newsletter/unsubscribe?t=" + (&gate.Gate{Keys: keys}).UnsubscribeToken(id)
}
