package check

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"path"
	"slices"
	"strings"

	"pressroom/internal/build"
)

// storage knows where gated files are stored, which no open file may tell.
//
// There may be thousands of them and gigabytes of text, so a text is read once for
// all: a rolling hash (Rabin and Karp) of as many bytes as the shortest path has is
// looked up at every byte.
type storage struct {
	baseURL string
	names   map[string]bool // with a folder in them: others are names that a file may have by chance
	paths   []string        // as stored, and as HTML, JSON and URLs spell them
	width   int             // of the window
	maybe   []uint64        // a bit for each hash, cut to 16 bits: most bytes need no other look
	begin   map[uint32][]int
	first   uint32 // what the first byte of a window weighs
}

const (
	hashBase  = 16777619 // the prime of FNV
	maxWindow = 24       // more tells no more
)

func newStorage(r *build.Result) *storage {
	s := &storage{baseURL: r.Config.BaseURL, maybe: make([]uint64, 1<<16/64), begin: map[uint32][]int{}, names: map[string]bool{}, width: maxWindow, first: 1}
	for _, d := range r.Catalogue.Downloads {
		s.names[d.File] = strings.Contains(d.File, "/")
		quoted, _ := json.Marshal(d.File)
		s.paths = append(s.paths, d.File, (&url.URL{Path: d.File}).EscapedPath(), html.EscapeString(d.File), string(bytes.Trim(quoted, `"`)))
	}
	slices.Sort(s.paths)
	s.paths = slices.DeleteFunc(slices.Compact(s.paths), func(p string) bool { return p == "" })
	for _, p := range s.paths {
		s.width = min(s.width, len(p))
	}
	for range s.width - 1 {
		s.first *= hashBase
	}
	for i, p := range s.paths {
		h := uint32(0)
		for j := range s.width {
			h = h*hashBase + uint32(p[j])
		}
		s.begin[h] = append(s.begin[h], i)
		s.maybe[uint16(h)/64] |= 1 << (h % 64)
	}
	return s
}

// checkName finds a gated file that lies in the open tree at its storage path.
func (s *storage) checkName(p *paper) {
	for name, more := p.path, true; more; _, name, more = strings.Cut(name, "/") {
		if s.names[name] {
			p.fail(fault{name: "storage-path", text: fmt.Sprintf("the gated file %q lies among the open files", name), hint: "take it out of static/ and content/"})
		}
	}
}

// check finds storage paths in a text.
func (s *storage) check(p *paper, text []byte, known *shelf) {
	if len(s.paths) == 0 || len(text) < s.width {
		return
	}
	h := uint32(0)
	for i, b := range text {
		if i >= s.width {
			h -= uint32(text[i-s.width]) * s.first
		}
		h = h*hashBase + uint32(b)
		if i < s.width-1 || s.maybe[uint16(h)/64]&(1<<(h%64)) == 0 {
			continue
		}
		at := i - s.width + 1
		for _, n := range s.begin[h] {
			if stored := s.paths[n]; bytes.HasPrefix(text[at:], []byte(stored)) && s.standsAlone(text, at, stored) && !s.isOpen(p, text, at, stored, known) {
				p.fail(fault{name: "storage-path", text: fmt.Sprintf("the storage path %q of a gated file stands in an open one", stored), hint: "gated files are linked as /download/<video id>/<rendition>",
					words: stored})
			}
		}
	}
}

// standsAlone tells that a path found in a text is not the end or the beginning of a
// longer name. In front of it there may be more folders.
func (s *storage) standsAlone(text []byte, at int, stored string) bool {
	end := at + len(stored)
	if end < len(text) && text[end] == '.' { // the end of a sentence, or ".jpg"
		end++
	}
	return (at == 0 || text[at-1] == '/' || !inName(text[at-1])) && (end >= len(text) || !inName(text[end]))
}

func inName(b byte) bool {
	return b >= '0' && b <= '9' || b >= 'A' && b <= 'Z' || b >= 'a' && b <= 'z' || b >= 0x80 || strings.IndexByte("_-~%", b) >= 0
}

// isOpen tells that what was found is the address of an open file or of a download,
// which only looks like a storage path.
func (s *storage) isOpen(p *paper, text []byte, at int, stored string, known *shelf) bool {
	from := at
	for from > 0 && (inName(text[from-1]) || strings.IndexByte("/.:", text[from-1]) >= 0) {
		from--
	}
	whole, err := url.PathUnescape(strings.TrimPrefix(string(text[from:at])+stored, s.baseURL))
	if err != nil {
		return false
	}
	if !strings.HasPrefix(whole, "/") {
		whole = path.Join(path.Dir("/"+p.path), whole)
	}
	return known.has(strings.TrimPrefix(whole, "/")) || known.downloads[whole]
}
