package gate

import (
	"math/rand/v2"
	"testing"
	"time"
)

// Whatever is asked for when it is allowed, no window ever holds more than its limit,
// and asking a moment before the wait is over would have broken one.
func TestWaitHoldsEveryWindow(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	start := time.Date(2026, 7, 7, 9, 0, 0, 0, time.UTC)
	for range 300 {
		gap := time.Duration(r.IntN(3)) * 20 * time.Second
		limits := []Limit{{1 + r.IntN(5), time.Duration(1+r.IntN(60)) * time.Minute}, {5 + r.IntN(8), 24 * time.Hour}}
		var marks []time.Time
		now := start
		for range 60 {
			now = now.Add(time.Duration(r.IntN(1800)) * time.Second)
			w := wait(marks, now, gap, limits...)
			if w == 0 {
				marks = marked(marks, now, longest(limits...))
			} else if early := now.Add(w - time.Nanosecond); allowed(marks, early, gap, limits) {
				t.Fatalf("told to wait %v, and a moment less was enough: %v at %v, %v", w, marks, now, limits)
			}
			if !allowed(marks, now.Add(w), gap, limits) && w > 0 {
				t.Fatalf("told to wait %v, and it was not enough", w)
			}
			for _, l := range limits {
				for _, end := range marks {
					if n := countWithin(marks, end.Add(-l.Per), end); n > l.Max {
						t.Fatalf("%d within %v, limit %d", n, l.Per, l.Max)
					}
				}
			}
		}
	}
}

// countWithin counts marks after a time, up to and with another.
func countWithin(marks []time.Time, after, until time.Time) (n int) {
	for _, m := range marks {
		if m.After(after) && !m.After(until) {
			n++
		}
	}
	return n
}

// allowed is wait == 0, written the long way.
func allowed(marks []time.Time, at time.Time, gap time.Duration, limits []Limit) bool {
	for _, m := range marks {
		if at.Before(m.Add(gap)) {
			return false
		}
	}
	for _, l := range limits {
		if countWithin(marks, at.Add(-l.Per), at) >= l.Max {
			return false
		}
	}
	return true
}

func TestBackOff(t *testing.T) {
	for failures, want := range map[int]time.Duration{
		0: 0, 4: 0, 5: time.Second, 6: 2 * time.Second, 7: 4 * time.Second, 10: 32 * time.Second, 11: time.Minute, 12: time.Minute, 1000: time.Minute,
	} {
		if got := backOff(failures, 5, time.Minute); got != want {
			t.Errorf("after %d failures: %v, want %v", failures, got, want)
		}
	}
}

func TestUnmarked(t *testing.T) {
	at := time.Unix(100, 0)
	marks := []time.Time{at, at, at.Add(1)}
	if got := unmarked(marks, at); len(got) != 2 || !got[0].Equal(at) {
		t.Errorf("took back %v", got)
	}
	if got := unmarked(marks, at.Add(5)); len(got) != 3 {
		t.Errorf("took back what was not there: %v", got)
	}
}
