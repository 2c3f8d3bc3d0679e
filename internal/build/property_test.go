package build

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pressroom/internal/memo"
	"pressroom/internal/picture"
	"pressroom/internal/site"
	"pressroom/internal/source"
)

var (
	steps = flag.Int("steps", 120, "random edits of each editor of TestIncrementalEqualsClean")
	seed  = flag.Uint64("seed", 1, "of the random edits of the first editor")
)

// TestIncrementalEqualsClean edits a site at random, thousands of times: texts, titles,
// new files, renames, removals, languages, the clock, layouts, site.yaml. After each
// step the incremental tree, in which a file of an unchanged key keeps its old bytes,
// equals a clean build's, byte for byte. Now and then the memory is saved and read
// again, as between two runs of press.
func TestIncrementalEqualsClean(t *testing.T) {
	for i := range uint64(4) {
		t.Run(fmt.Sprintf("seed%d", *seed+i), func(t *testing.T) {
			t.Parallel()
			incremental(t, *seed+i)
		})
	}
}

func incremental(t *testing.T, seed uint64) {
	n := *steps
	if raceEnabled {
		n = min(n, 15) // the race detector makes it ten times slower and finds no other keys
	}
	e := newEditor(t, seed)
	m := memo.New()
	disk := map[string]kept{}
	store := filepath.Join(t.TempDir(), "memo")
	for step := range n {
		what := e.edit()
		in := e.input()
		r, problems := Run(context.Background(), in, m)
		if r == nil {
			t.Fatalf("step %d (%s, seed %d): %s", step, what, seed, text(problems))
		}
		disk = bring(t, disk, r)
		clean, again := Run(context.Background(), in, nil)
		if got, want := text(problems), text(again); got != want {
			t.Fatalf("step %d (%s, seed %d): problems differ\n%s", step, what, seed, difference(want, got))
		}
		want := bring(t, nil, clean)
		if diff := differs(disk, want); diff != "" {
			t.Fatalf("step %d (%s, seed %d): %s", step, what, seed, diff)
		}
		m.Sweep()
		if step%25 == 24 {
			if _, problems := Run(context.Background(), in, m); problems.HasErrors() {
				t.Fatal(text(problems))
			}
			if err := m.Save(store); err != nil {
				t.Fatal(err)
			}
			m = memo.Load(store)
		}
	}
}

// TestProveEmbargo proves, for random sites, that held items leave no trace; and that
// the proof is one, by a layout that gives them away.
func TestProveEmbargo(t *testing.T) {
	e := newEditor(t, *seed+7)
	held, n := 0, 60
	if raceEnabled {
		n = 15
	}
	for step := range n {
		what := e.edit()
		r, _ := Run(context.Background(), e.input(), nil)
		held += len(r.Held)
		if _, difference, _ := Prove(context.Background(), e.input(), nil); difference != "" {
			t.Fatalf("step %d (%s): %s", step, what, difference)
		}
	}
	if held == 0 {
		t.Fatal("nothing was ever held")
	}
}

type kept struct {
	key   memo.Key
	bytes []byte
}

// bring does to a map what output.Write does to a disk.
func bring(t *testing.T, old map[string]kept, r *Result) map[string]kept {
	t.Helper()
	now := make(map[string]kept, r.Public.Len())
	for _, f := range r.Public.Files() {
		if k, ok := old[f.Path]; ok && k.key == f.Key {
			now[f.Path] = k
			continue
		}
		var b bytes.Buffer
		if err := f.Write(&b); err != nil {
			t.Fatalf("%s: %v", f.Path, err)
		}
		now[f.Path] = kept{f.Key, b.Bytes()}
	}
	return now
}

func differs(got, want map[string]kept) string {
	for _, path := range slices.Sorted(maps.Keys(want)) {
		g, ok := got[path]
		if !ok {
			return path + " is missing"
		}
		if !bytes.Equal(g.bytes, want[path].bytes) {
			return path + " is stale\n" + difference(string(want[path].bytes), string(g.bytes))
		}
	}
	if len(got) != len(want) {
		return "there are files too many"
	}
	return ""
}

// editor is somebody who edits a press site without rest.
type editor struct {
	r     *rand.Rand
	files map[string][]byte
	theme map[string][]byte
	kit   *picture.Kit // of all builds: what it makes depends on names alone
	now   time.Time
	asked site.Asked
	n     int
}

