package layout

import (
	"fmt"
	"html/template"
	"reflect"
	"slices"
	"text/template/parse"
)

// function compiles a call of one of html/template's functions. The value of the
// command before it in the pipeline is its last argument.
func (s *scope) function(name string, nodes []parse.Node, last *expr) *expr {
	var args []*expr
	for _, n := range nodes {
		args = append(args, s.operand(n))
	}
	if name == "and" || name == "or" {
		if last != nil || len(args) == 0 {
			refuse("%s at the end of a pipeline", name) // what comes before it runs in any case
		}
		return either(args, name == "or")
	}
	if last != nil {
		args = append(args, last)
	}
	if name == "not" && len(args) == 1 {
		yes := args[0].yes
		return condition(func(f *frame) bool { return !yes(f) })
	}
	for _, a := range args {
		a.typed()
	}
	if build := functions[name]; build != nil && len(args) > 0 {
		return build(args)
	}
	refuse("the function %s with %d arguments", name, len(args))
	return nil
}

var functions = map[string]func(args []*expr) *expr{
	"eq": equal, "ne": ordered(func(less, same bool) bool { return !same }),
	// As html/template has them: what compares with nothing is "greater".
	"lt": ordered(func(less, same bool) bool { return less }),
	"le": ordered(func(less, same bool) bool { return less || same }),
	"gt": ordered(func(less, same bool) bool { return !less && !same }),
	"ge": ordered(func(less, same bool) bool { return !less }),

	"len": length, "index": index, "slice": slice,

	"print":    printed(fmt.Sprint),
	"println":  printed(fmt.Sprintln),
	"printf":   formatted,
	"html":     printed(template.HTMLEscaper),
	"js":       printed(template.JSEscaper),
	"urlquery": printed(template.URLQueryEscaper),
}

// either is or, the first argument that is true, or and, the first that is not; else
// the last one. The arguments after it are not looked at.
func either(args []*expr, or bool) *expr {
	last, first := args[len(args)-1], args[:len(args)-1]
	e := &expr{yes: func(f *frame) bool {
		for _, a := range args {
			if a.yes(f) == or {
				return or
			}
		}
		return !or
	}}
	if slices.ContainsFunc(args, func(a *expr) bool { return a.typ == nil || a.typ != last.typ }) {
		return e
	}
	e.typ = last.typ
	e.val = func(f *frame) reflect.Value {
		for _, a := range first {
			if v := a.val(f); truth(v) == or {
				return v
			}
		}
		return last.val(f)
	}
	if last.str != nil {
		e.str = func(f *frame) string {
			for _, a := range first {
				if s := a.str(f); (s != "") == or {
					return s
				}
			}
			return last.str(f)
		}
	}
	return e
}

// basic is the kind by which values are compared; Invalid for what cannot be.
func basic(e *expr) reflect.Kind {
	switch k := e.typ.Kind(); {
	case k >= reflect.Int && k <= reflect.Int64:
		return reflect.Int
	case k >= reflect.Uint && k <= reflect.Uintptr:
		return reflect.Uint
	case k == reflect.Float32 || k == reflect.Float64:
		return reflect.Float64
	case k == reflect.String || k == reflect.Bool:
		return k
	}
	return reflect.Invalid
}

func sameKind(args []*expr) reflect.Kind {
	kind := basic(args[0])
	for _, a := range args {
		if k := basic(a); k != kind || k == reflect.Invalid {
			refuse("a comparison of %s and %s", args[0].typ, a.typ)
		}
	}
	return kind
}

// equal is eq: the first argument is one of the others.
func equal(args []*expr) *expr {
	kind := sameKind(args)
	if len(args) < 2 {
		refuse("eq of one value")
	}
	a, others := args[0], args[1:]
	if kind == reflect.String {
		return condition(func(f *frame) (found bool) {
			s := a.str(f)
			for _, b := range others { // all of them, for their mistakes
				found = b.str(f) == s || found
			}
			return found
		})
	}
	return condition(func(f *frame) (found bool) {
		v := a.val(f)
		for _, b := range others {
			_, same := compare(kind, v, b.val(f))
			found = found || same
		}
		return found
	})
}

