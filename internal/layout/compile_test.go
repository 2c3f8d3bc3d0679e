package layout

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"io"
	"maps"
	"reflect"
	"strings"
	"sync"
	"testing"
	"text/template/parse"
)

// The types that the layouts of these tests are executed with.
type (
	frameView struct {
		Name string
		T    map[string]string
		Any  map[string]any
	}
	linkView struct {
		Text string
		URL  string
	}
	itemView struct {
		linkView // unexported, its fields are promoted all the same
		*Extra   // may be nil
		Role     string
		Tags     []string
	}
	Extra struct{ Note string }

	testView struct {
		Site    *frameView
		Title   string
		Empty   string
		Body    bodyView
		Body2   *bodyView
		Items   []itemView
		None    []itemView
		Item    *itemView
		Nil     *itemView
		Names   map[string]int
		Kinds   map[kind]string
		Array   [2]string
		Yes, No bool
		N       int
		Small   int8
		U       uint16
		F       float64
		HTML    template.HTML
		Kind    kind
		Time    stringer
		Any     any
		Nested  [][]string
		hidden  string
	}
	kind     string
	stringer struct{ S string }
	bodyView struct{ text template.HTML }
)

func (s stringer) String() string { return "<" + s.S + ">" }

func (b bodyView) Empty() bool { return b.text == "" }
func (b bodyView) HTML() (template.HTML, error) {
	if b.text == "bad" {
		return "", errors.New("no text today")
	}
	return b.text, nil
}
func (b bodyView) With(s string) string      { return s }
func (b *bodyView) OfPointer() template.HTML { return b.text }

func example() testView {
	return testView{
		Site:  &frameView{Name: "Press & more", T: map[string]string{"news": "News <all>", "kind_a": "A"}, Any: map[string]any{"x": "1"}},
		Title: `A "title" & <b>`,
		Body:  bodyView{"<p>text</p>"}, Body2: &bodyView{"<p>two</p>"},
		Items: []itemView{
			{linkView: linkView{"one", "/a b"}, Role: "first", Tags: []string{"x", "y", "z"}},
			{linkView: linkView{"two", "javascript:x"}, Extra: &Extra{"a note"}},
			{linkView: linkView{"three", "https://x/?a=1&b=2"}, Extra: &Extra{}},
		},
		Item:  &itemView{linkView: linkView{"ptr", "/p"}, Extra: &Extra{"pn"}},
		Names: map[string]int{"b": 2, "a": 1, "c": 3}, Kinds: map[kind]string{"k": "v"},
		Array: [2]string{"p", "q"}, Yes: true, N: 3, Small: -4, U: 7, F: 1.5, HTML: "<i>it</i>", Kind: "k", Time: stringer{"t"},
		Any: "any", Nested: [][]string{{"n0"}, {"n1", "n2"}, {}}, hidden: "h",
	}
}

// single is a set of one embed, x, and some partials.
func single(t testing.TB, src string) *Layout {
	t.Helper()
	s, _ := Load(map[string][]byte{ // the problems are pages that this set does not have
		"embeds/x.html":      []byte(src),
		"partials/link.html": []byte(`<a href="{{.URL}}">{{.Text}}</a>{{range $i, $x := .Tags}}{{$i}}{{$x}}{{end}}`),
		"partials/text.html": []byte(`[{{.}}]`),
		"partials/deep.html": []byte(`{{$x := "own"}}{{template "partials/text.html" .Title}}{{$x}}{{$.Title}}`),
		"partials/none.html": []byte(`nothing`),
	})
	l := s.Embed("x")
	if l == nil {
		t.Fatalf("%s: does not parse", src)
	}
	return l
}

// compareRuns executes a view both ways; bytes and errors are the same.
func compareRuns(t testing.TB, src string, l *Layout, view any) string {
	t.Helper()
	var got, want bytes.Buffer
	err, wantErr := l.Execute(&got, view), l.Interpret(&want, view)
	if got.String() != want.String() {
		t.Errorf("%s of %+v\n got %q\nwant %q", src, view, got.String(), want.String())
	}
	if fmt.Sprint(err) != fmt.Sprint(wantErr) {
		t.Errorf("%s\n got error %v\nwant %v", src, err, wantErr)
	}
	return got.String()
}

