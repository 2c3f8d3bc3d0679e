package site

import (
	"cmp"
	"errors"
	"html"
	"path"
	"slices"
	"strconv"
	"strings"

	"pressroom/internal/content"
	"pressroom/internal/frame"
	"pressroom/internal/media"
	"pressroom/internal/memo"
	"pressroom/internal/picture"
	"pressroom/internal/report"
	"pressroom/internal/source"
)

// Where a picture can stand. The widths follow the stylesheet: who changes a column there
// changes its line here, or readers load more than they see.
type place struct {
	most  int    // the widest variant that is of use here, 0 for all
	sizes string // how wide it is shown
	eager bool   // it is seen before anything is scrolled
	one   bool   // a single file: a film's poster
}

const column = "(min-width: 64rem) 38.25rem, (min-width: 48rem) calc(92vw - 13.25rem), 92vw"

var (
	atHero     = place{sizes: column, eager: true}
	atBody     = place{sizes: column}
	atLead     = place{sizes: "(min-width: 76rem) 28rem, (min-width: 64rem) calc(46vw - 7.9rem), (min-width: 48rem) calc(92vw - 13.25rem), 92vw", eager: true}
	atAlbum    = place{sizes: "(min-width: 78rem) 58.75rem, (min-width: 48rem) calc(92vw - 13.25rem), 92vw"}
	atTile     = place{most: 800, sizes: "(min-width: 76rem) 18.6rem, (min-width: 64rem) calc(31vw - 5.4rem), (min-width: 48rem) calc(46vw - 7.3rem), (min-width: 32.1rem) 46vw, 92vw"}
	atThumb    = place{most: 400, sizes: "(min-width: 71rem) 12rem, (min-width: 48rem) 17vw, 26vw"}
	atPortrait = place{most: 400, sizes: "(min-width: 48rem) 10.75rem, 9rem"}
	atPoster   = place{most: 1280, one: true}
	atFilm     = place{most: 800, one: true} // a film within a text, which is no wider than that
)

// plainSrc is the width of the variant for browsers that know no srcset.
const plainSrc = 800

// narrowHero is the width, in pixels, below which a picture at the top of an article looks
// soft on the screens that most readers have.
const narrowHero = 1200

// pic is a picture that an open item shows, whatever the place.
type pic struct {
	Image               // the original
	shot  *picture.Shot // nil when it is shown as it is
	focus picture.Point
}

// at is the picture as it stands at a place. Its variants are promised from then on, so it
// is asked for while the site is linked and never later.
func (s *Site) at(p *pic, where place) *Image {
	if p == nil {
		return nil
	}
	i := p.Image
	i.Src, i.Eager = i.URL, where.eager
	if p.shot == nil {
		return &i
	}
	widths := p.shot.Widths(s.cfg.Images.Sizes)
	for len(widths) > 1 && where.most > 0 && widths[len(widths)-1] > where.most {
		widths = widths[:len(widths)-1]
	}
	if where.one {
		i.Src = escape(p.shot.Variant(widths[len(widths)-1], s.webP()).URL())
		return &i
	}
	i.Sizes = where.sizes
	for _, e := range s.encoders() {
		if e.Format == "avif" && p.shot.Info.Drawing {
			continue // it blurs edges, and few of its encoders know transparency
		}
		set, _ := srcset(p.shot, widths, e)
		i.Sources = append(i.Sources, ImageSource{Type: "image/" + e.Format, Srcset: set})
	}
	i.Srcset, i.Src = srcset(p.shot, widths, nil)
	return &i
}

// srcset lists the variants of a picture in one format, with the one for old browsers.
func srcset(shot *picture.Shot, widths []int, e *picture.Encoder) (set, src string) {
	var b strings.Builder
	for n, w := range widths {
		u := escape(shot.Variant(w, e).URL())
		if n > 0 {
			b.WriteString(", ")
		}
		b.WriteString(u + " " + strconv.Itoa(w) + "w")
		if w <= plainSrc || n == 0 {
			src = u
		}
	}
	return b.String(), src
}

