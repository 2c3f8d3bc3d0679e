package site

import (
	"fmt"
	"path"
	"strconv"
	"strings"

	"pressroom/internal/content"
	"pressroom/internal/memo"
	"pressroom/internal/picture"
	"pressroom/internal/report"
	"pressroom/internal/source"
)

// An article with several photos has an album: a page where desks see them large, with all
// that must be known of each, and take them in the size they need.

const (
	albumPhotos = 2 // from how many photos on
	albumItems  = 24
)

// photo is one photo of an article, resolved.
type photo struct {
	*pic
	small, large *Image
	id           string
	front        *content.Image
	web          *picture.Variant // for the web, nil when the original is all there is
	original     *source.File
}

// hasAlbum can be told before any photo is read: addresses are given then.
func (it *item) hasAlbum() bool {
	return it.doc.Kind == content.NewsItem && !it.gone && len(it.front.Photos) >= albumPhotos
}

// albumURL is the path of the item's album.
func (it *item) albumURL() string {
	return it.beside("photos/")
}

func (s *Site) resolvePhotos(it *item) {
	ids := map[string]int{}
	for i := range it.front.Photos {
		f := &it.front.Photos[i]
		p := s.frontPicture(it.doc, f)
		if p == nil {
			continue
		}
		ph := photo{pic: p, front: f, small: s.at(p, atTile)}
		name := path.Base(f.Src.Value)
		ph.id = content.Slugify(strings.TrimSuffix(name, path.Ext(name)))
		if ids[ph.id]++; ids[ph.id] > 1 {
			ph.id += "-" + strconv.Itoa(ids[ph.id])
		}
		_, ph.original = s.file(it.doc, f.Src.Value, f.Src.Pos)
		if it.hasAlbum() {
			ph.large = s.at(p, atAlbum)
			if p.shot != nil {
				widths := p.shot.Widths(s.cfg.Images.Sizes)
				ph.web = p.shot.Variant(widths[len(widths)-1], nil)
			}
		}
		it.photos = append(it.photos, ph)
	}
}

// photoView is the photo as a page shows it.
func (s *Site) photoView(ed *edition, p photo, i *Image) Photo {
	v := Photo{Image: *i, ID: p.id, Place: p.front.Place, People: p.front.People}
	if !p.front.Date.IsZero() {
		d := s.date(ed, p.front.Date)
		v.Date = &d
	}
	return v
}

// photosOf are the photos of an article; its layout shows the first few of an album.
func (s *Site) photosOf(it *item) (out []Photo, album *Link) {
	for _, p := range it.photos {
		out = append(out, s.photoView(it.ed, p, p.small))
	}
	if it.hasAlbum() {
		album = &Link{Text: fmt.Sprintf(it.ed.t["photos_all"], len(it.photos)), URL: escape(it.albumURL())}
	}
	return out, album
}

// albumRefs are the pages of albums, and the lists of them where there are any: a site
// without photos has no page for them.
func (s *Site) albumRefs() (refs []Ref) {
	for _, ed := range s.langs {
		if len(ed.albums) > 0 {
			refs = append(refs, s.paged(ed.join("photos"), "photos", len(ed.albums), albumItems, func(c cut) any { return s.albumList(ed, c) })...)
		}
		for _, it := range ed.albums {
			refs = append(refs, Ref{URL: it.albumURL(), Layout: "album", Source: it.doc.Path, View: func() any { return s.album(it) }})
		}
	}
	return refs
}

func (s *Site) album(it *item) Album {
	ed := it.ed
	a := Album{Page: s.itemPage(it), Dateline: s.dateline(it), Article: Link{Text: it.front.Title, URL: escape(it.url)}, Rights: s.rights(it)}
	url := it.albumURL()
	a.URL, a.Canonical, a.JSON, a.Section, a.OGType = escape(url), s.absolute(url), escape(jsonURL(url)), "photos", "website"
	a.HeadTitle = ed.t["photos"] + ": " + it.front.Title + " · " + ed.frame.Title
	a.Crumbs = []Link{{Text: ed.t["home"], URL: ed.frame.Home}, {Text: ed.t["photos"], URL: escape(ed.join("photos"))}}
	a.Published, a.Modified = nil, nil
	same := s.translations(it)
	a.Languages = s.switcher(ed, func(i int, o *edition) (string, bool) {
		switch {
		case same[i] != nil && same[i].hasAlbum():
			return same[i].albumURL(), true
		case len(o.albums) > 0:
			return o.join("photos"), false
		}
		return o.join(), false
	})
	if len(it.photos) > 0 {
		a.Image, a.ImageURL = it.photos[0].large, s.cfg.BaseURL+it.photos[0].URL
	}
	a.Zip = s.zipOf(it)
	for i, p := range it.photos {
		v := s.photoView(ed, p, p.large)
		v.Eager = i == 0
		v.Files = s.photoFiles(ed, p)
		a.Photos = append(a.Photos, v)
	}
	return a
}

