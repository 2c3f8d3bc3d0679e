package settings

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"pressroom/internal/gate"
	"pressroom/internal/node"
)

// span is a time as an operator writes it: 30m, 7d, 1h30m.
type span time.Duration

// units are those of a span; day and so on stand after "per".
var units = map[string]time.Duration{
	"s": time.Second, "second": time.Second, "m": time.Minute, "min": time.Minute, "minute": time.Minute,
	"h": time.Hour, "hour": time.Hour, "d": day, "day": day, "w": 7 * day, "week": 7 * day,
}

const day = 24 * time.Hour

var spanPart = regexp.MustCompile(`^([0-9]{1,6})(s|min|m|h|d|w)`)

// ParseSpan reads a time as an operator writes it, as 90s, 30m, 24h, 7d or 1h30m; at most
// some years, so that no sum of parts overflows.
func ParseSpan(s string) (time.Duration, bool) {
	var sum time.Duration
	rest := strings.TrimSpace(s)
	for parts := 0; rest != "" && parts < 5; parts++ {
		m := spanPart.FindStringSubmatch(rest)
		if m == nil {
			return 0, false
		}
		n, _ := strconv.Atoi(m[1])
		if time.Duration(n) > 3660*day/units[m[2]] {
			return 0, false
		}
		sum += time.Duration(n) * units[m[2]]
		rest = rest[len(m[0]):]
	}
	return sum, rest == "" && sum > 0
}

func (v *span) UnmarshalNode(d *node.Decoder, n *node.Node) {
	var text string
	d.Decode(n, &text)
	if n.Kind != node.Scalar {
		return
	}
	t, ok := ParseSpan(text)
	if !ok {
		d.Errorf(n, "wrong-type", "write it as 90s, 30m, 24h or 7d", "%q is not a time", text)
	}
	*v = span(t)
}

// short writes a span as ParseSpan reads it.
func short(t time.Duration) string {
	for _, u := range []struct {
		name string
		d    time.Duration
	}{{"d", day}, {"h", time.Hour}, {"m", time.Minute}} {
		if t%u.d == 0 {
			return fmt.Sprintf("%d%s", t/u.d, u.name)
		}
	}
	return fmt.Sprintf("%ds", t/time.Second)
}

// rate is so many in so long: 10 per 24h, 5 per hour.
type rate gate.Limit

var rateForm = regexp.MustCompile(`^([0-9]{1,9})\s*(?:per|/)\s*([0-9a-z]+)$`)

func (v *rate) UnmarshalNode(d *node.Decoder, n *node.Node) {
	var text string
	d.Decode(n, &text)
	if n.Kind != node.Scalar {
		return
	}
	m := rateForm.FindStringSubmatch(strings.TrimSpace(text))
	var per time.Duration
	ok := m != nil
	if ok {
		if per = units[m[2]]; per == 0 {
			per, ok = ParseSpan(m[2])
		}
	}
	if !ok {
		d.Errorf(n, "wrong-type", "write it as 5 per hour or 10 per 24h", "%q is not so many in so long", text)
		return
	}
	v.Max, _ = strconv.Atoi(m[1])
	v.Per = per
}

// size is a number of bytes: 500GB, 64 KiB.
type size int64

var sizeForm = regexp.MustCompile(`^([0-9]{1,6}(?:\.[0-9]{1,3})?)\s*([kKMGTP]?i?)B$`)

func (v *size) UnmarshalNode(d *node.Decoder, n *node.Node) {
	var text string
	d.Decode(n, &text)
	if n.Kind != node.Scalar {
		return
	}
	m := sizeForm.FindStringSubmatch(strings.TrimSpace(text))
	if m == nil || m[2] == "i" {
		d.Errorf(n, "wrong-type", "write it as 500GB or 64KiB", "%q is not a number of bytes", text)
		return
	}
	number, _ := strconv.ParseFloat(m[1], 64)
	base, prefix := 1000.0, m[2]
	if strings.HasSuffix(prefix, "i") {
		base, prefix = 1024, prefix[:1]
	}
	power := 1 + strings.Index("KMGTP", strings.ToUpper(prefix))
	if prefix == "" {
		power = 0
	}
	*v = size(math.Min(number*math.Pow(base, float64(power)), 1e18))
}

// shortSize writes a size for a message.
func shortSize(n int64) string {
	for _, u := range []struct {
		name string
		n    int64
	}{{"PB", 1e15}, {"TB", 1e12}, {"GB", 1e9}, {"MB", 1e6}, {"kB", 1e3}} {
		if n >= u.n {
			return strconv.FormatFloat(float64(n)/float64(u.n), 'f', -1, 64) + u.name
		}
	}
	return fmt.Sprintf("%dB", n)
}
