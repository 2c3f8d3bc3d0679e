// Package app puts the gate together: settings go in, a gate that runs comes out, with
// its database, keys, courier, pages and downloads. The command and the preview both
// stand on it. It decides nothing that concerns a visitor.
package app

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"pressroom/internal/catalogue"
	"pressroom/internal/frame"
	"pressroom/internal/gate"
	"pressroom/internal/gate/files"
	"pressroom/internal/gate/keyring"
	"pressroom/internal/gate/mail"
	"pressroom/internal/gate/settings"
	"pressroom/internal/gate/store"
	"pressroom/internal/gate/web"
)

// Options are what a process gives beside its settings.
type Options struct {
	Log   *slog.Logger
	Theme fs.FS // layouts/ of the built-in theme, for a gate without a site

	// Embedded is a gate inside of press serve: it is told its catalogue and frame, and
	// reads no closed folder.
	Embedded bool
}

// App is a gate that is put together. Use Serve, or Handler and Run within another
// server.
type App struct {
	Gate      *gate.Gate
	Store     *store.Store
	Templates *mail.Templates
	Pages     *web.Pages
	Settings  settings.Settings
	// Outbox is the folder that mails lie in, or nil when a server takes them.
	Outbox *mail.Folder

	log       *slog.Logger
	clock     *clock
	keys      *files.Keyring
	keysStamp stamp
	courier   *mail.Courier
	transport mail.Transport
	masters   files.Masters
	web       *web.Server
	metrics   *metrics
	closed    *closedFolder
	downloads atomic.Pointer[map[string]catalogue.Download]
	stopping  atomic.Bool
	close     []func() error
}

// Open puts a gate together and brings its database up to date. Close it when done.
func Open(ctx context.Context, s settings.Settings, o Options) (_ *App, err error) {
	a := &App{Settings: s, log: o.Log, metrics: newMetrics()}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.Close())
		}
	}()
	base, err := url.Parse(s.BaseURL)
	if err != nil {
		return nil, fmt.Errorf("read the base URL: %w", err)
	}
	if err := os.MkdirAll(s.Data, 0o700); err != nil {
		return nil, fmt.Errorf("make the gate's folder: %w", err)
	}
	test := testing()
	if a.Store, err = store.Open(ctx, s.Database, store.Options{Offset: test.offset}); err != nil {
		return nil, err
	}
	a.close = append(a.close, a.Store.Close)
	if a.clock, err = newClock(ctx, a.Store, test.host); err != nil {
		return nil, err
	}
	if err := a.openKeys(); err != nil {
		return nil, err
	}
	if err := a.openPages(o); err != nil {
		return nil, err
	}
	if err := a.openMail(s); err != nil {
		return nil, err
	}
	if err := a.openMasters(s); err != nil {
		return nil, err
	}
	a.Gate.Store, a.Gate.Posted = a.Store, a.courier.Posted
	a.web = &web.Server{
		Gate: a.Gate, Pages: a.Pages, Base: base, Embedded: o.Embedded, Trusted: s.TrustedProxies, Elsewhere: s.Elsewhere(),
		Link: a.link, Files: a.fileServer(s, test.window), Log: o.Log, Answered: a.metrics.answered,
	}
	a.metrics.watch(a)
	return a, nil
}

// Close lets go of everything. What still waits is in the database.
func (a *App) Close() (err error) {
	for _, f := range slices.Backward(a.close) {
		err = errors.Join(err, f())
	}
	a.close = nil
	return err
}

// openKeys reads the keys, or makes them when there are none, and the rules that need
// them.
func (a *App) openKeys() error {
	s := a.Settings
	keys, err := keyring.LoadOrCreate(s.KeysFile, a.clock.now())
	if err != nil {
		return err
	}
	if a.keysStamp, err = stampOf(s.KeysFile); err != nil {
		return err
	}
	master, err := gate.NewKeys(keys.Master)
	if err != nil {
		return err
	}
	if a.keys, err = files.NewKeyring(keys.Signing()...); err != nil {
		return fmt.Errorf("read %s: %w", s.KeysFile, err)
	}
	passwords, err := gate.NewHasher(gate.HashOptions{Cost: s.PasswordCost, Rand: rand.Reader, Computed: func() { a.metrics.hashes.WithLabelValues("password").Inc() }})
	if err != nil {
		return fmt.Errorf("password: %w", err)
	}
	codes, err := gate.NewHasher(gate.HashOptions{Cost: s.CodeCost, Rand: rand.Reader, Computed: func() { a.metrics.hashes.WithLabelValues("code").Inc() }})
	if err != nil {
		return err
	}
	a.Gate = &gate.Gate{
		Keys: master, Passwords: passwords, Codes: codes, Policy: s.Policy, Domains: s.Domains, Limits: s.Limits,
		Rand: rand.Reader, Download: a.download, Observed: a.metrics.observed,
	}
	return nil
}

