package layout

import (
	"html/template"
	"strings"
	"testing"
)

// typedView is one text in every type that html/template knows, and what is no text.
type typedView struct {
	S      string
	Named  kind
	HTML   template.HTML
	URL    template.URL
	JS     template.JS
	JSStr  template.JSStr
	CSS    template.CSS
	Attr   template.HTMLAttr
	Srcset template.Srcset
	N      int
	U      uint8
	Yes    bool
}

// places are the contexts of html/template, with .X where the value stands. Those whose
// escapers we have come first; the others must make the same bytes as well.
var (
	places = []string{
		`{{.X}}`, `<title>{{.X}}</title>`, `<textarea>{{.X}}</textarea>`,
		`<p title="{{.X}}">`, `<p title='a{{.X}}b'>`, `<p title={{.X}}>`, `<svg><path d="{{.X}}"/></svg>`,
		`<a href="{{.X}}">`, `<a href='{{.X}}'>`, `<a href={{.X}}>`, `<a href="/p/{{.X}}">`, `<a href="mailto:{{.X}}">`,
		`<a href="/p?q={{.X}}&amp;r={{.X}}">`, `<a href="#{{.X}}">`, `<a href=/p?q={{.X}}>`,
		`<img srcset="{{.X}}">`, `<img srcset="{{.X}}, {{.X}} 2x">`, `<img srcset={{.X}}>`,
		`<meta http-equiv="refresh" content="0; url={{.X}}">`, `<meta name="description" content="{{.X}}">`,
		`<script>var x = {{.X}};</script>`, `<script>var x = "{{.X}}", y = '{{.X}}';</script>`, `<script type="application/ld+json">{{.X}}</script>`,
		`<script type="text/plain">{{.X}}</script>`, `<p onclick="f({{.X}}, '{{.X}}')">`, `<p onclick=f({{.X}})>`, `<!-- {{.X}} -->a`,
	}
	foreign = []string{
		`<p {{.X}}="a">`, `<script>x(/{{.X}}/, 1+{{.X}})</script>`, "<script>var x = `{{.X}}`;</script>",
		`<p style="color: {{.X}}; background: url('{{.X}}')">`, `<style>p { color: {{.X}} }</style>`,
	}
)

func FuzzEscapers(f *testing.F) {
	var layouts []*Layout
	for _, place := range append(places, foreign...) {
		for _, field := range []string{"S", "Named", "HTML", "URL", "JS", "JSStr", "CSS", "Attr", "Srcset", "N", "U", "Yes"} {
			layouts = append(layouts, single(f, strings.ReplaceAll(place, ".X", "."+field)))
		}
	}
	for _, s := range []string{"", "Harbour", `"a" & 'b' + <c>`, "<b title='1>2'>x</b>", "javascript:alert(1)", "HTTPſ://x", "https://x/a b?c=d&e=é#f", "/a:b", "a:b/c", "tel:+31",
		"\x00\x01\x1f\x7f\b\v", "a\u2028b\u2029c\xe2\x80", "\xff\xfe", "100%", "%41%zz%4", "a.jpg 1x, b.jpg  2x ,javascript:x 3x, é.jpg é", ",", " , ", "\ufdd0\ufdef\ufff0\uffff\ufffd",
		"</script><!--]]>", "`${x}`", "a=b`c\t\n\f\r d", "\\", "1e9", "true", "&amp;&#34;", "\U0001F600"} {
		f.Add(s, int64(len(s))-3)
	}
	f.Fuzz(func(t *testing.T, s string, n int64) {
		view := typedView{s, kind(s), template.HTML(s), template.URL(s), template.JS(s), template.JSStr(s), template.CSS(s), template.HTMLAttr(s), template.Srcset(s), int(n), uint8(n), n > 0}
		for _, l := range layouts {
			compareRuns(t, string(l.set.files["embeds/x.html"].src), l, view)
		}
	})
}

// TestPlaces: a string runs compiled in the places that are ours, so that none is lost
// unseen.
func TestPlaces(t *testing.T) {
	for i, place := range append(places, foreign...) {
		err := single(t, strings.ReplaceAll(place, ".X", ".S")).Compiled(typedView{S: "x"})
		if ours := i < len(places); ours != (err == nil) {
			t.Errorf("%s: compiled is %t: %v", place, !ours, err)
		}
	}
}
