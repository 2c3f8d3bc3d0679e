package content

import (
	"strings"
	"testing"
	"time"

	"pressroom/internal/memo"
)

// What a desk must be able to rely on is told where it is missing.
func TestVideoRules(t *testing.T) {
	const clear = "rights: {restrictions: [], third-party: none, music: none}\n"
	const bite = "shotlist: [{in: \"0:00\", dur: \"0:04\", soundbite: {speaker: Ana, language: en, verbatim: Yes.}}]\n"
	for _, c := range []struct{ front, want string }{
		{clear, ""},
		{"", ""}, // the site's own rights hold
		{"rights: {credit: MCTV, restrictions: [], music: none}\n", "rights: the rights leave open what may be done"},
		{"rights: {third-party: none, music: none}\n", "rights: the rights leave open what may be done"},
		{"recorded: 2026-07-07T08:41:00+02:00\n", ""},
		{"recorded: 2026-07-08T01:00:00+12:00\n", ""}, // the 7th, where it is still the 7th
		{"recorded: 2026-07-17\n", "id-date: the id says 20260707, and it was recorded on 2026-07-17"},
		{"genre: package\n", "clean-twin: a package without its clean version"},
		{"genre: package\nclean: true\n", ""},
		{"genre: package\ntwin: MC-1\n", ""},
		{"transcript: {origin: machine}\n", ""},
		{"transcript: {origin: machine}\n" + bite, "unchecked-quote: soundbites are quoted from a machine transcript that nobody has checked"},
		{"transcript: {origin: machine, checked-by: J. Oduya}\n" + bite, ""},
		{strings.Replace(bite, "language: en, ", "", 1), "shotlist: the soundbite of shot 1 does not say in what language it is"},
		{"shotlist: [{in: \"0:00\", dur: \"0:00\", text: Cars}]\n", "shotlist: shot 1 has no length"},
		{"shotlist: [{in: \"0:00\", dur: \"0:04\"}, {in: \"0:03\", dur: \"0:01\"}]\n", "shotlist: shot 2 begins at 0:03, before the one above it ends"},
		{"duration: \"0:05\"\n" + bite, "shotlist: the last shot ends at 4.00 s, not with the video"},
		{"renditions: [{name: a, access: public, file: a.mp4, version: signed}]\n", `unknown-word: "signed" is not a version of a film`},
		{"renditions: [{name: a, access: public, file: a.mp4, scan: interlaced}]\n", `rendition: the interlaced rendition "a" does not say how many frames it has`},
		{"renditions: [{name: a, access: public, file: a.mp4, audio: [{track: 1, role: music}]}]\n", `unknown-word: "music" is not a role of an audio track`},
	} {
		src := "---\nid: MC-20260707-V-0412\ntitle: Cars\ndate: 2026-07-07\nsummary: Cars.\n" + c.front + "---\n"
		_, problems := Parse("content/videos/2026/MC-20260707-V-0412.md", []byte(src), memo.Key{}, Options{Zone: time.UTC, Languages: []string{"en"}})
		var got []string
		for _, p := range problems {
			got = append(got, p.Name+": "+p.Text)
			if p.Line == 0 || p.Hint == "" {
				t.Errorf("%q: %s has no place or no hint", c.front, p.Text)
			}
		}
		if strings.Join(got, "; ") != c.want {
			t.Errorf("%q: %q, want %q", c.front, got, c.want)
		}
	}
}
