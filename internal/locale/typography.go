package locale

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// No-break spaces, as French sets them: a narrow one before high punctuation and inside
// guillemets, a wide one before the colon.
const (
	narrow = "\u202f"
	wide   = "\u00a0"
)

// Quotes are the quotation marks of a language, outer and inner, opening and closing,
// with the spaces inside them. Languages that are not listed take the English ones.
func Quotes(lang string) [4]string {
	switch base(lang) {
	case "fr":
		return [4]string{"«" + narrow, narrow + "»", "“", "”"}
	case "de", "cs", "sk", "sl", "bg", "et", "lt", "is":
		return [4]string{"„", "“", "‚", "‘"}
	case "pl", "ro", "hu", "hr":
		return [4]string{"„", "”", "‚", "’"}
	case "es", "it", "pt", "el", "ca", "ru", "uk", "no", "nb", "sq", "ar", "fa":
		return [4]string{"«", "»", "“", "”"}
	case "sv", "fi":
		return [4]string{"”", "”", "’", "’"}
	case "da":
		return [4]string{"»", "«", "›", "‹"}
	}
	return [4]string{"“", "”", "‘", "’"}
}

func base(lang string) string {
	b, _, _ := strings.Cut(lang, "-")
	return b
}

// Typeset gives a line of text the signs that its language is printed with: its own
// quotation marks for straight ones, apostrophes, the ellipsis, and no-break spaces
// where lines must not break. Addresses are left as they are, and so are dashes, since
// nobody but the author knows which was meant. What has been typeset stays as it is.
func Typeset(lang, s string) string {
	if (strings.ContainsAny(s, `"'`) || strings.Contains(s, "...")) && utf8.ValidString(s) {
		s = curl(Quotes(lang), s)
	}
	return Piece(lang, 0, s)
}

// curl writes typographic quotation marks, apostrophes and ellipses.
func curl(quotes [4]string, s string) string {
	var b strings.Builder
	b.Grow(len(s) + 16)
	var prev rune
	var double, single bool // a quotation is open
	for i, r := range s {
		rest := s[i+utf8.RuneLen(r):]
		next, _ := utf8.DecodeRuneInString(rest)
		if rest == "" {
			next = 0
		}
		write := s[i : len(s)-len(rest)]
		switch {
		case !strings.ContainsRune(`"'.`, r) || isAddress(wordAround(s, i)):
		case r == '.':
			if prev != '.' && strings.HasPrefix(rest, "..") && !strings.HasPrefix(rest, "...") && prev != '/' {
				write = "…"
			} else if strings.HasSuffix(b.String(), "…") && strings.HasSuffix(s[:i], ".") {
				write = "" // the second and third of an ellipsis
			}
		case isWord(prev) && isWord(next):
			if r == '\'' {
				write = "’"
			} // a straight mark between two letters is a sign of the word, as in ארה"ב
		case isOpening(prev) && !isGap(next):
			switch {
			case r == '"':
				write, double = quotes[0], true
			case !unicode.IsDigit(next) && closes(rest):
				write, single = quotes[2], true
			default:
				write = "’" // ’tis, ’90s
			}
		case isGap(prev): // it stands alone
		case r == '"' && double:
			write, double = quotes[1], false
		case r == '\'' && single:
			write, single = quotes[3], false
		case unicode.IsDigit(prev): // feet and inches
		case r == '"':
			write = quotes[1]
		default:
			write = "’"
		}
		b.WriteString(write)
		prev = r
	}
	return b.String()
}

// closes tells whether a single quotation that has just been opened ends in rest: at a
// mark that no letter follows.
func closes(rest string) bool {
	for {
		i := strings.IndexByte(rest, '\'')
		if i < 0 {
			return false
		}
		before, _ := utf8.DecodeLastRuneInString(rest[:i])
		after, _ := utf8.DecodeRuneInString(rest[i+1:])
		if !isGap(before) && (i+1 == len(rest) || !isWord(after)) {
			return true
		}
		rest = rest[i+1:]
	}
}

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

