//go:build gatetest

package acceptance

import (
	"net/http"
	"os"
	"strconv"
	"syscall"
	"testing"
	"time"

	"pressroom/internal/testkit/smtpsink"
)

// kills is how often the gate is killed at each point: twice, or as GATE_KILLS says.
func kills(t *testing.T) int {
	n, err := strconv.Atoi(os.Getenv("GATE_KILLS"))
	if err != nil && os.Getenv("GATE_KILLS") != "" {
		t.Fatal(err)
	}
	return max(2, n)
}

// killed is a process that dies at a named point, and what must be true then.
type killed struct {
	point string
	until string // what the person had done before, see crash.until
	flows int64  // of the address, when the process is dead; -1 for any
	mails int    // that must come after the restart, without anybody's doing
	again int    // copies that may come besides
	owner int64  // accounts of the address, when the process is dead
	goes  func(t *testing.T, k *crash)
}

// crash is one kill: a person, their browser and the mails that they got.
type crash struct {
	*browser
	rig   *rig
	sink  *smtpsink.Sink
	email string
	token string // hidden in the form of registering
	code  string
}

func (k *crash) register() (*page, error) {
	return k.tryPost("/account/register", "email", k.email, "password", password, "name", "Ines Okafor", "form", k.token)
}

// verifies types the code of the newest mail.
func verifies(t *testing.T, k *crash) {
	list := k.rig.sunk(k.sink, k.email)
	if p := k.verify(codeIn(list[len(list)-1])); !p.welcomed() {
		t.Errorf("the code of the mail does not work: %d %s", p.Status, p.text())
	}
}

// registers sends the form once more, as a person does whose browser saw no answer.
func registers(t *testing.T, k *crash) {
	had := len(k.rig.sunk(k.sink, k.email))
	if p, err := k.register(); err != nil || p.Status != http.StatusSeeOther {
		t.Fatalf("register again: %+v %v", p, err)
	}
	k.rig.waitSunk(k.sink, k.email, had+1)
	verifies(t, k)
}

func logsIn(pass string) func(*testing.T, *crash) {
	return func(t *testing.T, k *crash) {
		if p := k.rig.browser().logIn(k.email, pass); p.Status != http.StatusSeeOther {
			t.Errorf("log in: %d %s", p.Status, p.text())
		}
	}
}

// onlyOther logs in with the password that a reset has set; what was before is over.
func onlyOther(t *testing.T, k *crash) {
	if k.signedIn() || k.rig.browser().logIn(k.email, password).Status == http.StatusSeeOther {
		t.Error("a session or the old password outlived a reset")
	}
	logsIn(otherPassword)(t, k)
}

const otherPassword = "Another-Horse-8-Stapler"

var points = []killed{
	{point: "flow-hashed", until: "form", goes: registers},
	{point: "letter-written", until: "form", goes: registers},
	{point: "flow-begun", until: "form", flows: 1, mails: 1, goes: registers},
	{point: "leased", until: "sent", flows: 2, mails: 2, goes: verifies},
	{point: "before-send", until: "sent", flows: 2, mails: 2, goes: verifies},
	{point: "after-send", until: "sent", flows: 2, mails: 2, again: 1, goes: verifies},
	{point: "settled", until: "sent", flows: 2, mails: 2, goes: verifies},
	{point: "flow-resent", until: "code", flows: 1, mails: 2, goes: verifies},
	{point: "guess-counted", until: "code", flows: 1, mails: 1, goes: verifies},
	{point: "guess-compared", until: "code", flows: 1, mails: 1, goes: verifies},
	{point: "flow-finished", until: "code", flows: 1, mails: 1, owner: 1, goes: logsIn(password)},
	{point: "login-counted", until: "account", flows: 1, mails: 1, owner: 1, goes: logsIn(password)},
	{point: "password-set", until: "reset", flows: -1, mails: 3, owner: 1, goes: onlyOther},
}

