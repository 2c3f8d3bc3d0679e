//go:build gatetest

package acceptance

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-msgauth/dkim"

	"pressroom/internal/gate"
	"pressroom/internal/testkit/smtpsink"
)

// bare is a mail program that follows RFC 8058: no cookie, no Origin, nothing of a browser.
func (r *rig) bare(at int) *browser {
	b := r.browser().on(at)
	b.header = http.Header{}
	return b
}

const (
	oneClickForm = "List-Unsubscribe=One-Click"
	// RFC 8058 §3.2 wants multipart/form-data sooner than the other.
	oneClickParts = "--b\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--b--\r\n"
)

// oneClick does what a mail program does when its reader presses "unsubscribe".
func (b *browser) oneClick(path string, parts bool, header ...string) *page {
	b.rig.t.Helper()
	kind, body := "application/x-www-form-urlencoded", oneClickForm
	if parts {
		kind, body = "multipart/form-data; boundary=b", oneClickParts
	}
	return b.request(http.MethodPost, path, strings.NewReader(body), append([]string{"Content-Type", kind}, header...)...)
}

// subscriber makes an account with a newsletter.
func (r *rig) subscriber() (*browser, string) {
	r.t.Helper()
	b := r.browser()
	email := b.signUp()
	wantStatus(r.t, "subscribe", b.post("/newsletter/subscribe", "language", "en"), http.StatusSeeOther)
	return b, email
}

func (r *rig) subscribed(db *sql.DB, email string) bool {
	r.t.Helper()
	return number(r.t, db, "SELECT COUNT(*) FROM subscriptions WHERE email = $1", email) == 1
}

var listLink = regexp.MustCompile(`^<` + origin + `(/newsletter/unsubscribe\?t=[A-Za-z0-9._~%-]+)>$`)

// The unsubscribe button of a mail program: one POST from nowhere, without a cookie, ends
// the subscription before it is answered, each time it is sent; opening the link ends
// nothing; and nobody on the way can put another link there.
func TestRow74(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"sqlite", "postgres"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			sink := smtpsink.New(t, smtpsink.Options{})
			public, private, err := ed25519.GenerateKey(rand.Reader)
			if err != nil {
				t.Fatal(err)
			}
			key, err := x509.MarshalPKCS8PrivateKey(private)
			if err != nil {
				t.Fatal(err)
			}
			keyFile := filepath.Join(t.TempDir(), "dkim.pem")
			if err := os.WriteFile(keyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}), 0o600); err != nil {
				t.Fatal(err)
			}
			r := start(t, kind, map[string]int{"sqlite": 1, "postgres": 2}[kind],
				toSink(sink, fmt.Sprintf("  dkim: {domain: meridian.test, selector: s1, keyFile: %q}", keyFile)))
			db := r.db()
			subscribe := func() (*browser, string) {
				b := r.browser()
				_, email := r.person()
				wantStatus(t, "register", b.register(email, password), http.StatusSeeOther)
				wantStatus(t, "verify", b.verify(codeIn(r.waitSunk(sink, email, 1)[0])), http.StatusSeeOther)
				wantStatus(t, "subscribe", b.post("/newsletter/subscribe", "language", "en"), http.StatusSeeOther)
				return b, email
			}
			reader, email := subscribe()
			_, other := subscribe()
			_, stays := subscribe()
			inside := r.inside(0)
			r.sendIssue(inside, "First")
			link := map[string]string{}
			for _, to := range []string{email, other, stays} {
				h := r.waitSunk(sink, to, 2)[1].Header
				m := listLink.FindStringSubmatch(h.Get("List-Unsubscribe"))
				if m == nil || h.Get("List-Unsubscribe-Post") != oneClickForm {
					t.Fatalf("headers of the newsletter: %q %q", h.Get("List-Unsubscribe"), h.Get("List-Unsubscribe-Post"))
				}
				link[to] = m[1]
			}

			// DKIM holds both fields, as they are and that there are no others.
			verify := func(content []byte) (signed []string, err error) {
				list, err := dkim.VerifyWithOptions(bytes.NewReader(content), &dkim.VerifyOptions{LookupTXT: func(domain string) ([]string, error) {
					if domain != "s1._domainkey.meridian.test" {
						return nil, fmt.Errorf("no record of %s", domain)
					}
					return []string{"v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(public)}, nil
				}})
				if err == nil && len(list) != 1 {
					err = fmt.Errorf("%d signatures", len(list))
				}
				if err != nil {
					return nil, err
				}
				for _, name := range list[0].HeaderKeys {
					signed = append(signed, strings.ToLower(name))
				}
				return signed, list[0].Err
			}
			messages := sink.Messages()
			content := messages[len(messages)-1].Content
			signed, err := verify(content)
			if err != nil || !slices.Contains(signed, "list-unsubscribe") || !slices.Contains(signed, "list-unsubscribe-post") {
				t.Errorf("DKIM: %v, over %v", err, signed)
			}
			for _, forged := range [][]byte{
				bytes.Replace(content, []byte("/newsletter/unsubscribe?t="), []byte("/newsletter/unsubscribe?T="), 1),
				bytes.Replace(content, []byte("One-Click"), []byte("Two-Click"), 1),
				append([]byte("List-Unsubscribe: <https://evil.example/>\r\n"), content...),
				append([]byte("List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"), content...),
			} {
				if _, err := verify(forged); err == nil {
					t.Errorf("the signature holds over a forged mail that begins %.80q", forged)
				}
			}

			// Looking changes nothing, whoever looks.
			for _, b := range []*browser{r.bare(0), reader} {
				for _, method := range []string{http.MethodGet, http.MethodHead} {
					p := b.request(method, link[email], nil)
					wantStatus(t, method+" of the link", p, http.StatusOK)
					if b != reader && p.Header.Get("Set-Cookie") != "" {
						t.Errorf("%s of the link sets a cookie", method)
					}
				}
			}
			if !r.subscribed(db, email) {
				t.Fatal("opening the link ended the subscription")
			}

			// From a foreign page only the token counts, not who is logged in here.
			for _, path := range []string{"/newsletter/unsubscribe", "/newsletter/unsubscribe?t=", "/newsletter/unsubscribe?t"} {
				p := reader.oneClick(path, false, "Origin", "https://evil.example", "Sec-Fetch-Site", "same-site")
				if p.Status != http.StatusForbidden || !r.subscribed(db, email) {
					t.Errorf("a foreign page sent a reader's browser to %s: %d, subscribed: %v", path, p.Status, r.subscribed(db, email))
				}
			}

			for i, c := range []struct {
				to     string
				parts  bool
				header []string
			}{{email, false, nil}, {other, true, nil}, {email, true, []string{"Origin", "https://mail.example", "Sec-Fetch-Site", "cross-site"}}, {other, false, nil}} {
				p := r.bare(i).oneClick(link[c.to], c.parts, c.header...)
				wantStatus(t, fmt.Sprintf("one click %d", i), p, http.StatusOK)
				if r.subscribed(db, c.to) { // as everybody sees it, the moment that it is answered
					t.Errorf("one click %d: still subscribed", i)
				}
				if p.Header.Get("Set-Cookie") != "" {
					t.Errorf("one click %d sets a cookie", i)
				}
			}
			r.sendIssue(inside, "Second")
			r.waitSunk(sink, stays, 3)
			r.settled()
			for to, want := range map[string]int{email: 2, other: 2, stays: 3} {
				if n := len(r.sunk(sink, to)); n != want {
					t.Errorf("%d mails to %s, want %d", n, to, want)
				}
			}
		})
	}
}

