package node

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	tomllib "github.com/pelletier/go-toml/v2"
	yamllib "go.yaml.in/yaml/v3"

	"pressroom/internal/report"
)

// check parses text and decodes it into a struct, and fails when a problem or a
// value is not inside the text. It returns the tree if there is no problem.
func check(t *testing.T, f parseFunc, text string) *Node {
	n, problems := parse(f, text)
	if n != nil {
		wellPlaced(t, strings.ReplaceAll(strings.TrimPrefix(text, "\ufeff"), "\r\n", "\n"), n)
		var dst front
		problems := Decode(report.Source{Text: []byte(text)}, n, &dst)
		for _, p := range problems {
			inside(t, text, p.Line, p.Col)
		}
		n.Value()
	}
	for _, p := range problems {
		inside(t, text, p.Line, p.Col)
		if strings.Contains(p.Text, "\n") || p.Text == "" || p.Len < 1 {
			t.Errorf("problem %+v of %q", p, text)
		}
	}
	if len(problems) > 0 {
		return nil
	}
	if n == nil {
		t.Errorf("neither a tree nor a problem for %q", text)
	}
	return n
}

// older marks what the library, a reader of YAML 1.1, takes in another way: more
// characters that end a line, question marks in brackets, and tabs on lines
// that hold nothing else.
var older = regexp.MustCompile("[\u0085\u2028\u2029\ufeff?]" + `|(?m)^ *\t[ \t]*\r?(#.*)?$`)

// FuzzYAML: what we accept, the library reads as the same tree in the same
// places. The other way does not hold, for we accept less.
func FuzzYAML(f *testing.F) {
	for _, s := range []string{
		"title: Füße Hallo\ntags: [a, \"bß\", 'c c' , d e]\ndate: 2024-05-27   # comment\n",
		"a: b\n  c\n\n  e\nf: \"x\n  y\\tz\"\ng: |\n  lit\n   more\n\n  z\nh: >-\n  fold\n  ed\n\n  z\ni: x\n",
		"a:\n- b\n- c: d\n  e: f\n-\n- [x,\n   y]\ng: {a: 1, b: {c: 2},\n  d: 3}\nk:\n    l: ~\nm:\n",
		"speaker:\n  name: Ana\n  role: 'It''s'\nembargo: 2024-05-27 16:00\nurl: http://x.y/z#a\n# c\nlist:\n  - \"a: b\"\n  - c # d\n",
		"a: >\n\n  b\n    c\n\n\n  d\n  e\n\n\nb: |2+\n   x\n\nc:\n  d: >+\n   x\n   \ne: '\n  a\n\n  b '\nf: \"a\\\n   b\\x41\\u00e4\"\n",
		"---\n- - a\n  - b: |-\n     x\n    c: d\n-\n  - e\n",
		"{\"a\": 1, b: [c, {d: e}], f: , 'g' : \"h\"}\n",
		"a: &b [*b]\n<<: !c d\n? e\n---\n...\n", "a:\t@b\t# `\n", "\ufeffa: b\r\nc: |\r\n  d\r\n", "é: \xff\x00",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		n := check(t, ParseYAML, text)
		if n == nil || older.MatchString(text) {
			return
		}
		var doc yamllib.Node
		if err := yamllib.Unmarshal([]byte(text), &doc); err != nil {
			t.Fatalf("%q is refused by the library: %v", text, err)
		}
		var want, got strings.Builder
		if doc.Kind == yamllib.DocumentNode && doc.Content[0].Tag != "!!null" {
			sketchLibrary(&want, doc.Content[0])
		} else {
			want.WriteString("1:1{}")
		}
		sketch(&got, n)
		if got.String() != want.String() {
			t.Errorf("%q\ngot  %s\nwant %s", text, got.String(), want.String())
		}
	})
}

