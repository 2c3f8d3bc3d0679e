package content

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"pressroom/internal/node"
)

// Date is an instant, kept in UTC. Bare says that the editor named a day and no
// time: it then begins in the site's time zone.
type Date struct {
	time.Time
	Bare bool
}

// Env is what the decoder must know of the site to read a document.
type Env struct{ Zone *time.Location }

// UnmarshalNode reads the forms of the contract.
func (t *Date) UnmarshalNode(d *node.Decoder, n *node.Node) {
	if n.Kind != node.Scalar {
		d.Errorf(n, "date", "write 2024-05-27 or 2024-05-27 16:00", "a date is wanted here, not %s", n.Kind)
		return
	}
	zone := time.UTC
	if env, ok := d.Env.(Env); ok && env.Zone != nil {
		zone = env.Zone
	}
	at, bare, err := ParseDate(n.Text, zone)
	if err != nil {
		bad := err.(*DateError)
		d.Errorf(n, "date", bad.Hint, "%s", bad.Text)
		return
	}
	*t = Date{at.UTC(), bare}
}

// DateError says why a date cannot be read, and how to write it.
type DateError struct{ Text, Hint string }

func (e *DateError) Error() string { return e.Text }

var (
	// 2024-05-27, with an optional time to the fraction of a second and an optional offset.
	dateForm = regexp.MustCompile(`^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(?: ?(Z|[+-]\d{2}:?\d{2}))?)?$`)
	// What people write elsewhere, to be answered with the right form.
	slashed = regexp.MustCompile(`^(\d{1,2})[./-](\d{1,2})[./-](\d{4})$`)
)

// ParseDate reads 2024-05-27, 2024-05-27 16:00, RFC 3339 and
// 2024-05-27 16:00:00 -0500. What has no offset is read in zone; a wall time that
// zone does not have, or has twice, is refused, as is a day that is not in the
// calendar. The error is a *DateError.
func ParseDate(s string, zone *time.Location) (at time.Time, bare bool, err error) {
	m := dateForm.FindStringSubmatch(strings.TrimSpace(s))
	if m == nil {
		return at, false, badForm(s)
	}
	n := make([]int, 7)
	for i := 1; i <= 6; i++ {
		n[i], _ = strconv.Atoi(m[i])
	}
	nanos, _ := strconv.Atoi((m[7] + "000000000")[:9])
	year, month, day := n[1], time.Month(n[2]), n[3]
	if days := time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC).Day(); n[2] < 1 || n[2] > 12 || day < 1 || day > days {
		return at, false, &DateError{fmt.Sprintf("%q is not a day of the calendar", s), "check month and day: the form is year-month-day"}
	}
	if n[4] > 23 || n[5] > 59 || n[6] > 59 {
		return at, false, &DateError{fmt.Sprintf("%q is not a time of day", s), "hours go to 23, minutes and seconds to 59"}
	}
	if m[8] != "" {
		offset, ok := parseOffset(m[8])
		if !ok {
			return at, false, &DateError{fmt.Sprintf("%q has an offset that no place has", s), "offsets go from -12:00 to +14:00"}
		}
		return time.Date(year, month, day, n[4], n[5], n[6], nanos, time.FixedZone("", offset)), false, nil
	}
	if m[4] == "" { // some zones begin a day at one o'clock; that is still this day
		return startOfDay(year, month, day, zone), true, nil
	}
	wall := func(off int) time.Time {
		return time.Date(year, month, day, n[4], n[5], n[6], nanos, time.FixedZone("", off))
	}
	at = time.Date(year, month, day, n[4], n[5], n[6], nanos, zone)
	if at.Hour() != n[4] || at.Minute() != n[5] {
		return at, false, &DateError{fmt.Sprintf("%q does not exist in %s: the clocks go forward over it", s, zone), "add the offset you mean, as " + s + at.Format(" -07:00")}
	}
	// The wall time occurs twice when another offset in use that day gives it too.
	_, here := at.Zone()
	for _, near := range []time.Time{at.Add(-26 * time.Hour), at.Add(26 * time.Hour)} {
		if _, off := near.Zone(); off != here {
			if _, same := wall(off).In(zone).Zone(); same == off {
				first, second := wall(max(here, off)), wall(min(here, off))
				return at, false, &DateError{fmt.Sprintf("%q happens twice in %s: the clocks go back over it", s, zone),
					"add the offset you mean: " + s + first.Format(" -07:00") + " or " + s + second.Format(" -07:00")}
			}
		}
	}
	return at, false, nil
}

