package several_test

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"

	"pressroom/internal/several"
)

// at has the test run with so many things at a time.
func at(t *testing.T, n int) {
	before := runtime.GOMAXPROCS(n)
	t.Cleanup(func() { runtime.GOMAXPROCS(before) })
}

func TestDo(t *testing.T) {
	for _, many := range []int{1, 2, 7} {
		at(t, many)
		for _, n := range []int{0, 1, 2, 6, 7, 8, 100, 4097} {
			var most, now atomic.Int64
			calls := make([]int32, n)
			several.Do(context.Background(), n, func(i int) {
				if k := now.Add(1); k > most.Load() {
					most.Store(k)
				}
				atomic.AddInt32(&calls[i], 1)
				runtime.Gosched()
				now.Add(-1)
			})
			if slices.ContainsFunc(calls, func(c int32) bool { return c != 1 }) {
				t.Errorf("%d at a time, %d: called %v", many, n, calls)
			}
			if most.Load() > int64(many) {
				t.Errorf("%d at a time, %d: %d at a time", many, n, most.Load())
			}
		}
	}
}

// Two that wait for each other meet: there is more than one goroutine.
func TestAtOnce(t *testing.T) {
	at(t, 2)
	meet := make(chan int)
	several.Do(context.Background(), 2, func(i int) {
		select {
		case meet <- i:
		case <-meet:
		}
	})
}

func TestTry(t *testing.T) {
	at(t, 3)
	broken := errors.New("broken")
	calls := atomic.Int64{}
	if err := several.Try(context.Background(), 1e6, func(i int) error {
		if calls.Add(1); i == 10 {
			return broken
		}
		return nil
	}); err != broken || calls.Load() == 1e6 {
		t.Errorf("%v after %d calls", err, calls.Load())
	}
	if err := several.Try(context.Background(), 100, func(int) error { return nil }); err != nil {
		t.Error(err)
	}
}

func TestStopped(t *testing.T) {
	at(t, 2)
	ctx, stop := context.WithCancelCause(context.Background())
	over := errors.New("over")
	calls := atomic.Int64{}
	err := several.Try(ctx, 1e6, func(int) error { calls.Add(1); stop(over); return nil })
	if err != over || calls.Load() > 4 {
		t.Errorf("%v after %d calls", err, calls.Load())
	}
	if several.Do(ctx, 5, func(int) { t.Error("called although it is over") }); context.Cause(ctx) != over {
		t.Error(context.Cause(ctx))
	}
}
