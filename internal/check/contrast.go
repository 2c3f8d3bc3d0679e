package check

import (
	"fmt"
	"math"
	"strconv"

	"pressroom/internal/report"
)

// readable is the contrast that text of any size needs (WCAG 2.2, 1.4.3).
const readable = 4.5

// The backgrounds of press.css, light and dark, and the text of its buttons on the dark
// form of the accent.
var (
	white    = colour{255, 255, 255}
	black    = parseColour("#101418")
	onAccent = parseColour("#0b1a2e")
)

// contrast checks that the brand's colour can be read on white, as links are, and white
// on it, as on buttons: one ratio serves for both. The dark form, which the stylesheet
// mixes, must be read on the dark background and carry a button's text.
func (c *checker) contrast() report.List {
	accent := c.Result.Config.Theme.Accent
	if accent == "" {
		return nil
	}
	brand := parseColour(accent)
	onDark := func(b colour) float64 { return min(contrast(b.dark(), black), contrast(b.dark(), onAccent)) }
	if ratio := contrast(brand, white); ratio < readable {
		darker := brand
		for scale := 1.0; contrast(darker, white) < readable; scale -= 1.0 / 256 {
			darker = colour{math.Floor(brand[0] * scale), math.Floor(brand[1] * scale), math.Floor(brand[2] * scale)}
		}
		return report.List{c.brand(accent, darker, "the accent %q has a contrast of %.2f with white; text needs %.1f", ratio)}
	}
	if ratio := onDark(brand); ratio < readable {
		lighter := brand
		for step := 1.0; onDark(lighter) < readable; step++ {
			lighter = colour{brand[0] + step, brand[1] + step, brand[2] + step}
		}
		return report.List{c.brand(accent, lighter, "the accent %q has, in its dark form, a contrast of %.2f with a dark background; text needs %.1f", ratio)}
	}
	return nil
}

// brand is a problem of the accent, with a colour that has none.
func (c *checker) brand(accent string, better colour, text string, ratio float64) report.Problem {
	return c.inTheme(accent, report.Problem{
		Name: "low-contrast",
		Text: fmt.Sprintf(text, accent, math.Floor(ratio*100)/100, readable),
		Hint: fmt.Sprintf(`write "#%02x%02x%02x"`, int(better[0]), int(better[1]), int(better[2])),
	})
}

// inTheme places a problem at a value of site.yaml.
func (c *checker) inTheme(value string, p report.Problem) report.Problem {
	p.Path = "site.yaml"
	if at, ok := c.desk.written(value, nil, ""); ok { // else it came by the environment
		p.Path, p.Line, p.Col, p.Len, p.Snippet = at.Path, at.Line, at.Col, at.Len, at.Snippet
	}
	return p
}

// colour is red, green and blue from 0 to 255.
type colour [3]float64

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
	l := c.linear()
	return 0.2126*l[0] + 0.7152*l[1] + 0.0722*l[2]
}

// linear is the light of a colour, from 0 to 1.
func (c colour) linear() (l colour) {
	for i, v := range c {
		if v /= 255; v <= 0.04045 {
			l[i] = v / 12.92
		} else {
			l[i] = math.Pow((v+0.055)/1.055, 2.4)
		}
	}
	return l
}

// dark is what the stylesheet makes of an accent for dark backgrounds: 55 parts of white
// mixed in Oklab (CSS Color 4, 12.2), where white is (1, 0, 0).
func (c colour) dark() (out colour) {
	l := c.linear()
	cone := colour{
		math.Cbrt(0.4122214708*l[0] + 0.5363325363*l[1] + 0.0514459929*l[2]),
		math.Cbrt(0.2119034982*l[0] + 0.6806995451*l[1] + 0.1073969566*l[2]),
		math.Cbrt(0.0883024619*l[0] + 0.2817188376*l[1] + 0.6299787005*l[2]),
	}
	// To Oklab and back is linear, and so is mixing: the cones can be mixed as they are.
	for i := range cone {
		cone[i] = math.Pow(0.45*cone[i]+0.55, 3)
	}
	back := colour{
		4.0767416621*cone[0] - 3.3077115913*cone[1] + 0.2309699292*cone[2],
		-1.2684380046*cone[0] + 2.6097574011*cone[1] - 0.3413193965*cone[2],
		-0.0041960863*cone[0] - 0.7034186147*cone[1] + 1.7076147010*cone[2],
	}
	for i, v := range back {
		if v = min(max(v, 0), 1); v <= 0.0031308 {
			out[i] = 255 * v * 12.92
		} else {
			out[i] = 255 * (1.055*math.Pow(v, 1/2.4) - 0.055)
		}
	}
	return out
}
