// Package build is the whole path from a site folder to the files of a press site, in
// one function.
//
// In goes a still picture of the sources, the flags and the clock; out come two trees
// of promised files, the open one and the closed one. It writes nothing: somebody
// reads the trees, the disk, the preview, the checker. Every change runs the whole of
// Run; what has not changed is remembered, and a file whose key has not changed is
// never made.
package build

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"pressroom/internal/catalogue"
	"pressroom/internal/config"
	"pressroom/internal/content"
	"pressroom/internal/frame"
	"pressroom/internal/layout"
	"pressroom/internal/memo"
	"pressroom/internal/output"
	"pressroom/internal/picture"
	"pressroom/internal/report"
	"pressroom/internal/several"
	"pressroom/internal/site"
	"pressroom/internal/source"
)

// Input is all that a build depends on.
type Input struct {
	Source  *source.Tree // the site folder
	Theme   *source.Tree // the built-in layouts and static files, below it
	Now     time.Time    // the clock of this build
	Asked   site.Asked   // what is shown although it is not public
	BaseURL string       // stands over site.yaml's, "" for its own
	Env     []string     // PRESS_… as os.Environ gives them
	Keyless bool         // nobody compares: leave out the keys of what is made from the site

	// Reading is told how many bytes of masters have been read, of how many; nil does
	// without. Only new ones are read.
	Reading func(done, total int64)

	// Kit makes pictures. Which encoders it has is an input like any other; nil is a kit
	// without, which keeps what it makes in memory.
	Kit *picture.Kit
}

// Result is a built site, complete before a single file is made.
type Result struct {
	Config    *config.Site
	Public    *output.Tree // the open files
	Closed    *output.Tree // never served: the catalogue, coming releases
	Catalogue *catalogue.File
	Frame     *frame.File // what the gate draws its pages in
	Held      []site.Held
	Next      time.Time          // when the next build changes something; zero when never
	Changes   []site.Change      // all that time alone will do to the site, in its order
	Pages     []site.Ref         // every page, in the order of the site
	Shots     []*picture.Shot    // every picture with variants
	Encoders  []*picture.Encoder // what their files are written by, beside Go's own
	Films     []site.Film        // every film and sound whose file lies here, held ones too
}

// Run builds a site. With an error among the problems there is no result.
func Run(ctx context.Context, in Input, m *memo.Memo) (*Result, report.List) {
	r, problems := Look(ctx, in, m)
	if r != nil {
		problems = problems.Silence(r.Config.Silenced())
	}
	if problems.HasErrors() {
		return nil, problems
	}
	return r, problems
}

// Look is the path itself, for those who read a site and do not publish it. It goes on
// past mistakes in the texts, so that all of them are told at once; what it then
// returns is not for publication. No warning is silenced yet.
func Look(ctx context.Context, in Input, m *memo.Memo) (*Result, report.List) {
	files := in.Source.Over(in.Theme)
	if in.Kit == nil {
		in.Kit = &picture.Kit{}
	}

	cfg, problems := readConfig(in)
	if cfg == nil {
		return nil, problems
	}
	docs, more := readDocs(ctx, files, cfg, in, m)
	problems.Add(more...)
	layouts, more := readLayouts(files)
	problems.Add(more...)
	if layouts == nil || ctx.Err() != nil {
		return nil, problems.Sorted()
	}

	ready, more := readAssets(files, in, cfg, m)
	problems.Add(more...)

	readMasters(ctx, site.Masters(files, docs), in)
	linking := site.Input{Config: cfg, Docs: docs, Files: files, Layouts: layouts, Styles: ready.styles, Scripts: ready.scripts, Now: in.Now, Asked: in.Asked, Memo: m, Kit: in.Kit}
	linked, more := site.New(ctx, linking)
	problems.Add(more...)
	if len(linked.Held) > 0 && !in.Asked.Future {
		problems.Add(site.Rehearse(ctx, linking, more)...)
	}
	if ctx.Err() != nil {
		return nil, problems.Sorted()
	}
	result, more := promise(ctx, in, linked, docs, files, layouts, ready, cfg, m)
	if !problems.HasErrors() { // else they only repeat what was said of two sources of one address
		problems.Add(more...)
	}
	return result, problems.Sorted()
}

