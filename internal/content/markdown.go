package content

import (
	"bytes"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	east "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"

	"pressroom/internal/locale"
	"pressroom/internal/node"
	"pressroom/internal/report"
)

// A body is HTML with numbered holes. A hole is what one file cannot know: where a
// link leads, how large a picture is, what an embed shows. It is marked by NUL
// bytes, which the Markdown reader never lets through from an author.
//
//	NUL ( n NUL … NUL ) n NUL     hole n with content: a link, a container
//	NUL . n NUL                   hole n without: a picture, an embed

// HoleKind tells what belongs into a hole.
type HoleKind int

const (
	LinkHole  HoleKind = iota // <a href> around the content
	ImageHole                 // <img>
	EmbedHole                 // a layout of layouts/embeds
)

// Hole is a place in a body that site fills.
type Hole struct {
	Kind  HoleKind
	Dest  string            // of a link, as written; of a picture, its file
	Title string            // of a link or picture
	Alt   string            // of a picture
	Name  string            // of an embed
	Args  map[string]string // of an embed; the first unnamed argument is "0"
	Said  string            // of a quote: its words, a line for each paragraph
	Pos   node.Pos          // in the file
}

// Heading is one entry of a document's outline, and an anchor that can be linked to.
type Heading struct {
	ID    string
	Text  string
	Level int
}

// markdown is the reader for one language: they differ in typography.
type markdown struct {
	goldmark.Markdown
	lang string
}

func newMarkdown(lang string) *markdown {
	return &markdown{lang: lang, Markdown: goldmark.New(
		goldmark.WithExtensions(
			extension.Table, extension.Strikethrough, extension.Footnote, extension.DefinitionList,
			extension.NewLinkify(extension.WithLinkifyAllowedProtocols([]string{"http:", "https:", "mailto:"})),
			extension.NewTypographer(extension.WithTypographicSubstitutions(quotes(lang))),
		),
		goldmark.WithParserOptions(
			parser.WithAttribute(),
			parser.WithAutoHeadingID(),
			parser.WithBlockParsers(util.Prioritized(embedParser{}, 90)),
		),
		goldmark.WithRendererOptions(
			renderer.WithNodeRenderers(util.Prioritized(holeRenderer{}, 100), util.Prioritized(noteRenderer{}, 100)),
		),
	)}
}

// quotes are the signs of a language that the typographer writes.
func quotes(lang string) extension.TypographicSubstitutions {
	m := locale.Quotes(lang)
	return extension.TypographicSubstitutions{
		extension.LeftDoubleQuote:  []byte(m[0]),
		extension.RightDoubleQuote: []byte(m[1]),
		extension.LeftSingleQuote:  []byte(m[2]),
		extension.RightSingleQuote: []byte(m[3]),
		extension.Apostrophe:       []byte("’"),
		extension.EnDash:           []byte("–"),
		extension.EmDash:           []byte("—"),
		extension.Ellipsis:         []byte("…"),
		extension.LeftAngleQuote:   []byte("«"),
		extension.RightAngleQuote:  []byte("»"),
	}
}

// render turns the body of a document into HTML with holes.
func (m *markdown) render(src report.Source, offset int) (body []byte, holes []Hole, outline []Heading, lead string, problems report.List) {
	source := src.Text[offset:]
	ctx := parser.NewContext(parser.WithIDs(&headingIDs{taken: map[string]bool{}}))
	doc := m.Parser().Parse(text.NewReader(source), parser.WithContext(ctx))

	f := finder{src: src, offset: offset, source: source, lang: m.lang}
	f.strays(doc)
	typeset(doc, source, m.lang)
	_ = ast.Walk(doc, f.visit)

	out := buffers.Get().(*buffer)
	defer buffers.Put(out)
	out.Reset()
	if err := m.Renderer().Render(out, source, doc); err != nil {
		f.problems.Add(src.AtOffset(offset, 1, "markdown", "the text cannot be rendered: "+err.Error(), ""))
	}
	return bytes.Clone(out.Bytes()), f.holes, f.outline, f.lead, f.problems
}

// buffers are for rendering: a body that is kept takes no more room than it needs.
var buffers = sync.Pool{New: func() any { return new(buffer) }}

// buffer is one that goldmark need not put another in front of.
type buffer struct{ bytes.Buffer }

func (*buffer) Buffered() int { return 0 }
func (*buffer) Flush() error  { return nil }

// finder walks a document once, numbers its holes and notes what is wrong.
type finder struct {
	src      report.Source
	offset   int    // of the body in the file
	source   []byte // the body
	lang     string
	holes    []Hole
	outline  []Heading
	lead     string
	problems report.List
}

