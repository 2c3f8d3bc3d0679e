// Package npm brings programs of npm into the user's cache, once: those that judge pages
// for the tests and the audit. In goes the name of a set, a folder beside this file with
// its package.json and its lock; out comes the folder that has node_modules. No script of
// a package runs while it is installed. An override stands where a package asks for the
// latest of another, which no lock can hold.
package npm

import (
	"crypto/sha256"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
)

//go:embed axe audit
var sets embed.FS

// Dir is the folder of a set, which is fetched when it is not there. Its name tells the
// lock apart, so that another version is another folder.
func Dir(set string) (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	lock, err := sets.ReadFile(path.Join(set, "package-lock.json"))
	if err != nil {
		return "", fmt.Errorf("there is no set %q: %w", set, err)
	}
	sum := sha256.Sum256(lock)
	dir := filepath.Join(cache, "pressroom-npm", fmt.Sprintf("%s-%x", set, sum[:6]))
	if _, err := os.Stat(dir); err == nil {
		return dir, nil
	}
	return dir, fetch(set, dir)
}

// fetch has npm fill a folder beside dir, which is then given its name: who comes at the
// same time finds all of it or nothing.
func fetch(set, dir string) (err error) {
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return err
	}
	at, err := os.MkdirTemp(filepath.Dir(dir), set+"-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(at)
	files, err := fs.Sub(sets, set)
	if err != nil {
		return err
	}
	if err := os.CopyFS(at, files); err != nil {
		return err
	}
	npm := exec.Command("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	npm.Dir = at
	if out, err := npm.CombinedOutput(); err != nil {
		return fmt.Errorf("npm fetches the set %q: %w\n%s", set, err, out)
	}
	if err := os.Rename(at, dir); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}
