package search

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pressroom/internal/site"
	"pressroom/internal/testkit/nodejs"
	"pressroom/internal/words"
)

// ask is a question, with what the script answers to it.
type ask struct {
	Text   string            `json:"text"`
	Chosen map[string]string `json:"chosen"`
	ByDate bool              `json:"byDate"`
	Anew   bool              `json:"anew"` // nothing is remembered of the questions before

	Hits     []int                     `json:"hits"`
	Any      bool                      `json:"any"`
	Replaced [][]string                `json:"replaced"`
	First    []string                  `json:"first"`
	Values   map[string]map[string]int `json:"values"`
	Fetched  []string                  `json:"fetched"` // for the finds
	Then     []string                  `json:"then"`    // for the counts
}

const script = "../../static/js/search.js"

// inJavaScript asks the script, in an index on a disk.
func inJavaScript(t *testing.T, lang string, files map[string][]byte, asks []ask) []ask {
	t.Helper()
	answers, err := runJavaScript(t, lang, files, asks)
	if err != nil {
		t.Fatal(err)
	}
	return answers
}

// runJavaScript returns the answers, or what the script threw.
func runJavaScript(t *testing.T, lang string, files map[string][]byte, asks []ask) (answers []ask, err error) {
	t.Helper()
	src, err := os.ReadFile(script)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, b := range files {
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(name)), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	err = nodejs.Run(t, `
		const fs = require("fs"), vm = require("vm"), { src, dir, rules, asks } = JSON.parse(fs.readFileSync(0, "utf8"));
		const { open } = vm.runInNewContext(src + "\n;pressSearch", { URL, TextDecoder, Uint8Array, Uint32Array, Float32Array, Float64Array, Response, DecompressionStream, atob });
		(async () => {
			let fetched, engine;
			for (const a of asks) {
				fetched = [];
				if (a.anew || !engine) engine = open(async (name) => (fetched.push(name), new Response(fs.readFileSync(dir + "/" + name))), rules);
				const { hits, any, replaced } = await engine.find(a.text, { ...a, chosen: a.chosen ?? {} });
				const [first] = await engine.documents(hits.slice(0, 6)), n = fetched.length;
				const values = {};
				for (const [kind, of] of await engine.values(a.text, a.chosen ?? {})) values[kind] = Object.fromEntries([...of].map(([slug, { count }]) => [slug, count]));
				Object.assign(a, { hits: [...hits], any, replaced, first, values, fetched: fetched.slice(0, n), then: fetched.slice(n) });
			}
			console.log(JSON.stringify(asks));
		})();`, map[string]any{"src": string(src), "dir": dir, "rules": words.Rules(lang), "asks": asks}, &answers)
	return answers, err
}

// naive answers a question from the index as it was read whole.
func (x *index) naive(lang string, a ask) (hits []int, any bool) {
	var must []map[int]bool // the items that have a word
	var stems []string
	var not []string
	parts := strings.Fields(a.Text)
	for i, p := range parts {
		if strings.HasPrefix(p, "-") {
			not = append(not, words.In(lang).Cut(p)...)
			continue
		}
		has := map[int]bool{}
		stem := words.In(lang).Cut(p)[0]
		for n := range x.words[stem] {
			has[n] = true
		}
		if bare := words.In(lang).Bare(p)[0]; i == len(parts)-1 && len(bare) > 2 && !strings.HasSuffix(a.Text, " ") {
			for w, of := range x.words {
				if strings.HasPrefix(w, bare) {
					for n := range of {
						has[n] = true
					}
				}
			}
		}
		if at := slices.Index(stems, stem); at >= 0 {
			must[at] = has
		} else {
			must, stems = append(must, has), append(stems, stem)
		}
	}
	fits := func(i int) bool {
		for _, w := range not {
			if _, ok := x.words[w][i]; ok {
				return false
			}
		}
		for kind, slug := range a.Chosen {
			if !slices.Contains(x.facet[kind][i], slug) {
				return false
			}
		}
		return true
	}
	for _, every := range []bool{true, false} {
		for i := range x.docs {
			n := 0
			for _, w := range must {
				if w[i] {
					n++
				}
			}
			if fits(i) && (every && n == len(must) || !every && n > 0) && (len(must) > 0 || len(a.Chosen) > 0) {
				hits = append(hits, i)
			}
		}
		if len(hits) > 0 || len(must) < 2 {
			break
		}
		any = true
	}
	return hits, any && len(hits) > 0
}

