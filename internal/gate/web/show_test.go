package web

import (
	"os"
	"testing"

	"pressroom/internal/frame"
)

func TestShow(t *testing.T) {
	b, err := os.ReadFile("/tmp/closed/frame.json")
	if err != nil {
		t.Fatal(err)
	}
	f, err := frame.Decode(b)
	if err != nil {
		t.Fatal(err)
	}
	p, err := NewPages(f)
	if err != nil {
		t.Fatal(err)
	}
	os.MkdirAll("/tmp/pub/show", 0o755)
	for _, s := range states() {
		for _, lang := range []string{"en", "fr"} {
			at := s.at(lang)
			if s.name == "login" { at.Return = "" }
			os.WriteFile("/tmp/pub/show/"+s.name+"."+lang+".html", render(t, p, at, s.view(p, lang)), 0o644)
		}
	}
}
