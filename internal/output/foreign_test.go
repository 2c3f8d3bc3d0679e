package output

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestForeignStays(t *testing.T) {
	modes(t, func(t *testing.T, inPlace bool) {
		o := newPlace(t)
		o.inPlace = inPlace
		foreign := files{
			"CNAME": "example.org", ".git/HEAD": "ref", ".git/objects/ab/cd": "blob", "news/2024/note": "x",
			"link": "-> /etc/passwd", "news/dead": "-> nowhere", "empty": "/", "old/own": "z",
		}
		want := []string{".git/", "CNAME", "empty/", "link", "news/2024/note", "news/dead", "old/"}
		write(t, o, site.with(files{"old/deep/ours": "1", "old/ours": "2"}))
		put(t, o.Dir, foreign)
		next := site.with(files{"index.html": "home 2"})
		for i, s := range []files{next, next, site, site.with(files{"news/index.html": "2"})} {
			if i == 3 { // a stranger's folder changes below what we look at
				more := files{".git/objects/ab/ef": "blob 2"}
				put(t, o.Dir, more)
				maps.Copy(foreign, more)
				if err := os.Remove(filepath.Join(o.Dir, ".git", "HEAD")); err != nil {
					t.Fatal(err)
				}
				delete(foreign, ".git/HEAD")
			}
			if i == 2 { // one more beside those that the record knows
				foreign["CNAME2"] = "example.net"
				put(t, o.Dir, files{"CNAME2": "example.net"})
				want = slices.Insert(want, 2, "CNAME2")
			}
			r := write(t, o, s)
			check(t, o.Dir, s, foreign)
			if r.Atomic != (!inPlace || r.Changed == nil) {
				t.Errorf("%d: atomic: %v", i, r.Atomic)
			}
			if !slices.Equal(r.Foreign, want) {
				t.Errorf("%d: got %q, want %q", i, r.Foreign, want)
			}
		}
		at, err := lstat(filepath.Join(o.Dir, "link"))
		if err != nil || at.kind != isOther {
			t.Errorf("the link became %+v, %v", at, err)
		}
	})
}

