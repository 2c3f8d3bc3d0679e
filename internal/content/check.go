package content

import (
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"pressroom/internal/node"
	"pressroom/internal/report"
)

// Types are the kinds of news; the first is the default.
var Types = []string{"news", "press-release", "statement", "speech", "advisory", "transcript"}

// The closed vocabularies of the front matter.
var (
	deliveries  = []string{"as-delivered", "check-against-delivery", "prepared"}
	statuses    = []string{"usable", "withdrawn"}
	corrections = []string{"correction", "clarification", "update", "withdrawal"}
	happenings  = []string{"scheduled", "moved", "cancelled"}
	genres      = []string{"b-roll", "interview", "press-conference", "package", "live-record", "file"}
	accesses    = []string{"public", "account"}
	origins     = []string{"human", "machine"}
	versions    = []string{"audio-description", "sign-language"}
	scans       = []string{"progressive", "interlaced"}
	tracks      = []string{"original", "interpretation", "commentary", "nat-sound", "silent"} // after EBU AudioChannelPurposeCodeCS
)

// Titles and summaries are cut by search engines and by desks' systems beyond
// these lengths, in characters.
const (
	longTitle   = 65
	longSummary = 160
)

// checker judges a front matter by what one file can know.
type checker struct {
	doc      *Doc
	src      report.Source
	top      int // the line of the opening fence, for what is missing
	problems report.List
}

func (c *checker) at(p node.Pos, name, hint, format string, args ...any) *report.Problem {
	if p.Line == 0 {
		p = node.Pos{Line: c.top, Col: 1, Len: 3}
	}
	c.problems.Add(c.src.At(p.Line, p.Col, p.Len, name, fmt.Sprintf(format, args...), hint))
	return &c.problems[len(c.problems)-1]
}

func (c *checker) key(key, name, hint, format string, args ...any) *report.Problem {
	return c.at(c.doc.Front.Places[key], name, hint, format, args...)
}

func (c *checker) warn(key, name, hint, format string, args ...any) {
	c.key(key, name, hint, format, args...).Severity = report.Warning
}

// oneOf checks a word of a closed vocabulary.
func (c *checker) oneOf(at node.Pos, what, word string, words []string) {
	for _, w := range words {
		if word == w || word == "" {
			return
		}
	}
	c.at(at, "unknown-word", report.DidYouMean(word, words), "%q is not a %s", word, what)
}

func (c *checker) check() {
	d, f := c.doc, &c.doc.Front
	if f.Title == "" && (d.Kind.Dated() || d.Kind == SpeakerProfile || d.Kind == LocationProfile || d.Kind == TopicProfile) {
		c.key("title", "missing-title", "add title:", "no title")
	}
	if f.Date.IsZero() && d.Kind.Dated() && f.Places["date"].Line == 0 {
		c.key("date", "missing-date", "add date: 2024-05-27", "no date")
	}
	if n := utf8.RuneCountInString(f.Title); n > longTitle {
		c.warn("title", "long-title", fmt.Sprintf("keep it within %d", longTitle), "the title has %d characters", n)
	}
	if n := utf8.RuneCountInString(f.Summary); n > longSummary {
		c.warn("summary", "long-summary", fmt.Sprintf("keep it within %d", longSummary), "the summary has %d characters", n)
	}
	if d.Kind.Dated() && f.Summary == "" && f.Status != "withdrawn" && !f.Draft {
		c.warn("summary", "empty-summary", "add summary: one sentence that can stand alone", "no summary")
	}
	if !f.Expires.IsZero() && !f.Embargo.IsZero() && !f.Expires.After(f.Embargo.Time) {
		c.key("expires", "date", "an item expires after its embargo", "it would expire before it appears")
	}
	c.oneOf(f.Places["type"], "type of news", f.Type, Types)
	c.oneOf(f.Places["delivery"], "delivery", f.Delivery, deliveries)
	c.oneOf(f.Places["status"], "status", f.Status, statuses)
	for _, e := range f.Corrections {
		at := f.Places["corrections"]
		c.oneOf(at, "kind of correction", e.Kind, corrections)
		if e.At.IsZero() || e.Note == "" {
			c.at(at, "correction", "write {at: 2024-05-28, kind: correction, note: …}", "a correction needs at and note")
		}
	}
	c.event()
	c.place()
	if d.Kind == VideoItem {
		c.video()
	}
}

