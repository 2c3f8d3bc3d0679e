package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"pressroom/internal/build"
	"pressroom/internal/command"
	"pressroom/internal/layout"
	"pressroom/internal/memo"
	"pressroom/internal/output"
	"pressroom/internal/picture"
	"pressroom/internal/report"
	"pressroom/internal/site"
)

func buildVerb() *verb {
	return &verb{
		Name: "build", Short: "make the site: public/ for everybody, closed/ for the gate",
		Long: `Reads site.yaml, content/, layouts/, static/ and media/ of the source, and writes
public/, the site that everybody may see, and closed/, which is never to be served:
the catalogue of gated downloads and the list of coming releases.

What is a draft, under embargo, dated in the future or expired is in no file of
public/. With --prove-embargo the site is built twice, with those texts and without,
and nothing is written unless both are the same, byte for byte.

Nothing is written when there are errors. A build that is killed leaves the old site
or the new one. Only files that press wrote are ever removed.`,
		Flags: func(fs *pflag.FlagSet, o *options) {
			bindBuild(fs, o)
			bindOutput(fs, o)
			fs.BoolVar(&o.prove, "prove-embargo", false, "prove that held items leave no trace, or fail")
			bindTalk(fs, o)
		},
		Run: does(runBuild),
	}
}

// built is what "build --json" prints.
type built struct {
	Pages    int         `json:"pages"`
	Files    fileCount   `json:"files"`
	Changed  []string    `json:"changed"`
	Held     []site.Held `json:"held"`
	Next     *time.Time  `json:"next"`
	Seconds  float64     `json:"seconds"`
	Problems report.List `json:"problems"`
	Foreign  []string    `json:"foreign,omitempty"` // in public/ and not ours: left alone

	zone     *time.Location // of the site, in which people are told times
	pictures string         // who wrote them
	shown    int            // how many items are shown although they are not public
}

type fileCount struct {
	Total     int `json:"total"`
	Written   int `json:"written"`
	Unchanged int `json:"unchanged"`
	Removed   int `json:"removed"`
}

func runBuild(c *call) error {
	start := time.Now()
	o := &c.Options
	if len(c.Args) > 0 {
		return wrongCall(fmt.Sprintf("build takes no %q", c.Args[0]), "name the folder of the site with --source")
	}
	if o.prove && (o.drafts || o.future || o.expired) {
		return wrongCall("--prove-embargo together with -D, -F or -E", "what was asked for is not held")
	}
	if err := o.checkDestination(); err != nil {
		return err
	}
	unlock, err := output.Lock(c.Ctx, o.destination, func() { c.say("waiting for another build of %s", o.destination) })
	if err != nil {
		return err
	}
	defer unlock()

	in, problems, err := c.picture(nil)
	if err != nil {
		return err
	}
	if sum, more, ok := c.again(in); ok {
		return c.finish(append(problems, more...), &sum, start)
	}
	m := c.memory()
	in.Source.Use(m)
	for {
		sum, more, err := c.build(in, m, problems)
		if failed := failedEncoder(err); failed != nil {
			// Nothing was seen of it. What an encoder cannot write today is left out: the same
			// site without that format.
			in.Kit = in.Kit.Without(failed.Encoder)
			problems.Add(report.Problem{Path: "site.yaml", Severity: report.Warning, Name: "encoder", Text: failed.Error(), Hint: "the pictures are published without that format"})
			continue
		}
		if c.Ctx.Err() != nil { // masters that have been read need not be read again
			return errors.Join(context.Cause(c.Ctx), m.SaveStopped(c.cache("memo")))
		}
		if err != nil {
			c.printProblems(more)
			return err
		}
		return c.finish(more, &sum, start)
	}
}

// build is one try to make the site. problems are those known before; it returns all.
func (c *call) build(in build.Input, m *memo.Memo, problems report.List) (sum built, _ report.List, err error) {
	o := &c.Options
	problems = slices.Clone(problems)
	result, more := build.Run(c.Ctx, in, m)
	remembered := slices.Clone(more)
	problems.Add(more...)
	if c.Ctx.Err() != nil {
		return sum, problems, context.Cause(c.Ctx)
	}
	if result != nil && o.prove && !problems.HasErrors() {
		if err := c.prove(in, m); err != nil {
			return sum, nil, err
		}
	}
	if result != nil && !problems.HasErrors() && !(o.strict && len(problems) > 0) {
		problems.Add(c.removed(result)...)
		saved := make(chan error, 1) // what is remembered is true, whether it is written or not
		go func() { saved <- m.Save(c.cache("memo")) }()
		sum, more, err = c.write(result, in.Kit)
		problems.Add(more...)
		err = errors.Join(err, <-saved)
		if err == nil && !more.HasErrors() {
			err = errors.Join(c.remember(in, result, remembered), c.pictures().Keep(result.Shots))
		}
	}
	return sum, problems, err
}

