package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"pressroom/internal/command"
	"pressroom/internal/report"
)

func TestServeAddress(t *testing.T) {
	free := make([]int, ports)
	for i := range free {
		free[i] = firstPort + i
	}
	for _, c := range []struct {
		o     options
		host  string
		ports []int
	}{
		{options{}, "127.0.0.1", free},
		{options{port: 8080}, "127.0.0.1", []int{8080}},
		{options{bind: "0.0.0.0"}, "0.0.0.0", free},
		{options{bind: "::1", port: 80}, "::1", []int{80}},
		{options{addr: "8080"}, "127.0.0.1", []int{8080}},
		{options{addr: ":8080"}, "127.0.0.1", []int{8080}}, // and not every network
		{options{addr: "0"}, "127.0.0.1", []int{0}},
		{options{addr: "localhost"}, "localhost", free},
		{options{addr: "localhost:8080"}, "localhost", []int{8080}},
		{options{addr: "[::1]:8080"}, "::1", []int{8080}},
		{options{addr: "[::1]"}, "::1", free},
		{options{addr: "::1"}, "::1", free},
	} {
		a, err := c.o.address()
		if err != nil || a.host != c.host || !slices.Equal(a.ports, c.ports) {
			t.Errorf("%+v: %v, %v", c.o, a, err)
		}
	}
	for _, o := range []options{{addr: "1:2:3"}, {addr: "localhost:x"}, {addr: "localhost:99999"}, {port: -1}, {port: 99999}, {addr: "localhost", port: 1}, {addr: "8080", bind: "localhost"}} {
		if a, err := o.address(); err == nil {
			t.Errorf("%+v: %v", o, a)
		}
	}
}

func TestServePublic(t *testing.T) {
	for host, want := range map[string]bool{"127.0.0.1": false, "127.0.0.2": false, "::1": false, "localhost": false, "0.0.0.0": true, "::": true, "192.168.1.7": true, "desk.local": true} {
		if got := (endpoint{host: host}).public(); got != want {
			t.Errorf("%s: %v", host, got)
		}
	}
}

// The next free port is taken when none was asked for; one that was asked for is that
// one or none.
func TestServePort(t *testing.T) {
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	taken := busy.Addr().(*net.TCPAddr).Port
	if l, err := (endpoint{"127.0.0.1", []int{taken}}).listen(); err == nil || !strings.Contains(err.Error(), "next free one") {
		t.Errorf("%v, %v", l, err)
	}
	a := endpoint{"127.0.0.1", []int{taken, 0}}
	l, err := a.listen()
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if want := "http://127.0.0.1:" + strconv.Itoa(l.Addr().(*net.TCPAddr).Port); a.url(l) != want {
		t.Errorf("%s, want %s", a.url(l), want)
	}
}

func TestServeClock(t *testing.T) {
	at := time.Date(2026, 7, 7, 9, 0, 0, 0, time.UTC)
	clock := (&options{now: at, nowText: "2026-07-07T11:00:00+02:00"}).clock()
	first := clock()
	if first.Before(at) || first.After(at.Add(time.Minute)) {
		t.Errorf("the clock begins at %v", first)
	}
	for clock() == first { // it runs
		time.Sleep(time.Microsecond)
	}
}

func TestCount(t *testing.T) {
	e, w := report.Problem{}, report.Problem{Severity: report.Warning}
	for want, l := range map[string]report.List{"": nil, ": 1 error": {e}, ": 1 warning": {w}, ": 2 errors, 1 warning": {e, w, e}} {
		if got := count(l); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// talk is what a command says, while it says it.
type talk struct {
	mu   sync.Mutex
	text bytes.Buffer
	more chan struct{}
}

func (t *talk) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text.Write(p)
	select {
	case t.more <- struct{}{}:
	default:
	}
	return len(p), nil
}

func (t *talk) until(tb testing.TB, pattern string) []string {
	tb.Helper()
	limit := time.After(time.Minute)
	for {
		t.mu.Lock()
		m := regexp.MustCompile(pattern).FindStringSubmatch(t.text.String())
		text := t.text.String()
		t.mu.Unlock()
		if m != nil {
			return m
		}
		select {
		case <-t.more:
		case <-limit:
			tb.Fatalf("never said %s, but:\n%s", pattern, text)
		}
	}
}

const serveSite = "title: Harbour Office\nbaseURL: https://press.example.org\ntimeZone: UTC\nlanguages: [en]\n"

func TestServe(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("site.yaml", serveSite)
	write("content/news/2026/01/a.md", "---\ntitle: The harbour opens\ndate: 2026-01-05\ndraft: true\n---\nAt noon.\n")
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	out, problems := &talk{more: make(chan struct{}, 1)}, &talk{more: make(chan struct{}, 1)}
	code := make(chan int, 1)
	go func() {
		code <- run(ctx, []string{"server", "-s", dir, "--buildDrafts", "--addr", "127.0.0.1:0", "--no-gate", "-v"}, out, problems)
	}()
	at := out.until(t, `Pressroom serves (http://127\.0\.0\.1:\d+)/ \(Ctrl-C stops\)`)[1]
	resp, err := http.Get(at + "/news/2026/01/a/")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	page, err := io.ReadAll(resp.Body)
	if err != nil || !strings.Contains(string(page), "At noon.") || !strings.Contains(string(page), "This is a draft") || !strings.Contains(string(page), `rel="canonical" href="`+at+`/news/2026/01/a/"`) {
		t.Errorf("%v: not the draft with its banner, at the address of the preview:\n%s", err, page)
	}

	write("content/news/2026/01/a.md", "---\ntitel: The harbour opens\ndate: 2026-01-05\n---\nAt noon.\n")
	problems.until(t, `a\.md:2:1: error: `)
	out.until(t, `rebuilt in \d+ ms: \d errors?.*\n  read content/news/2026/01/a\.md\n`)
	write("content/news/2026/01/a.md", "---\ntitle: The harbour opens\ndate: 2026-01-05\nsummary: At last.\n---\nAt noon.\n")
	out.until(t, `rebuilt in \d+ ms\n`)
	cancel()
	if got := <-code; got != command.Fine {
		t.Errorf("exit %d", got)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 2 {
		t.Errorf("something was written: %v", entries)
	}
}

func TestServeRefusals(t *testing.T) {
	dir := t.TempDir()
	for name, c := range map[string]struct {
		args []string
		code int
		says string
	}{
		"no site":     {[]string{"serve", "-s", dir}, command.Usage, "there is no site.yaml"},
		"an argument": {[]string{"serve", "site"}, command.Usage, `serve takes no "site"`},
		"a port":      {[]string{"dev", "--port", "99999"}, command.Usage, "is not a port"},
	} {
		var out, problems bytes.Buffer
		if got := run(t.Context(), c.args, &out, &problems); got != c.code || !strings.Contains(problems.String(), c.says) {
			t.Errorf("%s: exit %d, %s", name, got, problems.String())
		}
	}
}
