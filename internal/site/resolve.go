package site

import (
	"bytes"
	"cmp"
	"html"
	"html/template"
	"path"
	"slices"
	"strings"

	"pressroom/internal/content"
	"pressroom/internal/memo"
	"pressroom/internal/node"
	"pressroom/internal/report"
)

// resolve fills in, for every open item, what its own file could not know.
func (s *Site) resolve() {
	for _, ed := range s.langs {
		for _, it := range ed.all() {
			s.checkHours(it)
			if it.gone {
				it.card = s.card(it)
				continue
			}
			s.resolveFront(it)
			it.card = s.card(it)
		}
		if len(ed.news) > 0 {
			ed.lead = s.at(ed.news[0].pic, atLead)
		}
	}
	s.previews()
	// Bodies last: an embedded video needs its card and its player.
	for _, ed := range s.langs {
		for _, it := range ed.all() {
			if !it.gone {
				it.body = s.body(it)
			}
		}
	}
}

// all is every open document of an edition: items, pages, list texts and profiles.
func (ed *edition) all() []*item {
	out := append(ed.items(), ed.pages...)
	for _, base := range sortedKeys(ed.texts) {
		out = append(out, ed.texts[base])
	}
	for _, base := range sortedKeys(ed.byBase) {
		if it := ed.byBase[base]; it.doc.Kind >= content.SpeakerProfile {
			out = append(out, it)
		}
	}
	return out
}

func (s *Site) resolveFront(it *item) {
	f, d := it.front, it.doc
	it.pic = s.frontPicture(d, f.Image)
	switch {
	case d.Kind == content.NewsItem:
		it.image = s.at(it.pic, atHero)
		if it.pic != nil && it.pic.shot != nil && it.pic.Width < narrowHero {
			s.warn(d, f.Image.Src.Pos, "narrow-picture", "use one of 1600 pixels or more", "%q is %d pixels wide, and stands at the top of a page", f.Image.Src.Value, it.pic.Width)
		}
	case d.Kind >= content.SpeakerProfile:
		it.image = s.at(it.pic, atPortrait)
	default:
		it.image = s.at(it.pic, atBody)
	}
	it.share = s.share(it.ed, it.pic)
	s.resolvePhotos(it)
	for _, v := range f.Videos {
		if to := s.videoItem(it, v.Value, v.Pos); to != nil {
			it.videos = append(it.videos, to)
			to.shownIn = append(to.shownIn, it)
		}
	}
	for _, r := range f.Related {
		if t, ok := s.link(it, r.Value, r.Pos); ok && t.item != nil {
			it.related = append(it.related, t.item)
		} else if ok {
			s.fail(d, r.Pos, "related", "name an article by its .md file", "%q is not an article", r.Value)
		}
	}
	for _, c := range f.Contacts {
		i := slices.IndexFunc(it.ed.frame.allContacts, func(k keyedContact) bool { return k.key == c.Value })
		if i < 0 {
			var keys []string
			for _, k := range it.ed.frame.allContacts {
				keys = append(keys, k.key)
			}
			s.fail(d, c.Pos, "unknown-contact", report.DidYouMean(c.Value, keys), "no contact %q in site.yaml", c.Value)
			continue
		}
		it.contacts = append(it.contacts, it.ed.frame.allContacts[i].Contact)
	}
	if d.Kind == content.VideoItem {
		s.resolveVideo(it)
	}
	if !it.ed.first && d.Kind.Dated() && s.langs[0].byBase[d.Base] == nil {
		s.warn(d, position{}, "orphan-translation", "give both files one name", "there is no original of this translation, content/%s.md", d.Base)
	}
}

// checkHours refuses what an open page says today and dates tomorrow: only an item as a
// whole can wait, and a note that was meant to would be out already.
func (s *Site) checkHours(it *item) {
	out := s.now
	if h := it.held; h != nil {
		if out = h.Until; out.IsZero() { // it has no hour
			return
		}
	}
	refuse := func(key string, at content.Date, what string) {
		if at.After(out) {
			s.fail(it.doc, it.front.Places[key], "future-date", "give it the hour at which it is made; a text that waits has embargo:",
				"%s of %s would be public before its hour", what, at.In(s.cfg.Zone).Format("2006-01-02 15:04"))
		}
	}
	for _, c := range it.front.Corrections {
		refuse("corrections", c.At, "the "+cmp.Or(c.Kind, "correction"))
	}
	if r := it.front.Release; r != nil {
		refuse("release", r.At, "the release")
	}
}

// staticRefs are the places at which a document may name files of static/: every picture,
// caption and film of its own, and whatever its text leads to.
func staticRefs(d *content.Doc) (refs []node.At[string]) {
	f := &d.Front
	images := []*content.Image{f.Image, f.Poster}
	for i := range f.Photos {
		images = append(images, &f.Photos[i])
	}
	for _, i := range images {
		if i != nil {
			refs = append(refs, i.Src)
		}
	}
	for _, c := range f.Captions {
		refs = append(refs, c.File)
	}
	for _, r := range f.Renditions {
		if r.Access != "account" { // else it is named below media/
			refs = append(refs, r.File)
		}
	}
	if f.Transcript != nil {
		refs = append(refs, f.Transcript.File)
	}
	for _, h := range d.Holes {
		refs = append(refs, node.At[string]{Value: h.Dest, Pos: h.Pos})
		for _, name := range sortedKeys(h.Args) {
			refs = append(refs, node.At[string]{Value: h.Args[name], Pos: h.Pos})
		}
	}
	return slices.DeleteFunc(refs, func(r node.At[string]) bool { return !strings.HasPrefix(r.Value, "/") })
}

