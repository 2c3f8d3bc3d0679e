package main

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/html"

	"pressroom"
	"pressroom/internal/build"
	"pressroom/internal/check"
	"pressroom/internal/headers"
	"pressroom/internal/output"
	"pressroom/internal/picture"
	"pressroom/internal/report"
	"pressroom/internal/site"
	"pressroom/internal/source"
)

// today is the day of the audit, when the example has events before it and behind it. A
// fixed day, so that the same sources come to the same table.
var today = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// newsroom is a site as readers get it.
type newsroom struct {
	result   *build.Result
	problems report.List
	files    map[string]*file // by path
	pages    []*page          // sorted by path
	dir, url string           // where it stands and is served
	server   *http.Server
}

// file is one of the open tree.
type file struct {
	path   string
	data   []byte
	packed []byte // by gzip, as servers and CDNs do; nil for what does not shrink
}

// page is a file that readers see.
type page struct {
	*file
	at     string // URL path
	layout string // "" for what layouts did not make
	lang   string
	doc    *html.Node
}

// packs are the files that are sent compressed.
var packs = []string{".html", ".css", ".js", ".json", ".xml", ".svg", ".txt", ".vtt", ".srt", ".ics", ".vcf"}

// level is that of nginx's and most CDNs' configurations, not the best there is.
const level = 6

// root finds the top of the repository, which is the example newsroom too: from there
// audits run, and tests in their own folder.
func root() (string, error) {
	dir, err := os.Getwd()
	for ; err == nil; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			break
		}
	}
	return "", cmp.Or(err, errors.New("run it within the repository"))
}

// example is the example newsroom as it stands.
func example() (*source.Tree, error) {
	dir, err := root()
	if err != nil {
		return nil, err
	}
	tree, problems, err := source.Snapshot(dir, "", nil)
	if err == nil && problems.HasErrors() {
		err = told(problems)
	}
	return tree, err
}

// french is the code of the language where it stands by itself.
var french = regexp.MustCompile(`\bfr\b`)

// mirrored is the example as if its French were Arabic: every page of that language is
// laid out from the right to the left, with words of which we know how long they are.
func mirrored() (*source.Tree, error) {
	tree, err := example()
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for _, f := range tree.Files() {
		top, _, _ := strings.Cut(f.Path, "/")
		if !slices.Contains([]string{"site.yaml", "content", "layouts", "static", "media"}, top) {
			continue
		}
		data, err := f.Bytes()
		if err != nil {
			return nil, err
		}
		if slices.Contains([]string{".md", ".yaml"}, path.Ext(f.Path)) {
			data = french.ReplaceAll(data, []byte("ar"))
		}
		files[french.ReplaceAllString(f.Path, "ar")] = data
	}
	return source.Memory(files), nil
}

// theme is the built-in layouts and static files.
func theme() (*source.Tree, error) {
	files := map[string][]byte{}
	err := fs.WalkDir(pressroom.Theme, ".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			files[path], err = pressroom.Theme.ReadFile(path)
		}
		return err
	})
	return source.Memory(files), err
}

// made builds a newsroom in memory. Under an address of its own, if it has one, its
// pages call themselves by that.
func made(ctx context.Context, from func() (*source.Tree, error), address string, kit *picture.Kit) (*newsroom, error) {
	tree, err := from()
	if err != nil {
		return nil, err
	}
	below, err := theme()
	if err != nil {
		return nil, err
	}
	n := &newsroom{files: map[string]*file{}, url: address}
	result, problems := build.Run(ctx, build.Input{Source: tree, Theme: below, Now: today, BaseURL: address, Kit: kit}, nil)
	if result == nil {
		return nil, told(problems)
	}
	n.result = result
	found, err := check.Site(ctx, check.Input{Result: result, Files: tree.Over(below), Known: problems})
	if err != nil {
		return nil, err
	}
	n.problems = append(problems, found...)
	refs := map[string]site.Ref{}
	for _, ref := range result.Pages {
		refs[site.OutputPath(ref.URL)] = ref
	}
	for _, f := range result.Public.Files() {
		var b bytes.Buffer
		if err := f.Write(&b); err != nil {
			return nil, fmt.Errorf("make %s: %w", f.Path, err)
		}
		made := &file{path: f.Path, data: b.Bytes()}
		if slices.Contains(packs, path.Ext(f.Path)) {
			made.packed = packed(made.data)
		}
		n.files[f.Path] = made
		if strings.HasSuffix(f.Path, ".html") {
			p := &page{file: made, at: "/" + strings.TrimSuffix(f.Path, "index.html"), layout: refs[f.Path].Layout}
			if p.doc, err = html.Parse(bytes.NewReader(made.data)); err != nil {
				return nil, fmt.Errorf("read %s: %w", f.Path, err)
			}
			for e := range elements(p.doc) {
				if e.Data == "html" {
					p.lang = attr(e, "lang")
				}
				if e.Data == "meta" && strings.EqualFold(attr(e, "http-equiv"), "refresh") {
					p.layout = "redirect"
				}
			}
			n.pages = append(n.pages, p)
		}
	}
	slices.SortFunc(n.pages, func(a, b *page) int { return cmp.Compare(a.path, b.path) })
	return n, nil
}

