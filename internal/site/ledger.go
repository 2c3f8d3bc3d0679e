package site

import (
	"cmp"

	"pressroom/internal/content"
)

// correctionPages are the ledger of an edition, if there is anything in it.
func (s *Site) correctionPages(ed *edition) []Ref {
	if len(ed.ledger) == 0 {
		return nil
	}
	return s.paged(ed.join("corrections"), "corrections", len(ed.ledger), s.cfg.Paginate, func(c cut) any { return s.ledgerPage(ed, c) })
}

func (s *Site) ledgerPage(ed *edition, c cut) Ledger {
	title, summary, body := ed.textOf("corrections", ed.t["corrections"], ed.t["corrections_text"])
	l := Ledger{Pager: ed.pager(c)}
	l.Page = s.listPage(ed, c.path(c.number), title, summary, "corrections", "corrections", func(o *edition) (string, bool) {
		if len(o.ledger) == 0 {
			return o.join(), false
		}
		return o.join("corrections"), c.number == 0
	})
	if c.number == 0 {
		l.Body = body
	} else {
		l.Crumbs = append(l.Crumbs, Link{Text: title, URL: ed.join("corrections")})
	}
	for _, a := range ed.ledger[c.from:c.to] {
		at := a.at.In(s.cfg.Zone)
		day := content.Date{Time: a.at, Bare: at.Hour() == 0 && at.Minute() == 0} // a ledger at midnight was dated by the day
		l.Entries = append(l.Entries, Amended{
			Correction: Correction{s.date(ed, day), a.kind, cmp.Or(a.note, ed.t["withdrawn_text"])},
			Item:       Link{Text: a.it.front.Title, URL: escape(a.it.url)},
			Label:      ed.label(a.it),
		})
	}
	return l
}

// label is what an item is, in words: "Press release", "Video".
func (ed *edition) label(it *item) string {
	if it.doc.Kind == content.VideoItem {
		return ed.t["video"]
	}
	return ed.t["type_"+under(cmp.Or(it.front.Type, content.Types[0]))]
}
