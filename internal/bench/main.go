// Command bench measures press on an archive of made-up articles and, where Hugo
// is installed, Hugo on the same articles in the same run.
//
//	go run ./internal/bench [-n 1000,10000] [-runs 5] [-dir DIR] [-press FILE] [-keep]
//
// It prints a table to the standard output and its progress to the standard error.
// It exits with 0 when every build was right, 1 when one was not, 2 on wrong usage.
// What the figures mean is told in README.md beside this file.
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
	"runtime/debug"
	"strconv"
	"strings"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// options is what the command line says.
type options struct {
	sizes []int
	runs  int
	seed  uint64
	dir   string
	press string
	keep  bool
}

func run(args []string, stdout, stderr io.Writer) int {
	opts, err := parse(args, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err != nil {
		fmt.Fprintln(stderr, "bench:", err)
		return 2
	}
	// Linux counts a child's peak memory from the fork on, while it still shares
	// this process's: no build is seen below what is held here. 20 keeps that at
	// 10 MB or less with 10,000 articles.
	debug.SetGCPercent(20)

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := bench(ctx, opts, stdout, stderr); err != nil {
		fmt.Fprintln(stderr, "bench:", err)
		return 1
	}
	return 0
}

func parse(args []string, stderr io.Writer) (options, error) {
	var o options
	fs := flag.NewFlagSet("bench", flag.ContinueOnError)
	fs.SetOutput(stderr)
	sizes := fs.String("n", "1000,10000", "numbers of `articles`, joined by commas")
	fs.IntVar(&o.runs, "runs", 5, "how often each build is `repeated`; the table shows medians")
	fs.Uint64Var(&o.seed, "seed", 1, "`seed` of the articles")
	fs.StringVar(&o.dir, "dir", memory(), "`folder` to work in; on a disk, making files costs more than all the rest")
	fs.StringVar(&o.press, "press", "", "measure this `binary` instead of building cmd/press")
	fs.BoolVar(&o.keep, "keep", false, "leave the sites in place for a look")
	if err := fs.Parse(args); err != nil {
		return o, err
	}
	if fs.NArg() > 0 {
		return o, fmt.Errorf("no argument is expected, and there is %q", fs.Arg(0))
	}
	if o.runs < 1 {
		return o, errors.New("-runs must be at least 1")
	}
	// Hugo takes a relative destination from the site folder, not from ours.
	for _, p := range []*string{&o.dir, &o.press} {
		if *p == "" {
			continue
		}
		abs, err := filepath.Abs(*p)
		if err != nil {
			return o, err
		}
		*p = abs
	}
	for field := range strings.SplitSeq(*sizes, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(field))
		if err != nil {
			return o, fmt.Errorf("-n: %q is not a number", field)
		}
		if n < 2*o.runs {
			return o, fmt.Errorf("-n: %d articles are too few: each run edits two others", n)
		}
		o.sizes = append(o.sizes, n)
	}
	return o, nil
}

// memory is a folder that lies in memory, where there is one.
func memory() string {
	if info, err := os.Stat("/dev/shm"); err == nil && info.IsDir() {
		return "/dev/shm"
	}
	return os.TempDir()
}

func bench(ctx context.Context, o options, stdout, stderr io.Writer) error {
	work, err := os.MkdirTemp(o.dir, "press-bench-")
	if err != nil {
		return err
	}
	if o.keep {
		fmt.Fprintln(stderr, "sites are kept in", work)
	} else {
		defer os.RemoveAll(work)
	}
	if o.press == "" {
		o.press = filepath.Join(work, "press")
		fmt.Fprintln(stderr, "building press")
		if out, err := exec.CommandContext(ctx, "go", "build", "-o", o.press, "pressroom/cmd/press").CombinedOutput(); err != nil {
			return fmt.Errorf("go build pressroom/cmd/press: %w\n%s", err, out)
		}
	}
	hugo, err := exec.LookPath("hugo")
	if err != nil {
		hugo = ""
	}

	fmt.Fprintf(stdout, "%d cores, %s/%s, %s, in %s; medians of %d\n",
		runtime.GOMAXPROCS(0), runtime.GOOS, runtime.GOARCH, runtime.Version(), o.dir, o.runs)
	if hugo == "" {
		fmt.Fprintln(stdout, "hugo is not on PATH: no ratios")
	} else {
		version, err := exec.CommandContext(ctx, hugo, "version").Output()
		if err != nil {
			return fmt.Errorf("hugo version: %w", err)
		}
		fmt.Fprintf(stdout, "beside %s\n", strings.TrimSpace(string(version)))
	}
	for _, n := range o.sizes {
		t := trial{articles: n, runs: o.runs, seed: o.seed, progress: stderr}
		t.makers = append(t.makers, newPress(o.press, filepath.Join(work, fmt.Sprintf("press-%d", n))))
		if hugo != "" {
			t.makers = append(t.makers, newHugo(hugo, filepath.Join(work, fmt.Sprintf("hugo-%d", n))))
		}
		result, err := t.run(ctx)
		if err != nil {
			return fmt.Errorf("%d articles: %w", n, err)
		}
		if err := result.print(stdout); err != nil {
			return err
		}
		if o.keep {
			continue
		}
		for _, m := range t.makers { // memory is scarce where the folder lies in memory
			if err := os.RemoveAll(m.site.Dir); err != nil {
				return err
			}
		}
	}
	return nil
}
