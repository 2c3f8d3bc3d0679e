package site

import (
	"cmp"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"

	"pressroom/internal/content"
	"pressroom/internal/report"
)

// termKind is what an item can be found by.
type termKind string

const (
	speakerKind  termKind = "speakers"
	locationKind termKind = "locations"
	topicKind    termKind = "topics"
)

var termKinds = []termKind{speakerKind, locationKind, topicKind}

// terms is all speakers, locations or topics of an edition.
type terms struct {
	kind   termKind
	bySlug map[string]*term
	list   []*term // in the order of the index page
}

// term is one speaker, location or topic, with the items that name it.
type term struct {
	kind    termKind
	slug    string
	name    string
	url     string
	profile *item   // its text, or nil
	news    []*item // newest first
	videos  []*item

	// What the items say of it, where there is no profile.
	role, organisation, country string
	geo                         []float64
}

// spelling is a name as items write it, with the first place it stands.
type spelling struct {
	name  string
	count int
	doc   *content.Doc
	at    position
}

// addTerms collects what items name. A name's slug is that of its profile, the file
// whose title it is, else made of the name itself.
func (s *Site) addTerms() {
	slugs := map[termKind]map[string]string{}
	for _, kind := range termKinds {
		slugs[kind] = s.profileSlugs(kind)
	}
	spellings := map[termKind]map[string]*spelling{speakerKind: {}, locationKind: {}}
	note := func(kind termKind, name string, it *item, at position) string {
		if sp := spellings[kind][name]; sp != nil {
			sp.count++
		} else {
			spellings[kind][name] = &spelling{name, 1, it.doc, at}
		}
		if slug, ok := slugs[kind][name]; ok {
			return slug
		}
		return content.Slugify(name)
	}
	for _, ed := range s.langs {
		ed.terms = map[termKind]*terms{}
		for _, kind := range termKinds {
			ed.terms[kind] = &terms{kind: kind, bySlug: map[string]*term{}}
		}
		s.addDeclaredTopics(ed)
		for _, it := range ed.items() {
			for _, sp := range it.front.Speakers {
				if sp.Name == "" {
					continue
				}
				slug := note(speakerKind, sp.Name, it, sp.Pos)
				t := ed.term(speakerKind, slug, sp.Name)
				if t == nil {
					s.fail(it.doc, sp.Pos, "speaker", "write the name in letters", "no address can be made of %q", sp.Name)
					continue
				}
				t.role, t.organisation = cmp.Or(t.role, sp.Role), cmp.Or(t.organisation, sp.Organisation)
				it.speakers = appendOnce(it.speakers, t)
			}
			if l := it.front.Location; l != nil && l.Name != "" {
				slug := note(locationKind, l.Name, it, l.Pos)
				if t := ed.term(locationKind, slug, l.Name); t != nil {
					t.country = cmp.Or(t.country, l.Country)
					if len(t.geo) == 0 {
						t.geo = l.Geo
					}
					it.place = t
				} else {
					s.fail(it.doc, l.Pos, "location", "write the name in letters", "no address can be made of %q", l.Name)
				}
			}
			for _, topic := range it.front.Topics {
				if t := s.topic(ed, it, topic.Value, topic.Pos); t != nil {
					it.topics = appendOnce(it.topics, t)
				}
			}
			it.enter()
		}
		s.addProfiles(ed)
		for _, kind := range termKinds {
			s.finish(ed, ed.terms[kind], spellings[kind])
		}
	}
	s.compareSpeakers(slices.Collect(maps.Values(spellings[speakerKind])))
	s.compareLocations(slices.Collect(maps.Values(spellings[locationKind])))
}

func appendOnce(list []*term, t *term) []*term {
	if slices.Contains(list, t) {
		return list
	}
	return append(list, t)
}

// items are the news and videos of an edition.
func (ed *edition) items() []*item { return append(slices.Clip(ed.news), ed.videos...) }

// enter puts the item on the pages of all it names; items come newest first.
func (it *item) enter() {
	put := func(t *term) {
		if it.doc.Kind == content.VideoItem {
			t.videos = append(t.videos, it)
		} else {
			t.news = append(t.news, it)
		}
	}
	for _, t := range it.speakers {
		put(t)
	}
	if it.place != nil {
		put(it.place)
	}
	for _, t := range it.topics {
		put(t)
	}
}

