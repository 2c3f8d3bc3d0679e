package output

import (
	"context"
	"errors"
	"io"
	"path/filepath"
	"strings"
	"testing"
)

func TestFailuresAreCollected(t *testing.T) {
	modes(t, func(t *testing.T, inPlace bool) {
		o := newPlace(t)
		o.inPlace = inPlace
		write(t, o, site)
		before := state(t, filepath.Dir(o.Dir))
		boom := errors.New("boom")
		tree := site.with(files{"fine.html": "fine", "large": strings.Repeat("x", 3*sinkSize)}).tree(t)
		for path, f := range map[string]func(io.Writer) error{
			"bad/one.html": func(io.Writer) error { return boom },
			"bad/two.html": func(w io.Writer) error { _, _ = io.WriteString(w, "half"); panic("ouch") },
		} {
			if err := tree.Add(File{Path: path, Write: f}); err != nil {
				t.Fatal(err)
			}
		}
		_, err := Write(context.Background(), tree, o)
		if !errors.Is(err, boom) {
			t.Errorf("got %v", err)
		}
		for _, want := range []string{"write " + o.Dir, "bad/one.html: boom", "bad/two.html: panic: ouch"} {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("no %q in %v", want, err)
			}
		}
		unchanged(t, o, before)
	})
}

// A build can be cancelled at any step before the swap, and nothing has happened.
func TestCancel(t *testing.T) {
	cause := errors.New("enough")
	next := site.with(files{"index.html": "home 2", "news/rss.xml": "", "a/b/c": "new"})
	for at := 1; ; at++ {
		o := newPlace(t)
		write(t, o, site)
		before := state(t, filepath.Dir(o.Dir))
		ctx, cancel := context.WithCancelCause(context.Background())
		n := 0
		oneByOne(t)
		o.step = func() {
			if n++; n == at {
				cancel(cause)
			}
		}
		_, err := Write(ctx, next.tree(t), o)
		switch {
		case err == nil && n < at:
			if at < 10 {
				t.Errorf("only %d steps", at)
			}
			return
		case err == nil: // it was too late to stop
			check(t, o.Dir, next)
		case !errors.Is(err, cause):
			t.Fatalf("step %d: %v", at, err)
		default:
			unchanged(t, o, before)
		}
	}
}

func TestWrongPlaces(t *testing.T) {
	base := t.TempDir()
	put(t, base, files{"file": "x", "nowhere": "-> missing", "loop": "-> loop"})
	for name, o := range map[string]Options{
		"a file":              {Dir: filepath.Join(base, "file")},
		"below a file":        {Dir: filepath.Join(base, "file", "public")},
		"a symlink to nought": {Dir: filepath.Join(base, "nowhere")},
		"a loop":              {Dir: filepath.Join(base, "loop")},
		"the root":            {Dir: "/"},
		"a record inside":     {Dir: filepath.Join(base, "public"), Record: filepath.Join(base, "public", "record")},
	} {
		if _, err := Write(context.Background(), site.tree(t), o); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if got := read(t, base); len(got) != 3 {
		t.Errorf("left %v", got)
	}
}

// Without a record, everything works but the memory.
func TestNoRecord(t *testing.T) {
	o := Options{Dir: filepath.Join(t.TempDir(), "deep", "er", "public")}
	for _, s := range []files{site, site.with(files{"index.html": "2", "news/rss.xml": ""}), site} {
		if _, err := Write(context.Background(), s.tree(t), o); err != nil {
			t.Fatal(err)
		}
		check(t, o.Dir, s)
	}
	if got := read(t, filepath.Dir(o.Dir)); len(got) != len(site)+1 {
		t.Errorf("left %s", show(got))
	}
}
