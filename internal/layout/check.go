package layout

import (
	"fmt"
	"maps"
	"slices"
	"text/template/parse"

	"pressroom/internal/report"
)

// pages are the layouts that a site cannot do without.
var pages = []string{"home", "article", "page", "list", "videos", "video", "embed", "index", "events", "photos", "album", "corrections", "contacts", "feeds", "accessibility", "search", "withdrawn", "404", "redirect"}

// maxRange is the largest number a layout may count to by itself: {{range 1000000000}}
// would never end.
const maxRange = 10_000

// check finds what parsing alone does not: calls of what does not exist, templates
// that reach themselves, endless loops, missing pages.
func (s *Set) check() (problems report.List) {
	for _, name := range s.pages {
		if s.files[name+".html"] == nil {
			problems.Add(report.Problem{Path: "layouts/" + name + ".html", Name: "layout", Text: "there is no such layout", Hint: "restore the built-in one"})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.files)) {
		f := s.files[name]
		src := report.Source{Path: "layouts/" + name, Text: f.src}
		for _, def := range slices.Sorted(maps.Keys(f.trees)) {
			root := f.trees[def].Root
			for _, call := range calls(root) {
				at := int(call.Position())
				if s.definer(f, call.Name) == nil && !s.definedByAPage(f, call.Name) {
					problems.Add(src.AtOffset(at, len(call.Name)+2, "layout", fmt.Sprintf("there is no template %q", call.Name), report.DidYouMean(call.Name, s.names(f))))
				} else if s.reaches(f, call.Name, def) {
					problems.Add(src.AtOffset(at, len(call.Name)+2, "layout", fmt.Sprintf("%q calls itself, by way of %q", def, call.Name), "write the repetition with range"))
				}
			}
			walk(root, func(n parse.Node) {
				if num, ok := n.(*parse.NumberNode); ok && num.IsInt && num.Int64 > maxRange {
					problems.Add(src.AtOffset(int(num.Position()), len(num.Text), "layout", fmt.Sprintf("a loop that counts to %s", num.Text), fmt.Sprintf("layouts may count to %d", maxRange)))
				}
			})
		}
	}
	return problems
}

// definedByAPage tells whether a shared file calls what each page defines, as "main".
func (s *Set) definedByAPage(f *file, name string) bool {
	if !shared(f.name) {
		return false
	}
	for _, page := range s.pages {
		if p := s.files[page+".html"]; p != nil && p.trees[name] != nil {
			return true
		}
	}
	return false
}

// reaches tells whether template from comes to call template to.
func (s *Set) reaches(own *file, from, to string) (found bool) {
	s.reach(own, from, func(name string, f *file) {
		found = found || name == to && f.trees[to] == own.trees[to]
	})
	return found
}

func (s *Set) names(own *file) []string {
	names := slices.Collect(maps.Keys(s.defs))
	for def := range own.trees {
		names = append(names, def)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// calls returns the {{template}} and {{block}} calls below n.
func calls(n parse.Node) (found []*parse.TemplateNode) {
	walk(n, func(n parse.Node) {
		if t, ok := n.(*parse.TemplateNode); ok {
			found = append(found, t)
		}
	})
	return found
}

// walk visits the nodes that can hold calls, and the numbers that a range counts to.
func walk(n parse.Node, visit func(parse.Node)) {
	branch := func(b *parse.BranchNode) {
		walk(b.List, visit)
		if b.ElseList != nil {
			walk(b.ElseList, visit)
		}
	}
	switch n := n.(type) {
	case *parse.ListNode:
		if n == nil {
			return
		}
		for _, c := range n.Nodes {
			walk(c, visit)
		}
	case *parse.TemplateNode:
		visit(n)
	case *parse.IfNode:
		branch(&n.BranchNode)
	case *parse.WithNode:
		branch(&n.BranchNode)
	case *parse.RangeNode:
		for _, c := range n.Pipe.Cmds {
			for _, a := range c.Args {
				visit(a)
			}
		}
		branch(&n.BranchNode)
	}
}
