package site

import (
	"fmt"
	"testing"
	"time"

	"pressroom/internal/content"
)

// A new video changes the last part of the index's data, and a full part never changes.
func TestFinderParts(t *testing.T) {
	ed := &edition{t: map[string]string{}}
	add := func(n int) {
		it := &item{ed: ed, front: &content.Front{}, date: time.Unix(int64(n)*86400, 0).UTC(), card: Card{Title: fmt.Sprint(n)}}
		ed.videos = append([]*item{it}, ed.videos...)
	}
	s := &Site{}
	parts := func() (out []FinderPart) {
		for _, side := range s.finderParts(ed) {
			out = append(out, side.View().(FinderPart))
		}
		return out
	}
	for n := range 2 * partVideos {
		add(n)
	}
	before := parts()
	if len(before) != 2 || before[0].Title[0] != "0" || before[1].Title[partVideos-1] != "399" {
		t.Fatalf("%d parts", len(before))
	}
	add(400)
	after := parts()
	if len(after) != 3 || len(after[2].Title) != 1 || after[2].Title[0] != "400" || s.finder(&edition{}) != nil {
		t.Errorf("%d parts, the last %v", len(after), after[len(after)-1].Title)
	}
	for i := range before {
		if fmt.Sprint(before[i]) != fmt.Sprint(after[i]) {
			t.Errorf("part %d has changed", i+1)
		}
	}
}

// The larger files of a film are for larger screens, and the smallest plays everywhere.
func TestBySize(t *testing.T) {
	var film []rendition
	for _, h := range []int{360, 1080, 720} {
		film = append(film, rendition{Rendition: content.Rendition{Height: h}, url: fmt.Sprint(h), typ: "video/mp4"})
	}
	want := "[{1080 video/mp4 (min-width: 1280px) } {720 video/mp4 (min-width: 768px) } {360 video/mp4  }]"
	if got := fmt.Sprint(bySize(film)); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// Pages that begin with tiles load the first rows at once; the card itself stays lazy
// for the pages that have it further down. Scripts show the format that all of them know.
func TestTiles(t *testing.T) {
	var videos []*item
	for range soonTiles + 1 {
		videos = append(videos, &item{card: Card{Image: &Image{Src: "a.jpg", Srcset: "a.jpg 400w"}}})
	}
	for i, c := range tiles(videos) {
		if c.Image.Soon != (i < soonTiles) || c.Image.Eager != (i == 0) || videos[i].card.Image.Soon {
			t.Errorf("tile %d is loaded soon: %t", i, c.Image.Soon)
		}
	}
	i := &Image{Src: "a.jpg", Srcset: "a.jpg 400w", Sources: []ImageSource{{Type: "image/avif", Srcset: "a.avif 400w"}, {Type: "image/webp", Srcset: "a.webp 400w"}}}
	if light(i) != "a.webp 400w" || light(&Image{Src: "a.svg"}) != "a.svg" || light(videos[0].card.Image) != "a.jpg 400w" {
		t.Errorf("%q", light(i))
	}
}
