package gate_test

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"math"
	"strings"
	"testing"
	"testing/iotest"

	"pressroom/internal/gate"
)

// 120,000 digits of a good source stay within six standard deviations of even, at every
// place; a modulo of a byte would be at 4 % for the digits 0 to 5.
func TestNewCode(t *testing.T) {
	const n = 20000
	var seen [6][10]int
	zeros := 0
	for range n {
		code, err := gate.NewCode(rand.Reader, 6)
		if err != nil || len(code) != 6 {
			t.Fatalf("%q, %v", code, err)
		}
		for i, c := range code {
			seen[i][c-'0']++
		}
		if code[0] == '0' {
			zeros++
		}
	}
	for i, digits := range seen {
		for d, got := range digits {
			if sigma := math.Sqrt(n * .1 * .9); math.Abs(float64(got)-n/10) > 6*sigma {
				t.Errorf("digit %d at %d: %d times of %d", d, i, got, n)
			}
		}
	}
	if zeros == 0 {
		t.Error("no code begins with 0")
	}
}

func TestNewCodeRejects(t *testing.T) {
	// 250 to 255 are left out, the others taken by their last digit.
	in := []byte{255, 250, 0, 19, 249, 251, 252, 253, 254, 7, 100, 8, 8, 8, 8, 8}
	if code, err := gate.NewCode(bytes.NewReader(in), 6); code != "099708" || err != nil {
		t.Errorf("%s, %v", code, err)
	}
	if code, err := gate.NewCode(iotest.ErrReader(fmt.Errorf("no entropy")), 6); err == nil || code != "" {
		t.Errorf("without randomness: %q, %v", code, err)
	}
}

func TestCleanCode(t *testing.T) {
	for in, want := range map[string]string{
		"012345": "012345", " 012 345 ": "012345", "012-345": "012345", "012\u00a0345\u202f": "012345", "0–1—2‑3−4-5": "012345", "\r\n012345\t": "012345",
		"": "", "12345": "", "1234567": "", "12345a": "", "１２３４５６": "", "١٢٣٤٥٦": "", "12.345": "", "+12345": "", "1234５6": "", "0x1234": "", "12345\x00": "",
		"012345\u200b": "", strings.Repeat(" ", 200) + "012345": "", "012345\xff": "",
	} {
		if got, ok := gate.CleanCode(in, 6); got != want || ok != (want != "") {
			t.Errorf("%q: got %q, %v", in, got, ok)
		}
	}
}

func FuzzCleanCode(f *testing.F) {
	for _, s := range []string{"012345", "012 345", "１２３４５６", "0-1-2-3-4-5-6"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		code, ok := gate.CleanCode(s, 6)
		if !ok {
			if code != "" {
				t.Fatalf("%q: %q", s, code)
			}
			return
		}
		// The digits of the input are all there, in order, and nothing else is.
		digits := strings.Map(func(r rune) rune {
			if r < '0' || r > '9' {
				return -1
			}
			return r
		}, s)
		if len(code) != 6 || code != digits {
			t.Fatalf("%q: %q", s, code)
		}
		if again, ok := gate.CleanCode(code, 6); again != code || !ok {
			t.Fatalf("%q: then %q", s, again)
		}
	})
}
