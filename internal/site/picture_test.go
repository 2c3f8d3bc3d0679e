package site

import (
	"bytes"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"pressroom/internal/frame"
	"pressroom/internal/memo"
	"pressroom/internal/source"
)

// The room of a logo is known before it comes, whatever it is made of; one that cannot be
// measured has none, and is shown all the same.
func TestSizeOf(t *testing.T) {
	var raster bytes.Buffer
	if err := png.Encode(&raster, image.NewGray(image.Rect(0, 0, 60, 20))); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, data := range map[string]string{
		"sized.svg":   `<svg xmlns="http://www.w3.org/2000/svg" width="120px" height="48" viewBox="0 0 5 2"/>`,
		"box.svg":     `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 300 100"/>`,
		"free.svg":    `<svg xmlns="http://www.w3.org/2000/svg" width="100%"/>`,
		"raster.png":  raster.String(),
		"damaged.png": raster.String()[:40],
	} {
		if err := os.MkdirAll(filepath.Join(dir, "static"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "static", name), []byte(data), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	m := memo.New()
	files, problems, err := source.Snapshot(dir, "", m)
	if err != nil || problems.HasErrors() {
		t.Fatal(err, problems)
	}
	s := &Site{files: files, memo: m}
	for url, want := range map[string]frame.Size{
		"/sized.svg": {Width: 120, Height: 48}, "/box.svg": {Width: 300, Height: 100}, "/raster.png": {Width: 60, Height: 20},
		"/free.svg": {}, "/damaged.png": {}, "/missing.svg": {}, "": {},
	} {
		if got := s.sizeOf(url); got != want {
			t.Errorf("%q: %v, want %v", url, got, want)
		}
	}
}
