package check

import (
	"math"
	"testing"

	"pressroom/internal/content"
	"pressroom/internal/media"
	"pressroom/internal/site"
)

// A duration is right to the frame, or to the second when it says no more, and a
// timecode of 29.97 frames may drop some or none.
func TestLasts(t *testing.T) {
	for _, c := range []struct {
		text    string
		seconds float64
		frames  int
		film    media.Film
		want    bool
	}{
		{"00:00:10:00", 10, 0, media.Film{Seconds: 10, FPS: 25}, true},
		{"00:00:10:01", 10, 1, media.Film{Seconds: 10, FPS: 25}, true},
		{"00:00:10:02", 10, 2, media.Film{Seconds: 10, FPS: 25}, false},
		{"00:00:10:02", 10, 2, media.Film{Seconds: 10.04, FPS: 50}, true},
		{"10.5", 10.5, 0, media.Film{Seconds: 10.6, FPS: 25}, false},
		{"0:10", 10, 0, media.Film{Seconds: 10.9, FPS: 25}, true},
		{"0:10", 10, 0, media.Film{Seconds: 11.2, FPS: 25}, false},
		{"01:00:00:00", 3600, 0, media.Film{Seconds: 3600, FPS: 29.97}, true},
		{"01:00:00:00", 3600, 0, media.Film{Seconds: 3603.6, FPS: 30000.0 / 1001}, true},
		{"01:00:00:00", 3600, 0, media.Film{Seconds: 3601.8, FPS: 30000.0 / 1001}, false},
		{"00:01:00:00", 60, 0, media.Film{Seconds: 60.05}, true},
		{"00:01:00:00", 60, 0, media.Film{Seconds: 60.2}, false},
	} {
		d := content.Timecode{Text: c.text, Seconds: c.seconds, Frames: c.frames, Set: true}
		if got := lasts(d.At, d.Exact(), c.film); got != c.want {
			t.Errorf("%s of %+v: %v", c.text, c.film, got)
		}
	}
}

// What means the same is no difference, and what a file does not say, nobody denies.
func TestSameFilm(t *testing.T) {
	film := media.Film{Container: "mp4", Codec: "h264", Width: 1920, Height: 1080, FPS: 30000.0 / 1001, Scan: "progressive", Bitrate: 7.1e6, Whole: 7.3e6, Seconds: 4, Tracks: 1, Channels: 2}
	r := content.Rendition{Container: "MPEG-4", Codec: "AVC High", Width: 1920, Height: 1080, FPS: 29.97, Scan: "progressive", Bitrate: "8 Mbps", Audio: make([]content.AudioTrack, 2)}
	f := site.Film{Doc: &content.Doc{}, Rendition: r}
	if d := differences(f, film); d != nil {
		t.Errorf("%+v", d)
	}
	f.Container, f.Codec, f.Bitrate = "a box", "Cinepak", "fast"
	if d := differences(f, film); d != nil {
		t.Errorf("words that nobody knows: %+v", d)
	}
	f.Rendition = r
	f.FPS, f.Bitrate, f.Audio = 30, "10 Mbps", r.Audio[:1:1]
	if d := differences(f, film); len(d) != 2 || d[0].hint != "write fps: 29.97" || d[1].hint != `write bitrate: "7.1 Mbps"` {
		t.Errorf("%+v", d)
	}
	for bits, want := range map[float64]string{190_400: "190 kbps", 1_249_000: "1.2 Mbps", 54_800_000: "55 Mbps", 999: "1 kbps", 473_000_000: "470 Mbps"} {
		if got := perSecond(bits); got != want || math.Abs(media.Bitrate(got)-bits) > bits/10 {
			t.Errorf("%g is %s", bits, got)
		}
	}
}
