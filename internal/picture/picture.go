// Package picture reads pictures and makes others of them.
//
// In go the bytes of one file; out come an Info, which is all that a page must know of
// it before it loads, and through a Kit the variants that pages show: the same picture
// in several widths, in the formats that an encoder on this computer can write, and as
// the card that other sites show of a link. What is made keeps nothing of the original
// but its pixels, turned upright. Publish gives the original itself, without the place
// where it was taken.
//
// Files come from strangers: sizes are judged by the header, before anything is decoded,
// and nothing that stands in a file makes this package panic.
package picture

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	_ "image/gif"  // sizes of
	_ "image/jpeg" // all the pictures
	_ "image/png"  // that browsers show
	"path"
	"strings"

	_ "golang.org/x/image/webp"
)

// MaxPixels is the largest picture that is read, 64 million pixels: more than the cameras
// of press photographers make, and half a gigabyte in memory at worst.
const MaxPixels = 64_000_000

// Info is what is known of a picture without decoding it.
type Info struct {
	Format  string // "jpeg", "png", "gif", "webp", "avif", "svg", "ico"
	Width   int    // as it is shown, in pixels; 0 for a drawing without a size of its own
	Height  int
	Turn    int    // its Exif orientation, 1 to 8
	Moving  bool   // an animation
	Drawing bool   // flat colours or transparency: its variants are PNG
	Caption string // what the file itself says (IPTC or XMP)
	Credit  string
}

// Scales tells whether variants can be made: of a photograph or drawing that stands
// still, in a format that we can decode.
func (i Info) Scales() bool {
	return !i.Moving && (i.Format == "jpeg" || i.Format == "png" || i.Format == "webp")
}

// Error is what is wrong with a picture, for whoever put it there.
type Error struct{ Text, Hint string }

func (e *Error) Error() string { return e.Text }

func wrong(hint, format string, args ...any) error {
	return &Error{Text: fmt.Sprintf(format, args...), Hint: hint}
}

const exportAgain = "export the picture again"

// endings are the formats by the ending of a file's name.
var endings = map[string]string{".jpg": "jpeg", ".jpeg": "jpeg", ".png": "png", ".gif": "gif", ".webp": "webp", ".avif": "avif", ".svg": "svg", ".ico": "ico"}

// names are the formats as people write them.
var names = map[string]string{"jpeg": "JPEG", "png": "PNG", "gif": "GIF", "webp": "WebP", "avif": "AVIF", "svg": "SVG", "ico": "icon", "tiff": "TIFF", "heic": "HEIC", "pdf": "PDF", "bmp": "BMP", "psd": "Photoshop"}

// sniff tells what a file is by its first bytes, "" when they say nothing.
func sniff(data []byte) string {
	has := func(at int, s string) bool { return len(data) >= at+len(s) && string(data[at:at+len(s)]) == s }
	switch {
	case has(0, "\xff\xd8\xff"):
		return "jpeg"
	case has(0, "\x89PNG\r\n\x1a\n"):
		return "png"
	case has(0, "GIF8"):
		return "gif"
	case has(0, "RIFF") && has(8, "WEBP"):
		return "webp"
	case has(4, "ftypavif") || has(4, "ftypavis"):
		return "avif"
	case has(4, "ftyphei") || has(4, "ftypmif1") || has(4, "ftyphev"):
		return "heic"
	case has(0, "II*\x00") || has(0, "MM\x00*"):
		return "tiff"
	case has(0, "%PDF"):
		return "pdf"
	case has(0, "8BPS"):
		return "psd"
	case has(0, "BM") && len(data) > 14 && data[6] == 0 && data[7] == 0:
		return "bmp"
	}
	return ""
}

