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
		if at := changes(p.Doc, o, in); !at.IsZero() && (s.Next.IsZero() || at.Before(s.Next)) {
			s.Next = at
		}
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
	return open
}

// hold says why d may not be seen at now, or nil. A translation is never more public
// than its original o: an embargo that was forgotten in one of two files would be none.
func hold(d, o *content.Doc, now time.Time) *Held {
	h := decide(d, now)
	if o == nil || o == d || o.Kind != d.Kind {
		return h
	}
	if oh := decide(o, now); oh != nil && (h == nil || h.Why != "draft" && oh.Until.After(h.Until)) {
		return &Held{Source: d.Path, Why: oh.Why, Until: oh.Until}
	}
	return h
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

// changes is the first moment after now at which d is seen otherwise, or zero.
func changes(d, o *content.Doc, in Input) (first time.Time) {
	seen := func(at time.Time) string {
		switch h := hold(d, o, at); {
		case h == nil:
			return "public"
		case in.Asked.Wants(*h):
			return h.Why // with a banner that says so
		}
		return "hidden"
	}
	moments := []time.Time{d.Front.Embargo.Time, d.Front.Date.Time, d.Front.Expires.Time}
	if o != nil && o != d {
		moments = append(moments, o.Front.Embargo.Time, o.Front.Date.Time, o.Front.Expires.Time)
	}
	today := ""
	for _, at := range moments {
		if !at.After(in.Now) || !first.IsZero() && !at.Before(first) {
			continue
		}
		if today == "" {
			today = seen(in.Now)
		}
		if seen(at) != today {
			first = at
		}
	}
	return first
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
