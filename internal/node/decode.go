package node

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"sync"

	"pressroom/internal/report"
)

// Unmarshaler is a value with a form of its own, such as a date, or a speaker
// given by name or as a group of keys. It reports what it cannot read with
// d.Errorf, and may hand parts of n back with d.Decode. It is never called for
// an empty value.
type Unmarshaler interface {
	UnmarshalNode(d *Decoder, n *Node)
}

// At is a value that remembers its place: a []At[string] knows where each of
// its items stands.
type At[T any] struct {
	Value T
	Pos   Pos
}

// UnmarshalNode implements Unmarshaler.
func (a *At[T]) UnmarshalNode(d *Decoder, n *Node) {
	a.Pos = n.Pos
	d.Decode(n, &a.Value)
}

// Decoder fills values from nodes and collects the problems.
type Decoder struct {
	Source   report.Source
	Env      any // whatever Unmarshalers need to know, such as the site's time zone
	Problems report.List
}

// Decode fills dst, a pointer to a struct, from n.
//
// A field is filled from the key in its tag: `key:"title"`. Other names of the
// key follow as `key:"embargo,alias=publishDate|pubdate"`; a list tagged
// `,single` also takes one item without a list around it, and a text tagged
// `,secret` is never shown when it comes by the environment. Case, hyphens and
// underscores in keys do not count. Embedded structs belong to the struct
// around them; other fields without a tag are left alone.
//
// Fields may be strings, bools, ints, float64s, structs, Unmarshalers, pointers
// to and slices of these, maps from string (free keys), *Node (the tree itself)
// and any (what Node.Value makes of it). A key without a value counts as
// absent; a key that no field knows is an error.
func Decode(src report.Source, n *Node, dst any) report.List {
	d := Decoder{Source: src}
	d.Decode(n, dst)
	return d.Problems
}

// Decode fills dst, a pointer to a value of any kind that a field may have.
func (d *Decoder) Decode(n *Node, dst any) {
	v := reflect.ValueOf(dst)
	if v.Kind() != reflect.Pointer || v.IsNil() {
		panic(fmt.Sprintf("node: Decode into %T, which is not a pointer", dst))
	}
	d.value(n, v.Elem(), false)
}

// Errorf adds a problem at n's place.
func (d *Decoder) Errorf(n *Node, name, hint, format string, args ...any) {
	d.ErrorAt(n.Pos, name, hint, format, args...)
}

// ErrorAt adds a problem at a place, such as a key's.
func (d *Decoder) ErrorAt(p Pos, name, hint, format string, args ...any) {
	d.Problems.Add(d.Source.At(p.Line, p.Col, p.Len, name, fmt.Sprintf(format, args...), hint))
}

var nodeType = reflect.TypeFor[*Node]()

func (d *Decoder) value(n *Node, v reflect.Value, single bool) {
	if n == nil || n.Kind == Null && v.Type() != nodeType {
		return
	}
	if u, ok := v.Addr().Interface().(Unmarshaler); ok {
		u.UnmarshalNode(d, n)
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		if v.Type() == nodeType {
			v.Set(reflect.ValueOf(n))
			return
		}
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		d.value(n, v.Elem(), single)
	case reflect.Interface:
		v.Set(reflect.ValueOf(n.Value()))
	case reflect.String, reflect.Bool, reflect.Int, reflect.Float64:
		d.scalar(n, v)
	case reflect.Slice:
		d.list(n, v, single)
	case reflect.Map:
		d.freeMap(n, v)
	case reflect.Struct:
		d.structure(n, v)
	default:
		panic(fmt.Sprintf("node: cannot decode into %s", v.Type()))
	}
}

// wanted says in plain words what goes into a value of kind k.
func wanted(k reflect.Kind) string {
	switch k {
	case reflect.Bool:
		return "true or false"
	case reflect.Int:
		return "a whole number"
	case reflect.Float64:
		return "a number"
	case reflect.Slice:
		return List.String()
	case reflect.Map, reflect.Struct:
		return Map.String()
	}
	return Scalar.String()
}

