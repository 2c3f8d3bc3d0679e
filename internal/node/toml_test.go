package node

import (
	"strings"
	"testing"
)

func TestTOML(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"nothing", "# a\n", "{}@1:1+1"},
		{"scalars", "title = \"Füße \\\"x\\\"\" # é\ndraft = true\ndate = 2024-05-27 16:00:00\nn = 1_000\nb = 0b101\nf = 1.50\n",
			`{title@1:1+5="Füße \"x\""@1:9+12 draft@2:1+5=true@2:9+4 date@3:1+4=2024-05-27 16:00:00@3:8+19 n@4:1+1=1000@4:5+5 b@5:1+1=5@5:5+5 f@6:1+1=1.50@6:5+4}@1:1+5`},
		{"texts over lines", "a = \"\"\"\none\ntwo\"\"\"\nb = '''x'''\n",
			`{a@1:1+1="one\ntwo"@1:5+3 b@4:1+1="x"@4:5+7}@1:1+1`},
		{"lists", "a = [ 'x', [1, 2], # ]\n  {k = [ ], 'l m' = 3},\n]\nb = []\n",
			`{a@1:1+1=["x"@1:7+3 [1@1:13+1 2@1:16+1]@1:12+6 {k@2:4+1=[]@2:8+3 l m@2:13+5=3@2:21+1}@2:3+20]@1:5+1 b@4:1+1=[]@4:5+2}@1:1+1`},
		{"dots and headers", "a.b = 1\na.c = 2\n[x.y]\nz = 3\n[x]\nw = 4\n[a.d]\n",
			`{a@1:1+1={b@1:3+1=1@1:7+1 c@2:3+1=2@2:7+1 d@7:4+1={}@7:4+1}@1:1+1 x@3:2+1={y@3:4+1={z@4:1+1=3@4:5+1}@3:4+1 w@6:1+1=4@6:5+1}@5:2+1}@1:1+1`},
		{"lists of tables", "[[s]]\nn = 1\n[s.t]\nm = 2\n[[s]]\nn = 3\n",
			`{s@1:3+1=[{n@2:1+1=1@2:5+1 t@3:4+1={m@4:1+1=2@4:5+1}@3:4+1}@1:3+1 {n@6:1+1=3@6:5+1}@5:3+1]@1:3+1}@1:3+1`},
		{"Windows", "\ufeffa = 1\r\n\r\nb = '''\r\nx\r\ny'''\r\n", `{a@1:1+1=1@1:5+1 b@3:1+1="x\ny"@3:5+3}@1:1+1`},
	} {
		t.Run(c.name, func(t *testing.T) {
			n, problems := parse(ParseTOML, c.text)
			if problems != nil {
				t.Fatalf("%s", told(problems))
			}
			if got := draw(n); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestTOMLProblems(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"title: x", `1:6+1 syntax: an equals sign is missing after this key (write key = "value": between lines of +++ stands TOML)`},
		{"é = x", `1:1+1 syntax: a key cannot begin with this (put the key in double quotes)`},
		{"t = Ünder", `1:5+1 syntax: a text needs quotes here (write key = "value")`},
		{"t = two words", `1:5+4 syntax: a text needs quotes here (write key = "value"; without quotes go numbers, dates, true and false)`},
		{"t = 12 words", `1:8+1 syntax: there is text after the value (put a text in double quotes)`},
		{"t = \"x\ny = 1", `1:7+1 syntax: this quote is not closed on its line (end the text with the same quote, or begin and end it with three)`},
		{"t = 'x", `1:6+1 syntax: a quote above is never closed (end the text with the same quote)`},
		{"t = 'é", `1:6+1 syntax: a quote above is never closed (end the text with the same quote)`},
		{"t = [1, 2\ny = 1", `2:1+1 syntax: a comma or ] is missing before this`},
		{"t = [1,", `1:7+1 syntax: a [ above is never closed`},
		{"t = {a = 1, ", `1:12+1 syntax: a { above is never closed`},
		{"t = {a = 1 b = 2}", `1:12+1 syntax: a comma or } is missing before this`},
		{"t = [, 1]", `1:6+1 syntax: a value is missing before this comma (remove this comma)`},
		{"t = {, }", `1:6+1 syntax: a value is missing before this comma (remove this comma)`},
		{"t =", `1:3+1 syntax: a value is missing here`},
		{"[t", `1:2+1 syntax: a ] is missing after this name`},
		{"[[t]", `1:4+1 syntax: ]] is missing after this name`},
		{"t = \"\\q\"", `1:6+2 syntax: this backslash means nothing in double quotes (write \\ for a backslash, or use single quotes)`},
		{"t = \"\\u0000\"", `1:5+8 encoding: this text has a control character in it (remove it)`},
		{"t = 0412", `1:5+2 syntax: a number cannot begin with a zero (put it in double quotes if it is no number)`},
		{"t = 1__0", `1:6+2 syntax: this is no number (put it in double quotes)`},
		{"é\xff", `1:2+1 encoding: the byte 0xff is not UTF-8 (save the file as UTF-8)`},
		{"a = 1\nA = 2\n", `2:1+1 duplicate-key: "a" on line 1 and "A" on line 2 are the same key (keep one of them)`},
		{"[a]\n[b]\n[a]\nx = 1\n[a.c]\n", `3:2+1 duplicate-key: "a" is given twice, on lines 1 and 3 (keep one of them)`},
		{"a = 1\n[a.b]\n", `2:2+1 duplicate-key: "a" is given twice, on lines 1 and 2 (keep one of them)`},
		{"a = {b = 1}\n[a.c]\n", `2:2+1 duplicate-key: "a" is given twice, on lines 1 and 2 (keep one of them)`},
		{"a = {b.c = 1, b.d = 2}\na.b.e = 1\n", `2:1+1 duplicate-key: "a" is given twice, on lines 1 and 2 (keep one of them)`},
		{"[a.b]\n[a]\nb.c = 1\n", `3:1+1 duplicate-key: "b" is given twice, on lines 1 and 3 (keep one of them)`},
		{"A.x = 1\na.y = 2\n", `2:1+1 duplicate-key: "A" on line 1 and "a" on line 2 are the same key (keep one of them)`},
		{"[[p.s]]\n[p]\ns.y = 1\n", `3:1+1 duplicate-key: "s" is given twice, on lines 1 and 3 (keep one of them)`},
		{"a = []\n[[a]]\n", `2:3+1 duplicate-key: "a" is given twice, on lines 1 and 2 (keep one of them)`},
		{"t = " + strings.Repeat("[", 40) + strings.Repeat("]", 40), `1:36+1 limit: values are nested deeper than 32 levels here`},
		{strings.Repeat("a.", 40) + "a = 1", `1:63+1 limit: values are nested deeper than 32 levels here`},
		{"[" + strings.Repeat("a.", 40) + "a]", `1:64+1 limit: values are nested deeper than 32 levels here`},
		{"t = [" + strings.Repeat("1,", 10001) + "]", `1:20004+1 limit: there are more than 10000 values here (split this file)`},
	} {
		_, problems := parse(ParseTOML, c.text)
		if got := told(problems); got != c.want {
			t.Errorf("%.60q\ngot  %s\nwant %s", c.text, got, c.want)
		}
	}
}
