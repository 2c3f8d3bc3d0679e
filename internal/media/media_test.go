package media

import (
	"bytes"
	"image"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"
)

func TestMeasure(t *testing.T) {
	var p, j bytes.Buffer
	if err := png.Encode(&p, image.NewRGBA(image.Rect(0, 0, 7, 5))); err != nil {
		t.Fatal(err)
	}
	if err := jpeg.Encode(&j, image.NewRGBA(image.Rect(0, 0, 40, 20)), nil); err != nil {
		t.Fatal(err)
	}
	// An Exif block that says: turn it by a quarter.
	exif := "\xff\xe1\x00\x22Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00\x00\x00\x00\x00"
	turned := append([]byte("\xff\xd8"+exif), j.Bytes()[2:]...)
	for _, c := range []struct {
		name string
		data []byte
		want Picture
		err  string
	}{
		{"a.png", p.Bytes(), Picture{7, 5}, ""},
		{"a.jpg", j.Bytes(), Picture{40, 20}, ""},
		{"turned.jpg", turned, Picture{20, 40}, ""},
		{"a.svg", []byte(`<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 9"/>`), Picture{16, 9}, ""},
		{"px.svg", []byte(`<svg width="20px" height="10.4"/>`), Picture{20, 10}, ""},
		{"script.svg", []byte(`<svg><script>alert(1)</script></svg>`), Picture{}, "a drawing with <script> in it"},
		{"onload.svg", []byte(`<svg onload="alert(1)"/>`), Picture{}, "a drawing with a script in onload"},
		{"href.svg", []byte(`<svg><a href="JavaScript:alert(1)"/></svg>`), Picture{}, "a drawing with a script in href"},
		{"empty.svg", nil, Picture{}, "not a drawing"},
		{"wrong.png", []byte("no picture"), Picture{}, "not a picture that can be read"},
		{"cut.jpg", j.Bytes()[:20], Picture{}, "not a picture that can be read"},
	} {
		got, err := Measure(c.name, c.data)
		if c.err == "" && (err != nil || got != c.want) || c.err != "" && (err == nil || !strings.HasPrefix(err.Error(), c.err)) {
			t.Errorf("%s: %v %v, want %v %s", c.name, got, err, c.want, c.err)
		}
	}
}

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
