package check_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"pressroom"
	"pressroom/internal/build"
	"pressroom/internal/check"
	"pressroom/internal/output"
	"pressroom/internal/report"
	"pressroom/internal/site"
	"pressroom/internal/source"
)

var update = flag.Bool("update", false, "rewrite what the archives of testdata want")

var now = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// TestSites lays every archive over the base and reads what comes out.
func TestSites(t *testing.T) {
	base := filesOf(t, "testdata/base.txtar")
	names, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(names) < 10 {
		t.Fatalf("%d archives, %v", len(names), err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			files := maps.Clone(base)
			maps.Copy(files, filesOf(t, name))
			want := string(files["want"])
			delete(files, "want")
			got := checked(t, files)
			if *update {
				for i, f := range a.Files {
					if f.Name == "want" {
						a.Files[i].Data = []byte(got)
					}
				}
				if err := os.WriteFile(name, txtar.Format(a), 0o644); err != nil {
					t.Fatal(err)
				}
			} else if got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func filesOf(t *testing.T, name string) map[string][]byte {
	t.Helper()
	a, err := txtar.ParseFile(name)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, f := range a.Files {
		files[f.Name] = f.Data
	}
	return files
}

// look builds the site of files as "press check" does.
func look(t *testing.T, files map[string][]byte) (check.Input, report.List) {
	t.Helper()
	tree := source.Memory(files)
	in := build.Input{Source: tree, Theme: source.Memory(nil), Now: now}
	result, problems := build.Look(context.Background(), in, nil)
	if result == nil {
		t.Fatalf("nothing was built: %+v", problems)
	}
	return check.Input{Result: result, Files: tree, Now: now}, problems
}

// checked is what "press check" tells of the site of files.
func checked(t *testing.T, files map[string][]byte) string {
	t.Helper()
	in, problems := look(t, files)
	in.Known = problems
	found, err := check.Site(context.Background(), in)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	report.Write(&b, append(check.Stricter(problems, in.Result.Held), found...).Sorted(), false)
	return b.String()
}

// A public video without captions is an error, one that will be public too; a draft
// or an expired one is not for readers.
func TestStricter(t *testing.T) {
	var l report.List
	for _, path := range []string{"open", "embargo", "draft", "expired"} {
		l.Add(report.Problem{Path: path, Severity: report.Warning, Name: "missing-captions"})
	}
	l.Add(report.Problem{Path: "open", Severity: report.Warning, Name: "long-title"})
	held := []site.Held{{Source: "embargo", Why: "embargo"}, {Source: "draft", Why: "draft"}, {Source: "expired", Why: "expired"}}
	want := []report.Severity{report.Error, report.Error, report.Warning, report.Warning, report.Warning}
	for i, p := range check.Stricter(l, held) {
		if p.Severity != want[i] {
			t.Errorf("%s of %s: %s", p.Name, p.Path, p.Severity)
		}
	}
	if l[0].Severity != report.Warning {
		t.Error("the list of the caller was changed")
	}
}

// A file that cannot be read is a failure of the world and told as one, and a check
// that is stopped says so.
func TestFailures(t *testing.T) {
	in, _ := look(t, filesOf(t, "testdata/base.txtar"))
	broken := errors.New("the disk is gone")
	if err := in.Result.Public.Add(output.File{Path: "a.txt", Write: func(io.Writer) error { return broken }}); err != nil {
		t.Fatal(err)
	}
	if found, err := check.Site(context.Background(), in); !errors.Is(err, broken) || !strings.HasPrefix(err.Error(), "a.txt: ") || found != nil {
		t.Errorf("got %v and %v", found, err)
	}
	in, _ = look(t, filesOf(t, "testdata/base.txtar"))
	if err := in.Result.Public.Add(output.File{Path: "a.txt", Write: func(io.Writer) error { panic("oh") }}); err != nil {
		t.Fatal(err)
	}
	if found, err := check.Site(context.Background(), in); err == nil || !strings.HasPrefix(err.Error(), "a.txt: panic: oh\n") || found != nil {
		t.Errorf("got %v and %v", found, err)
	}
	ctx, stop := context.WithCancel(context.Background())
	stop()
	if found, err := check.Site(ctx, in); !errors.Is(err, context.Canceled) || found != nil {
		t.Errorf("stopped: got %v and %v", found, err)
	}
}

// Films are not read: only words can be wrong in a way that is seen here.
func TestFilmsAreNotMade(t *testing.T) {
	in, _ := look(t, filesOf(t, "testdata/base.txtar"))
	err := in.Result.Public.Add(output.File{Path: "film.mp4", Write: func(io.Writer) error { return errors.New("made") }})
	if err != nil {
		t.Fatal(err)
	}
	steps := 0
	in.Progress = func(done, total int) {
		if steps++; done != steps || total != in.Result.Public.Len() {
			t.Errorf("step %d says %d of %d", steps, done, total)
		}
	}
	if _, err := check.Site(context.Background(), in); err != nil || steps != in.Result.Public.Len() {
		t.Errorf("%d steps, %v", steps, err)
	}
}

// The order in which files are read must not show in what is told.
func TestJobs(t *testing.T) {
	files := filesOf(t, "testdata/base.txtar")
	maps.Copy(files, filesOf(t, "testdata/links.txtar"))
	var want string
	for jobs := 1; jobs <= 8; jobs *= 2 {
		in, _ := look(t, files)
		before := runtime.GOMAXPROCS(jobs)
		t.Cleanup(func() { runtime.GOMAXPROCS(before) })
		found, err := check.Site(context.Background(), in)
		got := fmt.Sprintf("%+v %v", found, err)
		if want == "" {
			want = got
		}
		if got != want {
			t.Errorf("with %d jobs\n%s\nwith one\n%s", jobs, got, want)
		}
	}
}

// The built-in theme has none of the faults that are looked for.
func TestTheme(t *testing.T) {
	files := filesOf(t, "testdata/base.txtar")
	maps.DeleteFunc(files, func(path string, _ []byte) bool {
		return strings.HasPrefix(path, "layouts/") || path == "static/css/press.css"
	})
	theme := map[string][]byte{}
	err := fs.WalkDir(pressroom.Theme, ".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			theme[path], err = pressroom.Theme.ReadFile(path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	in := build.Input{Source: source.Memory(files), Theme: source.Memory(theme), Now: now}
	result, problems := build.Look(context.Background(), in, nil)
	if len(problems) > 0 {
		t.Fatalf("%+v", problems)
	}
	found, err := check.Site(context.Background(), check.Input{Result: result, Files: in.Source.Over(in.Theme)})
	if err != nil || len(found) > 0 {
		t.Errorf("%v", err)
		report.Write(os.Stderr, found, false)
	}
}