// readConfig reads site.yaml.
func readConfig(in Input) (*config.Site, report.List) {
	f := in.Source.Get("site.yaml")
	if f == nil {
		return nil, report.List{{Path: "site.yaml", Name: "site", Text: "there is no site.yaml here",
			Hint: `run "press init DIR" for a new newsroom, or name the folder with --source`}}
	}
	data, err := f.Bytes()
	if err != nil {
		return nil, report.List{{Path: "site.yaml", Name: "site", Text: "cannot be read: " + err.Error()}}
	}
	env := in.Env
	if in.BaseURL != "" {
		env = append(env[:len(env):len(env)], "PRESS_BASEURL="+in.BaseURL)
	}
	return config.Parse(data, env)
}

// readDocs reads every Markdown file below content/, several at a time.
func readDocs(ctx context.Context, files *source.Tree, cfg *config.Site, in Input, m *memo.Memo) ([]content.Parsed, report.List) {
	options := content.Options{Zone: cfg.Zone, Languages: cfg.Languages}
	about := memo.Hash("document", cfg.TimeZone, cfg.Languages)
	var sources []*source.File
	for _, f := range files.Under("content") {
		if strings.HasSuffix(f.Path, ".md") {
			sources = append(sources, f)
		}
	}
	docs := make([]content.Parsed, len(sources))
	lists := make([]report.List, len(sources))
	several.Do(ctx, len(sources), func(i int) {
		docs[i], lists[i] = readDoc(sources[i], options, about, m)
	})
	var problems report.List
	for _, l := range lists {
		problems.Add(l...)
	}
	if len(sources) == 0 {
		problems.Add(report.Problem{Path: "content", Severity: report.Warning, Name: "no-content", Text: "there is no Markdown below content/",
			Hint: `"press new news TITLE" makes the first article`})
	}
	return docs, problems
}

// readMasters reads the masters that are new, several at a time, so that their hashes are
// known; a first build may have terabytes before it. What cannot be read is told where
// its rendition is.
func readMasters(ctx context.Context, masters []*source.File, in Input) {
	masters = slices.DeleteFunc(masters, (*source.File).Known)
	var total int64
	for _, f := range masters {
		total += f.Size
	}
	var mu sync.Mutex
	var done int64
	several.Do(ctx, len(masters), func(i int) {
		masters[i].Read(ctx, func(bytes int) {
			mu.Lock()
			defer mu.Unlock()
			if done += int64(bytes); in.Reading != nil {
				in.Reading(done, total)
			}
		})
	})
	if in.Reading != nil && total > 0 {
		in.Reading(total, total) // the end, whatever became of them
	}
}

func readDoc(f *source.File, o content.Options, about memo.Key, m *memo.Memo) (content.Parsed, report.List) {
	key, data, err := f.Load()
	if err != nil {
		return content.Parsed{}, report.List{{Path: f.Path, Name: "unreadable", Text: err.Error(), Hint: "check the file's permissions"}}
	}
	return memo.Do(m, "read "+f.Path, memo.Hash(about, f.Path, key), func() (content.Parsed, report.List) {
		if data == nil {
			if data, err = f.Bytes(); err != nil {
				return content.Parsed{}, report.List{{Path: f.Path, Name: "unreadable", Text: err.Error()}}
			}
		}
		return content.Parse(f.Path, data, key, o)
	})
}

// readLayouts reads layouts/, the site's over the built-in ones.
func readLayouts(files *source.Tree) (*layout.Set, report.List) {
	texts := map[string][]byte{}
	for _, f := range files.Under("layouts") {
		data, err := f.Bytes()
		if err != nil {
			return nil, report.List{{Path: f.Path, Name: "unreadable", Text: err.Error()}}
		}
		texts[strings.TrimPrefix(f.Path, "layouts/")] = data
	}
	set, problems := layout.Load(texts)
	if problems.HasErrors() {
		return nil, problems
	}
	return set, problems
}

// Config reads site.yaml alone, for those who need no more of a site.
func Config(dir, baseURL string, env []string) (*config.Site, report.List) {
	data, err := os.ReadFile(filepath.Join(dir, "site.yaml"))
	files := map[string][]byte{}
	if err == nil {
		files["site.yaml"] = data
	}
	return readConfig(Input{Source: source.Memory(files), BaseURL: baseURL, Env: env})
}

// Masters is the folder of masters when site.yaml names one of its own, as an absolute
// path, else "". A site.yaml with mistakes names none; Run tells them.
func Masters(dir string, env []string) string {
	data, err := os.ReadFile(filepath.Join(dir, "site.yaml"))
	if err != nil {
		return ""
	}
	cfg, _ := config.Parse(data, env)
	if cfg == nil || cfg.Media.Folder == "" || cfg.Media.Folder == "media" {
		return ""
	}
	if filepath.IsAbs(cfg.Media.Folder) {
		return cfg.Media.Folder
	}
	return filepath.Join(dir, cfg.Media.Folder)
}