// Read reads what is known of a picture from its head, and refuses one that nobody
// should publish.
func Read(name string, data []byte) (Info, error) {
	want, is := endings[strings.ToLower(path.Ext(name))], sniff(data)
	if want == "svg" {
		return readSVG(data)
	}
	if is != "" && is != want {
		if names[want] == "" {
			want = strings.TrimPrefix(path.Ext(name), ".")
		}
		hint := "give it the ending ." + strings.Replace(is, "jpeg", "jpg", 1)
		if _, ok := endings["."+is]; !ok {
			hint = "export it as JPEG"
		}
		return Info{}, wrong(hint, "a %s file, by its name a %s", names[is], names[want])
	}
	i := Info{Format: want, Turn: 1}
	switch want {
	case "avif", "ico":
		return i, nil // shown, though we cannot measure it
	case "":
		return i, wrong("use JPEG, PNG, WebP, AVIF or SVG", "not a picture")
	}
	c, _, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return i, wrong(exportAgain, "not a picture that can be read: %v", err)
	}
	i.Width, i.Height = c.Width, c.Height
	switch {
	case c.Width <= 0 || c.Height <= 0:
		return i, wrong(exportAgain, "a picture without pixels")
	case c.Width > MaxPixels/c.Height:
		return i, wrong("export it smaller; 4000 pixels are enough for print", "%d × %d pixels are more than %d million", c.Width, c.Height, MaxPixels/1_000_000)
	case c.ColorModel == color.CMYKModel:
		return i, wrong("export it as sRGB", "a picture in the colours of a printing press (CMYK), which browsers show each in its own way")
	}
	if err := whole(want, data); err != nil {
		return i, err
	}
	i.Moving, i.Drawing = moving(want, data), drawing(want, data, c.ColorModel)
	m := readMetadata(want, data)
	i.Turn, i.Caption, i.Credit = max(m.turn, 1), m.caption, m.credit
	if i.Turn >= 5 { // lying on its side: browsers turn it
		i.Width, i.Height = i.Height, i.Width
	}
	return i, nil
}

// whole tells a picture whose end is missing: the rest of it would be grey, and only
// readers would notice.
func whole(format string, data []byte) error {
	cut := false
	switch format {
	case "jpeg": // some cameras write more behind the end, so it may be anywhere
		cut = bytes.LastIndex(data, []byte{0xff, 0xd9}) < 0
	case "png":
		cut = !bytes.Contains(data[max(0, len(data)-4096):], []byte("IEND")) && !bytes.Contains(data, []byte("\x00\x00\x00\x00IEND\xaeB`\x82"))
	case "gif":
		cut = !bytes.ContainsRune(data[max(0, len(data)-16):], ';')
	case "webp":
		cut = len(data) < 12 || int64(len(data)) < int64(le32(data[4:]))+8
	}
	if cut {
		return wrong("copy or export it again", "the picture ends in the middle")
	}
	return nil
}

// moving tells an animation by its structure.
func moving(format string, data []byte) bool {
	switch format {
	case "gif":
		return gifFrames(data) > 1
	case "webp":
		return len(data) > 20 && string(data[12:16]) == "VP8X" && data[20]&0x02 != 0
	case "png":
		for c := range chunks(data) {
			switch c.kind {
			case "acTL":
				return true
			case "IDAT":
				return false
			}
		}
	}
	return false
}

// gifFrames counts the pictures of a GIF, up to two.
func gifFrames(b []byte) (n int) {
	if len(b) < 13 {
		return 0
	}
	table := func(flags byte) int {
		if flags&0x80 == 0 {
			return 0
		}
		return 3 << (flags&7 + 1)
	}
	at := 13 + table(b[10])
	blocks := func() {
		for at < len(b) && b[at] != 0 {
			at += 1 + int(b[at])
		}
		at++
	}
	for at < len(b) && n < 2 {
		switch b[at] {
		case 0x21: // an extension
			at += 2
			blocks()
		case 0x2c: // a picture
			if at+10 >= len(b) {
				return n
			}
			n++
			at += 11 + table(b[at+9])
			blocks()
		default:
			return n
		}
	}
	return n
}

// drawing tells what has to stay sharp or transparent: JPEG can do neither.
func drawing(format string, data []byte, m color.Model) bool {
	switch format {
	case "png":
		if _, ok := m.(color.Palette); ok || m == color.NRGBAModel || m == color.NRGBA64Model {
			return true
		}
		for c := range chunks(data) {
			if c.kind == "tRNS" {
				return true
			}
		}
	case "webp":
		return len(data) > 20 && string(data[12:16]) == "VP8X" && data[20]&0x10 != 0 || string(data[12:16]) == "VP8L" && len(data) > 24 && data[24]&0x10 != 0
	}
	return false
}
