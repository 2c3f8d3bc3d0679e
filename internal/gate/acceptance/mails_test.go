//go:build gatetest

package acceptance

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"pressroom/internal/gate"
	"pressroom/internal/gate/app"
	"pressroom/internal/gate/mail"
	"pressroom/internal/testkit/smtpsink"
)

// Somebody floods an address with mails, from many networks and by every form that sends
// one. It gets five in an hour and ten in a day, all forms together.
func TestRow22(t *testing.T) {
	both(t, 2, func(t *testing.T, r *rig) {
		c := r.timeline()
		email := r.browser().signUp() // its code was the first mail
		hub := r.browser()
		stranger := func() *browser { b := r.browser(); b.client = hub.client; return b }
		type holder struct {
			*browser
			way
		}
		var holders []holder // of a flow each, for new codes
		ask := func(i int) *page {
			b := stranger().on(i)
			w := ways[i%3]
			if i%2 == 1 && len(holders) > 0 {
				h := holders[i/2%len(holders)]
				b.cookies = h.twin().cookies
				p, err := b.tryPost(h.resend)
				if err != nil {
					t.Error(err)
				}
				return p
			}
			p, err := b.tryPost(w.begin, w.form(email)...)
			if err != nil {
				t.Error(err)
			} else if p.Status == http.StatusSeeOther && len(holders) < 6 {
				holders = append(holders, holder{b, w})
			}
			return p
		}
		// Nearly all at once, and then all day long.
		for i := range 20 {
			ask(i)
		}
		had := len(holders)
		if had == 0 {
			t.Fatal("no flow could be begun")
		}
		inParallel(80, func(i int) {
			if i%2 == 1 {
				ask(i) // appends nothing: these have a flow
				return
			}
			if p, err := stranger().on(i).tryPost(ways[i%3].begin, ways[i%3].form(email)...); err != nil {
				t.Error(err)
			} else if p.Status != http.StatusSeeOther && p.told() != string(gate.TooMany) {
				t.Errorf("a flood is told %d %q", p.Status, p.told())
			}
		})
		// What is asked for in one of these moments counts from then: it leaves up to a
		// minute later, or never, when a newer code takes its place before.
		type moment struct {
			at      time.Duration
			letters int
		}
		moments := []moment{{0, r.written()}}
		refused := 0
		for i := range 400 {
			if i%4 == 0 {
				c.later(15 * time.Minute)
				moments = append(moments, moment{at: c.at})
			}
			if p := ask(i); p.told() == string(gate.TooMany) {
				refused++
				if p.Status != http.StatusTooManyRequests || p.Header.Get("Retry-After") == "" {
					t.Errorf("%d without a time to come back", p.Status)
				}
			}
			if i%4 == 3 {
				last := &moments[len(moments)-1]
				last.letters = r.written()
				for _, m := range moments[:len(moments)-1] {
					last.letters -= m.letters
				}
			}
		}
		most := func(within time.Duration) (most int) {
			for i := range moments {
				n := 0
				for _, m := range moments[i:] {
					if m.at-moments[i].at < within {
						n += m.letters
					}
				}
				most = max(most, n)
			}
			return most
		}
		if hour, day := most(time.Hour), most(24*time.Hour); hour != 5 || day != 10 || refused < 250 {
			t.Errorf("%d mails in an hour and %d in a day, %d refusals: %v", hour, day, refused, moments)
		}
		c.later(10 * time.Minute)
		r.settled()
		if n, asked := len(r.mails(email)), r.written(); n > asked || n < 5 {
			t.Errorf("%d mails came, of %d", n, asked)
		}
	})
}