// understood are layouts that run compiled, with what they make of the example.
var understood = []struct{ src, want string }{
	{`plain`, `plain`},
	{`{{.Title}}`, `A &#34;title&#34; &amp; &lt;b&gt;`},
	{`{{.Site.Name}}`, `Press &amp; more`},
	{`{{/* nothing */}}`, ``},
	{`{{.Item.Text}} {{.Item.Note}} {{.Item.Extra.Note}}`, `ptr pn pn`},
	{`{{.Body.HTML}}{{.Body.Empty}}{{.Body2.HTML}}{{.Body2.OfPointer}}`, `<p>text</p>false<p>two</p><p>two</p>`},
	{`{{.HTML}}{{.N}} {{.Small}} {{.U}} {{.Yes}} {{.Kind}}`, `<i>it</i>3 -4 7 true k`},
	{`<title>{{.HTML}}{{.Title}}</title>`, `<title>&lt;i&gt;it&lt;/i&gt;A &#34;title&#34; &amp; &lt;b&gt;</title>`},
	{`{{.Site.T.news}}{{index .Site.T "news"}}{{index .Site.T "no such"}}`, `News &lt;all&gt;News &lt;all&gt;`},
	{`{{.Names.a}}{{index .Names "b"}}{{index .Names "z"}}`, `120`},
	{`{{index .Items 1 | printf "%T"}}`, `layout.itemView`},
	{`{{index .Array 1}}{{index .Nested 1 0}}{{(index .Items 0).Role}}`, `qn1first`},
	{`{{if .Yes}}a{{else}}b{{end}}{{if .No}}a{{else}}b{{end}}{{if .Empty}}a{{else if .N}}c{{end}}`, `abc`},
	{`{{if .Nil}}a{{end}}{{if .Item}}b{{end}}{{if .None}}c{{end}}{{if .Body}}d{{end}}{{if .Array}}e{{end}}{{if .Small}}f{{end}}{{if .U}}g{{end}}{{if .F}}h{{end}}`, `bdefgh`},
	{`{{with .Item}}{{.Text}}{{$.N}}{{end}}{{with .Nil}}x{{else}}{{.N}}{{end}}`, `ptr33`},
	{`{{with .Empty}}x{{else with .Title}}{{len .}}{{end}}`, `15`},
	{`{{with $x := .N}}{{$x}}{{.}}{{end}}{{with $x := .Empty}}{{else}}({{$x}}){{end}}{{if $x := .U}}{{$x}}{{end}}`, `33()7`},
	{`{{range .Items}}{{.Text}}{{with .Extra}}{{.Note}}{{end}};{{end}}`, `one;twoa note;three;`},
	{`{{range .None}}x{{else}}none{{end}}{{range .Items}}{{else}}x{{end}}`, `none`},
	{`{{range $i, $x := .Items}}{{$i}}{{$x.Text}}{{.Text}}{{end}}`, `0oneone1twotwo2threethree`},
	{`{{range $x := .Array}}{{$x}}{{end}}{{range .N}}{{.}}{{end}}{{range $n := 2}}{{$n}}{{end}}{{range 0}}x{{else}}0{{end}}`, `pq012010`},
	{`{{range $k, $v := .Names}}{{$k}}{{$v}}{{end}}{{range .Names}}{{.}}{{end}}{{range $k, $v := .Kinds}}{{$k}}{{$v}}{{end}}`, `a1b2c3123kv`},
	{`{{range .Items}}{{if eq .Text "two"}}{{break}}{{end}}{{.Text}}{{end}}!`, `one!`},
	{`{{range .Items}}{{with .Role}}{{continue}}{{end}}{{.Text}}{{end}}`, `twothree`},
	{`{{range .Items}}{{range .Tags}}{{if eq . "y"}}{{break}}{{end}}{{.}}{{end}}{{.Text}}{{end}}{{.N}}`, `xonetwothree3`},
	{`{{$a := "1"}}{{range .Items}}{{$a}}{{$a = .Text}}{{$b := .Text}}{{range .Tags}}{{$b}}{{$b = .}}{{end}}{{end}}{{$a}}`, `1onexyonetwothree`},
	{`{{$a := "1"}}{{if .Yes}}{{$a := "2"}}{{$a}}{{$a = "3"}}{{end}}{{$a}}{{with .Item}}{{$a = .Text}}{{end}}{{$a}}`, `21ptr`},
	{`{{$a := "1"}}{{if .No}}{{$a := "2"}}{{$a}}{{else}}{{$a}}{{end}}`, `1`},
	{`{{$i := .Item}}{{$i.Text}}{{$.Item.Note}}{{(.Item).Text}}`, `ptrpnptr`},
	{`{{template "partials/link.html" index .Items 0}}{{template "partials/link.html" .Item}}`, `<a href="/a%20b">one</a>0x1y2z<a href="/p">ptr</a>`},
	{`{{template "partials/text.html" .Title}}{{template "partials/text.html" .N}}{{template "partials/none.html"}}`, `[A &#34;title&#34; &amp; &lt;b&gt;][3]nothing`},
	{`{{$x := "mine"}}{{template "partials/deep.html" .}}{{$x}}`, `[A &#34;title&#34; &amp; &lt;b&gt;]ownA &#34;title&#34; &amp; &lt;b&gt;mine`},
	{`{{or .Empty .Title}}{{or .Title .Empty}}{{or .Empty .Empty "last"}}{{and .Title .Kind "x" | not}}`, `A &#34;title&#34; &amp; &lt;b&gt;A &#34;title&#34; &amp; &lt;b&gt;lastfalse`},
	{`{{and .N 0}}{{and 1 .N}}{{or 0 .N}}{{with or .Nil .Item}}{{.Text}}{{end}}`, `033ptr`},
	{`{{if or .Nil .Title}}a{{end}}{{if and .Title .Items (not .Nil)}}b{{end}}{{if not (or .Nil .None)}}c{{end}}{{if or .Nil (and .Yes .None)}}d{{end}}`, `abc`},
	{`{{if eq .N 3}}a{{end}}{{if eq .N 1 2 3}}b{{end}}{{if eq .Title "x" .Empty}}c{{end}}{{if eq .Small -4}}d{{end}}{{if eq .Yes true}}e{{end}}{{if eq .F .F}}f{{end}}`, `abdef`},
	{`{{ne .N 3}}{{ne .Title "x"}}{{ne .Yes .No}}{{lt .N 4}}{{le .N 3}}{{gt .N 3}}{{ge .N 3}}`, `falsetruetruetruetruefalsetrue`},
	{`{{lt "a" "b"}}{{le "b" "a"}}{{gt "b" "a"}}{{ge "a" "a"}}{{lt .U .U}}{{gt .F .F}}{{ge .F .F}}`, `truefalsetruetruefalsefalsetrue`},
	{`{{len .Items}}{{len .Title}}{{len .Names}}{{len .Array}}{{.Items | len}}`, `315323`},
	{`{{slice .Title 2 4}}{{slice .Title 12}}{{range slice .Items 1}}{{.Text}}{{end}}{{slice .Kind 0 1}}`, `&#34;t&lt;b&gt;twothreek`},
	{`{{print .Title .N}}{{printf "%s-%d" .Title .N}}{{println .N}}{{.N | printf "%03d"}}`, "A &#34;title&#34; &amp; &lt;b&gt;3A &#34;title&#34; &amp; &lt;b&gt;-33\n003"},
	{`{{index .Site.T (printf "kind_%s" "a")}}{{"const"}}{{true}}{{12}}`, `Aconsttrue12`},
	{`{{.Kind | urlquery}}`, `k`},
	{`{{print (html .Title) (js .Title) (urlquery .Title)}}`, ``},
	{`<a href="{{.Title}}" title='{{.Title}}' {{if .Yes}}data-x="{{.N}}"{{end}}>`, `<a href="A%20%22title%22%20&amp;%20%3cb%3e" title='A &#34;title&#34; &amp; &lt;b&gt;' data-x="3">`},
	{`<a href="/x?q={{.Title}}#{{.N}}">`, `<a href="/x?q=A%20%22title%22%20%26%20%3cb%3e#3">`},
}

