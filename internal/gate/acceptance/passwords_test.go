//go:build gatetest

package acceptance

import (
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/text/unicode/norm"
)

const wrongPassword = "Wrong-Horse-7-Battery"

// Somebody guesses the password of one account, from one place and from many.
func TestRow28(t *testing.T) {
	both(t, 2, func(t *testing.T, r *rig) {
		first, second := r.browser().signUp(), r.browser().signUp()
		const tries = 500

		// One place: five are free, then the pauses double, so that even a minute of
		// trying sees a dozen at most.
		attacker, before := r.browser(), r.hashed()
		inParallel(tries, func(i int) {
			if status := attacker.guess(i, first, wrongPassword); status != http.StatusUnprocessableEntity {
				t.Errorf("a wrong password: %d", status)
			}
		})
		if n := r.hashed() - before; n < 5 || n > 12 {
			t.Errorf("of %d tries from one place %d were judged, want the 5 free ones and some few", tries, n)
		}
		// On a quick machine the last pause was a second or two, which may be over by now.
		// Six more at a minute each bring the slowest, which outlasts the next line.
		for range 6 {
			r.advance(time.Minute)
			attacker.guess(0, first, wrongPassword)
		}
		if status := attacker.guess(0, first, password); status != http.StatusUnprocessableEntity {
			t.Errorf("the right password under the brake: %d", status)
		}
		r.advance(2 * time.Minute)
		if status := attacker.guess(1, first, password); status != http.StatusSeeOther {
			t.Errorf("the right password after the brake: %d", status)
		}

		// Many places, each of which has free tries of its own.
		before = r.hashed()
		inParallel(tries, func(i int) { r.browser().guess(i, second, wrongPassword) })
		if n := r.hashed() - before; n != 100 {
			t.Errorf("of %d tries from as many places %d were judged, want the 100 of one hour", tries, n)
		}
		stranger := r.browser()
		if status := stranger.guess(0, second, password); status != http.StatusUnprocessableEntity {
			t.Errorf("the right password from a new place under the brake: %d", status)
		}
		r.advance(62*time.Minute + time.Second)
		if status := stranger.guess(1, second, password); status != http.StatusSeeOther {
			t.Errorf("the right password from a new place an hour later: %d", status)
		}
	})
}

// A list of addresses and passwords stolen elsewhere is tried from one network.
func TestRow29(t *testing.T) {
	both(t, 2, func(t *testing.T, r *rig) {
		victim := r.browser().signUp()
		attacker, before := r.browser(), r.hashed()
		const pairs = 2000
		var let atomic.Int64
		inParallel(pairs, func(i int) {
			email, pass := fmt.Sprintf("reader.%d@elsewhere.press", i), wrongPassword
			if i == pairs/2 {
				email, pass = victim, password
			}
			if attacker.guess(i, email, pass) != http.StatusUnprocessableEntity {
				let.Add(1)
			}
		})
		if n := r.hashed() - before; n != 30 {
			t.Errorf("of %d pairs %d were judged, want the 30 of ten minutes", pairs, n)
		}
		if let.Load() != 0 || attacker.signedIn() {
			t.Errorf("%d of the pairs were told from the others", let.Load())
		}
		if status := r.browser().guess(0, victim, password); status != http.StatusSeeOther {
			t.Errorf("from another network: %d", status)
		}
		r.advance(10*time.Minute + time.Second)
		if status := attacker.guess(0, victim, password); status != http.StatusSeeOther {
			t.Errorf("from the same network ten minutes later: %d", status)
		}
	})
}

// Somebody guesses on purpose, to keep the owner out.
func TestRow30(t *testing.T) {
	both(t, 2, func(t *testing.T, r *rig) {
		home := r.browser()
		email := home.signUp()
		hotel := r.browser()
		attack := func() {
			inParallel(120, func(i int) { r.browser().guess(i, email, wrongPassword) })
		}
		attack()
		if status := hotel.guess(0, email, password); status != http.StatusUnprocessableEntity {
			t.Fatalf("the attack puts no brake on: %d", status)
		}
		if status := home.neighbour().guess(1, email, password); status != http.StatusSeeOther {
			t.Errorf("the owner from a network of theirs: %d", status)
		}

		// From a place where nobody knows them, the mailbox is the proof.
		r.advance(2 * time.Minute)
		const next = "Another-Horse-8-Battery"
		hotel.resets(email, next)
		attack()
		if status := hotel.guess(0, email, next); status != http.StatusSeeOther {
			t.Errorf("the owner after a reset: %d", status)
		}

		// The attacker sits in the owner's own network: a pause, and not a long one.
		neighbour := home.neighbour()
		inParallel(40, func(i int) { neighbour.guess(i, email, wrongPassword) })
		r.advance(2*time.Minute + time.Minute + time.Second)
		if status := home.neighbour().guess(0, email, next); status != http.StatusSeeOther {
			t.Errorf("the owner beside the attacker, a minute later: %d", status)
		}
	})
}

