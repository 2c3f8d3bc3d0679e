package check

import (
	"fmt"
	"math"
	"strconv"

	"pressroom/internal/report"
)

// readable is the contrast that text of any size needs (WCAG 2.2, 1.4.3).
const readable = 4.5

// contrast checks that the brand's colour can be read on white, as links are, and white
// on it, as on buttons: one ratio serves for both.
func (c *checker) contrast() report.List {
	accent := c.Result.Config.Theme.Accent
	if accent == "" {
		return nil
	}
	brand := parseColour(accent)
	ratio := contrast(brand, white)
	if ratio >= readable {
		return nil
	}
	darker := brand
	for scale := 1.0; contrast(darker, white) < readable; scale -= 1.0 / 256 {
		darker = colour{math.Floor(brand[0] * scale), math.Floor(brand[1] * scale), math.Floor(brand[2] * scale)}
	}
	p := report.Problem{
		Path: "site.yaml", Name: "low-contrast",
		Text: fmt.Sprintf("the accent %q has a contrast of %.2f with white; text needs %.1f", accent, math.Floor(ratio*100)/100, readable),
		Hint: fmt.Sprintf(`write "#%02x%02x%02x"`, int(darker[0]), int(darker[1]), int(darker[2])),
	}
	if at, ok := c.desk.written(accent, nil, ""); ok { // else it came by the environment
		p.Path, p.Line, p.Col, p.Len, p.Snippet = at.Path, at.Line, at.Col, at.Len, at.Snippet
	}
	return report.List{p}
}

// colour is red, green and blue from 0 to 255.
type colour [3]float64

var white = colour{255, 255, 255}

// parseColour reads #rgb or #rrggbb, which config has checked.
func parseColour(s string) (c colour) {
	digits := (len(s) - 1) / 3
	for i := range c {
		n, _ := strconv.ParseUint(s[1+i*digits:1+(i+1)*digits], 16, 8)
		if digits == 1 {
			n *= 0x11
		}
		c[i] = float64(n)
	}
	return c
}

// contrast is the ratio of two colours as WCAG 2.2 defines it, 1 to 21.
func contrast(a, b colour) float64 {
	x, y := a.luminance(), b.luminance()
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func (c colour) luminance() float64 {
	sum := 0.0
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		v := c[i] / 255
		if v <= 0.04045 {
			v /= 12.92
		} else {
			v = math.Pow((v+0.055)/1.055, 2.4)
		}
		sum += weight * v
	}
	return sum
}
