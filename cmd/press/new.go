package main

import (
	"bytes"
	"cmp"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"text/template"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/spf13/pflag"
	"golang.org/x/text/unicode/norm"

	"pressroom/internal/config"
	"pressroom/internal/content"
	"pressroom/internal/report"
	"pressroom/internal/source"
)

func newVerb() *verb {
	return &verb{
		Name: "new", Short: "a news item, video or page, with the front matter to fill in", Args: "news|video|page TITLE",
		Long: `Writes one file at the right place and prints its path. The file is a draft: nobody
sees it before its line "draft: true" is taken out.

  press new news "Spring session opens"    content/news/2026/07/spring-session-opens.md
  press new video "Leaders arrive"         content/videos/2026/MC-20260707-V-0412/index.md
  press new page "Terms of use"            content/terms-of-use.md

Month and day are those of --now in the site's time zone. A video's id begins as the
ids that the site has, else with the initials of the organisation, and takes the next
number of the year. A file that is there already is never written over.

With --lang fr the file is the French one (….fr.md). The translation of a text has the
file name of the original, with .fr before .md: copy that file, so that the two find
each other.`,
		Flags: func(fs *pflag.FlagSet, o *options) {
			bindRead(fs, o)
			fs.StringVar(&o.lang, "lang", "", "one of the site's languages (default its first)")
			fs.BoolVarP(&o.quiet, "quiet", "q", false, "print the path and nothing else")
		},
		Run: does(runNew),
	}
}

// newKinds are what can be made, each from the form of its name in forms/.
var newKinds = []string{"news", "video", "page"}

//go:embed forms
var formFiles embed.FS

var forms = template.Must(template.New("").Funcs(template.FuncMap{
	"first": func(list []string, or string) string { return append(list[:len(list):len(list)], or)[0] },
	"join":  func(list []string) string { return strings.Join(list, ", ") },
}).ParseFS(formFiles, "forms/*.md"))

// form is what a new file is made from.
type form struct {
	Title    string // as YAML
	Date     string
	ID       string   // of a video
	Topics   []string // of site.yaml, for the writer to choose from
	Contacts []string
	Credit   string // as YAML
}

func runNew(c *call) error {
	o := &c.Options
	if len(c.Args) == 0 {
		return wrongCall("new what?", `press new news "Spring session opens"`)
	}
	kind := strings.ToLower(c.Args[0])
	if !slices.Contains(newKinds, kind) {
		return wrongCall(fmt.Sprintf("cannot make a new %q", c.Args[0]), report.DidYouMean(c.Args[0], newKinds))
	}
	if len(c.Args) > 2 {
		return c.Surplus(c.Args[2], fmt.Sprintf("put the title in quotes: press new %s %q", kind, strings.Join(c.Args[1:], " ")))
	}
	title := ""
	if len(c.Args) == 2 {
		title = cleanTitle(c.Args[1])
	}
	if title == "" {
		return wrongCall("no title", fmt.Sprintf(`press new %s "Spring session opens"`, kind))
	}
	cfg, err := c.settings()
	if err != nil {
		return err
	}
	lang := cmp.Or(o.lang, cfg.Languages[0])
	if !slices.Contains(cfg.Languages, lang) {
		return wrongCall(fmt.Sprintf("%q is not a language of this site", lang), report.DidYouMean(lang, cfg.Languages))
	}
	name, err := c.draft(kind, title, lang, cfg)
	for tries := 0; kind == "video" && errors.Is(err, fs.ErrExist) && tries < 100; tries++ {
		name, err = c.draft(kind, title, lang, cfg) // somebody took the number meanwhile
	}
	if errors.Is(err, fs.ErrExist) {
		return wrongCall(fmt.Sprintf("%s is there already", name), "edit that file, or give the new one another title")
	}
	if err != nil {
		return err
	}
	fmt.Fprintln(c.Stdout, name)
	c.say(`it is a draft: "press serve -D" shows it, and without its line "draft: true" the next build publishes it`)
	return nil
}

// draft makes the file and returns its path as the caller can open it. When there is
// such a file, the error is fs.ErrExist and the path that file's.
func (c *call) draft(kind, title, lang string, cfg *config.Site) (string, error) {
	now := c.Options.now.In(cfg.Zone)
	f := form{Title: quoted(title), Date: dateText(now, cfg.Zone), Credit: quoted(credit(cfg))}
	for _, t := range cfg.TopicList {
		f.Topics = append(f.Topics, t.Slug)
	}
	for _, k := range cfg.ContactList {
		f.Contacts = append(f.Contacts, k.Key)
	}
	base, err := "", error(nil)
	switch kind {
	case "news":
		slug := content.Slugify(title)
		if slug == "" || slug == "index" { // index.md would be the month itself
			slug = "news-" + now.Format("20060102-1504")
		}
		base = now.Format("news/2006/01/") + slug
	case "page":
		base = cmp.Or(content.Slugify(title), "page-"+now.Format("20060102-1504"))
		if err := reserved(base, cfg.Languages); err != nil {
			return "", err
		}
	case "video":
		if f.ID, err = c.nextID(now, cfg); err != nil {
			return "", err
		}
		base = path.Join("videos", now.Format("2006"), f.ID, "index")
	}
	if there := c.standing(base, lang, lang == cfg.Languages[0]); there != "" {
		return there, fs.ErrExist
	}
	suffix := ".md"
	if lang != cfg.Languages[0] {
		suffix = "." + lang + ".md"
	}
	name := filepath.Join(c.Options.source, "content", filepath.FromSlash(base)+suffix)
	var b bytes.Buffer
	if err := forms.ExecuteTemplate(&b, kind+".md", f); err != nil {
		return "", err
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return "", err
	}
	return name, create(name, b.Bytes())
}

