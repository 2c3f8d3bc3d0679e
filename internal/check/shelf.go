package check

import (
	"cmp"
	"path"
	"slices"
	"strings"

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
	if p == "" {
		return ""
	}
	dir, file := ".", ""
	for part := range strings.SplitSeq(strings.Trim(p, "/"), "/") {
		if file != "" {
			return s.namesake(p) // a file on the way, where a folder was meant
		}
		switch name := s.child(dir, part); {
		case name == "":
			return s.namesake(p)
		case strings.HasSuffix(name, "/"):
			dir = path.Join(dir, name)
		default:
			file = name
		}
	}
	if file == "" && !s.has(path.Join(dir, "index.html")) {
		return s.namesake(p)
	}
	return address(path.Join(dir, cmp.Or(file, "index.html")))
}

// child is what a folder holds of a name, or of one much like it.
func (s *shelf) child(dir, name string) string {
	var bare []string
	for _, n := range s.children[dir] {
		if n == name || n == name+"/" {
			return n
		}
		bare = append(bare, strings.TrimSuffix(n, "/"))
	}
	near := report.Nearest(name, bare)
	if i := slices.Index(bare, near); i >= 0 {
		return s.children[dir][i]
	}
	return ""
}

// shortest is how long a name must be to say something by itself.
const shortest = 4

// namesake is the first page or file of the same name in any folder, or "".
func (s *shelf) namesake(p string) string {
	name := path.Base(p)
	if len(name) < shortest {
		return ""
	}
	for _, f := range s.tree.Files() {
		if at := address(f.Path); path.Base(at) == name {
			return at
		}
	}
	return ""
}
