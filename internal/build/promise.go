package build

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"
	"weak"

	"pressroom/internal/config"
	"pressroom/internal/content"
	"pressroom/internal/feed"
	"pressroom/internal/headers"
	"pressroom/internal/layout"
	"pressroom/internal/memo"
	"pressroom/internal/output"
	"pressroom/internal/report"
	"pressroom/internal/search"
	"pressroom/internal/several"
	"pressroom/internal/site"
	"pressroom/internal/source"
)

// promiser puts the files of a linked site into its trees.
type promiser struct {
	ctx      context.Context
	in       Input
	site     *site.Site
	layouts  *layout.Set
	cfg      *config.Site
	files    *source.Tree
	memo     *memo.Memo
	ready    assets
	result   *Result
	problems report.List
}

// promise turns a linked site into two trees. What each file depends on is known now;
// its bytes are made when somebody reads it.
func promise(ctx context.Context, in Input, s *site.Site, docs []content.Parsed, files *source.Tree, layouts *layout.Set, ready assets, cfg *config.Site, m *memo.Memo) (*Result, report.List) {
	r := &Result{Config: cfg, Public: &output.Tree{}, Closed: &output.Tree{}, Held: s.Held, Next: s.Next, Changes: s.Changes, Pages: s.Pages(), Shots: s.Shots(), Encoders: s.Encoders(), Films: s.Films(docs)}
	p := promiser{ctx: ctx, in: in, site: s, layouts: layouts, cfg: cfg, files: files, memo: m, ready: ready, result: r}
	p.pages()
	p.sides()
	p.feeds()
	p.changes()
	p.sitemaps()
	p.wellKnown()
	p.calendars()
	p.cards()
	p.search()
	p.assets()
	p.pictures()
	p.headers()
	p.closed(docs)
	return r, p.problems
}

func (p *promiser) open(path string, key memo.Key, write func(io.Writer) error) {
	p.add(output.File{Path: path, Key: key, Write: write})
}

func (p *promiser) add(f output.File) {
	if err := p.result.Public.Add(f); err != nil {
		p.problems.Add(report.Problem{Path: f.Path, Name: "same-url", Text: err.Error(), Hint: "rename one of the two"})
	}
}

// hash is the key of what is made from the site, or none when nobody compares.
func (p *promiser) hash(parts ...any) memo.Key {
	if p.in.Keyless {
		return memo.Key{}
	}
	return memo.Hash(parts...)
}

// pages promises index.html and index.json of every page, and the ninjs of every item.
func (p *promiser) pages() {
	keys := make([]memo.Key, len(p.result.Pages))
	if !p.in.Keyless {
		several.Do(p.ctx, len(keys), func(i int) { keys[i] = memo.Hash(p.result.Pages[i].View()) })
	}
	for i, ref := range p.result.Pages {
		l, key, view := p.layouts.Page(ref.Layout), keys[i], briefly(ref.View)
		at := site.OutputPath(ref.URL)
		p.open(at, p.hash(l.Key, key), func(w io.Writer) error { return l.Execute(w, view()) })
		if ref.Layout != "redirect" && ref.Layout != "404" && ref.Layout != "embed" {
			p.open(strings.TrimSuffix(at, ".html")+".json", p.hash("json", key), func(w io.Writer) error {
				b, err := p.site.JSON(ref.Layout, view())
				if err == nil {
					_, err = w.Write(b)
				}
				return err
			})
		}
		if ref.HasNinjs() {
			p.open(strings.TrimPrefix(site.NinjsPath(ref.URL), "/"), p.hash("ninjs", key), func(w io.Writer) error {
				b, err := p.site.Ninjs(view())
				if err == nil {
					_, err = w.Write(b)
				}
				return err
			})
		}
	}
}

