package site

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"pressroom/internal/content"
	"pressroom/internal/locale"
)

// How much the lists show. A month stands on one page unless it is very busy.
const (
	homeNews     = 9
	homeVideos   = 4
	homeEvents   = 3
	monthItems   = 100
	videoItems   = 24
	termVideos   = 4
	soonTiles    = 3 // a row at a desk, more than a telephone's screen; static/js/videos.js has the same number
	archiveYears = 60
)

// generated are the pages that no document asks for: home, lists, names, calendar,
// contacts and the like, and the page for what is not there.
func (s *Site) generated() (refs []Ref) {
	for _, ed := range s.langs {
		refs = append(refs,
			Ref{URL: ed.join(), Layout: "home", View: func() any { return s.home(ed) }},
			Ref{URL: ed.join("news"), Layout: "list", View: func() any { return s.newsList(ed) }},
			Ref{URL: ed.join("search"), Layout: "search", View: func() any { return s.search(ed) }},
			Ref{URL: strings.TrimSuffix(ed.join("404.html"), "/"), Layout: "404", View: func() any { return s.notFound(ed) }},
		)
		refs = append(refs, s.archive(ed)...)
		refs = append(refs, s.eventPages(ed)...)
		refs = append(refs, s.correctionPages(ed)...)
		refs = append(refs, s.ownPages(ed)...)
		refs = append(refs, s.paged(ed.join("videos"), "videos", len(ed.videos), videoItems, func(c cut) any { return s.videoList(ed, c) })...)
		for _, kind := range termKinds {
			refs = append(refs, Ref{URL: ed.join(string(kind)), Layout: "index", View: func() any { return s.index(ed, kind) }})
			for _, t := range ed.terms[kind].list {
				refs = append(refs, s.paged(t.url, "list", len(t.news), s.cfg.Paginate, func(c cut) any { return s.termList(ed, t, c) })...)
			}
		}
		refs = append(refs, s.filterRefs(ed)...)
	}
	return refs
}

// cut is one page of a list: its items are [from, to) of the list, newest first.
type cut struct {
	url      string // of the list
	number   int    // of a full page, from the oldest, 1-based; 0 for the newest items
	full     int    // how many numbered pages there are
	from, to int
}

// cuts divides n items into pages of size. They are numbered from the oldest, so that
// a page once full keeps its items for ever; the newest, up to twice size less one,
// stand on the list's own page. One new item then changes one page.
func cuts(url string, n, size int) []cut {
	full := max(0, n/size-1)
	head := cut{url: url, full: full, from: 0, to: n - full*size}
	out := []cut{head}
	for k := full; k >= 1; k-- {
		out = append(out, cut{url: url, number: k, full: full, from: n - k*size, to: n - (k-1)*size})
	}
	return out
}

func (c cut) path(number int) string {
	if number == 0 {
		return c.url
	}
	return c.url + "page/" + strconv.Itoa(number) + "/"
}

func (s *Site) paged(url, layout string, n, size int, view func(cut) any) (refs []Ref) {
	for _, c := range cuts(url, n, size) {
		refs = append(refs, Ref{URL: c.path(c.number), Layout: layout, View: func() any { return view(c) }})
	}
	return refs
}

// pager leads through the pages of a cut list. The page numbers shown are those around
// this one, never a total: a total would change on every page with every item.
func (ed *edition) pager(c cut) *Pager {
	if c.full == 0 {
		return nil
	}
	p := &Pager{}
	switch {
	case c.number == 0:
		p.Older = &Link{Text: ed.t["older"], URL: escape(c.path(c.full))}
		return p
	case c.number == c.full:
		// The newest numbered page leads to the list itself today and to the next
		// page when there is one; both are right for ever, so the list it is.
		p.Newer = &Link{Text: ed.t["newer"], URL: escape(c.url)}
	default:
		p.Newer = &Link{Text: ed.t["newer"], URL: escape(c.path(c.number + 1))}
	}
	if c.number > 1 {
		p.Older = &Link{Text: ed.t["older"], URL: escape(c.path(c.number - 1))}
	}
	for k := max(1, c.number-3); k <= min(c.full, c.number+3); k++ {
		l := Link{Text: strconv.Itoa(k), URL: escape(c.path(k))}
		if k == c.number {
			l.URL = ""
		}
		p.Pages = append(p.Pages, l)
	}
	return p
}

