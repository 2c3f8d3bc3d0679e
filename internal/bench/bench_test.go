package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pressroom/internal/bench/corpus"
)

// The test binary is its own press: with this variable set it builds a site of
// plain copies, rightly or in one of the wrong ways that a benchmark must notice.
const fakeMode = "BENCH_TEST_FAKE"

func TestMain(m *testing.M) {
	if mode := os.Getenv(fakeMode); mode != "" {
		if err := fakePress(mode, os.Args[3]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func fakePress(mode, dir string) error {
	if mode == "fails" {
		return fmt.Errorf("content/a.md:3:1: error: no such key")
	}
	var s summary
	write := func(name string, data []byte) error {
		s.Files.Total++
		old, err := os.ReadFile(name)
		if err == nil && (bytes.Equal(old, data) || mode == "stale") {
			s.Files.Unchanged++
			return nil
		}
		s.Files.Written++
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return err
		}
		return os.WriteFile(name, data, 0o644)
	}
	content := os.DirFS(filepath.Join(dir, "content"))
	err := fs.WalkDir(content, ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(content, p)
		if err != nil {
			return err
		}
		return write(filepath.Join(dir, "public", strings.TrimSuffix(p, ".md"), "index.html"), text)
	})
	if err != nil {
		return err
	}
	// A file that remembers how many builds there were: in the cache it may, elsewhere it is a mistake.
	tallies := []string{"closed/cache/tally"}
	switch mode {
	case "drifts":
		tallies = append(tallies, "public/tally")
	case "drifts in closed":
		tallies = append(tallies, "closed/tally")
	}
	for _, name := range tallies {
		name = filepath.Join(dir, filepath.FromSlash(name))
		old, err := os.ReadFile(name)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(name, append(old, '.'), 0o644); err != nil {
			return err
		}
	}
	if mode == "chatty" {
		fmt.Println("all done!")
	}
	return json.NewEncoder(os.Stdout).Encode(s)
}

func fakeTrial(t *testing.T, mode string) trial {
	t.Setenv(fakeMode, mode)
	return trial{
		articles: 10, runs: 2, seed: 1, progress: io.Discard,
		makers: []*maker{newPress(os.Args[0], filepath.Join(t.TempDir(), "site"))},
	}
}

func TestTrial(t *testing.T) {
	tr := fakeTrial(t, "right")
	r, err := tr.run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for step, want := range map[string]int{"cold": 10, "unchanged": 0, "body edited": 1, "title edited": 1, added: 1} {
		runs := r.usage[[2]string{step, "press"}]
		if len(runs) != tr.runs {
			t.Fatalf("%s ran %d times, not %d", step, len(runs), tr.runs)
		}
		for _, u := range runs {
			if u.written != want {
				t.Errorf("%s wrote %d files, not %d", step, u.written, want)
			}
			if u.wall <= 0 || u.cpu <= 0 || u.peak < 1_000_000 {
				t.Errorf("%s was not measured: %+v", step, u)
			}
		}
	}
	if c := r.changed["press"]; len(c.paths) != 1 || !strings.HasPrefix(c.paths[0], "news/2026/01/") || c.bytes < 1000 {
		t.Errorf("one article added changes %+v", c)
	}

	// Two edits of one article would undo each other and be measured as two at once.
	site := tr.makers[0].site
	after, err := snapshot(site.Dir + "/content")
	if err != nil {
		t.Fatal(err)
	}
	if err := site.Create(corpus.Corpus{Seed: tr.seed, Articles: tr.articles}); err != nil {
		t.Fatal(err)
	}
	before, err := snapshot(site.Dir + "/content")
	if err != nil {
		t.Fatal(err)
	}
	if n := len(compare(before, after).paths); n != 2*tr.runs {
		t.Errorf("%d runs edited %d articles, not %d", tr.runs, n, 2*tr.runs)
	}
}

func TestTrialNoticesWrongBuilds(t *testing.T) {
	for mode, want := range map[string]string{
		"fails":            "no such key",
		"stale":            "does not say",
		"drifts":           "not what a clean build makes, among them tally",
		"drifts in closed": "not what a clean build makes, among them closed/tally",
		"chatty":           "press build --json",
	} {
		t.Run(mode, func(t *testing.T) {
			_, err := fakeTrial(t, mode).run(t.Context())
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("the benchmark said %v; want %q in it", err, want)
			}
		})
	}
}

