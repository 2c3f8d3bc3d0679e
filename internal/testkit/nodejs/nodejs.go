// Package nodejs runs scripts of the site where there is no browser. In goes a value,
// which the script reads as JSON from its standard input; out comes what it prints, which
// is JSON too, or what it threw.
//
// A test is skipped where there is no node, and fails there when CI is set.
package nodejs

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"testing"
)

// Run decodes what a script prints into out. The error is what it threw.
func Run(tb testing.TB, script string, in, out any) error {
	tb.Helper()
	node, err := exec.LookPath("node")
	if err != nil {
		if os.Getenv("CI") != "" {
			tb.Fatal("there is no node here; `make need` installs it")
		}
		tb.Skip("there is no node here; `make need` installs it")
	}
	input, err := json.Marshal(in)
	if err != nil {
		tb.Fatal(err)
	}
	cmd := exec.Command(node, "-e", script)
	var printed, thrown bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(input), &printed, &thrown
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%w: %.2000s", err, thrown.String())
	}
	if err := json.Unmarshal(printed.Bytes(), out); err != nil {
		tb.Fatalf("the script prints no answer: %v\n%.2000s", err, printed.String())
	}
	return nil
}
