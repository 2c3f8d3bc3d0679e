// Package check reads a finished site and says what only the finished site shows.
//
// In goes the result of a build; every text file of its open tree is made and read;
// out come problems: links and anchors that lead nowhere, pages without heading,
// title or language, data that machines cannot read, storage paths that got out. What
// one document or one value can know of itself is told by the packages below. Nothing
// is written.
package check

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"path"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"pressroom/internal/build"
	"pressroom/internal/layout"
	"pressroom/internal/output"
	"pressroom/internal/report"
	"pressroom/internal/site"
	"pressroom/internal/source"
)

// Input is what a check depends on.
type Input struct {
	Result   *build.Result
	Files    *source.Tree // the site folder over the theme, to find where a fault was written
	Known    report.List  // what the build has told: of a document with errors no more is said
	Jobs     int          // how many files are read at once; 0 for the number of cores
	Progress func(done, total int)
}

// Site reads the open tree. The error is a failure of the world, not of the site.
func Site(ctx context.Context, in Input) (report.List, error) {
	c := &checker{Input: in, shelf: newShelf(in.Result), storage: newStorage(in.Result), faults: map[faultKey]*found{}}
	files := in.Result.Public.Files()
	c.pages = make(map[string]*site.Ref, len(in.Result.Pages))
	for i := range in.Result.Pages {
		ref := &in.Result.Pages[i]
		c.pages[site.OutputPath(ref.URL)] = ref
	}
	c.wrong = map[string]bool{}
	for _, p := range in.Known {
		c.wrong[p.Path] = c.wrong[p.Path] || p.Severity == report.Error
	}
	c.reached = make([]atomic.Bool, len(files))
	papers := make([]*paper, len(files))
	errs := make([]error, len(files))
	each(ctx, len(files), in.Jobs, func(i int) { papers[i], errs[i] = c.read(files[i]) }, in.Progress)
	if err := cmp.Or(ctx.Err(), c.mistakes(errs)); err != nil {
		return nil, err
	}
	for _, p := range papers {
		for _, f := range p.faults {
			c.add(p, f)
		}
	}
	c.compare(papers)
	c.problems.Add(Contrast(in.Result.Config, in.Files)...)
	for _, f := range c.order {
		c.problems.Add(c.problem(f))
	}
	return c.problems.Sorted(), nil
}

type checker struct {
	Input
	shelf    *shelf
	storage  *storage
	pages    map[string]*site.Ref // by output path
	wrong    map[string]bool      // sources with errors that are known
	reached  []atomic.Bool        // files that another page leads to, in the order of the tree
	faults   map[faultKey]*found
	order    []*found
	problems report.List
}

// paper is a file that has been read, with what other files need to know of it.
type paper struct {
	path       string
	at         string // its address, as "/news/"
	ref        *site.Ref
	lang       string
	ids        []string
	away       []anchor    // links to places in other pages
	alternates []alternate // the page in its languages
	doc        document    // of an index.json
	faults     []fault
}

// fault is something wrong with one file. A layout repeats its faults on every page,
// so equal ones are told once, with a count: those of one name and key.
type fault struct {
	name  string
	key   string // "" for text
	text  string
	hint  string
	warn  bool
	near  string // a path: the hint is what is there instead
	words string // how it was written, if a person wrote it, to find where
}

type faultKey struct{ name, key string }

// found is a fault with the files it is in.
type found struct {
	fault
	first *paper
	count int
}

func (p *paper) fail(f fault) { p.faults = append(p.faults, f) }

// read makes one file and reads it, if it is a text.
func (c *checker) read(f output.File) (*paper, error) {
	p := &paper{path: f.Path, at: address(f.Path)}
	if ref := c.pages[f.Path]; ref != nil {
		p.ref = ref
	} else if page, ok := strings.CutSuffix(f.Path, ".json"); ok {
		p.ref = c.pages[page+".html"]
	}
	c.storage.checkName(p)
	if !isText(f.Path) {
		return p, nil
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		return p, fmt.Errorf("%s: %w", f.Path, err)
	}
	switch path.Ext(f.Path) {
	case ".html":
		c.readPage(p, b.Bytes())
	case ".json":
		readJSON(p, b.Bytes())
	case ".xml":
		readXML(p, b.Bytes())
	}
	c.storage.check(p, b.Bytes(), c.shelf)
	return p, nil
}

// isText tells by its name whether a file is one in which words can stand.
func isText(name string) bool {
	switch path.Ext(name) {
	case ".html", ".json", ".xml", ".txt", ".ics", ".css", ".js", ".svg", ".vtt", ".srt", ".csv", ".webmanifest":
		return true
	}
	return false
}

