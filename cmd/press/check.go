package main

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"pressroom/internal/build"
	"pressroom/internal/check"
	"pressroom/internal/command"
	"pressroom/internal/media"
	"pressroom/internal/memo"
	"pressroom/internal/report"
)

func checkVerb() *verb {
	return &verb{
		Name: "check", Short: "say everything that is wrong, and write nothing",
		Long: `Builds the site in memory and reads every page, feed and data file of it. Told is all
that "press build" tells, and what shows only in the finished site: links and anchors
that lead nowhere, pages without title, heading or language, pictures without alt,
translations that no page leads to, feeds and JSON that machines cannot read, a brand
colour that is hard to read, the storage path of a gated file in an open one. A public
video without captions is an error here; captions-waiver: with the reason allows it.

Where there is ffprobe, which is part of ffmpeg, every film whose file lies here is
compared with what its page says of it: container, codec, size, frames, scan, bitrate,
tracks and duration. What was read is kept beside what builds remember, if a build has
been here; nothing else is written.

Pages of the last build in the destination that are gone without an alias are told too.

--format github prints workflow commands, which GitHub shows as annotations; --format
sarif prints a SARIF 2.1.0 log for code scanning; --format json is --json.`,
		Flags: func(fs *pflag.FlagSet, o *options) {
			bindBuild(fs, o)
			bindOutput(fs, o)
			fs.StringVar(&o.format, "format", "", "text, json, github or sarif (default text)")
			bindTalk(fs, o)
		},
		Run: does(runCheck),
	}
}

var formats = []string{"text", "json", "github", "sarif"}

// checked is what "check --json" prints.
type checked struct {
	Pages    int         `json:"pages"`
	Files    int         `json:"files"`
	Errors   int         `json:"errors"`
	Warnings int         `json:"warnings"`
	Films    int         `json:"films"` // that were compared with what is said of them
	Seconds  float64     `json:"seconds"`
	Problems report.List `json:"problems"`

	pictures string // who writes them
	note     string // what could not be checked, and why
}

func runCheck(c *call) error {
	start := time.Now()
	o := &c.Options
	if len(c.Args) > 0 {
		return c.Surplus(c.Args[0], "name the folder of the site with --source")
	}
	if err := o.settleFormat(); err != nil {
		return err
	}
	in, m, problems, err := c.open()
	if err != nil {
		return err
	}
	result, more := build.Look(c.Ctx, in, m)
	problems.Add(more...)
	if err := c.Ctx.Err(); err != nil {
		return err
	}
	var sum checked
	if result != nil {
		problems = check.Stricter(problems, result.Held)
		if !more.HasErrors() { // else pages are missing that only wait for a correction
			problems.Add(c.removed(result)...)
		}
		progress := newProgress(c, "reading")
		found, err := check.Site(c.Ctx, check.Input{Result: result, Files: in.Source.Over(in.Theme), Known: problems, Now: o.now, Progress: progress.step})
		progress.done()
		if err != nil {
			return err
		}
		problems.Add(found...)
		if found, err = c.films(result, in, &sum); err != nil {
			return err
		}
		problems.Add(found...)
		problems = problems.Silence(result.Config.Silenced())
		sum.Pages, sum.Files = len(result.Pages), result.Public.Len()
		sum.pictures = writers(result)
	}
	sum.Problems = problems.Sorted()
	sum.Errors, sum.Warnings = sum.Problems.Count(report.Error), sum.Problems.Count(report.Warning)
	sum.Seconds = time.Since(start).Seconds()
	if err := c.tellCheck(&sum); err != nil {
		return err
	}
	return c.verdict(sum.Problems)
}

// films compares films with what is said of them, when there is a programme to read them.
func (c *call) films(r *build.Result, in build.Input, sum *checked) (report.List, error) {
	if len(r.Films) == 0 {
		return nil, nil
	}
	prober := media.FindProber()
	if prober == nil {
		sum.note = "films: not compared with their pages; install ffprobe (package ffmpeg)"
		return nil, nil
	}
	m, keep := memo.New(), c.cache("films")
	if !c.Options.clean {
		m = memo.Load(keep)
	}
	progress := newProgress(c, "comparing films:")
	found, n, err := check.Films(c.Ctx, check.FilmInput{Films: r.Films, Files: in.Source, Prober: prober, Memo: m, Progress: progress.step})
	progress.done()
	if err != nil {
		return nil, err
	}
	sum.Films = n
	if _, err := os.Stat(c.Options.closed); err == nil {
		_ = m.Save(keep) // to be quicker next time is all that it is for
	}
	return found, nil
}

// settleFormat takes --json for --format json.
func (o *options) settleFormat() error {
	switch {
	case o.format != "" && !slices.Contains(formats, o.format):
		return wrongCall(fmt.Sprintf("unknown format %q", o.format), report.DidYouMean(o.format, formats))
	case o.json && o.format != "" && o.format != "json":
		return wrongCall("--json together with --format "+o.format, "leave one of them out")
	}
	if o.json {
		o.format = "json"
	}
	o.format = cmp.Or(o.format, "text")
	o.json = o.format != "text" // what talks to machines is not talked over
	return nil
}

// tellCheck prints the problems in the format asked for. People get them on stderr, as
// from every verb, also beside a log for machines; GitHub's are for both.
func (c *call) tellCheck(sum *checked) error {
	o := &c.Options
	if o.format != "github" {
		report.Write(c.Stderr, sum.Problems, command.Colours(c.Stderr))
	}
	switch o.format {
	case "json":
		return command.JSON(c.Stdout, sum)
	case "github":
		return report.WriteGitHub(c.Stdout, sum.Problems, o.sourceBelow())
	case "sarif":
		info, ok := debug.ReadBuildInfo()
		if !ok {
			info = &debug.BuildInfo{}
		}
		return report.WriteSARIF(c.Stdout, sum.Problems, command.VersionOf(info).Version, o.sourceBelow())
	}
	if o.quiet {
		return nil
	}
	count := func(n int, what string) string {
		if n != 1 {
			what += "s"
		}
		return fmt.Sprintf("%d %s", n, what)
	}
	if sum.pictures != "" {
		fmt.Fprintf(c.Stdout, "pictures: %s\n", sum.pictures)
	}
	if sum.note != "" {
		fmt.Fprintln(c.Stdout, sum.note)
	}
	_, err := fmt.Fprintf(c.Stdout, "checked %s, %s in %.2f s: %s, %s\n", count(sum.Pages, "page"), count(sum.Files, "file"), sum.Seconds,
		count(sum.Errors, "error"), count(sum.Warnings, "warning"))
	return err
}

// sourceBelow is the way from the working folder, where CI stands in its checkout, down
// to the site folder; "" when it is the same or lies elsewhere.
func (o *options) sourceBelow() string {
	here, err := real(".")
	if err != nil {
		return ""
	}
	there, err := real(o.source)
	if err != nil || !within(there, here) {
		return ""
	}
	return filepath.ToSlash(strings.TrimPrefix(strings.TrimPrefix(there, here), string(filepath.Separator)))
}