// webP is the encoder for what can have no second file for old browsers: those that play
// our films show WebP, which is half of JPEG. Nil is JPEG.
func (s *Site) webP() *picture.Encoder {
	for _, e := range s.encoders() {
		if e.Format == "webp" {
			return e
		}
	}
	return nil
}

// light is the picture in one format, for what a script shows: WebP, which every browser
// that runs our scripts knows, where there is one.
func light(i *Image) string {
	for _, src := range i.Sources {
		if src.Type == "image/webp" {
			return src.Srcset
		}
	}
	return cmp.Or(i.Srcset, i.Src)
}

// encoders are those that this build uses, found when the first picture needs one.
func (s *Site) encoders() []*picture.Encoder {
	s.encodersOnce.Do(func() {
		c := s.cfg.Images
		if c.Encoder == "off" || s.pictures.Plain {
			return
		}
		found, refused := s.pictures.Encoders(s.ctx, c.Formats, s.memo)
		s.found = found
		at := c.Places["encoder"]
		if at.Line == 0 {
			at = s.cfg.Places["images"]
		}
		tell := func(text, hint string) *report.Problem {
			src := report.Source{Path: "site.yaml"}
			if f := s.files.Get("site.yaml"); f != nil && at.Line > 0 {
				src.Text, _ = f.Bytes()
			}
			s.problems.Add(src.At(max(at.Line, 1), max(at.Col, 1), max(at.Len, 1), "encoder", text, hint))
			return &s.problems[len(s.problems)-1]
		}
		for _, r := range refused {
			tell(r, "install another one, or leave the format out of images: {formats: …} in site.yaml").Severity = report.Warning
		}
		for _, f := range c.Formats {
			if c.Encoder == "required" && !slices.ContainsFunc(found, func(e *picture.Encoder) bool { return e.Format == f }) {
				tell("no encoder of "+picture.Name(f)+" on this computer, and site.yaml requires one",
					map[string]string{"webp": "install cwebp (package webp) or ffmpeg", "avif": "install avifenc (package libavif-bin) or ffmpeg"}[f]+", or write encoder: auto")
			}
		}
	})
	return s.found
}

// Encoders are those that the pictures of this site are written by.
func (s *Site) Encoders() []*picture.Encoder { return s.found }

// Shots are all pictures with the variants that pages show, by the path of the source.
func (s *Site) Shots() (out []*picture.Shot) {
	for _, p := range sortedKeys(s.taken) {
		out = append(out, s.taken[p])
	}
	return out
}

// frontPicture resolves a picture of the front matter.
func (s *Site) frontPicture(d *content.Doc, i *content.Image) *pic {
	if i == nil || i.Src.Value == "" {
		return nil
	}
	p, info := s.picture(d, i.Src.Value, i.Src.Pos, i.Alt, i.Caption, i.Credit)
	if p == nil {
		return nil
	}
	if len(i.Focus) == 2 {
		p.focus = picture.Point{X: i.Focus[0], Y: i.Focus[1]}
	}
	s.offerWords(d, i, info)
	return p
}

// offerWords hands the editor what the file itself says and the page does not yet.
func (s *Site) offerWords(d *content.Doc, i *content.Image, info picture.Info) {
	var lacks, paste []string
	offer := func(key, have, found string) {
		if have == "" && found != "" {
			lacks, paste = append(lacks, key), append(paste, key+": "+strconv.Quote(found))
		}
	}
	offer("caption", i.Caption, info.Caption)
	offer("credit", i.Credit, info.Credit)
	if len(lacks) > 0 {
		s.warn(d, i.Src.Pos, "picture-words", "if it is right, add "+strings.Join(paste, ", "), "the file %q has a %s that the page does not show", i.Src.Value, strings.Join(lacks, " and a "))
	}
}

