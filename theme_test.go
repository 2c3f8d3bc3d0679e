package pressroom_test

import (
	"bytes"
	"compress/gzip"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pressroom"
	"pressroom/internal/asset"
	"pressroom/internal/layout"
)

// layouts reads the layouts of the theme, by path below layouts/.
func layouts(t *testing.T) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	err := fs.WalkDir(pressroom.Theme, "layouts", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files[strings.TrimPrefix(p, "layouts/")], err = fs.ReadFile(pressroom.Theme, p)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func stylesheet(t *testing.T) []byte {
	t.Helper()
	css, err := fs.ReadFile(pressroom.Theme, "static/css/press.css")
	if err != nil {
		t.Fatal(err)
	}
	return css
}

func TestLayoutsLoad(t *testing.T) {
	_, problems := layout.Load(layouts(t))
	for _, p := range problems {
		t.Error(p)
	}
}

// Every language has all words, and every word that a layout asks for by name is there.
func TestWords(t *testing.T) {
	files := layouts(t)
	set, _ := layout.Load(files)
	en, _ := set.Words("en")
	for name := range files {
		if path.Dir(name) != "i18n" {
			continue
		}
		lang := strings.TrimSuffix(path.Base(name), ".yaml")
		words, problems := set.Words(lang)
		for _, p := range problems {
			t.Error(p)
		}
		for _, key := range slices.Sorted(maps.Keys(words)) {
			if _, ok := en[key]; !ok {
				t.Errorf("%s has %q, which en.yaml has not", name, key)
			}
			if strings.TrimSpace(words[key]) == "" {
				t.Errorf("%s: %q is empty", name, key)
			}
		}
	}
	asked := regexp.MustCompile(`\.T\.([a-z0-9_]+)`)
	for name, src := range files {
		for _, m := range asked.FindAllSubmatch(src, -1) {
			if _, ok := en[string(m[1])]; !ok {
				t.Errorf("%s asks for the word %q, which en.yaml has not", name, m[1])
			}
		}
	}
}

// French sets a space that does not break before high punctuation and inside guillemets.
func TestFrenchSpaces(t *testing.T) {
	set, _ := layout.Load(layouts(t))
	words, _ := set.Words("fr")
	wrong := regexp.MustCompile(` [:;?!»]|« |\pL[;?!»]|'`)
	for key, word := range words {
		if m := wrong.FindString(word); m != "" {
			t.Errorf("%s: %q in %q", key, m, word)
		}
	}
}

// The site is served under a policy that runs no inline script and no inline style.
func TestNothingInline(t *testing.T) {
	inline := regexp.MustCompile(`(?i)<style|\sstyle=|\son[a-z]+=|javascript:|<script(?: type="application/ld\+json"| src="(?:/|\{\{\.URL\}\}"))?`)
	for name, src := range layouts(t) {
		for _, m := range inline.FindAllString(string(src), -1) {
			if m != `<script type="application/ld+json"` && m != `<script src="/` && m != `<script src="{{.URL}}"` {
				t.Errorf("%s: %q is inline", name, m)
			}
		}
	}
}

// One stylesheet of at most 8 KB is what a reader on a slow line can wait for.
func TestStylesheetIsSmall(t *testing.T) {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, _ = w.Write(asset.Shrink("press.css", stylesheet(t)))
	_ = w.Close()
	if out.Len() > 8<<10 {
		t.Errorf("press.css has %d bytes compressed, of 8192", out.Len())
	}
}

// Logical properties only, so that pages written from right to left need no second sheet.
func TestStylesheetHasNoSides(t *testing.T) {
	sides := regexp.MustCompile(`[{;\s](?:(?:margin|padding|border)-(?:left|right|top|bottom)[a-z-]*|left|right|top|bottom|(?:min-|max-)?(?:width|height)|float)\s*:|text-align:\s*(?:left|right)`)
	for i, line := range strings.Split(string(stylesheet(t)), "\n") {
		if m := sides.FindString(line); m != "" {
			t.Errorf("press.css:%d: %s", i+1, strings.TrimSpace(m))
		}
	}
}