// failedEncoder finds the encoder whose failure stopped a build that can do without it.
func failedEncoder(err error) (failed *picture.Failure) {
	walkErrors(err, func(err error) {
		if f, ok := err.(*optionalFailure); ok && failed == nil {
			failed = f.Failure
		}
	})
	return failed
}

// optionalFailure is one of an encoder that site.yaml does not require.
type optionalFailure struct{ *picture.Failure }

// writers says who writes the pictures of a site, "" when it has none.
func writers(r *build.Result) string {
	if len(r.Shots) == 0 {
		return ""
	}
	text := "JPEG and PNG"
	for _, e := range r.Encoders {
		text += ", " + e.String()
	}
	return text
}

// finish tells what came of it.
func (c *call) finish(problems report.List, sum *built, start time.Time) error {
	sum.Seconds = time.Since(start).Seconds()
	if err := c.tell(problems, sum); err != nil {
		return err
	}
	return c.verdict(problems)
}

// summary is what is known of a build before its files are written. Of what is not
// public it keeps what is held back; the rest was asked for, and is counted.
func summary(pages int, notPublic []site.Held, asked site.Asked, next time.Time, zone *time.Location) built {
	sum := built{Pages: pages, Held: []site.Held{}, Changed: []string{}, zone: zone}
	for _, h := range notPublic {
		if asked.Wants(h) {
			sum.shown++
		} else {
			sum.Held = append(sum.Held, h)
		}
	}
	if !next.IsZero() {
		sum.Next = &next
	}
	return sum
}

func (sum *built) count(res output.Result) {
	sum.Files = fileCount{res.Total, res.Written, res.Unchanged, res.Removed}
	if res.Changed != nil {
		sum.Changed = res.Changed
	}
	sum.Foreign = res.Foreign
}

// write brings the destination into line with the trees. When every page has been made,
// and before one is seen, what is closed is written: the gate knows a download before a
// page leads to it.
func (c *call) write(r *build.Result, kit *picture.Kit) (built, report.List, error) {
	o := &c.Options
	sum := summary(len(r.Pages), r.Held, o.asked(), r.Next, r.Config.Zone)
	if o.clean {
		os.Remove(c.record())
		os.RemoveAll(c.record() + ".spare")
	}
	sum.pictures = writers(r)
	progress := newProgress(c, "writing")
	kit.Told = progress.picture
	res, err := output.Write(c.Ctx, r.Public, output.Options{
		Dir: o.destination, Record: c.record(), Progress: progress.step,
		Ready: func() error { return output.WriteEach(r.Closed, o.closed) },
	})
	progress.done()
	sum.count(res)
	problems, failed := late(err)
	switch {
	case len(problems) > 0:
		return sum, problems, nil
	case failed != nil && r.Config.Images.Encoder == "required":
		return sum, report.List{{Path: "site.yaml", Name: "encoder", Text: failed.Error(), Hint: "mend the encoder, or write encoder: auto"}}, nil
	case failed != nil && c.Ctx.Err() == nil:
		return sum, nil, &optionalFailure{failed}
	}
	return sum, nil, err
}

// late finds the mistakes that showed only when files were made, in layouts and in
// pictures, and the first failure of an encoder.
func late(err error) (problems report.List, failed *picture.Failure) {
	seen := map[string]bool{}
	walkErrors(err, func(err error) {
		switch e := err.(type) {
		case *layout.Error:
			problems.Add(e.Problem)
		case *picture.Failure:
			wrong := (*picture.Error)(nil)
			switch {
			case e.Encoder != nil:
				failed = cmp.Or(failed, e)
			case errors.As(e.Err, &wrong) && !seen[e.Path]: // once, for all its variants
				seen[e.Path] = true
				problems.Add(report.Problem{Path: e.Path, Name: "image", Text: wrong.Text, Hint: wrong.Hint})
			}
		}
	})
	return problems.Sorted(), failed
}

