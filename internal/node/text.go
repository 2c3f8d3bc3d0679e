package node

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"pressroom/internal/report"
)

// readable returns block as a text with \n at line ends and without a byte
// order mark, or the first place that is not text.
func readable(src report.Source, block []byte, firstLine int) (string, report.List) {
	s := strings.TrimPrefix(string(block), "\ufeff")
	s = strings.ReplaceAll(s, "\r\n", "\n")
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < utf8.RuneSelf && c >= ' ' && c != 0x7f || c == '\n' || c == '\t' {
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		var text, hint string
		switch {
		case r == utf8.RuneError && size == 1:
			text, hint = fmt.Sprintf("the byte %#02x is not UTF-8", s[i]), "save the file as UTF-8"
		case r == '\r':
			text, hint = "a carriage return alone does not end a line", "save the file with the line ends of Unix or Windows"
		case forbidden(r):
			text, hint = fmt.Sprintf("the control character %U cannot be used here", r), "remove it"
		default:
			i += size - 1
			continue
		}
		line := strings.Count(s[:i], "\n")
		col := utf8.RuneCountInString(s[strings.LastIndexByte(s[:i], '\n')+1 : i])
		return "", report.List{src.At(firstLine+line, col+1, 1, "encoding", text, hint)}
	}
	return s, nil
}
