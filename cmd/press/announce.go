package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/pflag"

	"pressroom/internal/announce"
	"pressroom/internal/build"
	"pressroom/internal/command"
	"pressroom/internal/output"
)

func announceVerb() *verb {
	return &verb{
		Name: "announce", Short: "tell the hub and search engines what has changed",
		Long: `Compares public/manifest.json with the manifest of what was published before, and
tells the hub: of site.yaml of the feeds that have changed (WebSub), and the engines
of IndexNow of the articles and videos that are new, changed or gone.

Without --send it only prints what it would tell. Run it after the files have been
published, because whoever is told comes at once, and keep the manifest for the next
time:

  press build && ./upload public/
  press announce --since last.json --send && cp public/manifest.json last.json

An item that is held stands in no manifest, and is never told. To tell twice does no
harm: after a failure, run it again.`,
		Flags: func(fs *pflag.FlagSet, o *options) {
			bindSource(fs, o)
			fs.StringVarP(&o.baseURL, "base-url", "b", "", "the address of the site, instead of site.yaml's")
			fs.StringVarP(&o.destination, "destination", "d", "", "where the open files are (default public/ in the source)")
			fs.StringVar(&o.since, "since", "", "the manifest.json of what was published before")
			fs.BoolVar(&o.send, "send", false, "do tell, instead of saying what would be told")
			bindTalk(fs, o)
		},
		Run: does(runAnnounce),
	}
}

// patience is how long one who is told may take to answer.
const patience = 30 * time.Second

// announced is what "announce --json" prints.
type announced struct {
	announce.Plan
	Hub      string `json:"hub,omitempty"`
	IndexNow string `json:"indexNow,omitempty"`
	Sent     bool   `json:"sent"`
}

func runAnnounce(c *call) error {
	o := &c.Options
	if len(c.Args) > 0 {
		return c.Surplus(c.Args[0], "name the manifest with --since")
	}
	if o.since == "" {
		return wrongCall("announce does not know since when", "name the manifest.json of what was published before with --since")
	}
	cfg, problems := build.Config(o.source, o.baseURL, os.Environ())
	if cfg == nil {
		c.printProblems(problems)
		return command.ErrConfig
	}
	if cfg.Hub == "" && cfg.IndexNow == nil {
		return wrongCall("site.yaml names nobody to tell", "add hub: https://hub.example.org/, or indexNow: {key: …}")
	}
	before, err := readManifest(o.since)
	if err != nil {
		return err
	}
	now, err := readManifest(filepath.Join(o.destination, output.ManifestName))
	if err != nil {
		return err
	}
	s := announce.Service{BaseURL: cfg.BaseURL, Hub: cfg.Hub, Client: &http.Client{Timeout: patience}}
	if x := cfg.IndexNow; x != nil {
		s.IndexNow, s.Key = x.Endpoint, x.Key.Value
		if now[s.Key+".txt"] == "" {
			return wrongCall(fmt.Sprintf("%s has no %s.txt, by which IndexNow knows that it is us", o.destination, s.Key), `run "press build" and publish it first`)
		}
	}
	sum := announced{Plan: announce.Compare(cfg.BaseURL, before, now), Hub: s.Hub, IndexNow: s.IndexNow}
	if o.send {
		if err := s.Tell(c.Ctx, sum.Plan); err != nil {
			return err
		}
		sum.Sent = true
	}
	return c.tellAnnounced(sum)
}

// readManifest tells a file that is no manifest, a mistake of the call, from one that
// cannot be read.
func readManifest(path string) (announce.Manifest, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read the manifest: %w", err)
	}
	defer f.Close()
	m, err := announce.ReadManifest(f)
	if err != nil {
		return nil, wrongCall(fmt.Sprintf("%s is no manifest: %s", path, err), "name a manifest.json as \"press build\" writes it")
	}
	return m, nil
}

func (c *call) tellAnnounced(sum announced) error {
	if c.Options.json {
		return command.JSON(c.Stdout, sum)
	}
	if c.Options.quiet {
		return nil
	}
	verb := "would tell"
	if sum.Sent {
		verb = "told"
	}
	for _, x := range []struct {
		who, what string
		addresses []string
	}{{sum.Hub, "feeds", sum.Feeds}, {sum.IndexNow, "pages", sum.Pages}} {
		if x.who == "" {
			continue
		}
		fmt.Fprintf(c.Stdout, "%s %s of %d %s\n", verb, x.who, len(x.addresses), x.what)
		for _, a := range x.addresses {
			fmt.Fprintln(c.Stdout, "  "+a)
		}
	}
	if !sum.Sent {
		fmt.Fprintln(c.Stdout, "nothing was sent; --send sends it")
	}
	return nil
}
