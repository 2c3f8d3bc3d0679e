package picture

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"io"
	"strings"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

// The measures of the newsroom's card: the ruler and the meridian of the default theme,
// drawn at this size.
const (
	cardEdge  = 72
	meridianX = 216
	cardLines = 3 // of the name
)

// NewsroomCard draws the card of pages that have no picture: the newsroom's name on its
// colour, beside the meridian that every page hangs on. A name in a script that the Go
// fonts lack is left out: boxes would say less than the colour alone.
func NewsroomCard(w io.Writer, title, accent string) error {
	ground := hex(accent, color.RGBA{0x0b, 0x4f, 0x9e, 0xff})
	ink, faint := color.RGBA{0xff, 0xff, 0xff, 0xff}, mix(ground, 0xff, 90)
	if light(ground) {
		ink, faint = color.RGBA{0x10, 0x14, 0x18, 0xff}, mix(ground, 0, 60)
	}
	img := image.NewRGBA(image.Rect(0, 0, CardWidth, CardHeight))
	fill := func(x, y, w, h int, c color.RGBA) {
		draw.Draw(img, image.Rect(x, y, x+w, y+h), image.NewUniform(c), image.Point{}, draw.Src)
	}
	fill(0, 0, CardWidth, CardHeight, ground)
	// The ruler: an hour of longitude every long tick; then the line that leaves it.
	fill(cardEdge, cardEdge, CardWidth-2*cardEdge, 2, ink)
	for i, x := 0, cardEdge; x <= CardWidth-cardEdge-2; i, x = i+1, x+24 {
		if i%3 == 0 {
			fill(x, cardEdge, 2, 20, ink)
		} else {
			fill(x, cardEdge, 2, 10, faint)
		}
	}
	fill(meridianX, cardEdge, 2, CardHeight-cardEdge, faint)
	fill(meridianX-3, cardEdge, 8, 96, ink)

	if face, lines := fit(title, CardWidth-cardEdge-meridianX-56); face != nil {
		step := face.Metrics().Height.Ceil()
		d := font.Drawer{Dst: img, Src: image.NewUniform(ink), Face: face}
		y := CardHeight - cardEdge - step*(len(lines)-1)
		for _, l := range lines {
			d.Dot = fixed.P(meridianX+56, y)
			d.DrawString(l)
			y += step
		}
	}
	return (&png.Encoder{CompressionLevel: png.DefaultCompression}).Encode(w, img)
}

// fit breaks a name into lines of a width, in the largest letters that allow it.
func fit(title string, width int) (font.Face, []string) {
	f, err := opentype.Parse(goregular.TTF)
	if err != nil {
		return nil, nil // not reached: the font is part of the program
	}
	words := strings.Fields(title)
	for size := 96.0; size >= 36 && len(words) > 0; size -= 6 {
		face, err := opentype.NewFace(f, &opentype.FaceOptions{Size: size, DPI: 72, Hinting: font.HintingNone})
		if err != nil {
			return nil, nil
		}
		for _, r := range title {
			if _, ok := face.GlyphAdvance(r); !ok && r != ' ' {
				return nil, nil
			}
		}
		var lines []string
		line, good := "", true
		for _, word := range words {
			longer := strings.TrimSpace(line + " " + word)
			if line != "" && font.MeasureString(face, longer).Ceil() > width {
				lines, line = append(lines, line), word
			} else {
				line = longer
			}
			good = good && font.MeasureString(face, line).Ceil() <= width
		}
		if lines = append(lines, line); good && len(lines) <= cardLines {
			return face, lines
		}
	}
	return nil, nil
}

// hex reads a colour as site.yaml has it.
func hex(s string, otherwise color.RGBA) color.RGBA {
	if len(s) == 4 {
		s = fmt.Sprintf("#%c%c%c%c%c%c", s[1], s[1], s[2], s[2], s[3], s[3])
	}
	c := color.RGBA{A: 0xff}
	if n, err := fmt.Sscanf(s, "#%02x%02x%02x", &c.R, &c.G, &c.B); n != 3 || err != nil {
		return otherwise
	}
	return c
}

// light tells a colour on which white cannot be read; the weights are those of sight.
func light(c color.RGBA) bool {
	l := 2126*int(toLinear[c.R]) + 7152*int(toLinear[c.G]) + 722*int(toLinear[c.B])
	return l > 10000*65535*35/100
}

// mix is a colour on its way to grey level v, part of 255.
func mix(c color.RGBA, v, part int) color.RGBA {
	m := func(x uint8) uint8 { return uint8((int(x)*(255-part) + v*part) / 255) }
	return color.RGBA{m(c.R), m(c.G), m(c.B), 0xff}
}