func startOfDay(y int, m time.Month, d int, zone *time.Location) time.Time {
	at := time.Date(y, m, d, 0, 0, 0, 0, zone)
	for at.Day() != d { // midnight was skipped: the day begins when the clocks have moved
		at = at.Add(30 * time.Minute)
	}
	return at
}

func parseOffset(s string) (seconds int, ok bool) {
	if s == "Z" {
		return 0, true
	}
	digits := strings.ReplaceAll(s[1:], ":", "")
	h, _ := strconv.Atoi(digits[:2])
	min, _ := strconv.Atoi(digits[2:])
	seconds = h*3600 + min*60
	if s[0] == '-' {
		seconds = -seconds
	}
	return seconds, min < 60 && seconds >= -12*3600 && seconds <= 14*3600
}

func badForm(s string) error {
	if m := slashed.FindStringSubmatch(strings.TrimSpace(s)); m != nil {
		a, _ := strconv.Atoi(m[1])
		b, _ := strconv.Atoi(m[2])
		one, two := fmt.Sprintf("%s-%02d-%02d", m[3], b, a), fmt.Sprintf("%s-%02d-%02d", m[3], a, b)
		switch {
		case a > 12:
			return &DateError{fmt.Sprintf("%q is not in the form year-month-day", s), "write " + one}
		case b > 12:
			return &DateError{fmt.Sprintf("%q is not in the form year-month-day", s), "write " + two}
		case a == b:
			return &DateError{fmt.Sprintf("%q is not in the form year-month-day", s), "write " + one}
		}
		return &DateError{fmt.Sprintf("%q can be read in two ways", s), "write " + one + " or " + two}
	}
	return &DateError{fmt.Sprintf("%q is not a date", brief(s)), "write 2024-05-27, or 2024-05-27 16:00, or 2024-05-27T16:00:00+02:00"}
}

func brief(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}

// Timecode is a point or length of a video, in seconds and frames.
type Timecode struct {
	Text    string // as written
	Seconds float64
	Frames  int // of the last field of hh:mm:ss:ff; the rate is the rendition's
	Set     bool
}

var (
	smpte = regexp.MustCompile(`^(\d{2}):([0-5]\d):([0-5]\d)[:;](\d{2})$`)
	clock = regexp.MustCompile(`^(?:(\d{1,2}):)?(\d{1,2}):([0-5]\d)(?:\.(\d{1,3}))?$`)
	iso   = regexp.MustCompile(`^PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?$`)
)

// UnmarshalNode reads 00:01:12:00 (SMPTE, with frames), 1:12 and PT1M12S.
func (t *Timecode) UnmarshalNode(d *node.Decoder, n *node.Node) {
	s := n.Text
	num := func(s string) float64 { f, _ := strconv.ParseFloat(s, 64); return f }
	switch {
	case n.Kind != node.Scalar:
	case smpte.MatchString(s):
		m := smpte.FindStringSubmatch(s)
		*t = Timecode{s, num(m[1])*3600 + num(m[2])*60 + num(m[3]), int(num(m[4])), true}
		return
	case clock.MatchString(s):
		m := clock.FindStringSubmatch(s)
		*t = Timecode{s, num(m[1])*3600 + num(m[2])*60 + num(m[3]) + num("0."+m[4]+"0"), 0, true}
		return
	case iso.MatchString(s) && s != "PT":
		m := iso.FindStringSubmatch(s)
		*t = Timecode{s, num(m[1])*3600 + num(m[2])*60 + num(m[3]), 0, true}
		return
	}
	d.Errorf(n, "timecode", `write "00:01:12:00" (hours, minutes, seconds, frames), "1:12" or PT1M12S`, "%q is not a timecode", brief(s))
}

// Exact tells whether it says more than whole seconds.
func (t Timecode) Exact() bool { return smpte.MatchString(t.Text) || strings.Contains(t.Text, ".") }

// At returns the seconds with the frames, at a rate of fps frames a second.
func (t Timecode) At(fps float64) float64 {
	if fps <= 0 {
		fps = 25
	}
	return t.Seconds + float64(t.Frames)/fps
}
