package node

import (
	"fmt"
	"strings"
)

// flow reads a list in brackets or a group of keys in braces.
func (y *yaml) flow(parent int) *Node {
	y.deeper()
	defer func() { y.depth-- }()
	from, line := y.i, y.line
	f := bracket{'[', ']', y.pos(from, from+1), parent}
	n := y.node(List, f.pos)
	if y.s[from] == '{' {
		f.open, f.end = '{', '}'
		n.Kind = Map
	}
	y.i++
	for {
		y.flowSpace(f)
		switch y.at(y.i) {
		case f.end:
			y.i++
			if y.line == line {
				n.Len = y.pos(from, y.i).Len
			}
			return n
		case ',':
			y.fail(y.i, y.i+1, "remove this comma", "a value is missing before this comma")
		}
		if n.Kind == Map {
			y.flowEntry(n, f)
		} else {
			n.List = append(n.List, y.flowValue(f))
		}
		y.flowSpace(f)
		switch c := y.at(y.i); c {
		case ',':
			y.i++
		case f.end:
		case ']', '}':
			y.fail(y.i, y.i+1, "", "%c cannot close the %c on line %d", c, f.open, f.pos.Line)
		case ':':
			y.fail(y.i, y.i+1, "put the text in double quotes; or a comma is missing", "a text with a colon and a space in it needs quotes")
		default:
			y.fail(y.i, y.i+1, "", "a comma or %c is missing before this", f.end)
		}
	}
}

// bracket is an opening [ or {.
type bracket struct {
	open   byte
	end    byte // what closes it
	pos    Pos
	parent int // the lines inside are indented deeper than this
}

// flowSpace skips what may stand between the parts of a list: blanks, line ends
// and comments.
func (y *yaml) flowSpace(f bracket) {
	for {
		y.skipBlanks()
		switch c := y.at(y.i); {
		case c == '#' && (y.i == y.start || blank(y.s[y.i-1])):
			y.i = y.lineEnd(y.i)
		case c != '\n':
			return
		}
		if y.i == len(y.s) {
			y.unclosed(f)
		}
		y.newLine()
		y.emptyLines()
		if c := y.at(y.i); y.i-y.start <= f.parent && c != ']' && c != '}' && c != '#' && c != '\n' {
			if c == '\t' {
				y.tab(y.i)
			}
			y.unclosed(f)
		}
		if y.marker() != "" {
			y.unclosed(f)
		}
	}
}

func (y *yaml) unclosed(f bracket) {
	y.failAt(f.pos, "syntax", fmt.Sprintf("end it with %c", f.end), "this %c is never closed", f.open)
}

// flowEntry reads a key with its value in braces.
func (y *yaml) flowEntry(n *Node, f bracket) {
	from := y.i
	var e Entry
	if c := y.at(from); c == '"' || c == '\'' {
		if y.quoteEnd(from) < 0 {
			y.failAt(y.pos(from, from+1), "syntax", "end the key with the same quote", "this quote is not closed on its line")
		}
		key := y.quoted(f.parent)
		e = Entry{Key: key.Text, Pos: key.Pos}
	} else {
		y.checkStart()
		end := y.flowPlainEnd()
		e = Entry{Key: y.s[from:end], Pos: y.pos(from, end)}
		y.i = end
	}
	y.skipBlanks()
	if y.at(y.i) != ':' {
		y.failAt(e.Pos, "syntax", "write "+brief(e.Key)+": and its value", "a colon and a space are missing after %q", brief(e.Key))
	}
	y.shortKey(from, y.i)
	switch e.Key {
	case "":
		y.fail(y.i, y.i+1, "", "there is no key before this colon")
	case "<<":
		y.failAt(e.Pos, "syntax", "write the keys out", "merge keys are not used here")
	}
	y.i++
	y.flowSpace(f)
	if c := y.at(y.i); c == ',' || c == '}' {
		e.Value = y.node(Null, e.Pos)
	} else {
		e.Value = y.flowValue(f)
	}
	y.add(n, e)
}

func (y *yaml) flowValue(f bracket) *Node {
	switch y.at(y.i) {
	case '[', '{':
		return y.flow(f.parent)
	case '"', '\'':
		return y.quoted(max(f.parent, 0))
	}
	y.checkStart()
	from, end := y.i, y.flowPlainEnd()
	n := y.node(Scalar, y.pos(from, end))
	n.Plain, n.Text = true, y.s[from:end]
	y.i = end
	n.nullIfSpelt()
	return n
}

// flowMark tells whether c has a meaning of its own inside brackets.
func flowMark(c byte) bool { return strings.IndexByte(",[]{}", c) >= 0 }

// flowPlainEnd returns where the text without quotes that begins here ends. It
// stays on its line: otherwise a forgotten comma would join two items.
func (y *yaml) flowPlainEnd() int {
	for j := y.i; ; j++ {
		switch y.at(j) {
		case ',', '[', ']', '{', '}', '\n':
			return y.trimmed(y.i, j)
		case '#':
			if blank(y.s[j-1]) {
				return y.trimmed(y.i, j)
			}
		case ':':
			if space(y.at(j + 1)) {
				return y.trimmed(y.i, j)
			}
			if j == y.i || flowMark(y.at(j+1)) {
				y.fail(j, j+1, "put the text in double quotes if the colon belongs to it", "a space is missing after this colon")
			}
		case '?':
			if j == y.i {
				y.fail(j, j+1, "put the text in double quotes", "a text without quotes cannot begin with ? inside brackets")
			}
		case '-':
			if j == y.i && (space(y.at(j+1)) || flowMark(y.at(j+1))) {
				y.fail(j, j+1, `put it in quotes: "-"`, "a dash has no meaning inside brackets")
			}
		}
	}
}