// walkErrors visits an error and all that it wraps.
func walkErrors(err error, visit func(error)) {
	if err == nil {
		return
	}
	visit(err)
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		for _, one := range many.Unwrap() {
			walkErrors(one, visit)
		}
		return
	}
	walkErrors(errors.Unwrap(err), visit)
}

// prove is --prove-embargo.
func (c *call) prove(in build.Input, m *memo.Memo) error {
	n, difference, _ := build.Prove(c.Ctx, in, m)
	if c.Ctx.Err() != nil {
		return context.Cause(c.Ctx)
	}
	if difference != "" {
		fmt.Fprintf(c.Stderr, "error: a held item shows: %s\n    hint: nothing was written; this is a fault of press or of a layout, not of the text\n", difference)
		return command.ErrContent
	}
	c.say("proven: %d files are the same with the held items and without them", n)
	return nil
}

// removed warns of pages that the last build had and this one has not, unless they are
// held now or an alias leads on from them.
func (c *call) removed(r *build.Result) (problems report.List) {
	data, err := os.ReadFile(filepath.Join(c.Options.destination, output.ManifestName))
	if err != nil {
		return nil
	}
	var last struct{ Files []struct{ Path string } }
	if json.Unmarshal(data, &last) != nil {
		return nil
	}
	held := map[string]bool{}
	for _, h := range r.Held {
		held[h.URL] = true
		for _, a := range h.Aliases {
			held[a] = true
		}
	}
	for _, f := range last.Files {
		url, ok := strings.CutSuffix("/"+f.Path, "index.html")
		if _, still := r.Public.Get(f.Path); !ok || still || held[url] || generated(url) {
			continue
		}
		problems.Add(report.Problem{Path: "content", Severity: report.Warning, Name: "removed-url", Text: fmt.Sprintf("the page %s is gone", url),
			Hint: fmt.Sprintf("add aliases: [%s] to the page that took its place, or set status: withdrawn", url)})
	}
	return problems.Silence(r.Config.Silenced())
}

// generated tells the addresses of lists, which come and go with what they list.
func generated(url string) bool {
	parts := strings.Split(strings.Trim(url, "/"), "/")
	last := parts[len(parts)-1]
	for _, p := range parts {
		switch p {
		case "speakers", "locations", "topics", "photos", "page", "embed", "speaker", "location", "topic", "genre", "year", "language", "captions":
			return true
		}
	}
	return strings.Trim(last, "0123456789") == ""
}

// tell prints problems and the summary, for people or as JSON.
func (c *call) tell(problems report.List, sum *built) error {
	o := &c.Options
	if o.json {
		sum.Problems = problems.Sorted()
		if sum.Held == nil {
			sum.Held = []site.Held{}
		}
		if sum.Changed == nil {
			sum.Changed = []string{}
		}
		if err := command.JSON(c.Stdout, sum); err != nil {
			return err
		}
	}
	c.printProblems(problems)
	if o.json || o.quiet || problems.HasErrors() || sum.Files.Total == 0 {
		return nil
	}
	f := sum.Files
	fmt.Fprintf(c.Stdout, "%s in %s: %d pages, %d files (%d written, %d unchanged, %d removed) in %.2f s\n",
		"built", o.destination, sum.Pages, f.Total, f.Written, f.Unchanged, f.Removed, sum.Seconds)
	c.tellHeld(sum)
	if len(sum.Foreign) > 0 {
		fmt.Fprintf(c.Stdout, "left alone, not written by press: %s\n", strings.Join(sum.Foreign[:min(5, len(sum.Foreign))], ", "))
	}
	if o.verbose && sum.pictures != "" {
		fmt.Fprintf(c.Stdout, "pictures: %s\n", sum.pictures)
	}
	if o.verbose {
		for _, path := range sum.Changed {
			fmt.Fprintf(c.Stdout, "  %s\n", path)
		}
	}
	return nil
}

func (c *call) tellHeld(sum *built) {
	if sum.shown > 0 {
		fmt.Fprintf(c.Stdout, "not for publication: %s shows %d items that are not public\n", c.Options.destination, sum.shown)
	}
	if len(sum.Held) > 0 {
		fmt.Fprintf(c.Stdout, "%d held back:\n", len(sum.Held))
	}
	for _, h := range sum.Held {
		until := ""
		if !h.Until.IsZero() {
			until = " until " + moment(h.Until, sum.zone)
		}
		fmt.Fprintf(c.Stdout, "  %s: %s%s\n", h.Source, h.Why, until)
	}
}