// A client writes addresses into the headers that proxies write, to be counted as many.
func TestRow31(t *testing.T) {
	type claim func(i int) []string
	forwarded := func(format string) claim {
		return func(i int) []string {
			return []string{"X-Forwarded-For", strings.NewReplacer("N", fmt.Sprint(1+i%250), "M", fmt.Sprint(i/250), "X", fmt.Sprintf("%x", i+1)).Replace(format)}
		}
	}
	try := func(t *testing.T, r *rig, what string, n, want int, c claim) {
		b, before := r.browser(), r.hashed()
		inParallel(n, func(i int) {
			b.guess(i, fmt.Sprintf("%s.%d@elsewhere.press", strings.ReplaceAll(what, " ", "-"), i), wrongPassword, c(i)...)
		})
		if judged := r.hashed() - before; judged != want {
			t.Errorf("%s: of %d tries %d were judged, want %d", what, n, judged, want)
		}
	}
	t.Run("behind a proxy", func(t *testing.T) {
		both(t, 2, func(t *testing.T, r *rig) {
			try(t, r, "many written by the client", 1000, 30, forwarded("10.1.M.N, 203.0.113.1"))
			try(t, r, "the same behind two proxies of ours", 60, 30, forwarded("10.1.M.N, 203.0.113.2, 127.0.0.9"))
			try(t, r, "with ports", 60, 30, forwarded("203.0.113.3:6N"))
			try(t, r, "one network of IPv6", 60, 30, forwarded("2001:db8:0:1:X::X"))
			try(t, r, "many networks of IPv6", 60, 60, forwarded("2001:db8:1:X::1"))
			try(t, r, "many clients", 60, 60, forwarded("10.1.7.7, 203.0.114.N"))
			try(t, r, "other headers", 60, 30, func(i int) []string {
				at := fmt.Sprintf("192.0.2.%d", 1+i)
				return []string{"X-Forwarded-For", "203.0.113.4", "Forwarded", "for=" + at, "X-Real-Ip", at, "True-Client-Ip", at, "Cf-Connecting-Ip", at, "X-Client-Ip", at}
			})
			// Nobody knows who these are; they are one, and never without a limit.
			try(t, r, "none", 60, 30, func(int) []string { return []string{"X-Forwarded-For", ""} })
			try(t, r, "none that is an address", 60, 0, forwarded("client-N"))
			// Two lines of one header are read as one: the last is the proxy's.
			before := r.hashed()
			for i := range 40 {
				form := values("email", fmt.Sprintf("lines.%d@elsewhere.press", i), "password", wrongPassword).Encode()
				p := r.instances[i%len(r.instances)].say(t, fmt.Sprintf("POST /account/login HTTP/1.1\r\nHost: %s\r\nX-Forwarded-For: 192.0.2.%d\r\nX-Forwarded-For: 203.0.113.5\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%s", host, i+1, len(form), form))
				if p.Status != http.StatusUnprocessableEntity {
					t.Fatalf("two lines: %d", p.Status)
				}
			}
			if n := r.hashed() - before; n != 30 {
				t.Errorf("two lines: %d were judged, want 30", n)
			}
		})
	})
	t.Run("without a proxy", func(t *testing.T) {
		both(t, 2, func(t *testing.T, r *rig) {
			try(t, r, "nobody to be believed", 1000, 30, forwarded("198.51.100.N, 10.1.M.N"))
		}, withEnv("GATE_TRUSTEDPROXIES=10.0.0.0/8"))
	})
}

