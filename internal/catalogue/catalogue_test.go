package catalogue

import (
	"bytes"
	"flag"
	"os"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "rewrite testdata/catalogue.json")

// testdata/catalogue.json is what one wing writes and the other reads.
func TestFile(t *testing.T) {
	f := &File{Version: Version, Downloads: []Download{
		{ID: "MC-20260707-V-0412/broadcast-1080i50", Title: "Leaders arrive", Page: "/videos/MC-20260707-V-0412/", File: "2026/0412.mxf", Type: "application/mxf", Bytes: 473956352,
			SHA256: strings.Repeat("9b", 32), Access: "account", NotBefore: time.Date(2026, 7, 7, 9, 0, 0, 0, time.UTC)},
		{ID: "MC-20260708-V-0413/web", Title: "Déclaration", Page: "/videos/MC-20260708-V-0413/", File: "0413.mp4", Type: "video/mp4", Bytes: 1, SHA256: strings.Repeat("41", 32), Access: "account"},
	}}
	got, err := f.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("testdata/catalogue.json", got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/catalogue.json")
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%v\ngot  %s\nwant %s", err, got, want)
	}
	back, err := Decode(want)
	if err != nil || len(back.Downloads) != 2 || back.Downloads[0] != f.Downloads[0] || back.Downloads[1] != f.Downloads[1] {
		t.Errorf("%v %+v", err, back)
	}
}

func TestDecodeRefuses(t *testing.T) {
	for _, s := range []string{"", "{", `{"version":2,"downloads":[]}`, `{"downloads":[]}`, "[]"} {
		if _, err := Decode([]byte(s)); err == nil {
			t.Errorf("%q is taken for a catalogue", s)
		}
	}
}
