package picture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/color/palette"
	"image/gif"
	"image/jpeg"
	"image/png"
	"slices"
	"strings"
	"testing"
)

func pngOf(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func jpegOf(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func gifOf(t testing.TB, frames int) []byte {
	t.Helper()
	g := &gif.GIF{}
	for range frames {
		g.Image, g.Delay = append(g.Image, image.NewPaletted(image.Rect(0, 0, 4, 4), palette.Plan9)), append(g.Delay, 10)
	}
	var b bytes.Buffer
	if err := gif.EncodeAll(&b, g); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// segment is one marked part of a JPEG.
func segment(marker byte, data string) string {
	return string([]byte{0xff, marker, byte((len(data) + 2) >> 8), byte(len(data) + 2)}) + data
}

// withSegments puts parts behind the first two bytes of a JPEG.
func withSegments(jpeg []byte, parts ...string) []byte {
	return []byte(string(jpeg[:2]) + strings.Join(parts, "") + string(jpeg[2:]))
}

// exifBlock is a block of Exif that turns a picture and says where it was taken.
func exifBlock(turn byte) string {
	var b bytes.Buffer
	put := func(v ...any) {
		for _, x := range v {
			_ = binary.Write(&b, binary.BigEndian, x)
		}
	}
	b.WriteString("MM\x00*")
	put(uint32(8), uint16(2))
	put(uint16(0x0112), uint16(3), uint32(1), uint16(turn), uint16(0))
	put(uint16(0x8825), uint16(4), uint32(1), uint32(38), uint32(0))
	put(uint16(2), uint16(1), uint16(2), uint32(2), []byte("N\x00\x00\x00"), uint16(2), uint16(5), uint32(3), uint32(68), uint32(0))
	put([]byte("52deg 04min 41s and so on"))
	return b.String()
}

const xmp = `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" xmlns:exif="http://ns.adobe.com/exif/1.0/"
 photoshop:Credit="MCTV / Odujá" exif:GPSLatitude="52,4.68N"><dc:description><rdf:Alt><rdf:li xml:lang="x-default">The quay
 at dawn.</rdf:li></rdf:Alt></dc:description><exif:GPSLongitude>4,17.00E</exif:GPSLongitude></rdf:Description></rdf:RDF></x:xmpmeta>`

func iptc(fields ...string) string { // number, text, …
	var b strings.Builder
	for i := 0; i < len(fields); i += 2 {
		b.WriteString("\x1c\x02" + fields[i] + string([]byte{byte(len(fields[i+1]) >> 8), byte(len(fields[i+1]))}) + fields[i+1])
	}
	data := b.String()
	size := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	return "Photoshop 3.0\x008BIM\x04\x04\x00\x00" + string(size) + data
}

// header is a PNG that claims a size and has nothing more.
func header(w, h uint32) []byte {
	ihdr := binary.BigEndian.AppendUint32([]byte("IHDR"), w)
	ihdr = append(binary.BigEndian.AppendUint32(ihdr, h), 8, 2, 0, 0, 0)
	b := append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d"), ihdr...)
	b = binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(ihdr))
	return append(b, "\x00\x00\x00\x00IEND\xaeB`\x82"...)
}

func TestRead(t *testing.T) {
	wide := image.NewRGBA(image.Rect(0, 0, 40, 20))
	j, p := jpegOf(t, wide), pngOf(t, image.NewRGBA64(image.Rect(0, 0, 7, 5)))
	turned := withSegments(j, segment(0xe1, "Exif\x00\x00"+exifBlock(6)))
	cmyk := append([]byte(nil), j...)
	if i := bytes.Index(cmyk, []byte{0xff, 0xc0}); i > 0 { // a fourth component
		cmyk = []byte(string(cmyk[:i]) + "\xff\xc0\x00\x14\x08\x00\x14\x00\x28\x04\x01\x11\x00\x02\x11\x00\x03\x11\x00\x04\x11\x00" + string(cmyk[i+19:]))
	}
	for _, c := range []struct {
		name string
		data []byte
		want Info
		err  string
		hint string
	}{
		{name: "a.jpg", data: j, want: Info{Format: "jpeg", Width: 40, Height: 20, Turn: 1}},
		{name: "turned.jpg", data: turned, want: Info{Format: "jpeg", Width: 20, Height: 40, Turn: 6}},
		{name: "lies.jpg", data: withSegments(j, segment(0xe1, "Exif\x00\x00"+exifBlock(99))), want: Info{Format: "jpeg", Width: 40, Height: 20, Turn: 1}},
		{name: "deep.png", data: p, want: Info{Format: "png", Width: 7, Height: 5, Turn: 1, Drawing: true}},
		{name: "dot.png", data: pngOf(t, image.NewGray(image.Rect(0, 0, 1, 1))), want: Info{Format: "png", Width: 1, Height: 1, Turn: 1}},
		{name: "flat.png", data: pngOf(t, image.NewPaletted(image.Rect(0, 0, 9, 9), palette.Plan9)), want: Info{Format: "png", Width: 9, Height: 9, Turn: 1, Drawing: true}},
		{name: "still.gif", data: gifOf(t, 1), want: Info{Format: "gif", Width: 4, Height: 4, Turn: 1}},
		{name: "moves.gif", data: gifOf(t, 3), want: Info{Format: "gif", Width: 4, Height: 4, Turn: 1, Moving: true}},
		{name: "words.jpg", data: withSegments(j, segment(0xed, iptc("\x78", "A caption\r\nin Latin: caf\xe9", "\x50", "J. Oduya"))),
			want: Info{Format: "jpeg", Width: 40, Height: 20, Turn: 1, Caption: "A caption in Latin: café", Credit: "J. Oduya"}},
		{name: "younger.jpg", data: withSegments(j, segment(0xe1, xmpMark+xmp), segment(0xed, iptc("\x78", "Older", "\x6e", "Older"))),
			want: Info{Format: "jpeg", Width: 40, Height: 20, Turn: 1, Caption: "The quay at dawn.", Credit: "MCTV / Odujá"}},
		{name: "a.svg", data: []byte(`<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 9"/>`), want: Info{Format: "svg", Width: 16, Height: 9, Turn: 1, Drawing: true}},
		{name: "px.svg", data: []byte(`<svg width="20px" height="10.4"/>`), want: Info{Format: "svg", Width: 20, Height: 10, Turn: 1, Drawing: true}},

		{name: "script.svg", data: []byte(`<svg><script>alert(1)</script></svg>`), err: "a drawing with <script> in it", hint: "export"},
		{name: "onload.svg", data: []byte(`<svg onload="alert(1)"/>`), err: "a drawing with a script in onload", hint: "export"},
		{name: "href.svg", data: []byte(`<svg><a href="JavaScript:alert(1)"/></svg>`), err: "a drawing with a script in href", hint: "export"},
		{name: "empty.svg", err: "not a drawing", hint: "export"},
		{name: "wrong.png", data: []byte("no picture"), err: "not a picture that can be read", hint: "export"},
		{name: "cut.jpg", data: j[:20], err: "not a picture that can be read", hint: "export"},
		{name: "half.jpg", data: j[:len(j)-2], err: "the picture ends in the middle", hint: "copy"},
		{name: "half.png", data: p[:len(p)-16], err: "the picture ends in the middle", hint: "copy"},
		{name: "half.gif", data: bytes.TrimRight(gifOf(t, 1), ";")[:800], err: "the picture ends in the middle", hint: "copy"},
		{name: "photo.jpg", data: p, err: "a PNG file, by its name a JPEG", hint: "give it the ending .png"},
		{name: "photo.png", data: j, err: "a JPEG file, by its name a PNG", hint: "give it the ending .jpg"},
		{name: "iphone.jpg", data: []byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1"), err: "a HEIC file, by its name a JPEG", hint: "export it as JPEG"},
		{name: "huge.png", data: header(10000, 10000), err: "10000 × 10000 pixels are more than 64 million", hint: "export it smaller"},
		{name: "bomb.png", data: header(60000, 60000), err: "60000 × 60000 pixels are more than 64 million", hint: "export it smaller"},
		{name: "print.jpg", data: cmyk, err: "a picture in the colours of a printing press (CMYK)", hint: "export it as sRGB"},
	} {
		got, err := Read(c.name, c.data)
		if c.err == "" {
			if err != nil || got != c.want {
				t.Errorf("%s: %+v %v, want %+v", c.name, got, err, c.want)
			}
			continue
		}
		var e *Error
		if !errors.As(err, &e) || !strings.HasPrefix(e.Text, c.err) || !strings.HasPrefix(e.Hint, c.hint) {
			t.Errorf("%s: %#v, want %s", c.name, err, c.err)
		}
	}
}

// What Publish gives is the picture with its words and without its place.
func TestPublish(t *testing.T) {
	m := image.NewRGBA(image.Rect(0, 0, 8, 8))
	exif := exifBlock(6)
	chunk := func(kind, data string) string {
		b := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
		b = append(append(b, kind...), data...)
		return string(binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:])))
	}
	p := pngOf(t, m)
	withChunks := []byte(string(p[:33]) + chunk("eXIf", exif) + chunk("iTXt", xmpKeyword+"\x00\x00\x00\x00"+xmp) + chunk("tEXt", "Raw profile type exif\x00 4d4d") + string(p[33:]))
	j := jpegOf(t, m)
	second := segment(0xe1, "Exif\x00\x00"+exif) // of a second view behind the end, as telephones write
	for name, data := range map[string][]byte{
		"a.jpg":  append(withSegments(j, segment(0xe1, "Exif\x00\x00"+exif), segment(0xe1, xmpMark+xmp), segment(0xed, iptc("\x78", "Words"))), second...),
		"a.png":  withChunks,
		"a.avif": []byte("\x00\x00\x00\x1cftypavif" + exif + xmp),
	} {
		before := bytes.Clone(data)
		got := Publish(name, data)
		if !bytes.Equal(before, data) {
			t.Errorf("%s: the original was changed", name)
		}
		for _, place := range []string{"52deg", "52,4.68N", "4,17.00E", "GPSLat", "GPSLong", "4d4d"} {
			if bytes.Contains(got, []byte(place)) {
				t.Errorf("%s: %q is still there", name, place)
			}
		}
		if !bytes.Contains(got, []byte("Odujá")) {
			t.Errorf("%s: the credit is gone", name)
		}
		if name == "a.avif" {
			continue
		}
		if _, err := png.Decode(bytes.NewReader(got)); name == "a.png" && err != nil {
			t.Errorf("%s: %v", name, err)
		}
		i, err := Read(name, got)
		if err != nil || i.Turn != 6 || i.Caption == "" {
			t.Errorf("%s: %+v %v", name, i, err)
		}
	}
	if plain := jpegOf(t, m); &Publish("b.jpg", plain)[0] != &plain[0] {
		t.Error("a picture without a place was copied")
	}
}

