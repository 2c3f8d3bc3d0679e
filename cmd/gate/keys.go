package main

import (
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/spf13/pflag"

	"pressroom/internal/command"
	"pressroom/internal/gate/keyring"
)

func keysVerb() *verb {
	return &verb{
		Name: "keys", Short: "the keys that sign links to files: list, new, rotate, remove",
		Args: "list | new | rotate | remove ID",
		Long: `  list     the keys by their ids, and what each does; never the secrets
  new      make the key file where there is none; "gate serve" would, too
  rotate   add a key that signs in a minute; the old one verifies for an hour more
  remove   take a key away at once: links that it signed are refused. For a key that
           has become known: rotate, wait a minute, remove. Asks before, unless --yes

Running gates read the file again by themselves. With gates on several machines, give all
of them the new file within the minute. The file also holds the master key, which is
never changed: without it, waiting mails and codes in the database are lost.`,
		Flags: func(fs *pflag.FlagSet, o *options) {
			bindConfig(fs, o)
			bindJSON(fs, o)
			bindYes(fs, o)
		},
		Run: runKeys,
	}
}

func runKeys(c *call) error {
	what, err := part(c, "list", "new", "rotate", "remove")
	if err != nil {
		return err
	}
	id := ""
	if what == "remove" {
		if id, err = one(c, "key"); err != nil {
			return err
		}
	} else if len(c.Args) > 1 {
		return c.Surplus(c.Args[1])
	}
	s, err := load(c, false)
	if err != nil {
		return err
	}
	var f *keyring.File
	now := time.Now()
	switch what {
	case "list":
		f, err = keyring.Load(s.KeysFile)
	case "new":
		f, err = keyring.Create(s.KeysFile, now)
	case "rotate":
		f, err = keyring.Rotate(s.KeysFile, now)
	case "remove":
		if err := ask(c, fmt.Sprintf("Remove the key %s? Links that it signed end at once.", id)); err != nil {
			return err
		}
		f, err = keyring.Remove(s.KeysFile, id, now)
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return command.Refusal{Text: fmt.Sprintf("there is no %s", s.KeysFile), Hint: `"gate keys new" makes it; is this the right gate.yaml?`}
	case errors.Is(err, keyring.ErrExists):
		return command.Refusal{Text: fmt.Sprintf("%s is there already", s.KeysFile), Hint: `"gate keys rotate" adds a key to it`}
	case errors.Is(err, keyring.ErrPending):
		return command.Refusal{Text: "the newest key does not sign yet", Hint: "wait a minute"}
	case errors.Is(err, keyring.ErrNoKey):
		return command.Refusal{Text: fmt.Sprintf("there is no key %q", id), Hint: `"gate keys list" lists them`}
	case errors.Is(err, keyring.ErrNeeded):
		return command.Refusal{Text: fmt.Sprintf("without %s no key would sign", id), Hint: `"gate keys rotate" first, and a minute later again`}
	case err != nil:
		return err
	}
	stamp := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.In(s.Mail.Zone).Format("2006-01-02 15:04:05 MST")
	}
	return list(c, f.List(now), []string{"id", "state", "from", "until"}, func(e keyring.Entry) []string {
		return []string{e.ID, string(e.State), stamp(e.From), stamp(e.Until)}
	})
}
