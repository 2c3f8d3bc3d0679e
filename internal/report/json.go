package report

import "encoding/json"

// MarshalJSON writes a problem as every --json does. The field names are a contract
// with CI scripts and editors: add, never rename.
func (p Problem) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Path     string `json:"path,omitempty"`
		Line     int    `json:"line,omitempty"`
		Col      int    `json:"col,omitempty"`
		Len      int    `json:"len,omitempty"`
		Severity string `json:"severity"`
		Name     string `json:"name"`
		Text     string `json:"text"`
		Hint     string `json:"hint,omitempty"`
	}{p.Path, p.Line, p.Col, p.Len, p.Severity.String(), p.Name, p.Text, p.Hint})
}

// MarshalJSON writes a list, [] when it is empty: a script that counts problems need
// not know of null.
func (l List) MarshalJSON() ([]byte, error) {
	if l == nil {
		l = List{}
	}
	return json.Marshal([]Problem(l))
}
