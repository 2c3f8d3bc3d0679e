package picture

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"encoding/xml"
	"io"
	"iter"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// What cameras and desks write into a picture: Exif (which way is up, where it was
// taken), IPTC-IIM (caption and credit, since 1991) and XMP (the same, as RDF). We read
// four fields of them, so the readers below know just as much as finds these and no
// block of values that a file could lie about leads out of the file.

// metadata is what is read. Of two sources of a word, XMP is the younger and wins.
type metadata struct {
	turn            int // Exif orientation, 0 when it says nothing that can be
	caption, credit string
}

func readMetadata(format string, data []byte) (m metadata) {
	var exif, iptc, xmp []byte
	switch format {
	case "jpeg":
		for marker, seg := range segments(data) {
			switch {
			case marker == 0xe1 && bytes.HasPrefix(seg, []byte("Exif\x00\x00")):
				exif = first(exif, seg[6:])
			case marker == 0xe1 && bytes.HasPrefix(seg, []byte(xmpMark)):
				xmp = first(xmp, seg[len(xmpMark):])
			case marker == 0xed && bytes.HasPrefix(seg, []byte("Photoshop 3.0\x00")):
				iptc = first(iptc, photoshop(seg[14:], 0x0404))
			}
		}
	case "png":
		for c := range chunks(data) {
			switch c.kind {
			case "eXIf":
				exif = first(exif, c.data)
			case "iTXt":
				if text, _, ok := international(c.data); ok {
					xmp = first(xmp, text)
				}
			}
		}
	case "webp":
		for c := range riff(data) {
			switch c.kind {
			case "EXIF":
				exif = first(exif, bytes.TrimPrefix(c.data, []byte("Exif\x00\x00")))
			case "XMP ":
				xmp = first(xmp, c.data)
			}
		}
	}
	if f, ok := ifd(exif); ok {
		if at, ok := f.find(0x0112); ok {
			if n := f.u16(at + 8); n >= 1 && n <= 8 {
				m.turn = n
			}
		}
	}
	m.caption, m.credit = readIPTC(iptc)
	caption, credit := readXMP(xmp)
	m.caption, m.credit = tidy(or(caption, m.caption)), tidy(or(credit, m.credit))
	return m
}

const xmpMark = "http://ns.adobe.com/xap/1.0/\x00"

func first(have, found []byte) []byte {
	if have != nil {
		return have
	}
	return found
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// tidy makes a field of a file one line of plain text of a length that somebody reads.
func tidy(s string) string {
	s = strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if r < ' ' || r == utf8.RuneError || r == 0x7f {
			return ' '
		}
		return r
	}, s)), " ")
	const most = 2000 // the caption of IPTC, 2:120
	for len(s) > most {
		_, n := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-n]
	}
	return s
}

func le32(b []byte) uint32 { return binary.LittleEndian.Uint32(b) }

// segments are the marked parts of a JPEG before its pixels.
func segments(b []byte) iter.Seq2[byte, []byte] {
	return func(yield func(byte, []byte) bool) {
		for i := 2; i+4 <= len(b) && b[0] == 0xff && b[1] == 0xd8; {
			if b[i] != 0xff || b[i+1] == 0xda {
				return
			}
			if b[i+1] == 0xff { // padding
				i++
				continue
			}
			n := int(b[i+2])<<8 | int(b[i+3])
			if n < 2 || i+2+n > len(b) || !yield(b[i+1], b[i+4:i+2+n]) {
				return
			}
			i += 2 + n
		}
	}
}

// chunk is a part of a PNG or WebP.
type chunk struct {
	kind string
	data []byte
	at   int // where its data begins in the file
}

// chunks are the parts of a PNG.
func chunks(b []byte) iter.Seq[chunk] {
	return func(yield func(chunk) bool) {
		for i := 8; i+12 <= len(b); {
			n := int64(binary.BigEndian.Uint32(b[i:]))
			if int64(i)+12+n > int64(len(b)) || !yield(chunk{string(b[i+4 : i+8]), b[i+8 : i+8+int(n)], i + 8}) {
				return
			}
			i += 12 + int(n)
		}
	}
}

// riff are the parts of a WebP.
func riff(b []byte) iter.Seq[chunk] {
	return func(yield func(chunk) bool) {
		for i := 12; i+8 <= len(b); {
			n := int64(le32(b[i+4:]))
			if int64(i)+8+n > int64(len(b)) || !yield(chunk{string(b[i : i+4]), b[i+8 : i+8+int(n)], i + 8}) {
				return
			}
			i += 8 + int(n+n%2)
		}
	}
}

// maxText is how much of a compressed text is unpacked, 1 MB: XMP has a few kilobytes,
// and a few kilobytes of zlib can have gigabytes.
const maxText = 1 << 20

const xmpKeyword = "XML:com.adobe.xmp\x00"

// international reads the iTXt of a PNG that has XMP.
func international(b []byte) (text []byte, packed, ok bool) {
	rest, ok := bytes.CutPrefix(b, []byte(xmpKeyword))
	if !ok || len(rest) < 2 {
		return nil, false, false
	}
	packed = rest[0] == 1
	rest = rest[2:]
	for range 2 { // the language, and the keyword in it
		_, after, ok := bytes.Cut(rest, []byte{0})
		if !ok {
			return nil, packed, false
		}
		rest = after
	}
	if packed {
		z, err := zlib.NewReader(bytes.NewReader(rest))
		if err != nil {
			return nil, packed, false
		}
		rest, _ = io.ReadAll(io.LimitReader(z, maxText))
	}
	return rest, packed, true
}

