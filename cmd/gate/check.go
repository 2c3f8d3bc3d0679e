package main

import (
	"context"
	"crypto/tls"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/spf13/pflag"

	"pressroom/internal/catalogue"
	"pressroom/internal/command"
	"pressroom/internal/gate/files"
	"pressroom/internal/gate/keyring"
	"pressroom/internal/gate/mail"
	"pressroom/internal/gate/settings"
)

func checkVerb() *verb {
	return &verb{
		Name: "check", Short: "say whether the gate could serve, and change nothing",
		Long: `Reads gate.yaml and opens what it names: the keys, the database, the folder that
"press build" writes, the masters of all downloads in it, the mail server, the mail
templates. Nothing is made, migrated or sent; what "gate serve" will make by itself is
only noted.`,
		Flags: func(fs *pflag.FlagSet, o *options) {
			bindConfig(fs, o)
			bindJSON(fs, o)
		},
		Run: runCheck,
	}
}

// patience is how long a check waits for somebody else's server.
const patience = 10 * time.Second

// finding is what one check came to, as --json prints it.
type finding struct {
	What  string `json:"what"`
	State string `json:"state"` // ok, note or wrong
	Text  string `json:"text"`
}

// checks collects findings.
type checks struct {
	ctx  context.Context
	s    *settings.Settings
	list []finding
}

func (k *checks) ok(what, format string, args ...any) { k.add(what, "ok", format, args...) }
func (k *checks) note(what, format string, args ...any) {
	k.add(what, "note", format, args...)
}
func (k *checks) wrong(what, format string, args ...any) {
	k.add(what, "wrong", format, args...)
}

func (k *checks) add(what, state, format string, args ...any) {
	k.list = append(k.list, finding{what, state, fmt.Sprintf(format, args...)})
}

func runCheck(c *call) error {
	if len(c.Args) > 0 {
		return c.Surplus(c.Args[0])
	}
	s, err := load(c, true)
	if err != nil {
		return err
	}
	k := &checks{ctx: c.Ctx, s: s, list: []finding{}}
	k.keys()
	k.database()
	k.masters(k.site())
	k.mail()
	if err := c.Ctx.Err(); err != nil {
		return err
	}
	verdict := error(nil)
	var rows [][]string
	for _, f := range k.list {
		if f.State == "wrong" {
			verdict = command.ErrContent
		}
		rows = append(rows, []string{f.State, f.What, f.Text})
	}
	if c.Options.json {
		err = command.JSON(c.Stdout, k.list)
	} else {
		err = command.Table(c.Stdout, []string{"STATE", "WHAT", ""}, rows)
	}
	return errors.Join(err, verdict)
}

func (k *checks) keys() {
	f, err := keyring.Load(k.s.KeysFile)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		k.note("keys", "there is no %s; serve makes it", k.s.KeysFile)
	case err != nil:
		k.wrong("keys", "%s", err)
	case f.List(time.Now())[0].State == keyring.Over:
		k.wrong("keys", "no key of %s is in force: gate keys rotate", k.s.KeysFile)
	default:
		k.ok("keys", "%s", k.s.KeysFile)
	}
}

func (k *checks) database() {
	ctx, cancel := context.WithTimeout(k.ctx, patience)
	defer cancel()
	if postgres(k.s.Database) {
		name := withoutPassword(k.s.Database)
		conn, err := pgx.Connect(ctx, k.s.Database)
		if err != nil {
			k.wrong("database", "%s: %s", name, err) // pgx leaves the password out
			return
		}
		defer conn.Close(ctx)
		var version string
		if err := conn.QueryRow(ctx, "SHOW server_version").Scan(&version); err != nil {
			k.wrong("database", "%s: %s", name, err)
			return
		}
		k.ok("database", "%s, PostgreSQL %s", name, version)
		return
	}
	if _, err := os.Stat(k.s.Database); errors.Is(err, fs.ErrNotExist) {
		k.note("database", "there is no %s; serve makes it", k.s.Database)
		return
	}
	// Without its journal the file is all there is, and opening it leaves nothing behind.
	query := "mode=ro"
	if _, err := os.Stat(k.s.Database + "-wal"); errors.Is(err, fs.ErrNotExist) {
		query += "&immutable=1"
	}
	var accounts int64
	err := inDatabase(k.s.Database, query, func(db *sql.DB) error {
		if err := whole(ctx, db); err != nil {
			return err
		}
		return db.QueryRowContext(ctx, "SELECT COUNT(*) FROM accounts").Scan(&accounts)
	})
	if err != nil {
		k.wrong("database", "%s: %s", k.s.Database, err)
		return
	}
	k.ok("database", "%s, %d accounts", k.s.Database, accounts)
}