// ordered is a comparison of two values.
func ordered(holds func(less, same bool) bool) func(args []*expr) *expr {
	return func(args []*expr) *expr {
		kind := sameKind(args)
		if len(args) != 2 || kind == reflect.Bool && holds(true, false) != holds(false, false) {
			refuse("a comparison of %d values of type %s", len(args), args[0].typ)
		}
		a, b := args[0], args[1]
		if kind == reflect.String {
			return condition(func(f *frame) bool {
				s, t := a.str(f), b.str(f)
				return holds(s < t, s == t)
			})
		}
		return condition(func(f *frame) bool { return holds(compare(kind, a.val(f), b.val(f))) })
	}
}

func compare(kind reflect.Kind, a, b reflect.Value) (less, same bool) {
	switch kind {
	case reflect.Bool:
		return false, a.Bool() == b.Bool()
	case reflect.Int:
		return a.Int() < b.Int(), a.Int() == b.Int()
	case reflect.Uint:
		return a.Uint() < b.Uint(), a.Uint() == b.Uint()
	case reflect.Float64:
		return a.Float() < b.Float(), a.Float() == b.Float()
	}
	return a.String() < b.String(), a.String() == b.String()
}

func length(args []*expr) *expr {
	val := args[0].val
	switch args[0].typ.Kind() {
	case reflect.Array, reflect.Map, reflect.Slice, reflect.String:
		if len(args) == 1 {
			return value(intType, func(f *frame) reflect.Value { return reflect.ValueOf(val(f).Len()) })
		}
	}
	refuse("len of %s", args[0].typ)
	return nil
}

func index(args []*expr) *expr {
	if len(args) < 2 {
		refuse("index without an index")
	}
	e := args[0]
	for _, at := range args[1:] {
		e = item(e, at)
	}
	return e
}

// item is e[at]. A map has a zero for what it lacks; a slice that is too short ends the
// run, by reflect's panic.
func item(e, at *expr) *expr {
	val := e.val
	switch k := e.typ.Kind(); {
	case e.typ == wordsType && at.typ == stringType:
		return text(func(f *frame) string { return val(f).Interface().(map[string]string)[at.str(f)] })
	case k == reflect.Map && at.typ == e.typ.Key():
		zero := reflect.Zero(e.typ.Elem())
		return value(e.typ.Elem(), func(f *frame) reflect.Value {
			if v := val(f).MapIndex(at.val(f)); v.IsValid() {
				return v
			}
			return zero
		})
	case (k == reflect.Slice || k == reflect.Array) && basic(at) == reflect.Int:
		return value(e.typ.Elem(), func(f *frame) reflect.Value { return val(f).Index(int(at.val(f).Int())) })
	}
	refuse("index of %s by %s", e.typ, at.typ)
	return nil
}

// slice is x[i:] and x[i:j].
func slice(args []*expr) *expr {
	e, at := args[0], args[1:]
	if k := e.typ.Kind(); k != reflect.String && k != reflect.Slice || len(at) < 1 || len(at) > 2 {
		refuse("slice of %s", e.typ)
	}
	for _, i := range at {
		if basic(i) != reflect.Int {
			refuse("slice at a %s", i.typ)
		}
	}
	return value(e.typ, func(f *frame) reflect.Value {
		v := e.val(f)
		end := v.Len()
		if len(at) > 1 {
			end = int(at[1].val(f).Int())
		}
		return v.Slice(int(at[0].val(f).Int()), end)
	})
}

// printed is a function of any values whose result is a string.
func printed(print func(args ...any) string) func(args []*expr) *expr {
	return func(args []*expr) *expr {
		return text(func(f *frame) string { return print(values(f, args)...) })
	}
}

func formatted(args []*expr) *expr {
	if args[0].typ != stringType {
		refuse("printf with a %s for its format", args[0].typ)
	}
	return text(func(f *frame) string { return fmt.Sprintf(args[0].str(f), values(f, args[1:])...) })
}

func values(f *frame, args []*expr) []any {
	out := make([]any, len(args))
	for i, a := range args {
		out[i] = a.val(f).Interface()
	}
	return out
}