func TestUnderstood(t *testing.T) {
	for _, c := range understood {
		l := single(t, c.src)
		view := example()
		if err := l.Compiled(view); err != nil {
			t.Errorf("%s: left to html/template: %v", c.src, err)
		}
		if got := compareRuns(t, c.src, l, view); c.want != "" && got != c.want {
			t.Errorf("%s\n got %q\nwant %q", c.src, got, c.want)
		}
		compareRuns(t, c.src, l, &view)
		compareRuns(t, c.src, l, testView{})
		compareRuns(t, c.src, l, (*testView)(nil))
		compareRuns(t, c.src, l, nil)
	}
}

// left are layouts, or runs of them, for html/template. Each makes what it always made,
// an error included.
var left = []string{
	`{{.Any}}`, `{{.Site.Any.x}}`, `{{range .Site.Any}}{{.}}{{end}}`, `{{with .Any}}{{.}}{{end}}`, `{{eq .Any "any"}}`, // interfaces
	`{{.Time}}`, `{{.Items}}`, `{{.Item}}`, `{{.F}}`, `{{.Names}}`, `{{.Nil}}`, // fmt has its own ways
	`{{.Body.OfPointer}}`, `{{.Body.With "x"}}`, `{{.hidden}}`, `{{.NoSuch}}`, `{{.Title.X}}`, `{{.Body.text}}`,
	`{{.Site.T.missing}}`, `{{.Nil.Role}}`, `{{(index .Items 0).Note}}`, `{{index .Items 7}}`, `{{index .Items -1}}`, `{{slice .Title 99}}`, `{{slice .Title 3 2}}`,
	`{{or .Yes .Nil.Role}}`, `{{or .Nil "x"}}`, `{{$x := or .Nil "x"}}{{$x}}`, `{{.Nil.Role | or .Yes}}`, `{{eq "a" .Title .Nil.Role}}`, `{{eq "a" "a" .Nil.Role}}`,
	`{{eq .N .U}}`, `{{eq .N "3"}}`, `{{eq .N}}`, `{{lt .Yes .No}}`, `{{eq .Item .Nil}}`, `{{lt .N}}`, `{{not}}`, `{{and}}`, `{{len 3}}`, `{{len .Nil}}`, `{{index .Title 1}}`,
	`{{$x := 1}}{{$x = "a"}}{{$x}}`, `{{$x := .HTML}}{{$x = .Title}}{{$x}}`, `{{$x := 1}}{{range $x = .Items}}{{end}}{{$x}}`, `{{range .Nested}}{{range $x := .}}{{else}}{{$x}}{{end}}{{end}}`,
	`{{'a'}}`, `{{0x1F}}`, `{{1e3}}`, `{{1.5}}`, `{{nil}}`, `{{print nil}}`, `{{call .Title}}`, `{{.Title | .N}}`, `{{html .Title}}`,
	`<title>{{template "partials/text.html" .Title}}</title>`, `{{template "partials/none.html" $x := .N}}{{$x}}`, `{{template "partials/link.html" .Title}}`,
	`<p style="color: {{.Title}}">`, `<p {{.Title}}="x">`, `<p title="{{.HTML}}">`, `<p title={{.HTML}}>`, `<script>var x = /{{.Title}}/</script>`, `<script>{{.F}}{{.Items}}</script>`,
	`<a href="{{if .Yes}}a?{{end}}{{.Title}}">`, `{{range .Title}}{{end}}`, `{{range .Item}}{{end}}`, `{{range $i, $x := 3}}{{end}}`,
	`{{with (printf "%s" .Nil.Role)}}x{{end}}`, `begun {{range .Items}}{{.Text}}{{$.Nil.Role}}{{end}}`,
}

