// Command press turns a folder of Markdown into a press site.
//
// This file lists the verbs; every verb has a file of its own, which binds its flags and
// calls one function. Only main exits.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	_ "time/tzdata" // one binary is enough: a bare container knows no time zones

	"pressroom/internal/command"
)

// garbage is how far the memory may grow between two collections, in per cent of what
// is in use. A build is short and makes little garbage for its size: at 40 it needs a
// third less memory than at Go's 100, and a twentieth more time (10,000 articles).
const garbage = 40

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(garbage)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// call is one run of a verb.
type call struct{ *command.Call[options] }

// verb is one thing that press does.
type verb = command.Verb[options]

// run carries out one command line and returns its exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	p := &command.Program[options]{
		Name: "press", About: "press turns a folder of Markdown into a press site.", Bare: "build",
		Codes: exitCodes, Spellings: spellings,
		Verbs: []*verb{buildVerb(), serveVerb(), checkVerb(), newVerb(), listVerb(), initVerb(), scheduleVerb(), announceVerb(), versionVerb()},
	}
	return p.Run(ctx, args, os.Stdin, stdout, stderr)
}

// does settles the flags, as every verb must, and then runs f.
func does(f func(*call) error) func(*command.Call[options]) error {
	return func(c *command.Call[options]) error {
		if err := c.Options.settle(c.Flags); err != nil {
			return err
		}
		return f(&call{c})
	}
}

// wrongCall is a call that cannot be carried out as it was given.
func wrongCall(text, hint string) error { return command.UsageError{Text: text, Hint: hint} }

const exitCodes = `Exit codes
  0  fine
  1  the content is wrong
  2  the call or site.yaml is wrong
  3  disk, network or another failure of the world
`