// Forms made to cost more to read than to send.
func TestRow32(t *testing.T) {
	both(t, 1, func(t *testing.T, r *rig) {
		email := r.browser().signUp()
		i := r.instances[0]
		const urlencoded = "application/x-www-form-urlencoded"
		head := func(kind string, more ...string) string {
			return "POST /account/login HTTP/1.1\r\nHost: " + host + "\r\nContent-Type: " + kind + "\r\n" + strings.Join(more, "\r\n") + "\r\n\r\n"
		}
		sized := func(kind, body string) string {
			return head(kind, fmt.Sprintf("Content-Length: %d", len(body))) + body
		}
		chunked := func(body string) string {
			return head(urlencoded, "Transfer-Encoding: chunked") + fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(body), body)
		}
		numbered := func(n int, format string) string {
			var b strings.Builder
			for i := range n {
				fmt.Fprintf(&b, format, i)
			}
			return b.String()
		}
		const boundary = "multipart/form-data; boundary=x"
		huge := "email=" + email + "&password=" + strings.Repeat("Aa1-", 1<<18)
		cases := []struct {
			what, request string
			status        int
		}{
			{"a password of 1 MiB", sized(urlencoded, huge), http.StatusRequestEntityTooLarge},
			{"one whose size is not said", chunked(huge), http.StatusLengthRequired},
			{"one that is announced and never comes", head(urlencoded, "Content-Length: 1048576"), http.StatusRequestEntityTooLarge},
			{"a gigabyte that is announced", head(urlencoded, "Content-Length: 1073741824") + huge, http.StatusRequestEntityTooLarge},
			{"10,000 fields", sized(urlencoded, numbered(10_000, "f%d=1&")), http.StatusRequestEntityTooLarge},
			{"as many fields as fit", sized(urlencoded, numbered(1500, "f%d=1&")), http.StatusBadRequest},
			{"nothing but ampersands", sized(urlencoded, strings.Repeat("&", 10_000)), http.StatusBadRequest},
			{"10,000 brackets", sized(urlencoded, "a"+strings.Repeat("[a]", 10_000)+"=1"), http.StatusRequestEntityTooLarge},
			{"escapes that are none", sized(urlencoded, strings.Repeat("%zz", 1000)), http.StatusBadRequest},
			// 415 says it better than 400: it is refused for its type, unread.
			{"10,000 parts", sized(boundary, numbered(10_000, "--x\r\nContent-Disposition: form-data; name=\"f%d\"\r\n\r\n1\r\n")+"--x--\r\n"), http.StatusUnsupportedMediaType},
			{"a part without an end", head(boundary, "Transfer-Encoding: chunked") + "30\r\n--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n\r\n", http.StatusLengthRequired},
			{"a header of 64 KiB", head(urlencoded, "Content-Length: 0", "X-Long: "+strings.Repeat("a", 64<<10)), http.StatusRequestHeaderFieldsTooLarge},
		}
		for _, c := range cases { // once, so that what is made at the first time is there
			i.say(t, c.request)
		}
		hashes, memory := r.hashed(), i.peakMemory(t)
		for range 20 {
			for _, c := range cases {
				p := i.say(t, c.request)
				if p.Status != c.status {
					t.Fatalf("%s: %d, want %d\n%s", c.what, p.Status, c.status, p.text())
				}
				if c.status != http.StatusRequestHeaderFieldsTooLarge && p.frameable()+p.unguarded() != "" {
					t.Errorf("%s: %s %s", c.what, p.frameable(), p.unguarded())
				}
			}
		}
		if n := r.hashed() - hashes; n != 0 {
			t.Errorf("%d of the forms were hashed", n)
		}
		if more := i.peakMemory(t) - memory; more > 32<<20 && !raced() {
			t.Errorf("%d MiB more memory", more>>20)
		}
		r.browser().enters(email, password)
	})
}

// peakMemory is the most that the process ever had, in bytes.
func (i *instance) peakMemory(t testing.TB) (bytes int) {
	t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", i.cmd.Process.Pid))
	if err != nil {
		t.Skip("only Linux tells how much memory another process had")
	}
	for line := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			fmt.Sscan(rest, &bytes)
		}
	}
	return bytes << 10
}

