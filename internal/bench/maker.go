package main

import (
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"pressroom/internal/bench/corpus"
)

//go:embed all:hugo
var hugoSite embed.FS

// maker makes a site of the articles: press, or the generator it is compared with.
type maker struct {
	name string
	bin  string
	args []string
	site corpus.Site
	// source is the site's own part at the top of the folder. The rest was made
	// by a build and goes before a cold one, wherever a cache may be kept.
	source []string
	layout fs.FS // goes into the folder first; may be nil
}

func newPress(bin, dir string) *maker {
	return &maker{
		name: "press", bin: bin, args: []string{"build", "-s", dir, "-q", "--json"},
		site:   corpus.Site{Dir: dir, Form: corpus.Pressroom},
		source: []string{"content", "site.yaml"},
	}
}

func newHugo(bin, dir string) *maker {
	layout, err := fs.Sub(hugoSite, "hugo")
	if err != nil {
		panic(err) // the name is a constant
	}
	return &maker{
		name: "hugo", bin: bin, args: []string{"--minify", "--quiet", "-s", dir, "-d", filepath.Join(dir, "public")},
		site:   corpus.Site{Dir: dir, Form: corpus.Hugo},
		source: []string{"content", "hugo.toml", "layouts", "static"},
		layout: layout,
	}
}

// create writes the source of the site.
func (m *maker) create(c corpus.Corpus) error {
	if m.layout != nil {
		if err := os.CopyFS(m.site.Dir, m.layout); err != nil {
			return err
		}
	}
	return m.site.Create(c)
}

func (m *maker) public() string { return filepath.Join(m.site.Dir, "public") }
func (m *maker) cache() string  { return m.site.Dir + "-cache" }

// reset removes whatever earlier builds left.
func (m *maker) reset() error {
	entries, err := os.ReadDir(m.site.Dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if slices.Contains(m.source, e.Name()) {
			continue
		}
		if err := os.RemoveAll(filepath.Join(m.site.Dir, e.Name())); err != nil {
			return err
		}
	}
	return os.RemoveAll(m.cache())
}

// usage is what one build cost.
type usage struct {
	wall, cpu time.Duration
	peak      int64 // bytes of memory at most; 0 where the system doesn't tell
	written   int   // files, where the generator says so; else -1
}

// summary is what `press build --json` prints, as far as it is used here.
type summary struct {
	Pages int
	Files struct{ Total, Written, Unchanged, Removed int }
}

// build runs the generator once. It returns an error for a build that failed,
// since its time says nothing.
func (m *maker) build(ctx context.Context) (usage, error) {
	cmd := exec.CommandContext(ctx, m.bin, m.args...)
	cmd.Env = append(os.Environ(), "XDG_CACHE_HOME="+m.cache(), "HUGO_CACHEDIR="+m.cache())
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	start := time.Now()
	err := cmd.Run()
	u := usage{wall: time.Since(start), written: -1}
	if err != nil {
		return u, fmt.Errorf("%s %s: %w\n%s", m.name, strings.Join(m.args, " "), err, head(stderr.Bytes()))
	}
	u.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	u.peak = peak(cmd.ProcessState)
	if m.site.Form != corpus.Pressroom {
		return u, nil
	}
	var s summary
	if err := json.Unmarshal(stdout.Bytes(), &s); err != nil {
		return u, fmt.Errorf("press build --json: %w\n%s", err, head(stdout.Bytes()))
	}
	if s.Files.Total == 0 {
		return u, errors.New("press build --json: no files")
	}
	u.written = s.Files.Written + s.Files.Removed
	return u, nil
}

// head is enough of a message to tell what is wrong.
func head(b []byte) []byte { return b[:min(len(b), 2000)] }

// expectation is a page that a build must have left, and words that stand on it.
type expectation struct{ page, text string }

func (m *maker) verify(e expectation) error {
	page, err := os.ReadFile(filepath.Join(m.public(), filepath.FromSlash(e.page)))
	if err != nil {
		return fmt.Errorf("%s left no such page: %w", m.name, err)
	}
	if !bytes.Contains(page, []byte(e.text)) {
		return fmt.Errorf("%s: %s does not say %q", m.name, e.page, e.text)
	}
	return nil
}
