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
)

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
	return m.Run()
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

// serve starts press in a copy of the example newsroom; it ends with the test.
func serve(t testing.TB) *newsroom {
	t.Helper()
	n := &newsroom{test: t, dir: t.TempDir(), words: map[string]map[string]string{}}
	for _, part := range []string{"content", "layouts", "static", "media"} {
		must(t, os.CopyFS(filepath.Join(n.dir, part), os.DirFS(filepath.Join(root, part))))
	}
	config, err := os.ReadFile(filepath.Join(root, "site.yaml"))
	must(t, err)
	must(t, os.WriteFile(filepath.Join(n.dir, "site.yaml"), config, 0o600))
	f, err := web.Builtin(pressroom.Theme, "https://press.example.org")
	must(t, err)
	for _, ed := range f.Languages {
		n.words[ed.Frame.Lang] = ed.Frame.T
	}

	cmd := exec.Command(pressBinary, "serve", "--addr", "127.0.0.1:0", "--source", n.dir)
	cmd.Env = append(os.Environ(), "XDG_CACHE_HOME="+cache)
	log := &strings.Builder{}
	cmd.Stderr = log
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
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
	t.Cleanup(func() {
		cmd.Process.Signal(os.Interrupt)
		<-told
		if err := cmd.Wait(); err != nil || log.Len() > 0 {
			t.Errorf("press: %v\n%s", err, log)
		}
	})
	if n.url == "" {
		t.Fatal("press does not serve")
	}
	for limit := time.Now().Add(deadline); ; time.Sleep(5 * time.Millisecond) {
		r, err := http.Get(n.url + "/account/session")
		if err == nil {
			r.Body.Close()
		}
		if err == nil && r.StatusCode == http.StatusOK {
			return n
		}
		if time.Now().After(limit) {
			t.Fatalf("the gate does not answer: %v", err)
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
