package gate

import (
	"bytes"
	"crypto/rand"
	"testing"
)

func testKeys(t *testing.T, b byte) *Keys {
	t.Helper()
	k, err := NewKeys(bytes.Repeat([]byte{b}, MasterSize))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestKeysDiffer(t *testing.T) {
	k, other := testKeys(t, 1), testKeys(t, 2)
	all := map[string]string{
		"address":  string(k.Tag("address", "a@b.org")),
		"network":  string(k.Tag("network", "a@b.org")),
		"other":    string(other.Tag("address", "a@b.org")),
		"account":  k.Pseudonym("a@b.org"),
		"code":     k.pepperCode([]byte("flow"), 1, "123456"),
		"flow":     k.pepperCode([]byte("flow2"), 1, "123456"),
		"next":     k.pepperCode([]byte("flow"), 2, "123456"),
		"form":     k.formToken("f", FlowRegister, "a@b.org"),
		"formkind": k.formToken("f", FlowReset, "a@b.org"),
		"shifted":  k.formToken("fr", FlowKind("egister"), "a@b.org"),
	}
	seen := map[string]string{}
	for name, v := range all {
		if other, ok := seen[v]; ok {
			t.Errorf("%s and %s are the same", name, other)
		}
		seen[v] = name
	}
}

func TestSealedLetter(t *testing.T) {
	k := testKeys(t, 1)
	want := sealed{To: "ines@newsdesk.press", Language: "fr", Data: map[string]string{"code": "012345"}}
	b, err := k.sealLetter(rand.Reader, "letter1", want)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(b, []byte("ines")) || bytes.Contains(b, []byte("012345")) {
		t.Error("a sealed letter can be read")
	}
	got, err := k.openLetter("letter1", b)
	if err != nil || got.To != want.To || got.Data["code"] != "012345" {
		t.Errorf("opened %v, %v", got, err)
	}
	if _, err := k.openLetter("letter2", b); err == nil {
		t.Error("a letter opens as another")
	}
	if _, err := testKeys(t, 2).openLetter("letter1", b); err == nil {
		t.Error("a letter opens with another key")
	}
	for i := range b {
		c := bytes.Clone(b)
		c[i] ^= 1
		if _, err := k.openLetter("letter1", c); err == nil {
			t.Fatalf("a letter opens with byte %d changed", i)
		}
	}
}