var holeAttr = []byte("data-hole")

func (f *finder) visit(n ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	switch n := n.(type) {
	case *ast.Heading:
		if id, ok := n.AttributeString("id"); ok {
			id, _ := id.([]byte)
			f.outline = append(f.outline, Heading{ID: string(id), Text: plainText(n, f.source), Level: n.Level})
		}
	case *ast.Paragraph:
		if f.lead == "" && n.Parent().Kind() == ast.KindDocument {
			f.lead = shorten(plainText(n, f.source), 160)
		}
	case *ast.Link:
		f.link(n)
	case *ast.AutoLink:
		if s := scheme(string(n.URL(f.source))); !allowed(s) && n.AutoLinkType != ast.AutoLinkEmail {
			f.badScheme(n.Pos(), s)
		}
	case *ast.Image:
		dest := unescape(string(n.Destination))
		alt := plainText(n, f.source)
		if strings.TrimSpace(alt) == "" {
			f.problem(n.Pos(), "missing-alt", "an image without alt text", "write ![what the picture shows]("+dest+")")
		}
		f.hole(n, Hole{Kind: ImageHole, Dest: dest, Title: string(n.Title), Alt: alt})
		return ast.WalkSkipChildren, nil
	case *embed:
		if n.problem != "" {
			f.problem(n.Pos(), "embed", n.problem, n.hint)
		}
		typesetArgs(n.args, f.lang)
		h := Hole{Kind: EmbedHole, Name: n.name, Args: n.args}
		if n.name == "quote" {
			h.Said = paragraphs(n, f.source)
		}
		f.hole(n, h)
	case *ast.HTMLBlock:
		if n.Lines().Len() > 0 && n.HTMLBlockType != ast.HTMLBlockType2 { // type 2 is a comment
			first := n.Lines().At(0)
			f.rawHTML(first.Start, first.Value(f.source))
		}
	case *ast.RawHTML:
		if n.Segments.Len() > 0 {
			if first := n.Segments.At(0); !bytes.HasPrefix(first.Value(f.source), []byte("<!--")) {
				f.rawHTML(first.Start, first.Value(f.source))
			}
		}
	}
	return ast.WalkContinue, nil
}

func (f *finder) rawHTML(at int, what []byte) {
	f.problem(at, "raw-html", fmt.Sprintf("%q: HTML is not taken over into pages", brief(strings.TrimSpace(string(what)))),
		"write it in Markdown, as an embed of layouts/embeds, or with \\< if you mean the sign")
}

func (f *finder) link(n *ast.Link) {
	dest := string(n.Destination)
	switch s := scheme(dest); {
	case allowed(s):
	case s == "":
		if strings.HasPrefix(dest, "//") {
			f.problem(n.Pos(), "bad-link", fmt.Sprintf("%q has no scheme", dest), "write https:"+dest)
			return
		}
		if dest == "" {
			f.problem(n.Pos(), "bad-link", "a link that leads nowhere", "write where it leads between the round brackets")
			return
		}
		f.hole(n, Hole{Kind: LinkHole, Dest: dest, Title: string(n.Title)})
	default:
		f.badScheme(n.Pos(), s)
		n.Destination = []byte("#") // the build is refused; should it ever not be, the page is still harmless
	}
}

// allowed are the schemes that a link of a press site may have.
func allowed(scheme string) bool {
	return slices.Contains([]string{"http", "https", "mailto", "tel"}, scheme)
}

func (f *finder) badScheme(at int, scheme string) {
	f.problem(at, "bad-link", fmt.Sprintf("links of the scheme %q are not used here", scheme+":"), "use https:, mailto: or tel:")
}

func (f *finder) hole(n ast.Node, h Hole) {
	h.Pos = f.pos(n.Pos())
	n.SetAttribute(holeAttr, len(f.holes))
	f.holes = append(f.holes, h)
}

func (f *finder) problem(at int, name, text, hint string) {
	f.problems.Add(f.src.AtOffset(f.offset+max(at, 0), 1, name, text, hint))
}

// pos turns an offset into the body into a place in the file.
func (f *finder) pos(at int) node.Pos {
	p := f.src.AtOffset(f.offset+max(at, 0), 1, "", "", "")
	return node.Pos{Line: p.Line, Col: p.Col, Len: 1}
}

