package main

import (
	"fmt"
	"time"

	"github.com/spf13/pflag"

	"pressroom/internal/command"
	"pressroom/internal/site"
)

func scheduleVerb() *verb {
	return &verb{
		Name: "schedule", Short: "when the site changes by itself, and what will appear or expire",
		Long: `Reads the site as a build would, writes nothing, and prints every change that time
alone will bring, in order: items that appear when their embargo ends or their date
comes, and items that expire. Drafts wait for their editor and are not among them.

A build at the first of these times, or soon after, brings the change about: let cron
or CI run "press build" then. "press schedule --json" prints one object with next, a
time or null, and changes, a list with at, change, source, url and title.`,
		Flags: func(fs *pflag.FlagSet, o *options) {
			bindRead(fs, o)
			bindTalk(fs, o)
		},
		Run: does(runSchedule),
	}
}

func runSchedule(c *call) error {
	if len(c.Args) > 0 {
		return c.Surplus(c.Args[0], "name the folder of the site with --source")
	}
	result, _, err := c.look()
	if err != nil {
		return err
	}
	changes := append([]site.Change{}, result.Changes...)
	if c.Options.json {
		out := struct {
			Next    *time.Time    `json:"next"`
			Changes []site.Change `json:"changes"`
		}{nil, changes}
		if len(changes) > 0 {
			out.Next = &changes[0].At
		}
		return command.JSON(c.Stdout, out)
	}
	if len(changes) == 0 {
		_, err := fmt.Fprintln(c.Stdout, "time alone will change nothing")
		return err
	}
	zone := result.Config.Zone
	fmt.Fprintf(c.Stdout, "next change: %s, in %s\n\n", moment(changes[0].At, zone), command.Roughly(changes[0].At.Sub(c.Options.now)))
	var rows [][]string
	for _, ch := range changes {
		rows = append(rows, []string{moment(ch.At, zone), ch.Change, ch.Source, ch.URL, ch.Title})
	}
	return command.Table(c.Stdout, []string{"WHEN", "CHANGE", "SOURCE", "URL", "TITLE"}, rows)
}