func TestLeft(t *testing.T) {
	for _, src := range left {
		l := single(t, src)
		view := example()
		if l.Compiled(view) == nil {
			t.Errorf("%s: compiled", src)
		}
		compareRuns(t, src, l, view)
		compareRuns(t, src, l, &view)
		compareRuns(t, src, l, testView{})
	}
}

func TestErrorOfAMethod(t *testing.T) {
	l, view := single(t, `a{{.Body.HTML}}`), testView{Body: bodyView{"bad"}}
	compareRuns(t, "", l, view)
	if err := l.Execute(io.Discard, view); err == nil || !strings.Contains(err.Error(), "no text today") {
		t.Error(err)
	}
}

// TestUnescaped: a layout that html/template cannot escape stays an error, and its tree,
// in which nothing is escaped, is never read.
func TestUnescaped(t *testing.T) {
	l := single(t, `{{.Title}}<a href="{{if .Yes}}`+"`"+`{{end}}<b title=`)
	var out bytes.Buffer
	if err := l.Execute(&out, example()); err == nil || out.Len() > 0 {
		t.Errorf("wrote %q, error %v", out.String(), err)
	}
	if err := l.Compiled(example()); err == nil {
		t.Error("compiled")
	}
	raw, err := parseTrees("raw", `{{.Title}}`)
	if err != nil {
		t.Fatal(err)
	}
	if compile("raw", reflect.TypeFor[testView](), func(name string) *parse.Tree { return raw[name] }).refused == nil {
		t.Error("compiled a tree that was not escaped")
	}
}