func (s *Site) home(ed *edition) Home {
	title, summary, body := ed.textOf("", ed.frame.Title, ed.frame.Description)
	h := Home{Page: s.page(ed, ed.join(), title, summary, ""), Body: body}
	h.HeadTitle = ed.frame.Title
	h.Languages = s.switcher(ed, func(_ int, o *edition) (string, bool) { return o.join(), true })
	h.Feeds = ed.feedLinks("news", ed.frame.Title+": "+ed.t["news"])
	for i, it := range ed.news {
		if i == 0 {
			lead := it.card
			if ed.lead != nil {
				lead.Image = ed.lead
			}
			h.Lead = &lead
		} else if i <= homeNews {
			h.News = append(h.News, it.card)
		}
	}
	for _, it := range ed.videos[:min(homeVideos, len(ed.videos))] {
		h.Videos = append(h.Videos, it.card)
	}
	for _, it := range ed.coming[:min(homeEvents, len(ed.coming))] {
		h.Coming = append(h.Coming, s.event(it))
	}
	h.Calendar = Link{Text: ed.t["all_events"], URL: ed.join("events")}
	for _, t := range ed.terms[topicKind].list {
		if len(t.news)+len(t.videos) > 0 || len(s.cfg.TopicList) > 0 {
			h.Topics = append(h.Topics, Link{Text: t.name, URL: escape(t.url)})
		}
	}
	h.LD = s.homeLD(ed, &h.Page)
	return h
}

// listPage is the head of a list.
func (s *Site) listPage(ed *edition, url, title, summary, section string, dir string, same func(o *edition) (string, bool)) Page {
	p := s.page(ed, url, title, summary, section)
	p.Languages = s.switcher(ed, func(_ int, o *edition) (string, bool) {
		if o == ed {
			return url, true
		}
		return same(o)
	})
	if dir != "" {
		p.Feeds = ed.feedLinks(dir, ed.frame.Title+": "+title)
	}
	return p
}

func (s *Site) newsList(ed *edition) List {
	title, summary, body := ed.textOf("news", ed.t["news"], "")
	l := List{Kind: "section", Body: body}
	l.Page = s.listPage(ed, ed.join("news"), title, summary, "news", "news", func(o *edition) (string, bool) { return o.join("news"), true })
	l.Days = s.days(ed, ed.news[:min(s.cfg.Paginate, len(ed.news))])
	for _, y := range ed.years {
		l.Archive = append(l.Archive, ed.year(y, true))
	}
	return l
}

// span is the items of one year or month.
type span struct {
	at       time.Time
	from, to int // of ed.news
}

// spans cuts the news, newest first, where form changes: "2006" into years, "2006-01"
// into months.
func (ed *edition) spans(form string) (out []span) {
	for i, it := range ed.news {
		if n := len(out); n == 0 || out[n-1].at.Format(form) != it.date.Format(form) {
			out = append(out, span{it.date, i, i})
		}
		out[len(out)-1].to = i + 1
	}
	return out
}

// year is one row of the archive: the months that have news, and how much. The newest
// month grows with every item and would take the page along, so it is counted only where
// every item changes the page in any case.
func (ed *edition) year(y span, newest bool) Year {
	row := Year{Link: ed.yearLink(y)}
	for i, m := range slices.Backward(ed.months) {
		if m.at.Year() != y.at.Year() {
			continue
		}
		month := Month{Link: Link{Text: upperFirst(ed.MonthName(m.at.Month())), URL: ed.join("news", m.at.Format("2006"), m.at.Format("01"))}}
		if i > 0 || newest {
			month.Count, month.Counted = ed.Number(float64(m.to-m.from), 0), ed.count("items", m.to-m.from)
		}
		row.Months = append(row.Months, month)
	}
	return row
}

func (ed *edition) yearLink(y span) Link {
	return Link{Text: y.at.Format("2006"), URL: ed.join("news", y.at.Format("2006"))}
}

// archive is the pages of years and months.
func (s *Site) archive(ed *edition) (refs []Ref) {
	years, months := ed.years, ed.months
	for i, y := range years {
		refs = append(refs, Ref{URL: ed.join("news", y.at.Format("2006")), Layout: "list", View: func() any { return s.yearList(ed, years, i) }})
	}
	for i, m := range months {
		url := ed.join("news", m.at.Format("2006"), m.at.Format("01"))
		for _, r := range s.paged(url, "list", m.to-m.from, monthItems, func(c cut) any { return s.monthList(ed, months, i, c) }) {
			r.Month = m.at.Format("2006-01")
			refs = append(refs, r)
		}
	}
	return refs
}