// until brings the person to where the gate is to be killed. at is their time.
func (k *crash) until(t *testing.T, what string, at *timeline) {
	t.Helper()
	k.token = k.get("/account/register").hidden().Get("form")
	register := func() {
		t.Helper()
		if p, err := k.register(); err != nil || p.Status != http.StatusSeeOther {
			t.Fatalf("register: %+v %v", p, err)
		}
	}
	switch what {
	case "form":
	case "sent":
		// The mail waits until the gap after another one is over. So the person has seen the
		// answer, and with it the cookie, before the mail leaves and the gate dies of that.
		wantStatus(t, "somebody else", k.rig.browser().register(k.email, password), http.StatusSeeOther)
		k.rig.waitSunk(k.sink, k.email, 1)
		k.rig.settled()
		register()
		return
	default:
		register()
		k.code = codeIn(k.rig.waitSunk(k.sink, k.email, 1)[0])
		if what != "code" {
			wantStatus(t, "verify", k.verify(k.code), http.StatusSeeOther)
		}
		at.later(2 * gap)
		if what == "reset" {
			wantStatus(t, "reset", k.post("/account/reset", "email", k.email), http.StatusSeeOther)
			code := codeIn(k.rig.waitSunk(k.sink, k.email, 2)[1])
			wantStatus(t, "the code of a reset", k.post("/account/reset/verify", "code", code), http.StatusSeeOther)
		}
	}
	k.rig.settled()
}

// act does what kills the gate.
func (k *crash) act(point string, at *timeline) {
	switch point {
	case "leased", "before-send", "after-send", "settled":
		at.at += gap
		k.tryAdvance(at.at)
	case "flow-resent":
		k.tryPost("/account/verify/resend")
	case "guess-counted", "guess-compared", "flow-finished":
		k.tryPost("/account/verify", "code", k.code)
	case "login-counted":
		k.copyOf().tryPost("/account/login", "email", k.email, "password", password)
	case "password-set":
		k.tryPost("/account/reset/password", "password", otherPassword)
	default:
		k.register()
	}
}

// tryAdvance moves the clock of a gate that may die of it.
func (k *crash) tryAdvance(by time.Duration) {
	if res, err := http.PostForm("http://"+k.rig.instances[0].admin+"/test/clock", values("offset", by.String())); err == nil {
		res.Body.Close()
	}
}

// The gate is killed between any two of its steps: what it had promised happens after the
// next start, what it had not has left no trace, and a mail comes twice only when it died
// between handing it over and writing that down. Who have come equally far share a
// database, over which one gate follows the other.
func TestRow68(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"sqlite", "postgres"} {
		for _, until := range []string{"form", "sent", "code", "account", "reset"} {
			t.Run(kind+"/"+until, func(t *testing.T) {
				t.Parallel()
				var here []killed
				for range kills(t) {
					for _, c := range points {
						if c.until == until {
							here = append(here, c)
						}
					}
				}
				kill(t, kind, here)
			})
		}
	}
}

func kill(t *testing.T, kind string, points []killed) {
	sink := smtpsink.New(t, smtpsink.Options{})
	r := start(t, kind, 0, toSink(sink))
	db := r.db()
	at := r.timeline()
	launch := func() *instance {
		at.at += 6 * time.Minute // longer than a lease
		r.instances = nil
		return r.launch("GATE_TEST_OFFSET=" + at.at.String())
	}
	i, doubles := launch(), 0
	for _, c := range points {
		k := &crash{browser: r.browser(), rig: r, sink: sink}
		_, k.email = r.person()
		k.until(t, c.until, at)
		i.post("/test/fault", "point", c.point)
		k.act(c.point, at)
		<-i.done
		if s, ok := i.cmd.ProcessState.Sys().(syscall.WaitStatus); !ok || s.Signal() != syscall.SIGKILL {
			t.Fatalf("%s: the gate ended by %v", c.point, i.cmd.ProcessState)
		}
		if n := number(t, db, "SELECT COUNT(*) FROM flows WHERE email = $1", k.email); c.flows >= 0 && n != c.flows {
			t.Errorf("%s: %d flows, want %d", c.point, n, c.flows)
		}
		if n := number(t, db, "SELECT COUNT(*) FROM accounts WHERE email = $1", k.email); n != c.owner {
			t.Errorf("%s: %d accounts, want %d", c.point, n, c.owner)
		}
		i = launch()
		r.settled()
		list := r.sunk(sink, k.email)
		ids := map[string]int{}
		for _, m := range list {
			ids[m.Header.Get("Message-Id")]++
		}
		if len(ids) != c.mails || len(list) > c.mails+c.again {
			t.Errorf("%s: %d mails of %d letters, want %d letters and at most %d mails more", c.point, len(list), len(ids), c.mails, c.again)
		}
		doubles += len(list) - len(ids)
		c.goes(t, k)
		if n := number(t, db, "SELECT COUNT(*) FROM accounts WHERE email = $1", k.email); n != 1 {
			t.Errorf("%s: at the end %d accounts", c.point, n)
		}
	}
	if n := number(t, db, "SELECT COUNT(*) FROM letters WHERE state <> 'sent'"); n != 0 {
		t.Errorf("%d letters were not sent", n)
	}
	t.Logf("%d kills, %d mails came twice", len(points), doubles)
}
