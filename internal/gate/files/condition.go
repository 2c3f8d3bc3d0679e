package files

import (
	"math"
	"net/http"
	"strings"
)

// span is the part of a file that an answer carries.
type span struct{ from, length int64 }

// wanted is what a Range header asks for.
type wanted int

const (
	whole wanted = iota // all of it: no header, or one that means nothing to us
	part                // one span
	none                // nothing that we could send
)

// readRange judges a Range header for a file of size bytes (RFC 9110 §14.2). A header
// that is malformed or counts in another unit than bytes is as good as none. More than one
// range is none at all: nobody needs to fetch a master in shreds, and each shred would
// cost an answer's worth of headers.
func readRange(header string, size int64) (span, wanted) {
	unit, set, ok := strings.Cut(header, "=")
	if !ok || !strings.EqualFold(unit, "bytes") {
		return span{}, whole
	}
	var first, last int64
	var suffix bool
	n := 0
	for spec := range strings.SplitSeq(set, ",") {
		if spec = strings.Trim(spec, " \t"); spec == "" {
			continue // an empty element of a list (RFC 9110 §5.6.1.2)
		}
		if first, last, suffix, ok = readSpec(spec); !ok {
			return span{}, whole
		}
		n++
	}
	switch {
	case n == 0:
		return span{}, whole
	case n > 1:
		return span{}, none
	case suffix && last == 0, !suffix && first >= size: // bytes=-0 asks for nothing
		return span{}, none
	case suffix && size == 0:
		return span{}, whole
	case suffix:
		length := min(last, size)
		return span{size - length, length}, part
	}
	return span{first, min(last, size-1) - first + 1}, part
}

// readSpec reads "first-last", "first-" or, as a suffix of last bytes, "-last".
func readSpec(spec string) (first, last int64, suffix, ok bool) {
	a, b, ok := strings.Cut(spec, "-")
	if !ok {
		return 0, 0, false, false
	}
	if a == "" {
		last, ok = digits(b)
		return 0, last, true, ok
	}
	if first, ok = digits(a); !ok {
		return 0, 0, false, false
	}
	if b == "" {
		return first, math.MaxInt64, false, true
	}
	last, ok = digits(b)
	return first, last, false, ok && first <= last
}

// digits reads a number. One that does not fit is the largest that does: no file is so
// long, so both mean the same.
func digits(s string) (n int64, ok bool) {
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return 0, false
		}
		d := int64(c - '0')
		if n > (math.MaxInt64-d)/10 {
			n = math.MaxInt64
		} else if n != math.MaxInt64 {
			n = n*10 + d
		}
	}
	return n, s != ""
}

// precondition judges If-Match and If-None-Match in the order of RFC 9110 §13.2.2. It
// returns the status to answer with instead of the file, or 0. We give no Last-Modified,
// so the conditions about dates are to be ignored.
func precondition(h http.Header, etag string) int {
	if v, ok := values(h, "If-Match"); ok && !matches(v, etag, true) {
		return http.StatusPreconditionFailed
	}
	if v, ok := values(h, "If-None-Match"); ok && matches(v, etag, false) {
		return http.StatusNotModified
	}
	return 0
}

// rangeHolds judges If-Range (RFC 9110 §13.1.5): the tag must be ours, strongly. A date
// never holds, as we give none.
func rangeHolds(h http.Header, etag string) bool {
	v, ok := values(h, "If-Range")
	return !ok || strings.Trim(v, " \t") == etag
}

func values(h http.Header, name string) (string, bool) {
	v := h.Values(name)
	return strings.Join(v, ", "), len(v) > 0
}

// matches looks for an entity tag in a list of them, or a star (RFC 9110 §8.8.3). What
// comes after a mistake in the list is not read.
func matches(list, etag string, strong bool) bool {
	if strings.Trim(list, " \t") == "*" {
		return true
	}
	for {
		list = strings.TrimLeft(list, ", \t")
		tag, weak := strings.CutPrefix(list, "W/")
		if !strings.HasPrefix(tag, `"`) {
			return false
		}
		end := strings.IndexByte(tag[1:], '"')
		if end < 0 {
			return false
		}
		end += 2
		if tag[:end] == etag && !(weak && strong) {
			return true
		}
		list = tag[end:]
	}
}
