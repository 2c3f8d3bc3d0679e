//go:build gatetest

package acceptance

import (
	"bufio"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite"
)

// The downloads that every rig has.
const (
	broadcast = "MC-20240527-V-0412/broadcast-1080i50"
	web720    = "MC-20240527-V-0412/web-720p"
)

// withFile adds a gated file.
func withFile(id, file string, data []byte) option {
	return func(r *rig) {
		r.addDownload(id, file, data)
		r.writeCatalogue()
	}
}

// pattern is data of which no two parts are alike, so that a part in the wrong place
// shows.
func pattern(n int) []byte {
	b := make([]byte, 0, n+16)
	for i := 0; len(b) < n; i++ {
		b = strconv.AppendInt(append(b, ' '), int64(i), 36)
	}
	return b[:n]
}

// link asks for a download and returns the signed address that it leads to.
func (b *browser) link(id string) string {
	b.rig.t.Helper()
	p := b.get("/download/" + id)
	if p.Status != http.StatusSeeOther || !strings.HasPrefix(p.to(), "/files/") {
		b.rig.t.Fatalf("/download/%s: %d %q\n%s", id, p.Status, p.to(), p.text())
	}
	return p.to()
}

// signed is a link in its parts.
type signed struct {
	Path, Account, Expires, Grant, Key, Signature string
}

func takeApart(t testing.TB, link string) signed {
	t.Helper()
	u, err := url.Parse(link)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	s := signed{Path: u.EscapedPath(), Account: q.Get("account"), Expires: q.Get("expires"), Grant: q.Get("grant"), Key: q.Get("key"), Signature: q.Get("signature")}
	if s.String() != link {
		t.Fatalf("the link %s has other parts than %s", link, s)
	}
	return s
}

func (s signed) String() string {
	return s.Path + "?account=" + s.Account + "&expires=" + s.Expires + "&grant=" + s.Grant + "&key=" + s.Key + "&signature=" + s.Signature
}

// until is the time from which on the link is refused.
func (s signed) until(t testing.TB) time.Time {
	t.Helper()
	n, err := strconv.ParseInt(s.Expires, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return time.Unix(n, 0)
}

// wire is a connection on which requests go out as they are written, and stays open as
// long as the server lets it.
type wire struct {
	t    testing.TB
	dial func() (net.Conn, error)
	conn net.Conn
	in   *bufio.Reader
}

func (i *instance) wire(t testing.TB) *wire {
	return wireTo(t, "tcp", i.public)
}

func wireTo(t testing.TB, network, addr string) *wire {
	w := &wire{t: t, dial: func() (net.Conn, error) { return net.Dial(network, addr) }}
	t.Cleanup(w.close)
	return w
}

func (w *wire) close() {
	if w.conn != nil {
		w.conn.Close()
		w.conn = nil
	}
}

// ask sends a request line and the headers, and reads the answer whole.
func (w *wire) ask(method, target string, header ...string) *page {
	w.t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: %s\r\n", method, target, host)
	for i := 0; i+1 < len(header); i += 2 {
		fmt.Fprintf(&b, "%s: %s\r\n", header[i], header[i+1])
	}
	b.WriteString("\r\n")
	// A server may close a connection that waits between two requests.
	for again := w.conn != nil; ; again = false {
		p, err := w.say(b.String(), method)
		if err == nil {
			return p
		}
		if !again {
			w.t.Fatalf("%s %s: %v", method, target, err)
		}
	}
}

func (w *wire) say(text, method string) (*page, error) {
	if w.conn == nil {
		c, err := w.dial()
		if err != nil {
			return nil, err
		}
		w.conn, w.in = c, bufio.NewReader(c)
	}
	_, err := io.WriteString(w.conn, text)
	var res *http.Response
	if err == nil {
		res, err = http.ReadResponse(w.in, &http.Request{Method: method})
	}
	var body []byte
	if err == nil {
		body, err = io.ReadAll(res.Body)
	}
	if err != nil {
		w.close()
		return nil, err
	}
	if res.Close {
		w.close()
	}
	return &page{Status: res.StatusCode, Header: res.Header, Body: string(body)}, nil
}

// same tells how two answers differ in anything but the date; "" when they do not.
func same(a, b *page) string {
	if a.Status != b.Status {
		return fmt.Sprintf("status %d and %d", a.Status, b.Status)
	}
	if a.Body != b.Body {
		return fmt.Sprintf("bodies %q and %q", a.Body, b.Body)
	}
	for _, h := range []http.Header{a.Header, b.Header} {
		for k := range h {
			if x, y := strings.Join(a.Header.Values(k), "|"), strings.Join(b.Header.Values(k), "|"); x != y && k != "Date" {
				return fmt.Sprintf("%s: %q and %q", k, x, y)
			}
		}
	}
	return ""
}

// db opens the database beside the instances, as an operator's tool or a thief does.
func (r *rig) db() *sql.DB {
	r.t.Helper()
	driver, dsn := "pgx", r.dsn
	if r.kind == "sqlite" {
		driver, dsn = "sqlite", "file:"+r.dsn+"?_pragma=busy_timeout(10000)"
	}
	db, err := sql.Open(driver, dsn)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { db.Close() })
	return db
}

// query reads rows of text. Parameters are written $1, $2.
func (r *rig) query(db *sql.DB, query string, args ...any) (found [][]string) {
	r.t.Helper()
	if r.kind == "sqlite" {
		query = strings.ReplaceAll(query, "$", "?")
	}
	rows, err := db.Query(query, args...)
	if err != nil {
		r.t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	names, err := rows.Columns()
	for err == nil && rows.Next() {
		cells, into := make([]sql.RawBytes, len(names)), make([]any, len(names))
		for i := range cells {
			into[i] = &cells[i]
		}
		err = rows.Scan(into...)
		line := make([]string, len(cells))
		for i, c := range cells {
			line[i] = string(c)
		}
		found = append(found, line)
	}
	if err = errors.Join(err, rows.Err()); err != nil {
		r.t.Fatalf("%s: %v", query, err)
	}
	return found
}

// accountOf is the id of the account of an address.
func (r *rig) accountOf(db *sql.DB, email string) string {
	r.t.Helper()
	found := r.query(db, "SELECT id FROM accounts WHERE key = $1", strings.ToLower(email))
	if len(found) != 1 {
		r.t.Fatalf("%d accounts of %s", len(found), email)
	}
	return found[0][0]
}
