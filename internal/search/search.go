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
	"encoding/json"
	"fmt"
	"io"
	"path"
	"strings"
	"sync"

	"pressroom/internal/memo"
	"pressroom/internal/output"
	"pressroom/internal/report"
	"pressroom/internal/site"
)

const (
	// batch is how many items a piece of documents holds, and how many wait in the
	// manifest before they become part of a segment.
	batch = 16
	// old is how many items the young segment holds before they join the old one. It is
	// rewritten with every batch, the old one with every so many items.
	old = 1024
)

// span is a run of items, by their numbers.
type span struct{ from, to int }

// cut divides n items into the old segment, the young one and those of the manifest. It
// knows nothing but their number.
func cut(n int) (segments []span, fresh span) {
	settled := n / old * old
	ripe := n / batch * batch
	for _, s := range []span{{0, settled}, {settled, ripe}} {
		if s.from < s.to {
			segments = append(segments, s)
		}
	}
	return segments, span{ripe, n}
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
	b := book{Version: 1, Total: len(x.Items), Segments: []entry{}}
	spans, fresh := cut(len(x.Items))
	promised := map[string]bool{} // two segments may have a piece in common: facets of a quiet month
	for _, s := range spans {
		seg := remembered(m, x.Lang, x.Items[s.from:s.to])
		e := entry{From: s.from, Count: s.to - s.from}
		pieces, last := seg.Pieces, len(seg.Pieces)-1
		if e.Count < old {
			e.Inline, pieces = seg.Title, pieces[:last] // the title page of the young one saves a request
		} else {
			e.Title = strings.TrimSuffix(pieces[last].Name, ".json")
		}
		for n, p := range pieces {
			if !promised[p.Name] {
				promised[p.Name] = true
				files = append(files, output.File{Path: path.Join(Dir(x.Lang), p.Name), Key: p.Key, Write: seg.write(n)})
			}
		}
		b.Segments = append(b.Segments, e)
	}
	b.Fresh = freshSegment(x.Lang, fresh.from, x.Items[fresh.from:fresh.to])
	return Index{encodeJSON(b), files}
}

// book is the manifest.
type book struct {
	Version  int     `json:"version"`
	Total    int     `json:"total"`
	Segments []entry `json:"segments"`
	Fresh    fresh   `json:"fresh"`
}

// entry is a segment in the manifest: its title page, or the name of the piece that it is.
type entry struct {
	From   int    `json:"from"`
	Count  int    `json:"count"`
	Title  string `json:"title,omitempty"`
	Inline *title `json:"inline,omitempty"`
}

// fresh is the segment of the newest items, of one piece.
type fresh struct {
	From      int                 `json:"from"`
	Count     int                 `json:"count"`
	Words     map[string][]uint32 `json:"words"`
	Documents []document          `json:"documents"`
	Facets    facets              `json:"facets"`
	Known     []string            `json:"known"`
}

func freshSegment(lang string, from int, items []site.Findable) fresh {
	f := fresh{From: from, Count: len(items), Words: map[string][]uint32{}, Documents: documents(items), Facets: facetsOf(items), Known: vocabulary(items)}
	lists := postings(lang, items)
	for i, w := range lists.words {
		f.Words[w] = deltas(lists.of[i])
	}
	return f
}

// segment is one segment as it is remembered: its title page and its pieces, that page
// last, with their bytes while this run lasts.
type segment struct {
	Title  *title
	Pieces []piece
	Bytes  memo.Kept[[][]byte]
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
func remembered(m *memo.Memo, lang string, items []site.Findable) bound {
	key := site.Searchable{Lang: lang, Items: items}.Key()
	s, _ := memo.Do(m, "", memo.Hash("segment", key), func() (segment, report.List) { return build(lang, items), nil })
	return bound{s, sync.OnceValue(func() [][]byte { b, _ := build(lang, items).Bytes.Get(); return b })}
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

// encodeJSON writes plain data, which cannot fail.
func encodeJSON(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("search: %v", err))
	}
	return b
}
