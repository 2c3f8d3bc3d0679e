package layout

import (
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"sync"
)

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
	if again := l.readable().ExecuteTemplate(&limited{io.Discard, maxPage}, l.entry, view); again != nil {
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
