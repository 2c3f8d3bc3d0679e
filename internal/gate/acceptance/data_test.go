//go:build gatetest

package acceptance

import (
	"bytes"
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"golang.org/x/crypto/argon2"

	"pressroom/internal/gate/keyring"
	"pressroom/internal/gate/settings"
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

// flows is how many row 64 has: 300, or GATE_FLOWS.
func flows(t *testing.T) int {
	t.Helper()
	n := 300
	if s := os.Getenv("GATE_FLOWS"); s != "" {
		var err error
		if n, err = strconv.Atoi(s); err != nil || n < 4 {
			t.Fatalf("GATE_FLOWS=%s", s)
		}
	}
	return n
}

// All that is secret in so many flows is looked for in all that the gate says and keeps:
// the log with the dump of a crash, the metrics, the database and its files.
func TestRow64(t *testing.T) {
	both(t, 2, func(t *testing.T, r *rig) {
		n, s, x := flows(t), newSecrets(), r.inbox
		var live []string // session tokens that are good now
		personal := newSecrets()
		type person struct {
			b           *browser
			email, pass string
			mails       int
		}
		people, wires := make([]*person, n), r.browser().client
		for i := range people {
			name, email := r.person()
			b := r.browser().on(i)
			b.client = wires // each of their own would be a connection each
			people[i] = &person{b: b, email: email, pass: fmt.Sprintf("%06d-Horse-Battery-%d", i, 7+i%3)}
			personal.add("a name", strings.ReplaceAll(name, "Ines Okafor", "Ines-Okafor-the"))
			personal.add("an address", email)
		}
		keep := func(p *person) {
			p.b.mu.Lock()
			defer p.b.mu.Unlock()
			s.add("a flow's cookie", p.b.cookies["__Host-flow"])
			s.add("a session's cookie", p.b.cookies["__Host-session"])
		}
		// step does something for everybody, some at once. Who fails tells it.
		step := func(what string, f func(i int, p *person) error) {
			t.Helper()
			if t.Failed() {
				return
			}
			inParallel(n, func(i int) {
				if err := f(i, people[i]); err != nil {
					t.Errorf("%s, %d: %v", what, i, err)
				}
				keep(people[i])
			})
		}
		post := func(p *person, at int, want string, path string, form ...string) error {
			a, err := p.b.on(at).tryPost(path, form...)
			if err == nil && !strings.HasPrefix(fmt.Sprint(a.Status, " ", a.to()), want) {
				err = fmt.Errorf("POST %s: %d %q, want %s; %.300s", path, a.Status, a.to(), want, a.text())
			}
			return err
		}
		code := func(p *person) (string, error) {
			p.mails++
			m, err := x.next(p.email, p.mails)
			c := codeIn(m)
			if err == nil && c == "" {
				err = fmt.Errorf("no code in %q", m.Subject)
			}
			s.add("a code", c)
			return c, err
		}
		both := func(errs ...error) error {
			for _, err := range errs {
				if err != nil {
					return err
				}
			}
			return nil
		}
		// A fourth each: resets, downloads, newsletters, log-ins and changes.
		step("begin", func(i int, p *person) error {
			s.add("a password", p.pass)
			if i%4 == 2 {
				return post(p, i, "303 /newsletter/confirm", "/newsletter/subscribe", "email", p.email, "language", "en")
			}
			return post(p, i, "303 /account/verify", "/account/register", "email", p.email, "password", p.pass, "name", "Ines-Okafor-the-"+strconv.Itoa(i), "organisation", "Coast", "return", "/videos/")
		})
		step("prove", func(i int, p *person) error {
			c, err := code(p)
			if err != nil {
				return err
			}
			wrong := otherCode(c, 1+i)
			s.add("a wrong code", wrong)
			if i%4 == 2 {
				return both(post(p, i, "422", "/newsletter/confirm", "code", wrong), post(p, i+1, "200", "/newsletter/confirm", "code", c))
			}
			return both(post(p, i, "422", "/account/verify", "code", wrong), post(p, i+1, "303 /account/welcome", "/account/verify", "code", c))
		})
		const later = gap
		r.advance(later) // between two mails
		step("go on", func(i int, p *person) error {
			switch i % 4 {
			case 0:
				err := post(p, i, "303 /account/reset/verify", "/account/reset", "email", p.email)
				keep(p)
				if err != nil {
					return err
				}
				c, err := code(p)
				if err != nil {
					return err
				}
				p.pass = fmt.Sprintf("%06d-Newer-Battery-8!", i)
				s.add("a new password", p.pass)
				err = post(p, i+1, "303 /account/reset/password", "/account/reset/verify", "code", c)
				keep(p)
				return both(err, post(p, i, "303 /account/reset/done", "/account/reset/password", "password", p.pass), post(p, i, "303", "/account/login", "email", p.email, "password", p.pass))
			case 1:
				a, err := p.b.on(i).try("GET", "/download/"+web720, nil)
				if err != nil {
					return err
				}
				u, err := url.Parse(a.to())
				if err != nil || u.Query().Get("signature") == "" {
					return fmt.Errorf("no link: %d %q", a.Status, a.to())
				}
				s.add("a signature", u.Query().Get("signature"))
				file, err := p.b.on(i+1).try("GET", a.to(), nil)
				if err != nil || file.Status != http.StatusOK {
					return fmt.Errorf("the file: %v %v", err, file)
				}
				_, err = p.b.try("GET", strings.Replace(a.to(), "expires=", "expires=1", 1), nil)
				return err
			case 3:
				wrong := fmt.Sprintf("%06d-Wrong-Battery-9!", i)
				s.add("a wrong password", wrong)
				err := both(post(p, i, "303", "/newsletter/subscribe", "language", "en"), post(p, i, "303", "/account/logout"), post(p, i, "422", "/account/login", "email", p.email, "password", wrong), post(p, i, "303", "/account/login", "email", p.email, "password", p.pass))
				keep(p)
				old := p.pass
				p.pass = fmt.Sprintf("%06d-Other-Battery-8!", i)
				s.add("a changed password", p.pass)
				return both(err, post(p, i, "303 /account", "/account/password", "old", old, "password", p.pass), post(p, i, "200", "/account/export"))
			}
			return nil
		})
		// Letters that are still sealed when the database is looked at, and those of a
		// newsletter, with what ends a subscription.
		r.sendIssue(r.inside(later), "Harbour opens")
		step("unsubscribe", func(i int, p *person) error {
			if i%4 < 2 {
				return nil
			}
			for at := p.mails + 1; ; at++ { // a changed password is told by a mail besides
				m, err := x.next(p.email, at)
				if err != nil {
					return err
				}
				link := strings.Trim(m.Header.Get("List-Unsubscribe"), "<>")
				if link == "" {
					continue
				}
				u, err := url.Parse(link)
				if err != nil || u.Query().Get("t") == "" {
					return fmt.Errorf("List-Unsubscribe: %q", link)
				}
				_, proof, _ := strings.Cut(u.Query().Get("t"), ".") // the other part names the row
				s.add("an unsubscribe token", u.Query().Get("t"))
				s.add("the proof of an unsubscribe token", proof)
				page, err := p.b.try("GET", u.RequestURI(), nil)
				if err != nil || page.Status != http.StatusOK {
					return fmt.Errorf("GET: %v %v", err, page)
				}
				if i%8 < 4 {
					page, err = p.b.try("POST", u.RequestURI(), strings.NewReader("List-Unsubscribe=One-Click"), "Content-Type", "application/x-www-form-urlencoded")
					if err != nil || page.Status != http.StatusOK {
						return fmt.Errorf("POST: %v %v", err, page)
					}
				}
				return nil
			}
		})
		if t.Failed() {
			return
		}
		for i, p := range people {
			if i%4 != 2 {
				p.b.mu.Lock()
				live = append(live, p.b.cookies["__Host-session"])
				p.b.mu.Unlock()
			}
		}
		for i := range 10 { // flows that are under way
			_, email := r.person()
			b := r.browser()
			b.register(email, fmt.Sprintf("%06d-Waits-Battery-8!", i))
			s.add("a password", fmt.Sprintf("%06d-Waits-Battery-8!", i))
			s.add("a code", codeIn(r.waitMail(email, 1)))
			keep(&person{b: b})
			b.fill("/account/reset", "email", people[1+4*i].email) // of somebody else: waits for its time
			keep(&person{b: b})
		}
		keys, err := keyring.Load(filepath.Join(r.dir, "data", "keys"))
		if err != nil {
			t.Fatal(err)
		}
		s.add("the master key", base64.StdEncoding.EncodeToString(keys.Master))
		for _, k := range keys.Signing() {
			s.add("a signing key", base64.StdEncoding.EncodeToString(k.Secret))
		}

		// What the gate says and keeps.
		hay := map[string]string{}
		for i, one := range r.instances {
			res, err := http.Get("http://" + one.admin + "/metrics")
			if err != nil {
				t.Fatal(err)
			}
			text, err := io.ReadAll(res.Body)
			res.Body.Close()
			if err != nil {
				t.Fatal(err)
			}
			// Values are numbers; a code could be one of them by chance.
			hay[fmt.Sprintf("the metrics of %d", i)] = regexp.MustCompile(`(?m) [^ \n]+$`).ReplaceAllString(string(text), "")
		}
		db := r.db()
		dump := r.dump(db)
		// So could the numbers of these columns.
		hay["the database"] = regexp.MustCompile(` (seq|bytes|lease|at|created|until|last)=[0-9A-Za-z/-]+`).ReplaceAllString(dump, "")
		if r.kind == "sqlite" {
			for _, name := range []string{r.dsn, r.dsn + "-wal", r.dsn + "-shm"} {
				b, err := os.ReadFile(name)
				if err != nil {
					t.Fatal(err)
				}
				if d := (&secrets{long: s.long}).find(string(b)); len(d) > 0 {
					t.Errorf("%s has %v", name, d)
				}
			}
		}
		times := regexp.MustCompile(`"time":"[^"]*",`)
		for i, one := range r.instances {
			one.cmd.Process.Signal(syscall.SIGQUIT) // the crash
			<-one.done
			log := one.log.String()
			if !strings.Contains(log, "goroutine ") {
				t.Error("the crash left no dump")
			}
			hay[fmt.Sprintf("the log of %d", i)] = times.ReplaceAllString(log, "")
		}
		for where, text := range hay {
			if len(text) < 1000 {
				t.Errorf("%s: only %d bytes", where, len(text))
			}
			for what, around := range s.find(text) {
				t.Errorf("%s has %s: %s", where, what, around)
			}
			if where != "the database" {
				for what, around := range personal.find(text) {
					t.Errorf("%s has %s: %s", where, what, around)
				}
			}
		}
		// The control: the search finds what is there, and what is looked through is what
		// the tokens are kept in.
		if found := s.find("x " + people[0].pass + " y"); len(found) != 1 {
			t.Errorf("the search does not find a password: %v", found)
		}
		hashes := newSecrets()
		for _, token := range live {
			sum := sha256.Sum256([]byte(token))
			hashes.add("a hash "+token[:8], base64.StdEncoding.EncodeToString(sum[:]))
		}
		if found := hashes.find(dump); len(found) != len(live) {
			t.Errorf("%d of %d live sessions are in the dump by their hash", len(found), len(live))
		}
		t.Logf("%d secrets of %d flows", s.number(), n)
	}, with("limits: {mailAll: 1000000 per hour, guessesAll: 100000 per hour}"))
}

// Somebody has the database and not the keys: no code can be computed from it, and nothing
// that stands in it opens anything.
func TestRow65(t *testing.T) {
	both(t, 1, func(t *testing.T, r *rig) {
		owner := r.browser()
		email := owner.signUp()
		owner.post("/newsletter/subscribe", "language", "en")
		owner.link(broadcast)
		asking, resetting := r.browser(), r.browser()
		_, asked := r.person()
		asking.register(asked, password)
		code := r.code(asked)
		r.advance(gap)
		resetting.fill("/account/reset", "email", email)
		reset := codeIn(r.waitMail(email, 2))
		if len(code) != 6 || len(reset) != 8 {
			t.Fatalf("codes %q and %q", code, reset)
		}

		// The thief's copy.
		db := r.db()
		type cell struct{ table, column, value string }
		var cells []cell
		for _, table := range r.tables(db) {
			rows, err := db.Query("SELECT * FROM " + table)
			if err != nil {
				t.Fatal(err)
			}
			columns, _ := rows.Columns()
			for rows.Next() {
				got := make([]any, len(columns))
				for i := range got {
					got[i] = new(any)
				}
				if err := rows.Scan(got...); err != nil {
					t.Fatal(err)
				}
				for i, v := range got {
					switch v := (*v.(*any)).(type) {
					case []byte:
						cells = append(cells, cell{table, columns[i], string(v)})
					case string:
						cells = append(cells, cell{table, columns[i], v})
					}
				}
			}
			if err := rows.Close(); err != nil {
				t.Fatal(err)
			}
		}
		flow := r.query(db, "SELECT id, code, generation, email FROM flows WHERE kind = 'register' AND email = $1", asked)
		if len(flow) != 1 {
			t.Fatalf("%d flows of %s", len(flow), asked)
		}
		id, phc := flow[0][0], flow[0][1]
		flowOfReset := r.query(db, "SELECT id, code, generation, email FROM flows WHERE kind = 'reset' AND email = $1", email)
		if len(flowOfReset) != 1 {
			t.Fatalf("%d flows of a reset", len(flowOfReset))
		}

		// Everything that a code could be a hash in: values as they are, and decoded.
		targets := map[string]cell{}
		for _, c := range cells {
			if c.table == "audit" || c.table == "audit_head" { // chained hashes of lines
				continue
			}
			for _, part := range append(strings.Split(c.value, "$"), c.value) {
				for _, decode := range []func(string) ([]byte, error){
					func(s string) ([]byte, error) { return []byte(s), nil }, hex.DecodeString, base64.RawStdEncoding.DecodeString, base64.RawURLEncoding.DecodeString, base64.StdEncoding.DecodeString,
				} {
					if b, err := decode(part); err == nil && len(b) >= 16 {
						targets[string(b[:16])] = c
					}
				}
			}
		}
		if len(targets) < 20 {
			t.Fatalf("only %d values", len(targets))
		}
		salted := func(c string) [][]byte {
			return [][]byte{[]byte(c), []byte(id + c), []byte(hex.EncodeToString([]byte(id)) + c), []byte(asked + c), []byte(c + asked), []byte(asked + ":" + c)}
		}
		// try computes what a thief without the key can, and returns where one fits: for the
		// whole space what is usual, for one code all that comes to mind.
		try := func(targets map[string]cell, c string, whole bool) *cell {
			if whole {
				for _, b := range []string{c, id + c, asked + c, asked + ":" + c} {
					h := sha256.Sum256([]byte(b))
					if hit, ok := targets[string(h[:16])]; ok {
						return &hit
					}
				}
				return nil
			}
			for _, b := range salted(c) {
				h256, h1, h5, h512 := sha256.Sum256(b), sha1.Sum(b), md5.Sum(b), sha512.Sum512(b)
				for _, h := range [][]byte{h256[:16], h1[:16], h5[:16], h512[:16]} {
					if hit, ok := targets[string(h)]; ok {
						return &hit
					}
				}
			}
			m := hmac.New(sha256.New, []byte(id))
			m.Write([]byte(c))
			if hit, ok := targets[string(m.Sum(nil)[:16])]; ok {
				return &hit
			}
			return nil
		}
		var tried atomic.Int64
		var all sync.WaitGroup
		workers := runtime.GOMAXPROCS(0)
		for w := range workers {
			all.Go(func() {
				for n := w; n < 1_000_000; n += workers {
					if hit := try(targets, fmt.Sprintf("%06d", n), true); hit != nil {
						t.Errorf("%06d fits %s.%s", n, hit.table, hit.column)
						return
					}
					tried.Add(1)
				}
			})
		}
		all.Wait()
		t.Logf("%d codes tried on %d values", tried.Load(), len(targets))
		for _, c := range []string{code, reset} {
			if hit := try(targets, c, false); hit != nil {
				t.Errorf("a code of %d digits fits %s.%s", len(c), hit.table, hit.column)
			}
		}
		plain := sha256.Sum256([]byte(asked + ":" + code))
		if control := map[string]cell{string(plain[:16]): {}}; try(control, code, true) == nil || try(control, code, false) == nil {
			t.Error("the control: a plain hash would not be found")
		}

		// And through the slow hash itself. Only the right code could fit; the others are
		// tried by the benchmarks.
		slow := func(phc, c, flow string) bool {
			parts := strings.Split(phc, "$")
			var m, p uint32
			var threads uint8
			if len(parts) != 6 || parts[1] != "argon2id" {
				t.Fatalf("a code is kept as %q", phc)
			}
			fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &m, &p, &threads)
			salt, err := base64.RawStdEncoding.DecodeString(parts[4])
			key, err2 := base64.RawStdEncoding.DecodeString(parts[5])
			if err != nil || err2 != nil {
				t.Fatalf("a code is kept as %q", phc)
			}
			return bytes.Equal(argon2.IDKey([]byte(c), salt, p, m, threads, uint32(len(key))), key)
		}
		for _, c := range []struct{ phc, id, code string }{{phc, id, code}, {flowOfReset[0][1], flowOfReset[0][0], reset}} {
			for _, b := range salted(c.code) {
				if slow(c.phc, string(b), c.id) {
					t.Errorf("a code of %d digits is kept without the key", len(c.code))
				}
			}
			nothing := hmac.New(sha256.New, nil)
			nothing.Write([]byte(c.code))
			if slow(c.phc, base64.RawStdEncoding.EncodeToString(nothing.Sum(nil)), c.id) {
				t.Error("a code is kept under no key")
			}
		}
		if os.Getenv("GATE_TIMING") != "" {
			for w := range workers {
				all.Go(func() {
					for n := w; n < 1_000_000; n += workers {
						if slow(phc, fmt.Sprintf("%06d", n), id) {
							t.Errorf("%06d is the code", n)
						}
					}
				})
			}
			all.Wait()
		}

		// Whatever stands in it is no key to anything.
		r.advance(gap)
		thief := r.browser()
		seen := map[string]bool{}
		for _, c := range cells {
			if len(c.value) < 8 || len(c.value) > 400 {
				continue
			}
			for _, token := range []string{
				c.value, hex.EncodeToString([]byte(c.value)), base64.RawURLEncoding.EncodeToString([]byte(c.value)), base64.StdEncoding.EncodeToString([]byte(c.value)),
			} {
				if seen[token] || strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r >= 0x7f || strings.ContainsRune(`";,\`, r) }) {
					continue
				}
				seen[token] = true
				p := thief.get("/account/session", "Cookie", "__Host-session="+token)
				if strings.Contains(p.Body, `"signedIn":true`) {
					t.Fatalf("%s.%s is a session", c.table, c.column)
				}
				if c.column == "id" || c.table == "flows" || c.table == "sessions" {
					for path, pending := range map[string]string{"/account/verify": asked, "/account/reset/verify": email} {
						if p := thief.get(path, "Cookie", "__Host-flow="+token); strings.Contains(p.Body, pending) {
							t.Fatalf("%s.%s is a flow", c.table, c.column)
						}
					}
					if p := thief.get("/newsletter/unsubscribe?t=" + url.QueryEscape(token)); p.Status < 400 {
						t.Fatalf("%s.%s ends a subscription", c.table, c.column)
					}
				}
			}
		}
		// The control: what the browsers have is.
		if !owner.signedIn() || !strings.Contains(asking.get("/account/verify").Body, asked) {
			t.Error("the owner's cookies are no keys either")
		}
		if p := asking.post("/account/verify", "code", code); p.Status != http.StatusSeeOther {
			t.Errorf("the code itself: %d %s", p.Status, p.text())
		}
	})
	// What is kept costs as much as is said.
	t.Run("costs", func(t *testing.T) {
		t.Parallel()
		r := start(t, "sqlite", 1, realHashes)
		b := r.browser()
		b.signUp()
		_, email := r.person()
		b = r.browser()
		b.register(email, password)
		db := r.db()
		for query, want := range map[string]string{
			"SELECT password FROM accounts":             "$argon2id$v=19$m=19456,t=2,p=1$",
			"SELECT password FROM flows WHERE used = 0": "$argon2id$v=19$m=19456,t=2,p=1$",
			"SELECT code FROM flows WHERE used = 0":     "$argon2id$v=19$m=7168,t=1,p=1$",
		} {
			rows := r.query(db, query)
			if len(rows) == 0 {
				t.Errorf("%s: nothing", query)
			}
			for _, row := range rows {
				if !strings.HasPrefix(row[0], want) {
					t.Errorf("%s: %.40s, want %s", query, row[0], want)
				}
			}
		}
	})
}

// programs are cmd/gate as it is shipped, and with the tag of these tests.
var programs = sync.OnceValues(func() (map[string]string, error) {
	dir, err := os.MkdirTemp("", "gate-programs-")
	if err != nil {
		return nil, err
	}
	found := map[string]string{}
	for name, args := range map[string][]string{"shipped": nil, "test": {"-tags", "gatetest"}} {
		found[name] = filepath.Join(dir, name)
		args = append(append([]string{"build"}, args...), "-o", found[name], "pressroom/cmd/gate")
		if out, err := exec.Command("go", args...).CombinedOutput(); err != nil {
			return nil, fmt.Errorf("build cmd/gate: %w\n%s", err, out)
		}
	}
	return found, nil
})

// What operators and tests look at is not there for the world: the public listener answers
// none of it, the other one is on loopback, and the program that is shipped has neither
// clock nor fault points.
func TestRow66(t *testing.T) {
	t.Parallel()
	found, err := programs()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(filepath.Dir(found["shipped"])) })
	t.Run("program", func(t *testing.T) {
		t.Parallel()
		for name, has := range map[string]bool{"shipped": false, "test": true} {
			symbols, err := exec.Command("go", "tool", "nm", found[name]).Output()
			if err != nil {
				t.Fatal(err)
			}
			content, err := os.ReadFile(found[name])
			if err != nil {
				t.Fatal(err)
			}
			for _, symbol := range []string{"pressroom/internal/gate.armed", "pressroom/internal/gate/app.moved"} {
				if bytes.Contains(symbols, []byte(symbol+"\n")) != has {
					t.Errorf("the %s program: symbol %s: %v, want %v", name, symbol, !has, has)
				}
			}
			for _, text := range []string{"/test/clock", "/test/purge", "/test/settled", "/test/fault", "GATE_TEST_"} {
				if bytes.Contains(content, []byte(text)) != has {
					t.Errorf("the %s program: %q: %v, want %v", name, text, !has, has)
				}
			}
			if bytes.Contains(symbols, []byte(" net/http/pprof.")) {
				t.Errorf("the %s program has pprof", name)
			}
		}
	})
	if d := settings.Default(t.TempDir()); !strings.HasPrefix(d.Admin, "127.0.0.1:") || !strings.HasPrefix(d.Listen, "127.0.0.1:") {
		t.Errorf("listens at %s and %s by default", d.Listen, d.Admin)
	}
	inside := []string{"/metrics", "/healthz", "/readyz", "/debug/pprof", "/debug/pprof/", "/debug/pprof/heap", "/debug/pprof/profile?seconds=1", "/debug/pprof/cmdline", "/debug/vars", "/test/clock", "/test/clock?offset=1h", "/test/purge", "/test/settled", "/test/fault?point=x", "/_outbox/", "/admin", "/status", "/server-status", "/stats", "/health", "/live", "/ready", "/version", "/env", "/actuator", "/.git/config", "/api", "/swagger.json", "/config", "/outbox", "/users", "/audit", "/keys"}
	scan := func(t *testing.T, r *rig, public, admin string, shipped bool) {
		t.Helper()
		w := wireTo(t, "tcp", public)
		none := w.ask("GET", "/none")
		for _, method := range []string{"GET", "HEAD", "POST", "OPTIONS"} {
			for _, path := range inside {
				for _, target := range []string{path, "/" + path, "/account/.." + path, path + "/", "http://" + host + path, "http://" + admin + path} {
					p := w.ask(method, target, "Content-Length", "0")
					if p.Status != http.StatusNotFound && p.Status != http.StatusMisdirectedRequest {
						t.Errorf("public: %s %s: %d %.200s", method, target, p.Status, p.text())
					}
					if strings.Contains(p.Body, "gate_") || strings.Contains(p.Body, "goroutine") {
						t.Errorf("public: %s %s: %.300s", method, target, p.Body)
					}
				}
			}
		}
		if p := w.ask("GET", "/metrics"); p.Status != none.Status || p.text() != none.text() {
			t.Errorf("public: /metrics is told apart from what is not there: %d and %d", p.Status, none.Status)
		}
		if address, _, _ := net.SplitHostPort(admin); address != "127.0.0.1" {
			t.Errorf("the operators' listener is at %s", admin)
		}
		a := wireTo(t, "tcp", admin)
		for path, want := range map[string]int{"/metrics": 200, "/healthz": 200, "/readyz": 200, "/debug/pprof/": 404, "/debug/vars": 404, "/account": 404, "/account/login": 404, "/files/none": 404} {
			if p := a.ask("GET", path); p.Status != want {
				t.Errorf("operators: %s: %d, want %d", path, p.Status, want)
			}
		}
		for path, want := range map[string]int{"/test/clock?offset=0s": 200, "/test/purge": 200, "/test/fault?point=none": 200} {
			if shipped {
				want = http.StatusNotFound
			}
			if p := a.ask("POST", path, "Content-Length", "0"); p.Status != want {
				t.Errorf("operators: POST %s: %d, want %d", path, p.Status, want)
			}
		}
	}
	for _, kind := range []string{"sqlite", "postgres"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			r := start(t, kind, 1)
			scan(t, r, r.instances[0].public, r.instances[0].admin, false)
			// The shipped program on the same site.
			log := &buffer{}
			cmd := exec.Command(found["shipped"], "serve", "--config", filepath.Join(r.dir, "gate.yaml"))
			cmd.Stderr = log
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				cmd.Process.Kill()
				cmd.Wait()
			})
			var at struct{ Public, Admin string }
			eventually(t, "the shipped gate to listen", func() bool {
				for line := range strings.Lines(log.String()) {
					if strings.Contains(line, `"listening"`) {
						return json.Unmarshal([]byte(line), &at) == nil
					}
				}
				return false
			})
			scan(t, r, at.Public, at.Admin, true)
		})
	}
}
