package site

import (
	"cmp"
	"fmt"
	"math"
	"path"
	"slices"
	"strconv"
	"strings"

	"pressroom/internal/content"
	"pressroom/internal/locale"
)

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
