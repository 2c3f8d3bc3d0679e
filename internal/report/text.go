package report

import (
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Write prints problems for people: where and what, the line with a caret under the
// words, and the hint.
//
//	content/news/harbour.md:4:8: error: no topic "harbor" in site.yaml
//	    4 | topics: [harbor, quay]
//	      |          ^^^^^^
//	    hint: did you mean "harbour"?
func Write(w io.Writer, l List, colour bool) {
	paint := func(code, s string) string {
		if !colour || s == "" {
			return s
		}
		return "\x1b[" + code + "m" + s + "\x1b[0m"
	}
	for _, p := range l {
		p.Path, p.Text, p.Snippet, p.Hint = visible(p.Path), visible(p.Text), visible(p.Snippet), visible(p.Hint)
		tone := "31;1" // red
		if p.Severity == Warning {
			tone = "33;1"
		}
		place := p.Place()
		if place != "" {
			place = paint("1", place) + " "
		}
		fmt.Fprintf(w, "%s%s %s\n", place, paint(tone, p.Severity.String()+":"), p.Text)
		if p.Snippet != "" {
			number := fmt.Sprintf("%5d", p.Line)
			fmt.Fprintf(w, "%s | %s\n", number, p.Snippet)
			if p.Col > 0 && p.Col <= utf8.RuneCountInString(p.Snippet)+1 {
				room := max(1, utf8.RuneCountInString(p.Snippet)-p.Col+1)
				fmt.Fprintf(w, "%s | %s%s\n", strings.Repeat(" ", len(number)), strings.Repeat(" ", p.Col-1), paint(tone, strings.Repeat("^", min(max(p.Len, 1), room))))
			}
		}
		if p.Hint != "" {
			fmt.Fprintf(w, "    hint: %s\n", p.Hint)
		}
	}
}

// visible lets nothing that an editor's file contains move a terminal's cursor, ring
// its bell or clear it; each character stays one.
func visible(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return ' '
		case unicode.IsControl(r) || r == 0x2028 || r == 0x2029 || unicode.Is(unicode.Bidi_Control, r):
			return utf8.RuneError
		}
		return r
	}, s)
}

// Place is "file:line:col: ", as much of it as is known.
func (p Problem) Place() string {
	switch {
	case p.Path == "":
		return ""
	case p.Line == 0:
		return p.Path + ":"
	case p.Col == 0:
		return fmt.Sprintf("%s:%d:", p.Path, p.Line)
	}
	return fmt.Sprintf("%s:%d:%d:", p.Path, p.Line, p.Col)
}
