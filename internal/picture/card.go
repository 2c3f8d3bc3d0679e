package picture

import (
	"fmt"
	"image"
	"image/color"
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

// CardRecipe is the edition of the newsroom's card, as Recipe is of pictures.
const CardRecipe = 2

// NewsroomCard draws the card of pages that have no picture: the newsroom's name on its
// colour, beside the meridian that every page hangs on. A name in a script that the Go
// fonts lack is left out: boxes would say less than the colour alone.
func NewsroomCard(w io.Writer, title, accent string) error {
	ground := hex(accent, color.RGBA{0x0b, 0x4f, 0x9e, 0xff})
	ink, faint := color.RGBA{0xff, 0xff, 0xff, 0xff}, mix(ground, color.RGBA{0xff, 0xff, 0xff, 0xff}, 90)
	if light(ground) {
		ink, faint = color.RGBA{0x10, 0x14, 0x18, 0xff}, mix(ground, color.RGBA{A: 0xff}, 60)
	}
	// A colour a byte, the edges of letters among them, is drawn and packed in a quarter of
	// the time of four bytes a point.
	var colours color.Palette
	for i := range inks {
		colours = append(colours, mix(ground, ink, i*255/(inks-1)))
	}
	colours = append(colours, faint)
	const inked, faintly = inks - 1, inks

	img := image.NewPaletted(image.Rect(0, 0, CardWidth, CardHeight), colours) // all of it the ground
	fill := func(x, y, w, h int, c uint8) {
		for ; h > 0; y, h = y+1, h-1 {
			row := img.Pix[img.PixOffset(x, y):][:w]
			for i := range row {
				row[i] = c
			}
		}
	}
	// The ruler: an hour of longitude every long tick; then the line that leaves it.
	fill(cardEdge, cardEdge, CardWidth-2*cardEdge, 2, inked)
	for i, x := 0, cardEdge; x <= CardWidth-cardEdge-2; i, x = i+1, x+24 {
		if i%3 == 0 {
			fill(x, cardEdge, 2, 20, inked)
		} else {
			fill(x, cardEdge, 2, 10, faintly)
		}
	}
	fill(meridianX, cardEdge, 2, CardHeight-cardEdge, faintly)
	fill(meridianX-3, cardEdge, 8, 96, inked)

	if face, lines := fit(title, CardWidth-cardEdge-meridianX-56); face != nil {
		step := face.Metrics().Height.Ceil()
		y := CardHeight - cardEdge - step*(len(lines)-1)
		for _, l := range lines {
			letters(img, face, meridianX+56, y, l)
			y += step
		}
	}
	return (&png.Encoder{CompressionLevel: png.DefaultCompression}).Encode(w, img)
}

// inks is how many colours there are from the ground to the ink.
const inks = 32

// letters writes a line whose base begins at x, y; img has inks from the ground on.
func letters(img *image.Paletted, face font.Face, x, y int, line string) {
	dot, before := fixed.P(x, y), rune(-1)
	for _, r := range line {
		if before >= 0 {
			dot.X += face.Kern(before, r)
		}
		at, mask, from, advance, ok := face.Glyph(dot, r)
		if alpha, is := mask.(*image.Alpha); ok && is {
			for row := range at.Dy() {
				for col := range at.Dx() {
					a := int(alpha.AlphaAt(from.X+col, from.Y+row).A)
					if p := img.PixOffset(at.Min.X+col, at.Min.Y+row); a > 0 && image.Pt(at.Min.X+col, at.Min.Y+row).In(img.Rect) {
						img.Pix[p] = max(img.Pix[p], uint8(a*(inks-1)/255))
					}
				}
			}
		}
		dot.X, before = dot.X+advance, r
	}
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

// mix is a colour on its way to another, part of 255.
func mix(c, to color.RGBA, part int) color.RGBA {
	m := func(x, y uint8) uint8 { return uint8((int(x)*(255-part) + int(y)*part) / 255) }
	return color.RGBA{m(c.R, to.R), m(c.G, to.G), m(c.B, to.B), 0xff}
}
