package site

import (
	"cmp"
	"slices"
	"strings"

	"pressroom/internal/content"
	"pressroom/internal/media"
	"pressroom/internal/memo"
	"pressroom/internal/report"
	"pressroom/internal/words"
)

// Searchable is all of an edition that can be searched.
type Searchable struct {
	Lang  string
	Items []Findable
}

// Key is the key of all of it.
func (x Searchable) Key() memo.Key {
	keys := make([]byte, 0, len(x.Items)*len(memo.Key{}))
	for i := range x.Items {
		keys = append(keys, x.Items[i].Key[:]...)
	}
	return memo.Hash("searchable", x.Lang, keys)
}

// Findable is what the search index knows of an item.
type Findable struct {
	Key      memo.Key // of all that follows
	URL      string
	Title    string
	Summary  string
	Date     Date // zero for a plain page
	Kind     Facet
	Place    Facet // zero for none
	Speakers []Facet
	Topics   []Facet
	Others   []Facet // the languages besides the page's own in which it can be read or heard
	Duration string
	Image    string
	Words    [][]byte // counts of package words: of the item's own texts, of what is said in it
}

// Facet is a value that finds can be narrowed to.
type Facet struct{ Slug, Name string }

// searchSpeakers is how many speakers the search page names; where there are more, it leads
// to their index.
const searchSpeakers = 60

// search is the search page. It changes with a year, a topic or a speaker, not with an item.
func (s *Site) search(ed *edition) Search {
	v := Search{Page: s.listPage(ed, ed.join("search"), ed.t["search"], "", "search", "", func(o *edition) (string, bool) { return o.join("search"), true })}
	v.Description = ed.t["search_label"]
	said := map[string]string{}
	for key, text := range ed.t {
		if name, ok := strings.CutPrefix(key, "search_"); ok {
			said[name] = text
		}
	}
	v.Words, v.Rules = string(ld(said)), words.Rules(ed.Lang)
	for _, y := range ed.years {
		v.Years = append(v.Years, Year{Link: ed.yearLink(y)})
	}
	for _, t := range ed.terms[topicKind].list {
		v.Topics = append(v.Topics, Link{Text: t.name, URL: escape(t.url)})
	}
	if speakers := ed.terms[speakerKind].list; len(speakers) <= searchSpeakers {
		for _, t := range speakers {
			v.Speakers = append(v.Speakers, Entry{Link: Link{Text: t.name, URL: escape(t.url)}})
		}
	}
	return v
}

// SearchDir is the path of the search page in the site's language i.
func (s *Site) SearchDir(i int) string { return s.langs[i].join("search") }

// Searchable is what can be searched in the site's language i: news, videos and plain pages
// that are open, oldest first; of one instant, by address.
func (s *Site) Searchable(i int) Searchable {
	ed := s.langs[i]
	var items []*item
	for _, list := range [][]*item{ed.news, ed.videos, ed.pages} {
		for _, it := range list {
			if !it.gone {
				items = append(items, it)
			}
		}
	}
	slices.SortFunc(items, func(a, b *item) int { return cmp.Or(a.date.Compare(b.date), cmp.Compare(a.url, b.url)) })
	out := Searchable{Lang: ed.Lang, Items: make([]Findable, len(items))}
	for i, it := range items {
		out.Items[i] = s.findable(it)
	}
	return out
}

func (s *Site) findable(it *item) Findable {
	c := &it.card
	f := Findable{URL: c.URL, Title: c.Title, Summary: c.Summary, Kind: Facet{c.Kind, c.Label}, Duration: c.Duration}
	if it.doc.Kind == content.Page {
		f.Kind = Facet{"page", it.ed.t["search_page"]}
		if f.Title == "" && len(it.doc.Outline) > 0 {
			f.Title = it.doc.Outline[0].Text
		}
	} else {
		f.Date = c.Date
	}
	if it.doc.Kind == content.VideoItem && c.Image != nil {
		f.Image = cmp.Or(c.Image.Src, c.Image.URL)
	}
	if it.place != nil {
		f.Place = Facet{it.place.slug, it.place.name}
	}
	for _, t := range it.speakers {
		f.Speakers = append(f.Speakers, Facet{t.slug, t.name})
	}
	for _, t := range it.topics {
		f.Topics = append(f.Topics, Facet{t.slug, t.name})
	}
	f.Others = s.others(it)
	said := []memo.Key{}
	f.Words = [][]byte{it.Words}
	if it.video != nil {
		for _, t := range it.video.tracks {
			key := memo.Hash("said", it.ed.Lang, t.cues)
			said = append(said, key)
			f.Words = append(f.Words, s.said(it.ed.Lang, key, t.cues))
		}
	}
	plain := f
	plain.Words = nil
	f.Key = memo.Hash(plain, it.doc.Key, it.ed.Lang, said)
	return f
}

// others are the languages of an item's translations, its captions and what is spoken in it,
// without the page's own, in the order of their codes.
func (s *Site) others(it *item) (out []Facet) {
	var codes []string
	for _, t := range s.translations(it) {
		if t != nil && !t.gone {
			codes = append(codes, t.ed.Lang)
		}
	}
	if it.video != nil {
		for _, t := range it.video.tracks {
			codes = append(codes, t.lang)
		}
	}
	if a := it.front.Audio; a != nil {
		codes = append(codes, a.Languages...)
	}
	slices.Sort(codes)
	for _, code := range slices.Compact(codes) {
		if code != it.ed.Lang && code != "" && code != "zxx" { // no language at all
			out = append(out, Facet{code, upperFirst(it.ed.Language(code))})
		}
	}
	return out
}

// said counts the words of captions as those of a text in the language of the page, in
// which they are looked for.
func (s *Site) said(lang string, key memo.Key, cues []media.Cue) []byte {
	packed, _ := memo.Do(s.memo, "", key, func() ([]byte, report.List) {
		c := words.In(lang).Count()
		for _, cue := range cues {
			c.Text(cue.Text, 1)
		}
		return c.Pack(), nil
	})
	return packed
}