// Opening pages sends no mail and changes nothing, however often, with a flow pending,
// with a code passed, and logged in.
func TestRow23(t *testing.T) {
	both(t, 2, func(t *testing.T, r *rig) {
		c := r.timeline()
		jars := map[string]*browser{"nobody": r.browser(), "logged in": r.browser(), "with a code passed": r.browser()}
		member := jars["logged in"].signUp()
		for _, w := range ways {
			jars[w.name+" pending"] = r.browser()
			w.start(jars[w.name+" pending"], w.address(c))
		}
		lost := resetting.address(c)
		resetting.right(jars["with a code passed"], resetting.start(jars["with a code passed"], lost))
		c.later(gap) // so that a mail could be sent
		r.settled()
		before := r.state()
		paths := routes(t)
		paths = append(paths, "/download/"+r.downloads[0].ID)
		for _, path := range paths[:len(paths):len(paths)] {
			paths = append(paths, path+"?"+values("sent", "1", "email", member, "password", password, "code", "123456", "return", "/account/verify/resend", "form", "abc").Encode(),
				path+"?t="+strings.Repeat("a", 40))
		}
		for name, b := range jars {
			seen := map[string]bool{}
			queue := slices.Clone(paths)
			opened := 0
			for len(queue) > 0 {
				path, _, _ := strings.Cut(queue[0], "#")
				queue = queue[1:]
				if seen[path] || strings.HasPrefix(path, "/files/") {
					continue
				}
				seen[path] = true
				for i := range 3 {
					one := b.twin().on(i) // a page must not log out, or drop the flow, by being opened
					p := one.get(path)
					if len(one.cookies) < len(b.cookies) {
						t.Errorf("%s: GET %s takes a cookie away", name, path)
					}
					if i == 0 {
						opened++
						queue = append(queue, p.hrefs()...)
						if to := p.to(); strings.HasPrefix(to, "/") {
							queue = append(queue, to)
						}
					}
				}
				b.twin().request(http.MethodHead, path, nil)
				if len(seen) > 400 {
					t.Fatalf("%s: the crawl does not end: %v", name, queue)
				}
			}
			if opened < len(paths) {
				t.Errorf("%s: %d pages were opened", name, opened)
			}
		}
		r.settled()
		// A download that is asked for is granted, which makes no row that is counted here.
		if after := r.state(); after != before {
			t.Errorf("opening pages did something: before\n%safter\n%s", before, after)
		}
	})
}

