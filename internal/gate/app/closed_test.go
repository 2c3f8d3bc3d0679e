package app

import (
	"bytes"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	tests "testing"
)

// What the log says of a file fits what visitors get: the one read last, or none.
func TestClosedFolder(t *tests.T) {
	var log bytes.Buffer
	c := &closedFolder{dir: t.TempDir(), app: &App{log: slog.New(slog.NewTextHandler(&log, nil))}}
	said := func(what string, use func([]byte) error, wants ...string) {
		t.Helper()
		log.Reset()
		c.readFile("catalogue.json", use)
		if len(wants) == 0 && log.Len() > 0 {
			t.Errorf("%s: %s", what, &log)
		}
		for _, want := range wants {
			if !strings.Contains(log.String(), want) {
				t.Errorf("%s: %s lacks %s", what, &log, want)
			}
		}
	}
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(c.dir, "catalogue.json"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	fine := func([]byte) error { return nil }
	torn := func([]byte) error { return errors.New("it ends in the middle") }

	said("missing", fine, "ERROR", "there is none yet", "press build", "it is missing")
	said("still missing", fine)
	write("{")
	said("torn from the start", torn, "ERROR", "there is none yet", "in the middle")
	write("{}")
	said("good", fine, "INFO", "read")
	if err := c.problem(); err != nil {
		t.Errorf("what is read is a problem: %v", err)
	}
	write("{}{")
	said("torn", torn, "ERROR", "the last good one stays in force", "in the middle")
	if err := c.problem(); err == nil || !strings.Contains(err.Error(), "in the middle") {
		t.Errorf("what is torn is a problem: %v", err)
	}
}
