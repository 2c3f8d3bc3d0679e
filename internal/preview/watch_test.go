package preview

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/fsnotify/fsnotify"
)

// shows waits until a page is there and holds a text.
func (r *running) shows(path, text string) {
	r.Helper()
	r.until(path+" with "+text, func() bool {
		code, body := r.get(path)
		return code == http.StatusOK && strings.Contains(body, text)
	})
}

func (r *running) gone(path string) {
	r.Helper()
	r.until("the end of "+path, func() bool { code, _ := r.get(path); return code == http.StatusNotFound })
}

func with(text string) string { return article + "\n" + text + "\n" }

func TestEdits(t *testing.T) {
	for name, edit := range map[string]func(f folder, path, text string){
		"in place": func(f folder, path, text string) { f.write(path, text) },
		"by rename": func(f folder, path, text string) { // as vim, emacs and most others
			f.write(path+".tmp~", text)
			f.must(os.Rename(f.at(path+".tmp~"), f.at(path)))
		},
		"by backup": func(f folder, path, text string) { // the old file moves away first
			f.must(os.Rename(f.at(path), f.at(path+"~")))
			f.write(path, text)
			f.must(os.Remove(f.at(path + "~")))
		},
		"removed and written": func(f folder, path, text string) {
			f.must(os.Remove(f.at(path)))
			f.write(path, text)
		},
		"in two goes": func(f folder, path, text string) {
			file, err := os.Create(f.at(path))
			f.must(err)
			defer file.Close()
			for _, half := range []string{text[:20], text[20:]} {
				_, err := file.WriteString(half)
				f.must(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := newFolder(t).run()
			for i := range 3 {
				text := fmt.Sprintf("Ship %d came in.", i)
				edit(r.folder, "content/news/2026/01/harbour.md", with(text))
				r.shows(harbour, text)
			}
		})
	}
}

func TestFolders(t *testing.T) {
	r := newFolder(t).run()

	// A tree of new folders: the first is reported, those inside were there before
	// anybody watched them.
	r.write("content/news/2027/02/deep/quay.md", with("The quay."))
	r.shows("/news/2027/02/deep/quay/", "The quay.")
	r.write("content/news/2027/02/deep/quay.md", with("Another quay."))
	r.shows("/news/2027/02/deep/quay/", "Another quay.")

	// A folder that moves, with folders in it.
	r.must(os.Rename(r.at("content/news/2027"), r.at("content/news/2028")))
	r.shows("/news/2028/02/deep/quay/", "Another quay.")
	r.gone("/news/2027/02/deep/quay/")
	r.write("content/news/2028/02/deep/quay.md", with("A third quay."))
	r.shows("/news/2028/02/deep/quay/", "A third quay.")

	// One that comes back under a name that was watched once.
	r.write("content/news/2027/02/deep/quay.md", with("The first again."))
	r.shows("/news/2027/02/deep/quay/", "The first again.")
	r.write("content/news/2027/02/deep/quay.md", with("And edited."))
	r.shows("/news/2027/02/deep/quay/", "And edited.")

	r.must(os.RemoveAll(r.at("content/news/2028")))
	r.gone("/news/2028/02/deep/quay/")

	// One that moves in from outside.
	away := filepath.Join(t.TempDir(), "2029")
	r.must(os.MkdirAll(filepath.Join(away, "03"), 0o755))
	r.must(os.WriteFile(filepath.Join(away, "03", "pier.md"), []byte(with("The pier.")), 0o644))
	r.must(os.Rename(away, r.at("content/news/2029")))
	r.shows("/news/2029/03/pier/", "The pier.")
	r.write("content/news/2029/03/pier.md", with("The pier, mended."))
	r.shows("/news/2029/03/pier/", "The pier, mended.")
}

func TestRootsThatAppear(t *testing.T) {
	r := newFolder(t).run()
	r.write("static/own.css", "p{color:red}")
	r.shows("/own.css", "red")
	r.write("static/own.css", "p{color:blue}")
	r.shows("/own.css", "blue")

	r.write("layouts/partials/footer.html", "<footer>Our own footer</footer>")
	r.shows(harbour, "Our own footer")
	r.write("layouts/partials/footer.html", "<footer>Another footer</footer>")
	r.shows(harbour, "Another footer")
	r.must(os.RemoveAll(r.at("layouts")))
	r.until("the built-in footer", func() bool { _, body := r.get(harbour); return !strings.Contains(body, "Another footer") })

	r.must(os.Rename(r.at("content"), r.at("texts")))
	r.gone(harbour)
	r.must(os.Rename(r.at("texts"), r.at("content")))
	r.shows(harbour, "at noon")
	r.write("content/news/2026/01/harbour.md", with("And still seen."))
	r.shows(harbour, "And still seen.")
}

func TestSiteYAML(t *testing.T) {
	r := newFolder(t).run()
	r.write("site.yaml", strings.Replace(siteYAML, "Harbour Office", "Port Office", 1))
	r.shows("/", "Port Office")
	r.write("site.yaml.new", strings.Replace(siteYAML, "Harbour Office", "Quay Office", 1))
	r.must(os.Rename(r.at("site.yaml.new"), r.at("site.yaml")))
	r.shows("/", "Quay Office")
	r.must(os.Remove(r.at("site.yaml")))
	r.until("the end of site.yaml", func() bool { return r.state.Load().failed })
	r.write("site.yaml", siteYAML)
	r.shows("/", "Harbour Office")
}

const film = `---
id: MC-1
title: Ships
date: 2026-01-05
renditions:
  - {name: broadcast, file: MC-1/ships.mp4, access: account}
---
Ships.
`

func TestMastersElsewhere(t *testing.T) {
	masters := filepath.Join(t.TempDir(), "store", "masters")
	r := newFolder(t).run()

	// The folder that site.yaml names now is not there yet, nor is the one it will lie in.
	r.write("site.yaml", strings.Replace(siteYAML, "Harbour", "Port", 1)+"media: "+masters+"\n")
	r.shows("/", "Port Office")
	r.write("content/videos/MC-1.md", film)
	r.until("the missing master", func() bool { return r.state.Load().failed })
	r.must(os.MkdirAll(filepath.Join(masters, "MC-1"), 0o755))
	r.must(os.WriteFile(filepath.Join(masters, "MC-1", "ships.mp4"), []byte("film"), 0o644))
	r.shows("/videos/MC-1/", "/download/MC-1/broadcast")
	r.must(os.Remove(filepath.Join(masters, "MC-1", "ships.mp4")))
	r.until("the missing master", func() bool { return r.state.Load().failed })
}

func TestLinkedFile(t *testing.T) {
	f := newFolder(t)
	f.write("shared/note.md", with("First."))
	f.must(os.Symlink("../../../../shared/note.md", f.at("content/news/2026/01/note.md")))
	r := f.run()
	r.shows("/news/2026/01/note/", "First.")
	for _, text := range []string{"Second.", "Third."} {
		r.write("shared/note.md", with(text))
		r.shows("/news/2026/01/note/", text)
	}
}

// A burst is told at its end, or now and then when it goes on for long.
func TestBurstIsToldOnce(t *testing.T) {
	f := newFolder(t)
	w := f.unbuilt().watch()
	w.start(t.Context())
	start, done := time.Now(), make(chan struct{})
	go func() {
		defer close(done)
		for i := range 400 {
			f.write(fmt.Sprintf("content/news/2026/01/a%03d.md", i), article)
		}
	}()
	told := 0
	for end := (<-chan time.Time)(nil); ; {
		select {
		case <-w.changed:
			told++
			continue
		case <-done:
			done, end = nil, time.After(2*patience)
			continue
		case <-end:
		}
		break
	}
	if told == 0 { // on a busy machine the first word may take long
		select {
		case <-w.changed:
			told++
		case <-time.After(deadline):
		}
	}
	if most := int(time.Since(start) / quiet); told < 1 || told > most {
		t.Errorf("told %d times in %v", told, time.Since(start))
	}
}

// All of a burst is there after it, and it costs a few builds, not one a file.
func TestBurst(t *testing.T) {
	const many = 400
	r := newFolder(t).run()
	for i := range many {
		r.write(fmt.Sprintf("content/news/2026/02/a%03d.md", i), with("Of many."))
	}
	last := fmt.Sprintf("/news/2026/02/a%03d/", many-1)
	n := 0
	for {
		if code, _ := r.get(last); code == http.StatusOK {
			break
		}
		r.next()
		n++
	}
	for i := range many {
		if code, _ := r.get(fmt.Sprintf("/news/2026/02/a%03d/", i)); code != http.StatusOK {
			t.Fatalf("article %d is not there", i)
		}
	}
	if n > many/10 {
		t.Errorf("%d builds for %d files", n, many)
	}
}

func TestWhatCounts(t *testing.T) {
	dir := "/site"
	w := newWatch(dir+"/site.yaml", nil)
	modes := false
	w.modes = func() bool { return modes }
	w.whole = map[string]bool{dir + "/content": true, dir + "/content/news": true}
	w.single = map[string]bool{dir + "/site.yaml": true, dir + "/content": true, dir + "/static": true}
	for _, c := range []struct {
		name          string
		op            fsnotify.Op
		counts, stale bool
	}{
		{"/content/a.md", fsnotify.Write, true, false},
		{"/content/news/a.md", fsnotify.Rename, true, false},
		{"/content/news", fsnotify.Rename, true, true},
		{"/content", fsnotify.Remove, true, true},
		{"/static", fsnotify.Create, true, true},
		{"/site.yaml", fsnotify.Write, true, true},
		{"/content/a.md~", fsnotify.Write, false, false},
		{"/content/.a.md.swp", fsnotify.Create, false, false},
		{"/content/4913", fsnotify.Create, false, false},
		{"/content/#a.md#", fsnotify.Create, false, false},
		{"/content/a.md", fsnotify.Chmod, false, false},
		{"/content/a.md", fsnotify.Chmod | fsnotify.Write, true, false},
		{"/public", fsnotify.Create, false, false},
		{"/README.md", fsnotify.Write, false, false},
	} {
		w.stale = false
		if got := w.counts(fsnotify.Event{Name: dir + c.name, Op: c.op}); got != c.counts || w.stale != c.stale {
			t.Errorf("%s %s: counts %v, stale %v", c.op, c.name, got, w.stale)
		}
	}
	modes = true // a file that could not be read may be readable now
	if !w.counts(fsnotify.Event{Name: dir + "/content/a.md", Op: fsnotify.Chmod}) {
		t.Error("a change of permissions does not count after a failed build")
	}
}

// Where the system watches no more folders, press looks for itself, and says what to do.
func TestPolling(t *testing.T) {
	for name, first := range map[string]bool{"from the start": true, "later": false} {
		t.Run(name, func(t *testing.T) {
			f := newFolder(t)
			f.must(os.Rename(f.at("content"), f.at("texts")))
			f.must(os.Symlink(f.at("texts"), f.at("media"))) // the one root that may be a link
			f.must(os.Mkdir(f.at("content"), 0o755))
			f.write("content/note.md", "---\ntitle: Note\n---\n")
			s := f.unbuilt()
			w := s.watch()
			var full atomic.Bool
			full.Store(first)
			w.add = func(n *fsnotify.Watcher, dir string) error {
				if full.Load() && dir != f.dir {
					return fmt.Errorf("add %s: %w", dir, syscall.ENOSPC)
				}
				return n.Add(dir)
			}
			said := make(chan error, 1)
			w.say = func(err error) { said <- err }
			w.every = time.Millisecond
			w.start(t.Context())
			full.Store(true)
			if !first {
				f.must(os.Mkdir(f.at("content/more"), 0o755))
			}
			err := <-said
			<-w.changed // the first look
			if !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), "sysctl fs.inotify.max_user_watches") {
				t.Errorf("said %v", err)
			}
			for i, path := range []string{"content/note.md", "content/new.md", "content/some/where/new.md", "texts/news/2026/01/harbour.md", "site.yaml", "static/first.txt"} {
				f.write(path, strings.Repeat("x", 100+i))
				select {
				case <-w.changed:
				case <-time.After(deadline):
					t.Fatalf("%s: not noticed", path)
				}
			}
		})
	}
}