func TestForeignInTheWay(t *testing.T) {
	for name, c := range map[string]struct {
		foreign files
		paths   []string
	}{
		"another text":               {files{"style.css": "p{}", "index.html": "mine"}, []string{"index.html", "style.css"}},
		"a folder for a file":        {files{"style.css/x": "y"}, []string{"style.css"}},
		"an empty folder for a file": {files{"style.css": "/"}, []string{"style.css"}},
		"a file for a folder":        {files{"news": "n"}, []string{"news"}},
		"a symlink for a folder":     {files{"news": "-> ../elsewhere"}, []string{"news"}},
		"a symlink for a file":       {files{"index.html": "-> ../elsewhere/victim"}, []string{"index.html"}},
		"somebody's manifest":        {files{"manifest.json": `{"name":"app"}`}, []string{"manifest.json"}},
		"a list of something else":   {files{"manifest.json": `{"files":["index.html"]}`}, []string{"manifest.json"}},
	} {
		t.Run(name, func(t *testing.T) {
			modes(t, func(t *testing.T, inPlace bool) {
				o := newPlace(t)
				o.inPlace = inPlace
				put(t, filepath.Dir(o.Dir), files{"elsewhere/victim": "safe", "elsewhere/2024/05/a/index.html": "a"})
				put(t, o.Dir, c.foreign)
				before := state(t, filepath.Dir(o.Dir))
				_, err := Write(context.Background(), site.tree(t), o)
				var clash *ForeignError
				if !errors.As(err, &clash) || !slices.Equal(clash.Paths, c.paths) || !strings.Contains(err.Error(), c.paths[0]) {
					t.Errorf("got %v, want %q", err, c.paths)
				}
				unchanged(t, o, before)
			})
		})
	}
	e := &ForeignError{Paths: strings.Fields("a b c d e f g")}
	if got, want := e.Error(), "not written by us, but in the way: a, b, c, d, e and 2 more"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A stranger's file with the very bytes of ours is ours from then on.
func TestForeignIsAdopted(t *testing.T) {
	o := newPlace(t)
	put(t, o.Dir, files{"index.html": "home", "news/index.html": "news", "own": "x"})
	before, err := lstat(filepath.Join(o.Dir, "index.html"))
	if err != nil {
		t.Fatal(err)
	}
	r := write(t, o, site)
	check(t, o.Dir, site, files{"own": "x"})
	if after, err := lstat(filepath.Join(o.Dir, "index.html")); err != nil || after != before || slices.Contains(r.Changed, "index.html") {
		t.Errorf("written again: %v, %v", after, err)
	}
	write(t, o, files{})
	check(t, o.Dir, files{}, files{"own": "x"})
}

// A symlink where our file or folder was is replaced or left, never followed.
func TestSymlinksAreNotFollowed(t *testing.T) {
	modes(t, func(t *testing.T, inPlace bool) {
		o := newPlace(t)
		o.inPlace = inPlace
		outside := filepath.Join(filepath.Dir(o.Dir), "outside")
		victims := files{"index.html": "safe", "b/index.html": "safe too"}
		put(t, outside, victims)
		write(t, o, site)

		plant := func(path, to string) {
			t.Helper()
			if err := os.RemoveAll(filepath.Join(o.Dir, path)); err != nil {
				t.Fatal(err)
			}
			put(t, o.Dir, files{path: "-> " + to})
		}
		plant("index.html", outside+"/index.html")
		next := site.with(files{"index.html": "home 2"})
		write(t, o, next)
		check(t, o.Dir, next)

		// Below the symlink stands something at the path of our file, which is to go.
		plant("news/2024/05", outside)
		next = next.with(files{"news/2024/05/a/index.html": "", "news/2024/05/a/index.json": "", "news/2024/05/b/index.html": ""})
		write(t, o, next)
		check(t, o.Dir, next, files{"news/2024/05": "-> " + outside})
		if got := read(t, outside); !reflect.DeepEqual(got, victims) {
			t.Errorf("outside: %s", show(got))
		}
	})
}

// The folder itself may be a symlink, and stays one.
func TestDirIsSymlink(t *testing.T) {
	modes(t, func(t *testing.T, inPlace bool) {
		o := newPlace(t)
		o.inPlace = inPlace
		real := filepath.Join(filepath.Dir(o.Dir), "disk", "www")
		if err := errors.Join(os.MkdirAll(real, 0o755), os.Symlink("disk/www", o.Dir)); err != nil {
			t.Fatal(err)
		}
		for _, s := range []files{site, site.with(files{"index.html": "2"})} {
			write(t, o, s)
			check(t, real, s)
			if to, err := os.Readlink(o.Dir); err != nil || to != "disk/www" {
				t.Errorf("the symlink: %q, %v", to, err)
			}
			if names, _ := os.ReadDir(filepath.Dir(real)); len(names) != 1 {
				t.Errorf("left %v", names)
			}
		}
	})
}

// A manifest can have been written by anybody. Its paths decide what is ours.
func TestHostileManifest(t *testing.T) {
	modes(t, func(t *testing.T, inPlace bool) {
		o := newPlace(t)
		o.inPlace = inPlace
		base := filepath.Dir(o.Dir)
		put(t, base, files{"victim": "safe", "outside/victim": "safe"})
		var lines []string
		for _, p := range []string{"../victim", base + "/victim", "a/../../victim", "link/victim", "kept", "", ".", "sub", "manifest.json", "listed", "x\\u0000y", "a//b"} {
			lines = append(lines, fmt.Sprintf(`{"path":"%s","bytes":1,"sha256":"%064d"}`, p, 0))
		}
		lines[4] = strings.Replace(lines[4], "sha256", "sha1", 1)
		own := files{"kept": "x", "link": "-> ../outside", "sub/y": "y"}
		put(t, o.Dir, own.with(files{"listed": "to go", "manifest.json": `{"files":[` + strings.Join(lines, ",") + "]}"}))
		write(t, o, site)
		check(t, o.Dir, site, own)
		if got := read(t, base); got["victim"] != "safe" || got["outside/victim"] != "safe" {
			t.Errorf("outside: %s", show(got))
		}
	})
}

// Cut short anywhere, without a record, the manifest claims less or nothing: the
// write succeeds or is refused, and what it does not claim stays.
func TestTruncatedManifest(t *testing.T) {
	text := site.manifest()
	next := site.with(files{"index.html": "home 2", "news/rss.xml": ""})
	refused, done := 0, 0
	for cut := 0; cut < len(text); cut += 23 {
		o := newPlace(t)
		write(t, o, site)
		if err := errors.Join(os.RemoveAll(filepath.Dir(o.Record)), os.Truncate(filepath.Join(o.Dir, ManifestName), int64(cut))); err != nil {
			t.Fatal(err)
		}
		before := state(t, filepath.Dir(o.Dir))
		r, err := Write(context.Background(), next.tree(t), o)
		var clash *ForeignError
		switch {
		case errors.As(err, &clash):
			refused++
			unchanged(t, o, before)
		case err != nil:
			t.Fatalf("cut at %d: %v", cut, err)
		default:
			done++
			stays := files{}
			if slices.Contains(r.Foreign, "news/rss.xml") {
				stays["news/rss.xml"] = site["news/rss.xml"]
			}
			check(t, o.Dir, next, stays)
		}
	}
	if refused == 0 || done == 0 {
		t.Errorf("%d refused, %d done", refused, done)
	}
}

// A record that is not whole is as good as none.
func TestCorruptRecord(t *testing.T) {
	o := newPlace(t)
	write(t, o, site)
	put(t, o.Dir, files{"own": "x"})
	write(t, o, site.with(files{"index.html": "0"}))
	raw, err := os.ReadFile(o.Record)
	if err != nil {
		t.Fatal(err)
	}
	if decodeRecord(raw) == nil {
		t.Fatal("a good record is not read")
	}
	stride := 3
	for i := 0; i < len(raw); i += stride {
		bad := slices.Clone(raw)
		bad[i] ^= 0x41
		for _, b := range [][]byte{bad, raw[:i], append(slices.Clone(raw), raw[:i+1]...)} {
			if decodeRecord(b) != nil {
				t.Fatalf("byte %d: a bad record is read", i)
			}
		}
		if i%(stride*40) == 0 {
			s := site.with(files{"index.html": fmt.Sprint("version ", i)})
			if err := os.WriteFile(o.Record, bad, 0o644); err != nil {
				t.Fatal(err)
			}
			if r := write(t, o, s); r.Written != 2 {
				t.Fatalf("byte %d: %+v", i, r)
			}
			check(t, o.Dir, s, files{"own": "x"})
		}
	}
}

// The record of one folder says nothing about the files of another.
func TestRecordOfAnotherFolder(t *testing.T) {
	o := newPlace(t)
	write(t, o, site)
	other := o
	other.Dir = filepath.Join(filepath.Dir(o.Dir), "other")
	put(t, other.Dir, files{"index.html": "mine"})
	var clash *ForeignError
	if _, err := Write(context.Background(), site.tree(t), other); !errors.As(err, &clash) {
		t.Errorf("got %v", err)
	}
	if _, err := Write(context.Background(), files{"x": "y"}.tree(t), other); err != nil {
		t.Error(err)
	}
	check(t, other.Dir, files{"x": "y"}, files{"index.html": "mine"})

	// A site moved with its manifest stays ours.
	moved := filepath.Join(filepath.Dir(o.Dir), "moved")
	if err := os.Rename(o.Dir, moved); err != nil {
		t.Fatal(err)
	}
	o.Dir = moved
	next := site.with(files{"index.html": "2", "news/rss.xml": ""})
	if r := write(t, o, next); r.Written != 2 || r.Removed != 1 {
		t.Errorf("%+v", r)
	}
	check(t, o.Dir, next)
}

// FuzzRecord: whatever a record or a manifest holds, reading it ends well.
func FuzzRecord(f *testing.F) {
	r := record{dir: "/x", files: []entry{{path: "a"}, {path: "b/c"}}, folders: []place{{path: ""}, {path: "b"}}, foreign: []place{{path: "b/d"}}}
	f.Add(r.encode())
	f.Add([]byte(site.manifest()))
	f.Fuzz(func(t *testing.T, b []byte) {
		if r := decodeRecord(b); r != nil && !slices.Equal(r.encode(), b) {
			t.Error("a record that we would not write")
		}
		paths, _ := decodeManifest(strings.NewReader(string(b)))
		for _, p := range paths {
			if checkPath(p) != nil {
				t.Errorf("path %q", p)
			}
		}
	})
}
