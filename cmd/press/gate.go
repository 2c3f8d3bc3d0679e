package main

import (
	"log/slog"
	"net/http"
	"path/filepath"
	"sync"
	"sync/atomic"

	"pressroom"
	"pressroom/internal/build"
	"pressroom/internal/gate/app"
	"pressroom/internal/gate/settings"
)

// mount is the gate within the preview. It opens with the first good build of a site
// that wants one, so that no folder is made for one that does not.
type mount struct {
	call *call
	url  string   // of the preview
	app  *app.App // as made sees it
	web  atomic.Pointer[http.Handler]
	gone chan struct{} // closed when the gate has written down what it had to
	once sync.Once
}

func newMount(c *call, url string) *mount {
	return &mount{call: c, url: url, gone: make(chan struct{})}
}

// made hands a build to the gate.
func (m *mount) made(r *build.Result) {
	if r.Config.Gate.Disabled {
		return
	}
	m.once.Do(func() { m.open(r) })
	if m.app == nil {
		return
	}
	m.app.UseCatalogue(r.Catalogue)
	if err := m.app.UseFrame(r.Frame); err != nil {
		m.call.say("press: the gate's pages stay as they were: %s", err)
	}
}

func (m *mount) open(r *build.Result) {
	c := m.call
	s := settings.Default(c.Options.source)
	s.BaseURL = m.url
	if dir := r.Config.Media.Folder; filepath.IsAbs(dir) {
		s.Masters.Folder = dir
	} else if dir != "" {
		s.Masters.Folder = filepath.Join(c.Options.source, dir)
	}
	s.Mail.Zone = nil // that of the site
	s.Mail.NameAfter(r.Frame)
	log := slog.New(slog.NewTextHandler(c.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	a, err := app.Open(c.Ctx, s, app.Options{Log: log, Theme: pressroom.Theme, Embedded: true})
	if err != nil {
		c.say("press: the site is shown without its gate: %s", err)
		close(m.gone)
		return
	}
	m.app = a
	h := a.Preview()
	m.web.Store(&h)
	go func() {
		defer close(m.gone)
		a.Run(c.Ctx)
		if err := a.Close(); err != nil {
			c.say("press: close the gate: %s", err)
		}
	}()
}

// wait returns when the gate, if there was one, is done.
func (m *mount) wait() {
	m.once.Do(func() { close(m.gone) })
	<-m.gone
}

// ServeHTTP answers the companion's paths.
func (m *mount) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := m.web.Load()
	if h == nil {
		http.Error(w, "Accounts, downloads for accounts and the newsletter are the gate's, which is not running here.", http.StatusNotFound)
		return
	}
	(*h).ServeHTTP(w, r)
}