// A scanner opens every link of every mail and sends the forms it finds there. No account,
// session or subscription changes by that; the person's own code works afterwards. The
// form of the unsubscribe page alone is spared: that a POST to its address is enough is
// what RFC 8058 asks for.
func TestRow24(t *testing.T) {
	both(t, 1, func(t *testing.T, r *rig) {
		c := r.timeline()
		pending := map[way]*browser{}
		code, address := map[way]string{}, map[way]string{}
		reader := r.browser()
		address[resetting] = reader.signUp()
		reader.post("/newsletter/subscribe", "language", "en")
		leaver := r.browser()
		leaver.signUp()
		if p := leaver.post("/account/password", "old", password, "password", password+"2"); p.Status != http.StatusSeeOther {
			t.Fatalf("another password: %d", p.Status)
		}
		leaver.post("/account/delete", "password", password+"2")
		c.later(gap)
		registering.start(r.browser(), address[resetting]) // brings "you have an account"
		c.later(gap)
		for _, w := range ways {
			if w != resetting {
				address[w] = w.address(c)
			}
			pending[w] = r.browser()
			code[w] = w.start(pending[w], address[w])
		}
		r.operator(func(a *app.App) error {
			content := gate.Content{"en": {{ID: "1", Title: "The harbour opens", Summary: "On Monday.", URL: origin + "/news/harbour/", Date: time.Now()}}}
			i, err := a.Gate.BeginIssue(t.Context(), content, time.Now().Add(-time.Hour), time.Now())
			if err == nil {
				_, _, err = a.Gate.QueueIssue(t.Context(), i.ID, 100, 100)
			}
			return err
		})
		for _, i := range r.instances {
			select {
			case <-i.done:
			default:
				i.post("/test/clock", "offset", c.at.String())
			}
		}
		at := r.newest()
		eventually(t, "the newsletter", func() bool {
			m := r.mails(address[resetting])
			return slices.ContainsFunc(m, func(m mail.Stored) bool { return m.Header.Get("List-Unsubscribe") != "" })
		})
		r.settled() // a mail is in the folder before it is written down as sent
		before := r.state()
		opened, unsubscribe := 0, ""
		for _, m := range r.mails("") {
			for _, no := range []string{"<form", "<script", "<img", "<iframe", "http-equiv"} {
				if strings.Contains(strings.ToLower(m.HTML), no) {
					t.Errorf("%q has %s", m.Subject, no)
				}
			}
			for _, link := range links(m) {
				path, ours := strings.CutPrefix(link, origin)
				if !ours || !strings.HasPrefix(path, "/") {
					t.Errorf("%q leads to %s", m.Subject, link)
					continue
				}
				b := r.browser().on(at)
				b.request(http.MethodHead, path, nil)
				p := b.request(http.MethodGet, path, nil)
				opened++
				if strings.HasPrefix(p.to(), "/") {
					p = b.request(http.MethodGet, p.to(), nil)
				}
				if strings.HasPrefix(path, "/newsletter/unsubscribe?t=") {
					unsubscribe = path
					continue
				}
				for _, f := range p.forms() {
					if f.method != "post" {
						continue
					}
					b.postForm(f.action, f.values)
					b.request(http.MethodPost, f.action, strings.NewReader(f.values.Encode()), "Content-Type", "application/x-www-form-urlencoded")
					f.values.Set("code", codeIn(m)) // it has read the mail, after all
					b.postForm(f.action, f.values)
				}
				for _, w := range ways {
					w.guess(b, codeIn(m))
				}
			}
		}
		if opened < 7 || unsubscribe == "" {
			t.Fatalf("only %d links were opened; unsubscribe %q", opened, unsubscribe)
		}
		if after := r.state(); after != before {
			t.Errorf("the scanner did something: before\n%safter\n%s", before, after)
		}
		if p := r.browser().on(at).logIn(address[resetting], password); p.Status != http.StatusSeeOther {
			t.Errorf("the password after the scanner: %d %q", p.Status, p.told())
		}
		for _, w := range ways { // now the person
			w.right(pending[w].on(at), code[w])
		}
		subscribed := r.rows("subscriptions")
		p := r.browser().on(at).get(unsubscribe)
		forms := p.forms()
		i := slices.IndexFunc(forms, func(f form) bool { return strings.HasPrefix(f.action, "/newsletter/unsubscribe?t=") })
		if i < 0 {
			t.Fatalf("the page of %s has no form:\n%s", unsubscribe, p.Body)
		}
		if r.browser().on(at).postForm(forms[i].action, forms[i].values); r.rows("subscriptions") != subscribed-1 {
			t.Error("the person's unsubscribing did nothing")
		}
	})
}

