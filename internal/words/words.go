// Package words cuts texts into the words that readers search by, and counts them.
//
// In goes a text and its language; out come its words, folded (no capitals, no accents)
// and stemmed lightly, so that "Réserves" and "réserve" are one. static/js/search.js cuts
// what a reader types by the same rules: testdata/words.txt and a comparison over random
// texts hold the two together. Whoever changes a rule changes it on both sides.
//
// A word is a run of letters, marks and digits. Scripts that put no spaces between words
// are cut into pairs of letters, which find what the words would. What is left of a word
// by an apostrophe is no word: the l of l’eau, the s of Council’s.
package words

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// maxWord is how many letters of a word count: nobody types more, and a table of
// figures without spaces must not fill the index.
const maxWord = 32

// Rules of stemming by language, of words of the letters a to z alone. Steps are parted by |;
// of a step the first rule that fits is taken: 3ies=y makes y of a final ies when at
// least 3 letters stand before it. The step ~ makes one consonant of two at the end. They
// are light on purpose: "reserve" and "reserved" meet, "reserve" and "reservation" do not.
var rules = map[string]string{
	"en": "0news=news 2sses=ss 2ies=y 0ss=ss 0us=us 0is=is 3s=|2ied=y 3eed=ee 4ing= 4ed=|3e=|~",
	"fr": "0eaux=eau 1aux=al 3s= 3x=|3ee= 3er= 3e=|3if=iv|~",
	"de": "4ern= 4em= 4en= 4er= 4es= 4e= 4s= 4n=",
	"es": "4es= 4s=|3a= 3o= 3e=",
	"it": "3a= 3e= 3i= 3o=",
	"nl": "4en= 4s=|4e=|~",
	"pt": "3oes=ao 4s=|4a= 4o= 4e=",
}

// letters are those that Unicode does not take apart, as readers type them.
const letters = "ßss æae œoe øo łl đd ðd þth ħh ıi ςσ"

// Language cuts texts of one language.
type Language struct{ steps []step }

// step is one step of stemming, its rules by the last letter of a word.
type step struct {
	rules   [26][]rule
	doubles bool
}

type rule struct {
	least  int // letters before the ending
	ending string
	to     string
}

var languages sync.Map // code → *Language

// In returns the rules of a language, as "fr" or "fr-CH". One without rules of its own is
// folded and not stemmed.
func In(lang string) *Language {
	if l, ok := languages.Load(lang); ok {
		return l.(*Language)
	}
	l, _ := languages.LoadOrStore(lang, parse(Rules(lang)))
	return l.(*Language)
}

// Rules are the rules of a language, for the script.
func Rules(lang string) string {
	base, _, _ := strings.Cut(lang, "-")
	return rules[base]
}

func parse(text string) *Language {
	l := &Language{}
	for part := range strings.SplitSeq(text, "|") {
		s := step{doubles: part == "~"}
		for r := range strings.FieldsSeq(part) {
			if ending, to, ok := strings.Cut(r[1:], "="); ok {
				last := ending[len(ending)-1] - 'a'
				s.rules[last] = append(s.rules[last], rule{int(r[0] - '0'), ending, to})
			}
		}
		l.steps = append(l.steps, s)
	}
	return l
}

// stem shortens a folded word in place.
func (l *Language) stem(w []byte) []byte {
	for i := range l.steps {
		s := &l.steps[i]
		n := len(w)
		if s.doubles {
			if n > 3 && w[n-1] == w[n-2] && strings.IndexByte("aeiou", w[n-1]) < 0 {
				w = w[:n-1]
			}
			continue
		}
		for _, r := range s.rules[w[n-1]-'a'] {
			if rest := n - len(r.ending); rest >= r.least && string(w[rest:]) == r.ending {
				w = append(w[:rest], r.to...)
				break
			}
		}
	}
	return w
}

// kind is what a rune is to the words around it.
type kind uint8

const (
	between kind = iota // a word ends here
	quote               // it ends here, and what is left of it may be none
	part                // of a word
	mute                // an accent, a soft hyphen: as if it were not there
	hard                // only the whole text can tell: marks change their order
)

// folded is a rune as it counts.
type folded struct {
	kind kind
	text string // of a part: what it is read as
}

// tableSize covers the scripts of Europe and the punctuation of all.
const tableSize = 0x2100

// table is the first runes folded: most texts need no other.
var table = sync.OnceValue(func() *[tableSize]folded {
	var t [tableSize]folded
	for r := range rune(tableSize) {
		t[r] = decompose(r)
	}
	return &t
})

// decompose folds a rune that stands in a text as it was typed.
func decompose(r rune) folded {
	out := folded{kind: mute}
	var b strings.Builder
	for _, d := range norm.NFKD.String(string(r)) {
		f := fold(d)
		switch {
		case f.kind == mute, f.kind == between && out.kind == between:
			continue
		case unicode.Is(unicode.M, d), b.Len() > 0 && f.kind != part, out.kind == between || out.kind == quote:
			return folded{kind: hard}
		}
		out.kind = f.kind
		b.WriteString(f.text)
	}
	out.text = b.String()
	return out
}

var plain = func() map[rune]string {
	m := map[rune]string{}
	for f := range strings.FieldsSeq(letters) {
		r, n := utf8.DecodeRuneInString(f)
		m[r] = f[n:]
	}
	return m
}()

