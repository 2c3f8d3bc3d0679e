//go:build gatetest

package acceptance

import (
	"crypto/sha256"
	"fmt"
	"html"
	"maps"
	"math/bits"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pressroom"
	"pressroom/internal/gate"
	"pressroom/internal/gate/web"
)

// words are the sentences of the pages, in English.
var words = sync.OnceValue(func() web.Words {
	f, err := web.Builtin(pressroom.Theme, origin)
	if err != nil {
		panic(err)
	}
	p, err := web.NewPages(f)
	if err != nil {
		panic(err)
	}
	return p.Words("en")
})

// refusal is what a page tells of one kind.
type refusal struct{ sentence, told string }

// refusals are all, of wrong codes with the tries that are left.
var refusals = sync.OnceValue(func() (all []refusal) {
	for left := range 10 {
		all = append(all, refusal{words().Refused(string(gate.WrongCode), left, 0), wrong(left)})
	}
	for _, k := range []gate.Kind{
		gate.BadCode, gate.DeadCode, gate.ExpiredCode, gate.UsedCode, gate.NoFlow, gate.TooMany, gate.NeedsWork, gate.Busy,
		gate.WrongLogin, gate.Unverified, gate.BadAddress, gate.BadDomain, gate.BadName, gate.NotLoggedIn,
	} {
		all = append(all, refusal{words().Refused(string(k), 0, 0), string(k)})
	}
	return all
})

// told is the refusal that a page tells, by its sentence: "code_dead", "code_wrong 4"
// with the tries that are left, or "" for none.
func (p *page) told() string {
	text := html.UnescapeString(p.text())
	for _, r := range refusals() {
		if strings.Contains(text, r.sentence) {
			return r.told
		}
	}
	return ""
}

// wrong is what a page tells of a wrong code.
func wrong(left int) string { return fmt.Sprintf("%s %d", gate.WrongCode, left) }

// is fails the test unless the page tells this, with the status that belongs to it.
func (p *page) is(t testing.TB, told string, what string) {
	t.Helper()
	status := http.StatusUnprocessableEntity
	if k := gate.Kind(told); k == gate.TooMany || k == gate.NeedsWork {
		status = http.StatusTooManyRequests
		if p.Header.Get("Retry-After") == "" {
			t.Errorf("%s: %s does not say when to come back", what, told)
		}
	}
	if got := p.told(); got != told || p.Status != status {
		t.Fatalf("%s: %d %q, want %d %q\n%s", what, p.Status, got, status, told, p.text())
	}
}

// timeline moves the clock on.
type timeline struct {
	r  *rig
	at time.Duration
}

func (r *rig) timeline() *timeline { return &timeline{r: r} }

func (c *timeline) later(by time.Duration) {
	c.r.t.Helper()
	c.at += by
	c.r.advance(c.at)
}

// long tells whether rows that get better with numbers may take minutes.
func long() bool { return os.Getenv("GATE_TIMING") != "" }

// gap is a little more than what must lie between two mails to one address.
const gap = 61 * time.Second

// way is a flow as a browser walks it: where it begins, where its code is typed and where
// a new one is asked for.
type way struct {
	name, begin, verify, resend string
	digits                      int
}

var (
	registering = way{"register", "/account/register", "/account/verify", "/account/verify/resend", 6}
	resetting   = way{"reset", "/account/reset", "/account/reset/verify", "/account/reset/resend", 8}
	confirming  = way{"confirm", "/newsletter/subscribe", "/newsletter/confirm", "/newsletter/resend", 6}
	ways        = []way{registering, resetting, confirming}
)

// address is a new one that the flow's code can prove. A reset's has an account, made at
// the time of c, who then waits until a mail may follow.
func (w way) address(c *timeline) string {
	c.r.t.Helper()
	if w != resetting {
		_, email := c.r.person()
		return email
	}
	email := c.r.browser().signUp()
	c.later(gap)
	return email
}

// form are the fields that begin the flow.
func (w way) form(email string) []string {
	if w == registering {
		return []string{"email", email, "password", password, "name", "Ines Okafor", "organisation", "Coast Radio"}
	}
	return []string{"email", email}
}

// start begins the flow and waits for its code.
func (w way) start(b *browser, email string) (code string) {
	b.rig.t.Helper()
	n := len(b.rig.mails(email))
	if p := b.fill(w.begin, w.form(email)...); p.Status != http.StatusSeeOther || !strings.HasPrefix(p.to(), w.verify) {
		b.rig.t.Fatalf("%s of %s: %d %q\n%s", w.begin, email, p.Status, p.to(), p.text())
	}
	return codeIn(b.rig.waitMail(email, n+1))
}

// again asks for a new code and waits for it.
func (w way) again(b *browser, email string) (code string) {
	b.rig.t.Helper()
	n := len(b.rig.mails(email))
	if p := b.post(w.resend); p.Status != http.StatusSeeOther || !strings.HasPrefix(p.to(), w.verify) {
		b.rig.t.Fatalf("%s: %d %q\n%s", w.resend, p.Status, p.to(), p.text())
	}
	return codeIn(b.rig.waitMail(email, n+1))
}

