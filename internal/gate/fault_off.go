//go:build !gatetest

package gate

// fault is a place where a test build can stop the process.
func fault(string) {}
