package output

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// WriteEach writes the files of a small tree one by one, each by temporary file and
// rename, and leaves those alone that stand already. It removes nothing and keeps no
// record: it is for a folder whose files do not depend on one another, and which
// others use too.
func WriteEach(t *Tree, dir string) error {
	for _, f := range t.Files() {
		var b bytes.Buffer
		if err := f.Write(&b); err != nil {
			return fmt.Errorf("write %s: %w", f.Path, err)
		}
		if err := replace(filepath.Join(dir, filepath.FromSlash(f.Path)), b.Bytes()); err != nil {
			return fmt.Errorf("write %s: %w", f.Path, err)
		}
	}
	return nil
}

func replace(path string, data []byte) error {
	if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, data) {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".press-*")
	if err != nil {
		return err
	}
	_, err = tmp.Write(data)
	if err = errors.Join(err, tmp.Chmod(0o644), tmp.Close()); err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		os.Remove(tmp.Name())
	}
	return err
}