// A token that was made up or changed ends nobody's subscription, and a real one can do
// that and nothing else: it opens no account, and mails lead to the choices without any.
func TestRow75(t *testing.T) {
	both(t, 2, func(t *testing.T, r *rig) {
		db := r.db()
		_, email := r.subscriber()
		_, other := r.subscriber()
		r.sendIssue(r.inside(0), "News")
		token := func(to string) string {
			m := r.waitMail(to, 2)
			if !strings.Contains(m.Text, "Choose what we send you: "+origin+"/newsletter/subscribe\r\n") &&
				!strings.Contains(m.Text, "Choose what we send you: "+origin+"/newsletter/subscribe\n") {
				t.Errorf("the link to the choices carries something:\n%s", m.Text)
			}
			return strings.TrimPrefix(listLink.FindStringSubmatch(m.Header.Get("List-Unsubscribe"))[1], "/newsletter/unsubscribe?t=")
		}
		real, second := token(email), token(other)
		id, mac, _ := strings.Cut(real, ".")
		otherID, otherMAC, _ := strings.Cut(second, ".")

		forged := []string{
			id, id + ".", "." + mac, mac, id + "." + otherMAC, otherID + "." + mac, real + "A", real + "=", "A" + real, strings.ToUpper(real),
			real[:len(real)-1], id + "." + strings.Repeat("A", len(mac)), id + ".." + mac, real + "." + mac, "%00" + real, strings.Repeat("a", 4000),
		}
		const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
		for i := range real { // the nearest neighbour: in the last letter only a bit that decoding drops
			n := strings.IndexByte(letters, real[i])
			flipped := "x"
			if n >= 0 {
				flipped = string(letters[n^1])
			}
			forged = append(forged, real[:i]+flipped+real[i+1:])
		}
		refused := map[string]bool{}
		for i, token := range forged {
			for _, method := range []string{http.MethodGet, http.MethodPost} {
				p := r.bare(i).request(method, "/newsletter/unsubscribe?t="+token, nil, "Content-Type", "application/x-www-form-urlencoded")
				if p.Status != http.StatusUnprocessableEntity {
					t.Errorf("%s with %q: %d", method, token, p.Status)
				}
				refused[p.text()] = true
			}
		}
		if len(refused) != 1 {
			t.Errorf("refusals tell tokens apart: %q", sortedKeys(asStrings(refused)))
		}

		// What else a token could be taken for.
		b := r.browser()
		b.cookies["__Host-session"], b.cookies["__Host-flow"] = real, real
		if b.signedIn() {
			t.Error("the token is a session")
		}
		for _, path := range []string{"/account", "/account/export", "/account/downloads", "/account/sessions", "/account/delete", "/account/password", "/download/" + r.downloads[0].ID} {
			if p := b.get(path + "?t=" + real); p.Status != http.StatusSeeOther || !strings.HasPrefix(p.to(), "/account/login") {
				t.Errorf("GET %s: %d %s", path, p.Status, p.to())
			}
		}
		for path, form := range map[string][]string{
			"/account/export": {"password", real}, "/account/delete": {"password", real}, "/account": {"name", "Nobody"}, "/account/sessions": nil,
			"/account/login": {"email", email, "password", real}, "/account/verify": {"code", real}, "/newsletter/confirm": {"code", real},
			"/account/reset/verify": {"code", real}, "/account/reset/password": {"password", otherPassword},
		} {
			for _, at := range []string{path, path + "?t=" + real} {
				if p := b.post(at, append([]string{"t", real}, form...)...); p.Status != http.StatusForbidden && p.Status != http.StatusUnprocessableEntity {
					t.Errorf("POST %s: %d %s", at, p.Status, p.to())
				}
			}
		}
		for _, path := range []string{"/account/logout", "/account/delete", "/newsletter/subscribe"} { // from a foreign page the token opens no other form
			p := b.request(http.MethodPost, path+"?t="+real, strings.NewReader(""), "Content-Type", "application/x-www-form-urlencoded", "Origin", "https://evil.example")
			if p.Status != http.StatusForbidden {
				t.Errorf("POST %s from a foreign page: %d", path, p.Status)
			}
		}
		if !r.subscribed(db, email) || !r.subscribed(db, other) {
			t.Error("a forged token ended a subscription")
		}
		wantStatus(t, "the real token", r.bare(0).oneClick("/newsletter/unsubscribe?t="+real, false), http.StatusOK)
		if r.subscribed(db, email) || !r.subscribed(db, other) {
			t.Error("the real token did not end just its own subscription")
		}
	})
}

