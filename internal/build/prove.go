package build

import (
	"bytes"
	"context"
	"fmt"
	"path"
	"strings"

	"pressroom/internal/memo"
	"pressroom/internal/output"
	"pressroom/internal/report"
	"pressroom/internal/site"
)

// Prove builds the site twice, with the held sources and as if they had never been
// written, and compares the open trees byte for byte. It returns how many files it
// compared, and the first difference in words, "" when there is none.
func Prove(ctx context.Context, in Input, m *memo.Memo) (compared int, difference string, problems report.List) {
	in.Asked = site.Asked{} // what is asked for is not held
	with, problems := Run(ctx, in, m)
	if with == nil {
		return 0, "", problems
	}
	without := in
	without.Source = in.Source.Without(heldSources(in, with))
	// What an open text says of a held one is a broken link now. Both builds print the
	// same words for it, and that is what is being proven; the complaint is not new.
	absent, _ := Look(ctx, without, m)
	if absent == nil {
		return 0, "the site cannot be built without its held sources", problems
	}
	a, b := with.Public.Files(), absent.Public.Files()
	for i := 0; i < len(a) || i < len(b); i++ {
		switch {
		case i == len(b) || i < len(a) && a[i].Path < b[i].Path:
			return i, fmt.Sprintf("%s is there only with the held sources", a[i].Path), problems
		case i == len(a) || b[i].Path < a[i].Path:
			return i, fmt.Sprintf("%s is there only without the held sources", b[i].Path), problems
		}
		if at, err := firstDifference(a[i], b[i]); err != nil || at != "" {
			if err != nil {
				at = err.Error()
			}
			return i, a[i].Path + ": " + at, problems
		}
	}
	return len(a), "", problems
}

// heldSources are the held documents with the files of bundles that are wholly held.
func heldSources(in Input, r *Result) (paths []string) {
	held := map[string]bool{}
	for _, h := range r.Held {
		held[h.Source] = true
		paths = append(paths, h.Source)
	}
	for _, h := range r.Held {
		if name := path.Base(h.Source); !strings.HasPrefix(name, "index.") {
			continue
		}
		dir, open := path.Dir(h.Source), false
		for _, f := range in.Source.Under(dir) {
			open = open || strings.HasSuffix(f.Path, ".md") && !held[f.Path]
		}
		for _, f := range in.Source.Under(dir) {
			if !open && !strings.HasSuffix(f.Path, ".md") {
				paths = append(paths, f.Path)
			}
		}
	}
	return paths
}

// firstDifference makes both files and says where they part.
func firstDifference(a, b output.File) (string, error) {
	var x, y bytes.Buffer
	if err := a.Write(&x); err != nil {
		return "", err
	}
	if err := b.Write(&y); err != nil {
		return "", err
	}
	p, q := x.Bytes(), y.Bytes()
	if bytes.Equal(p, q) {
		return "", nil
	}
	i := 0
	for i < len(p) && i < len(q) && p[i] == q[i] {
		i++
	}
	around := func(b []byte) string { return string(b[max(0, i-20):min(len(b), i+40)]) }
	return fmt.Sprintf("byte %d: %q with the held sources, %q without", i, around(p), around(q)), nil
}
