package outside

import (
	"errors"
	"os"
	"slices"
	"testing"
)

func TestDo(t *testing.T) {
	broken := errors.New("broken")
	for _, c := range []struct {
		name string
		f    func(tb *TB) error
		want string
	}{
		{"right", func(*TB) error { return nil }, ""},
		{"an error", func(*TB) error { return broken }, "broken"},
		{"ended", func(tb *TB) error { tb.Fatalf("no %s", "browser"); return nil }, "no browser"},
		{"skipped", func(tb *TB) error { tb.Skip("no database"); return nil }, "no database"},
		{"found wrong", func(tb *TB) error { tb.Errorf("%d lost", 2); return broken }, "broken\n2 lost"},
		{"ended while cleaning", func(tb *TB) error { tb.Cleanup(func() { tb.Fatal("it stays") }); return nil }, "it stays"},
	} {
		got := ""
		if err := Do(c.f); err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestTake(t *testing.T) {
	if err := Do(func(tb *TB) error {
		tb.Error("one")
		if got := tb.Take(); !slices.Equal(got, []string{"one"}) {
			t.Errorf("%q", got)
		}
		return nil
	}); err != nil {
		t.Errorf("what was taken is told again: %v", err)
	}
}

// Whatever ends the function, all is cleaned up, last first.
func TestCleanup(t *testing.T) {
	var order []int
	var dir string
	if Do(func(tb *TB) error {
		dir = tb.TempDir()
		tb.Cleanup(func() { order = append(order, 1) })
		tb.Cleanup(func() { order = append(order, 2); tb.Fatal("not clean") })
		tb.Fatal("over")
		return nil
	}) == nil {
		t.Error("no error")
	}
	if !slices.Equal(order, []int{2, 1}) {
		t.Errorf("cleaned up in the order %v", order)
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("the folder is still there: %v", err)
	}
}
