package node

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// inline reads a value that begins on this line and belongs to something
// indented by parent, and leaves its last line.
func (y *yaml) inline(parent int) *Node {
	switch y.at(y.i) {
	case '"', '\'':
		n := y.quoted(parent)
		hint := "put the whole text in single quotes, and write '' for an apostrophe in it"
		y.endLine("the closing quote", hint)
		return n
	case '[', '{':
		n := y.flow(parent)
		y.endLine("the closing bracket", "put the whole text in double quotes")
		return n
	case '|', '>':
		return y.blockScalar(parent)
	}
	return y.plain(parent)
}

// checkStart refuses what cannot begin a text without quotes.
func (y *yaml) checkStart() {
	switch c := y.at(y.i); c {
	case '&', '*':
		y.fail(y.i, y.wordEnd(), y.quoteIt(), "anchors and aliases are not used here")
	case '!':
		y.fail(y.i, y.wordEnd(), y.quoteIt(), "tags beginning with ! are not used here")
	case '@', '`', '%', '#', ',', ']', '}', '|', '>', '[', '{', '"', '\'':
		y.fail(y.i, y.i+1, y.quoteIt(), "a text without quotes cannot begin with %c", c)
	case '?':
		if space(y.at(y.i + 1)) {
			y.fail(y.i, y.i+1, y.quoteIt(), "keys beginning with ? are not used here")
		}
	case ':':
		if space(y.at(y.i + 1)) {
			y.fail(y.i, y.i+1, "", "there is no key before this colon")
		}
	}
}

// quoteIt is the hint to put the rest of this line in quotes, to be pasted
// unless it is long.
func (y *yaml) quoteIt() string {
	hint, text := "put it in double quotes", y.s[y.i:y.textEnd(y.i)]
	if brief(text) == text {
		hint += ": " + strconv.Quote(text)
	}
	return hint
}

// wordEnd returns where the word we stand on ends.
func (y *yaml) wordEnd() int {
	j := y.i
	for !space(y.at(j)) {
		j++
	}
	return j
}

// plain reads a text without quotes, with the deeper lines that continue it.
func (y *yaml) plain(parent int) *Node {
	y.checkStart()
	from, end := y.i, y.plainEnd()
	n := y.node(Scalar, y.pos(from, end))
	n.Plain = true
	n.Text = y.s[from:end]
	if y.continues(end) {
		n.Text = y.plainLines(n.Text, parent)
	} else {
		y.nextLine()
	}
	n.nullIfSpelt()
	return n
}

// nullIfSpelt makes nothing of a plain null.
func (n *Node) nullIfSpelt() {
	switch n.Text {
	case "null", "Null", "NULL", "~":
		*n = Node{Kind: Null, Pos: n.Pos}
	}
}

// plainEnd returns where the text without quotes ends on this line.
func (y *yaml) plainEnd() int {
	end := y.textEnd(y.i)
	if y.colonIn(y.i, end) {
		y.fail(y.i, end, y.quoteIt(), "a text with a colon and a space in it needs quotes")
	}
	return end
}

// colonIn tells whether s[from:to] has a colon that would make a key.
func (y *yaml) colonIn(from, to int) bool {
	for j := from; j < to; j++ {
		if y.s[j] == ':' && space(y.at(j+1)) {
			return true
		}
	}
	return false
}

// continues leaves the line on which a text ended, and tells whether that line
// held no comment, so that the text may go on below.
func (y *yaml) continues(end int) bool {
	y.i = y.lineEnd(end)
	more := y.trimmed(end, y.i) == end
	y.newLine()
	return more
}

// plainLines adds to text the lines that continue it. A line that looks like a
// key or an item is more likely to be one than to be meant as text.
func (y *yaml) plainLines(text string, parent int) string {
	var b strings.Builder
	for {
		empty := y.emptyLines()
		if y.at(y.i) == '#' || y.i == len(y.s) || y.i-y.start <= parent {
			y.i = y.start
			y.nextLine()
			if b.Len() == 0 {
				return text
			}
			return b.String()
		}
		if y.at(y.i) == '\t' {
			y.tab(y.i)
		}
		end := y.textEnd(y.i)
		if y.atDash() || y.colonIn(y.i, end) {
			y.fail(y.i, end, "indent it less; or put the whole text in double quotes",
				"this line is indented as if it belonged to the text above it")
		}
		if b.Len() == 0 {
			b.WriteString(text)
		}
		b.WriteString(lineFold(empty))
		b.WriteString(y.s[y.i:end])
		if !y.continues(end) {
			y.nextLine()
			return b.String()
		}
	}
}

