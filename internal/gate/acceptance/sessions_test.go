//go:build gatetest

package acceptance

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

const nextPassword = "Another-Horse-8-Battery"

// Somebody plants a cookie in another's browser, to know its session or flow later.
func TestRow39(t *testing.T) {
	both(t, 2, func(t *testing.T, r *rig) {
		const planted = "QWxsIHlvdXIgc2Vzc2lvbnMgYXJlIGJlbG9uZyB0byB1"
		// renewed tells whether doing something gave a browser a session that is its own,
		// and ended the one before.
		renewed := func(what string, b *browser, do func() *page) {
			before := b.sessionToken()
			if p := do(); p.Status != http.StatusSeeOther && p.Status != http.StatusOK {
				t.Errorf("%s: %d\n%s", what, p.Status, p.text())
			}
			after := b.sessionToken()
			if after == before || after == planted || len(after) < 43 {
				t.Errorf("%s: the session was %q and is %q", what, before, after)
			}
			if before != "" && r.holding(before).on(1).signedIn() {
				t.Errorf("%s: the session before it goes on", what)
			}
			if !b.on(1).signedIn() {
				t.Errorf("%s: nobody is logged in", what)
			}
		}

		b := r.browser()
		_, email := r.person()
		b.setCookie("__Host-session", planted)
		b.setCookie("__Host-flow", planted)
		if p := b.register(email, password); p.Status != http.StatusSeeOther {
			t.Fatalf("register: %d %s", p.Status, p.text())
		}
		if b.flowToken() == planted {
			t.Error("a planted flow was taken over")
		}
		spy := r.browser()
		spy.setCookie("__Host-flow", planted)
		code := r.code(email)
		if p := spy.post("/account/verify", "code", code); p.Status != http.StatusUnprocessableEntity || spy.signedIn() {
			t.Errorf("the code in the planted flow: %d", p.Status)
		}
		renewed("the end of registering", b, func() *page { return b.post("/account/verify", "code", code) })

		in := r.browser()
		in.setCookie("__Host-session", planted)
		renewed("a log-in over a planted session", in, func() *page { return in.logIn(email, password) })
		renewed("a log-in over a session", in, func() *page { return in.logIn(email, password) })
		renewed("a typed password", in, func() *page { return in.post("/account/export", "password", password) })
		renewed("a changed password", in, func() *page { return in.post("/account/password", "old", password, "password", nextPassword) })
		if r.holding(planted).signedIn() {
			t.Error("the planted session is somebody's")
		}

		// Another person in the same browser: the first is not logged in any more.
		second := r.browser().signUp()
		renewed("a log-in of somebody else", in, func() *page { return in.logIn(second, password) })
		if p := in.get("/account"); !strings.Contains(p.Body, second) || strings.Contains(p.Body, email) {
			t.Error("the account of the one before is shown")
		}

		// After the code of a reset, only a new flow sets the password.
		r.advance(2 * time.Minute)
		reader := r.browser()
		reader.setCookie("__Host-flow", planted)
		r.settled()
		mails := len(r.mails(email))
		if p := reader.fill("/account/reset", "email", email); p.Status != http.StatusSeeOther {
			t.Fatalf("reset: %d %s", p.Status, p.text())
		}
		seen := reader.flowToken()
		if p := reader.post("/account/reset/verify", "code", codeIn(r.waitMail(email, mails+1))); p.Status != http.StatusSeeOther {
			t.Fatalf("the code of a reset: %d %s", p.Status, p.text())
		}
		if passed := reader.flowToken(); passed == seen || seen == planted || passed == planted {
			t.Errorf("the flow of a reset: planted, then %q, then %q", seen, passed)
		}
		spy.setCookie("__Host-flow", seen)
		if p := spy.on(1).post("/account/reset/password", "password", "Spying-Horse-9-Battery"); p.Status == http.StatusSeeOther || p.Status == http.StatusOK {
			t.Errorf("the flow before the code sets the password: %d", p.Status)
		}

		// Of two sessions sent at once, nobody knows whose is whose: none is.
		two := r.browser()
		p := two.request(http.MethodGet, "/account", nil, "Cookie", "__Host-session="+planted+"; __Host-session="+in.sessionToken())
		if p.Status != http.StatusSeeOther || !strings.HasPrefix(p.to(), "/account/login") {
			t.Errorf("two sessions at once: %d", p.Status)
		}
	})
}

