package main

import "fmt"

// count writes "1 page" or "3 pages".
func count(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}

// kb is bytes as the goals count them, in units of 1,024.
func kb(n int) string { return fmt.Sprintf("%.1f KB", float64(n)/1024) }
