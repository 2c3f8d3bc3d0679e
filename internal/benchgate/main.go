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
// It exits with 0 when every goal is held, 1 when one is missed or a part did not run, and
// 2 on wrong usage. A quick run judges no number. What the numbers mean is told in
// README.md beside this file.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"pressroom/internal/testkit/goals"
)

func main() { os.Exit(command().Main(os.Args[1:], os.Stdout, os.Stderr)) }

// bench is one run.
type bench struct {
	*goals.Run
	quick  bool
	rounds int
	pairs  int
	dir    string // all that is written, but for the caches
	gate   string // the program
	base   string // PocketBase, or ""
}

func command() *goals.Command {
	b := &bench{}
	c := &goals.Command{
		Name: "benchgate", Figures: []string{"gate", "peer", "ratio"}, Measure: b.measure, Check: b.check,
		Flags: func(fs *flag.FlagSet) {
			fs.BoolVar(&b.quick, "quick", false, "run everything so briefly that only its working is tried")
			fs.IntVar(&b.rounds, "rounds", 5, "how often the gate and its peer take `turns`")
			fs.IntVar(&b.pairs, "pairs", 300, "how many known and unknown `addresses` are compared by time")
		},
	}
	c.Part("size", "binary, start, memory of an idle process", b.size)
	c.Part("logins", "log-ins at 8 clients", b.logins)
	c.Part("sessions", "session checks, over SQLite and PostgreSQL", b.sessions)
	c.Part("downloads", "one large file, and many readers at once", b.downloads)
	c.Part("flood", "500 log-ins at once: memory, and how other pages fare", b.flood)
	c.Part("timing", "whether time tells known addresses from unknown ones", b.timing)
	c.Part("mail", "how long a code takes to the mail server", b.mail)
	c.Part("kills", "the acceptance test that kills the gate", b.kills)
	c.Part("scans", "slowhttptest and wapiti", b.scans)
	return c
}

func (b *bench) check() error {
	if b.rounds < 1 {
		return errors.New("-rounds must be at least 1")
	}
	if b.pairs < 10 {
		return errors.New("-pairs must be at least 10")
	}
	if b.quick {
		b.rounds, b.pairs = 1, 10
	}
	return nil
}

// either is a number for a real run, or the one for a quick one.
func either[T any](b *bench, real, quick T) T {
	if b.quick {
		return quick
	}
	return real
}

// judge judges a number, which means nothing in a quick run.
func (b *bench) judge(held bool) goals.Verdict {
	return either(b, goals.Judge(held), goals.Open)
}

// measure builds the gate and runs the parts.
func (b *bench) measure(r *goals.Run) error {
	dir, err := os.MkdirTemp("", "benchgate-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	b.Run, b.dir, b.gate = r, dir, filepath.Join(dir, "gate")
	b.Say("building gate")
	build := exec.CommandContext(r.Context, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", b.gate, "pressroom/cmd/gate")
	build.Env = append(os.Environ(), "CGO_ENABLED=0") // as the Makefile does
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("go build pressroom/cmd/gate: %w\n%s", err, out)
	}
	fmt.Fprintf(r.Out, "%d cores, %s/%s, %s, load %s; %d rounds in turn%s\n", runtime.GOMAXPROCS(0), runtime.GOOS, runtime.GOARCH, runtime.Version(), load(), b.rounds, either(b, "", "; a quick run: numbers mean nothing"))
	err = r.Parts()
	fmt.Fprintf(r.Out, "load at the end %s\n\n", load())
	return err
}

// load is how busy the machine is, as the system tells it.
func load() string {
	b, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	return strings.Join(strings.Fields(string(b))[:3], " ")
}