// Everybody logs in at once: what hashes need must not be all memory there is, and who
// cannot be served is told to come back instead of being kept.
func TestRow33(t *testing.T) {
	both(t, 1, func(t *testing.T, r *rig) {
		email := r.browser().signUp()
		i := r.instances[0]
		before := r.hashed()
		var judged, busy atomic.Int64
		const flood = 500
		browsers := make([]*browser, flood)
		for n := range browsers {
			browsers[n] = r.browser()
		}
		atOnce(flood, func(n int) {
			p, err := browsers[n].tryPost("/account/login", "email", fmt.Sprintf("reader.%d@elsewhere.press", n), "password", wrongPassword)
			switch {
			case err != nil:
				t.Error(err)
			case p.Status == http.StatusUnprocessableEntity:
				judged.Add(1)
			case p.Status == http.StatusServiceUnavailable:
				if p.told() == "busy" { // and not because the database is
					busy.Add(1)
				}
				if p.Header.Get("Retry-After") == "" || p.frameable()+p.unguarded() != "" {
					t.Errorf("503 with Retry-After %q, %s %s", p.Header.Get("Retry-After"), p.frameable(), p.unguarded())
				}
			default:
				t.Errorf("status %d", p.Status)
			}
			if n%50 == 0 { // others are served meanwhile
				if p, err := browsers[n].try(http.MethodGet, "/account/reset", nil); err != nil || p.Status != http.StatusOK {
					t.Errorf("another page: %v %v", p, err)
				}
			}
		})
		if n := int64(r.hashed() - before); n != judged.Load() {
			t.Errorf("%d hashes for %d answers", n, judged.Load())
		}
		if busy.Load() == 0 {
			t.Errorf("nobody of %d was told that there are too many", flood)
		}
		if peak := i.peakMemory(t); peak > 200<<20 && !raced() {
			t.Errorf("%d MiB of memory", peak>>20)
		}
		r.browser().enters(email, password)
		t.Logf("%d judged, %d told to come back, %d MiB", judged.Load(), busy.Load(), i.peakMemory(t)>>20)
	}, realHashes)
}

// Keyboards write the same letter in different bytes, and old hashes look at few of them.
func TestRow34(t *testing.T) {
	const long = "xK7-mQ2+" // eight signs
	eighty := strings.Repeat(long, 9) + "vR4=wZ9_"
	cases := []struct {
		what, set  string
		right      []string
		wrong      []string
		neverTaken bool
	}{
		{what: "composed, then apart", set: norm.NFC.String("Žluťoučký-kůň-77"), right: []string{norm.NFD.String("Žluťoučký-kůň-77")}, wrong: []string{"Zlutoucky-kun-77"}},
		{what: "apart, then composed", set: norm.NFD.String("Réservé-à-Ines-93"), right: []string{norm.NFC.String("Réservé-à-Ines-93")}},
		{what: "full width", set: "ＸｑＫ７－ｍＱ２＋ｖＲ４", right: []string{"XqK7-mQ2+vR4"}, wrong: []string{"xqk7-mq2+vr4"}},
		{what: "ligature", set: "xK7-ﬁ-mQ2+vR4", right: []string{"xK7-fi-mQ2+vR4"}},
		{what: "emoji", set: "xK7🦊mQ2🌲vR4🚲", right: []string{"xK7🦊mQ2🌲vR4🚲"}, wrong: []string{"xK7🦊mQ2🌲vR4🚃", "xK7🦊mQ2🌲vR4"}},
		{what: "twelve of four bytes each", set: "Aa7🦊🌲🚲🎈🧭🪁🧵🎻🏺", right: []string{"Aa7🦊🌲🚲🎈🧭🪁🧵🎻🏺"}},
		{what: "eleven in forty bytes", set: "Aa7🦊🌲🚲🎈🧭🪁🧵🎻", neverTaken: true},
		{what: "79th of 80", set: eighty, right: []string{eighty}, wrong: []string{eighty[:78] + "8" + eighty[79:], eighty[:79], eighty[:72]}},
		{what: "256", set: random256, right: []string{random256}, wrong: []string{random256[:255], random256[:72]}},
		{what: "257", set: random256 + "x", neverTaken: true},
	}
	both(t, 2, func(t *testing.T, r *rig) {
		for _, c := range cases {
			_, email := r.person()
			if c.neverTaken {
				if p := r.browser().register(email, c.set); p.Status != http.StatusUnprocessableEntity {
					t.Errorf("%s: taken: %d", c.what, p.Status)
				}
				continue
			}
			r.browser().signUpAs(email, c.set)
			for n, pass := range c.wrong {
				if status := r.browser().guess(n, email, pass); status != http.StatusUnprocessableEntity {
					t.Errorf("%s: %q: %d", c.what, pass, status)
				}
			}
			for n, pass := range c.right {
				if status := r.browser().guess(n, email, pass); status != http.StatusSeeOther {
					t.Errorf("%s: %q: %d", c.what, pass, status)
				}
			}
		}
	})
}

