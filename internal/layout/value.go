package layout

import (
	"reflect"
	"text/template/parse"
)

var (
	stringType = reflect.TypeFor[string]()
	intType    = reflect.TypeFor[int]()
	boolType   = reflect.TypeFor[bool]()
	errorType  = reflect.TypeFor[error]()
	wordsType  = reflect.TypeFor[map[string]string]() // .Site.T and the arguments of embeds
)

// expr is an expression whose type is known. The forms that are there agree; str and
// yes save the way through a reflect.Value where that costs an allocation.
type expr struct {
	typ reflect.Type // nil when only its truth is known, as that of {{if or .Image .Title}}
	val func(f *frame) reflect.Value
	str func(f *frame) string // for kinds of string
	yes func(f *frame) bool
}

// typed refuses an expression of which only the truth is known.
func (e *expr) typed() *expr {
	if e.typ == nil {
		refuse("a value that may be of several types")
	}
	return e
}

// value is an expression of type t. Interfaces are refused: what is in them would have
// to be looked at on every page, which is what html/template does.
func value(t reflect.Type, val func(f *frame) reflect.Value) *expr {
	e := &expr{typ: t, val: val, yes: func(f *frame) bool { return truth(val(f)) }}
	switch t.Kind() {
	case reflect.String:
		e.str = func(f *frame) string { return val(f).String() }
		e.yes = func(f *frame) bool { return val(f).Len() > 0 }
	case reflect.Interface, reflect.Func, reflect.Chan, reflect.UnsafePointer:
		refuse("a value of type %s", t)
	}
	return e
}

func text(str func(f *frame) string) *expr {
	return &expr{
		typ: stringType,
		str: str,
		val: func(f *frame) reflect.Value { return reflect.ValueOf(str(f)) },
		yes: func(f *frame) bool { return str(f) != "" },
	}
}

func condition(yes func(f *frame) bool) *expr {
	truths := [2]reflect.Value{reflect.ValueOf(true), reflect.ValueOf(false)}
	return &expr{typ: boolType, yes: yes, val: func(f *frame) reflect.Value {
		if yes(f) {
			return truths[0]
		}
		return truths[1]
	}}
}

func constant(x any) *expr {
	v := reflect.ValueOf(x)
	e := value(v.Type(), func(*frame) reflect.Value { return v })
	if s, ok := x.(string); ok {
		e.str = func(*frame) string { return s }
	}
	return e
}

// truth is what {{if}} makes of a value.
func truth(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Bool:
		return v.Bool()
	case reflect.Array, reflect.Map, reflect.Slice, reflect.String:
		return v.Len() > 0
	case reflect.Pointer:
		return !v.IsNil()
	case reflect.Struct:
		return true
	case reflect.Float32, reflect.Float64:
		return v.Float() != 0 // -0 too is zero, which IsZero denies
	case reflect.Complex64, reflect.Complex128:
		return v.Complex() != 0
	}
	return !v.IsZero()
}

// pipe compiles a pipeline with what it does to variables.
func (s *scope) pipe(p *parse.PipeNode) *expr {
	e := s.commands(p.Cmds)
	if len(p.Decl) == 0 {
		return e
	}
	val, name := e.typed().val, p.Decl[0].Ident[0]
	var slot int
	if !p.IsAssign {
		slot = s.declare(name, e.typ)
	} else if v := s.variable(name); v.typ == e.typ {
		slot = v.slot
	} else {
		refuse("variable %s of type %s set to a %s", name, v.typ, e.typ)
	}
	return value(e.typ, func(f *frame) reflect.Value {
		v := val(f)
		f.stack[f.base+slot] = v
		return v
	})
}

// commands compiles a | b | c.
func (s *scope) commands(cmds []*parse.CommandNode) (e *expr) {
	for _, cmd := range cmds {
		id, isFunc := cmd.Args[0].(*parse.IdentifierNode)
		switch {
		case isFunc:
			e = s.function(id.Ident, cmd.Args[1:], e)
		case len(cmd.Args) > 1 || e != nil:
			refuse("arguments for %s", cmd.Args[0])
		default:
			e = s.operand(cmd.Args[0])
		}
	}
	return e
}

