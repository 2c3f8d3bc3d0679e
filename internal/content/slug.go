package content

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// maxSlug is the longest part of a path that a slug fills, in bytes: file systems
// take 255, and a URL must still fit into a mail.
const maxSlug = 120

// letters that lose nothing but a stroke when written in ASCII, as URLs are read
// out on the telephone.
var plain = strings.NewReplacer("ß", "ss", "ø", "o", "Ø", "o", "ł", "l", "Ł", "l", "đ", "d", "Đ", "d", "æ", "ae", "Æ", "ae",
	"œ", "oe", "Œ", "oe", "þ", "th", "Þ", "th", "ı", "i", "ħ", "h", "Ħ", "h", "’", "", "'", "")

// Slugify makes a name fit to stand in a URL: lower case, Latin letters without
// accents, other scripts as they are, everything else one hyphen. It may be empty.
func Slugify(s string) string {
	var b strings.Builder
	dash := false
	latin := false
	for _, r := range norm.NFD.String(plain.Replace(s)) {
		switch {
		case unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Mc, r):
			if !latin && b.Len() > 0 && !dash {
				b.WriteRune(r) // a vowel sign is a letter where it is not an accent
			}
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			if dash && b.Len() > 0 {
				b.WriteByte('-')
			}
			dash = false
			latin = unicode.In(r, unicode.Latin, unicode.Greek)
			b.WriteString(strings.ToLower(string(r)))
		default:
			dash = true
		}
	}
	slug := norm.NFC.String(b.String())
	if len(slug) > maxSlug {
		cut := slug[:maxSlug]
		if i := strings.LastIndexByte(cut, '-'); i > maxSlug/2 {
			cut = cut[:i]
		}
		slug = strings.ToValidUTF8(cut, "")
	}
	return slug
}
