// Package site links documents into a site.
//
// In go the documents, the configuration, the layouts and the clock; out comes a
// Site: which items are public, every reference resolved, every name a page, and a
// View for each of them. What is not public yet, or no longer, is set aside first,
// by release, before anything is counted, listed or linked; no later step can see it.
// The package writes nothing and formats no file.
package site

import (
	"cmp"
	"context"
	"fmt"
	"path"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"pressroom/internal/config"
	"pressroom/internal/content"
	"pressroom/internal/frame"
	"pressroom/internal/layout"
	"pressroom/internal/locale"
	"pressroom/internal/memo"
	"pressroom/internal/picture"
	"pressroom/internal/report"
	"pressroom/internal/source"
)

// Input is all that a site depends on.
type Input struct {
	Config  *config.Site
	Docs    []content.Parsed
	Files   *source.Tree // the site folder over the theme
	Layouts *layout.Set
	Styles  map[string]frame.Asset // the theme's stylesheets and scripts, by name
	Scripts map[string]frame.Asset
	Now     time.Time
	Asked   Asked
	Memo    *memo.Memo
	Kit     *picture.Kit // makes pictures; nil for one without encoders

	rehearsal bool // only what is wrong is wanted
}

// Asked says which items that are not public were asked for all the same.
type Asked struct{ Drafts, Future, Expired bool }

// Site is a linked site.
type Site struct {
	Held    []Held    // set aside, sorted by source
	Next    time.Time // when the site next changes by itself; zero when never
	Changes []Change  // all that time alone will do, in its order

	ctx          context.Context // of the build, for the programs that pictures and films are made by
	now          time.Time
	cfg          *config.Site
	files        *source.Tree
	layouts      *layout.Set
	styles       map[string]frame.Asset
	scripts      map[string]frame.Asset
	memo         *memo.Memo
	langs        []*edition
	byPath       map[string]*item         // open items by source path
	held         map[string]*Held         // what was set aside, by source path
	heldIDs      map[string]*Held         // and by video id
	withdrawn    map[string]bool          // bases of withdrawn originals: their translations go with them
	known        map[string]bool          // URL paths that lead somewhere
	assets       map[string]*source.File  // files of content/ that open items show, by output path
	usedStatic   map[string]bool          // files of static/ that open items show
	taken        map[string]*picture.Shot // pictures with variants, by source path
	pictures     *picture.Kit
	rehearsal    bool
	found        []*picture.Encoder
	encodersOnce sync.Once
	problems     report.List
}

// edition is the site in one language.
type edition struct {
	*locale.Locale
	prefix string // "" or "/fr"
	first  bool   // the default language
	t      map[string]string
	frame  *editionFrame
	share  *Share // the card of pages without a picture
	lead   *Image // the picture of the newest news, as the home page shows it
	albums []*item

	news   []*item // newest first
	years  []span  // of news
	months []span
	videos []*item
	coming []*item          // news with an event that is not over, the next one first
	past   []*item          // and that is, the last one first
	ledger []amendment      // what was corrected or withdrawn, the newest first
	pages  []*item          // plain pages
	texts  map[string]*item // _index.md by folder
	byBase map[string]*item
	byID   map[string]*item // videos
	terms  map[termKind]*terms

	filters []*filter // of the videos
}

// item is one open document.
type item struct {
	content.Parsed
	doc      *content.Doc
	front    *content.Front
	ed       *edition
	url      string // path, not escaped
	date     time.Time
	held     *Held // set when it is shown only because it was asked for
	gone     bool  // withdrawn: only the tombstone is left
	original *item // of a translated video: whose files it shows

	speakers []*term
	place    *term
	topics   []*term

	card     Card
	pic      *pic
	image    *Image // pic, as its page shows it
	share    *Share
	photos   []photo
	videos   []*item
	related  []*item
	contacts []Contact
	body     Body
	video    *videoParts

	earlier, later *item
	shownIn        []*item // of a video: the articles that show it
}