// briefly makes a view once for the files of a page, which are written one after the
// other. It holds it weakly: all views together are more than a large site should hold.
func briefly(view func() any) func() any {
	var mu sync.Mutex
	var kept weak.Pointer[any]
	return func() any {
		mu.Lock()
		defer mu.Unlock()
		if v := kept.Value(); v != nil {
			return *v
		}
		v := new(any)
		*v = view()
		kept = weak.Make(v)
		return *v
	}
}

// sides promises what stands beside the pages of videos.
func (p *promiser) sides() {
	sides := p.site.Sides()
	keys := make([]memo.Key, len(sides))
	if !p.in.Keyless {
		several.Do(p.ctx, len(keys), func(i int) { keys[i] = memo.Hash("side", sides[i].View()) })
	}
	for i, f := range sides {
		p.open(strings.TrimPrefix(f.Path, "/"), keys[i], func(w io.Writer) error { return feed.WriteSide(w, f.View()) })
	}
}

func (p *promiser) feeds() {
	for _, f := range p.site.Feeds() {
		key := p.hash(f)
		for _, form := range feed.Forms {
			p.open(strings.TrimPrefix(f.Dir, "/")+form.Name, p.hash(form.Name, key), func(w io.Writer) error { return form.Write(w, f) })
		}
	}
}

func (p *promiser) sitemaps() {
	maps := feed.Split(p.site.Map())
	p.open("sitemap.xml", memo.Hash("sitemap", p.cfg.BaseURL, maps.Index), func(w io.Writer) error { return maps.WriteIndex(w, p.cfg.BaseURL) })
	for _, name := range maps.Index {
		p.open(name, p.hash(p.site.Title(), maps.Parts[name]), func(w io.Writer) error { return maps.WritePart(w, name, p.site.Title()) })
	}
}

// changes promises what mirrors fetch to learn what has changed.
func (p *promiser) changes() {
	list := p.site.Revisions()
	p.open("changes.json", memo.Hash("changes", list), func(w io.Writer) error {
		enc := json.NewEncoder(w)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", " ")
		return enc.Encode(list)
	})
}

// wellKnown promises the small files that have their places by agreement: robots.txt,
// security.txt, the key of IndexNow. A site's own static/robots.txt wins.
func (p *promiser) wellKnown() {
	if p.files.Get("static/robots.txt") == nil {
		p.text("robots.txt", "User-agent: *\nAllow: /\nDisallow: /account/\nDisallow: /download/\nDisallow: /newsletter/\n\nSitemap: "+p.cfg.BaseURL+"/sitemap.xml\n")
	}
	if x := p.cfg.Security; x != nil {
		var b strings.Builder
		for _, k := range x.Contact {
			fmt.Fprintf(&b, "Contact: %s\n", k.Value)
		}
		fmt.Fprintf(&b, "Expires: %s\nPreferred-Languages: %s\nCanonical: %s/%s\n", x.Until.UTC().Format(time.RFC3339), strings.Join(p.cfg.Languages, ", "), p.cfg.BaseURL, securityPath)
		if x.Policy.Value != "" {
			fmt.Fprintf(&b, "Policy: %s\n", x.Policy.Value)
		}
		p.text(securityPath, b.String())
	}
	if x := p.cfg.IndexNow; x != nil {
		p.text(x.Key.Value+".txt", x.Key.Value+"\n")
	}
}

// securityPath is where RFC 9116 wants security.txt.
const securityPath = ".well-known/security.txt"

func (p *promiser) text(path, text string) {
	p.open(path, memo.Hash(text), func(w io.Writer) error { _, err := io.WriteString(w, text); return err })
}

func (p *promiser) calendars() {
	for _, c := range p.site.Calendars() {
		p.open(strings.TrimPrefix(c.Path, "/"), memo.Hash("ics", c.Title, p.cfg.TimeZone, c.Events), func(w io.Writer) error { return feed.ICS(w, c) })
	}
}

