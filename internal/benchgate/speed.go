package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"pressroom/internal/testkit/goals"
)

// peer starts PocketBase, or notes why it is not there.
func (b *bench) peer(dir string) *server {
	s, err := b.startPocketBase(filepath.Join(b.dir, dir))
	if err != nil {
		b.Note("no PocketBase: %v", err)
		return nil
	}
	return s
}

// size measures what the programs weigh before anybody asks anything.
func (b *bench) size() error {
	info, err := os.Stat(b.gate)
	if err != nil {
		return err
	}
	var starts, peerStarts, idle, peerIdle []float64
	for range b.rounds {
		if err := b.idle(func() (*server, error) { return b.startGate(filepath.Join(b.dir, "size"), "") }, &starts, &idle); err != nil {
			return err
		}
		if path, err := b.buildPocketBase(); err != nil || path == "" {
			b.Note("no PocketBase: %v", err)
		} else if err := b.idle(func() (*server, error) { return b.startPocketBase(filepath.Join(b.dir, "size-peer")) }, &peerStarts, &peerIdle); err != nil {
			return err
		}
	}
	peerSize, peerStart, peerRSS := "", "", ""
	if len(peerStarts) > 0 {
		if info, err := os.Stat(b.base); err == nil {
			peerSize = mb(info.Size())
		}
		peerStart, peerRSS = ms(median(peerStarts)), mib(int64(median(peerIdle)))
	}
	b.Add("binary, -s -w", "≤ 25 MB", b.judge(info.Size() <= 25_000_000), mb(info.Size()), peerSize)
	b.Add("start until ready, median", "≤ 200 ms", b.judge(median(starts) <= 0.2), ms(median(starts)), peerStart)
	b.Add("RSS idle, median", "≤ 30 MiB", b.judge(median(idle) <= 30<<20), mib(int64(median(idle))), peerRSS)
	return nil
}

// idle starts a server, lets it come to rest and ends it. The first start makes the
// database and does not count.
func (b *bench) idle(start func() (*server, error), starts, idle *[]float64) error {
	for i := range 2 {
		s, err := start()
		if err != nil {
			return err
		}
		if i == 1 || len(*starts) > 0 {
			time.Sleep(either(b, 5*time.Second, 500*time.Millisecond))
			*starts, *idle = append(*starts, s.took.Seconds()), append(*idle, float64(s.memory("VmRSS")))
			s.stop()
			return nil
		}
		s.stop()
	}
	return nil
}

// logins compares log-ins by password at 8 clients, each with an account of its own.
func (b *bench) logins() error {
	g, err := b.startGate(filepath.Join(b.dir, "logins"), "")
	if err != nil {
		return err
	}
	defer g.stop()
	const n = 8
	if _, err := g.signUp(b.Context, 0, n); err != nil {
		return err
	}
	peer := b.peer("logins-peer")
	defer peer.stop()
	d := either(b, 10*time.Second, time.Second)
	var rates, peerRates, took, peerTook, ratios []float64
	homes := make([]string, n)
	for i := range homes {
		homes[i] = network()
	}
	for round := range b.rounds {
		own, err := clients(b.Context, n, d, func(client int) error {
			status, session, err := g.send("/account/login", url.Values{"email": {email(client)}, "password": {password}}, homes[client], "")
			if err == nil && (status != http.StatusSeeOther || session == "") {
				err = fmt.Errorf("the gate answers a log-in with %d", status)
			}
			return err
		})
		if err != nil {
			return err
		}
		rates, took = append(rates, own.rate), append(took, own.times...)
		b.Say("logins %d/%d: gate %s", round+1, b.rounds, perSecond(own.rate))
		if peer == nil {
			continue
		}
		other, err := clients(b.Context, n, d, func(int) error { _, err := peer.peerLogin("users", peerEmail); return err })
		if err != nil {
			return err
		}
		peerRates, peerTook = append(peerRates, other.rate), append(peerTook, other.times...)
		ratios = append(ratios, own.rate/other.rate)
		b.Say("logins %d/%d: PocketBase %s", round+1, b.rounds, perSecond(other.rate))
	}
	p99 := quantile(took, 0.99)
	if peer == nil {
		b.Add("log-ins, 8 clients, argon2id", "≥ 2× PocketBase", goals.Open, perSecond(median(rates)))
		b.Add("— p99", "≤ 600 ms", b.judge(p99 <= 0.6), ms(p99))
		return nil
	}
	b.Add("log-ins, 8 clients, argon2id : bcrypt", "≥ 2× PocketBase", b.judge(median(ratios) >= 2), perSecond(median(rates)), perSecond(median(peerRates)), times(median(ratios)))
	b.Add("— p50", "", goals.Open, ms(median(took)), ms(median(peerTook)))
	b.Add("— p99", "≤ 600 ms", b.judge(p99 <= 0.6), ms(p99), ms(quantile(peerTook, 0.99)))
	return nil
}

