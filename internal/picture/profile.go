package picture

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"io"
	"math"
)

// profile turns the colours of a picture that says it is not sRGB (a phone's Display P3,
// Adobe RGB of a desk) into sRGB, so that its variants need no profile. Only profiles of a
// matrix and curves are understood, as all of those are (ICC.1:2010, 8.3.3); of any
// other the numbers are taken for sRGB, as browsers took them for years.
type profile struct {
	curves [3][256]float32
	matrix [3][3]float32 // linear to linear sRGB
}

func (p *profile) convert(dst []uint16, r, g, b uint8) {
	x, y, z := p.curves[0][r], p.curves[1][g], p.curves[2][b]
	for i := range 3 {
		m := &p.matrix[i]
		// Each product is rounded by itself, or a processor that can multiply and add at once
		// would make other bytes.
		v := float32(m[0]*x) + float32(m[1]*y) + float32(m[2]*z)
		dst[i] = uint16(float32(min(max(v, 0), 1)*65535) + 0.5)
	}
}

// fromXYZ is linear sRGB of the colours of a profile, which are relative to D50.
var fromXYZ = [3][3]float64{
	{3.1338561, -1.6168667, -0.4906146},
	{-0.9787684, 1.9161415, 0.0334540},
	{0.0719453, -0.2289914, 1.4052427},
}

// profileOf finds the profile of a file, nil when it has none or sRGB's own.
func profileOf(format string, data []byte) *profile {
	var icc []byte
	switch format {
	case "jpeg":
		for marker, seg := range segments(data) {
			if rest, ok := bytes.CutPrefix(seg, []byte("ICC_PROFILE\x00")); marker == 0xe2 && ok && len(rest) > 2 && rest[1] == 1 {
				icc = first(icc, rest[2:])
			}
		}
	case "png":
		for c := range chunks(data) {
			if c.kind != "iCCP" {
				continue
			}
			if _, rest, ok := bytes.Cut(c.data, []byte{0}); ok && len(rest) > 1 {
				if z, err := zlib.NewReader(bytes.NewReader(rest[1:])); err == nil {
					icc, _ = io.ReadAll(io.LimitReader(z, maxText))
				}
			}
		}
	case "webp":
		for c := range riff(data) {
			if c.kind == "ICCP" {
				icc = c.data
			}
		}
	}
	return readProfile(icc)
}

func readProfile(icc []byte) *profile {
	if len(icc) < 132 || string(icc[16:20]) != "RGB " || string(icc[20:24]) != "XYZ " {
		return nil
	}
	tag := func(name string) []byte {
		n := int(min(binary.BigEndian.Uint32(icc[128:]), 100))
		for i := 132; n > 0 && i+12 <= len(icc); i, n = i+12, n-1 {
			from, size := int64(binary.BigEndian.Uint32(icc[i+4:])), int64(binary.BigEndian.Uint32(icc[i+8:]))
			if string(icc[i:i+4]) == name && from+size <= int64(len(icc)) {
				return icc[from : from+size]
			}
		}
		return nil
	}
	fixed := func(b []byte) float64 { return float64(int32(binary.BigEndian.Uint32(b))) / 65536 }
	p := &profile{}
	same := true
	for k, name := range []string{"rXYZ", "gXYZ", "bXYZ"} {
		xyz := tag(name)
		if len(xyz) < 20 {
			return nil
		}
		for i := range 3 {
			sum := 0.0
			for j := range 3 {
				sum += fromXYZ[i][j] * fixed(xyz[8+4*j:])
			}
			p.matrix[i][k] = float32(sum)
			want := 0.0
			if i == k {
				want = 1
			}
			same = same && math.Abs(sum-want) < 0.01
		}
	}
	for k, name := range []string{"rTRC", "gTRC", "bTRC"} {
		curve := readCurve(tag(name))
		if curve == nil {
			return nil
		}
		for i := range 256 {
			v := curve(float64(i) / 255)
			if math.IsNaN(v) {
				return nil
			}
			p.curves[k][i] = float32(min(max(v, 0), 1))
			same = same && math.Abs(v-float64(toLinear[i])/65535) < 0.01
		}
	}
	if same {
		return nil
	}
	return p
}

// readCurve reads a transfer curve, as a power, a table or one of the formulas.
func readCurve(b []byte) func(float64) float64 {
	if len(b) < 12 {
		return nil
	}
	switch string(b[:4]) {
	case "curv":
		n := int(min(binary.BigEndian.Uint32(b[8:]), 1<<16))
		if len(b) < 12+2*n {
			return nil
		}
		at := func(i int) float64 { return float64(binary.BigEndian.Uint16(b[12+2*i:])) }
		switch n {
		case 0:
			return func(v float64) float64 { return v }
		case 1:
			power := at(0) / 256
			return func(v float64) float64 { return math.Pow(v, power) }
		}
		return func(v float64) float64 {
			x := v * float64(n-1)
			i := min(int(x), n-2)
			return (at(i) + (at(i+1)-at(i))*(x-float64(i))) / 65535
		}
	case "para":
		kind := int(binary.BigEndian.Uint16(b[8:]))
		counts := []int{1, 3, 4, 5, 7}
		if kind >= len(counts) || len(b) < 12+4*counts[kind] {
			return nil
		}
		var q [7]float64 // g a b c d e f
		for i := range counts[kind] {
			q[i] = float64(int32(binary.BigEndian.Uint32(b[12+4*i:]))) / 65536
		}
		g, a, bb, c, d, e, f := q[0], q[1], q[2], q[3], q[4], q[5], q[6]
		return func(v float64) float64 {
			switch kind {
			case 0:
				return math.Pow(v, g)
			case 1, 2: // c is an offset, 0 in the first
				if a == 0 || v < -bb/a {
					return c
				}
				return math.Pow(a*v+bb, g) + c
			}
			if v < d {
				return c*v + f
			}
			return math.Pow(a*v+bb, g) + e
		}
	}
	return nil
}
