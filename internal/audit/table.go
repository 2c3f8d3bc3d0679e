package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
)

// table is all that was measured.
type table struct {
	part string
	rows []row
}

// row is one measure: it is held when there is no fault.
type row struct {
	part, measure, goal, got string
	faults                   []string
}

func (t *table) add(measure, goal, got string, faults ...string) {
	t.rows = append(t.rows, row{t.part, measure, goal, got, faults})
}

func (t *table) held() bool {
	return !slices.ContainsFunc(t.rows, func(r row) bool { return len(r.faults) > 0 })
}

// most is how many faults of a row are told; who mends those finds the next.
const most = 25

func (t *table) print(w io.Writer) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "part\tmeasure\tgoal\tgot\theld")
	for _, r := range t.rows {
		held := "yes"
		if len(r.faults) > 0 {
			held = "NO"
		}
		fmt.Fprintln(tw, strings.Join([]string{r.part, r.measure, r.goal, r.got, held}, "\t"))
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	for _, r := range t.rows {
		for i, f := range r.faults {
			if i == 0 {
				fmt.Fprintf(w, "\n%s: %s\n", r.part, r.measure)
			}
			if i == most {
				fmt.Fprintf(w, "  … and %d more\n", len(r.faults)-most)
				break
			}
			fmt.Fprintln(w, "  "+strings.ReplaceAll(strings.TrimSpace(f), "\n", "\n    "))
		}
	}
	return nil
}

// count writes "1 page" or "3 pages".
func count(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}

// kb is bytes as the goals count them, in units of 1,024.
func kb(n int) string { return fmt.Sprintf("%.1f KB", float64(n)/1024) }
