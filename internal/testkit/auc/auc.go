// Package auc tells whether two lots of times can be told apart. In go times of the one
// and of the other; out comes the chance that one of the first is longer than one of the
// second (the area under the ROC curve, the statistic of Mann and Whitney): 0.5 when they
// tell nothing.
package auc

import (
	"cmp"
	"math"
)

// Of compares each with each; a tie counts half.
func Of[T cmp.Ordered](one, other []T) float64 {
	sum := 0.0
	for _, a := range one {
		for _, b := range other {
			switch {
			case a > b:
				sum++
			case a == b:
				sum += 0.5
			}
		}
	}
	return sum / float64(len(one)*len(other))
}

// Chance is the standard deviation of the AUC of so many pairs that tell nothing.
func Chance(n int) float64 { return math.Sqrt(float64(2*n+1) / float64(12*n*n)) }
