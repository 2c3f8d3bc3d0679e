package main

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/pflag"

	"pressroom/internal/build"
	"pressroom/internal/content"
)

func scheduleVerb() *verb {
	return &verb{
		name: "schedule", short: "when the site changes by itself, and what will appear or expire",
		long: `Reads the site as a build would, writes nothing, and prints every change that time
alone will bring, in order: items that appear when their embargo ends or their date
comes, and items that expire. Drafts wait for their editor and are not among them.

A build at the first of these times, or soon after, brings the change about: let cron
or CI run "press build" then. "press schedule --json" prints one object with next, a
time or null, and changes, a list with at, change, source, url and title.`,
		flags: func(fs *pflag.FlagSet, o *options) {
			bindRead(fs, o)
			bindTalk(fs, o)
		},
		run: runSchedule,
	}
}

// change is one thing that time will do to the site.
type change struct {
	At     time.Time `json:"at"`
	Change string    `json:"change"` // "appears" or "expires"
	Source string    `json:"source"`
	URL    string    `json:"url"`
	Title  string    `json:"title"`
}

func runSchedule(c *call) error {
	if len(c.args) > 0 {
		return c.surplus(c.args[0], "name the folder of the site with --source")
	}
	result, tree, err := c.look()
	if err != nil {
		return err
	}
	changes := coming(result, c.documents(tree, result.Config, every), c.options.now)
	if c.options.json {
		out := struct {
			Next    *time.Time `json:"next"`
			Changes []change   `json:"changes"`
		}{nil, changes}
		if len(changes) > 0 {
			out.Next = &changes[0].At
		}
		return printJSON(c.stdout, out)
	}
	if len(changes) == 0 {
		_, err := fmt.Fprintln(c.stdout, "time alone will change nothing")
		return err
	}
	zone := result.Config.Zone
	fmt.Fprintf(c.stdout, "next change: %s, in %s\n\n", moment(changes[0].At, zone), roughly(changes[0].At.Sub(c.options.now)))
	var rows [][]string
	for _, ch := range changes {
		rows = append(rows, []string{moment(ch.At, zone), ch.Change, ch.Source, ch.URL, ch.Title})
	}
	return table(c.stdout, []string{"WHEN", "CHANGE", "SOURCE", "URL", "TITLE"}, rows)
}

// coming finds what appears and what expires after now: of every document, the moments
// at which something may change, and whether it does.
func coming(r *build.Result, docs []*content.Doc, now time.Time) []change {
	urls := map[string]string{}
	for _, e := range entries(r, docs) {
		urls[e.Source] = e.URL
	}
	originals := map[string]*content.Doc{}
	for _, d := range docs {
		if d.Lang == r.Config.Languages[0] {
			originals[d.Base] = d
		}
	}
	changes := []change{}
	for _, d := range docs {
		o := originals[d.Base]
		if o == nil || o.Kind != d.Kind {
			o = d
		}
		// A translation is never more public than its original.
		public := func(at time.Time) bool { return public(d, at) && public(o, at) }
		moments := []time.Time{d.Front.Embargo.Time, d.Front.Date.Time, d.Front.Expires.Time, o.Front.Embargo.Time, o.Front.Date.Time, o.Front.Expires.Time}
		slices.SortFunc(moments, time.Time.Compare)
		for _, at := range slices.CompactFunc(moments, time.Time.Equal) {
			before, after := public(at.Add(-1)), public(at)
			if before == after || !at.After(now) {
				continue
			}
			what := "appears"
			if before {
				what = "expires"
			}
			changes = append(changes, change{at, what, d.Path, urls[d.Path], d.Front.Title})
		}
	}
	slices.SortFunc(changes, func(a, b change) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Source, b.Source)) })
	return changes
}

// public is the rule of package site for one document alone.
func public(d *content.Doc, at time.Time) bool {
	f := &d.Front
	return !f.Draft && !f.Embargo.After(at) && !f.Date.After(at) && (f.Expires.IsZero() || f.Expires.After(at))
}

// roughly says how long a time is, in the two largest units that matter.
func roughly(d time.Duration) string {
	days, hours, minutes := int(d.Hours())/24, int(d.Hours())%24, int(d.Minutes())%60
	switch {
	case days > 0:
		return fmt.Sprintf("%d d %d h", days, hours)
	case hours > 0:
		return fmt.Sprintf("%d h %d min", hours, minutes)
	case minutes > 0:
		return fmt.Sprintf("%d min", minutes)
	}
	return "less than a minute"
}
