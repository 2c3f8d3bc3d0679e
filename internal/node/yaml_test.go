package node

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pressroom/internal/report"
)

func TestYAML(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"nothing", "", "{}@1:1+1"},
		{"comments", "# a\n\n  # b\n", "{}@1:1+1"},
		{"scalars", "title: Spring session\ndraft: true\ncount: 0412\n",
			`{title@1:1+5=Spring session@1:8+14 draft@2:1+5=true@2:8+4 count@3:1+5=0412@3:8+4}@1:1+5`},
		{"columns are characters", "título: Füße # é\nб: [ä, \"ü\", c]\n",
			`{título@1:1+6=Füße@1:9+4 б@2:1+1=[ä@2:5+1 "ü"@2:8+3 c@2:13+1]@2:4+11}@1:1+6`},
		{"no value", "a:\nb: ~\nc: null # x\nd: \"\"\n",
			`{a@1:1+1=null@1:1+1 b@2:1+1=null@2:4+1 c@3:1+1=null@3:4+4 d@4:1+1=""@4:4+2}@1:1+1`},
		{"quotes", `a: 'It''s'` + "\n" + `b: "say \"hi\" \\ \u00e4\t\x41"` + "\n" + `"c d": 'x: y # z'` + "\n",
			`{a@1:1+1="It's"@1:4+7 b@2:1+1="say \"hi\" \\ ä\tA"@2:4+28 c d@3:1+5="x: y # z"@3:8+10}@1:1+1`},
		{"colons and hashes in a text", "a: http://x.org/#top\nb: 16:00\nc: a#b\nd: C#\n",
			`{a@1:1+1=http://x.org/#top@1:4+17 b@2:1+1=16:00@2:4+5 c@3:1+1=a#b@3:4+3 d@4:1+1=C#@4:4+2}@1:1+1`},
		{"lists", "a:\n- x\n- y\nb:\n  - x\n  -\n  - - z\n",
			`{a@1:1+1=[x@2:3+1 y@3:3+1]@2:1+1 b@4:1+1=[x@5:5+1 null@6:3+1 [z@7:7+1]@7:5+1]@5:3+1}@1:1+1`},
		{"maps in lists", "a:\n  - name: Ana\n    role: x\n  - Bo\n",
			`{a@1:1+1=[{name@2:5+4=Ana@2:11+3 role@3:5+4=x@3:11+1}@2:5+4 Bo@4:5+2]@2:3+1}@1:1+1`},
		{"brackets", "a: [x, [y], {k: v, l: }, ]\nb: {}\nc: []\n",
			`{a@1:1+1=[x@1:5+1 [y@1:9+1]@1:8+3 {k@1:14+1=v@1:17+1 l@1:20+1=null@1:20+1}@1:13+11]@1:4+23 b@2:1+1={}@2:4+2 c@3:1+1=[]@3:4+2}@1:1+1`},
		{"brackets over lines", "a: [\n  x, # why\n  \"y\n   z\"\n]\nb: 1\n",
			`{a@1:1+1=[x@2:3+1 "y z"@3:3+2]@1:4+1 b@6:1+1=1@6:4+1}@1:1+1`},
		{"JSON", "{\"a\":1,\n\"b\": [true]}\n",
			`{a@1:2+3=1@1:6+1 b@2:1+3=[true@2:7+4]@2:6+6}@1:1+1`},
		{"a plain text over lines", "a: one\n  two\n\n  three # c\nb: x\n",
			`{a@1:1+1=` + "one two\nthree" + `@1:4+3 b@5:1+1=x@5:4+1}@1:1+1`},
		{"quoted texts over lines", "a: \"one  \n\n  two\\\n   three\"\nb: '\n  x '\n",
			`{a@1:1+1="one\ntwothree"@1:4+4 b@5:1+1=" x "@5:4+1}@1:1+1`},
		{"blanks that are meant", "a: \"one\\t\n  two\\ \n  three\"\n", `{a@1:1+1="one\t two  three"@1:4+6}@1:1+1`},
		{"a text below its key", "a:\n  one\n  two\nb:\n  \"x\"\n",
			`{a@1:1+1=one two@2:3+3 b@4:1+1="x"@5:3+3}@1:1+1`},
		{"literal", "a: |\n  one\n   two\n\n  # three\nb: |-\n  x\n\nc: |+\n  x\n\nd: |2\n   x\n",
			`{a@1:1+1="one\n two\n\n# three\n"@1:4+1 b@6:1+1="x"@6:4+2 c@9:1+1="x\n\n"@9:4+2 d@12:1+1=" x\n"@12:4+2}@1:1+1`},
		{"indentation said", "a:\n  b: |2\n      x\n     y\n", `{a@1:1+1={b@2:3+1="  x\n y\n"@2:6+2}@2:3+1}@1:1+1`},
		{"folded", "a: >\n  one\n  two\n\n  three\n    four\n  five\n\n\nb: >-  # why\n\n  x\n",
			`{a@1:1+1="one two\nthree\n  four\nfive\n"@1:4+1 b@10:1+1="\nx"@10:4+2}@1:1+1`},
		{"an indented --- in a block", "a: |\n  ---\n  x\nb: y\n",
			`{a@1:1+1="---\nx\n"@1:4+1 b@4:1+1=y@4:4+1}@1:1+1`},
		{"a block without text", "a: |\nb: >-\n\nc: x\n",
			`{a@1:1+1=""@1:4+1 b@2:1+1=""@2:4+2 c@4:1+1=x@4:4+1}@1:1+1`},
		{"Windows", "\ufeffa: |\r\n  x\r\n  y\r\nb: z\r\n",
			`{a@1:1+1="x\ny\n"@1:4+1 b@4:1+1=z@4:4+1}@1:1+1`},
		{"tabs between things", "a:\tx\t# c\nb: y\tz\n",
			`{a@1:1+1=x@1:4+1 b@2:1+1=` + "y\tz" + `@2:4+3}@1:1+1`},
		{"an opening ---", "# site\n---\na: x\n", `{a@3:1+1=x@3:4+1}@3:1+1`},
		{"all indented", "  a: x\n  b: y\n", `{a@1:3+1=x@1:6+1 b@2:3+1=y@2:6+1}@1:3+1`},
	} {
		t.Run(c.name, func(t *testing.T) {
			n, problems := parse(ParseYAML, c.text)
			if problems != nil {
				t.Fatalf("%s", told(problems))
			}
			if got := draw(n); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestYAMLProblems(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		// what editors do
		{"title: Foo: bar # x", `1:8+8 syntax: a text with a colon and a space in it needs quotes (put it in double quotes: "Foo: bar")`},
		{"title:Foo", `1:6+1 syntax: a space is missing after the colon of "title" (write title: Foo)`},
		{"a: x\ntitle Foo", `2:1+9 syntax: this line has no key (write title: Foo)`},
		{"title = \"x\"", `1:1+11 syntax: this line has no key (write title: "x")`},
		{"a: x\nhttp://x", `2:1+8 syntax: this line has no key (begin it with a key and a colon, as in "title: …")`},
		{"title: \"Foo\ndate: x\n", `1:8+1 syntax: this quote is never closed (end the text with the same quote)`},
		{"title: 'It's so'", `1:12+5 syntax: there is text after the closing quote (put the whole text in single quotes, and write '' for an apostrophe in it)`},
		{"title: \"A\" and B", `1:12+5 syntax: there is text after the closing quote (put the whole text in single quotes, and write '' for an apostrophe in it)`},
		{"title: [Video] Foo", `1:16+3 syntax: there is text after the closing bracket (put the whole text in double quotes)`},
		{"title: \"C:\\dir\"", `1:11+2 syntax: \d means nothing in double quotes (write \\ for a backslash)`},
		{"title: \"\\u12\"", `1:9+5 syntax: \u12" is no character that can be used (write the character itself)`},
		{"title: \"\\0\"", `1:9+2 syntax: \0 means nothing in double quotes (write \\ for a backslash)`},
		{"title: \"\\u0000\"", `1:9+6 syntax: \u0000 is no character that can be used (write the character itself)`},
		{"a: @ana", `1:4+1 syntax: a text without quotes cannot begin with @ (put it in double quotes: "@ana")`},
		{"a: `x`", "1:4+1 syntax: a text without quotes cannot begin with ` (put it in double quotes: \"`x`\")"},
		{"a: %x", `1:4+1 syntax: a text without quotes cannot begin with % (put it in double quotes: "%x")`},
		{"a: > x", `1:4+3 syntax: after > the text begins on the next line (put it in double quotes: "> x")`},
		{": x", `1:1+1 syntax: there is no key before this colon`},
		{"\"\": x", `1:1+3 syntax: there is no key before this colon`},
		// lists
		{"tags: - a", `1:7+1 syntax: a list cannot begin on the line of its key (begin it on the line below "tags")`},
		{"tags: a\n  - b", `2:3+3 syntax: this line is indented as if it belonged to the text above it (indent it less; or put the whole text in double quotes)`},
		{"tags: a\n- b", `2:1+3 syntax: a list cannot stand among keys (put the item below its key, with nothing behind the key's colon)`},
		{"tags:\n  - a\n - b", `3:2+3 syntax: the indentation of this line fits nothing above it (line it up with "tags" on line 1)`},
		{"tags: [a, b\nx: y", `1:7+1 syntax: this [ is never closed (end it with ])`},
		{"tags: [a\n  b]", `2:3+1 syntax: a comma or ] is missing before this`},
		{"tags: [a, , b]", `1:11+1 syntax: a value is missing before this comma (remove this comma)`},
		{"tags: [a, b}", `1:12+1 syntax: } cannot close the [ on line 1`},
		{"tags: [a: b]", `1:9+1 syntax: a text with a colon and a space in it needs quotes (put the text in double quotes; or a comma is missing)`},
		{"tags: [- a]", `1:8+1 syntax: a dash has no meaning inside brackets (put it in quotes: "-")`},
		{"a: {b: c", `1:4+1 syntax: this { is never closed (end it with })`},
		{"a: {b, c: d}", `1:5+1 syntax: a colon and a space are missing after "b" (write b: and its value)`},
		{"a: {b:[c]}", `1:6+1 syntax: a space is missing after this colon (put the text in double quotes if the colon belongs to it)`},
		{"a: [b]#c", `1:7+2 syntax: there is text after the closing bracket (put the whole text in double quotes)`},
		{"a: b\n-  c: d", `2:1+7 syntax: a list cannot stand among keys (put the item below its key, with nothing behind the key's colon)`},
		{"a: b # c\n  d", `2:3+1 syntax: the indentation of this line fits nothing above it (line it up with "a" on line 1)`},
		// indentation
		{"a: x\n  b: y", `2:3+4 syntax: this line is indented as if it belonged to the text above it (indent it less; or put the whole text in double quotes)`},
		{"a: 'x'\n  b: y", `2:3+4 syntax: the indentation of this line fits nothing above it (line it up with "a" on line 1)`},
		{"a:\n    b: c\n  d: e", `3:3+4 syntax: the indentation of this line fits nothing above it (line it up with "a" on line 1)`},
		{" a: b\nc: d", `2:1+4 syntax: the indentation of this line fits nothing above it (line it up with "a" on line 1)`},
		{"a:\n\tb: c", `2:1+1 syntax: a tab is not indentation (indent with spaces)`},
		{"a: |\n  x\n\ty", `3:1+1 syntax: a tab is not indentation (indent with spaces)`},
		{"a: |\n\tx", `2:1+1 syntax: a tab is not indentation (indent with spaces)`},
		{"a: |\n  \tx", `2:3+1 syntax: a tab is not indentation (indent with spaces)`},
		{"a: |\n  x\n \ty", `3:2+1 syntax: a tab is not indentation (indent with spaces)`},
		{"a: |\n  x\n \t\n  y", `3:2+1 syntax: a tab is not indentation (indent with spaces)`},
		{"a: |\n    \n  x", `2:1+4 syntax: this empty line is indented deeper than the text below it (remove the spaces)`},
		{"a:\n  -\tb", `2:4+1 syntax: a tab is not indentation (indent with spaces)`},
		{"a: |\n    x\n  y", `3:3+1 syntax: the indentation of this line fits nothing above it (line it up with "a" on line 1)`},
		// what is not used here
		{"a: *b", `1:4+2 syntax: anchors and aliases are not used here (put it in double quotes: "*b")`},
		{"a: &b c", `1:4+2 syntax: anchors and aliases are not used here (put it in double quotes: "&b c")`},
		{"*a : b", `1:1+2 syntax: anchors and aliases are not used here (put it in double quotes: "*a : b")`},
		{"<<: x", `1:1+2 syntax: merge keys are not used here (write the keys out)`},
		{"a: !date x", `1:4+5 syntax: tags beginning with ! are not used here (put it in double quotes: "!date x")`},
		{"? a\n: b", `1:1+1 syntax: keys beginning with ? are not used here (put it in double quotes: "? a")`},
		{"a: b\n---\nc: d", `2:1+3 syntax: a line of --- ends the document, and there is only one here (remove this line, or indent it if it belongs to a text)`},
		{"a: b\n...\n", `2:1+3 syntax: a line of ... ends the document, and there is only one here (remove this line, or indent it if it belongs to a text)`},
		{"- a\n- b", `1:1+1 syntax: keys are wanted here, not a list (begin the line with a key and a colon, as in "title: …")`},
		{"just a text", `1:1+11 syntax: this line has no key (write just: a text)`},
		// what is given twice
		{"tags: x\nb: y\nTags: z", `3:1+4 duplicate-key: "tags" on line 1 and "Tags" on line 3 are the same key (keep one of them)`},
		{"p: {a: 1, a: 2}", `1:11+1 duplicate-key: "a" is given twice (keep one of them)`},
		{"a-b: 1\nx: {c: 2, c: 3}\na_B: 1\nb: *", `2:11+1 duplicate-key: "c" is given twice (keep one of them)
3:1+3 duplicate-key: "a-b" on line 1 and "a_B" on line 3 are the same key (keep one of them)
4:4+1 syntax: anchors and aliases are not used here (put it in double quotes: "*")`},
		// what is not text
		{"a: é\xff", `1:5+1 encoding: the byte 0xff is not UTF-8 (save the file as UTF-8)`},
		{"a: b\nc: d\x00", `2:5+1 encoding: the control character U+0000 cannot be used here (remove it)`},
		{"a: b\rc: d\r", `1:5+1 encoding: a carriage return alone does not end a line (save the file with the line ends of Unix or Windows)`},
		// what is too much
		{"a: " + strings.Repeat("[", 40), `1:35+1 limit: values are nested deeper than 32 levels here`},
		{"a:\n" + strings.Repeat("- ", 40), `2:63+1 limit: values are nested deeper than 32 levels here`},
		{strings.Repeat("x", 1001) + ": y", `1:1+1001 syntax: this key is too long (put it in double quotes if it is a text)`},
		{"a: [" + strings.Repeat("x,", 10001) + "]", `1:20001+1 limit: there are more than 10000 values here (split this file)`},
	} {
		_, problems := parse(ParseYAML, c.text)
		if got := told(problems); got != c.want {
			t.Errorf("%.60q\ngot  %s\nwant %s", c.text, got, c.want)
		}
	}
}

func TestYAMLKeepsTreeWithDuplicates(t *testing.T) {
	n, problems := parse(ParseYAML, "a: 1\nA: 2\nb: 3\n")
	if len(problems) != 1 || n == nil || n.Get("a").Text != "1" || n.Get("B").Text != "3" {
		t.Errorf("got %s and %v", told(problems), n)
	}
}

func TestFirstLine(t *testing.T) {
	file := "---\na: x\nb: [\n---\n"
	src := report.Source{Path: "a.md", Text: []byte(file)}
	for _, f := range []struct {
		parse parseFunc
		block string
		want  string
	}{
		{ParseYAML, "a: x\nb: [\n", "3:4+1 syntax: this [ is never closed (end it with ])"},
		{ParseYAML, "a: x\nb: \x01\n", "3:4+1 encoding: the control character U+0001 cannot be used here (remove it)"},
		{ParseTOML, "a = 1\nb = [\n", "3:6+1 syntax: a [ above is never closed"},
	} {
		_, problems := f.parse(src, []byte(f.block), 2)
		if got := told(problems); got != f.want {
			t.Errorf("got  %s\nwant %s", got, f.want)
		} else if problems[0].Snippet != "b: [" || problems[0].Path != "a.md" {
			t.Errorf("got %+v", problems[0])
		}
	}
	if n, _ := ParseYAML(src, []byte("a: x\n"), 2); n.Map[0].Line != 2 || n.Map[0].Value.Line != 2 {
		t.Errorf("got %s", draw(n))
	}
}

// TestTime reads the longest blocks of the worst kinds: time must grow with the
// text, not with its square.
func TestTime(t *testing.T) {
	repeat := func(s string, bytes int) string { return strings.Repeat(s, bytes/len(s)) }
	var keys, tables strings.Builder
	for i := range 9000 {
		fmt.Fprintf(&keys, "k%d: 1\n", i)
		fmt.Fprintf(&tables, "[k%d]\n", i)
	}
	const size = 1 << 18
	for name, text := range map[string]string{
		"block":  "a: |\n" + repeat("  line\n", size),
		"folded": "a: >\n" + repeat("  x\n\n", size),
		"plain":  "a: x\n" + repeat("  x\n", size),
		"quoted": "a: \"" + repeat("\\\"", size),
		"spaces": "a: \"" + repeat(" \t", size) + "\n x\"",
		"empty":  repeat("\n", size) + "a: x",
		"items":  "a: [" + repeat("x,", 19000) + "]",
		"keys":   keys.String(),
		"colons": repeat("a:", size),
		"hashes": repeat("#", size),
		"tables": tables.String(),
		"nested": "a = " + repeat("[", size),
	} {
		for language, f := range map[string]parseFunc{"YAML": ParseYAML, "TOML": ParseTOML} {
			quickest := time.Hour // of three tries: a busy machine may hold one up
			for try := 0; try < 3 && quickest > time.Second; try++ {
				start := time.Now()
				parse(f, text)
				quickest = min(quickest, time.Since(start))
			}
			if quickest > time.Second {
				t.Errorf("%s of %s took %v", language, name, quickest)
			}
		}
	}
}
