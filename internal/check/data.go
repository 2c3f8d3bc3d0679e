package check

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
)

// document is what an index.json says of its page.
type document struct {
	ID       string `json:"id"`
	Language string `json:"language"`
}

func readJSON(p *paper, data []byte) {
	if !json.Valid(data) {
		p.fail(fault{name: "bad-json", text: "the JSON cannot be read: " + jsonError(data)})
		return
	}
	if p.ref != nil {
		_ = json.Unmarshal(data, &p.doc) // what has another form has no id
	}
}

// jsonError says what is wrong with JSON, and after how many bytes.
func jsonError(data []byte) string {
	var v any
	err := json.Unmarshal(data, &v)
	var e *json.SyntaxError
	if errors.As(err, &e) {
		return fmt.Sprintf("%s, byte %d", e, e.Offset)
	}
	return fmt.Sprint(err)
}

// readXML wants one element with all that is in it closed.
func readXML(p *paper, data []byte) {
	d := xml.NewDecoder(bytes.NewReader(data))
	d.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil } // its signs are not our matter
	elements := 0
	for {
		t, err := d.Token()
		if err == io.EOF && elements > 0 {
			return
		}
		if err != nil {
			text := err.Error()
			if err == io.EOF {
				text = "it is empty"
			}
			p.fail(fault{name: "bad-xml", text: "the XML is not well formed: " + text})
			return
		}
		if _, ok := t.(xml.StartElement); ok {
			elements++
		}
	}
}
