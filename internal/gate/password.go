package gate

import (
	_ "embed"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Profile is a set of rules for passwords.
type Profile string

// The profiles. Composed asks for all sorts of characters, as many institutions' rules
// still do and ASVS 5.0 6.2.5 forbids; Standard follows ASVS 5.0 6.2 and NIST SP 800-63B-4:
// longer, and anything in it.
const (
	Composed Profile = "composed"
	Standard Profile = "standard"
)

// Policy decides which passwords may be set. It is never asked at a login: an old
// password stays good when the rules change.
type Policy struct {
	Profile Profile // Composed when empty
}

// Rule is one that a password does not meet.
type Rule struct {
	Name RuleName
	Want int // RuleLength: at least so many characters; RuleLong: at most
}

// RuleName is a key of the interface's words, after "password_".
type RuleName string

// The rules, in the order in which they are told.
const (
	RuleLong     RuleName = "long"     // too long to be sensible
	RuleLength   RuleName = "length"   // too short
	RuleSpaces   RuleName = "spaces"   // has spaces (composed)
	RuleUpper    RuleName = "upper"    // has no upper case letter (composed)
	RuleLower    RuleName = "lower"    // has no lower case letter (composed)
	RuleNumber   RuleName = "number"   // has no number (composed)
	RuleSymbol   RuleName = "symbol"   // has no symbol (composed)
	RuleCommon   RuleName = "common"   // made of what everybody makes passwords of
	RulePersonal RuleName = "personal" // made of the address, a name or the site's name
)

// Personal is what strangers know about somebody, or about the site.
type Personal struct {
	Email, Name, Organisation string
	Site                      []string // its names and hosts
}

// The longest password: ASVS 5.0 6.2.9 asks for 64 at least. Longer ones are refused and
// never cut (6.2.8).
const (
	maxPassword      = 256  // code points
	maxPasswordBytes = 1024 // before and after NFKC
)

// MinLength is how many code points a password needs.
func (p Policy) MinLength() int {
	if p.Profile == Standard {
		return 15
	}
	return 12
}

// Check returns all rules that a password does not meet, nil for a good one. Characters
// are code points after NFKC, as it is hashed.
func (p Policy) Check(password string, about Personal) []Rule {
	long := []Rule{{RuleLong, maxPassword}}
	if len(password) > maxPasswordBytes {
		return long
	}
	password = normal(password)
	n := utf8.RuneCountInString(password)
	if len(password) > maxPasswordBytes || n > maxPassword {
		return long
	}
	var unmet []Rule
	if n < p.MinLength() {
		unmet = append(unmet, Rule{RuleLength, p.MinLength()})
	}
	if p.Profile != Standard {
		symbol := func(r rune) bool { return unicode.IsPunct(r) || unicode.IsSymbol(r) }
		for _, want := range []struct {
			rule RuleName
			in   func(rune) bool
		}{{RuleUpper, unicode.IsUpper}, {RuleLower, unicode.IsLower}, {RuleNumber, unicode.IsDigit}, {RuleSymbol, symbol}} {
			if !strings.ContainsFunc(password, want.in) {
				unmet = append(unmet, Rule{Name: want.rule})
			}
		}
		if strings.ContainsFunc(password, unicode.IsSpace) {
			unmet = append(unmet, Rule{Name: RuleSpaces})
		}
	}
	enough := unpredictable
	if n < p.MinLength() {
		// Short ones are refused anyway. That they are common besides is only told of
		// a bare word with its tail, so that nobody is told off twice for one thing.
		enough = unpredictable / 2
	}
	text, known := foldPassword(password), about.words()
	common := text.left(nil, enough)
	if common {
		unmet = append(unmet, Rule{Name: RuleCommon})
	}
	if known.within(text) || !common && text.left(known.tokens, enough) {
		unmet = append(unmet, Rule{Name: RulePersonal})
	}
	return unmet
}

// unpredictable is how much of a password must be left over when what is common in it
// hardly counts. Nobody's list has entries of the length the policy asks for with all
// sorts of characters in them: they are made by trimming short words, so it is the words
// that are looked for, under any trimming.
const unpredictable = 8

// What one piece counts, in characters. A word is one of some 40,000, about as many as
// there are pairs of characters.
const (
	costWord   = 2
	costLeet   = 3 // a word with signs for letters, which random passwords can seem to hold
	costRun    = 2 // abcd, 4321, qwerty, aaaa
	costYear   = 1
	costCopied = 1 // what stood in the same password before
)

// longestCopy bounds the search for copies, in bytes; longer ones are several.
const longestCopy = 32

// words is the list, sorted, one entry a line: see common/README.md.
//
//go:embed common/words.txt
var words string

// folded is a password in the forms in which it is compared, all of the same length in
// bytes: in lower case without accents, and with the signs that stand for letters read as
// these in two ways, as 1 may be i or l.
type folded struct{ plain, leetI, leetL string }

func foldPassword(s string) folded {
	var b strings.Builder
	for _, r := range norm.NFKD.String(s) {
		switch {
		case unicode.Is(unicode.Mn, r):
		case r < utf8.RuneSelf:
			b.WriteRune(lowerRune(r))
		default:
			b.WriteRune(unicode.ToLower(r))
		}
	}
	plain := b.String()
	return folded{plain, strings.Map(leet('i'), plain), strings.Map(leet('l'), plain)}
}

func leet(one rune) func(rune) rune {
	return func(r rune) rune {
		if i := strings.IndexRune("04@83695$7+2", r); i >= 0 {
			return rune("oaabeggsstlz"[i])
		}
		if r == '1' || r == '!' || r == '|' {
			return one
		}
		return r
	}
}

// left tells whether less than enough is left of a password when common pieces, and words
// that cost nothing, hardly count. It looks for the cheapest way to put it together.
func (f folded) left(free []string, enough int) bool {
	s := f.plain
	cost := make([]int, len(s)+1)
	for i := range cost {
		cost[i] = i
	}
	offer := func(from, to, price int) { cost[to] = min(cost[to], cost[from]+price) }
	for i := 0; i < len(s); i++ {
		if !utf8.RuneStart(s[i]) {
			continue
		}
		_, size := utf8.DecodeRuneInString(s[i:])
		offer(i, i+size, 1)
		for _, form := range []string{s, f.leetI, f.leetL} {
			for _, n := range commonAt(form[i:]) {
				price := costWord
				if form[i:i+n] != s[i:i+n] {
					price = costLeet
				}
				offer(i, i+n, price)
			}
			for _, w := range free {
				if strings.HasPrefix(form[i:], w) {
					offer(i, i+len(w), 0)
				}
			}
		}
		if n := runAt(s[i:]); n > 0 {
			for k := 3; k <= n; k++ {
				offer(i, i+k, costRun)
			}
		}
		if y := s[i:]; len(y) >= 4 && (y[:2] == "19" || y[:2] == "20") && isDigit(y[2]) && isDigit(y[3]) {
			offer(i, i+4, costYear)
		}
		for n := 3; n <= longestCopy && i+n <= len(s) && strings.Contains(s[:i], s[i:i+n]); n++ {
			offer(i, i+n, costCopied)
		}
		// A pair again and again is no run and too short to be a copy.
		for n := 2; i >= 2 && i+n <= len(s) && s[i+n-2:i+n] == s[i-2:i]; n += 2 {
			offer(i, i+n, costCopied)
		}
	}
	return cost[len(s)] < enough
}

// shortest is the length of the shortest word that counts as one.
const shortest = 4

// commonAt returns the lengths of all words of the list that a text begins with.
func commonAt(s string) (lengths []int) {
	// The words with a common beginning lie together, so the place only moves on.
	lo, hi := 0, len(words)
	for n := shortest; n <= len(s); n++ {
		prefix := s[:n]
		lo += searchWords(words[lo:hi], prefix)
		line, _, _ := strings.Cut(words[lo:], "\n")
		if !strings.HasPrefix(line, prefix) {
			break
		}
		if line == prefix {
			lengths = append(lengths, n)
		}
	}
	return lengths
}

// searchWords returns where in sorted lines the first begins that is not before a word.
func searchWords(lines, word string) int {
	begin := func(i int) int { return strings.LastIndexByte(lines[:i], '\n') + 1 }
	i := sort.Search(len(lines), func(i int) bool {
		line, _, _ := strings.Cut(lines[begin(i):], "\n")
		return line >= word
	})
	return begin(i)
}

// rows are the orders that hands and heads know: the alphabet, digits, and the letters of
// keyboards, each also backwards.
var rows = func() (all []string) {
	for _, r := range []string{
		"abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm",
		"azertyuiop", "qsdfghjklm", "wxcvbn", "qwertzuiop", "yxcvbnm",
		"1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/", "!@#$%^&*()",
	} {
		b := []byte(r)
		for i, j := 0, len(b)-1; i < j; i, j = i+1, j-1 {
			b[i], b[j] = b[j], b[i]
		}
		all = append(all, r, string(b))
	}
	return all
}()

// runAt is the length of the run that a text begins with: one sign over and over, or a
// part of a row; 0 when it is shorter than three.
func runAt(s string) (longest int) {
	_, size := utf8.DecodeRuneInString(s)
	for n := 2 * size; n <= len(s) && s[n-size:n] == s[:size]; n += size {
		if n >= 3*size {
			longest = n
		}
	}
	for _, row := range rows {
		for n := max(3, longest+1); n <= len(s) && strings.Contains(row, s[:n]); n++ {
			longest = n
		}
	}
	return longest
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// personalWords are what is known about somebody: wholes, which must not stand in a
// password at all, and the tokens they are made of, which count for nothing in it.
type personalWords struct{ wholes, tokens []string }

func (p Personal) words() personalWords {
	var w personalWords
	add := func(s string, whole bool) {
		s = foldPassword(normal(s)).plain
		var joined strings.Builder
		for _, token := range strings.FieldsFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) }) {
			joined.WriteString(token)
			if utf8.RuneCountInString(token) >= 3 {
				w.tokens = append(w.tokens, token)
			}
		}
		if whole {
			w.wholes = append(w.wholes, s, joined.String())
		}
	}
	local, domain, _ := strings.Cut(p.Email, "@")
	untagged, _, _ := strings.Cut(local, "+")
	add(local, true)
	add(untagged, true)
	add(domain, false)
	add(p.Name, true)
	add(p.Organisation, true)
	for _, s := range p.Site {
		add(s, true)
		add(strings.TrimPrefix(s, "www."), true)
	}
	return w
}

// within tells whether a whole, of four characters or more, stands in a password, in
// letters or in signs that stand for them.
func (w personalWords) within(f folded) bool {
	for _, whole := range w.wholes {
		if utf8.RuneCountInString(whole) < shortest {
			continue
		}
		for _, form := range []string{f.plain, f.leetI, f.leetL} {
			if strings.Contains(form, whole) {
				return true
			}
		}
	}
	return false
}
