// Package preview shows a site while it is being written.
//
// In goes a site folder; out come its pages over HTTP. A page is made when it is asked
// for, from the last build without errors, so that none is ever stale; a change on disk
// leads to a new build, and every open page hears of it. What is wrong is shown over
// the page. The package writes no file, and it is not a web server for the public: it
// answers to its own address alone, and shows what was asked for although it is held.
//
// manifest.json is not part of a preview: it has the hash of every file, and a preview
// makes only those that somebody looks at.
package preview

import (
	"context"
	"errors"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"pressroom/internal/build"
	"pressroom/internal/memo"
	"pressroom/internal/report"
	"pressroom/internal/source"
)

// Server previews one site. Its fields are set before it runs.
type Server struct {
	Dir    string           // the site folder
	Input  build.Input      // of every build, but for its Source and Now
	Memo   *memo.Memo       // lives as long as the server
	Host   string           // the address it is bound to, answered to beside localhost
	Clock  func() time.Time // nil for the real one
	Strict bool             // warnings count as errors
	Told   func(Built)      // called after each build, from one goroutine; may be nil
	Say    func(error)      // called when the folders cannot be watched; may be nil

	// Gate answers the paths of the companion; nil without one. Made is called with each
	// good build before it is served, so that the gate knows a download before a reader
	// sees its link; may be nil.
	Gate http.Handler
	Made func(*build.Result)

	state atomic.Pointer[state]
	tried time.Time // the clock of the last build, good or not
}

// Built is the news of one build.
type Built struct {
	First    bool
	Failed   bool // it had errors: the last good one is still served, if there was any
	Problems report.List
	Ran      []string // the steps that were not remembered, as "read content/about.md"
	Took     time.Duration
}

// state is what a build left to be served. It is complete when it is stored and never
// changed after.
type state struct {
	site     *build.Result // the last one without errors; nil when there was none yet
	problems report.List   // of the last build
	failed   bool
	over     chan struct{} // closed when the next state stands

	digests func() (styles, others string) // of the files that pages load
}

// grace is how long requests may still take when the server is told to end.
const grace = 2 * time.Second

// Run builds, serves and watches until ctx ends.
func (s *Server) Run(ctx context.Context, l net.Listener) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	w := s.watch()
	ended := w.start(ctx)
	s.rebuild(ctx, w.changed)

	// Requests live in ctx, so that the open streams of events end with it.
	web := &http.Server{Handler: s, BaseContext: func(net.Listener) context.Context { return ctx }, ReadHeaderTimeout: 10 * time.Second}
	served := make(chan error, 1)
	go func() {
		served <- web.Serve(l)
		cancel()
	}()
	s.follow(ctx, w.changed)

	cancel()
	<-ended
	last, stop := context.WithTimeout(context.Background(), grace)
	defer stop()
	if web.Shutdown(last) != nil {
		web.Close()
	}
	if err := <-served; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// watch is the watch of the site's sources. Where the folder is reached by links it is
// named without them: the system reports real paths.
func (s *Server) watch() *watch {
	dir, err := filepath.Abs(s.Dir)
	if err != nil {
		dir = s.Dir
	}
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real
	}
	w := newWatch(filepath.Join(dir, "site.yaml"), func() []string { return source.Roots(dir, build.Masters(dir, s.Input.Env)) })
	w.modes = func() bool { st := s.state.Load(); return st == nil || st.failed }
	if s.Say != nil {
		w.say = s.Say
	}
	return w
}

// follow builds whenever the sources have changed or the hour of a release has come.
func (s *Server) follow(ctx context.Context, changed <-chan struct{}) {
	for {
		wake := time.NewTimer(s.wait())
		select {
		case <-ctx.Done():
		case <-changed:
			s.rebuild(ctx, changed)
		case <-wake.C:
			if s.wait() <= 0 {
				s.rebuild(ctx, changed)
			}
		}
		wake.Stop()
		if ctx.Err() != nil {
			return
		}
	}
}

// wait is how long the site stays as it is, and a minute at most: timers stand still
// while a computer sleeps, and the hour is that of the clock on the wall.
func (s *Server) wait() time.Duration {
	st := s.state.Load()
	if st == nil || st.site == nil || !st.site.Next.After(s.tried) {
		return time.Minute
	}
	return min(st.site.Next.Sub(s.clock()), time.Minute)
}

func (s *Server) clock() time.Time {
	if s.Clock != nil {
		return s.Clock()
	}
	return time.Now()
}

// rebuild builds and serves the outcome. With errors the last good site stays, and the
// problems are told over it.
func (s *Server) rebuild(ctx context.Context, changed <-chan struct{}) {
	start := time.Now()
	result, problems := s.build(ctx)
	if result == nil {
		select {
		case <-changed: // a file was caught half written: look again before complaining of it
			result, problems = s.build(ctx)
		default:
		}
	}
	if ctx.Err() != nil {
		return
	}
	ran := s.Memo.Ran() // taken each time, or the list would grow all day
	last := s.state.Load()
	next := &state{site: result, problems: problems, failed: result == nil, over: make(chan struct{})}
	if next.failed && last != nil {
		next.site, next.digests = last.site, last.digests
	} else {
		next.digests = sync.OnceValues(func() (string, string) { return digests(next.site) })
	}
	if s.Made != nil && !next.failed {
		s.Made(result)
	}
	s.state.Store(next)
	if last != nil {
		close(last.over)
	}
	if s.Told != nil {
		s.Told(Built{First: last == nil, Failed: next.failed, Problems: problems, Ran: ran, Took: time.Since(start)})
	}
}

// build takes the picture of the sources and builds it. There is no result when there
// are errors.
func (s *Server) build(ctx context.Context) (*build.Result, report.List) {
	tree, problems, err := source.Snapshot(s.Dir, build.Masters(s.Dir, s.Input.Env), s.Memo)
	if err != nil {
		return nil, report.List{{Name: "unreadable", Text: err.Error(), Hint: "mend it, or save any file to try again"}}
	}
	in := s.Input
	in.Source, in.Now, in.Keyless = tree, s.clock(), true
	s.tried = in.Now
	result, more := build.Run(ctx, in, s.Memo)
	problems.Add(more...)
	problems = problems.Sorted()
	if s.Strict {
		for i := range problems {
			problems[i].Severity = report.Error
		}
	}
	if problems.HasErrors() {
		return nil, problems
	}
	// What a good build did not ask for is forgotten. One that failed early asked for
	// little, and what it had no use for will be wanted again.
	s.Memo.Sweep()
	return result, problems
}

// digests sums up the files that pages load: stylesheets, which an open page can take
// in anew, and all others but pages and what is made like them.
func digests(site *build.Result) (styles, others string) {
	if site == nil {
		return "", ""
	}
	var css, rest []any
	for _, f := range site.Public.Known() {
		switch {
		case strings.HasSuffix(f.Path, ".css"):
			css = append(css, f.Path, f.Key)
		case strings.HasSuffix(f.Path, ".js") || f.Open != nil:
			rest = append(rest, f.Path, f.Key)
		}
	}
	return short(memo.Hash(css)), short(memo.Hash(rest))
}

// short is a key as pages and headers carry it; 64 bits are more than enough to tell
// two versions of one thing apart.
func short(k memo.Key) string { return k.String()[:16] }
