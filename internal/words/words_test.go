package words

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode"

	"pressroom/internal/testkit/nodejs"
)

const script = "../../static/js/search.js"

type golden struct{ Lang, In, Out, Rules string }

func goldens(t *testing.T) (all []golden) {
	t.Helper()
	data, err := os.ReadFile("testdata/words.txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		if f := strings.SplitN(strings.TrimSuffix(line, "\n"), " | ", 3); len(f) == 3 && !strings.HasPrefix(line, "#") {
			all = append(all, golden{Lang: f[0], In: f[1], Out: f[2]})
		}
	}
	if len(all) < 30 {
		t.Fatal("the table is gone")
	}
	return all
}

func TestCut(t *testing.T) {
	for _, g := range goldens(t) {
		if got := strings.Join(In(g.Lang).Cut(g.In), " "); got != g.Out {
			t.Errorf("%s: %q gives %q, want %q", g.Lang, g.In, got, g.Out)
		}
	}
}

// inJavaScript cuts texts by the script that readers run.
func inJavaScript(t *testing.T, ask []golden) (out []string) {
	t.Helper()
	src, err := os.ReadFile(script)
	if err != nil {
		t.Fatal(err)
	}
	for i := range ask {
		ask[i].Rules = Rules(ask[i].Lang)
	}
	if err := nodejs.Run(t, `
		const vm = require("vm"), [src, ask] = JSON.parse(require("fs").readFileSync(0, "utf8"));
		const cut = vm.runInNewContext(src + "\n;pressSearch.cut", { URL, TextDecoder });
		console.log(JSON.stringify(ask.map(({ Rules, In }) => /\p{Cn}|\p{Co}/u.test(In) ? "unassigned" : cut(In, Rules).join(" "))));`, []any{string(src), ask}, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestCutInJavaScript(t *testing.T) {
	all := goldens(t)
	for i, got := range inJavaScript(t, all) {
		if g := all[i]; got != g.Out {
			t.Errorf("%s: %q gives %q in JavaScript, want %q", g.Lang, g.In, got, g.Out)
		}
	}
}

// TestCutAlike compares both sides over random texts: words of every script, marks in any
// order, signs between them.
func TestCutAlike(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	pieces := []string{"'", "’", " ", "-", "s", "ing", "ed", "ies", "es", "er", "ee", "aux", "qu", "ll", "e\u0301", "\u0301\u0327", "ß", "œ", "…", "\u00ad", "\u200d", "か\u3099", "िक़", "10"}
	langs := []string{"en", "fr", "de", "es", "it", "nl", "pt", "ar", "ja"}
	var ask []golden
	for range 4000 {
		var b strings.Builder
		for range 1 + r.IntN(40) {
			switch r.IntN(8) {
			case 0, 1, 2:
				b.WriteByte("abcdefghijklmnopqrstuvwxyzEISLN  "[r.IntN(33)])
			case 3, 4:
				b.WriteString(pieces[r.IntN(len(pieces))])
			case 5:
				b.WriteRune(rune(0x80 + r.IntN(0x2f80)))
			case 6:
				b.WriteRune(rune(0x20 + r.IntN(0xd000)))
			case 7:
				b.WriteRune(rune(0xe000 + r.IntN(0x12000)))
			}
		}
		text := strings.Map(func(r rune) rune {
			if !unicode.In(r, unicode.L, unicode.M, unicode.N, unicode.P, unicode.S, unicode.Z) {
				return ' ' // not assigned in one of the two tables, or private
			}
			return r
		}, b.String())
		ask = append(ask, golden{Lang: langs[r.IntN(len(langs))], In: text})
	}
	compared := 0
	for i, got := range inJavaScript(t, ask) {
		if got == "unassigned" {
			continue
		}
		compared++
		if want := strings.Join(In(ask[i].Lang).Cut(ask[i].In), " "); got != want {
			t.Errorf("%s: %q (%+q)\n gives %+q here\n and   %+q in JavaScript", ask[i].Lang, ask[i].In, ask[i].In, want, got)
		}
	}
	if compared < len(ask)/2 {
		t.Errorf("only %d of %d texts were compared", compared, len(ask))
	}
}

func unpacked(packed []byte) (out []string) {
	Merge([]*Cursor{Read(packed)}, func(w []byte, n int) { out = append(out, fmt.Sprintf("%s %d", w, n)) })
	return out
}

func TestCount(t *testing.T) {
	c := In("en").Count()
	c.Text("Harbour opens", 8)
	c.HTML([]byte("<p>The <em>harb</em>our &amp; the\x00(0\x00 quays\x00)0\x00.</p>\n<p>Quay\x00.1\x00side</p><img alt=\"x\">end"), 1)
	packed := c.Pack()
	want := []string{"end 1", "harbour 9", "open 8", "quay 2", "sid 1", "the 2"}
	if got := unpacked(packed); !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if got := Length(packed); got != 9 {
		t.Errorf("%d words, want 9", got)
	}
	if got := unpacked(In("en").Count().Pack()); got != nil {
		t.Errorf("nothing gives %q", got)
	}
}

func TestMerge(t *testing.T) {
	count := func(text string) *Cursor {
		c := In("xx").Count()
		c.Text(text, 1)
		return Read(c.Pack())
	}
	var got []string
	Merge([]*Cursor{count("b d"), count(""), count("a b c"), count("b c c")}, func(w []byte, n int) { got = append(got, fmt.Sprintf("%s %d", w, n)) })
	if want := []string{"a 1", "b 3", "c 3", "d 1"}; !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// TestCountMany fills the table beyond its size and compares with a map.
func TestCountMany(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, n := range []int{10, 3000, 40000} {
		want := map[string]int{}
		c := In("xx").Count()
		for range n {
			w := fmt.Sprintf("w%dx", r.IntN(n/2))
			want[w]++
			c.Text(w, 1)
		}
		if len(want) > most {
			t.Fatal("more than can be counted")
		}
		got := map[string]int{}
		last := ""
		Merge([]*Cursor{Read(c.Pack())}, func(w []byte, n int) {
			if string(w) <= last {
				t.Fatalf("%q after %q", w, last)
			}
			last = string(w)
			got[last] = n
		})
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%d words are counted otherwise than by a map", n)
		}
	}
}

func FuzzHTML(f *testing.F) {
	f.Add([]byte("<p>a\x00(1\x00b\x00)1\x00 &am <b"))
	f.Add([]byte("\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		c := In("fr").Count()
		c.HTML(b, 1)
		Merge([]*Cursor{Read(c.Pack())}, func(w []byte, n int) {
			if len(w) == 0 || n < 1 {
				t.Errorf("%q counts %d", w, n)
			}
		})
	})
}

func BenchmarkCount(b *testing.B) {
	text := []byte("<p>" + strings.Repeat("The Council adopted the réserve of the harbour’s quays on Monday, the spokesperson said in Port Hale. ", 30) + "</p>")
	n := len(In("en").Cut(string(text)))
	for b.Loop() {
		c := In("en").Count()
		c.HTML(text, 1)
		c.Pack()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/word")
}
