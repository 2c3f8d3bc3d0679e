package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"pressroom/internal/bench/corpus"
)

// trial measures the makers on one archive.
type trial struct {
	articles, runs int
	seed           uint64
	makers         []*maker // the first is press
	progress       io.Writer
}

// step is one situation of an editor's day. Before each of its runs, prepare
// brings every maker's source into the same new state.
type step struct {
	name    string
	cold    bool
	prepare func(run int, put func(corpus.Article) error) (expectation, error)
}

// steps follow one another on the same sites, so each begins where the one
// before it ended.
func (t trial) steps() []step {
	c := corpus.Corpus{Seed: t.seed, Articles: t.articles}
	first := c.Article(0)
	asIs := func(int, func(corpus.Article) error) (expectation, error) {
		return expectation{first.Page(), first.Title}, nil
	}
	// Each run edits an article of its own, far from the others of its step.
	pick := func(nth int) corpus.Article { return c.Article(nth * t.articles / (2 * t.runs)) }
	return []step{
		{"cold", true, asIs},
		{"unchanged", false, asIs},
		{"body edited", false, func(run int, put func(corpus.Article) error) (expectation, error) {
			a, sentence := pick(2 * run).EditBody(run)
			return expectation{a.Page(), sentence}, put(a)
		}},
		{"title edited", false, func(run int, put func(corpus.Article) error) (expectation, error) {
			a := pick(2*run + 1).EditTitle(run)
			return expectation{a.Page(), a.Title}, put(a)
		}},
		{added, false, func(run int, put func(corpus.Article) error) (expectation, error) {
			a := c.Added(run)
			return expectation{a.Page(), a.Title}, put(a)
		}},
	}
}

// added is the step whose first run is also looked at file by file.
const added = "article added"

// result holds the figures of a trial.
type result struct {
	articles int
	makers   []string
	steps    []string
	usage    map[[2]string][]usage // by step and maker
	changed  map[string]change     // by maker: what one added article changes
	files    map[string]int        // by maker: how many there are at the end
}

func (t trial) run(ctx context.Context) (*result, error) {
	r := &result{
		articles: t.articles,
		usage:    map[[2]string][]usage{}, changed: map[string]change{}, files: map[string]int{},
	}
	for _, m := range t.makers {
		fmt.Fprintf(t.progress, "writing %d articles for %s\n", t.articles, m.name)
		if err := m.create(corpus.Corpus{Seed: t.seed, Articles: t.articles}); err != nil {
			return nil, err
		}
		r.makers = append(r.makers, m.name)
	}
	for _, s := range t.steps() {
		r.steps = append(r.steps, s.name)
		for run := range t.runs {
			// The makers take turns, so that a slow minute of the machine hits both.
			for _, m := range t.makers {
				u, err := t.once(ctx, r, s, run, m)
				if err != nil {
					return nil, fmt.Errorf("%s, run %d: %w", s.name, run+1, err)
				}
				key := [2]string{s.name, m.name}
				r.usage[key] = append(r.usage[key], u)
				fmt.Fprintf(t.progress, "%d articles, %s %d/%d: %s %s\n", t.articles, s.name, run+1, t.runs, m.name, seconds(u.wall))
			}
		}
	}
	return r, t.proveIncremental(ctx)
}

// once prepares a maker's source, builds, and looks at what was built.
func (t trial) once(ctx context.Context, r *result, s step, run int, m *maker) (u usage, err error) {
	if s.cold {
		if err := m.reset(); err != nil {
			return u, err
		}
	}
	want, err := s.prepare(run, m.site.Put)
	if err != nil {
		return u, err
	}
	look := s.name == added && run == 0
	var before []stamp
	if look {
		if before, err = snapshot(m.public()); err != nil {
			return u, err
		}
	}
	if u, err = m.build(ctx); err != nil {
		return u, err
	}
	if look {
		after, err := snapshot(m.public())
		if err != nil {
			return u, err
		}
		r.changed[m.name], r.files[m.name] = compare(before, after), len(after)
	}
	return u, m.verify(want)
}

// proveIncremental fails unless press, after all the edits, left the same bytes
// as a build from nothing does. A quick build that is wrong is no result.
func (t trial) proveIncremental(ctx context.Context) error {
	m := t.makers[0]
	fmt.Fprintf(t.progress, "%d articles: comparing with a clean build\n", t.articles)
	grown, err := finished(m)
	if err != nil {
		return err
	}
	if err := m.reset(); err != nil {
		return err
	}
	if _, err := m.build(ctx); err != nil {
		return err
	}
	clean, err := finished(m)
	if err != nil {
		return err
	}
	if d := compare(clean, grown); len(d.paths) > 0 {
		return fmt.Errorf("%d files are not what a clean build makes, among them %s",
			len(d.paths), strings.Join(d.paths[:min(len(d.paths), 5)], ", "))
	}
	return nil
}

// finished returns the stamps of all that press made for others to read. What it
// keeps in closed/cache for its own next build may differ.
func finished(m *maker) ([]stamp, error) {
	list, err := snapshot(m.public())
	if err != nil {
		return nil, err
	}
	closed, err := snapshot(filepath.Join(m.site.Dir, "closed"))
	for _, s := range closed {
		if !strings.HasPrefix(s.path, "cache/") {
			s.path = "closed/" + s.path
			list = append(list, s)
		}
	}
	slices.SortFunc(list, byPath)
	return list, err
}
