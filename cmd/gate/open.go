package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"pressroom"
	"pressroom/internal/command"
	"pressroom/internal/frame"
	"pressroom/internal/gate"
	"pressroom/internal/gate/app"
	"pressroom/internal/gate/settings"
	"pressroom/internal/report"
)

// configPath is the gate.yaml of a call.
func configPath(c *call) string {
	return cmp.Or(c.Options.config, os.Getenv(settings.ConfigVariable), "gate.yaml")
}

// load reads gate.yaml and tells its errors, and its warnings if they are wanted.
func load(c *call, warnings bool) (*settings.Settings, error) {
	s, problems := settings.Load(configPath(c), os.Environ())
	if problems.HasErrors() || warnings {
		report.Write(c.Stderr, problems.Sorted(), command.Colours(c.Stderr))
	}
	if s == nil {
		return nil, command.ErrConfig
	}
	return s, nil
}

// postgres tells whether the database is a server's.
func postgres(dsn string) bool {
	return strings.HasPrefix(dsn, "postgres://") || strings.HasPrefix(dsn, "postgresql://")
}

// open opens the gate for an operator. It makes nothing: an empty database in the wrong
// folder would answer every question, wrongly.
func open(c *call) (*app.App, error) {
	s, err := load(c, false)
	if err != nil {
		return nil, err
	}
	missing := []string{s.KeysFile}
	if !postgres(s.Database) {
		missing = append(missing, s.Database)
	}
	for _, path := range missing {
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return nil, command.Refusal{Text: fmt.Sprintf("there is no %s", path), Hint: `"gate serve" makes it; is this the right gate.yaml?`}
		} else if err != nil {
			return nil, err
		}
	}
	// What the serving process has to say, it says in its own log.
	return app.Open(c.Ctx, *s, app.Options{Log: slog.New(slog.DiscardHandler), Theme: pressroom.Theme})
}

// with opens the gate for f and closes it.
func with(c *call, f func(a *app.App) error) error {
	a, err := open(c)
	if err != nil {
		return err
	}
	return errors.Join(f(a), a.Close())
}

// view reads in one transaction.
func view[T any](ctx context.Context, a *app.App, f func(gate.Tx) (T, error)) (v T, err error) {
	err = a.Store.View(ctx, func(tx gate.Tx) error { v, err = f(tx); return err })
	return v, err
}

// now is the database's time.
func now(ctx context.Context, a *app.App) (time.Time, error) {
	return view(ctx, a, func(tx gate.Tx) (time.Time, error) { return tx.Now(), nil })
}

// siteFrame is what press build has written of the site.
func siteFrame(s *settings.Settings) (*frame.File, error) {
	path := filepath.Join(s.Closed, "frame.json")
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	f, err := frame.Decode(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return f, nil
}

// ask wants a yes before what cannot be undone. Without a terminal nobody could say it.
func ask(c *call, question string) error {
	if c.Options.yes {
		return nil
	}
	if !command.Terminal(c.Stdin) {
		return command.UsageError{Text: "nobody is there to be asked: " + question, Hint: "say --yes"}
	}
	fmt.Fprintf(c.Stderr, "%s [y/N] ", question)
	line, err := bufio.NewReader(c.Stdin).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if answer := strings.ToLower(strings.TrimSpace(line)); answer != "y" && answer != "yes" {
		return command.Refusal{Text: "nothing was done"}
	}
	return nil
}

// one finds the single argument of a part of a verb.
func one(c *call, what string) (string, error) {
	switch {
	case len(c.Args) < 2:
		return "", command.UsageError{Text: fmt.Sprintf("%s %s which %s?", c.Verb.Name, c.Args[0], what), Hint: fmt.Sprintf(`"gate help %s" tells how it is called`, c.Verb.Name)}
	case len(c.Args) > 2:
		return "", c.Surplus(c.Args[2])
	}
	return c.Args[1], nil
}

// part is the first argument of a verb that has several; the first part is the default.
func part(c *call, parts ...string) (string, error) {
	if len(c.Args) == 0 {
		c.Args = []string{parts[0]}
	}
	if !slices.Contains(parts, c.Args[0]) {
		return "", command.UsageError{Text: fmt.Sprintf("%s has no part %q", c.Verb.Name, c.Args[0]), Hint: report.DidYouMean(c.Args[0], parts)}
	}
	return c.Args[0], nil
}

// list prints rows in the form that was asked for; each is the same row in JSON and as
// cells.
func list[T any](c *call, rows []T, heads []string, cells func(T) []string) error {
	if c.Options.json && c.Options.csv {
		return command.UsageError{Text: "--json together with --csv", Hint: "leave one of them out"}
	}
	if c.Options.json {
		if rows == nil {
			rows = []T{}
		}
		return command.JSON(c.Stdout, rows)
	}
	table := make([][]string, 0, len(rows))
	for _, r := range rows {
		table = append(table, cells(r))
	}
	if c.Options.csv {
		return command.CSV(c.Stdout, heads, table)
	}
	if len(rows) == 0 {
		_, err := fmt.Fprintln(c.Stderr, "nothing")
		return err
	}
	for i, h := range heads {
		heads[i] = strings.ToUpper(h)
	}
	return command.Table(c.Stdout, heads, table)
}

// moment is an instant as lists show it: for people in the site's zone, for machines by
// RFC 3339.
func moment(c *call, a *app.App, at time.Time) string {
	switch {
	case at.IsZero():
		return ""
	case c.Options.csv:
		return at.UTC().Format(time.RFC3339)
	}
	return at.In(a.Settings.Mail.Zone).Format("2006-01-02 15:04 MST")
}

// when reads the time of a flag: a day, an instant, or how long ago. A day that ends a
// time means all of it.
func when(flag, text string, zone *time.Location, now time.Time, end bool) (time.Time, error) {
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at, nil
	}
	for _, form := range []string{"2006-01-02 15:04", "2006-01-02T15:04"} {
		if at, err := time.ParseInLocation(form, text, zone); err == nil {
			return at, nil
		}
	}
	if at, err := time.ParseInLocation("2006-01-02", text, zone); err == nil {
		if end {
			at = at.AddDate(0, 0, 1)
		}
		return at, nil
	}
	if ago, ok := settings.ParseSpan(text); ok {
		return now.Add(-ago), nil
	}
	return time.Time{}, command.UsageError{Text: fmt.Sprintf("--%s is %q, which is no time", flag, text), Hint: "write 2026-07-01, 2026-07-01T09:00 or 7d for a week ago"}
}

// withoutPassword is the address of a database that can be shown.
func withoutPassword(dsn string) string {
	u, err := url.Parse(dsn)
	if err != nil {
		return "the database"
	}
	q := u.Query()
	q.Del("password")
	u.RawQuery = q.Encode()
	if u.User != nil {
		u.User = url.User(u.User.Username())
	}
	return u.String()
}
