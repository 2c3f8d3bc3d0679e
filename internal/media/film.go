package media

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"pressroom/internal/memo"
)

// Film is what a film or a sound says of itself.
type Film struct {
	Container string  // as Container folds it
	Codec     string  // of the picture; of the sound where there is no picture
	Width     int     // as it is shown, in pixels; 0 without a picture
	Height    int     //
	FPS       float64 // frames a second
	Scan      string  // "progressive", "interlaced", or "" when it does not say
	Bitrate   float64 // of the picture alone, bits a second; 0 when it does not say
	Whole     float64 // of the file
	Seconds   float64
	Tracks    int // of sound
	Channels  int // in all of them
}

// Prober asks ffprobe, which is part of ffmpeg.
type Prober struct {
	path  string
	stamp memo.Key // of its stat: another program may read otherwise
}

// FindProber looks for ffprobe in the folders of PATH; nil when it is not there.
func FindProber() *Prober {
	p, err := exec.LookPath("ffprobe")
	if err != nil {
		return nil
	}
	info, err := os.Stat(p)
	if err != nil {
		return nil
	}
	return &Prober{p, memo.Hash(p, info.Size(), info.ModTime())}
}

// MemoKey stands for the program in the key of what it has read.
func (p *Prober) MemoKey() memo.Key { return p.stamp }

// containers are the demuxers that may read a file, and so what it may be. A playlist is
// none of them: it could name any other file of this computer.
const containers = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,mxf,mxf_opatom,mpegts,mpeg,avi,gxf,wav,w64,mp3,aac,flac,ogg,aiff"

// patience is how long ffprobe may take. It reads the head of a file, and of some its end.
const patience = time.Minute

// stopped is an error that says nothing of the file: there was no time to read it.
type stopped struct{ error }

func (e stopped) Unwrap() error { return e.error }

// Stopped tells whether an error of Read says nothing of the file.
func Stopped(err error) bool { return errors.As(err, &stopped{}) }

// Read asks what a file is.
func (p *Prober) Read(ctx context.Context, file string) (Film, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, patience, fmt.Errorf("ffprobe took more than %s", patience))
	defer cancel()
	c := exec.CommandContext(ctx, p.path, "-v", "error", "-protocol_whitelist", "file", "-format_whitelist", containers, "-of", "json",
		"-show_format", "-show_streams", "file:"+file)
	c.WaitDelay = time.Second
	var out, said bytes.Buffer
	c.Stdout, c.Stderr = &out, &said
	if err := c.Run(); err != nil {
		if ctx.Err() != nil {
			return Film{}, stopped{context.Cause(ctx)}
		}
		return Film{}, errors.New(lastLine(said.String(), file, err))
	}
	return readProbe(out.Bytes())
}

// lastLine is what ffprobe gave up with, without what is of this computer alone.
func lastLine(said, file string, err error) string {
	line := strings.TrimSpace(said)
	if i := strings.LastIndexByte(line, '\n'); i >= 0 {
		line = line[i+1:]
	}
	line = strings.TrimPrefix(strings.ReplaceAll(line, "file:"+file, ""), ": ")
	return cmp.Or(strings.ReplaceAll(line, filepath.Dir(file)+string(filepath.Separator), ""), err.Error())
}

// probed is the part of ffprobe's JSON that is read here.
type probed struct {
	Streams []struct {
		Kind        string `json:"codec_type"`
		Codec       string `json:"codec_name"`
		Width       int    `json:"width"`
		Height      int    `json:"height"`
		Average     string `json:"avg_frame_rate"`
		Rate        string `json:"r_frame_rate"`
		Order       string `json:"field_order"`
		Bitrate     string `json:"bit_rate"`
		Seconds     string `json:"duration"`
		Channels    int    `json:"channels"`
		Disposition struct {
			Cover int `json:"attached_pic"`
		} `json:"disposition"`
		Beside []struct {
			Rotation float64 `json:"rotation"`
		} `json:"side_data_list"`
	} `json:"streams"`
	Format struct {
		Name    string            `json:"format_name"`
		Seconds string            `json:"duration"`
		Bitrate string            `json:"bit_rate"`
		Tags    map[string]string `json:"tags"`
	} `json:"format"`
}

