package main

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/pflag"

	"pressroom/internal/command"
	"pressroom/internal/gate"
	"pressroom/internal/gate/app"
)

func auditVerb() *verb {
	return &verb{
		Name: "audit", Short: "what happened, and whether the record of it is whole", Args: "[list | verify]",
		Long: `  list     every line, the oldest first: when, what, how it ended, whom it concerned
  verify   recompute the chain of hashes: tells the first line that was changed or is
           missing, with exit code 1

Lines name accounts by id, and addresses and networks by keyed hashes: the line stays
when the person goes. Lines cut off at the end show only against the last sequence and
hash that "verify" printed before: keep them elsewhere.`,
		Flags: func(fs *pflag.FlagSet, o *options) {
			bindConfig(fs, o)
			fs.StringVar(&o.since, "since", "", "from when on, as 2026-07-01 or 7d (default: all)")
			fs.StringVar(&o.account, "account", "", "of this account alone, by address or id")
			bindLists(fs, o)
		},
		Run: runAudit,
	}
}

// event is a line of the audit as --json prints it.
type event struct {
	Seq     int64     `json:"seq"`
	At      time.Time `json:"at"`
	What    string    `json:"what"`
	Result  string    `json:"result"`
	Account string    `json:"account,omitempty"`
	Subject string    `json:"subject,omitempty"`
	Network string    `json:"network,omitempty"`
	Request string    `json:"request,omitempty"`
	Hash    string    `json:"hash"`
}

func runAudit(c *call) error {
	what, err := part(c, "list", "verify")
	if err != nil {
		return err
	}
	if len(c.Args) > 1 {
		return c.Surplus(c.Args[1])
	}
	return with(c, func(a *app.App) error {
		if what == "verify" {
			return verifyAudit(c, a)
		}
		return listAudit(c, a)
	})
}

func verifyAudit(c *call, a *app.App) error {
	n, err := a.Gate.VerifyAudit(c.Ctx)
	var broken *gate.Broken
	if errors.As(err, &broken) {
		if c.Options.json {
			if err := command.JSON(c.Stdout, map[string]any{"ok": false, "seq": broken.Seq, "why": broken.Why}); err != nil {
				return err
			}
		}
		return command.Refusal{Text: "the audit is not whole: " + broken.Error()}
	}
	if err != nil {
		return err
	}
	last := ""
	if err := a.Gate.EachEvent(c.Ctx, max(0, n-1), func(e *gate.Event) error {
		if e.Seq == n {
			last = hex.EncodeToString(e.Hash)
		}
		return nil
	}); err != nil {
		return err
	}
	if c.Options.json {
		return command.JSON(c.Stdout, map[string]any{"ok": true, "lines": n, "hash": last})
	}
	_, err = fmt.Fprintf(c.Stdout, "the audit is whole: %d lines, the last one is %s\n", n, last)
	return err
}

func listAudit(c *call, a *app.App) error {
	var from time.Time
	if c.Options.since != "" {
		at, err := now(c.Ctx, a)
		if err != nil {
			return err
		}
		if from, err = when("since", c.Options.since, a.Settings.Mail.Zone, at, false); err != nil {
			return err
		}
	}
	account := c.Options.account
	if account != "" {
		// One that is deleted has lines, and no row by which to find it.
		switch found, err := a.Gate.FindAccount(c.Ctx, account); {
		case err == nil:
			account = found.ID
		case !errors.Is(err, gate.ErrNotFound):
			return err
		}
	}
	var rows []event
	err := a.Gate.EachEvent(c.Ctx, 0, func(e *gate.Event) error {
		if !e.At.Before(from) && (account == "" || e.Account == account) {
			rows = append(rows, event{e.Seq, e.At, e.What, e.Result, e.Account, e.Subject, e.Network, e.Request, hex.EncodeToString(e.Hash)})
		}
		return nil
	})
	if err != nil {
		return err
	}
	return list(c, rows, []string{"seq", "at", "what", "result", "account", "subject", "network", "request"}, func(e event) []string {
		return []string{strconv.FormatInt(e.Seq, 10), moment(c, a, e.At), e.What, e.Result, e.Account, e.Subject, e.Network, e.Request}
	})
}
