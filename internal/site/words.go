package site

import (
	"fmt"
	"slices"
	"strings"

	"pressroom/internal/report"
)

// count writes a number of things: the word for them has a form for each plural of the
// language, as items_one and items_other in layouts/i18n; %s in it is the number.
func (ed *edition) count(word string, n int) string {
	form := ed.t[word+"_"+ed.Plural(n)]
	if form == "" {
		form = ed.t[word+"_other"]
	}
	return strings.ReplaceAll(form, "%s", ed.Number(float64(n), 0))
}

// counted are the words that have plurals.
var counted = []string{"items", "videos_n"}

// checkPlurals warns of the forms that a language has and its file does not. All
// languages have "other", for which package layout looks.
func (s *Site) checkPlurals(ed *edition) {
	var missing []string
	for _, word := range counted {
		for _, form := range ed.Plurals() {
			if key := word + "_" + form; ed.t[word+"_other"] != "" && ed.t[key] == "" {
				missing = append(missing, key)
			}
		}
	}
	if len(missing) > 0 {
		slices.Sort(missing)
		s.problem(report.Problem{Path: "layouts/i18n/" + ed.Lang + ".yaml", Severity: report.Warning, Name: "missing-words",
			Text: "no words for " + strings.Join(missing, ", "), Hint: fmt.Sprintf("the numbers of this language take %s", ed.List(ed.Plurals()))})
	}
}
