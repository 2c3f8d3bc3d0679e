package node

import (
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/pelletier/go-toml/v2/unstable"

	"pressroom/internal/report"
)

// ParseTOML reads a block of TOML that begins on line firstLine of src. It
// stops at the first mistake in the language; keys and tables given twice are
// all told, and the first of each stays in the tree.
func ParseTOML(src report.Source, block []byte, firstLine int) (*Node, report.List) {
	s, problems := readable(src, block, firstLine)
	if problems != nil {
		return nil, problems
	}
	t := &toml{src: src, s: s, line: firstLine, first: firstLine, state: map[*Node]state{}, keys: keys{}}
	root := &Node{Kind: Map, Pos: Pos{firstLine, 1, 1}}
	t.state[root] = header
	data := []byte(s)
	t.p.Reset(data)
	for table := root; t.p.NextExpression(); {
		switch e := t.p.Expression(); e.Kind {
		case unstable.KeyValue:
			t.keyValue(table, e, 1)
		default:
			table = t.table(root, e)
		}
		if t.stop != nil {
			return nil, append(t.problems, *t.stop)
		}
	}
	if err := t.p.Error(); err != nil {
		return nil, append(t.problems, t.plain(err, data))
	}
	if len(root.Map) > 0 {
		root.Pos = root.Map[0].Pos
	}
	return root, t.problems
}

// toml builds a tree from the expressions that the parser gives, and keeps the
// language's rules about who may add to a table.
type toml struct {
	src      report.Source
	p        unstable.Parser
	s        string // the block, with \n at line ends
	first    int    // its first line in the file
	at       int    // a place in s that pos has seen,
	line     int    // its line in the file,
	chars    int    // and how many characters of that line stand before it
	next     int    // where the next value is to be looked for
	nodes    int
	state    map[*Node]state
	keys     keys
	problems report.List
	stop     *report.Problem
}

// state tells how a table, or a list of tables, came to be.
type state uint8

const (
	closed state = iota // written as a value: nothing can be added
	path                // named on the way to another: its own header may follow
	header              // has had its header
	dotted              // made by keys with dots: more such keys may follow
	tables              // a list made by [[headers]]: more may follow
)

// pos is the place of s[from:to], or of the part on its first line.
func (t *toml) pos(from, to int) Pos {
	if from < t.at {
		t.at, t.line, t.chars = 0, t.first, 0
	}
	if lines := strings.Count(t.s[t.at:from], "\n"); lines > 0 {
		t.line += lines
		t.at, t.chars = strings.LastIndexByte(t.s[:from], '\n')+1, 0
	}
	t.chars += utf8.RuneCountInString(t.s[t.at:from])
	t.at = from
	text, _, _ := strings.Cut(t.s[from:to], "\n")
	return Pos{t.line, 1 + t.chars, max(1, utf8.RuneCountInString(text))}
}

func (t *toml) fail(p Pos, name, hint, text string) {
	if t.stop == nil {
		problem := t.src.At(p.Line, p.Col, p.Len, name, text, hint)
		t.stop = &problem
	}
}

func (t *toml) node(kind Kind, p Pos) *Node {
	if t.nodes++; t.nodes > maxNodes {
		t.fail(p, "limit", "split this file", tooMany)
	}
	return &Node{Kind: kind, Pos: p}
}

func rawEnd(n *unstable.Node) int { return int(n.Raw.Offset + n.Raw.Length) }

// table finds or makes the table that a [header] or [[header]] names.
func (t *toml) table(root *Node, e *unstable.Node) *Node {
	n := root
	for depth, it := 2, e.Key(); it.Next(); depth++ {
		k := it.Node()
		entry := Entry{Key: string(k.Data), Pos: t.pos(int(k.Raw.Offset), rawEnd(k))}
		if depth > maxDepth {
			t.fail(entry.Pos, "limit", "", tooDeep)
		}
		switch {
		case !it.IsLast():
			n = t.step(n, entry, path)
		case e.Kind == unstable.Table:
			n = t.ownTable(n, entry)
		default:
			n = t.nextTable(n, entry)
		}
	}
	return n
}

