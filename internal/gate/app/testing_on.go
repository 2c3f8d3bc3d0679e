//go:build gatetest

package app

import (
	"fmt"
	"net/http"
	"sync/atomic"
	"time"
)

// hooks are what a test build can move: the time of the database, as this process sees
// it.
type hooks struct{ offset func() time.Duration }

var moved atomic.Int64 // nanoseconds

func testing() hooks {
	return hooks{offset: func() time.Duration { return time.Duration(moved.Load()) }}
}

// testRoutes lets a test set the clock: POST /test/clock?offset=29m59s
func (a *App) testRoutes(mux *http.ServeMux) {
	mux.HandleFunc("POST /test/clock", func(w http.ResponseWriter, r *http.Request) {
		d, err := time.ParseDuration(r.FormValue("offset"))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		moved.Store(int64(d))
		fmt.Fprintln(w, d)
	})
	mux.HandleFunc("POST /test/purge", func(w http.ResponseWriter, r *http.Request) {
		if err := a.Gate.Purge(r.Context()); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	})
}
