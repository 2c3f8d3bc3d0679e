package main

import (
	"bytes"
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestAUC(t *testing.T) {
	for _, c := range []struct {
		name       string
		one, other []float64
		want       float64
	}{
		{"always longer", []float64{3, 4}, []float64{1, 2}, 1},
		{"never longer", []float64{1, 2}, []float64{3, 4}, 0},
		{"the same", []float64{1, 2, 3}, []float64{1, 2, 3}, 0.5},
		{"one of four", []float64{1, 3}, []float64{2, 4}, 0.25},
		{"ties count half", []float64{1}, []float64{1, 2}, 0.25},
	} {
		if got := auc(c.one, c.other); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
	// By Mann and Whitney, as printed in the README.
	if got := chance(300); math.Abs(got-0.0236) > 0.0001 {
		t.Errorf("chance moves the AUC of 300 pairs by %v", got)
	}
}

func TestQuantile(t *testing.T) {
	list := []float64{5, 1, 4, 2, 3}
	for q, want := range map[float64]float64{0: 1, 0.2: 1, 0.5: 3, 0.8: 4, 0.81: 5, 1: 5} {
		if got := quantile(list, q); got != want {
			t.Errorf("%v of %v is %v, want %v", q, list, got, want)
		}
	}
	if !slices.Equal(list, []float64{5, 1, 4, 2, 3}) {
		t.Error("the list was sorted in its place")
	}
	if !math.IsNaN(quantile(nil, 0.5)) {
		t.Error("the median of nothing is a number")
	}
}

func TestOptions(t *testing.T) {
	for _, c := range []struct {
		args string
		want string // of the error, "" for none
	}{
		{"", ""}, {"-quick", ""}, {"-only logins,sessions -rounds 3", ""},
		{"-only login", `there is no part "login"`}, {"-rounds 0", "-rounds"}, {"-pairs 1", "-pairs"}, {"now", "no argument"},
	} {
		_, err := parse(strings.Fields(c.args), &bytes.Buffer{}, &bytes.Buffer{})
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%q: %v, want %q", c.args, err, c.want)
		}
	}
	var listed bytes.Buffer
	if code := run([]string{"-list"}, &listed, &bytes.Buffer{}); code != 0 || strings.Count(listed.String(), "\n") != len(parts) {
		t.Errorf("-list: %d\n%s", code, listed.String())
	}
	if code := run([]string{"-only", "x"}, &bytes.Buffer{}, &bytes.Buffer{}); code != 2 {
		t.Errorf("wrong usage ends with %d", code)
	}
}

// A call that fails is no quick call.
func TestClients(t *testing.T) {
	wrong := errors.New("refused")
	if _, err := clients(context.Background(), 3, time.Minute, func(int) error { return wrong }); !errors.Is(err, wrong) {
		t.Errorf("failing calls are counted: %v", err)
	}
	got, err := clients(context.Background(), 2, 0, func(int) error { return nil })
	if err != nil || len(got.times) != 2 || got.rate <= 0 {
		t.Errorf("a call of each client: %+v %v", got, err)
	}
}

func TestTable(t *testing.T) {
	tb := table{part: "logins"}
	tb.add("log-ins", "40/s", "20/s", "2.00×", "≥ 2×", met)
	tb.add("— p99", "1 s", "", "", "≤ 600 ms", missed)
	tb.note("said %d times", 2)
	var b bytes.Buffer
	if err := tb.print(&b); err != nil {
		t.Fatal(err)
	}
	want := `part    what     gate  peer  ratio  goal      
logins  log-ins  40/s  20/s  2.00×  ≥ 2×      met
logins  — p99    1 s   –     –      ≤ 600 ms  missed
logins: said 2 times
`
	if b.String() != want {
		t.Errorf("got\n%swant\n%s", b.String(), want)
	}
	for got, want := range map[string]string{perSecond(12345): "12,345/s", perSecond(12.34): "12.3/s", ms(0.0123): "12.3 ms", ms(1.5): "1500 ms", mib(3 << 20): "3.0 MiB"} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
