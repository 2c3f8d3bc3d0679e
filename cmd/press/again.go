package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"pressroom/internal/build"
	"pressroom/internal/memo"
	"pressroom/internal/output"
	"pressroom/internal/report"
	"pressroom/internal/site"
)

// A build whose sources, flags and programme are those of the last one, at a time at
// which nothing comes or goes, is the last one: a build is a function of its input. It
// then needs no more than a look at the stat of every file, sources and output. What
// is not so is told by a key that is another, or a file that was touched, and leads to
// the whole build.

// last is what the last build came to.
type last struct {
	From, Until time.Time // it holds in between; the zero Until is for ever
	Pages       int
	Held        []site.Held
	Zone        string
	Pictures    string // who wrote them
	Closed      []closedFile
}

type closedFile struct {
	Name string
	Key  memo.Key
}

// lastKey is the key of everything that a build depends on but the clock.
func (c *call) lastKey(in build.Input) (memo.Key, bool) {
	stamp, ok := in.Source.Stamp()
	if !ok {
		return stamp, false
	}
	env := slices.DeleteFunc(slices.Clone(in.Env), func(v string) bool { return !strings.HasPrefix(v, "PRESS_") })
	slices.Sort(env)
	o := &c.Options
	return memo.Hash("last", stamp, in.Asked, in.BaseURL, env, o.strict, place(o.destination), place(o.closed), in.Kit.Tools), true
}

// again carries out a build that is the last one, and says whether it was.
func (c *call) again(in build.Input) (sum built, problems report.List, ok bool) {
	o := &c.Options
	key, ok := c.lastKey(in)
	if !ok || o.clean || o.prove {
		return sum, nil, false
	}
	l, problems := memo.Do(memo.Load(c.cache("last")), "", key, func() (last, report.List) { return last{}, nil })
	if l.From.IsZero() || in.Now.Before(l.From) || !l.Until.IsZero() && !in.Now.Before(l.Until) || !c.closedStands(l.Closed) {
		return sum, nil, false
	}
	tree := output.Recall(c.record())
	zone, err := time.LoadLocation(l.Zone)
	if tree == nil || err != nil {
		return sum, nil, false
	}
	res, err := output.Write(c.Ctx, tree, output.Options{Dir: o.destination, Record: c.record()})
	if err != nil {
		return sum, nil, false // whatever it is, the whole build will tell it
	}
	sum = summary(l.Pages, l.Held, o.asked(), l.Until, zone)
	sum.pictures = l.Pictures
	sum.count(res)
	return sum, problems, true
}

// closedStands tells whether the closed files are as the last build left them.
func (c *call) closedStands(files []closedFile) bool {
	for _, f := range files {
		data, err := os.ReadFile(filepath.Join(c.Options.closed, f.Name))
		if err != nil || memo.Of(data) != f.Key {
			return false
		}
	}
	return len(files) > 0
}

// remember notes what this build came to, for the next one.
func (c *call) remember(in build.Input, r *build.Result, problems report.List) error {
	key, ok := c.lastKey(in)
	if !ok {
		if err := os.Remove(c.cache("last")); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
		return nil
	}
	l := last{From: in.Now, Until: r.Next, Pages: len(r.Pages), Held: r.Held, Zone: r.Config.TimeZone, Pictures: writers(r)}
	for _, f := range r.Closed.Files() {
		var b bytes.Buffer
		if err := f.Write(&b); err != nil {
			return err
		}
		l.Closed = append(l.Closed, closedFile{f.Path, memo.Of(b.Bytes())})
	}
	m := memo.New()
	memo.Do(m, "", key, func() (last, report.List) { return l, problems })
	return m.Save(c.cache("last"))
}
