package main

import (
	"fmt"
	"runtime/debug"

	"pressroom/internal/command"
)

func versionVerb() *verb {
	return &verb{
		Name: "version", Short: "which gate this is",
		Long: `Prints the version, the commit and the Go that it was built with. The version is
"dev" when gate was built from a working copy and not from a release.`,
		Flags: bindJSON,
		Run: func(c *call) error {
			if len(c.Args) > 0 {
				return c.Surplus(c.Args[0])
			}
			v := command.VersionOf(buildInfo())
			if c.Options.json {
				return command.JSON(c.Stdout, v)
			}
			_, err := fmt.Fprintf(c.Stdout, "gate %s\n", v)
			return err
		},
	}
}

func buildInfo() *debug.BuildInfo {
	info, _ := debug.ReadBuildInfo()
	return info
}
