package node

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"pressroom/internal/report"
)

// draw writes a tree in one line: every key and value with its place, texts in
// quotes, plain ones without.
func draw(n *Node) string {
	at := fmt.Sprintf("@%d:%d+%d", n.Line, n.Col, n.Len)
	var parts []string
	switch n.Kind {
	case Null:
		return "null" + at
	case List:
		for _, item := range n.List {
			parts = append(parts, draw(item))
		}
		return "[" + strings.Join(parts, " ") + "]" + at
	case Map:
		for _, e := range n.Map {
			parts = append(parts, fmt.Sprintf("%s@%d:%d+%d=%s", e.Key, e.Line, e.Col, e.Len, draw(e.Value)))
		}
		return "{" + strings.Join(parts, " ") + "}" + at
	}
	if n.Plain {
		return n.Text + at
	}
	return fmt.Sprintf("%q%s", n.Text, at)
}

// told writes problems as they are shown, one a line.
func told(problems report.List) string {
	var b strings.Builder
	for _, p := range problems {
		fmt.Fprintf(&b, "%d:%d+%d %s: %s", p.Line, p.Col, p.Len, p.Name, p.Text)
		if p.Hint != "" {
			fmt.Fprintf(&b, " (%s)", p.Hint)
		}
		b.WriteByte('\n')
	}
	return strings.TrimSuffix(b.String(), "\n")
}

type parseFunc func(report.Source, []byte, int) (*Node, report.List)

func parse(f parseFunc, text string) (*Node, report.List) {
	return f(report.Source{Path: "a.md", Text: []byte(text)}, []byte(text), 1)
}

// inside fails unless a place lies in the text, or right behind one of its lines.
func inside(t *testing.T, text string, line, col int) {
	t.Helper()
	lines := strings.Split(text, "\n")
	if line < 1 || line > len(lines) || col < 1 || col > utf8.RuneCountInString(lines[line-1])+1 {
		t.Errorf("place %d:%d is not in %q", line, col, text)
	}
}

// wellPlaced fails unless all places of a tree lie in the text, and plain texts
// stand where they say they do.
func wellPlaced(t *testing.T, text string, n *Node) {
	t.Helper()
	inside(t, text, n.Line, n.Col)
	line := []rune(strings.Split(text, "\n")[n.Line-1])
	if n.Kind == Scalar && n.Plain && !strings.ContainsAny(n.Text, " \n") {
		got := number(string(line[n.Col-1 : min(n.Col-1+n.Len, len(line))]))
		if got != number(n.Text) {
			t.Errorf("%q says it is at %d:%d of %q, where %q stands", n.Text, n.Line, n.Col, text, got)
		}
	}
	for _, item := range n.List {
		wellPlaced(t, text, item)
	}
	for _, e := range n.Map {
		inside(t, text, e.Line, e.Col)
		wellPlaced(t, text, e.Value)
	}
}