// random256 is a password of 256 signs that no rule finds fault with.
var random256 = func() string {
	const signs = "kQ7+vZ3=mX9-bT5_wR2?hJ8!fN4%gL6#"
	var b strings.Builder
	for n, state := 0, uint32(7); n < 256; n++ {
		state = state*1664525 + 1013904223
		b.WriteByte(signs[state>>27])
	}
	return b.String()
}()

// A rule of passwords that is not kept, or not told.
func TestRow35(t *testing.T) {
	type lack struct{ password, rule string }
	site := host
	rules := map[string][]lack{
		"composed": {
			{"Xk7-mQ2+vR4", "at least 12 characters"},
			{"xk7-mq2+vr4=", "an upper-case letter"},
			{"XK7-MQ2+VR4=", "a lower-case letter"},
			{"XkP-mQn+vRt=", "a number"},
			{"Xk7amQ2bvR4c", "a symbol, as + or ="},
			{"Xk7 mQ2+vR4=", "no spaces"},
			{"Xk7\u00a0mQ2+vR4=", "no spaces"},
			{strings.Repeat("Xk7-mQ2+vR4=", 22), "no more than 256 characters"},
			{"Password1234!", "not a password that many people use"},
			{"P@ssw0rd-2026!", "not a password that many people use"},
			{"Qwertyuiop123!", "not a password that many people use"},
			{"Kim.Rautavaara1!A", "not your name, your address or the name of this site"},
			{"!A1-Rautavaara-Kim", "not your name, your address or the name of this site"},
			{"Harbour-Gazette-1!", "not your name, your address or the name of this site"},
			{"X1!" + site, "not your name, your address or the name of this site"},
		},
		"standard": {
			{"xk7-mq2+vr4=pw", "at least 15 characters"},
			{strings.Repeat("xk7-mq2+vr4=", 22), "no more than 256 characters"},
			{"password password", "not a password that many people use"},
			{"qwertyuiopasdfgh", "not a password that many people use"},
			{"kim.rautavaara-x7", "not your name, your address or the name of this site"},
			{"x " + site, "not your name, your address or the name of this site"},
		},
	}
	all := []string{
		"at least 12 characters", "at least 15 characters", "an upper-case letter", "a lower-case letter", "a number", "a symbol, as + or =", "no spaces",
		"no more than 256 characters", "not a password that many people use", "not your name, your address or the name of this site",
	}
	good := map[string]string{"composed": "Xk7-mQ2+vR4=", "standard": "zebra nine omelette yacht"}
	for _, profile := range []string{"composed", "standard"} {
		t.Run(profile, func(t *testing.T) {
			both(t, 1, func(t *testing.T, r *rig) {
				_, unique := r.person()
				email := "kim.rautavaara+" + strings.ReplaceAll(unique, "ines.okafor.", "")
				// told are the rules that the answer says are not met.
				told := func(p *page) (found []string) {
					for _, e := range p.elements(t) {
						if e.name == "li" && e.attr["class"] == "unmet" {
							found = append(found, e.text)
						}
					}
					for _, rule := range found {
						if !strings.Contains(p.text(), "Choose another password: ") || !slices.Contains(all, rule) {
							t.Errorf("a rule that is told in no sentence: %q\n%s", rule, p.text())
						}
					}
					return found
				}
				doors := map[string]func(pass string) *page{
					"register": func(pass string) *page {
						return r.browser().fill("/account/register", "email", email, "password", pass, "name", "Kim Rautavaara", "organisation", "Harbour Gazette")
					},
				}
				judge := func(door string, lacks []lack) {
					for _, l := range lacks {
						p := doors[door](l.password)
						if got := told(p); p.Status != http.StatusUnprocessableEntity || !slices.Equal(got, []string{l.rule}) {
							t.Errorf("%s with %.40q: %d, told %q, want %q", door, l.password, p.Status, got, l.rule)
						}
						if strings.Contains(p.Body, strings.ReplaceAll(l.password, "+", "&#43;")) {
							t.Errorf("%s shows %.40q again", door, l.password)
						}
					}
				}
				judge("register", rules[profile])
				if n := len(r.mails("")); n != 0 {
					t.Errorf("%d mails", n)
				}

				// The other doors to a password, with the same rules.
				owner := r.browser()
				if p := owner.fill("/account/register", "email", email, "password", good[profile], "name", "Kim Rautavaara", "organisation", "Harbour Gazette"); p.Status != http.StatusSeeOther {
					t.Fatalf("a good one: %d %s", p.Status, p.text())
				}
				if p := owner.post("/account/verify", "code", r.code(email)); p.Status != http.StatusSeeOther {
					t.Fatalf("verify: %d %s", p.Status, p.text())
				}
				doors["change"] = func(pass string) *page {
					return owner.fill("/account/password", "old", good[profile], "password", pass)
				}
				judge("change", rules[profile])
				r.advance(2 * time.Minute)
				forgetful := r.browser()
				forgetful.readsMailbox(email)
				doors["reset"] = func(pass string) *page { return forgetful.fill("/account/reset/password", "password", pass) }
				judge("reset", rules[profile])
				r.browser().enters(email, good[profile])
				if p := forgetful.fill("/account/reset/password", "password", good[profile]+"5"); p.Status != http.StatusSeeOther {
					t.Errorf("a good one after the bad: %d %s", p.Status, p.text())
				}
				r.browser().enters(email, good[profile]+"5")
			}, with("password:\n  profile: "+profile))
		})
	}
}

