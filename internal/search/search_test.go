package search

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pressroom/internal/memo"
	"pressroom/internal/site"
	"pressroom/internal/words"
)

// corpus is n items of random texts: few words often, many words rarely.
func corpus(r *rand.Rand, lang string, n, size int) site.Searchable {
	x := site.Searchable{Lang: lang}
	for i := range n {
		x.Items = append(x.Items, item(lang, i, text(r, 3), text(r, 5), text(r, 1+r.IntN(size)), r))
	}
	return x
}

func text(r *rand.Rand, n int) string {
	var b strings.Builder
	for range n {
		fmt.Fprintf(&b, "%s ", word(int(math.Exp(r.Float64()*7))))
	}
	return strings.TrimSpace(b.String())
}

// word is the n-th word of an invented language; near numbers share beginnings.
func word(n int) string {
	syllables := []string{"ka", "ro", "mi", "tel", "sun", "ar", "vo", "pé"}
	s := ""
	for ; n > 0; n /= len(syllables) {
		s = syllables[n%len(syllables)] + s
	}
	return "b" + s
}

func item(lang string, i int, title, summary, body string, r *rand.Rand) site.Findable {
	c := words.In(lang).Count()
	c.Text(title, 8)
	c.Text(summary, 3)
	c.Text(body, 1)
	pick := func(kind string, n int) []site.Facet {
		k := r.IntN(n)
		return []site.Facet{{Slug: fmt.Sprintf("%s-%d", kind, k), Name: fmt.Sprintf("%s N%d", strings.ToUpper(kind[:1])+kind[1:], k)}}
	}
	f := site.Findable{
		URL: fmt.Sprintf("/news/%d/", i), Title: title, Summary: summary, Kind: site.Facet{Slug: "news", Name: "News"},
		Date:  site.Date{ISO: fmt.Sprintf("%d-05-27T10:00:00Z", 2000+i/300), Text: "27 May"},
		Words: [][]byte{c.Pack()}, Topics: slices.Concat(pick("topic", 4), pick("topic", 9)[:r.IntN(2)]),
	}
	if len(f.Topics) > 1 && f.Topics[0] == f.Topics[1] {
		f.Topics = f.Topics[:1]
	}
	if r.IntN(3) > 0 {
		f.Speakers = pick("speaker", 20)
	}
	if r.IntN(3) > 0 {
		f.Place = pick("place", 7)[0]
	}
	f.Key = memo.Hash(f.URL, title, summary, body, f.Speakers, f.Topics, f.Place)
	return f
}

// bytesOf makes all files of an index, by name.
func bytesOf(t testing.TB, x Index) map[string][]byte {
	t.Helper()
	out := map[string][]byte{Manifest: x.Manifest}
	for _, f := range x.Pieces {
		var b bytes.Buffer
		if err := f.Write(&b); err != nil {
			t.Fatal(err)
		}
		name := filepath.Base(f.Path)
		if _, ok := out[name]; ok {
			t.Errorf("%s is promised twice", f.Path)
		}
		out[name] = b.Bytes()
	}
	return out
}

// index is an index as it is read from its files: for each word the impact by item. An
// impact of an item in the rest of a long list is that of all of them.
type index struct {
	book  book
	words map[string]map[int]int
	docs  []document
	facet map[string][][]string // kind, item, slugs
}

