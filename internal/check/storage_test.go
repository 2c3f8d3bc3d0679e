package check

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func TestStorage(t *testing.T) {
	open := []string{"index.html", "videos/V-1/film.mp4", "news/a/index.html", "news/a/film.mp4"}
	r := resultOf(t, open, "V-1/film & sound.mxf", "film.mp4", "V-1/broadcast")
	s, known := newStorage(r), newShelf(r)
	for _, c := range []struct {
		text string
		want string
	}{
		{`at V-1/film & sound.mxf.`, "V-1/film & sound.mxf"},
		{`V-1/film & sound.mxf`, "V-1/film & sound.mxf"},
		{`<a href="https://store.example/x/V-1/film%20&%20sound.mxf">`, "V-1/film%20&%20sound.mxf"},
		{`V-1/film &amp; sound.mxf`, "V-1/film &amp; sound.mxf"},
		{`{"file":"V-1/film \u0026 sound.mxf"}`, `V-1/film \u0026 sound.mxf`},
		{`V-1/film & sound.mxf.jpg`, ""},
		{`EV-1/film & sound.mxf`, ""},
		{`V-1/film and sound.mxf`, ""},
		// A name without a folder may be that of an open file, too.
		{`media/film.mp4`, "film.mp4"},
		{`see film.mp4!`, "film.mp4"},
		{`<source src="/videos/V-1/film.mp4">`, ""},
		{`"https://press.example/videos/V-1/film.mp4"`, ""},
		{`<source src="/videos/V-2/film.mp4">`, "film.mp4"},
		{`my-film.mp4`, ""},
		{`film.mp4s`, ""},
		// One that looks like a download's id is linked as such.
		{`<a href="/download/V-1/broadcast?return=/">`, ""},
		{`<a href="/files/V-1/broadcast">`, "V-1/broadcast"},
		{`film.mp`, ""},
		{``, ""},
	} {
		p := &paper{path: "index.html"}
		s.check(p, []byte(c.text), known)
		got := ""
		if len(p.faults) > 0 {
			got = p.faults[0].words
		}
		if got != c.want || len(p.faults) > 1 {
			t.Errorf("%s: found %q %d times, want %q", c.text, got, len(p.faults), c.want)
		}
	}
	p := &paper{path: "news/a/index.html"} // where film.mp4 lies beside the page
	if s.check(p, []byte(`<source src="film.mp4">`), known); len(p.faults) > 0 {
		t.Errorf("a file beside the page: %+v", p.faults)
	}
}

// One pass finds what looking for each path by itself finds.
func TestStorageAgainstContains(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	letters := func(n int) string {
		b := make([]byte, n)
		for i := range b {
			b[i] = "abc/"[rnd.IntN(4)]
		}
		return string(b)
	}
	hits := 0
	for range 2000 {
		var stored []string
		for range 1 + rnd.IntN(4) {
			stored = append(stored, "m/"+letters(1+rnd.IntN(30)))
		}
		r := resultOf(t, nil, stored...)
		s, known := newStorage(r), newShelf(r)
		text := letters(rnd.IntN(40))
		for range rnd.IntN(3) {
			text += " " + stored[rnd.IntN(len(stored))] + " " + letters(rnd.IntN(40))
		}
		var want []string
		for _, w := range stored {
			if strings.Contains(" "+text+" ", " "+w+" ") {
				want = append(want, w)
			}
		}
		p := &paper{path: "index.html"}
		s.check(p, []byte(text), known)
		var got []string
		for _, f := range p.faults {
			got = append(got, f.words)
		}
		for _, w := range want {
			if hits++; !slices.Contains(got, w) {
				t.Fatalf("%q in %q was not found", w, text)
			}
		}
	}
	if hits < 500 {
		t.Fatalf("only %d hits: the test has gone blind", hits)
	}
}

func TestStoredFileInTheTree(t *testing.T) {
	r := resultOf(t, nil, "V-1/film.mxf", "alone.mxf")
	s := newStorage(r)
	for path, want := range map[string]int{
		"media/V-1/film.mxf": 1, "V-1/film.mxf": 1, "XV-1/film.mxf": 0, "V-1/film.mxf.jpg": 0,
		"alone.mxf": 0, "static/alone.mxf": 0, // by chance: there is nothing in common but a name
	} {
		p := &paper{path: path}
		if s.checkName(p); len(p.faults) != want {
			t.Errorf("%s: %d faults, want %d", path, len(p.faults), want)
		}
	}
}

func BenchmarkStorage(b *testing.B) {
	var stored []string
	for i := range 2000 {
		stored = append(stored, fmt.Sprintf("MC-2026%04d-V-%04d/MC-2026%04d-V-%04d-broadcast.mxf", i, i, i, i))
	}
	r := resultOf(&testing.T{}, nil, stored...)
	s, known := newStorage(r), newShelf(r)
	text := []byte(strings.Repeat(`<p>The ministers of the <a href="/news/2026/05/MC-20260001-V-0001/">member states</a> met in Port Hale.</p>`, 200))
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		s.check(&paper{path: "index.html"}, text, known)
	}
}
