//go:build e2e

package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"pressroom/internal/testkit/axe"
)

// axeSource is axe-core. It must be there in CI; elsewhere pages go unjudged without it.
func axeSource(t testing.TB) string {
	t.Helper()
	source, err := axe.Source()
	if err != nil && os.Getenv("CI") != "" {
		t.Fatal(err)
	}
	if err != nil {
		t.Logf("pages are not judged: %v", err)
	}
	return source
}

// sizes and schemes are how each page is looked at.
var (
	sizes   = []struct{ width, height int }{{1280, 800}, {320, 640}}
	schemes = []string{"light", "dark"}
)

// judged are the pages that axe has seen, in whatever test: a page in a state is judged once.
var judged sync.Map

// judge has axe-core look at a page at each size and in light and dark: WCAG 2.2 A and AA
// and its best practices. What has nothing to do with colours is the same in the dark, so
// there it judges the contrast alone.
func (r *reader) judge(state string) {
	r.Helper()
	source := axeSource(r)
	if source == "" {
		return
	}
	if _, done := judged.LoadOrStore(r.lang+" "+state, true); done {
		return
	}
	axe.Load(r.Tab, source)
	for _, scheme := range schemes {
		for _, size := range sizes {
			// The pages of another language differ by their words: how those fit shows
			// where it is narrow.
			if r.lang != "en" && (scheme != "light" || size.width > 320) {
				continue
			}
			r.Look(size.width, size.height, scheme)
			rules := axe.All
			if scheme == "dark" {
				rules = axe.Contrast
			}
			got := axe.Faults(r.Tab, rules)
			if got != "" {
				r.Errorf("%s %s %d px %s:\n%s", r.lang, state, size.width, scheme, got)
			}
		}
	}
	r.Look(1000, 700, "light")
}

// picture paints the page for people to look at.
func (r *reader) picture(state string) {
	r.Helper()
	dir := os.Getenv("E2E_PICTURES")
	if dir == "" {
		return
	}
	must(r, os.MkdirAll(dir, 0o755))
	for _, scheme := range schemes {
		for _, width := range []int{360, 768, 1280} {
			r.Look(width, 700, scheme)
			name := strings.ReplaceAll(fmt.Sprintf("%02d-%s-%s-%d-%s.png", r.steps, state, r.lang, width, scheme), "/", "-")
			must(r, os.WriteFile(filepath.Join(dir, name), r.Picture(), 0o644))
		}
	}
	r.Look(1000, 700, "light")
}