func (d *Decoder) wrongKind(n *Node, k reflect.Kind, hint string) {
	d.Errorf(n, "wrong-type", hint, "%s is wanted here, not %s", wanted(k), n.Kind)
}

func (d *Decoder) scalar(n *Node, v reflect.Value) {
	if n.Kind != Scalar {
		hint := ""
		if n.Kind == Map && len(n.Map) == 1 {
			hint = "if it is a text with a colon in it, put it in double quotes"
		}
		d.wrongKind(n, v.Kind(), hint)
		return
	}
	if v.Kind() == reflect.String {
		v.SetString(n.Text)
		return
	}
	var ok bool // what is set in vain does no harm
	switch v.Kind() {
	case reflect.Bool:
		var b bool
		b, ok = parseBool(n.Text)
		v.SetBool(b)
	case reflect.Int:
		var i int
		i, ok = parseInt(n.Text)
		v.SetInt(int64(i))
	case reflect.Float64:
		var f float64
		f, ok = parseFloat(n.Text)
		v.SetFloat(f)
	}
	switch {
	case !ok:
		hint := ""
		if v.Kind() == reflect.Bool {
			hint = boolHint(n.Text)
		}
		d.Errorf(n, "wrong-type", hint, "%q is not %s", brief(n.Text), wanted(v.Kind()))
	case !n.Plain:
		d.Errorf(n, "wrong-type", "write "+n.Text+" without the quotes", "%q in quotes is a text, not %s", n.Text, wanted(v.Kind()))
	}
}

// boolHint knows the truth values that YAML once had.
func boolHint(s string) string {
	switch strings.ToLower(s) {
	case "yes", "on", "y":
		return "write true"
	case "no", "off", "n":
		return "write false"
	}
	return ""
}

// brief shortens a text for a message: the snippet below shows the rest.
func brief(s string) string {
	s, _, more := strings.Cut(s, "\n")
	if r := []rune(s); len(r) > 60 {
		s, more = string(r[:60]), true
	}
	if more {
		s += "…"
	}
	return s
}

func (d *Decoder) list(n *Node, v reflect.Value, single bool) {
	items := n.List
	if n.Kind != List {
		if !single {
			hint := ""
			if n.Kind == Scalar {
				hint = "write it in brackets: [" + brief(n.Text) + "]"
			}
			d.wrongKind(n, reflect.Slice, hint)
			return
		}
		items = []*Node{n}
	}
	v.Set(reflect.MakeSlice(v.Type(), len(items), len(items)))
	for i, item := range items {
		if item.Kind == Null && v.Type().Elem() != nodeType {
			d.Errorf(item, "empty-item", "write a value, or remove the item", "an item of this list is empty")
		}
		d.value(item, v.Index(i), false)
	}
}

func (d *Decoder) freeMap(n *Node, v reflect.Value) {
	if n.Kind != Map {
		d.wrongKind(n, reflect.Map, "")
		return
	}
	v.Set(reflect.MakeMapWithSize(v.Type(), len(n.Map)))
	keep := v.Type().Elem() == nodeType || v.Type().Elem().Kind() == reflect.Interface
	for _, e := range n.Map {
		if e.Value.Kind == Null && !keep {
			continue
		}
		item := reflect.New(v.Type().Elem()).Elem()
		d.value(e.Value, item, false)
		v.SetMapIndex(reflect.ValueOf(e.Key).Convert(v.Type().Key()), item)
	}
}

