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
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"pressroom/internal/build"
	"pressroom/internal/layout"
	"pressroom/internal/output"
	"pressroom/internal/report"
	"pressroom/internal/several"
	"pressroom/internal/site"
	"pressroom/internal/source"
)

// Input is what a check depends on.
type Input struct {
	Result   *build.Result
	Files    *source.Tree // the site folder over the theme, to find where a fault was written
	Known    report.List  // what the build has told: of a document with errors no more is said
	Now      time.Time    // the clock of this check
	Progress func(done, total int)
}

// Site reads the open tree. The error is a failure of the world, not of the site.
func Site(ctx context.Context, in Input) (report.List, error) {
	files := in.Result.Public.Files()
	c := &checker{
		Input: in, shelf: newShelf(in.Result), storage: newStorage(in.Result), desk: newDesk(in.Files),
		pages: map[string]*site.Ref{}, wrong: map[string]bool{}, reached: make([]atomic.Bool, len(files)), faults: map[faultKey]*found{},
	}
	for i := range in.Result.Pages {
		ref := &in.Result.Pages[i]
		c.pages[site.OutputPath(ref.URL)] = ref
	}
	for _, p := range in.Known {
		if p.Severity == report.Error && p.Path != "" {
			c.wrong[p.Path] = true
		}
	}
	papers, errs := make([]*paper, len(files)), make([]error, len(files))
	each(ctx, len(files), func(i int) { papers[i], errs[i] = c.read(files[i]) }, in.Progress)
	if err := cmp.Or(ctx.Err(), c.mistakes(papers, errs)); err != nil {
		return nil, err
	}
	for _, p := range papers {
		for _, f := range p.faults {
			c.add(p, f)
		}
	}
	c.compare(papers)
	for _, f := range c.together() {
		c.problems.Add(c.problem(f))
	}
	c.problems.Add(c.contrast()...)
	c.problems.Add(c.security()...)
	c.problems.Add(c.logos()...)
	return c.problems.Sorted(), nil
}

type checker struct {
	Input
	shelf    *shelf
	storage  *storage
	desk     *desk
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
	unmade     bool // it could not be made: of what is in it nothing is known
	lang       string
	ids        []string
	away       []anchor    // links to places in other pages
	alternates []alternate // the page in its languages
	doc        document    // of an index.json
	faults     []fault
}

// source is the document that a file is made of, or "".
func (p *paper) source() string {
	if p.ref == nil {
		return ""
	}
	return p.ref.Source
}

// layout is the file that draws a page, or "".
func (p *paper) layout() string {
	if p.ref == nil || !strings.HasSuffix(p.path, ".html") {
		return ""
	}
	return "layouts/" + p.ref.Layout + ".html"
}

// fault is something wrong with one file. A layout repeats its faults on every page,
// so equal ones are told once, with a count: those of one name and key.
type fault struct {
	name    string
	key     string // "" for text
	pattern string // the key without what is the page's own, "" when there is nothing of it
	text    string
	hint    string
	warn    bool
	near    string // a path: the hint is what is there instead
	words   string // how it was written, if a person wrote it, to find where
}

type faultKey struct{ name, key string }

// found is a fault with the files it is in.
type found struct {
	fault
	first  *paper
	count  int
	source string // the one document among those of these files, "" when there are none or several
	many   bool   // there are several
	own    bool   // every file is made of source
	layout string // the layout of every file, "" when they have none in common
}

func (p *paper) fail(f fault) { p.faults = append(p.faults, f) }

// buffers hold one file each while it is read; nothing keeps a part of them.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// read makes one file and reads it, if it is a text. A panic in it is that file's error.
func (c *checker) read(f output.File) (p *paper, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("%s: panic: %v\n%s", f.Path, v, debug.Stack())
		}
	}()
	p = &paper{path: f.Path, at: address(f.Path)}
	if ref := c.pages[f.Path]; ref != nil {
		p.ref = ref
	} else if page, ok := strings.CutSuffix(f.Path, ".json"); ok {
		p.ref = c.pages[page+".html"]
	}
	c.storage.checkName(p)
	if !isText(f.Path) {
		return p, nil
	}
	b := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(b)
	b.Reset()
	if err := f.Write(b); err != nil {
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
	case ".html", ".json", ".xml", ".txt", ".ics", ".vcf", ".css", ".js", ".svg", ".vtt", ".srt", ".csv", ".webmanifest":
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
func (c *checker) mistakes(papers []*paper, errs []error) (left error) {
	for i, err := range errs {
		var e *layout.Error
		switch {
		case err == nil:
		case errors.As(err, &e):
			if papers[i].unmade = true; !c.wrong[papers[i].source()] {
				c.problems.Add(e.Problem)
			}
		case left == nil:
			left = err
		}
	}
	return left
}

// add notes a fault of a file, unless its document is known to be wrong.
func (c *checker) add(p *paper, f fault) {
	if c.wrong[p.source()] {
		return
	}
	k := faultKey{f.name, cmp.Or(f.key, f.text)}
	g := c.faults[k]
	if g == nil {
		g = &found{fault: f, first: p, own: true, layout: p.layout()}
		c.faults[k] = g
		c.order = append(c.order, g)
	}
	g.join(p)
}

func (g *found) join(p *paper) {
	g.count++
	if p.layout() != g.layout {
		g.layout = ""
	}
	switch s := p.source(); {
	case s == "":
		g.own = false
	case g.source == "" && !g.many:
		g.source = s
	case s != g.source:
		g.source, g.many, g.own = "", true, false
	}
}

// together joins faults that each page has in its own words, as a link to its own
// address with "print/" behind it: a layout wrote them all.
func (c *checker) together() (out []*found) {
	same := map[faultKey]*found{}
	for _, g := range c.order {
		k := faultKey{g.name, g.pattern}
		switch first := same[k]; {
		case g.pattern == "" || g.count > 1:
			out = append(out, g)
		case first == nil:
			same[k] = g
			out = append(out, g)
		default:
			first.join(g.first)
		}
	}
	return out
}

// problem is a fault with its place: the line that was written wrong where that can be
// found, else the document or the layout that all its pages have in common, else the
// address of the first one.
func (c *checker) problem(g *found) report.Problem {
	place := g.first.at
	switch {
	case g.own:
		place = g.source
	case g.count > 1 && g.layout != "":
		place = g.layout
	}
	p := report.Problem{Path: place, Name: g.name, Text: g.text, Hint: g.hint}
	if near := c.shelf.near(g.near); near != "" {
		p.Hint = fmt.Sprintf("did you mean %q?", near)
	}
	if g.warn {
		p.Severity = report.Warning
	}
	if at, ok := c.desk.written(g.words, c.Result.Config.Languages, g.source); ok {
		p.Path, p.Line, p.Col, p.Len, p.Snippet = at.Path, at.Line, at.Col, at.Len, at.Snippet
	}
	switch {
	case g.count > 1:
		p.Text += fmt.Sprintf(", on %s and %d more", g.first.at, g.count-1)
	case p.Path != place:
		p.Text += ", on " + g.first.at
	}
	return p
}

// each calls f for 0 to n-1, several at a time, until ctx ends, and counts for progress.
func each(ctx context.Context, n int, f func(i int), progress func(done, total int)) {
	var telling sync.Mutex
	done := 0
	several.Do(ctx, n, func(i int) {
		f(i)
		if progress != nil {
			telling.Lock()
			defer telling.Unlock()
			done++
			progress(done, n)
		}
	})
}
