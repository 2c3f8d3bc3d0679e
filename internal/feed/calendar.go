package feed

import (
	"io"
	"strconv"
	"strings"
	"time"

	"pressroom/internal/site"
)

// statuses are ours, in the words of RFC 5545, 3.8.1.11; an event that was moved is
// confirmed at its new time, with a higher SEQUENCE.
var statuses = map[string]string{"scheduled": "CONFIRMED", "moved": "CONFIRMED", "cancelled": "CANCELLED"}

// someZone stands in a calendar without events: one must have something in it (RFC 5545,
// 3.6), and strict readers take it for broken otherwise.
const someZone = "BEGIN:VTIMEZONE\r\nTZID:UTC\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nTZOFFSETFROM:+0000\r\nTZOFFSETTO:+0000\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"

// ICS writes a calendar by RFC 5545: all events of an edition, or one, to be added to
// one's own calendar, which has no title. Times are in UTC, which needs no zone definitions
// and means the same instant everywhere.
func ICS(w io.Writer, c site.Calendar) error {
	var b strings.Builder
	line := func(name, value string) { b.WriteString(fold(name + ":" + value)) }
	line("BEGIN", "VCALENDAR")
	line("VERSION", "2.0")
	line("PRODID", "-//Pressroom//press//EN")
	line("CALSCALE", "GREGORIAN")
	line("METHOD", "PUBLISH")
	if c.Title != "" {
		line("X-WR-CALNAME", text(c.Title))
	}
	for _, e := range c.Events {
		line("BEGIN", "VEVENT")
		line("UID", text(e.UID))
		line("DTSTAMP", utc(e.Stamp))
		line("LAST-MODIFIED", utc(e.Stamp))
		if e.AllDay {
			line("DTSTART;VALUE=DATE", e.Start.In(c.Zone).Format("20060102"))
			if !e.End.IsZero() { // the end is the day after the last
				line("DTEND;VALUE=DATE", e.End.In(c.Zone).AddDate(0, 0, 1).Format("20060102"))
			}
		} else {
			line("DTSTART", utc(e.Start))
			if !e.End.IsZero() {
				line("DTEND", utc(e.End))
			}
		}
		line("SUMMARY", text(e.Title))
		if e.Place != "" {
			line("LOCATION", text(e.Place))
		}
		if e.Geo != "" {
			line("GEO", strings.Replace(e.Geo, ",", ";", 1))
		}
		if e.Summary != "" {
			line("DESCRIPTION", text(e.Summary))
		}
		line("URL", e.URL)
		line("STATUS", statuses[e.Status])
		line("SEQUENCE", strconv.Itoa(e.Sequence))
		line("END", "VEVENT")
	}
	if len(c.Events) == 0 {
		b.WriteString(someZone)
	}
	line("END", "VCALENDAR")
	_, err := io.WriteString(w, b.String())
	return err
}

func utc(t time.Time) string { return t.UTC().Format("20060102T150405Z") }
