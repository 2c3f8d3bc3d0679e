package command

import (
	"cmp"
	"fmt"
	"regexp"
	"runtime/debug"
)

// Version is what the linker wrote into a program.
type Version struct {
	Version  string `json:"version"` // "dev" when it was built from a working copy
	Commit   string `json:"commit"`
	Modified bool   `json:"modified"` // the working copy was not that of the commit
	Go       string `json:"go"`
}

// madeUp is the end of a version that Go gives a commit without a tag.
var madeUp = regexp.MustCompile(`\d{14}-[0-9a-f]{12}$`)

// VersionOf reads it; info may be nil.
func VersionOf(info *debug.BuildInfo) Version {
	if info == nil {
		info = &debug.BuildInfo{}
	}
	v := Version{Version: info.Main.Version, Go: cmp.Or(info.GoVersion, "go unknown")}
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

// String is the version in a line.
func (v Version) String() string {
	commit := ""
	if v.Commit != "" {
		commit = " (" + v.Commit + map[bool]string{true: ", modified"}[v.Modified] + ")"
	}
	return fmt.Sprintf("%s%s, %s", v.Version, commit, v.Go)
}
