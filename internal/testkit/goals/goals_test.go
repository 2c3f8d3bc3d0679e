package goals

import (
	"context"
	"errors"
	"flag"
	"io"
	"regexp"
	"strings"
	"testing"
)

// trial is a command with three parts, of which the last one fails.
func trial(quick *bool, ran *[]string) *Command {
	var r *Run
	c := &Command{
		Name: "trial", Figures: []string{"ours", "peer"},
		Flags: func(fs *flag.FlagSet) { fs.BoolVar(quick, "quick", false, "") },
		Check: func() error {
			if *quick {
				return errors.New("-quick is too quick")
			}
			return nil
		},
		Measure: func(run *Run) error {
			r = run
			io.WriteString(r.Out, "measured here\n")
			return r.Parts()
		},
	}
	c.Part("speed", "how quick it is", func() error {
		*ran = append(*ran, "speed")
		r.Add("log-ins", "≥ 2×", Held, "40/s", "20/s")
		r.Add("— p50", "", Open, "1 s")
		r.Note("said %d times", 2)
		return nil
	})
	c.Part("weight", "how heavy", func() error {
		*ran = append(*ran, "weight")
		r.Find("pages", "≤ 14 KB", "15 KB", "/a/ is too heavy:\n15 KB", "/b/")
		r.Add("size", "≤ 2", Held, "1")
		return nil
	})
	c.Part("links", "where they lead", func() error {
		*ran = append(*ran, "links")
		return errors.New("there is no site")
	})
	return c
}

var took = regexp.MustCompile(`[0-9]+s\n`)

func TestCommand(t *testing.T) {
	for _, c := range []struct {
		name, args, out, said string
		ran                   string
		code                  int
	}{
		{name: "a goal held", args: "-only speed", ran: "speed", out: `measured here
part   measure  goal  ours  peer  held
speed  log-ins  ≥ 2×  40/s  20/s  yes
speed  — p50    –     1 s   –     

speed: said 2 times
`, said: "speed: how quick it is\nspeed: N s\n"},
		{name: "all, in their order", code: 1, ran: "speed weight links", out: `measured here
part    measure          goal     ours   peer  held
speed   log-ins          ≥ 2×     40/s   20/s  yes
speed   — p50            –        1 s    –     
weight  pages            ≤ 14 KB  15 KB  –     NO
weight  size             ≤ 2      1      –     yes
links   where they lead  it runs  –      –     NO

weight: pages
  /a/ is too heavy:
    15 KB
  /b/

links: where they lead
  there is no site

speed: said 2 times
`, said: "speed: how quick it is\nspeed: N s\nweight: how heavy\nweight: N s\nlinks: where they lead\nlinks: N s\n"},
		{name: "some, in the order of all", args: "-only weight,,speed", ran: "speed weight", code: 1, out: "*", said: "*"},
		{name: "list", args: "-list", out: "speed  how quick it is\nweight how heavy\nlinks  where they lead\n"},
		{name: "no such part", args: "-only spead", code: 2, said: "trial: there is no part \"spead\"; -list names them\n"},
		{name: "an argument", args: "now", code: 2, said: "trial: no argument is expected, and there is \"now\"\n"},
		{name: "its own flag", args: "-quick", code: 2, said: "trial: -quick is too quick\n"},
		{name: "no such flag", args: "-slow", code: 2, said: "*"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out, said strings.Builder
			var ran []string
			code := trial(new(bool), &ran).Main(strings.Fields(c.args), &out, &said)
			if code != c.code {
				t.Errorf("exit %d, want %d", code, c.code)
			}
			if got := strings.Join(ran, " "); got != c.ran {
				t.Errorf("%q ran, want %q", got, c.ran)
			}
			if c.out != "*" && out.String() != c.out {
				t.Errorf("the table is\n%swant\n%s", out.String(), c.out)
			}
			if said := took.ReplaceAllString(said.String(), "N s\n"); c.said != "*" && said != c.said {
				t.Errorf("it says\n%swant\n%s", said, c.said)
			}
		})
	}
}

// Who interrupts it sees what there is, and no success.
func TestInterrupt(t *testing.T) {
	var out, said strings.Builder
	c := &Command{Name: "trial", Figures: []string{"got"}, Flags: func(*flag.FlagSet) {}}
	c.Measure = func(r *Run) error {
		ctx, stop := context.WithCancel(r.Context)
		r.Context = ctx
		r.parts[0].measure = func() error { r.Add("size", "≤ 2", Held, "1"); return nil }
		r.parts[1].measure = func() error { stop(); return ctx.Err() }
		return r.Parts()
	}
	c.Part("first", "", nil)
	c.Part("second", "", nil)
	c.Part("third", "", func() error { t.Error("the third part ran"); return nil })
	if code := c.Main(nil, &out, &said); code != 1 {
		t.Errorf("exit %d", code)
	}
	if !strings.Contains(out.String(), "first  size") || !strings.Contains(said.String(), "trial: second: context canceled") {
		t.Errorf("it says\n%s%s", out.String(), said.String())
	}
}

// Of many faults the first are told, and how many there are.
func TestManyFaults(t *testing.T) {
	tb := Table{columns: []string{"got"}}
	tb.Find("pages", "valid", "30 faults", strings.Fields(strings.Repeat("wrong ", 30))...)
	var b strings.Builder
	if err := tb.print(&b); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(b.String(), "  wrong\n"); n != most || !strings.HasSuffix(b.String(), "  … and 5 more\n") {
		t.Errorf("%d are told:\n%s", n, b.String())
	}
}
