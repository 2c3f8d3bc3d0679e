package picture

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"

	"pressroom/internal/memo"
)

// Recipe is the edition of what this package makes of pixels. Who changes the bytes of a
// variant counts it up: the names of variants are for ever.
const Recipe = 1

// Dir is where all variants stand, as a path of the site.
const Dir = "/assets/pictures/"

// The card is the size that other sites show of a link, and what the slowest of them
// load.
const (
	CardWidth, CardHeight = 1200, 630
	maxCard               = 120_000 // bytes
)

// Variant is one file made of a picture.
type Variant struct {
	Name          string // of the file, as "harbour-0123456789ab-800.webp"; it changes when the bytes do
	Type          string // media type
	Width, Height int

	format  string // "jpeg", "png", "webp", "avif", "card" or "board"
	encoder *Encoder
	focus   Point
	film    Film // of a board
	cutter  *Cutter
}

// URL is where the variant stands, as a path.
func (v *Variant) URL() string { return Dir + v.Name }

// stored is its name in a store: pictures of one content are made once.
func (v *Variant) stored() string {
	return v.Name[strings.LastIndexByte(v.Name[:strings.LastIndexByte(v.Name, '-')], '-')+1:]
}

// Point is a place in a picture, in parts of its width and height.
type Point struct{ X, Y float64 }

// Middle is where pictures are looked at when nobody says otherwise.
var Middle = Point{0.5, 0.5}

// Shot is a picture, or a film, with the variants that pages want of it. Variants are asked for by one
// goroutine, before any is made.
type Shot struct {
	Path string // of the source, for messages
	Key  memo.Key
	Info Info
	Open func() ([]byte, error)

	variants map[string]*Variant
	making   sync.Mutex
}

// Variants are all that were asked for, by name.
func (s *Shot) Variants() []*Variant {
	out := make([]*Variant, 0, len(s.variants))
	for _, v := range s.variants {
		out = append(out, v)
	}
	slices.SortFunc(out, func(a, b *Variant) int { return cmp.Compare(a.Name, b.Name) })
	return out
}

// Plain is the format in which every browser shows the variants: JPEG, or PNG for a
// drawing.
func (s *Shot) Plain() string {
	if s.Info.Drawing {
		return "png"
	}
	return "jpeg"
}

// Widths are those of sizes that are worth making of the picture, never larger than
// itself; the last is the largest, even if no size names it. One that differs little from
// the largest is left out.
func (s *Shot) Widths(sizes []int) (out []int) {
	top := s.Info.Width
	if n := len(sizes); n > 0 {
		top = min(top, sizes[n-1])
	}
	for _, w := range sizes {
		if w*100 <= top*85 {
			out = append(out, w)
		}
	}
	return append(out, top)
}

// Variant asks for the picture in a width, by an encoder or, with nil, plain.
func (s *Shot) Variant(width int, e *Encoder) *Variant {
	v := &Variant{format: s.Plain(), encoder: e, Width: width, Height: max(1, (s.Info.Height*width+s.Info.Width/2)/s.Info.Width)}
	if e != nil {
		v.format = e.Format
	}
	v.Type = "image/" + v.format
	about := ""
	if e != nil {
		about = e.Name
	}
	return s.ask(v, memo.Hash("variant", Recipe, s.Key, v.format, about), fmt.Sprintf("%d.%s", width, strings.Replace(v.format, "jpeg", "jpg", 1)))
}

// Card asks for the picture as a card, cut around a point of it; nil when it is too small
// to fill one.
func (s *Shot) Card(focus Point) *Variant {
	if s.Info.Width < CardWidth/2 || s.Info.Height < CardHeight/2 {
		return nil
	}
	v := &Variant{format: "card", Type: "image/jpeg", Width: CardWidth, Height: CardHeight, focus: focus}
	return s.ask(v, memo.Hash("card", Recipe, s.Key, focus), "card.jpg")
}

func (s *Shot) ask(v *Variant, key memo.Key, end string) *Variant {
	v.Name = fmt.Sprintf("%s-%s-%s", slug(s.Path), key.String()[:12], end)
	if have := s.variants[v.Name]; have != nil {
		return have
	}
	if s.variants == nil {
		s.variants = map[string]*Variant{}
	}
	s.variants[v.Name] = v
	return v
}

// slug is the name of a file as it can stand in an address, cut where a name is no help
// any more.
func slug(p string) string {
	name := strings.TrimSuffix(path.Base(p), path.Ext(p))
	var b strings.Builder
	for _, r := range strings.ToLower(name) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
		if b.Len() >= 40 {
			break
		}
	}
	return cmp.Or(strings.Trim(b.String(), "-"), "picture")
}
