// Package catalogue is the file by which the generator tells the gate which downloads
// exist. Press writes it to closed/catalogue.json; the gate reads it, again whenever it
// changes. It is the only code that both share for it.
package catalogue

import (
	"encoding/json"
	"fmt"
	"time"
)

// Version of the file's form. A reader refuses a version that it does not know.
const Version = 1

// File is the whole catalogue.
type File struct {
	Version   int        `json:"version"`
	Downloads []Download `json:"downloads"` // sorted by id
}

// Download is one file that needs an account.
type Download struct {
	ID        string    `json:"id"`                 // "<video id>/<rendition name>"
	Title     string    `json:"title"`              // of the video
	Page      string    `json:"page"`               // path of the video's page
	File      string    `json:"file"`               // path below the folder of masters, or object key
	Type      string    `json:"type"`               // media type
	Bytes     int64     `json:"bytes"`              //
	SHA256    string    `json:"sha256"`             // hexadecimal
	Access    string    `json:"access"`             // "account"
	NotBefore time.Time `json:"notBefore,omitzero"` // refuse before
	NotAfter  time.Time `json:"notAfter,omitzero"`  // refuse from then on
}

// Encode writes the file's bytes, the same for the same catalogue.
func (f *File) Encode() ([]byte, error) {
	b, err := json.MarshalIndent(f, "", "  ")
	return append(b, '\n'), err
}

// Decode reads the file's bytes.
func Decode(b []byte) (*File, error) {
	f := &File{}
	if err := json.Unmarshal(b, f); err != nil {
		return nil, fmt.Errorf("read catalogue: %w", err)
	}
	if f.Version != Version {
		return nil, fmt.Errorf("read catalogue: version %d, want %d; build the site with this release of press", f.Version, Version)
	}
	return f, nil
}
