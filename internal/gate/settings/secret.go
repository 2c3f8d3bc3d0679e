package settings

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"regexp"
	"runtime"
	"strings"
	"unicode/utf8"

	"pressroom/internal/report"
)

// maxSecret is larger than any key or password.
const maxSecret = 64 << 10

// always and never tell whether what stands under a key is a secret.
func always(string) bool { return true }
func never(string) bool  { return false }

// secret is a value that stands under a key or in the file that another key names, with
// the place of the one that counted: the environment's before the file's. One that stands
// in gate.yaml itself is warned of, when it is one, and so is a file of it that everybody
// may read.
func (c *checker) secret(key string, v given[string], fileKey string, file given[string], isSecret func(string) bool) (string, place) {
	switch {
	case v.set && file.set && v.inFile() == file.inFile():
		c.fault(file.place, "keep "+fileKey, "both %s and %s are given", key, fileKey)
		return "", file.place
	case v.set && (!file.set || file.inFile()):
		if v.inFile() && isSecret(v.value) {
			p := v.src.At(v.pos.Line, v.pos.Col, v.pos.Len, "secret", fmt.Sprintf("the %s stands in gate.yaml itself", key),
				fmt.Sprintf("put it into a file that the gate alone may read, and name that by %s", fileKey))
			p.Snippet = "" // even masked it would tell how long it is
			c.problems.Add(p.Warn())
		}
		return v.value, v.place
	case !file.ok():
		return "", file.place
	}
	text, mode, err := readSecret(c.path(file.value))
	switch {
	case err != nil:
		c.fault(file.place, "", "%s: %q cannot be read: %s", fileKey, file.value, reason(err))
	case text == "":
		c.fault(file.place, "", "%s: %q is empty", fileKey, file.value)
	case mode&0o004 != 0 && runtime.GOOS != "windows":
		c.problems.Add(file.src.At(file.pos.Line, file.pos.Col, file.pos.Len, "secret",
			fmt.Sprintf("everybody on this machine may read %q", file.value), "chmod o= "+file.value).Warn())
	}
	return text, file.place
}

// readSecret reads a file that holds one secret; the line ends after it are none of it.
func readSecret(path string) (string, fs.FileMode, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", 0, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return "", 0, err
	}
	b, err := io.ReadAll(io.LimitReader(f, maxSecret+1))
	switch {
	case err != nil:
		return "", 0, err
	case len(b) > maxSecret:
		return "", 0, fmt.Errorf("it has more than %d bytes", maxSecret)
	}
	return strings.TrimRight(string(b), "\r\n"), info.Mode(), nil
}

var (
	// secretLine finds what follows a key that may hold a secret, however it is spelt: the
	// problem may be that it is misspelt.
	secretLine = regexp.MustCompile(`(?i)((?:pas+w|secret|acces+[-_]?key|token)[\w-]*["']?\s*:\s*)(\S.*)$`)
	secretURL  = regexp.MustCompile(`(://)([^\s]*)(@)`)
	namesFile  = regexp.MustCompile(`(?i)file["']?\s*:\s*$`)
)

// masked covers the secrets in the lines that problems quote, sign by sign, so that the
// caret below still points to its place.
func masked(l report.List) report.List {
	for i, p := range l {
		if m := secretLine.FindStringSubmatchIndex(p.Snippet); m != nil && !namesFile.MatchString(p.Snippet[m[2]:m[3]]) {
			p.Snippet = p.Snippet[:m[4]] + strings.Repeat("*", utf8.RuneCountInString(p.Snippet[m[4]:m[5]])) + p.Snippet[m[5]:]
		}
		if m := secretURL.FindStringSubmatchIndex(p.Snippet); m != nil {
			p.Snippet = p.Snippet[:m[4]] + strings.Repeat("*", utf8.RuneCountInString(p.Snippet[m[4]:m[5]])) + p.Snippet[m[5]:]
		}
		l[i].Snippet = p.Snippet
	}
	return l
}
