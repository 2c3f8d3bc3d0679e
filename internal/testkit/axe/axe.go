// Package axe has axe-core (MPL-2.0) judge the page that a browser shows. In goes a tab;
// out comes what is wrong for WCAG 2.0 to 2.2, A and AA, and for axe's best practices.
package axe

import (
	"os"
	"path/filepath"
	"sync"

	"pressroom/internal/testkit/chromium"
	"pressroom/internal/testkit/npm"
)

// Source is the script, which npm brings once.
var Source = sync.OnceValues(func() (string, error) {
	dir, err := npm.Dir("axe")
	if err != nil {
		return "", err
	}
	b, err := os.ReadFile(filepath.Join(dir, "node_modules", "axe-core", "axe.min.js"))
	return string(b), err
})

// Rules are what is looked at.
type Rules string

const (
	All      Rules = `["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]`
	Contrast Rules = `{ type: "rule", values: ["color-contrast"] }` // all that differs between light and dark
)

// Load brings axe into the page that is shown.
func Load(t *chromium.Tab, source string) {
	t.Helper()
	t.Is(source+"; typeof axe.run", "function")
}

// Faults is what is wrong with the page as it looks now, a fault a line, or "". A page
// that must be moved sideways is wrong, too (WCAG 1.4.10). No rule of ours needs the
// stylesheets fetched again, which axe would do.
func Faults(t *chromium.Tab, rules Rules) string {
	t.Helper()
	return t.Text(`axe.run(document, { runOnly: ` + string(rules) + `, resultTypes: ["violations"], preload: false }).then((found) => [
		...found.violations.map((v) => v.id + ": " + v.help + " " + v.nodes.map((n) => n.html + " " + (n.failureSummary ?? "")).join(" | ").replaceAll("\n", " ")),
		...(document.documentElement.scrollWidth > innerWidth ? ["wider than the screen"] : []),
	].join("\n"))`)
}
