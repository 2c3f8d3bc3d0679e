package site

import (
	"cmp"
	"slices"
	"time"

	"pressroom/internal/content"
)

// What was changed, and when, as the texts themselves say: the dates of publication and
// update, the ledgers of corrections, withdrawals. Neither the clock nor an earlier
// build has a say, so that every build of one source tells the same.

// amendment is one entry of the ledger of an item.
type amendment struct {
	it    *item
	at    time.Time
	kind  string // "correction", "clarification", "update" or "withdrawal"
	note  string
	again int // how many entries of the same instant the item has before it
}

// ledger is what an item says was changed. A withdrawn one says that at least.
func (s *Site) ledger(it *item) (out []amendment) {
	withdrawn := false
	for i, c := range it.front.Corrections {
		a := amendment{it: it, at: c.At.Time, kind: cmp.Or(c.Kind, "correction"), note: c.Note}
		for _, before := range it.front.Corrections[:i] {
			if before.At.Equal(c.At.Time) {
				a.again++
			}
		}
		withdrawn = withdrawn || a.kind == "withdrawal"
		out = append(out, a)
	}
	if it.gone && !withdrawn {
		out = append(out, s.withdrawal(it))
	}
	return out
}

// withdrawal is when and why an item was withdrawn: what its ledger says last of it,
// else the time of its last change, or of its original's, with which it went.
func (s *Site) withdrawal(it *item) amendment {
	a := amendment{it: it, at: it.changed().Time, kind: "withdrawal"}
	for _, c := range it.front.Corrections {
		if c.Kind == "withdrawal" {
			a.at, a.note = c.At.Time, c.Note
		}
	}
	if o := s.langs[0].byBase[it.doc.Base]; o != nil && o != it && a.note == "" && o.gone {
		a.at = s.withdrawal(o).at
	}
	return a
}

// amended is the ledger of an edition, the last entry first. Items that are held and
// were asked for are not in it.
func (s *Site) amended(ed *edition) (out []amendment) {
	for _, list := range [][]*item{ed.news, ed.videos, ed.pages} {
		for _, it := range list {
			if it.held == nil && it.doc.Kind.Dated() && (it.gone || len(it.front.Corrections) > 0) {
				out = append(out, s.ledger(it)...)
			}
		}
	}
	slices.SortFunc(out, func(a, b amendment) int {
		return cmp.Or(b.at.Compare(a.at), cmp.Compare(a.it.doc.Base, b.it.doc.Base), cmp.Compare(b.again, a.again))
	})
	return out
}

// maxRevisions is how many changes changes.json tells: weeks of a busy newsroom, and
// small enough to be fetched every minute.
const maxRevisions = 200

// Revisions is changes.json: what mirrors fetch to learn which pages to fetch again.
type Revisions struct {
	Schema  string     `json:"$schema"`
	Changes []Revision `json:"changes"` // the last first
}

// Revision is one change of an article or video.
type Revision struct {
	At       string `json:"at"`
	Kind     string `json:"kind"` // "new", "updated", "corrected" or "withdrawn"
	URL      string `json:"url"`
	Data     string `json:"data"` // its index.json
	Type     string `json:"type"` // "article" or "video"
	Language string `json:"language"`
	Title    string `json:"title"`
	Note     string `json:"note,omitempty"` // of a correction
}

// Revisions returns the last changes of all editions.
func (s *Site) Revisions() Revisions {
	var all []amendment
	var floor time.Time // what is older has no chance
	add := func(a amendment) {
		if a.at.Before(floor) {
			return
		}
		if all = append(all, a); len(all) == 2*maxRevisions {
			all = lastFirst(all)[:maxRevisions]
			floor = all[maxRevisions-1].at
		}
	}
	for _, ed := range s.langs {
		for _, list := range [][]*item{ed.news, ed.videos, ed.pages} {
			for _, it := range list {
				if it.held == nil && it.doc.Kind.Dated() {
					s.revise(it, add)
				}
			}
		}
	}
	all = lastFirst(all)
	out := Revisions{Schema: s.schema(changesSchema), Changes: []Revision{}}
	for _, a := range all[:min(maxRevisions, len(all))] {
		r := Revision{At: s.iso(a.at), Kind: a.kind, URL: s.absolute(a.it.url), Data: s.absolute(jsonURL(a.it.url)), Type: "article", Language: a.it.ed.Lang, Title: a.it.front.Title, Note: a.note}
		if a.it.doc.Kind == content.VideoItem {
			r.Type = "video"
		}
		out.Changes = append(out.Changes, r)
	}
	return out
}

// revise tells the changes of one item. Of a withdrawn one only that is told: the rest
// is no longer there to be fetched.
func (s *Site) revise(it *item, add func(amendment)) {
	if it.gone {
		a := s.withdrawal(it)
		a.kind = "withdrawn"
		add(a)
		return
	}
	released := later(it.date, it.front.Embargo.Time)
	add(amendment{it: it, at: released, kind: "new"})
	updated := it.front.Updated.Time
	for _, a := range s.ledger(it) {
		if a.at.Equal(updated) {
			updated = time.Time{} // it is the same change
		}
		if a.kind == "update" {
			a.kind = "updated"
		} else {
			a.kind = "corrected"
		}
		add(a)
	}
	if updated.After(released) {
		add(amendment{it: it, at: updated, kind: "updated"})
	}
}

func lastFirst(all []amendment) []amendment {
	slices.SortFunc(all, func(a, b amendment) int {
		return cmp.Or(b.at.Compare(a.at), cmp.Compare(a.it.url, b.it.url), cmp.Compare(a.kind, b.kind), cmp.Compare(b.again, a.again))
	})
	return all
}