// picture resolves and reads an image.
func (s *Site) picture(d *content.Doc, src string, at position, alt, caption, credit string) (*pic, picture.Info) {
	url, f := s.file(d, src, at)
	if f == nil {
		return nil, picture.Info{}
	}
	if !media.IsPicture(f.Path) {
		s.fail(d, at, "image", "use JPEG, PNG, WebP, AVIF or SVG", "%q is not a picture", src)
		return nil, picture.Info{}
	}
	info, key, err := s.read(f)
	if err != nil {
		hint := ""
		if e := (*picture.Error)(nil); errors.As(err, &e) {
			hint = e.Hint
		}
		s.fail(d, at, "image", hint, "%s: %s", src, err)
		return nil, info
	}
	if info.Moving {
		s.warn(d, at, "animation", "use a video: it is smaller, and readers can stop it", "%q moves, and is shown as it is", src)
	}
	p := &pic{Image: Image{URL: url, Src: url, Width: info.Width, Height: info.Height, Alt: alt, Caption: caption, Credit: credit}, focus: picture.Middle}
	if info.Scales() {
		if p.shot = s.taken[f.Path]; p.shot == nil {
			p.shot = &picture.Shot{Path: f.Path, Key: key, Info: info, Open: f.Bytes}
			s.taken[f.Path] = p.shot
		}
	}
	return p, info
}

// sizeOf is the size of a picture of static/, by its URL; zero when it is missing or cannot
// be measured, which stops no page that has it.
func (s *Site) sizeOf(url string) frame.Size {
	f := s.files.Get("static" + url)
	if f == nil {
		return frame.Size{}
	}
	info, _, err := s.read(f)
	if err != nil || info.Width == 0 || info.Height == 0 {
		return frame.Size{}
	}
	return frame.Size{Width: info.Width, Height: info.Height}
}

type readPicture struct {
	Info      picture.Info
	Err, Hint string
}

func (s *Site) read(f *source.File) (picture.Info, memo.Key, error) {
	key, err := f.Key()
	if err != nil {
		return picture.Info{}, key, err
	}
	r, _ := memo.Do(s.memo, "measure "+f.Path, memo.Hash("picture", path.Ext(f.Path), key), func() (r readPicture, _ report.List) {
		data, err := f.Bytes()
		if err == nil {
			r.Info, err = picture.Read(f.Path, data)
		}
		if err != nil {
			r.Err = err.Error()
		}
		if e := (*picture.Error)(nil); errors.As(err, &e) {
			r.Hint = e.Hint
		}
		return r, nil
	})
	if r.Err != "" {
		return r.Info, key, &picture.Error{Text: r.Err, Hint: r.Hint}
	}
	return r.Info, key, nil
}

// share is the card of a picture, else that of the newsroom.
func (s *Site) share(ed *edition, p *pic) *Share {
	if p != nil && p.shot != nil {
		if v := p.shot.Card(p.focus); v != nil {
			return &Share{URL: s.cfg.BaseURL + escape(v.URL()), Width: v.Width, Height: v.Height, Alt: p.Alt}
		}
	}
	return ed.share
}

// imageTag is a picture of the running text, as layouts/partials/picture.html has it.
func imageTag(i *Image) string {
	var b strings.Builder
	attr := func(name, value string) { b.WriteString(" " + name + `="` + html.EscapeString(value) + `"`) }
	b.WriteString("<picture>")
	for _, src := range i.Sources {
		b.WriteString("<source")
		attr("type", src.Type)
		attr("srcset", src.Srcset)
		attr("sizes", i.Sizes)
		b.WriteString(">")
	}
	b.WriteString("<img")
	attr("src", i.Src)
	if i.Srcset != "" {
		attr("srcset", i.Srcset)
		attr("sizes", i.Sizes)
	}
	attr("alt", i.Alt)
	if i.Width > 0 {
		attr("width", strconv.Itoa(i.Width))
		attr("height", strconv.Itoa(i.Height))
	}
	b.WriteString(` loading="lazy" decoding="async"></picture>`)
	return b.String()
}
