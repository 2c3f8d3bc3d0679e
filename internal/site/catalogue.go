package site

import (
	"cmp"
	"path"
	"slices"
	"strings"
	"time"

	"pressroom/internal/catalogue"
	"pressroom/internal/content"
	"pressroom/internal/media"
)

// Catalogue is what the gate may hand out: the gated files of every video that is not a
// draft, expired or withdrawn, those under embargo with the hour from which on. A
// translation adds the files that it alone names, and goes with its original.
func (s *Site) Catalogue(docs []content.Parsed) *catalogue.File {
	held := map[string]*Held{} // those that were asked for too
	for _, h := range s.Held {
		held[h.Source] = &h
	}
	c := &catalogue.File{Version: catalogue.Version, Downloads: []catalogue.Download{}}
	listed, originals := map[string]bool{}, map[string]*content.Doc{}
	for _, p := range s.byLanguage(docs) {
		d := p.Doc
		o := cmp.Or(originals[d.Base], d)
		originals[d.Base] = o
		h := held[d.Path]
		if d.Kind != content.VideoItem || d.Front.Status == "withdrawn" || o.Front.Status == "withdrawn" || h != nil && h.Until.IsZero() {
			continue
		}
		for _, r := range d.Front.Renditions {
			id := d.Front.ID + "/" + r.Name
			if r.Access != "account" || listed[id] {
				continue
			}
			listed[id] = true
			e := catalogue.Download{
				ID: id, Title: d.Front.Title, Page: s.itemURL(d), Access: r.Access,
				File: strings.TrimPrefix(path.Clean("/"+r.File.Value), "/"), Type: media.Type(r.File.Value),
				Bytes: int64(r.Bytes), SHA256: strings.ToLower(r.SHA256), NotAfter: sooner(d.Front.Expires.Time, o.Front.Expires.Time),
			}
			if h := s.held[d.Path]; h != nil {
				e.NotBefore = h.Until
			}
			if f := s.master(r.File.Value); f != nil {
				if key, err := f.Key(); err == nil {
					e.Bytes, e.SHA256 = f.Size, key.String()
				}
			}
			c.Downloads = append(c.Downloads, e)
		}
	}
	slices.SortFunc(c.Downloads, func(a, b catalogue.Download) int { return cmp.Compare(a.ID, b.ID) })
	return c
}

// sooner is the earlier of two times that may be missing.
func sooner(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// byLanguage is the documents in the order of the site's languages: originals first.
func (s *Site) byLanguage(docs []content.Parsed) (out []content.Parsed) {
	for _, lang := range s.cfg.Languages {
		for _, p := range docs {
			if p.Doc != nil && p.Doc.Lang == lang {
				out = append(out, p)
			}
		}
	}
	return out
}