// gradient is a picture in which every pixel is another.
func gradient(w, h int) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			m.Set(x, y, color.RGBA{uint8(x * 255 / max(w-1, 1)), uint8(y * 255 / max(h-1, 1)), uint8((x + y) % 256), 255})
		}
	}
	return m
}

func TestScale(t *testing.T) {
	grey := image.NewRGBA(image.Rect(0, 0, 64, 64))
	for i := range grey.Pix {
		grey.Pix[i] = 0xff
		if i%4 != 3 {
			grey.Pix[i] = 0x7b
		}
	}
	for _, size := range [][2]int{{64, 64}, {17, 5}, {1, 1}, {100, 90}} {
		m := scale(rowsOf(grey, false, nil), size[0], size[1]).image().(*image.RGBA)
		for i, v := range m.Pix {
			if want := grey.Pix[i%4]; v != want {
				t.Fatalf("%v: grey became %d at %d", size, v, i)
			}
		}
	}
	// Light adds up: black and white stripes are half the light, which a file calls 188.
	stripes := image.NewGray(image.Rect(0, 0, 256, 256))
	for i := range stripes.Pix {
		stripes.Pix[i] = uint8(i % 2 * 255)
	}
	m := scale(rowsOf(stripes, false, nil), 16, 16).image().(*image.RGBA)
	if v := m.RGBAAt(8, 8).R; v < 186 || v > 190 {
		t.Errorf("stripes became %d, not 188", v)
	}
	// What is transparent has no colour that could show.
	clear := image.NewNRGBA(image.Rect(0, 0, 8, 8))
	for x := range 8 {
		for y := range 8 {
			clear.Set(x, y, color.NRGBA{255, 0, 0, uint8(x / 4 * 255)})
		}
	}
	n := scale(rowsOf(clear, true, nil), 4, 4).image().(*image.NRGBA)
	if c := n.NRGBAAt(3, 1); c != (color.NRGBA{255, 0, 0, 255}) || n.NRGBAAt(0, 1).A != 0 {
		t.Errorf("transparent: %v %v", c, n.NRGBAAt(0, 1))
	}
}

