package site

import (
	"slices"
	"strconv"
	"strings"
)

// partVideos is how many videos one part of the index's data has. Parts are numbered
// from the oldest, so that a new video changes the last one and no other.
const partVideos = 200

// filter is one way to narrow the video index.
type filter struct {
	key    string // the part of its addresses, as in /videos/speaker/ana-duarte/
	name   string // for readers
	values []*value
	of     map[*item][]int // which of the values each video has
}

// value is the videos that have something in common.
type value struct {
	slug, name string
	videos     []*item // newest first
	term       *term   // of speakers, locations and topics
}

// filterNames are the parts of /videos/speaker/ana-duarte/.
var filterNames = map[termKind]string{speakerKind: "speaker", locationKind: "location", topicKind: "topic"}

// addFilters sorts the videos of every edition by what readers look for.
func (s *Site) addFilters() {
	for _, ed := range s.langs {
		for _, kind := range termKinds {
			f := &filter{key: filterNames[kind], name: ed.t[string(kind)], of: map[*item][]int{}}
			for _, t := range ed.terms[kind].list {
				if len(t.videos) > 0 {
					f.put(&value{t.slug, t.name, t.videos, t})
				}
			}
			ed.filters = append(ed.filters, f)
		}
		language := func(code string) (string, string) { return strings.ToLower(code), upperFirst(ed.Language(code)) }
		ed.filters = append(ed.filters,
			ed.sorted("genre", ed.t["genre"], func(it *item) []string { return []string{it.front.Genre} },
				func(genre string) (string, string) { return genre, ed.t["genre_"+under(genre)] }),
			ed.sorted("year", ed.t["year"], func(it *item) []string { return []string{it.date.Format("2006")} },
				func(year string) (string, string) { return year, year }),
			ed.sorted("language", ed.t["language"], func(it *item) []string {
				if it.front.Audio == nil {
					return nil
				}
				return it.front.Audio.Languages
			}, language),
			ed.sorted("captions", ed.t["captions"], (*item).captioned, language))
	}
}

func (f *filter) put(v *value) {
	for _, it := range v.videos {
		f.of[it] = append(f.of[it], len(f.values))
	}
	f.values = append(f.values, v)
}

// sorted makes a filter of what each video says of itself; called tells a value's slug
// and name. Values stand by name, years newest first.
func (ed *edition) sorted(key, name string, says func(*item) []string, called func(string) (slug, name string)) *filter {
	bySlug := map[string]*value{}
	var all []*value
	for _, it := range ed.videos {
		for _, word := range says(it) {
			slug, name := called(word)
			if element(slug) != slug || name == "" {
				continue
			}
			v := bySlug[slug]
			if v == nil {
				v = &value{slug: slug, name: name}
				bySlug[slug] = v
				all = append(all, v)
			}
			if n := len(v.videos); n == 0 || v.videos[n-1] != it {
				v.videos = append(v.videos, it)
			}
		}
	}
	slices.SortFunc(all, func(a, b *value) int {
		if key == "year" {
			a, b = b, a
		}
		return strings.Compare(a.name, b.name)
	})
	f := &filter{key: key, name: name, of: map[*item][]int{}}
	for _, v := range all {
		f.put(v)
	}
	return f
}

// captioned are the languages of a video's captions, which are not resolved yet.
func (it *item) captioned() (langs []string) {
	list := it.front.Captions
	if len(list) == 0 && it.original != nil {
		list = it.original.front.Captions
	}
	for _, c := range list {
		langs = append(langs, c.Language)
	}
	return langs
}

// find returns the value of a slug, or nil.
func (f *filter) find(slug string) *value {
	for _, v := range f.values {
		if v.slug == slug {
			return v
		}
	}
	return nil
}

// filterRefs are the pages of every value of every filter.
func (s *Site) filterRefs(ed *edition) (refs []Ref) {
	for i, f := range ed.filters {
		for _, v := range f.values {
			refs = append(refs, s.paged(ed.join("videos", f.key, v.slug), "videos", len(v.videos), videoItems, func(c cut) any { return s.filteredVideos(ed, i, v, c) })...)
		}
	}
	return refs
}

// filteredVideos is the video index narrowed to one value.
func (s *Site) filteredVideos(ed *edition, i int, v *value, c cut) List {
	f := ed.filters[i]
	l := List{Kind: f.key, Pager: ed.pager(c)}
	feeds := "videos"
	if v.term != nil {
		feeds = string(v.term.kind) + "/" + v.slug
	}
	name := v.name
	if v.term == nil && f.key != "year" && f.key != "genre" {
		name = f.name + ", " + v.name // "French" alone would not say what is French
	}
	l.Page = s.listPage(ed, c.path(c.number), ed.t["videos"]+": "+name, "", "videos", feeds, func(o *edition) (string, bool) {
		if o.filters[i].find(v.slug) != nil {
			return o.join("videos", f.key, v.slug), c.number == 0
		}
		return o.join("videos"), false
	})
	l.Crumbs = append(l.Crumbs, Link{Text: ed.t["videos"], URL: ed.join("videos")})
	l.Videos, l.Previews = tiles(v.videos[c.from:c.to]), previewed(v.videos[c.from:c.to])
	return l
}

