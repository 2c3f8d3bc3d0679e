package main

import (
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"pressroom/internal/command"
	"pressroom/internal/gate/keyring"
	"pressroom/internal/gate/settings"
	"pressroom/internal/report"
)

func initVerb() *verb {
	return &verb{
		Name: "init", Short: "a gate.yaml with a remark on every setting, and keys",
		Long: `Writes gate.yaml into this folder, or where --config says, and makes the key file in
gate-data/ beside it. Nothing is ever written over. The folder of the site, with
site.yaml, is a good place: "press build" writes closed/ there, which the gate reads.`,
		Flags: func(fs *pflag.FlagSet, o *options) {
			bindConfig(fs, o)
			fs.StringVarP(&o.baseURL, "base-url", "b", "https://press.example.org", "the address of the site")
			fs.BoolVarP(&o.quiet, "quiet", "q", false, "do not say what to do next")
		},
		Run: runInit,
	}
}

//go:embed gate.yaml
var template string

func runInit(c *call) error {
	if len(c.Args) > 0 {
		return c.Surplus(c.Args[0])
	}
	path := configPath(c)
	text := strings.Replace(template, "https://press.example.org", c.Options.baseURL, 1)
	s, problems := settings.Parse(path, []byte(text), nil)
	if s == nil {
		report.Write(c.Stderr, problems.Sorted(), command.Colours(c.Stderr))
		return command.UsageError{Text: fmt.Sprintf("--base-url %q cannot be used", c.Options.baseURL)}
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o640)
	if errors.Is(err, fs.ErrExist) {
		return command.UsageError{Text: fmt.Sprintf("%s is there already", path), Hint: "name another with --config"}
	}
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(fmt.Errorf("write %s: %w", path, err), os.Remove(path))
	}
	made := "made"
	if _, err := keyring.Create(s.KeysFile, time.Now()); errors.Is(err, keyring.ErrExists) {
		made = "kept"
	} else if err != nil {
		return err
	}
	if c.Options.quiet {
		return nil
	}
	_, err = fmt.Fprintf(c.Stdout, `%s is written, and the keys are %s in %s.

  gate check     tells what is missing
  gate serve     answers at %s; let the server in front send it
                 /account, /newsletter, /download and /files, and nothing else

Begin with baseURL and mail.
`, path, made, s.KeysFile, s.Listen)
	return err
}