// Every orientation shows the same picture: the red corner of the file, turned as a viewer
// turns it, stands where the table of Exif says.
func TestUpright(t *testing.T) {
	b := newBitmap(3, 2, 3)
	b.pix[0] = 0xffff // upper left
	b.pix[3] = 0x8000 // right of it
	for turn, want := range map[int]struct{ w, red, next int }{
		1: {3, 0, 1}, 2: {3, 2, 1}, 3: {3, 5, 4}, 4: {3, 3, 4}, 5: {2, 0, 2}, 6: {2, 1, 3}, 7: {2, 5, 3}, 8: {2, 4, 2},
	} {
		u := b.upright(turn)
		find := func(v uint16) int {
			return slices.IndexFunc([]int{0, 1, 2, 3, 4, 5}, func(i int) bool { return u.pix[i*3] == v })
		}
		if u.w != want.w || find(0xffff) != want.red || find(0x8000) != want.next {
			t.Errorf("turn %d: %d wide, %d and %d, want %+v", turn, u.w, find(0xffff), find(0x8000), want)
		}
	}
}

func FuzzRead(f *testing.F) {
	j := jpegOf(f, image.NewRGBA(image.Rect(0, 0, 4, 4)))
	f.Add("a.jpg", withSegments(j, segment(0xe1, "Exif\x00\x00"+exifBlock(6)), segment(0xe1, xmpMark+xmp), segment(0xed, iptc("\x78", "Words"))))
	f.Add("a.png", pngOf(f, image.NewPaletted(image.Rect(0, 0, 2, 2), palette.Plan9)))
	f.Add("a.gif", gifOf(f, 2))
	f.Add("a.webp", []byte("RIFF\x1a\x00\x00\x00WEBPVP8L\x0d\x00\x00\x00\x2f\x00\x00\x00\x10\x07\x10\x11\x11\x88\x88\xfe\x07\x00"))
	f.Add("a.avif", []byte("\x00\x00\x00\x1cftypavif"+exifBlock(1)))
	f.Add("a.svg", []byte(`<svg width="1"/>`))
	f.Fuzz(func(t *testing.T, name string, data []byte) {
		i, err := Read(name, data)
		if err == nil && (i.Width < 0 || i.Height < 0 || i.Width*i.Height > MaxPixels && i.Format != "svg") {
			t.Errorf("%+v", i)
		}
		out := Publish(name, data)
		if sniff(data) != "png" && len(out) != len(data) {
			t.Error("something moved")
		}
		profileOf(i.Format, data)
		for _, format := range []string{"jpeg", "png", "webp"} {
			readMetadata(format, data)
		}
	})
}

func BenchmarkScale(b *testing.B) {
	img, err := jpeg.Decode(bytes.NewReader(jpegOf(b, gradient(5184, 3456)))) // 18 megapixels
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		scale(rowsOf(img, false, nil), 1600, 1067)
	}
}
