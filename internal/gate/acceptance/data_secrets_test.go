//go:build gatetest

package acceptance

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"pressroom/internal/gate/keyring"
)

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
