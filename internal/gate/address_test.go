package gate_test

import (
	"errors"
	"strings"
	"testing"

	"pressroom/internal/gate"
)

func TestParseAddress(t *testing.T) {
	long := strings.Repeat("a", 63)
	for _, test := range []struct{ in, typed, key string }{
		{"ana@paper.example", "ana@paper.example", "ana@paper.example"},
		{" \tana@paper.example\u00a0\u3000", "ana@paper.example", "ana@paper.example"},
		{"Ana.Duarte+Press@Paper.Example", "Ana.Duarte+Press@paper.example", "ana.duarte+press@paper.example"},
		{"o'neil@paper.example", "o'neil@paper.example", "o'neil@paper.example"},
		{"#$&'*+-/=?^_`{|}~@a.bc", "#$&'*+-/=?^_`{|}~@a.bc", "#$&'*+-/=?^_`{|}~@a.bc"},
		{"ana@Bücher.example", "ana@xn--bcher-kva.example", "ana@xn--bcher-kva.example"},
		{"ana@BÜCHER.example", "ana@xn--bcher-kva.example", "ana@xn--bcher-kva.example"},
		{"ana@bu\u0308cher.example", "ana@xn--bcher-kva.example", "ana@xn--bcher-kva.example"},
		{"ana@XN--BCHER-KVA.example", "ana@xn--bcher-kva.example", "ana@xn--bcher-kva.example"},
		{"ana@straße.example", "ana@xn--strae-oqa.example", "ana@xn--strae-oqa.example"},
		{"ana@例え.テスト", "ana@xn--r8jz45g.xn--zckzah", "ana@xn--r8jz45g.xn--zckzah"},
		{"ana@r3---sn.a-b.example", "ana@r3---sn.a-b.example", "ana@r3---sn.a-b.example"},
		{"ana@1.2.3.4a", "ana@1.2.3.4a", "ana@1.2.3.4a"},
		{strings.Repeat("l", 64) + "@" + long + "." + long + "." + long[:58] + ".de", strings.Repeat("l", 64) + "@" + long + "." + long + "." + long[:58] + ".de", strings.Repeat("l", 64) + "@" + long + "." + long + "." + long[:58] + ".de"},
	} {
		got, err := gate.ParseAddress(test.in)
		if err != nil || got.Typed != test.typed || got.Key != test.key {
			t.Errorf("%q: got %+v, %v, want %s and %s", test.in, got, err, test.typed, test.key)
		}
	}
}