func (ed *edition) term(kind termKind, slug, name string) *term {
	if slug == "" {
		return nil
	}
	all := ed.terms[kind]
	t := all.bySlug[slug]
	if t == nil {
		t = &term{kind: kind, slug: slug, name: name, url: ed.join(string(kind), slug)}
		all.bySlug[slug] = t
		all.list = append(all.list, t)
	}
	return t
}

// profileSlugs maps the titles of the profiles of a kind, in all languages, to the
// names of their files.
func (s *Site) profileSlugs(kind termKind) map[string]string {
	slugs := map[string]string{}
	for _, ed := range s.langs {
		for base, it := range ed.byBase {
			if path.Dir(base) == string(kind) && it.front.Title != "" {
				slugs[strings.Join(strings.Fields(it.front.Title), " ")] = element(path.Base(base))
			}
		}
	}
	return slugs
}

// addProfiles gives terms their texts. A person with a profile has a page before the
// first item names them.
func (s *Site) addProfiles(ed *edition) {
	for _, base := range slices.Sorted(maps.Keys(ed.byBase)) {
		kind, it := termKind(path.Dir(base)), ed.byBase[base]
		if ed.terms[kind] == nil || it.doc.Kind < content.SpeakerProfile {
			continue
		}
		slug := element(path.Base(base))
		if kind == topicKind && len(s.cfg.TopicList) > 0 && ed.terms[kind].bySlug[slug] == nil {
			s.fail(it.doc, position{}, "unknown-topic", s.topicHint(ed, slug), "no topic %q in site.yaml", slug)
			continue
		}
		if t := ed.term(kind, slug, it.front.Title); t != nil {
			t.profile = it
			it.url = t.url
			if kind != topicKind || len(s.cfg.TopicList) == 0 {
				t.name = cmp.Or(it.front.Title, t.name)
			}
		}
	}
}

// addDeclaredTopics enters the topics of site.yaml, in its order: they are all there
// are, if there are any.
func (s *Site) addDeclaredTopics(ed *edition) {
	for _, t := range s.cfg.TopicList {
		ed.term(topicKind, content.Slugify(t.Slug), t.Name.In(ed.Lang, s.cfg.Languages...))
	}
}

func (s *Site) topic(ed *edition, it *item, name string, at position) *term {
	if len(s.cfg.TopicList) == 0 {
		t := ed.term(topicKind, content.Slugify(name), strings.Join(strings.Fields(name), " "))
		if t == nil {
			s.fail(it.doc, at, "unknown-topic", "write the name in letters", "no address can be made of the topic %q", name)
		}
		return t
	}
	if t := ed.terms[topicKind].bySlug[content.Slugify(name)]; t != nil {
		return t
	}
	for _, t := range ed.terms[topicKind].list {
		if report.Fold(t.name) == report.Fold(name) {
			return t
		}
	}
	s.fail(it.doc, at, "unknown-topic", s.topicHint(ed, name), "no topic %q in site.yaml", name)
	return nil
}

func (s *Site) topicHint(ed *edition, name string) string {
	var slugs []string
	for _, t := range s.cfg.TopicList {
		slugs = append(slugs, t.Slug)
	}
	return report.DidYouMean(name, slugs)
}