// Somebody puts line ends, commands and further recipients into addresses and names. They
// are refused by every form, and the server hears of one recipient and no parameter.
func TestRow25(t *testing.T) {
	sink := smtpsink.New(t, smtpsink.Options{})
	both(t, 1, func(t *testing.T, r *rig) {
		attacks := []string{"@desk.press", "a@", "a", ""}
		for _, in := range []string{
			"\r\nBcc: x@evil.press", "\nBcc: x@evil.press", "\rBcc: x@evil.press", "\r\nRCPT TO:<x@evil.press>", "%0d%0aBcc:%20x@evil.press", "\x00", "\u2028", "\u2029", "\u0085",
			"\v", "\x7f", "\u200b", "\u202e", ",x@evil.press", ";x@evil.press", " x@evil.press", ">", "> ORCPT=rfc822;x@evil.press", "> SIZE=1", "> <x@evil.press", "(x)", "\\", "\"", "[", ":x@evil.press", "@evil.press",
		} {
			attacks = append(attacks, "ana"+in+"@desk.press", "ana@desk.press"+in+".", "ana@desk.press"+in+"x", in+"ana@desk.press")
		}
		attacks = append(attacks,
			`"ana ORCPT=rfc822;x@evil.press"@desk.press`, `"ana>"@desk.press`, `"ana> RCPT TO:<x@evil.press"@desk.press`, `"ana\r\nx"@desk.press`, `"ana"@desk.press`, `"a@b"@desk.press`,
			"<ana@desk.press>", "Ana <ana@desk.press>", "ana@desk.press (Ana)", "@evil.press:ana@desk.press", "ana%evil.press@desk.press", "ana@[127.0.0.1]", "ana@[IPv6:::1]", "ana@127.0.0.1",
			"ana@desk..press", ".ana@desk.press", "ana.@desk.press", "a..na@desk.press", "ana@-desk.press", "ana@desk_.press", "ana@desk", "ana\xff@desk.press",
		)
		b := r.browser()
		before := r.state()
		for _, address := range attacks {
			for _, w := range ways {
				if p := b.post(w.begin, w.form(address)...); p.Status != http.StatusUnprocessableEntity || p.told() != string(gate.BadAddress) {
					t.Errorf("%s of %q: %d %q", w.name, address, p.Status, p.told())
				}
			}
			b.post("/account/login", "email", address, "password", password)
		}
		for _, name := range []string{"Ines\r\nBcc: x@evil.press", "Ines\nSubject: hello", "Ines\rX", "Ines\x00", "Ines\u2028X", "Ines\u2029X", "Ines\u0085X", "Ines\u202eX", "Ines\u200bX", "Ines\x1bX", "Ines\xffX", strings.Repeat("I", 121)} {
			_, email := r.person()
			for field, form := range map[string][]string{"name": {"name", name, "organisation", "x"}, "organisation": {"name", "Ines", "organisation", name}} {
				if p := b.post("/account/register", append(form, "email", email, "password", password)...); p.Status != http.StatusUnprocessableEntity || p.told() != string(gate.BadName) {
					t.Errorf("a %s %q: %d %q", field, name, p.Status, p.told())
				}
			}
		}
		if after := r.state(); after != before {
			t.Errorf("what was refused did something: before\n%safter\n%s", before, after)
		}
		// What is right goes to that one address, exactly as it was typed.
		_, email := r.person()
		for _, address := range []string{email, "O'Neil+tag=1/" + strings.ToUpper(r.kind) + "." + email} {
			if p := r.browser().register(address, password); p.Status != http.StatusSeeOther {
				t.Fatalf("register %s: %d %q", address, p.Status, p.told())
			}
			eventually(t, "the mail to "+address, func() bool {
				return slices.ContainsFunc(sink.Messages(), func(m smtpsink.Message) bool { return slices.Equal(m.To, []string{address}) })
			})
		}
		for _, e := range sink.Envelopes() {
			if len(e.To) != 1 || strings.ContainsAny(e.To[0]+e.From, "<> \r\n,;") || strings.Contains(e.To[0], "evil") || e.From != "press@meridian.test" {
				t.Errorf("the server was told of %q to %q", e.From, e.To)
			}
			for _, o := range e.ToOptions {
				if o.OriginalRecipient != "" || o.OriginalRecipientType != "" || len(o.Notify) > 0 {
					t.Errorf("a recipient with parameters: %+v", o)
				}
			}
			if o := e.FromOptions; o.Auth != nil || o.EnvelopeID != "" || o.RequireTLS {
				t.Errorf("a sender with parameters: %+v", o)
			}
		}
		for _, m := range sink.Messages() {
			head, _, _ := strings.Cut(string(m.Content), "\r\n\r\n")
			if n := strings.Count("\r\n"+head, "\r\nTo: "); n != 1 || strings.Contains(head, "Bcc") || strings.Contains(head, "Cc:") || strings.Contains(head, "evil") {
				t.Errorf("the header of a mail:\n%s", head)
			}
		}
	}, func(r *rig) {
		r.settings += fmt.Sprintf("mail: {from: press@meridian.test, smtp: {host: %s, port: %d, tls: none}}\n", sink.Host, sink.Port)
	})
}

