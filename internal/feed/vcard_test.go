package feed

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestVCard(t *testing.T) {
	var b strings.Builder
	if err := VCard(&b, Card{Name: "Imke de Boer", Role: "Attachée de presse, énergie; câbles", Organisation: `Meridian \ Council`, Email: "imke@m.example",
		Phone: "+31 70 555 0143", URL: "https://p.example/contacts/"}); err != nil {
		t.Fatal(err)
	}
	want := strings.ReplaceAll(`BEGIN:VCARD
VERSION:3.0
PRODID:-//Pressroom//press//EN
FN:Imke de Boer
N:Imke de Boer;;;;
ORG:Meridian \\ Council
TITLE:Attachée de presse\, énergie\; câbles
EMAIL;TYPE=INTERNET,WORK:imke@m.example
TEL;TYPE=WORK,VOICE:+31 70 555 0143
URL:https://p.example/contacts/
END:VCARD
`, "\n", "\r\n")
	if got := b.String(); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

// What a contact does not have is not there, and no text can begin a line of its own.
func TestVCardKeepsToItsLines(t *testing.T) {
	var b strings.Builder
	if err := VCard(&b, Card{Name: "Desk\r\nTEL:1\rx\x00y"}); err != nil {
		t.Fatal(err)
	}
	if got := strings.Count(b.String(), "\r\n"); got != 6 {
		t.Errorf("%d lines:\n%s", got, b.String())
	}
	if !strings.Contains(b.String(), `FN:Desk\nTEL:1\nxy`) {
		t.Errorf("no name in\n%s", b.String())
	}
}

// A folded line has at most 75 octets, cuts no character, and reads as before.
func TestFold(t *testing.T) {
	for _, unit := range []string{"a", "é", "汉", "😀"} {
		for n := range 160 {
			long := "X:" + strings.Repeat(unit, n)
			folded := fold(long)
			for part := range strings.SplitSeq(strings.TrimSuffix(folded, "\r\n"), "\r\n") {
				if len(part) > 75 || !utf8.ValidString(part) {
					t.Fatalf("%d octets: %q", len(part), part)
				}
			}
			if got := strings.TrimSuffix(strings.ReplaceAll(folded, "\r\n ", ""), "\r\n"); got != long {
				t.Fatalf("unfolds to %q", got)
			}
		}
	}
}
