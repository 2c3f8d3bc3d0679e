// Package port finds addresses for servers of tests that have to know theirs before they
// start, or that come back to it. Out comes an address on loopback that nobody listens at.
// It belongs to the test until that ends: whoever asks for any port is given another.
package port

import (
	"fmt"
	"testing"
)

// Reserve finds an address, as 127.0.0.1:41234.
func Reserve(tb testing.TB) (addr string) {
	tb.Helper()
	number, release, err := reserve()
	if err != nil {
		tb.Fatalf("reserve a port: %v", err)
	}
	tb.Cleanup(release)
	return fmt.Sprintf("127.0.0.1:%d", number)
}