// fold folds a rune of a text that has been taken apart by NFKD.
func fold(r rune) folded {
	switch {
	case r == '\'' || r == '’':
		return folded{kind: quote}
	case silent(r):
		return folded{kind: mute}
	case !unicode.In(r, unicode.L, unicode.M, unicode.N):
		return folded{}
	}
	r = unicode.ToLower(r)
	if s, ok := plain[r]; ok {
		return folded{part, s}
	}
	return folded{part, string(r)}
}

// silent are the marks that readers leave out: the accents of Latin, Greek and Cyrillic,
// the vowel signs of Hebrew and Arabic, and what only guides the setting of a line. Those
// of other scripts are letters.
func silent(r rune) bool {
	switch {
	case r < 0xad:
		return false
	case r == 0xad, r >= 0x300 && r <= 0x36f, r >= 0x483 && r <= 0x487, r >= 0x591 && r <= 0x5bd,
		r == 0x5bf, r == 0x5c1, r == 0x5c2, r == 0x5c4, r == 0x5c5, r == 0x5c7,
		r >= 0x610 && r <= 0x61a, r == 0x640, r >= 0x64b && r <= 0x65f, r == 0x670, r >= 0x6d6 && r <= 0x6dc,
		r >= 0x6df && r <= 0x6e4, r == 0x6e7, r == 0x6e8, r >= 0x6ea && r <= 0x6ed,
		r == 0x200c, r == 0x200d, r == 0x2060, r == 0x3099, r == 0x309a, r == 0xfeff:
		return true
	}
	return false
}

// spaceless are the scripts that are written without spaces: Thai and Lao, kana, Han.
func spaceless(r rune) bool {
	return r >= 0xe00 && r <= 0xeff || r >= 0x3040 && r <= 0x30ff || r >= 0x3400 && r <= 0x9fff
}

// cutter goes through texts and hands out their words. The bytes of a word are good until
// the next.
type cutter struct {
	lang  *Language
	emit  func(word []byte)
	word  []byte // the letters so far
	runes int
	ascii bool // a to z alone
	dense bool // there are letters of scripts without spaces
	after bool // an apostrophe stands before it
	bare  bool // no stemming wanted
}

// text cuts a text, of which nothing follows in the next.
func (c *cutter) text(s string) {
	t := table()
	c.begin(false)
	start := 0 // of the word
	for i := 0; i < len(s); {
		if b := s[i]; b < utf8.RuneSelf {
			i++
			switch {
			case 'a' <= b && b <= 'z':
				c.letter(b)
			case 'A' <= b && b <= 'Z':
				c.letter(b | 0x20)
			case '0' <= b && b <= '9':
				c.ascii = false
				c.letter(b)
			default:
				c.end(b == '\'')
				start = i
			}
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if r >= tableSize || t[r].kind == hard {
			c.begin(c.after)
			c.normal(norm.NFKD.String(s[start:]))
			return
		}
		i += n
		if c.take(t[r]); t[r].kind < part {
			start = i
		}
	}
	c.end(false)
}

// normal cuts what is left of a text, taken apart by NFKD.
func (c *cutter) normal(s string) {
	for _, r := range s {
		c.take(fold(r))
	}
	c.end(false)
}

func (c *cutter) letter(b byte) {
	if c.runes < maxWord {
		c.word = append(c.word, b)
	}
	c.runes++
}

func (c *cutter) take(f folded) {
	switch f.kind {
	case part:
		for _, r := range f.text {
			c.ascii = c.ascii && 'a' <= r && r <= 'z'
			c.dense = c.dense || spaceless(r)
			if c.runes < maxWord {
				c.word = utf8.AppendRune(c.word, r)
			}
			c.runes++
		}
	case between, quote:
		c.end(f.kind == quote)
	}
}

func (c *cutter) begin(after bool) {
	c.word, c.runes, c.ascii, c.dense, c.after = c.word[:0], 0, true, false, after
}

// end hands out the word that ends here, if it is one, before an apostrophe or not.
func (c *cutter) end(before bool) {
	w := c.word
	switch {
	case len(w) == 0:
	case c.ascii && (len(w) == 1 && (before || c.after) || before && string(w) == "qu"):
	case c.dense:
		c.pairs(string(w))
	case c.ascii && !c.bare:
		c.emit(c.lang.stem(w))
	default:
		c.emit(w)
	}
	c.begin(before)
}

// pairs hands out a word in which letters of scripts without spaces stand.
func (c *cutter) pairs(w string) {
	for len(w) > 0 {
		first, _ := utf8.DecodeRuneInString(w)
		n := strings.IndexFunc(w, func(r rune) bool { return spaceless(r) != spaceless(first) })
		if n < 0 {
			n = len(w)
		}
		run := w[:n]
		w = w[n:]
		if !spaceless(first) {
			// Not stemmed: what stands beside such letters is a name or a number.
			c.emit([]byte(run))
			continue
		}
		_, size := utf8.DecodeRuneInString(run)
		if size == len(run) {
			c.emit([]byte(run))
		}
		for size < len(run) {
			_, next := utf8.DecodeRuneInString(run[size:])
			c.emit([]byte(run[:size+next]))
			run, size = run[size:], next
		}
	}
}

// Cut returns the words of a text, in their order.
func (l *Language) Cut(text string) (out []string) {
	c := cutter{lang: l, emit: func(w []byte) { out = append(out, string(w)) }}
	c.text(text)
	return out
}

// Bare returns the words of a text folded and not stemmed.
func (l *Language) Bare(text string) (out []string) {
	c := cutter{lang: l, bare: true, emit: func(w []byte) { out = append(out, string(w)) }}
	c.text(text)
	return out
}