func asStrings(set map[string]bool) map[string]string {
	m := map[string]string{}
	for k := range set {
		m[k] = k
	}
	return m
}

// A stranger's address in the newsletter form gets one mail with a code. Without the code
// it is on no list, gets no other mail, and is forgotten after a day.
func TestRow76(t *testing.T) {
	both(t, 2, func(t *testing.T, r *rig) {
		db := r.db()
		attacker := r.browser()
		_, victim := r.person()
		_, willing := r.person()
		p := attacker.fill("/newsletter/subscribe", "email", victim)
		if p.Status != http.StatusSeeOther || !strings.HasPrefix(p.to(), "/newsletter/confirm") {
			t.Fatalf("subscribe: %d %s", p.Status, p.to())
		}
		code := r.code(victim)
		reader := r.browser()
		wantStatus(t, "subscribe", reader.fill("/newsletter/subscribe", "email", willing), http.StatusSeeOther)
		wantStatus(t, "confirm", reader.on(1).post("/newsletter/confirm", "code", r.code(willing)), http.StatusOK)
		if !r.subscribed(db, willing) {
			t.Error("the code did not put its address on the list")
		}
		for n := range 5 { // all guesses; and somebody else's code is a guess like any other
			wantStatus(t, "a wrong code", attacker.on(n).post("/newsletter/confirm", "code", otherCode(code, n+1)), http.StatusUnprocessableEntity)
		}
		wantStatus(t, "the code after five guesses", attacker.post("/newsletter/confirm", "code", code), http.StatusUnprocessableEntity)

		issues := 1
		send := func(later time.Duration) {
			r.sendIssue(r.inside(later), fmt.Sprint("News after ", later))
			issues++
			r.waitMail(willing, issues)
			r.settled()
			if n := len(r.mails(victim)); n != 1 || r.subscribed(db, victim) {
				t.Errorf("after %v: %d mails to who never confirmed, subscribed: %v", later, n, r.subscribed(db, victim))
			}
		}
		send(0)
		flows := func() int64 { return number(t, db, "SELECT COUNT(*) FROM flows WHERE email = $1", victim) }
		const day = 24 * time.Hour
		r.advance(day - time.Minute)
		r.purge()
		if flows() != 1 {
			t.Error("the flow was forgotten too early")
		}
		r.advance(day)
		r.purge()
		if flows() != 0 || strings.Contains(r.dump(db), victim) {
			t.Errorf("a day later the address is still there: %d flows", flows())
		}
		r.advance(8 * day)
		r.purge()
		send(8 * day)
		wantStatus(t, "the code after all that", attacker.post("/newsletter/confirm", "code", code), http.StatusUnprocessableEntity)
		if n := len(r.mails("")); n != issues+1 {
			t.Errorf("%d mails in all, want %d", n, issues+1)
		}
	})
}

