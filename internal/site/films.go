package site

import (
	"path"
	"strings"
	"unicode"

	"pressroom/internal/content"
	"pressroom/internal/media"
	"pressroom/internal/memo"
	"pressroom/internal/report"
	"pressroom/internal/source"
)

// videoParts are the files of a video, resolved.
type videoParts struct {
	pic     *pic
	frame   *photo // pic, among the stills
	poster  *Image // pic, as the player shows it before it plays
	still   *Image // and where nothing plays
	share   *Share
	sources []rendition // what plays in a page
	tracks  []track
	files   []rendition
}

// track is one caption file with its words.
type track struct {
	url, lang string
	cues      []media.Cue
}

// rendition is one file to download, open or gated.
type rendition struct {
	content.Rendition
	url   string
	bytes int64
	sha   string
	typ   string
	key   string       // of a gated file: its path below the folder of masters, or object key
	file  *source.File // nil when another host has it
}

func (s *Site) resolveVideo(it *item) {
	f, d := it.front, it.doc
	v := &videoParts{pic: s.frontPicture(d, f.Poster)}
	it.video = v
	if it.original != nil {
		s.takeFiles(it)
	}
	if v.pic != nil && f.Poster != nil {
		if _, file := s.file(d, f.Poster.Src.Value, f.Poster.Src.Pos); file != nil {
			v.frame = &photo{pic: v.pic, front: f.Poster, id: "poster", original: file}
		}
	}
	v.poster, v.still, v.share = s.at(v.pic, atPoster), s.at(v.pic, atAlbum), s.share(it.ed, v.pic)
	if len(f.Captions) == 0 && len(v.tracks) == 0 && f.CaptionsWaiver == "" {
		s.warn(d, position{}, "missing-captions", "add captions: [{file: en.vtt, language: en}], or captions-waiver: with the reason", "a video without captions")
	}
	for _, c := range f.Captions {
		url, file := s.file(d, c.File.Value, c.File.Pos)
		if file == nil {
			continue
		}
		if c.Language == "" {
			s.fail(d, c.File.Pos, "captions", "add language: en", "captions without a language")
		}
		v.tracks = append(v.tracks, track{url, c.Language, s.cues(file)})
	}
	for _, r := range f.Renditions {
		if x, ok := s.rendition(it, r); ok {
			v.files = append(v.files, x)
			if r.Access == "public" && (x.typ == "video/mp4" || x.typ == "video/webm") {
				v.sources = append(v.sources, x)
			}
		}
	}
	if it.original == nil {
		s.checkSoundbites(it)
	}
	if twin := d.Front.Twin; twin != "" && it.ed.byID[twin] == nil && s.heldIDs[twin] == nil && s.langs[0].byID[twin] == nil {
		s.fail(d, f.Places["twin"], "unknown-video", report.DidYouMean(twin, sortedKeys(s.langs[0].byID)), "there is no video %q", twin)
	}
}

// takeFiles gives a translated video the files of its original that it names none of
// its own for. A gated one leads back to the page it was found on.
func (s *Site) takeFiles(it *item) {
	v, o := it.video, it.original.video
	if o == nil {
		return
	}
	if v.pic == nil {
		v.pic, v.frame = o.pic, o.frame
	}
	if len(it.front.Captions) == 0 {
		v.tracks = o.tracks
	}
	if len(it.front.Renditions) == 0 {
		v.sources = o.sources
		for _, r := range o.files {
			if r.Access == "account" {
				r.url = it.downloadURL(r.Name)
			}
			v.files = append(v.files, r)
		}
	}
}

// downloadURL is where the gate hands out a rendition, and where it leads back to.
func (it *item) downloadURL(rendition string) string {
	return "/download/" + it.front.ID + "/" + rendition + "?return=" + escape(it.url)
}

// cues reads a caption file; its mistakes are told once, however many videos use it.
func (s *Site) cues(f *source.File) []media.Cue {
	key, err := f.Key()
	if err != nil {
		s.problem(report.Problem{Path: f.Path, Name: "captions", Text: err.Error()})
		return nil
	}
	cues, problems := memo.Do(s.memo, "captions "+f.Path, memo.Hash("captions", f.Path, key), func() ([]media.Cue, report.List) {
		data, err := f.Bytes()
		if err != nil {
			return nil, report.List{{Path: f.Path, Name: "captions", Text: err.Error()}}
		}
		return media.ReadVTT(f.Path, data)
	})
	s.problems.Add(problems...)
	return cues
}

