// Package media knows the files beside a text: the size of a picture, the words of
// captions, the type and hash of a download.
//
// In goes one file's bytes; out comes one value. It never looks at a page.
package media

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"image"
	_ "image/gif"  // sizes of
	_ "image/jpeg" // all the pictures
	_ "image/png"  // that browsers show
	"path"
	"strconv"
	"strings"

	_ "golang.org/x/image/webp"
)

// Picture is what the layout of a page must know of a picture before it loads.
type Picture struct {
	Width, Height int // pixels; 0 for a drawing without a size of its own
}

// Types are the media types of what a press site publishes, by ending. What is not
// listed is no file for readers.
var types = map[string]string{
	".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".gif": "image/gif", ".webp": "image/webp",
	".avif": "image/avif", ".svg": "image/svg+xml",
	".mp4": "video/mp4", ".m4v": "video/mp4", ".mov": "video/quicktime", ".webm": "video/webm", ".mxf": "application/mxf",
	".mp3": "audio/mpeg", ".m4a": "audio/mp4", ".wav": "audio/wav", ".ogg": "audio/ogg",
	".vtt": "text/vtt", ".srt": "application/x-subrip", ".txt": "text/plain; charset=utf-8", ".csv": "text/csv",
	".pdf": "application/pdf", ".zip": "application/zip", ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
	".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8",
	".json": "application/json", ".xml": "application/xml", ".ics": "text/calendar; charset=utf-8", ".vcf": "text/vcard; charset=utf-8", ".woff2": "font/woff2",
	".ico": "image/x-icon", ".webmanifest": "application/manifest+json",
}

// Type returns the media type of a file by its name, "application/octet-stream" when
// it is not known.
func Type(name string) string {
	if t, ok := types[strings.ToLower(path.Ext(name))]; ok {
		return t
	}
	return "application/octet-stream"
}

// IsPicture tells by its name whether a file is a picture.
func IsPicture(name string) bool { return strings.HasPrefix(Type(name), "image/") }

// Measure reads the size of a picture from its head.
func Measure(name string, data []byte) (Picture, error) {
	switch strings.ToLower(path.Ext(name)) {
	case ".svg":
		return measureSVG(data)
	case ".avif", ".ico":
		return Picture{}, nil // shown, though we cannot measure it
	}
	c, _, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return Picture{}, fmt.Errorf("not a picture that can be read: %w", err)
	}
	p := Picture{c.Width, c.Height}
	if orientation(data) >= 5 { // lying on its side: browsers turn it
		p.Width, p.Height = p.Height, p.Width
	}
	return p, nil
}

// measureSVG takes width and height, else the view box. A drawing that carries a
// program is refused: on our own host it would run as ours.
func measureSVG(data []byte) (Picture, error) {
	d := xml.NewDecoder(bytes.NewReader(data))
	d.Strict = false
	var p Picture
	root := true
	for {
		t, err := d.Token()
		if err != nil {
			break
		}
		e, ok := t.(xml.StartElement)
		if !ok {
			continue
		}
		if name := strings.ToLower(e.Name.Local); name == "script" || name == "foreignobject" {
			return p, fmt.Errorf("a drawing with <%s> in it", name)
		}
		for _, a := range e.Attr {
			key := strings.ToLower(a.Name.Local)
			if strings.HasPrefix(key, "on") || strings.HasPrefix(strings.ToLower(strings.TrimSpace(a.Value)), "javascript:") {
				return p, fmt.Errorf("a drawing with a script in %s", key)
			}
			if !root {
				continue
			}
			switch key {
			case "width":
				p.Width = pixels(a.Value)
			case "height":
				p.Height = pixels(a.Value)
			case "viewbox":
				if f := strings.Fields(strings.ReplaceAll(a.Value, ",", " ")); len(f) == 4 && p.Width == 0 && p.Height == 0 {
					p.Width, p.Height = pixels(f[2]), pixels(f[3])
				}
			}
		}
		root = false
	}
	if root {
		return p, fmt.Errorf("not a drawing")
	}
	return p, nil
}

func pixels(s string) int {
	f, err := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(s), "px"), 64)
	if err != nil || f < 0 || f > 1e6 {
		return 0
	}
	return int(f + 0.5)
}

// orientation returns the Exif orientation of a JPEG, 1 to 8, or 0. The tag is 0x0112
// of the first directory (Exif 2.32, 4.6.4).
func orientation(data []byte) int {
	for i := 2; i+4 < len(data) && len(data) > 4 && data[0] == 0xff && data[1] == 0xd8; {
		if data[i] != 0xff || data[i+1] == 0xda {
			return 0
		}
		n := int(data[i+2])<<8 | int(data[i+3])
		if n < 2 || i+2+n > len(data) {
			return 0
		}
		if seg := data[i+4 : i+2+n]; data[i+1] == 0xe1 && bytes.HasPrefix(seg, []byte("Exif\x00\x00")) {
			return tiffOrientation(seg[6:])
		}
		i += 2 + n
	}
	return 0
}

func tiffOrientation(b []byte) int {
	if len(b) < 8 {
		return 0
	}
	u16 := func(i int) int { return int(b[i])<<8 | int(b[i+1]) }
	u32 := func(i int) int { return u16(i)<<16 | u16(i+2) }
	if b[0] == 'I' {
		u16 = func(i int) int { return int(b[i+1])<<8 | int(b[i]) }
		u32 = func(i int) int { return u16(i+2)<<16 | u16(i) }
	}
	at := u32(4)
	if at < 8 || at+2 > len(b) {
		return 0
	}
	for i, n := at+2, u16(at); n > 0 && i+12 <= len(b); i, n = i+12, n-1 {
		if u16(i) == 0x0112 {
			return u16(i + 8)
		}
	}
	return 0
}
