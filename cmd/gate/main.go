// Command gate is the companion of a press site: accounts, gated downloads and the
// newsletter, served beside the static pages, and the verbs by which operators look after
// them.
//
// This file lists the verbs; every verb has a file of its own, which binds its flags and
// does its work on the rules of internal/gate. Only main exits.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // one binary is enough: a bare container knows no time zones

	"github.com/spf13/pflag"

	"pressroom/internal/command"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// call is one run of a verb.
type call = command.Call[options]

// verb is one thing that gate does.
type verb = command.Verb[options]

// options are all flags. Each verb binds those that mean something to it.
type options struct {
	config       string
	json, csv    bool
	yes          bool
	quiet        bool
	since, until string // downloads, audit, newsletter
	download     string
	account      string // audit
	lang         string // newsletter
	html         bool
	dryRun       bool
	follow       bool
	baseURL      string // init
}

func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	p := &command.Program[options]{
		Name: "gate", About: "gate lets journalists in: accounts, downloads and the newsletter of a press site.",
		Codes: exitCodes, Spellings: map[string]string{"dryrun": "dry-run", "baseurl": "base-url"},
		Verbs: []*verb{serveVerb(), checkVerb(), initVerb(), usersVerb(), downloadsVerb(), newsletterVerb(), keysVerb(), auditVerb(), backupVerb(), outboxVerb(), versionVerb()},
	}
	return p.Run(ctx, args, stdin, stdout, stderr)
}

const exitCodes = `Exit codes
  0  fine
  1  refused, or something is wrong with what was looked at
  2  the call or gate.yaml is wrong
  3  disk, network, database or another failure of the world
`

func bindConfig(fs *pflag.FlagSet, o *options) {
	fs.StringVarP(&o.config, "config", "c", "", "gate.yaml (default $GATE_CONFIG, or gate.yaml in this folder)")
}

func bindJSON(fs *pflag.FlagSet, o *options) {
	fs.BoolVar(&o.json, "json", false, "print JSON")
}

// bindLists binds the forms in which a list can be had.
func bindLists(fs *pflag.FlagSet, o *options) {
	bindJSON(fs, o)
	fs.BoolVar(&o.csv, "csv", false, "print CSV, safe to open as a spreadsheet")
}

func bindYes(fs *pflag.FlagSet, o *options) {
	fs.BoolVarP(&o.yes, "yes", "y", false, "do not ask")
}
