package picture

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"pressroom/internal/memo"
)

// reel is a film of ten seconds that goes from black to white.
func reel(t *testing.T) []byte {
	t.Helper()
	if _, err := exec.LookPath("ffmpeg"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("no ffmpeg")
		}
		t.Skip("no ffmpeg")
	}
	out := filepath.Join(t.TempDir(), "reel.webm")
	if said, err := exec.Command("ffmpeg", "-v", "error", "-nostdin", "-f", "lavfi", "-i", "color=black:s=320x240:r=10:d=10,fade=in:0:100:color=white", "-vf", "reverse,reverse",
		"-c:v", "libvpx", "-deadline", "realtime", out).CombinedOutput(); err != nil {
		t.Skipf("this ffmpeg writes no WebM: %s", said)
	}
	data, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func boardOf(k *Kit, data []byte, seconds float64) (*Shot, *Variant, error) {
	s := &Shot{Path: "reel.webm", Key: memo.Hash("reel", data)}
	v := s.Board(Film{"video/webm", seconds, func(w io.Writer) (int64, error) { return io.Copy(w, bytes.NewReader(data)) }}, k.Cutter(context.Background(), memo.New()))
	return s, v, k.Make(context.Background(), s, v)
}

// A board is frames from all along a film, in their order and in their size.
func TestBoard(t *testing.T) {
	data, k := reel(t), &Kit{Tools: Find()}
	s, v, err := boardOf(k, data, 10)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := k.Write(context.Background(), &b, s, v); err != nil {
		t.Fatal(err)
	}
	img, format, err := image.Decode(&b)
	if err != nil || format != "jpeg" || img.Bounds() != image.Rect(0, 0, 1600, 90) {
		t.Fatalf("%s %v %v", format, img.Bounds(), err)
	}
	last := 256
	for i := range BoardFrames {
		grey := int(color.GrayModel.Convert(img.At(i*frameWidth+80, 45)).(color.Gray).Y)
		if grey >= last {
			t.Errorf("frame %d is as light as the one before: %d, %d", i, grey, last)
		}
		last = grey
	}
	if !strings.HasSuffix(v.URL(), "-board.jpg") || len(s.Variants()) != 1 {
		t.Errorf("%s, %d variants", v.URL(), len(s.Variants()))
	}
	if _, w, _ := boardOf(k, data, 8); w.Name == v.Name {
		t.Error("other frames have the same name")
	}
}

// What cannot be read is told, and a playlist that calls itself a film opens no other file.
func TestBoardFails(t *testing.T) {
	data, k := reel(t), &Kit{Tools: Find()}
	secret := filepath.Join(t.TempDir(), "secret.webm")
	if err := os.WriteFile(secret, data, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		data    string
		seconds float64
	}{
		"no film":        {"this is a letter", 10},
		"cut short":      {string(data[:len(data)/3]), 10},
		"longer in text": {string(data), 60},
		"list of files":  {"ffconcat version 1.0\nfile '" + secret + "'\n", 10},
		"playlist":       {"#EXTM3U\n#EXTINF:10,\n" + secret + "\n#EXT-X-ENDLIST\n", 10},
	} {
		if _, _, err := boardOf(k, []byte(c.data), c.seconds); err == nil {
			t.Errorf("%s: no error", name)
		} else if strings.Contains(err.Error(), os.TempDir()) || strings.Contains(err.Error(), "0x") {
			t.Errorf("%s: the error names what is of this computer alone: %v", name, err)
		}
	}
	if (&Kit{}).Cutter(context.Background(), memo.New()) != nil {
		t.Error("a kit without tools cuts films")
	}
}