func isGap(r rune) bool { return r == 0 || unicode.IsSpace(r) }

func isOpening(r rune) bool {
	return isGap(r) || strings.ContainsRune("([{«“„‘‚–—-/\"'", r)
}

// wordAround is what stands between white space around the byte at i.
func wordAround(s string, i int) string {
	from := strings.LastIndexByte(s[:i], ' ') + 1
	to := strings.IndexByte(s[i:], ' ')
	if to < 0 {
		return s[from:]
	}
	return s[from : i+to]
}

func isAddress(word string) bool {
	return strings.Contains(word, "://") || strings.Contains(word, "www.") || strings.Contains(word, "mailto:")
}

// Piece typesets a piece of a text whose quotation marks are set. prev is the sign that
// comes before it, 0 for none; it may be Markdown: character references and signs behind
// a backslash are let alone.
//
// French gets its no-break spaces: a narrow one before ; ! ? and inside guillemets, a
// wide one before a colon. Before ; ! ? it is added where the author left none; before a
// colon only where a space follows, because 10:30 and 4:3 have none. Canadian French has
// those of guillemets and colons. In languages that run from right to left, telephone
// numbers keep their order.
func Piece(lang string, prev rune, s string) string {
	switch base(lang) {
	case "fr":
		return spaces(lang, prev, s)
	case "ar", "fa", "he", "ur":
		return isolate(prev, s)
	}
	return s
}

var telephone = regexp.MustCompile(`\+[0-9][0-9 ().-]{5,}[0-9]`)

// isolate puts the marks of a left-to-right isolate (UAX 9, 2.4) round telephone numbers,
// whose groups would otherwise be read last to first.
func isolate(prev rune, s string) string {
	if !strings.Contains(s, "+") {
		return s
	}
	var b strings.Builder
	from := 0
	for _, at := range telephone.FindAllStringIndex(s, -1) {
		before, _ := utf8.DecodeLastRuneInString(s[:at[0]])
		if at[0] == 0 {
			before = prev
		}
		if before == '\u2066' {
			continue // it has them
		}
		b.WriteString(s[from:at[0]] + "\u2066" + s[at[0]:at[1]] + "\u2069")
		from = at[1]
	}
	return b.String() + s[from:]
}

func spaces(lang string, prev rune, s string) string {
	if !strings.ContainsAny(s, ";:!?«»") && prev != '«' || !utf8.ValidString(s) {
		return s
	}
	canadian := strings.HasPrefix(lang, "fr-CA")
	var b strings.Builder
	b.Grow(len(s) + 16)
	gap := 0 // where the white space before the sign at i begins
	for i, r := range s {
		if r == ' ' || r == '\u00a0' || r == '\u202f' {
			continue
		}
		space := s[gap:i]
		rest := s[i+utf8.RuneLen(r):]
		next, _ := utf8.DecodeRuneInString(rest)
		switch {
		case prev == '«':
			space = narrow
		case isGap(prev) || strings.ContainsRune(`([{\`, prev) || rest != "" && isWord(next):
		case r == '»':
			space = narrow
		case r == ':':
			if space != "" || rest != "" && isGap(next) && ends(prev) && !unicode.IsDigit(prev) {
				space = wide
			}
		case canadian:
		case r == '!' || r == '?' || r == ';' && !isReference(s[:i]):
			if space != "" || ends(prev) && !isAddress(wordAround(s, i)) {
				space = narrow
			}
		}
		b.WriteString(space)
		b.WriteRune(r)
		prev, gap = r, i+utf8.RuneLen(r)
	}
	if prev == '«' && gap < len(s) {
		return b.String() + narrow
	}
	return b.String() + s[gap:]
}

// ends tells whether a word or a quotation can end with r.
func ends(r rune) bool { return isWord(r) || strings.ContainsRune(")]»”’…%€°", r) }

// isReference tells whether s ends as a character reference does before its semicolon.
func isReference(s string) bool {
	name := strings.TrimRight(s, "#abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
	return len(name) < len(s) && strings.HasSuffix(name, "&")
}
