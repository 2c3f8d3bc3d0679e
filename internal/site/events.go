package site

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"pressroom/internal/content"
)

// pastEvents is how many past events stand beside the coming ones; the others stand on
// the pages of their years.
const pastEvents = 10

// eventEnd is the moment from which on an event is past. A day ends at midnight; an
// event that does not say when it ends is past when its day is.
func (s *Site) eventEnd(e *content.Event) time.Time {
	end := e.End
	if end.IsZero() {
		end = content.Date{Time: e.Start.Time, Bare: true}
	}
	if !end.Bare {
		return end.Time
	}
	at := end.In(s.cfg.Zone)
	return time.Date(at.Year(), at.Month(), at.Day()+1, 0, 0, 0, 0, s.cfg.Zone)
}

// eventItems are the items with an event, the latest event first.
func (ed *edition) eventItems() (out []*item) {
	for _, it := range ed.news {
		if it.front.Event != nil && !it.front.Event.Start.IsZero() {
			out = append(out, it)
		}
	}
	slices.SortFunc(out, func(a, b *item) int {
		return cmp.Or(b.front.Event.Start.Compare(a.front.Event.Start.Time), cmp.Compare(a.doc.Base, b.doc.Base))
	})
	return out
}

// addEvents parts the events of an edition: those that are not over, the next one
// first, and those that are, the last one first.
func (s *Site) addEvents(ed *edition) {
	for _, it := range ed.eventItems() {
		if s.eventEnd(it.front.Event).After(s.now) {
			ed.coming = append(ed.coming, it)
		} else {
			ed.past = append(ed.past, it)
		}
	}
	slices.Reverse(ed.coming)
}

// eventPages are the calendar and, for what is past, a page for every year: it has no
// event that is still to come, and so changes only when one has ended.
func (s *Site) eventPages(ed *edition) (refs []Ref) {
	refs = append(refs, Ref{URL: ed.join("events"), Layout: "events", View: func() any { return s.events(ed) }})
	years := s.eventYears(ed)
	for i, y := range years {
		refs = append(refs, Ref{URL: ed.join("events", y.name), Layout: "events", View: func() any { return s.eventYear(ed, years, i) }})
	}
	return refs
}

// eventYear is one year's events that are over.
type eventYear struct {
	name  string
	items []*item
}

func (s *Site) eventYears(ed *edition) (years []eventYear) {
	for _, it := range ed.past {
		name := it.front.Event.Start.In(s.cfg.Zone).Format("2006")
		if n := len(years); n == 0 || years[n-1].name != name {
			years = append(years, eventYear{name: name})
		}
		y := &years[len(years)-1]
		y.items = append(y.items, it)
	}
	return years
}

func (s *Site) events(ed *edition) Events {
	title, summary, body := ed.textOf("events", ed.t["events"], "")
	e := Events{Body: body, ICS: ed.join() + "events.ics"}
	e.Page = s.listPage(ed, ed.join("events"), title, summary, "events", "", func(o *edition) (string, bool) { return o.join("events"), true })
	for _, it := range ed.coming {
		e.Coming = append(e.Coming, s.event(it))
	}
	for _, it := range ed.past[:min(pastEvents, len(ed.past))] {
		e.Past = append(e.Past, s.event(it))
	}
	for _, y := range s.eventYears(ed) {
		e.Years = append(e.Years, Link{Text: y.name, URL: ed.join("events", y.name)})
	}
	return e
}

func (s *Site) eventYear(ed *edition, years []eventYear, i int) Events {
	y := years[i]
	e := Events{Year: y.name}
	e.Page = s.listPage(ed, ed.join("events", y.name), ed.t["events"]+", "+y.name, "", "events", "", func(o *edition) (string, bool) {
		if slices.ContainsFunc(s.eventYears(o), func(other eventYear) bool { return other.name == y.name }) {
			return o.join("events", y.name), true
		}
		return o.join("events"), false
	})
	e.Crumbs = append(e.Crumbs, Link{Text: ed.t["events"], URL: ed.join("events")})
	for _, it := range y.items {
		e.Past = append(e.Past, s.event(it))
	}
	link := func(y eventYear) *Link { return &Link{Text: y.name, URL: ed.join("events", y.name)} }
	if i+1 < len(years) {
		e.Earlier = link(years[i+1])
	}
	if i > 0 {
		e.Later = link(years[i-1])
	}
	return e
}

func (s *Site) event(it *item) Event {
	f, ed := it.front, it.ed
	e := f.Event
	out := Event{Title: cmp.Or(e.Title, f.Title), URL: escape(it.url), ICS: escape(beside(it.url, "event.ics")), Start: s.date(ed, e.Start), Place: e.Place,
		Status: cmp.Or(e.Status, "scheduled"), Accreditation: e.Accreditation}
	if out.Place == "" && it.place != nil {
		out.Place = it.place.name
	}
	if out.Email = e.Contact; !strings.Contains(e.Contact, "@") { // the key of a contact
		out.Email = ""
		for _, k := range ed.frame.allContacts {
			if k.key == e.Contact {
				out.Email = k.Email
			}
		}
	}
	if !e.End.IsZero() {
		d := s.date(ed, e.End)

		out.End = &d
	}
	out.Previous = s.maybe(ed, e.Previous, !e.Previous.IsZero())
	return out
}

// beside is the path of a file that belongs to a page.
func beside(page, name string) string {
	if dir, ok := strings.CutSuffix(page, "/"); ok {
		return dir + "/" + name
	}
	return strings.TrimSuffix(page, ".html") + "." + name
}