// read reads all of an index, strictly.
func read(t testing.TB, files map[string][]byte) *index {
	t.Helper()
	x := &index{words: map[string]map[int]int{}, facet: map[string][][]string{}}
	used := map[string]bool{}
	piece := func(name string) []byte {
		t.Helper()
		used[name] = true
		b, ok := files[name]
		if !ok {
			t.Fatalf("there is no piece %q", name)
		}
		if name != "manifest.json" && memo.Of(b).String()[:nameLength] != name[:nameLength] {
			t.Fatalf("%s is not named by its bytes", name)
		}
		return b
	}
	parse := func(name string, v any) {
		t.Helper()
		d := json.NewDecoder(bytes.NewReader(piece(name + ".json")))
		d.DisallowUnknownFields()
		if err := d.Decode(v); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	put := func(w string, item, impact int) {
		if x.words[w] == nil {
			x.words[w] = map[int]int{}
		}
		if _, ok := x.words[w][item]; ok {
			t.Errorf("%q stands twice in item %d", w, item)
		}
		x.words[w][item] = impact
	}
	enter := func(f facets) {
		var years [][]string
		for _, y := range f.Year {
			for range y.Count {
				years = append(years, []string{y.Year})
			}
		}
		x.facet["year"] = append(x.facet["year"], years...)
		for kind, c := range map[string]column{"type": f.Type, "place": f.Place, "speaker": f.Speaker, "topic": f.Topic} {
			for _, of := range c.Of {
				var slugs []string
				switch of := of.(type) {
				case float64:
					if of > 0 {
						slugs = []string{c.Values[int(of)-1][0]}
					}
				case []any:
					for _, n := range of {
						slugs = append(slugs, c.Values[int(n.(float64))-1][0])
					}
				}
				x.facet[kind] = append(x.facet[kind], slugs)
			}
		}
	}
	parse("manifest", &x.book)
	at := 0
	for _, e := range x.book.Segments {
		if e.From != at {
			t.Fatalf("a segment begins at %d, want %d", e.From, at)
		}
		at += e.Count
		tp := e.Inline
		if tp == nil {
			tp = &title{}
			parse(e.Title, tp)
		}
		rests := split(tp.Rests)
		last := ""
		for i, name := range split(tp.Words) {
			if start := tp.Starts[i]; start < last || i > 0 && start <= tp.Starts[i-1] {
				t.Errorf("a piece begins with %q after %q", start, last)
			}
			r := &reader{b: piece(name + ".bin")}
			w := ""
			for r.at < len(r.b) {
				same, more := r.byte(), r.byte()
				w = w[:same] + string(r.take(more))
				if w <= last || w < tp.Starts[i] || i+1 < len(tp.Starts) && w >= tp.Starts[i+1] {
					t.Errorf("%q is out of order", w)
				}
				last = w
				n := r.uint()
				count, top := n>>1, n>>1
				if n&1 == 1 {
					usual, file, from := r.byte(), r.uint(), r.uint()
					rest := &reader{b: piece(rests[file] + ".bin"), at: from}
					items := rest.items()
					for _, item := range items {
						put(w, e.From+item, usual)
					}
					if top = r.uint(); top+len(items) != count {
						t.Errorf("%q has %d and %d postings, want %d", w, top, len(items), count)
					}
				}
				item := 0
				for range top {
					p := r.uint()
					item += p >> impactBits
					put(w, e.From+item, p&15)
				}
			}
		}
		for _, name := range split(tp.Documents) {
			var docs []document
			parse(name, &docs)
			x.docs = append(x.docs, docs...)
		}
		var f facets
		parse(tp.Facets, &f)
		enter(f)
		var known []string
		parse(tp.Known, &known)
		if e.Title != "" {
			used[e.Title+".json"] = true
		}
	}
	if x.book.Fresh.From != at {
		t.Fatalf("the newest begin at %d, want %d", x.book.Fresh.From, at)
	}
	for w, of := range x.book.Fresh.Words {
		item := 0
		for _, p := range of {
			item += int(p >> impactBits)
			put(w, at+item, int(p&15))
		}
	}
	x.docs = append(x.docs, x.book.Fresh.Documents...)
	enter(x.book.Fresh.Facets)
	for name := range files {
		if !used[name] {
			t.Errorf("nothing leads to %s", name)
		}
	}
	return x
}

func split(names string) (out []string) {
	for i := 0; i < len(names); i += nameLength {
		out = append(out, names[i:i+nameLength])
	}
	return out
}

type reader struct {
	b  []byte
	at int
}

func (r *reader) byte() int { r.at++; return int(r.b[r.at-1]) }

func (r *reader) uint() int {
	n, size := binary.Uvarint(r.b[r.at:])
	r.at += size
	return int(n)
}

func (r *reader) take(n int) []byte { r.at += n; return r.b[r.at-n : r.at] }

func (r *reader) items() (out []int) {
	n := r.uint()
	if n&1 == 0 {
		item := 0
		for range n >> 1 {
			item += r.uint()
			out = append(out, item)
		}
		return out
	}
	for i, b := range r.take(n >> 1) {
		for bit := range 8 {
			if b>>bit&1 == 1 {
				out = append(out, i*8+bit)
			}
		}
	}
	return out
}

var sizes = []int{0, 1, 15, 16, 17, 40, 1023, 1024, 1025, 1040, 5200}

// TestIndexHoldsAllWords reads whole indexes and compares them with the texts.
func TestIndexHoldsAllWords(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for _, n := range sizes {
		x := corpus(r, "fr", n, 40)
		files := bytesOf(t, Make(x, nil))
		got := read(t, files)
		want := map[string]map[int]int{}
		for i, it := range x.Items {
			heard := map[string]int{}
			words.Merge([]*words.Cursor{words.Read(it.Words[0])}, func(w []byte, n int) { heard[string(w)] += n })
			for _, f := range slices.Concat(it.Speakers, it.Topics, []site.Facet{it.Place}) {
				for _, w := range words.In("fr").Cut(f.Name) {
					heard[w] += nameWeight
				}
			}
			for w, n := range heard {
				if want[w] == nil {
					want[w] = map[int]int{}
				}
				want[w][i] = int(impact(n, scaleOf(words.Length(it.Words[0]))))
			}
		}
		if len(got.words) != len(want) {
			t.Errorf("%d items: %d words, want %d", n, len(got.words), len(want))
		}
		for w, of := range want {
			if !slices.Equal(slices.Sorted(maps.Keys(of)), slices.Sorted(maps.Keys(got.words[w]))) {
				t.Errorf("%d items: %q is found elsewhere", n, w)
			}
			for i, impact := range of {
				if len(of) < long && got.words[w][i] != impact {
					t.Errorf("%d items: the impact of %q in %d is %d, want %d", n, w, i, got.words[w][i], impact)
				}
			}
		}
		if len(got.docs) != n {
			t.Fatalf("%d documents, want %d", len(got.docs), n)
		}
		for i, d := range got.docs {
			it := x.Items[i]
			if d[0] != it.URL || d[1] != it.Title || got.facet["year"][i][0] != it.Date.ISO[:4] || len(got.facet["topic"][i]) != len(it.Topics) || len(got.facet["speaker"][i]) != len(it.Speakers) {
				t.Errorf("item %d is %q with %v", i, d, got.facet["topic"][i])
			}
		}
	}
}

// TestCutIsANumbersAffair: the partition covers all items with no more than two segments,
// in whole batches.
func TestCutIsANumbersAffair(t *testing.T) {
	for n := range 5000 {
		segments, fresh := cut(n)
		at := 0
		for _, s := range segments {
			if s.from != at || s.to <= s.from || s.to%batch != 0 {
				t.Fatalf("%d items: %v", n, segments)
			}
			at = s.to
		}
		if len(segments) > 2 || fresh.from != at || fresh.to != n || n-at >= batch {
			t.Fatalf("%d items: %v and %v", n, segments, fresh)
		}
	}
}

// TestOneMore: a new item changes the manifest alone, but for each sixteenth; and what an
// index says does not depend on how it came about.
func TestOneMore(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	m := memo.New()
	all := corpus(r, "en", 2100, 30)
	var before map[string][]byte
	changed := 0
	for n := 2000; n < 2100; n++ {
		x := all
		x.Items = all.Items[:n]
		now := bytesOf(t, Make(x, m))
		if before != nil {
			d := differ(before, now)
			if n%batch != 0 && d != 1 {
				t.Errorf("item %d changes %d files", n, d)
			}
			changed += d
		}
		before = now
		m.Sweep()
	}
	clean := all
	clean.Items = all.Items[:2099]
	if d := differ(bytesOf(t, Make(clean, nil)), before); d != 0 {
		t.Errorf("%d files are others in a clean build", d)
	}
	t.Logf("%d items, %d files changed", 99, changed)
}

// differ counts the files that were added, removed or changed.
func differ(a, b map[string][]byte) (n int) {
	for name, x := range a {
		if y, ok := b[name]; !ok || !bytes.Equal(x, y) {
			n++
		}
	}
	for name := range b {
		if _, ok := a[name]; !ok {
			n++
		}
	}
	return n
}

// TestOneWord: a word more in an old item changes few pieces.
func TestOneWord(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	x := corpus(r, "en", 2000, 300)
	before := bytesOf(t, Make(x, nil))
	body := text(r, 300)
	x.Items[700] = item("en", 700, x.Items[700].Title, x.Items[700].Summary, body, rand.New(rand.NewPCG(1, 1)))
	base := bytesOf(t, Make(x, nil))
	x.Items[700] = item("en", 700, x.Items[700].Title, x.Items[700].Summary, body+" harbour", rand.New(rand.NewPCG(1, 1)))
	after := bytesOf(t, Make(x, nil))
	if d := differ(base, after); d > 8 {
		t.Errorf("one word changes %d of %d files", d, len(before))
	}
}

// TestRemembered: pieces of an earlier run are made again as they were.
func TestRemembered(t *testing.T) {
	x := corpus(rand.New(rand.NewPCG(11, 12)), "en", 1200, 20)
	m := memo.New()
	want := bytesOf(t, Make(x, m))
	store := filepath.Join(t.TempDir(), "memo")
	if err := m.Save(store); err != nil {
		t.Fatal(err)
	}
	if got := bytesOf(t, Make(x, memo.Load(store))); differ(got, want) != 0 {
		t.Error("another run makes other files")
	}
}

// ask is a question, with what the script answers to it.
type ask struct {
	Text   string            `json:"text"`
	Chosen map[string]string `json:"chosen"`
	ByDate bool              `json:"byDate"`

	Hits     []int                     `json:"hits"`
	Total    int                       `json:"total"`
	Any      bool                      `json:"any"`
	Replaced [][]string                `json:"replaced"`
	First    []string                  `json:"first"`
	Values   map[string]map[string]int `json:"values"`
}

// inJavaScript asks the script, in an index on a disk.
func inJavaScript(t *testing.T, lang string, files map[string][]byte, asks []ask) []ask {
	t.Helper()
	node, err := exec.LookPath("node")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("there is no node here; `make need` installs it")
		}
		t.Skip("there is no node here; `make need` installs it")
	}
	src, err := os.ReadFile("../../static/js/search.js")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, b := range files {
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(name)), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	in, err := json.Marshal(map[string]any{"src": string(src), "dir": dir, "rules": words.Rules(lang), "asks": asks})
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(node, "-e", `
		const fs = require("fs"), vm = require("vm"), { src, dir, rules, asks } = JSON.parse(fs.readFileSync(0, "utf8"));
		const { open } = vm.runInNewContext(src + "\n;pressSearch", { URL, TextDecoder, Uint8Array, Uint32Array, Float32Array, Float64Array });
		const engine = open(async (name) => new Response(fs.readFileSync(dir + "/" + name)), rules);
		(async () => {
			for (const a of asks) {
				const { hits, total, any, replaced } = await engine.find(a.text, { ...a, chosen: a.chosen ?? {} });
				const [first] = await engine.documents(hits.slice(0, 1));
				const values = {};
				for (const [kind, of] of await engine.values(a.text, a.chosen ?? {})) values[kind] = Object.fromEntries([...of].map(([slug, { count }]) => [slug, count]));
				Object.assign(a, { hits, total, any, replaced, first, values });
			}
			console.log(JSON.stringify(asks));
		})();`)
	cmd.Stdin = bytes.NewReader(in)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %.2000s", err, stderr.String())
	}
	var answers []ask
	if err := json.Unmarshal(out, &answers); err != nil {
		t.Fatal(err)
	}
	return answers
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
				a.Text, a.Chosen = "", map[string]string{"speaker": "speaker-3"}
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
			short := len(got.Hits) < got.Total // only the best of a single frequent word
			if short && got.Total != len(want) || !short && !slices.Equal(hits, want) || any != got.Any {
				t.Errorf("%d items: %+v finds %d of %d, want %d (any: %v, want %v)", n, asks[i], len(hits), got.Total, len(want), got.Any, any)
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
	for i, title := range []string{"Harbour opens", "Preparedness report", "Press conference", "constructor", "Réserve commune"} {
		x.Items = append(x.Items, item("en", i, title, "", title, r))
	}
	files := bytesOf(t, Make(x, nil))
	asks := []ask{{Text: "harbuor "}, {Text: "harbor "}, {Text: "preparednes opens"}, {Text: "perparednesss"}, {Text: "xyzzyx"}, {Text: "constructor"}, {Text: "__proto__"},
		{Text: "reserve"}, {Text: "RÉSERVE"}, {Text: "hasOwnProperty"}, {Text: "<img src=x onerror=alert(1)>"}, {Text: "😀"}, {Text: "\"press conference\""}, {Text: "-press"}, {Text: strings.Repeat("harbour ", 1250)}, {Text: "\" - -- \"\""}, {Text: "شكرا"}}
	want := []string{"[0]", "[0]", "[1 0]", "[1]", "[]", "[3]", "[]", "[4]", "[4]", "[]", "[]", "[]", "[2]", "[]", "[0]", "[]", "[]"}
	for i, got := range inJavaScript(t, "en", files, asks) {
		if fmt.Sprint(got.Hits) != want[i] {
			t.Errorf("%.40q finds %v (instead: %v), want %s", asks[i].Text, got.Hits, got.Replaced, want[i])
		}
	}
}
