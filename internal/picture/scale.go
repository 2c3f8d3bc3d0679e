package picture

import (
	"math"
	"runtime"
	"sync"
)

// Scaling takes two passes, along the rows and then down the columns, with the kernel of
// Catmull and Rom, widened to the size of what becomes one pixel. Both passes are cut
// into stripes, one for each core. Weights are whole numbers of 1/16384, so that every
// machine makes the same bytes.

const unit = 1 << 14

// taps are the pixels that one pixel is made of.
type taps struct {
	from    int
	weights []int32
}

// kernel is that of Catmull and Rom, a cubic with a = -1/2.
func kernel(x float64) float64 {
	x = math.Abs(x)
	switch {
	case x < 1:
		return (1.5*x-2.5)*x*x + 1
	case x < 2:
		return ((-0.5*x+2.5)*x-4)*x + 2
	}
	return 0
}

// weigh finds the taps of every pixel of a side that goes from n to m pixels.
func weigh(n, m int) []taps {
	out := make([]taps, m)
	ratio := float64(n) / float64(m)
	wide := max(ratio, 1)
	for i := range out {
		middle := (float64(i)+0.5)*ratio - 0.5
		from, to := max(int(math.Ceil(middle-2*wide)), 0), min(int(math.Floor(middle+2*wide)), n-1)
		exact, sum := make([]float64, to-from+1), 0.0
		for k := range exact {
			exact[k] = kernel((float64(from+k) - middle) / wide)
			sum += exact[k]
		}
		t, left, most := taps{from, make([]int32, len(exact))}, int32(unit), 0
		for k, w := range exact {
			t.weights[k] = int32(math.Round(w / sum * unit))
			left -= t.weights[k]
			if exact[k] > exact[most] {
				most = k
			}
		}
		t.weights[most] += left // or a white wall would turn grey
		out[i] = t
	}
	return out
}

// scale makes a picture of another size. A smaller one is sharper when it is made from
// rows than from a larger variant, and slower; up to twice the size the eye sees none.
func scale(src rows, w, h int) *bitmap {
	if src.w == w && src.h == h {
		out := newBitmap(w, h, src.n)
		stripes(h, func(from, to int) {
			for y := from; y < to; y++ {
				if row := src.read(y, out.row(y)); &row[0] != &out.row(y)[0] {
					copy(out.row(y), row)
				}
			}
		})
		return out
	}
	narrow := newBitmap(w, src.h, src.n)
	across := weigh(src.w, w)
	stripes(src.h, func(from, to int) {
		buffer := make([]uint16, src.w*src.n)
		for y := from; y < to; y++ {
			if src.n == 3 {
				shrink3(narrow.row(y), src.read(y, buffer), across)
			} else {
				shrink4(narrow.row(y), src.read(y, buffer), across)
			}
		}
	})
	out := newBitmap(w, h, src.n)
	down := weigh(src.h, h)
	stripes(h, func(from, to int) {
		sums := make([]int32, w*src.n)
		for y := from; y < to; y++ {
			clear(sums)
			for k, weight := range down[y].weights {
				row := narrow.row(down[y].from + k)[:len(sums)]
				for i, v := range row {
					sums[i] += int32(v) * weight
				}
			}
			for i, v := range sums {
				out.pix[y*w*src.n+i] = clamp(v)
			}
		}
	})
	return out
}

func shrink3(dst, src []uint16, across []taps) {
	for x, t := range across {
		var r, g, b int32
		p := src[t.from*3:]
		for k, w := range t.weights {
			q := p[k*3 : k*3+3 : k*3+3]
			r += int32(q[0]) * w
			g += int32(q[1]) * w
			b += int32(q[2]) * w
		}
		o := dst[x*3 : x*3+3 : x*3+3]
		o[0], o[1], o[2] = clamp(r), clamp(g), clamp(b)
	}
}

func shrink4(dst, src []uint16, across []taps) {
	for x, t := range across {
		var r, g, b, a int32
		p := src[t.from*4:]
		for k, w := range t.weights {
			q := p[k*4 : k*4+4 : k*4+4]
			r += int32(q[0]) * w
			g += int32(q[1]) * w
			b += int32(q[2]) * w
			a += int32(q[3]) * w
		}
		o := dst[x*4 : x*4+4 : x*4+4]
		o[0], o[1], o[2], o[3] = clamp(r), clamp(g), clamp(b), clamp(a)
	}
}

// clamp takes a sum back to 16 bits; the kernel overshoots at edges, by a seventh at most,
// so that sums stay within 32 bits.
func clamp(v int32) uint16 {
	v = (v + unit/2) >> 14
	return uint16(min(max(v, 0), 0xffff))
}

// stripes calls f for parts of 0 to n-1, one for each core.
func stripes(n int, f func(from, to int)) {
	parts := min(runtime.GOMAXPROCS(0), max(n/16, 1))
	var wait sync.WaitGroup
	for i := range parts {
		wait.Go(func() { f(n*i/parts, n*(i+1)/parts) })
	}
	wait.Wait()
}
