package preview

import (
	"context"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"pressroom"
	"pressroom/internal/build"
	"pressroom/internal/memo"
	"pressroom/internal/source"
)

// deadline is for what a loaded machine may take; nothing waits for it when all is well.
const deadline = 60 * time.Second

const siteYAML = `title: Harbour Office
baseURL: https://press.example.org
timeZone: UTC
languages: [en, fr]
`

const article = `---
title: The harbour opens
date: 2026-01-05
summary: Ships may come in again.
---
The first ship came in at noon.
`

var theme = sync.OnceValue(func() *source.Tree {
	files := map[string][]byte{}
	err := fs.WalkDir(pressroom.Theme, ".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			files[path], err = pressroom.Theme.ReadFile(path)
		}
		return err
	})
	if err != nil {
		panic(err)
	}
	return source.Memory(files)
})

// folder is a site folder of a test.
type folder struct {
	testing.TB
	dir string
}

// newFolder makes a site with one article, /news/2026/01/harbour/.
func newFolder(t testing.TB) folder {
	f := folder{t, t.TempDir()}
	f.write("site.yaml", siteYAML)
	f.write("content/news/2026/01/harbour.md", article)
	return f
}

const harbour = "/news/2026/01/harbour/"

func (f folder) at(path string) string { return filepath.Join(f.dir, filepath.FromSlash(path)) }

func (f folder) write(path, text string) {
	f.Helper()
	if err := os.MkdirAll(filepath.Dir(f.at(path)), 0o755); err != nil {
		f.Fatal(err)
	}
	if err := os.WriteFile(f.at(path), []byte(text), 0o644); err != nil {
		f.Fatal(err)
	}
}

func (f folder) must(err error) {
	f.Helper()
	if err != nil {
		f.Fatal(err)
	}
}

// server is a server of the folder that has built once and does not watch.
func (f folder) server() *Server {
	s := f.unbuilt()
	s.rebuild(context.Background(), nil)
	return s
}

func (f folder) unbuilt() *Server {
	return &Server{Dir: f.dir, Input: build.Input{Theme: theme()}, Memo: memo.New()}
}

// running is a server that runs.
type running struct {
	folder
	*Server
	url   string
	built chan Built
	end   func() error
}

// run starts a server on a free port; it ends with the test, if not before.
func (f folder) run(change ...func(*Server)) *running {
	f.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	f.must(err)
	return f.runAt(l, change...)
}

func (f folder) runAt(l net.Listener, change ...func(*Server)) *running {
	f.Helper()
	r := &running{folder: f, Server: f.unbuilt(), url: "http://" + l.Addr().String(), built: make(chan Built, 1000)}
	r.Input.BaseURL = r.url
	r.Told = func(b Built) { r.built <- b }
	for _, c := range change {
		c(r.Server)
	}
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- r.Run(ctx, l) }()
	r.end = sync.OnceValue(func() error { cancel(); return <-served })
	f.Cleanup(func() {
		if err := r.end(); err != nil {
			f.Error(err)
		}
	})
	if b := r.next(); !b.First {
		f.Fatal("the first build is not the first")
	}
	return r
}

// next waits for the next build.
func (r *running) next() Built {
	r.Helper()
	select {
	case b := <-r.built:
		return b
	case <-time.After(deadline):
		r.Fatal("nothing was built")
		return Built{}
	}
}

// until waits for builds until ok holds.
func (r *running) until(what string, ok func() bool) {
	r.Helper()
	limit := time.After(deadline)
	for !ok() {
		select {
		case <-r.built:
		case <-limit:
			r.Fatalf("%s: not seen", what)
		}
	}
}

// get returns the status and the text at a path.
func (r *running) get(path string) (int, string) {
	r.Helper()
	resp, err := http.Get(r.url + path)
	r.must(err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	r.must(err)
	return resp.StatusCode, string(body)
}
