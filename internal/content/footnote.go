package content

import (
	"fmt"

	"github.com/yuin/goldmark/ast"
	east "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/util"
)

// noteRenderer writes footnotes with ids of letters, digits and dashes, which stylesheets
// and other tools can name as they stand: fn-2 is the second note, fnref-2 the place that
// refers to it, fnref-2-1 the next such place.
type noteRenderer struct{}

func (noteRenderer) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(east.KindFootnoteLink, entering(func(w util.BufWriter, n ast.Node) {
		l := n.(*east.FootnoteLink)
		fmt.Fprintf(w, `<sup id="%s"><a href="#fn-%d" class="footnote-ref" role="doc-noteref">%[2]d</a></sup>`, reference(l.Index, l.RefIndex), l.Index)
	}))
	r.Register(east.KindFootnoteBacklink, entering(func(w util.BufWriter, n ast.Node) {
		l := n.(*east.FootnoteBacklink)
		fmt.Fprintf(w, `&#160;<a href="#%s" class="footnote-backref" role="doc-backlink">&#x21a9;&#xfe0e;</a>`, reference(l.Index, l.RefIndex))
	}))
	r.Register(east.KindFootnote, func(w util.BufWriter, _ []byte, n ast.Node, in bool) (ast.WalkStatus, error) {
		if in {
			fmt.Fprintf(w, "<li id=\"fn-%d\">\n", n.(*east.Footnote).Index)
		} else {
			w.WriteString("</li>\n")
		}
		return ast.WalkContinue, nil
	})
}

// entering renders what has no end of its own.
func entering(write func(util.BufWriter, ast.Node)) renderer.NodeRendererFunc {
	return func(w util.BufWriter, _ []byte, n ast.Node, in bool) (ast.WalkStatus, error) {
		if in {
			write(w, n)
		}
		return ast.WalkContinue, nil
	}
}

// reference is the id of a place that refers to a note.
func reference(note, place int) string {
	if place == 0 {
		return fmt.Sprintf("fnref-%d", note)
	}
	return fmt.Sprintf("fnref-%d-%d", note, place)
}
