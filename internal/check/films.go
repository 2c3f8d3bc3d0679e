package check

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"strconv"

	"pressroom/internal/media"
	"pressroom/internal/memo"
	"pressroom/internal/node"
	"pressroom/internal/report"
	"pressroom/internal/site"
	"pressroom/internal/source"
)

// FilmInput is what the comparison of films depends on.
type FilmInput struct {
	Films    []site.Film
	Files    *source.Tree // to show the line in which a fault was written
	Prober   *media.Prober
	Memo     *memo.Memo // of what was read before; may be nil
	Progress func(done, total int)
}

// Films compares what documents say of their films with the films themselves: a desk
// sets up its ingest by the page, and finds out on air. Bytes and SHA-256 are not
// among it, because a build compares those. It returns how many files were read. The
// error is a failure of the world.
func Films(ctx context.Context, in FilmInput) (report.List, int, error) {
	var films []site.Film
	for _, f := range in.Films {
		if f.File.OnDisk() != "" && says(f) {
			films = append(films, f)
		}
	}
	found, errs := make([]report.List, len(films)), make([]error, len(films))
	each(ctx, len(films), func(i int) { found[i], errs[i] = in.compare(ctx, films[i]) }, in.Progress)
	if err := ctx.Err(); err != nil {
		return nil, 0, err
	}
	var problems report.List
	for i, err := range errs {
		if err != nil {
			return nil, 0, err
		}
		problems.Add(found[i]...)
	}
	return problems.Sorted(), len(films), nil
}

// says tells whether there is anything that a file could deny.
func says(f site.Film) bool {
	return f.Container != "" || f.Codec != "" || f.Width != 0 || f.Height != 0 || f.FPS != 0 || f.Scan != "" || f.Bitrate != "" || len(f.Audio) > 0 || f.Doc.Front.Duration.Set
}

// read is a film as it is remembered.
type read struct {
	Film  media.Film
	Wrong string
}

func (in FilmInput) compare(ctx context.Context, f site.Film) (report.List, error) {
	key, err := f.File.Key()
	if err != nil {
		return nil, nil // told where the file was found
	}
	var world error
	is, _ := memo.Do(in.Memo, "", memo.Hash("film", in.Prober, key), func() (r read, _ report.List) {
		r.Film, err = in.Prober.Read(ctx, f.File.OnDisk())
		switch {
		case media.Stopped(err):
			world = fmt.Errorf("%s: %w", f.File.Path, err)
		case err != nil:
			r.Wrong = err.Error()
		}
		return r, nil
	})
	if world != nil {
		return nil, world
	}
	src := report.Source{Path: f.Doc.Path}
	if d := in.Files.Get(f.Doc.Path); d != nil {
		src.Text, _ = d.Bytes()
	}
	var problems report.List
	fail := func(at node.Pos, hint, text string) {
		problems.Add(src.At(max(at.Line, 1), max(at.Col, 1), max(at.Len, 1), "rendition", text, hint))
	}
	if is.Wrong != "" {
		fail(f.Rendition.File.Pos, "see whether it plays, and export it again", fmt.Sprintf("ffprobe cannot read %q: %s", f.Rendition.File.Value, is.Wrong))
		return problems, nil
	}
	for _, d := range differences(f, is.Film) {
		fail(d.at, d.hint+", or put the right file there", fmt.Sprintf("%s, and %q %s", d.said, f.Rendition.File.Value, d.is))
	}
	return problems, nil
}

// difference is one thing in which a document and a file do not agree.
type difference struct {
	at       node.Pos
	said, is string // two halves of a sentence
	hint     string // what the document would have to say
}

// How far two numbers may be apart that mean the same. Nobody writes 29.97003; encoders
// with a variable bitrate seldom meet what they were told; a sound ends with the last
// block of its codec.
const (
	rateSlack    = 0.02 // of frames a second
	bitrateSlack = 0.2  // of the bitrate
	soundSlack   = 0.1  // of a second
)