// address is where a file of the tree stands, as a path.
func address(file string) string {
	if dir, ok := strings.CutSuffix("/"+file, "/index.html"); ok {
		return dir + "/"
	}
	return "/" + file
}

// mistakes takes the mistakes of layouts out of errors, and returns what is left: of
// many files that fail for one reason, one.
func (c *checker) mistakes(errs []error) error {
	var left error
	for _, err := range errs {
		var e *layout.Error
		if errors.As(err, &e) {
			c.problems.Add(e.Problem)
		} else if left == nil {
			left = err
		}
	}
	return left
}

// add notes a fault of a file, unless its document is known to be wrong.
func (c *checker) add(p *paper, f fault) {
	if p.ref != nil && c.wrong[p.ref.Source] {
		return
	}
	k := faultKey{f.name, cmp.Or(f.key, f.text)}
	if c.faults[k] == nil {
		c.faults[k] = &found{fault: f, first: p}
		c.order = append(c.order, c.faults[k])
	}
	c.faults[k].count++
}

// problem is a fault with its place: the line that was written wrong where that can be
// found, else the document of its first page, else that page's address.
func (c *checker) problem(f *found) report.Problem {
	hint := f.hint
	if f.near != "" {
		if near := c.shelf.near(f.near); near != "" {
			hint = fmt.Sprintf("did you mean %q?", near)
		}
	}
	p := report.Problem{Path: f.first.at, Name: f.name, Text: f.text, Hint: hint}
	if f.warn {
		p.Severity = report.Warning
	}
	own := ""
	if f.first.ref != nil {
		own = f.first.ref.Source
	}
	if own != "" {
		p.Path = own
	}
	places := []string{own}
	if f.count > 1 { // many pages share no document, but a menu or a layout
		places = nil
	}
	if at, ok := written(c.Files, c.Result.Config.Languages, f.words, places); ok {
		p.Path, p.Line, p.Col, p.Len, p.Snippet = at.Path, at.Line, at.Col, at.Len, at.Snippet
	}
	switch {
	case f.count == 1 && p.Path != f.first.at && p.Path != own:
		p.Text += fmt.Sprintf(", on %s", f.first.at)
	case f.count == 2:
		p.Text += fmt.Sprintf(", on %s and 1 more page", f.first.at)
	case f.count > 2:
		p.Text += fmt.Sprintf(", on %s and %d more pages", f.first.at, f.count-1)
	}
	return p
}

// written finds where words were written: in the documents given, in site.yaml or in a
// layout. A menu's path gets the language of its page in front, so that one is tried
// without it too.
func written(files *source.Tree, languages []string, words string, documents []string) (report.Problem, bool) {
	if words == "" || files == nil {
		return report.Problem{}, false
	}
	forms := []string{words}
	for _, lang := range languages {
		if rest, ok := strings.CutPrefix(words, "/"+lang+"/"); ok {
			forms = append(forms, "/"+rest)
		}
	}
	paths := append(slices.Clone(documents), "site.yaml")
	for _, f := range files.Under("layouts") {
		paths = append(paths, f.Path)
	}
	for _, form := range forms {
		for _, p := range paths {
			f := files.Get(p)
			if f == nil {
				continue
			}
			if text, err := f.Bytes(); err == nil {
				if i := wordAt(text, form); i >= 0 {
					return report.Source{Path: p, Text: text}.AtOffset(i, len([]rune(form)), "", "", ""), true
				}
			}
		}
	}
	return report.Problem{}, false
}

// wordAt finds words that are not part of a longer path or name.
func wordAt(text []byte, words string) int {
	part := func(b byte) bool {
		return b >= '0' && b <= '9' || b >= 'A' && b <= 'Z' || b >= 'a' && b <= 'z' || strings.IndexByte("/_.-", b) >= 0
	}
	for from := 0; ; {
		i := bytes.Index(text[from:], []byte(words))
		if i < 0 {
			return -1
		}
		i += from
		end := i + len(words)
		if (i == 0 || !part(text[i-1])) && (end == len(text) || !part(text[end])) {
			return i
		}
		from = i + 1
	}
}

// each calls f for 0 to n-1, several at a time, until ctx ends.
func each(ctx context.Context, n, jobs int, f func(i int), progress func(done, total int)) {
	if jobs <= 0 {
		jobs = runtime.GOMAXPROCS(0)
	}
	var wait sync.WaitGroup
	var next atomic.Int64
	var telling sync.Mutex
	done := 0
	for range jobs {
		wait.Go(func() {
			for i := int(next.Add(1)) - 1; i < n && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				f(i)
				if progress != nil {
					telling.Lock()
					done++
					progress(done, n)
					telling.Unlock()
				}
			}
		})
	}
	wait.Wait()
}
