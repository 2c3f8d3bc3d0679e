//go:build gatetest

package acceptance

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pressroom/internal/testkit/auc"
)

// answers are what a browser was told one after the other, to be compared with what
// another was told.
type answers struct {
	pages []*page
	at    []time.Time
	mask  *strings.Replacer
}

// hear keeps an answer; and masks what must differ: the address, and ids that are random.
func (a *answers) hear(p *page) *page {
	a.pages, a.at = append(a.pages, p), append(a.at, time.Now())
	return p
}

// of is answers that concern an address.
func of(email string) *answers {
	return &answers{mask: strings.NewReplacer(email, "EMAIL", escaped(email), "EMAIL")}
}

func escaped(email string) string { return strings.ReplaceAll(email, "@", "%40") }

var (
	randomIDs  = regexp.MustCompile(`(name="?form"? value="?)[0-9a-f]+`)
	challenges = regexp.MustCompile(`(data-challenge="?)[^" >]+`)
	tokens     = regexp.MustCompile(`(__Host-(?:flow|session)=)[A-Za-z0-9_-]{43}`)
	numbers    = regexp.MustCompile(`[0-9]+`)
	waits      = regexp.MustCompile(`[0-9]+ (seconds?|minutes?|hours?)|an? (second|minute|hour)`)
)

// whole is all of an answer but what must differ: status, header with the cookies, body.
// Waits are taken out, to be compared apart.
func (a *answers) whole(i int) (text string, wait int) {
	p := a.pages[i]
	var b strings.Builder
	fmt.Fprintln(&b, p.URL, p.Status)
	for _, name := range slices.Sorted(maps.Keys(p.Header)) {
		for _, v := range p.Header[name] {
			switch name {
			case "Date":
				continue
			case "Content-Length":
				v = "" // of the body, which is compared
			case "Retry-After":
				wait, _ = strconv.Atoi(v)
				v = "WAIT"
			}
			fmt.Fprintf(&b, "%s: %s\n", name, tokens.ReplaceAllString(v, "${1}TOKEN"))
		}
	}
	body := challenges.ReplaceAllString(randomIDs.ReplaceAllString(p.Body, "${1}ID"), "${1}CHALLENGE")
	if m := waits.FindString(body); wait == 0 && m != "" {
		wait, _ = strconv.Atoi(numbers.FindString(m))
	}
	b.WriteString(waits.ReplaceAllString(body, "WAIT"))
	return a.mask.Replace(b.String()), wait
}

// alike fails the test where two browsers were told different things. Waits may differ
// by as much as the requests lay apart.
func alike(t testing.TB, what string, one, two *answers) {
	t.Helper()
	if len(one.pages) != len(two.pages) {
		t.Fatalf("%s: %d and %d answers", what, len(one.pages), len(two.pages))
	}
	apart := func(i int) time.Duration { return one.at[i].Sub(two.at[i]) }
	for i := range one.pages {
		a, w1 := one.whole(i)
		b, w2 := two.whole(i)
		if a != b {
			t.Errorf("%s: answer %d differs:\n%s", what, i+1, difference(a, b))
		}
		// How far the two clocks of these answers ran apart since the first ones.
		slack := 2 + int((apart(i)-apart(0)).Abs()/time.Second)
		if w1-w2 > slack || w2-w1 > slack {
			t.Errorf("%s: answer %d says to wait for %d and for %d", what, i+1, w1, w2)
		}
	}
}

// refusals counts what was told.
func (a *answers) refusals() map[string]int { return tally(a.pages) }

// brake fails to log in until the brake is at its slowest, and tells what it was told.
// Tries under the brake must cost no hash, the others one.
func (b *browser) brake(c *timeline, email string) (pages []*page) {
	t := b.rig.t
	t.Helper()
	var last time.Time // before the last try that was admitted
	try := func(held time.Duration) {
		t.Helper()
		before, start := b.rig.all(passwordHashes), time.Now()
		p := b.on(len(pages)).logIn(email, "Another-Wrong-1-Password")
		pages = append(pages, p)
		cost := b.rig.all(passwordHashes) - before
		switch {
		case held == 0:
			last = start
			if cost != 1 {
				t.Errorf("failure %d for %s cost %v hashes", len(pages), email, cost)
			}
		case time.Since(last) < held && cost != 0: // else the brake had ended by itself
			t.Errorf("failure %d for %s, under the brake, cost %v hashes", len(pages), email, cost)
		}
	}
	for range 5 {
		try(0)
	}
	for held := time.Second; held < time.Minute; held *= 2 {
		if held > 10*time.Second { // which no slow machine takes for one try
			try(held)
		}
		c.later(held)
		try(0)
	}
	try(time.Minute)
	return pages
}

// difference is the first lines that differ.
func difference(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(x), len(y)) {
		if x[i] != y[i] {
			return fmt.Sprintf("line %d\n- %s\n+ %s", i+1, x[i], y[i])
		}
	}
	return fmt.Sprintf("%d and %d lines", len(x), len(y))
}

// arm is one of two things that a stranger must not be able to tell apart. ask prepares
// the i-th time, and returns what is timed.
type arm struct {
	name string
	ask  func(i int) func() *page
}

// hashesOfTiming is the option of rows that compare times: real ones when they do.
func hashesOfTiming() option {
	if long() {
		return realHashes
	}
	return with("")
}

// hashes are how many the first instance has computed, of passwords and of codes.
func (r *rig) hashes() [2]float64 {
	r.t.Helper()
	all := r.instances[0].metrics()
	return [2]float64{all[passwordHashes], all[codeHashes]}
}

// inTime compares two arms: the numbers of hashes that they cost, always, and the times
// that they take, when there is time to ask often enough. All is asked of the first
// instance. before sets the clock for each pair.
func (r *rig) inTime(t *testing.T, one, two arm, before func(i int)) {
	t.Helper()
	pairs := 40
	if long() {
		pairs = 300
	}
	arms := [2]arm{one, two}
	var took [2][]time.Duration
	var cost [2][2]float64
	for i := range pairs {
		before(i)
		first := rand.IntN(2)
		for n := range 2 {
			k := (first + n) % 2
			ask := arms[k].ask(i)
			had := r.hashes()
			start := time.Now()
			p := ask()
			took[k] = append(took[k], time.Since(start))
			for kind, n := range r.hashes() {
				cost[k][kind] += n - had[kind]
			}
			if p.Status >= http.StatusInternalServerError || p.Status == http.StatusTooManyRequests {
				t.Fatalf("%s: %d %q", arms[k].name, p.Status, p.told())
			}
		}
	}
	if cost[0] != cost[1] || cost[0][0]+cost[0][1] < float64(pairs) {
		t.Errorf("%s and %s cost %v and %v hashes of passwords and codes, in %d pairs", one.name, two.name, cost[0], cost[1], pairs)
	}
	if !long() {
		return
	}
	v := auc.Of(took[0], took[1])
	t.Logf("%s, %s: AUC %.3f of %d pairs", one.name, two.name, v, pairs)
	if v < 0.40 || v > 0.60 {
		t.Errorf("%s and %s can be told apart by time: AUC %.3f of %d pairs", one.name, two.name, v, pairs)
	}
}
