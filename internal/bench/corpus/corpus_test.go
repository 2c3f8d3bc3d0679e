package corpus

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// Figures of different days can be compared only while this hash stands. Who
// changes the corpus changes it knowingly, and says so where figures are quoted.
func TestBytes(t *testing.T) {
	const want = "94b53fc843fa33ecc7127a2ab2bacb1bc3fa04267c5515adaafaef17258fcaaa"
	h := sha256.New()
	c := Corpus{Seed: 1, Articles: 300}
	for i := range c.Articles {
		a := c.Article(i)
		h.Write([]byte(a.Path()))
		h.Write(a.Markdown())
	}
	h.Write(c.Added(0).Markdown())
	edited, _ := c.Article(3).EditBody(1)
	h.Write(edited.Markdown())
	h.Write(c.Article(4).EditTitle(2).Markdown())
	if got := hex.EncodeToString(h.Sum(nil)); got != want {
		t.Errorf("the corpus of seed 1 has other bytes:\n got %s\nwant %s", got, want)
	}
}

func TestArticleDoesNotDependOnSize(t *testing.T) {
	small, large := Corpus{Seed: 5, Articles: 100}, Corpus{Seed: 5, Articles: 100_000}
	for i := range small.Articles {
		if a, b := small.Article(i), large.Article(i); !reflect.DeepEqual(a, b) {
			t.Fatalf("article %d of 100 is not article %d of 100,000:\n%s\n%s", i, i, a.Markdown(), b.Markdown())
		}
	}
}

func TestSeedsDiffer(t *testing.T) {
	if a, b := (Corpus{Seed: 1}).Article(0), (Corpus{Seed: 2}).Article(0); bytes.Equal(a.Markdown(), b.Markdown()) {
		t.Error("seeds 1 and 2 begin with the same article")
	}
}

func TestArchive(t *testing.T) {
	c := Corpus{Seed: 1, Articles: 5000}
	var headings, lists, tables, quotes, years int
	speaker, location, topic, paths := map[string]int{}, map[string]int{}, map[string]int{}, map[string]bool{}
	perYear := map[int]int{}
	for i := range c.Articles {
		a := c.Article(i)
		body := string(a.body)
		if n := len(strings.Fields(body)); n < 350 || n > 700 {
			t.Errorf("%s has %d words", a.Path(), n)
		}
		if len(a.Title) > 50 || len(a.Summary) > 160 || len(a.EditTitle(99).Title) > 65 {
			t.Errorf("%s: title or summary is too long", a.Path())
		}
		if strings.ContainsAny(a.Title, `{}&<>"'`) || strings.ContainsAny(body, "{}<") {
			t.Errorf("%s: an unfilled slot, or a character that HTML escapes", a.Path())
		}
		if paths[a.Path()] {
			t.Errorf("%s comes twice", a.Path())
		}
		paths[a.Path()] = true
		perYear[a.Date.Year()]++
		speaker[a.Speaker]++
		location[a.Location]++
		for _, name := range a.Topics {
			topic[name]++
		}
		for n, mark := range map[*int]string{&headings: "\n## ", &lists: "\n- ", &tables: "| --- |", &quotes: "\n> "} {
			if strings.Contains(body, mark) {
				*n++
			}
		}
	}
	for y := 2006; y < 2026; y++ {
		if n := perYear[y]; n < 240 || n > 260 {
			t.Errorf("%d has %d articles of 5000, not about 250", y, n)
		}
		years++
	}
	if len(perYear) != years {
		t.Errorf("articles outside 2006 to 2025: %v", perYear)
	}
	for what, n := range map[string]int{"headings": headings, "lists": lists, "tables": tables, "quotations": quotes} {
		if n < 300 {
			t.Errorf("only %d of 5000 articles have %s", n, what)
		}
	}
	for what, count := range map[string]map[string]int{"speaker": speaker, "location": location, "topic": topic} {
		if common, rare := extremes(count); common < 15*rare || rare == 0 {
			t.Errorf("%s: the commonest of %d comes %d times, the rarest %d: no archive is that even", what, len(count), common, rare)
		}
	}
}

func extremes(count map[string]int) (most, least int) {
	least = 1 << 30
	for _, n := range count {
		most, least = max(most, n), min(least, n)
	}
	return most, least
}

func TestNamesAreUnique(t *testing.T) {
	for what, r := range map[string]ranking{"speakers": speakers, "places": places, "topics": topics} {
		names := map[string]bool{}
		for _, n := range r.names {
			if names[slug(n)] {
				t.Errorf("%s: %q comes twice", what, n)
			}
			names[slug(n)] = true
		}
	}
	cities := map[string]bool{}
	for _, p := range places.names {
		city, _, _ := strings.Cut(p, ",")
		if cities[city] {
			t.Errorf("two cities are called %s", city)
		}
		cities[city] = true
	}
}

func TestAddedIsNewest(t *testing.T) {
	c := Corpus{Seed: 1, Articles: 2000}
	newest := time.Time{}
	for i := range c.Articles {
		if d := c.Article(i).Date; d.After(newest) {
			newest = d
		}
	}
	for k := range 3 {
		a := c.Added(k)
		if !a.Date.After(newest) {
			t.Errorf("added article %d of %s is not newer than %s", k, a.Date, newest)
		}
		newest = a.Date
	}
}

func TestEditsChangeOneThing(t *testing.T) {
	a := Corpus{Seed: 1}.Article(11)
	before := string(a.Markdown())

	b, added := a.EditBody(4)
	if got := string(b.Markdown()); got != before+"\n"+added+"\n" {
		t.Errorf("EditBody changed more than the end:\n%s", got)
	}
	c := a.EditTitle(4)
	if got := strings.Replace(string(c.Markdown()), c.Title, a.Title, 1); got != before || c.Title == a.Title {
		t.Errorf("EditTitle changed more than the title:\n%s", got)
	}
	if b.Path() != a.Path() || c.Path() != a.Path() {
		t.Error("an edit moved the article")
	}
	if got := string(a.Markdown()); got != before {
		t.Errorf("an edit changed the article it was made from:\n%s", got)
	}
}

// Both generators must be measured on the same articles.
func TestFormsHaveTheSameArticles(t *testing.T) {
	c := Corpus{Seed: 1, Articles: 40}
	var trees []map[string]string
	for _, form := range []Form{Pressroom, Hugo} {
		s := Site{Dir: t.TempDir(), Form: form}
		if err := s.Create(c); err != nil {
			t.Fatal(err)
		}
		if err := s.Put(c.Added(0)); err != nil {
			t.Fatal(err)
		}
		trees = append(trees, read(t, s.Dir))
	}
	if len(trees[0]) != 1+41 {
		t.Errorf("a site of 41 articles has %d files", len(trees[0]))
	}
	for name, text := range trees[1] {
		if path := filepath.ToSlash(name); strings.HasSuffix(path, "/_index.md") {
			continue
		} else if trees[0][name] != text {
			t.Errorf("%s is not the same in both forms", path)
		}
		month := filepath.Dir(name)
		for _, folder := range []string{month, filepath.Dir(month)} {
			if _, ok := trees[1][filepath.Join(folder, "_index.md")]; !ok {
				t.Errorf("Hugo has no list page in %s", folder)
			}
		}
	}
	names := make([]string, 0)
	for name := range trees[0] {
		if _, ok := trees[1][name]; !ok {
			names = append(names, name)
		}
	}
	if !slices.Equal(names, []string{"site.yaml"}) {
		t.Errorf("only in the site for Pressroom: %q", names)
	}
}

func read(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(p string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(p)
		rel, _ := filepath.Rel(dir, p)
		files[rel] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
