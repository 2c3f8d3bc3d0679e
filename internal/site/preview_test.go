package site

import (
	"bytes"
	"context"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pressroom/internal/config"
	"pressroom/internal/content"
	"pressroom/internal/memo"
	"pressroom/internal/picture"
	"pressroom/internal/source"
)

// cutter is a program that calls itself ffmpeg: it gives one board for every film, and
// fails of one that begins with "broken".
func cutter(t *testing.T) picture.Tools {
	t.Helper()
	dir := t.TempDir()
	var board bytes.Buffer
	if err := png.Encode(&board, image.NewRGBA(image.Rect(0, 0, 1600, 90))); err != nil {
		t.Fatal(err)
	}
	const script = `#!/bin/sh
[ "$1" = -version ] && { echo ffmpeg 9.8.7; exit; }
for arg; do [ "$last" = -i ] && in=${arg#file:}; last=$arg; done
[ "$(head -c 6 "$in")" = broken ] && { echo moov atom not found >&2; exit 1; }
cp "${0%/*}/board.png" "${last#file:}"
`
	for name, data := range map[string][]byte{"ffmpeg": []byte(script), "board.png": board.Bytes()} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return picture.Tools{{Name: "ffmpeg", Path: filepath.Join(dir, "ffmpeg"), Stamp: memo.Of([]byte(script))}}
}

// filmed is a site of videos with these films, and a translation of each without files of
// its own.
func filmed(ctx context.Context, kit *picture.Kit, encoder string, films ...string) (*Site, []*item) {
	files := map[string][]byte{}
	s := &Site{ctx: ctx, cfg: &config.Site{}, pictures: kit, taken: map[string]*picture.Shot{}, langs: []*edition{{}, {}}}
	s.cfg.Images.Encoder = encoder
	for i, film := range films {
		path := string(rune('a'+i)) + ".md"
		files[path], files["film-"+path] = []byte("file: "+film+"\n"), []byte(film)
	}
	s.files = source.Memory(files)
	var all []*item
	for i := range films {
		path := string(rune('a'+i)) + ".md"
		r := content.Rendition{}
		r.File.Value, r.File.Pos = "film.mp4", position{Line: 1, Col: 7, Len: 4}
		front := &content.Front{}
		front.Duration, front.Renditions = content.Timecode{Seconds: 10, Set: true}, []content.Rendition{r}
		parts := &videoParts{sources: []rendition{{Rendition: r, typ: "video/mp4", file: s.files.Get("film-" + path)}}}
		o := &item{doc: &content.Doc{Path: path}, front: front, video: parts}
		bare := *front
		bare.Renditions = nil
		own := *parts
		s.langs[0].videos = append(s.langs[0].videos, o)
		s.langs[1].videos = append(s.langs[1].videos, &item{doc: &content.Doc{Path: path}, front: &bare, video: &own, original: o})
		all = append(all, o, s.langs[1].videos[i])
	}
	return s, all
}

// A film has a board, for its page in every language; one that cannot be read has none
// and is told once, where the file is named.
func TestPreviews(t *testing.T) {
	kit := &picture.Kit{Tools: cutter(t)}
	s, all := filmed(context.Background(), kit, "auto", "a film", "broken film", "another film")
	all[4].front.Duration.Set, all[5].front.Duration.Set = false, false // nobody says how long it is
	s.previews()
	for i, it := range all {
		if has := it.card.Preview != ""; has != (i < 2) || has && it.card.Preview != all[0].card.Preview {
			t.Errorf("video %d: preview %q", i, it.card.Preview)
		}
	}
	if !strings.HasPrefix(all[0].card.Preview, "/assets/pictures/film-a-") || !previewed(s.langs[1].videos) {
		t.Errorf("the board stands at %q", all[0].card.Preview)
	}
	variants := 0
	for _, shot := range s.Shots() {
		variants += len(shot.Variants())
	}
	if variants != 1 {
		t.Errorf("%d boards are promised", variants)
	}
	if len(s.problems) != 1 || s.problems[0].Name != "preview" || s.problems[0].Path != "b.md" || s.problems[0].Col != 7 ||
		s.problems[0].Text != `no preview of "film.mp4": exit status 1: moov atom not found` {
		t.Errorf("%+v", s.problems)
	}
}

// Nothing is looked into when nobody wants it, or can.
func TestNoPreviews(t *testing.T) {
	tools := cutter(t)
	over, stop := context.WithCancel(context.Background())
	stop()
	for name, c := range map[string]struct {
		ctx     context.Context
		kit     *picture.Kit
		encoder string
	}{
		"no ffmpeg":   {context.Background(), &picture.Kit{}, "auto"},
		"encoder off": {context.Background(), &picture.Kit{Tools: tools}, "off"},
		"a preview":   {context.Background(), &picture.Kit{Tools: tools, Plain: true}, "auto"},
		"it is over":  {over, &picture.Kit{Tools: tools}, "auto"},
	} {
		s, all := filmed(c.ctx, c.kit, c.encoder, "a film", "broken film")
		s.previews()
		if len(s.problems) > 0 || previewed(all) {
			t.Errorf("%s: %+v", name, s.problems)
		}
	}
}
