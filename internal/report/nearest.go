package report

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Nearest returns the candidate most like word, or "" when none is near enough
// to be what the writer meant.
func Nearest(word string, candidates []string) string {
	folded, best, bestAt := Fold(word), "", 0
	limit := max(1, utf8.RuneCountInString(folded)/3)
	for _, c := range candidates {
		d := distance(folded, Fold(c), limit)
		if d <= limit && (best == "" || d < bestAt) {
			best, bestAt = c, d
		}
	}
	return best
}

// DidYouMean is the hint for a misspelt word: the nearest candidate, or all of
// them when they are few.
func DidYouMean(word string, candidates []string) string {
	if n := Nearest(word, candidates); n != "" {
		return fmt.Sprintf("did you mean %q?", n)
	}
	if len(candidates) > 0 && len(candidates) <= 12 {
		s := slices.Sorted(slices.Values(candidates))
		return "known here: " + strings.Join(s, ", ")
	}
	return ""
}

// Fold returns s in lower case, without accents, hyphens, underscores or spaces:
// what two spellings of one name have in common.
func Fold(s string) string {
	return strings.ToLower(strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) || r == '-' || r == '_' || r == ' ' {
			return -1
		}
		return r
	}, norm.NFD.String(s)))
}

// distance is the optimal string alignment distance (a swap of neighbours is one
// step), or limit+1 as soon as it must exceed limit.
func distance(a, b string, limit int) int {
	x, y := []rune(a), []rune(b)
	if d := len(x) - len(y); d > limit || -d > limit {
		return limit + 1
	}
	before, prev, cur := make([]int, len(y)+1), make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(x); i++ {
		cur[0] = i
		low := i
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			cur[j] = min(prev[j]+1, cur[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				cur[j] = min(cur[j], before[j-2]+1)
			}
			low = min(low, cur[j])
		}
		if low > limit {
			return limit + 1
		}
		before, prev, cur = prev, cur, before
	}
	return prev[len(y)]
}

// Close tells whether two spellings differ by at most n letters.
func Close(a, b string, n int) bool { return distance(Fold(a), Fold(b), n) <= n }
