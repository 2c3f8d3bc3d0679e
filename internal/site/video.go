package site

import (
	"cmp"
	"fmt"
	"math"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"pressroom/internal/catalogue"
	"pressroom/internal/content"
	"pressroom/internal/locale"
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
func (s *Site) master(name string) *source.File {
	return s.files.Get(path.Join("media", path.Clean("/"+name)))
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

// player is the video as it plays in a page of an edition.
func (it *item) player(ed *edition) *Player {
	if it.video == nil {
		return nil
	}
	p := &Player{Title: it.front.Title, Poster: it.video.poster}
	var film []rendition
	for _, r := range it.video.sources {
		if r.Version == "" {
			film = append(film, r)
		} else {
			p.Versions = append(p.Versions, Source{URL: r.url, Type: r.typ, Label: ed.t["version_"+under(r.Version)]})
		}
	}
	if len(film) == 0 {
		return nil
	}
	p.Sources = bySize(film)
	for _, t := range it.video.tracks {
		p.Tracks = append(p.Tracks, Track{URL: t.url, Lang: t.lang, Label: ed.Language(t.lang), Default: t.lang == ed.Lang})
	}
	if len(it.front.Chapters) > 0 {
		p.Chapters = escape(it.url) + "chapters.vtt"
	}
	return p
}

// screens are the widths, in CSS pixels, from which on a film of a height is worth its
// bytes. The smallest one there is plays everywhere.
var screens = []struct{ height, width int }{{1440, 1920}, {1080, 1280}, {720, 768}, {0, 480}}

// bySize orders the files of a film so that a browser, which takes the first that it
// can play, takes the one that fits its screen.
func bySize(film []rendition) (out []Source) {
	film = slices.Clone(film)
	slices.SortStableFunc(film, func(a, b rendition) int { return cmp.Compare(b.Height, a.Height) })
	smallest := film[len(film)-1].Height
	for _, r := range film {
		src := Source{URL: r.url, Type: r.typ}
		if r.Height > smallest {
			for _, s := range screens {
				if r.Height >= s.height {
					src.Media = fmt.Sprintf("(min-width: %dpx)", s.width)
					break
				}
			}
		}
		out = append(out, src)
	}
	return out
}

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

// purposes maps the first part of a rendition's name to what it is for.
var purposes = []string{"broadcast", "web", "social", "audio"}

func (s *Site) videoView(it *item) Video {
	f, ed := it.front, it.ed
	v := Video{
		Page: s.itemPage(it), Dateline: s.dateline(it), ID: f.ID, Genre: ed.t["genre_"+under(f.Genre)], Kind: f.Genre, Slugline: f.Slugline, Source: f.Source, Body: it.body,
		Player: it.player(ed), Clean: f.Clean, Rights: s.rights(it), Contacts: it.contacts, Corrections: s.corrections(it), Params: f.Params,
	}
	v.OGType = "video.other"
	if !f.Recorded.IsZero() {
		d := s.date(ed, f.Recorded)
		v.Recorded = &d
	}
	if f.Duration.Set {
		v.Duration, v.Seconds = locale.Seconds(f.Duration.At(25)), f.Duration.At(25)
	}
	if a := f.Audio; a != nil {
		for _, l := range a.Languages {
			v.Audio = append(v.Audio, upperFirst(ed.Language(l)))
		}
		if a.NaturalSound {
			v.Audio = append(v.Audio, ed.t["natural_sound"])
		}
		if a.VoiceOver {
			v.Audio = append(v.Audio, ed.t["voice_over"])
		}
	}
	if twin := ed.byID[f.Twin]; twin != nil && f.Twin != "" {
		v.Twin = &Link{Text: twin.front.Title, URL: escape(twin.url)}
	}
	tracks := it.tracks()
	for i, t := range tracks {
		v.Transcript = append(v.Transcript, transcript(it, t, i == 0))
	}
	there := places(v.Transcript)
	for _, c := range f.Chapters {
		at := c.At.At(25)
		v.Chapters = append(v.Chapters, Chapter{c.Title, locale.Seconds(at), whole(at), v.jump(there, at, 0)})
	}
	v.Shots = s.shots(it, &v, there)
	for _, t := range tracks {
		name, own := upperFirst(ed.Language(t.lang)), it.sideOf(t)
		v.Captions = append(v.Captions, Link{Text: name + ", WebVTT", URL: t.url})
		v.SubRip = append(v.SubRip, Link{Text: name + ", SubRip", URL: own + "captions." + t.lang + ".srt"})
		v.Texts = append(v.Texts, Link{Text: ed.t["transcript"] + ", " + name, URL: own + "transcript." + t.lang + ".txt"})
	}
	if len(v.Shots) > 0 {
		v.Texts = append(v.Texts, Link{Text: ed.t["shotlist"], URL: escape(it.url) + "shotlist.txt"})
	}
	for _, p := range it.photos {
		v.Stills = append(v.Stills, s.photoView(ed, p, p.small))
	}
	v.Zip = s.zipOf(it)
	for _, r := range it.video.files {
		v.Renditions = append(v.Renditions, ed.download(r))
	}
	for _, a := range it.shownIn {
		if a.ed == ed && a.doc.Kind == content.NewsItem {
			v.News = append(v.News, a.card)
		}
	}
	if v.Player != nil {
		v.Embed = s.embedCode(it)
	}
	v.LD = s.videoLD(it, &v)
	return v
}

func (s *Site) shots(it *item, v *Video, there []int) (out []Shot) {
	ed := it.ed
	for _, x := range it.front.Shotlist {
		in := x.In.At(25)
		end := math.Ceil(in + x.Dur.At(25))
		shot := Shot{In: x.In.Text, Seconds: whole(in), End: whole(end), Link: v.jump(there, in, end), Duration: x.Dur.Text,
			Size: x.Shot, Text: x.Text, NatSound: x.NatSound, Restrictions: x.Restrictions}
		if b := x.Soundbite; b != nil {
			shot.Soundbite = &Soundbite{b.Speaker, b.Role, b.Organisation, upperFirst(ed.Language(b.Language)), b.Language, b.Verbatim, b.Translation[ed.Lang], ""}
			who := strings.Join(slices.DeleteFunc([]string{b.Speaker, b.Role, b.Organisation}, func(s string) bool { return s == "" }), ", ")
			shot.Soundbite.Quote = fmt.Sprintf("%s\n%s\n%s, %s\n%s?t=%s&end=%s", fmt.Sprintf(ed.t["quoted"], b.Verbatim), who,
				it.front.ID, locale.Seconds(float64(int(in))), s.absolute(it.url), shot.Seconds, shot.End)
		}
		out = append(out, shot)
	}
	return out
}

// jump is a link that plays the video from a time, up to another one if that is not 0.
// Without scripts it leads to what is said then.
func (v *Video) jump(there []int, from, to float64) string {
	link := ""
	if v.Player != nil {
		link = "?t=" + whole(from)
		if to > 0 {
			link += "&end=" + whole(to)
		}
	}
	if len(there) > 0 {
		i, same := slices.BinarySearch(there, int(from))
		if !same {
			i = max(0, i-1)
		}
		link += "#t" + strconv.Itoa(there[i])
	}
	return link
}

// places are the seconds that a page has an anchor for.
func places(all []Transcript) (seconds []int) {
	if len(all) > 0 {
		for _, c := range all[0].Cues {
			if n, err := strconv.Atoi(c.Seconds); err == nil && c.ID != "" {
				seconds = append(seconds, n)
			}
		}
	}
	return seconds
}

// tracks are the caption files, one for each language, the page's own first.
func (it *item) tracks() (out []track) {
	for _, t := range it.video.tracks {
		if slices.ContainsFunc(out, func(o track) bool { return o.lang == t.lang }) {
			continue
		}
		if t.lang == it.ed.Lang {
			out = slices.Insert(out, 0, t)
		} else {
			out = append(out, t)
		}
	}
	return out
}

// transcript turns captions into words to read: a speaker's name where it changes. The
// first one has the anchors t83; the others' have the language behind them.
func transcript(it *item, t track, first bool) Transcript {
	out := Transcript{Lang: t.lang, Name: upperFirst(it.ed.Language(t.lang)), Note: it.provenance()}
	suffix := ""
	if !first {
		suffix = "-" + t.lang
	}
	speaker, second := "", -1
	for _, c := range t.cues {
		cue := Cue{Time: locale.Seconds(float64(int(c.Start))), Seconds: whole(c.Start), Text: c.Text, Start: c.Start, End: c.End, Name: c.Speaker}
		id := "t" + cue.Seconds + suffix
		if cue.Link = "#" + id; it.plays() {
			cue.Link = "?t=" + cue.Seconds + cue.Link
		}
		if int(c.Start) != second { // one second, one anchor
			cue.ID, second = id, int(c.Start)
		}
		if c.Speaker != speaker {
			cue.Speaker, speaker = c.Speaker, c.Speaker
		}
		out.Cues = append(out.Cues, cue)
	}
	return out
}

// provenance says where the words of the captions come from, if that must be said.
func (it *item) provenance() string {
	f := it.front.Transcript
	switch {
	case f == nil || f.Origin != "machine":
		return ""
	case f.CheckedBy != "":
		return it.ed.t["transcript_checked"]
	}
	return it.ed.t["transcript_machine"]
}

// download is one row of the download table.
func (ed *edition) download(r rendition) Rendition {
	out := Rendition{Name: r.Name, Gated: r.Access == "account", URL: r.url, SHA256: r.sha, Bitrate: r.Bitrate}
	first, _, _ := strings.Cut(strings.ToLower(r.Name), "-")
	for _, p := range purposes {
		if first == p || strings.HasPrefix(first, p) {
			out.Purpose = ed.t["purpose_"+p]
		}
	}
	if out.Purpose == "" {
		out.Purpose = r.Name
	}
	if r.Version != "" {
		out.Version = ed.t["version_"+under(r.Version)]
	}
	if r.TCStart != "" {
		out.Notes = append(out.Notes, "TC "+r.TCStart)
	}
	if r.Loudness != 0 {
		out.Notes = append(out.Notes, strings.Replace(ed.Number(r.Loudness, 1), "-", "−", 1)+" LUFS")
	}
	container := r.Container
	if container == "" {
		container = strings.TrimPrefix(path.Ext(r.File.Value), ".")
	}
	out.Format = strings.ToUpper(container)
	out.File = File{Type: r.typ, Container: container, Codec: r.Codec, Width: r.Width, Height: r.Height, FPS: r.FPS, Scan: r.Scan, Bytes: r.bytes}
	if r.Codec != "" {
		out.Format += " · " + r.Codec
	}
	if r.Width > 0 {
		out.Picture = fmt.Sprintf("%d × %d", r.Width, r.Height)
		if r.FPS > 0 {
			out.Picture += ", " + strconv.FormatFloat(r.FPS, 'f', -1, 64) + map[string]string{"interlaced": "i", "progressive": "p"}[r.Scan]
		}
		if r.FPS > 0 && r.Scan == "interlaced" { // else half the world reads 25i as 12.5 frames
			out.Picture += " (" + fmt.Sprintf(ed.t["fields"], strconv.FormatFloat(2*r.FPS, 'f', -1, 64)) + ")"
		}
	}
	if r.bytes > 0 {
		out.Bytes = ed.Bytes(r.bytes)
	}
	for _, a := range r.Audio {
		role := ed.t["role_"+under(a.Role)]
		if role == "" {
			role = a.Role
		}
		if a.Language != "" && a.Language != "zxx" {
			role += " (" + ed.Language(a.Language) + ")"
		}
		out.Audio = append(out.Audio, fmt.Sprintf("%d: %s", a.Track, role))
	}
	return out
}

// badges are the facts of a video that a card shows.
func (it *item) badges() (out []string) {
	if it.video == nil {
		return nil
	}
	height := 0
	for _, r := range it.video.files {
		height = max(height, r.Height)
	}
	switch {
	case height >= 2160:
		out = append(out, "4K")
	case height >= 720:
		out = append(out, "HD")
	}
	var langs []string
	for _, t := range it.video.tracks {
		langs = append(langs, strings.ToUpper(t.lang))
	}
	if len(langs) > 0 {
		out = append(out, "CC "+strings.Join(langs, " "))
	}
	return out
}

func whole(seconds float64) string { return strconv.Itoa(int(seconds)) }

// under spells a word of the front matter as the keys of layouts/i18n do.
func under(s string) string { return strings.ReplaceAll(s, "-", "_") }

func upperFirst(s string) string {
	for i, r := range s {
		if i == 0 {
			return strings.ToUpper(string(r)) + s[len(string(r)):]
		}
	}
	return s
}