// An embargo lifts while nobody touches a file.
func TestEmbargoLifts(t *testing.T) {
	f := newFolder(t)
	release := time.Date(2026, 3, 1, 11, 0, 0, 0, time.UTC)
	f.write("content/news/2026/01/harbour.md", strings.Replace(article, "date: 2026-01-05", "date: 2026-01-05\nembargo: 2026-03-01 11:00", 1))
	var running atomic.Pointer[time.Time] // since when the clock does, which waits for the first build
	r := f.run(func(s *Server) {
		s.Clock = func() time.Time {
			now := release.Add(-500 * time.Millisecond)
			if since := running.Load(); since != nil {
				now = now.Add(time.Since(*since))
			}
			return now
		}
	})
	start := time.Now()
	running.Store(&start)
	if s := r.state.Load(); s.site.Next != release {
		t.Fatalf("next is %v", s.site.Next)
	}
	r.shows(harbour, "at noon")
	if now := r.clock(); now.Before(release) {
		t.Errorf("shown at %v", now)
	}
	if n := len(r.built); n > 0 {
		t.Errorf("%d builds too many", n)
	}
}

// While an error stands, a release whose hour has passed must not make press build
// over and over.
func TestHourOfAReleaseDuringAnError(t *testing.T) {
	s := newFolder(t).server()
	st := *s.state.Load()
	s.state.Store(&st)
	site := *st.site
	st.site = &site
	site.Next = s.tried.Add(time.Hour)
	if got := s.wait(); got > time.Minute || got <= 0 {
		t.Errorf("an hour away: wait %v", got)
	}
	site.Next = s.tried
	if got := s.wait(); got != time.Minute {
		t.Errorf("built at its hour: wait %v", got)
	}
	site.Next = time.Time{}
	if got := s.wait(); got != time.Minute {
		t.Errorf("never: wait %v", got)
	}
}

func TestNothingIsLeftBehind(t *testing.T) {
	before := runtime.NumGoroutine()
	for range 3 {
		r := newFolder(t).run()
		resp, err := http.Get(r.url + "/_press/events?page=/")
		r.must(err)
		if err := r.end(); err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
	}
	http.DefaultClient.CloseIdleConnections()
	limit := time.Now().Add(deadline)
	for runtime.NumGoroutine() > before {
		if time.Now().After(limit) {
			buf := make([]byte, 1<<20)
			t.Fatalf("%d goroutines, %d before\n%s", runtime.NumGoroutine(), before, buf[:runtime.Stack(buf, true)])
		}
		time.Sleep(time.Millisecond)
	}
}
