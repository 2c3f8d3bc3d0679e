package content

import (
	"bytes"
	"strings"
	"testing"
)

// What scrolls by itself has a name for those who come to it by keyboard, in the words of
// the table; and without any words there is nothing to come to.
func TestTableHasAName(t *testing.T) {
	for table, want := range map[string]string{
		"| Member | Share |\n|---|---|\n| Soravia | 3 |":       `<div class="table" role="group" aria-label="Member, Share" tabindex="0">`,
		"| | [2027](a.md) *\"draft\"* |\n|---|---|\n| a | b |": `<div class="table" role="group" aria-label="2027 “draft”" tabindex="0">`,
		"| | |\n|---|---|\n| Rain <x> & wind | 40 \\| 50 mm |": `<div class="table" role="group" aria-label="Rain &amp; wind, 40 | 50 mm" tabindex="0">`,
		"| | |\n|---|---|\n| | |":                              `<div class="table"><table>`,
	} {
		var b bytes.Buffer
		if err := newMarkdown("en").Convert([]byte(table+"\n"), &b); err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(b.String(), want) {
			t.Errorf("%s\n%s, want %s", table, b.String(), want)
		}
	}
}
