package build

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"pressroom/internal/site"
	"pressroom/internal/source"
)

// What machines read of a site is a contract with people whom we do not know. These
// tests read the files of the example newsroom and of the golden sites as they would.

// published are the sites, by name, as they go out: nothing that is held was asked for.
// They are built once for all tests that read them.
func published(t *testing.T) map[string]*Result {
	t.Helper()
	builtOnce.Do(func() { built = buildAll(t) })
	if built == nil {
		t.Fatal("the sites were not built")
	}
	return built
}

var (
	builtOnce sync.Once
	built     map[string]*Result
)

func buildAll(t *testing.T) map[string]*Result {
	t.Helper()
	tree, _, err := source.Snapshot("../..", "", nil)
	if err != nil {
		t.Fatal(err)
	}
	sites := map[string]Input{"newsroom": {Source: tree, Theme: source.Memory(nil), Now: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)}}
	theme := sources(t, "testdata/theme.txtar", "")
	for _, name := range []string{"albums", "arabic", "articles", "videos", "embargo", "machines", "own-pages"} {
		sites[name], _, _ = goldenInput(t, archive(t, "testdata/"+name+".txtar"), theme)
	}
	out := map[string]*Result{}
	for name, in := range sites {
		in.Asked = site.Asked{}
		r, problems := Run(context.Background(), in, nil)
		if r == nil {
			t.Fatalf("%s: %s", name, text(problems))
		}
		out[name] = r
	}
	return out
}

// eachFile calls f with every open file whose name matches.
func eachFile(t *testing.T, pattern string, f func(t *testing.T, r *Result, path string, data []byte)) {
	t.Helper()
	for name, r := range published(t) {
		t.Run(name, func(t *testing.T) {
			for _, file := range r.Public.Files() {
				if ok, err := path.Match(pattern, path.Base(file.Path)); err != nil || !ok {
					continue
				}
				var b bytes.Buffer
				if err := file.Write(&b); err != nil {
					t.Fatal(err)
				}
				f(t, r, file.Path, b.Bytes())
			}
		})
	}
}

func has(r *Result, path string) bool {
	_, ok := r.Public.Get(path)
	return ok
}

func open(t *testing.T, r *Result, path string) []byte {
	t.Helper()
	f, ok := r.Public.Get(path)
	if !ok {
		t.Fatalf("there is no %s", path)
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(path, err)
	}
	return b.Bytes()
}