// sessions compares what every page view asks: who is logged in.
func (b *bench) sessions() error {
	peer := b.peer("sessions-peer")
	defer peer.stop()
	token := ""
	if peer != nil {
		var err error
		if token, err = peer.peerLogin("users", peerEmail); err != nil {
			return err
		}
	}
	lite, err := b.startGate(filepath.Join(b.dir, "sessions-sqlite"), "")
	if err != nil {
		return err
	}
	defer lite.stop()
	both := func(pg *server) error { return b.compareSessions(lite, pg, peer, token) }
	err = withPostgres(func(dsn string) error {
		pg, err := b.startGate(filepath.Join(b.dir, "sessions-postgres"), fmt.Sprintf("database: %q\n", dsn))
		if err != nil {
			return err
		}
		defer pg.stop()
		return both(pg)
	})
	return err
}

func (b *bench) compareSessions(lite, pg, peer *server, token string) error {
	type side struct {
		name          string
		s             *server
		header        map[string]string
		least         float64
		rates, p99s   []float64
		ratios, halfs []float64
	}
	sides := []*side{{name: "SQLite", s: lite, least: 10_000}, {name: "PostgreSQL", s: pg, least: 5_000}}
	for _, x := range sides {
		cookie, err := x.s.signUp(b.Context, 0, 1)
		if err != nil {
			return err
		}
		x.header = map[string]string{"Cookie": cookie, "Sec-Fetch-Site": "same-origin"}
	}
	var peerRates, peerP99, peerP50 []float64
	d := either(b, 10*time.Second, time.Second)
	for round := range b.rounds {
		other := hammered{}
		if peer != nil {
			var err error
			if other, err = b.hammer(http.MethodPost, peer.base+"/api/collections/users/auth-refresh", map[string]string{"Authorization": token}, d); err != nil {
				return err
			}
			peerRates, peerP99, peerP50 = append(peerRates, other.rate), append(peerP99, other.p99), append(peerP50, other.p50)
		}
		for _, x := range sides {
			own, err := b.hammer(http.MethodGet, x.s.base+"/account/session", x.header, d)
			if err != nil {
				return err
			}
			x.rates, x.p99s, x.halfs = append(x.rates, own.rate), append(x.p99s, own.p99), append(x.halfs, own.p50)
			if peer != nil {
				x.ratios = append(x.ratios, own.rate/other.rate)
			}
			b.Say("sessions %d/%d: %s %s, PocketBase %s", round+1, b.rounds, x.name, perSecond(own.rate), perSecond(other.rate))
		}
	}
	if tool("wrk") == "" {
		b.Note("there is no wrk: the load came from this program, which takes a part of the machine")
	}
	for _, x := range sides {
		peerRate, peer50, peer99, ratio := "", "", "", ""
		if peer != nil {
			peerRate, peer50, peer99, ratio = perSecond(median(peerRates)), ms(median(peerP50)), ms(median(peerP99)), times(median(x.ratios))
		}
		b.Add("session checks : auth-refresh, "+x.name, "≥ "+perSecond(x.least), b.judge(median(x.rates) >= x.least), perSecond(median(x.rates)), peerRate, ratio)
		b.Add("— p50", "", goals.Open, ms(median(x.halfs)), peer50)
		b.Add("— p99", "≤ 10 ms", b.judge(median(x.p99s) <= 0.010), ms(median(x.p99s)), peer99)
	}
	return nil
}

