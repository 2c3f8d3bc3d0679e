package picture

import (
	"image"
	"image/color"
	"math"
)

// A bitmap is a picture in linear light, 16 bits a channel, three channels or, with
// transparency, four, multiplied by the last. Light adds up and the numbers of a file do
// not: a scaler that works on those darkens whatever is fine and bright, stars and the
// rigging of ships. The tables below make it cost no more than a look-up.
type bitmap struct {
	w, h, n int // n channels
	pix     []uint16
}

func newBitmap(w, h, n int) *bitmap { return &bitmap{w, h, n, make([]uint16, w*h*n)} }

func (b *bitmap) row(y int) []uint16 { return b.pix[y*b.w*b.n : (y+1)*b.w*b.n] }

// rows gives the rows of a picture in linear light. read may be called from several
// goroutines, each with a dst of its own; what it returns may be dst or not.
type rows struct {
	w, h, n int
	read    func(y int, dst []uint16) []uint16
}

func (b *bitmap) rows() rows {
	return rows{b.w, b.h, b.n, func(y int, _ []uint16) []uint16 { return b.row(y) }}
}

var (
	toLinear = curve256(func(v float64) float64 {
		if v <= 0.04045 {
			return v / 12.92
		}
		return math.Pow((v+0.055)/1.055, 2.4)
	})
	fromLinear = func() (t [1 << 16]uint8) {
		at := 0
		for i := range t { // the nearest value of a file
			for at < 255 && int(toLinear[at])+int(toLinear[at+1]) < 2*i {
				at++
			}
			t[i] = uint8(at)
		}
		return t
	}()
)

// curve256 is the table of a transfer curve for the 256 values of a file.
func curve256(curve func(float64) float64) (t [256]uint16) {
	for i := range t {
		t[i] = uint16(math.Round(curve(float64(i)/255) * 65535))
	}
	return t
}

// rowsOf reads a decoded picture row by row, so that a large one is in memory once. What
// has 16 bits a channel is read with 8: it is going to be seen on a screen.
func rowsOf(img image.Image, alpha bool, p *profile) rows {
	b := img.Bounds()
	r := rows{w: b.Dx(), h: b.Dy(), n: 3}
	if alpha {
		r.n = 4
	}
	lut := &toLinear
	if p != nil {
		lut = nil
	}
	put := func(dst []uint16, i int, red, green, blue uint8) {
		if lut == nil {
			p.convert(dst[i:i+3:i+3], red, green, blue)
			return
		}
		dst[i], dst[i+1], dst[i+2] = lut[red], lut[green], lut[blue]
	}
	switch m := img.(type) {
	case *image.YCbCr:
		r.read = func(y int, dst []uint16) []uint16 {
			y += b.Min.Y
			for x, i, o := 0, 0, m.YOffset(b.Min.X, y); x < r.w; x, i, o = x+1, i+r.n, o+1 {
				c := m.COffset(b.Min.X+x, y)
				red, green, blue := color.YCbCrToRGB(m.Y[o], m.Cb[c], m.Cr[c])
				put(dst, i, red, green, blue)
				if alpha {
					dst[i+3] = 0xffff
				}
			}
			return dst
		}
	case *image.Gray:
		r.read = func(y int, dst []uint16) []uint16 {
			o := m.PixOffset(b.Min.X, y+b.Min.Y)
			for x, i := 0, 0; x < r.w; x, i = x+1, i+r.n {
				v := m.Pix[o+x]
				put(dst, i, v, v, v)
				if alpha {
					dst[i+3] = 0xffff
				}
			}
			return dst
		}
	default:
		r.read = func(y int, dst []uint16) []uint16 {
			for x, i := 0, 0; x < r.w; x, i = x+1, i+r.n {
				c := color.NRGBAModel.Convert(img.At(b.Min.X+x, b.Min.Y+y)).(color.NRGBA)
				put(dst, i, c.R, c.G, c.B)
				if alpha {
					a := uint32(c.A) * 0x101
					for k := range 3 {
						dst[i+k] = uint16(uint32(dst[i+k]) * a / 0xffff)
					}
					dst[i+3] = uint16(a)
				}
			}
			return dst
		}
	}
	return r
}

// image is the bitmap as encoders take it.
func (b *bitmap) image() image.Image {
	if b.n == 4 {
		out := image.NewNRGBA(image.Rect(0, 0, b.w, b.h))
		for i, o := 0, 0; i < len(b.pix); i, o = i+4, o+4 {
			a := uint32(b.pix[i+3])
			if a == 0 {
				continue
			}
			for k := range 3 {
				out.Pix[o+k] = fromLinear[min(uint32(b.pix[i+k])*0xffff/a, 0xffff)]
			}
			out.Pix[o+3] = uint8(a >> 8)
		}
		return out
	}
	out := image.NewRGBA(image.Rect(0, 0, b.w, b.h))
	for i, o := 0, 0; i < len(b.pix); i, o = i+3, o+4 {
		out.Pix[o], out.Pix[o+1], out.Pix[o+2], out.Pix[o+3] = fromLinear[b.pix[i]], fromLinear[b.pix[i+1]], fromLinear[b.pix[i+2]], 0xff
	}
	return out
}

// upright turns a bitmap the way that its Exif orientation says (Exif 2.32, 4.6.4).
func (b *bitmap) upright(turn int) *bitmap {
	if turn <= 1 || turn > 8 {
		return b
	}
	w, h := b.w, b.h
	if turn >= 5 {
		w, h = h, w
	}
	out := newBitmap(w, h, b.n)
	for y := range h {
		for x := range w {
			// Where the pixel at (x, y) comes from.
			sx, sy := x, y
			if turn >= 5 {
				sx, sy = y, x
			}
			switch turn {
			case 2, 7:
				sx = b.w - 1 - sx
			case 3:
				sx, sy = b.w-1-sx, b.h-1-sy
			case 4:
				sy = b.h - 1 - sy
			case 6:
				sy = b.h - 1 - sy
			case 8:
				sx = b.w - 1 - sx
			}
			if turn == 7 {
				sy = b.h - 1 - sy
			}
			copy(out.pix[(y*w+x)*b.n:(y*w+x+1)*b.n], b.pix[(sy*b.w+sx)*b.n:(sy*b.w+sx+1)*b.n])
		}
	}
	return out
}

// crop is the part of a bitmap at (x, y).
func (b *bitmap) crop(x, y, w, h int) *bitmap {
	out := newBitmap(w, h, b.n)
	for i := range h {
		copy(out.row(i), b.row(y + i)[x*b.n:(x+w)*b.n])
	}
	return out
}

// onWhite lays what is transparent on white paper, for a format that cannot keep it.
func (b *bitmap) onWhite() *bitmap {
	if b.n == 3 {
		return b
	}
	out := newBitmap(b.w, b.h, 3)
	for i, o := 0, 0; i < len(b.pix); i, o = i+4, o+3 {
		for k := range 3 {
			out.pix[o+k] = uint16(min(uint32(b.pix[i+k])+0xffff-uint32(b.pix[i+3]), 0xffff))
		}
	}
	return out
}
