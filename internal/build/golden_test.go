package build

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"pressroom/internal/memo"
	"pressroom/internal/report"
	"pressroom/internal/site"
	"pressroom/internal/source"
)

var update = flag.Bool("update", false, "rewrite the golden sites")

// TestGolden builds the sites of testdata. Each is one txtar file:
//
//	now: 2026-07-07T12:00:00Z          settings of this build, before the first file
//	asked: drafts future expired
//	-- content/news/2026/07/a.md --    the source; site.yaml may be left out
//	-- want/news/2026/07/a/index.html -- a file of the open tree
//	-- want.files --                   all paths of the open tree
//	-- want.closed --                  catalogue.json
//	-- want.problems --                all that is told
//	-- edit1/content/… --              a change to the source (an empty file: removed)
//	-- edit1.ran --                    which steps and files were made again for it
//
// What stands under want is compared, and rewritten by -update. The layouts are those
// of testdata/theme.txtar, which print a view's fields plainly, so that a golden shows
// what was decided and not how it looks.
func TestGolden(t *testing.T) {
	theme := sources(t, "testdata/theme.txtar", "")
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) < 2 {
		t.Fatal("no golden sites", err)
	}
	for _, name := range files {
		if filepath.Base(name) == "theme.txtar" {
			continue
		}
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			t.Parallel()
			golden(t, name, theme)
		})
	}
}

const defaultSite = "title: Test Press\nbaseURL: https://press.example\ntimeZone: UTC\nlanguages: [en]\n"

