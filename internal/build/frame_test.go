package build

import (
	"bytes"
	"testing"

	"pressroom/internal/frame"
	"pressroom/internal/layout"
)

// What the gate reads is enough to draw a page of this site, in each of its languages.
func TestFrameFile(t *testing.T) {
	r, _ := newsroom(t)
	f, ok := r.Closed.Get("frame.json")
	if !ok {
		t.Fatal("there is no frame.json")
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	file, err := frame.Decode(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if file.BaseURL != r.Config.BaseURL || file.TimeZone != r.Config.TimeZone || len(file.Topics) != 6 || file.Topics[0].Names["fr"] != "Énergie" {
		t.Errorf("%s, %s, %v", file.BaseURL, file.TimeZone, file.Topics)
	}
	sources := map[string][]byte{}
	for name, text := range file.Layouts {
		sources[name] = []byte(text)
	}
	set, problems := layout.Load(sources)
	if problems.HasErrors() {
		t.Fatal(text(problems))
	}
	for i, want := range []struct{ name, home, logIn string }{{"English", "/", "/account/login"}, {"Français", "/fr/", "/account/login?lang=fr"}} {
		ed := file.Languages[i]
		if ed.Name != want.name || ed.Frame.Home != want.home || ed.Frame.LogIn != want.logIn {
			t.Errorf("%s, %s, %s; want %v", ed.Name, ed.Frame.Home, ed.Frame.LogIn, want)
		}
		view := struct {
			frame.Page
			News   []struct{}
			Search string
		}{Page: frame.Page{Site: ed.Frame, Title: "Nothing"}}
		b.Reset()
		if err := set.Page("404").Execute(&b, view); err != nil {
			t.Error(err)
		}
		for _, part := range []string{ed.Frame.Title, ed.Frame.Menu[0].Text, ed.Frame.T["skip"], ed.Frame.Contacts[0].Email, `<img class="logo" src="/images/logo.svg" alt="" width="48" height="48">`} {
			if !bytes.Contains(b.Bytes(), []byte(part)) {
				t.Errorf("%s: the page lacks %q", ed.Name, part)
			}
		}
	}
}
