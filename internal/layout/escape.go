package layout

import (
	"encoding/json"
	"fmt"
	"html/template"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"
)

// The escapers of html/template, by what they do and not by how: each appends the
// escaped form of s to dst. html/template has decided which of them a place needs. The
// tests hold each of them to the original.

const escaperPrefix = "_html_template_"

// blocked stands for what a filter did not let through.
const blocked = "ZgotmplZ"

type escaper func(dst []byte, s string) []byte

func isEscaper(name string) bool { return strings.HasPrefix(name, escaperPrefix) }

var (
	htmlType   = reflect.TypeFor[template.HTML]()
	urlType    = reflect.TypeFor[template.URL]()
	jsType     = reflect.TypeFor[template.JS]()
	jsStrType  = reflect.TypeFor[template.JSStr]()
	srcsetType = reflect.TypeFor[template.Srcset]()
)

// escape compiles the printing of e through the escapers of its place. Only the first of
// them sees the type of e; the others read the string that the one before them made.
func escape(e *expr, names []string) step {
	str, typ := display(e.typed())
	var chain []escaper
	for _, name := range names {
		chain = append(chain, escaperOf(strings.TrimPrefix(name, escaperPrefix), typ))
		typ = stringType
	}
	first, last := chain[:len(chain)-1], chain[len(chain)-1]
	return func(f *frame) signal {
		s := str(f)
		for _, esc := range first {
			// Most addresses pass as they are: a copy is made of the others alone.
			if f.scratch = esc(f.scratch[:0], s); string(f.scratch) != s {
				s = string(f.scratch)
			}
		}
		f.out = last(f.out, s)
		return next
	}
}

// display is a value as html/template prints it, before escaping. Types that print
// themselves are refused, as are those that fmt would have to take apart.
func display(e *expr) (func(f *frame) string, reflect.Type) {
	if e.typ.NumMethod() > 0 || reflect.PointerTo(e.typ).NumMethod() > 0 {
		refuse("the printing of a %s", e.typ)
	}
	val := e.val
	switch basic(e) {
	case reflect.String:
		return e.str, e.typ
	case reflect.Int:
		return func(f *frame) string { return strconv.FormatInt(val(f).Int(), 10) }, e.typ
	case reflect.Uint:
		return func(f *frame) string { return strconv.FormatUint(val(f).Uint(), 10) }, e.typ
	case reflect.Bool:
		return func(f *frame) string { return strconv.FormatBool(val(f).Bool()) }, e.typ
	}
	refuse("the printing of a %s", e.typ)
	return nil, nil
}

// escaperOf returns an escaper for content of type t. What html/template trusts by its
// type passes in the place it is trusted for.
func escaperOf(name string, t reflect.Type) escaper {
	switch {
	case name == "htmlescaper" && t == htmlType,
		name == "urlfilter" && t == urlType,
		name == "jsvalescaper" && t == jsType,
		name == "srcsetescaper" && t == srcsetType:
		return verbatim
	case name == "rcdataescaper" && t == htmlType:
		return htmlNorm.replace
	case (name == "attrescaper" || name == "nospaceescaper") && t == htmlType:
		refuse("HTML in an attribute, which loses its tags")
	case name == "urlescaper" && t == urlType:
		return normalizeURL
	case name == "srcsetescaper" && t == urlType:
		return srcsetURL
	case name == "jsstrescaper" && t == jsStrType:
		return jsStrNorm.replaceJS
	case name == "jsvalescaper" && t == jsStrType:
		return func(dst []byte, s string) []byte { return append(append(append(dst, '"'), s...), '"') }
	case name == "jsvalescaper" && t.Kind() != reflect.String:
		return jsNumber
	}
	if e := escapers[name]; e != nil {
		return e
	}
	refuse("the escaper %s", name)
	return nil
}

var escapers = map[string]escaper{
	"htmlescaper":    htmlText.replace,
	"attrescaper":    htmlText.replace,
	"rcdataescaper":  htmlText.replace,
	"nospaceescaper": noSpace,
	"commentescaper": func(dst []byte, s string) []byte { return dst },
	"urlfilter":      filterURL,
	"urlnormalizer":  normalizeURL,
	"urlescaper":     escapeURL,
	"srcsetescaper":  srcset,
	"jsvalescaper":   jsString,
	"jsstrescaper":   jsStr.replaceJS,
}

func verbatim(dst []byte, s string) []byte { return append(dst, s...) }

// table has what stands for a byte; all others stay as they are.
type table [utf8.RuneSelf]string

// without is the table that takes c for something already escaped.
func (t table) without(c byte) *table { t[c] = ""; return &t }

var (
	htmlText = &table{0: "\uFFFD", '"': "&#34;", '&': "&amp;", '\'': "&#39;", '+': "&#43;", '<': "&lt;", '>': "&gt;"}
	htmlNorm = htmlText.without('&')
	unquoted = &table{0: "&#xfffd;", '\t': "&#9;", '\n': "&#10;", '\v': "&#11;", '\f': "&#12;", '\r': "&#13;", ' ': "&#32;",
		'"': "&#34;", '&': "&amp;", '\'': "&#39;", '+': "&#43;", '<': "&lt;", '=': "&#61;", '>': "&gt;", '`': "&#96;"}
	jsStr = func() *table {
		t := table{'/': `\/`, '\\': `\\`}
		for _, c := range "\"&'+<>`" {
			t[c] = fmt.Sprintf(`\u%04x`, c)
		}
		for c := range ' ' {
			t[c] = fmt.Sprintf(`\u%04x`, c)
		}
		t['\t'], t['\n'], t['\f'], t['\r'] = `\t`, `\n`, `\f`, `\r`
		return &t
	}()
	jsStrNorm = jsStr.without('\\')
)

