package content

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// An embed is what Markdown has no sign for. It stands on lines of its own, in the
// spelling of directives or in Hugo's:
//
//	::video{id=MC-20260707-V-0412}
//	:::quote{by="Ana Duarte"} … :::
//	{{< video id="MC-20260707-V-0412" >}}
//	{{< quote by="Ana Duarte" >}} … {{< /quote >}}
type embed struct {
	ast.BaseBlock
	name          string
	args          map[string]string
	container     bool
	end           string // the line that closes a container
	problem, hint string
}

var kindEmbed = ast.NewNodeKind("Embed")

func (e *embed) Kind() ast.NodeKind { return kindEmbed }

func (e *embed) Dump(source []byte, level int) {
	ast.DumpHelper(e, source, level, map[string]string{"Name": e.name}, nil)
}

var (
	directive = regexp.MustCompile(`^(:{2,})([a-z][a-z0-9-]*)[ \t]*(?:\{(.*)\})?[ \t]*$`)
	shortcode = regexp.MustCompile(`^\{\{([<%])\s*(/?)\s*([a-zA-Z][a-zA-Z0-9_-]*)((?:"[^"]*"|[^">%])*?)(/?)\s*[>%]\}\}`)
)

// embedParser is a goldmark block parser.
type embedParser struct{}

func (embedParser) Trigger() []byte { return []byte{':', '{'} }

func (embedParser) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	line, segment := reader.PeekLine()
	at := pc.BlockOffset()
	if at < 0 {
		return nil, parser.NoChildren
	}
	s := strings.TrimRight(string(line[at:]), " \t\n")
	if m := directive.FindStringSubmatch(s); m != nil {
		e := &embed{name: m[2]}
		e.parseArgs(m[3])
		if e.container = len(m[1]) > 2; !e.container {
			reader.AdvanceToEOL()
			return e, parser.NoChildren
		}
		e.end = m[1]
		e.wantEnd(reader.Source()[segment.Stop:])
		reader.AdvanceToEOL()
		return e, parser.HasChildren
	}
	m := shortcode.FindStringSubmatch(s)
	if m == nil {
		return nil, parser.NoChildren
	}
	e, rest := &embed{name: m[3]}, s[len(m[0]):]
	if m[2] == "/" {
		e.problem, e.hint = fmt.Sprintf("%q closes nothing", s), "remove it, or open the embed above"
		reader.AdvanceToEOL()
		return e, parser.NoChildren
	}
	e.parseArgs(m[4])
	closing := regexp.MustCompile(`\{\{[<%]\s*/\s*` + regexp.QuoteMeta(e.name) + `\s*[>%]\}\}`)
	switch inner := closing.FindStringIndex(rest); {
	case inner != nil && strings.TrimSpace(rest[inner[1]:]) == "": // all on one line
		e.container = true
		from := segment.Start + at + len(m[0])
		p := ast.NewParagraph()
		words := text.NewSegment(from, from+inner[0])
		words = words.TrimLeftSpace(reader.Source())
		p.Lines().Append(words.TrimRightSpace(reader.Source()))
		e.AppendChild(e, p)
	case strings.TrimSpace(rest) != "":
		e.problem, e.hint = fmt.Sprintf("text after %q", brief(m[0])), "put the embed on a line of its own"
	case m[5] == "" && closing.Match(reader.Source()[segment.Stop:]):
		e.container, e.end = true, e.name
		reader.AdvanceToEOL()
		return e, parser.HasChildren
	}
	reader.AdvanceToEOL()
	return e, parser.NoChildren
}

func (embedParser) Continue(n ast.Node, reader text.Reader, pc parser.Context) parser.State {
	e := n.(*embed)
	if !e.container || e.end == "" {
		return parser.Close
	}
	line, _ := reader.PeekLine()
	s := strings.TrimSpace(string(line))
	if s == e.end || e.isClosing(s) {
		reader.AdvanceToEOL()
		return parser.Close
	}
	return parser.Continue | parser.HasChildren
}

func (e *embed) isClosing(line string) bool {
	m := shortcode.FindStringSubmatch(line)
	return m != nil && m[2] == "/" && m[3] == e.name && len(m[0]) == len(line)
}

func (embedParser) Close(ast.Node, text.Reader, parser.Context) {}
func (embedParser) CanInterruptParagraph() bool                 { return true }
func (embedParser) CanAcceptIndentedLine() bool                 { return false }

// wantEnd notes a container whose closing line is missing: it would swallow the
// rest of the text.
func (e *embed) wantEnd(rest []byte) {
	for line := range bytes.Lines(rest) {
		if strings.TrimSpace(string(line)) == e.end {
			return
		}
	}
	e.problem, e.hint = fmt.Sprintf("%s%s is not closed", e.end, e.name), fmt.Sprintf("put %s on a line of its own after it", e.end)
}

var argument = regexp.MustCompile(`^(?:([a-zA-Z_][a-zA-Z0-9_-]*)=)?(?:"((?:[^"\\]|\\.)*)"|([^\s"=]+))(?:\s+|$)`)

// parseArgs reads key=value and key="two words"; values without a key are counted
// from "0".
func (e *embed) parseArgs(s string) {
	e.args = map[string]string{}
	s = strings.TrimSpace(s)
	for i := 0; s != ""; {
		m := argument.FindStringSubmatch(s)
		if m == nil {
			e.problem, e.hint = fmt.Sprintf("%q cannot be read as arguments of %s", brief(s), e.name), `write key=value or key="two words"`
			return
		}
		s = s[len(m[0]):]
		key, value := m[1], m[3]
		if m[2] != "" {
			value = strings.NewReplacer(`\"`, `"`, `\\`, `\`).Replace(m[2])
		}
		if key == "" {
			key = strconv.Itoa(i)
			i++
		}
		e.args[key] = value
	}
}
