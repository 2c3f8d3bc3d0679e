package node

import (
	"testing"

	yamllib "go.yaml.in/yaml/v3"

	"pressroom/internal/report"
)

const ordinary = `title: Minister opens the spring session in Sofia
date: 2024-05-27 16:00
speaker: Ana Duarte
location: Sofia, Bulgaria
summary: "The session: what was said, and what comes next"
topics: [harbour, climate, trade]
type: speech
delivery: as-delivered
videos:
  - MC-20240527-V-0412
`

func BenchmarkYAML(b *testing.B) {
	src := report.Source{Text: []byte(ordinary)}
	b.ReportAllocs()
	for b.Loop() {
		if _, problems := ParseYAML(src, src.Text, 1); problems != nil {
			b.Fatal(problems)
		}
	}
}

func BenchmarkYAMLLibrary(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		var n yamllib.Node
		if err := yamllib.Unmarshal([]byte(ordinary), &n); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkTOML(b *testing.B) {
	src := report.Source{Text: []byte("title = \"Minister opens\"\ndate = 2024-05-27\ntopics = [\"harbour\", \"climate\"]\n[image]\nsrc = \"a.jpg\"\nalt = \"A\"\n")}
	b.ReportAllocs()
	for b.Loop() {
		if _, problems := ParseTOML(src, src.Text, 1); problems != nil {
			b.Fatal(problems)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	type dst struct {
		Title    string       `key:"title"`
		Date     string       `key:"date"`
		Speaker  []string     `key:"speaker,single"`
		Location string       `key:"location"`
		Summary  string       `key:"summary"`
		Topics   []At[string] `key:"topics,single"`
		Type     string       `key:"type"`
		Delivery string       `key:"delivery"`
		Videos   []string     `key:"videos,single"`
		Places   Places       `key:",places"`
	}
	src := report.Source{Text: []byte(ordinary)}
	n, _ := ParseYAML(src, src.Text, 1)
	b.ReportAllocs()
	for b.Loop() {
		var v dst
		if problems := Decode(src, n, &v); problems != nil {
			b.Fatal(problems)
		}
	}
}
