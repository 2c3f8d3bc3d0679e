package node

import (
	"reflect"
	"strings"
	"testing"

	"pressroom/internal/report"
)

type person struct {
	Name string `key:"name"`
	Role string `key:"role"`
	zone string
}

func (p *person) UnmarshalNode(d *Decoder, n *Node) {
	p.zone, _ = d.Env.(string)
	switch n.Kind {
	case Scalar:
		p.Name = n.Text
	case Map:
		type plain person // without this method
		d.Decode(n, (*plain)(p))
	default:
		d.Errorf(n, "person", "write a name", "%s is no person", n.Kind)
	}
}

type base struct {
	Title string `key:"title"`
	Draft bool   `key:"draft"`
}

type front struct {
	base
	Embargo string       `key:"embargo,alias=publishDate|pubdate"`
	Tags    []At[string] `key:"tags,single"`
	Aliases []string     `key:"aliases"`
	Speaker []person     `key:"speaker,alias=speakers|by,single"`
	Event   *person      `key:"event"`
	Clean   *bool        `key:"clean"`
	Count   int          `key:"count"`
	Geo     []float64    `key:"geo"`
	Image   struct {
		Src string `key:"src"`
		Alt string `key:"alt"`
	} `key:"image"`
	Names  map[string]string `key:"names"`
	Params map[string]any    `key:"params"`
	Any    any               `key:"any"`
	Raw    *Node             `key:"raw"`
	Places Places            `key:",places"`
	Other  string
}

func decode(text string) (front, report.List) {
	n, problems := parse(ParseYAML, text)
	var f front
	if problems == nil {
		problems = Decode(report.Source{Path: "a.md", Text: []byte(text)}, n, &f)
	}
	return f, problems
}

func TestDecode(t *testing.T) {
	f, problems := decode(`Title: NO
draft: True
publish-date: 2024-05-27
TAGS: 0412
aliases: [/a/, /b/]
speaker:
- Ana
- {name: Bo, role: x}
event: {name: Day}
clean: false
count: -3
geo: [42.7, 23]
image:
  src: a.jpg
names: {fr: Été, de: }
params: {a: 1, b: [yes, 1.50, true, "2", 012, 99999999999999999999, null], c: {d: 0x1f}, e: }
any: 1e3
raw: [x]
`)
	if problems != nil {
		t.Fatal(told(problems))
	}
	no := false
	want := front{
		base:    base{Title: "NO", Draft: true},
		Embargo: "2024-05-27",
		Tags:    []At[string]{{"0412", Pos{4, 7, 4}}},
		Aliases: []string{"/a/", "/b/"},
		Speaker: []person{{Name: "Ana"}, {Name: "Bo", Role: "x"}},
		Event:   &person{Name: "Day"},
		Clean:   &no,
		Count:   -3,
		Geo:     []float64{42.7, 23},
		Names:   map[string]string{"fr": "Été"},
		Params: map[string]any{
			"a": 1,
			"b": []any{"yes", 1.5, true, "2", "012", "99999999999999999999", nil},
			"c": map[string]any{"d": 31},
			"e": nil,
		},
		Any:    1000.0,
		Raw:    f.Raw,
		Places: f.Places,
	}
	want.Image.Src = "a.jpg"
	if !reflect.DeepEqual(f, want) {
		t.Errorf("got  %+v\nwant %+v", f, want)
	}
	if got := draw(f.Raw); got != "[x@18:7+1]@18:6+3" {
		t.Errorf("raw is %s", got)
	}
	for key, want := range map[string]Pos{
		"title": {1, 8, 2}, "embargo": {3, 15, 10}, "tags": {4, 7, 4}, "image": {14, 3, 3}, "speaker": {7, 1, 1},
	} {
		if got := f.Places[key]; got != want {
			t.Errorf("%s is at %v, want %v", key, got, want)
		}
	}
	if _, ok := f.Places["src"]; ok || len(f.Places) != 15 {
		t.Errorf("places are %v", f.Places)
	}
}

func TestDecodeNothing(t *testing.T) {
	f, problems := decode("title:\ndraft: null\nembargo:\npubdate: x\ntags:\nspeaker:\nevent: ~\nclean:\nraw:\nany:\n")
	if problems != nil {
		t.Fatal(told(problems))
	}
	f.Places = nil
	if want := (front{Embargo: "x"}); !reflect.DeepEqual(f, want) {
		t.Errorf("got %+v", f)
	}
}

