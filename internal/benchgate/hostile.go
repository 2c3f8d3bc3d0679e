package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"maps"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"pressroom/internal/testkit/goals"
)

// kills runs the acceptance test that kills the gate between any two of its steps.
func (b *bench) kills() error {
	each := either(b, 50, 2)
	cmd := exec.CommandContext(b.Context, "go", "test", "-tags", "gatetest", "-run", "^TestRow68$", "-count=1", "-v", "-timeout", "3h", "pressroom/internal/gate/acceptance")
	cmd.Env = append(os.Environ(), "GATE_KILLS="+strconv.Itoa(each))
	out, err := cmd.CombinedOutput()
	total, doubles := 0, 0
	for _, m := range regexp.MustCompile(`([0-9]+) kills, ([0-9]+) mails came twice`).FindAllSubmatch(out, -1) {
		k, _ := strconv.Atoi(string(m[1]))
		d, _ := strconv.Atoi(string(m[2]))
		total, doubles = total+k, doubles+d
	}
	if err == nil && total == 0 {
		return fmt.Errorf("the test did not run:\n%s", out)
	}
	said := fmt.Sprintf("%s kills: lost 0, half 0, %d mails twice", thousands(total), doubles)
	if err != nil {
		b.Say("%s", out)
		said = fmt.Sprintf("%s kills: the test failed", thousands(total))
	}
	b.Add(fmt.Sprintf("killed %d times at each point, both databases", each), "600 kills: 0 lost, 0 half, doubles only past DATA", goals.Judge(err == nil && total >= either(b, 600, 1)), said)
	return nil
}

// scans runs outside testers against a gate on loopback.
func (b *bench) scans() error {
	g, err := b.startGate(filepath.Join(b.dir, "scans"), "")
	if err != nil {
		return err
	}
	defer g.stop()
	session, err := g.signUp(b.Context, 0, 1)
	if err != nil {
		return err
	}
	if err := b.slow(g); err != nil {
		return err
	}
	return b.wapiti(g, session)
}

// slow runs slowhttptest in its three ways, while we look whether others are served.
func (b *bench) slow(g *server) error {
	path := tool("slowhttptest")
	if path == "" {
		b.Note("no slowhttptest")
		return nil
	}
	long := strconv.Itoa(either(b, 60, 10))
	many := strconv.Itoa(either(b, 1000, 200))
	usual := []string{"-c", many, "-r", "200", "-l", long, "-p", "5", "-u", g.base + "/account/login"}
	for _, way := range []struct {
		name string
		args []string
	}{
		{"slow headers (-H)", []string{"-H", "-i", "4", "-x", "24", "-t", "GET"}},
		{"slow body (-B)", []string{"-B", "-i", "4", "-s", "8192", "-x", "10", "-t", "POST"}},
		{"slow read (-X)", []string{"-X", "-w", "1", "-y", "32", "-n", "5", "-z", "4", "-k", "3"}},
	} {
		b.Say("scans: %s for %s s", way.name, long)
		out := make(chan string, 1)
		cmd := exec.CommandContext(b.Context, path, append(way.args, usual...)...)
		go func() { text, _ := cmd.CombinedOutput(); out <- string(text) }()
		var took []float64
		failures := 0
		text := ""
		for text == "" {
			start := time.Now()
			client := &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}} // as somebody who comes anew
			res, err := client.Get(g.base + "/account/session")
			if err != nil || res.StatusCode != http.StatusOK {
				failures++
			}
			if err == nil {
				res.Body.Close()
				took = append(took, time.Since(start).Seconds())
			}
			select {
			case text = <-out:
			case <-time.After(100 * time.Millisecond):
			}
		}
		b.Add(fmt.Sprintf("%s, %s connections: others' requests failed", way.name, many), "0", b.judge(failures == 0), fmt.Sprintf("%d of %d", failures, len(took)+failures))
		b.Add("— others' p99", "≤ 100 ms", b.judge(quantile(took, 0.99) <= 0.1), ms(quantile(took, 0.99)))
		if !strings.Contains(text, "YES") {
			b.Note("%s says:\n%s", way.name, text[max(0, len(text)-1500):])
		}
	}
	// What it left open has to be gone by the limits of the gate alone.
	late := time.Now().Add(time.Minute)
	for ; ; time.Sleep(200 * time.Millisecond) {
		if c, err := net.Dial("tcp", strings.TrimPrefix(g.base, "http://")); err == nil {
			return c.Close()
		} else if time.Now().After(late) {
			return fmt.Errorf("after the slow clients nobody gets in: %w", err)
		}
	}
}

