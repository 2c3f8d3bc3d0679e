package check

import (
	"bytes"
	"strings"

	"pressroom/internal/report"
	"pressroom/internal/source"
)

// desk is what people write by hand, to find the line in which a fault began: the
// menus of site.yaml, the layouts, the document of a page.
type desk struct {
	files *source.Tree
	texts map[string][]byte
	whole []string // the paths that concern every page
}

func newDesk(files *source.Tree) *desk {
	d := &desk{files: files, texts: map[string][]byte{}, whole: []string{"site.yaml"}}
	for _, f := range files.Under("layouts") {
		d.whole = append(d.whole, f.Path)
	}
	return d
}

// written finds words in a document, if there is one, in site.yaml or in a layout. A
// menu's path gets the language of its page in front, so that it is looked for
// without, too.
func (d *desk) written(words string, languages []string, document string) (report.Problem, bool) {
	if words == "" {
		return report.Problem{}, false
	}
	forms := []string{words}
	for _, lang := range languages {
		if rest, ok := strings.CutPrefix(words, "/"+lang+"/"); ok {
			forms = append(forms, "/"+rest)
		}
	}
	for _, form := range forms {
		for _, p := range append([]string{document}, d.whole...) {
			if i := wordAt(d.text(p), form); i >= 0 {
				return report.Source{Path: p, Text: d.text(p)}.AtOffset(i, len([]rune(form)), "", "", ""), true
			}
		}
	}
	return report.Problem{}, false
}

// text is that of a file, empty for one that is not there.
func (d *desk) text(p string) []byte {
	text, ok := d.texts[p]
	if f := d.files.Get(p); !ok && f != nil {
		text, _ = f.Bytes()
		d.texts[p] = text
	}
	return text
}

// wordAt finds words that are not part of a longer path or name, or returns -1.
func wordAt(text []byte, words string) int {
	part := func(b byte) bool {
		return b >= '0' && b <= '9' || b >= 'A' && b <= 'Z' || b >= 'a' && b <= 'z' || strings.IndexByte("/_.-", b) >= 0
	}
	for from := 0; ; {
		i := bytes.Index(text[from:], []byte(words))
		if i < 0 {
			return -1
		}
		i += from
		end := i + len(words)
		if (i == 0 || !part(text[i-1])) && (end == len(text) || !part(text[end])) {
			return i
		}
		from = i + 1
	}
}