// Addresses that are or look like somebody else's.
func TestRow36(t *testing.T) {
	type outcome string
	const (
		same    outcome = "the owner's"
		other   outcome = "somebody else's"
		refused outcome = "refused"
	)
	type variant struct {
		typed string
		outcome
	}
	cases := []struct {
		stored   string // N is a number of the test's
		typed    string // as it was registered
		variants []variant
	}{
		{"Kim.Okafor.N@newsdesk.press", "Kim.Okafor.N@NEWSDESK.press", []variant{
			{"kim.okafor.N@newsdesk.press", same},
			{" KIM.OKAFOR.N@Newsdesk.Press ", same},
			{"kim.okafor.N+press@newsdesk.press", other},
			{"kimokafor.N@newsdesk.press", other},
			{"kim.okafor.N@newsd\u0435sk.press", other}, // Cyrillic е
			{"\u212aim.okafor.N@newsdesk.press", refused},
			{"k\u0131m.okafor.N@newsdesk.press", refused},
			{"\uff4bim.okafor.N@newsdesk.press", refused},
			{"kim.okafor.N@newsdes\u212a.press", refused},
			{"kim.okafor.N@\uff4eewsdesk.press", refused},
			{"kim.okafor.N@newsdesk\u3002press", refused},
			{"kim.okafor.N@newsdesk.press.", refused},
			{"kim.okafor.N@xn--newsdesk-.press", refused},
			{"kim.okafor.N\u200b@newsdesk.press", refused},
			{"kim.okafor.N@newsdesk.press,eve@evil.press", refused},
			{"\"kim.okafor.N\"@newsdesk.press", refused},
		}},
		{"desk.N@xn--bcher-kva.press", "desk.N@b\u00fccher.press", []variant{
			{"DESK.N@XN--BCHER-KVA.press", same},
			{"desk.N@bu\u0308cher.press", same},
			{"desk.N@B\u00dcCHER.press", same},
			{"desk.N@bucher.press", other},
			{"d\u00ebsk.N@b\u00fccher.press", refused},
		}},
	}
	both(t, 2, func(t *testing.T, r *rig) {
		clock := time.Duration(0)
		for owners, c := range cases {
			name, _ := r.person()
			number := "." + name[strings.LastIndexByte(name, ' ')+1:]
			place := func(s string) string { return strings.Replace(s, ".N", number, 1) }
			stored := place(c.stored)
			owner := r.browser()
			if p := owner.register(place(c.typed), password); p.Status != http.StatusSeeOther {
				t.Fatalf("register: %d %s", p.Status, p.text())
			}
			if p := owner.post("/account/verify", "code", r.code(stored)); p.Status != http.StatusSeeOther {
				t.Fatalf("verify: %d %s", p.Status, p.text())
			}
			// recipients are whom doing something writes to, an hour after what was done
			// before.
			recipients := func(do func() *page, status int) (to []string) {
				clock += 61 * time.Minute
				r.advance(clock)
				before := len(r.mails(""))
				if p := do(); p.Status != status {
					t.Errorf("%d, want %d: %s", p.Status, status, p.text())
				}
				r.settled()
				for _, m := range r.mails("")[before:] {
					to = append(to, m.To)
				}
				return to
			}
			for _, v := range c.variants {
				typed := place(v.typed)
				b := r.browser()
				status, login := http.StatusSeeOther, http.StatusUnprocessableEntity
				var registered, reset []string
				switch v.outcome {
				case same:
					registered, reset, login = []string{stored}, []string{stored}, http.StatusSeeOther
				case other:
					registered = []string{strings.ReplaceAll(typed, "newsd\u0435sk", "xn--newsdsk-chg")}
				case refused:
					status = http.StatusUnprocessableEntity
				}
				if got := recipients(func() *page { return b.register(typed, password) }, status); !slices.Equal(got, registered) {
					t.Errorf("register %q: mail to %q, want %q", typed, got, registered)
				}
				if got := recipients(func() *page { return b.fill("/account/reset", "email", typed) }, status); !slices.Equal(got, reset) {
					t.Errorf("reset %q: mail to %q, want %q", typed, got, reset)
				}
				if status := r.browser().guess(0, typed, password); status != login {
					t.Errorf("log in as %q: %d, want %d", typed, status, login)
				}
			}
			if n := r.rows("accounts"); n != owners+1 {
				t.Errorf("%s: %d accounts", c.stored, n)
			}
		}
	})
}