// site reads what press build wrote, and returns the catalogue.
func (k *checks) site() *catalogue.File {
	f, err := siteFrame(k.s)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		k.note("site", "there is no frame.json in %s; press build writes it", k.s.Closed)
	case err != nil:
		k.wrong("site", "%s", err)
	case f.BaseURL != k.s.BaseURL:
		k.wrong("site", "it is built for %s, the gate is for %s", f.BaseURL, k.s.BaseURL)
	default:
		k.ok("site", "%s, %d languages", f.Languages[0].Frame.Title, len(f.Languages))
	}
	path := filepath.Join(k.s.Closed, "catalogue.json")
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		k.note("catalogue", "there is no %s; press build writes it", path)
		return nil
	}
	var list *catalogue.File
	if err == nil {
		list, err = catalogue.Decode(b)
	}
	if err != nil {
		k.wrong("catalogue", "%s: %s", path, err)
		return nil
	}
	k.ok("catalogue", "%d downloads", len(list.Downloads))
	return list
}

// masters looks for every master in the folder, or for one in the store.
func (k *checks) masters(list *catalogue.File) {
	if k.s.Masters.S3 != nil {
		k.store(list)
		return
	}
	dir := k.s.Masters.Folder
	local, err := files.OpenLocal(dir, k.s.Masters.Accel)
	if errors.Is(err, fs.ErrNotExist) && (list == nil || len(list.Downloads) == 0) {
		k.note("masters", "there is no folder %s", dir)
		return
	}
	if err != nil {
		k.wrong("masters", "%s", err)
		return
	}
	defer local.Close()
	if list == nil {
		return
	}
	missing := 0
	for _, d := range list.Downloads {
		m, err := local.Open(d, time.Time{}, time.Time{})
		if err != nil {
			missing++
			k.wrong("masters", "%s", err)
			continue
		}
		m.Close()
	}
	if missing == 0 {
		k.ok("masters", "%s, all %d are there", dir, len(list.Downloads))
	}
}

// store asks the object store for the first byte of the first master: the address, the
// credentials and the clock are then right.
func (k *checks) store(list *catalogue.File) {
	s3 := k.s.Masters.S3
	masters, err := s3.Masters()
	if err != nil {
		k.wrong("masters", "%s", err)
		return
	}
	if list == nil || len(list.Downloads) == 0 {
		k.note("masters", "%s, bucket %s; nothing to ask it for", s3.Endpoint, s3.Bucket)
		return
	}
	d, now := list.Downloads[0], time.Now()
	m, err := masters.Open(d, now, now.Add(time.Minute))
	if err != nil {
		k.wrong("masters", "%s", err)
		return
	}
	ctx, cancel := context.WithTimeout(k.ctx, patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, m.Elsewhere, nil)
	if err != nil {
		k.wrong("masters", "%s: the address cannot be used", s3.Endpoint) // which is signed, and not for a screen
		return
	}
	req.Header.Set("Range", "bytes=0-0")
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		k.wrong("masters", "%s: %s", s3.Endpoint, err)
		return
	}
	res.Body.Close()
	if res.StatusCode != http.StatusPartialContent && res.StatusCode != http.StatusOK {
		k.wrong("masters", "%s: %s for %s", s3.Endpoint, res.Status, d.File)
		return
	}
	k.ok("masters", "%s, bucket %s", s3.Endpoint, s3.Bucket)
}

func (k *checks) mail() {
	m := k.s.Mail
	var own fs.FS
	if m.Templates != "" {
		own = os.DirFS(m.Templates)
	}
	if t, err := mail.NewTemplates(k.s.MailSite(), own); err != nil {
		k.wrong("mail", "%s", err)
	} else {
		k.ok("mail", "templates in %d languages", len(t.Languages()))
	}
	if m.SMTP == nil {
		k.note("mail", "no mail leaves: they are put into %s", m.Folder)
		return
	}
	if _, err := mail.NewSMTP(*m.SMTP); err != nil {
		k.wrong("mail", "%s", err)
		return
	}
	port := m.SMTP.Port
	if port == 0 {
		port = map[bool]int{true: 465, false: 587}[m.SMTP.TLS == mail.TLSImplicit]
	}
	at := net.JoinHostPort(m.SMTP.Host, strconv.Itoa(port))
	ctx, cancel := context.WithTimeout(k.ctx, patience)
	defer cancel()
	var dialer interface {
		DialContext(context.Context, string, string) (net.Conn, error)
	} = &net.Dialer{}
	if m.SMTP.TLS == mail.TLSImplicit {
		dialer = &tls.Dialer{Config: m.SMTP.TLSConfig}
	}
	conn, err := dialer.DialContext(ctx, "tcp", at)
	if err != nil {
		k.wrong("mail", "%s: %s", at, err)
		return
	}
	defer conn.Close()
	if deadline, ok := ctx.Deadline(); ok {
		_ = conn.SetDeadline(deadline) // a fresh connection takes one
	}
	greeting := make([]byte, 3)
	if _, err := conn.Read(greeting); err != nil || string(greeting) != "220" { // RFC 5321 §4.2
		k.wrong("mail", "%s does not greet as a mail server", at)
		return
	}
	k.ok("mail", "%s greets", at)
}