// Somebody asks by another host's name, so that mails or redirects lead there. Requests
// for other names are refused, and what proxies add is not looked at.
func TestRow26(t *testing.T) {
	both(t, 1, func(t *testing.T, r *rig) {
		i := r.instances[0]
		const evil = "evil.attacker.press"
		// request is one with its first line and further header lines.
		request := func(line, headers, email string) string {
			body := ""
			if strings.HasPrefix(line, "POST") {
				body = values("email", email, "password", password, "name", "Ines", "return", "/videos/").Encode()
				headers += fmt.Sprintf("Origin: %s\r\nSec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n", origin, len(body))
			}
			return line + "\r\n" + headers + "X-Forwarded-For: " + r.browser().address + "\r\nConnection: close\r\n\r\n" + body
		}
		before := r.state()
		for _, of := range []struct{ target, host string }{
			{"", evil}, {"", host + "." + evil}, {"", evil + "#" + host}, {"", host + ":1234"}, {"", host + "@" + evil}, {"", host + ","}, {"", "127.0.0.1"}, {"", i.public}, {"", "localhost"},
			{"", ""}, {"", host + "\r\nHost: " + evil}, {"", evil + "\r\nHost: " + host}, {"", host + " " + evil}, {"", host + "/" + evil}, {"", "[::1]"},
			{"http://" + evil, host}, {"https://" + evil, host}, {"http://" + evil, evil},
		} {
			for _, verb := range []string{"GET", "POST"} {
				for _, path := range []string{"/account/register", "/account/reset", "/newsletter/subscribe", "/account", "/files/x", "/nothing"} {
					_, email := r.person()
					p := i.raw(t, request(verb+" "+of.target+path+" HTTP/1.1", "Host: "+of.host+"\r\n", email))
					if p.Status != http.StatusMisdirectedRequest && p.Status != http.StatusBadRequest && !(strings.HasPrefix(path, "/files") && p.Status == http.StatusForbidden) {
						t.Errorf("%s %s%s for host %q: %d", verb, of.target, path, of.host, p.Status)
					}
					if strings.Contains(p.to(), evil) || strings.Contains(p.Body, evil) {
						t.Errorf("%s %s%s for host %q leads on: %q\n%s", verb, of.target, path, of.host, p.to(), p.Body)
					}
				}
			}
		}
		if after := r.state(); after != before {
			t.Errorf("requests for other hosts did something: before\n%safter\n%s", before, after)
		}
		// For the right host, whatever else is said.
		var to []string
		for n, more := range []string{
			"", "X-Forwarded-Host: " + evil, "X-Forwarded-Host: " + evil + ", " + host, "Forwarded: host=" + evil + ";proto=http", "X-Host: " + evil, "X-Forwarded-Server: " + evil,
			"X-HTTP-Host-Override: " + evil, "X-Original-URL: https://" + evil + "/", "X-Rewrite-URL: /" + evil, "X-Forwarded-Proto: http", "X-Forwarded-Port: 81",
			"X-Forwarded-Prefix: /" + evil, "Referer: https://" + evil + "/", "Accept-Language: " + evil, "User-Agent: " + evil, "Base: https://" + evil,
		} {
			headers := "Host: " + host + "\r\n"
			if more != "" {
				headers += more + "\r\n"
			}
			for _, line := range []string{"/account/register", "http://" + host + "/account/register"} {
				_, email := r.person()
				to = append(to, email)
				p := i.raw(t, request("POST "+line+" HTTP/1.1", headers, email))
				if p.Status != http.StatusSeeOther || !strings.HasPrefix(p.to(), "/account/verify") {
					t.Errorf("%s with %q: %d %q\n%s", line, more, p.Status, p.to(), p.text())
				}
				all := p.Body + i.raw(t, request("GET /account/register?return=/videos/ HTTP/1.1", headers, "")).Body
				for name, v := range p.Header {
					all += fmt.Sprintln(name, v)
				}
				if strings.Contains(all, "attacker") {
					t.Errorf("%s with %q: the answer names the other host:\n%s", line, more, all)
				}
			}
			if n == 0 { // an absolute request line wins over the header (RFC 9112 §3.2.2)
				_, email := r.person()
				to = append(to, email)
				if p := i.raw(t, request("POST http://"+host+"/account/register HTTP/1.1", "Host: "+evil+"\r\n", email)); p.Status != http.StatusSeeOther || !strings.HasPrefix(p.to(), "/account/verify") {
					t.Errorf("an absolute request line: %d %q", p.Status, p.to())
				}
			}
		}
		for _, email := range to {
			m := r.waitMail(email, 1)
			if strings.Contains(r.source(m), "attacker") {
				t.Errorf("a mail names the other host:\n%s", r.source(m))
			}
			for _, l := range links(m) {
				if !strings.HasPrefix(l, origin+"/") {
					t.Errorf("a mail leads to %s", l)
				}
			}
		}
	})
}

