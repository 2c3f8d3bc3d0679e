package media

import "testing"

func TestReadVTT(t *testing.T) {
	good := "\ufeffWEBVTT - words\r\n\r\nNOTE made by hand\nover two lines\n\n1\n00:01.000 --> 00:03.500 align:start\n<v Ilse Marrow>Today we <i>stop</i>\npromising &amp; start.\n\n00:00:04.000 --> 01:00:05.000\nNo name\n"
	cues, problems := ReadVTT("a.vtt", []byte(good))
	if len(problems) > 0 || len(cues) != 2 || cues[0] != (Cue{1, 3.5, "Ilse Marrow", "Today we stop promising & start."}) || cues[1] != (Cue{4, 3605, "", "No name"}) {
		t.Errorf("%+v %v", cues, problems)
	}
	for in, want := range map[string]string{
		"1\n00:01.000 --> 00:02.000\nx\n":                                      "a.vtt:1:1: captions begin with the line WEBVTT",
		"WEBVTT\n\n00:01,000 --> 00:02,000\nx\n":                               `a.vtt:3:1: "00:01,000 --> 00:02,000" is not the timing of a caption`,
		"WEBVTT\n\n00:02.000 --> 00:02.000\nx\n":                               "a.vtt:3:1: the caption ends before it begins",
		"WEBVTT\n\n00:05.000 --> 00:06.000\nx\n\n00:01.000 --> 00:02.000\ny\n": "a.vtt:6:1: the caption begins before the one above it",
		"WEBVTT\n\n00:01.000 --> 00:02.000\n\n":                                "a.vtt:3:1: a caption without words",
	} {
		_, problems := ReadVTT("a.vtt", []byte(in))
		if len(problems) != 1 || problems[0].Place()+" "+problems[0].Text != want {
			t.Errorf("%q: %v, want %s", in, problems, want)
		}
	}
}