func TestParseAddressRefuses(t *testing.T) {
	long := strings.Repeat("a", 63)
	for in, want := range map[string]gate.AddressError{
		"":                                         gate.AddressEmpty,
		" \t ":                                     gate.AddressEmpty,
		"ana":                                      gate.AddressForm,
		"@paper.example":                           gate.AddressForm,
		"ana@":                                     gate.AddressDomain,
		"ana@paper":                                gate.AddressDomain,
		"ana@paper.example.":                       gate.AddressDomain,
		"ana@.paper.example":                       gate.AddressDomain,
		"ana@paper..example":                       gate.AddressDomain,
		"ana@-paper.example":                       gate.AddressDomain,
		"ana@paper-.example":                       gate.AddressDomain,
		"ana@paper.12":                             gate.AddressDomain,
		"ana@127.0.0.1":                            gate.AddressDomain,
		"ana@[127.0.0.1]":                          gate.AddressForm,
		"ana@[IPv6:::1]":                           gate.AddressForm,
		"ana@::1":                                  gate.AddressForm,
		"ana@a_b.example":                          gate.AddressForm,
		"ana@" + long + "a.example":                gate.AddressDomain,
		".ana@paper.example":                       gate.AddressForm,
		"ana.@paper.example":                       gate.AddressForm,
		"a..na@paper.example":                      gate.AddressForm,
		"ana@b@paper.example":                      gate.AddressForm,
		"a@b,c@d.example":                          gate.AddressForm,
		"a@b.example,c@d.example":                  gate.AddressForm,
		"a@b.example;c@d.example":                  gate.AddressForm,
		"a@b.example c@d.example":                  gate.AddressForm,
		"a b@paper.example":                        gate.AddressForm,
		"Ana <ana@paper.example>":                  gate.AddressForm,
		"<ana@paper.example>":                      gate.AddressForm,
		"mailto:ana@paper.example":                 gate.AddressForm,
		"ana(desk)@paper.example":                  gate.AddressForm,
		"ana@paper.example(desk)":                  gate.AddressForm,
		`"ana"@paper.example`:                      gate.AddressForm,
		`"a> ORCPT=x"@paper.example`:               gate.AddressForm,
		`ana\@paper.example`:                       gate.AddressForm,
		"ana%paper.example@relay.example":          gate.AddressForm,
		"paper.example!ana@relay.example":          gate.AddressForm,
		"@relay.example:ana@paper.example":         gate.AddressForm,
		"ana%0d%0aBcc@paper.example":               gate.AddressForm,
		"ana@paper.example%0d%0a":                  gate.AddressForm,
		"ana@paper.example\r\nBcc: b@c.example":    gate.AddressControls,
		"ana@paper.example\n":                      gate.AddressControls,
		"ana\x00@paper.example":                    gate.AddressControls,
		"ana@paper.example\x7f":                    gate.AddressControls,
		"ana\u0085@paper.example":                  gate.AddressControls,
		"ana\u2028@paper.example":                  gate.AddressControls,
		"a\u200bna@paper.example":                  gate.AddressControls,
		"ana@pa\u00adper.example":                  gate.AddressControls,
		"ana@paper.example\u202e":                  gate.AddressControls,
		"ana@pa\ufe0fper.example":                  gate.AddressControls,
		"ana\xff@paper.example":                    gate.AddressControls,
		"josé@paper.example":                       gate.AddressASCII,
		"\u212aelvin@paper.example":                gate.AddressASCII,
		"m\u0131ke@paper.example":                  gate.AddressASCII,
		"\uff41na@paper.example":                   gate.AddressASCII,
		"jose\u0301@paper.example":                 gate.AddressASCII,
		"ana@\u212aelvin.example":                  gate.AddressAlike,
		"ana@b\u00fcc\u212aer.example":             gate.AddressAlike,
		"ana@g\u0130thub.example":                  gate.AddressAlike,
		"ana@\uff50aper.example":                   gate.AddressAlike,
		"ana@paper\u3002example":                   gate.AddressAlike,
		"ana@paper\uff0eexample":                   gate.AddressAlike,
		"ana@pa\u017fs.example":                    gate.AddressAlike,
		"ana@\ufb01n.example":                      gate.AddressAlike,
		"ana@\u2100.example":                       gate.AddressAlike,
		"ana@xn--abc-.example":                     gate.AddressDomain,
		"ana@xn--paper.example":                    gate.AddressDomain,
		"ana@xn--.example":                         gate.AddressDomain,
		"ana@xn--a.example":                        gate.AddressDomain,
		"ana@\u0301a.example":                      gate.AddressDomain,
		"ana@☃@.example":                           gate.AddressForm,
		strings.Repeat("l", 65) + "@paper.example": gate.AddressLong,
		strings.Repeat("l", 64) + "@" + long + "." + long + "." + long[:59] + ".de": gate.AddressLong,
		strings.Repeat("l", 64) + "@" + strings.Repeat("ü.", 24) + "de":             gate.AddressLong, // in ASCII
		strings.Repeat("l", 1<<20): gate.AddressLong,
	} {
		got, err := gate.ParseAddress(in)
		var why gate.AddressError
		if !errors.As(err, &why) || why != want || got != (gate.Address{}) {
			t.Errorf("%q: got %+v, %q, want %q", in, got, why, want)
		}
	}
}

// The signs by which accounts were taken over: each spelling is refused or has a key of
// its own.
func TestLookAlikes(t *testing.T) {
	plain := map[string]bool{"mike@github.example": true, "kelvin@kelvin.example": true, "sam@sam.example": true}
	for _, s := range []string{"m\u0131ke@github.example", "mike@g\u0131thub.example", "kelvin@\u212aelvin.example", "\u212aelvin@kelvin.example",
		"\u017fam@sam.example", "sam@\u017fam.example", "mike@\u0261ithub.example", "mike@gith\u03c5b.example", "mike@xn--gthub-n4a.example"} {
		if a, err := gate.ParseAddress(s); err == nil && plain[a.Key] {
			t.Errorf("%q has the key %s", s, a.Key)
		}
	}
}

