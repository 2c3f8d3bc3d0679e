package main

import (
	"strconv"
	"time"

	"github.com/spf13/pflag"

	"pressroom/internal/gate"
	"pressroom/internal/gate/app"
)

func outboxVerb() *verb {
	return &verb{
		Name: "outbox", Short: "how many mails wait, and what became of the others",
		Long: `Counts the mails of the last 30 days: those that wait for the mail server, those that it
took, those that it refused for good, and those that were dropped because their code had
expired or another had taken its place. "gate outbox waiting" lists those that wait, each
with what went wrong the last time.`,
		Args: "[waiting]",
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
	switch {
	case len(c.Args) == 1 && c.Args[0] == "waiting":
		return waitingLetters(c)
	case len(c.Args) > 0:
		return c.Surplus(c.Args[len(c.Args)-1])
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

// waitingLetter is a letter that waits, as --json prints it. Whom it is for is sealed.
type waitingLetter struct {
	ID       string    `json:"id"`
	Kind     string    `json:"kind"`
	Since    time.Time `json:"since"`
	Attempts int       `json:"attempts"`
	Next     time.Time `json:"next"` // not before
	Problem  string    `json:"problem,omitempty"`
}

// mostWaiting is how many are listed: with more, what is wrong is wrong with all.
const mostWaiting = 1000

func waitingLetters(c *call) error {
	return with(c, func(a *app.App) error {
		waiting, err := view(c.Ctx, a, func(tx gate.Tx) ([]*gate.Letter, error) { return tx.WaitingLetters(mostWaiting) })
		if err != nil {
			return err
		}
		rows := []waitingLetter{}
		for _, l := range waiting {
			rows = append(rows, waitingLetter{l.ID, l.Kind, l.Created, l.Attempts, l.NotBefore, l.Problem})
		}
		return list(c, rows, []string{"since", "kind", "attempts", "next", "problem"}, func(l waitingLetter) []string {
			return []string{l.Since.Format(time.RFC3339), l.Kind, strconv.Itoa(l.Attempts), l.Next.Format(time.RFC3339), l.Problem}
		})
	})
}
