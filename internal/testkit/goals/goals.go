// Package goals is what programs that measure have in common. In go the parts in which
// something is measured, and the program's own flags; out come one table, in which each
// figure stands beside its goal, and an exit code:
//
//	0  every goal is held
//	1  one is missed, or a part could not be measured
//	2  wrong usage
//
// The table is the standard output; how far it is, the standard error. Parts run one after
// another, since those that measure time want the machine for themselves. One that fails
// misses its goal, and the others run all the same.
package goals

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"time"
)

// Command is a program that measures.
type Command struct {
	Name    string
	Figures []string            // the columns of what is found
	Flags   func(*flag.FlagSet) // binds the command's own, beside -only and -list
	Check   func() error        // says what is wrong with those; nil where nothing can be
	Measure func(*Run) error    // makes ready, calls Run.Parts and clears up

	parts []part
}

type part struct {
	name, about string
	measure     func() error
}

// Part adds what can be measured without the others. Parts run in the order in which they
// are added.
func (c *Command) Part(name, about string, measure func() error) {
	c.parts = append(c.parts, part{name, about, measure})
}

// Run is one run of a command.
type Run struct {
	Table
	Context context.Context
	Out     io.Writer // of what stands above the table
	log     io.Writer
	parts   []part // those that were asked for
}

// Say tells how far it is.
func (r *Run) Say(format string, args ...any) { fmt.Fprintf(r.log, format+"\n", args...) }

// Main runs the command by its arguments, and returns its exit code.
func (c *Command) Main(args []string, stdout, stderr io.Writer) int {
	r := &Run{Table: Table{columns: c.Figures}, Out: stdout, log: stderr}
	err := c.parse(r, args)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err != nil {
		r.Say("%s: %v", c.Name, err)
		return 2
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	r.Context = ctx
	if err = c.Measure(r); len(r.rows) > 0 { // what there is, however it ended
		err = errors.Join(err, r.print(stdout))
	}
	if err != nil {
		r.Say("%s: %v", c.Name, err)
	}
	if err != nil || r.missed() {
		return 1
	}
	return 0
}

// parse reads the command line. It answers -list itself, and returns flag.ErrHelp.
func (c *Command) parse(r *Run, args []string) error {
	fs := flag.NewFlagSet(c.Name, flag.ContinueOnError)
	fs.SetOutput(r.log)
	c.Flags(fs)
	only := fs.String("only", "", "the `parts` to run, joined by commas (default: all)")
	list := fs.Bool("list", false, "say what the parts are")
	if err := fs.Parse(args); err != nil {
		return err
	}
	if *list {
		return errors.Join(c.list(r.Out), flag.ErrHelp)
	}
	if fs.NArg() > 0 {
		return fmt.Errorf("no argument is expected, and there is %q", fs.Arg(0))
	}
	if c.Check != nil {
		if err := c.Check(); err != nil {
			return err
		}
	}
	return c.choose(r, *only)
}

func (c *Command) list(w io.Writer) error {
	width := 0
	for _, p := range c.parts {
		width = max(width, len(p.name))
	}
	for _, p := range c.parts {
		if _, err := fmt.Fprintf(w, "%-*s %s\n", width, p.name, p.about); err != nil {
			return err
		}
	}
	return nil
}

// choose finds the parts that are named, in the order in which they run; all for none.
func (c *Command) choose(r *Run, only string) error {
	var names []string
	for name := range strings.SplitSeq(only, ",") {
		if name = strings.TrimSpace(name); name == "" {
			continue
		}
		if !slices.ContainsFunc(c.parts, func(p part) bool { return p.name == name }) {
			return fmt.Errorf("there is no part %q; -list names them", name)
		}
		names = append(names, name)
	}
	for _, p := range c.parts {
		if len(names) == 0 || slices.Contains(names, p.name) {
			r.parts = append(r.parts, p)
		}
	}
	return nil
}

// Parts measures what was asked for. It ends early, with an error, only when it is
// interrupted.
func (r *Run) Parts() error {
	for _, p := range r.parts {
		start := time.Now()
		r.Say("%s: %s", p.name, p.about)
		r.part = p.name
		err := p.measure()
		if r.Context.Err() != nil {
			return fmt.Errorf("%s: %w", p.name, context.Cause(r.Context))
		}
		if err != nil {
			r.Find(p.about, "it runs", "", err.Error())
		}
		r.Say("%s: %s", p.name, time.Since(start).Round(time.Second))
	}
	return nil
}
