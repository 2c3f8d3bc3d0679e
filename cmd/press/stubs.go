package main

import "pressroom/internal/report"

func checkVerb() *verb    { return &verb{name: "check", run: func(c *call) error { return nil }} }

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
