package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/pflag"

	"pressroom/internal/command"
	"pressroom/internal/gate"
	"pressroom/internal/gate/app"
)

func usersVerb() *verb {
	return &verb{
		Name: "users", Short: "the accounts: list, show, block, unblock, log out, delete",
		Args: "list | show|block|unblock|logout|delete ADDRESS-OR-ID",
		Long: `  list      all accounts, the oldest first
  show      one account with its sessions and downloads
  block     log it out everywhere and let it in no more
  unblock   let it in again
  logout    end all its sessions; the password stays
  delete    delete it, as its owner could; asks before, unless --yes

What was downloaded stays in the list of downloads without the name of a deleted
account, and the audit knows it by its id alone.`,
		Flags: func(fs *pflag.FlagSet, o *options) {
			bindConfig(fs, o)
			bindLists(fs, o)
			bindYes(fs, o)
		},
		Run: runUsers,
	}
}

// user is an account as --json prints it.
type user struct {
	ID           string    `json:"id"`
	Email        string    `json:"email"`
	Name         string    `json:"name"`
	Organisation string    `json:"organisation"`
	Language     string    `json:"language"`
	Created      time.Time `json:"created"`
	Blocked      time.Time `json:"blocked,omitzero"`
}

func userOf(a *gate.Account) user {
	return user{a.ID, a.Email, a.Name, a.Organisation, a.Language, a.Created, a.Blocked}
}

// shown is what "users show --json" prints.
type shown struct {
	user
	PasswordSince time.Time     `json:"passwordSince"`
	Newsletter    bool          `json:"newsletter"`
	Sessions      []shownVisit  `json:"sessions"`
	Downloads     []shownObject `json:"downloads"`
}

type shownVisit struct {
	Created time.Time `json:"created"`
	Seen    time.Time `json:"seen"`
	Agent   string    `json:"agent"`
	Network string    `json:"network"`
}

type shownObject struct {
	At       time.Time `json:"at"`
	Download string    `json:"download"`
	Title    string    `json:"title"`
	Bytes    int64     `json:"bytes"`
}

func runUsers(c *call) error {
	what, err := part(c, "list", "show", "block", "unblock", "logout", "delete")
	if err != nil {
		return err
	}
	if what == "list" {
		if len(c.Args) > 1 {
			return c.Surplus(c.Args[1])
		}
		return with(c, func(a *app.App) error { return listUsers(c, a) })
	}
	name, err := one(c, "account")
	if err != nil {
		return err
	}
	return with(c, func(a *app.App) error {
		account, err := find(c, a, name)
		if err != nil {
			return err
		}
		done := ""
		switch what {
		case "show":
			return showUser(c, a, account)
		case "block":
			done, err = "is blocked and logged out", a.Gate.Block(c.Ctx, account.ID, true)
		case "unblock":
			done, err = "may log in again", a.Gate.Block(c.Ctx, account.ID, false)
		case "logout":
			done, err = "is logged out everywhere", a.Gate.EndAllSessions(c.Ctx, account.ID)
		case "delete":
			if err := ask(c, fmt.Sprintf("Delete the account of %s, for good?", account.Email)); err != nil {
				return err
			}
			done, err = "is deleted", a.Gate.Remove(c.Ctx, account.ID)
		}
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(c.Stdout, "%s %s\n", account.Email, done)
		return err
	})
}

func find(c *call, a *app.App, name string) (*gate.Account, error) {
	account, err := a.Gate.FindAccount(c.Ctx, name)
	if errors.Is(err, gate.ErrNotFound) {
		return nil, command.Refusal{Text: fmt.Sprintf("there is no account %q", name), Hint: `"gate users list" lists them`}
	}
	return account, err
}

func listUsers(c *call, a *app.App) error {
	var all []user
	err := a.Gate.EachAccount(c.Ctx, func(acc *gate.Account) error { all = append(all, userOf(acc)); return nil })
	if err != nil {
		return err
	}
	heads := []string{"email", "name", "organisation", "created", "state", "id"}
	return list(c, all, heads, func(u user) []string {
		state := "active"
		if !u.Blocked.IsZero() {
			state = "blocked"
		}
		return []string{u.Email, u.Name, u.Organisation, moment(c, a, u.Created), state, u.ID}
	})
}

func showUser(c *call, a *app.App, account *gate.Account) error {
	s, err := view(c.Ctx, a, func(tx gate.Tx) (shown, error) {
		s := shown{user: userOf(account), PasswordSince: account.PasswordAt, Sessions: []shownVisit{}, Downloads: []shownObject{}}
		sessions, err := tx.Sessions(account.ID)
		if err != nil {
			return s, err
		}
		for _, v := range sessions {
			s.Sessions = append(s.Sessions, shownVisit{v.Created, v.Seen, v.Agent, v.Network})
		}
		grants, err := tx.Grants(account.ID, 100)
		if err != nil {
			return s, err
		}
		for _, g := range grants {
			s.Downloads = append(s.Downloads, shownObject{g.At, g.Download, g.Title, g.Bytes})
		}
		_, err = tx.SubscriptionByKey(account.Key)
		s.Newsletter = err == nil
		if errors.Is(err, gate.ErrNotFound) {
			err = nil
		}
		return s, err
	})
	if err != nil {
		return err
	}
	if c.Options.json {
		return command.JSON(c.Stdout, s)
	}
	state := "active"
	if !s.Blocked.IsZero() {
		state = "blocked since " + moment(c, a, s.Blocked)
	}
	rows := [][]string{
		{"id", s.ID}, {"name", s.Name}, {"organisation", s.Organisation}, {"language", s.Language}, {"created", moment(c, a, s.Created)},
		{"password since", moment(c, a, s.PasswordSince)}, {"newsletter", map[bool]string{true: "yes", false: "no"}[s.Newsletter]}, {"state", state},
	}
	for _, v := range s.Sessions {
		rows = append(rows, []string{"session", fmt.Sprintf("%s, %s, since %s, last seen %s", v.Agent, v.Network, moment(c, a, v.Created), moment(c, a, v.Seen))})
	}
	for _, d := range s.Downloads {
		rows = append(rows, []string{"download", fmt.Sprintf("%s  %s  %s", moment(c, a, d.At), d.Download, d.Title)})
	}
	return command.Table(c.Stdout, []string{"EMAIL", s.Email}, rows)
}
