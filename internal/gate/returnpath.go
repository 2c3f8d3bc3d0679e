package gate

import (
	"net/url"
	"strings"
	"unicode/utf8"
)

// maxReturn is in bytes: with its form a longer path would not fit everywhere.
const maxReturn = 2000

// ReturnPath is the page that a visitor goes back to, as it can stand in a Location
// header or a link: a path of this site with its query and fragment, in ASCII. It is ""
// for everything else, and then home is meant. Its own result passes unchanged.
//
// What a browser could take for another site is refused, whichever way it reads: the
// WHATWG's (\ is /, tabs and line ends are dropped) or RFC 3986's, and also when a proxy
// on the way decodes escapes. So is every dot segment, empty segment, @ and encoded ? or
// # of a path: no page of a press site has one. Nothing below /account or /files is
// returned to, the one being a loop and the other short lived. /download/… is: a login
// leads on to what was asked for. Its own return page is judged by the same rules and must
// be no download, so nothing nests deeper; a bad one is dropped.
func ReturnPath(s string) string { return returnPath(s, true) }

func returnPath(s string, downloads bool) string {
	if len(s) > maxReturn || !strings.HasPrefix(s, "/") || !utf8.ValidString(s) ||
		strings.Contains(s, `\`) || strings.IndexFunc(s, invisible) >= 0 {
		return ""
	}
	rest, fragment, hasFragment := strings.Cut(s, "#")
	path, query, hasQuery := strings.Cut(rest, "?")
	decoded, ok := decodeWhole(path)
	if !ok || !plainPath(decoded) || !plainEscapes(query) || !plainEscapes(fragment) {
		return ""
	}
	switch first, _, _ := strings.Cut(decoded[1:], "/"); lowerASCII(first) {
	case "account", "files":
		return ""
	case "download":
		if !downloads {
			return ""
		}
		page := ""
		if v, err := url.ParseQuery(query); err == nil {
			page = returnPath(v.Get("return"), false)
		}
		hasFragment = false
		if hasQuery = page != ""; hasQuery {
			query = "return=" + url.QueryEscape(page)
		}
	}
	out := escapeRest(path)
	if hasQuery {
		out += "?" + escapeRest(query)
	}
	if hasFragment {
		out += "#" + escapeRest(fragment)
	}
	if len(out) > maxReturn {
		return ""
	}
	return out
}

// decodeWhole decodes the escapes of a path as often as there are any, since nobody knows
// how many servers on the way will. It refuses an escape that is none, and an encoded
// slash or backslash in any depth.
func decodeWhole(path string) (string, bool) {
	slashes := strings.Count(path, "/")
	for range 8 {
		next, err := url.PathUnescape(path)
		if err != nil {
			return "", false
		}
		if strings.Count(next, "/") != slashes || strings.Contains(next, `\`) {
			return "", false
		}
		if next == path {
			return path, true
		}
		path = next
	}
	return "", false
}

// plainPath judges a decoded path that begins with a slash.
func plainPath(path string) bool {
	if !utf8.ValidString(path) || strings.IndexFunc(path, invisible) >= 0 || strings.ContainsAny(path, "@?#") || strings.Contains(path, "//") {
		return false
	}
	for segment := range strings.SplitSeq(path, "/") {
		if s := strings.TrimSpace(segment); s == "." || s == ".." || (s == "" && segment != "") {
			return false
		}
	}
	return true
}

// plainEscapes tells whether a query or fragment is escaped soundly and hides no controls.
func plainEscapes(s string) bool {
	d, err := url.PathUnescape(s)
	return err == nil && utf8.ValidString(d) && strings.IndexFunc(d, invisible) < 0
}

// escapeRest escapes what RFC 3986 allows nowhere, and leaves escapes as they are.
func escapeRest(s string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		if isAlnum(rune(c)) || strings.IndexByte("-._~!$&'()*+,;=:@/?%", c) >= 0 {
			b.WriteByte(c)
			continue
		}
		b.WriteByte('%')
		b.WriteByte(hex[c>>4])
		b.WriteByte(hex[c&15])
	}
	return b.String()
}
