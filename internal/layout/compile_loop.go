package layout

import (
	"reflect"
	"slices"
	"strings"
	"text/template/parse"
)

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
	var keySlot, elemSlot int // 0 is $, so it can mean none
	switch d := n.Pipe.Decl; len(d) {
	case 1:
		elemSlot = s.declare(d[0].Ident[0], elem)
	case 2:
		keySlot, elemSlot = s.declare(d[0].Ident[0], key), s.declare(d[1].Ident[0], elem)
	}
	then := s.listWith(elem, n.List)
	for i := mark; i < len(s.vars); i++ {
		s.vars[i].typ = nil // in {{else}} they would be the whole of what is empty
	}
	otherwise := s.list(n.ElseList)
	s.vars = s.vars[:mark]

	val := e.val
	return func(f *frame) signal {
		v := val(f)
		empty := true
		each(v, keySlot != 0, func(key, elem reflect.Value) bool {
			empty = false
			if keySlot != 0 {
				f.stack[f.base+keySlot] = key
			}
			if elemSlot != 0 {
				f.stack[f.base+elemSlot] = elem
			}
			f.limit()
			return f.with(elem, then) != leave
		})
		if empty {
			return f.steps(otherwise)
		}
		return next
	}
}

// iterator returns how to go through values of a type, and the types of what is met.
// Keys are made only for those who ask.
func iterator(t reflect.Type) (each func(v reflect.Value, keys bool, visit func(key, elem reflect.Value) bool), key, elem reflect.Type) {
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

func eachItem(v reflect.Value, keys bool, visit func(key, elem reflect.Value) bool) {
	for i := range v.Len() {
		var key reflect.Value
		if keys {
			key = reflect.ValueOf(i)
		}
		if !visit(key, v.Index(i)) {
			return
		}
	}
}

// eachEntry goes in the order of the keys, as html/template does.
func eachEntry(v reflect.Value, _ bool, visit func(key, elem reflect.Value) bool) {
	keys := v.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
	for _, key := range keys {
		if !visit(key, v.MapIndex(key)) {
			return
		}
	}
}

func eachNumber(v reflect.Value, _ bool, visit func(key, elem reflect.Value) bool) {
	for i := range v.Int() {
		if !visit(reflect.Value{}, reflect.ValueOf(int(i))) {
			return
		}
	}
}
