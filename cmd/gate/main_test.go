package main

import (
	"bufio"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"database/sql"
	"encoding/json"
	"encoding/pem"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"pressroom"
	"pressroom/internal/gate"
	"pressroom/internal/gate/app"
	"pressroom/internal/gate/settings"
	"pressroom/internal/testkit/locked"
	"pressroom/internal/testkit/script"
)

var update = flag.Bool("update", false, "write what the commands print into the scripts")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"gate": main})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			e.Setenv("NO_COLOR", "1")
			e.Values["served"] = &served{}
			return nil
		},
		RequireUniqueNames: true,
		UpdateScripts:      *update,
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"exits":  script.Exits,
			"json":   script.JSON,
			"seed":   cmdSeed,
			"up":     cmdUp,
			"down":   cmdDown,
			"get":    cmdGet,
			"mails":  cmdMails,
			"has":    cmdHas,
			"tamper": cmdTamper,
		},
	})
}

// seed WHAT… puts rows into the database of gate.yaml, and makes it first:
//
//	account EMAIL NAME ORGANISATION   its id is that of the mail's local part
//	grant EMAIL DOWNLOAD TITLE BYTES
//	session EMAIL
//	reader EMAIL LANGUAGE TOPICS      of the newsletter; TOPICS with commas, or -
//	issue N                           one with news, of which N letters are queued
func cmdSeed(ts *testscript.TestScript, neg bool, args []string) {
	s, problems := settings.Load(ts.MkAbs("gate.yaml"), nil)
	if s == nil {
		ts.Fatalf("%v", problems)
	}
	ctx := context.Background()
	a, err := app.Open(ctx, *s, app.Options{Log: slog.New(slog.DiscardHandler), Theme: pressroom.Theme})
	ts.Check(err)
	defer a.Close()
	if len(args) == 0 {
		return
	}
	id := func(email string) string { local, _, _ := strings.Cut(email, "@"); return "id-" + local }
	in := func(f func(tx gate.Tx) error) { ts.Check(a.Store.Update(ctx, f)) }
	switch args[0] {
	case "account":
		in(func(tx gate.Tx) error {
			return tx.AddAccount(&gate.Account{ID: id(args[1]), Email: args[1], Key: strings.ToLower(args[1]), Name: args[2], Organisation: args[3], Language: "en",
				Password: "$argon2id$unusable", PasswordAt: tx.Now(), Created: tx.Now()})
		})
	case "grant":
		n, err := strconv.ParseInt(args[4], 10, 64)
		ts.Check(err)
		in(func(tx gate.Tx) error {
			return tx.AddGrant(&gate.Grant{ID: fmt.Sprint("g", tx.Now().UnixNano()), Account: id(args[1]), Download: args[2], Title: args[3], Bytes: n, At: tx.Now()})
		})
	case "session":
		in(func(tx gate.Tx) error {
			return tx.PutSession(&gate.Session{ID: []byte(args[1]), Account: id(args[1]), Created: tx.Now(), Proved: tx.Now(), Seen: tx.Now(), Expires: tx.Now().Add(time.Hour), Agent: "Firefox on Linux", Network: "192.0.2.0/24"})
		})
	case "reader":
		var topics []string
		if args[3] != "-" {
			topics = strings.Split(args[3], ",")
		}
		in(func(tx gate.Tx) error {
			return tx.PutSubscription(&gate.Subscription{ID: "s-" + id(args[1]), Email: args[1], Key: strings.ToLower(args[1]), Language: args[2], Topics: topics, Created: tx.Now()})
		})
	case "issue":
		n, err := strconv.Atoi(args[1])
		ts.Check(err)
		content := gate.Content{"en": {{ID: "1", Title: "The harbour opens", URL: "https://press.example.org/news/harbour/", Date: time.Now()}}}
		i, err := a.Gate.BeginIssue(ctx, content, time.Now().Add(-time.Hour), time.Now())
		ts.Check(err)
		_, _, err = a.Gate.QueueIssue(ctx, i.ID, n, 100)
		ts.Check(err)
	default:
		ts.Fatalf("seed knows no %q", args[0])
	}
}

// served is a gate that serves in the background of a script.
type served struct {
	*exec.Cmd
	log  *locked.Buffer
	done chan error
}

