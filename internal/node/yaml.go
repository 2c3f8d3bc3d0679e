package node

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"pressroom/internal/report"
)

const (
	maxDepth = 32     // far deeper than any newsroom needs, far from any stack's end
	maxNodes = 10_000 // a site.yaml with a thousand topics in ten languages
	maxKey   = 1000   // YAML allows 1024 characters

	tooDeep = "values are nested deeper than 32 levels here"
	tooMany = "there are more than 10000 values here"
)

// ParseYAML reads a block of YAML that begins on line firstLine of src. Reading
// stops at the first mistake in the language, and then there is no tree; keys
// given twice are all told, and the first of each stays in the tree. A block
// without anything in it is a Map without entries.
func ParseYAML(src report.Source, block []byte, firstLine int) (n *Node, problems report.List) {
	s, problems := readable(src, block, firstLine)
	if problems != nil {
		return nil, problems
	}
	y := &yaml{src: src, s: s, line: firstLine, keys: keys{}}
	defer func() {
		// A mistake can be found deep down; nothing above has anything to add.
		if p := recover(); p != nil {
			stop, ours := p.(syntaxError)
			if !ours {
				panic(p)
			}
			n, problems = nil, append(y.problems, report.Problem(stop))
		}
	}()
	return y.document(), y.problems
}

// yaml reads one block, from left to right and from top to bottom. It looks
// ahead to the end of the line, or over empty lines, so its time grows with the
// text alone.
//
// Between two values it stands on the first character of a line that holds
// something, and indent is that line's indentation, or -1 at the end of the
// block. Columns are counted from 0 here and in bytes, which is the same for
// whatever stands before a key or a dash.
type yaml struct {
	src      report.Source
	s        string // the block, with \n at line ends
	i        int    // where we stand
	line     int    // the line of the file we stand on
	start    int    // where that line begins in s
	seen     int    // a place on this line that pos has seen,
	chars    int    // and how many characters stand before it
	indent   int
	begun    bool // behind the --- that may open a document
	keyEnd   int  // see findKey
	colon    int
	depth    int
	nodes    int
	slab     []Node // room for nodes to come
	keys     keys
	problems report.List
}

type syntaxError report.Problem

// fail ends the reading with a problem at s[from:to].
func (y *yaml) fail(from, to int, hint, format string, args ...any) {
	y.failAt(y.pos(from, to), "syntax", hint, format, args...)
}

func (y *yaml) failAt(p Pos, name, hint, format string, args ...any) {
	panic(syntaxError(y.src.At(p.Line, p.Col, p.Len, name, fmt.Sprintf(format, args...), hint)))
}

// pos is the place of s[from:to], which lies on the line we stand on.
func (y *yaml) pos(from, to int) Pos {
	if y.seen < y.start || from < y.seen {
		y.seen, y.chars = y.start, 0
	}
	y.chars += utf8.RuneCountInString(y.s[y.seen:from])
	y.seen = from
	return Pos{y.line, 1 + y.chars, max(1, utf8.RuneCountInString(y.s[from:min(to, len(y.s))]))}
}

func (y *yaml) node(kind Kind, p Pos) *Node {
	if y.nodes++; y.nodes > maxNodes {
		y.failAt(p, "limit", "split this file", tooMany)
	}
	if len(y.slab) == 0 {
		y.slab = make([]Node, 16)
	}
	n := &y.slab[0]
	y.slab = y.slab[1:]
	n.Kind, n.Pos = kind, p
	return n
}

func (y *yaml) deeper() {
	if y.depth++; y.depth > maxDepth {
		y.failAt(y.pos(y.i, y.i+1), "limit", "", tooDeep)
	}
}

// at returns the byte at j, and a line end behind the last.
func (y *yaml) at(j int) byte {
	if j < len(y.s) {
		return y.s[j]
	}
	return '\n'
}

func blank(c byte) bool { return c == ' ' || c == '\t' }

// space tells whether c ends what stands before it: a colon or a dash counts
// only with space behind it.
func space(c byte) bool { return c == ' ' || c == '\t' || c == '\n' }

func (y *yaml) skipBlanks() {
	for blank(y.at(y.i)) {
		y.i++
	}
}

// lineEnd returns where the line of j ends.
func (y *yaml) lineEnd(j int) int {
	if k := strings.IndexByte(y.s[j:], '\n'); k >= 0 {
		return j + k
	}
	return len(y.s)
}

// newLine moves from a line's end to the beginning of the next.
func (y *yaml) newLine() {
	if y.i < len(y.s) {
		y.i++
		y.line++
	}
	y.start = y.i
}