func (s *Site) yearList(ed *edition, years []span, i int) List {
	name := years[i].at.Format("2006")
	l := List{Kind: "year", Archive: []Year{ed.year(years[i], false)}}
	l.Page = s.listPage(ed, ed.join("news", name), ed.t["news"]+", "+name, "", "news", "", func(o *edition) (string, bool) {
		return o.sameSpan(o.years, "2006", years[i].at, o.join("news", name), o.join("news"))
	})
	l.Crumbs = append(l.Crumbs, Link{Text: ed.t["news"], URL: ed.join("news")})
	l.Earlier, l.Later = neighbours(years, i, ed.yearLink)
	return l
}

func (s *Site) monthList(ed *edition, months []span, i int, c cut) List {
	m := months[i]
	url := func(m span) string { return ed.join("news", m.at.Format("2006"), m.at.Format("01")) }
	l := List{Kind: "month", Pager: ed.pager(c)}
	l.Page = s.listPage(ed, c.path(c.number), upperFirst(ed.Month(m.at)), "", "news", "", func(o *edition) (string, bool) {
		return o.sameSpan(o.months, "2006-01", m.at, o.join("news", m.at.Format("2006"), m.at.Format("01")), o.join("news"))
	})
	l.Crumbs = append(l.Crumbs, Link{Text: ed.t["news"], URL: ed.join("news")}, ed.yearLink(m))
	l.Days = s.days(ed, ed.news[m.from:m.to][c.from:c.to])
	l.Earlier, l.Later = neighbours(months, i, func(m span) Link { return Link{Text: upperFirst(ed.Month(m.at)), URL: url(m)} })
	return l
}

// sameSpan finds the year or month in another edition.
func (ed *edition) sameSpan(all []span, form string, at time.Time, url, start string) (string, bool) {
	if slices.ContainsFunc(all, func(o span) bool { return o.at.Format(form) == at.Format(form) }) {
		return url, true
	}
	return start, false
}

func neighbours(all []span, i int, link func(span) Link) (earlier, later *Link) {
	if i+1 < len(all) {
		l := link(all[i+1])
		earlier = &l
	}
	if i > 0 {
		l := link(all[i-1])
		later = &l
	}
	return earlier, later
}

// days groups cards under the day they stand for.
func (s *Site) days(ed *edition, items []*item) (out []Day) {
	for _, it := range items {
		d := s.date(ed, content.Date{Time: time.Date(it.date.Year(), it.date.Month(), it.date.Day(), 0, 0, 0, 0, s.cfg.Zone), Bare: true})
		d.ISO = it.date.Format(time.DateOnly)
		if n := len(out); n == 0 || out[n-1].Date != d {
			out = append(out, Day{Date: d})
		}
		out[len(out)-1].Cards = append(out[len(out)-1].Cards, it.card)
	}
	return out
}

func (s *Site) videoList(ed *edition, c cut) List {
	title, summary, body := ed.textOf("videos", ed.t["videos"], "")
	l := List{Kind: "section", Body: body, Pager: ed.pager(c)}
	l.Page = s.listPage(ed, c.path(c.number), title, summary, "videos", "videos", func(o *edition) (string, bool) { return o.join("videos"), c.number == 0 })
	if c.number > 0 {
		l.Body = Body{}
		l.Crumbs = append(l.Crumbs, Link{Text: title, URL: ed.join("videos")})
	}
	l.Videos, l.Previews = tiles(ed.videos[c.from:c.to]), previewed(ed.videos[c.from:c.to])
	if c.number == 0 {
		l.Previews = previewed(ed.videos) // the form finds them all
		l.Filters, l.Finder = ed.filterLinks(), s.finder(ed)
	}
	return l
}

// tiles are the cards of a page that begins with them: the first pictures are on the
// screen at once, and a lazy one would wait until the browser has laid the page out. The
// very first goes before the others, because on a telephone it is the only one in sight.
func tiles(videos []*item) (out []Card) {
	for i, it := range videos {
		c := it.card
		if c.Image != nil && i < soonTiles {
			image := *c.Image
			image.Soon, image.Eager = true, i == 0
			c.Image = &image
		}
		out = append(out, c)
	}
	return out
}

