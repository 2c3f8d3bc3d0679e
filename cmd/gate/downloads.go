package main

import (
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/pflag"

	"pressroom/internal/gate/app"
)

func downloadsVerb() *verb {
	return &verb{
		Name: "downloads", Short: "who was given which file, and when",
		Long: `Lists what was granted, the oldest first: when, who, their organisation, the download,
its title and size. A download that was resumed or begun again is listed each time it
was asked for. Those of deleted accounts stay, without a name.

Times are days or instants of the site's zone, or how long ago: --since 2026-07-01,
--since 7d. A day given to --until means all of it.`,
		Flags: func(fs *pflag.FlagSet, o *options) {
			bindConfig(fs, o)
			fs.StringVar(&o.since, "since", "30d", "from when on")
			fs.StringVar(&o.until, "until", "", "up to when (default now)")
			fs.StringVar(&o.download, "download", "", "this one alone, as MC-20260707-V-0412/broadcast-1080i50")
			bindLists(fs, o)
		},
		Run: runDownloads,
	}
}

// taken is a grant as --json prints it.
type taken struct {
	At       time.Time `json:"at"`
	By       *user     `json:"by"` // null when the account is deleted
	Download string    `json:"download"`
	Title    string    `json:"title"`
	Bytes    int64     `json:"bytes"`
}

func runDownloads(c *call) error {
	if len(c.Args) > 0 {
		return c.Surplus(c.Args[0])
	}
	return with(c, func(a *app.App) error {
		to, err := now(c.Ctx, a)
		if err != nil {
			return err
		}
		from, err := when("since", c.Options.since, a.Settings.Mail.Zone, to, false)
		if err != nil {
			return err
		}
		to = to.Add(time.Microsecond) // the end is exclusive
		if c.Options.until != "" {
			if to, err = when("until", c.Options.until, a.Settings.Mail.Zone, to, true); err != nil {
				return err
			}
		}
		grants, err := a.Gate.Downloads(c.Ctx, from, to, c.Options.download)
		if err != nil {
			return err
		}
		var rows []taken
		for _, g := range grants {
			t := taken{At: g.At, Download: g.Download, Title: g.Title, Bytes: g.Bytes}
			if g.By != nil {
				u := userOf(g.By)
				t.By = &u
			}
			rows = append(rows, t)
		}
		if c.Options.csv {
			return list(c, rows, []string{"when", "email", "name", "organisation", "download", "title", "bytes"}, func(t taken) []string {
				by := user{Email: deleted}
				if t.By != nil {
					by = *t.By
				}
				return []string{moment(c, a, t.At), by.Email, by.Name, by.Organisation, t.Download, t.Title, strconv.FormatInt(t.Bytes, 10)}
			})
		}
		return list(c, rows, []string{"when", "who", "organisation", "download", "title", "bytes"}, func(t taken) []string {
			who, organisation := deleted, ""
			if t.By != nil {
				who, organisation = t.By.Email, t.By.Organisation
				if t.By.Name != "" {
					who = fmt.Sprintf("%s <%s>", t.By.Name, t.By.Email)
				}
			}
			return []string{moment(c, a, t.At), who, organisation, t.Download, t.Title, strconv.FormatInt(t.Bytes, 10)}
		})
	})
}

// deleted stands for an account that is no more.
const deleted = "(deleted)"