// downloads compares one large file with nginx, and looks at memory with many readers.
func (b *bench) downloads() error {
	dir := filepath.Join(b.dir, "downloads")
	size := either[int64](b, 1e9, 64e6)
	b.Say("writing %s", mb(size))
	path, id, err := offer(dir, size)
	if err != nil {
		return err
	}
	defer os.Remove(path)
	g, err := b.startGate(dir, "")
	if err != nil {
		return err
	}
	defer g.stop()
	readers := either(b, 200, 20)
	accounts := (readers + 99) / 100 // each may have 100 transfers here
	var links []string
	for n := range accounts {
		session, err := g.signUp(b.Context, n, n+1)
		if err != nil {
			return err
		}
		status, to, err := g.send("/download/"+id, nil, network(), session)
		if err != nil || !strings.HasPrefix(to, "/files/") {
			return unexpected("download", status, err)
		}
		links = append(links, to)
	}
	// From here on a process that has computed no hash: their memory is another row's.
	g.stop()
	if g, err = b.startGate(dir, ""); err != nil {
		return err
	}
	defer g.stop()
	for i := range links {
		links[i] = g.base + links[i]
	}
	web, err := b.startNginx(dir, filepath.Dir(path))
	if errors.As(err, new(errMissing)) {
		b.Note("no peer: %v", err)
	} else if err != nil {
		return err
	}
	if web != nil {
		defer web.stop()
	}
	var own, other, ratios []float64
	for round := range max(b.rounds, either(b, 7, 1)) {
		o, err := b.curl(links[0], size)
		if err != nil {
			return err
		}
		own = append(own, o)
		if web == nil {
			continue
		}
		p, err := b.curl(web.base+"/"+filepath.Base(path), size)
		if err != nil {
			return err
		}
		other, ratios = append(other, p), append(ratios, o/p)
		b.Say("downloads %d: gate %s, nginx %s", round+1, rate(o), rate(p))
	}
	if web == nil {
		b.Add("one file of "+mb(size), "≥ 0.9× nginx", goals.Open, rate(median(own)))
	} else {
		b.Add("one file of "+mb(size)+" : nginx", "≥ 0.9× nginx", b.judge(median(own) >= 0.9*median(other)), rate(median(own)), rate(median(other)), times(median(own)/median(other)))
		b.Note("the median of the ratios, round by round, is %s", times(median(ratios)))
	}

	g.forget()
	part := either[int64](b, 32<<20, 1<<20)
	start := time.Now()
	var wrong atomic.Value
	var wg sync.WaitGroup
	for n := range readers {
		wg.Go(func() {
			if err := b.read(links[n%len(links)], int64(n)*(size-part)/int64(readers), part); err != nil {
				wrong.Store(err)
			}
		})
	}
	wg.Wait()
	if err, ok := wrong.Load().(error); ok {
		return err
	}
	took := time.Since(start)
	peak := g.memory("VmHWM")
	b.Add(fmt.Sprintf("%d readers at once, %s each", readers, mb(part)), "", goals.Open, rate(float64(part)*float64(readers)/took.Seconds()))
	b.Add("— RSS at most", "≤ 64 MiB", b.judge(peak <= 64<<20), mib(peak))
	return nil
}

