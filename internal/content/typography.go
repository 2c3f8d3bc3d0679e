package content

import (
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"

	"pressroom/internal/locale"
)

// typeset sets the signs of a text that its language asks for. Goldmark's typographer has written the
// quotation marks by now; what is code, an address or the words of an embed's arguments
// is no text here.
func typeset(doc ast.Node, source []byte, lang string) {
	var prev rune // the sign before, in the same block
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		switch n := n.(type) {
		case *ast.CodeSpan, *ast.AutoLink, *ast.RawHTML:
			prev = 'x'
			return ast.WalkSkipChildren, nil
		case *ast.Link:
			if entering && n.Title != nil {
				n.Title = []byte(locale.Typeset(lang, string(n.Title)))
			}
		case *ast.Image:
			if entering && n.Title != nil {
				n.Title = []byte(locale.Typeset(lang, string(n.Title)))
			}
		case *ast.String:
			if entering && len(n.Value) > 0 {
				prev, _ = utf8.DecodeLastRune(n.Value)
			}
		case *ast.Text:
			if !entering || n.IsRaw() {
				return ast.WalkContinue, nil
			}
			if written := n.Segment.Value(source); len(written) > 0 {
				set := locale.Piece(lang, prev, string(written))
				prev, _ = utf8.DecodeLastRune(written)
				if set != string(written) {
					// The words go before the node, which keeps its line break.
					s := ast.NewString([]byte(set))
					n.Parent().InsertBefore(n.Parent(), n, s)
					n.Segment = n.Segment.WithStop(n.Segment.Start)
				}
			}
			if n.SoftLineBreak() || n.HardLineBreak() {
				prev = ' '
			}
		default:
			if n.Type() == ast.TypeBlock {
				prev = 0
			}
		}
		return ast.WalkContinue, nil
	})
}

// typeset gives all that readers see of a front matter the signs of its language. Names
// of topics, contacts and videos are references, and what was said on camera stands as
// it was said.
func (f *Front) typeset(lang string) {
	set := func(texts ...*string) {
		for _, t := range texts {
			*t = locale.Typeset(lang, *t)
		}
	}
	set(&f.Title, &f.Summary, &f.Role, &f.Organisation, &f.City, &f.Country, &f.CaptionsWaiver)
	for i := range f.Speakers {
		set(&f.Speakers[i].Name, &f.Speakers[i].Role, &f.Speakers[i].Organisation)
	}
	if l := f.Location; l != nil {
		set(&l.Name, &l.City, &l.Country)
	}
	for i := range f.Photos {
		f.Photos[i].typeset(set)
	}
	f.Image.typeset(set)
	f.Poster.typeset(set)
	if e := f.Event; e != nil {
		set(&e.Title, &e.Place, &e.Accreditation)
	}
	if r := f.Rights; r != nil {
		set(&r.Credit, &r.Terms, &r.ThirdParty, &r.Music)
		for i := range r.Restrictions {
			set(&r.Restrictions[i])
		}
	}
	for i := range f.Corrections {
		set(&f.Corrections[i].Note)
	}
	for i := range f.Chapters {
		set(&f.Chapters[i].Title)
	}
	for i := range f.Shotlist {
		s := &f.Shotlist[i]
		set(&s.Text)
		for j := range s.Restrictions {
			set(&s.Restrictions[j])
		}
		if b := s.Soundbite; b != nil {
			set(&b.Speaker, &b.Role, &b.Organisation)
			for in, text := range b.Translation {
				b.Translation[in] = locale.Typeset(in, text)
			}
		}
	}
}

func (i *Image) typeset(set func(...*string)) {
	if i != nil {
		set(&i.Alt, &i.Caption, &i.Credit)
	}
}

// spoken are the arguments of embeds that are words for readers.
var spoken = []string{"alt", "by", "caption", "credit", "role", "source", "title"}

func typesetArgs(args map[string]string, lang string) {
	for _, name := range spoken {
		if text := args[name]; text != "" {
			args[name] = locale.Typeset(lang, text)
		}
	}
}
