package build

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"pressroom/internal/frame"
	"pressroom/internal/layout"
	"pressroom/internal/site"
	"pressroom/internal/source"
)

// newsroom builds the example newsroom, with all that is held, and reads its layouts.
func newsroom(t testing.TB) (*Result, *layout.Set) {
	t.Helper()
	tree, _, err := source.Snapshot("../..", "", nil)
	if err != nil {
		t.Fatal(err)
	}
	r, problems := Run(context.Background(), Input{Source: tree, Theme: source.Memory(nil),
		Now: time.Date(2026, 7, 7, 12, 0, 0, 0, time.UTC), Asked: site.Asked{Drafts: true, Future: true, Expired: true}}, nil)
	if r == nil {
		t.Fatal(text(problems))
	}
	layouts, problems := readLayouts(tree)
	if layouts == nil {
		t.Fatal(text(problems))
	}
	return r, layouts
}

// same executes a view both ways and compares bytes and errors.
func same(t *testing.T, what string, l *layout.Layout, view any) {
	t.Helper()
	var got, want bytes.Buffer
	err, wantErr := l.Execute(&got, view), l.Interpret(&want, view)
	if !bytes.Equal(got.Bytes(), want.Bytes()) {
		t.Errorf("%s: %s", what, difference(want.String(), got.String()))
	}
	if fmt.Sprint(err) != fmt.Sprint(wantErr) {
		t.Errorf("%s: error %v, of html/template %v", what, err, wantErr)
	}
}

// TestCompiledLayouts makes every page of the example newsroom twice, by the compiled
// layouts and by html/template. Nothing of ours may be left to html/template: a layout
// that is makes every build slower, without a word.
func TestCompiledLayouts(t *testing.T) {
	r, layouts := newsroom(t)
	for _, ref := range r.Pages {
		l, view := layouts.Page(ref.Layout), ref.View()
		if err := l.Compiled(view); err != nil {
			t.Errorf("%s: %s of a %T is left to html/template: %v", ref.URL, ref.Layout, view, err)
		}
		same(t, ref.URL, l, view)
	}
}

// TestCompiledLayoutsAnyView does the same with views that no site would have: strings
// that must be escaped, nothing where something is expected, lists of any length.
func TestCompiledLayoutsAnyView(t *testing.T) {
	r, layouts := newsroom(t)
	words, _ := layouts.Words("en")
	views := map[*layout.Layout]reflect.Type{}
	for _, ref := range r.Pages {
		views[layouts.Page(ref.Layout)] = reflect.TypeOf(ref.View())
	}
	for _, name := range layouts.Embeds() {
		views[layouts.Embed(name)] = reflect.TypeFor[site.Embed]()
	}
	edition := r.Frame.Languages[0].Frame
	names := slices.AppendSeq(slices.Sorted(maps.Keys(edition.Styles)), maps.Keys(edition.Scripts))
	slices.Sort(names)
	for l, typ := range views {
		g := generator{rand.New(rand.NewPCG(1, 2)), words, names}
		compiled := 0
		for i := range 40 {
			v := reflect.New(typ).Elem()
			g.fill(v, 0)
			view := v.Interface()
			if l.Compiled(view) == nil {
				compiled++
			}
			same(t, fmt.Sprintf("%s, view %d", l.Name, i), l, view)
		}
		if compiled < 10 {
			t.Errorf("%s: of 40 views only %d ran compiled: %v", l.Name, compiled, l.Compiled(reflect.New(typ).Elem().Interface()))
		}
	}
}

// generator makes views at random.
type generator struct {
	*rand.Rand
	words  map[string]string
	assets []string // the names of stylesheets and scripts
}

var nasty = []string{"", "Harbour", `"quoted" & 'so'`, "<script>alert(1)</script>", "javascript:alert(1)", "\x00nul", "a\u2028b\u2029c",
	"https://press.example/a b?x=1&y=é#f", "/news/2026/", "mailto:a@press.example", "tel:+31 20", "100 %", "%41%zz", "\xff\xfe broken", "scheduled", "moved",
	"\ufdd0\uffff", "a,b c", "a\nb\tc", "press-release", "correction", "en"}

func (g generator) fill(v reflect.Value, depth int) {
	if v.Type() == reflect.TypeOf(g.words) && g.IntN(4) > 0 {
		v.Set(reflect.ValueOf(g.words)) // of the rest many lack a word, which is an error
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(nasty[g.IntN(len(nasty))])
	case reflect.Bool:
		v.SetBool(g.IntN(2) == 0)
	case reflect.Int:
		v.SetInt(int64(g.IntN(3) * 700))
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Field(i).CanSet() {
				g.fill(v.Field(i), depth+1)
			}
		}
	case reflect.Pointer:
		if v.Type() == reflect.TypeFor[*site.Frame]() || g.IntN(3) > 0 && depth < 8 {
			v.Set(reflect.New(v.Type().Elem()))
			g.fill(v.Elem(), depth+1)
		}
	case reflect.Slice:
		if n := g.IntN(4); depth < 8 {
			v.Set(reflect.MakeSlice(v.Type(), n, n))
			for i := range n {
				g.fill(v.Index(i), depth+1)
			}
		}
	case reflect.Map:
		if assets, ok := v.Addr().Interface().(*map[string]frame.Asset); ok {
			*assets = map[string]frame.Asset{}
			for _, name := range g.assets {
				(*assets)[name] = frame.Asset{URL: nasty[g.IntN(len(nasty))], Integrity: nasty[g.IntN(len(nasty))]}
			}
		}
		if v.Type().Elem().Kind() == reflect.String {
			v.Set(reflect.MakeMap(v.Type()))
			for _, key := range []string{"by", "t", "caption", "title"} {
				v.SetMapIndex(reflect.ValueOf(key), reflect.ValueOf(nasty[g.IntN(len(nasty))]))
			}
		}
	}
}

// The two benchmarks execute the layout of articles on one with everything, without the
// making of its text.
func BenchmarkExecuteCompiled(b *testing.B)    { benchmarkExecute(b, (*layout.Layout).Execute) }
func BenchmarkExecuteInterpreted(b *testing.B) { benchmarkExecute(b, (*layout.Layout).Interpret) }

func benchmarkExecute(b *testing.B, execute func(l *layout.Layout, w io.Writer, view any) error) {
	r, layouts := newsroom(b)
	l := layouts.Page("article")
	var view site.Article
	most := 0
	for _, ref := range r.Pages {
		if ref.Layout != "article" {
			continue
		}
		a := ref.View().(site.Article)
		a.Body = site.Body{}
		var out bytes.Buffer
		if err := l.Execute(&out, a); err != nil {
			b.Fatal(err)
		}
		if out.Len() > most {
			most, view = out.Len(), a
		}
	}
	if most == 0 {
		b.Fatal("no articles")
	}
	b.SetBytes(int64(most))
	b.ReportAllocs()
	var page any = view
	for b.Loop() {
		if err := execute(l, io.Discard, page); err != nil {
			b.Fatal(err)
		}
	}
}