func schema(t *testing.T, name string) *jsonschema.Schema {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("https://schema.example/"+filepath.Base(name), doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("https://schema.example/" + filepath.Base(name))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func valid(t *testing.T, s *jsonschema.Schema, path string, data []byte) {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Errorf("%s: %v", path, err)
		return
	}
	if err := s.Validate(v); err != nil {
		t.Errorf("%s: %v", path, err)
	}
}

func TestPageData(t *testing.T) {
	s := schema(t, "../../static/schemas/page-1.json")
	seen := map[string]int{}
	eachFile(t, "index.json", func(t *testing.T, r *Result, path string, data []byte) {
		valid(t, s, path, data)
		var d site.Document
		if err := json.Unmarshal(data, &d); err != nil {
			t.Fatal(err)
		}
		seen[d.Type]++
		if want := r.Config.BaseURL + "/schemas/page-1.json"; d.Schema != want {
			t.Errorf("%s: its schema is %q, want %q", path, d.Schema, want)
		}
		if strings.Contains(d.Text, "<p>") || d.HTML != "" && d.Text == "" && !strings.Contains(d.HTML, "<img") {
			t.Errorf("%s: the text is %q", path, d.Text)
		}
	})
	for _, kind := range []string{"article", "video", "withdrawn", "page", "list", "videos", "index", "events", "home"} {
		if seen[kind] == 0 {
			t.Errorf("no site has a page of type %q", kind)
		}
	}
}

func TestChangesData(t *testing.T) {
	s := schema(t, "../../static/schemas/changes-1.json")
	kinds := map[string]int{}
	eachFile(t, "changes.json", func(t *testing.T, r *Result, path string, data []byte) {
		valid(t, s, path, data)
		var d site.Revisions
		if err := json.Unmarshal(data, &d); err != nil {
			t.Fatal(err)
		}
		last := ""
		for _, c := range d.Changes {
			kinds[c.Kind]++
			at, err := time.Parse(time.RFC3339, c.At)
			if err != nil {
				t.Fatal(err)
			}
			if now := at.UTC().Format(time.RFC3339); last != "" && now > last {
				t.Errorf("%s stands after an older change", c.URL)
			} else {
				last = now
			}
			if p := site.OutputPath(strings.TrimPrefix(c.URL, r.Config.BaseURL)); !has(r, p) {
				t.Errorf("there is no page %s", p)
			}
		}
	})
	for _, kind := range []string{"new", "updated", "corrected", "withdrawn"} {
		if kinds[kind] == 0 {
			t.Errorf("nothing is told as %s", kind)
		}
	}
}

func TestNinjs(t *testing.T) {
	s := schema(t, "testdata/schemas/ninjs-3.1.json")
	roles := map[string]int{}
	status := map[string]int{}
	eachFile(t, "ninjs.json", func(t *testing.T, r *Result, path string, data []byte) {
		valid(t, s, path, data)
		var d struct {
			URI       string
			PubStatus string
			Bodies    []struct{ Role, Value string }
		}
		if err := json.Unmarshal(data, &d); err != nil {
			t.Fatal(err)
		}
		status[d.PubStatus]++
		for _, b := range d.Bodies {
			roles[b.Role]++
			if d.PubStatus == "canceled" {
				t.Errorf("%s: words of a withdrawn item", path)
			}
		}
		if want := r.Config.BaseURL + "/" + strings.TrimSuffix(path, "ninjs.json"); d.URI != want {
			t.Errorf("%s: its uri is %q", path, d.URI)
		}
	})
	for _, role := range []string{"main", "storyline", "shotlist", "transcript", "transcript-fr"} {
		if roles[role] == 0 {
			t.Errorf("no item has a body %q", role)
		}
	}
	if status["usable"] == 0 || status["canceled"] == 0 {
		t.Errorf("states: %v", status)
	}
}

// Ninjs and changes.json are taken by others without a look: nothing held is in them,
// not even when a preview asked for it.
func TestHeldIsNotForMachines(t *testing.T) {
	in, _, _ := goldenInput(t, archive(t, "testdata/embargo.txtar"), sources(t, "testdata/theme.txtar", ""))
	in.Asked = site.Asked{Drafts: true, Future: true, Expired: true}
	r, problems := Run(context.Background(), in, nil)
	if r == nil || len(r.Held) == 0 {
		t.Fatal("nothing is held", text(problems))
	}
	changes := string(open(t, r, "changes.json"))
	for _, h := range r.Held {
		if !has(r, site.OutputPath(h.URL)) {
			t.Errorf("the preview lacks %s", h.URL)
		}
		if has(r, strings.TrimPrefix(site.NinjsPath(h.URL), "/")) {
			t.Errorf("%s has a ninjs", h.URL)
		}
		if strings.Contains(changes, h.URL) {
			t.Errorf("changes.json tells %s", h.URL)
		}
	}
}

// TestSchemasTellTheTypes compares the schemas with the types that are written: a field
// that one of them forgets is found here, not by a reader.
func TestSchemasTellTheTypes(t *testing.T) {
	for name, typ := range map[string]reflect.Type{"page-1": reflect.TypeFor[site.Document](), "changes-1": reflect.TypeFor[site.Revisions]()} {
		data, err := os.ReadFile("../../static/schemas/" + name + ".json")
		if err != nil {
			t.Fatal(err)
		}
		var root node
		if err := json.Unmarshal(data, &root); err != nil {
			t.Fatal(err)
		}
		told(t, name, root, root, typ)
	}
}

// node is a JSON Schema, as far as ours go.
type node struct {
	Ref        string          `json:"$ref"`
	Type       string          `json:"type"`
	Items      *node           `json:"items"`
	Properties map[string]node `json:"properties"`
	Required   []string        `json:"required"`
	Defs       map[string]node `json:"$defs"`
}

func told(t *testing.T, at string, root, n node, typ reflect.Type) {
	for typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	if def, ok := strings.CutPrefix(n.Ref, "#/$defs/"); ok {
		n = root.Defs[def]
	}
	kinds := map[reflect.Kind]string{reflect.String: "string", reflect.Bool: "boolean", reflect.Int: "integer", reflect.Int64: "integer", reflect.Float64: "number",
		reflect.Slice: "array", reflect.Struct: "object"}
	if want := kinds[typ.Kind()]; n.Type != want {
		t.Errorf("%s: the schema says %q, the type is %s", at, n.Type, want)
		return
	}
	if typ.Kind() == reflect.Slice && n.Items != nil {
		told(t, at+"[]", root, *n.Items, typ.Elem())
	}
	if typ.Kind() != reflect.Struct {
		return
	}
	known := map[string]bool{}
	for _, field := range reflect.VisibleFields(typ) {
		if field.Anonymous {
			continue // its fields stand in its place
		}
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		known[name] = true
		p, ok := n.Properties[name]
		if !ok {
			t.Errorf("%s: the schema does not tell %q", at, name)
			continue
		}
		if always := options != "omitempty"; always != slices.Contains(n.Required, name) {
			t.Errorf("%s: whether %q is always there", at, name)
		}
		told(t, at+"."+name, root, p, field.Type)
	}
	for name := range n.Properties {
		if !known[name] {
			t.Errorf("%s: nobody writes %q", at, name)
		}
	}
}

// required are the fields that Google documents as required, and those it advises that
// we always have.
var required = map[string][]string{
	"NewsArticle":    {"headline", "datePublished", "dateModified", "author", "publisher", "url", "inLanguage"},
	"VideoObject":    {"name", "thumbnailUrl", "uploadDate", "url"},
	"Clip":           {"name", "startOffset", "url"},
	"Event":          {"name", "startDate", "location", "eventStatus", "eventAttendanceMode"},
	"BreadcrumbList": {"itemListElement"},
	"ListItem":       {"position", "name", "item"},
	"Organization":   {"name"},
	"Person":         {"name"},
	"Place":          {"name"},
	"WebSite":        {"name", "url"},
	"ImageObject":    {"url"},
	"MediaObject":    {"contentUrl"},
}
