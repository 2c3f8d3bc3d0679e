package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pressroom/internal/command"
	"pressroom/internal/config"
	"pressroom/internal/content"
	"pressroom/internal/locale"
	"pressroom/internal/memo"
	"pressroom/internal/report"
)

// settingsOf parses a site.yaml with these lines more.
func settingsOf(t testing.TB, lines string) *config.Site {
	t.Helper()
	cfg, problems := config.Parse([]byte("title: Harbour Press\nbaseURL: https://p.example.org\ntimeZone: Europe/Amsterdam\nlanguages: [en, fr]\n"+lines), nil)
	if cfg == nil {
		t.Fatal(told(problems))
	}
	return cfg
}

func told(l report.List) string {
	var b strings.Builder
	report.Write(&b, l, false)
	return b.String()
}

// Every line of a form that is a remark at first is one that the build understands
// when its mark is taken away.
func TestFormsAreUnderstood(t *testing.T) {
	cfg := settingsOf(t, "topics: [ships, \"energy\"]\ncontacts: {desk: {name: Desk}}\n")
	for _, kind := range newKinds {
		c := &call{&command.Call[options]{Ctx: context.Background(), Stderr: io.Discard}}
		c.Options.source, c.Options.now = t.TempDir(), time.Date(2026, 7, 7, 9, 0, 0, 0, time.UTC)
		name, err := c.draft(kind, `A "title": #1`, "en", cfg)
		if err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all := regexp.MustCompile(`(?m)^# ?`).ReplaceAll(data, nil)
		if bytes.Equal(all, data) && kind != "page" {
			t.Errorf("%s: nothing to switch on", kind)
		}
		rel, _ := filepath.Rel(c.Options.source, name)
		for _, text := range [][]byte{data, all} {
			p, problems := content.Parse(filepath.ToSlash(rel), text, memo.Of(text), content.Options{Zone: cfg.Zone, Languages: cfg.Languages})
			if problems.HasErrors() || p.Doc == nil {
				t.Fatalf("%s:\n%s\n%s", kind, text, told(problems))
			}
			if !p.Doc.Front.Draft || p.Doc.Front.Title != `A “title”: #1` {
				t.Errorf("%s: draft %v, title %q", kind, p.Doc.Front.Draft, p.Doc.Front.Title)
			}
		}
	}
}

func FuzzTitle(f *testing.F) {
	for _, s := range []string{
		"Spring session opens", "🎉", "a/b\\c", `say "no"`, "no: yes # 1", "---", "'", "%{}[]&*!|>@`", "\x00\x1b[2J", "a\nb", "a\u2028b\u0085c",
		"\ufeffbom", "cafe\u0301", "ﬁ\u00a0: «x»", "\xff\xfe", "👩\u200d🚀", "ß ø Ł", "新聞", "\u202eevil", strings.Repeat("x", 300), strings.Repeat("é", 300),
		"~", "null", "1.0", "2024-05-27", "<<", "\U0010ffff\ufffe", "_index", "index", ".", "..", "con", "{{.Title}}", "$(rm -rf /)",
	} {
		f.Add(s)
	}
	cfg := settingsOf(f, "")
	f.Fuzz(func(t *testing.T, s string) {
		title := cleanTitle(s)
		if title == "" {
			return
		}
		c := &call{&command.Call[options]{Ctx: context.Background(), Stderr: io.Discard}}
		c.Options.source, c.Options.now = t.TempDir(), time.Date(2026, 7, 7, 9, 0, 0, 0, time.UTC)
		for _, kind := range newKinds {
			name, err := c.draft(kind, title, "en", cfg)
			if _, usage := err.(command.UsageError); usage && kind == "page" {
				continue // the name of a list
			} else if err != nil {
				t.Fatal(err)
			}
			rel, err := filepath.Rel(c.Options.source, name)
			if err != nil || !filepath.IsLocal(rel) || len(filepath.Base(rel)) > 240 || !utf8.ValidString(rel) {
				t.Fatalf("the path %q", name)
			}
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			p, problems := content.Parse(filepath.ToSlash(rel), data, memo.Of(data), content.Options{Zone: cfg.Zone, Languages: cfg.Languages})
			if problems.HasErrors() || p.Doc == nil {
				t.Fatalf("%s", told(problems))
			}
			if p.Doc.Front.Title != locale.Typeset("en", title) || !p.Doc.Front.Draft {
				t.Fatalf("title %q, want %q", p.Doc.Front.Title, title)
			}
			if kind == "news" && p.Doc.Kind != content.NewsItem || kind == "video" && p.Doc.Kind != content.VideoItem || kind == "page" && p.Doc.Kind != content.Page {
				t.Fatalf("%s is of kind %v", rel, p.Doc.Kind)
			}
		}
	})
}

