package corpus

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"time"
)

// Form says for which generator a site is written. The articles are the same bytes.
type Form int

const (
	Pressroom Form = iota // site.yaml and the articles
	Hugo                  // the articles, and a list page for each year and month; the rest is the caller's
)

const siteYAML = `title: Example Press Office
baseURL: https://press.example.org
timeZone: UTC
languages: [en]
`

// Site is a site folder that articles are put into.
type Site struct {
	Dir  string
	Form Form
}

// Create writes the whole archive.
func (s Site) Create(c Corpus) error {
	if s.Form == Pressroom {
		if err := s.file("site.yaml", []byte(siteYAML)); err != nil {
			return err
		}
	}
	for i := range c.Articles {
		if err := s.Put(c.Article(i)); err != nil {
			return err
		}
	}
	return nil
}

// Put writes one article, new or edited.
func (s Site) Put(a Article) error {
	if s.Form == Hugo {
		if err := s.lists(a.Date); err != nil {
			return err
		}
	}
	return s.file(a.Path(), a.Markdown())
}

// lists makes the year and the month of an article pages of their own. Hugo
// takes a folder for a section only where it finds an _index.md.
func (s Site) lists(date time.Time) error {
	for _, list := range []struct{ folder, title string }{
		{date.Format("2006"), date.Format("2006")},
		{date.Format("2006/01"), date.Format("January 2006")},
	} {
		name := path.Join("content/news", list.folder, "_index.md")
		if _, err := os.Stat(filepath.Join(s.Dir, name)); err == nil {
			continue
		}
		if err := s.file(name, fmt.Appendf(nil, "---\ntitle: %q\ndate: %s\noutputs: [html]\n---\n", list.title, date.Format("2006-01-02"))); err != nil {
			return err
		}
	}
	return nil
}

func (s Site) file(name string, data []byte) error {
	p := filepath.Join(s.Dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
		return err
	}
	return os.WriteFile(p, data, 0o644)
}