// exported tells for each table what an export says of it, by the name in the file; or,
// in brackets, why it says nothing. A new table must be thought about here.
var exported = map[string]string{
	"accounts": "account", "sessions": "sessions", "familiar": "networks", "flows": "pending", "grants": "downloads",
	"subscriptions": "newsletter", "letters": "mailsWaiting", "audit": "events",
	"issues": "(news that everybody gets)", "marks": "(when something was asked for, under keyed hashes, for a day)",
	"tombstones": "(a keyed hash of an address that is gone)", "audit_head": "(the end of a chain)",
}

// Who asks gets all that is kept about them, after their password; who goes takes all of
// it along: nothing in the database, the log or a dump names them any more, no session,
// link or newsletter is left, and only a keyed hash of the address tells that it was there.
func TestRow77(t *testing.T) {
	both(t, 2, func(t *testing.T, r *rig) {
		db := r.db()
		last := len(r.instances) - 1
		b, phone, stranger := r.browser(), r.browser(), r.browser()
		_, email := r.person()
		email = "Zebedee.Quixote." + strings.TrimPrefix(email, "ines.okafor.")
		wantStatus(t, "register", b.fill("/account/register", "email", email, "password", password, "name", "Zebedee Quixote", "organisation", "Vexillum Radio"), http.StatusSeeOther)
		code := r.code(email)
		wantStatus(t, "verify", b.verify(code), http.StatusSeeOther)
		wantStatus(t, "log in", phone.logIn(email, password), http.StatusSeeOther)
		wantStatus(t, "a wrong password", stranger.logIn(email, "wrong"), http.StatusUnprocessableEntity)
		wantStatus(t, "profile", b.post("/account", "name", "Zeb Quixote-Marchbanks", "organisation", "Oriflamme Television", "language", "fr"), http.StatusSeeOther)
		wantStatus(t, "subscribe", b.post("/newsletter/subscribe", "language", "fr"), http.StatusSeeOther)
		link := b.get("/download/" + r.downloads[0].ID).to()
		wantStatus(t, "the file", r.browser().get(link), http.StatusOK)
		r.advance(61 * time.Second)
		wantStatus(t, "a reset that nobody ends", stranger.post("/account/reset", "email", email), http.StatusSeeOther)
		resetCode := codeIn(r.waitMail(email, 2))
		_, unrelated := r.subscriber()
		r.settled()

		// Export: not for a browser that was left open, nor for who does not know the
		// password.
		r.advance(11 * time.Minute)
		p := b.post("/account/export")
		if strings.Contains(p.Header.Get("Content-Type"), "json") {
			t.Fatal("an export without a password that was typed lately")
		}
		wantStatus(t, "export with a wrong password", b.post("/account/export", "password", "wrong"), http.StatusUnprocessableEntity)
		p = b.post("/account/export", "password", password)
		wantStatus(t, "export", p, http.StatusOK)
		var export map[string]json.RawMessage
		if err := json.Unmarshal([]byte(p.Body), &export); err != nil {
			t.Fatalf("%v\n%s", err, p.Body)
		}
		for _, table := range r.tables(db) {
			name, thought := exported[table]
			if !thought {
				t.Errorf("nobody has thought about the table %s", table)
			}
			if _, ok := export[name]; !ok && !strings.HasPrefix(name, "(") {
				t.Errorf("the export says nothing of %s", table)
			}
		}
		id := ""
		if err := db.QueryRow("SELECT id FROM accounts WHERE email = $1", email).Scan(&id); err != nil {
			t.Fatal(err)
		}
		for name, query := range map[string]string{
			"sessions": "SELECT COUNT(*) FROM sessions WHERE account = $1", "networks": "SELECT COUNT(*) FROM familiar WHERE account = $1",
			"downloads": "SELECT COUNT(*) FROM grants WHERE account = $1", "events": "SELECT COUNT(*) - 1 FROM audit WHERE account = $1", // but for its own
			"pending": "SELECT COUNT(*) FROM flows WHERE key = (SELECT key FROM accounts WHERE id = $1)",
		} {
			var list []json.RawMessage
			if err := json.Unmarshal(export[name], &list); err != nil || int64(len(list)) != number(t, db, query, id) || len(list) == 0 {
				t.Errorf("%s: %d in the export, %d in the database, %v", name, len(list), number(t, db, query, id), err)
			}
		}
		for _, value := range []string{email, "Zeb Quixote-Marchbanks", "Oriflamme Television", r.downloads[0].ID, `"fr"`, id} {
			if !strings.Contains(p.Body, value) {
				t.Errorf("%s is not in the export", value)
			}
		}
		if strings.Contains(p.Body, "argon2") || strings.Contains(p.Body, unrelated) {
			t.Error("the export holds the password's hash, or somebody else's address")
		}

		// Deletion.
		tokens := []string{b.cookies["__Host-session"], phone.cookies["__Host-session"], stranger.cookies["__Host-flow"]}
		fresh := b.get("/download/" + r.downloads[0].ID).to()
		wantStatus(t, "delete with a wrong password", b.post("/account/delete", "password", "wrong"), http.StatusUnprocessableEntity)
		if !phone.signedIn() || !r.subscribed(db, email) {
			t.Fatal("deleted without the password")
		}
		p = b.post("/account/delete", "password", password)
		wantStatus(t, "delete", p, http.StatusOK)
		if p.Header.Get("Clear-Site-Data") == "" {
			t.Error("the browser is not told to forget")
		}
		for n, who := range []*browser{b, phone} {
			if who.on(last - n*last).signedIn() {
				t.Errorf("browser %d is still logged in", n)
			}
		}
		if p := phone.get("/download/" + r.downloads[0].ID); strings.HasPrefix(p.to(), "/files/") {
			t.Error("a download for an account that is gone")
		}
		wantStatus(t, "log in", r.browser().logIn(email, password), http.StatusUnprocessableEntity)
		wantStatus(t, "the reset that was under way", stranger.post("/account/reset/verify", "code", resetCode), http.StatusUnprocessableEntity)
		farewell := r.waitMail(email, 3)
		if codeIn(farewell) != "" {
			t.Errorf("the last mail: %s", farewell.Subject)
		}
		operator := r.inside(11 * time.Minute)
		r.sendIssue(operator, "After all")
		operator.Store.Close() // who ends last folds the journal of SQLite into its file
		r.waitMail(unrelated, 2)
		r.settled()
		if n := len(r.mails(email)); n != 3 {
			t.Errorf("%d mails, want a code, a reset and the farewell", n)
		}
		r.advance(11*time.Minute + 5*time.Minute + 2*time.Second)
		for _, l := range []string{link, fresh} {
			wantStatus(t, "a link from before", r.browser().get(l), http.StatusForbidden)
		}

		// What is left. A link is a secret while it lives; an address of the network is
		// never written down.
		personal := []string{email, strings.ToLower(email), "Zebedee", "Quixote", "quixote", "Vexillum", "Marchbanks", "Oriflamme", b.address, phone.address, stranger.address, code, resetCode, password}
		personal = append(personal, tokens...)
		dumps := map[string][]byte{"the rows": []byte(r.dump(db))}
		for i, one := range r.instances {
			dumps[fmt.Sprint("the log of instance ", i)] = []byte(one.log.String())
		}
		inside := r.inside(0)
		if n, err := inside.VerifyAudit(context.Background()); err != nil || n == 0 {
			t.Errorf("the audit after a deletion: %d lines, %v", n, err)
		}
		if n := number(t, db, "SELECT COUNT(*) FROM tombstones"); n != 1 {
			t.Errorf("%d tombstones", n)
		}
		inside.Store.Close()
		for name, b := range r.files(db) {
			dumps[name] = b
		}
		for name, dump := range dumps {
			for _, value := range personal {
				if value == "" {
					t.Fatal("an empty value was to be looked for")
				}
				for kind, form := range map[string]string{"": value, " in base64": base64.RawStdEncoding.EncodeToString([]byte(value)), " in hex": hex.EncodeToString([]byte(value))} {
					if i := bytes.Index(dump, []byte(form)); i >= 0 && !isDigits(value) || i >= 0 && wholeNumber(dump, form, i) {
						t.Errorf("%s holds %q%s: …%q…", name, value, kind, dump[max(0, i-60):min(len(dump), i+60)])
					}
				}
			}
		}
	})
}

