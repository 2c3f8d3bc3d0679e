package picture

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pressroom/internal/memo"
)

func shotOf(t testing.TB, name string, data []byte) *Shot {
	t.Helper()
	info, err := Read(name, data)
	if err != nil {
		t.Fatal(err)
	}
	return &Shot{Path: name, Key: memo.Of(data), Info: info, Open: func() ([]byte, error) { return data, nil }}
}

func made(t *testing.T, k *Kit, s *Shot, v *Variant) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := k.Write(context.Background(), &b, s, v); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestWidths(t *testing.T) {
	for width, want := range map[int][]int{
		5000: {400, 800, 1200, 1600}, 1600: {400, 800, 1200, 1600}, 1280: {400, 800, 1280}, 1000: {400, 800, 1000}, 900: {400, 900}, 300: {300}, 1: {1},
	} {
		s := &Shot{Info: Info{Width: width, Height: width}}
		if got := s.Widths([]int{400, 800, 1200, 1600}); !slices.Equal(got, want) {
			t.Errorf("%d: %v, want %v", width, got, want)
		}
	}
}

// Variants are the picture, upright, in the sizes that were asked for, without a byte of
// what the camera wrote; and they are made once.
func TestVariants(t *testing.T) {
	left := gradient(1000, 500)
	for y := range 500 { // the left edge is red
		for x := range 200 {
			left.Set(x, y, color.RGBA{255, 0, 0, 255})
		}
	}
	data := withSegments(jpegOf(t, left), segment(0xe1, "Exif\x00\x00"+exifBlock(6)), segment(0xe1, xmpMark+xmp))
	s := shotOf(t, "content/news/Le Quai (2).jpg", data)
	store := Folder(filepath.Join(t.TempDir(), "pictures"))
	var all []*Variant
	for _, w := range s.Widths([]int{200, 400}) {
		all = append(all, s.Variant(w, nil))
	}
	if s.Variant(200, nil) != all[0] || !strings.HasPrefix(all[0].Name, "le-quai-2-") || !strings.HasSuffix(all[0].Name, "-200.jpg") {
		t.Errorf("named %s", all[0].Name)
	}
	k := &Kit{Store: store}
	for i, v := range all {
		b := made(t, k, s, v)
		m, err := jpeg.Decode(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		if got := m.Bounds().Size(); got != image.Pt(v.Width, v.Height) || got.Y != 2*got.X {
			t.Errorf("%d: %v", i, got)
		}
		if r, g, _, _ := m.At(v.Width/2, v.Height/10).RGBA(); r < 0xe000 || g > 0x2000 {
			t.Errorf("%d: what was left is not above", i)
		}
		if bytes.Contains(b, []byte("Exif")) || bytes.Contains(b, []byte("adobe")) {
			t.Errorf("%d: metadata", i)
		}
	}
	again := shotOf(t, "other name.jpg", data)
	again.Open = func() ([]byte, error) { t.Error("made again"); return data, nil }
	for _, v := range all {
		want := made(t, k, s, v)
		if got := made(t, &Kit{Store: store}, again, again.Variant(v.Width, nil)); !bytes.Equal(got, want) {
			t.Error("another picture from the store")
		}
	}
	// A damaged file of the store is none.
	name := filepath.Join(string(store), all[0].stored())
	if err := os.WriteFile(name, []byte("cut short, and longer than a hash has bytes, by a few"), 0o644); err != nil {
		t.Fatal(err)
	}
	if b := made(t, &Kit{Store: store}, s, all[0]); !bytes.HasPrefix(b, []byte("\xff\xd8")) {
		t.Error("a damaged file was taken")
	}
	// What the last build did not use goes.
	if err := store.Put("0-old.jpg", []byte("old")); err != nil {
		t.Fatal(err)
	}
	if err := store.Keep([]*Shot{s}); err != nil || store.Has("0-old.jpg") || !store.Has(all[0].stored()) {
		t.Error("Keep", err)
	}
}

func TestCard(t *testing.T) {
	m := image.NewRGBA(image.Rect(0, 0, 1300, 1300))
	for i := range m.Pix { // noise, the worst for JPEG
		m.Pix[i] = uint8(i * i * 7919 >> 5)
	}
	for y := range 1300 {
		for x := range 1300 {
			if y < 300 {
				m.Set(x, y, color.RGBA{0, 0, 255, 255})
			}
		}
	}
	s := shotOf(t, "a.jpg", jpegOf(t, m))
	top, low := s.Card(Point{0.5, 0.05}), s.Card(Point{0.5, 0.9})
	if top.Name == low.Name {
		t.Fatal("two cards of one name")
	}
	k := &Kit{}
	for v, blue := range map[*Variant]bool{top: true, low: false} {
		b := made(t, k, s, v)
		card, err := jpeg.Decode(bytes.NewReader(b))
		if err != nil || len(b) > maxCard || card.Bounds().Size() != image.Pt(1200, 630) {
			t.Fatalf("%v, %d bytes", err, len(b))
		}
		if r, _, bl, _ := card.At(600, 100).RGBA(); (bl > 0xe000 && r < 0x3000) != blue {
			t.Errorf("cut at the wrong place: %v", card.At(600, 100))
		}
	}
	if small := shotOf(t, "s.jpg", jpegOf(t, gradient(500, 400))); small.Card(Middle) != nil {
		t.Error("a card of too few pixels")
	}
}

func TestNewsroomCard(t *testing.T) {
	draw := func(title, accent string) []byte {
		var b bytes.Buffer
		if err := NewsroomCard(&b, title, accent); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	none := draw("", "#0b4f9e")
	if bytes.Equal(draw("Meridian Council Newsroom", "#0b4f9e"), none) {
		t.Error("no name on the card")
	}
	for _, title := range []string{"新闻中心", "غرفة الأخبار"} {
		if !bytes.Equal(draw(title, "#0b4f9e"), none) {
			t.Errorf("%s: boxes instead of letters", title)
		}
	}
	if bytes.Equal(draw("A", "#fc0"), draw("A", "")) {
		t.Error("the accent is not shown")
	}
	draw(strings.Repeat("Donaudampfschifffahrt", 9), "") // too long for any size
}

// tool is a program that behaves as a script says; $out is its last argument.
func tool(t *testing.T, name, script string) Tool {
	t.Helper()
	p := filepath.Join(t.TempDir(), name)
	text := "#!/bin/sh\nfor out; do :; done\ncase \"$1\" in *version) echo '" + name + " 9.8.7'; exit;; esac\n" + script
	if err := os.WriteFile(p, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
	return Tool{Name: name, Path: p, Stamp: memo.Of([]byte(script))}
}

const writesWebP = `printf 'RIFF\004\000\000\000WEBP' > "$out"`

func TestEncoders(t *testing.T) {
	ctx := context.Background()
	good, without := tool(t, "cwebp", writesWebP), tool(t, "ffmpeg", "echo 'no such library' >&2; exit 1")
	k := &Kit{Tools: Tools{good, without}}
	found, refused := k.Encoders(ctx, []string{"avif", "webp"}, nil)
	if len(found) != 1 || found[0].String() != "WebP by cwebp 9.8.7" {
		t.Fatalf("%v", found)
	}
	if len(refused) != 1 || refused[0] != "ffmpeg cannot write AVIF: exit status 1: no such library" {
		t.Errorf("%q", refused)
	}
	s := shotOf(t, "a.jpg", jpegOf(t, gradient(600, 300)))
	v := s.Variant(400, found[0])
	if b := made(t, k, s, v); sniff(b) != "webp" || !strings.HasSuffix(v.Name, "-400.webp") {
		t.Errorf("%s: %q", v.Name, b)
	}
	if other := s.Variant(400, &Encoder{Format: "webp", Name: "cwebp 9.9.0"}); other.Name == v.Name {
		t.Error("another version writes the same file")
	}
	// One that fails later is named, and what others write is there all the same.
	for script, want := range map[string]string{
		"echo boom >&2; exit 3": "exit status 3: boom", "exit 0": "it wrote no file", `echo no picture > "$out"`: "it wrote 11 bytes that are no WebP",
	} {
		s, k := shotOf(t, "a.jpg", jpegOf(t, gradient(600, 300))), &Kit{}
		plain, bad := s.Variant(400, nil), s.Variant(400, &Encoder{"webp", "cwebp 9.8.7", tool(t, "cwebp", script)})
		err := k.Write(ctx, &bytes.Buffer{}, s, bad)
		var f *Failure
		if !errors.As(err, &f) || f.Encoder == nil || f.Error() != "a.jpg: cwebp 9.8.7 cannot write WebP: "+want {
			t.Errorf("%s: %v, want %s", script, err, want)
		}
		s.Open = func() ([]byte, error) { t.Error(script, ": made again"); return nil, errors.New("closed") }
		made(t, k, s, plain)
	}
	if left := k.Without(found[0]).Tools; len(left) != 1 || left[0].Name != "ffmpeg" {
		t.Errorf("left %v", left)
	}
}

// avifenc is asked in its own way: it reads no PPM, and takes one picture at a time.
func TestAvifenc(t *testing.T) {
	asked := filepath.Join(t.TempDir(), "asked")
	script := `echo "$@" >>` + asked + `
for arg; do in=$out; out=$arg; done
[ "$(head -c 4 "$in" | tail -c 3)" = PNG ] || { echo 'not a PNG' >&2; exit 1; }
printf '\000\000\000\034ftypavif' > "$out"`
	k := &Kit{Tools: Tools{tool(t, "avifenc", script), tool(t, "ffmpeg", "exit 1")}}
	found, refused := k.Encoders(context.Background(), []string{"avif"}, nil)
	if len(found) != 1 || found[0].String() != "AVIF by avifenc 9.8.7" || len(refused) > 0 {
		t.Fatalf("%v %q", found, refused)
	}
	s := shotOf(t, "a.jpg", jpegOf(t, gradient(600, 300)))
	for _, w := range []int{200, 400} {
		v := s.Variant(w, found[0])
		if b := made(t, k, s, v); sniff(b) != "avif" || v.Type != "image/avif" || !strings.HasSuffix(v.Name, fmt.Sprintf("-%d.avif", w)) {
			t.Errorf("%s: %q", v.Name, b)
		}
	}
	text, err := os.ReadFile(asked)
	calls := strings.Count(string(text), "--jobs 1 --speed 7 --min 18 --max 30 --ignore-exif --ignore-xmp --ignore-icc ")
	if err != nil || calls != 3 || strings.Count(string(text), "\n") != 3 { // the trial and two pictures
		t.Errorf("asked %s, %v", text, err)
	}
}

// A tool that hangs is given up, and says why; so is one whose build is stopped.
func TestDeadline(t *testing.T) {
	slow := tool(t, "cwebp", "exec sleep 600")
	slow.Patience = 100 * time.Millisecond
	s, k := shotOf(t, "a.jpg", jpegOf(t, gradient(600, 300))), &Kit{}
	var f *Failure
	if err := k.Write(context.Background(), io.Discard, s, s.Variant(400, &Encoder{"webp", "cwebp 9.8.7", slow})); !errors.As(err, &f) || f.Encoder == nil ||
		f.Error() != "a.jpg: cwebp 9.8.7 cannot write WebP: it took more than 100ms" {
		t.Errorf("%v", err)
	}
	if found, refused := (&Kit{Tools: Tools{slow}}).Encoders(context.Background(), []string{"webp"}, nil); found != nil || len(refused) != 1 || refused[0] != "cwebp cannot write WebP: it took more than 100ms" {
		t.Errorf("%v %q", found, refused)
	}
	slow.Patience = 0
	ctx, stop := context.WithCancelCause(context.Background())
	over := errors.New("stopped by hand")
	time.AfterFunc(50*time.Millisecond, func() { stop(over) })
	if err := k.Write(ctx, io.Discard, s, s.Variant(400, &Encoder{"webp", "cwebp 9.8.8", slow})); !errors.Is(err, over) || errors.As(err, &f) && f.Encoder != nil && f.Encoder.Name == "cwebp 9.8.8" {
		t.Errorf("%v", err)
	}
}

// Each encoder of this computer writes what it is asked for, several sizes at once too.
func TestRealEncoders(t *testing.T) {
	s := shotOf(t, "a.jpg", jpegOf(t, gradient(900, 600)))
	tried := 0
	for _, one := range Find() {
		k := &Kit{Tools: Tools{one}}
		found, _ := k.Encoders(context.Background(), Formats, nil)
		var all []*Variant
		for _, e := range found {
			tried++
			for _, w := range []int{300, 600, 900} {
				all = append(all, s.Variant(w, e))
			}
		}
		for _, v := range all {
			b := made(t, k, s, v)
			if sniff(b) != v.format {
				t.Errorf("%s: no %s", v.Name, v.format)
			}
			if v.format == "webp" {
				if i, err := Read("a.webp", b); err != nil || i.Width != v.Width || i.Height != v.Height {
					t.Errorf("%s: %+v %v", v.Name, i, err)
				}
			}
		}
	}
	if tried == 0 {
		if os.Getenv("CI") != "" {
			t.Fatal("no encoder on PATH")
		}
		t.Skip("no encoder on PATH")
	}
}

// A picture whose header is good and whose pixels are not is the editor's mistake.
func TestDamaged(t *testing.T) {
	data := pngOf(t, gradient(300, 300))
	for i := len(data) / 2; i < len(data)/2+200; i++ {
		data[i] ^= 0x55
	}
	s := shotOf(t, "a.png", data)
	err := (&Kit{}).Write(context.Background(), &bytes.Buffer{}, s, s.Variant(200, nil))
	var f *Failure
	var e *Error
	if !errors.As(err, &f) || f.Encoder != nil || f.Path != "a.png" || !errors.As(err, &e) || !strings.HasPrefix(e.Text, "the picture is damaged") {
		t.Errorf("%v", err)
	}
}