// Somebody sits down at a browser that is logged in, or has stolen its session.
func TestRow37(t *testing.T) {
	both(t, 2, func(t *testing.T, r *rig) {
		owner := r.browser()
		email := owner.signUp()
		const next = "Another-Horse-8-Battery"

		stolen := owner.copyOf()
		for _, old := range []string{"", wrongPassword, next} {
			p := stolen.on(1).fill("/account/password", "old", old, "password", next)
			if p.Status != http.StatusUnprocessableEntity {
				t.Errorf("a new password with the old one %q: %d %s", old, p.Status, p.text())
			}
		}
		p := stolen.post("/account/password", "password", next) // without the field at all
		if p.Status != http.StatusUnprocessableEntity {
			t.Errorf("a new password without the old one: %d", p.Status)
		}
		r.browser().enters(email, password)
		if r.browser().guess(0, email, next) != http.StatusUnprocessableEntity {
			t.Error("the password was changed")
		}

		// The old password cannot be guessed there either.
		thief, before := stolen.copyOf(), r.hashed()
		const guesses = 100
		inParallel(guesses, func(i int) { thief.on(i).tryPost("/account/export", "password", fmt.Sprint(wrongPassword, i)) })
		if n := r.hashed() - before; n > 12 {
			t.Errorf("of %d guesses in a session %d were judged", guesses, n)
		}

		// What cannot be undone wants a password of these ten minutes.
		exports := func(b *browser, form ...string) bool {
			p := b.post("/account/export", form...)
			return p.Status == http.StatusOK && strings.HasPrefix(p.Header.Get("Content-Type"), "application/json") && strings.Contains(p.Body, email)
		}
		r.advance(9 * time.Minute)
		if !exports(owner.copyOf()) {
			t.Error("no export within ten minutes of the log-in")
		}
		r.advance(10 * time.Minute)
		late := owner.copyOf()
		if exports(late) || exports(late.on(1)) {
			t.Error("an export with an old session")
		}
		if p := late.post("/account/export"); !strings.Contains(p.Body, `type="password"`) {
			t.Errorf("nobody asks for the password: %d %s", p.Status, p.text())
		}
		for _, pass := range []string{"", wrongPassword} {
			if p := late.post("/account/delete", "password", pass); p.Status != http.StatusUnprocessableEntity {
				t.Errorf("delete with %q: %d", pass, p.Status)
			}
			if exports(late, "password", pass) {
				t.Errorf("an export with %q", pass)
			}
		}
		if r.rows("accounts") != 1 {
			t.Fatal("the account is gone")
		}
		if !exports(late, "password", password) || !exports(late) {
			t.Error("no export with the password")
		}
		if p := late.post("/account/delete", "password", password); p.Status != http.StatusOK || r.rows("accounts") != 0 {
			t.Errorf("no deletion with the password: %d %s", p.Status, p.text())
		}
	})
}