// New links a site. The problems are complete; with an error among them the site
// must not be published, nor when ctx has ended: what takes long was then left out.
func New(ctx context.Context, in Input) (*Site, report.List) {
	s := &Site{
		ctx: ctx, now: in.Now, cfg: in.Config, files: in.Files, layouts: in.Layouts, styles: in.Styles, scripts: in.Scripts, memo: in.Memo,
		byPath: map[string]*item{}, held: map[string]*Held{}, heldIDs: map[string]*Held{},
		known: map[string]bool{}, assets: map[string]*source.File{}, usedStatic: map[string]bool{},
		taken: map[string]*picture.Shot{}, pictures: in.Kit, rehearsal: in.rehearsal,
	}
	if s.pictures == nil {
		s.pictures = &picture.Kit{}
	}
	open := s.release(in)
	s.editions()
	s.addItems(open)
	s.addTerms()
	s.addFilters()
	s.addURLs()
	s.complete()
	s.resolve()
	s.checkStatic(in.Docs)
	return s, s.problems
}

// Rehearse links the site as it will be when all that is held has been released, and
// returns what will be wrong then and is not wrong today, as warnings: a mistake in an
// embargoed text must not be found at the minute of its release.
func Rehearse(ctx context.Context, in Input, today report.List) report.List {
	in.Asked.Future, in.rehearsal = true, true
	_, coming := New(ctx, in)
	seen := map[report.Problem]bool{}
	for _, p := range today {
		seen[p] = true
	}
	var out report.List
	for _, p := range coming {
		switch {
		case seen[p]:
		case p.Name == "missing-captions": // a warning here, and an error to a check
			out.Add(p)
		case p.Severity == report.Error:
			p.Severity = report.Warning
			p.Hint = strings.TrimPrefix(p.Hint+"; it would stop the build of its release", "; ")
			out.Add(p)
		}
	}
	return out
}

func (s *Site) problem(p report.Problem) { s.problems.Add(p) }

// fail reports a problem at a place in a document. The snippet is read from the
// source only then: a site without mistakes reads nothing twice.
func (s *Site) fail(d *content.Doc, at position, name, hint, format string, args ...any) *report.Problem {
	src := report.Source{Path: d.Path}
	if f := s.files.Get(d.Path); f != nil {
		src.Text, _ = f.Bytes()
	}
	s.problems.Add(src.At(max(at.Line, 1), max(at.Col, 1), max(at.Len, 1), name, fmt.Sprintf(format, args...), hint))
	return &s.problems[len(s.problems)-1]
}

func (s *Site) warn(d *content.Doc, at position, name, hint, format string, args ...any) {
	s.fail(d, at, name, hint, format, args...).Severity = report.Warning
}

// editions prepares one edition per language, with the frame its pages share.
func (s *Site) editions() {
	for i, lang := range s.cfg.Languages {
		ed := &edition{Locale: locale.New(lang), first: i == 0, texts: map[string]*item{}, byBase: map[string]*item{}, byID: map[string]*item{}}
		if i > 0 {
			ed.prefix = "/" + lang
		}
		words, problems := s.layouts.Words(lang)
		ed.t = words
		s.problems.Add(problems...)
		s.checkPlurals(ed)
		ed.frame = s.frame(ed)
		ed.share = s.cardOf(ed).share
		s.langs = append(s.langs, ed)
	}
}

