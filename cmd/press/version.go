package main

import (
	"cmp"
	"fmt"
	"regexp"
	"runtime/debug"

	"github.com/spf13/pflag"
)

func versionVerb() *verb {
	return &verb{
		name: "version", short: "which press this is",
		long: `Prints the version, the commit and the Go that it was built with. The version is
"dev" when press was built from a working copy and not from a release.`,
		flags: func(fs *pflag.FlagSet, o *options) { fs.BoolVar(&o.json, "json", false, "print one JSON object") },
		run:   runVersion,
	}
}

// version is what "version --json" prints.
type version struct {
	Version  string `json:"version"`
	Commit   string `json:"commit"`
	Modified bool   `json:"modified"` // the working copy was not that of the commit
	Go       string `json:"go"`
}

func runVersion(c *call) error {
	if len(c.args) > 0 {
		return c.surplus(c.args[0], "")
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		info = &debug.BuildInfo{}
	}
	v := versionOf(info)
	if c.options.json {
		return printJSON(c.stdout, v)
	}
	commit := ""
	if v.Commit != "" {
		commit = " (" + v.Commit + map[bool]string{true: ", modified"}[v.Modified] + ")"
	}
	_, err := fmt.Fprintf(c.stdout, "press %s%s, %s\n", v.Version, commit, v.Go)
	return err
}

// madeUp is the end of a version that Go gives a commit without a tag.
var madeUp = regexp.MustCompile(`\d{14}-[0-9a-f]{12}$`)

// versionOf reads what the linker wrote into the program.
func versionOf(info *debug.BuildInfo) version {
	v := version{Version: info.Main.Version, Go: cmp.Or(info.GoVersion, "go unknown")}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			v.Commit = s.Value[:min(12, len(s.Value))]
		case "vcs.modified":
			v.Modified = s.Value == "true"
		}
	}
	if v.Version == "" || v.Version == "(devel)" || madeUp.MatchString(v.Version) || v.Modified {
		v.Version = "dev"
	}
	return v
}
