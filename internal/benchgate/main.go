// Command benchgate measures the gate and, in turn with it, its peers: PocketBase for
// log-ins and sessions, nginx for downloads.
//
//	go run ./internal/benchgate [-only logins,sessions] [-quick] [-rounds 5] [-pairs 300] [-list]
//
// It prints one table to the standard output, each number with the goal beside it, and
// its progress to the standard error. Every server runs on loopback in a folder that is
// removed. PocketBase is built once and kept in the user's cache; a peer or a tool that is
// not there leaves a dash, and a line that says so.
//
// It exits with 0 when every part ran, whatever the numbers are, 1 when one did not, and
// 2 on wrong usage. What the numbers mean is told in README.md beside this file.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// parts are what can be measured, in the order in which it is.
var parts = []part{
	{"size", "binary, start, memory of an idle process", (*bench).size},
	{"logins", "log-ins at 8 clients", (*bench).logins},
	{"sessions", "session checks, over SQLite and PostgreSQL", (*bench).sessions},
	{"downloads", "one large file, and many readers at once", (*bench).downloads},
	{"flood", "500 log-ins at once: memory, and how other pages fare", (*bench).flood},
	{"timing", "whether time tells known addresses from unknown ones", (*bench).timing},
	{"mail", "how long a code takes to the mail server", (*bench).mail},
	{"kills", "the acceptance test that kills the gate", (*bench).kills},
	{"scans", "slowhttptest and wapiti", (*bench).scans},
}

type part struct {
	name, about string
	run         func(*bench) error
}

// options is what the command line says.
type options struct {
	only   []string
	quick  bool
	rounds int
	pairs  int
}

func run(args []string, stdout, stderr io.Writer) int {
	o, err := parse(args, stdout, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err != nil {
		fmt.Fprintln(stderr, "benchgate:", err)
		return 2
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := measure(ctx, o, stdout, stderr); err != nil {
		fmt.Fprintln(stderr, "benchgate:", err)
		return 1
	}
	return 0
}

func parse(args []string, stdout, stderr io.Writer) (o options, err error) {
	fs := flag.NewFlagSet("benchgate", flag.ContinueOnError)
	fs.SetOutput(stderr)
	only := fs.String("only", "", "the `parts` to run, joined by commas (default: all)")
	list := fs.Bool("list", false, "list the parts")
	fs.BoolVar(&o.quick, "quick", false, "run everything so briefly that only its working is tried")
	fs.IntVar(&o.rounds, "rounds", 5, "how often the gate and its peer take `turns`")
	fs.IntVar(&o.pairs, "pairs", 300, "how many known and unknown `addresses` are compared by time")
	if err := fs.Parse(args); err != nil {
		return o, err
	}
	if *list {
		for _, p := range parts {
			fmt.Fprintf(stdout, "%-10s %s\n", p.name, p.about)
		}
		return o, flag.ErrHelp
	}
	if fs.NArg() > 0 {
		return o, fmt.Errorf("no argument is expected, and there is %q", fs.Arg(0))
	}
	if o.rounds < 1 {
		return o, errors.New("-rounds must be at least 1")
	}
	if o.pairs < 10 {
		return o, errors.New("-pairs must be at least 10")
	}
	if o.quick {
		o.rounds, o.pairs = 1, 10
	}
	for name := range strings.SplitSeq(*only, ",") {
		if name = strings.TrimSpace(name); name == "" {
			continue
		}
		if !slices.ContainsFunc(parts, func(p part) bool { return p.name == name }) {
			return o, fmt.Errorf("there is no part %q; -list lists them", name)
		}
		o.only = append(o.only, name)
	}
	return o, nil
}

// bench is one run.
type bench struct {
	options
	ctx      context.Context
	dir      string // all that is written, but for the caches
	gate     string // the program
	base     string // PocketBase, or ""
	table    table
	progress io.Writer
}

// say tells how far it is.
func (b *bench) say(format string, args ...any) { fmt.Fprintf(b.progress, format+"\n", args...) }

// either is a number for a real run, or the one for a quick one.
func either[T any](b *bench, real, quick T) T {
	if b.quick {
		return quick
	}
	return real
}

func measure(ctx context.Context, o options, stdout, stderr io.Writer) error {
	dir, err := os.MkdirTemp("", "benchgate-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	b := &bench{options: o, ctx: ctx, dir: dir, gate: filepath.Join(dir, "gate"), progress: stderr}
	b.say("building gate")
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", b.gate, "pressroom/cmd/gate")
	build.Env = append(os.Environ(), "CGO_ENABLED=0") // as the Makefile does
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("go build pressroom/cmd/gate: %w\n%s", err, out)
	}
	fmt.Fprintf(stdout, "%d cores, %s/%s, %s, load %s; %d rounds in turn%s\n", runtime.GOMAXPROCS(0), runtime.GOOS, runtime.GOARCH, runtime.Version(), load(), o.rounds, either(b, "", "; a quick run: numbers mean nothing"))
	var wrong error
	for _, p := range parts {
		if len(o.only) > 0 && !slices.Contains(o.only, p.name) {
			continue
		}
		start := time.Now()
		b.say("%s: %s", p.name, p.about)
		b.table.part = p.name
		if err := p.run(b); err != nil {
			if ctx.Err() != nil {
				wrong = errors.Join(wrong, fmt.Errorf("%s: %w", p.name, ctx.Err()))
				break
			}
			wrong = errors.Join(wrong, fmt.Errorf("%s: %w", p.name, err))
			b.say("%s failed: %v", p.name, err)
			continue
		}
		b.say("%s took %s", p.name, time.Since(start).Round(time.Second))
	}
	fmt.Fprintf(stdout, "load at the end %s\n\n", load())
	return errors.Join(wrong, b.table.print(stdout))
}

// load is how busy the machine is, as the system tells it.
func load() string {
	b, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	return strings.Join(strings.Fields(string(b))[:3], " ")
}
