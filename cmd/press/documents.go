package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"pressroom/internal/build"
	"pressroom/internal/command"
	"pressroom/internal/config"
	"pressroom/internal/content"
	"pressroom/internal/report"
	"pressroom/internal/several"
	"pressroom/internal/source"
)

// look builds the site in memory, for the verbs that only tell of it. Warnings are the
// business of build and check: they are shown when they were asked for.
func (c *call) look() (*build.Result, *source.Tree, error) {
	in, m, problems, err := c.open()
	if err != nil {
		return nil, nil, err
	}
	result, more := build.Run(c.Ctx, in, m)
	problems.Add(more...)
	if c.Ctx.Err() != nil {
		return nil, nil, context.Cause(c.Ctx)
	}
	if problems.HasErrors() || c.Options.strict || c.Options.verbose {
		report.Write(c.Stderr, problems.Sorted(), command.Colours(c.Stderr))
	}
	if err := c.verdict(problems); err != nil {
		return nil, nil, err
	}
	return result, in.Source, nil
}

// documents reads the documents whose paths are wanted, several at a time. Nothing is
// said of mistakes: that is the business of the build.
func (c *call) documents(tree *source.Tree, cfg *config.Site, wanted func(path string) bool) (docs []*content.Doc) {
	var files []*source.File
	for _, f := range tree.Under("content") {
		if strings.HasSuffix(f.Path, ".md") && wanted(f.Path) {
			files = append(files, f)
		}
	}
	read := make([]*content.Doc, len(files))
	several.Do(c.Ctx, len(files), func(i int) {
		f := files[i]
		if data, err := f.Bytes(); err == nil {
			key, _ := f.Key()
			p, _ := content.Parse(f.Path, data, key, content.Options{Zone: cfg.Zone, Languages: cfg.Languages})
			read[i] = p.Doc
		}
	})
	for _, d := range read {
		if d != nil {
			docs = append(docs, d)
		}
	}
	return docs
}

// settings reads site.yaml for a verb that builds nothing.
func (c *call) settings() (*config.Site, error) {
	name := filepath.Join(c.Options.source, "site.yaml")
	data, err := os.ReadFile(name)
	if err != nil {
		if os.IsNotExist(err) {
			return nil, wrongCall(fmt.Sprintf("there is no %s", name), `run "press init DIR" for a new newsroom, or name the folder with --source`)
		}
		return nil, wrongCall(err.Error(), "")
	}
	cfg, problems := config.Parse(data, os.Environ())
	if problems.HasErrors() {
		report.Write(c.Stderr, problems.Sorted(), command.Colours(c.Stderr))
	}
	return cfg, c.verdict(problems)
}

// every wants all documents.
func every(string) bool { return true }
