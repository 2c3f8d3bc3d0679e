package frame

import (
	"bytes"
	"flag"
	"os"
	"reflect"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite testdata/frame.json")

// sample has something in every field that a page can show.
func sample() *File {
	frame := func(lang, home, title string) *Frame {
		f := &Frame{
			Lang: lang, Dir: "ltr", Title: title, Description: "News & <views>", Home: home, Logo: "/images/logo.svg", LogoDark: "/images/dark.svg", LogoSize: Size{48, 48}, LogoDarkSize: Size{96, 48}, AllContacts: home + "contacts/", FeedsPage: home + "feeds/", Corrections: home + "corrections/", Accent: "#0b4f9e",
			Organisation: Organisation{Name: "Harbour Council", Address: "Quay 1", URL: "https://harbour.example", Boilerplate: "About"},
			Menu:         []MenuItem{{Link{"News", home + "news/"}, "news"}},
			FooterMenu:   []MenuItem{{Link{"Terms", home + "terms/"}, "terms"}},
			Contacts:     []Contact{{Name: "Ana", Role: "Desk", Email: "ana@harbour.example", Phone: "+31 70 555", PhoneURL: "tel:+3170555", Languages: []string{"English"}, Speaks: "English", Hours: "Daily", Card: home + "contacts/desk.vcf"}},
			T:            map[string]string{"home": "Home", "log_in": "Se connecter"},
			Styles:       map[string]Asset{"press": {"/assets/press-1.css", "sha256-x"}}, LogIn: "/account/login", DefaultLocale: "en_GB",
			Params: map[string]any{"motto": "semper", "deep": map[string]any{"list": []any{"a", true}}},
		}
		f.Seal()
		return f
	}
	return &File{
		Version: Version, BaseURL: "https://press.harbour.example", TimeZone: "Europe/Amsterdam",
		Languages: []Edition{{"English", frame("en", "/", "Harbour press")}, {"Français", frame("fr", "/fr/", "Presse du port")}},
		Topics:    []Topic{{"water", map[string]string{"en": "Water", "fr": "Eaux"}}},
		Layouts:   map[string]string{"base.html": "<!doctype html>\n{{block \"main\" .}}{{end}}", "account/login.html": "{{define \"main\"}}<p>&amp;</p>{{end}}"},
	}
}

// testdata/frame.json is what one wing writes and the other reads.
func TestFile(t *testing.T) {
	f := sample()
	got, err := f.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("testdata/frame.json", got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/frame.json")
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%v\ngot  %s\nwant %s", err, got, want)
	}
	back, err := Decode(want)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(back, f) { // the keys of the frames among the rest
		t.Errorf("%+v", back)
	}
	if f.Languages[0].Frame.MemoKey().IsZero() || f.Languages[0].Frame.MemoKey() == f.Languages[1].Frame.MemoKey() {
		t.Error("two frames have one key")
	}
}

func TestDecodeRefuses(t *testing.T) {
	for _, s := range []string{"", "{", "[]", `{"languages":[{"frame":{"Lang":"en"}}]}`, `{"version":1,"languages":[{"frame":{"Lang":"en"}}]}`,
		`{"version":2}`, `{"version":2,"languages":[{"name":"English"}]}`, `{"version":2,"languages":[{"frame":{}}]}`} {
		if _, err := Decode([]byte(s)); err == nil {
			t.Errorf("%q is taken for a frame", s)
		} else if !strings.HasPrefix(err.Error(), "read frame: ") {
			t.Error(err)
		}
	}
}