// create writes a file that is not there yet, whole or not at all.
func create(name string, data []byte) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Close()); err != nil {
		os.Remove(name)
	}
	return err
}

// standing returns the file that would be the same page in the same language, "" when
// there is none: a text can lie in a file or a bundle, and its language in the name of
// the file or of the folder.
func (c *call) standing(base, lang string, first bool) string {
	names := []string{base + "." + lang + ".md", base + "/index." + lang + ".md", lang + "/" + base + ".md", lang + "/" + base + "/index.md"}
	if first {
		names = append(names, base+".md", base+"/index.md")
	}
	for _, n := range names {
		name := filepath.Join(c.Options.source, "content", filepath.FromSlash(n))
		if _, err := os.Lstat(name); err == nil {
			return name
		}
	}
	return ""
}

// reserved refuses the page whose address the site gives to something else.
func reserved(slug string, languages []string) error {
	why := ""
	switch {
	case slices.Contains([]string{"news", "videos", "speakers", "locations", "topics", "events"}, slug):
		return wrongCall(fmt.Sprintf("/%s/ is a list", slug), fmt.Sprintf("for a text above the list write content/%s/_index.md; else choose another title", slug))
	case slices.Contains([]string{"account", "download", "newsletter", "files"}, slug):
		why = "the gate serves that address"
	case slices.ContainsFunc(languages, func(l string) bool { return strings.EqualFold(l, slug) }):
		why = "that is where a language begins"
	default:
		return nil
	}
	return wrongCall(fmt.Sprintf("a page cannot stand at /%s/: %s", slug, why), "choose another title")
}

// videoID is an id as press gives them: MC-20260707-V-0412.
var videoID = regexp.MustCompile(`^([A-Za-z0-9]+)-(\d{4})\d{4}-V-(\d{4,})$`)

// nextID is the id of a new video. The numbers of a year are used once, also by what
// is a draft or held. An id stands in a file's front matter and mostly in its name too,
// which counts as well: a file that cannot be read today has its number all the same.
func (c *call) nextID(now time.Time, cfg *config.Site) (string, error) {
	tree, _, err := source.Snapshot(c.Options.source, "", nil)
	if err != nil {
		return "", err
	}
	var ids []string
	for _, f := range tree.Under("content") {
		ids = append(ids, strings.Split(strings.TrimSuffix(f.Path, ".md"), "/")...)
	}
	for _, d := range c.documents(tree, cfg, func(path string) bool { return strings.Contains(path, "/videos/") }) {
		if d.Kind == content.VideoItem {
			ids = append(ids, d.Front.ID)
		}
	}
	prefix, newest, number := initials(cfg), "", 0
	for _, id := range ids {
		m := videoID.FindStringSubmatch(id)
		if m == nil {
			continue
		}
		day := strings.TrimPrefix(id, m[1])
		if day > newest {
			prefix, newest = m[1], day
		}
		if n, err := strconv.Atoi(m[3]); err == nil && m[2] == now.Format("2006") {
			number = max(number, n)
		}
	}
	return fmt.Sprintf("%s-%s-V-%04d", prefix, now.Format("20060102"), number+1), nil
}

// initials are those of the organisation, else of the site: MC for Meridian Council.
// Small words do not count, unless there are no others.
func initials(cfg *config.Site) string {
	name := cfg.Organisation.Name.In(cfg.Languages[0], cfg.Languages...)
	if name == "" {
		name = cfg.Title.In(cfg.Languages[0], cfg.Languages...)
	}
	large, all := "", ""
	for _, word := range strings.FieldsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		r, _ := utf8.DecodeRuneInString(word)
		letter := strings.ToUpper(content.Slugify(string(r)))
		if letter == "" || letter[0] >= utf8.RuneSelf { // an id is typed and read out: ASCII
			continue
		}
		all += letter[:1]
		if !unicode.IsLower(r) {
			large += letter[:1]
		}
	}
	s := cmp.Or(large, all, "PRESS")
	return s[:min(5, len(s))]
}

// credit is the site's credit line, else the name of who publishes it.
func credit(cfg *config.Site) string {
	first := cfg.Languages[0]
	return cmp.Or(cfg.Rights.Credit, cfg.Organisation.Name.In(first, cfg.Languages...), cfg.Title.In(first, cfg.Languages...))
}

// cleanTitle makes one line of what the shell handed over.
func cleanTitle(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsControl(r) || unicode.In(r, unicode.Zl, unicode.Zp):
			return ' '
		case r == '\uFEFF' || r == utf8.RuneError || r&0xFFFE == 0xFFFE:
			return -1
		}
		return r
	}, norm.NFC.String(strings.ToValidUTF8(s, "")))
	for strings.Contains(s, "  ") {
		s = strings.ReplaceAll(s, "  ", " ")
	}
	return strings.TrimSpace(s)
}

// quoted writes a line as a YAML text: in double quotes nothing else is special.
func quoted(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// dateText is an instant as editors write it, with the offset only in the hour that a
// clock strikes twice.
func dateText(now time.Time, zone *time.Location) string {
	text := now.Format("2006-01-02 15:04")
	if _, _, err := content.ParseDate(text, zone); err != nil {
		return now.Format("2006-01-02 15:04 -07:00")
	}
	return text
}