func TestDecodeProblems(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"titel: x", `1:1+5 unknown-key: unknown key "titel" (did you mean "title"?)`},
		{"pub_dat: x", `1:1+7 unknown-key: unknown key "pub_dat" (did you mean "pubdate"?)`},
		{"image:\n  caption: x", `2:3+7 unknown-key: unknown key "caption" (known here: alt, src)`},
		{"embargo: a\npubdate: b", `2:1+7 duplicate-key: "embargo" on line 1 and "pubdate" on line 2 are the same key (keep one of them)`},
		{"draft: maybe", `1:8+5 wrong-type: "maybe" is not true or false`},
		{"draft: yes", `1:8+3 wrong-type: "yes" is not true or false (write true)`},
		{"draft: Off", `1:8+3 wrong-type: "Off" is not true or false (write false)`},
		{"draft: \"true\"", `1:8+6 wrong-type: "true" in quotes is a text, not true or false (write true without the quotes)`},
		{"draft: [true]", `1:8+6 wrong-type: true or false is wanted here, not a list`},
		{"count: 1.5", `1:8+3 wrong-type: "1.5" is not a whole number`},
		{"count: many\ntitel: x", "1:8+4 wrong-type: \"many\" is not a whole number\n2:1+5 unknown-key: unknown key \"titel\" (did you mean \"title\"?)"},
		{"count: 99999999999999999999", `1:8+20 wrong-type: "99999999999999999999" is not a whole number`},
		{"geo: [north, .nan, 1_0]", `1:7+5 wrong-type: "north" is not a number
1:14+4 wrong-type: ".nan" is not a number
1:20+3 wrong-type: "1_0" is not a number`},
		{"title: [a]", `1:8+3 wrong-type: a text is wanted here, not a list`},
		{"title:\n  Foo: bar", `2:3+3 wrong-type: a text is wanted here, not a group of keys (if it is a text with a colon in it, put it in double quotes)`},
		{"aliases: a, b", `1:10+4 wrong-type: a list is wanted here, not a text (write it in brackets: [a, b])`},
		{"aliases: {a: b}", `1:10+6 wrong-type: a list is wanted here, not a group of keys`},
		{"aliases:\n- a\n-\n", `3:1+1 empty-item: an item of this list is empty (write a value, or remove the item)`},
		{"image: a.jpg", `1:8+5 wrong-type: a group of keys is wanted here, not a text`},
		{"params: [a]", `1:9+3 wrong-type: a group of keys is wanted here, not a list`},
		{"names: {fr: [x]}", `1:13+3 wrong-type: a text is wanted here, not a list`},
		{"event: [Ana]", `1:8+5 person: a list is no person (write a name)`},
		{"speaker: [[Ana]]", `1:11+5 person: a list is no person (write a name)`},
	} {
		_, problems := decode(c.text)
		if got := told(problems); got != c.want {
			t.Errorf("%q\ngot  %s\nwant %s", c.text, got, c.want)
		}
	}
}

func TestEnv(t *testing.T) {
	n, _ := parse(ParseTOML, "event = 'Ana'\n[[speaker]]\nname = 'Bo'\n")
	var f front
	d := Decoder{Env: "Europe/Sofia"}
	d.Decode(n, &f)
	if f.Event.zone != "Europe/Sofia" || f.Speaker[0].zone != "Europe/Sofia" || d.Problems != nil {
		t.Errorf("got %+v and %v", f, d.Problems)
	}
}

// TestTags: mistakes in a struct are the programmer's, and are told at once.
func TestTags(t *testing.T) {
	n, _ := parse(ParseYAML, "a: 1\n")
	for want, dst := range map[string]any{
		"two fields": &struct {
			A, B string `key:"a"`
		}{},
		"unknown option": &struct {
			A string `key:"a,many"`
		}{},
		"cannot decode": &struct {
			A chan int `key:"a"`
		}{},
		"not a pointer": struct{}{},
	} {
		func() {
			defer func() {
				if got, _ := recover().(string); !strings.Contains(got, want) {
					t.Errorf("got %q, want %q", got, want)
				}
			}()
			Decode(report.Source{}, n, dst)
		}()
	}
}

func TestSameKey(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"publishDate", "publish-date", true},
		{"publishDate", "PUBLISH_DATE", true},
		{"-a", "A", true},
		{"é", "É", true},
		{"é-x", "Éx", true},
		{"a", "b", false},
		{"a b", "ab", false},
		{"é", "e", false},
	} {
		if got := sameKey(c.a, c.b); got != c.want {
			t.Errorf("%q and %q: %v", c.a, c.b, got)
		}
	}
}
