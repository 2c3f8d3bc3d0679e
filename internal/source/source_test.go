package source

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pressroom/internal/memo"
)

func site(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for path, text := range files {
		write(t, filepath.Join(dir, path), text)
	}
	return dir
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestSnapshot(t *testing.T) {
	dir := site(t, map[string]string{
		"site.yaml": "title: x", "content/news/a.md": "a", "content/.DS_Store": "x", "content/a.md~": "x", "content/#a.md#": "x", "content/4913": "x",
		"layouts/base.html": "b", "static/a b.txt": "s", "media/m.mp4": "m", "notes.txt": "not of the site", "public/index.html": "not of the site",
	})
	outside := site(t, map[string]string{"secret.md": "secret", "dir/x.md": "x"})
	for name, target := range map[string]string{
		"content/out.md": filepath.Join(outside, "secret.md"), "content/dir": filepath.Join(outside, "dir"), "content/nowhere.md": filepath.Join(dir, "gone"),
		"content/in.md": filepath.Join(dir, "content/news/a.md"),
	} {
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	tree, problems, err := Snapshot(dir, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	var paths []string
	for _, f := range tree.Files() {
		paths = append(paths, f.Path)
	}
	if got, want := strings.Join(paths, " "), "content/in.md content/news/a.md layouts/base.html media/m.mp4 site.yaml static/a b.txt"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	var told []string
	for _, p := range problems {
		told = append(told, p.Path+": "+p.Text)
	}
	if got, want := strings.Join(told, "\n"), "content/dir: a link that leads out of the site folder\ncontent/nowhere.md: a link that leads nowhere\ncontent/out.md: a link that leads out of the site folder"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// A file that changes between its key and its bytes makes no page.
func TestChangedWhileRead(t *testing.T) {
	dir := site(t, map[string]string{"content/a.md": "one"})
	tree, _, err := Snapshot(dir, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	f := tree.Get("content/a.md")
	if key, err := f.Key(); err != nil || key != memo.Of([]byte("one")) {
		t.Fatal(key, err)
	}
	write(t, filepath.Join(dir, "content/a.md"), "two")
	if _, err := f.Bytes(); !errors.Is(err, ErrChanged) {
		t.Errorf("bytes: %v", err)
	}
	if _, err := f.WriteTo(new(bytes.Buffer)); !errors.Is(err, ErrChanged) {
		t.Errorf("copy: %v", err)
	}
}

// A stat vouches for bytes only when it is old enough: two writes within one step of
// the clock leave the same stat, and the second must be seen.
func TestFreshStatIsNotTrusted(t *testing.T) {
	dir := site(t, map[string]string{"content/a.md": "one"})
	path, m := filepath.Join(dir, "content/a.md"), memo.New()
	key := func() memo.Key {
		tree, _, err := Snapshot(dir, "", m)
		if err != nil {
			t.Fatal(err)
		}
		k, err := tree.Get("content/a.md").Key()
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	key()
	write(t, path, "two")
	if err := os.Chtimes(path, info.ModTime(), info.ModTime()); err != nil {
		t.Fatal(err)
	}
	if key() != memo.Of([]byte("two")) {
		t.Error("a second write of the same size and time was not seen")
	}
	if k := statKey(path, info, info.ModTime().Add(settled/2)); !k.IsZero() {
		t.Error("a stat a second old is trusted")
	}
	if k := statKey(path, info, time.Now().Add(time.Hour)); k.IsZero() {
		t.Error("a stat an hour old is not trusted")
	}
}

func TestTrees(t *testing.T) {
	a := Memory(map[string][]byte{"content/a.md": []byte("a"), "content/b/c.md": []byte("c"), "contents/x": []byte("x"), "layouts/base.html": []byte("mine")})
	base := Memory(map[string][]byte{"layouts/base.html": []byte("theirs"), "layouts/list.html": []byte("list")})
	over := a.Over(base)
	if b, _ := over.Get("layouts/base.html").Bytes(); string(b) != "mine" || over.Get("layouts/list.html") == nil {
		t.Error("the site's own file does not win")
	}
	if n := len(over.Under("content")); n != 2 {
		t.Errorf("%d files below content", n)
	}
	if without := a.Without([]string{"content/a.md"}); without.Get("content/a.md") != nil || without.Get("content/b/c.md") == nil || a.Get("content/a.md") == nil {
		t.Error("Without")
	}
}

// What is large is read until the build is stopped; a hash that was begun is no hash.
func TestReadStops(t *testing.T) {
	dir := site(t, map[string]string{"site.yaml": "title: x", "media/clip.mxf": ""})
	if err := os.Truncate(filepath.Join(dir, "media/clip.mxf"), 1<<40); err != nil { // a sparse file: to read it to its end takes hours
		t.Skip(err)
	}
	m := memo.New()
	tree, _, err := Snapshot(dir, "", m)
	if err != nil {
		t.Fatal(err)
	}
	f := tree.Get("media/clip.mxf")
	f.remembered = memo.Hash("its stat") // as if it had lain there for long
	ctx, stop := context.WithCancelCause(context.Background())
	over, read := errors.New("stopped by hand"), 0
	if key, err := f.Read(ctx, func(bytes int) { read += bytes; stop(over) }); !errors.Is(err, over) || !key.IsZero() || read == 0 {
		t.Errorf("%v %v after %d bytes", key, err, read)
	}
	if f.Known() {
		t.Error("the hash of a part is remembered")
	}
	if _, err := f.Key(); !errors.Is(err, over) {
		t.Errorf("afterwards: %v", err)
	}
}

func TestKnown(t *testing.T) {
	dir := site(t, map[string]string{"site.yaml": "title: x", "media/clip.mxf": "picture and sound"})
	m := memo.New()
	for _, known := range []bool{false, true} {
		tree, _, err := Snapshot(dir, "", m)
		if err != nil {
			t.Fatal(err)
		}
		f, read := tree.Get("media/clip.mxf"), 0
		f.remembered = memo.Hash("its stat")
		if f.Known() != known {
			t.Errorf("known: %t, want %t", f.Known(), known)
		}
		if key, err := f.Read(context.Background(), func(bytes int) { read += bytes }); err != nil || key != memo.Of([]byte("picture and sound")) || (read == 0) != known {
			t.Errorf("%v %v, %d bytes read", key, err, read)
		}
	}
}
