// Package search makes the index that static/js/search.js reads.
//
// In goes what can be searched in one language, oldest first; out come a manifest,
// which stands beside the search page, and pieces named by the hash of their bytes, which browsers
// and caches may keep for ever. A reader fetches the manifest and the few pieces that the
// question needs. docs/search.md tells the format.
//
// Items are numbered by date and cut into segments by their number alone, so that an index
// says nothing of how it came about: a clean build and the thousandth edit make the same
// bytes. The newest few stand in the manifest itself, whole: a new article changes that
// one file. No piece holds a number that another segment could change.
package search

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"path"
	"sync"

	"pressroom/internal/memo"
	"pressroom/internal/output"
	"pressroom/internal/report"
	"pressroom/internal/site"
)

// batch is how many items wait in the manifest before they become part of a segment.
const batch = 8

// grain is how finely an archive is cut.
type grain struct {
	// unit is how many items the young segment holds before they join the old one. It is rewritten with
	// every batch, the old one with every so many items.
	unit int
	// old and young are the least sizes of a piece of words before it is packed, in bytes; most are
	// twice as large. Each piece has a name to be told in the manifest and is a file to be changed.
	old, young int
}

// grainOf is the grain of n items: the more, the coarser. TestAThousandMore and
// TestPayload hold what that costs in files changed and in bytes sent.
func grainOf(n int) grain {
	switch {
	case n < 4<<10:
		return grain{256, 3 << 10, 2 << 10}
	case n < 16<<10:
		return grain{256, 12 << 10, 6 << 10}
	}
	return grain{1024, 16 << 10, 8 << 10}
}

// In the old segment, where names are many, a shelf holds more, although a title that
// changes renames all that stands there.
const oldShelf, youngShelf = 128, batch

// span is a run of items, by their numbers, that makes a segment: how many share a shelf, and how large
// its pieces of words are.
type span struct{ from, to, shelf, least int }

// cut divides n items into the old segment, the young one and those of the manifest. It
// knows nothing but their number.
func cut(n int) (segments []span, fresh int) {
	g := grainOf(n)
	settled, ripe := n/g.unit*g.unit, n/batch*batch
	for _, s := range []span{{0, settled, oldShelf, g.old}, {settled, ripe, youngShelf, g.young}} {
		if s.from < s.to {
			segments = append(segments, s)
		}
	}
	return segments, ripe
}

// Manifest is the name of the manifest, beside the search page.
const Manifest = "manifest.json"

// Dir is the folder of a language's pieces: among the files that are kept for ever.
func Dir(lang string) string { return "assets/search/" + lang }

// Index is the index of one language.
type Index struct {
	Manifest []byte
	Pieces   []output.File
}

// Make makes an index. The names of its pieces come of their bytes, so that all that is
// not remembered is made now.
func Make(x site.Searchable, m *memo.Memo) Index {
	var files []output.File
	b := book{Version: 2, Total: len(x.Items), Segments: []entry{}}
	spans, ripe := cut(len(x.Items))
	promised := map[string]bool{} // two segments may have a piece in common: the known words of quiet months
	for _, s := range spans {
		seg := remembered(m, x.Lang, x.Items[s.from:s.to], s)
		for n, p := range seg.Pieces {
			if !promised[p.Name] {
				promised[p.Name] = true
				files = append(files, output.File{Path: path.Join(Dir(x.Lang), p.Name), Key: p.Key, Write: seg.write(n)})
			}
		}
		b.Segments = append(b.Segments, entry{From: s.from, Count: s.to - s.from, contents: *seg.Contents})
	}
	fresh := x.Items[ripe:]
	b.Fresh = freshSegment{ripe, len(fresh), new(packer).pack(postings(x.Lang, fresh)), documents(fresh)}
	return Index{encodeJSON(b), files}
}

// book is the manifest.
type book struct {
	Version  int          `json:"version"`
	Total    int          `json:"total"`
	Segments []entry      `json:"segments"`
	Fresh    freshSegment `json:"fresh"`
}

// entry is a segment in the manifest.
type entry struct {
	From  int `json:"from"`
	Count int `json:"count"`
	contents
}

// freshSegment is the segment of the newest items, all of it.
type freshSegment struct {
	From      int        `json:"from"`
	Count     int        `json:"count"`
	Words     []byte     `json:"words"`
	Documents []document `json:"documents"`
}

// segment is one segment as it is remembered: what stands in the manifest, and its pieces, with
// their bytes while this run lasts.
type segment struct {
	Contents *contents
	Pieces   []piece
	Bytes    memo.Kept[[][]byte]
}

// piece is one file of a segment.
type piece struct {
	Name string
	Key  memo.Key
}

// bound is a segment with the way to make its bytes again.
type bound struct {
	segment
	again func() [][]byte
}

// remembered is the segment of these items, made once for the same items.
func remembered(m *memo.Memo, lang string, items []site.Findable, s span) bound {
	key := site.Searchable{Lang: lang, Items: items}.Key()
	made, _ := memo.Do(m, "", memo.Hash("segment", key, s.shelf, s.least), func() (segment, report.List) { return build(lang, items, s), nil })
	return bound{made, sync.OnceValue(func() [][]byte { b, _ := build(lang, items, s).Bytes.Get(); return b })}
}

// write writes piece n. Those of an earlier run are made again together.
func (s bound) write(n int) func(io.Writer) error {
	return func(w io.Writer) error {
		all, ok := s.Bytes.Get()
		if !ok {
			all = s.again()
		}
		_, err := w.Write(all[n])
		return err
	}
}

// binder collects the pieces of a segment.
type binder struct {
	pieces []piece
	bytes  [][]byte
}

// nameLength is how much of the hash is in a piece's name, in hexadecimal digits: 48 bits tell
// a million pieces apart.
const nameLength = 12

// add takes a piece in and returns the part of its name that the others tell it by.
func (b *binder) add(data []byte, ending string) string {
	key := memo.Of(data)
	name := key.String()[:nameLength]
	b.pieces = append(b.pieces, piece{name + ending, key})
	b.bytes = append(b.bytes, data)
	return name
}

// shelve takes several pieces in under one name, by which they are told with their number.
func (b *binder) shelve(pieces [][]byte, ending string) string {
	name := memo.Of(bytes.Join(pieces, nil)).String()[:nameLength]
	for n, data := range pieces {
		b.pieces = append(b.pieces, piece{fmt.Sprintf("%s-%d%s", name, n, ending), memo.Of(data)})
		b.bytes = append(b.bytes, data)
	}
	return name
}

// encodeJSON writes plain data, which cannot fail.
func encodeJSON(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("search: %v", err))
	}
	return b
}