// photoFiles are the sizes in which a photo can be taken: for the web, without what the
// camera wrote, and the original with its caption, credit and rights in it.
func (s *Site) photoFiles(ed *edition, p photo) (out []PhotoFile) {
	name := func(kind, from string) string { return p.id + "-" + kind + path.Ext(from) }
	size := func(w, h int) string {
		if w == 0 {
			return ""
		}
		return fmt.Sprintf("%d × %d", w, h)
	}
	if v := p.web; v != nil {
		f := PhotoFile{Kind: "web", Label: ed.t["photo_web"], URL: escape(v.URL()), Size: size(v.Width, v.Height), Name: name("web", v.Name)}
		if n := s.bytesOf(p.shot, v); n > 0 {
			f.Bytes = ed.Bytes(n)
		}
		out = append(out, f)
	}
	return append(out, PhotoFile{Kind: "print", Label: ed.t["photo_print"], URL: p.URL, Size: size(p.Width, p.Height), Bytes: ed.Bytes(p.original.Size), Name: name("print", p.URL)})
}

// bytesOf is how many bytes a variant has, which nobody knows before it is made. 0 for one
// that cannot be made: whoever writes it will be told why.
func (s *Site) bytesOf(shot *picture.Shot, v *picture.Variant) int64 {
	n, _ := memo.Do(s.memo, "", memo.Hash("bytes of a variant", v.Name), func() (int64, report.List) {
		n, err := s.pictures.Size(s.ctx, shot, v)
		if err != nil {
			return 0, nil
		}
		return n, nil
	})
	return n
}

func (s *Site) albumList(ed *edition, c cut) List {
	title, summary, body := ed.textOf("photos", ed.t["photos"], "")
	l := List{Kind: "section", Body: body, Pager: ed.pager(c)}
	l.Page = s.listPage(ed, c.path(c.number), title, summary, "photos", "", func(o *edition) (string, bool) {
		if len(o.albums) == 0 {
			return o.join(), false
		}
		return o.join("photos"), c.number == 0
	})
	if c.number > 0 {
		l.Body = Body{}
		l.Crumbs = append(l.Crumbs, Link{Text: title, URL: ed.join("photos")})
	}
	for _, it := range ed.albums[c.from:c.to] {
		l.Albums = append(l.Albums, it.albumCard())
	}
	return l
}

// albumCard is what the list shows of an album.
func (it *item) albumCard() Card {
	c := it.card
	c.URL, c.Kind, c.Label = escape(it.albumURL()), "photos", it.ed.t["photos"]
	c.Badges = []string{fmt.Sprintf(it.ed.t["photos_count"], len(it.photos))}
	if len(it.photos) > 0 {
		c.Image = it.photos[0].small
	}
	return c
}

// NewsroomCard is the card of the pages of one language that have no picture.
type NewsroomCard struct {
	Path, Title, Accent string
	share               *Share
}

// cardOf is an edition's. Its address has what it shows in it, so that it can be kept for
// ever.
func (s *Site) cardOf(ed *edition) NewsroomCard {
	c := NewsroomCard{Title: ed.frame.Title, Accent: s.cfg.Theme.Accent}
	c.Path = fmt.Sprintf("%snewsroom-%s-%s.png", picture.Dir, ed.Lang, memo.Hash("newsroom card", picture.CardRecipe, c.Title, c.Accent).String()[:12])
	c.share = &Share{URL: s.cfg.BaseURL + c.Path, Width: picture.CardWidth, Height: picture.CardHeight, Alt: c.Title}
	return c
}

// Cards are those of all languages.
func (s *Site) Cards() (out []NewsroomCard) {
	for _, ed := range s.langs {
		out = append(out, s.cardOf(ed))
	}
	return out
}
