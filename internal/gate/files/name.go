package files

import (
	"net/url"
	"path"
	"strings"

	"pressroom/internal/catalogue"
)

// Name is what a download is called on the reader's disk: the id, so that a file found
// years later leads back to its page, and the extension of the master.
func Name(d catalogue.Download) string {
	return strings.ReplaceAll(d.ID, "/", "_") + path.Ext(d.File)
}

// disposition tells the reader's program to save the file under a name (RFC 6266). A name
// that is not plain ASCII is given twice: in full (RFC 8187), and for old programs with _
// in place of what they could misread.
func disposition(name string) string {
	plain := strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' || strings.ContainsRune(`"\/%`, r) {
			return '_'
		}
		return r
	}, name)
	value := `attachment; filename="` + plain + `"`
	if plain != name {
		value += "; filename*=UTF-8''" + strings.ReplaceAll(url.QueryEscape(strings.ToValidUTF8(name, "_")), "+", "%20")
	}
	return value
}