func (t *table) replace(dst []byte, s string) []byte {
	from := 0
	for i := range len(s) {
		if c := s[i]; c < utf8.RuneSelf && t[c] != "" {
			dst = append(append(dst, s[from:i]...), t[c]...)
			from = i + 1
		}
	}
	return append(dst, s[from:]...)
}

// replaceJS escapes the two line ends of Unicode as well, which end a string in old
// scripts.
func (t *table) replaceJS(dst []byte, s string) []byte {
	for {
		i := strings.IndexAny(s, "\u2028\u2029")
		if i < 0 {
			return t.replace(dst, s)
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		dst = fmt.Appendf(t.replace(dst, s[:i]), `\u%04x`, r)
		s = s[i+size:]
	}
}

// noSpace escapes an attribute without quotes. It escapes the runes that old browsers
// take for the end of one, and so, as U+FFFD is among them, every byte that is no text.
func noSpace(dst []byte, s string) []byte {
	if s == "" {
		return append(dst, blocked...)
	}
	for i, size := 0, 0; i < len(s); i += size {
		var r rune
		r, size = utf8.DecodeRuneInString(s[i:])
		switch {
		case r < utf8.RuneSelf && unquoted[r] != "":
			dst = append(dst, unquoted[r]...)
		case 0xfdd0 <= r && r <= 0xfdef, 0xfff0 <= r && r <= 0xffff:
			dst = fmt.Appendf(dst, "&#x%x;", r)
		default:
			dst = append(dst, s[i:i+size]...)
		}
	}
	return dst
}

// filterURL lets web and mail addresses through, and what has no scheme.
func filterURL(dst []byte, s string) []byte {
	if !harmless(s) {
		return append(append(dst, '#'), blocked...)
	}
	return append(dst, s...)
}

func harmless(url string) bool {
	scheme, _, ok := strings.Cut(url, ":")
	return !ok || strings.Contains(scheme, "/") ||
		strings.EqualFold(scheme, "http") || strings.EqualFold(scheme, "https") || strings.EqualFold(scheme, "mailto")
}

// normalizeURL escapes what cannot stand in an address, escapeURL also what means
// something there.
func normalizeURL(dst []byte, s string) []byte { return percent(dst, s, inURL) }
func escapeURL(dst []byte, s string) []byte    { return percent(dst, s, inQuery) }

// inQuery and inURL are the bytes that stay as they are.
var (
	inQuery = bytesOf("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~", nil)
	inURL   = bytesOf("!#$&*+,/:;=?@[]", inQuery)
)

func bytesOf(s string, and *[256]bool) *[256]bool {
	var set [256]bool
	if and != nil {
		set = *and
	}
	for i := range len(s) {
		set[s[i]] = true
	}
	return &set
}

func percent(dst []byte, s string, stays *[256]bool) []byte {
	const hex = "0123456789abcdef"
	for i := range len(s) {
		c := s[i]
		escaped := c == '%' && stays == inURL && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2])
		if stays[c] || escaped {
			dst = append(dst, c)
		} else {
			dst = append(dst, '%', hex[c>>4], hex[c&15])
		}
	}
	return dst
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

// srcset filters each picture of "one.jpg 1x, two.jpg 2x".
func srcset(dst []byte, s string) []byte {
	for i, part := range strings.Split(s, ",") {
		if i > 0 {
			dst = append(dst, ',')
		}
		rest := strings.TrimLeft(part, htmlSpace)
		dst = append(dst, part[:len(part)-len(rest)]...)
		end := strings.IndexAny(rest, htmlSpace)
		if end < 0 {
			end = len(rest)
		}
		if harmless(rest[:end]) && strings.IndexFunc(rest[end:], oddInSrcset) < 0 {
			dst = append(normalizeURL(dst, rest[:end]), rest[end:]...)
		} else {
			dst = append(dst[:len(dst)-(len(part)-len(rest))], "#"+blocked...)
		}
	}
	return dst
}

const htmlSpace = "\t\n\f\r "

func oddInSrcset(r rune) bool {
	alnum := '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
	return !alnum && !strings.ContainsRune(htmlSpace, r)
}

// srcsetURL is one trusted address among those of a srcset, where a comma would end it.
func srcsetURL(dst []byte, s string) []byte {
	return append(dst, strings.ReplaceAll(string(normalizeURL(nil, s)), ",", "%2c")...)
}

// jsString is a string as a value of a script, which JSON is.
func jsString(dst []byte, s string) []byte {
	b, err := json.Marshal(s)
	if err != nil {
		stop()
	}
	return append(dst, b...)
}

// jsNumber is a number or truth, kept apart from the word before it.
func jsNumber(dst []byte, s string) []byte {
	return append(append(append(dst, ' '), s...), ' ')
}