func newEditor(t testing.TB, seed uint64) *editor {
	e := &editor{r: rand.New(rand.NewPCG(seed, 42)), kit: &picture.Kit{}, now: time.Date(2026, 7, 7, 12, 0, 0, 0, time.UTC), theme: map[string][]byte{},
		files: map[string][]byte{"site.yaml": []byte(defaultSite + "paginate: 3\n"), "static/logo.svg": []byte(`<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>`)}}
	for _, f := range archive(t, "testdata/theme.txtar").Files {
		e.theme[f.Name] = f.Data
	}
	for range 12 {
		e.add()
	}
	return e
}

func (e *editor) input() Input {
	return Input{Source: source.Memory(maps.Clone(e.files)), Theme: source.Memory(maps.Clone(e.theme)), Now: e.now, Asked: e.asked, Kit: e.kit}
}

func (e *editor) pick(from ...string) string { return from[e.r.IntN(len(from))] }

// article writes a piece of news or a video. Its links and names are those of others,
// which may be there, held, or not yet; it never links to what is not a file.
func (e *editor) article(path string) []byte {
	var b strings.Builder
	e.n++
	day := e.now.AddDate(0, 0, -e.r.IntN(70)+5)
	fmt.Fprintf(&b, "---\ntitle: %s %d\ndate: %s\nsummary: Words of %d\n", e.pick("Harbour", "Quay", "Élan"), e.n, day.Format("2006-01-02 15:04"), e.n)
	if strings.Contains(path, "/videos/") {
		base, _, _ := strings.Cut(filepath.Base(path), ".")
		fmt.Fprintf(&b, "id: %s\ncaptions-waiver: none spoken\n", base)
	}
	fmt.Fprintf(&b, "speaker: %s\nlocation: %s\ntopics: [%s]\n", e.pick("Ana Duarte", "Joris Vane", "Mei Tanaka"), e.pick("Sofia, Bulgaria", "Port Hale"), e.pick("trade", "ships", "Trade, ships"))
	switch e.r.IntN(10) {
	case 0:
		b.WriteString("draft: true\n")
	case 1, 2:
		fmt.Fprintf(&b, "embargo: %s\n", e.now.Add(time.Duration(e.r.IntN(96)-24)*time.Hour).Format(time.RFC3339))
	case 3:
		fmt.Fprintf(&b, "expires: %s\n", e.now.Add(time.Duration(e.r.IntN(200)-24)*time.Hour).AddDate(1, 0, 0).Format(time.RFC3339))
	case 4:
		b.WriteString("status: withdrawn\n")
	case 5:
		fmt.Fprintf(&b, "aliases: [/old/%d/]\n", e.n)
	case 6:
		fmt.Fprintf(&b, "event: {start: %s, title: Event %d}\n", day.Format("2006-01-02"), e.n)
	}
	if others := e.documents("content/news/"); len(others) > 0 && !strings.Contains(path, "/videos/") {
		to := e.pick(others...)
		fmt.Fprintf(&b, "related: [/%s]\n---\n## Heading\n\nBody %d with [a link](/%s).\n", strings.TrimPrefix(to, "content/"), e.n, strings.TrimPrefix(to, "content/"))
	} else {
		fmt.Fprintf(&b, "---\nBody %d.\n", e.n)
	}
	if e.r.IntN(3) == 0 {
		b.WriteString("\n::figure{src=/logo.svg alt=Logo credit=Us}\n\n:::quote{by=Ana}\nWords.\n:::\n")
	}
	return []byte(b.String())
}

// documents are the files of a folder that link to nothing which could vanish.
func (e *editor) documents(prefix string) (out []string) {
	for _, p := range slices.Sorted(maps.Keys(e.files)) {
		if strings.HasPrefix(p, prefix) && strings.HasSuffix(p, ".md") && !strings.Contains(string(e.files[p]), "withdrawn") {
			out = append(out, p)
		}
	}
	return out
}

func (e *editor) add() string {
	path := fmt.Sprintf("content/news/2026/0%d/item-%d.md", 5+e.r.IntN(3), e.n)
	if e.r.IntN(4) == 0 {
		path = fmt.Sprintf("content/videos/V-%d.md", e.n)
	}
	e.files[path] = e.article(path)
	return "add " + path
}

