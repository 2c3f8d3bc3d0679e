package content

import (
	"bufio"
	"bytes"
	"fmt"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/adrg/frontmatter"

	"pressroom/internal/report"
)

// maxFront is the largest front matter. The longest shotlist we know of has 20 KB;
// more than three times that is a fence that was never closed.
const maxFront = 64 << 10

// fences is a document cut in two.
type fences struct {
	mark  string // "---" for YAML, "+++" for TOML, "" when there is no front matter
	block []byte // between the fences
	line  int    // of the file, 1-based, on which block begins
	body  int    // offset into the file at which the body begins
}

// cleanText makes the bytes of an editor's file text: UTF-8 without a byte order
// mark, lines ended by LF. What cannot be text is one problem with its place.
func cleanText(path string, src []byte) ([]byte, *report.Problem) {
	at := report.Source{Path: path, Text: src}
	if bytes.HasPrefix(src, []byte("\xff\xfe")) || bytes.HasPrefix(src, []byte("\xfe\xff")) {
		p := report.Problem{Path: path, Line: 1, Col: 1, Name: "encoding", Text: "the file is in UTF-16", Hint: "save it as UTF-8"}
		return nil, &p
	}
	src = bytes.TrimPrefix(src, []byte("\xef\xbb\xbf"))
	if bytes.IndexByte(src, '\r') >= 0 {
		src = bytes.ReplaceAll(src, []byte("\r\n"), []byte("\n"))
	}
	at.Text = src
	if i := bytes.IndexAny(src, "\x00\r"); i >= 0 {
		text, hint := "a NUL byte", "this is not a text; restore the file from an earlier version"
		if src[i] == '\r' {
			text, hint = "a carriage return without a line feed", "save the file with Unix or Windows line ends"
		}
		p := at.AtOffset(i, 1, "encoding", text, hint)
		return nil, &p
	}
	if !utf8.Valid(src) {
		i := 0
		for i < len(src) {
			r, n := utf8.DecodeRune(src[i:])
			if r == utf8.RuneError && n == 1 {
				break
			}
			i += n
		}
		p := at.AtOffset(i, 1, "encoding", fmt.Sprintf("byte 0x%02x is not UTF-8", src[i]), "save the file as UTF-8")
		return nil, &p
	}
	return src, nil
}

// cut finds the fences by a scan of its own, then has adrg/frontmatter cut the
// same head. The library alone would, without a word, take a file whose fence is
// not closed for one long body, so that "draft: true" is printed instead of obeyed;
// end at a line of dashes inside a text; and see no front matter behind a byte
// order mark. Where the two do not agree, the document is refused.
func cut(path string, text []byte) (fences, *report.Problem) {
	src := report.Source{Path: path, Text: text}
	fail := func(line, col, n int, s, hint string) (fences, *report.Problem) {
		p := src.At(line, col, n, "front-matter", s, hint)
		return fences{}, &p
	}

	start, line := 0, 1
	for start < len(text) && text[start] == '\n' {
		start++
		line++
	}
	first, rest := lineAt(text, start)
	mark := strings.TrimRight(first, " \t")
	switch {
	case mark == "---" || mark == "+++":
	case looksLikeFence(first):
		return fail(line, 1, len([]rune(first)), fmt.Sprintf("front matter opens with --- alone on its line, not %q", brief(first)), "write ---")
	default:
		return fences{body: 0}, nil
	}

	f := fences{mark: mark, line: line + 1}
	at, n := rest, line+1
	for {
		if at >= len(text) || at-rest > maxFront {
			return fail(line, 1, 3, "the front matter is not closed", fmt.Sprintf("put %s on a line of its own after the last key", mark))
		}
		l, next := lineAt(text, at)
		trimmed := strings.TrimRight(l, " \t")
		if trimmed == mark {
			f.block, f.body = text[rest:at], next
			break
		}
		if t := strings.TrimSpace(l); t == mark || t == "..." && mark == "---" || strings.Trim(t, mark[:1]) == "" && len(t) > 3 {
			if t == l || t == mark { // at the left edge, or what the library would take for the end
				return fail(n, 1+len(l)-len(strings.TrimLeft(l, " \t")), len(t), fmt.Sprintf("%q does not close the front matter", brief(t)),
					fmt.Sprintf("close it with %s at the left edge; in a text, write another dash", mark))
			}
		}
		at, n = next, n+1
	}

	if len(bytes.TrimSpace(f.block)) == 0 {
		return f, nil // the library takes an empty head for none
	}
	var seen []byte
	format := frontmatter.NewFormat(mark, mark, func(b []byte, _ any) error { seen = bytes.Clone(b); return nil })
	head := heads.Get().(*bufio.Reader)
	defer heads.Put(head)
	head.Reset(bytes.NewReader(text[start:f.body]))
	if _, err := frontmatter.MustParse(head, new(struct{}), format); err != nil ||
		!bytes.Equal(bytes.TrimSpace(seen), bytes.TrimSpace(f.block)) {
		return fail(line, 1, 3, "the front matter cannot be told from the text", "check the two lines of "+mark)
	}
	return f, nil
}

// heads are for the library, which would make one of each document.
var heads = sync.Pool{New: func() any { return bufio.NewReader(nil) }}

// lineAt returns the line that begins at offset at, without its end, and where the
// next begins.
func lineAt(text []byte, at int) (line string, next int) {
	if i := bytes.IndexByte(text[at:], '\n'); i >= 0 {
		return string(text[at : at+i]), at + i + 1
	}
	return string(text[at:]), len(text)
}

// looksLikeFence tells a fence that was meant: indented, too long, followed by a
// word, or made of the dashes that a word processor puts in.
func looksLikeFence(line string) bool {
	t := strings.TrimSpace(line)
	if t == "" {
		return false
	}
	if strings.HasPrefix(t, "---") || strings.HasPrefix(t, "+++") {
		return true
	}
	return strings.Trim(t, "-–—‐‑−") == "" && len([]rune(t)) <= 4
}