func differences(f site.Film, film media.Film) (out []difference) {
	r := f.Rendition
	add := func(key, said, is, write string) {
		out = append(out, difference{r.Places[key], key + " is " + said, is, "write " + key + ": " + write})
	}
	if c := media.Container(r.Container); c != "" && film.Container != "" && c != film.Container {
		add("container", strconv.Quote(r.Container), "is "+film.Container, film.Container)
	}
	if c := media.Codec(r.Codec); c != "" && c != media.Codec(film.Codec) {
		add("codec", strconv.Quote(r.Codec), "has "+film.Codec, film.Codec)
	}
	size := func(key, what string, said, is int) {
		switch {
		case said == 0 || said == is:
		case is == 0:
			out = append(out, difference{r.Places[key], fmt.Sprintf("%s is %d", key, said), "has no picture", "leave " + key + ": out"})
		default:
			add(key, strconv.Itoa(said), fmt.Sprintf("is %d %s", is, what), strconv.Itoa(is))
		}
	}
	size("width", "wide", r.Width, film.Width)
	size("height", "high", r.Height, film.Height)
	if r.FPS != 0 && film.FPS != 0 && math.Abs(r.FPS-film.FPS) > rateSlack {
		is := short(film.FPS)
		add("fps", short(r.FPS), "has "+is, is)
	}
	if r.Scan != "" && film.Scan != "" && r.Scan != film.Scan {
		add("scan", r.Scan, "is "+film.Scan, film.Scan)
	}
	if said := media.Bitrate(r.Bitrate); said != 0 && max(film.Bitrate, film.Whole) != 0 && !near(said, film.Bitrate) && !near(said, film.Whole) {
		is := perSecond(cmp.Or(film.Bitrate, film.Whole))
		add("bitrate", strconv.Quote(r.Bitrate), "has "+is, strconv.Quote(is))
	}
	// Broadcasters count every channel as a track, whether a file packs them in pairs or not.
	if n := len(r.Audio); n > 0 && n != film.Tracks && n != film.Channels {
		is := strconv.Itoa(film.Tracks)
		if film.Channels != film.Tracks {
			is += fmt.Sprintf(" with %d channels", film.Channels)
		}
		out = append(out, difference{r.Places["audio"], fmt.Sprintf("audio names %d %s", n, plural(n, "track")), "has " + is, "name each track"})
	}
	if d := f.Doc.Front.Duration; d.Set && r.Version == "" && film.Seconds > 0 && !lasts(d.At, d.Exact(), film) {
		is := timecode(film)
		out = append(out, difference{f.Doc.Front.Places["duration"], "duration is " + d.Text, "runs " + is, "write duration: " + strconv.Quote(is)})
	}
	return out
}

// lasts tells whether a film has the length that at gives for a rate, to the frame; to
// the second, when no more was said. At 29.97 frames a timecode that drops none falls
// behind the clock, and both readings count.
func lasts(at func(fps float64) float64, exact bool, film media.Film) bool {
	fps := film.FPS
	slack := soundSlack
	if fps > 0 {
		slack = 1/fps + 1e-3
	} else {
		fps = 25
	}
	if !exact {
		slack = max(slack, 1)
	}
	whole := math.Round(fps)
	return math.Abs(at(fps)-film.Seconds) <= slack || math.Abs(at(whole)*whole/fps-film.Seconds) <= slack
}

// timecode is how long a film is, as hours, minutes, seconds and frames.
func timecode(film media.Film) string {
	fps := int(math.Round(film.FPS))
	if fps == 0 {
		fps = 25
	}
	frames := int(math.Round(film.Seconds * float64(fps)))
	s := frames / fps
	return fmt.Sprintf("%02d:%02d:%02d:%02d", s/3600, s/60%60, s%60, frames%fps)
}

func near(said, is float64) bool { return math.Abs(said-is) <= bitrateSlack*is }

// short is a rate as people write it: 29.97.
func short(fps float64) string { return strconv.FormatFloat(math.Round(fps*1000)/1000, 'f', -1, 64) }

// perSecond is a bitrate as people write it, with two digits.
func perSecond(bits float64) string {
	unit, per := "kbps", 1e3
	if bits >= 1e6 {
		unit, per = "Mbps", 1e6
	}
	n, digit := bits/per, 1.0
	if n < 10 {
		n = math.Round(n*10) / 10
	}
	for digit*100 <= n {
		digit *= 10
	}
	if n >= 10 {
		n = math.Round(n/digit) * digit
	}
	return strconv.FormatFloat(n, 'f', -1, 64) + " " + unit
}

func plural(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return what
}