// openPages draws with the site's frame, or the built-in one until there is one.
func (a *App) openPages(o Options) error {
	a.Pages = &web.Pages{}
	a.downloads.Store(&map[string]catalogue.Download{})
	if !o.Embedded {
		a.closed = &closedFolder{dir: a.Settings.Closed, app: a}
		a.closed.read()
	}
	if a.Pages.Ready() {
		return nil
	}
	f, err := web.Builtin(o.Theme, a.Settings.BaseURL)
	if err != nil {
		return err
	}
	return a.UseFrame(f)
}

// UseCatalogue offers these downloads from now on.
func (a *App) UseCatalogue(c *catalogue.File) {
	byID := make(map[string]catalogue.Download, len(c.Downloads))
	for _, d := range c.Downloads {
		byID[d.ID] = d
	}
	a.downloads.Store(&byID)
}

// UseFrame draws pages in this frame from now on; one that cannot be used changes nothing.
func (a *App) UseFrame(f *frame.File) error {
	if err := a.Pages.Use(f); err != nil {
		return err
	}
	a.nameAfter(f)
	return nil
}

// nameAfter says what the site is called: its host, and the names in its frame.
func (a *App) nameAfter(f *frame.File) {
	var names []string
	if base, err := url.Parse(a.Settings.BaseURL); err == nil {
		names = append(names, base.Hostname())
	}
	for _, ed := range f.Languages {
		names = append(names, ed.Frame.Title, ed.Frame.Organisation.Name)
	}
	a.Gate.UseSiteNames(names...)
}

// download finds what is offered now. What is under embargo is not there: nobody learns
// by its id that it will be, nor what it is called.
func (a *App) download(id string) (catalogue.Download, bool) {
	d, ok := (*a.downloads.Load())[id]
	if !ok || a.clock.now().Before(d.NotBefore) {
		return catalogue.Download{}, false
	}
	return d, true
}

// linkLife is how long a signed link may be used to start: long enough to carry it to
// another machine, too short to be worth sharing.
const linkLife = 5 * time.Minute

// link makes the address of a granted file. What counts transfers is a pseudonym: the
// link tells nobody who it was made for.
func (a *App) link(g *gate.Granted) (string, error) {
	grant := files.Grant{ID: g.ID, Account: a.Gate.Keys.Pseudonym(g.Account), Download: g.Download.ID, Expires: g.At.Add(linkLife).Truncate(time.Second)}
	return a.keys.Link(grant, files.Name(g.Download), a.clock.now())
}

func (a *App) fileServer(s settings.Settings, window time.Duration) http.Handler {
	return &files.Server{
		Keys: a.keys, Masters: a.masters, Download: a.download, Now: a.clock.now, Log: a.log,
		Parallel: s.ParallelDownloads, Window: window, Record: a.transferred,
	}
}

// transferred counts a transfer, and tells what the operator may want to know of it: who
// tries links is told apart from who takes files.
func (a *App) transferred(t files.Transfer) {
	a.metrics.transferred(t)
	level := slog.LevelInfo
	if t.Status >= http.StatusInternalServerError {
		level = slog.LevelWarn
	}
	a.log.Log(context.Background(), level, "file", "status", t.Status, "grant", t.ID, "download", t.Download, "from", t.From, "bytes", t.Bytes)
}

