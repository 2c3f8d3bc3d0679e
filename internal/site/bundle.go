package site

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"pressroom/internal/memo"
	"pressroom/internal/picture"
	"pressroom/internal/report"
	"pressroom/internal/source"
)

// Bundle is several open files as one ZIP: the originals of an album, the stills of a
// video. Its view is known without reading a picture.
type Bundle struct {
	At      time.Time // the date that every file in it has
	Folder  string
	Text    string // captions.txt: what each picture shows and who made it
	Files   []Bundled
	path    string
	size    int64
	sources []*source.File
}

// Bundled is one file of a bundle.
type Bundled struct {
	Name string
	Key  memo.Key
	Open func() ([]byte, error) // as readers may have it
}

// MemoKey stands for all that the ZIP is made of.
func (b Bundle) MemoKey() memo.Key {
	parts := []any{"bundle", picture.Recipe, b.At, b.Folder, b.Text}
	for _, f := range b.Files {
		parts = append(parts, f.Name, f.Key)
	}
	return memo.Hash(parts...)
}

// BundleText is the name of the text in a bundle.
const BundleText = "captions.txt"

// Of each file a stored ZIP has two headers, and at its end a table of contents.
const zipLocal, zipCentral, zipEnd = 30, 46, 22

// bundle is what stands beside an item's pictures, nil when there is nothing to put
// together, or when its original has the same: one picture is taken as it is.
func (s *Site) bundle(it *item) *Bundle {
	b := s.ownBundle(it)
	if o := s.originalOf(it); b != nil && o != nil {
		if same := s.ownBundle(o); same != nil && slices.Equal(same.sources, b.sources) {
			return nil
		}
	}
	return b
}

// zipOf is how a page offers its bundle, or that of its original.
func (s *Site) zipOf(it *item) *Entry {
	b := s.bundle(it)
	if o := s.originalOf(it); b == nil && o != nil {
		b = s.ownBundle(o)
	}
	if b == nil {
		return nil
	}
	word := "photos_zip"
	if it.video != nil {
		word = "stills_zip"
	}
	return &Entry{Link{Text: it.ed.t[word], URL: escape(b.path)}, it.ed.Bytes(b.size)}
}

// originalOf is the open item that it is a translation of, or nil.
func (s *Site) originalOf(it *item) *item {
	if it.video != nil {
		return it.original
	}
	if o := s.langs[0].byBase[it.doc.Base]; o != it {
		return o
	}
	return nil
}

func (s *Site) ownBundle(it *item) *Bundle {
	if len(it.photos) == 0 || it.video == nil && !it.hasAlbum() {
		return nil
	}
	b := &Bundle{At: it.front.Date.UTC(), Folder: path.Base(strings.TrimSuffix(it.url, ".html"))}
	b.path = it.beside("photos/" + b.Folder + ".zip")
	pictures := it.photos
	if it.video != nil {
		b.path = it.url + b.Folder + "-stills.zip"
		if p := it.video.frame; p != nil {
			pictures = append([]photo{*p}, pictures...)
		}
	}
	var words []string
	for _, p := range pictures {
		key, err := p.original.Key()
		if err != nil || slices.Contains(b.sources, p.original) {
			continue // the one was told where it was found, the other is a picture shown twice
		}
		name := p.id + strings.ToLower(path.Ext(p.original.Path))
		b.sources = append(b.sources, p.original)
		b.Files = append(b.Files, Bundled{name, key, func() ([]byte, error) { return publicBytes(p.original) }})
		b.size += zipEntry(b.Folder, name) + s.publicSize(p.original, key)
		words = append(words, s.bundledWords(it, name, p))
	}
	if len(b.Files) < 2 {
		return nil
	}
	slices.SortFunc(b.Files, func(x, y Bundled) int { return strings.Compare(x.Name, y.Name) })
	slices.Sort(words)
	b.Text = joinedBy("\n", it.front.Title, joinedBy(", ", it.front.ID, s.date(it.ed, it.front.Date).Text), s.absolute(it.url), s.bundledRights(it)) + "\n\n" + strings.Join(words, "\n")
	b.size += zipEntry(b.Folder, BundleText) + int64(len(b.Text)) + zipEnd
	return b
}

func zipEntry(folder, name string) int64 {
	return zipLocal + zipCentral + 2*int64(len(folder)+len("/")+len(name))
}

// bundledWords is the paragraph of one picture.
func (s *Site) bundledWords(it *item, name string, p photo) string {
	t, f := it.ed.t, p.front
	when := ""
	if !f.Date.IsZero() {
		when = s.date(it.ed, f.Date).Text
	}
	caption := p.Caption
	if caption == "" {
		caption = p.Alt
	}
	people := ""
	if len(f.People) > 0 {
		people = t["photo_people"] + " " + strings.Join(f.People, ", ")
	}
	return joinedBy("\n", name, caption, people, joinedBy(", ", f.Place, when), t["credit"]+t["colon"]+p.Credit) + "\n"
}

// bundledRights is the terms under which the pictures may be used.
func (s *Site) bundledRights(it *item) string {
	r, t := s.rights(it), it.ed.t
	if r == nil {
		return ""
	}
	var lines []string
	for _, x := range []struct{ key, text string }{{"terms", r.Terms}, {"restrictions", strings.Join(r.Restrictions, "; ")}, {"third_party", r.ThirdParty}} {
		if x.text != "" {
			lines = append(lines, fmt.Sprintf("%s%s%s", t[x.key], t["colon"], x.text))
		}
	}
	return joined(lines)
}

// publicBytes is an original without the place where it was taken.
func publicBytes(f *source.File) ([]byte, error) {
	data, err := f.Bytes()
	if err != nil {
		return nil, err
	}
	return picture.Publish(f.Path, data), nil
}

// publicSize is how many bytes that is. Only of a PNG is anything left out.
func (s *Site) publicSize(f *source.File, key memo.Key) int64 {
	if strings.ToLower(path.Ext(f.Path)) != ".png" {
		return f.Size
	}
	n, _ := memo.Do(s.memo, "", memo.Hash("bytes of a published picture", picture.Recipe, key), func() (int64, report.List) {
		data, err := publicBytes(f)
		if err != nil {
			return 0, nil // whoever writes it will be told why
		}
		return int64(len(data)), nil
	})
	return n
}