func isDigits(s string) bool { return strings.Trim(s, "0123456789") == "" }

// wholeNumber tells whether digits stand by themselves: times are full of others.
func wholeNumber(b []byte, s string, i int) bool {
	digit := func(i int) bool {
		return i >= 0 && i < len(b) && (b[i] >= '0' && b[i] <= '9' || b[i] >= 'a' && b[i] <= 'z' || b[i] >= 'A' && b[i] <= 'Z' || b[i] == '+' || b[i] == '/')
	}
	return !digit(i-1) && !digit(i+len(s))
}

// files are the database as it can be copied: dumps, and with SQLite the files themselves,
// for which the instance is ended.
func (r *rig) files(db *sql.DB) map[string][]byte {
	r.t.Helper()
	found := map[string][]byte{}
	if r.kind == "postgres" {
		dump, err := exec.Command("pg_dump", "--dbname="+r.dsn).Output()
		if err != nil {
			r.t.Fatalf("pg_dump: %v", err)
		}
		found["pg_dump"] = dump
		return found
	}
	read := func(path string) []byte {
		b, err := os.ReadFile(path)
		if err != nil && !os.IsNotExist(err) {
			r.t.Fatal(err)
		}
		return b
	}
	copied := filepath.Join(r.dir, "copy.db")
	alter(r.t, db, "VACUUM INTO '"+copied+"'")
	found["a copy"] = read(copied)
	db.Close()
	if err := r.instances[0].stop(); err != nil {
		r.t.Error(err)
	}
	found["the file"], found["its journal"] = read(r.dsn), read(r.dsn+"-wal")
	return found
}

