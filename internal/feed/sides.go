package feed

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"pressroom/internal/site"
)

// WriteSide writes a file that stands beside a page, by the type of its view.
func WriteSide(w io.Writer, view any) error {
	out := bufio.NewWriter(w)
	var err error
	switch v := view.(type) {
	case site.ChapterTrack:
		writeChapters(out, v)
	case site.Subtitles:
		writeSubRip(out, v)
	case site.TranscriptText:
		writeWords(out, v)
	case site.Dopesheet:
		err = writeDopesheet(out, v)
	case site.Quotes:
		writeQuotes(out, v)
	case site.Bundle:
		err = writeBundle(out, v)
	case site.OEmbed, site.FinderPart:
		enc := json.NewEncoder(out)
		enc.SetEscapeHTML(false)
		err = enc.Encode(v)
	default:
		err = fmt.Errorf("feed: no form for %T", view)
	}
	if err != nil {
		return err
	}
	return out.Flush()
}

// clock writes seconds as WebVTT does with ".", and SubRip with ",".
func clock(seconds float64, point string) string {
	ms := int(seconds*1000 + 0.5)
	return fmt.Sprintf("%02d:%02d:%02d%s%03d", ms/3_600_000, ms/60_000%60, ms/1000%60, point, ms%1000)
}

var cueText = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "\n", " ")

func writeChapters(w *bufio.Writer, t site.ChapterTrack) {
	w.WriteString("WEBVTT\n")
	for _, m := range t.Marks {
		fmt.Fprintf(w, "\n%s --> %s\n%s\n", clock(m.Start, "."), clock(m.End, "."), cueText.Replace(m.Title))
	}
}

// writeSubRip writes captions for tools that read nothing newer. Who speaks stands in
// capitals before the words, as SubRip has no other place for it.
func writeSubRip(w *bufio.Writer, t site.Subtitles) {
	speaker := ""
	for i, c := range t.Cues {
		text := c.Text
		if c.Speaker != speaker && c.Speaker != "" {
			text = strings.ToUpper(c.Speaker) + ": " + text
		}
		speaker = c.Speaker
		fmt.Fprintf(w, "%d\n%s --> %s\n%s\n\n", i+1, clock(c.Start, ","), clock(c.End, ","), text)
	}
}

// writeWords writes a transcript: a paragraph for each speaker's turn.
func writeWords(w *bufio.Writer, t site.TranscriptText) {
	for _, line := range t.Head {
		w.WriteString(line + "\n")
	}
	speaker := "\x00" // nobody's, so that the first turn begins a paragraph
	for _, c := range t.Cues {
		if c.Speaker != speaker {
			w.WriteString("\n")
			if speaker = c.Speaker; speaker != "" {
				w.WriteString(speaker + ":\n")
			}
		}
		at := int(c.Start)
		fmt.Fprintf(w, "[%02d:%02d:%02d] %s\n", at/3600, at/60%60, at%60, c.Text)
	}
}

func writeQuotes(w *bufio.Writer, q site.Quotes) {
	for _, line := range q.Head {
		w.WriteString(line + "\n")
	}
	for _, s := range q.Said {
		w.WriteString("\n")
		for _, line := range []string{s.Words, s.Who, s.Source} {
			if line != "" {
				w.WriteString(line + "\n")
			}
		}
	}
}

func writeDopesheet(w *bufio.Writer, d site.Dopesheet) error {
	t := d.Site.T
	if d.Slug != "" {
		w.WriteString(d.Slug + "\n")
	}
	w.WriteString(d.Title + "\n\n")
	for _, f := range d.Facts {
		w.WriteString(strings.ToUpper(f.Name) + t["colon"] + f.Text + "\n")
	}
	w.WriteString("\n" + strings.ToUpper(t["shotlist"]) + "\n\n")
	for i, s := range d.Shots {
		fmt.Fprintf(w, "%d. %s (%s)", i+1, s.In, s.Duration)
		for _, part := range []string{s.Size, s.Text} {
			if part != "" {
				w.WriteString(" " + part)
			}
		}
		if s.NatSound {
			w.WriteString(" (" + t["natural_sound"] + ")")
		}
		w.WriteString("\n")
		if b := s.Soundbite; b != nil {
			w.WriteString("   " + strings.ToUpper(t["soundbite"]))
			if b.Language != "" {
				w.WriteString(" (" + b.Language + ")")
			}
			w.WriteString(" " + b.Speaker)
			for _, part := range []string{b.Role, b.Organisation} {
				if part != "" {
					w.WriteString(", " + part)
				}
			}
			w.WriteString(t["colon"] + fmt.Sprintf(t["quoted"], b.Verbatim) + "\n")
			if b.Translation != "" {
				w.WriteString("   " + t["translation"] + t["colon"] + fmt.Sprintf(t["quoted"], b.Translation) + "\n")
			}
		}
		for _, r := range s.Restrictions {
			w.WriteString("   " + strings.ToUpper(t["restrictions"]) + t["colon"] + r + "\n")
		}
	}
	text, err := plainText(d.Body)
	if err == nil && text != "" {
		w.WriteString("\n" + strings.ToUpper(t["storyline"]) + "\n\n" + text + "\n")
	}
	return err
}

// plainText is a text without its markup: a paragraph for each block.
func plainText(b site.Body) (string, error) {
	src, err := b.HTML()
	if err != nil {
		return "", err
	}
	var paragraphs []string
	var p strings.Builder
	end := func() {
		if text := strings.Join(strings.Fields(p.String()), " "); text != "" {
			paragraphs = append(paragraphs, text)
		}
		p.Reset()
	}
	z := html.NewTokenizer(strings.NewReader(string(src)))
	for {
		switch z.Next() {
		case html.ErrorToken:
			end()
			return strings.Join(paragraphs, "\n\n"), nil
		case html.TextToken:
			p.Write(z.Text())
		case html.StartTagToken, html.EndTagToken, html.SelfClosingTagToken:
			name, _ := z.TagName()
			switch atom.Lookup(name) {
			case atom.P, atom.Li, atom.Ul, atom.Ol, atom.Div, atom.Figure, atom.Figcaption, atom.Blockquote, atom.Aside, atom.Table, atom.Tr, atom.Dl, atom.Dt, atom.Dd,
				atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Hr, atom.Pre:
				end()
			case atom.Br, atom.Td, atom.Th:
				p.WriteByte(' ')
			}
		}
	}
}
