package gate_test

import (
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"pressroom/internal/gate"
)

var ana = gate.Personal{Email: "ana.duarte+desk@lighthouse.example", Name: "Ana Duarte", Organisation: "The Lighthouse", Site: []string{"Harbour Authority", "www.harbour.example"}}

func check(profile gate.Profile, password string) string {
	var names []string
	for _, r := range (gate.Policy{Profile: profile}).Check(password, ana) {
		names = append(names, string(r.Name))
	}
	return strings.Join(names, " ")
}

func TestComposed(t *testing.T) {
	for password, want := range map[string]string{
		"vK7#mQz2!xLp":                             "",
		"Tin-Kettle9-Oxbow":                        "",
		"Œufs·à·la·7coque":                         "",
		"пАрус7#лодкаЁж":                           "",
		"vK7#mQz2!xLp" + strings.Repeat("wZ3", 81): "",

		// Each rule alone.
		"vK7#mQz2!xL":       "length",
		"vK7#mQ 2!xLp":      "spaces",
		"vK7#mQ\u00a02!xLp": "spaces",
		"vk7#mqz2!xlp":      "upper",
		"VK7#MQZ2!XLP":      "lower",
		"vKs#mQzh!xLp":      "number",
		"vK7bmQz2hxLp":      "symbol",
		"Password1234!":     "common",
		"vK7#mQz2!xLp" + strings.Repeat("wZ3", 81) + "aB": "long",
		strings.Repeat("é", 513):                          "long",
		strings.Repeat("\ufdfa", 20):                      "long", // 18 code points each in NFKC
		strings.Repeat("x", 1<<20):                        "long",
		"Ana.duarte1!A":                                   "personal",

		// What everybody writes to please such rules.
		"Aaaaaaaaaaa1!":      "common",
		"Qwertyuiop12!":      "common",
		"Abcdefghijk1!":      "common",
		"Azertyuiop12!":      "common",
		"P@ssw0rd2026!":      "common",
		"P4$$w0rd!!!!1":      "common",
		"Password!Password1": "common",
		"Passwordpassword1!": "common",
		"Summer2026!!":       "common",
		"Welcome12345!":      "common",
		"Motdepasse123!":     "common",
		"L3tm31n!L3tm31n!":   "common",
		"1!1!1!1!1!1!Aa":     "common",
		"1234567890Aa!":      "common",
		"Monkey.Dragon.1":    "common",
		"Pâsswörd1234!":      "common",
		"Ｐａｓｓｗｏｒｄ１２３４！": "common",
		"1qaz2wsx3EDC!":  "common",
		"!QAZ2wsx#EDC4":  "common",
		"AbcAbcAbcAbc1!": "common",

		// What a stranger knows.
		"ana.duarte1!Abcd":     "personal",
		"AnaDuarte7#mQz2!xLp":  "personal",
		"4n4Du4rte7#mQz2!xLp":  "personal",
		"Harbour-authority9!x": "personal",
		"7#mHarbourAuthorityQ": "personal",
		"Lighthouse2026!#x":    "common",
		"Ana#lighthouse1!x":    "personal",
		"Duarte#Harbour#7kq":   "personal",
		"vK7#harbour2!xLpQ9":   "",

		// Several at once, in their order.
		"":        "length upper lower number symbol common",
		"secret":  "length upper number symbol common",
		"a b":     "length upper number symbol spaces common",
		"Pass-12": "length",
		"xkqvzj":  "length upper number symbol",
	} {
		if got := check(gate.Composed, password); got != want {
			t.Errorf("%.60q: got %q, want %q", password, got, want)
		}
	}
	if got := check("", "vk7#mqz2!xlp"); got != "upper" {
		t.Errorf("the default profile says %q", got)
	}
}

