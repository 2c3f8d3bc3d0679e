// Command press turns a folder of Markdown into a press site.
//
// This file finds the verb and the exit code; every verb has a file of its own, which
// binds its flags and calls one function. Only main exits.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	_ "time/tzdata" // one binary is enough: a bare container knows no time zones

	"github.com/spf13/pflag"

	"pressroom/internal/report"
)

// Exit codes, the same for every verb.
const (
	exitFine    = 0
	exitContent = 1 // the content is wrong
	exitUsage   = 2 // the call or site.yaml is wrong
	exitWorld   = 3 // disk, network or another failure of the world
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

// verb is one thing that press does.
type verb struct {
	name    string
	aliases []string
	args    string // what follows the flags, for the usage line
	short   string
	long    string
	flags   func(fs *pflag.FlagSet, o *options)
	run     func(c *call) error
}

// verbs in the order of the help. A function, because help reads it.
func verbs() []*verb {
	return []*verb{buildVerb(), serveVerb(), checkVerb(), newVerb(), listVerb(), initVerb(), scheduleVerb(), announceVerb(), versionVerb()}
}

// call is one run of a verb.
type call struct {
	ctx            context.Context
	verb           *verb
	options        options
	args           []string
	stdout, stderr io.Writer
}

// usageError is a call that cannot be carried out as it was given.
type usageError struct{ text, hint string }

func (e usageError) Error() string { return e.text }

// surplus refuses an argument that the verb has no use for.
func (c *call) surplus(arg, hint string) error {
	if hint == "" {
		hint = fmt.Sprintf(`"press help %s" tells how it is called`, c.verb.name)
	}
	return usageError{fmt.Sprintf("%s takes no %q", c.verb.name, arg), hint}
}

// errContent says that problems have been told already.
var errContent = errors.New("the content is wrong")

// errConfig says that problems of site.yaml have been told already.
var errConfig = errors.New("site.yaml is wrong")

// run carries out one command line and returns its exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	err := dispatch(ctx, args, stdout, stderr)
	var usage usageError
	switch {
	case err == nil:
		return exitFine
	case errors.Is(err, errContent):
		return exitContent
	case errors.Is(err, errConfig):
		return exitUsage
	case errors.As(err, &usage):
		fmt.Fprintf(stderr, "press: %s\n", usage.text)
		if usage.hint != "" {
			fmt.Fprintf(stderr, "    hint: %s\n", usage.hint)
		}
		return exitUsage
	}
	fmt.Fprintf(stderr, "press: %s\n", err)
	return exitWorld
}

func dispatch(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	all := verbs()
	v, bare := all[0], true // bare "press" builds, with or without flags
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		bare = false
		if v = find(all, args[0]); v == nil {
			if args[0] == "help" {
				return help(all, args[1:], stdout)
			}
			return usageError{fmt.Sprintf("unknown command %q", args[0]), report.DidYouMean(args[0], names(all))}
		}
		args = args[1:]
	} else if len(args) > 0 && slices.Contains([]string{"-h", "--help", "-help"}, args[0]) {
		return help(all, nil, stdout)
	}
	c := &call{ctx: ctx, verb: v, stdout: stdout, stderr: stderr}
	fs := flagSet(v, &c.options)
	if err := fs.Parse(args); err != nil {
		if errors.Is(err, pflag.ErrHelp) {
			return help(all, []string{v.name}, stdout)
		}
		return flagError(fs, err)
	}
	c.args = fs.Args()
	if bare && len(c.args) > 0 && find(all, c.args[0]) != nil {
		return usageError{fmt.Sprintf("the command %q stands behind its flags", c.args[0]), fmt.Sprintf("press %s, then the flags", c.args[0])}
	}
	if err := c.options.settle(fs); err != nil {
		return err
	}
	return v.run(c)
}

func find(all []*verb, name string) *verb {
	for _, v := range all {
		if v.name == name || slices.Contains(v.aliases, name) {
			return v
		}
	}
	return nil
}

func names(all []*verb) (out []string) {
	for _, v := range all {
		out = append(out, v.name)
	}
	return append(out, "help")
}

// help prints the page of press, or of one verb.
func help(all []*verb, args []string, w io.Writer) error {
	if len(args) == 0 {
		fmt.Fprint(w, "press turns a folder of Markdown into a press site.\n\n  press COMMAND [flags]\n\n")
		for _, v := range all {
			fmt.Fprintf(w, "  %-10s%s\n", v.name, v.short)
		}
		fmt.Fprint(w, "\n\"press help COMMAND\" tells more. Bare \"press\" builds.\n\n", exitCodes)
		return nil
	}
	v := find(all, args[0])
	if v == nil {
		return usageError{fmt.Sprintf("unknown command %q", args[0]), report.DidYouMean(args[0], names(all))}
	}
	fmt.Fprintf(w, "press %s: %s\n\n  press %s\n\n%s\n\nFlags\n%s\n%s", v.name, v.short, strings.TrimSpace(v.name+" "+v.args+" [flags]"), v.long, flagSet(v, &options{}).FlagUsages(), exitCodes)
	if len(v.aliases) > 0 {
		fmt.Fprintf(w, "\nAlso called as %s.\n", strings.Join(v.aliases, ", "))
	}
	return nil
}

const exitCodes = `Exit codes
  0  fine
  1  the content is wrong
  2  the call or site.yaml is wrong
  3  disk, network or another failure of the world
`