// cards promises a file of every contact for address books.
func (p *promiser) cards() {
	for _, c := range p.site.AddressCards() {
		card := feed.Card{Name: c.Name, Role: c.Role, Organisation: c.Organisation, Email: c.Email, Phone: c.Phone, URL: c.URL}
		p.open(strings.TrimPrefix(c.Path, "/"), memo.Hash("vcf", c), func(w io.Writer) error { return feed.VCard(w, card) })
	}
}

// search promises the search indexes. What their pieces are called is known when they are
// made, which a preview leaves until somebody searches.
func (p *promiser) search() {
	for i := range p.cfg.Languages {
		items := sync.OnceValue(func() site.Searchable { return p.site.Searchable(i) })
		index := sync.OnceValue(func() search.Index { return search.Make(items(), p.memo) })
		dir := p.site.SearchDir(i)
		if err := p.result.Public.Later(search.Dir(p.cfg.Languages[i]), func() []output.File { return index().Pieces }); err != nil {
			p.problems.Add(report.Problem{Path: dir, Name: "same-url", Text: err.Error(), Hint: "rename it"})
		}
		key := memo.Key{}
		if !p.in.Keyless {
			key = items().Key()
		}
		p.open(strings.TrimPrefix(dir, "/")+search.Manifest, key, func(w io.Writer) error { _, err := w.Write(index().Manifest); return err })
	}
}

// headers promises _headers, in which some hosts look for what every answer carries.
func (p *promiser) headers() {
	if p.files.Get("static/_headers") != nil {
		return // the newsroom writes its own
	}
	text := headers.File(p.cfg.Languages[1:], func(yield func(string) bool) {
		for _, f := range p.result.Public.Known() {
			if !yield("/" + f.Path) {
				return
			}
		}
	})
	p.open("_headers", memo.Of(text), func(w io.Writer) error { _, err := w.Write(text); return err })
}

// coming is one release that is still closed.
type coming struct {
	site.Held
	Title string `json:"title"`
	URL   string `json:"url"`
}

// closed promises what the gate and the newsroom's own people read, and nobody else.
func (p *promiser) closed(docs []content.Parsed) {
	p.result.Catalogue = p.site.Catalogue(docs)
	list := []coming{}
	for _, h := range p.site.Held {
		if h.Why == "embargo" || h.Why == "future" {
			list = append(list, coming{h, h.Title, h.URL})
		}
	}
	slices.SortFunc(list, func(a, b coming) int { return cmp.Or(a.Until.Compare(b.Until), cmp.Compare(a.Source, b.Source)) })
	p.closedFile("catalogue.json", p.result.Catalogue.Encode)
	p.closedFile("coming.json", func() ([]byte, error) {
		b, err := json.MarshalIndent(list, "", "  ")
		return append(b, '\n'), err
	})
	p.frame()
}

// frame promises what the gate needs to make pages of this site: encoded when somebody
// reads it, and once, because a build writes it and notes what it wrote.
func (p *promiser) frame() {
	f := p.site.Frame()
	f.Layouts = p.layouts.Sources()
	p.result.Frame = f
	encode := sync.OnceValues(f.Encode)
	err := p.result.Closed.Add(output.File{Path: "frame.json", Key: p.hash("frame.json", *f), Write: func(w io.Writer) error {
		b, err := encode()
		if err == nil {
			_, err = w.Write(b)
		}
		return err
	}})
	if err != nil {
		p.problems.Add(report.Problem{Path: "frame.json", Name: "closed", Text: err.Error()})
	}
}

func (p *promiser) closedFile(name string, encode func() ([]byte, error)) {
	b, err := encode()
	if err == nil {
		err = p.result.Closed.Add(output.File{Path: name, Key: memo.Of(b), Write: func(w io.Writer) error { _, err := w.Write(b); return err }})
	}
	if err != nil {
		p.problems.Add(report.Problem{Path: name, Name: "closed", Text: fmt.Sprint(err)})
	}
}