// A thief's session must not outlive the password that it was won by.
func TestRow40(t *testing.T) {
	both(t, 2, func(t *testing.T, r *rig) {
		owner := r.browser()
		email := owner.signUp()
		jars := func(pass string) (all []*browser) {
			for range 5 {
				all = append(all, r.browser().enters(email, pass))
			}
			return all
		}
		ended := func(what string, all []*browser) {
			t.Helper()
			for n, b := range all {
				for i := range r.instances {
					if b.on(i).signedIn() {
						t.Errorf("%s: session %d goes on at instance %d", what, n, i)
					}
				}
				for _, path := range []string{"/account", "/account/sessions", "/download/" + r.downloads[0].ID} {
					if p := b.on(n + 1).get(path); p.Status != http.StatusSeeOther || !strings.HasPrefix(p.to(), "/account/login") {
						t.Errorf("%s: session %d gets %s: %d %s", what, n, path, p.Status, p.to())
					}
				}
				if p := b.post("/account/export"); p.Status != http.StatusForbidden {
					t.Errorf("%s: session %d exports: %d", what, n, p.Status)
				}
			}
		}

		others := jars(password)
		before := owner.copyOf()
		if p := owner.fill("/account/password", "old", password, "password", nextPassword); p.Status != http.StatusSeeOther {
			t.Fatalf("change: %d %s", p.Status, p.text())
		}
		ended("after a change", append(others, before))
		if !owner.on(1).signedIn() {
			t.Error("whoever changed the password is logged out")
		}

		// A reset that somebody has half done must not undo a change.
		r.advance(2 * time.Minute)
		thief := r.browser()
		thief.readsMailbox(email)
		if p := owner.fill("/account/password", "old", nextPassword, "password", nextPassword+"2"); p.Status != http.StatusSeeOther {
			t.Fatalf("change: %d %s", p.Status, p.text())
		}
		if p := thief.on(1).post("/account/reset/password", "password", "Spying-Horse-9-Battery"); p.Status != http.StatusUnprocessableEntity {
			t.Errorf("a code that was typed before a change sets the password: %d", p.Status)
		}

		// Log-ins with the old password that are under way while the new one is set.
		others = append(jars(nextPassword+"2"), owner)
		r.advance(4 * time.Minute)
		reader := r.browser()
		reader.readsMailbox(email)
		racers := make([]*browser, 12)
		var all sync.WaitGroup
		for n := range racers {
			racers[n] = r.browser()
		}
		all.Go(func() {
			if p, err := reader.tryPost("/account/reset/password", "password", password+"9"); err != nil || p.Status != http.StatusSeeOther {
				t.Errorf("reset: %v %v", p, err)
			}
			ended("after a reset", others)
		})
		for n, b := range racers {
			all.Go(func() { b.guess(n, email, nextPassword+"2") })
		}
		all.Wait()
		ended("with the old password during a reset", racers)
		if reader.signedIn() {
			t.Error("a reset logs in")
		}
		r.browser().enters(email, password+"9")
	}, realHashes)
}

// A session that is logged out must not come back: not from a copy of the cookie, and not
// from what the browser kept. (What its back button shows is tried in Chromium.)
func TestRow41(t *testing.T) {
	both(t, 2, func(t *testing.T, r *rig) {
		b := r.browser()
		email := b.signUp()
		other := r.browser().enters(email, password)
		copied := b.copyOf()
		for _, path := range []string{"/account", "/account/sessions", "/account/downloads", "/account/password", "/newsletter/subscribe"} {
			if p := b.get(path); p.Status != http.StatusOK || !strings.Contains(p.Header.Get("Cache-Control"), "no-store") {
				t.Errorf("%s may be kept: %d %q", path, p.Status, p.Header.Get("Cache-Control"))
			}
		}
		if p := b.get("/account/logout"); p.Status != http.StatusOK || !b.signedIn() {
			t.Errorf("a link logs out: %d", p.Status)
		}
		p := b.on(1).fill("/account/logout")
		if p.Status != http.StatusSeeOther || p.to() != "/" {
			t.Errorf("log out: %d %q", p.Status, p.to())
		}
		if clear := p.Header.Get("Clear-Site-Data"); !strings.Contains(clear, `"cache"`) || !strings.Contains(clear, `"cookies"`) || !strings.Contains(clear, `"storage"`) {
			t.Errorf("Clear-Site-Data: %q", clear)
		}
		if b.sessionToken() != "" {
			t.Error("the cookie is left")
		}
		for i := range r.instances {
			if copied.on(i).signedIn() {
				t.Errorf("the copied cookie works at instance %d", i)
			}
			if p := copied.on(i).get("/account"); p.Status != http.StatusSeeOther || strings.Contains(p.Body, email) {
				t.Errorf("the copied cookie shows the account at instance %d: %d", i, p.Status)
			}
		}
		if !other.signedIn() {
			t.Error("another browser was logged out too")
		}
		if p := b.post("/account/logout"); p.Status != http.StatusSeeOther {
			t.Errorf("to log out twice: %d", p.Status)
		}
	})
}

