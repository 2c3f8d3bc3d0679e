package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"pressroom/internal/gate/mail"
)

// keepAlive is the client of all that is measured: connections stay, nothing is followed.
var keepAlive = &http.Client{
	Transport:     &http.Transport{MaxIdleConns: 2000, MaxIdleConnsPerHost: 2000, DisableCompression: true},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	Timeout:       2 * time.Minute,
}

// network is a new address for X-Forwarded-For each time: limits by network are not what
// is measured.
func network() string {
	n := lastNetwork.Add(1)
	return fmt.Sprintf("198.18.%d.%d", n/250%250, n%250+1)
}

var lastNetwork atomic.Int64

const password = peerPassword

// send sends a form to the gate as a page of its would, and tells the answer's status,
// where it leads and the cookies it sets.
func (s *server) send(path string, form url.Values, from, cookie string) (status int, cookies string, err error) {
	var body io.Reader
	method := http.MethodGet
	if form != nil {
		method, body = http.MethodPost, strings.NewReader(form.Encode())
	}
	r, err := http.NewRequest(method, s.base+path, body)
	if err != nil {
		return 0, "", err
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", s.base)
	}
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("X-Forwarded-For", from)
	if cookie != "" {
		r.Header.Set("Cookie", cookie)
	}
	res, err := keepAlive.Do(r)
	if err != nil {
		return 0, "", err
	}
	defer res.Body.Close()
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		return 0, "", err
	}
	var set []string
	for _, c := range res.Cookies() {
		if c.MaxAge >= 0 {
			set = append(set, c.Name+"="+c.Value)
		}
	}
	if to := res.Header.Get("Location"); form == nil && to != "" {
		return res.StatusCode, to, nil
	}
	return res.StatusCode, strings.Join(set, "; "), nil
}

// unexpected is an answer that was not to be.
func unexpected(what string, status int, err error) error {
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return fmt.Errorf("%s: the gate answers %d", what, status)
}

// email is the address of a person by number.
func email(n int) string { return fmt.Sprintf("person.%d@newsdesk.press", n) }

var codeLine = regexp.MustCompile(`(?m)^([0-9]{6})\r?$`)

// signUp makes the accounts from one number to before another, and tells the session of
// the last. The mails lie in the outbox.
func (s *server) signUp(ctx context.Context, from, to int) (session string, err error) {
	flows := map[string]string{}
	for n := from; n < to && ctx.Err() == nil; n++ {
		status, flow, err := s.send("/account/register", url.Values{"email": {email(n)}, "password": {password}, "name": {"Ines Okafor"}, "organisation": {"Coast Radio"}}, network(), "")
		if err != nil || status != http.StatusSeeOther {
			return "", unexpected("register "+email(n), status, err)
		}
		flows[email(n)] = flow
	}
	f := mail.Folder{Dir: filepath.Join(s.dir, "outbox")}
	for late := time.Now().Add(2 * time.Minute); len(flows) > 0; time.Sleep(20 * time.Millisecond) {
		list, err := f.List(1 << 20)
		if err != nil {
			return "", err
		}
		for _, m := range list {
			flow, waits := flows[m.To]
			if !waits {
				continue
			}
			whole, err := f.Open(m.Name)
			if err != nil {
				return "", err
			}
			code := codeLine.FindStringSubmatch(whole.Text)
			if code == nil {
				continue
			}
			status, in, err := s.send("/account/verify", url.Values{"code": {code[1]}}, network(), flow)
			if err != nil || status != http.StatusSeeOther || in == "" {
				return "", unexpected("verify "+m.To, status, err)
			}
			delete(flows, m.To)
			session = in
		}
		if time.Now().After(late) || ctx.Err() != nil {
			return "", errors.Join(errors.New("the codes do not come"), ctx.Err())
		}
	}
	return session, nil
}

// run is how many requests ended in a time, and how long each took, in seconds.
type timed struct {
	rate  float64
	times []float64
}

// clients calls f from n clients one call after the other for a time. A call that fails
// fails the run: a quick refusal is no result.
func clients(ctx context.Context, n int, d time.Duration, f func(client int) error) (timed, error) {
	var mu sync.Mutex
	var all []float64
	var wrong error
	start := time.Now()
	var wg sync.WaitGroup
	for client := range n {
		wg.Go(func() {
			// Once at least: a client that is late to start is a client all the same.
			for calls := 0; (calls == 0 || time.Since(start) < d) && ctx.Err() == nil; calls++ {
				begin := time.Now()
				err := f(client)
				took := time.Since(begin).Seconds()
				mu.Lock()
				all = append(all, took)
				if err != nil {
					wrong = err
				}
				stop := wrong != nil
				mu.Unlock()
				if stop {
					return
				}
			}
		})
	}
	wg.Wait()
	return timed{float64(len(all)) / time.Since(start).Seconds(), all}, errors.Join(wrong, ctx.Err())
}

// hammered is what a load generator found.
type hammered struct{ rate, p50, p99 float64 }

var (
	wrkLatency = regexp.MustCompile(`(?m)^\s+(50|99)%\s+([0-9.]+)(us|ms|s)`)
	wrkRate    = regexp.MustCompile(`Requests/sec:\s+([0-9.]+)`)
)

// hammer sends one request over and over from 8 connections: by wrk, which takes least of
// the machine, or by ourselves where there is none.
func (b *bench) hammer(method, address string, header map[string]string, d time.Duration) (h hammered, err error) {
	wrk := tool("wrk")
	if wrk == "" {
		t, err := clients(b.Context, 8, d, func(int) error {
			r, err := http.NewRequest(method, address, nil)
			if err != nil {
				return err
			}
			for k, v := range header {
				r.Header.Set(k, v)
			}
			res, err := keepAlive.Do(r)
			if err != nil {
				return err
			}
			defer res.Body.Close()
			if res.StatusCode != http.StatusOK {
				return fmt.Errorf("%s: %s", address, res.Status)
			}
			_, err = io.Copy(io.Discard, res.Body)
			return err
		})
		return hammered{t.rate, quantile(t.times, 0.5), quantile(t.times, 0.99)}, err
	}
	var script strings.Builder
	fmt.Fprintf(&script, "wrk.method = %q\n", method)
	for k, v := range header {
		fmt.Fprintf(&script, "wrk.headers[%q] = %q\n", k, v)
	}
	path := filepath.Join(b.dir, "wrk.lua")
	if err := os.WriteFile(path, []byte(script.String()), 0o600); err != nil {
		return h, err
	}
	out, err := exec.CommandContext(b.Context, wrk, "-t1", "-c8", "-d"+strconv.Itoa(int(d.Seconds()))+"s", "--latency", "-s", path, address).CombinedOutput()
	text := string(out)
	if err != nil {
		return h, fmt.Errorf("wrk: %w\n%s", err, text)
	}
	if strings.Contains(text, "Non-2xx") || strings.Contains(text, "Socket errors") {
		return h, fmt.Errorf("%s answers with errors:\n%s", address, text)
	}
	found := wrkRate.FindStringSubmatch(text)
	if found == nil {
		return h, fmt.Errorf("wrk says\n%s", text)
	}
	h.rate, _ = strconv.ParseFloat(found[1], 64)
	units := map[string]float64{"us": 1e-6, "ms": 1e-3, "s": 1}
	for _, m := range wrkLatency.FindAllStringSubmatch(text, -1) {
		v, _ := strconv.ParseFloat(m[2], 64)
		if v *= units[m[3]]; m[1] == "50" {
			h.p50 = v
		} else {
			h.p99 = v
		}
	}
	return h, nil
}