// curl fetches a file once and tells how many bytes a second came.
func (b *bench) curl(address string, size int64) (float64, error) {
	path := tool("curl")
	if path == "" {
		return 0, errMissing{"curl"}
	}
	out, err := exec.CommandContext(b.Context, path, "-sS", "--fail", "-o", "/dev/null", "-w", "%{speed_download} %{size_download}", address).CombinedOutput()
	if err != nil {
		return 0, fmt.Errorf("curl: %w\n%s", err, out)
	}
	fields := strings.Fields(string(out))
	speed, err := strconv.ParseFloat(fields[0], 64)
	if err == nil && fields[len(fields)-1] != strconv.FormatInt(size, 10) {
		err = fmt.Errorf("curl got %s bytes of %d", fields[len(fields)-1], size)
	}
	return speed, err
}

// read fetches a part of a file.
func (b *bench) read(address string, from, n int64) error {
	r, err := http.NewRequestWithContext(b.Context, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	r.Header.Set("Range", fmt.Sprintf("bytes=%d-%d", from, from+n-1))
	res, err := keepAlive.Do(r)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	got, err := io.Copy(io.Discard, res.Body)
	if err == nil && (res.StatusCode != http.StatusPartialContent || got != n) {
		err = fmt.Errorf("a part of the file: %s, %d bytes of %d", res.Status, got, n)
	}
	return err
}

// flood sends 500 log-ins at once while others look at pages.
func (b *bench) flood() error {
	g, err := b.startGate(filepath.Join(b.dir, "flood"), "")
	if err != nil {
		return err
	}
	defer g.stop()
	session, err := g.signUp(b.Context, 0, 8)
	if err != nil {
		return err
	}
	crowd := either(b, 500, 50)
	var pages, answers []float64
	statuses := map[int]int{}
	var peaks []float64
	for round := range b.rounds {
		g.forget()
		var mu sync.Mutex
		done := make(chan struct{})
		var others, flood sync.WaitGroup
		var wrong error
		for _, path := range []string{"/account/login", "/account/session", "/account", "/newsletter/subscribe"} {
			others.Go(func() {
				for {
					select {
					case <-done:
						return
					default:
					}
					start := time.Now()
					status, _, err := g.send(path, nil, network(), session)
					mu.Lock()
					pages = append(pages, time.Since(start).Seconds())
					if err != nil || status != http.StatusOK && status != http.StatusSeeOther {
						wrong = unexpected(path+" during the flood", status, err)
					}
					mu.Unlock()
					time.Sleep(10 * time.Millisecond)
				}
			})
		}
		for n := range crowd {
			flood.Go(func() {
				start := time.Now()
				status, _, err := g.send("/account/login", url.Values{"email": {email(n % 8)}, "password": {"wrong" + password}}, network(), "")
				mu.Lock()
				defer mu.Unlock()
				statuses[status]++
				answers = append(answers, time.Since(start).Seconds())
				if err != nil {
					wrong = err
				}
			})
		}
		flood.Wait()
		close(done)
		others.Wait()
		if wrong != nil {
			return wrong
		}
		peaks = append(peaks, float64(g.memory("VmHWM")))
		b.Say("flood %d/%d: %s at most", round+1, b.rounds, mib(int64(peaks[round])))
	}
	peak := int64(quantile(peaks, 1))
	b.Add(fmt.Sprintf("%d log-ins at once: RSS at most", crowd), "≤ 200 MiB", b.judge(peak <= 200<<20), mib(peak))
	p99 := quantile(pages, 0.99)
	b.Add("— other pages meanwhile, p50", "", goals.Open, ms(median(pages)))
	b.Add("— other pages meanwhile, p99", "≤ 100 ms", b.judge(p99 <= 0.1), ms(p99))
	b.Add("— the log-ins, p50 / p99", "", goals.Open, ms(median(answers))+" / "+ms(quantile(answers, 0.99)))
	b.Note("of the log-ins %d were judged and %d told to come again (503)", statuses[http.StatusUnprocessableEntity], statuses[http.StatusServiceUnavailable])
	return nil
}
