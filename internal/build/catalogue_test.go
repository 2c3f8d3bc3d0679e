package build

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"pressroom/internal/source"
)

// What the gate may hand out follows the stricter of a film and its translation: a
// master is not released by a file that forgot why it is held.
func TestCatalogueOfTranslations(t *testing.T) {
	const now, embargo = "2026-07-01 10:00", "embargo: 2026-08-01 10:00"
	for _, c := range []struct {
		name, original, translation string
		want                        string // the downloads, since when, and until when
	}{
		{"both are out", "", "", "both@0001 en@0001 fr@0001"},
		{"the original is a draft", "draft: true", "", ""},
		{"the original is a draft, the translation under embargo", "draft: true", embargo, ""},
		{"the original has expired", "expires: 2026-06-30", "", ""},
		{"the original is withdrawn", "status: withdrawn", "", ""},
		{"the original is withdrawn and under embargo", "status: withdrawn\n" + embargo, "", ""},
		{"the original is under embargo", embargo, "", "both@2026 en@2026 fr@2026"},
		{"the original will expire", "expires: 2027-03-01", "", "both@0001-2027 en@0001-2027 fr@0001-2027"},
		{"the translation will expire sooner", "expires: 2028-03-01", "expires: 2027-03-01", "both@0001-2028 en@0001-2028 fr@0001-2027"},
		{"the translation is a draft", "", "draft: true", "both@0001 en@0001"},
		{"the translation is withdrawn", "", "status: withdrawn", "both@0001 en@0001"},
		{"the translation is under embargo", "", embargo, "both@0001 en@0001 fr@2026"},
	} {
		for _, asked := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/asked=%t", c.name, asked), func(t *testing.T) {
				film := func(lang, more string) []byte {
					return fmt.Appendf(nil, "---\nid: MC-20260601-V-0001\ntitle: Ships\ndate: 2026-06-01 10:00\nsummary: Ships sail.\ncaptions-waiver: no words are spoken\n%s\nrenditions:\n"+
						"  - {name: both, access: account, file: ships.mxf}\n  - {name: %s, access: account, file: ships.mxf}\n---\nShips.\n", more, lang)
				}
				at, err := time.Parse("2006-01-02 15:04", now)
				if err != nil {
					t.Fatal(err)
				}
				in := Input{Theme: theme(t), Now: at, Source: source.Memory(map[string][]byte{
					"site.yaml":       []byte("title: Test\nbaseURL: https://press.example\ntimeZone: UTC\nlanguages: [en, fr]\n"),
					"media/ships.mxf": []byte("ships"),
					"content/videos/2026/MC-20260601-V-0001.md":    film("en", c.original),
					"content/videos/2026/MC-20260601-V-0001.fr.md": film("fr", c.translation),
				})}
				in.Asked.Drafts, in.Asked.Expired = asked, asked
				r, problems := Run(context.Background(), in, nil)
				if r == nil {
					t.Fatal(text(problems))
				}
				var got []string
				for _, d := range r.Catalogue.Downloads {
					line := strings.TrimPrefix(d.ID, "MC-20260601-V-0001/") + "@" + d.NotBefore.Format("2006")
					if !d.NotAfter.IsZero() {
						line += d.NotAfter.Format("-2006")
					}
					got = append(got, line)
				}
				if list := strings.Join(got, " "); list != c.want {
					t.Errorf("%q, want %q", list, c.want)
				}
			})
		}
	}
}