// photoshop finds a resource in Photoshop's block: IPTC is number 0x0404.
func photoshop(b []byte, id int) []byte {
	for len(b) >= 12 && string(b[:4]) == "8BIM" {
		name := 1 + int(b[6]) // a name with its length, padded to an even number
		name += name % 2
		at := 6 + name
		if at+4 > len(b) {
			return nil
		}
		n := int64(binary.BigEndian.Uint32(b[at:]))
		if int64(at)+4+n > int64(len(b)) {
			return nil
		}
		if data := b[at+4 : at+4+int(n)]; int(b[4])<<8|int(b[5]) == id {
			return data
		}
		at += 4 + int(n+n%2)
		if at > len(b) {
			return nil
		}
		b = b[at:]
	}
	return nil
}

// readIPTC reads the datasets 2:120, caption, and 2:110, credit; for the latter 2:80, the
// photographer, stands in. Without a mark that says UTF-8 (1:90) the text is Latin, as
// most old desks write it.
func readIPTC(b []byte) (caption, credit string) {
	var byline string
	utf := false
	text := func(v []byte) string {
		if utf || utf8.Valid(v) {
			return string(v)
		}
		s, _ := charmap.Windows1252.NewDecoder().Bytes(v)
		return string(s)
	}
	for len(b) >= 5 && b[0] == 0x1c {
		n := int(b[3])<<8 | int(b[4])
		if n >= 0x8000 || 5+n > len(b) { // a longer form that no caption needs
			break
		}
		v := b[5 : 5+n]
		switch [2]byte{b[1], b[2]} {
		case [2]byte{1, 90}:
			utf = string(v) == "\x1b%G"
		case [2]byte{2, 120}:
			caption = text(v)
		case [2]byte{2, 110}:
			credit = text(v)
		case [2]byte{2, 80}:
			byline = text(v)
		}
		b = b[5+n:]
	}
	return caption, or(credit, byline)
}

const (
	nsDC        = "http://purl.org/dc/elements/1.1/"
	nsPhotoshop = "http://ns.adobe.com/photoshop/1.0/"
)

// readXMP reads dc:description and photoshop:Credit, else dc:creator, in both ways that
// RDF writes them: as an attribute, or as an element with a list in it, whose first
// entry is taken.
func readXMP(b []byte) (caption, credit string) {
	if len(b) == 0 {
		return "", ""
	}
	d := xml.NewDecoder(bytes.NewReader(b[:min(len(b), maxText)]))
	d.Strict, d.CharsetReader = false, func(_ string, r io.Reader) (io.Reader, error) { return r, nil }
	var creator string
	field := func(n xml.Name) *string {
		switch n {
		case xml.Name{Space: nsDC, Local: "description"}:
			return &caption
		case xml.Name{Space: nsDC, Local: "creator"}:
			return &creator
		case xml.Name{Space: nsPhotoshop, Local: "Credit"}:
			return &credit
		}
		return nil
	}
	var in *string // the field that is open
	depth, from := 0, 0
	for {
		t, err := d.Token()
		if err != nil {
			return caption, or(credit, creator)
		}
		switch t := t.(type) {
		case xml.StartElement:
			depth++
			if f := field(t.Name); f != nil && in == nil {
				in, from = f, depth
			}
			for _, a := range t.Attr {
				if f := field(a.Name); f != nil && *f == "" {
					*f = a.Value
				}
			}
		case xml.EndElement:
			if depth == from {
				in, from = nil, 0
			}
			depth--
		case xml.CharData:
			if in != nil && *in == "" {
				*in = strings.TrimSpace(string(t))
			}
		}
	}
}

// tiff is a block of Exif.
type tiff struct {
	b     []byte
	order binary.ByteOrder
	dir   int // where its first directory begins
}

// ifd opens a block of Exif at its first directory (TIFF 6.0, section 2).
func ifd(b []byte) (f tiff, ok bool) {
	if len(b) < 10 {
		return f, false
	}
	switch string(b[:4]) {
	case "II*\x00":
		f.order = binary.LittleEndian
	case "MM\x00*":
		f.order = binary.BigEndian
	default:
		return f, false
	}
	f.b, f.dir = b, 0
	at := f.u32(4)
	if at < 8 || at+2 > len(b) {
		return f, false
	}
	f.dir = at
	return f, true
}

func (f tiff) u16(at int) int { return int(f.order.Uint16(f.b[at:])) }

// u32 is an offset or a count; one beyond every file is as good as none.
func (f tiff) u32(at int) int { return int(min(f.order.Uint32(f.b[at:]), 1<<30)) }

// entries are the places of the entries of a directory, twelve bytes each.
func (f tiff) entries(dir int) iter.Seq[int] {
	return func(yield func(int) bool) {
		if dir < 8 || dir+2 > len(f.b) {
			return
		}
		for i, n := dir+2, f.u16(dir); n > 0 && i+12 <= len(f.b); i, n = i+12, n-1 {
			if !yield(i) {
				return
			}
		}
	}
}

// find is the entry of a tag in the first directory.
func (f tiff) find(tag int) (at int, ok bool) {
	for at := range f.entries(f.dir) {
		if f.u16(at) == tag {
			return at, true
		}
	}
	return 0, false
}
