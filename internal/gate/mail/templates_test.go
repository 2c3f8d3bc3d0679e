package mail

import (
	"bytes"
	"errors"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

var update = flag.Bool("update", false, "rewrite testdata/golden")

func site() Site {
	return Site{
		Title:        Words{"en": "Meridian Council Newsroom", "fr": "Salle de presse du Conseil du Méridien"},
		Organisation: Words{"": "Meridian Council", "fr": "Conseil du Méridien"},
		BaseURL:      "https://press.meridian-council.example",
		From:         "noreply@meridian-council.example",
		Contact:      "press@meridian-council.example",
		Zone:         time.FixedZone("CEST", 2*60*60),
	}
}

func templates(t testing.TB) *Templates {
	t.Helper()
	templates, err := NewTemplates(site(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return templates
}

func compose(t testing.TB, lang string, about About) Message {
	t.Helper()
	m, err := templates(t).Compose(Letter{ID: "k7Qp2v-" + about.Kind(), To: "reader@desk.example", Language: lang, Date: time.Date(2024, 5, 27, 14, 0, 0, 123e6, time.UTC)}, about)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata/golden", name)
	if *update {
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o777), os.WriteFile(file, []byte(got), 0o666)); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is different; -update rewrites it. got:\n%s", file, got)
	}
}

func TestGolden(t *testing.T) {
	for _, lang := range []string{"en", "fr"} {
		for _, about := range samples() {
			m := compose(t, lang, about)
			golden(t, lang+"/"+about.Kind()+".txt", "Subject: "+m.Subject+"\n\n"+m.Text)
			golden(t, lang+"/"+about.Kind()+".html", m.HTML)
		}
	}
	for _, m := range []Message{compose(t, "fr", samples()[0]), compose(t, "en", samples()[6])} {
		content, err := m.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		golden(t, m.Language+"/"+strings.TrimPrefix(m.ID, "k7Qp2v-")+".eml", strings.ReplaceAll(string(content), "\r\n", "\n"))
	}
}

// What a mail with a code must and must not have: the code alone on a line, in the
// bytes too, where a person or a program finds it; no code in the subject or any other
// header; no link but to pages that only show; no picture, script or foreign address.
func TestCodeMails(t *testing.T) {
	links := regexp.MustCompile(`https?://[^\s"<]+`)
	for _, lang := range []string{"en", "fr"} {
		for _, about := range samples() {
			m := compose(t, lang, about)
			content, err := m.Bytes()
			if err != nil {
				t.Fatal(err)
			}
			if code := codeOf(about); code != "" {
				header, _, _ := bytes.Cut(content, []byte("\r\n\r\n"))
				if bytes.Contains(header, []byte(code)) {
					t.Errorf("%s %s: the code is in the header", lang, about.Kind())
				}
				if n := bytes.Count(content, []byte("\r\n"+code+"\r\n")); n != 1 {
					t.Errorf("%s %s: the code stands alone on %d lines", lang, about.Kind(), n)
				}
				if !strings.Contains(m.HTML, ">"+code+"<") {
					t.Errorf("%s %s: the code is not in the HTML", lang, about.Kind())
				}
				if !regexp.MustCompile(`30[ \x{a0}]minutes`).MatchString(m.Text) {
					t.Errorf("%s %s: it does not say how long the code works", lang, about.Kind())
				}
			}
			if !strings.Contains(m.Text, "press.meridian-council.example") {
				t.Errorf("%s %s: it does not say which site sent it", lang, about.Kind())
			}
			if about.Kind() == "newsletter" {
				continue
			}
			for _, link := range links.FindAllString(m.Text+m.HTML, -1) {
				path, found := strings.CutPrefix(link, "https://press.meridian-council.example")
				if !found || path != "/" && path != "/account/login" && path != "/account/reset" {
					t.Errorf("%s %s: link to %s", lang, about.Kind(), link)
				}
			}
			for _, bad := range []string{"<img", "<script", "url(", "<form", "<link", "onclick"} {
				if strings.Contains(m.HTML, bad) {
					t.Errorf("%s %s: %s", lang, about.Kind(), bad)
				}
			}
		}
	}
}

// headerOf returns a header's value, and how often it is there.
func headerOf(m Message, name string) (value string, n int) {
	for _, h := range m.Headers {
		if strings.EqualFold(h.Name, name) {
			value, n = h.Value, n+1
		}
	}
	return value, n
}

func TestHeaders(t *testing.T) {
	for _, about := range samples() {
		m := compose(t, "en", about)
		automatic, n := headerOf(m, "Auto-Submitted")
		unsubscribe, _ := headerOf(m, "List-Unsubscribe")
		post, _ := headerOf(m, "List-Unsubscribe-Post")
		id, _ := headerOf(m, "List-Id")
		if about.Kind() == "newsletter" {
			if n != 0 || unsubscribe != "<https://press.example.org/newsletter/unsubscribe?t=x>" || post != "List-Unsubscribe=One-Click" || id != "<newsletter.press.meridian-council.example>" {
				t.Errorf("newsletter: %v", m.Headers)
			}
			continue
		}
		if automatic != "auto-generated" || n != 1 || unsubscribe+post+id != "" {
			t.Errorf("%s: %v", about.Kind(), m.Headers)
		}
	}
	if got := compose(t, "en", Known{}).MessageID(); got != "<k7Qp2v-known@meridian-council.example>" {
		t.Errorf("Message-ID %s", got)
	}
}

func TestLanguages(t *testing.T) {
	for lang, want := range map[string]string{"fr": "fr", "fr-CA": "fr", "en-GB": "en", "de": "en", "": "en", "zh-Hant-TW": "en"} {
		if m := compose(t, lang, Known{}); m.Language != want {
			t.Errorf("%q got a mail in %q, want %q", lang, m.Language, want)
		}
	}
	if got := templates(t).Languages(); len(got) != 2 || got[0] != "en" {
		t.Errorf("languages %v", got)
	}
}

// The operator's files replace the ones of the same name, add languages, and are
// refused when a mail could not be written from them.
func TestOwnTemplates(t *testing.T) {
	file := func(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }
	own := fstest.MapFS{"en/known.txt": file(`{{define "subject"}}Known at {{.Title}}{{end}}{{define "content"}}Log in: {{.URL "/account/login"}}{{end}}`)}
	set, err := NewTemplates(site(), own)
	if err != nil {
		t.Fatal(err)
	}
	m, err := set.Compose(Letter{ID: "1", To: "a@b.example", Language: "en", Date: time.Unix(0, 0)}, Known{})
	if err != nil || m.Subject != "Known at Meridian Council Newsroom" || !strings.HasPrefix(m.Text, "Log in: https://press.meridian-council.example/account/login\n") {
		t.Errorf("%v, %q, %q", err, m.Subject, m.Text)
	}

	german := fstest.MapFS{"README": file("not a template")}
	shipped, _ := fs.Sub(embedded, "templates")
	for _, name := range []string{"frame", "verify", "known", "reset", "confirm", "changed", "deleted", "newsletter"} {
		for _, ext := range []string{".txt", ".html"} {
			b, err := fs.ReadFile(shipped, "en/"+name+ext)
			if err != nil {
				t.Fatal(err)
			}
			german["de/"+name+ext] = file(string(b))
		}
	}
	if set, err := NewTemplates(site(), german); err != nil || len(set.Languages()) != 3 {
		t.Errorf("German: %v", err)
	}

	for _, c := range []struct{ want, name, content string }{
		{"is missing", "de/verify.txt", ``},
		{"en/known.txt", "en/known.txt", `{{define "subject"}}`},
		{"Codee", "en/verify.txt", `{{define "subject"}}x{{end}}{{define "content"}}{{.Data.Codee}}{{end}}`},
		{"does not stand alone", "en/verify.txt", `{{define "subject"}}x{{end}}{{define "content"}}Code: {{.Data.Code}}{{end}}`},
		{"stands in the subject", "en/reset.txt", "{{define \"subject\"}}{{.Data.Code}}{{end}}{{define \"content\"}}\n{{.Data.Code}}\n{{end}}"},
		{"needs a subject", "fr/known.txt", `{{define "subject"}} {{end}}{{define "content"}}x{{end}}`},
		{"fr/known", "fr/known.txt", `{{define "subject"}}x{{end}}`},
		{"fr/known", "fr/known.html", `x`},
	} {
		if _, err := NewTemplates(site(), fstest.MapFS{c.name: file(c.content)}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s, %s: %v, want %q", c.name, c.content, err, c.want)
		}
	}
}

// A newsletter is made of an editor's words, which may hold anything.
func TestNewsletterWords(t *testing.T) {
	at := time.Date(2024, 5, 27, 14, 0, 0, 0, time.UTC)
	n := Newsletter{Items: []Item{{"Été <b>&\r\nBcc: a@b.example", "<script>alert(1)</script>", "javascript:alert(1)", at}}, Preferences: "https://press.example.org/p", Unsubscribe: "https://press.example.org/u"}
	m := compose(t, "en", n)
	if m.Subject != "Été <b>& Bcc: a@b.example" {
		t.Errorf("subject %q", m.Subject)
	}
	if strings.Contains(m.HTML, "<script>") || strings.Contains(m.HTML, "<b>") || strings.Contains(m.HTML, "javascript:") {
		t.Error(m.HTML)
	}
	if _, err := m.Bytes(); err != nil {
		t.Error(err)
	}
	for _, bad := range []string{"", "/newsletter/unsubscribe", "https://a.example/>,<mailto:b@c.example", "https://a.example/\r\nBcc: x@y.example"} {
		n.Unsubscribe = bad
		if _, err := templates(t).Compose(Letter{ID: "1", To: "a@b.example", Date: at}, n); err == nil {
			t.Errorf("unsubscribe %q was taken", bad)
		}
	}
	if _, err := templates(t).Compose(Letter{ID: "1", To: "a@b.example", Date: at}, Newsletter{Unsubscribe: "https://a.example/"}); err == nil {
		t.Error("an empty newsletter was written")
	}
}