// guess types a code.
func (w way) guess(b *browser, code string) *page {
	b.rig.t.Helper()
	return b.post(w.verify, "code", code)
}

// wrongs types so many wrong codes, of which the first leaves so many tries.
func (w way) wrongs(b *browser, code string, n, left int) {
	b.rig.t.Helper()
	for i := range n {
		w.guess(b, otherCode(code, i+1)).is(b.rig.t, wrong(left-i), fmt.Sprintf("%s: wrong code %d", w.name, i+1))
	}
}

// passed tells whether an answer is that to the right code.
func (w way) passed(p *page) bool {
	switch w {
	case registering:
		return p.Status == http.StatusSeeOther && strings.HasPrefix(p.to(), "/account/welcome")
	case resetting:
		return p.Status == http.StatusSeeOther && strings.HasPrefix(p.to(), "/account/reset/password")
	}
	return p.Status == http.StatusOK && strings.Contains(html.UnescapeString(p.text()), words().Refused("subscribed", 0, 0))
}

// right types the right code.
func (w way) right(b *browser, code string) {
	b.rig.t.Helper()
	if p := w.guess(b, code); !w.passed(p) {
		b.rig.t.Fatalf("%s: the right code %s was refused: %d %q %q\n%s", w.name, code, p.Status, p.to(), p.told(), p.text())
	}
}

// all is the sum of a number over all instances that live.
func (r *rig) all(metric string) (sum float64) {
	r.t.Helper()
	for _, i := range r.instances {
		select {
		case <-i.done:
		default:
			sum += i.metric(metric)
		}
	}
	return sum
}

// rows counts what lies in the database.
func (r *rig) rows(of string) int {
	r.t.Helper()
	for _, i := range r.instances {
		select {
		case <-i.done:
		default:
			return int(i.metric(fmt.Sprintf("gate_rows{of=%q}", of)))
		}
	}
	r.t.Fatal("no instance lives")
	return 0
}

const (
	codeHashes     = `gate_hashes_total{of="code"}`
	passwordHashes = `gate_hashes_total{of="password"}`
)

// twin is the same browser with cookies of its own from now on, and its connections.
func (b *browser) twin() *browser {
	c := *b
	b.mu.Lock()
	defer b.mu.Unlock()
	c.mu, c.cookies = &sync.Mutex{}, maps.Clone(b.cookies)
	return &c
}

// atOnce sends n forms at the same moment with the cookies of now, in turn to so many
// instances.
func (b *browser) atOnce(n, instances int, path string, form func(i int) []string) []*page {
	b.rig.t.Helper()
	pages, errs := make([]*page, n), make([]error, n)
	var ready, all sync.WaitGroup
	barrier := make(chan struct{})
	for i := range n {
		one := b.twin().on(i % min(instances, len(b.rig.instances)))
		ready.Add(1)
		all.Go(func() {
			fields := form(i)
			ready.Done()
			<-barrier
			pages[i], errs[i] = one.tryPost(path, fields...)
		})
	}
	ready.Wait()
	close(barrier)
	all.Wait()
	for _, err := range errs {
		if err != nil {
			b.rig.t.Fatalf("POST %s: %v", path, err)
		}
	}
	return pages
}

// tally counts answers by what they tell; "" for those that are no refusal.
func tally(pages []*page) map[string]int {
	n := map[string]int{}
	for _, p := range pages {
		n[p.told()]++
	}
	return n
}

var challengeIn = regexp.MustCompile(`data-challenge="?([^" >]+)`)

// solve does the work that a page asks for, as a browser's script would.
func (p *page) solve(t testing.TB) string {
	t.Helper()
	m := challengeIn.FindStringSubmatch(p.Body)
	if m == nil {
		t.Fatalf("the page brings no puzzle: %d\n%s", p.Status, p.text())
	}
	parts := strings.Split(m[1], ".")
	var want int
	if _, err := fmt.Sscan(parts[1], &want); err != nil {
		t.Fatalf("the puzzle %q: %v", m[1], err)
	}
	for n := 0; ; n++ {
		answer := fmt.Sprintf("%s:%d", m[1], n)
		sum := sha256.Sum256([]byte(answer))
		zeros := 0
		for _, b := range sum {
			zeros += bits.LeadingZeros8(b)
			if b != 0 {
				break
			}
		}
		if zeros >= want {
			return answer
		}
	}
}

// inParallel does something n times, some at once. What fails must fail the test by Error.
func inParallel(n int, f func(i int)) {
	slots := make(chan struct{}, 8)
	var all sync.WaitGroup
	for i := range n {
		slots <- struct{}{}
		all.Go(func() {
			f(i)
			<-slots
		})
	}
	all.Wait()
}

// codesOf are the codes that were mailed to an address, oldest first.
func (r *rig) codesOf(email string) (codes []string) {
	r.t.Helper()
	for _, m := range r.mails(email) {
		if c := codeIn(m); c != "" {
			codes = append(codes, c)
		}
	}
	return slices.Clip(codes)
}

// bracket is between which two moments something happened, by this machine's clock.
type bracket struct{ after, before time.Time }

// during tells when f happened.
func during(f func()) bracket {
	b := bracket{after: time.Now()}
	f()
	b.before = time.Now()
	return b
}
