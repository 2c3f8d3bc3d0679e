package check

import (
	"slices"

	"pressroom/internal/report"
	"pressroom/internal/site"
)

// Stricter makes an error of what a build only warns of: a video that is public, or
// will be, has captions or a captions-waiver with the reason (WCAG 2.2, 1.2.2). An
// editor may build without them and add them later; a release must not pass.
func Stricter(l report.List, held []site.Held) report.List {
	out := slices.Clone(l)
	for i, p := range out {
		if p.Name == "missing-captions" && !slices.ContainsFunc(held, func(h site.Held) bool {
			return h.Source == p.Path && (h.Why == "draft" || h.Why == "expired")
		}) {
			out[i].Severity = report.Error
		}
	}
	return out
}
