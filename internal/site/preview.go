package site

import (
	"errors"
	"slices"

	"pressroom/internal/picture"
	"pressroom/internal/several"
)

// previews gives the tiles of videos a look at what they show. The boards are made here
// and not with the other files: a film that cannot be read has no preview, and its page
// must not speak of one. Only what is open is looked into.
func (s *Site) previews() {
	if s.rehearsal || s.pictures.Plain || s.cfg.Images.Encoder == "off" {
		return
	}
	type job struct {
		it    *item
		film  rendition
		shot  *picture.Shot
		board *picture.Variant
		err   error
	}
	var jobs []*job
	var cutter *picture.Cutter
	for _, ed := range s.langs {
		for _, it := range ed.videos {
			if it.video == nil || !it.front.Duration.Set {
				continue
			}
			r, ok := it.video.smallest()
			if !ok {
				continue
			}
			if cutter == nil {
				if cutter = s.pictures.Cutter(s.ctx, s.memo); cutter == nil {
					return
				}
			}
			shot := s.taken[r.file.Path]
			if shot == nil {
				key, err := r.file.Key()
				if err != nil {
					continue // told where the file was found
				}
				shot = &picture.Shot{Path: r.file.Path, Key: key}
			}
			film := picture.Film{Type: r.typ, Seconds: it.front.Duration.At(25), WriteTo: r.file.WriteTo}
			if board := shot.Board(film, cutter); board != nil {
				s.taken[r.file.Path] = shot
				jobs = append(jobs, &job{it: it, film: r, shot: shot, board: board})
			}
		}
	}
	several.Do(s.ctx, len(jobs), func(i int) { jobs[i].err = s.pictures.Make(s.ctx, jobs[i].shot, jobs[i].board) })
	if s.ctx.Err() != nil {
		return // of a film that was not looked into, nothing can be told
	}
	for _, j := range jobs {
		if j.err == nil {
			j.it.card.Preview = escape(j.board.URL())
			continue
		}
		j.shot.Drop(j.board)
		if j.it.original == nil || len(j.it.front.Renditions) > 0 { // once, where the file is named
			err := j.err
			if f := (*picture.Failure)(nil); errors.As(err, &f) {
				err = f.Err
			}
			s.warn(j.it.doc, j.film.File.Pos, "preview", "if it plays, see that duration: is that of the file", "no preview of %q: %s", j.film.File.Value, err)
		}
	}
}

func previewed(videos []*item) bool {
	return slices.ContainsFunc(videos, func(it *item) bool { return it.card.Preview != "" })
}

// smallest is the film itself in its smallest file that lies here.
func (v *videoParts) smallest() (out rendition, ok bool) {
	for _, r := range v.sources {
		if r.file != nil && r.Version == "" && (!ok || r.Height < out.Height) {
			out, ok = r, true
		}
	}
	return out, ok
}
