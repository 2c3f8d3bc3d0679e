package check

import (
	"fmt"
	"math"
	"testing"
)

// The ratios are those that the W3C's and WebAIM's calculators show.
// What Chromium computes for color-mix(in oklab, COLOUR, #fff 55%).
func TestDarkForm(t *testing.T) {
	for _, c := range []struct{ colour, want string }{{"#0b4f9e", "#93afd6"}, {"#000000", "#717171"}, {"#aa3311", "#dfa596"}, {"#ffffff", "#ffffff"}} {
		got := parseColour(c.colour).dark()
		for i, v := range parseColour(c.want) {
			if math.Abs(got[i]-v) > 1.5 {
				t.Errorf("%s becomes %.0f, want %s", c.colour, got, c.want)
				break
			}
		}
	}
}

func TestLogoColours(t *testing.T) {
	both := `<svg><style>:root{stroke:#16191d}@media (prefers-color-scheme:dark){:root{stroke:#e8ecf0}}</style><path d="M0 0"/></svg>`
	for _, c := range []struct {
		svg  string
		dark bool
		want string
	}{
		{both, false, "[[22 25 29]]"}, {both, true, "[[232 236 240]]"}, {`<svg><path/></svg>`, true, "[[0 0 0]]"}, {`<svg fill="none" stroke="white"/>`, false, "[[255 255 255]]"},
		{`<svg fill="rgb(1,2,3)"/>`, true, "[]"}, {`<svg fill="#ABC"/>`, true, "[[170 187 204]]"}, {`<svg style="fill: #fff"/>`, true, "[[255 255 255]]"},
	} {
		if got := fmt.Sprint(svgColours(c.svg, c.dark)); got != c.want {
			t.Errorf("%s, dark %v: %s, want %s", c.svg, c.dark, got, c.want)
		}
	}
}

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
