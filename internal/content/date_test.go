package content

import (
	"testing"
	"time"
)

func TestParseDate(t *testing.T) {
	amsterdam, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ in, want string }{
		{"2024-05-27", "2024-05-26T22:00:00Z bare"},
		{"2024-05-27 16:00", "2024-05-27T14:00:00Z"},
		{"2024-05-27T16:00:00+02:00", "2024-05-27T14:00:00Z"},
		{"2024-05-27 16:00:00 -0500", "2024-05-27T21:00:00Z"},
		{"2024-05-27T16:00:00Z", "2024-05-27T16:00:00Z"},
		{"2024-05-27T16:00:00.250Z", "2024-05-27T16:00:00.25Z"},
		{"2024-02-29", "2024-02-28T23:00:00Z bare"},
		{"2023-02-29", `"2023-02-29" is not a day of the calendar`},
		{"2024-13-01", `"2024-13-01" is not a day of the calendar`},
		{"2024-05-27 24:00", `"2024-05-27 24:00" is not a time of day`},
		{"2024-05-27 16:00 +15:00", `"2024-05-27 16:00 +15:00" has an offset that no place has`},
		{"2024-03-31 02:30", `"2024-03-31 02:30" does not exist in Europe/Amsterdam: the clocks go forward over it`},
		{"2024-10-27 02:30", `"2024-10-27 02:30" happens twice in Europe/Amsterdam: the clocks go back over it`},
		{"2024-10-27 03:30", "2024-10-27T02:30:00Z"},
		{"2024-10-27 01:30", "2024-10-26T23:30:00Z"},
		{"05/06/2024", `"05/06/2024" can be read in two ways`},
		{"25/06/2024", `"25/06/2024" is not in the form year-month-day`},
		{"June 5", `"June 5" is not a date`},
		{"", `"" is not a date`},
	} {
		at, bare, err := ParseDate(c.in, amsterdam)
		got := at.UTC().Format(time.RFC3339Nano)
		if bare {
			got += " bare"
		}
		if err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%q: got %s, want %s", c.in, got, c.want)
		}
	}
}

// A day that begins at one o'clock is still that day.
func TestParseDateWithoutMidnight(t *testing.T) {
	zone, err := time.LoadLocation("America/Asuncion")
	if err != nil {
		t.Fatal(err)
	}
	at, _, err := ParseDate("2023-10-01", zone)
	if err != nil || at.In(zone).Format("2006-01-02 15:04") != "2023-10-01 01:00" {
		t.Errorf("%v %v", at.In(zone), err)
	}
}

func TestSlugify(t *testing.T) {
	for in, want := range map[string]string{
		"Sofia, Bulgaria": "sofia-bulgaria", "Ana  Duarte": "ana-duarte", "Łukasz Wójcik": "lukasz-wojcik", "Île-de-France": "ile-de-france",
		"Søren Ærø": "soren-aero", "Владимир": "владимир", "東京": "東京", "مؤتمر": "مؤتمر", "🎉": "", "  --  ": "", "l’Élysée": "lelysee", "C++ & Go": "c-go",
		"cafe\u0301": "cafe",
	} {
		if got := Slugify(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}
