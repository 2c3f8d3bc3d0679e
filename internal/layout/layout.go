package layout

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"io"
	"maps"
	"path"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"text/template/parse"

	"github.com/tdewolff/minify/v2"
	"github.com/tdewolff/minify/v2/html"

	"pressroom/internal/memo"
	"pressroom/internal/report"
)

// Set is all layouts of a site. It is complete when loaded and may be used by many
// goroutines.
type Set struct {
	files map[string]*file // by path below layouts/
	defs  map[string]*file // which file defines a template, for the shared ones
	words map[string]map[string]string
	pages []string // those that must be there, see check

	mu      sync.Mutex
	layouts map[string]*Layout
}

// file is one layout file, parsed twice: as written, to say where a mistake stands,
// and minified, to be executed.
type file struct {
	name     string
	src      []byte
	key      memo.Key
	trees    map[string]*parse.Tree // by template name; the file's own name is its main text
	minified map[string]*parse.Tree
}

// Layout is one kind of page or embed, ready to be executed.
type Layout struct {
	Name string
	Key  memo.Key // of all files that it reaches

	set      *Set
	entry    string
	run      *template.Template
	readable func() *template.Template // as written, to find the place of a mistake
	programs programs                  // run, compiled
}

// maxPage is the largest page, in bytes, that a layout may make. The largest we know
// of, a month of a busy newsroom, has 300 KB; what passes this limit is a loop.
const maxPage = 64 << 20

// Load parses all layouts. files are by slash path below layouts/.
func Load(files map[string][]byte) (*Set, report.List) { return load(files, pages) }

// Part parses only what the pages below a folder are made of: base.html, the partials and
// the folder itself, for who draws no others.
func Part(files map[string][]byte, folder string) (*Set, report.List) {
	some := map[string][]byte{}
	var own []string
	for name, src := range files {
		page, in := strings.CutSuffix(name, ".html")
		in = in && strings.HasPrefix(name, folder+"/")
		if in {
			own = append(own, page)
		}
		if in || shared(name) || path.Dir(name) == "i18n" {
			some[name] = src
		}
	}
	return load(some, own)
}

// shared tells whether all pages may use what a file defines.
func shared(name string) bool { return name == "base.html" || strings.HasPrefix(name, "partials/") }

func load(files map[string][]byte, pages []string) (*Set, report.List) {
	s := &Set{files: map[string]*file{}, defs: map[string]*file{}, pages: pages, layouts: map[string]*Layout{}}
	var problems report.List
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if path.Ext(name) != ".html" {
			continue
		}
		f, bad := read(name, files[name])
		if bad != nil {
			problems.Add(*bad)
			continue
		}
		s.files[name] = f
		if shared(name) {
			for def := range f.trees {
				s.defs[def] = f
			}
		}
	}
	words, more := loadWords(files)
	s.words = words
	problems.Add(more...)
	if !problems.HasErrors() {
		problems.Add(s.check()...)
	}
	return s, problems
}

// read parses one file.
func read(name string, src []byte) (*file, *report.Problem) {
	f := &file{name: name, src: src, key: memo.Of(src)}
	var err error
	if f.trees, err = parseTrees(name, string(src)); err != nil {
		p := place(f, err)
		return nil, &p
	}
	if f.minified, err = parseTrees(name, shrink(src)); err != nil {
		f.minified = f.trees // what the minifier cannot take stays as it is
	}
	return f, nil
}

// builtins are the functions of html/template, by name, for the parser.
var builtins = func() map[string]any {
	m := map[string]any{}
	for _, name := range strings.Fields("and or not eq ne lt le gt ge len index slice print printf println html js urlquery call") {
		m[name] = true
	}
	return m
}()

func parseTrees(name, src string) (map[string]*parse.Tree, error) {
	return parse.Parse(name, src, "{{", "}}", builtins)
}

func shrink(src []byte) string {
	m := minify.New()
	m.Add("text/html", &html.Minifier{
		KeepDocumentTags: true, KeepEndTags: true, KeepQuotes: true, KeepDefaultAttrVals: true,
		TemplateDelims: html.GoTemplateDelims,
	})
	var out bytes.Buffer
	if err := m.Minify("text/html", &out, bytes.NewReader(src)); err != nil {
		return string(src)
	}
	return out.String()
}

// Sources returns the layouts as they were written, by path below layouts/. Loaded
// again they make the same set, but for the words.
func (s *Set) Sources() map[string]string {
	out := make(map[string]string, len(s.files))
	for name, f := range s.files {
		out[name] = string(f.src)
	}
	return out
}

// Embeds returns the names of the embeds, sorted.
func (s *Set) Embeds() []string {
	var names []string
	for name := range s.files {
		if rest, ok := strings.CutPrefix(name, "embeds/"); ok {
			names = append(names, strings.TrimSuffix(rest, ".html"))
		}
	}
	slices.Sort(names)
	return names
}

// Has tells whether there is a layout for a kind of page, without making it.
func (s *Set) Has(kind string) bool {
	return s.files[kind+".html"] != nil && s.files["base.html"] != nil
}

