// Package outside has what is made for tests work where there is none: the programs that
// measure use the browser, the databases and the mail server of this kit. In goes a
// function that wants a test; out comes as an error what would have ended that.
package outside

import (
	"context"
	"errors"
	"fmt"
	"os"
	"testing"
)

// TB stands where a test is wanted. Of testing.TB it has what the kit calls, and nothing
// else. Like a test, it is of one goroutine.
type TB struct {
	testing.TB
	faults []error
	after  []func()
}

// stopped is why a function cannot go on.
type stopped string

// Do calls f, and then what is to be cleaned up. Its error is f's, or what ended f, and
// with it what was found wrong and not taken.
func Do(f func(tb *TB) error) (err error) {
	tb := &TB{}
	defer func() { err = errors.Join(append([]error{err}, tb.faults...)...) }()
	defer func() {
		switch p := recover().(type) {
		case nil:
		case stopped:
			err = errors.New(string(p))
		default:
			panic(p)
		}
	}()
	defer tb.clean()
	return f(tb)
}

// clean does what was asked for, last first, whatever comes of each.
func (tb *TB) clean() {
	for _, f := range tb.after {
		defer f()
	}
}

// Take returns what was found wrong since the last call.
func (tb *TB) Take() (faults []string) {
	for _, err := range tb.faults {
		faults = append(faults, err.Error())
	}
	tb.faults = nil
	return faults
}

func (tb *TB) Helper()                      {}
func (tb *TB) Cleanup(f func())             { tb.after = append(tb.after, f) }
func (tb *TB) Context() context.Context     { return context.Background() }
func (tb *TB) Errorf(f string, args ...any) { tb.Error(fmt.Sprintf(f, args...)) }
func (tb *TB) Error(args ...any)            { tb.faults = append(tb.faults, errors.New(fmt.Sprint(args...))) }
func (tb *TB) Fatalf(f string, args ...any) { panic(stopped(fmt.Sprintf(f, args...))) }
func (tb *TB) Fatal(args ...any)            { panic(stopped(fmt.Sprint(args...))) }
func (tb *TB) Skip(args ...any)             { panic(stopped(fmt.Sprint(args...))) }

func (tb *TB) TempDir() string {
	dir, err := os.MkdirTemp("", "outside-")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}
