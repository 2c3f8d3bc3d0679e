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
	if c.options.clean {
		return memo.New()
	}
	return memo.Load(c.cache("memo"))
}

// record is the file in which output remembers what it wrote to the destination.
func (c *call) record() string { return c.cache("public-" + place(c.options.destination)) }

// picture takes the picture of the source.
func (c *call) picture(m *memo.Memo) (build.Input, report.List, error) {
	o := &c.options
	tree, problems, err := source.Snapshot(o.source, c.masters(), m)
	if err != nil {
		return build.Input{}, nil, err
	}
	theme, err := theme()
	if err != nil {
		return build.Input{}, nil, err
	}
	return build.Input{Source: tree, Theme: theme, Now: o.now, Asked: o.asked(), BaseURL: o.baseURL, Env: os.Environ(), Jobs: o.jobs,
		Kit: &picture.Kit{Tools: picture.Find(), Store: c.pictures()}}, problems, nil
}

// pictures is where variants are kept. It outlives --clean: a variant's name says all that
// it depends on.
func (c *call) pictures() picture.Folder { return picture.Folder(c.cache("pictures")) }

// masters is the folder of masters when site.yaml names one outside the source. The
// file is read once more for it: a build must know its folders before it looks.
func (c *call) masters() string { return build.Masters(c.options.source, os.Environ()) }

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
func (c *call) cache(name string) string { return filepath.Join(c.options.closed, "cache", name) }

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
	bad := problems.HasErrors() || c.options.strict && len(problems) > 0
	if !bad {
		return nil
	}
	for _, p := range problems {
		if (p.Severity == report.Error || c.options.strict) && !strings.HasPrefix(p.Path, "site.yaml") && !strings.HasPrefix(p.Path, "$PRESS_") {
			return errContent
		}
	}
	return errConfig
}

func (c *call) say(format string, args ...any) {
	if !c.options.quiet && !c.options.json {
		fmt.Fprintf(c.stderr, format+"\n", args...)
	}
}

func (c *call) printProblems(problems report.List) {
	if len(problems) == 0 {
		return
	}
	report.Write(c.stderr, problems.Sorted(), colours(c.stderr))
	if !c.options.quiet && problems.HasErrors() {
		fmt.Fprintln(c.stderr, "nothing was written")
	}
}

// terminal tells whether w is one.
func terminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0 && info.Mode()&os.ModeDevice != 0
}

// colours tells whether to use them: on a terminal, unless NO_COLOR is set
// (no-color.org) or the terminal is a dumb one.
func colours(w io.Writer) bool {
	return terminal(w) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
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
	if c.options.quiet || c.options.json || !terminal(c.stderr) {
		return &progress{}
	}
	return &progress{w: c.stderr, what: what}
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
	fmt.Fprintf(p.w, "\r%s", p.line)
	if p.pictures > 0 {
		fmt.Fprintf(p.w, ", %d pictures made", p.pictures)
	}
}

func (p *progress) done() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.w != nil && (p.last > 0 || p.pictures > 0) {
		fmt.Fprint(p.w, "\r\033[K")
	}
}