// deed is something somebody does, and the lines that it leaves in the audit.
type deed struct {
	name  string
	do    func()
	lines []string // "what/result"
}

// Whatever anybody does or is refused leaves one line that says what, how it ended, whom it
// concerns and by which request; its owner sees it, and is mailed when the password changes;
// and who changes, cuts or adds a line in the database, as its owner can, is found out.
func TestRow78(t *testing.T) {
	both(t, 2, func(t *testing.T, r *rig) {
		r.addDownload("MC-20240527-V-0412/withdrawn", "old.mxf", []byte("no longer"))
		r.downloads[len(r.downloads)-1].NotAfter = time.Now().Add(-time.Hour)
		r.writeCatalogue()
		db := r.db()
		inside := r.inside(0)
		ctx := context.Background()
		b, phone, other := r.browser(), r.browser(), r.browser()
		_, email := r.person()
		_, reader := r.person()
		code, account := "", ""
		later := time.Duration(0)
		for _, i := range r.instances { // until all offer it
			eventually(t, "the catalogue to be read", func() bool { return i.metric("gate_downloads_offered") == float64(len(r.downloads)) })
		}

		deeds := []deed{
			{"register with a bad password", func() { b.register(email, "short") }, []string{"register/invalid"}},
			{"register", func() { b.register(email, password) }, []string{"register/begun"}},
			{"ask for a code too soon", func() { b.post("/account/verify/resend") }, []string{"resend/too_many"}},
			{"a code that is none", func() { b.verify("12345") }, []string{"code/code_form"}},
			{"a wrong code", func() { code = r.code(email); b.on(1).verify(otherCode(code, 1)) }, []string{"code/code_wrong"}},
			{"a code in another browser", func() { other.verify(code) }, []string{"code/flow"}},
			{"the right code", func() { b.verify(code) }, []string{"account/created"}},
			{"the right code again", func() { b.verify(code) }, []string{"code/flow"}},
			{"log in", func() { phone.logIn(email, password) }, []string{"login/ok"}},
			{"a wrong password", func() { other.logIn(email, "wrong") }, []string{"login/login"}},
			{"an address that nobody has", func() { other.logIn("nobody@newsdesk.press", "wrong") }, []string{"login/login"}},
			{"more than the brake lets through", func() {
				for range 5 {
					other.logIn(email, "wrong")
				}
			}, []string{"login/login", "login/login", "login/login", "login/login", "login/login"}},
			{"profile", func() { b.post("/account", "name", "Ines Okafor", "language", "en") }, []string{"profile/ok"}},
			{"profile without a name", func() { b.post("/account", "name", "") }, []string{"profile/invalid"}},
			{"download", func() { b.get("/download/" + r.downloads[0].ID) }, []string{"grant/ok"}},
			{"download of what is withdrawn", func() { b.get("/download/" + r.downloads[len(r.downloads)-1].ID) }, []string{"grant/no_longer"}},
			{"subscribe", func() { b.post("/newsletter/subscribe", "language", "en") }, []string{"newsletter/subscribed"}},
			{"unsubscribe", func() { b.post("/newsletter/unsubscribe") }, []string{"newsletter/unsubscribed"}},
			{"unsubscribe by a made-up token", func() { r.bare(0).oneClick("/newsletter/unsubscribe?t=x.y", false) }, []string{"newsletter/token"}},
			{"a stranger's newsletter", func() { other.post("/newsletter/subscribe", "email", reader) }, []string{"confirm/begun"}},
			{"its code", func() { other.post("/newsletter/confirm", "code", r.code(reader)) }, []string{"newsletter/subscribed"}},
			{"a password that is not the old one", func() { b.post("/account/password", "old", "wrong", "password", otherPassword) }, []string{"password/old_password"}},
			{"a new password", func() { b.post("/account/password", "old", password, "password", otherPassword) }, []string{"password/ok"}},
			{"end other sessions", func() { b.post("/account/sessions") }, []string{"sessions/ended"}},
			{"reset", func() { later = 2 * time.Minute; r.advance(later); phone.post("/account/reset", "email", email) }, []string{"reset/begun"}},
			{"the code of a reset", func() { phone.post("/account/reset/verify", "code", codeIn(r.waitMail(email, 3))) }, []string{"code/ok"}},
			{"a bad password after a reset", func() { phone.post("/account/reset/password", "password", "short") }, []string{"password/invalid"}},
			{"a password after a reset", func() { phone.post("/account/reset/password", "password", password) }, []string{"password/reset"}},
			{"log in after it", func() { b.logIn(email, password) }, []string{"login/ok"}},
			{"export", func() { b.post("/account/export") }, []string{"export/ok"}},
			{"export long after the password", func() { later += 11 * time.Minute; r.advance(later); b.post("/account/export") }, []string{"export/not_fresh"}},
			{"export with it", func() { b.post("/account/export", "password", password) }, []string{"prove/ok", "export/ok"}},
			{"an operator keeps somebody out", func() {
				a, err := inside.FindAccount(ctx, email)
				if err == nil {
					account = a.ID
					err = inside.Block(ctx, a.ID, true)
				}
				if err != nil {
					t.Fatal(err)
				}
			}, []string{"account/blocked"}},
			{"log in when blocked", func() { b.logIn(email, password) }, []string{"login/blocked"}},
			{"an operator lets somebody in", func() {
				if err := inside.Block(ctx, account, false); err != nil {
					t.Fatal(err)
				}
			}, []string{"account/unblocked"}},
			{"log in again", func() { b.logIn(email, password) }, []string{"login/ok"}},
			{"log out", func() { b.post("/account/logout") }, []string{"logout/ok"}},
		}
		last := number(t, db, "SELECT seq FROM audit_head")
		for _, d := range deeds {
			d.do()
			got := r.lines(db, last)
			last += int64(len(got))
			if !slices.Equal(got, d.lines) {
				t.Errorf("%s: %q, want %q", d.name, got, d.lines)
			}
		}
		for what, n := range map[string]int{"changed": 2} { // once by its owner, once after a reset
			r.settled()
			sum := number(t, db, "SELECT COUNT(*) FROM letters WHERE kind = $1 AND state = 'sent'", what)
			if sum != int64(n) {
				t.Errorf("%d mails about a new password, want %d", sum, n)
			}
		}

		// What stands in a line.
		logs := ""
		for _, i := range r.instances {
			logs += i.log.String()
		}
		rows, err := db.Query("SELECT seq, at, request, network FROM audit ORDER BY seq")
		if err != nil {
			t.Fatal(err)
		}
		var seq, at, before int64
		var request, network string
		for n := int64(1); rows.Next(); n++ {
			if err := rows.Scan(&seq, &at, &request, &network); err != nil {
				t.Fatal(err)
			}
			when := time.UnixMicro(at)
			if seq != n || at < before-int64(time.Hour/time.Microsecond) || when.Before(time.Now().Add(-time.Hour)) || when.After(time.Now().Add(time.Hour)) {
				t.Errorf("line %d has number %d and time %v", n, seq, when)
			}
			before = at
			if request != "operator" && !strings.Contains(logs, `"request":"`+request+`"`) {
				t.Errorf("line %d: the log knows no request %q", n, request)
			}
			if (network == "") != (request == "operator") || strings.Contains(network, "198.") {
				t.Errorf("line %d: network %q of request %q", n, network, request)
			}
		}
		if err := rows.Close(); err != nil {
			t.Fatal(err)
		}
		// Its owner sees what concerns the account, refusals too.
		b.logIn(email, password)
		export := b.post("/account/export").Body
		for _, want := range []string{`"What": "login",`, `"Result": "blocked"`, `"What": "grant",`, `"Result": "no_longer"`, `"Result": "reset"`, `"Result": "login"`} {
			if !strings.Contains(export, want) {
				t.Errorf("the export does not tell its owner %s", want)
			}
		}

		tamper(t, r, db, inside)
	})
}