// addItems places every open document in its edition, sorted, newest first.
func (s *Site) addItems(open []released) {
	editions := map[string]*edition{}
	for _, ed := range s.langs {
		editions[ed.Lang] = ed
	}
	s.withdrawn = map[string]bool{}
	for _, r := range open {
		if d := r.doc.Doc; d.Lang == s.cfg.Languages[0] && d.Front.Status == "withdrawn" {
			s.withdrawn[d.Base] = true
		}
	}
	for _, r := range open {
		d := r.doc.Doc
		ed := editions[d.Lang]
		it := &item{Parsed: r.doc, doc: d, front: &d.Front, ed: ed, held: r.held, date: d.Front.Date.In(s.cfg.Zone), gone: s.withdrawn[d.Base] || d.Front.Status == "withdrawn"}
		if first := ed.byBase[d.Base]; first != nil && d.Kind != content.Section {
			s.fail(d, position{}, "same-page", "remove one of them", "%s is the same page in the same language", first.doc.Path)
			continue
		}
		s.byPath[d.Path] = it
		switch d.Kind {
		case content.NewsItem:
			ed.byBase[d.Base] = it
			if it.gone {
				ed.pages = append(ed.pages, it)
			} else {
				ed.news = append(ed.news, it)
			}
		case content.VideoItem:
			ed.byBase[d.Base] = it
			if first := ed.byID[d.Front.ID]; first != nil {
				s.fail(d, d.Front.Places["id"], "same-id", "an id is given once and for ever", "the id %q is also that of %s", d.Front.ID, first.doc.Path)
				continue
			}
			ed.byID[d.Front.ID] = it
			if it.gone {
				ed.pages = append(ed.pages, it)
			} else {
				ed.videos = append(ed.videos, it)
			}
		case content.Section:
			ed.texts[d.Base] = it
		case content.Page:
			ed.byBase[d.Base] = it
			ed.pages = append(ed.pages, it)
		default:
			ed.byBase[d.Base] = it
		}
	}
	s.inherit()
	for _, ed := range s.langs {
		newestFirst(ed.news)
		newestFirst(ed.videos)
		for _, it := range ed.news {
			if it.hasAlbum() {
				ed.albums = append(ed.albums, it)
			}
		}
		ed.years, ed.months = ed.spans("2006"), ed.spans("2006-01")
		s.addEvents(ed)
		ed.ledger = s.amended(ed)
		for i, it := range ed.news {
			if i > 0 {
				it.later = ed.news[i-1]
			}
			if i+1 < len(ed.news) {
				it.earlier = ed.news[i+1]
			}
		}
	}
}

// inherit gives the translation of a video what it leaves out and the original says: a
// film has one length and one shotlist, whatever language its page is in.
func (s *Site) inherit() {
	for _, ed := range s.langs[1:] {
		for _, it := range ed.videos {
			o := s.langs[0].byID[it.front.ID]
			if o == nil || o.gone {
				continue
			}
			f := *it.front // a remembered document is not changed
			f.Video = inherited(f.Video, o.front.Video)
			if len(f.Speakers) == 0 {
				f.Speakers = o.front.Speakers
			}
			if f.Location == nil {
				f.Location = o.front.Location
			}
			if len(f.Topics) == 0 {
				f.Topics = o.front.Topics
			}
			if f.Rights == nil { // a restriction holds in every language
				f.Rights = o.front.Rights
			}
			it.front, it.original = &f, o
		}
	}
}

// inherited returns v with its empty fields taken from o, but for the files: those are
// found once, by the original.
func inherited(v, o content.Video) content.Video {
	o.Poster, o.Captions, o.Renditions = nil, nil, nil
	to, from := reflect.ValueOf(&v).Elem(), reflect.ValueOf(o)
	for i := range to.NumField() {
		if to.Field(i).IsZero() {
			to.Field(i).Set(from.Field(i))
		}
	}
	return v
}

// newestFirst sorts by date; of one instant, by path, so that every machine agrees.
func newestFirst(items []*item) {
	slices.SortFunc(items, func(a, b *item) int {
		return cmp.Or(b.date.Compare(a.date), cmp.Compare(a.doc.Base, b.doc.Base))
	})
}

// translations returns the item in every language that has it, in the site's order.
func (s *Site) translations(it *item) []*item {
	all := make([]*item, len(s.langs))
	for i, ed := range s.langs {
		switch it.doc.Kind {
		case content.Section:
			all[i] = ed.texts[it.doc.Base]
		case content.VideoItem:
			all[i] = ed.byID[it.front.ID]
		default:
			all[i] = ed.byBase[it.doc.Base]
		}
	}
	return all
}

// join puts a URL path of an edition together, with a slash at its end.
func (ed *edition) join(parts ...string) string {
	p := path.Join(append([]string{ed.prefix, "/"}, parts...)...)
	if p == "/" {
		return p
	}
	return p + "/"
}
