package app

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"runtime"
	"runtime/metrics"
	"time"

	"pressroom/internal/gate"
	"pressroom/internal/gate/files"
)

// counts are what operators see at /metrics. No label holds a word of a visitor's.
type counts struct {
	events, requests, hashes, sent, bytes family
	began                                 time.Time
}

func newCounts() *counts {
	const ms = time.Millisecond
	return &counts{
		events: family{name: "gate_events_total", help: "What happened, and how it ended.", labels: []string{"result", "what"}},
		requests: family{name: "gate_request_seconds", help: "Time of answers.", labels: []string{"class", "method", "route"},
			bounds: []time.Duration{ms, 3 * ms, 10 * ms, 30 * ms, 100 * ms, 300 * ms, 1000 * ms, 3000 * ms, 10_000 * ms}},
		hashes: family{name: "gate_hashes_total", help: "Computations of argon2id.", labels: []string{"of"}},
		sent:   family{name: "gate_transfers_total", help: "Answers to valid links of files.", labels: []string{"class"}},
		bytes:  family{name: "gate_transfer_bytes_total", help: "Bytes of files that were sent."},
		began:  time.Now(),
	}
}

func (c *counts) observed(what, result string) { c.events.add(1, values{result, what}) }

func (c *counts) hashed(of string) func() {
	return func() { c.hashes.add(1, values{of}) }
}

func (c *counts) answered(route, method string, status int, took time.Duration) {
	if status != 0 { // files count themselves
		c.requests.took(took, values{class(status), method, route})
	}
}

func (c *counts) transferred(t files.Transfer) {
	c.sent.add(1, values{class(t.Status)})
	c.bytes.add(t.Bytes, values{})
}

// class is "2xx" and so on.
func class(status int) string {
	if status < 100 || status > 599 {
		return "other"
	}
	return string(rune('0'+status/100)) + "xx"
}

// tellMetrics answers with what was counted, and with what is asked for only now: sizes,
// what waits, and what the process takes.
func (a *App) tellMetrics(w http.ResponseWriter, r *http.Request) {
	var page bytes.Buffer
	to := &text{to: &page}
	for _, f := range []*family{&a.counts.events, &a.counts.requests, &a.counts.hashes, &a.counts.sent, &a.counts.bytes} {
		f.write(to)
	}
	a.tellSizes(r.Context(), to)
	a.tellProcess(to)
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	_, _ = page.WriteTo(w) // whoever asked may have gone
}

func (a *App) tellSizes(ctx context.Context, to *text) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	to.gauge("gate_downloads_offered", "Downloads in the catalogue.", float64(len(*a.downloads.Load())))
	ok := 1.0
	if a.closed != nil && a.closed.problem() != nil {
		ok = 0
	}
	to.gauge("gate_closed_files_ok", "Whether the closed folder's files in force are the newest.", ok)
	_ = a.Store.View(ctx, func(tx gate.Tx) error { // a database that is away has no sizes
		n, err := tx.Count()
		if err != nil {
			return err
		}
		seq, _, err := tx.AuditHead()
		if err != nil {
			return err
		}
		letters, err := tx.CountLetters("")
		if err != nil {
			return err
		}
		to.family("gate_rows", "gauge", "Rows in the database.")
		for _, rows := range []struct {
			of string
			n  int64
		}{{"accounts", n.Accounts}, {"sessions", n.Sessions}, {"flows", n.Flows}, {"subscriptions", n.Subscriptions}, {"audit", seq}} {
			to.sample("gate_rows", float64(rows.n), "of", rows.of)
		}
		to.family("gate_letters", "gauge", "Letters of the last 30 days, by state.")
		for _, state := range []gate.LetterState{gate.LetterWaiting, gate.LetterSent, gate.LetterFailed, gate.LetterDropped} {
			to.sample("gate_letters", float64(letters[state]), "state", string(state))
		}
		return nil
	})
}

// tellProcess tells what the process takes, by the names that Prometheus' own libraries
// give it: dashboards know them. Memory and files are told where /proc tells them.
func (a *App) tellProcess(to *text) {
	to.gauge("process_start_time_seconds", "When the process began, since 1970.", float64(a.counts.began.UnixMilli())/1000)
	if statm, err := os.ReadFile("/proc/self/statm"); err == nil {
		var size, resident int64
		if _, err := fmt.Sscan(string(statm), &size, &resident); err == nil {
			to.gauge("process_resident_memory_bytes", "Resident memory.", float64(resident*int64(os.Getpagesize())))
		}
	}
	if open, err := os.ReadDir("/proc/self/fd"); err == nil {
		to.gauge("process_open_fds", "Open files.", float64(len(open)))
	}
	to.gauge("go_goroutines", "Goroutines.", float64(runtime.NumGoroutine()))
	heap := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	if metrics.Read(heap); heap[0].Value.Kind() == metrics.KindUint64 {
		to.gauge("go_memstats_heap_alloc_bytes", "Memory of objects.", float64(heap[0].Value.Uint64()))
	}
}
