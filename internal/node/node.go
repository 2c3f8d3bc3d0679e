// Package node reads YAML and TOML strictly, and knows where everything stands.
//
// A block of text goes in; a tree of Nodes comes out, the same for both
// languages, every value and every key with its line and column in the file.
// Decode fills a struct from the tree. All mistakes are collected, each with
// its place and a hint in the editor's words. The package never guesses: what
// it is not sure of is an error, and it knows no key by name.
//
// Of YAML it reads version 1.2 with the core types: NO, yes and on are texts,
// 0412 given for a text stays "0412". Anchors, aliases, merge keys, tags and
// several documents in one block are refused, which also means that a small
// file can never become a large tree.
//
// YAML is read by a reader of our own. The libraries are made to accept: given
// mutations of good front matter, goccy/go-yaml v1.19 misreads one in fourteen
// that it accepts, or should have refused it (it drops tabs inside texts, for
// one); the others give errors a line at best. Ours knows the YAML that people
// write by hand, and is held against go.yaml.in/yaml in the tests: what it
// accepts, the library reads as the same tree in the same places.
//
// TOML is read by the unstable parser of pelletier/go-toml, because it gives the
// byte range of every key and value; BurntSushi/toml gives a place to errors only.
package node

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Kind tells what a Node is.
type Kind uint8

const (
	Null   Kind = iota // nothing: an empty value, null or ~
	Scalar             // one text, number, date or truth value
	List
	Map
)

// String names the kind as an editor would.
func (k Kind) String() string {
	switch k {
	case Null:
		return "nothing"
	case Scalar:
		return "a text"
	case List:
		return "a list"
	default:
		return "a group of keys"
	}
}

// Pos is a place in the file. Line and Col count from 1, Col and Len in
// characters; the zero Pos means that there is none.
type Pos struct{ Line, Col, Len int }

// Places holds the place of each value that a struct was given, by the
// canonical name of its key. A field of this type tagged `key:",places"`
// receives them.
type Places map[string]Pos

// Node is one value with its place. A list or a group of keys stands where it
// begins: at its bracket, its first dash or its first key.
type Node struct {
	Pos
	Kind  Kind
	Text  string  // of a Scalar, as it is spelt in the source, without quotes
	Plain bool    // a Scalar without quotes: it may be a number or a truth value
	List  []*Node // of a List
	Map   []Entry // of a Map, in the order of the source
}

// Entry is one key of a Map with its value, which is never nil.
type Entry struct {
	Key   string
	Pos   // of the key
	Value *Node
}

// Get returns the value of a key, or nil. Case, hyphens and underscores do not
// count.
func (n *Node) Get(key string) *Node {
	if n != nil {
		if e := n.entry(key); e != nil {
			return e.Value
		}
	}
	return nil
}

func (n *Node) entry(key string) *Entry {
	for i := range n.Map {
		if sameKey(n.Map[i].Key, key) {
			return &n.Map[i]
		}
	}
	return nil
}

// Value returns n as plain data: map[string]any, []any, string, bool, int,
// float64, or nil. A plain number becomes an int or a float64 unless its
// digits would be lost: 0412 and a number too large for an int stay texts.
func (n *Node) Value() any {
	if n == nil {
		return nil
	}
	switch n.Kind {
	case Scalar:
		return n.scalar()
	case List:
		list := make([]any, len(n.List))
		for i, item := range n.List {
			list[i] = item.Value()
		}
		return list
	case Map:
		m := make(map[string]any, len(n.Map))
		for _, e := range n.Map {
			m[e.Key] = e.Value.Value()
		}
		return m
	}
	return nil
}

func (n *Node) scalar() any {
	if !n.Plain {
		return n.Text
	}
	if b, ok := parseBool(n.Text); ok {
		return b
	}
	if i, ok := parseInt(n.Text); ok && !leadingZero(n.Text) {
		return i
	}
	if f, ok := parseFloat(n.Text); ok && !isDecimal(n.Text) {
		return f
	}
	return n.Text
}

// parseBool reads the truth values of the YAML 1.2 core types, and no others.
func parseBool(s string) (value, ok bool) {
	switch s {
	case "true", "True", "TRUE":
		return true, true
	case "false", "False", "FALSE":
		return false, true
	}
	return false, false
}

// parseInt reads 12, -3, 0x1f and 0o17; a leading zero does not make an octal.
func parseInt(s string) (int, bool) {
	base, digits := 10, s
	switch {
	case strings.HasPrefix(s, "0x"):
		base, digits = 16, s[2:]
	case strings.HasPrefix(s, "0o"):
		base, digits = 8, s[2:]
	case !isDecimal(s):
		return 0, false
	}
	if base != 10 && strings.ContainsAny(digits, "+-") {
		return 0, false
	}
	i, err := strconv.ParseInt(digits, base, 0)
	return int(i), err == nil
}

// parseFloat reads a decimal number, whole ones included. Infinity and what is
// no number at all are texts: nothing here can be infinitely large.
func parseFloat(s string) (float64, bool) {
	// strconv also reads inf, 0x1p-2 and 1_000.
	if strings.Trim(s, "+-.0123456789eE") != "" {
		return 0, false
	}
	f, err := strconv.ParseFloat(s, 64)
	return f, err == nil
}

// isDecimal tells whether s is a sign, perhaps, and digits.
func isDecimal(s string) bool {
	if s != "" && (s[0] == '+' || s[0] == '-') {
		s = s[1:]
	}
	return s != "" && strings.Trim(s, "0123456789") == ""
}

func leadingZero(s string) bool {
	s = strings.TrimLeft(s, "+-")
	return len(s) > 1 && s[0] == '0' && isDecimal(s)
}

// keys finds entries by key; for Maps with many it remembers where they are, so
// that a long file takes no more than its length.
type keys map[*Node]map[string]int

func (k keys) find(n *Node, key string) *Entry {
	if len(n.Map) <= 16 {
		return n.entry(key)
	}
	known := k[n]
	if known == nil {
		known = map[string]int{}
		k[n] = known
	}
	for i := len(known); i < len(n.Map); i++ {
		known[string(fold(nil, n.Map[i].Key))] = i
	}
	if i, ok := known[string(fold(nil, key))]; ok {
		return &n.Map[i]
	}
	return nil
}

// fold appends to buf the form in which spellings of a key are compared:
// without case, hyphens and underscores.
func fold(buf []byte, key string) []byte {
	for i := range len(key) {
		switch c := key[i]; {
		case c >= utf8.RuneSelf:
			key = strings.NewReplacer("-", "", "_", "").Replace(key)
			return append(buf[:0], strings.ToLower(key)...)
		case 'A' <= c && c <= 'Z':
			buf = append(buf, c+'a'-'A')
		case c != '-' && c != '_':
			buf = append(buf, c)
		}
	}
	return buf
}

// sameKey compares two keys as fold does, and knows at a glance most that differ.
func sameKey(a, b string) bool {
	if a == "" || b == "" {
		return a == b
	}
	if x, y := a[0]|0x20, b[0]|0x20; x != y && isLetter(x) && isLetter(y) {
		return false
	}
	var x, y [64]byte
	return string(fold(x[:0], a)) == string(fold(y[:0], b))
}

func isLetter(c byte) bool { return 'a' <= c && c <= 'z' }
