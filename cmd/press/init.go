package main

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/template"

	"github.com/spf13/pflag"

	"pressroom/internal/report"
)

func initVerb() *verb {
	return &verb{
		Name: "init", Short: "a new newsroom, ready to serve", Args: "DIR",
		Long: `Makes DIR a newsroom: site.yaml with a remark on every setting, a first article, a page
about the institution and a .gitignore. DIR must be new or empty; a fresh Git
repository counts as empty. Nothing is ever written over.

With --ci github or --ci gitlab there is also a pipeline, which checks and builds the
newsroom at every push.`,
		Flags: func(fs *pflag.FlagSet, o *options) {
			fs.StringVar(&o.ci, "ci", "", "a pipeline for github or gitlab")
			fs.StringVar(&o.nowText, "now", "", "the clock of this call: the day of the first article")
			fs.BoolVarP(&o.quiet, "quiet", "q", false, "do not say what to do next")
		},
		Run: does(runInit),
	}
}

//go:embed all:newsroom
var newsroom embed.FS

// pipelines are where each service looks for its own.
var pipelines = map[string]string{"github": ".github/workflows/newsroom.yml", "gitlab": ".gitlab-ci.yml"}

func runInit(c *call) error {
	o := &c.Options
	switch {
	case len(c.Args) == 0:
		return wrongCall("init where?", "press init newsroom")
	case len(c.Args) > 1:
		return c.Surplus(c.Args[1], "one folder at a time; put a name with spaces in quotes")
	case o.ci != "" && pipelines[o.ci] == "":
		return wrongCall(fmt.Sprintf("no pipeline for %q", o.ci), report.DidYouMean(o.ci, []string{"github", "gitlab"}))
	}
	dir := c.Args[0]
	if err := vacant(dir); err != nil {
		return err
	}
	if err := c.furnish(dir); err != nil {
		return err
	}
	if !o.quiet {
		fmt.Fprintf(c.Stdout, `%s is a newsroom now.

  cd %s
  press serve                 shows it, and every change as you save it
  press new news "A title"    makes the next article
  press check                 tells what is wrong
  press build                 writes public/, for your web server

Begin with site.yaml: the title, the address and the time zone.
`, dir, shellWord(dir))
	}
	return nil
}

// vacant refuses a folder with anything in it.
func vacant(dir string) error {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		if info, statErr := os.Stat(dir); statErr == nil && !info.IsDir() {
			return wrongCall(fmt.Sprintf("%s is a file", dir), "name a new folder")
		}
		return err
	}
	var names []string
	for _, e := range entries {
		if e.Name() != ".git" {
			names = append(names, e.Name())
		}
	}
	const shown = 5
	switch n := len(names); {
	case n == 0:
		return nil
	case n > shown:
		names = append(names[:shown:shown], fmt.Sprintf("%d more", n-shown))
	}
	return wrongCall(fmt.Sprintf("%s is not empty, it holds %s", dir, strings.Join(names, ", ")), "name a new folder")
}

// furnish writes the newsroom into a vacant folder. When that fails half-way, what was
// written is taken away again, so that the folder is vacant for the next attempt.
func (c *call) furnish(dir string) (err error) {
	files, err := c.newsroom()
	if err != nil {
		return err
	}
	_, statErr := os.Stat(dir)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	defer func() {
		if err == nil {
			return
		}
		for name := range files {
			top, _, _ := strings.Cut(name, "/")
			os.RemoveAll(filepath.Join(dir, top))
		}
		if statErr != nil {
			os.Remove(dir)
		}
	}()
	for name, data := range files {
		at := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			return err
		}
		if err := create(at, data); err != nil {
			return err
		}
	}
	return nil
}

// newsroom is the files of a new newsroom by path.
func (c *call) newsroom() (map[string][]byte, error) {
	now := c.Options.now.UTC() // as site.yaml has it
	names := map[string]string{
		"gitignore":                   ".gitignore",
		"content/news/first.md":       now.Format("content/news/2006/01/our-newsroom-is-open.md"),
		"ci/" + c.Options.ci + ".yml": pipelines[c.Options.ci],
	}
	files := map[string][]byte{}
	err := fs.WalkDir(newsroom, "newsroom", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name := strings.TrimPrefix(path, "newsroom/")
		data, err := newsroom.ReadFile(path)
		if err != nil {
			return err
		}
		if name == "content/news/first.md" {
			var b bytes.Buffer
			if err := template.Must(template.New(name).Parse(string(data))).Execute(&b, now.Format("2006-01-02")); err != nil {
				return err
			}
			data = b.Bytes()
		}
		switch to, renamed := names[name]; {
		case renamed:
			files[to] = data
		case !strings.HasPrefix(name, "ci/"):
			files[name] = data
		}
		return nil
	})
	return files, err
}

// shellWord quotes a path for the line to be pasted.
func shellWord(s string) string {
	plain := func(r rune) bool { return r > ' ' && !strings.ContainsRune("'\"\\$`!*?[](){}<>|&;#~", r) }
	if !slices.ContainsFunc([]rune(s), func(r rune) bool { return !plain(r) }) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
