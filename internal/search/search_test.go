package search

import (
	"bytes"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"

	"pressroom/internal/memo"
	"pressroom/internal/site"
	"pressroom/internal/words"
)

var sizes = []int{0, 1, 7, 8, 9, 40, 255, 256, 257, 520, 1040, 5200}

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
// in whole batches; shelves of the old one stay as they are when it grows.
func TestCutIsANumbersAffair(t *testing.T) {
	for n := range 20000 {
		segments, fresh := cut(n)
		at := 0
		for _, s := range segments {
			if s.from != at || s.to <= s.from || (s.to-s.from)%s.shelf != 0 || s.shelf%handful != 0 {
				t.Fatalf("%d items: %v", n, segments)
			}
			at = s.to
		}
		if len(segments) > 2 || fresh != at || n-at >= batch {
			t.Fatalf("%d items: %v and %v", n, segments, fresh)
		}
	}
}

// TestOneMore: a new item changes the manifest alone, but for each eighth; and what an
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

// TestFlatten: of a long list the best keep their impact, of equal ones the newest; the others
// have one in common.
func TestFlatten(t *testing.T) {
	var of []uint32
	for i := range uint32(3 * best) {
		of = append(of, i<<impactBits|[]uint32{3, 9, 9}[i%3])
	}
	of[100] |= 15
	flat := flatten(of)
	nines := 0
	for i, p := range flat {
		if p>>impactBits != uint32(i) {
			t.Fatalf("item %d is %d", i, p>>impactBits)
		}
		switch p & 15 {
		case 15:
			if i != 100 {
				t.Errorf("item %d is among the best", i)
			}
		case 9:
			if nines++; i < best {
				t.Errorf("item %d keeps its impact", i)
			}
		case 6: // of 3 and the older 9
		default:
			t.Fatalf("item %d has %d", i, p&15)
		}
	}
	if nines != best-1 || of[0]&15 != 3 || len(flatten(of[:long-1])) != long-1 {
		t.Errorf("%d keep their impact", nines)
	}
}
