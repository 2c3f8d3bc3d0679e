package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"pressroom/internal/testkit/goals"
)

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
		args []string
		want string // of what is said, "" for none
		code int
	}{
		{[]string{"-list", "-rounds", "0"}, "", 0},
		{[]string{"-rounds", "0"}, "-rounds", 2},
		{[]string{"-pairs", "1"}, "-pairs", 2},
	} {
		var said bytes.Buffer
		if code := command().Main(c.args, io.Discard, &said); code != c.code || !strings.Contains(said.String(), c.want) || c.want == "" && said.Len() > 0 {
			t.Errorf("%q: %d, %s", c.args, code, said.String())
		}
	}
}

// A quick run tries whether all of it works: its numbers are nobody's fault.
func TestJudge(t *testing.T) {
	for _, c := range []struct {
		quick, held bool
		want        goals.Verdict
	}{{false, true, goals.Held}, {false, false, goals.Missed}, {true, true, goals.Open}, {true, false, goals.Open}} {
		if got := (&bench{quick: c.quick}).judge(c.held); got != c.want {
			t.Errorf("quick %t, held %t: %q", c.quick, c.held, got)
		}
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

func TestUnits(t *testing.T) {
	for got, want := range map[string]string{perSecond(12345): "12,345/s", perSecond(12.34): "12.3/s", ms(0.0123): "12.3 ms", ms(1.5): "1500 ms", mib(3 << 20): "3.0 MiB"} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
