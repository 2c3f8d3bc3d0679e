package asset

import (
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"testing"
)

func TestMake(t *testing.T) {
	a := Make("press.css", []byte("p {\n  color: red;\n}\n"))
	if got := string(a.Data); got != "p{color:red}" {
		t.Errorf("not minified: %q", got)
	}
	sum := sha256.Sum256(a.Data)
	if want := "sha256-" + base64.StdEncoding.EncodeToString(sum[:]); a.Integrity != want {
		t.Errorf("integrity %s, want %s: that of the bytes that are sent", a.Integrity, want)
	}
	if !strings.HasPrefix(a.URL, "/assets/press-") || !strings.HasSuffix(a.URL, ".css") {
		t.Errorf("URL %s", a.URL)
	}
	if same := Make("press.css", []byte("p{color:red}")); same.URL != a.URL {
		t.Errorf("the same bytes at %s and %s", a.URL, same.URL)
	}
	if other := Make("press.css", []byte("p{color:blue}")); other.URL == a.URL {
		t.Errorf("other bytes at the same address, %s", a.URL)
	}
}

func TestShrinkLeavesWhatItCannotRead(t *testing.T) {
	for _, text := range []string{"let = = ;", "\x00"} {
		if got := string(Shrink("a.js", []byte(text))); got != text {
			t.Errorf("%q became %q", text, got)
		}
	}
}