// A session that nobody uses, and one that is used for ever.
func TestRow42(t *testing.T) {
	const day = 24 * time.Hour
	both(t, 2, func(t *testing.T, r *rig) {
		email := r.browser().signUp()
		clock := time.Duration(0)
		to := func(at time.Duration) { clock = at; r.advance(at) }
		check := func(what string, b *browser, want bool) {
			t.Helper()
			for i := range r.instances {
				if got := b.on(i).signedIn(); got != want {
					t.Errorf("%s, after %v at instance %d: logged in is %v, want %v", what, clock, i, got, want)
				}
			}
		}
		used, idle, polled, abandoned := r.browser().enters(email, password), r.browser().enters(email, password), r.browser().enters(email, password), r.browser().enters(email, password)
		link := polled.get("/download/" + r.downloads[0].ID).to()
		// Neither what every static page asks for nor a file is anybody's doing.
		static := func(b *browser) {
			for _, path := range []string{"/account/session", link, "/css/press.css", "/account/none"} {
				b.get(path)
			}
			b.request(http.MethodHead, "/account/session", nil)
		}
		to(4 * day)
		used.get("/account")
		static(polled)
		to(7*day - time.Minute)
		check("unused", idle, true)
		static(polled)
		to(7 * day)
		check("unused for a week", idle, false)
		check("unused for a week under an open page", polled, false)
		check("used within the week", used, true)
		if p := abandoned.get("/account"); p.Status != http.StatusSeeOther {
			t.Errorf("the account after a week: %d", p.Status)
		}
		if p := abandoned.post("/account", "name", "Somebody Else"); p.Status != http.StatusForbidden {
			t.Errorf("a form after a week: %d", p.Status)
		}
		for at := 9 * day; at < 30*day; at += 5 * day {
			to(at)
			if p := used.get("/account"); p.Status != http.StatusOK {
				t.Fatalf("used every few days, after %v: %d", at, p.Status)
			}
		}
		to(30*day - time.Minute)
		check("used for a month", used, true)
		used.get("/account")
		to(30 * day)
		check("used for longer", used, false)

		// What has ended is forgotten, too.
		r.purge()
		if n := r.instances[0].metric(`gate_rows{of="sessions"}`); n != 0 {
			t.Errorf("%v sessions are kept", n)
		}
	})
}

// cookieJudge looks at every cookie that is set on the way.
type cookieJudge struct {
	next http.RoundTripper
	t    testing.TB
	mu   *sync.Mutex
	seen map[string]int
}

func (j *cookieJudge) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := j.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	for _, line := range res.Header.Values("Set-Cookie") {
		j.judge(r.Method+" "+r.URL.Path, line)
	}
	return res, nil
}

func (j *cookieJudge) judge(at, line string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	parts := strings.Split(line, "; ")
	name, value, _ := strings.Cut(parts[0], "=")
	if name != "__Host-session" && name != "__Host-flow" {
		j.t.Errorf("%s sets %s", at, name)
	}
	var age int
	for _, attribute := range parts[1:] {
		if n, ok := strings.CutPrefix(attribute, "Max-Age="); ok {
			fmt.Sscan(n, &age)
			attribute = "Max-Age"
		}
		if !slices.Contains([]string{"Path=/", "Max-Age", "HttpOnly", "Secure", "SameSite=Lax"}, attribute) {
			j.t.Errorf("%s sets %s with %s", at, name, attribute)
		}
	}
	for _, attribute := range []string{"Path=/", "HttpOnly", "Secure", "SameSite=Lax"} {
		if !slices.Contains(parts, attribute) {
			j.t.Errorf("%s sets %s without %s", at, name, attribute)
		}
	}
	kind := name + " set"
	if value == "" {
		kind = name + " dropped"
	}
	if value != "" && (len(value) < 43 || age <= 0 || age > 30*24*60*60) {
		j.t.Errorf("%s sets %s to %d signs for %d s", at, name, len(value), age)
	}
	j.seen[kind]++
}

