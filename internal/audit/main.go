package main

import (
	"flag"
	"os"

	"pressroom/internal/testkit/goals"
)

func main() { os.Exit(command().Main(os.Args[1:], os.Stdout, os.Stderr)) }

// audit is one run.
type audit struct {
	*goals.Run
	all  bool
	keep string
	ltr  *newsroom // the example
	rtl  *newsroom // the example whose French is taken for Arabic
}

func command() *goals.Command {
	a := &audit{}
	c := &goals.Command{
		Name: "audit", Figures: []string{"got"}, Measure: a.measure,
		Flags: func(fs *flag.FlagSet) {
			fs.BoolVar(&a.all, "all", false, "have axe see every page, not one of each layout and language")
			fs.StringVar(&a.keep, "keep", "", "build the site into this `folder` and leave it there")
		},
	}
	// First what takes seconds.
	c.Part("links", "links and anchors of the built site, and all else that press check reads", a.links)
	c.Part("weight", "HTML, CSS and JavaScript of each page, compressed", a.weight)
	c.Part("csp", "the content security policy, by csp_evaluator", a.csp)
	c.Part("data", "feeds, sitemaps, calendars, JSON, JSON-LD, captions", a.data)
	c.Part("nu", "every page, stylesheet and drawing, by the Nu HTML checker", a.nu)
	c.Part("htmlvalidate", "every page, by html-validate", a.htmlValidate)
	c.Part("network", "what a browser fetches, stores and complains of", a.network)
	c.Part("axe", "accessibility, by axe-core, light and dark, narrow and wide, to the right and to the left", a.axe)
	c.Part("lighthouse", "performance, accessibility, practices, search engines, by Lighthouse", a.lighthouse)
	return c
}

// measure builds the two newsrooms and serves them while the parts run.
func (a *audit) measure(r *goals.Run) (err error) {
	a.Run = r
	dir := a.keep
	if dir == "" {
		if dir, err = os.MkdirTemp("", "audit"); err != nil {
			return err
		}
		defer os.RemoveAll(dir)
	}
	if a.ltr, err = open(r.Context, example, dir+"/ltr"); err != nil {
		return err
	}
	defer a.ltr.Close()
	if a.rtl, err = open(r.Context, mirrored, dir+"/rtl"); err != nil {
		return err
	}
	defer a.rtl.Close()
	return r.Parts()
}
