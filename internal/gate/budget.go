package gate

import (
	"slices"
	"time"
)

// Limits are judged by when things happened, not by counters that begin anew: "five an
// hour" is then true of every hour. The lists are short, since each limit is small.

// wait is how long until one more is allowed by all limits and by the gap; 0 is now.
// Marks are in any order, and may lie ahead.
func wait(marks []time.Time, now time.Time, gap time.Duration, limits ...Limit) time.Duration {
	sorted := slices.SortedFunc(slices.Values(marks), time.Time.Compare)
	var until time.Time
	if n := len(sorted); n > 0 && gap > 0 {
		until = sorted[n-1].Add(gap)
	}
	for _, l := range limits {
		// With the one that is asked for, Max+1 would lie in the window that ends now,
		// until the Max-th from the end has left it.
		if i := len(sorted) - l.Max; i >= 0 && l.Max > 0 {
			if t := sorted[i].Add(l.Per); t.After(until) {
				until = t
			}
		}
	}
	return max(0, until.Sub(now))
}

// marked is marks with one more, without those that no limit looks back to.
func marked(marks []time.Time, at time.Time, longest time.Duration) []time.Time {
	kept := slices.DeleteFunc(slices.Clone(marks), func(t time.Time) bool { return !t.After(at.Add(-longest)) })
	return append(kept, at)
}

// unmarked takes one back that turned out not to count.
func unmarked(marks []time.Time, at time.Time) []time.Time {
	kept := slices.Clone(marks)
	if i := slices.IndexFunc(kept, at.Equal); i >= 0 {
		kept = slices.Delete(kept, i, i+1)
	}
	return kept
}

func longest(limits ...Limit) (d time.Duration) {
	for _, l := range limits {
		d = max(d, l.Per)
	}
	return d
}

// backOff is the brake after so many failures: none while they are free, then 1, 2, 4 …
// seconds up to the slowest.
func backOff(failures, free int, slowest time.Duration) time.Duration {
	n := failures - free
	switch {
	case n < 0:
		return 0
	case n > 20: // where doubling would long have passed any slowest
		return slowest
	}
	return min(time.Second<<n, slowest)
}

// counted are keys of one decision, each with its limits, read and written together.
type counted struct {
	tx    Tx
	marks map[string][]time.Time
}

func count(tx Tx, keys ...string) (*counted, error) {
	marks, err := tx.Marks(keys...)
	return &counted{tx, marks}, err
}

func (c *counted) wait(key string, gap time.Duration, limits ...Limit) time.Duration {
	return wait(c.marks[key], c.tx.Now(), gap, limits...)
}

func (c *counted) add(key string, at time.Time, limits ...Limit) error {
	c.marks[key] = marked(c.marks[key], at, longest(limits...))
	return c.tx.SetMarks(key, c.marks[key])
}

func (c *counted) takeBack(key string, at time.Time) error {
	c.marks[key] = unmarked(c.marks[key], at)
	return c.tx.SetMarks(key, c.marks[key])
}
