package layout

import (
	"reflect"
	"slices"
	"strings"
	"text/template/parse"
)

// loop is a {{range}}, compiled.
type loop struct {
	key, elem       int // slots of its variables; 0, the slot of $, means none
	then, otherwise []step
}

// turn runs the loop for one element. It is false when the loop is left.
func (l *loop) turn(f *frame, key, elem reflect.Value) bool {
	if l.key != 0 {
		f.stack[f.base+l.key] = key
	}
	if l.elem != 0 {
		f.stack[f.base+l.elem] = elem
	}
	f.limit()
	return f.with(elem, l.then) != leave
}

// loop compiles {{range}}.
func (s *scope) loop(n *parse.RangeNode) step {
	if n.Pipe.IsAssign {
		refuse("a range that sets the variables of others")
	}
	mark := len(s.vars)
	e := s.commands(n.Pipe.Cmds).typed()
	each, key, elem := iterator(e.typ)
	if len(n.Pipe.Decl) > 1 && key == nil {
		refuse("a range over %s with two variables", e.typ)
	}
	l := &loop{}
	switch d := n.Pipe.Decl; len(d) {
	case 1:
		l.elem = s.declare(d[0].Ident[0], elem)
	case 2:
		l.key, l.elem = s.declare(d[0].Ident[0], key), s.declare(d[1].Ident[0], elem)
	}
	l.then = s.listWith(elem, n.List)
	for i := mark; i < len(s.vars); i++ {
		s.vars[i].typ = nil // in {{else}} they would be the whole of what is empty
	}
	l.otherwise = s.list(n.ElseList)
	s.vars = s.vars[:mark]

	val := e.val
	return func(f *frame) signal {
		if !each(f, val(f), l) {
			return f.steps(l.otherwise)
		}
		return next
	}
}

// iterator returns how to go through values of a type, and the types of what is met. It
// is false when there was nothing to go through.
func iterator(t reflect.Type) (each func(f *frame, v reflect.Value, l *loop) bool, key, elem reflect.Type) {
	switch {
	case t.Kind() == reflect.Slice || t.Kind() == reflect.Array:
		return eachItem, intType, t.Elem()
	case t.Kind() == reflect.Map && t.Key().Kind() == reflect.String:
		return eachEntry, t.Key(), t.Elem()
	case t == intType:
		return eachNumber, nil, intType
	}
	refuse("a range over %s", t)
	return nil, nil, nil
}

func eachItem(f *frame, v reflect.Value, l *loop) bool {
	for i := range v.Len() {
		var key reflect.Value
		if l.key != 0 {
			key = reflect.ValueOf(i)
		}
		if !l.turn(f, key, v.Index(i)) {
			break
		}
	}
	return v.Len() > 0
}

// eachEntry goes in the order of the keys, as html/template does.
func eachEntry(f *frame, v reflect.Value, l *loop) bool {
	keys := v.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
	for _, key := range keys {
		if !l.turn(f, key, v.MapIndex(key)) {
			break
		}
	}
	return len(keys) > 0
}

func eachNumber(f *frame, v reflect.Value, l *loop) bool {
	for i := range int(v.Int()) {
		if !l.turn(f, reflect.Value{}, reflect.ValueOf(i)) {
			break
		}
	}
	return v.Int() > 0
}
