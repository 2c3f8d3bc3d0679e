package check

import (
	"path"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"pressroom/internal/build"
	"pressroom/internal/output"
	"pressroom/internal/report"
)

// shelf is the open tree as a reader's browser sees it: by address.
type shelf struct {
	tree      *output.Tree
	downloads map[string]bool     // "/download/<id>"
	children  map[string][]string // names in a folder; "news/" for a folder, "rss.xml" for a file
	index     map[string]int      // of a file in the tree's order
}

func newShelf(r *build.Result) *shelf {
	s := &shelf{tree: r.Public, downloads: map[string]bool{}, children: map[string][]string{}, index: map[string]int{}}
	for i, f := range r.Public.Files() {
		s.index[f.Path] = i
		for name, p := path.Base(f.Path), path.Dir(f.Path); ; name, p = path.Base(p)+"/", path.Dir(p) {
			_, seen := s.children[p]
			s.children[p] = append(s.children[p], name)
			if seen || p == "." {
				break
			}
		}
	}
	for _, d := range r.Catalogue.Downloads {
		s.downloads["/download/"+d.ID] = true
	}
	return s
}

// standing says what is at an address.
type standing int

const (
	nothing   standing = iota
	aFile              // a file of the tree
	aRedirect          // a page, but the address lacks its slash
	aService           // the gate's, or made when the site is written
)

// find looks an unescaped path up, and returns the file's place in the tree.
func (s *shelf) find(p string) (file string, is standing) {
	name := strings.TrimPrefix(p, "/")
	if name == "" || strings.HasSuffix(name, "/") {
		name += "index.html"
	}
	switch {
	case s.has(name):
		return name, aFile
	case s.has(norm.NFC.String(name)):
		return norm.NFC.String(name), aFile
	case s.has(name + "/index.html"):
		return name + "/index.html", aRedirect
	case name == output.ManifestName:
		return "", aService
	}
	if strings.HasPrefix(p, "/download/") && !s.downloads[p] {
		return "", nothing
	}
	for _, companion := range []string{"/account/", "/download/", "/newsletter/"} {
		if strings.HasPrefix(p, companion) || p == "/account" {
			return "", aService
		}
	}
	return "", nothing
}

func (s *shelf) has(file string) bool { _, ok := s.tree.Get(file); return ok }

// near is the existing address most like p, or "": the way to it is walked folder by
// folder, and at each a misspelt name is put right. Where that fails, it is a page of
// the same name in another folder.
func (s *shelf) near(p string) string {
	dir := "."
	parts := strings.SplitAfter(strings.Trim(p, "/"), "/")
	for i, part := range parts {
		names := s.children[dir]
		switch folder := strings.TrimSuffix(part, "/") + "/"; {
		case slices.Contains(names, folder):
			part = folder
		case i == len(parts)-1 && slices.Contains(names, part):
		default:
			part = report.Nearest(strings.TrimSuffix(part, "/"), names)
		}
		if part == "" {
			return s.namesake(p)
		}
		if !strings.HasSuffix(part, "/") {
			if i < len(parts)-1 {
				return s.namesake(p)
			}
			return "/" + strings.TrimPrefix(path.Join(dir, part), "./")
		}
		dir = path.Join(dir, part)
	}
	if !s.has(path.Join(dir, "index.html")) {
		return s.namesake(p)
	}
	return "/" + dir + "/"
}

// namesake is the first page or file of the same name in any folder, or "".
func (s *shelf) namesake(p string) string {
	name := path.Base(path.Clean(p))
	for _, f := range s.tree.Files() {
		switch {
		case name == "." || name == "/" || name == "index.html":
			return ""
		case path.Base(f.Path) == name, path.Base(path.Dir(f.Path)) == name && path.Base(f.Path) == "index.html":
			return address(f.Path)
		}
	}
	return ""
}
