package main

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

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// parts are what can be measured, in the order in which it is: first what takes seconds.
var parts = []part{
	{"links", "links and anchors of the built site, and all else that press check reads", (*audit).links},
	{"weight", "HTML, CSS and JavaScript of each page, compressed", (*audit).weight},
	{"csp", "the content security policy, by csp_evaluator", (*audit).csp},
	{"data", "feeds, sitemaps, calendars, JSON, JSON-LD, captions", (*audit).data},
	{"nu", "every page, stylesheet and drawing, by the Nu HTML checker", (*audit).nu},
	{"htmlvalidate", "every page, by html-validate", (*audit).htmlValidate},
	{"network", "what a browser fetches, stores and complains of", (*audit).network},
	{"axe", "accessibility, by axe-core, light and dark, narrow and wide, to the right and to the left", (*audit).axe},
	{"lighthouse", "performance, accessibility, practices, search engines, by Lighthouse", (*audit).lighthouse},
}

type part struct {
	name, about string
	run         func(*audit) error
}

// options is what the command line says.
type options struct {
	only []string
	all  bool
	keep string
}

// audit is one run.
type audit struct {
	options
	ctx   context.Context
	log   io.Writer // how far it is
	table table
	ltr   *newsroom // the example
	rtl   *newsroom // the example whose French is taken for Arabic
}

func run(args []string, stdout, stderr io.Writer) int {
	o, err := parse(args, stdout, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err != nil {
		fmt.Fprintln(stderr, "audit:", err)
		return 2
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	held, err := measure(ctx, o, stdout, stderr)
	if err != nil {
		fmt.Fprintln(stderr, "audit:", err)
	}
	if err != nil || !held {
		return 1
	}
	return 0
}

func parse(args []string, stdout, stderr io.Writer) (o options, err error) {
	fs := flag.NewFlagSet("audit", flag.ContinueOnError)
	fs.SetOutput(stderr)
	only := fs.String("only", "", "the `parts` to run, joined by commas (default: all)")
	fs.BoolVar(&o.all, "all", false, "have axe see every page, not one of each layout and language")
	fs.StringVar(&o.keep, "keep", "", "build the site into this `folder` and leave it there")
	list := fs.Bool("list", false, "say what the parts are")
	if err := fs.Parse(args); err != nil {
		return o, err
	}
	if *list {
		for _, p := range parts {
			fmt.Fprintf(stdout, "%-13s %s\n", p.name, p.about)
		}
		return o, flag.ErrHelp
	}
	if fs.NArg() > 0 {
		return o, fmt.Errorf("it takes no %q", fs.Arg(0))
	}
	if *only != "" {
		o.only = strings.Split(*only, ",")
	}
	for _, name := range o.only {
		if !slices.ContainsFunc(parts, func(p part) bool { return p.name == name }) {
			return o, fmt.Errorf("there is no part %q; -list names them", name)
		}
	}
	return o, nil
}

// measure runs the parts one after another: those that measure time want the machine for
// themselves. A part that cannot run misses its goal, and the others run all the same.
func measure(ctx context.Context, o options, stdout, stderr io.Writer) (held bool, err error) {
	dir := o.keep
	if dir == "" {
		if dir, err = os.MkdirTemp("", "audit"); err != nil {
			return false, err
		}
		defer os.RemoveAll(dir)
	}
	a := &audit{options: o, ctx: ctx, log: stderr}
	if a.ltr, err = open(ctx, example, dir+"/ltr"); err != nil {
		return false, err
	}
	defer a.ltr.Close()
	if a.rtl, err = open(ctx, mirrored, dir+"/rtl"); err != nil {
		return false, err
	}
	defer a.rtl.Close()
	for _, p := range parts {
		if len(o.only) > 0 && !slices.Contains(o.only, p.name) {
			continue
		}
		start := time.Now()
		fmt.Fprintf(stderr, "%s: %s\n", p.name, p.about)
		a.table.part = p.name
		err := a.guard(p.run)
		if ctx.Err() != nil {
			return false, context.Cause(ctx)
		}
		if err != nil {
			a.table.add(p.about, "it runs", "it does not", err.Error())
		}
		fmt.Fprintf(stderr, "%s: %.0f s\n", p.name, time.Since(start).Seconds())
	}
	return a.table.held(), a.table.print(stdout)
}

// guard runs a part; what stopped a browser stops that part alone.
func (a *audit) guard(run func(*audit) error) (err error) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case stopped:
			err = errors.New(string(p))
		default:
			panic(p)
		}
	}()
	return run(a)
}