func TestStopsWhenAsked(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := fakeTrial(t, "right").run(ctx); err == nil {
		t.Error("a cancelled benchmark went on to its end")
	}
}

// The whole command with the real press: what the table says was built, checked and
// found the same as a clean build.
func TestPress(t *testing.T) {
	if testing.Short() {
		t.Skip("builds cmd/press")
	}
	var stdout, stderr strings.Builder
	if code := run([]string{"-n", "12", "-runs", "1", "-dir", t.TempDir()}, &stdout, &stderr); code != 0 {
		t.Fatalf("bench ended with %d:\n%s", code, &stderr)
	}
	for _, text := range []string{"\n12 articles\n", "article added", "press: one article added changes"} {
		if !strings.Contains(stdout.String(), text) {
			t.Errorf("no %q in the table:\n%s", text, &stdout)
		}
	}
}

// Hugo must build the same articles without a complaint and show on a page what
// it is meant to be compared in.
func TestHugo(t *testing.T) {
	bin, err := exec.LookPath("hugo")
	if err != nil {
		t.Skip("hugo is not on PATH")
	}
	m := newHugo(bin, filepath.Join(t.TempDir(), "site"))
	c := corpus.Corpus{Seed: 1, Articles: 60}
	if err := m.create(c); err != nil {
		t.Fatal(err)
	}
	a := c.Added(0) // newer than all, so it has earlier ones to show
	if err := m.site.Put(a); err != nil {
		t.Fatal(err)
	}
	if _, err := m.build(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{
		a.Title, a.Summary, a.Speaker, a.Location, a.Topics[0],
		`"@type":"NewsArticle"`, `aria-label=Breadcrumbs`, `rel=prev`, `id=related`, `property="og:title"`, "/" + a.Date.Format("2006/01") + "/",
	} {
		if err := m.verify(expectation{a.Page(), text}); err != nil {
			t.Error(err)
		}
	}
	// The article is listed where a reader would look for it, and its year leads to its month.
	for _, page := range []string{"index.html", "news/index.html", "news/2026/01/index.html", "topics/" + strings.ToLower(strings.ReplaceAll(a.Topics[0], " ", "-")) + "/index.html"} {
		if err := m.verify(expectation{page, "<h2><a href=/" + strings.TrimSuffix(a.Page(), "index.html")}); err != nil {
			t.Error(err)
		}
	}
	if err := m.verify(expectation{"news/2026/index.html", "<a href=/news/2026/01/>January 2026"}); err != nil {
		t.Error(err)
	}
	for _, feed := range []string{"news/rss.xml", "sitemap.xml"} {
		if err := m.verify(expectation{feed, "https://press.example.org/news/"}); err != nil {
			t.Error(err)
		}
	}
	var item struct{ Title string }
	data, err := os.ReadFile(filepath.Join(m.public(), filepath.Dir(a.Page()), "index.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &item); err != nil || item.Title != a.Title {
		t.Errorf("index.json has the title %q (%v), not %q", item.Title, err, a.Title)
	}
}

func TestCompare(t *testing.T) {
	file := func(path string, size int64, sum byte) stamp { return stamp{path, size, [32]byte{sum}} }
	before := []stamp{file("a", 1, 1), file("b", 2, 2), file("c", 4, 3), file("e", 8, 4)}
	after := []stamp{file("b", 2, 2), file("c", 16, 9), file("d", 32, 5), file("e", 8, 7), file("f", 64, 6)}
	c := compare(before, after)
	if want := []string{"a", "c", "d", "e", "f"}; !slices.Equal(c.paths, want) {
		t.Errorf("changed %q, not %q", c.paths, want)
	}
	if c.bytes != 16+32+8+64 {
		t.Errorf("%d bytes to send, not 120", c.bytes)
	}
	if c := compare(after, after); len(c.paths) != 0 || c.bytes != 0 {
		t.Errorf("a tree differs from itself: %+v", c)
	}
}

func TestSnapshot(t *testing.T) {
	dir := t.TempDir()
	files := map[string]string{"b/c": "two", "a": "one", "b-c": "three"}
	for name, text := range files {
		p := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	list, err := snapshot(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range list {
		got = append(got, fmt.Sprint(s.path, " ", s.size, " ", s.sum == sha256.Sum256([]byte(files[s.path]))))
	}
	if want := []string{"a 3 true", "b-c 5 true", "b/c 3 true"}; !slices.Equal(got, want) {
		t.Errorf("snapshot is %q; want %q", got, want)
	}
	if list, err := snapshot(filepath.Join(dir, "absent")); err != nil || len(list) != 0 {
		t.Errorf("a folder that isn't there has %v, %v", list, err)
	}
}

func TestReset(t *testing.T) {
	m := newPress("press", filepath.Join(t.TempDir(), "site"))
	if err := m.create(corpus.Corpus{Seed: 1, Articles: 2}); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{m.public(), filepath.Join(m.site.Dir, "closed"), filepath.Join(m.site.Dir, ".cache"), m.cache()} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := m.reset(); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(m.site.Dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 2 || entries[0].Name() != "content" || entries[1].Name() != "site.yaml" {
		t.Errorf("a cold build would find %v", entries)
	}
	if _, err := os.Stat(m.cache()); err == nil {
		t.Error("a cold build would find a cache")
	}
}

func TestTable(t *testing.T) {
	fast := usage{wall: 130 * time.Millisecond, cpu: 200 * time.Millisecond, peak: 64_000_000, written: 24}
	slow := usage{wall: 10_600 * time.Millisecond, cpu: 18 * time.Second, peak: 960_000_000, written: -1}
	r := result{
		articles: 10_000, makers: []string{"press", "hugo"}, steps: []string{"cold", added},
		usage: map[[2]string][]usage{
			{"cold", "press"}: {fast}, {"cold", "hugo"}: {slow},
			{added, "press"}: {fast}, {added, "hugo"}: {slow},
		},
		changed: map[string]change{"press": {make([]string, 24), 400_000}, "hugo": {make([]string, 257), 9_600_000}},
		files:   map[string]int{"press": 21_000, "hugo": 23_456},
	}
	var b strings.Builder
	if err := r.print(&b); err != nil {
		t.Fatal(err)
	}
	const want = `
10,000 articles
                 wall press  wall hugo  ratio  CPU press  CPU hugo  ratio  memory press  memory hugo  ratio  written press  written hugo
  cold              0.130 s    10.60 s  81.5×    0.200 s   18.00 s  90.0×         64 MB       960 MB  15.0×             24             –
  article added     0.130 s    10.60 s  81.5×    0.200 s   18.00 s  90.0×         64 MB       960 MB  15.0×             24           257
press: one article added changes 24 of 21,000 files, 0.40 MB
hugo: one article added changes 257 of 23,456 files, 9.60 MB
`
	if got := b.String(); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}

	r.makers = r.makers[:1]
	b.Reset()
	if err := r.print(&b); err != nil {
		t.Fatal(err)
	}
	if got := b.String(); strings.Contains(got, "ratio") || strings.Contains(got, "×") || strings.Contains(got, "hugo") {
		t.Errorf("alone, press has nothing to be compared with:\n%s", got)
	}
}

func TestMedian(t *testing.T) {
	runs := []usage{{written: 9}, {written: 1}, {written: 5}, {written: 7}}
	value := func(u usage) int { return u.written }
	if got := median(runs[:3], value); got != 5 {
		t.Errorf("the median of 9, 1, 5 is %d", got)
	}
	if got := median(runs, value); got != 5 {
		t.Errorf("the median of 9, 1, 5, 7 is %d; want the lower of the middle ones", got)
	}
}

func TestUsage(t *testing.T) {
	for _, args := range [][]string{
		{"-n", "many"}, {"-n", "100", "-runs", "0"}, {"-n", "5", "-runs", "3"}, {"-x"}, {"1000"},
	} {
		var stderr strings.Builder
		if code := run(args, io.Discard, &stderr); code != 2 || stderr.Len() == 0 {
			t.Errorf("bench %v ended with %d and said %q", args, code, &stderr)
		}
	}
	o, err := parse([]string{"-n", "10, 200"}, io.Discard)
	if err != nil || !slices.Equal(o.sizes, []int{10, 200}) || o.runs != 5 {
		t.Errorf("parse: %+v, %v", o, err)
	}
}
