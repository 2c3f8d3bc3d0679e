package app

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"pressroom/internal/catalogue"
	"pressroom/internal/frame"
)

// closedFolder is what `press build` leaves for the gate. It is read again when it
// changes; what cannot be read changes nothing, the last good one stays in force, if there
// was one, and readiness says so.
type closedFolder struct {
	dir string
	app *App

	mu     sync.Mutex
	stamps map[string]stamp
	good   map[string]bool // has been read once
	wrong  map[string]error
}

// stamp tells whether a file is the one that was read.
type stamp struct {
	size     int64
	modified time.Time
	missing  bool
}

// read reads what has changed since the last time.
func (c *closedFolder) read() {
	c.readFile("catalogue.json", func(b []byte) error {
		f, err := catalogue.Decode(b)
		if err == nil {
			c.app.UseCatalogue(f)
		}
		return err
	})
	c.readFile("frame.json", func(b []byte) error {
		f, err := frame.Decode(b)
		if err == nil {
			err = c.app.UseFrame(f)
		}
		return err
	})
}

func (c *closedFolder) readFile(name string, use func([]byte) error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	at := filepath.Join(c.dir, name)
	now, err := stampOf(at)
	if c.stamps == nil {
		c.stamps, c.good, c.wrong = map[string]stamp{}, map[string]bool{}, map[string]error{}
	}
	if old, known := c.stamps[name]; known && old == now {
		return
	}
	var b []byte
	if err == nil {
		b, err = os.ReadFile(at)
	}
	if err == nil {
		err = use(b)
	}
	c.stamps[name] = now
	if err != nil {
		c.wrong[name] = fmt.Errorf("%s: %w", at, err)
		what := "the last good one stays in force"
		if !c.good[name] {
			what = "there is none yet: run press build, or set closed: to the folder that it writes"
		}
		c.app.log.Error(what, "file", at, "err", err)
		return
	}
	c.good[name] = true
	delete(c.wrong, name)
	c.app.log.Info("read", "file", at)
}

func stampOf(at string) (stamp, error) {
	info, err := os.Stat(at)
	if errors.Is(err, fs.ErrNotExist) {
		return stamp{missing: true}, fmt.Errorf("it is missing: %w", err)
	}
	if err != nil {
		return stamp{missing: true}, err
	}
	return stamp{size: info.Size(), modified: info.ModTime()}, nil
}

// problem is why what is in force is not what the folder says.
func (c *closedFolder) problem() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	var err error
	for _, name := range []string{"catalogue.json", "frame.json"} {
		err = errors.Join(err, c.wrong[name])
	}
	return err
}
