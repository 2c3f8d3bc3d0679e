//go:build audit

package build

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"testing"
)

// Outside judges read what machines read of our sites: jing by grammars of Atom and RSS,
// xmllint by schemas of sitemaps. "make audit" installs and runs them; a judge that is
// missing is a failure.

// written puts the files of all sites whose names match into a folder.
func written(t *testing.T, pattern string) (files []string) {
	t.Helper()
	dir := t.TempDir()
	for name, r := range published(t) {
		for i, f := range r.Public.Files() {
			if ok, err := path.Match(pattern, path.Base(f.Path)); err != nil || !ok {
				continue
			}
			at := filepath.Join(dir, fmt.Sprintf("%s-%d-%s", name, i, path.Base(f.Path)))
			if err := os.WriteFile(at, open(t, r, f.Path), 0o644); err != nil {
				t.Fatal(err)
			}
			files = append(files, at)
		}
	}
	if len(files) == 0 {
		t.Fatalf("there is no %s", pattern)
	}
	return files
}

// judge wants a judge to take every file, and to refuse one that lacks an element: one
// that takes everything judges nothing.
func judge(t *testing.T, files []string, element, name string, args ...string) {
	t.Helper()
	if out, err := exec.Command(name, append(args, files...)...).CombinedOutput(); err != nil {
		t.Errorf("%s: %v\n%s", name, err, out)
	}
	data, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	whole := regexp.MustCompile("<" + element + ">[^<]*</" + element + ">")
	broken := filepath.Join(t.TempDir(), "broken.xml")
	if err := os.WriteFile(broken, whole.ReplaceAll(data, nil), 0o644); err != nil {
		t.Fatal(err)
	}
	var exit *exec.ExitError
	if err := exec.Command(name, append(args, broken)...).Run(); !whole.Match(data) || !errors.As(err, &exit) {
		t.Errorf("%s takes %s without %s: %v", name, files[0], element, err)
	}
}

func TestAudit(t *testing.T) {
	t.Run("atom", func(t *testing.T) {
		judge(t, written(t, "atom.xml"), "updated", "jing", "-c", "testdata/schemas/atom.rnc")
	})
	t.Run("rss", func(t *testing.T) { judge(t, written(t, "rss.xml"), "link", "jing", "-c", "testdata/schemas/rss.rnc") })
	t.Run("sitemaps", func(t *testing.T) {
		judge(t, written(t, "sitemap*.xml"), "loc", "xmllint", "--noout", "--nonet", "--schema", "testdata/schemas/sitemap.xsd")
	})
}