// Somebody lets the newsroom's mail server tell others what they wrote: names, a way
// back, everything that a form or a browser says. No mail about an account has a word of
// it.
func TestRow27(t *testing.T) {
	const mark = "Zwrqx" // stands in all of what a visitor chooses
	both(t, 1, func(t *testing.T, r *rig) {
		c := r.timeline()
		visitor := func() *browser {
			b := r.browser()
			b.header.Set("User-Agent", mark+"/1.0 Firefox/140.0")
			b.header.Set("Accept-Language", "fr, "+mark)
			b.header.Set("Referer", origin+"/"+mark)
			return b
		}
		for n, name := range []string{
			`<a href="https://` + mark + `.press">win</a>`, "https://" + mark + ".press/", "{{.}} " + mark + " {{.Data.Code}}", "Call +1 555 " + mark, "=?utf-8?q?" + mark + "?=", `"` + mark + `" <x@` + mark + ".press>",
		} {
			more := []string{"organisation", name, "return", "/" + mark + "/?q=" + mark, "form", mark, "lang", mark, "topic", mark, "subject", mark, "message", mark}
			_, email := r.person()
			seen := 0
			with := func(pairs ...string) []string { return append(slices.Clone(more), pairs...) }
			inspect := func(kinds int) {
				t.Helper()
				r.waitMail(email, seen+kinds)
				for _, m := range r.mails(email)[seen:] {
					seen++
					source := r.source(m)
					if strings.Contains(strings.ToLower(source), strings.ToLower(mark)) {
						t.Errorf("a mail says what a visitor wrote:\n%s", source)
					}
					if m.Text == "" || m.HTML == "" {
						t.Errorf("%q has not both parts", m.Subject)
					}
				}
				c.later(gap)
			}
			member := visitor()
			member.post("/account/register", with("email", email, "name", name, "password", password)...)
			inspect(1)
			registering.right(member, codeIn(r.mails(email)[0]))
			b := visitor()
			b.post("/account/register", with("email", email, "name", name, "password", password)...)
			inspect(1)
			b = visitor()
			b.post("/account/reset", with("email", email, "name", name)...)
			inspect(1)
			if n == 0 {
				b = visitor()
				b.post("/newsletter/subscribe", with("email", email, "name", name, "language", mark)...)
				inspect(1)
			}
			member.post("/account", with("name", name, "language", mark)...)
			member.post("/account/password", with("old", password, "password", password+"2")...)
			inspect(1)
			member.post("/account/delete", with("password", password+"2")...)
			inspect(1)
			r.advance(0)
		}
	})
}