// strays finds embeds written inside a line, where they would be printed as they
// stand: the one thing a reader must never see of a tool.
func (f *finder) strays(doc ast.Node) {
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		t, ok := n.(*ast.Text)
		if !entering || !ok {
			return ast.WalkContinue, nil
		}
		for _, mark := range []string{"{{<", "{{%"} {
			if i := bytes.Index(t.Segment.Value(f.source), []byte(mark)); i >= 0 {
				f.problem(t.Segment.Start+i, "embed", "an embed inside a line", "put it on a line of its own, with nothing else")
			}
		}
		return ast.WalkContinue, nil
	})
}

// holeRenderer writes the marks instead of links, pictures and embeds.
type holeRenderer struct{}

func (holeRenderer) RegisterFuncs(reg renderer.NodeRendererFuncRegisterer) {
	reg.Register(ast.KindLink, renderLink)
	reg.Register(ast.KindImage, func(w util.BufWriter, _ []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
		if entering {
			mark(w, '.', n)
		}
		return ast.WalkSkipChildren, nil
	})
	reg.Register(ast.KindAutoLink, renderAutoLink)
	reg.Register(kindEmbed, func(w util.BufWriter, _ []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
		switch {
		case !n.(*embed).container && entering:
			mark(w, '.', n)
		case entering:
			mark(w, '(', n)
		case n.(*embed).container:
			mark(w, ')', n)
		}
		return ast.WalkContinue, nil
	})
	reg.Register(ast.KindHTMLBlock, renderNothing)
	reg.Register(ast.KindRawHTML, renderNothing)
	reg.Register(east.KindTable, renderTable)
	reg.Register(east.KindTableCell, renderCell)
}

// renderAutoLink writes <https://…> and bare addresses as links, other schemes as the
// words they are.
func renderAutoLink(w util.BufWriter, source []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	link := n.(*ast.AutoLink)
	dest, label := link.URL(source), util.EscapeHTML(link.Label(source))
	if link.AutoLinkType == ast.AutoLinkEmail && !bytes.HasPrefix(bytes.ToLower(dest), []byte("mailto:")) {
		dest = append([]byte("mailto:"), dest...)
	}
	if !allowed(scheme(string(dest))) {
		_, _ = w.Write(label)
		return ast.WalkContinue, nil
	}
	_, _ = w.WriteString(`<a href="` + string(util.EscapeHTML(util.URLEscape(dest, false))) + `">` + string(label) + "</a>")
	return ast.WalkContinue, nil
}

func renderNothing(util.BufWriter, []byte, ast.Node, bool) (ast.WalkStatus, error) {
	return ast.WalkSkipChildren, nil
}

// renderTable wraps a table in a region that scrolls by itself and can be reached by
// keyboard, so that no page scrolls sideways. Its name is what stands in the first row that
// has words: a heading may be far above, and two tables below one would have the same. It is
// a group and no landmark, of which a page with many tables would have too many.
func renderTable(w util.BufWriter, source []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		_, _ = w.WriteString("</table></div>\n")
		return ast.WalkContinue, nil
	}
	_, _ = w.WriteString(`<div class="table"`)
	for row := n.FirstChild(); row != nil; row = row.NextSibling() {
		var name []string
		for cell := row.FirstChild(); cell != nil; cell = cell.NextSibling() {
			if words := plainText(cell, source); words != "" {
				name = append(name, words)
			}
		}
		if name != nil {
			_, _ = w.WriteString(` role="group" aria-label="` + string(util.EscapeHTML([]byte(strings.Join(name, ", ")))) + `" tabindex="0"`)
			break
		}
	}
	_, _ = w.WriteString("><table>\n")
	return ast.WalkContinue, nil
}

// renderCell marks the alignment by a class: the attribute is obsolete, and a style of
// its own would not pass the site's security policy.
func renderCell(w util.BufWriter, _ []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	cell, tag := n.(*east.TableCell), "td"
	if n.Parent().Kind() == east.KindTableHeader {
		tag = "th"
	}
	switch {
	case !entering:
		_, _ = w.WriteString("</" + tag + ">\n")
	case cell.Alignment == east.AlignRight || cell.Alignment == east.AlignCenter:
		_, _ = w.WriteString("<" + tag + ` class="` + cell.Alignment.String() + `">`)
	default:
		_, _ = w.WriteString("<" + tag + ">")
	}
	return ast.WalkContinue, nil
}

func renderLink(w util.BufWriter, _ []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	link := n.(*ast.Link)
	if _, ok := n.Attribute(holeAttr); ok {
		if entering {
			mark(w, '(', n)
		} else {
			mark(w, ')', n)
		}
		return ast.WalkContinue, nil
	}
	if !entering {
		_, _ = w.WriteString("</a>")
		return ast.WalkContinue, nil
	}
	_, _ = w.WriteString(`<a href="`)
	_, _ = w.Write(util.EscapeHTML(util.URLEscape(link.Destination, true)))
	if link.Title != nil {
		_, _ = w.WriteString(`" title="`)
		_, _ = w.Write(util.EscapeHTML(link.Title))
	}
	_, _ = w.WriteString(`">`)
	return ast.WalkContinue, nil
}

