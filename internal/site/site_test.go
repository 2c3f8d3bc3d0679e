package site

import (
	"slices"
	"testing"
)

// Every item stands on exactly one page of a list, and a page that has a number never
// changes again, however many items are added.
func TestCutsKeepOldPages(t *testing.T) {
	const size = 5
	old := map[int][]int{} // page number → items, counted from the oldest
	for n := 0; n <= 60; n++ {
		var all []int
		for _, c := range cuts("/x/", n, size) {
			var items []int
			for i := c.from; i < c.to; i++ {
				items = append(items, n-1-i) // from the oldest: what does not move
			}
			all = append(all, items...)
			if c.number == 0 {
				if len(items) >= 2*size || n >= size && len(items) < size {
					t.Errorf("%d items: %d on the first page", n, len(items))
				}
				continue
			}
			if before, ok := old[c.number]; ok && !slices.Equal(before, items) {
				t.Errorf("%d items: page %d was %v, is %v", n, c.number, before, items)
			}
			old[c.number] = items
		}
		slices.Sort(all)
		if want := slices.Collect(func(yield func(int) bool) {
			for i := range n {
				if !yield(i) {
					return
				}
			}
		}); !slices.Equal(all, want) {
			t.Errorf("%d items: the pages hold %v", n, all)
		}
	}
}

func TestInitialOf(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"J. Duarte", "Ana Duarte", true}, {"A. Duarte", "Ana Duarte", true}, {"A. M. Duarte", "Ana Duarte", true},
		{"Ana Duarte", "A. Duarte", false}, {"Rui Duarte", "Ana Duarte", false}, {"Duarte", "Ana Duarte", false}, {"J. Duarte", "A. Duarte", false},
	} {
		if got := initialOf(c.a, c.b); got != c.want {
			t.Errorf("%s, %s: %v", c.a, c.b, got)
		}
	}
}

func TestNear(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"Marrow", "Marow", false}, {"Petrovic", "Petrovich", true}, {"Anders", "Andres", true}, {"Ashford", "Ashfort", true},
		{"Ana", "Ada", false}, {"Marković", "Markovic", true}, {"Port Hale", "Port Vale", true}, {"Same name", "Same name", false},
	} {
		if got := near(c.a, c.b); got != c.want {
			t.Errorf("%s, %s: %v", c.a, c.b, got)
		}
	}
}

func TestBaseOf(t *testing.T) {
	langs := []string{"en", "fr"}
	for in, want := range map[string]string{
		"content/news/a.md": "news/a", "content/news/a.fr.md": "news/a", "content/fr/news/a.md": "news/a", "content/news/a/index.md": "news/a",
		"content/news/a/index.fr.md": "news/a", "content/news/a.v2.md": "news/a.v2",
	} {
		if got := baseOf(in, langs); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}

func TestElement(t *testing.T) {
	for in, want := range map[string]string{
		"spring-session": "spring-session", "Spring Session": "spring-session", "100%": "100", "a#b": "a-b", "..": "", "été": "ete", "v1.2": "v1.2", "🎉": "",
	} {
		if got := element(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestOutputPath(t *testing.T) {
	for in, want := range map[string]string{"/": "index.html", "/news/": "news/index.html", "/404.html": "404.html"} {
		if got := OutputPath(in); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}