// nextLine moves from the beginning of a line to the first character of the
// next line that holds something.
func (y *yaml) nextLine() {
	for y.i < len(y.s) {
		for y.at(y.i) == ' ' {
			y.i++
		}
		first := y.i
		y.skipBlanks()
		switch c := y.at(y.i); {
		case c == '#':
			y.i = y.lineEnd(y.i)
			fallthrough
		case c == '\n':
			y.newLine()
			continue
		case y.i > first:
			y.tab(first)
		}
		if y.indent = first - y.start; y.begun && y.indent == 0 {
			y.refuseMarker()
		}
		return
	}
	y.indent = -1
}

func (y *yaml) tab(j int) {
	y.fail(j, j+1, "indent with spaces", "a tab is not indentation")
}

// atLineEnd tells whether nothing but a comment follows on this line.
func (y *yaml) atLineEnd() bool {
	c := y.at(y.i)
	return c == '\n' || c == '#' && blank(y.s[y.i-1])
}

// endLine leaves a line after a value, whose kind is named for the message.
func (y *yaml) endLine(after, hint string) {
	y.skipBlanks()
	if !y.atLineEnd() {
		y.fail(y.i, y.textEnd(y.i), hint, "there is text after %s", after)
	}
	y.i = y.lineEnd(y.i)
	y.newLine()
	y.nextLine()
}

// textEnd returns where the text from j to the end of its line ends, without a
// comment and the blanks before it.
func (y *yaml) textEnd(j int) int {
	end := y.lineEnd(j)
	for k := j + 1; k < end; k++ {
		if y.s[k] == '#' && blank(y.s[k-1]) {
			end = k
		}
	}
	for end > j && blank(y.s[end-1]) {
		end--
	}
	return end
}

func (y *yaml) document() *Node {
	first := Pos{y.line, 1, 1}
	y.nextLine()
	y.begun = true
	if y.indent == 0 && y.marker() == "---" {
		y.i += len("---")
		y.endLine("---", "begin on the line below")
	}
	if y.indent < 0 {
		return y.node(Map, first)
	}
	y.refuseMarker()
	if c := y.at(y.i); c != '{' && c != '[' && !y.atDash() && !y.findKey() {
		y.noKey()
	}
	n := y.block(-1)
	if n.Kind != Map {
		y.failAt(n.Pos, "syntax", `begin the line with a key and a colon, as in "title: …"`, "keys are wanted here, not %s", n.Kind)
	}
	if y.indent >= 0 {
		y.misfit(n)
	}
	return n
}

// marker returns the --- or ... that this line begins with, if any.
func (y *yaml) marker() string {
	if y.i == y.start && len(y.s) >= y.i+3 && space(y.at(y.i+3)) {
		if m := y.s[y.i : y.i+3]; m == "---" || m == "..." {
			return m
		}
	}
	return ""
}

func (y *yaml) refuseMarker() {
	if m := y.marker(); m != "" {
		y.fail(y.i, y.i+3, "remove this line, or indent it if it belongs to a text", "a line of %s ends the document, and there is only one here", m)
	}
}

// misfit reports a line whose indentation continues nothing.
func (y *yaml) misfit(n *Node) {
	hint := fmt.Sprintf("line it up with line %d", n.Line)
	if len(n.Map) > 0 {
		hint = fmt.Sprintf("line it up with %q on line %d", brief(n.Map[0].Key), n.Line)
	}
	y.fail(y.i, y.textEnd(y.i), hint, "the indentation of this line fits nothing above it")
}

// block reads the value that begins here, inside something indented by parent.
func (y *yaml) block(parent int) *Node {
	y.deeper()
	defer func() { y.depth-- }()
	switch col := y.i - y.start; {
	case y.atDash():
		return y.blockList(col)
	case y.findKey():
		return y.blockMap(col)
	}
	return y.inline(parent)
}

func (y *yaml) atDash() bool { return y.at(y.i) == '-' && space(y.at(y.i+1)) }

func (y *yaml) blockList(col int) *Node {
	n := y.node(List, y.pos(y.i, y.i+1))
	for {
		dash := y.pos(y.i, y.i+1)
		y.i++
		for y.at(y.i) == ' ' {
			y.i++
		}
		tab := y.i
		y.skipBlanks()
		var item *Node
		if y.i > tab { // it would hide the column that the item begins in
			y.tab(tab)
		}
		if !y.atLineEnd() {
			item = y.block(col)
		} else if y.endLine("", ""); y.indent > col {
			item = y.block(col)
		} else {
			item = y.node(Null, dash)
		}
		n.List = append(n.List, item)
		if y.indent > col {
			y.misfit(n)
		}
		if y.indent < col || !y.atDash() {
			return n
		}
	}
}

