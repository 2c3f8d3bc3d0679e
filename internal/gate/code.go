package gate

import (
	"fmt"
	"io"
	"strings"
	"unicode"
)

// NewCode makes a code of so many decimal digits, each as likely as any other; a code may
// begin with zeros. It fails only when there is no randomness.
func NewCode(rand io.Reader, digits int) (string, error) {
	code := make([]byte, 0, digits)
	var b [16]byte
	for len(code) < digits {
		if _, err := io.ReadFull(rand, b[:]); err != nil {
			return "", fmt.Errorf("make a code: %w", err)
		}
		for _, v := range b {
			// 256 is no multiple of ten: the last six values would favour small digits.
			if v < 250 && len(code) < digits {
				code = append(code, '0'+v%10)
			}
		}
	}
	return string(code), nil
}

// CleanCode is a code as it was typed or pasted, without blanks and dashes of any kind.
// It returns false for what can be no code of so many digits, full-width and other
// scripts' digits included: that must be told without using up a guess.
func CleanCode(s string, digits int) (string, bool) {
	if len(s) > 128 {
		return "", false
	}
	code := strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.Is(unicode.Pd, r) || r == '\u2212' {
			return -1
		}
		return r
	}, s)
	if len(code) != digits || strings.Trim(code, "0123456789") != "" {
		return "", false
	}
	return code, true
}