func packed(data []byte) []byte {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, level)
	if err == nil {
		_, err = w.Write(data)
	}
	if err = errors.Join(err, w.Close()); err != nil {
		panic(err) // a buffer takes everything
	}
	return b.Bytes()
}

// sent is how many bytes of a file a reader gets.
func (f *file) sent() int {
	if f.packed != nil {
		return len(f.packed)
	}
	return len(f.data)
}

// told is what is wrong with a site that cannot be built.
func told(problems report.List) error {
	var b strings.Builder
	for _, p := range problems {
		fmt.Fprintf(&b, "\n%s: %s", p.Place(), p.Text)
	}
	return errors.New("the site cannot be built:" + b.String())
}

// open builds a newsroom into a folder, its pictures by the encoders of this computer, as
// press build would, and serves it.
func open(ctx context.Context, from func() (*source.Tree, error), dir string) (*newsroom, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	kit := &picture.Kit{Tools: picture.Find(), Store: picture.Folder(filepath.Join(cache, "pressroom-audit"))}
	n, err := made(ctx, from, "http://"+l.Addr().String(), kit)
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	n.dir = dir
	if _, err := output.Write(ctx, n.result.Public, output.Options{Dir: dir}); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	n.server = &http.Server{Handler: n}
	go n.server.Serve(l) // until Close
	return n, nil
}

func (n *newsroom) Close() error { return n.server.Close() }

// ServeHTTP answers as a plain web server does behind which there is no gate.
func (n *newsroom) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	at := r.URL.Path
	name := strings.TrimPrefix(at, "/")
	if name == "" || strings.HasSuffix(name, "/") {
		name += "index.html"
	}
	status := http.StatusOK
	f := n.files[name]
	if f == nil && n.files[name+"/index.html"] != nil {
		http.Redirect(w, r, at+"/", http.StatusMovedPermanently)
		return
	}
	if f == nil {
		status, f = http.StatusNotFound, n.missing(at)
	}
	for _, h := range headers.For(at) {
		w.Header().Set(h.Name, h.Value)
	}
	w.Header().Set("Content-Type", kind(f.path))
	w.Header().Set("Vary", "Accept-Encoding")
	if f.packed != nil && status == http.StatusOK && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		w.Header().Set("Content-Encoding", "gzip")
		w.Header().Set("Content-Length", strconv.Itoa(len(f.packed)))
		w.Write(f.packed)
		return
	}
	if status != http.StatusOK {
		w.WriteHeader(status)
		w.Write(f.data)
		return
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(f.data)) // films are fetched in parts
}

// missing is the page for what is not there, in the language of its address.
func (n *newsroom) missing(at string) *file {
	lang, _, _ := strings.Cut(strings.TrimPrefix(at, "/"), "/")
	if f := n.files[lang+"/404.html"]; f != nil {
		return f
	}
	if f := n.files["404.html"]; f != nil {
		return f
	}
	return &file{path: "404.txt", data: []byte("there is nothing here\n")}
}

// kinds are the content types that matter to browsers; others are only downloaded.
var kinds = map[string]string{
	".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".json": "application/json",
	".xml": "application/xml; charset=utf-8", ".svg": "image/svg+xml", ".txt": "text/plain; charset=utf-8", ".vtt": "text/vtt; charset=utf-8", ".ics": "text/calendar; charset=utf-8",
	".jpg": "image/jpeg", ".png": "image/png", ".webp": "image/webp", ".avif": "image/avif", ".gif": "image/gif", ".mp4": "video/mp4", ".webm": "video/webm", ".mp3": "audio/mpeg", ".zip": "application/zip",
	".woff2": "font/woff2", ".srt": "application/x-subrip", ".vcf": "text/vcard; charset=utf-8",
}

func kind(name string) string {
	return cmp.Or(kinds[path.Ext(name)], "application/octet-stream")
}

// find is the file that an address in a page leads to, or nil when that is another
// site's, or none.
func (n *newsroom) find(from *page, address string) *file {
	base, err := url.Parse(n.result.Config.BaseURL + from.at)
	if err != nil {
		return nil
	}
	u, err := base.Parse(address)
	if err != nil || u.Scheme != base.Scheme || u.Host != base.Host {
		return nil
	}
	name := strings.TrimPrefix(u.Path, "/")
	if name == "" || strings.HasSuffix(name, "/") {
		name += "index.html"
	}
	return n.files[name]
}

// types are the pages of one of each layout and language: the heaviest, which is the one
// that has most on it.
func (n *newsroom) types() []*page {
	heaviest := map[[2]string]*page{}
	for _, p := range n.pages {
		key := [2]string{p.layout, p.lang}
		if p.layout != "redirect" && (heaviest[key] == nil || len(p.data) > len(heaviest[key].data)) {
			heaviest[key] = p
		}
	}
	var list []*page
	for _, p := range n.pages {
		if heaviest[[2]string{p.layout, p.lang}] == p {
			list = append(list, p)
		}
	}
	return list
}

// seen are the pages that readers stay on.
func (n *newsroom) seen() []*page {
	return slices.DeleteFunc(slices.Clone(n.pages), func(p *page) bool { return p.layout == "redirect" })
}