// operand compiles one word of a command.
func (s *scope) operand(n parse.Node) *expr {
	switch n := n.(type) {
	case *parse.DotNode:
		return s.dotValue()
	case *parse.FieldNode:
		return fields(s.dotValue(), n.Ident)
	case *parse.VariableNode:
		v := s.variable(n.Ident[0])
		if v.typ == nil {
			refuse("variable %s has no type", v.name)
		}
		return fields(value(v.typ, func(f *frame) reflect.Value { return f.stack[f.base+v.slot] }), n.Ident[1:])
	case *parse.ChainNode:
		if pipe, ok := n.Node.(*parse.PipeNode); ok {
			return fields(s.operand(pipe), n.Field)
		}
	case *parse.PipeNode:
		if len(n.Decl) == 0 {
			return s.commands(n.Cmds)
		}
	case *parse.IdentifierNode:
		return s.function(n.Ident, nil, nil)
	case *parse.StringNode:
		return constant(n.Text)
	case *parse.BoolNode:
		return constant(n.True)
	case *parse.NumberNode:
		if decimal(n.Text) && n.IsInt && int64(int(n.Int64)) == n.Int64 {
			return constant(int(n.Int64))
		}
	}
	refuse("the expression %s", n)
	return nil
}

// decimal tells whether a number is written plainly. 'a', 0x1F and 1e3 are left to
// html/template, which has rules for their types.
func decimal(s string) bool {
	for i := range len(s) {
		if (s[i] < '0' || s[i] > '9') && (i > 0 || s[i] != '-') {
			return false
		}
	}
	return true
}

func (s *scope) dotValue() *expr {
	if s.dot == nil {
		refuse("there is no dot")
	}
	return value(s.dot, func(f *frame) reflect.Value { return f.dot })
}

func fields(e *expr, names []string) *expr {
	for _, name := range names {
		e = field(e.typed(), name)
	}
	return e
}

// field is e.name: a method, a field of a struct, also a promoted one, or an entry of a
// map, in the order in which html/template looks for them.
func field(e *expr, name string) *expr {
	if m, ok := e.typ.MethodByName(name); ok {
		return method(e, m)
	}
	t, val := e.typ, e.val
	if t.Kind() == reflect.Pointer {
		t, val = t.Elem(), follow(val)
	} else if _, ok := reflect.PointerTo(t).MethodByName(name); ok {
		refuse("a method of *%s, which depends on where the value lies", t)
	}
	switch {
	case t.Kind() == reflect.Struct:
		if f, ok := t.FieldByName(name); ok && f.IsExported() {
			return value(f.Type, promoted(t, val, f.Index))
		}
	case t == wordsType:
		return text(func(f *frame) string {
			s, ok := val(f).Interface().(map[string]string)[name]
			if !ok {
				stop()
			}
			return s
		})
	case t.Kind() == reflect.Map && t.Key() == stringType:
		key := reflect.ValueOf(name)
		return value(t.Elem(), func(f *frame) reflect.Value {
			v := val(f).MapIndex(key)
			if !v.IsValid() {
				stop()
			}
			return v
		})
	}
	refuse("%s has no field %s to rely on", e.typ, name)
	return nil
}

// follow is what a pointer leads to.
func follow(val func(f *frame) reflect.Value) func(f *frame) reflect.Value {
	return func(f *frame) reflect.Value {
		v := val(f)
		if v.IsNil() {
			stop()
		}
		return v.Elem()
	}
}

// promoted is the way to a field through embedded structs and pointers to them.
func promoted(t reflect.Type, val func(f *frame) reflect.Value, index []int) func(f *frame) reflect.Value {
	for _, i := range index {
		if t.Kind() == reflect.Pointer {
			t, val = t.Elem(), follow(val)
		}
		from := val
		t, val = t.Field(i).Type, func(f *frame) reflect.Value { return from(f).Field(i) }
	}
	return val
}

// method calls a method without arguments, as Body.HTML.
func method(e *expr, m reflect.Method) *expr {
	t := m.Type
	if t.NumIn() != 1 || t.NumOut() != 1 && (t.NumOut() != 2 || t.Out(1) != errorType) {
		refuse("method %s of %s", m.Name, e.typ)
	}
	val, i := e.val, m.Index
	return value(t.Out(0), func(f *frame) reflect.Value {
		out := val(f).Method(i).Call(nil)
		if len(out) == 2 && !out[1].IsNil() {
			stop()
		}
		return out[0]
	})
}
