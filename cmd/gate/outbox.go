package main

import (
	"strconv"

	"github.com/spf13/pflag"

	"pressroom/internal/gate"
	"pressroom/internal/gate/app"
)

func outboxVerb() *verb {
	return &verb{
		Name: "outbox", Short: "how many mails wait, and what became of the others",
		Long: `Counts the mails of the last 30 days: those that wait for the mail server, those that it
took, those that it refused for good, and those that were dropped because their code had
expired or another had taken its place. What was wrong each time is in the log of "gate
serve".`,
		Flags: func(fs *pflag.FlagSet, o *options) {
			bindConfig(fs, o)
			bindLists(fs, o)
		},
		Run: runOutbox,
	}
}

// letters is a count as --json prints it.
type letters struct {
	State  string `json:"state"`
	Number int    `json:"number"`
}

// letterStates in the order of the lists.
var letterStates = []gate.LetterState{gate.LetterWaiting, gate.LetterSent, gate.LetterFailed, gate.LetterDropped}

func runOutbox(c *call) error {
	if len(c.Args) > 0 {
		return c.Surplus(c.Args[0])
	}
	return with(c, func(a *app.App) error {
		counts, err := view(c.Ctx, a, func(tx gate.Tx) (map[gate.LetterState]int, error) { return tx.CountLetters("") })
		if err != nil {
			return err
		}
		var rows []letters
		for _, s := range letterStates {
			rows = append(rows, letters{string(s), counts[s]})
		}
		return list(c, rows, []string{"state", "number"}, func(l letters) []string { return []string{l.State, strconv.Itoa(l.Number)} })
	})
}