func TestTooLarge(t *testing.T) {
	view := testView{HTML: template.HTML(strings.Repeat("x", maxPage/2+1))}
	for _, src := range []string{`{{range 9}}{{$.HTML}}{{end}}`, `{{.HTML}}{{.HTML}}`} {
		if err := single(t, src).Execute(io.Discard, view); err == nil || !strings.Contains(err.Error(), "grows beyond 64 MB") {
			t.Errorf("%s: %v", src, err)
		}
	}
}

type brokenWriter struct{ error }

func (w brokenWriter) Write([]byte) (int, error) { return 0, w.error }

// TestOneWrite: a page goes out whole; a writer's error comes back as it is.
func TestOneWrite(t *testing.T) {
	full := errors.New("disk full")
	if err := single(t, `a{{.N}}b`).Execute(brokenWriter{full}, example()); !errors.Is(err, full) {
		t.Error(err)
	}
	n := 0
	if err := single(t, `a{{.N}}b`).Execute(counter(func() { n++ }), example()); err != nil || n != 1 {
		t.Error(n, err)
	}
}

type counter func()

func (c counter) Write(p []byte) (int, error) { c(); return len(p), nil }

// TestManyAtOnce executes new layouts from many goroutines, with several types of view.
func TestManyAtOnce(t *testing.T) {
	l := single(t, `{{range .Items}}{{template "partials/link.html" .}}{{end}}{{.Title}}`)
	view := example()
	want := compareRuns(t, "", single(t, `{{range .Items}}{{template "partials/link.html" .}}{{end}}{{.Title}}`), view)
	type other struct {
		Title string
		Items []itemView
	}
	var wg sync.WaitGroup
	for i := range 12 {
		wg.Go(func() {
			for range 20 {
				var out bytes.Buffer
				v := []any{view, &view, other{view.Title, view.Items}}[i%3]
				if err := l.Execute(&out, v); err != nil || out.String() != want {
					t.Errorf("%T: %v %q", v, err, out.String())
				}
			}
		})
	}
	wg.Wait()
}

// TestFrameForgets: what one page left in a frame does not show in the next.
func TestFrameForgets(t *testing.T) {
	l := single(t, `{{$x := .Title}}{{range .Items}}{{$x}}{{$x = .Text}}{{end}}{{$x}}`)
	first, second := example(), testView{Title: "second"}
	compareRuns(t, "", l, first)
	compareRuns(t, "", l, testView{Items: first.Items[:1]})
	if got := compareRuns(t, "", l, second); got != "second" {
		t.Error(got)
	}
	f := frames.New().(*frame)
	p := l.program(reflect.TypeOf(first))
	if !p.fill(f, first) {
		t.Fatal("stopped")
	}
	f.release()
	for _, v := range f.stack[:cap(f.stack)] {
		if v.IsValid() {
			t.Error("a frame holds on to a view")
		}
	}
}

// FuzzLayouts: whatever a layout says, it makes what html/template makes of it.
func FuzzLayouts(f *testing.F) {
	for _, c := range understood {
		f.Add(c.src, "x")
	}
	for _, src := range left {
		f.Add(src, "<&\"'\x00")
	}
	f.Fuzz(func(t *testing.T, src, text string) {
		if strings.Count(src, "range") > 3 {
			return // loops in loops take long, and tell nothing new
		}
		s, problems := Load(map[string][]byte{"embeds/x.html": []byte(src), "partials/text.html": []byte("[{{.}}]")})
		for _, p := range problems {
			if p.Path == "layouts/embeds/x.html" {
				return
			}
		}
		l := s.Embed("x")
		if l == nil {
			return
		}
		view := example()
		view.Title, view.Kind, view.HTML, view.Items[0].URL = text, kind(text), template.HTML(text), text
		view.Names = maps.Clone(view.Names)
		view.Names[text] = len(text)
		var got, want bytes.Buffer
		err, wantErr := l.Execute(&got, view), l.Interpret(&want, view)
		if got.String() != want.String() || fmt.Sprint(err) != fmt.Sprint(wantErr) {
			t.Errorf("%s\n got %q, %v\nwant %q, %v", src, got.String(), err, want.String(), wantErr)
		}
	})
}