func (c *checker) event() {
	e := c.doc.Front.Event
	if e == nil {
		return
	}
	at := c.doc.Front.Places["event"]
	c.oneOf(at, "status of an event", e.Status, happenings)
	switch {
	case e.Start.IsZero():
		c.at(at, "event", "add start: 2026-12-03 10:00", "an event without a start")
	case !e.End.IsZero() && e.End.Before(e.Start.Time):
		c.at(at, "event", "check start and end", "the event ends before it starts")
	case !e.Previous.IsZero() && e.Status != "moved":
		c.at(at, "event", "add status: moved", "the event has a previous start and was not moved")
	}
}

var slugForm = regexp.MustCompile(`^[^/\s?#%\\\x00-\x1f]+$`)

// place checks where the document wants to stand.
func (c *checker) place() {
	f := &c.doc.Front
	if f.Slug != "" && (!slugForm.MatchString(f.Slug) || f.Slug == "." || f.Slug == ".." || len(f.Slug) > 200) {
		c.key("slug", "slug", "use small letters, digits and hyphens: "+Slugify(f.Slug), "%q cannot stand in a URL", brief(f.Slug))
	}
	if f.URL != "" && !validURLPath(f.URL) {
		c.key("url", "url", "write a path of this site, as /about/press/", "%q is not a path of this site", brief(f.URL))
	}
	for _, a := range f.Aliases {
		if !validURLPath(a.Value) {
			c.at(a.Pos, "alias", "write a path of this site, as /old/address/", "%q is not a path of this site", brief(a.Value))
		}
	}
	if !validGeo(f.Geo) {
		c.key("geo", "geo", "write geo: [52.08, 4.28]", "geo is latitude and longitude in degrees")
	}
}

func validURLPath(p string) bool {
	return strings.HasPrefix(p, "/") && !strings.HasPrefix(p, "//") && !strings.ContainsAny(p, "?#\\%\x00 ") &&
		!strings.Contains(p, "/../") && !strings.HasSuffix(p, "/..") && !strings.Contains(p, "/./") && len(p) < 1000
}

func validGeo(geo []float64) bool {
	return len(geo) == 0 || len(geo) == 2 && geo[0] >= -90 && geo[0] <= 90 && geo[1] >= -180 && geo[1] <= 180
}

// splitPlace reads "Sofia, Bulgaria" as city and country.
func splitPlace(name string) (city, country string) {
	i := strings.LastIndexByte(name, ',')
	if i < 0 {
		return name, ""
	}
	return strings.TrimSpace(name[:i]), strings.TrimSpace(name[i+1:])
}