// A cookie that scripts, other hosts or plain http could read or set.
func TestRow43(t *testing.T) {
	both(t, 2, func(t *testing.T, r *rig) {
		judge := &cookieJudge{t: t, mu: &sync.Mutex{}, seen: map[string]int{}}
		judged := func() *browser {
			b := r.browser()
			judge.next, b.client.Transport = b.client.Transport, judge
			return b
		}
		b := judged()
		email := b.signUp()
		b.post("/account/export", "password", password)
		b.post("/account/password", "old", password, "password", nextPassword)
		b.post("/account/logout")
		b.enters(email, nextPassword)
		r.advance(2 * time.Minute)
		judged().resets(email, password)
		_, stranger := r.person()
		c := judged()
		c.fill("/newsletter/subscribe", "email", stranger)
		c.post("/newsletter/confirm", "code", r.code(stranger))
		d := judged().enters(email, password)
		d.post("/account/delete", "password", password)
		for kind, least := range map[string]int{"__Host-session set": 5, "__Host-session dropped": 3, "__Host-flow set": 3, "__Host-flow dropped": 3} {
			if judge.seen[kind] < least {
				t.Errorf("%s %d times, expected %d at least", kind, judge.seen[kind], least)
			}
		}

		// What every reader gets, and what nobody asked for, sets none.
		for _, path := range []string{"/account/session", "/account/login", "/account/register", "/account/none", "/files/none", "/download/none/none", "/account"} {
			if p := r.browser().get(path); len(p.Header.Values("Set-Cookie")) != 0 {
				t.Errorf("%s sets a cookie", path)
			}
		}
	})
}

// An account or a session ends while somebody uses it.
func TestRow44(t *testing.T) {
	both(t, 2, func(t *testing.T, r *rig) {
		ctx, operator := context.Background(), r.inside(0)
		find := func(email string) string {
			a, err := operator.FindAccount(ctx, email)
			if err != nil {
				t.Fatal(err)
			}
			return a.ID
		}
		must := func(err error) {
			if err != nil {
				t.Fatal(err)
			}
		}
		for _, c := range []struct {
			what  string
			end   func(email string)
			again int // status of the next log-in
		}{
			{"its owner ends the session elsewhere", func(email string) {
				desk := r.browser().enters(email, password)
				p := desk.get("/account/sessions")
				handle := ""
				for _, e := range p.elements(t) {
					if e.attr["name"] == "session" {
						handle = e.attr["value"]
					}
				}
				if p := desk.on(1).post("/account/sessions", "session", handle); p.Status != http.StatusSeeOther || handle == "" {
					t.Errorf("end %q: %d", handle, p.Status)
				}
				if !desk.signedIn() {
					t.Error("it ended the one that asked")
				}
			}, http.StatusSeeOther},
			{"its owner ends all others", func(email string) {
				desk := r.browser().enters(email, password)
				if p := desk.on(1).post("/account/sessions"); p.Status != http.StatusSeeOther || !desk.signedIn() {
					t.Errorf("end all others: %d", p.Status)
				}
			}, http.StatusSeeOther},
			{"its owner deletes the account elsewhere", func(email string) {
				if p := r.browser().enters(email, password).on(1).post("/account/delete", "password", password); p.Status != http.StatusOK {
					t.Errorf("delete: %d %s", p.Status, p.text())
				}
			}, http.StatusUnprocessableEntity},
			{"the operator ends all sessions", func(email string) {
				must(operator.EndAllSessions(ctx, find(email)))
			}, http.StatusSeeOther},
			{"the operator blocks the account", func(email string) {
				must(operator.Block(ctx, find(email), true))
			}, http.StatusForbidden},
			{"the operator deletes the account", func(email string) {
				must(operator.Remove(ctx, find(email)))
			}, http.StatusUnprocessableEntity},
		} {
			r.advance(0)
			b := r.browser()
			email := b.signUp()
			path := "/download/" + r.downloads[0].ID
			link := b.get(path).to()
			if p := b.on(1).get(link); !strings.HasPrefix(link, "/files/") || p.Status != http.StatusOK {
				t.Fatalf("%s: the file: %d", c.what, p.Status)
			}
			c.end(email)
			for i := range r.instances {
				b := b.on(i)
				if b.signedIn() {
					t.Errorf("%s: the session goes on at instance %d", c.what, i)
				}
				for _, path := range []string{path, "/account", "/account/downloads"} {
					if p := b.get(path); p.Status != http.StatusSeeOther || !strings.HasPrefix(p.to(), "/account/login") {
						t.Errorf("%s: %s at instance %d: %d %q", c.what, path, i, p.Status, p.to())
					}
				}
				if p := b.post("/account", "name", "Somebody Else"); p.Status != http.StatusForbidden {
					t.Errorf("%s: a form at instance %d: %d", c.what, i, p.Status)
				}
			}
			if status := b.guess(1, email, password); status != c.again {
				t.Errorf("%s: the next log-in: %d, want %d", c.what, status, c.again)
			}
			if status := r.browser().guess(0, email, wrongPassword); status != http.StatusUnprocessableEntity {
				t.Errorf("%s: a wrong password: %d", c.what, status)
			}
			// A link that is out can be used for some minutes, by design: not for longer.
			r.advance(5*time.Minute + time.Second)
			for i := range r.instances {
				if p := r.browser().on(i).get(link); p.Status != http.StatusForbidden {
					t.Errorf("%s: the link after five minutes: %d", c.what, p.Status)
				}
			}
		}
	})
}
