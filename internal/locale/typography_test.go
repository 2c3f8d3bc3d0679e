package locale

import (
	"strings"
	"testing"
)

// TestTypeset is what editors type and what readers see; ~ stands for a no-break space,
// _ for a narrow one. All of it is typeset twice, which must change nothing.
func TestTypeset(t *testing.T) {
	spaces := strings.NewReplacer("~", "\u00a0", "_", "\u202f")
	for _, c := range []struct{ lang, typed, want string }{
		{"en", `The "Common Reserve" isn't closed`, "The “Common Reserve” isn’t closed"},
		{"en", `'Never', she said, 'is a "long" word'`, "‘Never’, she said, ‘is a “long” word’"},
		{"en", `the members' vote of '74`, "the members’ vote of ’74"},
		{"en", `a 6" cable, 3' deep`, `a 6" cable, 3' deep`},
		{"en", `("open") and–"dash"`, "(“open”) and–“dash”"},
		{"en", "Wait... and see", "Wait… and see"},
		{"en", "Wait.... and ../up", "Wait.... and ../up"},
		{"en", `see https://x.example/it's?a="b" now`, `see https://x.example/it's?a="b" now`},
		{"en", "Ready ? Yes : no !", "Ready ? Yes : no !"},
		{"en", "a -- b – c — d", "a -- b – c — d"},
		{"fr", "Qui paie ?", "Qui paie_?"},
		{"fr", "Qui paie?", "Qui paie_?"},
		{"fr", "Bravo!!", "Bravo_!!"},
		{"fr", "Vraiment ?!", "Vraiment_?!"},
		{"fr", "a ; b; c", "a_; b_; c"},
		{"fr", "Objet : l'eau", "Objet~: l’eau"},
		{"fr", "Objet: l'eau", "Objet~: l’eau"},
		{"fr", "à 10:30, au format 4:3", "à 10:30, au format 4:3"},
		{"fr", `le mot "réserve"`, "le mot «_réserve_»"},
		{"fr", `"Qui paie?"`, "«_Qui paie_?_»"},
		{"fr", "« Non », dit-elle", "«_Non_», dit-elle"},
		{"fr", "«Non», dit-elle", "«_Non_», dit-elle"},
		{"fr", "«\u00a0Non\u00a0»", "«_Non_»"},
		{"fr", "« l'« eau » »", "«_l’«_eau_»_»"},
		{"fr", "(?) et [!]", "(?) et [!]"},
		{"fr", "https://x.example/?a=b;c et www.x.example/a?", "https://x.example/?a=b;c et www.x.example/a?"},
		{"fr", "Caf&eacute; et AT&amp;T ; fin", "Caf&eacute; et AT&amp;T_; fin"},
		{"fr", `un signe \! seul`, `un signe \! seul`},
		{"fr", "30 % ; 5 €!", "30 %_; 5 €_!"},
		{"fr", "Ah… !", "Ah…_!"},
		{"fr", "", ""},
		{"fr", "!", "!"},
		{"fr-CA", "Qui paie? « Moi » : voilà", "Qui paie? «_Moi_»~: voilà"},
		{"de", `Das "Netz" hält's`, "Das „Netz“ hält’s"},
		{"sv", `"Nät"`, "”Nät”"},
		{"da", `"Net"`, "»Net«"},
		{"ar", `قال "نعم"`, "قال «نعم»"},
		{"ar", "على +966 11 555 0142.", "على \u2066+966 11 555 0142\u2069."},
		{"ar", "+966 11 555 0142", "\u2066+966 11 555 0142\u2069"},
		{"ar", "من 3 + 4 إلى +10", "من 3 + 4 إلى +10"},
		{"en", "+966 11 555 0142", "+966 11 555 0142"},
		{"he", `ארה"ב`, `ארה"ב`},
		{"tlh", `"Qapla'"`, "“Qapla’”"},
	} {
		want := spaces.Replace(c.want)
		got := Typeset(c.lang, c.typed)
		if got != want {
			t.Errorf("%s: %q gives %q, want %q", c.lang, c.typed, got, want)
		}
		if again := Typeset(c.lang, got); again != got {
			t.Errorf("%s: %q is typeset once more to %q", c.lang, got, again)
		}
	}
}

// Of a text in pieces, as Markdown has it, each is set after the sign before it.
func TestPieces(t *testing.T) {
	for _, c := range []struct {
		prev    rune
		s, want string
	}{
		{'t', " !", "\u202f!"}, {'t', "! Oui", "\u202f! Oui"}, {' ', "! Oui", "! Oui"}, {0, "! Oui", "! Oui"},
		{'«', "Non", "\u202fNon"}, {'«', " Non", "\u202fNon"}, {'t', " »", "\u202f»"}, {'a', "« ", "«\u202f"}, {'\u202f', "Non", "Non"},
	} {
		if got := Piece("fr", c.prev, c.s); got != c.want {
			t.Errorf("%q after %q gives %q, want %q", c.s, c.prev, got, c.want)
		}
	}
}

func FuzzTypeset(f *testing.F) {
	f.Add("fr", `« l'eau » : "qui"?... \! &amp;`)
	f.Add("en", "'a' \"b\" 5' ....")
	f.Fuzz(func(t *testing.T, lang, s string) {
		once := Piece(lang, 0, s)
		if twice := Piece(lang, 0, once); twice != once && strings.ToValidUTF8(s, "") == s {
			t.Errorf("%q gives %q, then %q", s, once, twice)
		}
		Typeset(lang, s)
	})
}