func mark(w util.BufWriter, kind byte, n ast.Node) {
	i, _ := n.Attribute(holeAttr)
	_, _ = w.WriteString("\x00" + string(kind) + strconv.Itoa(i.(int)) + "\x00")
}

// headingIDs makes anchors from the words of a heading, in any script.
type headingIDs struct{ taken map[string]bool }

func (s *headingIDs) Generate(value []byte, kind ast.NodeKind) []byte {
	base := Slugify(string(value))
	if base == "" {
		base = "section"
	}
	id := base
	for i := 2; s.taken[id]; i++ {
		id = base + "-" + strconv.Itoa(i)
	}
	s.taken[id] = true
	return []byte(id)
}

func (s *headingIDs) Put(value []byte) { s.taken[string(value)] = true }

// plainText is the words below n, without marks.
func plainText(n ast.Node, source []byte) string {
	var b strings.Builder
	_ = ast.Walk(n, func(c ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch c := c.(type) {
		case *ast.Text:
			b.Write(util.UnescapePunctuations(c.Segment.Value(source)))
			if c.SoftLineBreak() || c.HardLineBreak() {
				b.WriteByte(' ')
			}
		case *ast.String:
			if c.IsCode() {
				b.Write(c.Value)
			} else {
				b.Write(util.UnescapePunctuations(c.Value))
			}
		case *ast.AutoLink:
			b.Write(c.Label(source))
		case *east.FootnoteLink:
			return ast.WalkSkipChildren, nil
		}
		return ast.WalkContinue, nil
	})
	return strings.Join(strings.FieldsFunc(b.String(), func(r rune) bool { return r == ' ' || r == '\n' || r == '\t' }), " ") // no-break spaces stay
}

// paragraphs is the words of every block in n, a line each.
func paragraphs(n ast.Node, source []byte) string {
	var lines []string
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		if text := plainText(c, source); text != "" {
			lines = append(lines, text)
		}
	}
	return strings.Join(lines, "\n")
}

// tidy trims s and folds white space, so that "Ana  Duarte" is Ana Duarte.
func tidy(s string) string { return strings.Join(strings.Fields(s), " ") }

// shorten cuts s at a word, to at most n characters.
func shorten(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	cut := string(r[:n-1])
	if i := strings.LastIndexByte(cut, ' '); i > n/2 {
		cut = cut[:i]
	}
	return strings.TrimRight(cut, " ,;:–—-") + "…"
}

func unescape(dest string) string {
	if u, err := url.PathUnescape(dest); err == nil && !strings.ContainsRune(u, 0) {
		return u
	}
	return dest
}

// scheme returns the scheme of a URL in lower case, or "".
func scheme(s string) string {
	i := strings.IndexByte(s, ':')
	if i <= 0 || strings.ContainsAny(s[:i], "/?#") {
		return ""
	}
	return strings.ToLower(s[:i])
}

// Fill walks a body and returns it with its holes filled: leaf gives the HTML of a
// hole without content, wrap that of one with, given its content.
func Fill(body []byte, leaf func(n int) ([]byte, error), wrap func(n int, inner []byte) ([]byte, error)) ([]byte, error) {
	type open struct {
		hole int
		out  []byte
	}
	stack := []open{{-1, make([]byte, 0, len(body)+len(body)/8)}}
	top := func() *open { return &stack[len(stack)-1] }
	for {
		i := bytes.IndexByte(body, 0)
		if i < 0 {
			break
		}
		top().out = append(top().out, body[:i]...)
		j := i + 2 + bytes.IndexByte(body[i+2:], 0)
		kind := body[i+1]
		n, err := strconv.Atoi(string(body[i+2 : j]))
		if err != nil {
			return nil, fmt.Errorf("a mark that is not ours in the text: %q", body[i:j+1])
		}
		body = body[j+1:]
		switch kind {
		case '.':
			html, err := leaf(n)
			if err != nil {
				return nil, err
			}
			top().out = append(top().out, html...)
		case '(':
			stack = append(stack, open{n, nil})
		case ')':
			inner := top().out
			stack = stack[:len(stack)-1]
			html, err := wrap(n, inner)
			if err != nil {
				return nil, err
			}
			top().out = append(top().out, html...)
		}
	}
	return append(slices.Clip(top().out), body...), nil
}
