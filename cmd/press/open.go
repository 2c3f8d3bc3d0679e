package main

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"pressroom"
	"pressroom/internal/build"
	"pressroom/internal/command"
	"pressroom/internal/memo"
	"pressroom/internal/picture"
	"pressroom/internal/report"
	"pressroom/internal/source"
)

// open takes the picture of the source, with what the last build remembered.
func (c *call) open() (build.Input, *memo.Memo, report.List, error) {
	m := c.memory()
	in, problems, err := c.picture(m)
	return in, m, problems, err
}

// memory is what the last build remembered.
func (c *call) memory() *memo.Memo {
	if c.Options.clean {
		return memo.New()
	}
	return memo.Load(c.cache("memo"))
}

// record is the file in which output remembers what it wrote to the destination.
func (c *call) record() string { return c.cache("public-" + place(c.Options.destination)) }

// picture takes the picture of the source.
func (c *call) picture(m *memo.Memo) (build.Input, report.List, error) {
	o := &c.Options
	tree, problems, err := source.Snapshot(o.source, c.masters(), m)
	if err != nil {
		return build.Input{}, nil, err
	}
	theme, err := theme()
	if err != nil {
		return build.Input{}, nil, err
	}
	return build.Input{Source: tree, Theme: theme, Now: o.now, Asked: o.asked(), BaseURL: o.baseURL, Env: os.Environ(),
		Kit: &picture.Kit{Tools: picture.Find(), Store: c.pictures()}, Reading: newProgress(c, "reading masters:").bytes}, problems, nil
}

// pictures is where variants are kept. It outlives --clean: a variant's name says all that
// it depends on.
func (c *call) pictures() picture.Folder { return picture.Folder(c.cache("pictures")) }

// masters is the folder of masters when site.yaml names one outside the source. The
// file is read once more for it: a build must know its folders before it looks.
func (c *call) masters() string { return build.Masters(c.Options.source, os.Environ()) }

// theme is the built-in layouts and static files.
func theme() (*source.Tree, error) {
	files := map[string][]byte{}
	err := fs.WalkDir(pressroom.Theme, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files[path], err = pressroom.Theme.ReadFile(path)
		return err
	})
	return source.Memory(files), err
}

// cache is a file of what press remembers between builds. It lies in the closed folder:
// it knows of texts that are not public.
func (c *call) cache(name string) string { return filepath.Join(c.Options.closed, "cache", name) }

// place names a folder in a file name.
func place(dir string) string {
	abs, err := real(dir)
	if err != nil {
		abs = dir
	}
	return memo.Of([]byte(abs)).String()[:12]
}

// verdict turns problems into the error that has the right exit code.
func (c *call) verdict(problems report.List) error {
	bad := problems.HasErrors() || c.Options.strict && len(problems) > 0
	if !bad {
		return nil
	}
	for _, p := range problems {
		if (p.Severity == report.Error || c.Options.strict) && !strings.HasPrefix(p.Path, "site.yaml") && !strings.HasPrefix(p.Path, "$PRESS_") {
			return command.ErrContent
		}
	}
	return command.ErrConfig
}

func (c *call) say(format string, args ...any) {
	if !c.Options.quiet && !c.Options.json {
		fmt.Fprintf(c.Stderr, format+"\n", args...)
	}
}

func (c *call) printProblems(problems report.List) {
	if len(problems) == 0 {
		return
	}
	report.Write(c.Stderr, problems.Sorted(), command.Colours(c.Stderr))
	if !c.Options.quiet && problems.HasErrors() {
		fmt.Fprintln(c.Stderr, "nothing was written")
	}
}

// progress is a line that counts, on a terminal only.
type progress struct {
	w    io.Writer
	what string

	mu       sync.Mutex
	last     int    // per cent
	line     string // as it was shown
	pictures int
}

func newProgress(c *call, what string) *progress {
	if c.Options.quiet || c.Options.json || !command.Terminal(c.Stderr) {
		return &progress{}
	}
	return &progress{w: c.Stderr, what: what}
}

func (p *progress) step(done, total int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.w == nil || total == 0 || done*100/total == p.last {
		return
	}
	p.last = done * 100 / total
	p.line = fmt.Sprintf("%s %d of %d files, %d %%", p.what, done, total, p.last)
	p.show()
}

// bytes counts megabytes, and cleans up after the last.
func (p *progress) bytes(done, total int64) {
	if p.w == nil {
		return
	}
	if line := fmt.Sprintf("%s %d of %d MB", p.what, done/1e6, total/1e6); line != p.line {
		p.line = line
		p.show()
	}
	if done == total {
		fmt.Fprint(p.w, "\r\033[K")
	}
}

// picture counts a picture whose variants were made: the slowest of what a build does.
func (p *progress) picture(done int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pictures = max(p.pictures, done)
	p.show()
}

func (p *progress) show() {
	if p.w == nil {
		return
	}
	line := p.line
	if p.pictures > 0 {
		line = strings.TrimPrefix(fmt.Sprintf("%s, pictures made: %d", line, p.pictures), ", ")
	}
	fmt.Fprintf(p.w, "\r%s", line)
}

func (p *progress) done() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.w != nil && (p.last > 0 || p.pictures > 0) {
		fmt.Fprint(p.w, "\r\033[K")
	}
}
