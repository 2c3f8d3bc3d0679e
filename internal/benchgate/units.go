package main

import (
	"fmt"
	"math"
	"slices"
)

// quantile is the value below which so much of the list lies; NaN of none.
func quantile(list []float64, q float64) float64 {
	if len(list) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(list))
	return sorted[max(0, int(math.Ceil(q*float64(len(sorted))))-1)]
}

func median(list []float64) float64 { return quantile(list, 0.5) }

func perSecond(v float64) string {
	if v >= 1000 {
		return thousands(int(v)) + "/s"
	}
	return fmt.Sprintf("%.1f/s", v)
}

func ms(seconds float64) string {
	if v := seconds * 1000; v < 100 {
		return fmt.Sprintf("%.1f ms", v)
	}
	return fmt.Sprintf("%.0f ms", seconds*1000)
}

func mib(n int64) string     { return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20)) }
func mb(n int64) string      { return fmt.Sprintf("%.1f MB", float64(n)/1e6) }
func rate(v float64) string  { return fmt.Sprintf("%.0f MB/s", v/1e6) }
func times(v float64) string { return fmt.Sprintf("%.2f×", v) }

// thousands writes 10000 as 10,000.
func thousands(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
