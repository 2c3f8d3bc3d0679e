package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"pressroom/internal/content"
	"pressroom/internal/site"
)

// options are all flags. Each verb binds those that mean something to it.
type options struct {
	source, destination, closed string
	baseURL                     string
	drafts, future, expired     bool
	nowText                     string
	now                         time.Time
	jobs                        int
	clean, strict, prove        bool
	json, quiet, verbose        bool
	format                      string // check
	addr, bind                  string // serve
	port                        int
	noGate, open                bool
	lang                        string // new
	since                       string // announce
	send                        bool
	ci                          string // init
}

func (o *options) asked() site.Asked {
	return site.Asked{Drafts: o.drafts, Future: o.future, Expired: o.expired}
}

// spellings are other names of flags, as Hugo and others spell them, by the name without
// hyphens. Short forms are Hugo's.
var spellings = map[string]string{
	"builddrafts": "drafts", "buildfuture": "future", "buildexpired": "expired",
	"dest": "destination", "out": "destination", "src": "source", "baseurl": "base-url", "url": "base-url",
	"proveembargo": "prove-embargo", "nogate": "no-gate", "clock": "now",
}

func bindSource(fs *pflag.FlagSet, o *options) {
	fs.StringVarP(&o.source, "source", "s", ".", "the folder of the site, with site.yaml and content/")
}

// bindRead binds what every verb needs that reads the site.
func bindRead(fs *pflag.FlagSet, o *options) {
	bindSource(fs, o)
	fs.StringVar(&o.nowText, "now", "", "the clock of this call, as 2026-07-07T11:00:00+02:00")
	fs.IntVarP(&o.jobs, "jobs", "j", 0, "how much is done at once; 0 means one job a core")
}

// bindAsked binds what shows items that are not public.
func bindAsked(fs *pflag.FlagSet, o *options) {
	fs.BoolVarP(&o.drafts, "drafts", "D", false, "show drafts (also --build-drafts)")
	fs.BoolVarP(&o.future, "future", "F", false, "show what is under embargo or dated in the future")
	fs.BoolVarP(&o.expired, "expired", "E", false, "show what has expired")
}

func bindBuild(fs *pflag.FlagSet, o *options) {
	bindRead(fs, o)
	fs.StringVarP(&o.baseURL, "base-url", "b", "", "the address of the site, instead of site.yaml's")
	bindAsked(fs, o)
	fs.BoolVar(&o.strict, "strict", false, "warnings fail")
}

func bindOutput(fs *pflag.FlagSet, o *options) {
	fs.StringVarP(&o.destination, "destination", "d", "", "where the open files go (default public/ in the source)")
	fs.StringVar(&o.closed, "closed", "", "where the closed files go (default closed/ in the source)")
	fs.BoolVar(&o.clean, "clean", false, "ignore the cache")
}

func bindTalk(fs *pflag.FlagSet, o *options) {
	fs.BoolVar(&o.json, "json", false, "print one JSON object")
	fs.BoolVarP(&o.quiet, "quiet", "q", false, "say nothing but problems")
	fs.BoolVarP(&o.verbose, "verbose", "v", false, "say more")
}

// settle checks the flags and fills in what depends on others.
func (o *options) settle(fs *pflag.FlagSet) error {
	o.now = time.Now()
	if o.nowText == "" {
		if epoch := os.Getenv("SOURCE_DATE_EPOCH"); epoch != "" && fs.Lookup("now") != nil {
			var sec int64
			if _, err := fmt.Sscanf(epoch, "%d", &sec); err != nil {
				return wrongCall(fmt.Sprintf("SOURCE_DATE_EPOCH is %q, not a number of seconds", epoch), "")
			}
			o.now = time.Unix(sec, 0)
		}
	} else {
		at, _, err := content.ParseDate(o.nowText, time.UTC)
		if err != nil {
			return wrongCall("--now: "+err.Error(), "write --now 2026-07-07T11:00:00+02:00")
		}
		o.now = at
	}
	if o.jobs < 0 || o.jobs > 1024 {
		return wrongCall(fmt.Sprintf("--jobs is %d", o.jobs), "leave it out for one job a core")
	}
	if o.jobs > 0 {
		runtime.GOMAXPROCS(o.jobs)
	}
	if o.source == "" {
		return nil
	}
	info, err := os.Stat(o.source)
	if err != nil || !info.IsDir() {
		return wrongCall(fmt.Sprintf("there is no folder %q", o.source), "name the folder of the site with --source")
	}
	if o.destination == "" {
		o.destination = filepath.Join(o.source, "public")
	}
	if o.closed == "" {
		o.closed = filepath.Join(o.source, "closed")
	}
	return nil
}

// checkDestination refuses folders in which a build would write over its own sources.
func (o *options) checkDestination() error {
	src, err := real(o.source)
	if err != nil {
		return err
	}
	for flag, dir := range map[string]string{"--destination": o.destination, "--closed": o.closed} {
		dst, err := real(dir)
		if err != nil {
			return err
		}
		switch {
		case dst == src:
			return wrongCall(fmt.Sprintf("%s is the source itself", flag), "name another folder, as public/")
		case within(src, dst):
			return wrongCall(fmt.Sprintf("%s holds the source", flag), "name another folder, as public/")
		}
		for _, sub := range []string{"content", "layouts", "static", "media", "cmd", "internal", ".git"} {
			if own := filepath.Join(src, sub); dst == own || within(dst, own) {
				return wrongCall(fmt.Sprintf("%s lies in %s/, which is a source", flag, sub), "name another folder, as public/")
			}
		}
	}
	dst, _ := real(o.destination)
	closed, _ := real(o.closed)
	if dst == closed || within(closed, dst) || within(dst, closed) {
		return wrongCall("--destination and --closed lie in one another", "what is closed must never be served: keep the two apart")
	}
	return nil
}

// within tells whether path lies below dir.
func within(path, dir string) bool {
	rel, err := filepath.Rel(dir, path)
	return err == nil && rel != "." && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

// real is the absolute path without links, of a folder that may not be there yet.
func real(path string) (string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	for dir, rest := abs, ""; ; dir, rest = filepath.Dir(dir), filepath.Join(filepath.Base(dir), rest) {
		if r, err := filepath.EvalSymlinks(dir); err == nil {
			return filepath.Join(r, rest), nil
		}
		if dir == filepath.Dir(dir) {
			return abs, nil
		}
	}
}