// TestFindAlike compares what the script finds with a plain search over all words.
func TestFindAlike(t *testing.T) {
	r := rand.New(rand.NewPCG(13, 14))
	for _, n := range []int{0, 1, 17, 1040, 5203} {
		x := corpus(r, "fr", n, 25)
		files := bytesOf(t, Make(x, nil))
		whole := read(t, files)
		var asks []ask
		for k := range 60 {
			var a ask
			for range 1 + r.IntN(3) {
				w := word(int(math.Exp(2 + r.Float64()*5))) // the beginning of many words is looked for in few pieces
				if k%5 == 1 && a.Text != "" {
					w = "-" + w
				}
				a.Text += w + " "
			}
			if k%3 > 0 {
				a.Text = strings.TrimSuffix(a.Text, " ")
			}
			if k%4 == 0 {
				a.Chosen = map[string]string{"topic": fmt.Sprintf("topic-%d", r.IntN(4)), "year": "2000"}
			}
			if k%20 == 7 {
				a.Text, a.Chosen = "", map[string]string{"speaker": "speaker-1"}
			}
			if k%20 == 9 {
				a.Chosen = map[string]string{"language": "xx"}
			}
			a.ByDate = k%7 == 0
			asks = append(asks, a)
		}
		for i, got := range inJavaScript(t, "fr", files, asks) {
			if len(got.Replaced) > 0 {
				continue // a word that stands nowhere, and what was found instead
			}
			want, any := whole.naive("fr", asks[i])
			hits := slices.Sorted(slices.Values(got.Hits))
			if !slices.Equal(hits, want) || any != got.Any {
				t.Errorf("%d items: %+v finds %d, want %d (any: %v, want %v)", n, asks[i], len(hits), len(want), got.Any, any)
			}
			if asks[i].ByDate && !slices.IsSortedFunc(got.Hits, func(a, b int) int { return b - a }) {
				t.Errorf("%q is not sorted by date", asks[i].Text)
			}
			if len(got.Hits) > 0 && got.First[0] != x.Items[got.Hits[0]].URL {
				t.Errorf("%q: the first is %v, want %s", asks[i].Text, got.First, x.Items[got.Hits[0]].URL)
			}
			for kind, of := range got.Values {
				for slug, count := range of {
					narrowed := asks[i]
					narrowed.Chosen = maps.Clone(asks[i].Chosen)
					if narrowed.Chosen == nil {
						narrowed.Chosen = map[string]string{}
					}
					narrowed.Chosen[kind] = slug
					if i%6 == 0 && !any {
						if these, _ := whole.naive("fr", narrowed); narrowed.Text != "" && len(strings.Fields(narrowed.Text)) < 2 && len(these) != count {
							t.Errorf("%d items: %+v is told to find %d, and finds %d", n, narrowed, count, len(these))
						}
					}
				}
			}
		}
	}
}

// TestSlips: words with a slip are found, and what is harmless in a text is so in a question.
func TestSlips(t *testing.T) {
	r := rand.New(rand.NewPCG(15, 16))
	x := site.Searchable{Lang: "en"}
	for i, title := range []string{"Harbour opens", "Preparedness report", "Press conference", "constructor", "Réserve commune", "شكرًا لكم", "שלום עולם", "東京都の新聞", "A 😀 for __proto__ <b>and</b> others"} {
		it := item("en", i, title, "", title, r)
		it.Speakers, it.Place = nil, site.Facet{}
		x.Items = append(x.Items, it)
	}
	x.Items[0].Speakers = []site.Facet{{Slug: "__proto__", Name: "A: <b>B</b>"}, {Slug: "constructor", Name: strings.Repeat("long ", 60)}}
	for len(x.Items) <= batch {
		x.Items = append(x.Items, item("en", len(x.Items), "Filler", "", "", r)) // words are read from a piece, the newest from the manifest
	}
	files := bytesOf(t, Make(x, nil))
	cases := []struct {
		text, want string
		speaker    string
	}{
		{"harbuor ", "[0]", ""}, {"harbor ", "[0]", ""}, {"preparednes opens", "[1 0]", ""}, {"perparednesss", "[1]", ""}, {"xyzzyx", "[]", ""},
		{"constructor", "[3]", ""}, {"__proto__", "[8]", ""}, {"hasOwnProperty", "[]", ""}, {"reserve", "[4]", ""}, {"RÉSERVE", "[4]", ""},
		{"<img src=x onerror=alert(1)>", "[]", ""}, {"<b>and</b>", "[8]", ""}, {"😀", "[]", ""}, {"😀 others", "[8]", ""},
		{"\"press conference\"", "[2]", ""}, {"-press", "[]", ""}, {"press -press", "[]", ""}, {"conference -harbour", "[2]", ""}, {"\" - -- \"\"", "[]", ""},
		{strings.Repeat("harbour ", 1250), "[0]", ""}, {strings.Repeat("a", 10000), "[]", ""}, {strings.Repeat("\"", 10000), "[]", ""},
		{"شكرا", "[5]", ""}, {"لكم شُكْرًا", "[5]", ""}, {"שָׁלוֹם", "[6]", ""}, {"新聞", "[7]", ""}, {"都の", "[7]", ""},
		{"", "[0]", "__proto__"}, {"opens", "[0]", "__proto__"}, {"press", "[]", "__proto__"}, {"-press", "[0]", "__proto__"}, {"", "[0]", "constructor"},
		{"", "[]", "construct"}, {"", "[]", "constructor:long"}, {"", "[]", "toString"}, {":speaker:", "[]", ""}, {":speaker:constructor:", "[3]", ""},
	}
	var asks []ask
	for _, c := range cases {
		a := ask{Text: c.text}
		if c.speaker != "" {
			a.Chosen = map[string]string{"speaker": c.speaker}
		}
		asks = append(asks, a)
	}
	for i, got := range inJavaScript(t, "en", files, asks) {
		if fmt.Sprint(got.Hits) != cases[i].want {
			t.Errorf("%.40q of %q finds %v (instead: %v), want %s", asks[i].Text, cases[i].speaker, got.Hits, got.Replaced, cases[i].want)
		}
		if n := got.Values["speaker"]["__proto__"]; (cases[i].text == "opens" || cases[i].text == "-press") && n != 1 {
			t.Errorf("%q counts %d of the speaker", cases[i].text, n)
		}
	}
}