// step goes from a table into the one under a key, which is made when it is
// not there. Where it may not go, it reports so and leads out of the tree.
func (t *toml) step(n *Node, e Entry, how state) *Node {
	old := t.keys.find(n, e.Key)
	if old == nil {
		e.Value = t.node(Map, e.Pos)
		t.state[e.Value] = how
		n.Map = append(n.Map, e)
		return e.Value
	}
	switch st := t.state[old.Value]; {
	case old.Key != e.Key: // two spellings are one key, given twice
	case st == tables && how == path:
		return old.Value.List[len(old.Value.List)-1]
	case st == dotted, how == path && (st == path || st == header):
		return old.Value
	}
	return t.conflict(old, e)
}

func (t *toml) conflict(old *Entry, e Entry) *Node {
	t.problems.Add(twice(t.src, old, &e))
	n := t.node(Map, e.Pos)
	t.state[n] = header
	return n
}

func (t *toml) ownTable(n *Node, e Entry) *Node {
	old := t.keys.find(n, e.Key)
	if old != nil && (old.Key != e.Key || t.state[old.Value] != path) {
		return t.conflict(old, e)
	}
	n = t.step(n, e, path)
	n.Pos = e.Pos
	t.state[n] = header
	return n
}

func (t *toml) nextTable(n *Node, e Entry) *Node {
	old := t.keys.find(n, e.Key)
	if old == nil {
		e.Value = t.node(List, e.Pos)
		t.state[e.Value] = tables
		n.Map = append(n.Map, e)
		old = &e
	} else if old.Key != e.Key || t.state[old.Value] != tables {
		return t.conflict(old, e)
	}
	item := t.node(Map, e.Pos)
	t.state[item] = header
	old.Value.List = append(old.Value.List, item)
	return item
}

// keyValue adds a line, or a part of a table in braces, to n.
func (t *toml) keyValue(n *Node, e *unstable.Node, depth int) {
	var entry Entry
	for it := e.Key(); it.Next(); {
		k := it.Node()
		entry = Entry{Key: string(k.Data), Pos: t.pos(int(k.Raw.Offset), rawEnd(k))}
		t.next = rawEnd(k)
		if !it.IsLast() {
			if depth++; depth > maxDepth {
				t.fail(entry.Pos, "limit", "", tooDeep)
				return
			}
			n = t.step(n, entry, dotted)
		}
	}
	t.next += strings.IndexByte(t.s[t.next:], '=') + 1
	entry.Value = t.value(e.Value(), depth)
	if old := t.keys.find(n, entry.Key); old != nil {
		t.problems.Add(twice(t.src, old, &entry))
		return
	}
	n.Map = append(n.Map, entry)
}

// value reads the value at or after next. The parser gives no place to lists,
// and to tables in braces only their beginning: both are found by walking on
// from what stands before them.
func (t *toml) value(v *unstable.Node, depth int) *Node {
	if t.stop != nil {
		return &Node{}
	}
	switch v.Kind {
	case unstable.Array, unstable.InlineTable:
		return t.brackets(v, depth+1)
	}
	from, end := int(v.Raw.Offset), rawEnd(v)
	n := t.node(Scalar, t.pos(from, end))
	n.Text, n.Plain = string(v.Data), v.Kind != unstable.String
	switch v.Kind {
	case unstable.Integer, unstable.Float:
		n.Text = number(n.Text)
	case unstable.String:
		if i := strings.IndexFunc(n.Text, forbidden); i >= 0 {
			t.fail(n.Pos, "encoding", "remove it", "this text has a control character in it")
		}
	}
	t.next = end
	return n
}

