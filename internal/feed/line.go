package feed

import (
	"strings"
	"unicode/utf8"
)

// Calendars and vCards are lists of content lines: a name, a value, CRLF. They share
// how a text is written in a value, and how a long line is folded.

var escaper = strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\r\n", `\n`, "\r", `\n`, "\n", `\n`)

// text writes a text as a value: what means something there is escaped, a control
// character, which no value may hold, is left out.
func text(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, escaper.Replace(s))
}

// fold breaks a line after at most 75 octets (RFC 5545, 3.1), never inside a character.
func fold(s string) string {
	var b strings.Builder
	for limit := 75; len(s) > limit; limit = 74 { // the space that goes on with it is one of them
		cut := limit
		for !utf8.RuneStart(s[cut]) {
			cut--
		}
		b.WriteString(s[:cut] + "\r\n ")
		s = s[cut:]
	}
	return b.String() + s + "\r\n"
}
