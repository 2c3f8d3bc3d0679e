// Package asset readies stylesheets and scripts for readers: minified, and under a name
// that changes with the bytes, so that browsers and CDNs may keep them for ever and
// never show a page with the sheet of yesterday.
//
// In go a name and a text; out come the bytes, their address and the hash that a page
// states for them. The package reads no disk.
package asset

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"path"
	"strings"

	"github.com/tdewolff/minify/v2"
	"github.com/tdewolff/minify/v2/css"
	"github.com/tdewolff/minify/v2/js"

	"pressroom/internal/frame"
)

// Dir is where files stand whose names change with their bytes.
const Dir = "/assets/"

// File is one stylesheet or script.
type File struct {
	frame.Asset
	Data []byte
}

// Make readies a file; name is its base name, as "press.css".
func Make(name string, text []byte) File {
	data := Shrink(name, text)
	sum := sha256.Sum256(data)
	ext := path.Ext(name)
	return File{
		Asset: frame.Asset{
			URL: Dir + strings.TrimSuffix(name, ext) + "-" + hex.EncodeToString(sum[:])[:10] + ext,
			// As in the W3C's Subresource Integrity, section 3.1.
			Integrity: "sha256-" + base64.StdEncoding.EncodeToString(sum[:]),
		},
		Data: data,
	}
}

// Shrink minifies a stylesheet or script; what the minifier cannot read goes out as it
// is, since a browser may still.
func Shrink(name string, text []byte) []byte {
	m := minify.New()
	m.AddFunc(".css", css.Minify)
	m.AddFunc(".js", js.Minify)
	var out bytes.Buffer
	if err := m.Minify(path.Ext(name), &out, bytes.NewReader(text)); err != nil {
		return text
	}
	return out.Bytes()
}