// Page returns the layout of a kind of page, or nil when there is none.
func (s *Set) Page(kind string) *Layout {
	if kind == "redirect" || kind == "embed" { // without the frame of pages
		return s.layout(kind+".html", kind+".html")
	}
	return s.layout(kind+".html", "base.html")
}

// Embed returns the layout of an embed, or nil when there is none.
func (s *Set) Embed(name string) *Layout {
	file := "embeds/" + name + ".html"
	return s.layout(file, file)
}

// layout puts the templates together that can be reached from entry, when page is
// the file whose definitions come first.
func (s *Set) layout(page, entry string) *Layout {
	s.mu.Lock()
	defer s.mu.Unlock()
	if l, ok := s.layouts[page]; ok {
		return l
	}
	own := s.files[page]
	if own == nil || entry == "base.html" && s.files["base.html"] == nil {
		return nil
	}
	l := &Layout{Name: page, set: s, entry: entry, run: newTemplate(entry)}
	reached := map[string]*file{}
	s.reach(own, entry, func(name string, f *file) {
		reached[f.name] = f
		add(l.run, name, f.minified[name])
	})
	l.readable = sync.OnceValue(func() *template.Template {
		t := newTemplate(entry)
		s.reach(own, entry, func(name string, f *file) { add(t, name, f.trees[name]) })
		return t
	})
	var keys []any
	for _, name := range slices.Sorted(maps.Keys(reached)) {
		keys = append(keys, name, reached[name].key)
	}
	l.Key = memo.Hash(append([]any{page, entry}, keys...)...)
	s.layouts[page] = l
	return l
}

// add adds a copy of a tree, which html/template will change.
func add(t *template.Template, name string, tree *parse.Tree) {
	if _, err := t.AddParseTree(name, tree.Copy()); err != nil {
		panic(err) // it was parsed by read
	}
}

func newTemplate(name string) *template.Template {
	return template.New(name).Option("missingkey=error")
}

// reach calls visit for every template that entry reaches, once.
func (s *Set) reach(own *file, entry string, visit func(name string, f *file)) {
	seen := map[string]bool{}
	var walk func(name string)
	walk = func(name string) {
		if seen[name] {
			return
		}
		seen[name] = true
		f := s.definer(own, name)
		if f == nil {
			return // told by check
		}
		visit(name, f)
		for _, call := range calls(f.trees[name].Root) {
			walk(call.Name)
		}
	}
	walk(entry)
}

// definer returns the file that defines a template for the page own: its own
// definitions come first, as "main" over the block of base.html.
func (s *Set) definer(own *file, name string) *file {
	if own != nil && own.trees[name] != nil {
		return own
	}
	return s.defs[name]
}

// Execute writes the page of view. The error names file, line and column.
func (l *Layout) Execute(w io.Writer, view any) error {
	if done, err := l.program(reflect.TypeOf(view)).run(w, view); done {
		return err
	}
	return l.Interpret(w, view)
}

func (l *Layout) problem(err error) error {
	p := l.set.place(err)
	return &Error{Problem: p}
}

// Error is a mistake in a layout that shows when it is executed.
type Error struct{ Problem report.Problem }

func (e *Error) Error() string {
	return fmt.Sprintf("%s:%d:%d: %s", e.Problem.Path, e.Problem.Line, e.Problem.Col, e.Problem.Text)
}

var errTooLarge = errors.New("too large")

type limited struct {
	w    io.Writer
	left int
}

func (l *limited) Write(p []byte) (int, error) {
	if l.left -= len(p); l.left < 0 {
		return 0, errTooLarge
	}
	return l.w.Write(p)
}

// Both packages name the place in the text of their errors, and only there.
var where = regexp.MustCompile(`^(?:html/)?template:\s*([^\s:]+\.html):(\d+)(?::(\d+))?: (?:executing "[^"]*" at (<.*?>): )?`)

func (s *Set) place(err error) report.Problem {
	m := where.FindStringSubmatch(err.Error())
	if m != nil && s.files[m[1]] != nil {
		return place(s.files[m[1]], err)
	}
	return report.Problem{Path: "layouts", Name: "layout", Text: err.Error()}
}

func place(f *file, err error) report.Problem {
	text, line, col, length := err.Error(), 1, 0, 1
	if m := where.FindStringSubmatch(text); m != nil {
		line, _ = strconv.Atoi(m[2])
		if m[3] != "" {
			col, _ = strconv.Atoi(m[3])
		}
		text = text[len(m[0]):]
		if m[4] != "" {
			length = max(1, len(m[4])-2)
			text = strings.TrimSuffix(strings.TrimPrefix(m[4], "<"), ">") + ": " + text
		}
	}
	hint := ""
	if strings.Contains(text, "can't evaluate field") || strings.Contains(text, "no entry for key") {
		hint = "the fields of each view stand in internal/site/view.go, the words in layouts/i18n"
	}
	return report.Source{Path: "layouts/" + f.name, Text: f.src}.At(line, col+1, length, "layout", text, hint)
}
