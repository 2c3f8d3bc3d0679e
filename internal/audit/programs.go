package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"pressroom/internal/headers"
	"pressroom/internal/testkit/npm"
)

// command runs a program of others in a folder. That it exits with a fault is an answer;
// that it cannot be started is an error.
func (a *audit) command(dir, name string, args ...string) (stdout, stderr string, err error) {
	cmd := exec.CommandContext(a.Context, name, args...)
	var out, complaints bytes.Buffer
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &out, &complaints
	err = cmd.Run()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) && exit.Exited() {
		err = nil
	}
	return out.String(), complaints.String(), err
}

func lines(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == '\n' || r == '\r' })
}

// nu has the Nu HTML checker read the whole folder.
func (a *audit) nu() error {
	dir, err := npm.Dir("audit")
	if err != nil {
		return err
	}
	stdout, stderr, err := a.command(a.ltr.dir, "java", "-Xmx1g", "-jar", filepath.Join(dir, "node_modules/vnu-jar/build/dist/vnu.jar"),
		"--Werror", "--skip-non-html", "--also-check-css", "--also-check-svg", "--stdout", "--format", "gnu", a.ltr.dir)
	if err != nil {
		return err
	}
	var faults []string
	for _, line := range append(lines(stdout), lines(stderr)...) {
		faults = append(faults, strings.ReplaceAll(strings.ReplaceAll(line, "file:"+a.ltr.dir, ""), `"`+a.ltr.dir, `"`))
	}
	a.Find("Nu HTML checker", "0 errors, 0 warnings", fmt.Sprintf("%d on %s", len(faults), count(len(a.ltr.pages), "page")), faults...)
	return nil
}

// rules are html-validate's, but for three that are taste: our doctype is lower case,
// headlines may be long, and telephone numbers stand in <bdi>.
const rules = `{
  "root": true,
  "extends": ["html-validate:recommended", "html-validate:a11y"],
  "rules": {"doctype-style": "off", "long-title": "off", "tel-non-breaking": "off"}
}`

func (a *audit) htmlValidate() error {
	dir, err := npm.Dir("audit")
	if err != nil {
		return err
	}
	config := filepath.Join(filepath.Dir(a.ltr.dir), "htmlvalidate.json")
	if err := os.WriteFile(config, []byte(rules), 0o644); err != nil {
		return err
	}
	at := filepath.Join(filepath.Dir(a.ltr.dir), "htmlvalidate-found.json") // of what it prints, a pipe gets the first 64 KiB
	_, stderr, err := a.command(a.ltr.dir, "node", filepath.Join(dir, "node_modules/html-validate/bin/html-validate.mjs"), "--config", config, "--formatter", "json="+at, "--ext", "html", ".")
	if err != nil {
		return err
	}
	report, err := os.ReadFile(at)
	if err != nil {
		return fmt.Errorf("html-validate: %w\n%.2000s", err, stderr)
	}
	var found []struct {
		FilePath string
		Messages []struct {
			RuleID, Message string
			Line, Column    int
		}
	}
	if err := json.Unmarshal(report, &found); err != nil {
		return fmt.Errorf("html-validate: %w\n%.2000s", err, stderr)
	}
	var faults []string
	for _, f := range found {
		for _, m := range f.Messages {
			faults = append(faults, fmt.Sprintf("%s:%d:%d: %s (%s)", strings.TrimPrefix(f.FilePath, a.ltr.dir), m.Line, m.Column, m.Message, m.RuleID))
		}
	}
	a.Find("html-validate", "0 errors, 0 warnings", fmt.Sprintf("%d on %s", len(faults), count(len(a.ltr.pages), "page")), faults...)
	return nil
}

// node runs a script of ours with what the set "audit" has, and decodes what it prints.
func (a *audit) node(script string, result any, args ...string) error {
	dir, err := npm.Dir("audit")
	if err != nil {
		return err
	}
	stdout, stderr, err := a.command(dir, "node", append([]string{"--input-type=commonjs", "--eval", script, "--"}, args...)...)
	if err != nil {
		return err
	}
	if err := json.Unmarshal([]byte(stdout), result); err != nil {
		return fmt.Errorf("node: %w\n%.2000s%.2000s", err, stdout, stderr)
	}
	return nil
}

// judgePolicy prints what csp_evaluator says of each policy, worst first.
const judgePolicy = `
const { CspEvaluator } = require("csp_evaluator/dist/evaluator.js");
const { CspParser } = require("csp_evaluator/dist/parser.js");
console.log(JSON.stringify(process.argv.slice(1).map((policy) => new CspEvaluator(new CspParser(policy).csp).evaluate())));
`

// asUsual is what csp_evaluator says of each policy that trusts the site itself, whatever
// the site serves: that it should be sure it serves no scripts of others.
const asUsual = "'self'"

func (a *audit) csp() error {
	var found [][]struct {
		Directive, Value, Description string
		Severity                      int
	}
	policies := []string{headers.Ours, headers.Framed}
	if err := a.node(judgePolicy, &found, policies...); err != nil {
		return err
	}
	if len(found) != len(policies) {
		return fmt.Errorf("csp_evaluator judged %d of %d policies", len(found), len(policies))
	}
	var faults, notes []string
	for i, list := range found {
		for _, f := range list {
			note := fmt.Sprintf("%s %s: %s", f.Directive, f.Value, f.Description)
			if f.Directive == "script-src" && f.Value == asUsual {
				notes = append(notes, note)
				continue
			}
			faults = append(faults, policies[i]+"\n"+note)
		}
	}
	a.Find("csp_evaluator", "only the note about 'self'", fmt.Sprintf("%s, %s about 'self'", count(len(faults), "fault"), count(len(notes), "note")), faults...)
	return nil
}

// readCaptions prints what webvtt-parser complains of in each file, as captions first and
// then as chapters, for which texts may stand within texts.
const readCaptions = `
const { WebVTTParser } = require("webvtt-parser");
const fs = require("node:fs");
const entities = require("webvtt-parser/html-entities.json");
console.log(JSON.stringify(process.argv.slice(1).flatMap((file) => {
	const mode = /chapters/.test(file) ? "chapters" : "subtitles/captions/descriptions";
	return new WebVTTParser(entities).parse(fs.readFileSync(file, "utf8"), mode).errors.map((e) => file + ":" + e.line + ": " + e.message);
})));
`

func (a *audit) captions() error {
	names := a.ltr.named(".vtt")
	var faults []string
	if err := a.node(readCaptions, &faults, a.ltr.onDisk(names)...); err != nil {
		return err
	}
	a.Find("captions (WebVTT)", "valid", fmt.Sprintf("%s in %s", count(len(faults), "fault"), count(len(names), "file")), faults...)
	return nil
}
