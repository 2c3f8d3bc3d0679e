//go:build !gatetest

package gate

// fault is a place where a test build can stop the process.
func fault(string) {}

// Fault is fault for the packages around this one.
func Fault(string) {}