var videoID = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]*$`)

func (c *checker) video() {
	f := &c.doc.Front
	switch {
	case f.ID == "":
		c.key("id", "missing-id", "add id: MC-20240527-V-0412; it is the URL and never changes", "a video without id")
	case !videoID.MatchString(f.ID) || len(f.ID) > 120:
		c.key("id", "id", "use letters, digits and hyphens", "%q cannot stand in a URL", brief(f.ID))
	}
	c.oneOf(f.Places["genre"], "genre", f.Genre, genres)
	if t := f.Transcript; t != nil {
		c.oneOf(f.Places["transcript"], "origin of a transcript", t.Origin, origins)
	}
	if r := f.Release; r != nil && r.Status != "" && r.Status != "released" {
		c.at(f.Places["release"], "unknown-word", "a film that waits has draft: true or embargo:; status: released is what may be said of others", "%q holds nothing back", r.Status)
	}
	c.dated()
	c.clearance()
	seen := map[string]bool{}
	for _, r := range f.Renditions {
		if r.Name == "" || Slugify(r.Name) != strings.ToLower(r.Name) {
			c.at(r.Pos, "rendition", "name it with small letters, digits and hyphens, as broadcast-1080i50", "%q cannot name a rendition", brief(r.Name))
		}
		if seen[r.Name] {
			c.at(r.Pos, "rendition", "names are part of the address", "two renditions are named %q", r.Name)
		}
		seen[r.Name] = true
		c.oneOf(r.Pos, "kind of access", r.Access, accesses)
		if r.Access == "" {
			c.at(r.Pos, "rendition", "add access: public, or access: account for what needs an account", "the rendition %q does not say who may have it", r.Name)
		}
		if r.File.Value == "" {
			c.at(r.Pos, "rendition", "add file:", "the rendition %q names no file", r.Name)
		}
		c.oneOf(r.Pos, "version of a film", r.Version, versions)
		c.oneOf(r.Pos, "scan", r.Scan, scans)
		if r.Scan == "interlaced" && r.FPS == 0 {
			c.at(r.Pos, "rendition", "add fps: 25; it has twice as many fields", "the interlaced rendition %q does not say how many frames it has", r.Name)
		}
		for _, t := range r.Audio {
			c.oneOf(r.Pos, "role of an audio track", t.Role, tracks)
		}
	}
	c.shotlist()
}

var dayOfID = regexp.MustCompile(`(?:^|-)(\d{8})(?:-|$)`)

// dated: the day in an id is the day of the recording, by which archives are searched.
func (c *checker) dated() {
	f := &c.doc.Front
	m := dayOfID.FindStringSubmatch(f.ID)
	if m == nil || f.Recorded.IsZero() {
		return
	}
	// The recording may have been noted in another zone than ours.
	for _, off := range []time.Duration{0, -14 * time.Hour, 14 * time.Hour} {
		if f.Recorded.Add(off).Format("20060102") == m[1] {
			return
		}
	}
	c.warn("id", "id-date", "the date in an id is that of the recording; an id that is public already stays as it is",
		"the id says %s, and it was recorded on %s", m[1], f.Recorded.Format(time.DateOnly))
}

// clearance: what a desk must know before it goes on air is said, also where there is
// nothing to say. Of a video that has no rights: at all, the site's own terms hold.
func (c *checker) clearance() {
	f := &c.doc.Front
	if r := f.Rights; r != nil {
		var missing []string
		if r.Restrictions == nil {
			missing = append(missing, "restrictions: []")
		}
		if r.ThirdParty == "" {
			missing = append(missing, "third-party: none")
		}
		if r.Music == "" {
			missing = append(missing, "music: none")
		}
		if len(missing) > 0 {
			c.warn("rights", "rights", "add "+strings.Join(missing, ", ")+", or what there is", "the rights leave open what may be done")
		}
	}
	if f.Genre == "package" && !f.Clean && f.Twin == "" {
		c.warn("genre", "clean-twin", "name the clean pictures with twin:, or say clean: true", "a package without its clean version")
	}
	if t := f.Transcript; t != nil && t.Origin == "machine" && t.CheckedBy == "" {
		for _, s := range f.Shotlist {
			if s.Soundbite != nil {
				c.warn("transcript", "unchecked-quote", "have somebody listen to it, and add checked-by:", "soundbites are quoted from a machine transcript that nobody has checked")
				break
			}
		}
	}
}

// shotlist: timecodes increase, shots do not overlap, the last one ends with the
// video, to the frame.
func (c *checker) shotlist() {
	f := &c.doc.Front
	fps := 25.0
	if len(f.Renditions) > 0 && f.Renditions[0].FPS > 0 {
		fps = f.Renditions[0].FPS
	}
	at, frame, end := f.Places["shotlist"], 1/fps+1e-6, 0.0
	for i, s := range f.Shotlist {
		in := s.In.At(fps)
		if in < end-frame {
			c.at(at, "shotlist", "check in and dur of the shot before it", "shot %d begins at %s, before the one above it ends", i+1, s.In.Text)
		}
		end = in + s.Dur.At(fps)
		if b := s.Soundbite; b != nil && (b.Speaker == "" || b.Verbatim == "") {
			c.at(at, "shotlist", "add speaker and verbatim", "the soundbite of shot %d lacks who or what", i+1)
		} else if b != nil && b.Language == "" {
			c.at(at, "shotlist", "add language: en", "the soundbite of shot %d does not say in what language it is", i+1)
		}
		if s.Dur.Set && s.Dur.At(fps) == 0 {
			c.at(at, "shotlist", "give it its length in dur:", "shot %d has no length", i+1)
		}
	}
	if total := f.Duration.At(fps); len(f.Shotlist) > 0 && f.Duration.Set && (end > total+frame || end < total-frame) {
		c.at(at, "shotlist", fmt.Sprintf("the duration is %s", f.Duration.Text), "the last shot ends at %.2f s, not with the video", end)
	}
	last := -1.0
	for _, ch := range f.Chapters {
		if t := ch.At.At(fps); t <= last || f.Duration.Set && t >= f.Duration.At(fps) {
			c.at(f.Places["chapters"], "chapters", "list them in order, within the duration", "the chapter %q stands at %s", ch.Title, ch.At.Text)
		} else {
			last = t
		}
	}
}
