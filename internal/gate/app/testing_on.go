//go:build gatetest

package app

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"sync/atomic"
	"time"

	"pressroom/internal/gate"
)

// hooks are what a test build can move: the time of the database, as this process sees
// it, the clock of the machine, and the time in which a reader must take so much.
type hooks struct {
	offset func() time.Duration
	host   func() time.Time
	window time.Duration
}

var moved atomic.Int64 // nanoseconds

// testing begins with the offset of GATE_TEST_OFFSET and a machine whose clock is wrong by
// GATE_TEST_SKEW, both as of time.ParseDuration.
func testing() hooks {
	moved.Store(int64(duration("GATE_TEST_OFFSET")))
	skew := duration("GATE_TEST_SKEW")
	return hooks{
		offset: func() time.Duration { return time.Duration(moved.Load()) },
		host:   func() time.Time { return time.Now().Add(skew) },
		window: duration("GATE_TEST_WINDOW"),
	}
}

func duration(variable string) time.Duration {
	d, err := time.ParseDuration(os.Getenv(variable))
	if err != nil && os.Getenv(variable) != "" {
		panic(err)
	}
	return d
}

// testRoutes lets a test set the clock, forget what is over, wait until no letter waits,
// and choose where the process dies:
//
//	POST /test/clock?offset=29m59s
//	POST /test/purge
//	POST /test/settled
//	POST /test/fault?point=after-send:2
func (a *App) testRoutes(mux *http.ServeMux) {
	handle := func(path string, f func(*http.Request) error) {
		mux.HandleFunc("POST "+path, func(w http.ResponseWriter, r *http.Request) {
			if err := f(r); err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
				return
			}
			fmt.Fprintln(w, "ok")
		})
	}
	handle("/test/clock", func(r *http.Request) error {
		d, err := time.ParseDuration(r.FormValue("offset"))
		if err != nil {
			return err
		}
		moved.Store(int64(d))
		return a.clock.set(r.Context(), a.Store)
	})
	handle("/test/purge", func(r *http.Request) error { return a.Gate.Purge(r.Context()) })
	handle("/test/settled", func(r *http.Request) error {
		ctx, cancel := context.WithTimeout(r.Context(), time.Minute)
		defer cancel()
		for pause := time.Millisecond; ; pause = min(2*pause, 32*time.Millisecond) {
			var letters map[gate.LetterState]int
			err := a.Store.View(ctx, func(tx gate.Tx) (err error) {
				letters, err = tx.CountLetters("")
				return err
			})
			if err != nil || letters[gate.LetterWaiting] == 0 {
				return err
			}
			time.Sleep(pause)
		}
	})
	handle("/test/fault", func(r *http.Request) error { gate.Arm(r.FormValue("point")); return nil })
}
