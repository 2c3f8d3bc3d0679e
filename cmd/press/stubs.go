package main

import "pressroom/internal/report"

func serveVerb() *verb    { return &verb{name: "serve", run: func(c *call) error { return nil }} }
func checkVerb() *verb    { return &verb{name: "check", run: func(c *call) error { return nil }} }
func newVerb() *verb      { return &verb{name: "new", run: func(c *call) error { return nil }} }
func listVerb() *verb     { return &verb{name: "list", run: func(c *call) error { return nil }} }
func initVerb() *verb     { return &verb{name: "init", run: func(c *call) error { return nil }} }
func scheduleVerb() *verb { return &verb{name: "schedule", run: func(c *call) error { return nil }} }
func versionVerb() *verb  { return &verb{name: "version", run: func(c *call) error { return nil }} }

// problem is a report.Problem as --json prints it.
type problem struct {
	Path     string `json:"path,omitempty"`
	Line     int    `json:"line,omitempty"`
	Col      int    `json:"col,omitempty"`
	Severity string `json:"severity"`
	Name     string `json:"name"`
	Text     string `json:"text"`
	Hint     string `json:"hint,omitempty"`
}

func jsonProblems(l report.List) []problem {
	out := []problem{}
	for _, p := range l {
		out = append(out, problem{p.Path, p.Line, p.Col, p.Severity.String(), p.Name, p.Text, p.Hint})
	}
	return out
}
