package output

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"io"
	"slices"
	"strconv"
)

// The manifest is JSON with one file a line, so that two of them can be compared
// by eye: {"files":[ {"path":…,"bytes":…,"sha256":…}, … ]}

func encodeManifest(items []item) []byte {
	b := make([]byte, 0, 64+len(items)*160)
	b = append(b, `{"files":[`...)
	sep := "\n"
	for i := range items {
		it := &items[i]
		if it.path == ManifestName {
			continue
		}
		b = append(append(b, sep...), `{"path":`...)
		b = appendJSON(b, it.path)
		b = strconv.AppendInt(append(b, `,"bytes":`...), it.size, 10)
		b = hex.AppendEncode(append(b, `,"sha256":"`...), it.sum[:])
		b = append(b, `"}`...)
		sep = ",\n"
	}
	return append(b, "\n]}\n"...)
}

func appendJSON(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			var buf bytes.Buffer
			enc := json.NewEncoder(&buf)
			enc.SetEscapeHTML(false)
			if enc.Encode(s) != nil {
				panic("output: a string that is not JSON") // no string fails to encode
			}
			return append(b, bytes.TrimSuffix(buf.Bytes(), []byte("\n"))...)
		}
	}
	return append(append(append(b, '"'), s...), '"')
}

// decodeManifest returns the paths that a manifest on disk claims for us, sorted,
// and whether it is a manifest of ours at all. Anybody may have written or
// shortened it: what is read before the first mistake counts, paths that lead
// elsewhere do not.
func decodeManifest(r io.Reader) (paths []string, ours bool) {
	d := json.NewDecoder(r)
	for _, want := range []json.Token{json.Delim('{'), "files", json.Delim('[')} {
		if got, err := d.Token(); err != nil || got != want {
			return nil, false
		}
	}
	for d.More() {
		var f struct{ Path, SHA256 string }
		if d.Decode(&f) != nil {
			return claims(paths)
		}
		if sum, err := hex.DecodeString(f.SHA256); err != nil || len(sum) != 32 {
			continue
		}
		if checkPath(f.Path) == nil && f.Path != ManifestName {
			paths = append(paths, f.Path)
		}
	}
	if end, err := d.Token(); err == nil && end == json.Delim(']') && len(paths) == 0 {
		return nil, true // our list of nothing
	}
	return claims(paths)
}

// claims sorts paths. Without any, a manifest is a stranger's list of other things.
func claims(paths []string) ([]string, bool) {
	slices.Sort(paths)
	return slices.Compact(paths), len(paths) > 0
}