func readProbe(data []byte) (f Film, err error) {
	var p probed
	if err := json.Unmarshal(data, &p); err != nil {
		return f, fmt.Errorf("ffprobe wrote no JSON: %w", err)
	}
	// One demuxer reads mp4 and mov; the first tells by its brand which of them it is.
	name, _, _ := strings.Cut(p.Format.Name, ",")
	if f.Container = Container(name); f.Container == "mov" && strings.TrimSpace(p.Format.Tags["major_brand"]) != "qt" && p.Format.Tags["major_brand"] != "" {
		f.Container = "mp4"
	}
	f.Whole, f.Seconds = number(p.Format.Bitrate), number(p.Format.Seconds)
	picture, sound := false, ""
	for _, s := range p.Streams {
		switch {
		case s.Kind == "audio":
			f.Tracks, f.Channels, sound = f.Tracks+1, f.Channels+s.Channels, cmp.Or(sound, s.Codec)
		case s.Kind == "video" && s.Disposition.Cover == 0 && !picture:
			picture = true
			f.Codec, f.Width, f.Height, f.Bitrate = s.Codec, s.Width, s.Height, number(s.Bitrate)
			for _, b := range s.Beside {
				if int(b.Rotation)%180 != 0 { // a telephone held upright
					f.Width, f.Height = f.Height, f.Width
				}
			}
			if f.FPS = ratio(s.Average); f.FPS == 0 {
				f.FPS = ratio(s.Rate)
			}
			switch s.Order {
			case "progressive":
				f.Scan = s.Order
			case "tt", "bb", "tb", "bt":
				f.Scan = "interlaced"
			}
			if n := number(s.Seconds); n > 0 { // a sound may end a little later
				f.Seconds = n
			}
		}
	}
	if f.Codec == "" {
		f.Codec = sound
	}
	if f.Codec == "" {
		return f, errors.New("neither picture nor sound is in it")
	}
	return f, nil
}

func number(s string) float64 {
	n, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return 0
	}
	return n
}

// ratio reads "30000/1001".
func ratio(s string) float64 {
	over, under, _ := strings.Cut(s, "/")
	if d := number(under); d > 0 {
		return number(over) / d
	}
	return 0
}

// folded is the letters and digits of what somebody wrote.
func folded(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}

// naming is how people begin the name of one thing.
type naming struct {
	is    string
	spelt []string
}

var containerNames = []naming{
	{"mxf", []string{"mxf"}}, {"mp4", []string{"mp4", "mpeg4", "m4v", "m4a"}}, {"mov", []string{"mov", "quicktime", "qt"}},
	{"webm", []string{"webm", "matroska", "mkv"}}, // ffprobe does not tell them apart
	{"mpegts", []string{"mpegts", "mpeg2ts", "ts", "m2ts"}}, {"avi", []string{"avi"}}, {"gxf", []string{"gxf"}},
	{"wav", []string{"wav", "bwf", "w64"}}, {"mp3", []string{"mp3"}}, {"flac", []string{"flac"}}, {"ogg", []string{"ogg"}}, {"aiff", []string{"aif"}},
	{"mpeg", []string{"mpeg", "mpg"}},
}

// Container is the short name of a container, "" of one that is not known: "MXF OP1a"
// is mxf, "QuickTime" is mov.
func Container(said string) string {
	word := folded(said)
	for _, n := range containerNames {
		if slices.ContainsFunc(n.spelt, func(s string) bool { return strings.HasPrefix(word, s) }) {
			return n.is
		}
	}
	return ""
}

// codecNames are tried in turn: HEVC is spoken of as MPEG-4 too, and so is H.264.
var codecNames = []naming{
	{"hevc", []string{"hevc", "h265", "x265"}}, {"h264", []string{"h264", "x264", "avc"}},
	{"prores", []string{"prores"}}, {"dnxhd", []string{"dnx", "vc3"}}, {"mpeg2video", []string{"xdcam", "imx", "mpeg2", "h262"}}, {"mpeg1video", []string{"mpeg1video"}},
	{"dvvideo", []string{"dvcpro", "dvcam", "dvvideo"}}, {"jpeg2000", []string{"jpeg2000", "j2k"}}, {"mjpeg", []string{"mjpeg", "motionjpeg"}},
	{"vp9", []string{"vp9"}}, {"vp8", []string{"vp8"}}, {"pcm", []string{"pcm", "wav"}}, {"av1", []string{"av1"}}, {"mpeg4", []string{"mpeg4"}},
	{"aac", []string{"aac"}}, {"mp3", []string{"mp3"}}, {"opus", []string{"opus"}}, {"vorbis", []string{"vorbis"}}, {"flac", []string{"flac"}}, {"ac3", []string{"ac3"}},
}

// Codec is ffmpeg's name of a codec as people call it, "" of one that is not known:
// "XDCAM HD422" is mpeg2video, "AVC-Intra 100" is h264.
func Codec(said string) string {
	word := folded(said)
	for _, n := range codecNames {
		if slices.ContainsFunc(n.spelt, func(s string) bool { return strings.Contains(word, s) }) {
			return n.is
		}
	}
	return ""
}

var bitrate = regexp.MustCompile(`(?i)^(\d+(?:[.,]\d+)?)\s*([kmg]?)(?:bps|bit/s|b/s)$`)

// Bitrate reads "50 Mbps" as bits a second; 0 is no bitrate.
func Bitrate(said string) float64 {
	m := bitrate.FindStringSubmatch(strings.TrimSpace(said))
	if m == nil {
		return 0
	}
	return number(strings.Replace(m[1], ",", ".", 1)) * map[string]float64{"": 1, "k": 1e3, "m": 1e6, "g": 1e9}[strings.ToLower(m[2])]
}
