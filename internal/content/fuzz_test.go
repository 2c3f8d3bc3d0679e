package content

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"pressroom/internal/memo"
	"pressroom/internal/report"
)

var fuzzing = Options{Zone: time.UTC, Languages: []string{"en", "fr"}}

// FuzzParse gives any bytes for a document: nothing may panic; every mistake has a
// place inside the file; a document that says "draft: true" at the left edge of its
// first lines is a draft, or is refused; the marks of holes in the body are ours.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"---\ntitle: A\ndate: 2026-01-01\n---\nBody [a](b.md#c) ![x](y.png)\n",
		"---\ntitle: A\ndraft: true\n...\nText\n", "----\ndraft: true\n----\n", "\ufeff---\ntitle: x\n---\n",
		"+++\ntitle = \"A\"\ndate = 2026-01-01\n+++\nBody\n",
		"---\nspeaker: {name: A, role: B}\nlocation: Sofia, Bulgaria\ntopics: [a, b]\n---\n::video{id=V-1 t=83}\n\n:::quote{by=\"A\"}\nx\n:::\n",
		"---\ntitle: A\n---\n{{< notes >}}\nx\n{{< /notes >}}\n{{% figure src=\"a.jpg\" alt=\"x\" %}}\n",
		"---\nshotlist:\n  - {in: \"00:00:00:00\", dur: \"00:00:01:00\", shot: WIDE}\n---\n",
		"---\r\ntitle: A\r\n---\r\n| a | b |\r\n|---|--:|\r\n| 1 | 2 |\r\n",
	} {
		f.Add("content/news/a.md", []byte(s))
		f.Add("content/videos/v.fr.md", []byte(s))
	}
	f.Fuzz(func(t *testing.T, path string, data []byte) {
		if len(data) > 1<<16 || !strings.HasPrefix(path, "content/") {
			return
		}
		p, problems := Parse(path, data, memo.Of(data), fuzzing)
		lines := 1 + bytes.Count(data, []byte("\n"))
		for _, x := range problems {
			if x.Line < 0 || x.Line > lines || x.Text == "" {
				t.Errorf("a problem without its place: %+v", x)
			}
		}
		if p.Doc == nil || problems.HasErrors() {
			return
		}
		if head, _, _ := bytes.Cut(bytes.TrimPrefix(data, []byte("\ufeff")), []byte("\n\n")); bytes.HasPrefix(head, []byte("---")) &&
			bytes.Contains(head, []byte("\ndraft: true\n")) && !p.Doc.Front.Draft {
			t.Errorf("a draft is taken for public:\n%q", data)
		}
		body, err := p.HTML(nil)
		if err != nil {
			t.Fatal(err)
		}
		out, err := Fill(body, func(int) ([]byte, error) { return nil, nil }, func(_ int, inner []byte) ([]byte, error) { return inner, nil })
		if err != nil || bytes.IndexByte(out, 0) >= 0 {
			t.Errorf("marks are left: %v %q", err, out)
		}
	})
}

// FuzzMarkdown reads bodies with embeds: never a panic, never a script.
func FuzzMarkdown(f *testing.F) {
	for _, s := range []string{
		"::video{id=a}", ":::notes\nx\n:::", "{{< quote by=\"a\" >}}x{{< /quote >}}", "[a](javascript:alert(1))", "<script>alert(1)</script>",
		"a | b\n--|--\n1 | 2", "x[^1]\n\n[^1]: y", "# A {#b .c onclick=\"x\"}", "![a](b \"c\")", "<https://x.example>", "::::\n:::", "> :::quote\n> x\n> :::",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, body string) {
		if len(body) > 1<<14 {
			return
		}
		src := report.Source{Path: "a.md", Text: []byte(strings.ReplaceAll(body, "\x00", ""))}
		html, holes, _, _, _ := reader("en").render(src, 0)
		out, err := Fill(html, func(n int) ([]byte, error) { return []byte(holes[n].Name), nil }, func(n int, inner []byte) ([]byte, error) { return inner, nil })
		if err != nil {
			t.Fatal(err)
		}
		low := strings.ToLower(string(out))
		for _, bad := range []string{"<script", "href=\"javascript:", "<iframe"} {
			if strings.Contains(low, bad) {
				t.Errorf("%q in %q", bad, out)
			}
		}
	})
}
