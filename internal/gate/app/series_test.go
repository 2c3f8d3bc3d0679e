package app

import (
	"strings"
	"sync"
	tests "testing"
	"time"
)

// The format as its specification shows it: names and values of labels in quotes, buckets
// that hold all below their bound, and a sum.
func TestSeries(t *tests.T) {
	counter := family{name: "things_total", help: "Things.", labels: []string{"result", "what"}}
	counter.add(2, values{"ok", "b"})
	counter.add(1, values{"a \"word\"\nand \\ more", "a"})
	counter.add(3, values{"ok", "b"})
	plain := family{name: "bytes_total", help: "Bytes."}
	plain.add(1<<40, values{})
	times := family{name: "seconds", help: "Times.", labels: []string{"route"}, bounds: []time.Duration{time.Millisecond, time.Second}}
	for _, d := range []time.Duration{time.Millisecond, time.Millisecond + 1, time.Second, time.Minute} {
		times.took(d, values{"/account"})
	}
	var b strings.Builder
	to := &text{to: &b}
	for _, f := range []*family{&counter, &plain, &times} {
		f.write(to)
	}
	to.gauge("now", "A number.", 0.5)
	const want = `# HELP things_total Things.
# TYPE things_total counter
things_total{result="a \"word\"\nand \\ more",what="a"} 1
things_total{result="ok",what="b"} 5
# HELP bytes_total Bytes.
# TYPE bytes_total counter
bytes_total 1.099511627776e+12
# HELP seconds Times.
# TYPE seconds histogram
seconds_bucket{route="/account",le="0.001"} 1
seconds_bucket{route="/account",le="1"} 3
seconds_bucket{route="/account",le="+Inf"} 4
seconds_sum{route="/account"} 61.002000001
seconds_count{route="/account"} 4
# HELP now A number.
# TYPE now gauge
now 0.5
`
	if got := b.String(); got != want || to.err != nil {
		t.Errorf("%v\ngot\n%s\nwant\n%s", to.err, got, want)
	}
}

// Many count at once, and nothing is lost.
func TestSeriesAtOnce(t *tests.T) {
	f := family{name: "n", labels: []string{"of"}, bounds: []time.Duration{time.Second}}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 1000 {
				f.took(time.Millisecond, values{"a"})
			}
		})
	}
	all.Wait()
	if s := f.of(values{"a"}); s.count.Load() != 8000 || s.within[0].Load() != 8000 || s.sum.Load() != int64(8*time.Second) {
		t.Errorf("%d in all, %d within, %d", s.count.Load(), s.within[0].Load(), s.sum.Load())
	}
}