// linked tells whether another document names the file: it then stays.
func (e *editor) linked(path string) bool {
	name := strings.TrimPrefix(path, "content")
	for p, data := range e.files {
		if p != path && bytes.Contains(data, []byte(name)) {
			return true
		}
	}
	return false
}

// edit changes one thing and says what.
func (e *editor) edit() string {
	all := e.documents("content/")
	some := func() string { return e.pick(all...) }
	switch k := e.r.IntN(20); {
	case len(all) < 6 || k < 3 && len(all) < 30:
		return e.add()
	case k < 7: // a new body
		p := some()
		e.n++
		e.files[p] = append(slices.Clip(e.files[p]), fmt.Sprintf("\nMore words, %d.\n", e.n)...)
		return "body of " + p
	case k < 9: // everything new
		p := some()
		if strings.Contains(p, "/news/") || strings.Contains(p, "/videos/") {
			e.files[p] = e.article(p)
		}
		return "rewrite " + p
	case k < 12: // gone
		p := some()
		if e.linked(p) {
			return "keep " + p
		}
		delete(e.files, p)
		return "remove " + p
	case k == 12: // renamed
		p := some()
		if e.linked(p) || strings.Contains(p, "/videos/") || !strings.Contains(p, "/news/") {
			return "keep " + p
		}
		e.n++
		to := fmt.Sprintf("content/news/2026/06/renamed-%d.md", e.n)
		e.files[to] = e.files[p]
		delete(e.files, p)
		return "rename " + p + " to " + to
	case k == 13: // a translation
		p := some()
		if strings.Contains(string(e.files["site.yaml"]), "fr") && !strings.Contains(p, ".fr.md") && strings.Contains(p, "/news/") {
			fr := strings.TrimSuffix(p, ".md") + ".fr.md"
			e.files[fr] = bytes.ReplaceAll(e.files[p], []byte("aliases: "), []byte("params: {old: yes}\n# ")) // an address has one page
		}
		return "translate " + p
	case k == 14: // a profile
		name := e.pick("speakers/ana-duarte", "speakers/jv", "locations/sofia", "topics/trade")
		title := map[string]string{"speakers/ana-duarte": "Ana Duarte", "speakers/jv": "Joris Vane", "locations/sofia": "Sofia, Bulgaria", "topics/trade": "trade"}[name]
		e.n++
		e.files["content/"+name+".md"] = []byte(fmt.Sprintf("---\ntitle: %s\n%s---\nProfile %d.\n", title, e.pick("", "draft: true\n", "role: Harbour master\n"), e.n))
		return "profile " + name
	case k == 15 || k == 16: // the clock
		e.now = e.now.Add(time.Duration(e.r.IntN(40)-10) * time.Hour)
		return "clock " + e.now.String()
	case k == 17: // a layout
		name := e.pick("layouts/article.html", "layouts/partials/card.html", "layouts/list.html", "layouts/embeds/quote.html", "layouts/i18n/en.yaml", "layouts/i18n/fr.yaml")
		e.n++
		if strings.HasSuffix(name, ".yaml") {
			e.files[name] = append(slices.Clip(e.theme[name]), fmt.Sprintf("extra: Word %d\n", e.n)...)
			e.files[name] = bytes.Replace(e.files[name], []byte("news: "), []byte(fmt.Sprintf("news: N%d ", e.n)), 1)
		} else {
			e.files[name] = bytes.Replace(e.theme[name], []byte("{{"), []byte(fmt.Sprintf("l%d {{", e.n)), 1)
			if e.r.IntN(3) == 0 {
				delete(e.files, name)
			}
		}
		return "layout " + name
	case k == 18: // site.yaml
		e.n++
		langs := e.pick("[en]", "[en, fr]")
		for p := range e.files {
			if strings.Contains(p, ".fr.md") {
				langs = "[en, fr]"
			}
		}
		e.files["site.yaml"] = []byte(fmt.Sprintf("title: Press %d\nbaseURL: https://press.example\ntimeZone: %s\nlanguages: %s\npaginate: %d\nrights: {credit: Us}\n",
			e.r.IntN(4), e.pick("UTC", "Asia/Tokyo", "America/New_York"), langs, 2+e.r.IntN(4)))
		return "site.yaml"
	default: // what is asked for
		e.asked = site.Asked{Drafts: e.r.IntN(3) == 0, Future: e.r.IntN(3) == 0, Expired: e.r.IntN(3) == 0}
		return fmt.Sprint("asked ", e.asked)
	}
}
