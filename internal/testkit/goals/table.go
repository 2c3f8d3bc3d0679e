package goals

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
)

// Table is all that was measured.
type Table struct {
	columns []string
	part    string // whose rows and notes are added
	rows    []row
	notes   []string
}

type row struct {
	part, measure, goal string
	figures             []string
	verdict             Verdict
	faults              []string
}

// Verdict is whether a goal is held.
type Verdict string

const (
	Held   Verdict = "yes"
	Missed Verdict = "NO"
	Open   Verdict = "" // there is no goal, or nothing to judge it by
)

func Judge(held bool) Verdict {
	if held {
		return Held
	}
	return Missed
}

// Add adds figures, one for each column; those that are "" or not there are dashes.
func (t *Table) Add(measure, goal string, v Verdict, figures ...string) {
	t.rows = append(t.rows, row{t.part, measure, goal, figures, v, nil})
}

// Find adds what was looked for faults: the goal is held when there is none.
func (t *Table) Find(measure, goal, got string, faults ...string) {
	t.rows = append(t.rows, row{t.part, measure, goal, []string{got}, Judge(len(faults) == 0), faults})
}

// Note adds a line below the table.
func (t *Table) Note(format string, args ...any) {
	t.notes = append(t.notes, t.part+": "+fmt.Sprintf(format, args...))
}

func (t *Table) missed() bool {
	return slices.ContainsFunc(t.rows, func(r row) bool { return r.verdict == Missed })
}

// most is how many faults of a row are told; who mends those finds the next.
const most = 25

// print writes the table, below it the faults of each row, and then the notes.
func (t *Table) print(w io.Writer) error {
	var b strings.Builder
	tw := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	line := func(cells []string, held string) { fmt.Fprintf(tw, "%s\t%s\n", strings.Join(cells, "\t"), held) }
	line(slices.Concat([]string{"part", "measure", "goal"}, t.columns), "held")
	for _, r := range t.rows {
		cells := append([]string{r.part, r.measure, r.goal}, make([]string, len(t.columns))...)
		copy(cells[3:], r.figures)
		for i, c := range cells {
			if c == "" {
				cells[i] = "–"
			}
		}
		line(cells, string(r.verdict))
	}
	tw.Flush()
	for _, r := range t.rows {
		if len(r.faults) > 0 {
			fmt.Fprintf(&b, "\n%s: %s\n", r.part, r.measure)
		}
		for _, f := range r.faults[:min(len(r.faults), most)] {
			fmt.Fprintln(&b, "  "+strings.ReplaceAll(strings.TrimSpace(f), "\n", "\n    "))
		}
		if more := len(r.faults) - most; more > 0 {
			fmt.Fprintf(&b, "  … and %d more\n", more)
		}
	}
	if len(t.notes) > 0 {
		fmt.Fprintf(&b, "\n%s\n", strings.Join(t.notes, "\n"))
	}
	_, err := io.WriteString(w, b.String())
	return err
}
