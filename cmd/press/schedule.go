package main

import (
	"fmt"
	"time"

	"github.com/spf13/pflag"

	"pressroom/internal/site"
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

func runSchedule(c *call) error {
	if len(c.args) > 0 {
		return c.surplus(c.args[0], "name the folder of the site with --source")
	}
	result, _, err := c.look()
	if err != nil {
		return err
	}
	changes := append([]site.Change{}, result.Changes...)
	if c.options.json {
		out := struct {
			Next    *time.Time    `json:"next"`
			Changes []site.Change `json:"changes"`
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