// Fields that no form has, and fields that a form has once.
func TestRow38(t *testing.T) {
	more := []string{
		"verified", "1", "role", "admin", "admin", "true", "user_id", "1", "id", "1", "account", "1", "key", "eve@evil.press", "Email", "eve@evil.press",
		"email[]", "eve@evil.press", "user[email]", "eve@evil.press", "blocked", "0", "password_at", "0", "code_until", "9999999999999999", "guesses", "-100", "used", "0", "kind", "register",
	}
	both(t, 2, func(t *testing.T, r *rig) {
		b := r.browser()
		_, email := r.person()
		form := append([]string{"email", email, "password", password, "name", "Ines Okafor", "organisation", "Coast Radio"}, more...)

		// Nothing of it makes an account without the code, and the mail goes to one.
		if p := b.fill("/account/register", form...); p.Status != http.StatusSeeOther && p.Status != http.StatusBadRequest {
			t.Fatalf("register: %d", p.Status)
		}
		if r.rows("accounts") != 0 || b.signedIn() {
			t.Error("an account without its code")
		}
		code := r.code(email)
		for range 5 {
			if p := b.post("/account/verify", append([]string{"code", otherCode(code, 1)}, more...)...); p.Status != http.StatusUnprocessableEntity {
				t.Errorf("a wrong code: %d", p.Status)
			}
		}
		if p := b.post("/account/verify", append([]string{"code", code}, more...)...); p.Status != http.StatusUnprocessableEntity {
			t.Errorf("the right code after five wrong ones: %d", p.Status)
		}
		if n := len(r.mails("eve@evil.press")); n != 0 {
			t.Errorf("%d mails to somebody else", n)
		}

		// Of an account only what its form shows is changed.
		owner, victim := r.browser(), r.browser()
		mine, theirs := owner.signUp(), victim.signUp()
		p := owner.fill("/account", append([]string{"name", "Kim Rautavaara", "email", theirs, "password", wrongPassword, "session", "x"}, more...)...)
		if p.Status != http.StatusSeeOther {
			t.Errorf("the profile: %d", p.Status)
		}
		r.browser().enters(mine, password)
		if r.browser().guess(0, mine, wrongPassword) == http.StatusSeeOther {
			t.Error("the profile's form changed the password")
		}
		if p := owner.get("/account"); !strings.Contains(p.Body, mine) || strings.Contains(p.Body, theirs) {
			t.Error("the profile's form changed the address")
		}

		// A reset sets the password of whom the code was for.
		r.advance(2 * time.Minute)
		owner.readsMailbox(mine)
		const next = "Another-Horse-8-Battery"
		if p := owner.post("/account/reset/password", "password", next, "email", theirs, "account", theirs, "user_id", "2"); p.Status != http.StatusSeeOther {
			t.Errorf("the new password: %d %s", p.Status, p.text())
		}
		r.browser().enters(theirs, password)
		r.browser().enters(mine, next)

		// A field that comes twice is refused, whatever the two say.
		r.settled()
		mails, hashes := len(r.mails("")), r.hashed()
		for _, c := range []struct{ path, form string }{
			{"/account/register", "email=a@newsdesk.press&email=b@newsdesk.press&name=Ines&password=" + password},
			{"/account/register", "email=a@newsdesk.press&name=Ines&password=" + password + "&password=" + password},
			{"/account/login", "email=" + theirs + "&email=" + mine + "&password=" + next},
			{"/account/login", "email=" + mine + "&password=" + next + "&password=" + wrongPassword},
			{"/account/login", "email=" + mine + "&email=" + mine + "&password=" + next},
			{"/account/reset", "email=" + theirs + "&email=eve@evil.press"},
			{"/account/reset", "email=" + theirs + "&%65mail=eve@evil.press"},
			{"/newsletter/subscribe", "email=" + theirs + "&email=eve@evil.press"},
			{"/account/logout", "return=/a&return=/b"},
		} {
			p := r.browser().request(http.MethodPost, c.path, strings.NewReader(c.form), "Content-Type", "application/x-www-form-urlencoded", "Origin", origin)
			if p.Status != http.StatusBadRequest {
				t.Errorf("%s %s: %d, want 400", c.path, c.form, p.Status)
			}
		}
		if p := r.browser().get("/account/login?return=/a&return=/b"); p.Status != http.StatusBadRequest {
			t.Errorf("a page with two ways back: %d, want 400", p.Status)
		}
		// What stands in the address is no part of a form.
		if p := r.browser().post("/account/reset?email="+theirs, "lang", "en"); p.Status != http.StatusUnprocessableEntity {
			t.Errorf("an address in the address: %d", p.Status)
		}
		if status := r.browser().post("/account/login?password="+password, "email", theirs).Status; status != http.StatusUnprocessableEntity {
			t.Errorf("a password in the address: %d", status)
		}
		r.settled()
		if len(r.mails("")) != mails || r.hashed() > hashes+1 {
			t.Errorf("%d mails and %d hashes of refused forms", len(r.mails(""))-mails, r.hashed()-hashes)
		}
	})
}
