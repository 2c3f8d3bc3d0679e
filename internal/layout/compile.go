package layout

import (
	"errors"
	"fmt"
	"io"
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
// are turned into closures for the type of the view at hand: compile.go has the nodes,
// compile_funcs.go the functions of layouts, value.go the typed access, escape.go the
// escapers.
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

// step writes one node. It returns how a loop around it goes on.
type step func(f *frame) signal

type signal uint8

const (
	next signal = iota
	leave
	again
)

// frame is the state of a run. Frames are used again, for the sake of their memory.
type frame struct {
	out     []byte
	scratch []byte // for an escaper whose result another one reads
	dot     reflect.Value
	stack   []reflect.Value // the variables of all templates that are running
	base    int             // where those of the innermost one begin; the first is $
}

var frames = sync.Pool{New: func() any { return new(frame) }}

// maxKept is the largest buffer that a frame keeps, 1 MiB: a long list should not stay
// in memory for the sake of the articles after it.
const maxKept = 1 << 20

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

// run executes the program. It is false when html/template has to do it; nothing has
// been written then.
func (p *program) run(w io.Writer, view any) (done bool, err error) {
	if p.refused != nil {
		return false, nil
	}
	f := frames.Get().(*frame)
	defer f.release()
	if !p.fill(f, view) {
		return false, nil
	}
	_, err = w.Write(f.out)
	return true, err
}

// fill makes the page in f.out. Every panic ends here, our own stop and those of
// reflect (an index out of range, a method of a nil pointer): all are the mistake of
// the layout or its view, which html/template will meet too and can name.
func (p *program) fill(f *frame, view any) (ok bool) {
	defer func() { ok = recover() == nil }()
	f.call(p.main, reflect.ValueOf(view))
	f.limit()
	return true
}

func (f *frame) release() {
	clear(f.stack[:cap(f.stack)]) // the view may go
	*f = frame{out: f.out[:0], scratch: f.scratch[:0], stack: f.stack[:0]}
	if cap(f.out) <= maxKept && cap(f.scratch) <= maxKept {
		frames.Put(f)
	}
}

// stop ends a run that met a mistake.
func stop() { panic("stopped") }

func (f *frame) limit() {
	if len(f.out) > maxPage {
		stop()
	}
}

func (f *frame) call(b *body, dot reflect.Value) {
	outer, base := f.dot, f.base
	f.base = len(f.stack)
	f.stack = slices.Grow(f.stack, b.slots)[:f.base+b.slots]
	f.dot, f.stack[f.base] = dot, dot
	f.steps(b.steps)
	f.stack = f.stack[:f.base]
	f.dot, f.base = outer, base
}

func (f *frame) steps(steps []step) signal {
	for _, s := range steps {
		if how := s(f); how != next {
			return how
		}
	}
	return next
}

// with runs steps with another dot.
func (f *frame) with(dot reflect.Value, steps []step) signal {
	outer := f.dot
	f.dot = dot
	how := f.steps(steps)
	f.dot = outer
	return how
}

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

// Interpret is Execute by html/template's own executor, the standard that the compiled
// form is held to. The tests compare the two.
func (l *Layout) Interpret(w io.Writer, view any) error {
	err := l.run.ExecuteTemplate(&limited{w, maxPage}, l.entry, view)
	if err == nil {
		return nil
	}
	if errors.Is(err, errTooLarge) {
		return l.problem(fmt.Errorf("template: %s:1: the page grows beyond %d MB; is there a loop?", l.Name, maxPage>>20))
	}
	// The minified lines are not the author's: ask the template as written.
	if again := l.readable.ExecuteTemplate(&limited{io.Discard, maxPage}, l.entry, view); again != nil {
		return l.problem(again)
	}
	return err
}

// Compiled tells why Execute leaves this view to html/template; nil when it does not.
func (l *Layout) Compiled(view any) error {
	p := l.program(reflect.TypeOf(view))
	if p.refused != nil {
		return p.refused
	}
	if done, _ := p.run(io.Discard, view); !done {
		return errors.New("the run stopped")
	}
	return nil
}
