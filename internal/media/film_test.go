package media

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestNamesOfFilms(t *testing.T) {
	for said, want := range map[string]string{"mp4": "mp4", "MXF OP1a": "mxf", "QuickTime": "mov", "MPEG-TS": "mpegts", ".mkv": "webm", "WebM": "webm", "BWF": "wav", "MPEG-4": "mp4",
		"mov,mp4,m4a,3gp,3g2,mj2": "mov", "mxf_opatom": "mxf", "matroska,webm": "webm", "a box": "", "": ""} {
		if got := Container(said); got != want {
			t.Errorf("the container %q is %q, want %q", said, got, want)
		}
	}
	for said, want := range map[string]string{"H.264": "h264", "AVC-Intra 100": "h264", "MPEG-4 AVC": "h264", "XAVC": "h264", "H.265/HEVC": "hevc", "XDCAM HD422": "mpeg2video", "IMX50": "mpeg2video",
		"ProRes 422 HQ": "prores", "DNxHR HQX": "dnxhd", "AV1": "av1", "PCM 24 bit": "pcm", "pcm_s16le": "pcm", "WAV 16 bit": "pcm", "AAC": "aac", "mpeg2video": "mpeg2video", "": "", "Cinepak": ""} {
		if got := Codec(said); got != want {
			t.Errorf("the codec %q is %q, want %q", said, got, want)
		}
	}
	for said, want := range map[string]float64{"50 Mbps": 50e6, "190 kbps": 190e3, "1,2 Mbit/s": 1.2e6, "8Mb/s": 8e6, "fast": 0, "50": 0, "": 0} {
		if got := Bitrate(said); got != want {
			t.Errorf("the bitrate %q is %g, want %g", said, got, want)
		}
	}
}

func TestReadProbe(t *testing.T) {
	for name, c := range map[string]struct {
		json string
		want Film
	}{
		"interlaced, four tracks": {`{"streams": [
			{"codec_type": "video", "codec_name": "mpeg2video", "width": 1920, "height": 1080, "avg_frame_rate": "25/1", "r_frame_rate": "50/1", "field_order": "tt", "bit_rate": "50000000", "duration": "72.000000"},
			{"codec_type": "audio", "codec_name": "pcm_s24le", "channels": 1}, {"codec_type": "audio", "codec_name": "pcm_s24le", "channels": 1},
			{"codec_type": "data", "codec_name": "smpte_436m_anc"}], "format": {"format_name": "mxf", "duration": "72.020000", "bit_rate": "57000000"}}`,
			Film{"mxf", "mpeg2video", 1920, 1080, 25, "interlaced", 50e6, 57e6, 72, 2, 2}},
		"upright, from a telephone": {`{"streams": [{"codec_type": "video", "codec_name": "hevc", "width": 1920, "height": 1080, "avg_frame_rate": "30000/1001", "side_data_list": [{"rotation": -90}]},
			{"codec_type": "audio", "codec_name": "aac", "channels": 2}], "format": {"format_name": "mov,mp4,m4a,3gp,3g2,mj2", "duration": "3.5", "tags": {"major_brand": "qt  "}}}`,
			Film{"mov", "hevc", 1080, 1920, 30000.0 / 1001, "", 0, 0, 3.5, 1, 2}},
		"sound with a cover": {`{"streams": [{"codec_type": "audio", "codec_name": "mp3", "channels": 2}, {"codec_type": "video", "codec_name": "mjpeg", "width": 600, "disposition": {"attached_pic": 1}}],
			"format": {"format_name": "mp3", "duration": "61.2", "bit_rate": "128000"}}`,
			Film{"mp3", "mp3", 0, 0, 0, "", 0, 128000, 61.2, 1, 2}},
		"mp4 by its brand": {`{"streams": [{"codec_type": "video", "codec_name": "h264", "r_frame_rate": "50/1", "avg_frame_rate": "0/0", "field_order": "progressive"}],
			"format": {"format_name": "mov,mp4,m4a,3gp,3g2,mj2", "tags": {"major_brand": "isom"}}}`,
			Film{Container: "mp4", Codec: "h264", FPS: 50, Scan: "progressive"}},
	} {
		got, err := readProbe([]byte(c.json))
		if err != nil || got != c.want {
			t.Errorf("%s: %+v %v, want %+v", name, got, err, c.want)
		}
	}
	for _, bad := range []string{"", `{"streams": [{"codec_type": "data"}]}`} {
		if _, err := readProbe([]byte(bad)); err == nil {
			t.Errorf("%q: no error", bad)
		}
	}
}

// prober is the one of this computer.
func prober(t *testing.T) *Prober {
	t.Helper()
	p := FindProber()
	if p == nil && os.Getenv("CI") != "" {
		t.Fatal("no ffprobe")
	}
	if p == nil {
		t.Skip("no ffprobe")
	}
	return p
}

// A film is read; what is none is told without a word of this computer, and a playlist that calls
// itself one opens no other file.
func TestProbeFails(t *testing.T) {
	p, dir := prober(t), t.TempDir()
	film := filepath.Join(dir, "secret.mov")
	if out, err := exec.Command("ffmpeg", "-v", "error", "-nostdin", "-f", "lavfi", "-i", "testsrc=s=64x36:r=25:d=2", "-f", "lavfi", "-i", "anullsrc=d=2", "-c:v", "mpeg4", "-c:a", "pcm_s16le", "-shortest", film).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	f, err := p.Read(context.Background(), film)
	if f.Bitrate, f.Whole = 0, 0; err != nil || f != (Film{Container: "mov", Codec: "mpeg4", Width: 64, Height: 36, FPS: 25, Seconds: 2, Tracks: 1, Channels: 2}) {
		t.Errorf("%+v, %v", f, err)
	}
	for name, text := range map[string]string{
		"letter": "Dear Sir,", "empty": "", "list": "ffconcat version 1.0\nfile '" + film + "'\n", "playlist": "#EXTM3U\n#EXTINF:10,\n" + film + "\n#EXT-X-ENDLIST\n",
	} {
		at := filepath.Join(dir, name+".mp4")
		if err := os.WriteFile(at, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if f, err := p.Read(context.Background(), at); err == nil {
			t.Errorf("%s is read as %+v", name, f)
		} else if strings.Contains(err.Error(), dir) || err.Error() == "" {
			t.Errorf("%s: %q", name, err)
		}
	}
}

// A probe that hangs ends with the call that asked for it.
func TestProbeStops(t *testing.T) {
	name := filepath.Join(t.TempDir(), "ffprobe")
	if err := os.WriteFile(name, []byte("#!/bin/sh\nexec sleep 600\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancelCause(context.Background())
	over := errors.New("stopped by hand")
	time.AfterFunc(50*time.Millisecond, func() { stop(over) })
	if _, err := (&Prober{path: name}).Read(ctx, "film.mxf"); !errors.Is(err, over) || !Stopped(err) {
		t.Errorf("%v, want %v", err, over)
	}
}