func TestInitials(t *testing.T) {
	for name, want := range map[string]string{
		"Meridian Council":                    "MC",
		"Council of Europe":                   "CE",
		"ministère de l’intérieur":            "MDLI",
		"Office for Budget, Tax & Customs 24": "OBTC2",
		"Øresund Bureau":                      "OB",
		"École nationale":                     "E",
		"Министерство обороны":                "PRESS",
		"—":               "PRESS",
		"A B C D E F G H": "ABCDE",
	} {
		cfg := settingsOf(t, "organisation: {name: \""+name+"\"}\n")
		if got := initials(cfg); got != want {
			t.Errorf("%q: %s, want %s", name, got, want)
		}
	}
	if got := initials(settingsOf(t, "")); got != "HP" {
		t.Errorf("of the title: %s, want HP", got)
	}
}

// The number is the next of the year, whoever has one: drafts, other languages, files
// whose front matter cannot be read, names without a file.
func TestNextID(t *testing.T) {
	cfg := settingsOf(t, "organisation: {name: Meridian Council}\n")
	now := time.Date(2026, 7, 7, 9, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		name  string
		files map[string]string
		want  string
	}{
		{"no videos", nil, "MC-20260707-V-0001"},
		{"one of last year", map[string]string{"2025/MC-20251231-V-0099.md": "id: MC-20251231-V-0099"}, "MC-20260707-V-0001"},
		{"a draft", map[string]string{"2026/MC-20260101-V-0009/index.md": "id: MC-20260101-V-0009\ndraft: true"}, "MC-20260707-V-0010"},
		{"an id unlike its file", map[string]string{"2026/arrivals.md": "id: MC-20260101-V-0041"}, "MC-20260707-V-0042"},
		{"a file that cannot be read", map[string]string{"2026/MC-20260101-V-0041.md": "id: [", "2026/MC-20260101-V-0040.fr.md": "id: MC-20260101-V-0040"}, "MC-20260707-V-0042"},
		{"other initials", map[string]string{"2025/XY-20250101-V-0003.md": "id: XY-20250101-V-0003"}, "XY-20260707-V-0001"},
		{"the newest initials", map[string]string{"2024/AB-20240101-V-0001.md": "", "2025/XY-20250101-V-0001.md": "", "2023/CD-20230101-V-0001.md": ""}, "XY-20260707-V-0001"},
		{"five digits", map[string]string{"2026/MC-20260101-V-9999.md": ""}, "MC-20260707-V-10000"},
		{"ids of another form", map[string]string{"2026/arrivals.md": "id: arrivals-2026"}, "MC-20260707-V-0001"},
	} {
		c := &call{&command.Call[options]{Ctx: context.Background()}}
		c.Options.source = t.TempDir()
		for name, front := range test.files {
			at := filepath.Join(c.Options.source, "content/videos", name)
			if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(at, []byte("---\ntitle: T\ndate: 2026-01-01\n"+front+"\n---\n"), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := c.nextID(now, cfg); err != nil || got != test.want {
			t.Errorf("%s: %s, %v, want %s", test.name, got, err, test.want)
		}
	}
}

func TestDateText(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		t.Fatal(err)
	}
	for at, want := range map[string]string{
		"2026-07-07T09:00:00Z": "2026-07-07 11:00",
		"2026-01-01T23:30:59Z": "2026-01-02 00:30",
		"2026-10-25T00:30:00Z": "2026-10-25 02:30 +02:00", // the clocks go back
		"2026-10-25T01:30:00Z": "2026-10-25 02:30 +01:00",
		"2026-03-29T01:30:00Z": "2026-03-29 03:30", // and forward
	} {
		now, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		got := dateText(now.In(zone), zone)
		if got != want {
			t.Errorf("%s: %s, want %s", at, got, want)
		}
		if back, _, err := content.ParseDate(got, zone); err != nil || !back.Equal(now.Truncate(time.Minute)) {
			t.Errorf("%s is read as %v, %v", got, back, err)
		}
	}
}
