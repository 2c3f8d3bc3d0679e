package feed

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"io"
	"strings"
	"testing"
	"time"

	"pressroom/internal/site"
)

var nasty = "Ünïcode & <b> \"quotes\" ]]> \u2028 end"

func sampleFeed() site.Feed {
	at := time.Date(2024, 5, 27, 16, 0, 0, 0, time.UTC)
	return site.Feed{Title: nasty, Lang: "en", Home: "https://p.example/news/", Base: "https://p.example/news/", Author: "Us", Updated: at, Items: []site.FeedItem{{
		ID: "https://p.example/a/", URL: "https://p.example/a/", Title: nasty, Summary: nasty, Published: at, Updated: at.Add(time.Hour), Authors: []string{"Ana"},
		Categories: []string{nasty}, Image: &site.Enclosure{URL: "https://p.example/a.jpg", Type: "image/jpeg"},
		Media: []site.Enclosure{{URL: "https://p.example/a.mp4?x=1&y=2", Type: "video/mp4", Bytes: 5, Width: 640, Height: 360}}, Credit: nasty, Seconds: 8,
	}}}
}

// Whatever stands in a title, a feed can be read; and an empty feed is one too.
func TestFeedsAreWellFormed(t *testing.T) {
	for _, f := range []site.Feed{sampleFeed(), {Title: "Empty", Home: "https://p.example/", Base: "https://p.example/"}} {
		for _, form := range Forms {
			var b bytes.Buffer
			if err := form.Write(&b, f); err != nil {
				t.Fatal(err)
			}
			if strings.HasSuffix(form.Name, ".json") {
				if !json.Valid(b.Bytes()) {
					t.Errorf("%s is not JSON", form.Name)
				}
				continue
			}
			for d := xml.NewDecoder(&b); ; {
				if _, err := d.Token(); err == io.EOF {
					break
				} else if err != nil {
					t.Fatalf("%s: %v", form.Name, err)
				}
			}
		}
	}
}

func TestCalendar(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 12, 3, 9, 0, 0, 0, time.UTC)
	var b bytes.Buffer
	err = ICS(&b, site.Calendar{Title: "Press; events", Zone: zone, Events: []site.CalendarEntry{
		{UID: "a@p.example", Title: "Summit, day one; with é and a title that is long enough to be folded twice, or so one thinks, in the end", URL: "https://p.example/a/", Start: at, End: at.Add(time.Hour), Place: "Port Hale, Netherlands", Status: "cancelled", Sequence: 2, Stamp: at},
		{UID: "b@p.example", Title: "All day", URL: "https://p.example/b/", Start: time.Date(2026, 12, 3, 23, 0, 0, 0, time.UTC), End: time.Date(2026, 12, 4, 23, 0, 0, 0, time.UTC), AllDay: true, Status: "moved", Stamp: at},
	}})
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.SplitSeq(b.String(), "\r\n") {
		if len(line) > 75 || strings.ContainsRune(line, '\n') {
			t.Errorf("%d octets: %q", len(line), line)
		}
	}
	flat := strings.ReplaceAll(b.String(), "\r\n ", "")
	for _, want := range []string{
		"X-WR-CALNAME:Press\\; events\r\n", "DTSTART:20261203T090000Z\r\n", "DTEND:20261203T100000Z\r\n", "SUMMARY:Summit\\, day one\\; with é", "STATUS:CANCELLED\r\n", "SEQUENCE:2\r\n",
		"DTSTART;VALUE=DATE:20261204\r\n", "DTEND;VALUE=DATE:20261206\r\n", "STATUS:CONFIRMED\r\n", "LOCATION:Port Hale\\, Netherlands\r\n",
	} {
		if !strings.Contains(flat, want) {
			t.Errorf("no %q in\n%s", want, flat)
		}
	}
}

func TestSplitSitemap(t *testing.T) {
	m := Split([]site.MapEntry{
		{URL: "https://p.example/", Part: "pages"}, {URL: "https://p.example/a/", Part: "2024-05", News: true}, {URL: "https://p.example/b/", Part: "2024-04"},
	})
	if got := strings.Join(m.Index, " "); got != "sitemap-2024-04.xml sitemap-2024-05.xml sitemap-news.xml sitemap-pages.xml" {
		t.Error(got)
	}
	if m.Parts["sitemap-2024-05.xml"][0].News || !m.Parts["sitemap-news.xml"][0].News {
		t.Error("news stands in the wrong part")
	}
}
