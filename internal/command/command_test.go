package command

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

type options struct {
	name  string
	quiet bool
}

func program() *Program[options] {
	return &Program[options]{
		Name: "crane", About: "crane lifts things.", Codes: "Exit codes\n  0  fine\n",
		Spellings: map[string]string{"called": "name"},
		Verbs: []*Verb[options]{
			{Name: "lift", Args: "THING", Short: "lift it", Long: "Lifts.", Flags: func(fs *pflag.FlagSet, o *options) {
				fs.StringVar(&o.name, "name", "", "its name")
				fs.BoolVarP(&o.quiet, "quiet-please", "q", false, "say nothing")
			}, Run: func(c *Call[options]) error {
				if len(c.Args) > 1 {
					return c.Surplus(c.Args[1])
				}
				fmt.Fprintf(c.Stdout, "%s %v %q", c.Options.name, c.Options.quiet, c.Args)
				return map[string]error{"heavy": Refusal{"too heavy", "a larger crane"}, "broken": errors.New("the rope broke"),
					"told": ErrContent, "config": fmt.Errorf("read: %w", ErrConfig)}[c.Options.name]
			}},
			{Name: "lower", Short: "lower it", Long: "Lowers.", Run: func(*Call[options]) error { return nil }},
		},
	}
}

func TestRun(t *testing.T) {
	for _, c := range []struct {
		args           string
		code           int
		stdout, stderr string // the beginnings
	}{
		{"", 0, "crane lifts things.\n\n  crane COMMAND [flags]\n\n  lift        lift it\n", ""},
		{"help", 0, "crane lifts things.", ""},
		{"--help", 0, "crane lifts things.", ""},
		{"help lift", 0, "crane lift: lift it\n\n  crane lift THING [flags]\n\nLifts.\n\nFlags\n      --name string", ""},
		{"lift -h", 0, "crane lift: lift it", ""},
		{"help lower", 0, "crane lower: lower it\n\n  crane lower [flags]\n\nLowers.\n\nExit codes", ""},
		{"lift --name x -q box", 0, `x true ["box"]`, ""},
		{"lift box --Called x --quietplease", 0, `x true ["box"]`, ""},
		{"lift --name heavy", 1, "heavy", "crane: too heavy\n    hint: a larger crane\n"},
		{"lift --name told", 1, "told", ""},
		{"lift --name config", 2, "config", ""},
		{"lift --name broken", 3, "broken", "crane: the rope broke\n"},
		{"lfit", 2, "", "crane: unknown command \"lfit\"\n    hint: did you mean \"lift\"?\n"},
		{"help lfit", 2, "", "crane: unknown command \"lfit\"\n"},
		{"lift --nane x", 2, "", "crane: unknown flag --nane\n    hint: did you mean --name?\n"},
		{"lift -Z", 2, "", "crane: unknown flag -Z\n    hint: \"crane help lift\" lists the flags\n"},
		{"lift --name", 2, "", "crane: flag needs an argument: --name\n"},
		{"lift a b", 2, "", "crane: lift takes no \"b\"\n    hint: \"crane help lift\" tells how it is called\n"},
		{"-q lift", 2, "", "crane: a command comes before -q\n"},
	} {
		var stdout, stderr bytes.Buffer
		code := program().Run(context.Background(), strings.Fields(c.args), nil, &stdout, &stderr)
		if code != c.code || !strings.HasPrefix(stdout.String(), c.stdout) || !strings.HasPrefix(stderr.String(), c.stderr) || (c.stderr == "") != (stderr.Len() == 0) {
			t.Errorf("crane %s: code %d, want %d\n%s\n%s", c.args, code, c.code, stdout.String(), stderr.String())
		}
	}
}

// FuzzCSV gives any cell: none is a formula, and none loses what it said.
func FuzzCSV(f *testing.F) {
	for _, s := range []string{"", "Ana", "=1+1", "+31 20", "-1", "@SUM(A1)", "\tx", "\r=1", "\n=1", "＝1", "a\r\nb", `"`, ",=1", "'=1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, cell string) {
		var b bytes.Buffer
		if err := CSV(&b, []string{"a", "b"}, [][]string{{cell, "x"}}); err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(&b).ReadAll()
		if err != nil || len(rows) != 2 || len(rows[1]) != 2 {
			t.Fatalf("%q: %v %v", cell, rows, err)
		}
		got := rows[1][0]
		if strings.HasPrefix(got, "=") || strings.HasPrefix(got, "+") || strings.HasPrefix(got, "-") || strings.HasPrefix(got, "@") || strings.HasPrefix(got, "\t") || strings.HasPrefix(got, "\r") || strings.HasPrefix(got, "\n") {
			t.Errorf("%q becomes the formula %q", cell, got)
		}
		lines := strings.NewReplacer("\r\n", "\n", "\r", "") // as CSV reads them
		if lines.Replace(strings.TrimPrefix(got, "'")) != lines.Replace(strings.TrimPrefix(cell, "'")) {
			t.Errorf("%q becomes %q", cell, got)
		}
	})
}

func TestTable(t *testing.T) {
	var b bytes.Buffer
	if err := Table(&b, []string{"A", "B"}, [][]string{{"x\x1b[2J\ny\u202e", ""}}); err != nil {
		t.Fatal(err)
	}
	if got := b.String(); got != "A         B\nx [2J y   -\n" {
		t.Errorf("%q", got)
	}
}
