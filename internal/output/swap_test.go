//go:build linux

package output

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// mount mounts a small file system in memory.
func mount(t *testing.T, at, options string) {
	t.Helper()
	if err := os.MkdirAll(at, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mount("tmpfs", at, "tmpfs", 0, options); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip("needs to mount: ", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(at, 0); err != nil {
			t.Error(err)
		}
	})
}

func TestDiskFull(t *testing.T) {
	small := files{}
	for i := range 50 {
		small[fmt.Sprintf("a%02d/b/c/index.html", i)] = "x"
	}
	for name, c := range map[string]struct {
		options string
		next    files
		need    string
	}{
		"one large file":   {"size=1m", files{"film.mp4": strings.Repeat("x", 3e6), "z.html": strings.Repeat("z", 2e6)}, "need 5.0 MB"},
		"many small files": {"size=1m", nil, "need 1.5 MB"},
		"no more names":    {"size=1m,nr_inodes=70", small, "need"},
	} {
		t.Run(name, func(t *testing.T) {
			modes(t, func(t *testing.T, inPlace bool) {
				base := filepath.Join(t.TempDir(), "disk")
				mount(t, base, c.options)
				o := Options{Dir: filepath.Join(base, "public"), Record: filepath.Join(t.TempDir(), "record"), inPlace: inPlace}
				write(t, o, site)
				before := state(t, base)
				next := c.next
				if next == nil {
					next = files{}
					for i := range 150 {
						next[fmt.Sprintf("p%d/index.html", i)] = strings.Repeat("x", 1e4)
					}
				}
				_, err := Write(context.Background(), site.with(next).tree(t), o)
				if !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), "no space left on device") || !strings.Contains(err.Error(), c.need) {
					t.Errorf("got %v, want %q", err, c.need)
				}
				unchanged(t, o, before)
				check(t, o.Dir, site)
				write(t, o, site.with(files{"index.html": "2"}))
			})
		})
	}
}

// A mount point cannot be swapped: the files are renamed into it.
func TestMountPoint(t *testing.T) {
	o := newPlace(t)
	mount(t, o.Dir, "size=1m")
	r := write(t, o, site)
	check(t, o.Dir, site)
	if r.Atomic {
		t.Error("called atomic")
	}
	next := site.with(files{"index.html": "2", "news/rss.xml": ""})
	write(t, o, next)
	check(t, o.Dir, next)
	if names, _ := os.ReadDir(filepath.Dir(o.Dir)); len(names) != 2 {
		t.Errorf("left %v", names)
	}
}

