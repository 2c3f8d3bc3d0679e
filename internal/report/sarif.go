package report

import (
	"encoding/json"
	"io"
	"net/url"
	"path"
	"slices"
)

// What follows is as much of SARIF 2.1.0 (OASIS Standard, 27 March 2020) as a list of
// problems needs; the field names are the standard's.

const sarifSchema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

type sarifLog struct {
	Schema  string     `json:"$schema"`
	Version string     `json:"version"`
	Runs    []sarifRun `json:"runs"`
}

type sarifRun struct {
	Tool struct {
		Driver sarifDriver `json:"driver"`
	} `json:"tool"`
	ColumnKind string        `json:"columnKind"` // section 3.14.17: ours count characters
	Results    []sarifResult `json:"results"`
}

type sarifDriver struct {
	Name    string      `json:"name"`
	Version string      `json:"version,omitempty"`
	Rules   []sarifRule `json:"rules"`
}

type sarifRule struct {
	ID    string       `json:"id"`
	Short sarifMessage `json:"shortDescription"`
}

type sarifMessage struct {
	Text string `json:"text"`
}

type sarifResult struct {
	Rule      string          `json:"ruleId"`
	RuleIndex int             `json:"ruleIndex"`
	Level     string          `json:"level"`
	Message   sarifMessage    `json:"message"`
	Locations []sarifLocation `json:"locations"`
}

type sarifLocation struct {
	Physical struct {
		Artifact struct {
			URI string `json:"uri"`
		} `json:"artifactLocation"`
		Region *sarifRegion `json:"region,omitempty"`
	} `json:"physicalLocation"`
	Logical []sarifLogical `json:"logicalLocations,omitempty"`
}

type sarifRegion struct {
	StartLine   int `json:"startLine"`
	StartColumn int `json:"startColumn,omitempty"`
	EndColumn   int `json:"endColumn,omitempty"`
}

type sarifLogical struct {
	Name string `json:"fullyQualifiedName"`
	Kind string `json:"kind"`
}

// WriteSARIF writes problems as one SARIF 2.1.0 log. A problem's name is its rule;
// version is that of press, dir where the site folder lies in the repository, "" for
// its root.
func WriteSARIF(w io.Writer, l List, version, dir string) error {
	run := sarifRun{ColumnKind: "unicodeCodePoints", Results: []sarifResult{}}
	run.Tool.Driver = sarifDriver{Name: "press", Version: version, Rules: []sarifRule{}}
	var names []string
	for _, p := range l {
		names = append(names, p.Name)
	}
	slices.Sort(names)
	names = slices.Compact(names)
	for _, name := range names {
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRule{name, sarifMessage{Names[name]}})
	}
	for _, p := range l {
		text := p.Text
		if p.Hint != "" {
			text += "\nhint: " + p.Hint
		}
		rule, _ := slices.BinarySearch(names, p.Name)
		run.Results = append(run.Results, sarifResult{p.Name, rule, p.Severity.String(), sarifMessage{text}, []sarifLocation{p.sarif(dir)}})
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(sarifLog{sarifSchema, "2.1.0", []sarifRun{run}})
}

// sarif is the place of a problem. Code hosts show only what lies in a file, so what
// is at an address of the finished site is shown at site.yaml, which every site has,
// with the address beside it.
func (p Problem) sarif(dir string) (l sarifLocation) {
	file := p.Path
	if !p.inFile() {
		file = "site.yaml"
		if p.Path != "" {
			l.Logical = []sarifLogical{{p.Path, "resource"}}
		}
	}
	l.Physical.Artifact.URI = (&url.URL{Path: path.Join(dir, file)}).String()
	if !p.inFile() || p.Line == 0 {
		return l
	}
	r := &sarifRegion{StartLine: p.Line}
	if p.Col > 0 {
		r.StartColumn, r.EndColumn = p.Col, p.Col+max(p.Len, 1)
	}
	l.Physical.Region = r
	return l
}