// rendition finds the file of a rendition: an open one beside the page, a gated one
// among the masters, whose path no open page ever shows.
func (s *Site) rendition(it *item, r content.Rendition) (rendition, bool) {
	d, at := it.doc, r.File.Pos
	x := rendition{Rendition: r, typ: media.Type(r.File.Value), bytes: int64(r.Bytes), sha: strings.ToLower(r.SHA256)}
	var f *source.File
	switch {
	case r.File.Value == "" || r.Access == "":
		return x, false // told by content
	case r.Access == "account" && s.cfg.Gate.Disabled:
		s.fail(d, r.Pos, "rendition", "set access: public, or enable the gate in site.yaml", "the rendition %q needs an account, and this site has no gate", r.Name)
		return x, false
	case r.Access == "account":
		if s.beside(d, r.File.Value) != nil && s.master(r.File.Value) == nil {
			s.fail(d, at, "rendition", "move it to media/", "the master %q lies among the open files", r.File.Value)
			return x, false
		}
		x.key = strings.TrimPrefix(path.Clean("/"+r.File.Value), "/")
		x.url = it.downloadURL(r.Name)
		f = s.master(r.File.Value)
		if f == nil && (s.cfg.Media.Store == "" || x.bytes == 0 || x.sha == "") {
			hint := "put it there"
			if s.cfg.Media.Store != "" {
				hint = "a file in the object store needs bytes: and sha256:"
			}
			s.fail(d, at, "missing-file", hint, "there is no file %q", "media/"+x.key)
			return x, false
		}
	case strings.HasPrefix(r.File.Value, "https://"):
		x.url = r.File.Value // an open file that another host of ours delivers
		return x, true
	default:
		x.url, f = s.file(d, r.File.Value, at)
		if f == nil {
			return x, false
		}
	}
	if f == nil || s.ctx.Err() != nil { // to hash a master can take a while
		return x, true
	}
	key, err := f.Key()
	if err != nil {
		s.fail(d, at, "missing-file", "check the file", "%s", err)
		return x, false
	}
	const computed = "leave it out, because it is computed; or put the right file there"
	if x.bytes != 0 && x.bytes != f.Size {
		s.fail(d, r.Places["bytes"], "rendition", computed, "bytes is %d, and %q has %d", x.bytes, r.File.Value, f.Size)
		return x, false
	}
	if x.sha != "" && x.sha != key.String() {
		s.fail(d, r.Places["sha256"], "rendition", computed, "sha256 is %s, and %q has %s", x.sha, r.File.Value, key)
		return x, false
	}
	x.bytes, x.sha, x.file = f.Size, key.String(), f
	return x, true
}

// master is a file of the folder of masters.
func (s *Site) master(name string) *source.File { return master(s.files, name) }

func master(files *source.Tree, name string) *source.File {
	return files.Get(path.Join("media", path.Clean("/"+name)))
}

// Masters are the files that documents name as gated renditions: what is large in a
// newsroom, and has to be read once for its hash.
func Masters(files *source.Tree, docs []content.Parsed) (out []*source.File) {
	seen := map[*source.File]bool{}
	for _, d := range docs {
		if d.Doc == nil {
			continue
		}
		for _, r := range d.Doc.Front.Renditions {
			if f := master(files, r.File.Value); r.Access == "account" && f != nil && !seen[f] {
				seen[f] = true
				out = append(out, f)
			}
		}
	}
	return out
}

// Film is a rendition whose file lies here, with the document that describes it.
type Film struct {
	Doc *content.Doc
	content.Rendition
	File *source.File
}

// Films are those of all documents, whether they are public or not: what is wrong with
// a master is better found before its hour.
func (s *Site) Films(docs []content.Parsed) (out []Film) {
	for _, p := range docs {
		if p.Doc == nil || p.Doc.Kind != content.VideoItem {
			continue
		}
		for _, r := range p.Doc.Front.Renditions {
			var f *source.File
			switch name := r.File.Value; {
			case r.Access == "account":
				f = s.master(name)
			case strings.HasPrefix(name, "/"):
				f = s.files.Get("static" + path.Clean(name))
			case name != "" && !strings.Contains(name, "://"):
				f = s.beside(p.Doc, name)
			}
			if f != nil {
				out = append(out, Film{p.Doc, r, f})
			}
		}
	}
	return out
}

// checkSoundbites wants the words of a soundbite to occur in the captions of its
// language: a desk quotes from the shotlist.
func (s *Site) checkSoundbites(it *item) {
	for _, shot := range it.front.Shotlist {
		b := shot.Soundbite
		if b == nil || b.Verbatim == "" {
			continue
		}
		for _, t := range it.video.tracks {
			if t.lang != b.Language {
				continue
			}
			var words strings.Builder
			for _, c := range t.cues {
				words.WriteString(c.Text + " ")
			}
			if !strings.Contains(bare(words.String()), bare(b.Verbatim)) {
				s.warn(it.doc, it.front.Places["shotlist"], "soundbite", "quote what was said, word for word", "the words of %s at %s are not in the captions", b.Speaker, shot.In.Text)
			}
		}
	}
}

// bare is the letters and digits of a text, to compare words without their signs.
func bare(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}