func (y *yaml) blockMap(col int) *Node {
	n := y.node(Map, Pos{})
	for y.findKey() {
		e := Entry{Pos: y.pos(y.i, y.keyEnd), Key: y.keyText()}
		y.i = y.colon + 1
		y.skipBlanks()
		e.Value = y.value(col, e)
		if n.Map == nil {
			n.Pos, n.Map = e.Pos, make([]Entry, 0, 4)
		}
		y.add(n, e)
		if y.indent > col {
			y.misfit(n)
		}
		if y.indent < col {
			return n
		}
	}
	y.noKey()
	return nil
}

// add adds an entry to a map, or reports that its key is there already.
func (y *yaml) add(n *Node, e Entry) {
	if first := y.keys.find(n, e.Key); first != nil {
		y.problems.Add(twice(y.src, first, &e))
		return
	}
	n.Map = append(n.Map, e)
}

// value reads what belongs to a key in column col, from behind its colon.
func (y *yaml) value(col int, key Entry) *Node {
	switch {
	case y.atLineEnd():
		y.endLine("", "")
		if y.indent > col {
			return y.block(col)
		}
		if y.indent == col && y.atDash() { // a list need not be indented
			y.deeper()
			defer func() { y.depth-- }()
			return y.blockList(col)
		}
		return y.node(Null, key.Pos)
	case y.atDash():
		y.fail(y.i, y.i+1, "begin it on the line below "+strconv.Quote(brief(key.Key)), "a list cannot begin on the line of its key")
	}
	return y.inline(col)
}

// findKey looks for a key where we stand: its text ends at keyEnd, its colon is
// at colon. A key stands on one line, with its colon.
func (y *yaml) findKey() bool {
	if y.atDash() {
		return false
	}
	j := y.i
	switch c := y.at(j); c {
	case '"', '\'':
		if j = y.quoteEnd(j); j < 0 {
			return false
		}
		y.keyEnd = j
		for blank(y.at(j)) {
			j++
		}
		y.colon = j
		return y.at(j) == ':' && space(y.at(j+1)) && y.shortKey(y.i, j)
	case '[', '{', '|', '>':
		return false
	}
	for ; ; j++ {
		switch y.at(j) {
		case '\n':
			return false
		case '#':
			if j > y.i && blank(y.s[j-1]) {
				return false
			}
		case ':':
			if space(y.at(j + 1)) {
				y.colon, y.keyEnd = j, y.trimmed(y.i, j)
				y.checkStart()
				return y.shortKey(y.i, j)
			}
		}
	}
}

// shortKey refuses a key that is far too long to be one.
func (y *yaml) shortKey(from, colon int) bool {
	if colon-from > maxKey {
		y.fail(from, colon, "put it in double quotes if it is a text", "this key is too long")
	}
	return true
}

// quoteEnd returns the place behind the quote that closes the one at j, if that
// is on the same line, and -1 otherwise.
func (y *yaml) quoteEnd(j int) int {
	quote := y.s[j]
	for j++; ; j++ {
		switch c := y.at(j); {
		case c == '\n':
			return -1
		case c == '\\' && quote == '"' && y.at(j+1) != '\n':
			j++
		case c == quote && quote == '\'' && y.at(j+1) == quote:
			j++
		case c == quote:
			return j + 1
		}
	}
}

// trimmed returns where s[from:to] ends without the blanks at its end.
func (y *yaml) trimmed(from, to int) int {
	for to > from && blank(y.s[to-1]) {
		to--
	}
	return to
}

// keyText returns the key that findKey found.
func (y *yaml) keyText() string {
	key, from := y.s[y.i:y.keyEnd], y.i
	if key != "" && (key[0] == '"' || key[0] == '\'') {
		key = y.quoted(0).Text
	}
	switch key {
	case "":
		y.fail(from, y.colon+1, "", "there is no key before this colon")
	case "<<":
		y.fail(from, y.keyEnd, "write the keys out", "merge keys are not used here")
	}
	return key
}

// noKey reports a line without a key where one must be.
func (y *yaml) noKey() {
	y.checkStart()
	end := y.textEnd(y.i)
	text := y.s[y.i:end]
	if y.atDash() {
		y.fail(y.i, end, "put the item below its key, with nothing behind the key's colon", "a list cannot stand among keys")
	}
	if word, rest, ok := strings.Cut(text, ":"); ok && isWord(word) && !strings.HasPrefix(rest, "//") {
		colon := y.i + len(word)
		y.fail(colon, colon+1, "write "+brief(word+": "+rest), "a space is missing after the colon of %q", brief(word))
	}
	hint := `begin it with a key and a colon, as in "title: …"`
	if word, rest, ok := strings.Cut(text, " "); ok && isWord(word) && brief(text) == text {
		hint = "write " + word + ": " + strings.TrimLeft(rest, "=: ")
	}
	y.fail(y.i, end, hint, "this line has no key")
}

func isWord(s string) bool {
	return s != "" && strings.Trim(strings.ToLower(s), "abcdefghijklmnopqrstuvwxyz_-") == ""
}
