package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pressroom/internal/build"
	"pressroom/internal/memo"
	"pressroom/internal/source"
)

// The schedule is what builds show: between two of its moments nothing becomes public
// or ceases to be, at each of them exactly what it says does, and the first is the
// next of the build.
func TestScheduleAgreesWithBuilds(t *testing.T) {
	theme, err := theme()
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(7, 2026))
	now := time.Date(2026, 7, 7, 9, 0, 0, 0, time.UTC)
	for round := range 6 {
		files := map[string][]byte{"site.yaml": []byte("title: T\nbaseURL: https://t.example.org\ntimeZone: Europe/Amsterdam\nlanguages: [en, fr]\n")}
		key := func(name string, from, to int) string { // hours from now, every other time
			if random.IntN(2) == 0 {
				return ""
			}
			return name + ": " + now.Add(time.Duration(from+random.IntN(to-from))*time.Hour).Format(time.RFC3339) + "\n"
		}
		for i := range 8 {
			for _, lang := range []string{"", ".fr"}[:1+random.IntN(2)] {
				// An expiry before the embargo would be an error; one before the date is not.
				front := "title: T\nsummary: S.\n" + key("embargo", -3, 4) + key("expires", 4, 9)
				if date := key("date", -3, 9); date != "" {
					front += date
				} else {
					front += "date: 2026-07-01\n"
				}
				if random.IntN(6) == 0 {
					front += "draft: true\n"
				}
				files[fmt.Sprintf("content/news/2026/07/a%d%s.md", i, lang)] = []byte("---\n" + front + "---\nText.\n")
			}
		}
		tree, m := source.Memory(files), memo.New()
		at := func(now time.Time) *build.Result {
			r, problems := build.Run(context.Background(), build.Input{Source: tree, Theme: theme, Now: now}, m)
			if r == nil {
				t.Fatal(told(problems))
			}
			return r
		}
		open := func(now time.Time) (sources []string) {
			for _, p := range at(now).Pages {
				if p.Source != "" {
					sources = append(sources, p.Source)
				}
			}
			slices.Sort(sources)
			return sources
		}
		first := at(now)
		changes := first.Changes
		if len(changes) < 2 {
			t.Fatalf("round %d: no test with %d changes", round, len(changes))
		}
		shown := open(now)
		for i := 0; i < len(changes); {
			moment := changes[i].At
			if before := open(moment.Add(-1)); !slices.Equal(before, shown) {
				t.Fatalf("round %d: something changes before %s: %v, then %v", round, moment, shown, before)
			}
			for ; i < len(changes) && changes[i].At.Equal(moment); i++ {
				if ch := changes[i]; ch.Change == "appears" {
					shown = append(shown, ch.Source)
				} else {
					shown = slices.DeleteFunc(shown, func(s string) bool { return s == ch.Source })
				}
			}
			slices.Sort(shown)
			if after := open(moment); !slices.Equal(after, shown) {
				t.Fatalf("round %d: at %s: %v, scheduled %v", round, moment, after, shown)
			}
		}
		if after := open(now.Add(1000 * time.Hour)); !slices.Equal(after, shown) {
			t.Fatalf("round %d: something changes after the last: %v, then %v", round, shown, after)
		}
	}
}