func (d *Decoder) structure(n *Node, v reflect.Value) {
	if n.Kind != Map {
		d.wrongKind(n, reflect.Struct, "")
		return
	}
	s := shapeOf(v.Type())
	var places Places
	if s.places != nil {
		// What stands over a file is decoded after it: the places of the rest stay.
		if places, _ = v.FieldByIndex(s.places).Interface().(Places); places == nil {
			places = make(Places, len(n.Map))
			v.FieldByIndex(s.places).Set(reflect.ValueOf(places))
		}
	}
	given := make([]*Entry, len(s.names))
	for i := range n.Map {
		e := &n.Map[i]
		var buf [64]byte
		f, ok := s.fields[string(fold(buf[:0], e.Key))]
		if !ok {
			d.ErrorAt(e.Pos, "unknown-key", s.didYouMean(e.Key), "unknown key %q", e.Key)
			continue
		}
		if e.Value.Kind == Null {
			continue
		}
		if first := given[f.at]; first != nil {
			d.Problems.Add(twice(d.Source, first, e))
			continue
		}
		given[f.at] = e
		if places != nil {
			places[s.names[f.at]] = e.Value.Pos
		}
		d.value(e.Value, v.FieldByIndex(f.index), f.single)
	}
}

// twice is the problem of a key that is given again, perhaps in another spelling.
func twice(src report.Source, first, second *Entry) report.Problem {
	text := fmt.Sprintf("%q is given twice, on lines %d and %d", second.Key, first.Line, second.Line)
	switch {
	case first.Key == second.Key && first.Line == second.Line:
		text = fmt.Sprintf("%q is given twice", second.Key)
	case first.Key != second.Key:
		text = fmt.Sprintf("%q on line %d and %q on line %d are the same key", first.Key, first.Line, second.Key, second.Line)
	}
	return src.At(second.Line, second.Col, second.Len, "duplicate-key", text, "keep one of them")
}

// shape is what Decode needs to know of a struct type.
type shape struct {
	fields map[string]field // by folded name, aliases included
	names  []string         // canonical names, by field.at
	alias  []string         // the other names
	places []int            // index of the Places field, or nil
}

type field struct {
	at     int
	index  []int
	single bool
	secret bool
}

func (s *shape) didYouMean(key string) string {
	if near := report.Nearest(key, append(s.names[:len(s.names):len(s.names)], s.alias...)); near != "" {
		return "did you mean " + strconv.Quote(near) + "?"
	}
	return report.DidYouMean(key, s.names)
}

// shapes remembers the shape of each type, which never changes.
var shapes sync.Map // reflect.Type → *shape

func shapeOf(t reflect.Type) *shape {
	if s, ok := shapes.Load(t); ok {
		return s.(*shape)
	}
	s := &shape{fields: map[string]field{}}
	s.add(t, nil)
	shapes.Store(t, s)
	return s
}

func (s *shape) add(t reflect.Type, parent []int) {
	for i := range t.NumField() {
		f := t.Field(i)
		index := append(parent[:len(parent):len(parent)], i)
		tag, tagged := f.Tag.Lookup("key")
		switch {
		case f.Anonymous && !tagged && f.Type.Kind() == reflect.Struct:
			s.add(f.Type, index)
		case !tagged || !f.IsExported():
		case tag == ",places":
			s.places = index
		default:
			s.addField(t, index, tag)
		}
	}
}

func (s *shape) addField(t reflect.Type, index []int, tag string) {
	parts := strings.Split(tag, ",")
	f := field{at: len(s.names), index: index}
	names := []string{parts[0]}
	for _, option := range parts[1:] {
		alias, isAlias := strings.CutPrefix(option, "alias=")
		switch {
		case isAlias:
			names = append(names, strings.Split(alias, "|")...)
		case option == "single":
			f.single = true
		case option == "secret":
			f.secret = true
		default:
			panic(fmt.Sprintf("node: unknown option %q in the tag %q of %s", option, tag, t))
		}
	}
	s.names = append(s.names, names[0])
	s.alias = append(s.alias, names[1:]...)
	for _, name := range names {
		key := string(fold(nil, name))
		if _, taken := s.fields[key]; taken {
			panic(fmt.Sprintf("node: two fields of %s have the key %q", t, name))
		}
		s.fields[key] = f
	}
}