func TestStandard(t *testing.T) {
	for password, want := range map[string]string{
		"correct horse battery staple": "",
		"correcthorsebatterystaple":    "",
		"vk7mqz2hxlpwtrd":              "",
		"849301726650182":              "",
		"парус над тихой водой":        "",
		"🦊 fox 🌊 sea 🏔 hill":           "",
		"une phrase assez longue":      "",
		"vk7mqz2hxlpwtr":               "length",
		"passwordpassword":             "common",
		"password 1234567890":          "common",
		"aaaaaaaaaaaaaaaaaaaa":         "common",
		"abababababababababab":         "common",
		"123456789012345":              "common",
		"qwertyuiopasdfghjkl":          "common",
		"🦊🦊🦊🦊🦊🦊🦊🦊🦊🦊🦊🦊🦊🦊🦊":               "common",
		"the harbour authority is nice": "personal",
	} {
		if got := check(gate.Standard, password); got != want {
			t.Errorf("%.60q: got %q, want %q", password, got, want)
		}
	}
}

func TestRuleNumbers(t *testing.T) {
	for profile, want := range map[gate.Profile]int{gate.Composed: 12, gate.Standard: 15, "": 12} {
		p := gate.Policy{Profile: profile}
		if got := p.Check("xk", gate.Personal{}); got[0] != (gate.Rule{Name: gate.RuleLength, Want: want}) || p.MinLength() != want {
			t.Errorf("%q: %v", profile, got)
		}
	}
	if got := (gate.Policy{}).Check(strings.Repeat("x", 257), gate.Personal{}); !slices.Equal(got, []gate.Rule{{Name: gate.RuleLong, Want: 256}}) {
		t.Errorf("too long: %v", got)
	}
}

// What a password manager makes is good. One in some tens of thousands is not, as it
// happens to hold words; these are always the same.
func TestRandomPasswords(t *testing.T) {
	const signs = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789!#%+:=?@-_"
	random := rand.NewChaCha8([32]byte{1})
	b := make([]byte, 12)
	for range 3000 {
		random.Read(b)
		for i := range b {
			b[i] = signs[int(b[i])%len(signs)]
		}
		for _, r := range (gate.Policy{}).Check(string(b), gate.Personal{}) {
			if r.Name == gate.RuleCommon || r.Name == gate.RulePersonal {
				t.Errorf("%s is %s", b, r.Name)
			}
		}
	}
}

// The policy searches the list as it lies.
func TestCommonWords(t *testing.T) {
	b, err := os.ReadFile("common/words.txt")
	if err != nil {
		t.Fatal(err)
	}
	list := strings.Split(strings.TrimSuffix(string(b), "\n"), "\n")
	if !slices.IsSorted(list) || len(slices.Compact(list)) != len(list) || len(list) < 40000 {
		t.Fatalf("%d words, sorted: %v", len(list), slices.IsSorted(list))
	}
	for i := 0; i < len(list); i += 97 {
		w := list[i]
		if len(w) < 4 {
			t.Errorf("%q is too short", w)
		}
		if got := check(gate.Composed, w+"!Aa"); !strings.Contains(got, "common") && len(w) > 8 {
			t.Errorf("%s: %q", w, got)
		}
	}
	for _, w := range []string{list[0], list[len(list)-1]} {
		if got := check(gate.Standard, w+" "+strings.Repeat("z", 20)); got != "common" {
			t.Errorf("%s: %q", w, got)
		}
	}
}

func FuzzPolicy(f *testing.F) {
	f.Add("Password1234!", "ana@paper.example", "Ana")
	f.Add(strings.Repeat("a", 1024), "", strings.Repeat("a", 100))
	f.Add("\xff\xfe é\u0301", "@", "é")
	f.Fuzz(func(t *testing.T, password, email, name string) {
		for _, profile := range []gate.Profile{gate.Composed, gate.Standard} {
			p := gate.Policy{Profile: profile}
			about := gate.Personal{Email: email, Name: name}
			unmet := p.Check(password, about)
			// With less known about them, a password is never worse.
			for _, r := range p.Check(password, gate.Personal{}) {
				if !slices.Contains(unmet, r) {
					t.Fatalf("%q: %v only for a stranger", password, r)
				}
			}
		}
	})
}

func BenchmarkPolicyWorst(b *testing.B) {
	for name, s := range map[string]string{"same": strings.Repeat("a", 256), "wide": strings.Repeat("🦊", 256), "words": strings.Repeat("password", 32), "digits": strings.Repeat("0123456789", 25)} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				(gate.Policy{}).Check(s, ana)
			}
		})
	}
}
