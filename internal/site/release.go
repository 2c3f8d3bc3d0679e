package site

import (
	"cmp"
	"slices"
	"time"

	"pressroom/internal/content"
)

// Held is an item that is not public at the time of the build.
type Held struct {
	Source  string    `json:"source"`
	Why     string    `json:"why"`            // "draft", "embargo", "future" or "expired"
	Until   time.Time `json:"until,omitzero"` // when it will be public; zero for drafts and expired items
	URL     string    `json:"-"`              // where it stands, or will
	Title   string    `json:"-"`
	Aliases []string  `json:"-"`
}

// released is a document that may be linked.
type released struct {
	doc  content.Parsed
	held *Held // it was asked for, and wears a banner
}

// release decides, in this one place, what may be seen at in.Now. A draft waits for
// its editor, an embargo for its hour, an item dated in the future for its date; what
// has expired is gone. It also finds the next moment at which a decision changes.
func (s *Site) release(in Input) (open []released) {
	originals := map[string]*content.Doc{}
	for _, p := range in.Docs {
		if p.Doc != nil && p.Doc.Lang == s.cfg.Languages[0] {
			originals[p.Doc.Base] = p.Doc
		}
	}
	for _, p := range in.Docs {
		if p.Doc == nil {
			continue
		}
		o := originals[p.Doc.Base]
		h := hold(p.Doc, o, in.Now)
		s.changes(p.Doc, o, in)
		if h != nil {
			h.URL, h.Title = s.itemURL(p.Doc), p.Doc.Front.Title
			for _, a := range p.Doc.Front.Aliases {
				h.Aliases = append(h.Aliases, slashed(a.Value))
			}
			s.Held = append(s.Held, *h)
		}
		if h == nil || in.Asked.Wants(*h) {
			open = append(open, released{p, h})
			continue
		}
		s.held[p.Doc.Path] = h
		if p.Doc.Kind == content.VideoItem {
			s.heldIDs[p.Doc.Front.ID] = h
		}
	}
	slices.SortFunc(s.Held, func(a, b Held) int { return cmp.Compare(a.Source, b.Source) })
	slices.SortFunc(s.Changes, func(a, b Change) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Source, b.Source)) })
	return open
}

// hold says why d may not be seen at now, or nil. A translation is never more public
// than its original o: an embargo that was forgotten in one of two files would be none.
func hold(d, o *content.Doc, now time.Time) *Held {
	h := decide(d, now)
	if o == nil || o == d || o.Kind != d.Kind {
		return h
	}
	oh := decide(o, now)
	if oh == nil || h != nil && (h.Until.IsZero() || !oh.Until.IsZero() && !oh.Until.After(h.Until)) {
		return h
	}
	return &Held{Source: d.Path, Why: oh.Why, Until: oh.Until}
}

func decide(d *content.Doc, now time.Time) *Held {
	f := &d.Front
	switch {
	case f.Draft:
		return &Held{Source: d.Path, Why: "draft"}
	case f.Embargo.After(now):
		return &Held{Source: d.Path, Why: "embargo", Until: later(f.Embargo.Time, f.Date.Time)}
	case f.Date.After(now):
		return &Held{Source: d.Path, Why: "future", Until: f.Date.Time}
	case !f.Expires.IsZero() && !f.Expires.After(now):
		return &Held{Source: d.Path, Why: "expired"}
	}
	return nil
}

// Change is one thing that time alone will do to the site.
type Change struct {
	At     time.Time `json:"at"`
	Change string    `json:"change"` // "appears", "expires" or, of an event, "ends"
	Source string    `json:"source"`
	URL    string    `json:"url"`
	Title  string    `json:"title"`
}

// changes notes what time will do to d after in.Now, and when the site is first seen
// otherwise because of it.
func (s *Site) changes(d, o *content.Doc, in Input) {
	moments := []time.Time{d.Front.Embargo.Time, d.Front.Date.Time, d.Front.Expires.Time}
	if o != nil && o != d {
		moments = append(moments, o.Front.Embargo.Time, o.Front.Date.Time, o.Front.Expires.Time)
	}
	moments = slices.DeleteFunc(moments, func(at time.Time) bool { return !at.After(in.Now) })
	slices.SortFunc(moments, time.Time.Compare)
	for _, at := range slices.CompactFunc(moments, time.Time.Equal) {
		before, after := hold(d, o, at.Add(-1)), hold(d, o, at)
		if in.Asked.looks(before) != in.Asked.looks(after) && (s.Next.IsZero() || at.Before(s.Next)) {
			s.Next = at
		}
		if (before == nil) == (after == nil) {
			continue
		}
		c := Change{at, "appears", d.Path, s.itemURL(d), d.Front.Title}
		if before == nil {
			c.Change = "expires"
		}
		s.Changes = append(s.Changes, c)
	}
	s.eventChange(d, o, in)
}

// eventChange notes when the event of d moves from those to come to those that are past.
func (s *Site) eventChange(d, o *content.Doc, in Input) {
	e := d.Front.Event
	if e == nil || e.Start.IsZero() || d.Kind != content.NewsItem || d.Front.Status == "withdrawn" {
		return
	}
	at := s.eventEnd(e)
	h := hold(d, o, at)
	if !at.After(in.Now) || in.Asked.looks(h) == "hidden" {
		return
	}
	if s.Next.IsZero() || at.Before(s.Next) {
		s.Next = at
	}
	if h == nil {
		s.Changes = append(s.Changes, Change{at, "ends", d.Path, s.itemURL(d), d.Front.Title})
	}
}

// looks is how an item is seen: not at all, with a banner that says why, or as it is.
func (a Asked) looks(h *Held) string {
	switch {
	case h == nil:
		return "public"
	case a.Wants(*h):
		return h.Why
	}
	return "hidden"
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// Wants tells whether an item that is not public was asked for.
func (a Asked) Wants(h Held) bool {
	switch h.Why {
	case "draft":
		return a.Drafts
	case "expired":
		return a.Expired
	}
	return a.Future
}
