// Package report says what is wrong and where, in the editor's own words.
//
// A Problem goes in wherever a mistake is found; a List comes out, sorted, with
// every problem of the run. The package never decides what a mistake costs:
// that is the exit code, and the command's business.
package report

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"
)

// Severity tells whether a problem stops the build.
type Severity int

const (
	Error   Severity = iota // nothing is written; cannot be silenced
	Warning                 // told, and silenced by its name in site.yaml
)

func (s Severity) String() string {
	if s == Error {
		return "error"
	}
	return "warning"
}

// Problem is one mistake with its place and one hint to act on.
//
// Text is lower case, without a full stop, the editor's words in double quotes.
type Problem struct {
	Path     string   // slash path below the site folder; "" when there is no place
	Line     int      // 1-based, counted from the top of the file; 0 when unknown
	Col      int      // 1-based, in characters; 0 when unknown
	Len      int      // how many characters the caret underlines; at least 1 is drawn
	Severity Severity // Error or Warning
	Name     string   // stable name, as "unknown-key"; what site.yaml can silence
	Text     string   // what is wrong
	Hint     string   // what to do about it; may be empty
	Snippet  string   // the source line, without its newline; may be empty
}

// Errorf and Warningf are deliberately absent: a Problem is built with its place
// by Source.At, so that none is born without one.

// List collects problems. The zero value is ready to use.
type List []Problem

// Add appends problems.
func (l *List) Add(p ...Problem) { *l = append(*l, p...) }

// HasErrors tells whether any problem stops the build.
func (l List) HasErrors() bool {
	return slices.ContainsFunc(l, func(p Problem) bool { return p.Severity == Error })
}

// Count returns the number of problems of severity s.
func (l List) Count(s Severity) int {
	n := 0
	for _, p := range l {
		if p.Severity == s {
			n++
		}
	}
	return n
}

// Sorted returns the problems by place, each said once.
func (l List) Sorted() List {
	s := slices.Clone(l)
	slices.SortStableFunc(s, func(a, b Problem) int {
		return cmp.Or(
			cmp.Compare(a.Path, b.Path),
			cmp.Compare(a.Line, b.Line),
			cmp.Compare(a.Col, b.Col),
			cmp.Compare(a.Severity, b.Severity),
			cmp.Compare(a.Text, b.Text),
		)
	})
	return slices.Compact(s)
}

// Silence returns the problems without the warnings whose names are given.
func (l List) Silence(names []string) List {
	return slices.DeleteFunc(slices.Clone(l), func(p Problem) bool {
		return p.Severity == Warning && slices.Contains(names, p.Name)
	})
}

// Source is a file's text, to make problems with a place and a snippet.
type Source struct {
	Path string
	Text []byte
}

// At returns an error at a 1-based line and column (in characters).
func (s Source) At(line, col, length int, name, text, hint string) Problem {
	return Problem{Path: s.Path, Line: line, Col: col, Len: length, Name: name, Text: text, Hint: hint, Snippet: s.line(line)}
}

// AtOffset returns an error at a byte offset into the text.
func (s Source) AtOffset(off, length int, name, text, hint string) Problem {
	off = min(max(off, 0), len(s.Text))
	head := s.Text[:off]
	start := bytes.LastIndexByte(head, '\n') + 1
	return s.At(1+bytes.Count(head, []byte("\n")), 1+utf8.RuneCount(head[start:]), length, name, text, hint)
}

// Warn returns p as a warning.
func (p Problem) Warn() Problem { p.Severity = Warning; return p }

// maxSnippet keeps a one-line file of a megabyte off the screen.
const maxSnippet = 200

func (s Source) line(n int) string {
	rest := s.Text
	for ; n > 1; n-- {
		i := bytes.IndexByte(rest, '\n')
		if i < 0 {
			return ""
		}
		rest = rest[i+1:]
	}
	if n < 1 {
		return ""
	}
	if i := bytes.IndexByte(rest, '\n'); i >= 0 {
		rest = rest[:i]
	}
	text := strings.TrimSuffix(strings.ToValidUTF8(string(rest), "\uFFFD"), "\r")
	if r := []rune(text); len(r) > maxSnippet {
		text = string(r[:maxSnippet]) + "…"
	}
	return text
}