// lines are the audit's, after one of them.
func (r *rig) lines(db *sql.DB, after int64) (found []string) {
	r.t.Helper()
	rows, err := db.Query("SELECT what, result FROM audit WHERE seq > $1 ORDER BY seq", after)
	if err != nil {
		r.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var what, result string
		if err := rows.Scan(&what, &result); err != nil {
			r.t.Fatal(err)
		}
		found = append(found, what+"/"+result)
	}
	return found
}

// tamper changes the audit as only the owner of the database can.
func tamper(t *testing.T, r *rig, db *sql.DB, inside *gate.Gate) {
	ctx := context.Background()
	n, err := inside.VerifyAudit(ctx)
	if err != nil || n != number(t, db, "SELECT COUNT(*) FROM audit") {
		t.Fatalf("the audit of %d lines: %v", n, err)
	}
	for _, statement := range []string{"UPDATE audit SET result = 'ok'", "DELETE FROM audit WHERE seq = 1", "DELETE FROM audit"} {
		if _, err := db.Exec(statement); err == nil {
			t.Errorf("the database lets anybody %s", statement)
		}
	}
	if r.kind == "postgres" {
		if _, err := db.Exec("TRUNCATE audit"); err == nil {
			t.Error("the database lets anybody truncate the audit")
		}
		alter(t, db, "DROP TRIGGER audit_stays ON audit")
		alter(t, db, "DROP TRIGGER audit_remains ON audit")
	} else {
		alter(t, db, "DROP TRIGGER audit_stays")
		alter(t, db, "DROP TRIGGER audit_remains")
	}
	alter(t, db, "CREATE TABLE kept AS SELECT * FROM audit")
	alter(t, db, "CREATE TABLE kept_head AS SELECT * FROM audit_head")
	const middle = 7
	for name, c := range map[string]struct {
		statements []string
		at         int64
	}{
		"another result":        {[]string{"UPDATE audit SET result = 'ok' WHERE seq = 5"}, 5},
		"another time":          {[]string{"UPDATE audit SET at = at + 1 WHERE seq = 7"}, middle},
		"another account":       {[]string{"UPDATE audit SET account = 'somebody' WHERE seq = 7"}, middle},
		"another network":       {[]string{"UPDATE audit SET network = '' WHERE seq = 7"}, middle},
		"another request":       {[]string{"UPDATE audit SET request = 'operator' WHERE seq = 7"}, middle},
		"a letter moved":        {[]string{"UPDATE audit SET what = 'cod', result = 'e' || result WHERE seq = 5"}, 5},
		"a line cut":            {[]string{"DELETE FROM audit WHERE seq = 7"}, middle},
		"the first line cut":    {[]string{"DELETE FROM audit WHERE seq = 1"}, 1},
		"the last line cut":     {[]string{fmt.Sprintf("DELETE FROM audit WHERE seq = %d", n)}, n},
		"the end cut":           {[]string{fmt.Sprintf("DELETE FROM audit WHERE seq > %d", n-10)}, n - 9},
		"all cut":               {[]string{"DELETE FROM audit"}, 1},
		"a line cut and closed": {[]string{"DELETE FROM audit WHERE seq = 7", "UPDATE audit SET seq = -seq WHERE seq > 7", "UPDATE audit SET seq = -seq - 1 WHERE seq < 0"}, middle},
		"two lines swapped":     {[]string{"UPDATE audit SET seq = -8 WHERE seq = 7", "UPDATE audit SET seq = 7 WHERE seq = 8", "UPDATE audit SET seq = 8 WHERE seq = -8"}, middle},
		"a line added":          {[]string{fmt.Sprintf("INSERT INTO audit SELECT seq + 1, at, what, result, account, subject, network, request, hash, hash FROM audit WHERE seq = %d", n)}, n + 1},
		"the end forgotten":     {[]string{"UPDATE audit_head SET seq = seq - 1"}, n},
		"another end":           {[]string{"UPDATE audit_head SET hash = NULL"}, n},
	} {
		for _, s := range c.statements {
			alter(t, db, s)
		}
		_, err := inside.VerifyAudit(ctx)
		broken, ok := err.(*gate.Broken)
		if !ok || broken.Seq != c.at {
			t.Errorf("%s: %v, want line %d", name, err, c.at)
		}
		for _, s := range []string{"DELETE FROM audit", "INSERT INTO audit SELECT * FROM kept", "DELETE FROM audit_head", "INSERT INTO audit_head SELECT * FROM kept_head"} {
			alter(t, db, s)
		}
	}
	if m, err := inside.VerifyAudit(ctx); err != nil || m != n {
		t.Errorf("put back as it was: %d lines, %v", m, err)
	}
}