// overlayfs lets a folder of its lower layer be no part of a swap, and says so only
// when asked.
func TestSwapIsRefused(t *testing.T) {
	base := t.TempDir()
	mount(t, base, "size=4m")
	lower, merged := filepath.Join(base, "lower"), filepath.Join(base, "merged")
	o := Options{Dir: filepath.Join(lower, "public")}
	if _, err := Write(context.Background(), site.tree(t), o); err != nil {
		t.Fatal(err)
	}
	for _, d := range []string{"upper", "work", "merged"} {
		if err := os.Mkdir(filepath.Join(base, d), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	options := fmt.Sprintf("lowerdir=%s,upperdir=%s/upper,workdir=%s/work,redirect_dir=off", lower, base, base)
	if err := unix.Mount("overlay", merged, "overlay", 0, options); err != nil {
		t.Skip("no overlayfs: ", err)
	}
	defer func() {
		if err := unix.Unmount(merged, 0); err != nil {
			t.Error(err)
		}
	}()
	o = Options{Dir: filepath.Join(merged, "public"), Record: filepath.Join(merged, "record")}
	next := site.with(files{"index.html": "2", "news/rss.xml": "", "new/x": "y"})
	if r := write(t, o, next); r.Atomic {
		t.Error("called atomic")
	}
	check(t, o.Dir, next)
}

// Who deletes the site gets its room back with the next build, not after it.
func TestDeletedSiteFreesItsSpare(t *testing.T) {
	o := newPlace(t)
	write(t, o, site)
	write(t, o, site.with(files{"index.html": "1"}))
	if err := os.RemoveAll(o.Dir); err != nil {
		t.Fatal(err)
	}
	outer, steps := o, 0
	oneByOne(t)
	outer.step = func() {
		if at, err := lstat(o.Record + ".spare"); steps == 0 && (err != nil || at.kind != isAbsent) {
			t.Errorf("the spare stands while files are made: %+v, %v", at, err)
		}
		steps++
	}
	write(t, outer, site)
	check(t, o.Dir, site)
}

// A stranger's file may go at any moment.
func TestStrangersVanish(t *testing.T) {
	o := newPlace(t)
	write(t, o, site)
	put(t, o.Dir, files{"own": "1", "dir/own": "1", "stays": "1"})
	outer := o
	oneByOne(t)
	outer.step = func() {
		_ = os.Remove(filepath.Join(o.Dir, "own"))
		_ = os.RemoveAll(filepath.Join(o.Dir, "dir"))
	}
	s := site.with(files{"index.html": "1"})
	if r := write(t, outer, s); !r.Atomic {
		t.Error("not swapped")
	}
	check(t, o.Dir, s, files{"stays": "1"})
}

// The signature of a folder in the record must not be one that it could have again
// after another change within the same tick of the clock.
func TestFolderSignatures(t *testing.T) {
	modes(t, func(t *testing.T, inPlace bool) {
		o := newPlace(t)
		write(t, o, site)
		o.inPlace = inPlace
		next := site.with(files{"index.html": "1", "new/x": "y"})
		write(t, o, next)
		for _, f := range loadRecord(o.Record).folders {
			at, err := lstat(join(o.Dir, f.path))
			if err != nil {
				t.Fatal(err)
			}
			changed := f.path == "" || f.path == "new"
			switch age := time.Since(time.Unix(0, f.mtime)); {
			case inPlace && changed && f.stamp == at.stamp:
				t.Errorf("%q was changed a moment ago and is trusted", f.path)
			case !inPlace && (f.stamp != at.stamp || age < time.Second):
				t.Errorf("%q has %+v in the record, is %+v, %v old", f.path, f.stamp, at.stamp, age)
			}
		}
		// What is found to have changed a moment ago may change again in that moment.
		put(t, o.Dir, files{"new/own": "x"})
		write(t, o, next)
		for _, f := range loadRecord(o.Record).folders {
			if f.path == "new" && f.stamp != (stamp{}) {
				t.Errorf("%+v is trusted", f)
			}
		}
	})
}

// A record on another file system means that there is no spare.
func TestRecordElsewhere(t *testing.T) {
	o := newPlace(t)
	mount(t, filepath.Dir(o.Record), "size=1m")
	for i := range 3 {
		s := site.with(files{"index.html": fmt.Sprint(i)})
		if r := write(t, o, s); !r.Atomic {
			t.Error("not atomic")
		}
		check(t, o.Dir, s)
	}
	if names, _ := os.ReadDir(filepath.Dir(o.Record)); len(names) != 1 {
		t.Errorf("left %v", names)
	}
}

// sameTree fails unless two trees share every file.
func sameTree(t *testing.T, a, b string) {
	t.Helper()
	x, y := state(t, a), state(t, b)
	for p, at := range x {
		rel, _ := filepath.Rel(a, p)
		other := y[filepath.Join(b, rel)]
		if at.kind != other.kind || at.kind == isFile && at != other {
			t.Errorf("%s: %+v and %+v", rel, at, other)
		}
	}
	if len(x) != len(y) {
		t.Errorf("%d and %d things", len(x), len(y))
	}
}

// The spare shares its files with the site and serves as the next one.
func TestSpare(t *testing.T) {
	o := newPlace(t)
	write(t, o, site)
	put(t, o.Dir, files{"own": "x", "dir/own": "y"})
	tree := filepath.Join(o.Record+".spare", "tree")
	var spare info
	for i := range 4 {
		s := site.with(files{"index.html": fmt.Sprint(i), fmt.Sprintf("new/%d/x", i): "x"})
		links := 0
		o.step = func() { links++ }
		oneByOne(t)
		write(t, o, s)
		check(t, o.Dir, s, files{"own": "x", "dir/own": "y"})
		sameTree(t, o.Dir, tree)
		now, err := lstat(o.Dir)
		if err != nil {
			t.Fatal(err)
		}
		if i > 0 && now.ino != spare.ino {
			t.Errorf("%d: the spare did not become the site", i)
		}
		if spare, err = lstat(tree); err != nil {
			t.Fatal(err)
		}
		if i > 0 && links > 40 {
			t.Errorf("%d: %d steps for one change", i, links)
		}
	}
}

// A spare that was meddled with is not used.
func TestMeddledSpare(t *testing.T) {
	for name, meddle := range map[string]func(spare string) error{
		"a file more": func(s string) error { return os.WriteFile(s+"/tree/news/x", nil, 0o644) },
		"a file less": func(s string) error { return os.Remove(s + "/tree/news/rss.xml") },
		"another file": func(s string) error {
			return errors.Join(os.WriteFile(s+"/x", nil, 0o644), os.Rename(s+"/x", s+"/tree/style.css"))
		},
		"other rights":     func(s string) error { return os.Chmod(s+"/tree/news", 0o777) },
		"a folder less":    func(s string) error { return os.RemoveAll(s + "/tree/news") },
		"no seal":          func(s string) error { return os.Remove(s + "/" + sealName) },
		"half a seal":      func(s string) error { return os.Truncate(s+"/"+sealName, 100) },
		"no tree":          func(s string) error { return os.RemoveAll(s + "/tree") },
		"a file for spare": func(s string) error { return errors.Join(os.RemoveAll(s), os.WriteFile(s, nil, 0o644)) },
		"of another site": func(s string) error {
			r := loadRecord(s + "/" + sealName)
			r.dir = "/elsewhere"
			return os.WriteFile(s+"/"+sealName, r.encode(), 0o644)
		},
	} {
		t.Run(name, func(t *testing.T) {
			o := newPlace(t)
			write(t, o, site)
			write(t, o, site.with(files{"index.html": "1"}))
			spare := o.Record + ".spare"
			was, err := lstat(spare + "/tree")
			held, herr := os.Open(spare + "/tree") // or its inode would soon be another's
			if err := errors.Join(err, herr, meddle(spare)); err != nil {
				t.Fatal(err)
			}
			defer held.Close()
			s := site.with(files{"index.html": "2"})
			write(t, o, s)
			check(t, o.Dir, s)
			sameTree(t, o.Dir, spare+"/tree")
			if now, err := lstat(o.Dir); err != nil || now.ino == was.ino {
				t.Errorf("the meddled spare is the site, %v", err)
			}
		})
	}
}

// What a stranger puts into the folder while we write is carried over.
func TestLateStrangers(t *testing.T) {
	for _, warm := range []bool{false, true} {
		o := newPlace(t)
		write(t, o, site)
		put(t, o.Dir, files{"own": "1", "dir/own": "1"})
		if warm {
			write(t, o, site.with(files{"index.html": "1"}))
		}
		late := files{}
		swapped, was := false, state(t, o.Dir)[o.Dir].ino
		outer := o
		oneByOne(t)
		n := 0
		outer.step = func() {
			// Until the swap, at every step: so also at the last one before it.
			if at, _ := lstat(o.Dir); !swapped && at.ino == was {
				n++
				for _, p := range []string{"own", "dir/own", "dir/late", "late", "news/late", "folder/late"} {
					late[p] = fmt.Sprint(n)
				}
				put(t, o.Dir, late)
			} else {
				swapped = true
			}
		}
		s := site.with(files{"index.html": "2", "news/rss.xml": ""})
		write(t, outer, s)
		if !swapped {
			t.Error("no swap was seen")
		}
		check(t, o.Dir, s, late)
		s["index.html"] = "3"
		write(t, o, s)
		check(t, o.Dir, s, late)
	}
}

// A file that is not the one we looked at any more does not get into the next site.
func TestFileChangesMeanwhile(t *testing.T) {
	for _, into := range []string{"body{ }", "-> ../secret"} {
		o := newPlace(t)
		put(t, filepath.Dir(o.Dir), files{"secret": "secret"})
		write(t, o, site)
		done := false
		oneByOne(t)
		o.step = func() {
			if !done {
				done = true
				if err := os.Remove(filepath.Join(o.Dir, "style.css")); err != nil {
					t.Error(err)
				}
				put(t, o.Dir, files{"style.css": into})
			}
		}
		if _, err := Write(context.Background(), site.with(files{"index.html": "2"}).tree(t), o); err == nil || !strings.Contains(err.Error(), "style.css has changed") {
			t.Errorf("got %v", err)
		}
		alone(t, o)
		o.step = nil
		write(t, o, site.with(files{"index.html": "2"}))
		check(t, o.Dir, site.with(files{"index.html": "2"}))
	}
}

// Folders keep their permissions and their owner through a swap, with a spare and
// without.
func TestFoldersKeepRights(t *testing.T) {
	o := newPlace(t)
	write(t, o, site)
	owner := os.Getuid()
	if owner == 0 {
		owner = 1234
	}
	rights := func(dir string, mode os.FileMode, uid int) {
		t.Helper()
		if err := errors.Join(os.Chown(dir, uid, uid), os.Chmod(dir, mode)); err != nil {
			t.Fatal(err)
		}
	}
	rights(o.Dir, 0o750|os.ModeSetgid, owner)
	rights(filepath.Join(o.Dir, "news"), 0o700, owner)
	for i := range 3 {
		if i == 2 {
			rights(filepath.Join(o.Dir, "videos"), 0o711, owner)
		}
		write(t, o, site.with(files{"index.html": fmt.Sprint(i)}))
		for path, want := range map[string]uint32{"": 0o2750, "news": 0o700, "news/2024": 0o755, "videos": []uint32{0o755, 0o755, 0o711}[i]} {
			at, err := lstat(filepath.Join(o.Dir, path))
			if err != nil || at.perm != want || want != 0o755 && at.uid != uint32(owner) {
				t.Errorf("%d: %q has %o of %d, want %o of %d; %v", i, path, at.perm, at.uid, want, owner, err)
			}
		}
	}
}

// Names are listed in the order of bytes, whatever they contain.
func TestOddNames(t *testing.T) {
	o := newPlace(t)
	odd := files{}
	for _, p := range []string{"-", "a", "a-b/x", "a.b/x", "b/x", "b-/x", "b!/x", "ä/ö", "日/本", " /x", "~", "a b", "x\ny", "%2e", "ω", "new/x", "tree/y", "seal"} {
		odd[p] = p
	}
	for i := range 3 {
		odd["z"] = fmt.Sprint(i)
		put(t, o.Dir, files{"!/own": "x"})
		r := write(t, o, odd)
		if !slices.IsSorted(r.Changed) {
			t.Error(r.Changed)
		}
		check(t, o.Dir, odd, files{"!/own": "x"})
	}
}