// up begins "gate serve" and waits until it listens; $PUBLIC and $ADMIN are then its
// addresses.
func cmdUp(ts *testscript.TestScript, neg bool, args []string) {
	program := ""
	for dir := range strings.SplitSeq(ts.Getenv("PATH"), string(os.PathListSeparator)) {
		if p := filepath.Join(dir, "gate"); program == "" && fileExists(p) {
			program = p
		}
	}
	s := ts.Value("served").(*served)
	*s = served{Cmd: exec.Command(program, append([]string{"serve"}, args...)...), log: &locked.Buffer{}, done: make(chan error, 1)}
	s.Dir = ts.MkAbs(".")
	for _, name := range []string{"HOME", "PATH", "TMPDIR", "GATE_MAIL_SMTP_PASSWORD"} {
		if v := ts.Getenv(name); v != "" {
			s.Env = append(s.Env, name+"="+v)
		}
	}
	r, w := io.Pipe()
	s.Stderr = io.MultiWriter(s.log, w)
	ts.Check(s.Start())
	ts.Defer(func() { _ = s.Process.Kill() })
	listening := make(chan [2]string, 1)
	go func() {
		lines := bufio.NewScanner(r)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			var line struct{ Msg, Public, Admin string }
			if json.Unmarshal(lines.Bytes(), &line) == nil && line.Msg == "listening" {
				listening <- [2]string{line.Public, line.Admin}
			}
		}
	}()
	go func() { s.done <- s.Wait(); w.Close() }()
	select {
	case at := <-listening:
		ts.Setenv("PUBLIC", "http://"+at[0])
		ts.Setenv("ADMIN", "http://"+at[1])
	case err := <-s.done:
		ts.Fatalf("gate serve ended: %v\n%s", err, s.log)
	case <-time.After(30 * time.Second):
		ts.Fatalf("gate serve does not listen\n%s", s.log)
	}
}

// down ends the gate as an operator would, and writes its log into the file log.
func cmdDown(ts *testscript.TestScript, neg bool, args []string) {
	s := ts.Value("served").(*served)
	ts.Check(s.Process.Signal(syscall.SIGTERM))
	select {
	case err := <-s.done:
		ts.Check(os.WriteFile(ts.MkAbs("log"), []byte(s.log.String()), 0o600))
		ts.Check(err)
	case <-time.After(30 * time.Second):
		ts.Fatalf("gate serve does not end\n%s", s.log)
	}
}

// get STATUS URL TEXT: the answer has that status, and the text in it.
func cmdGet(ts *testscript.TestScript, neg bool, args []string) {
	res, err := http.Get(args[1])
	ts.Check(err)
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	ts.Check(err)
	if fmt.Sprint(res.StatusCode) != args[0] || !strings.Contains(string(b), args[2]) {
		ts.Fatalf("%s: %s\n%s", args[1], res.Status, b)
	}
}