func (s *Site) termList(ed *edition, t *term, c cut) List {
	l := List{Kind: strings.TrimSuffix(string(t.kind), "s"), Pager: ed.pager(c)}
	summary := ""
	if p := t.profile; p != nil {
		summary = cmp.Or(p.front.Summary, p.doc.Lead)
	}
	l.Page = s.listPage(ed, c.path(c.number), t.name, summary, string(t.kind), string(t.kind)+"/"+t.slug, func(o *edition) (string, bool) {
		if u := o.terms[t.kind].bySlug[t.slug]; u != nil {
			return u.url, c.number == 0
		}
		return o.join(string(t.kind)), false
	})
	l.Crumbs = append(l.Crumbs, Link{Text: ed.t[string(t.kind)], URL: ed.join(string(t.kind))})
	l.Days = s.days(ed, t.news[c.from:c.to])
	if c.number > 0 {
		l.Crumbs = append(l.Crumbs, Link{Text: t.name, URL: escape(t.url)})
		return l
	}
	l.Profile = profile(t)
	if t.profile != nil {
		l.Body = t.profile.body
		if i := t.profile.image; i != nil {
			l.Image, l.ImageURL = i, s.cfg.BaseURL+i.URL
			if sh := t.profile.share; sh != nil {
				l.Share = sh
			}
		}
	}
	for _, it := range t.videos[:min(termVideos, len(t.videos))] {
		l.Videos = append(l.Videos, it.card)
	}
	return l
}

func profile(t *term) *Profile {
	p := Profile{Name: t.name, Role: t.role, Organisation: t.organisation, Country: t.country, Geo: geoText(t.geo)}
	if it := t.profile; it != nil {
		f := it.front
		p.Role, p.Organisation, p.Country = cmp.Or(f.Role, p.Role), cmp.Or(f.Organisation, p.Organisation), cmp.Or(f.Country, p.Country)
		if len(f.Geo) == 2 {
			p.Geo = geoText(f.Geo)
		}
		p.Image = it.image
	}
	if p == (Profile{Name: t.name}) {
		return nil
	}
	return &p
}

func geoText(geo []float64) string {
	if len(geo) != 2 {
		return ""
	}
	return fmt.Sprintf("%g,%g", geo[0], geo[1])
}

// index lists all names of a kind: speakers by initial, locations by country, topics as
// they come.
func (s *Site) index(ed *edition, kind termKind) Index {
	title, summary, body := ed.textOf(string(kind), ed.t[string(kind)], "")
	x := Index{Kind: string(kind), Body: body}
	x.Page = s.listPage(ed, ed.join(string(kind)), title, summary, string(kind), "", func(o *edition) (string, bool) { return o.join(string(kind)), true })
	group := func(t *term) string {
		switch kind {
		case speakerKind:
			r := []rune(content.Slugify(surname(t.name)))
			if len(r) == 0 {
				return ""
			}
			return strings.ToUpper(string(r[0]))
		case locationKind:
			if p := t.profile; p != nil && p.front.Country != "" {
				return p.front.Country
			}
			return t.country
		}
		return ""
	}
	list := ed.terms[kind].list
	if kind == locationKind {
		list = slices.Clone(list)
		slices.SortStableFunc(list, func(a, b *term) int { return cmp.Compare(group(a), group(b)) })
	}
	for _, t := range list {
		if n := len(x.Groups); n == 0 || x.Groups[n-1].Name != group(t) {
			x.Groups = append(x.Groups, Group{Name: group(t)})
		}
		e := Entry{Link: Link{Text: t.name, URL: escape(t.url)}}
		if p := profile(t); p != nil && kind == speakerKind {
			e.Note = p.Role
		} else if t.profile != nil && kind == topicKind {
			e.Note = t.profile.front.Summary
		}
		g := &x.Groups[len(x.Groups)-1]
		g.Entries = append(g.Entries, e)
	}
	return x
}

func (s *Site) notFound(ed *edition) NotFound {
	n := NotFound{Page: s.page(ed, strings.TrimSuffix(ed.join("404.html"), "/"), ed.t["not_found"], "", "")}
	n.Canonical, n.JSON, n.Crumbs = "", "", nil // it stands at every address and at none
	if u := ed.join("search"); s.known[u] {
		n.Search = u
	}
	for _, it := range ed.news[:min(5, len(ed.news))] {
		n.News = append(n.News, it.card)
	}
	return n
}

func clockText(seconds float64) string { return locale.Seconds(seconds) }