// filterLinks are the filters as links, for those who combine nothing.
func (ed *edition) filterLinks() (out []Filter) {
	for _, f := range ed.filters {
		link := Filter{Key: f.key, Name: f.name}
		for _, v := range f.values {
			link.Values = append(link.Values, Link{Text: v.name, URL: escape(ed.join("videos", f.key, v.slug))})
		}
		if len(link.Values) > 0 {
			out = append(out, link)
		}
	}
	return out
}

// FinderPart is what the form of the video index knows of up to partVideos videos: one
// list for each column, an entry for each video, the oldest first. Names stand once,
// and videos have their numbers, because a part is read over the network.
type FinderPart struct {
	Title    []string              `json:"title"`
	URL      []string              `json:"url"`
	Date     []string              `json:"date"` // "2026-07-07"
	When     []string              `json:"when"` // the same for readers
	Duration []string              `json:"duration"`
	Length   []string              `json:"length"`
	Image    []string              `json:"image"` // a srcset, in a format that every browser which runs the form knows
	Sizes    string                `json:"sizes,omitempty"`
	Preview  []string              `json:"preview,omitempty"`
	Badges   [][]string            `json:"badges"`
	Quality  []int                 `json:"quality"` // 1 when there is a file in broadcast quality
	Filters  map[string]FinderList `json:"filters"`
}

// FinderList is one column of a filter.
type FinderList struct {
	Values [][2]string `json:"values"` // slug and name
	Of     [][]int     `json:"of"`     // for each video, which of them it has
}

func (s *Site) finder(ed *edition) *Finder {
	if len(ed.videos) == 0 {
		return nil
	}
	return &Finder{Data: escape(ed.join("videos", "find")), Parts: (len(ed.videos) + partVideos - 1) / partVideos}
}

// finderParts are the data files of the index.
func (s *Site) finderParts(ed *edition) (out []Side) {
	n := len(ed.videos)
	for part := 0; part*partVideos < n; part++ {
		// newest first in the edition, oldest first in the file
		videos := slices.Clone(ed.videos[max(0, n-(part+1)*partVideos) : n-part*partVideos])
		slices.Reverse(videos)
		out = append(out, Side{ed.join("videos", "find") + strconv.Itoa(part+1) + ".json", func() any { return s.finderPart(ed, videos) }})
	}
	return out
}

func (s *Site) finderPart(ed *edition, videos []*item) FinderPart {
	p := FinderPart{Filters: map[string]FinderList{}}
	for _, it := range videos {
		c, image, quality := it.card, "", 0
		if c.Image != nil {
			if image = light(c.Image); c.Image.Sizes != "" {
				p.Sizes = c.Image.Sizes // those of every tile
			}
		}
		if it.broadcast() {
			quality = 1
		}
		p.Title, p.URL = append(p.Title, c.Title), append(p.URL, c.URL)
		p.Date, p.When = append(p.Date, it.date.Format("2006-01-02")), append(p.When, c.Date.Text)
		p.Duration, p.Length = append(p.Duration, c.Duration), append(p.Length, c.Length)
		p.Image, p.Badges, p.Quality = append(p.Image, image), append(p.Badges, append([]string{}, c.Badges...)), append(p.Quality, quality)
	}
	if previewed(videos) {
		for _, it := range videos {
			p.Preview = append(p.Preview, it.card.Preview)
		}
	}
	for _, f := range ed.filters {
		if f.key == "year" { // the form asks for days
			continue
		}
		list := FinderList{Values: [][2]string{}}
		local := map[int]int{}
		for _, it := range videos {
			of := []int{}
			for _, i := range f.of[it] {
				n, ok := local[i]
				if !ok {
					n = len(list.Values)
					local[i] = n
					list.Values = append(list.Values, [2]string{f.values[i].slug, f.values[i].name})
				}
				of = append(of, n)
			}
			list.Of = append(list.Of, of)
		}
		p.Filters[f.key] = list
	}
	return p
}

// broadcast tells whether there is a file in broadcast quality: one that says so in its
// name, or one behind the gate, which has nothing else.
func (it *item) broadcast() bool {
	if it.video == nil {
		return false
	}
	return slices.ContainsFunc(it.video.files, func(r rendition) bool {
		return r.Access == "account" || strings.HasPrefix(strings.ToLower(r.Name), "broadcast")
	})
}

// length is a duration in words: "1 minute 12 seconds".
func (ed *edition) length(seconds float64) string {
	n := int(seconds + 0.5)
	var parts []string
	for _, unit := range []struct {
		word string
		n    int
	}{{"hours", n / 3600}, {"minutes", n / 60 % 60}, {"seconds", n % 60}} {
		form := unit.word + "_other"
		if unit.n == 1 {
			form = unit.word + "_one"
		}
		if unit.n > 0 {
			parts = append(parts, strings.Replace(ed.t[form], "%d", strconv.Itoa(unit.n), 1))
		}
	}
	return strings.Join(parts, " ")
}
