package files

import (
	"math"
	"math/big"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

func TestReadRange(t *testing.T) {
	const size = 1000
	for header, c := range map[string]struct {
		kind         wanted
		from, length int64
	}{
		"":                                   {kind: whole},
		"bytes=0-0":                          {part, 0, 1},
		"bytes=0-":                           {part, 0, 1000},
		"bytes=0-999":                        {part, 0, 1000},
		"bytes=0-1000":                       {part, 0, 1000},
		"bytes=999-":                         {part, 999, 1},
		"bytes=999-999":                      {part, 999, 1},
		"bytes=500-600":                      {part, 500, 101},
		"bytes=-1":                           {part, 999, 1},
		"bytes=-1000":                        {part, 0, 1000},
		"bytes=-1001":                        {part, 0, 1000},
		"BYTES=1-2":                          {part, 1, 2},
		"bytes= 1-2 ":                        {part, 1, 2},
		"bytes=,,1-2, ,":                     {part, 1, 2},
		"bytes=0001-0002":                    {part, 1, 2},
		"bytes=0-9223372036854775807":        {part, 0, 1000},
		"bytes=0-9223372036854775808":        {part, 0, 1000},
		"bytes=0-99999999999999999999999999": {part, 0, 1000},
		"bytes=-99999999999999999999999999":  {part, 0, 1000},

		"bytes=1000-":                           {kind: none},
		"bytes=1000-1001":                       {kind: none},
		"bytes=9223372036854775808-":            {kind: none},
		"bytes=-0":                              {kind: none},
		"bytes=-000":                            {kind: none},
		"bytes=0-1,3-4":                         {kind: none},
		"bytes=0-1,0-1":                         {kind: none},
		"bytes=0-,-1":                           {kind: none},
		"bytes=0-1,2000-":                       {kind: none},
		"bytes=" + strings.Repeat("0-0,", 1000): {kind: none},

		"bytes":                {kind: whole},
		"bytes=":               {kind: whole},
		"bytes=,":              {kind: whole},
		"bytes=-":              {kind: whole},
		"bytes=--1":            {kind: whole},
		"bytes=1":              {kind: whole},
		"bytes=2-1":            {kind: whole},
		"bytes=0-1,2-1":        {kind: whole},
		"bytes=a-b":            {kind: whole},
		"bytes=+1-2":           {kind: whole},
		"bytes=1 - 2":          {kind: whole},
		"bytes=1-2-3":          {kind: whole},
		"bytes=0x1-2":          {kind: whole},
		"bytes=١-٢":            {kind: whole},
		"bytes =1-2":           {kind: whole},
		" bytes=1-2":           {kind: whole},
		"bytes=1-2;q=1":        {kind: whole},
		"bytes=0-1, bytes=2-3": {kind: whole},
		"items=0-1":            {kind: whole},
		"none":                 {kind: whole},
	} {
		got, kind := readRange(header, size)
		if kind != c.kind || got != (span{c.from, c.length}) {
			t.Errorf("%q: %v %v, want %v", header, got, kind, c)
		}
	}
	for header, want := range map[string]wanted{"bytes=0-": none, "bytes=0-0": none, "bytes=-0": none, "bytes=-1": whole, "": whole} {
		if got, kind := readRange(header, 0); kind != want || got != (span{}) {
			t.Errorf("empty file, %q: %v %v, want %v", header, got, kind, want)
		}
	}
}

var grammar = regexp.MustCompile(`^(?i:bytes)=([ \t]*|[ \t]*([0-9]+-[0-9]*|-[0-9]+)[ \t]*)(,([ \t]*|[ \t]*([0-9]+-[0-9]*|-[0-9]+)[ \t]*))*$`)

// FuzzRange compares with the grammar of RFC 9110 §14.1.2 and arithmetic without bounds.
func FuzzRange(f *testing.F) {
	for _, s := range []string{"bytes=0-", "bytes=-0", "bytes=5-1", "bytes=0-1,2-3", "bytes=9223372036854775808-", "bytes=-9223372036854775809", "bytes=, 7-8 ,", "items=1-2", "bytes=--", "bytes=1-18446744073709551616"} {
		f.Add(s, int64(10))
	}
	f.Add("bytes=0-", int64(0))
	f.Add("bytes=1-", int64(math.MaxInt64))
	f.Fuzz(func(t *testing.T, header string, size int64) {
		if size < 0 {
			return
		}
		got, kind := readRange(header, size)
		want, wantKind := plainRange(header, size)
		if got != want || kind != wantKind {
			t.Errorf("%q of %d: %v %v, want %v %v", header, size, got, kind, want, wantKind)
		}
	})
}

func plainRange(header string, size int64) (span, wanted) {
	if !grammar.MatchString(header) {
		return span{}, whole
	}
	type limits struct{ first, last *big.Int }
	var all []limits
	for _, spec := range strings.FieldsFunc(header[len("bytes="):], func(r rune) bool { return strings.ContainsRune(", \t", r) }) {
		a, b, _ := strings.Cut(spec, "-")
		var l limits
		if a != "" {
			l.first, _ = new(big.Int).SetString(a, 10)
		}
		if b != "" {
			l.last, _ = new(big.Int).SetString(b, 10)
		}
		if l.first != nil && l.last != nil && l.first.Cmp(l.last) > 0 {
			return span{}, whole
		}
		all = append(all, l)
	}
	if len(all) != 1 {
		return span{}, map[bool]wanted{true: whole, false: none}[len(all) == 0]
	}
	l, length := all[0], big.NewInt(size)
	if l.first == nil {
		if l.last.Sign() == 0 {
			return span{}, none
		}
		if size == 0 {
			return span{}, whole
		}
		l.first = new(big.Int).Sub(length, l.last)
		if l.first.Sign() < 0 {
			l.first.SetInt64(0)
		}
		l.last = nil
	}
	if l.first.Cmp(length) >= 0 {
		return span{}, none
	}
	end := size
	if l.last != nil && l.last.Cmp(length) < 0 {
		end = l.last.Int64() + 1
	}
	return span{l.first.Int64(), end - l.first.Int64()}, part
}

func TestPrecondition(t *testing.T) {
	const etag = `"ab12"`
	for _, c := range []struct {
		header [][2]string
		want   int
	}{
		{nil, 0},
		{[][2]string{{"If-Match", `"ab12"`}}, 0},
		{[][2]string{{"If-Match", `"x", "ab12"`}}, 0},
		{[][2]string{{"If-Match", `"x,y","ab12"`}}, 0},
		{[][2]string{{"If-Match", `"x"`}, {"If-Match", `"ab12"`}}, 0},
		{[][2]string{{"If-Match", `*`}}, 0},
		{[][2]string{{"If-Match", `W/"ab12"`}}, 412}, // weak is not the same bytes
		{[][2]string{{"If-Match", `"ab1"`}}, 412},
		{[][2]string{{"If-Match", `ab12`}}, 412},
		{[][2]string{{"If-Match", `"ab12`}}, 412},
		{[][2]string{{"If-Match", ``}}, 412},
		{[][2]string{{"If-None-Match", `"ab12"`}}, 304},
		{[][2]string{{"If-None-Match", `W/"ab12"`}}, 304},
		{[][2]string{{"If-None-Match", `"x" , W/"y",W/"ab12"`}}, 304},
		{[][2]string{{"If-None-Match", `*`}}, 304},
		{[][2]string{{"If-None-Match", `"x"`}}, 0},
		{[][2]string{{"If-None-Match", `w/"ab12"`}}, 0},
		{[][2]string{{"If-None-Match", `ab12`}}, 0},
		{[][2]string{{"If-Match", `"x"`}, {"If-None-Match", `"ab12"`}}, 412},
		{[][2]string{{"If-Match", `"ab12"`}, {"If-None-Match", `"ab12"`}}, 304},
		{[][2]string{{"If-Modified-Since", "Tue, 07 Jul 2026 12:00:00 GMT"}, {"If-Unmodified-Since", "Tue, 07 Jul 2000 12:00:00 GMT"}}, 0},
	} {
		h := http.Header{}
		for _, f := range c.header {
			h.Add(f[0], f[1])
		}
		if got := precondition(h, etag); got != c.want {
			t.Errorf("%v: %d, want %d", c.header, got, c.want)
		}
	}
	for v, want := range map[string]bool{`"ab12"`: true, ` "ab12" `: true, `W/"ab12"`: false, `"x"`: false, `*`: false, ``: false, `Tue, 07 Jul 2026 12:00:00 GMT`: false} {
		if got := rangeHolds(http.Header{"If-Range": {v}}, etag); got != want {
			t.Errorf("If-Range: %s: %v", v, got)
		}
	}
	if !rangeHolds(http.Header{}, etag) {
		t.Error("no If-Range does not hold")
	}
}
