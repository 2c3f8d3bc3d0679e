package check

import (
	"math"
	"testing"
)

// The ratios are those that the W3C's and WebAIM's calculators show.
func TestContrastRatio(t *testing.T) {
	for _, c := range []struct {
		colour string
		want   float64
	}{
		{"#000000", 21}, {"#000", 21}, {"#ffffff", 1}, {"#767676", 4.54}, {"#777777", 4.48}, {"#0b4f9e", 8.00}, {"#fc0", 1.51}, {"#ff0000", 4.00}, {"#00f", 8.59},
	} {
		if got := contrast(parseColour(c.colour), white); math.Abs(got-c.want) > 0.005 {
			t.Errorf("%s on white: %.3f, want %.2f", c.colour, got, c.want)
		}
		if a, b := contrast(parseColour(c.colour), white), contrast(white, parseColour(c.colour)); a != b {
			t.Errorf("%s: %f one way, %f the other", c.colour, a, b)
		}
	}
}