// sketch draws what both trees know: no lengths, and no place for nothing.
func sketch(b *strings.Builder, n *Node) {
	if n.Kind != Null {
		fmt.Fprintf(b, "%d:%d", n.Line, n.Col)
	}
	switch n.Kind {
	case Null:
		b.WriteString("null ")
	case Scalar:
		fmt.Fprintf(b, "%q plain=%v ", n.Text, n.Plain)
	case List:
		b.WriteString("[")
		for _, item := range n.List {
			sketch(b, item)
		}
		b.WriteString("]")
	case Map:
		b.WriteString("{")
		for _, e := range n.Map {
			fmt.Fprintf(b, "%d:%d%q=", e.Line, e.Col, e.Key)
			sketch(b, e.Value)
		}
		b.WriteString("}")
	}
}

func sketchLibrary(b *strings.Builder, n *yamllib.Node) {
	if n.Tag != "!!null" {
		fmt.Fprintf(b, "%d:%d", n.Line, n.Column)
	}
	switch {
	case n.Tag == "!!null":
		b.WriteString("null ")
	case n.Kind == yamllib.ScalarNode:
		fmt.Fprintf(b, "%q plain=%v ", n.Value, n.Style == 0)
	case n.Kind == yamllib.SequenceNode:
		b.WriteString("[")
		for _, item := range n.Content {
			sketchLibrary(b, item)
		}
		b.WriteString("]")
	case n.Kind == yamllib.MappingNode:
		b.WriteString("{")
		for i := 0; i < len(n.Content); i += 2 {
			k := n.Content[i]
			fmt.Fprintf(b, "%d:%d%q=", k.Line, k.Column, k.Value)
			sketchLibrary(b, n.Content[i+1])
		}
		b.WriteString("}")
	}
}

// FuzzTOML: what we accept, the library accepts too, but for dates, which are
// for others to read, and reads as the same values.
func FuzzTOML(f *testing.F) {
	for _, s := range []string{
		"title = \"Füße \\\"x\\\"\" # é\ndraft = true\nn = 1_000\nb = 0b101\nf = 1.50\nd = 2024-05-27\n",
		"a = \"\"\"\none\ntwo\"\"\"\nb = '''x'''\n",
		"a = [ 'x', [1, 2], # ]\n  {k = [ ], 'l m' = 3},\n]\n",
		"a.b = 1\na.c = 2\n[x.y]\nz = 3\n[x]\nw = 4\n[a.d]\n",
		"[[s]]\nn = 1\n[s.t]\nm = 2\n[[s]]\nn = 3\n[[s.u]]\n",
		"a = {b.c = 1, b.d = 2}\na.b.e = 1\n", "[a.b]\n[a]\nb.c = 1\n", "a = []\n[[a]]\n", "[a]\n[a]\n", "title: x", "[t", "t = \"\\u0000",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		n := check(t, ParseTOML, text)
		if n == nil {
			return
		}
		var want map[string]any
		if err := tomllib.Unmarshal([]byte(strings.TrimPrefix(text, "\ufeff")), &want); err != nil {
			if !strings.ContainsAny(text, ":-") && !strings.Contains(err.Error(), "too large") && !strings.Contains(err.Error(), "range") {
				t.Errorf("%q is refused by the library: %v", text, err)
			}
			return
		}
		if !same(n, want) {
			t.Errorf("%q\ngot  %s\nwant %v", text, draw(n), want)
		}
	})
}

// same compares a tree with what the library made of the same text.
func same(n *Node, want any) bool {
	switch want := want.(type) {
	case map[string]any:
		for _, e := range n.Map {
			if v, ok := want[e.Key]; !ok || !same(e.Value, v) {
				return false
			}
		}
		return n.Kind == Map && len(n.Map) == len(want)
	case []any:
		if n.Kind != List || len(n.List) != len(want) {
			return false
		}
		for i := range want {
			if !same(n.List[i], want[i]) {
				return false
			}
		}
		return true
	case string:
		return !n.Plain && n.Text == strings.ReplaceAll(want, "\r\n", "\n")
	case bool:
		return n.Value() == want
	case int64:
		i, ok := parseInt(n.Text)
		return ok && n.Plain && int64(i) == want
	case float64:
		f, ok := parseFloat(n.Text)
		return n.Plain && (f == want || !ok)
	}
	return n.Kind == Scalar && n.Plain // a date
}
