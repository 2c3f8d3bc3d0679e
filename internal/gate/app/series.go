package app

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// What is counted is told in the text format of Prometheus, version 0.0.4, by the page of
// code below: Prometheus' own library (1.25) would make the program 2.4 MB larger and take
// 1.3 MB more when idle. VictoriaMetrics/metrics (1.40) would cost next to nothing, but has
// no words for HELP and, where the kernel shows no pressure of the cgroup, writes plain
// text to stderr before main, on which the gate promises JSON and the commands silence.

// values are the labels of one series, in the order of a family's names, which is that of
// the alphabet; "" beyond.
type values [3]string

// family is all series of one name. Series come to be when something is counted. The
// zero bounds make it a counter, others a histogram of seconds.
type family struct {
	name, help string
	labels     []string
	bounds     []time.Duration // of the buckets, rising
	series     sync.Map        // *series by values
}

// series is one of a family: how many, and for a histogram how long in all, and how many
// within each bound.
type series struct {
	count, sum atomic.Int64
	within     []atomic.Int64
}

func (f *family) of(v values) *series {
	if s, ok := f.series.Load(v); ok {
		return s.(*series)
	}
	s, _ := f.series.LoadOrStore(v, &series{within: make([]atomic.Int64, len(f.bounds))})
	return s.(*series)
}

// add counts n more.
func (f *family) add(n int64, v values) { f.of(v).count.Add(n) }

// took counts something by its time.
func (f *family) took(d time.Duration, v values) {
	s := f.of(v)
	for i, bound := range f.bounds {
		if d <= bound {
			s.within[i].Add(1)
			break
		}
	}
	s.sum.Add(int64(d))
	s.count.Add(1)
}

// write tells all series, sorted, so that two answers can be compared.
func (f *family) write(w *text) {
	all := map[values]*series{}
	f.series.Range(func(k, s any) bool {
		all[k.(values)] = s.(*series)
		return true
	})
	kind := "counter"
	if f.bounds != nil {
		kind = "histogram"
	}
	w.family(f.name, kind, f.help)
	for _, v := range slices.SortedFunc(maps.Keys(all), func(a, b values) int { return slices.Compare(a[:], b[:]) }) {
		s := all[v]
		var pairs []string
		for i, name := range f.labels {
			pairs = append(pairs, name, v[i])
		}
		if f.bounds == nil {
			w.sample(f.name, float64(s.count.Load()), pairs...)
			continue
		}
		// Read before the buckets and never less than they: who counts adds here last.
		n, sum := s.count.Load(), s.sum.Load()
		var sofar int64
		for i, bound := range f.bounds {
			sofar += s.within[i].Load()
			w.sample(f.name+"_bucket", float64(sofar), append(slices.Clip(pairs), "le", number(bound.Seconds()))...)
		}
		n = max(n, sofar)
		w.sample(f.name+"_bucket", float64(n), append(slices.Clip(pairs), "le", "+Inf")...)
		w.sample(f.name+"_sum", time.Duration(sum).Seconds(), pairs...)
		w.sample(f.name+"_count", float64(n), pairs...)
	}
}

// text writes the format. Its first error stays.
type text struct {
	to  io.Writer
	err error
}

func (w *text) printf(format string, args ...any) {
	if w.err == nil {
		_, w.err = fmt.Fprintf(w.to, format, args...)
	}
}

func (w *text) family(name, kind, help string) {
	w.printf("# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind)
}

// gauge tells a family of one series.
func (w *text) gauge(name, help string, v float64) {
	w.family(name, "gauge", help)
	w.sample(name, v)
}

var escapeLabel = strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`)

// sample tells a number; pairs are names and values of its labels.
func (w *text) sample(name string, v float64, pairs ...string) {
	var b strings.Builder
	for i := 0; i < len(pairs); i += 2 {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `%s="%s"`, pairs[i], escapeLabel.Replace(pairs[i+1]))
	}
	if b.Len() > 0 {
		name += "{" + b.String() + "}"
	}
	w.printf("%s %s\n", name, number(v))
}

func number(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