// mails DIR N waits until a folder has N mails, and never sees more.
func cmdMails(ts *testscript.TestScript, neg bool, args []string) {
	want, err := strconv.Atoi(args[1])
	ts.Check(err)
	deadline := time.Now().Add(30 * time.Second)
	for {
		found, err := filepath.Glob(filepath.Join(ts.MkAbs(args[0]), "*.eml"))
		ts.Check(err)
		if len(found) == want {
			return
		}
		if len(found) > want || time.Now().After(deadline) {
			ts.Fatalf("%d mails, want %d", len(found), want)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// has FILE TEXT: the file has the text as it stands, with \r\n and the like spelt out.
func cmdHas(ts *testscript.TestScript, neg bool, args []string) {
	text, err := strconv.Unquote(`"` + strings.ReplaceAll(args[1], `"`, `\"`) + `"`)
	ts.Check(err)
	if strings.Contains(ts.ReadFile(args[0]), text) == neg {
		ts.Fatalf("%s: %q is there: %v\n%s", args[0], text, neg, ts.ReadFile(args[0]))
	}
}

// tamper changes the second line of the audit, as somebody who can write the database.
func cmdTamper(ts *testscript.TestScript, neg bool, args []string) {
	db, err := sql.Open("sqlite", ts.MkAbs("gate-data/gate.db"))
	ts.Check(err)
	defer db.Close()
	// The table forbids it; whoever can write the file can take that away.
	var trigger string
	for db.QueryRow("SELECT name FROM sqlite_master WHERE type = 'trigger' LIMIT 1").Scan(&trigger) == nil {
		_, err := db.Exec("DROP TRIGGER " + trigger)
		ts.Check(err)
	}
	_, err = db.Exec("UPDATE audit SET result = 'ok' WHERE seq = 2")
	ts.Check(err)
}

func fileExists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// What gate.yaml shows commented out can be used as it stands, and what it calls a default
// is one.
func TestTemplate(t *testing.T) {
	dir := t.TempDir()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"secrets/smtp": "x", "secrets/s3": "x", "mail/en/verify.txt": "", "secrets/dkim.pem": string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})),
	} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	bare, problems := settings.Parse(filepath.Join(dir, "gate.yaml"), []byte(template), nil)
	if bare == nil {
		t.Fatal(problems)
	}
	for _, otherMasters := range []bool{false, true} {
		var lines []string
		group := ""
		for line := range strings.Lines(template) {
			text, commented := strings.CutPrefix(line, "#")
			if commented && !strings.HasPrefix(text, " ") {
				group = text
			}
			switch masters := strings.HasPrefix(group, "masters:"); {
			case commented && strings.HasPrefix(text, "  ") || commented && !strings.HasPrefix(text, " "):
				if !masters || strings.HasPrefix(group, "masters: {") != otherMasters {
					line = text
				}
			}
			lines = append(lines, line)
		}
		whole, problems := settings.Parse(filepath.Join(dir, "gate.yaml"), []byte(strings.Join(lines, "")), nil)
		if len(problems) > 0 {
			t.Errorf("%v\n%s", problems, strings.Join(lines, ""))
			continue
		}
		if (whole.Masters.S3 != nil) != otherMasters {
			t.Errorf("the store is %v", whole.Masters.S3)
		}
		if !reflect.DeepEqual(whole.Limits, bare.Limits) || whole.ParallelDownloads != bare.ParallelDownloads || whole.PasswordCost != bare.PasswordCost || whole.Log != bare.Log ||
			whole.Policy != bare.Policy || whole.Database != bare.Database || whole.KeysFile != bare.KeysFile || whole.Closed != bare.Closed || whole.Newsletter.Rate != bare.Newsletter.Rate ||
			whole.Listen != bare.Listen || whole.Admin != bare.Admin || whole.Mail.From != bare.Mail.From || whole.Mail.Folder != bare.Mail.Folder {
			t.Errorf("a default is not shown as it is:\n%+v\n%+v", whole.Limits, bare.Limits)
		}
	}
}

func TestWhen(t *testing.T) {
	zone := time.FixedZone("X", 2*60*60)
	now := time.Date(2026, 7, 7, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		text, want string
		end        bool
	}{
		{"2026-07-01", "2026-06-30T22:00:00Z", false},
		{"2026-07-01", "2026-07-01T22:00:00Z", true},
		{"2026-07-01T09:00", "2026-07-01T07:00:00Z", true},
		{"2026-07-01 09:00", "2026-07-01T07:00:00Z", false},
		{"2026-07-01T09:00:00Z", "2026-07-01T09:00:00Z", false},
		{"7d", "2026-06-30T12:00:00Z", false},
		{"90m", "2026-07-07T10:30:00Z", true},
		{"tomorrow", "", false},
		{"", "", false},
	} {
		got, err := when("since", c.text, zone, now, c.end)
		if s := got.UTC().Format(time.RFC3339); err == nil && s != c.want || (err != nil) != (c.want == "") {
			t.Errorf("%q: %s, %v, want %s", c.text, s, err, c.want)
		}
	}
}

func TestWithoutPassword(t *testing.T) {
	for dsn, want := range map[string]string{
		"postgres://gate:hunter2@db.example.org/gate?sslmode=require": "postgres://gate@db.example.org/gate?sslmode=require",
		"postgres://gate@db/gate":                                     "postgres://gate@db/gate",
		"postgres:///gate?host=/run&password=hunter2":                 "postgres:///gate?host=%2Frun",
		"postgres://gate:%zz@db/gate":                                 "the database",
	} {
		if got := withoutPassword(dsn); got != want {
			t.Errorf("%s: %s", dsn, got)
		}
	}
}
