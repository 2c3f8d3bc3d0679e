package site

import (
	"cmp"
	"slices"
	"time"

	"pressroom/internal/content"
)

// Held is an item that is not public at the time of the build.
type Held struct {
	Source string    `json:"source"`
	Why    string    `json:"why"`            // "draft", "embargo", "future" or "expired"
	Until  time.Time `json:"until,omitzero"` // when it will be public; zero for drafts and expired items
	URL    string    `json:"-"`              // where it stands, or will
	Title  string    `json:"-"`
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
		f := &p.Doc.Front
		h := decide(p.Doc, in.Now)
		// A translation is never more public than its original: an embargo that was
		// forgotten in one of two files would be no embargo.
		if o := originals[p.Doc.Base]; o != nil && o != p.Doc && o.Kind == p.Doc.Kind {
			if oh := decide(o, in.Now); oh != nil && (h == nil || h.Why != "draft" && oh.Until.After(h.Until)) {
				h = &Held{Source: p.Doc.Path, Why: oh.Why, Until: oh.Until}
			}
		}
		for _, at := range []time.Time{later(f.Embargo.Time, f.Date.Time), f.Expires.Time} {
			if !f.Draft && at.After(in.Now) && (s.Next.IsZero() || at.Before(s.Next)) {
				s.Next = at
			}
		}
		if h != nil {
			h.URL, h.Title = s.itemURL(p.Doc), f.Title
			s.Held = append(s.Held, *h)
		}
		if h == nil || in.Asked.wants(h) {
			open = append(open, released{p, h})
			continue
		}
		s.held[p.Doc.Path] = h
		if p.Doc.Kind == content.VideoItem {
			s.heldIDs[f.ID] = h
		}
	}
	slices.SortFunc(s.Held, func(a, b Held) int { return cmp.Compare(a.Source, b.Source) })
	return open
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

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func (a Asked) wants(h *Held) bool {
	switch h.Why {
	case "draft":
		return a.Drafts
	case "expired":
		return a.Expired
	}
	return a.Future
}