func (t *toml) brackets(v *unstable.Node, depth int) *Node {
	from := t.skip(t.next)
	n := t.node(List, t.pos(from, from+1))
	if v.Kind == unstable.InlineTable {
		n.Kind = Map
	}
	if depth > maxDepth {
		t.fail(n.Pos, "limit", "", tooDeep)
		return n
	}
	t.next = from + 1
	for it := v.Children(); it.Next(); {
		if n.Kind == Map {
			t.keyValue(n, it.Node(), depth)
		} else {
			n.List = append(n.List, t.value(it.Node(), depth))
		}
	}
	t.next = t.skip(t.next) + 1
	if !strings.Contains(t.s[from:t.next], "\n") {
		n.Len = utf8.RuneCountInString(t.s[from:t.next])
	}
	return n
}

// skip returns the place of the next character at or after i that is not blank,
// a line end, a comma, or part of a comment.
func (t *toml) skip(i int) int {
	for ; i < len(t.s)-1; i++ {
		switch t.s[i] {
		case ' ', '\t', '\n', ',':
		case '#':
			end := strings.IndexByte(t.s[i:], '\n')
			if end < 0 {
				return len(t.s) - 1
			}
			i += end
		default:
			return i
		}
	}
	return i
}

// number returns a number of TOML in a spelling that YAML has too.
func number(s string) string {
	if strings.HasPrefix(s, "0b") {
		if i, err := strconv.ParseInt(s, 0, 64); err == nil {
			return strconv.FormatInt(i, 10)
		}
	}
	return strings.ReplaceAll(s, "_", "")
}

// tomlWords puts the parser's commonest messages into plain words: the first
// whose part is found in the message counts.
var tomlWords = []struct{ part, text, hint string }{
	{"'=' after key", "an equals sign is missing after this key", `write key = "value": between lines of +++ stands TOML`},
	{"start of key", "a key cannot begin with this", "put the key in double quotes"},
	{"expected key but", "a key is missing here", ""},
	{"expected newline", "there is text after the value", "put a text in double quotes"},
	{"expected value, not end", "a value is missing here", ""},
	{"start of value", "a text needs quotes here", `write key = "value"`},
	{"strings must be quoted", "a text needs quotes here", `write key = "value"`},
	{"expected keyword", "a text needs quotes here", `write key = "value"; without quotes go numbers, dates, true and false`},
	{"cannot have new lines", "this quote is not closed on its line", "end the text with the same quote, or begin and end it with three"},
	{"terminated", "a quote above is never closed", "end the text with the same quote"},
	{"array is incomplete", "a [ above is never closed", ""},
	{"inline table is incomplete", "a { above is never closed", ""},
	{"expected ',' or ']'", "a comma or ] is missing before this", ""},
	{"expected ',' or '}'", "a comma or } is missing before this", ""},
	{"expected value but", "a value is missing before this comma", "remove this comma"},
	{"unexpected comma", "a value is missing before this comma", "remove this comma"},
	{"to close table name", "a ] is missing after this name", ""},
	{"to close array table", "]] is missing after this name", ""},
	{"too many quotes", "there are too many quotes here", ""},
	{"escape", "this backslash means nothing in double quotes", `write \\ for a backslash, or use single quotes`},
	{`character after \`, "this backslash means nothing in double quotes", `write \\ for a backslash, or use single quotes`},
	{"leading zeroes", "a number cannot begin with a zero", "put it in double quotes if it is no number"},
	{"", "this is no number", "put it in double quotes"}, // what is left is about digits
}

// plain makes a problem of the parser's error. Its place is a piece of data.
func (t *toml) plain(err error, data []byte) report.Problem {
	at, length := len(data), 0
	var e *unstable.ParserError
	if errors.As(err, &e) {
		// Slices of one array share its end, so their capacities tell how far apart they begin.
		at = min(max(cap(data)-cap(e.Highlight), 0), len(data))
		length = min(len(e.Highlight), len(data)-at)
		for at > 0 && at < len(data) && !utf8.RuneStart(data[at]) { // it may be the last byte
			at--
		}
	}
	p := t.pos(at, at+length)
	for _, w := range tomlWords {
		if strings.Contains(err.Error(), w.part) {
			return t.src.At(p.Line, p.Col, p.Len, "syntax", w.text, w.hint)
		}
	}
	panic("unreachable: the last part is in every message")
}