// emptyLines skips lines without text and returns how many there were. It
// leaves us behind the spaces that the next line begins with.
func (y *yaml) emptyLines() (n int) {
	for y.i < len(y.s) {
		for y.at(y.i) == ' ' {
			y.i++
		}
		j := y.i
		for blank(y.at(j)) {
			j++
		}
		if y.at(j) != '\n' {
			break
		}
		y.i = j
		y.newLine()
		n++
	}
	return n
}

// lineFold is what a line end and the empty lines after it mean inside a text.
func lineFold(empty int) string {
	if empty == 0 {
		return " "
	}
	return strings.Repeat("\n", empty)
}

// quoted reads a text in quotes. The lines after its first must be indented
// deeper than parent, so that a forgotten quote is found where it is missing.
func (y *yaml) quoted(parent int) *Node {
	from, quote := y.i, y.s[y.i]
	if end := y.quoteEnd(from); end >= 0 {
		text := y.s[from+1 : end-1]
		if quote == '"' && !strings.Contains(text, `\`) || quote == '\'' && !strings.Contains(text, "'") {
			n := y.node(Scalar, y.pos(from, end))
			n.Text, y.i = text, end
			return n
		}
	}
	open := y.pos(from, from+1)
	n := y.node(Scalar, open)
	var b []byte
	fixed := 0 // b[:fixed] ends in an escape, whose blanks are meant
	for y.i++; ; {
		switch c := y.at(y.i); {
		case c == '\n':
			if y.line == open.Line {
				n.Len = y.pos(from, y.trimmed(from, y.i)).Len
			}
			for len(b) > fixed && blank(b[len(b)-1]) {
				b = b[:len(b)-1]
			}
			b = append(b, lineFold(y.resume(open, parent))...)
		case c == '\'' && quote == '\'' && y.at(y.i+1) == '\'':
			b = append(b, '\'')
			y.i += 2
		case c == quote:
			y.i++
			if y.line == open.Line {
				n.Len = y.pos(from, y.i).Len
			}
			n.Text = string(b)
			return n
		case c == '\\' && quote == '"' && y.at(y.i+1) == '\n':
			y.i++
			b = append(b, strings.Repeat("\n", y.resume(open, parent))...)
			fixed = len(b)
		case c == '\\' && quote == '"':
			b = utf8.AppendRune(b, y.escape())
			fixed = len(b)
		default:
			b = append(b, c)
			y.i++
		}
	}
}

// resume moves from a line's end inside quotes to where the text goes on, and
// returns the number of empty lines between.
func (y *yaml) resume(open Pos, parent int) int {
	y.newLine()
	empty := y.emptyLines()
	if y.i == len(y.s) || y.i-y.start <= parent && y.at(y.i) != '\t' {
		y.failAt(open, "syntax", "end the text with the same quote", "this quote is never closed")
	}
	if y.i-y.start <= parent {
		y.tab(y.i)
	}
	y.skipBlanks()
	return empty
}

// escapes of a text in double quotes. Those for control characters are missing:
// they have no place on a page, and NUL has a meaning of its own further on.
var escapes = map[byte]rune{
	't': '\t', 'n': '\n', '"': '"', '/': '/', '\\': '\\', ' ': ' ', '\t': '\t',
	'_': '\u00a0', 'L': '\u2028', 'P': '\u2029',
}

func (y *yaml) escape() rune {
	from := y.i
	c := y.at(from + 1)
	y.i += 2
	if r, ok := escapes[c]; ok {
		return r
	}
	digits := map[byte]int{'x': 2, 'u': 4, 'U': 8}[c]
	if digits == 0 {
		_, size := utf8.DecodeRuneInString(y.s[from+1:])
		y.fail(from, from+1+size, `write \\ for a backslash`, `%s means nothing in double quotes`, y.s[from:from+1+size])
	}
	end := min(y.i+digits, y.lineEnd(y.i))
	code, err := strconv.ParseUint(y.s[y.i:end], 16, 32)
	if err != nil || end < y.i+digits || !utf8.ValidRune(rune(code)) || forbidden(rune(code)) && code != '\n' {
		y.fail(from, end, "write the character itself", "%s is no character that can be used", y.s[from:end])
	}
	y.i = end
	return rune(code)
}

// forbidden tells whether r has no place in a text file.
func forbidden(r rune) bool {
	return unicode.IsControl(r) && r != '\t' && r != '\n' || r == 0xfffe || r == 0xffff
}

// blockScalar reads a text that follows a line with | or >.
func (y *yaml) blockScalar(parent int) *Node {
	from := y.i
	var chomp byte
	indent := 0
	for y.i++; ; y.i++ {
		c := y.at(y.i)
		if (c == '-' || c == '+') && chomp == 0 {
			chomp = c
		} else if '1' <= c && c <= '9' && indent == 0 {
			indent = int(c - '0')
		} else {
			break
		}
	}
	n := y.node(Scalar, y.pos(from, y.i))
	y.skipBlanks()
	if !y.atLineEnd() {
		y.i = from
		y.fail(from, y.textEnd(from), y.quoteIt(), "after %c the text begins on the next line", y.s[from])
	}
	y.i = y.lineEnd(y.i)
	y.newLine()
	if indent > 0 {
		indent += parent
	} else {
		indent = y.blockIndent(parent)
	}
	n.Text = y.blockLines(indent, y.s[from] == '>', chomp)
	y.nextLine()
	return n
}

// blockIndent finds the indentation of a block's text: that of its first line.
func (y *yaml) blockIndent(parent int) int {
	widest, widestLine := 0, 0
	line := y.line
	for start := y.start; start < len(y.s); line++ {
		end := y.lineEnd(start)
		text := strings.TrimLeft(y.s[start:end], " ")
		indent := end - len(text) - start
		switch {
		case text == "" && indent > widest:
			widest, widestLine = indent, line
		case text == "":
		case indent <= parent:
			return max(parent+1, widest)
		case text[0] == '\t':
			y.failAt(Pos{line, indent + 1, 1}, "syntax", "indent with spaces", "a tab is not indentation")
		case widest > indent:
			y.failAt(Pos{widestLine, 1, widest}, "syntax", "remove the spaces", "this empty line is indented deeper than the text below it")
		default:
			return indent
		}
		start = end + 1
	}
	return max(parent+1, widest)
}

// blockLines reads lines of a text as long as they are indented.
func (y *yaml) blockLines(indent int, folded bool, chomp byte) string {
	var b strings.Builder
	empty := 0       // lines since the last with text
	spaced := true   // the last line with text began with a blank, or there was none
	newline := false // the last line with text has an end
	for y.i < len(y.s) {
		end := y.lineEnd(y.i)
		from := y.i
		for from < end && from < y.i+indent && y.s[from] == ' ' {
			from++
		}
		if from == end {
			if end < len(y.s) {
				empty++
			}
			y.i = end
			y.newLine()
			continue
		}
		if from < y.i+indent {
			if y.s[from] == '\t' {
				y.tab(from)
			}
			break
		}
		switch now := blank(y.s[from]); {
		case !newline:
		case !folded || spaced || now:
			b.WriteByte('\n')
		case empty == 0:
			b.WriteByte(' ')
		}
		b.WriteString(strings.Repeat("\n", empty))
		b.WriteString(y.s[from:end])
		empty, spaced, newline = 0, blank(y.s[from]), end < len(y.s)
		y.i = end
		y.newLine()
	}
	if newline && chomp != '-' {
		b.WriteByte('\n')
	}
	if chomp == '+' {
		b.WriteString(strings.Repeat("\n", empty))
	}
	return b.String()
}
