// Package locale writes dates, numbers and names of languages the way their readers
// do, after CLDR (by go-playground/locales and x/text, which has no dates).
//
// In goes an instant, a number or a line of text; out comes text. It knows no page.
package locale

import (
	"fmt"
	"strings"
	"time"

	"github.com/go-playground/locales"
	"github.com/go-playground/locales/ar"
	"github.com/go-playground/locales/bg"
	"github.com/go-playground/locales/cs"
	"github.com/go-playground/locales/da"
	"github.com/go-playground/locales/de"
	"github.com/go-playground/locales/el"
	"github.com/go-playground/locales/en_GB"
	"github.com/go-playground/locales/en_US"
	"github.com/go-playground/locales/es"
	"github.com/go-playground/locales/et"
	"github.com/go-playground/locales/fa"
	"github.com/go-playground/locales/fi"
	"github.com/go-playground/locales/fr"
	"github.com/go-playground/locales/ga"
	"github.com/go-playground/locales/he"
	"github.com/go-playground/locales/hr"
	"github.com/go-playground/locales/hu"
	"github.com/go-playground/locales/it"
	"github.com/go-playground/locales/ja"
	"github.com/go-playground/locales/ko"
	"github.com/go-playground/locales/lt"
	"github.com/go-playground/locales/lv"
	"github.com/go-playground/locales/mt"
	"github.com/go-playground/locales/nb"
	"github.com/go-playground/locales/nl"
	"github.com/go-playground/locales/pl"
	"github.com/go-playground/locales/pt_BR"
	"github.com/go-playground/locales/pt_PT"
	"github.com/go-playground/locales/ro"
	"github.com/go-playground/locales/ru"
	"github.com/go-playground/locales/sk"
	"github.com/go-playground/locales/sl"
	"github.com/go-playground/locales/sq"
	"github.com/go-playground/locales/sr"
	"github.com/go-playground/locales/sv"
	"github.com/go-playground/locales/tr"
	"github.com/go-playground/locales/uk"
	"github.com/go-playground/locales/zh"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// known are the languages with dates of their own: those of the European Union's and
// the United Nations' newsrooms and their neighbours. Others get ISO dates.
var known = map[string]func() locales.Translator{
	"ar":    ar.New,
	"bg":    bg.New,
	"cs":    cs.New,
	"da":    da.New,
	"de":    de.New,
	"el":    el.New,
	"en-GB": en_GB.New,
	"en-US": en_US.New,
	"es":    es.New,
	"et":    et.New,
	"fa":    fa.New,
	"fi":    fi.New,
	"fr":    fr.New,
	"ga":    ga.New,
	"he":    he.New,
	"hr":    hr.New,
	"hu":    hu.New,
	"it":    it.New,
	"ja":    ja.New,
	"ko":    ko.New,
	"lt":    lt.New,
	"lv":    lv.New,
	"mt":    mt.New,
	"nb":    nb.New,
	"nl":    nl.New,
	"pl":    pl.New,
	"pt-PT": pt_PT.New,
	"pt-BR": pt_BR.New,
	"ro":    ro.New,
	"ru":    ru.New,
	"sk":    sk.New,
	"sl":    sl.New,
	"sq":    sq.New,
	"sr":    sr.New,
	"sv":    sv.New,
	"tr":    tr.New,
	"uk":    uk.New,
	"zh":    zh.New,
}

// usual is the variety meant by a language without a region. A newsroom that writes
// "en" writes for the world: 27 May 2024, not May 27, 2024.
var usual = map[string]string{"en": "en-GB", "pt": "pt-PT", "no": "nb", "nn": "nb", "iw": "he"}

// Locale is one language.
type Locale struct {
	Lang string // BCP 47
	Dir  string // "ltr" or "rtl"

	cldr locales.Translator // nil when its dates are not known
	tags display.Namer
}

// New returns the locale of a language code, as "fr" or "pt-BR".
func New(lang string) *Locale {
	l := &Locale{Lang: lang, Dir: "ltr"}
	tag := language.Make(lang)
	base, _ := tag.Base()
	if script, _ := tag.Script(); strings.Contains("Arab Hebr Thaa Syrc Nkoo Adlm", script.String()) {
		l.Dir = "rtl"
	}
	for _, name := range []string{lang, usual[lang], base.String(), usual[base.String()]} {
		if make := known[name]; make != nil {
			l.cldr = make()
			break
		}
	}
	l.tags = display.Languages(tag)
	return l
}

// Date writes a day: "27 May 2024", "1er janvier 2024".
func (l *Locale) Date(t time.Time) string {
	if l.cldr == nil {
		return t.Format(time.DateOnly)
	}
	text := l.cldr.FmtDateLong(t)
	if base(l.Lang) == "fr" && t.Day() == 1 {
		text = "1er" + strings.TrimPrefix(text, "1") // the first is an ordinal in French, which CLDR's pattern cannot say
	}
	return text
}

// Month writes a month of a year: "May 2024".
func (l *Locale) Month(t time.Time) string {
	if l.cldr == nil {
		return t.Format("2006-01")
	}
	between := " "
	if b := base(l.Lang); b == "es" || b == "pt" {
		between = " de "
	}
	return l.cldr.MonthWide(t.Month()) + between + t.Format("2006")
}

// MonthName writes a month alone: "May".
func (l *Locale) MonthName(m time.Month) string {
	if l.cldr == nil {
		return fmt.Sprintf("%02d", m)
	}
	return l.cldr.MonthWide(m)
}

// Time writes a time of day with the zone it is in: "16:00 CEST".
func (l *Locale) Time(t time.Time) string {
	zone := t.Format("MST")
	if strings.HasPrefix(zone, "+") || strings.HasPrefix(zone, "-") {
		zone = "UTC" + zone // the zone has no letters of its own
	}
	return t.Format("15:04 ") + zone
}

// Language names a language in this one: "French", "anglais".
func (l *Locale) Language(code string) string {
	if l.tags != nil {
		if name := l.tags.Name(language.Make(code)); name != "" {
			return name
		}
	}
	return code
}

// Self names a language in itself: "English", "français".
func (l *Locale) Self() string {
	if name := display.Self.Name(language.Make(l.Lang)); name != "" {
		return name
	}
	return l.Lang
}

// OpenGraph is the locale as og:locale wants it: "en_GB", "fr_FR".
func (l *Locale) OpenGraph() string {
	tag := language.Make(l.Lang)
	base, _ := tag.Base()
	region, _ := tag.Region()
	if l.Lang == "en" {
		return "en_GB"
	}
	return base.String() + "_" + region.String()
}

// Bytes writes a size as readers compare them: "74.4 MB", of 1,000,000 bytes.
func (l *Locale) Bytes(n int64) string {
	unit, div, digits := "kB", 1e3, 0
	switch {
	case n < 1e3:
		unit, div = "B", 1
	case n >= 1e9:
		unit, div, digits = "GB", 1e9, 2
	case n >= 1e6:
		unit, div, digits = "MB", 1e6, 1
	}
	if base(l.Lang) == "fr" {
		unit = strings.Replace(unit, "B", "o", 1) // octets
	}
	return l.Number(float64(n)/div, digits) + "\u00a0" + unit
}

// Number writes a number with a given number of digits after the point.
func (l *Locale) Number(f float64, digits int) string {
	if l.cldr == nil {
		return fmt.Sprintf("%.*f", digits, f)
	}
	return l.cldr.FmtNumber(f, uint64(digits))
}

// Plurals are the forms that a counted word has in this language, by CLDR: "one" and
// "other" in English, six in Arabic.
func (l *Locale) Plurals() (forms []string) {
	if l.cldr == nil {
		return []string{"other"}
	}
	for _, r := range l.cldr.PluralsCardinal() {
		forms = append(forms, strings.ToLower(r.String()))
	}
	return forms
}

// Plural is the form for n things.
func (l *Locale) Plural(n int) string {
	if l.cldr == nil {
		return "other"
	}
	return strings.ToLower(l.cldr.CardinalPluralRule(float64(n), 0).String())
}

// ands join the last two of a list. Neither of our sources of CLDR has its lists.
var ands = map[string]string{
	"ar": " و", "bg": " и ", "cs": " a ", "da": " og ", "de": " und ", "el": " και ", "en": " and ", "es": " y ", "et": " ja ", "fa": " و ",
	"fi": " ja ", "fr": " et ", "ga": " agus ", "he": " ו", "hr": " i ", "hu": " és ", "it": " e ", "ja": "、", "ko": " 및 ", "lt": " ir ",
	"lv": " un ", "mt": " u ", "nb": " og ", "nl": " en ", "no": " og ", "pl": " i ", "pt": " e ", "ro": " și ", "ru": " и ", "sk": " a ",
	"sl": " in ", "sq": " dhe ", "sr": " и ", "sv": " och ", "tr": " ve ", "uk": " і ", "zh": "和",
}

// List writes a list into a sentence: "energy, cables and data".
func (l *Locale) List(items []string) string {
	comma, b := ", ", base(l.Lang)
	and := ands[b]
	switch {
	case and == "":
		and = comma
	case b == "ar":
		comma = and // every item has its own
	case b == "fa":
		comma = "، "
	case b == "ja" || b == "zh":
		comma = "、"
	case l.Lang == "en-US" && len(items) > 2:
		and = ", and "
	}
	if len(items) < 2 {
		return strings.Join(items, "")
	}
	last := len(items) - 1
	return strings.Join(items[:last], comma) + and + items[last]
}

// Seconds writes a length: "1:12", "1:02:03".
func Seconds(s float64) string {
	n := int(s + 0.5)
	if n >= 3600 {
		return fmt.Sprintf("%d:%02d:%02d", n/3600, n/60%60, n%60)
	}
	return fmt.Sprintf("%d:%02d", n/60, n%60)
}