func archive(t testing.TB, name string) *txtar.Archive {
	t.Helper()
	a, err := txtar.ParseFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func sources(t testing.TB, name, prefix string) *source.Tree {
	t.Helper()
	files := map[string][]byte{}
	for _, f := range archive(t, name).Files {
		if rest, ok := strings.CutPrefix(f.Name, prefix); ok {
			files[rest] = f.Data
		}
	}
	return source.Memory(files)
}

// setting is a line "name: value" before the first file.
func setting(a *txtar.Archive, name string) string {
	for line := range strings.Lines(string(a.Comment)) {
		if rest, ok := strings.CutPrefix(line, name+":"); ok {
			return strings.TrimSpace(rest)
		}
	}
	return ""
}

// goldenInput is the first build of a golden site, its files, and the edits by name.
func goldenInput(t testing.TB, a *txtar.Archive, theme *source.Tree) (Input, map[string][]byte, map[string]map[string][]byte) {
	t.Helper()
	in := Input{Theme: theme, Now: time.Date(2026, 7, 7, 12, 0, 0, 0, time.UTC)}
	if s := setting(a, "now"); s != "" {
		at, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		in.Now = at
	}
	asked := setting(a, "asked")
	in.Asked = site.Asked{Drafts: strings.Contains(asked, "drafts"), Future: strings.Contains(asked, "future"), Expired: strings.Contains(asked, "expired")}

	files := map[string][]byte{"site.yaml": []byte(defaultSite)}
	edits := map[string]map[string][]byte{}
	for _, f := range a.Files {
		first, rest, _ := strings.Cut(f.Name, "/")
		switch {
		case first == "want" || strings.HasPrefix(first, "want.") || strings.HasSuffix(first, ".ran"):
		case strings.HasPrefix(first, "edit"):
			if edits[first] == nil {
				edits[first] = map[string][]byte{}
			}
			edits[first][rest] = f.Data
		default:
			files[f.Name] = decodeBytes(f.Data)
		}
	}
	in.Source = source.Memory(files)
	return in, files, edits
}

func golden(t *testing.T, name string, theme *source.Tree) {
	a := archive(t, name)
	in, files, edits := goldenInput(t, a, theme)
	m := memo.New()
	r, problems := Run(context.Background(), in, m)
	m.Ran()
	m.Sweep()
	for i := range a.Files {
		f := &a.Files[i]
		if got, ok := have(t, f.Name, r, problems); ok {
			compare(t, f, got)
		}
	}
	if setting(a, "theme") == "" && problems.HasErrors() != strings.Contains(string(find(a, "want.problems")), "error:") {
		t.Errorf("problems:\n%s", text(problems))
	}
	made := map[string]memo.Key{}
	if r != nil {
		for _, f := range r.Public.Files() {
			made[f.Path] = f.Key
		}
	}
	for n := 1; edits[fmt.Sprintf("edit%d", n)] != nil; n++ {
		step := fmt.Sprintf("edit%d", n)
		for path, data := range edits[step] {
			if files[path] = data; len(data) == 0 {
				delete(files, path)
			}
		}
		in.Source = source.Memory(files)
		r, problems := Run(context.Background(), in, m)
		if r == nil {
			t.Fatalf("%s: %s", step, text(problems))
		}
		ran := m.Ran()
		m.Sweep()
		for _, f := range r.Public.Files() {
			if made[f.Path] != f.Key {
				ran = append(ran, "make "+f.Path)
			}
			made[f.Path] = f.Key
		}
		for i := range a.Files {
			if a.Files[i].Name == step+".ran" {
				compare(t, &a.Files[i], strings.Join(ran, "\n")+"\n")
			}
		}
	}
	if *update {
		if err := os.WriteFile(name, txtar.Format(a), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// decodeBytes lets a golden hold what no text file can: \x00 and its like, when the
// first line is "bytes:".
func decodeBytes(b []byte) []byte {
	rest, ok := bytes.CutPrefix(b, []byte("bytes:\n"))
	if !ok {
		return b
	}
	var out []byte
	for len(rest) > 0 {
		if len(rest) >= 4 && rest[0] == '\\' && rest[1] == 'x' {
			var c int
			fmt.Sscanf(string(rest[2:4]), "%02x", &c)
			out, rest = append(out, byte(c)), rest[4:]
			continue
		}
		out, rest = append(out, rest[0]), rest[1:]
	}
	return out
}

func find(a *txtar.Archive, name string) []byte {
	for _, f := range a.Files {
		if f.Name == name {
			return f.Data
		}
	}
	return nil
}

// have is what the build gave for a section of the golden file.
func have(t *testing.T, section string, r *Result, problems report.List) (string, bool) {
	switch path, ok := strings.CutPrefix(section, "want/"); {
	case section == "want.problems":
		return text(problems), true
	case r == nil:
		return "", false
	case section == "want.files":
		var paths []string
		for _, f := range r.Public.Files() {
			paths = append(paths, f.Path)
		}
		return strings.Join(paths, "\n") + "\n", true
	case section == "want.closed":
		b, err := r.Catalogue.Encode()
		if err != nil {
			t.Fatal(err)
		}
		return string(b), true
	case section == "want.held":
		var b strings.Builder
		for _, h := range r.Held {
			fmt.Fprintf(&b, "%s %s %s\n", h.Source, h.Why, h.Until.UTC().Format(time.RFC3339))
		}
		fmt.Fprintf(&b, "next %s\n", r.Next.UTC().Format(time.RFC3339))
		return b.String(), true
	case ok:
		f, there := r.Public.Get(path)
		if !there {
			return "no such file\n", true
		}
		var b bytes.Buffer
		if err := f.Write(&b); err != nil {
			return "cannot be made: " + err.Error() + "\n", true
		}
		if b.Len() > 0 && !bytes.HasSuffix(b.Bytes(), []byte("\n")) {
			b.WriteByte('\n')
		}
		return b.String(), true
	}
	return "", false
}

func compare(t *testing.T, f *txtar.File, got string) {
	t.Helper()
	if *update {
		f.Data = []byte(got)
		return
	}
	if got != string(f.Data) {
		t.Errorf("%s:\n%s", f.Name, difference(string(f.Data), got))
	}
}

// difference shows the first line that differs, with its surroundings.
func difference(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := 0; i < max(len(w), len(g)); i++ {
		if i >= len(w) || i >= len(g) || w[i] != g[i] {
			at := func(l []string) string { return strings.Join(l[min(i, len(l)):min(i+4, len(l))], "\n") }
			return fmt.Sprintf("line %d\nwant: %s\ngot:  %s", i+1, at(w), at(g))
		}
	}
	return ""
}

func text(l report.List) string {
	var b bytes.Buffer
	report.Write(&b, slices.Clone(l), false)
	return b.String()
}
