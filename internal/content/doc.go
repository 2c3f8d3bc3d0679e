// Package content reads one Markdown file: its front matter, strictly, and its
// text, as HTML with holes for what one file cannot know.
//
// In goes a path with its bytes; out comes a Doc, complete and never changed after,
// with every mistake of the file at its line and column. The package knows no other
// file, no clock and no layout.
package content

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"pressroom/internal/memo"
	"pressroom/internal/node"
	"pressroom/internal/report"
	"pressroom/internal/words"
)

// Kind tells what a document is, by the folder it lies in.
type Kind int

const (
	Page           Kind = iota // a plain page, as content/about.md
	NewsItem                   // below content/news
	VideoItem                  // below content/videos
	Section                    // _index.md: the text of a list page
	SpeakerProfile             // profiles
	LocationProfile
	TopicProfile
)

// profiles maps the folders whose files describe a name to their kinds.
var profiles = map[string]Kind{"speakers": SpeakerProfile, "locations": LocationProfile, "topics": TopicProfile}

// Dated tells whether documents of this kind are items with a date of their own.
func (k Kind) Dated() bool { return k == NewsItem || k == VideoItem }

// Doc is one document.
type Doc struct {
	Path    string // slash path below the site folder
	Key     memo.Key
	Kind    Kind
	Lang    string // one of the site's languages
	Base    string // path below content without language and ending, as "news/2024/05/spring-session"; equal for translations
	Bundle  string // the folder whose files belong to it, as "content/news/2024/05/spring-session", or ""
	Front   Front
	Holes   []Hole
	Outline []Heading
	Lead    string // the beginning of the text in plain words
	HasBody bool
}

// Options are what the site says about reading documents.
type Options struct {
	Zone      *time.Location
	Languages []string // the first is the default
}

// Parsed is a Doc as it is remembered: the body beside it is made again from the
// source when it is needed by a later run.
type Parsed struct {
	Doc   *Doc
	Words []byte // of title, summary and text, as package words packs them; of what can be searched
	Body  memo.Kept[[]byte]
}

// Parse reads the document at path.
func Parse(path string, data []byte, key memo.Key, o Options) (Parsed, report.List) {
	d := &Doc{Path: path, Key: key}
	problems := d.identify(o.Languages)
	text, bad := cleanText(path, data)
	if bad != nil {
		return Parsed{}, append(problems, *bad)
	}
	f, bad := cut(path, text)
	if bad != nil {
		return Parsed{}, append(problems, *bad)
	}
	src := report.Source{Path: path, Text: text}
	if f.mark == "" && d.Kind != Section && d.Kind != Page {
		return Parsed{}, append(problems, src.At(1, 1, 1, "front-matter", "no front matter", "begin with ---, title: and date: on lines of their own, then --- again"))
	}
	problems.Add(d.readFront(src, f, o.Zone)...)

	body, holes, outline, lead, more := reader(d.Lang).render(src, f.body)
	problems.Add(more...)
	d.Holes, d.Outline, d.Lead = holes, outline, lead
	d.HasBody = len(strings.TrimSpace(string(body))) > 0
	return Parsed{Doc: d, Words: d.words(body), Body: memo.Keep(body)}, problems
}

// A word of the title says eight times as much of a document as one of its text.
const (
	titleWeight   = 8
	summaryWeight = 3
)

// words counts the words of a document that readers can search for, while its text is at hand.
func (d *Doc) words(body []byte) []byte {
	if d.Kind != Page && !d.Kind.Dated() {
		return nil
	}
	c := words.In(d.Lang).Count()
	c.Text(d.Front.Title, titleWeight)
	c.Text(d.Front.Summary, summaryWeight)
	c.HTML(body, 1)
	return c.Pack()
}

func (d *Doc) readFront(src report.Source, f fences, zone *time.Location) report.List {
	read := node.ParseYAML
	if f.mark == "+++" {
		read = node.ParseTOML
	}
	root, problems := read(src, f.block, max(f.line, 1))
	if root == nil || problems.HasErrors() {
		return problems
	}
	dec := node.Decoder{Source: src, Env: Env{Zone: zone}}
	dec.Decode(root, &d.Front)
	problems.Add(dec.Problems...)
	c := checker{doc: d, src: src, top: max(f.line-1, 1)}
	c.check()
	d.Front.typeset(d.Lang) // after the checks, which speak of what was written
	return append(problems, c.problems...)
}

// Body returns the HTML with holes, from this run or made again from the source.
func (p Parsed) HTML(bytes func() ([]byte, error)) ([]byte, error) {
	if b, ok := p.Body.Get(); ok {
		return b, nil
	}
	data, err := bytes()
	if err != nil {
		return nil, err
	}
	text, bad := cleanText(p.Doc.Path, data)
	if bad != nil {
		return nil, fmt.Errorf("%s: %s", p.Doc.Path, bad.Text)
	}
	f, bad := cut(p.Doc.Path, text)
	if bad != nil {
		return nil, fmt.Errorf("%s: %s", p.Doc.Path, bad.Text)
	}
	body, _, _, _, _ := reader(p.Doc.Lang).render(report.Source{Path: p.Doc.Path, Text: text}, f.body)
	return body, nil
}

var readers sync.Map // language → *markdown

func reader(lang string) *markdown {
	if m, ok := readers.Load(lang); ok {
		return m.(*markdown)
	}
	m, _ := readers.LoadOrStore(lang, newMarkdown(lang))
	return m.(*markdown)
}

var languageSuffix = regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)

// identify finds kind, language and base from the path.
func (d *Doc) identify(languages []string) (problems report.List) {
	rel := strings.TrimSuffix(strings.TrimPrefix(d.Path, "content/"), ".md")
	d.Lang = languages[0]
	if first, rest, ok := strings.Cut(rel, "/"); ok && slices.Contains(languages, first) {
		d.Lang, rel = first, rest
	}
	dir, name := path.Split(rel)
	if i := strings.LastIndexByte(name, '.'); i > 0 {
		switch suffix := name[i+1:]; {
		case slices.Contains(languages, suffix):
			d.Lang, name = suffix, name[:i]
		case languageSuffix.MatchString(suffix) && len(suffix) == 2:
			problems.Add(report.Problem{Path: d.Path, Line: 1, Col: 1, Name: "language",
				Text: fmt.Sprintf("%q is not a language of this site", suffix), Hint: "add it to languages in site.yaml, or rename the file"})
		}
	}
	dir = strings.TrimSuffix(dir, "/")
	section, _, _ := strings.Cut(dir, "/")
	switch {
	case name == "_index":
		d.Kind, d.Base = Section, dir
		d.Bundle = path.Dir(d.Path)
	case name == "index" && dir != "":
		d.Base, d.Bundle = dir, path.Dir(d.Path)
		d.Kind = kindOf(section, strings.Contains(dir, "/"))
	default:
		d.Base = path.Join(dir, name)
		d.Kind = kindOf(section, true)
	}
	return problems
}

func kindOf(section string, below bool) Kind {
	switch {
	case !below:
		return Page
	case section == "news":
		return NewsItem
	case section == "videos":
		return VideoItem
	}
	return profiles[section] // Page when it is none of them
}
