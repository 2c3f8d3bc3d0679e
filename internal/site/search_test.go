package site

import (
	"fmt"
	"testing"

	"pressroom/internal/content"
	"pressroom/internal/locale"
)

// An item can also be had in the languages of its translations, its captions and what is spoken in
// it; a translation that was withdrawn is none, and the sound of a harbour is no language.
func TestOthers(t *testing.T) {
	s := &Site{}
	for _, lang := range []string{"en", "fr", "de"} {
		s.langs = append(s.langs, &edition{Locale: locale.New(lang), byBase: map[string]*item{}, byID: map[string]*item{}})
	}
	en, fr, de := s.langs[0], s.langs[1], s.langs[2]
	add := func(ed *edition, gone bool) *item {
		it := &item{ed: ed, doc: &content.Doc{Base: "harbour"}, front: &content.Front{}, gone: gone}
		ed.byBase["harbour"] = it
		return it
	}
	it, translated, withdrawn := add(en, false), add(fr, false), add(de, true)
	if got := fmt.Sprint(s.others(it), s.others(translated)); got != "[{fr French}] [{en Anglais}]" {
		t.Error(got)
	}
	delete(fr.byBase, "harbour")
	withdrawn.gone = false
	if got := fmt.Sprint(s.others(it)); got != "[{de German}]" {
		t.Error(got)
	}
	delete(de.byBase, "harbour")
	if got := s.others(it); got != nil {
		t.Error(got)
	}
	it.video = &videoParts{tracks: []track{{lang: "en"}, {lang: "fr"}, {lang: "fr"}}}
	it.front.Audio = &content.Audio{Languages: []string{"zxx", "uk", "en"}}
	if got := fmt.Sprint(s.others(it)); got != "[{fr French} {uk Ukrainian}]" {
		t.Error(got)
	}
}