// inStatic is the file that a link from the top of the site would lead to, or a name that
// no file has.
func inStatic(dest string) string {
	dest, _, _ = strings.Cut(dest, "#")
	dest, _, _ = strings.Cut(dest, "?")
	return "static" + path.Clean(unescaped(dest))
}

// videoItem finds a video by its id, in the reader's language where there is one.
func (s *Site) videoItem(it *item, id string, at position) *item {
	for _, ed := range append([]*edition{it.ed}, s.langs...) {
		if v := ed.byID[id]; v != nil && !v.gone {
			return v
		}
	}
	if s.heldIDs[id] != nil {
		s.warn(it.doc, at, "held-reference", "it will appear with its release", "the video %q is not public yet", id)
		return nil
	}
	var ids []string
	for _, ed := range s.langs {
		ids = append(ids, sortedKeys(ed.byID)...)
	}
	s.fail(it.doc, at, "unknown-video", report.DidYouMean(id, ids), "there is no video %q", id)
	return nil
}

// fill is what goes into one hole of a body.
type fill struct {
	Leave bool // the words stay, the link does not; an embed vanishes
	Open  string
	Close string
	Embed string // name of the layout
	Key   memo.Key
	View  *Embed
}

// body resolves every hole of an item's text and promises the result.
func (s *Site) body(it *item) Body {
	if !it.doc.HasBody {
		return Body{}
	}
	fills := make([]fill, len(it.doc.Holes))
	for i, h := range it.doc.Holes {
		switch h.Kind {
		case content.LinkHole:
			fills[i] = s.fillLink(it, h)
		case content.ImageHole:
			if p, _ := s.picture(it.doc, h.Dest, h.Pos, h.Alt, h.Title, ""); p != nil {
				fills[i].Open = imageTag(s.at(p, atBody))
			}
		case content.EmbedHole:
			fills[i] = s.fillEmbed(it, h)
		}
	}
	file := s.files.Get(it.doc.Path)
	return Body{
		key: memo.Hash("body", it.doc.Key, fills),
		html: func() (template.HTML, error) {
			raw, err := it.HTML(file.Bytes)
			if err != nil || len(fills) == 0 {
				return template.HTML(raw), err
			}
			out, err := content.Fill(raw,
				func(n int) ([]byte, error) { return s.renderFill(fills[n], nil) },
				func(n int, inner []byte) ([]byte, error) { return s.renderFill(fills[n], inner) })
			return template.HTML(out), err
		},
	}
}

func (s *Site) renderFill(f fill, inner []byte) ([]byte, error) {
	switch {
	case f.Embed != "":
		view := *f.View
		view.Inner = template.HTML(inner)
		var b bytes.Buffer
		err := s.layouts.Embed(f.Embed).Execute(&b, view)
		return b.Bytes(), err
	case f.Leave:
		return inner, nil
	}
	return append(append([]byte(f.Open), inner...), f.Close...), nil
}

func (s *Site) fillLink(it *item, h content.Hole) fill {
	t, ok := s.link(it, h.Dest, h.Pos)
	if !ok {
		return fill{Leave: true}
	}
	open := `<a href="` + html.EscapeString(t.url) + `"`
	if t.item != nil && t.item.ed != it.ed {
		open += ` hreflang="` + t.item.ed.Lang + `"`
	}
	if h.Title != "" {
		open += ` title="` + html.EscapeString(h.Title) + `"`
	}
	return fill{Open: open + ">", Close: "</a>"}
}

// embedArgs are the arguments of the built-in embeds; a layout of the site's own may
// take any.
var embedArgs = map[string][]string{
	"video":  {"0", "id", "t", "end", "caption"},
	"quote":  {"0", "by", "role", "source", "lang"},
	"figure": {"0", "src", "alt", "caption", "credit", "title"},
	"notes":  {"0", "title"},
}

func (s *Site) fillEmbed(it *item, h content.Hole) fill {
	l := s.layouts.Embed(h.Name)
	if l == nil {
		s.fail(it.doc, h.Pos, "unknown-embed", report.DidYouMean(h.Name, s.layouts.Embeds()), "there is no embed %q", h.Name)
		return fill{Leave: true}
	}
	if args, ok := embedArgs[h.Name]; ok {
		for _, a := range sortedKeys(h.Args) {
			if !slices.Contains(args, a) {
				s.fail(it.doc, h.Pos, "embed", report.DidYouMean(a, args[1:]), "%s takes no %q", h.Name, a)
			}
		}
	}
	f := fill{Embed: h.Name, Key: l.Key, View: &Embed{T: it.ed.t, Args: h.Args}}
	switch h.Name {
	case "video":
		id := h.Args["id"]
		if id == "" {
			id = h.Args["0"]
		}
		v := s.videoItem(it, id, h.Pos)
		if v == nil {
			return fill{Leave: true}
		}
		f.View.Video = &VideoEmbed{Card: v.card, Player: v.player(it.ed)}
		if v.video != nil {
			f.View.Video.Image = s.at(v.video.pic, atBody)
			if p := f.View.Video.Player; p != nil {
				p.Poster = s.at(v.video.pic, atFilm)
			}
		}
	case "figure":
		src := h.Args["src"]
		if src == "" {
			src = h.Args["0"]
		}
		if h.Args["alt"] == "" {
			s.fail(it.doc, h.Pos, "missing-alt", `add alt="what the picture shows"`, "a figure without alt text")
		}
		if h.Args["credit"] == "" {
			s.fail(it.doc, h.Pos, "missing-credit", `add credit="who made it"`, "a figure without credit")
		}
		p, _ := s.picture(it.doc, src, h.Pos, h.Args["alt"], h.Args["caption"], h.Args["credit"])
		if f.View.Image = s.at(p, atBody); p == nil {
			return fill{Leave: true}
		}
	}
	return f
}
