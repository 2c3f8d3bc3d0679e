package main

import (
	"fmt"
	"runtime/debug"

	"pressroom/internal/command"

	"github.com/spf13/pflag"
)

func versionVerb() *verb {
	return &verb{
		Name: "version", Short: "which press this is",
		Long: `Prints the version, the commit and the Go that it was built with. The version is
"dev" when press was built from a working copy and not from a release.`,
		Flags: func(fs *pflag.FlagSet, o *options) { fs.BoolVar(&o.json, "json", false, "print one JSON object") },
		Run:   does(runVersion),
	}
}

func runVersion(c *call) error {
	if len(c.Args) > 0 {
		return c.Surplus(c.Args[0])
	}
	info, _ := debug.ReadBuildInfo()
	v := command.VersionOf(info)
	if c.Options.json {
		return command.JSON(c.Stdout, v)
	}
	_, err := fmt.Fprintf(c.Stdout, "press %s\n", v)
	return err
}
