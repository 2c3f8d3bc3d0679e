package content

import (
	"strings"
	"testing"

	"pressroom/internal/memo"
)

// What is typed in a document, in its text and its front matter, and what readers see;
// ~ stands for a no-break space, _ for a narrow one.
func TestTypography(t *testing.T) {
	spaces := strings.NewReplacer("~", "\u00a0", "_", "\u202f")
	for _, c := range []struct{ lang, typed, want string }{
		{"fr", "Qui paie? **Nous** ! Et : *vous* ?", "<p>Qui paie_? <strong>Nous</strong>_! Et~: <em>vous</em>_?</p>"},
		{"fr", "Le mot \"réserve\" et « *l'eau* »; fin...", "<p>Le mot «_réserve_» et «_<em>l’eau</em>_»_; fin…</p>"},
		{"fr", "`a ? b : c` ; https://x.example/?a=b ; &amp; &lt;", "<p><code>a ? b : c</code>_; <a href=\"https://x.example/?a=b\">https://x.example/?a=b</a>_; &amp; &lt;</p>"},
		{"fr", "[Qui ?](https://x.example/a?b \"Quoi ?\")", "<p><a href=\"https://x.example/a?b\" title=\"Quoi_?\">Qui_?</a></p>"},
		{"fr", "    if a ? b : c;", "<pre><code>if a ? b : c;\n</code></pre>"},
		{"fr", "Une ligne\n! suite \\! ?", "<p>Une ligne\n! suite !_?</p>"},
		{"fr", "| a ? | b |\n|---|---|\n| c ! | 4:3 |", "a_?</th>"},
		{"fr", "## Qui ? {#qui}", "<h2 id=\"qui\">Qui_?</h2>"},
		{"en", "Who ? \"We\" : yes !", "<p>Who ? “We” : yes !</p>"},
	} {
		body, _, _, _ := read(t, c.lang, "", c.typed)
		if want := spaces.Replace(c.want); !strings.Contains(body, want) {
			t.Errorf("%s: %q gives\n%s\nwant %s", c.lang, c.typed, body, want)
		}
	}

	_, doc, _, lead := read(t, "fr", "title: \"Qui paie ? L'eau\"\nsummary: Deux \\u00ab\nlocation: L'Aquila, Italie\nspeaker: Fiona O'Neill\ntopics: [l'eau]\n", "Qui ?\n\n![Vue ?](a.jpg)\n\n:::quote{by=\"L'élu\" id=\"l'un\"}\nx\n:::\n")
	f := doc.Front
	for _, c := range []struct{ got, want string }{
		{f.Title, "Qui paie_? L’eau"}, {f.Location.Name, "L’Aquila, Italie"}, {f.Location.City, "L’Aquila"}, {f.Speakers[0].Name, "Fiona O’Neill"},
		{f.Topics[0].Value, "l'eau"}, {lead, "Qui_?"}, {doc.Holes[0].Alt, "Vue_?"}, {doc.Holes[1].Args["by"], "L’élu"}, {doc.Holes[1].Args["id"], "l'un"},
	} {
		if want := spaces.Replace(c.want); c.got != want {
			t.Errorf("got %q, want %q", c.got, want)
		}
	}
}

// A verbatim is what was said on camera; its translation is a text.
func TestTypographyVerbatim(t *testing.T) {
	_, doc, _, _ := read(t, "fr", "shotlist:\n  - {in: \"00:00:00:00\", dur: \"00:00:01:00\", shot: WIDE, text: \"Quoi ?\", soundbite: {speaker: A, verbatim: \"it's \\\"it\\\" !\", translation: {fr: \"l'eau !\", en: \"it's !\"}}}\n", "")
	s := doc.Front.Shotlist[0]
	if s.Text != "Quoi\u202f?" || s.Soundbite.Verbatim != `it's "it" !` || s.Soundbite.Translation["fr"] != "l’eau\u202f!" || s.Soundbite.Translation["en"] != "it’s !" {
		t.Errorf("%q %+v", s.Text, s.Soundbite)
	}
}

func read(t *testing.T, lang, front, body string) (string, *Doc, *Front, string) {
	t.Helper()
	path := "content/page." + lang + ".md"
	if lang == "en" {
		path = "content/page.md"
	}
	p, problems := Parse(path, []byte("---\n"+front+"---\n"+body), memo.Key{}, fuzzing)
	if p.Doc == nil {
		t.Fatal(problems)
	}
	html, err := p.HTML(nil)
	if err != nil {
		t.Fatal(err)
	}
	return string(html), p.Doc, &p.Doc.Front, p.Doc.Lead
}