// TestRanked: the rarer word counts for more, the title for more than the text; of equal finds the newest comes
// first. Words that begin with the last one count half, once, and not beside the word itself.
func TestRanked(t *testing.T) {
	r := rand.New(rand.NewPCG(19, 20))
	x := site.Searchable{Lang: "en"}
	for i, texts := range [][2]string{
		{"Quay", "opens"}, {"Report", "quay"}, {"Quay", "opens"}, {"Report", "harbour harbourage harbourmaster harbourside harboured"}, {"Harbour", "harbour harbour"},
		{"Report", "harbourage harbourmaster"}, {"Common rare", ""}, {"Common", "common common"}, {"Rare", ""}, {"Common", ""},
		{"Dockside", "dockside"}, {"Report", "dock"},
	} {
		it := item("en", i, texts[0], "", texts[1], r)
		it.Speakers, it.Place, it.Topics = nil, site.Facet{}, nil
		x.Items = append(x.Items, it)
	}
	asks := []ask{{Text: "quay "}, {Text: "quay ", ByDate: true}, {Text: "harbour"}, {Text: "rare common "}, {Text: "rare nowherever common "}, {Text: "dock"}}
	want := []string{"[2 0 1]", "[2 1 0]", "[4 3 5]", "[6]", "[6 8 9 7]", "[11 10]"}
	for i, got := range inJavaScript(t, "en", bytesOf(t, Make(x, nil)), asks) {
		if fmt.Sprint(got.Hits) != want[i] {
			t.Errorf("%q finds %v, want %s", asks[i].Text, got.Hits, want[i])
		}
	}
}

// TestDamaged: an index of which a file is missing, cut short or of another format says so, by
// an error, and finds nothing wrong.
func TestDamaged(t *testing.T) {
	whole := bytesOf(t, Make(corpus(rand.New(rand.NewPCG(17, 18)), "en", 300, 40), nil))
	asks := []ask{{Text: word(40) + " ", Chosen: map[string]string{"topic": "topic-1"}}, {Text: "xyzzyxx "}}
	inJavaScript(t, "en", whole, asks)
	for _, harm := range []struct {
		what string
		do   func([]byte) []byte
	}{{"missing", nil}, {"cut short", func(b []byte) []byte { return b[:len(b)/2] }}, {"empty", func([]byte) []byte { return []byte{} }}, {"of a page", func([]byte) []byte { return []byte("<!doctype html><title>404</title>") }}} {
		for _, kind := range []string{Manifest, ".bin", ".json"} {
			files := maps.Clone(whole)
			for name, b := range whole {
				if !strings.HasSuffix(name, kind) || name == Manifest && kind != Manifest {
					continue
				}
				if delete(files, name); harm.do != nil {
					files[name] = harm.do(b)
				}
			}
			if out, err := runJavaScript(t, "en", files, asks); err == nil {
				t.Errorf("with %s %s it answers %.200s", kind, harm.what, fmt.Sprint(out))
			}
		}
	}
}
