package picture

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"pressroom/internal/memo"
)

// A board is what a film looks like at a glance: frames from all along it, side by side
// in one small file. A list of videos shows them one after the other.
const (
	BoardFrames             = 10
	frameWidth, frameHeight = 160, 90
	boardQuality            = 60 // of JPEG; 16 KB, and nobody looks at a frame for long
)

// demuxers are the readers of the films that pages play. A film is read as what it is
// called and as nothing else: a playlist with its name could name any file of this computer.
var demuxers = map[string]string{"video/mp4": "mov", "video/webm": "matroska"}

// Cutter makes boards of films.
type Cutter struct {
	name string // with version
	tool Tool
}

// Cutter finds ffmpeg; nil when it is not there.
func (k *Kit) Cutter(ctx context.Context, m *memo.Memo) *Cutter {
	for _, t := range k.Tools {
		if t.Name == "ffmpeg" {
			if p := k.probe(ctx, t, film, m); p.Wrong == "" {
				return &Cutter{strings.TrimSpace(t.Name + " " + p.Version), t}
			}
		}
	}
	return nil
}

// film stands for a format when a tool is asked whether it reads films.
const film = "film"

// Film is the file that a board is made of.
type Film struct {
	Type    string  // media type
	Seconds float64 // how long it is, as its page says
	WriteTo func(io.Writer) (int64, error)
}

// Board asks for the board of a film; nil when it cannot be read.
func (s *Shot) Board(f Film, c *Cutter) *Variant {
	if c == nil || demuxers[f.Type] == "" || f.Seconds <= 0 {
		return nil
	}
	v := &Variant{format: "board", Type: "image/jpeg", Width: BoardFrames * frameWidth, Height: frameHeight, film: f, cutter: c}
	return s.ask(v, memo.Hash("board", Recipe, s.Key, f.Seconds, c.name), "board.jpg")
}

// Drop takes back what was asked for.
func (s *Shot) Drop(v *Variant) { delete(s.variants, v.Name) }

// Make makes a variant now, if it is not there.
func (k *Kit) Make(ctx context.Context, s *Shot, v *Variant) error {
	k.init()
	if k.Store.Has(v.stored()) {
		return nil
	}
	_, err := k.bytes(ctx, s, v)
	return err
}

// address is what ffmpeg puts behind the name of each of its parts; it differs every time.
var address = regexp.MustCompile(` @ 0x[0-9a-f]+`)

// cut makes a board. The frames are looked up one by one, which takes as long for an hour
// as for a minute.
func (v *Variant) cut(ctx context.Context) ([]byte, error) {
	dir, err := os.MkdirTemp("", "press-film-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	in, out := filepath.Join(dir, "film"), filepath.Join(dir, "board.png")
	f, err := os.OpenFile(in, os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	_, err = v.film.WriteTo(f)
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, err
	}
	if said, err := v.cutter.tool.run(ctx, v.cutting(in, out)...); err != nil {
		return nil, fmt.Errorf("%w%s", err, address.ReplaceAllString(strings.ReplaceAll(said, in, "the file"), ""))
	}
	data, err := os.ReadFile(out)
	if err != nil {
		return nil, errors.New("there is no picture at one of ten points along it")
	}
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil || img.Bounds().Dx() != v.Width || img.Bounds().Dy() != v.Height {
		return nil, fmt.Errorf("%s wrote something else than %d frames", v.cutter.name, BoardFrames)
	}
	var b bytes.Buffer
	err = jpeg.Encode(&b, img, &jpeg.Options{Quality: boardQuality})
	return b.Bytes(), err
}

// cutting is what ffmpeg is asked: the middle of each tenth, cut to fill a frame.
func (v *Variant) cutting(in, out string) []string {
	args := strings.Fields("-v error -nostdin -y")
	var filter, all strings.Builder
	for i := range BoardFrames {
		at := fmt.Sprintf("%.3f", v.film.Seconds*(float64(i)+0.5)/BoardFrames)
		args = append(args, "-threads", "1", "-protocol_whitelist", "file", "-f", demuxers[v.film.Type], "-ss", at, "-i", "file:"+in)
		fmt.Fprintf(&filter, "[%d:v]scale=%d:%d:force_original_aspect_ratio=increase,crop=%[2]d:%d,setsar=1,trim=end_frame=1[f%[1]d];", i, frameWidth, frameHeight, frameHeight)
		fmt.Fprintf(&all, "[f%d]", i)
	}
	fmt.Fprintf(&filter, "%shstack=inputs=%d[board]", all.String(), BoardFrames)
	return append(args, "-filter_complex", filter.String(), "-map", "[board]", "-frames:v", "1", "-map_metadata", "-1", "-c:v", "png", "-f", "image2", "file:"+out)
}

// boards makes the boards of a film and stores them.
func (k *Kit) boards(ctx context.Context, s *Shot, wanted []*Variant) (map[*Variant][]byte, error) {
	made := map[*Variant][]byte{}
	var errs []error
	for _, v := range wanted {
		data, err := v.cut(ctx)
		if err == nil {
			err = k.Store.Put(v.stored(), data)
		}
		if err != nil {
			errs = append(errs, err)
			continue
		}
		made[v] = data
	}
	return made, errors.Join(errs...)
}
