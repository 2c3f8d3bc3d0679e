package check

import (
	"fmt"
	"math"
	"path"
	"regexp"
	"strings"

	"pressroom/internal/report"
)

// visible is the contrast that a graphic needs (WCAG 2.2, 1.4.11). Logos are excused
// from it, but one that cannot be seen helps nobody.
const visible = 3

// logos checks that something of the logo can be seen on a light background and on a
// dark one. Only SVG says what its colours are; of other pictures nothing is told.
func (c *checker) logos() (problems report.List) {
	theme := c.Result.Config.Theme
	onDark := theme.LogoDark
	if onDark == "" {
		onDark = theme.Logo
	}
	for _, l := range []struct {
		logo, name, hint string
		dark             bool
		background       colour
	}{
		{theme.Logo, "a light", "draw it in a darker colour", false, white},
		{onDark, "a dark", "name one for dark backgrounds, as theme: {logoDark: /images/logo-dark.svg}", true, black},
	} {
		f := c.Files.Get("static" + l.logo)
		if f == nil || path.Ext(l.logo) != ".svg" {
			continue
		}
		text, err := f.Bytes()
		if err != nil {
			continue // the build has told
		}
		best := 0.0
		for _, paint := range svgColours(string(text), l.dark) {
			best = max(best, contrast(paint, l.background))
		}
		if best > 0 && best < visible {
			problems.Add(c.inTheme(l.logo, report.Problem{
				Name: "low-contrast",
				Text: fmt.Sprintf("nothing of the logo %q has a contrast of more than %.2f with %s background; %d is needed", l.logo, math.Floor(best*100)/100, l.name, visible),
				Hint: l.hint,
			}))
		}
	}
	return problems
}

var (
	darkRules = regexp.MustCompile(`(?s)@media[^{]*prefers-color-scheme:\s*dark[^{]*\{((?:[^{}]*\{[^{}]*\})*)[^{}]*\}`)
	svgPaint  = regexp.MustCompile(`(?:fill|stroke|stop-color|color)\s*[:=]\s*["']?\s*(#[0-9a-fA-F]{6}\b|#[0-9a-fA-F]{3}\b|black|white)`)
	otherFill = regexp.MustCompile(`(?:fill|stroke)\s*[:=]\s*["']?\s*(?:rgb|hsl|url|currentColor|var|[a-z]{3,})`)
)

// svgColours are the colours that a drawing is painted in. What it says of a dark
// background itself stands in for the rest there. Nothing is known of a drawing with
// colours in other forms; one without any is black.
func svgColours(svg string, dark bool) (out []colour) {
	if own := darkRules.FindStringSubmatch(svg); own != nil && dark {
		svg = own[1]
	} else if own != nil {
		svg = darkRules.ReplaceAllString(svg, "")
	}
	for _, m := range svgPaint.FindAllStringSubmatch(svg, -1) {
		switch m[1] {
		case "black":
			out = append(out, colour{})
		case "white":
			out = append(out, white)
		default:
			out = append(out, parseColour(m[1]))
		}
	}
	if len(out) == 0 && !otherFill.MatchString(strings.ReplaceAll(svg, "none", "")) {
		out = []colour{{}}
	}
	return out
}
