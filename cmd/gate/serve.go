package main

import (
	"errors"
	"io"
	"log/slog"

	"pressroom"
	"pressroom/internal/command"
	"pressroom/internal/gate/app"
	"pressroom/internal/gate/settings"
)

func serveVerb() *verb {
	return &verb{
		Name: "serve", Short: "answer the site's visitors, and send what waits in the outbox",
		Long: `Answers /account, /newsletter, /download and /files on the public listener, and /healthz,
/readyz and /metrics on the operators'. Missing keys and an empty database are made.
The folder that "press build" writes for the gate is read again whenever it changes, and
so are the keys.

On SIGTERM or Ctrl-C it says by /readyz that it is going, answers what has begun and then
ends; readers resume cut downloads. A socket that systemd has opened is taken over, so
that a restart refuses nobody.

The log goes to stderr. It holds no address, password, code or link.`,
		Flags: bindConfig,
		Run:   runServe,
	}
}

func runServe(c *call) error {
	if len(c.Args) > 0 {
		return c.Surplus(c.Args[0])
	}
	s, err := load(c, true)
	if err != nil {
		return err
	}
	log := logger(s, c.Stderr)
	a, err := app.Open(c.Ctx, *s, app.Options{Log: log, Theme: pressroom.Theme})
	if err != nil {
		return err
	}
	log.Info("the gate begins", "version", command.VersionOf(buildInfo()).String(), "site", s.BaseURL)
	err = a.Serve(c.Ctx, func(public, admin string) { log.Info("listening", "public", public, "admin", admin) })
	if err = errors.Join(err, a.Close()); err == nil {
		log.Info("the gate has ended")
	}
	return err
}

// logger writes the log in the form that gate.yaml wants.
func logger(s *settings.Settings, w io.Writer) *slog.Logger {
	o := &slog.HandlerOptions{Level: s.Log.Level}
	if s.Log.Format == "text" {
		return slog.New(slog.NewTextHandler(w, o))
	}
	return slog.New(slog.NewJSONHandler(w, o))
}
