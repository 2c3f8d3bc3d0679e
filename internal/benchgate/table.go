package main

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"text/tabwriter"
)

// table is all that was measured.
type table struct {
	part  string
	rows  []row
	notes []string
}

// row is one number, the peer's, and what it should be.
type row struct {
	part, what, ours, peer, ratio, goal string
	verdict                             verdict
}

type verdict string

const (
	met    verdict = "met"
	missed verdict = "missed"
	none   verdict = "" // there is no goal
)

func judge(ok bool) verdict {
	if ok {
		return met
	}
	return missed
}

// add adds a row; empty cells are dashes.
func (t *table) add(what, ours, peer, ratio, goal string, v verdict) {
	t.rows = append(t.rows, row{t.part, what, ours, peer, ratio, goal, v})
}

// note adds a line below the table.
func (t *table) note(format string, args ...any) {
	t.notes = append(t.notes, t.part+": "+fmt.Sprintf(format, args...))
}

func (t *table) print(w io.Writer) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "part\twhat\tgate\tpeer\tratio\tgoal\t")
	for _, r := range t.rows {
		cells := []string{r.part, r.what, r.ours, r.peer, r.ratio, r.goal}
		for i, c := range cells {
			if c == "" {
				cells[i] = "–"
			}
		}
		fmt.Fprintln(tw, strings.Join(cells, "\t")+"\t"+string(r.verdict))
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	for _, n := range t.notes {
		if _, err := fmt.Fprintln(w, n); err != nil {
			return err
		}
	}
	return nil
}

// quantile is the value below which so much of the list lies; NaN of none.
func quantile(list []float64, q float64) float64 {
	if len(list) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(list))
	return sorted[max(0, int(math.Ceil(q*float64(len(sorted))))-1)]
}

func median(list []float64) float64 { return quantile(list, 0.5) }

func perSecond(v float64) string {
	if v >= 1000 {
		return thousands(int(v)) + "/s"
	}
	return fmt.Sprintf("%.1f/s", v)
}

func ms(seconds float64) string {
	if v := seconds * 1000; v < 100 {
		return fmt.Sprintf("%.1f ms", v)
	}
	return fmt.Sprintf("%.0f ms", seconds*1000)
}

func mib(n int64) string     { return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20)) }
func mb(n int64) string      { return fmt.Sprintf("%.1f MB", float64(n)/1e6) }
func rate(v float64) string  { return fmt.Sprintf("%.0f MB/s", v/1e6) }
func times(v float64) string { return fmt.Sprintf("%.2f×", v) }

// thousands writes 10000 as 10,000.
func thousands(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// chance is the standard deviation of an AUC of so many pairs that tell nothing.
func chance(n int) float64 { return math.Sqrt(float64(2*n+1) / float64(12*n*n)) }