// openMasters finds where the masters lie. A folder that is not there is made known when
// somebody asks for one: the site may have no gated files.
func (a *App) openMasters(s settings.Settings) error {
	if s.Masters.S3 != nil {
		var err error
		a.masters, err = s.Masters.S3.Masters()
		return err
	}
	dir, err := filepath.Abs(s.Masters.Folder)
	if err != nil {
		return err
	}
	local, err := files.OpenLocal(dir, s.Masters.Accel)
	if errors.Is(err, fs.ErrNotExist) {
		a.log.Warn("there is no folder of masters; downloads will not be found", "folder", dir)
		a.masters = noMasters{}
		return nil
	}
	if err != nil {
		return err
	}
	a.masters = local
	a.close = append(a.close, local.Close)
	return nil
}

// noMasters is a site without gated files.
type noMasters struct{}

func (noMasters) Open(d catalogue.Download, _, _ time.Time) (*files.Master, error) {
	return nil, fmt.Errorf("open %s: %w", d.File, files.ErrMissing)
}

// openMail chooses how letters leave.
func (a *App) openMail(s settings.Settings) error {
	var own fs.FS
	if s.Mail.Templates != "" {
		own = os.DirFS(s.Mail.Templates)
	}
	var err error
	if a.Templates, err = mail.NewTemplates(s.MailSite(), own); err != nil {
		return err
	}
	if s.Mail.SMTP != nil {
		smtp, err := mail.NewSMTP(*s.Mail.SMTP)
		if err != nil {
			return err
		}
		a.transport = smtp
		a.close = append(a.close, smtp.Close)
	} else {
		a.Outbox = &mail.Folder{Dir: s.Mail.Folder}
		a.transport = a.Outbox
	}
	host, _ := os.Hostname()
	a.courier = &mail.Courier{
		Gate: a.Gate, Templates: a.Templates, Transport: a.transport, Name: fmt.Sprintf("%s/%d/%d", host, os.Getpid(), time.Now().UnixNano()),
		CodeLife: s.Limits.CodeLife, BaseURL: s.BaseURL, Log: a.log,
	}
	return nil
}

// Handler answers the public paths.
func (a *App) Handler() http.Handler { return a.web.Handler() }

// Run does what goes on in the background until the context ends: letters leave, what
// has expired is forgotten, changed files are read again. It returns when everything
// under way is written down.
func (a *App) Run(ctx context.Context) {
	var all sync.WaitGroup
	all.Go(func() { a.courier.Run(ctx) })
	all.Go(func() { every(ctx, 30*time.Second, func() { a.clock.set(ctx, a.Store) }) })
	all.Go(func() { every(ctx, time.Minute, func() { a.tell("forget what is over", a.Gate.Purge(ctx)) }) })
	all.Go(func() {
		every(ctx, 5*time.Second, func() { _, err := a.Gate.WriteLate(ctx); a.tell("write down late grants", err) })
	})
	all.Go(func() { every(ctx, time.Second, a.reload) })
	all.Wait()
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	if n, err := a.Gate.WriteLate(last); n > 0 {
		a.log.Error("grants are not written down", "number", n, "err", err)
	}
}

func (a *App) tell(what string, err error) {
	if err != nil && !errors.Is(err, context.Canceled) {
		a.log.Error(what, "err", err)
	}
}

// reload reads what has changed on disk: the site's closed folder, and the keys.
func (a *App) reload() {
	if a.closed != nil {
		a.closed.read()
	}
	a.reloadKeys()
}

// reloadKeys takes what signs links from a file that has changed. The master key stays
// the one that the process began with.
func (a *App) reloadKeys() {
	now, err := stampOf(a.Settings.KeysFile)
	if now == a.keysStamp {
		return
	}
	a.keysStamp = now
	var f *keyring.File
	if err == nil {
		f, err = keyring.Load(a.Settings.KeysFile)
	}
	if err == nil {
		err = a.keys.Set(f.Signing()...)
	}
	if err == nil {
		a.log.Info("the keys were read again")
	}
	a.tell("read the keys again; the ones before stay in force", err)
}

// every calls f now and then until the context ends.
func every(ctx context.Context, pause time.Duration, f func()) {
	t := time.NewTicker(pause)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			f()
		}
	}
}

// besides is what a gate takes beside the hashes that it computes.
const besides = 48 << 20

// limitMemory makes the collector work harder when there is more than the hashes of a
// flood of log-ins need, 19 MiB each: those that are done would pile up as garbage. An
// operator's own limit stands.
func (a *App) limitMemory() {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(int64(a.Gate.Passwords.Memory()+a.Gate.Codes.Memory()) + besides)
	}
}
