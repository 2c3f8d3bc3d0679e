package app

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"pressroom/internal/gate"
	"pressroom/internal/gate/files"
)

// metrics count. No label holds a word of a visitor's.
type metrics struct {
	registry *prometheus.Registry
	events   *prometheus.CounterVec
	requests *prometheus.HistogramVec
	hashes   *prometheus.CounterVec
	sent     *prometheus.CounterVec
	bytes    prometheus.Counter
}

func newMetrics() *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		events:   prometheus.NewCounterVec(prometheus.CounterOpts{Name: "gate_events_total", Help: "What happened, and how it ended."}, []string{"what", "result"}),
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "gate_request_seconds", Help: "Time of answers.", Buckets: []float64{.001, .003, .01, .03, .1, .3, 1, 3, 10}}, []string{"route", "method", "class"}),
		hashes:   prometheus.NewCounterVec(prometheus.CounterOpts{Name: "gate_hashes_total", Help: "Computations of argon2id."}, []string{"of"}),
		sent:     prometheus.NewCounterVec(prometheus.CounterOpts{Name: "gate_transfers_total", Help: "Answers to valid links of files."}, []string{"class"}),
		bytes:    prometheus.NewCounter(prometheus.CounterOpts{Name: "gate_transfer_bytes_total", Help: "Bytes of files that were sent."}),
	}
	m.registry.MustRegister(m.events, m.requests, m.hashes, m.sent, m.bytes, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func (m *metrics) observed(what, result string) { m.events.WithLabelValues(what, result).Inc() }

func (m *metrics) answered(route, method string, status int, took time.Duration) {
	if status != 0 { // files count themselves
		m.requests.WithLabelValues(route, method, class(status)).Observe(took.Seconds())
	}
}

func (m *metrics) transferred(t files.Transfer) {
	m.sent.WithLabelValues(class(t.Status)).Inc()
	m.bytes.Add(float64(t.Bytes))
}

// class is "2xx" and so on.
func class(status int) string {
	if status < 100 || status > 599 {
		return "other"
	}
	return string(rune('0'+status/100)) + "xx"
}

// watch adds what is asked for when somebody scrapes: sizes, and what waits.
func (m *metrics) watch(a *App) {
	m.registry.MustRegister(&sizes{a,
		prometheus.NewDesc("gate_rows", "Rows in the database.", []string{"of"}, nil),
		prometheus.NewDesc("gate_letters", "Letters of the last 30 days, by state.", []string{"state"}, nil),
		prometheus.NewDesc("gate_downloads_offered", "Downloads in the catalogue.", nil, nil),
		prometheus.NewDesc("gate_closed_files_ok", "Whether the closed folder's files in force are the newest.", nil, nil),
	})
}

type sizes struct {
	app                           *App
	rows, letters, offered, fresh *prometheus.Desc
}

func (s *sizes) Describe(c chan<- *prometheus.Desc) { prometheus.DescribeByCollect(s, c) }

func (s *sizes) Collect(c chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		c <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	gauge(s.offered, float64(len(*s.app.downloads.Load())))
	ok := 1.0
	if s.app.closed != nil && s.app.closed.problem() != nil {
		ok = 0
	}
	gauge(s.fresh, ok)
	_ = s.app.Store.View(ctx, func(tx gate.Tx) error { // a database that is away has no sizes
		n, err := tx.Count()
		if err != nil {
			return err
		}
		gauge(s.rows, float64(n.Accounts), "accounts")
		gauge(s.rows, float64(n.Sessions), "sessions")
		gauge(s.rows, float64(n.Flows), "flows")
		gauge(s.rows, float64(n.Subscriptions), "subscriptions")
		seq, _, err := tx.AuditHead()
		if err != nil {
			return err
		}
		gauge(s.rows, float64(seq), "audit")
		letters, err := tx.CountLetters("")
		if err != nil {
			return err
		}
		for _, state := range []gate.LetterState{gate.LetterWaiting, gate.LetterSent, gate.LetterFailed, gate.LetterDropped} {
			gauge(s.letters, float64(letters[state]), string(state))
		}
		return nil
	})
}
