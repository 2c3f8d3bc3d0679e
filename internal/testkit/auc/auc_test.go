package auc

import (
	"math"
	"testing"
)

func TestOf(t *testing.T) {
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
		if got := Of(c.one, c.other); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// As printed in the README of benchgate.
func TestChance(t *testing.T) {
	if got := Chance(300); math.Abs(got-0.0236) > 0.0001 {
		t.Errorf("chance moves the AUC of 300 pairs by %v", got)
	}
}
