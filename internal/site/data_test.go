package site

import (
	"strings"
	"testing"
)

func TestPlain(t *testing.T) {
	for in, want := range map[string]string{
		"": "",
		"<p>One <strong>two</strong>, three.</p>\n<p>Four.</p>\n":                                 "One two, three.\nFour.",
		"<h2 id=\"a\">Head</h2><ul>\n<li>by <a href=\"/x/\">rail</a></li>\n<li>by ship</li></ul>": "Head\nby rail\nby ship",
		"a<br>b<br />c<hr/>d":                               "a\nb\nc\nd",
		"<p>1 &lt; 2 &amp;&amp; 3 &gt; 2 &quot;&#8217;</p>": "1 < 2 && 3 > 2 \"’",
		"<p>&lt;p&gt;not a mark&lt;/p&gt;</p>":              "<p>not a mark</p>",
		"<p>  two\n  lines\t</p>":                           "two lines",
		"<table><tr><td>a</td><td>b</td></tr></table>":      "a\nb",
		"<p>cut <":                 "cut",
		"<p>narrow\u00a0space</p>": "narrow\u00a0space",
	} {
		if got := plain(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func BenchmarkPlain(b *testing.B) {
	markup := strings.Repeat("<p>The Council of Ministers meets in <a href=\"/x/\">Port Hale</a> &amp; elsewhere on Tuesday.</p>\n", 40)
	b.SetBytes(int64(len(markup)))
	for b.Loop() {
		plain(markup)
	}
}
