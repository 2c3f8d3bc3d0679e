package picture

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"regexp"
)

// Publish returns an original as readers may have it: as it is, with its caption, credit
// and rights, but without the place where it was taken, which has given away homes and
// sources. Places are written over where they stand, so that nothing else moves, whatever
// a maker of cameras has put there; only texts that are packed, in PNG, are left out. data
// is not changed.
func Publish(name string, data []byte) []byte {
	if !bytes.Contains(data, []byte("GPS")) && !hasExif(data) && sniff(data) != "png" {
		return data // the usual case, found without a copy
	}
	out := bytes.Clone(data)
	if sniff(out) == "png" {
		return publishPNG(out)
	}
	blankXMP(out)
	blankExif(out)
	return out
}

var exifMarks = [][]byte{[]byte("II*\x00"), []byte("MM\x00*")}

func hasExif(b []byte) bool {
	return bytes.Contains(b, exifMarks[0]) || bytes.Contains(b, exifMarks[1])
}

// blankExif empties the directory of positions (tag 0x8825) of every block of Exif in a
// file: pictures carry previews and second views with blocks of their own. Four bytes
// that begin a block by chance are told by having no such directory.
func blankExif(b []byte) {
	for _, mark := range exifMarks {
		for at := 0; ; at += 4 {
			i := bytes.Index(b[at:], mark)
			if i < 0 {
				break
			}
			at += i
			if f, ok := ifd(b[at:]); ok {
				f.blankPosition()
			}
		}
	}
}

// sizes of the types of TIFF, in bytes.
var sizes = [...]int{1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8}

func (f tiff) blankPosition() {
	at, ok := f.find(0x8825)
	if !ok {
		return
	}
	dir := f.u32(at + 8)
	for e := range f.entries(dir) {
		tag, kind, n := f.u16(e), f.u16(e+2), f.u32(e+4)
		if tag > 0x1f || kind == 0 || kind >= len(sizes) {
			return // not a directory of positions
		}
		if size := n * sizes[kind]; size > 4 {
			if from := f.u32(e + 8); from >= 8 && from+size <= len(f.b) {
				clear(f.b[from : from+size])
			}
		}
		clear(f.b[e+8 : e+12])
		f.order.PutUint32(f.b[e+4:], 0)
	}
	if dir >= 8 && dir+2 <= len(f.b) {
		f.order.PutUint16(f.b[dir:], 0)
	}
}

// position are the properties of XMP that say where: exif:GPSLatitude and its like, as
// attributes and as elements, whatever their prefix.
var position = regexp.MustCompile(`[\w.-]+:GPS\w+\s*=\s*("[^"]*"|'[^']*')|<[\w.-]+:GPS\w+[^>]*>[^<]*</[\w.-]+:GPS\w+\s*>`)

// blankXMP writes spaces over them. It reports whether there were any.
func blankXMP(b []byte) (found bool) {
	if !bytes.Contains(b, []byte(":GPS")) {
		return false
	}
	for _, at := range position.FindAllIndex(b, -1) {
		for i := at[0]; i < at[1]; i++ {
			b[i] = ' '
		}
		found = true
	}
	return found
}

// publishPNG blanks the chunks of a PNG, which carry checksums, and leaves out packed ones
// with a position in them, as well as the blocks that ImageMagick writes in hexadecimal.
func publishPNG(b []byte) []byte {
	out := append([]byte(nil), b[:min(8, len(b))]...)
	end := len(out)
	for c := range chunks(b) {
		end = c.at + len(c.data) + 4
		keep := true
		switch c.kind {
		case "eXIf":
			blankExif(c.data)
		case "iTXt":
			if text, packed, ok := international(c.data); ok && packed {
				keep = !blankXMP(text)
			}
			blankXMP(c.data)
		case "tEXt", "zTXt":
			keep = !bytes.HasPrefix(c.data, []byte("Raw profile type ")) || bytes.HasPrefix(c.data, []byte("Raw profile type iptc"))
			blankXMP(c.data)
		}
		if keep {
			from := len(out)
			out = append(out, b[c.at-8:end]...)
			binary.BigEndian.PutUint32(out[len(out)-4:], crc32.ChecksumIEEE(out[from+4:len(out)-4]))
		}
	}
	return append(out, b[min(end, len(b)):]...)
}
