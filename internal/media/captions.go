package media

import (
	"fmt"
	"html"
	"regexp"
	"strconv"
	"strings"

	"pressroom/internal/report"
)

// Cue is one caption: when, who and what.
type Cue struct {
	Start, End float64 // seconds
	Speaker    string  // from <v Name>, or ""
	Text       string  // without tags, lines joined
}

var (
	// The timing line of WebVTT, section 4.1 of the W3C specification; hours are optional.
	timing  = regexp.MustCompile(`^((?:\d{2,}:)?[0-5]\d:[0-5]\d\.\d{3})[ \t]+-->[ \t]+((?:\d{2,}:)?[0-5]\d:[0-5]\d\.\d{3})(?:[ \t].*)?$`)
	voice   = regexp.MustCompile(`^<v(?:\.[^ >]*)?[ \t]+([^>]+)>`)
	markup  = regexp.MustCompile(`<[^>]*>`)
	newline = regexp.MustCompile(`\r\n?`)
)

// ReadVTT reads WebVTT. Every mistake is told with its line; what can be read is
// returned all the same.
func ReadVTT(path string, data []byte) ([]Cue, report.List) {
	text := newline.ReplaceAllString(strings.TrimPrefix(string(data), "\ufeff"), "\n")
	src := report.Source{Path: path, Text: []byte(text)}
	lines := strings.Split(text, "\n")
	var problems report.List
	fail := func(line int, text, hint string) {
		problems.Add(src.At(line+1, 1, max(1, len([]rune(lines[line]))), "captions", text, hint))
	}
	if head := lines[0]; head != "WEBVTT" && !strings.HasPrefix(head, "WEBVTT ") && !strings.HasPrefix(head, "WEBVTT\t") {
		fail(0, "captions begin with the line WEBVTT", "export the file as WebVTT")
		return nil, problems
	}
	var cues []Cue
	for i := 1; i < len(lines); i++ {
		if strings.TrimSpace(lines[i]) == "" {
			continue
		}
		if block := lines[i]; strings.HasPrefix(block, "NOTE") || block == "STYLE" || block == "REGION" {
			for i < len(lines) && lines[i] != "" {
				i++
			}
			continue
		}
		if !strings.Contains(lines[i], "-->") && i+1 < len(lines) { // an identifier
			i++
		}
		m := timing.FindStringSubmatch(lines[i])
		if m == nil {
			fail(i, fmt.Sprintf("%q is not the timing of a caption", lines[i]), "write 00:00:01.000 --> 00:00:04.000")
			for i < len(lines) && lines[i] != "" {
				i++
			}
			continue
		}
		c := Cue{Start: seconds(m[1]), End: seconds(m[2])}
		switch {
		case c.End <= c.Start:
			fail(i, "the caption ends before it begins", "check the two times")
		case len(cues) > 0 && c.Start < cues[len(cues)-1].Start:
			fail(i, "the caption begins before the one above it", "put the captions in order")
		}
		var words []string
		for i++; i < len(lines) && lines[i] != ""; i++ {
			line := strings.TrimSpace(lines[i])
			if v := voice.FindStringSubmatch(line); v != nil && c.Speaker == "" {
				c.Speaker = html.UnescapeString(strings.TrimSpace(v[1]))
			}
			words = append(words, html.UnescapeString(markup.ReplaceAllString(line, "")))
		}
		if c.Text = strings.Join(strings.Fields(strings.Join(words, " ")), " "); c.Text == "" {
			fail(i-1, "a caption without words", "remove it")
			continue
		}
		cues = append(cues, c)
	}
	return cues, problems
}

func seconds(s string) float64 {
	total := 0.0
	for part := range strings.SplitSeq(s, ":") {
		f, _ := strconv.ParseFloat(part, 64)
		total = total*60 + f
	}
	return total
}
