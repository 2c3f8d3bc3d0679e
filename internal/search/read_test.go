package search

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"pressroom/internal/memo"
)

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

// index is an index as it is read from its files: for each word the impact by item.
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
		return b
	}
	named := func(name string, b []byte) {
		t.Helper()
		if memo.Of(b).String()[:nameLength] != name {
			t.Fatalf("%s is not named by its bytes", name)
		}
	}
	parse := func(name string, v any) {
		t.Helper()
		d := json.NewDecoder(bytes.NewReader(piece(name)))
		d.DisallowUnknownFields()
		if err := d.Decode(v); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	parse(Manifest, &x.book)
	for _, kind := range []string{"type", "year", "speaker", "place", "topic", "language"} {
		x.facet[kind] = make([][]string, x.book.Total)
	}
	put := func(w string, item, impact int) {
		if part := strings.SplitN(w, ":", 4); len(part) == 4 && part[0] == "" {
			x.facet[part[1]][item] = append(x.facet[part[1]][item], part[2])
			if part[3] == "" || impact != 0 {
				t.Errorf("%q has impact %d", w, impact)
			}
			return
		}
		if x.words[w] == nil {
			x.words[w] = map[int]int{}
		}
		if _, ok := x.words[w][item]; ok {
			t.Errorf("%q stands twice in item %d", w, item)
		}
		x.words[w][item] = impact
	}
	at := 0
	for _, e := range x.book.Segments {
		if e.From != at {
			t.Fatalf("a segment begins at %d, want %d", e.From, at)
		}
		at += e.Count
		last := ""
		for i, name := range split(e.Words) {
			start := e.Starts[i]
			if i > 0 && (start <= last || start <= e.Starts[i-1]) {
				t.Errorf("a piece begins with %q after %q", start, last)
			}
			named(name, piece(name+".bin"))
			last = unpack(t, piece(name+".bin"), func(w string, item, impact int) {
				if w < start || i+1 < len(e.Starts) && w >= e.Starts[i+1] {
					t.Errorf("%q is in the wrong piece", w)
				}
				put(w, e.From+item, impact)
			})
		}
		shelves, page := split(e.Documents), 0
		for n, name := range shelves {
			var all []byte
			for left := min(e.Shelf, e.Count-n*e.Shelf); left > 0; left -= handful {
				var docs []document
				file := fmt.Sprintf("%s-%d.json", name, page)
				parse(file, &docs)
				if len(docs) != min(handful, left) {
					t.Errorf("%s has %d documents", file, len(docs))
				}
				x.docs = append(x.docs, docs...)
				all = append(all, files[file]...)
				page++
			}
			named(name, all)
			page = 0
		}
		var known []string
		parse(e.Known+".json", &known)
	}
	if x.book.Fresh.From != at {
		t.Fatalf("the newest begin at %d, want %d", x.book.Fresh.From, at)
	}
	unpack(t, x.book.Fresh.Words, func(w string, item, impact int) { put(w, at+item, impact) })
	x.docs = append(x.docs, x.book.Fresh.Documents...)
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

// unpack reads packed words and returns the last.
func unpack(t testing.TB, packed []byte, put func(w string, item, impact int)) string {
	t.Helper()
	raw, err := io.ReadAll(flate.NewReader(bytes.NewReader(packed)))
	if err != nil {
		t.Fatal(err)
	}
	number := func() int {
		n, size := binary.Uvarint(raw)
		raw = raw[size:]
		return int(n)
	}
	type list struct {
		word  string
		items []int
	}
	var lists []list
	w := ""
	for range number() {
		same, more := number(), number()
		next := w[:same] + string(raw[:more])
		if raw = raw[more:]; next <= w {
			t.Errorf("%q stands after %q", next, w)
		}
		w = next
		lists = append(lists, list{w, make([]int, number())})
	}
	for _, l := range lists {
		next := 0
		for i := range l.items {
			l.items[i] = next + number()
			next = l.items[i] + 1
		}
	}
	for _, l := range lists {
		for i, item := range l.items {
			put(l.word, item, int(raw[i]))
		}
		raw = raw[len(l.items):]
	}
	if len(raw) > 0 {
		t.Errorf("%d bytes are left", len(raw))
	}
	return w
}
