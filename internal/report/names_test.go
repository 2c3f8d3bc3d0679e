package report_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pressroom/internal/report"
)

// Every name that a problem is given somewhere in this repository has its line in
// Names, and no name there is out of use: site.yaml and CI scripts live by the list.
func TestNames(t *testing.T) {
	used := namesInUse(t, "../..")
	if len(used) < 40 {
		t.Fatalf("found only %d names: the search has gone blind", len(used))
	}
	for _, name := range slices.Sorted(maps.Keys(used)) {
		if report.Names[name] == "" {
			t.Errorf("%s: the problem %q has no line in Names", used[name], name)
		}
	}
	for name, line := range report.Names {
		if used[name] == "" {
			t.Errorf("%q is in Names and no problem has it", name)
		}
		if strings.HasSuffix(line, ".") || strings.ToLower(name) != name || strings.ContainsAny(name, "_ ") {
			t.Errorf("%q: %q is not in the house's form", name, line)
		}
	}
}

// namesInUse finds the names by their places: the field of a Problem, or of a fault, as
// package check has them before they are problems, and the argument of a function whose parameters are called name and hint, as those of
// Source.At. It returns where each was seen.
func namesInUse(t *testing.T, root string) map[string]string {
	t.Helper()
	set := token.NewFileSet()
	files := map[string][]*ast.File{} // by folder
	for _, top := range []string{"internal", "cmd"} {
		err := filepath.WalkDir(filepath.Join(root, top), func(p string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(p, ".go") || strings.HasSuffix(p, "_test.go") {
				return err
			}
			f, err := parser.ParseFile(set, p, nil, parser.SkipObjectResolution)
			if err == nil && slices.ContainsFunc(f.Imports, func(i *ast.ImportSpec) bool { return i.Path.Value == `"testing"` }) {
				return nil // a suite for tests to call; its t.Errorf makes no problem
			}
			files[path.Dir(filepath.ToSlash(p))] = append(files[path.Dir(filepath.ToSlash(p))], f)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	makers := map[string]map[string]int{"": {}} // by folder, "" for what others may call
	shared := map[string]bool{}                 // folder and function, where one without the parameter has the same name
	for dir, list := range files {
		makers[dir] = map[string]int{}
		for _, f := range list {
			for _, d := range f.Decls {
				fn, ok := d.(*ast.FuncDecl)
				if !ok {
					continue
				}
				i := nameParameter(fn.Type)
				if i < 0 {
					shared[dir+" "+fn.Name.Name] = true
					continue
				}
				makers[dir][fn.Name.Name] = i
				if fn.Name.IsExported() {
					makers[""][fn.Name.Name] = i
				}
			}
		}
	}
	used := map[string]string{}
	take := func(e ast.Expr, sure bool) {
		switch e := e.(type) {
		case *ast.BasicLit:
			if name, err := strconv.Unquote(e.Value); err == nil && name != "" {
				used[name] = set.Position(e.Pos()).String()
			}
		case *ast.Ident: // handed on: seen where it was given
			if e.Name != "name" && sure {
				t.Errorf("%s: the name of a problem is %s; write it out, so that it can be found", set.Position(e.Pos()), e.Name)
			}
		}
	}
	for dir, list := range files {
		for _, f := range list {
			ast.Inspect(f, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.CallExpr:
					callee := ""
					switch fn := n.Fun.(type) {
					case *ast.Ident:
						callee = fn.Name
					case *ast.SelectorExpr:
						if x, ok := fn.X.(*ast.Ident); !ok || x.Name != "fmt" && x.Name != "tb" { // their Errorf is no Decoder's
							callee = fn.Sel.Name
						}
					}
					i, ok := makers[dir][callee]
					if !ok {
						i, ok = makers[""][callee]
					}
					if ok && i < len(n.Args) {
						take(n.Args[i], !shared[dir+" "+callee])
					}
				case *ast.CompositeLit:
					for _, name := range problemNames(n) {
						take(name, true)
					}
				}
				return true
			})
		}
	}
	return used
}

// nameParameter is the index of the parameter "name" of a function that has a "hint"
// too, or -1.
func nameParameter(f *ast.FuncType) int {
	at, i, hint := -1, 0, false
	for _, field := range f.Params.List {
		for _, id := range field.Names {
			switch id.Name {
			case "name":
				at = i
			case "hint":
				hint = true
			}
			i++
		}
	}
	if !hint {
		return -1
	}
	return at
}

// problemNames are the values of the field Name in a Problem, a List of them or a fault.
func problemNames(c *ast.CompositeLit) (out []ast.Expr) {
	kind := ""
	switch k := c.Type.(type) {
	case *ast.Ident:
		kind = k.Name
	case *ast.SelectorExpr:
		kind = k.Sel.Name
	}
	fields := func(list []ast.Expr) {
		for _, e := range list {
			if kv, ok := e.(*ast.KeyValueExpr); ok {
				if id, ok := kv.Key.(*ast.Ident); ok && (id.Name == "Name" || id.Name == "name") {
					out = append(out, kv.Value)
				}
			}
		}
	}
	switch kind {
	case "Problem", "fault":
		fields(c.Elts)
	case "List":
		for _, e := range c.Elts {
			if inner, ok := e.(*ast.CompositeLit); ok && inner.Type == nil {
				fields(inner.Elts)
			}
		}
	}
	return out
}
