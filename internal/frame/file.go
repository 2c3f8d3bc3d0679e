package frame

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Version of the file's form. A reader refuses a version that it does not know.
const Version = 2

// File is what the gate must know of the site to make pages that belong to it.
type File struct {
	Version   int               `json:"version"`
	BaseURL   string            `json:"baseURL"`
	TimeZone  string            `json:"timeZone"`  // IANA
	Languages []Edition         `json:"languages"` // the default first; at least one
	Topics    []Topic           `json:"topics"`    // in the order of site.yaml
	Layouts   map[string]string `json:"layouts"`   // by path below layouts/, as layout.Load takes them
}

// Edition is the site in one language.
type Edition struct {
	Name  string `json:"name"` // of the language, in that language: "Français"
	Frame *Frame `json:"frame"`
}

// Topic is what news are about, for those who follow it.
type Topic struct {
	Slug  string            `json:"slug"`
	Names map[string]string `json:"names"` // by language, one for each of the site's
}

// Encode writes the file's bytes, the same for the same file.
func (f *File) Encode() ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // it is mostly HTML, and never part of any
	e.SetIndent("", "  ")
	err := e.Encode(f)
	return b.Bytes(), err
}

// Decode reads the file's bytes. The numbers in Params come back as float64.
func Decode(b []byte) (*File, error) {
	f := &File{}
	if err := json.Unmarshal(b, f); err != nil {
		return nil, fmt.Errorf("read frame: %w", err)
	}
	if f.Version != Version {
		return nil, fmt.Errorf("read frame: version %d, want %d; build the site with this release of press", f.Version, Version)
	}
	if len(f.Languages) == 0 {
		return nil, fmt.Errorf("read frame: it has no language")
	}
	for i, ed := range f.Languages {
		if ed.Frame == nil || ed.Frame.Lang == "" {
			return nil, fmt.Errorf("read frame: language %d has no frame", i+1)
		}
		ed.Frame.Seal()
	}
	return f, nil
}
