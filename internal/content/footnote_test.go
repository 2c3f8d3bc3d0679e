package content

import (
	"bytes"
	"regexp"
	"slices"
	"testing"
)

// Each place that refers to a note has an id of its own, and both ways of the link lead
// somewhere.
func TestFootnotes(t *testing.T) {
	var b bytes.Buffer
	if err := newMarkdown("en").Convert([]byte("One[^a], two[^b], one again[^a].\n\n[^a]: The first.\n[^b]: The second.\n"), &b); err != nil {
		t.Fatal(err)
	}
	var ids, links []string
	for _, m := range regexp.MustCompile(`(id="|href="#)([^"]*)"`).FindAllStringSubmatch(b.String(), -1) {
		if m[1] == `id="` {
			ids = append(ids, m[2])
		} else {
			links = append(links, m[2])
		}
	}
	slices.Sort(ids)
	if want := []string{"fn-1", "fn-2", "fnref-1", "fnref-1-1", "fnref-2"}; !slices.Equal(ids, want) {
		t.Errorf("the ids are %q, want %q", ids, want)
	}
	for _, l := range links {
		if !slices.Contains(ids, l) {
			t.Errorf("#%s leads nowhere", l)
		}
	}
	if len(links) != 6 {
		t.Errorf("%d links, want 6: %s", len(links), b.String())
	}
}
