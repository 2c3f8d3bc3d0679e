package app

import (
	"context"
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Admin answers operators and their machines, on a listener of its own.
func (a *App) Admin() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", a.ready)
	mux.Handle("GET /metrics", promhttp.HandlerFor(a.metrics.registry, promhttp.HandlerOpts{ErrorLog: a.serverLog()}))
	a.testRoutes(mux)
	return mux
}

// ready tells whether requests should be sent here, and what an operator should look
// at although they may be.
func (a *App) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	if a.stopping.Load() {
		http.Error(w, "stopping", http.StatusServiceUnavailable)
		return
	}
	if err := a.Store.Ping(ctx); err != nil {
		a.log.Error("not ready", "err", err)
		http.Error(w, "the database does not answer", http.StatusServiceUnavailable)
		return
	}
	if a.closed != nil {
		if err := a.closed.problem(); err != nil {
			// The last good one is in force, so requests are answered; where there never
			// was one, there is nothing to answer with.
			if len(*a.downloads.Load()) == 0 {
				http.Error(w, err.Error(), http.StatusServiceUnavailable)
				return
			}
			fmt.Fprintf(w, "ok, with the last good files: %s\n", err)
			return
		}
	}
	fmt.Fprintln(w, "ok")
}

// serverLog brings what net/http has to say into the log.
func (a *App) serverLog() *log.Logger { return slog.NewLogLogger(a.log.Handler(), slog.LevelDebug) }