// withoutLogOut is the gate at another address, with no way to log out: a crawler sends
// every form that it finds. Wapiti's own option to leave a page out fails with Python 3.11.
func withoutLogOut(g *server) (base string, end func(), err error) {
	to, err := url.Parse(g.base)
	if err != nil {
		return "", nil, err
	}
	proxy := &httputil.ReverseProxy{ErrorLog: log.New(io.Discard, "", 0), Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(to) // the Host too
		r.Out.Header["X-Forwarded-For"] = r.In.Header["X-Forwarded-For"]
	}}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	s := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/account/logout" {
			http.NotFound(w, r)
			return
		}
		proxy.ServeHTTP(w, r)
	})}
	go s.Serve(l)
	return "http://" + l.Addr().String(), func() { s.Close() }, nil
}

// finding is a line of wapiti's report.
type finding struct{ Method, Path, Info string }

// requests are how many the gate has answered, by its own count, and how many of them
// with a status of 500 or more.
func (s *server) requests() (all, failed int, err error) {
	res, err := keepAlive.Get(strings.TrimSuffix(s.ready, "/readyz") + "/metrics")
	if err != nil {
		return 0, 0, err
	}
	defer res.Body.Close()
	for lines := bufio.NewScanner(res.Body); lines.Scan(); {
		if !strings.HasPrefix(lines.Text(), "gate_request_seconds_count{") {
			continue
		}
		labels, number, _ := strings.Cut(lines.Text(), "} ")
		n, err := strconv.ParseFloat(number, 64)
		if err != nil {
			return 0, 0, err
		}
		all += int(n)
		if strings.Contains(labels, `class="5xx"`) {
			failed += int(n)
		}
	}
	return all, failed, nil
}

// modules of wapiti that need nothing from the internet.
const modules = "backup,blindsql,cookieflags,crlf,csp,csrf,exec,file,htaccess,http_headers,methods,permanentxss,redirect,shellshock,sql,xss"

// wapiti crawls and attacks the gate, as a stranger and logged in.
func (b *bench) wapiti(g *server, session string) error {
	path := tool("wapiti")
	if path == "" {
		b.Note("no wapiti")
		return nil
	}
	base, end, err := withoutLogOut(g)
	if err != nil {
		return err
	}
	defer end()
	for _, who := range []struct{ name, cookie string }{{"a stranger", ""}, {"somebody logged in", session}} {
		report := filepath.Join(b.dir, "wapiti-"+strconv.Itoa(len(who.cookie))+".json")
		args := []string{"-u", base + "/account/login?return=/", "-s", base + "/account/register", "-s", base + "/account/reset", "-s", base + "/newsletter/subscribe", "-s", base + "/account",
			"-H", "Origin: " + g.base, "-H", "X-Forwarded-For: " + network(),
			"--scope", "domain", "-m", modules, "-d", "4", "--flush-session", "--store-session", filepath.Join(b.dir, "wapiti"), "--max-scan-time", either(b, "5", "2"), "-f", "json", "-o", report, "-v", "0", "--no-bugreport"}
		if who.cookie != "" {
			args = append(args, "-H", "Cookie: "+who.cookie)
		}
		b.Say("scans: wapiti as %s", who.name)
		cmd := exec.CommandContext(b.Context, path, args...)
		cmd.Env = append(os.Environ(), "HOME="+b.dir)
		out, err := cmd.CombinedOutput()
		text, readErr := os.ReadFile(report)
		if readErr != nil {
			return errors.Join(fmt.Errorf("wapiti: %w\n%s", readErr, out[max(0, len(out)-500):]), err)
		}
		var found struct {
			Vulnerabilities, Anomalies map[string][]finding
		}
		if err := json.Unmarshal(text, &found); err != nil {
			return fmt.Errorf("wapiti: %w", err)
		}
		said := map[string]int{}
		for _, group := range []map[string][]finding{found.Vulnerabilities, found.Anomalies} {
			for kind, list := range group {
				for _, f := range list {
					said[fmt.Sprintf("%s, %s %s: %s", kind, f.Method, f.Path, f.Info)]++
				}
			}
		}
		n := 0
		for _, what := range slices.Sorted(maps.Keys(said)) {
			n += said[what]
			b.Note("wapiti as %s: %s", who.name, what)
		}
		asked, failed, err := g.requests()
		if err != nil {
			return err
		}
		b.Add("— requests answered since the start, of them with 5xx", "0", goals.Judge(failed == 0), fmt.Sprintf("%s, %d", thousands(asked), failed))
		// Whether they are, only a reader can tell.
		b.Add("wapiti as "+who.name+": findings", "explained in docs/gate-scans.md", goals.Open, strconv.Itoa(n))
	}
	return nil
}
