package layout

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync"
	texttemplate "text/template"
	"text/template/parse"
)

// Why layouts are compiled.
//
// html/template decides where what must be escaped, and it decides well; its executor
// then looks up every field by name and calls every escaper by reflection, anew on each
// page, which was two fifths of a build. So a layout is parsed and escaped by
// html/template, and the escaped trees, whose pipelines end in _html_template_… calls,
// are turned into closures for the type of the view at hand: compile.go and
// compile_loop.go have the nodes, compile_funcs.go the functions of layouts, value.go the
// typed access, escape.go the escapers, compile_run.go what happens on a page.
//
// Two rules keep it from ever being another template language:
//   - What is not understood for certain is refused when it is compiled: values of
//     interface types, methods with arguments, escapers of CSS. The layout then runs by
//     html/template for that type of view, as it always could.
//   - What goes wrong while it runs ends the run. Nothing was written by then, and
//     html/template runs the page again, to make its error or its bytes.
//
// A layout can thus be slower than it might be, and never different.

// program is a layout for one type of view, or why there is none.
type program struct {
	main    *body
	refused error
}

// body is one template for one type of argument.
type body struct {
	steps []step
	slots int // its variables, $ among them
}

// programs are the compiled forms of one layout, made when they are first asked for.
type programs struct {
	byType sync.Map // reflect.Type to *program
	mu     sync.Mutex
	once   sync.Once
	unfit  error // why html/template did not escape the layout
}

// program returns the layout for views of type t.
func (l *Layout) program(t reflect.Type) *program {
	if p, ok := l.programs.byType.Load(t); ok {
		return p.(*program)
	}
	l.programs.mu.Lock()
	defer l.programs.mu.Unlock()
	l.programs.once.Do(func() { l.programs.unfit = l.escape() })
	p := &program{refused: l.programs.unfit}
	if p.refused == nil {
		p = compile(l.entry, t, func(name string) *parse.Tree {
			if t := l.run.Lookup(name); t != nil {
				return t.Tree
			}
			return nil // a copy for another context; html/template keeps these to itself
		})
	}
	l.programs.byType.Store(t, p)
	return p
}

// escape makes html/template escape the layout, which it does before it first runs it,
// and ends that run at its first byte. Trees whose escaping failed must not be read:
// they are as the author wrote them.
func (l *Layout) escape() error {
	err := l.run.ExecuteTemplate(closedWriter{}, l.entry, nil)
	if ran := (texttemplate.ExecError{}); err == nil || errors.Is(err, errClosed) || errors.As(err, &ran) {
		return nil
	}
	return err
}

var errClosed = errors.New("closed")

type closedWriter struct{}

func (closedWriter) Write([]byte) (int, error) { return 0, errClosed }

// compiler makes one program.
type compiler struct {
	lookup func(name string) *parse.Tree
	bodies map[instance]*body
}

// instance is a template as called with one type of argument; nil for none.
type instance struct {
	name string
	dot  reflect.Type
}

// refusal is why something cannot be compiled.
type refusal struct{ error }

func refuse(format string, args ...any) {
	panic(refusal{fmt.Errorf(format, args...)})
}

func compile(entry string, view reflect.Type, lookup func(string) *parse.Tree) (p *program) {
	defer func() {
		if r := recover(); r != nil {
			why, ok := r.(refusal)
			if !ok {
				panic(r)
			}
			p = &program{refused: why}
		}
	}()
	if view == reflect.TypeFor[reflect.Value]() {
		refuse("a view that stands for another value")
	}
	c := compiler{lookup: lookup, bodies: map[instance]*body{}}
	return &program{main: c.body(entry, view)}
}

// body compiles a template, once for each type of argument.
func (c *compiler) body(name string, dot reflect.Type) *body {
	key := instance{name, dot}
	if b, ok := c.bodies[key]; ok {
		if b == nil {
			refuse("template %q calls itself", name)
		}
		return b
	}
	tree := c.lookup(name)
	if tree == nil || tree.Root == nil {
		refuse("template %q in a place where html/template makes a copy of its own", name)
	}
	c.bodies[key] = nil // begun
	s := scope{compiler: c, dot: dot, vars: []variable{{"$", dot, 0}}, slots: 1}
	b := &body{steps: s.list(tree.Root)}
	b.slots = s.slots
	c.bodies[key] = b
	return b
}