func TestAddressErrors(t *testing.T) {
	seen := map[string]bool{}
	for _, e := range []gate.AddressError{gate.AddressEmpty, gate.AddressLong, gate.AddressControls, gate.AddressForm, gate.AddressASCII, gate.AddressDomain, gate.AddressAlike} {
		if s := e.Error(); seen[s] || !strings.HasSuffix(s, ".") {
			t.Errorf("%s: %q", string(e), s)
		}
		seen[e.Error()] = true
	}
}

func TestDomains(t *testing.T) {
	d := gate.Domains{Refuse: []string{"throwaway.io", ".Bücher.de", "*.bulk.io"}, Allow: []string{"paper.test", "good.throwaway.io"}}
	for in, want := range map[string]bool{
		"a@paper.de": false, "a@throwaway.io": true, "a@x.throwaway.io": true, "a@notthrowaway.io": false, "a@good.throwaway.io": false,
		"a@bücher.de": true, "a@mail.xn--bcher-kva.de": true, "a@bulk.io": true, "a@example.com": true, "a@mail.EXAMPLE.org": true,
		"a@example.de": false, "a@x.invalid": true, "a@x.test": true, "a@paper.test": false, "a@desk.paper.test": false, "a@x.localhost": true,
		"a@x.onion": true, "a@home.arpa": true, "a@mail.local": true, "a@desk.example": true, "a@myexample.com": false,
	} {
		a, err := gate.ParseAddress(in)
		if err != nil {
			t.Errorf("%s: %v", in, err)
			continue
		}
		if got := d.Refused(a); got != want {
			t.Errorf("%s: refused is %v", in, got)
		}
	}
	if got := d.Check(); got != "" {
		t.Errorf("%q is a domain", got)
	}
	if got := (gate.Domains{Allow: []string{"fine.de", "not a domain"}}).Check(); got != "not a domain" {
		t.Errorf("got %q", got)
	}
	if a, _ := gate.ParseAddress("Ana+x@Paper.DE"); a.Domain() != "paper.de" || a.Local() != "Ana+x" {
		t.Errorf("%q and %q", a.Local(), a.Domain())
	}
}

func FuzzAddress(f *testing.F) {
	for _, s := range []string{"ana@paper.example", "Ana+x@Bücher.example", "a@b,c@d", "ana@\u212aelvin.example", "\"a b\"@c.de", "a@xn--bcher-kva.de", "a@例え.テスト"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := gate.ParseAddress(s)
		if err != nil {
			var why gate.AddressError
			if !errors.As(err, &why) || a != (gate.Address{}) {
				t.Fatalf("%q: %+v, %v", s, a, err)
			}
			return
		}
		for i := range len(a.Typed) {
			if c := a.Typed[i]; c <= ' ' || c >= 0x7f || strings.IndexByte(`"(),:;<>[\]%!`, c) >= 0 {
				t.Fatalf("%q: %q in %q", s, c, a.Typed)
			}
		}
		if len(a.Typed) > 254 || len(a.Local()) > 64 || strings.Count(a.Typed, "@") != 1 || strings.Contains(a.Typed, "..") || a.Key != strings.ToLower(a.Typed) {
			t.Fatalf("%q: %+v", s, a)
		}
		// What was typed before the @ stands there unchanged, and both forms are their own.
		if !strings.HasPrefix(strings.Trim(s, " \t\u00a0\u202f\u3000"), a.Local()+"@") {
			t.Fatalf("%q: local part %q", s, a.Local())
		}
		// No label loses what made it another name.
		_, domain, _ := strings.Cut(strings.Trim(s, " \t\u00a0\u202f\u3000"), "@")
		typed, labels := strings.Split(domain, "."), strings.Split(a.Domain(), ".")
		for i, l := range labels {
			if len(typed) != len(labels) || strings.HasPrefix(l, "xn--") != (strings.HasPrefix(strings.ToLower(typed[i]), "xn--") || strings.ContainsFunc(typed[i], func(r rune) bool { return r > 0x7f })) {
				t.Fatalf("%q: domain %s", s, a.Domain())
			}
		}
		for _, again := range []string{a.Typed, a.Key} {
			if b, err := gate.ParseAddress(again); err != nil || b.Key != a.Key || b.Typed != again {
				t.Fatalf("%q: %q is then %+v, %v", s, again, b, err)
			}
		}
	})
}
