package report_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"pressroom/internal/report"
)

// samples are one problem of each sort: with a whole place, with awkward signs, at an
// address of the finished site, in the environment, without a place.
var samples = report.List{
	{Path: "content/news/harbour.md", Line: 4, Col: 10, Len: 6, Name: "unknown-topic", Text: `no topic "harbor" in site.yaml`, Hint: `did you mean "harbour"?`},
	{Path: "content/news/50%, été: one.md", Line: 2, Severity: report.Warning, Name: "long-title", Text: "100 % long\r\n::error::no"},
	{Path: "/news/", Name: "broken-link", Text: `"/nowhere/" leads nowhere`},
	{Path: "$PRESS_BASURL", Line: 1, Col: 1, Severity: report.Warning, Name: "environment", Text: "no key"},
	{Name: "site", Text: "everything is wrong"},
}

func TestJSON(t *testing.T) {
	got, err := json.Marshal(map[string]report.List{"some": samples[:1], "none": nil})
	if err != nil {
		t.Fatal(err)
	}
	want := `{"none":[],"some":[{"path":"content/news/harbour.md","line":4,"col":10,"len":6,"severity":"error","name":"unknown-topic",` +
		`"text":"no topic \"harbor\" in site.yaml","hint":"did you mean \"harbour\"?"}]}`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	got, err = json.Marshal(samples[4])
	if want := `{"severity":"error","name":"site","text":"everything is wrong"}`; string(got) != want || err != nil {
		t.Errorf("got  %s, %v\nwant %s", got, err, want)
	}
}

func TestGitHub(t *testing.T) {
	var b bytes.Buffer
	if err := report.WriteGitHub(&b, samples, ""); err != nil {
		t.Fatal(err)
	}
	want := `::error file=content/news/harbour.md,line=4,col=10,endColumn=16,title=unknown-topic::no topic "harbor" in site.yaml%0Ahint: did you mean "harbour"?
::warning file=content/news/50%25%2C été%3A one.md,line=2,title=long-title::100 %25 long%0D%0A::error::no
::error title=broken-link::/news/: "/nowhere/" leads nowhere
::warning title=environment::$PRESS_BASURL: no key
::error title=site::everything is wrong
`
	if b.String() != want {
		t.Errorf("got\n%swant\n%s", b.String(), want)
	}
	b.Reset()
	if err := report.WriteGitHub(&b, samples[:1], "sites/press"); err != nil || !strings.HasPrefix(b.String(), "::error file=sites/press/content/news/harbour.md,") {
		t.Errorf("in a folder: %v %s", err, b.String())
	}
}

// The checks are the standard's: what sections 3.13 to 3.30 require of a log with one
// run, and what the big code hosts add to it.
func TestSARIF(t *testing.T) {
	var b bytes.Buffer
	if err := report.WriteSARIF(&b, samples, "v1.2.3", "sites/press"); err != nil {
		t.Fatal(err)
	}
	var log map[string]any
	if err := json.Unmarshal(b.Bytes(), &log); err != nil {
		t.Fatal(err)
	}
	if log["version"] != "2.1.0" || !strings.HasSuffix(log["$schema"].(string), "sarif-schema-2.1.0.json") {
		t.Errorf("version %v, schema %v", log["version"], log["$schema"])
	}
	run := one[map[string]any](t, log["runs"])
	if run["columnKind"] != "unicodeCodePoints" {
		t.Errorf("columnKind %v", run["columnKind"])
	}
	driver := run["tool"].(map[string]any)["driver"].(map[string]any)
	if driver["name"] != "press" || driver["version"] != "v1.2.3" {
		t.Errorf("driver %v", driver)
	}
	var rules []string
	for _, r := range driver["rules"].([]any) {
		rule := r.(map[string]any)
		rules = append(rules, rule["id"].(string))
		if text := rule["shortDescription"].(map[string]any)["text"]; text != report.Names[rule["id"].(string)] {
			t.Errorf("rule %v is described as %v", rule["id"], text)
		}
	}
	if !slices.IsSorted(rules) || len(slices.Compact(slices.Clone(rules))) != len(samples) {
		t.Errorf("rules %v", rules)
	}
	results := run["results"].([]any)
	if len(results) != len(samples) {
		t.Fatalf("%d results", len(results))
	}
	var places []string
	for i, r := range results {
		result := r.(map[string]any)
		if rules[int(result["ruleIndex"].(float64))] != result["ruleId"] || result["ruleId"] != samples[i].Name {
			t.Errorf("result %d: rule %v at %v", i, result["ruleId"], result["ruleIndex"])
		}
		if result["level"] != samples[i].Severity.String() {
			t.Errorf("result %d: level %v", i, result["level"])
		}
		if text := result["message"].(map[string]any)["text"].(string); !strings.HasPrefix(text, samples[i].Text) || strings.Contains(text, "hint") != (samples[i].Hint != "") {
			t.Errorf("result %d: message %q", i, text)
		}
		l := one[map[string]any](t, result["locations"])
		physical := l["physicalLocation"].(map[string]any)
		uri := physical["artifactLocation"].(map[string]any)["uri"].(string)
		if u, err := url.Parse(uri); err != nil || u.IsAbs() || strings.HasPrefix(uri, "/") || strings.ContainsAny(uri, " \"<>") {
			t.Errorf("result %d: %q is no relative reference: %v", i, uri, err)
		}
		place := uri
		if region, ok := physical["region"].(map[string]any); ok {
			place += fmt.Sprint(":", region["startLine"], ":", region["startColumn"], "-", region["endColumn"])
		}
		if logical, ok := l["logicalLocations"]; ok {
			place += " " + one[map[string]any](t, logical)["fullyQualifiedName"].(string)
		}
		places = append(places, place)
	}
	want := []string{
		"sites/press/content/news/harbour.md:4:10-16",
		"sites/press/content/news/50%25,%20%C3%A9t%C3%A9:%20one.md:2:<nil>-<nil>",
		"sites/press/site.yaml /news/",
		"sites/press/site.yaml $PRESS_BASURL",
		"sites/press/site.yaml",
	}
	if !slices.Equal(places, want) {
		t.Errorf("places\n%s\nwant\n%s", strings.Join(places, "\n"), strings.Join(want, "\n"))
	}
}

// A log without results says that nothing was found; null would say that nobody looked.
func TestSARIFEmpty(t *testing.T) {
	var b bytes.Buffer
	if err := report.WriteSARIF(&b, nil, "", ""); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"results": []`, `"rules": []`} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %s in %s", want, b.String())
		}
	}
}

func one[T any](t *testing.T, list any) T {
	t.Helper()
	l, ok := list.([]any)
	if !ok || len(l) != 1 {
		t.Fatalf("want a list of one, got %v", list)
	}
	return l[0].(T)
}