// finish names the terms that have no profile in this language: as the default
// language's profile does, else as most items do; and sorts them for the index.
func (s *Site) finish(ed *edition, all *terms, spellings map[string]*spelling) {
	bySlug := map[string][]*spelling{}
	for _, sp := range spellings {
		slug := content.Slugify(sp.name)
		bySlug[slug] = append(bySlug[slug], sp)
	}
	for _, t := range all.list {
		if t.profile != nil || all.kind == topicKind {
			continue
		}
		if first := s.langs[0]; !ed.first {
			if o := first.terms[all.kind].bySlug[t.slug]; o != nil {
				t.name = o.name
				continue
			}
		}
		if same := bySlug[t.slug]; len(same) > 1 {
			best := slices.MinFunc(same, func(a, b *spelling) int { return cmp.Or(cmp.Compare(b.count, a.count), cmp.Compare(a.name, b.name)) })
			t.name = best.name
			if ed.first {
				for _, sp := range same {
					if sp != best {
						s.warn(sp.doc, sp.at, "similar-name", fmt.Sprintf("write %q everywhere", best.name), "%q is also spelt %q", sp.name, best.name)
					}
				}
			}
		}
	}
	if all.kind == topicKind && len(s.cfg.TopicList) > 0 {
		return // the editor's order
	}
	c := collate.New(language.Make(ed.Lang), collate.IgnoreCase)
	key := func(t *term) string { return t.name }
	if all.kind == speakerKind {
		key = func(t *term) string { return surname(t.name) + " " + t.name }
	}
	slices.SortFunc(all.list, func(a, b *term) int { return cmp.Or(c.CompareString(key(a), key(b)), cmp.Compare(a.slug, b.slug)) })
}

func surname(name string) string {
	f := strings.Fields(name)
	if len(f) == 0 {
		return name
	}
	return f[len(f)-1]
}

// compareSpeakers warns of names that are likely the same person: an initial beside a
// full name of the same surname, or a letter's difference.
func (s *Site) compareSpeakers(all []*spelling) {
	bySurname := map[string][]*spelling{}
	for _, sp := range all {
		k := report.Fold(surname(sp.name))
		bySurname[k] = append(bySurname[k], sp)
	}
	for _, same := range bySurname {
		s.compare(same, func(a, b string) bool {
			return initialOf(a, b) || initialOf(b, a) || near(a, b)
		})
	}
	// A slip in the surname: compare those who share everything else.
	byGiven := map[string][]*spelling{}
	for _, sp := range all {
		given := strings.TrimSuffix(sp.name, surname(sp.name))
		byGiven[report.Fold(given)] = append(byGiven[report.Fold(given)], sp)
	}
	for _, same := range byGiven {
		s.compare(same, func(a, b string) bool { return surname(a) != surname(b) && near(surname(a), surname(b)) })
	}
}

// compareLocations warns of a city beside the same city with its country.
func (s *Site) compareLocations(all []*spelling) {
	byCity := map[string][]*spelling{}
	for _, sp := range all {
		city, _, _ := strings.Cut(sp.name, ",")
		byCity[report.Fold(city)] = append(byCity[report.Fold(city)], sp)
	}
	for _, same := range byCity {
		s.compare(same, func(a, b string) bool {
			return !strings.Contains(a, ",") || !strings.Contains(b, ",")
		})
	}
}

// compare warns of the rarer of each two spellings that alike finds the same.
func (s *Site) compare(all []*spelling, alike func(a, b string) bool) {
	slices.SortFunc(all, func(a, b *spelling) int {
		return cmp.Or(cmp.Compare(b.count, a.count), cmp.Compare(len(b.name), len(a.name)), cmp.Compare(a.name, b.name))
	})
	for i, b := range all {
		for _, a := range all[:i] {
			if content.Slugify(a.name) != content.Slugify(b.name) && alike(a.name, b.name) {
				s.warn(b.doc, b.at, "similar-name", fmt.Sprintf("did you mean %q?", a.name), "%q is much like %q", b.name, a.name)
				break
			}
		}
	}
}

// initialOf tells whether a is b with initials for given names: any initial will do,
// because the one that was typed may itself be the slip.
func initialOf(a, b string) bool {
	given := strings.Fields(strings.TrimSuffix(a, surname(a)))
	if len(given) == 0 || len(strings.Fields(b)) < 2 {
		return false
	}
	for _, g := range given {
		if utf8.RuneCountInString(strings.TrimSuffix(g, ".")) != 1 {
			return false
		}
	}
	return utf8.RuneCountInString(strings.TrimSuffix(strings.Fields(b)[0], ".")) > 1
}

// near tells whether two names of some length differ by a slip: two names of four
// letters that differ by one are two names.
func near(a, b string) bool {
	return min(utf8.RuneCountInString(a), utf8.RuneCountInString(b)) >= 6 && a != b && report.Close(a, b, 1)
}
