package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// print writes the figures as a table, and below it what one article changes.
func (r *result) print(w io.Writer) error {
	fmt.Fprintf(w, "\n%s articles\n", thousands(r.articles))
	// Figures stand right in their columns, so the names of the steps are padded to stand left.
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	width := 0
	for _, s := range r.steps {
		width = max(width, len(s))
	}
	columns := []string{"wall", "CPU", "memory", "written"}
	head := []string{strings.Repeat(" ", width)}
	for _, c := range columns {
		for _, m := range r.makers {
			head = append(head, c+" "+m)
		}
		if len(r.makers) > 1 && c != "written" {
			head = append(head, "ratio")
		}
	}
	fmt.Fprintln(tw, strings.Join(head, "\t")+"\t")
	for _, s := range r.steps {
		fmt.Fprintln(tw, strings.Join(append([]string{fmt.Sprintf("%-*s", width, s)}, r.row(s)...), "\t")+"\t")
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	for _, m := range r.makers {
		c := r.changed[m]
		fmt.Fprintf(w, "%s: one article added changes %s of %s files, %s\n", m, thousands(len(c.paths)), thousands(r.files[m]), megabytes(c.bytes))
	}
	return nil
}

// row returns the cells of one step.
func (r *result) row(step string) []string {
	var all []usage
	for _, m := range r.makers {
		all = append(all, r.typical(step, m))
	}
	var cells []string
	measure := func(show func(usage) string, value func(usage) float64) {
		for _, u := range all {
			cells = append(cells, show(u))
		}
		if len(all) > 1 {
			cells = append(cells, ratio(value(all[1]), value(all[0])))
		}
	}
	measure(func(u usage) string { return seconds(u.wall) }, func(u usage) float64 { return u.wall.Seconds() })
	measure(func(u usage) string { return seconds(u.cpu) }, func(u usage) float64 { return u.cpu.Seconds() })
	measure(func(u usage) string { return memorySize(u.peak) }, func(u usage) float64 { return float64(u.peak) })
	for i, u := range all {
		written := u.written
		if written < 0 && step == added {
			written = len(r.changed[r.makers[i]].paths)
		}
		if written < 0 {
			cells = append(cells, "–")
		} else {
			cells = append(cells, thousands(written))
		}
	}
	return cells
}

// typical returns the medians of one step's runs, each figure for itself.
func (r *result) typical(step, maker string) usage {
	runs := r.usage[[2]string{step, maker}]
	return usage{
		wall:    median(runs, func(u usage) time.Duration { return u.wall }),
		cpu:     median(runs, func(u usage) time.Duration { return u.cpu }),
		peak:    median(runs, func(u usage) int64 { return u.peak }),
		written: median(runs, func(u usage) int { return u.written }),
	}
}

// median returns the middle value, of an even number the lower of the two: it
// always is a value that was measured.
func median[T cmp.Ordered](runs []usage, value func(usage) T) T {
	values := make([]T, len(runs))
	for i, u := range runs {
		values[i] = value(u)
	}
	slices.Sort(values)
	return values[(len(values)-1)/2]
}

func ratio(peer, own float64) string {
	if peer == 0 || own == 0 {
		return "–"
	}
	return fmt.Sprintf("%.1f×", peer/own)
}

func seconds(d time.Duration) string {
	if d < time.Second {
		return fmt.Sprintf("%.3f s", d.Seconds())
	}
	return fmt.Sprintf("%.2f s", d.Seconds())
}

func memorySize(n int64) string {
	if n == 0 {
		return "–"
	}
	return fmt.Sprintf("%d MB", n/1_000_000)
}

func megabytes(n int64) string { return fmt.Sprintf("%.2f MB", float64(n)/1e6) }

// thousands writes 10000 as 10,000.
func thousands(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
