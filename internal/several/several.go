// Package several does many like things at a time: as many as the program is allowed
// (runtime.GOMAXPROCS), which is the number of cores or what -j of press says.
package several

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
)

// Do calls f for 0 to n-1 until ctx ends.
func Do(ctx context.Context, n int, f func(i int)) {
	_ = Try(ctx, n, func(i int) error { f(i); return nil })
}

// Try calls f for 0 to n-1 until one fails or ctx ends, and returns the first error or why
// ctx ended. Neighbours mostly go to one goroutine, since they tend to share what they
// need, such as a folder.
func Try(ctx context.Context, n int, f func(i int) error) error {
	at := runtime.GOMAXPROCS(0)
	chunk := min(max(n/(at*8), 1), 32)
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var next atomic.Int64
	work := func() {
		for ctx.Err() == nil {
			to := int(next.Add(int64(chunk)))
			for i := to - chunk; i < min(to, n) && ctx.Err() == nil; i++ {
				if err := f(i); err != nil {
					stop(err)
					return
				}
			}
			if to >= n {
				return
			}
		}
	}
	var all sync.WaitGroup
	for range min(at, (n+chunk-1)/chunk) - 1 {
		all.Go(work)
	}
	work()
	all.Wait()
	return context.Cause(ctx)
}
