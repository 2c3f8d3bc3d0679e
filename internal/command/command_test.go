package command

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"testing"
	"time"

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
	bare := program()
	bare.Bare, bare.Verbs[0].Aliases = "lift", []string{"hoist"}
	for _, c := range []struct {
		program        *Program[options]
		args           string
		code           int
		stdout, stderr string // the beginnings
	}{
		{program(), "", 0, "crane lifts things.\n\n  crane COMMAND [flags]\n\n  lift        lift it\n", ""},
		{program(), "help", 0, "crane lifts things.", ""},
		{program(), "--help", 0, "crane lifts things.", ""},
		{program(), "help lift", 0, "crane lift: lift it\n\n  crane lift THING [flags]\n\nLifts.\n\nFlags\n      --name string", ""},
		{program(), "lift -h", 0, "crane lift: lift it", ""},
		{program(), "help lower", 0, "crane lower: lower it\n\n  crane lower [flags]\n\nLowers.\n\nExit codes", ""},
		{program(), "lift --name x -q box", 0, `x true ["box"]`, ""},
		{program(), "lift box --Called x --quietplease", 0, `x true ["box"]`, ""},
		{program(), "lift --name heavy", 1, "heavy", "crane: too heavy\n    hint: a larger crane\n"},
		{program(), "lift --name told", 1, "told", ""},
		{program(), "lift --name config", 2, "config", ""},
		{program(), "lift --name broken", 3, "broken", "crane: the rope broke\n"},
		{program(), "lfit", 2, "", "crane: unknown command \"lfit\"\n    hint: did you mean \"lift\"?\n"},
		{program(), "help lfit", 2, "", "crane: unknown command \"lfit\"\n"},
		{program(), "lift --nane x", 2, "", "crane: unknown flag --nane\n    hint: did you mean --name?\n"},
		{program(), "lift -Z", 2, "", "crane: unknown flag -Z\n    hint: \"crane help lift\" lists the flags\n"},
		{program(), "lift --name", 2, "", "crane: flag needs an argument: --name\n"},
		{program(), "lift a b", 2, "", "crane: lift takes no \"b\"\n    hint: \"crane help lift\" tells how it is called\n"},
		{program(), "-q lift", 2, "", "crane: a command comes before -q\n"},
		{bare, "", 0, ` false []`, ""},
		{bare, "--called x", 0, `x false []`, ""},
		{bare, "--help", 0, "crane lifts things.", ""},
		{bare, "help", 0, "crane lifts things.", ""},
		{bare, "hoist box", 0, ` false ["box"]`, ""},
		{bare, "help hoist", 0, "crane lift: lift it", ""},
		{bare, "lower", 0, "", ""},
		{bare, "lift lower", 0, ` false ["lower"]`, ""},
		{bare, "-q lower", 2, "", "crane: the command \"lower\" stands behind its flags\n    hint: crane lower, then the flags\n"},
		{bare, "lfit", 2, "", "crane: unknown command \"lfit\"\n    hint: did you mean \"lift\"?\n"},
		{bare, "--cllaed x", 2, "", "crane: unknown flag --cllaed\n    hint: did you mean --called?\n"},
	} {
		var stdout, stderr bytes.Buffer
		code := c.program.Run(context.Background(), strings.Fields(c.args), nil, &stdout, &stderr)
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

func TestVersionOf(t *testing.T) {
	for _, test := range []struct{ version, modified, want string }{
		{"v1.2.3", "false", "v1.2.3"},
		{"v1.2.3", "true", "dev"},
		{"v1.2.4-0.20260707090000-0123456789ab", "false", "dev"},
		{"(devel)", "", "dev"},
		{"", "", "dev"},
	} {
		info := &debug.BuildInfo{Main: debug.Module{Version: test.version}, GoVersion: "go1.26", Settings: []debug.BuildSetting{
			{Key: "vcs.revision", Value: "0123456789abcdef0123456789abcdef01234567"}, {Key: "vcs.modified", Value: test.modified}}}
		got := VersionOf(info)
		if got.Version != test.want || got.Commit != "0123456789ab" || got.Go != "go1.26" || got.Modified != (test.modified == "true") {
			t.Errorf("%v: %+v", test, got)
		}
	}
}

func TestRoughly(t *testing.T) {
	for d, want := range map[time.Duration]string{
		30 * time.Second: "less than a minute", 61 * time.Minute: "1 h 1 min", 59 * time.Minute: "59 min", 49*time.Hour + time.Minute: "2 d 1 h",
	} {
		if got := Roughly(d); got != want {
			t.Errorf("%s: %s, want %s", d, got, want)
		}
	}
}
