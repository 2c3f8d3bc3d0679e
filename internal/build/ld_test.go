package build

import (
	"encoding/json"
	"net/url"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"pressroom/internal/site"
)

var zoned = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)$`)

var daily = regexp.MustCompile(`^\d{4}-\d\d-\d\d$`)

func TestLinkedData(t *testing.T) {
	seen := map[string]int{}
	for name, r := range published(t) {
		t.Run(name, func(t *testing.T) {
			for _, ref := range r.Pages {
				v := reflect.ValueOf(ref.View()).FieldByName("Page")
				if !v.IsValid() {
					continue
				}
				p := v.Interface().(site.Page)
				if p.LD == "" {
					if len(p.Crumbs) > 0 {
						t.Errorf("%s has crumbs and does not say so", ref.URL)
					}
					continue
				}
				var g struct {
					Context string           `json:"@context"`
					Graph   []map[string]any `json:"@graph"`
				}
				if err := json.Unmarshal([]byte(p.LD), &g); err != nil {
					t.Fatalf("%s: %v", ref.URL, err)
				}
				if g.Context != "https://schema.org" || len(g.Graph) == 0 {
					t.Errorf("%s: %s", ref.URL, p.LD)
				}
				crumbs := false
				for _, n := range g.Graph {
					crumbs = crumbs || n["@type"] == "BreadcrumbList"
					complete(t, ref.URL, n, seen)
				}
				if crumbs != (len(p.Crumbs) > 0) {
					t.Errorf("%s: its crumbs are not told", ref.URL)
				}
			}
		})
	}
	for kind := range required {
		if seen[kind] == 0 {
			t.Errorf("no page tells a %s", kind)
		}
	}
}

// complete checks a node and those in it.
func complete(t *testing.T, at string, n map[string]any, seen map[string]int) {
	kind, _ := n["@type"].(string)
	seen[kind]++
	for _, field := range required[kind] {
		if v := n[field]; v == nil || v == "" {
			t.Errorf("%s: a %s without %s", at, kind, field)
		}
	}
	for field, v := range n {
		s, _ := v.(string)
		switch {
		case s == "":
		case strings.HasPrefix(field, "date") || field == "uploadDate" || field == "expires":
			if !zoned.MatchString(s) && !(field == "dateCreated" && daily.MatchString(s)) {
				t.Errorf("%s: %s of %s is %q, without its zone", at, field, kind, s)
			}
		case field == "startDate" || field == "endDate" || field == "previousStartDate":
			if !zoned.MatchString(s) && !daily.MatchString(s) {
				t.Errorf("%s: %s is %q", at, field, s)
			}
		case field == "url" || field == "contentUrl" || field == "logo" || field == "item":
			if u, err := url.Parse(s); err != nil || !u.IsAbs() {
				t.Errorf("%s: %s of %s is %q", at, field, kind, s)
			}
		}
		for _, x := range list(v) {
			if m, ok := x.(map[string]any); ok {
				complete(t, at, m, seen)
			}
		}
	}
	if c, _ := n["contentUrl"].(string); strings.Contains(c, "/download/") {
		t.Errorf("%s: contentUrl leads to the gate", at)
	}
}

func list(v any) []any {
	if l, ok := v.([]any); ok {
		return l
	}
	return []any{v}
}
