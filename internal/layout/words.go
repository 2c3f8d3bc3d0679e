package layout

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"pressroom/internal/node"
	"pressroom/internal/report"
)

// loadWords reads i18n/LANG.yaml: flat, a word or phrase by key.
func loadWords(files map[string][]byte) (map[string]map[string]string, report.List) {
	words := map[string]map[string]string{}
	var problems report.List
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if path.Dir(name) != "i18n" || path.Ext(name) != ".yaml" {
			continue
		}
		src := report.Source{Path: "layouts/" + name, Text: files[name]}
		root, bad := node.ParseYAML(src, files[name], 1)
		problems.Add(bad...)
		m := map[string]string{}
		if root != nil {
			d := node.Decoder{Source: src}
			d.Decode(root, &m)
			problems.Add(d.Problems...)
		}
		words[strings.TrimSuffix(path.Base(name), ".yaml")] = m
	}
	return words, problems
}

// Words returns the words of the interface in a language: from its file, else from
// that of the language without region, with what is missing in English and a warning
// for it.
func (s *Set) Words(lang string) (map[string]string, report.List) {
	base, _, _ := strings.Cut(lang, "-")
	out := maps.Clone(s.words["en"])
	if out == nil {
		out = map[string]string{}
	}
	own := s.words[lang]
	if own == nil {
		own = s.words[base]
	}
	if own == nil {
		return out, report.List{{Path: "layouts/i18n/" + lang + ".yaml", Severity: report.Warning, Name: "missing-words",
			Text: fmt.Sprintf("the words of the interface are not there in %q", lang), Hint: "copy layouts/i18n/en.yaml and translate it"}}
	}
	maps.Copy(out, own)
	var missing []string
	for key := range s.words["en"] {
		if _, ok := own[key]; !ok {
			missing = append(missing, key)
		}
	}
	if len(missing) == 0 {
		return out, nil
	}
	slices.Sort(missing)
	return out, report.List{{Path: "layouts/i18n/" + lang + ".yaml", Severity: report.Warning, Name: "missing-words",
		Text: "no words for " + strings.Join(missing, ", "), Hint: "the English ones stand in for them"}}
}
