package build

import (
	"context"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"time"

	"pressroom"
	"pressroom/internal/output"
	"pressroom/internal/source"
)

// mostChanged is how many files one new article may change, whatever lies in the
// archive: a CDN takes as many in at once, and a mirror fetches them in a second.
const mostChanged = 40

// Publishing one article at ten thousand changes few files. The article is as large a
// case as a newsroom has: a speaker, a place and two topics that others share, a picture
// of its own, and one that opens its month.
func TestOneArticleChangesFewFiles(t *testing.T) {
	if testing.Short() || raceEnabled {
		t.Skip("twice ten thousand articles")
	}
	files := tenThousand()
	before := publish(t, files)
	for name, date := range map[string]string{"in a month with others": "2026-10-31T16:00:00Z", "the first of its month": "2026-11-02T16:00:00Z"} {
		t.Run(name, func(t *testing.T) {
			path := "content/news/" + date[:4] + "/" + date[5:7] + "/the-new-one.md"
			files[path] = story("The new one", date, 7)
			defer delete(files, path)
			changed := changes(t, before, publish(t, files))
			if len(changed) > mostChanged {
				t.Errorf("%d files change, at most %d should:\n%s", len(changed), mostChanged, strings.Join(changed, "\n"))
			}
			t.Logf("%d files change:\n%s", len(changed), strings.Join(changed, "\n"))
		})
	}
}

// tenThousand is a newsroom with as many articles, some five a day up to October 2026.
func tenThousand() map[string][]byte {
	files := map[string][]byte{"site.yaml": []byte("title: Press\nbaseURL: https://press.example.org\ntimeZone: UTC\nlanguages: [en]\n" +
		"topics: {sea: Sea, energy: Energy, water: Water, budget: Budget, council: Council, cables: Cables, ports: Ports, audit: Audit}\n" +
		"contacts:\n  desk: {name: The desk, email: desk@example.org}\n")}
	last := time.Date(2026, 10, 31, 9, 0, 0, 0, time.UTC)
	for i := range 10_000 {
		at := last.Add(-time.Duration(i) * 5 * time.Hour)
		path := fmt.Sprintf("content/news/%s/article-%05d.md", at.Format("2006/01"), i)
		files[path] = story(fmt.Sprintf("Article %d", i), at.Format(time.RFC3339), i)
	}
	return files
}

func story(title, date string, i int) []byte {
	topics := []string{"sea", "energy", "water", "budget", "council", "cables", "ports", "audit"}
	words := strings.Fields("harbour council reserve winter bridge water cable island member treaty tide storm grid pump gauge budget audit speaker minister state")
	var text strings.Builder
	for k := range 60 {
		fmt.Fprintf(&text, "%s%d ", words[(i*7+k*k)%len(words)], (i*31+k)%97)
	}
	return fmt.Appendf(nil, "---\ntitle: %s\ndate: %s\nsummary: What was said of %s.\nspeaker: {name: Speaker %c Duarte, role: Minister}\nlocation: {city: Town %d, country: Country %d}\ntopics: [%s, %s]\n---\n%s\n",
		title, date, words[i%len(words)], 'A'+rune(i%26), i%40, i%10, topics[i%8], topics[(i+3)%8], text.String())
}

func publish(t *testing.T, files map[string][]byte) *output.Tree {
	t.Helper()
	r, problems := Run(context.Background(), Input{Source: source.Memory(files), Theme: theme(t), Now: time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)}, nil)
	if r == nil {
		t.Fatal(text(problems))
	}
	return r.Public
}

// theme is the built-in one.
func theme(t *testing.T) *source.Tree {
	t.Helper()
	files := map[string][]byte{}
	err := fs.WalkDir(pressroom.Theme, ".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			files[path], err = pressroom.Theme.ReadFile(path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return source.Memory(files)
}

// changes are the paths that come, go or are written anew; the manifest is always among
// them.
func changes(t *testing.T, before, after *output.Tree) []string {
	t.Helper()
	paths := []string{output.ManifestName}
	for _, f := range after.Files() {
		old, ok := before.Get(f.Path)
		switch {
		case !ok:
			paths = append(paths, "+ "+f.Path)
		case old.Key != f.Key && made(t, old) != made(t, f):
			paths = append(paths, f.Path)
		}
	}
	for _, f := range before.Files() {
		if _, ok := after.Get(f.Path); !ok {
			paths = append(paths, "- "+f.Path)
		}
	}
	slices.Sort(paths)
	return paths
}

func made(t *testing.T, f output.File) string {
	t.Helper()
	var b strings.Builder
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