// scope is what the nodes of one template can see, while it is compiled.
type scope struct {
	*compiler
	dot   reflect.Type
	vars  []variable
	slots int
}

type variable struct {
	name string
	typ  reflect.Type // nil when it cannot be used
	slot int
}

func (s *scope) declare(name string, typ reflect.Type) int {
	slot := s.slots
	s.slots++
	s.vars = append(s.vars, variable{name, typ, slot})
	return slot
}

func (s *scope) variable(name string) variable {
	for _, v := range slices.Backward(s.vars) {
		if v.name == name {
			return v
		}
	}
	refuse("variable %s is not set here", name)
	return variable{}
}

// list compiles nodes; the variables they declare end with them.
func (s *scope) list(n *parse.ListNode) (steps []step) {
	if n == nil {
		return nil
	}
	mark := len(s.vars)
	for _, n := range n.Nodes {
		steps = append(steps, s.node(n))
	}
	s.vars = s.vars[:mark]
	return steps
}

// listWith compiles nodes for another dot.
func (s *scope) listWith(dot reflect.Type, n *parse.ListNode) []step {
	outer := s.dot
	s.dot = dot
	steps := s.list(n)
	s.dot = outer
	return steps
}

func (s *scope) node(n parse.Node) step {
	switch n := n.(type) {
	case *parse.TextNode:
		text := n.Text
		return func(f *frame) signal { f.out = append(f.out, text...); return next }
	case *parse.CommentNode:
		return func(*frame) signal { return next }
	case *parse.ActionNode:
		return s.action(n.Pipe)
	case *parse.IfNode:
		return s.branch(&n.BranchNode, false)
	case *parse.WithNode:
		return s.branch(&n.BranchNode, true)
	case *parse.RangeNode:
		return s.loop(n)
	case *parse.TemplateNode:
		return s.template(n)
	case *parse.BreakNode:
		return func(*frame) signal { return leave }
	case *parse.ContinueNode:
		return func(*frame) signal { return again }
	}
	refuse("a node of type %T", n)
	return nil
}

// action compiles {{pipeline}}. One that prints without an escaper is refused: it would
// mean that html/template has not seen it.
func (s *scope) action(p *parse.PipeNode) step {
	if len(p.Decl) > 0 {
		store := s.pipe(p).val
		return func(f *frame) signal { store(f); return next }
	}
	plain, escapers := splitEscapers(p.Cmds)
	if len(plain) == 0 || len(escapers) == 0 {
		refuse("an action without an escaper, %s", p)
	}
	return escape(s.commands(plain), escapers)
}

func (s *scope) branch(n *parse.BranchNode, with bool) step {
	mark := len(s.vars)
	e := s.pipe(n.Pipe)
	defer func() { s.vars = s.vars[:mark] }()
	if !with {
		yes, then, otherwise := e.yes, s.list(n.List), s.list(n.ElseList)
		return func(f *frame) signal {
			if yes(f) {
				return f.steps(then)
			}
			return f.steps(otherwise)
		}
	}
	val, then, otherwise := e.typed().val, s.listWith(e.typ, n.List), s.list(n.ElseList)
	return func(f *frame) signal {
		if v := val(f); truth(v) {
			return f.with(v, then)
		}
		return f.steps(otherwise)
	}
}

func (s *scope) template(n *parse.TemplateNode) step {
	if n.Pipe == nil {
		b := s.body(n.Name, nil)
		return func(f *frame) signal { f.call(b, reflect.Value{}); return next }
	}
	if len(n.Pipe.Decl) > 0 {
		refuse("a variable set in the call of %q", n.Name)
	}
	e := s.pipe(n.Pipe).typed()
	val, b := e.val, s.body(n.Name, e.typ)
	return func(f *frame) signal { f.call(b, val(f)); return next }
}

// splitEscapers takes the calls that html/template has added off the end of a pipeline.
func splitEscapers(cmds []*parse.CommandNode) (plain []*parse.CommandNode, escapers []string) {
	for plain = cmds; len(plain) > 0; plain = plain[:len(plain)-1] {
		id, ok := plain[len(plain)-1].Args[0].(*parse.IdentifierNode)
		if !ok || !isEscaper(id.Ident) {
			break
		}
		escapers = append(escapers, id.Ident)
	}
	slices.Reverse(escapers)
	return plain, escapers
}
