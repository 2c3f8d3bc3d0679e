// Package announce tells others that a site has changed: the hub of its feeds, which
// passes it on to their readers (WebSub), and search engines (IndexNow).
//
// In go two manifests, of what was published before and of what is now; out comes a
// Plan, the addresses to tell, and on request it is told. The package knows nothing
// of the site but what lies in the open: of an item that is held it cannot tell.
package announce

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"

	"pressroom/internal/feed"
	"pressroom/internal/site"
)

// Manifest is the SHA-256 of each open file, by path.
type Manifest map[string]string

// ReadManifest reads a manifest.json.
func ReadManifest(r io.Reader) (Manifest, error) {
	var list struct {
		Files []struct{ Path, SHA256 string }
	}
	d := json.NewDecoder(r)
	if err := d.Decode(&list); err != nil {
		return nil, err
	}
	if list.Files == nil {
		return nil, errors.New("it has no list of files")
	}
	m := Manifest{}
	for _, f := range list.Files {
		m[f.Path] = f.SHA256
	}
	return m, nil
}

// Plan is what is to be told.
type Plan struct {
	Pages []string `json:"pages"` // items that are new, changed or gone
	Feeds []string `json:"feeds"` // feeds that are not what they were
}

// Compare plans what to tell of the way from one manifest to another. An item has
// changed when its ninjs has: that file stands beside every item and nothing else,
// and neither a new layout nor a new neighbour changes it. What is gone is told, too,
// so that engines forget it.
func Compare(baseURL string, before, now Manifest) Plan {
	p := Plan{Pages: []string{}, Feeds: []string{}}
	address := func(path string) string { return baseURL + (&url.URL{Path: "/" + path}).EscapedPath() }
	for file, sum := range now {
		if before[file] == sum {
			continue
		}
		if at, ok := itemOf(file); ok {
			p.Pages = append(p.Pages, address(at))
		}
		if isFeed(file) {
			p.Feeds = append(p.Feeds, address(file))
		}
	}
	for file := range before {
		if at, ok := itemOf(file); ok && now[file] == "" {
			p.Pages = append(p.Pages, address(at))
		}
	}
	slices.Sort(p.Pages)
	slices.Sort(p.Feeds)
	return p
}

// itemOf is the path of the page that a ninjs belongs to.
func itemOf(file string) (string, bool) {
	page, ok := strings.CutSuffix(file, "ninjs.json")
	if name, dotted := strings.CutSuffix(page, "."); dotted {
		page = name + ".html"
	}
	return page, ok && site.NinjsPath("/"+page) == "/"+file
}

func isFeed(file string) bool { return slices.Contains(feed.Names(), path.Base(file)) }

// Service is who is told.
type Service struct {
	BaseURL  string // whose pages they are
	Hub      string // "" for none
	IndexNow string // the endpoint, "" for none
	Key      string // for IndexNow; it must stand at BaseURL/KEY.txt
	Client   *http.Client
}

// most is how many addresses IndexNow takes at once.
const most = 10_000

// Tell carries out a plan. It goes on after a failure, so that a hub that is down keeps
// nothing from the engines, and returns all failures together. To tell twice does no
// harm: whoever fails may do it all again.
func (s Service) Tell(ctx context.Context, p Plan) error {
	var failed []error
	if s.Hub != "" {
		for _, topic := range p.Feeds {
			form := url.Values{"hub.mode": {"publish"}, "hub.url": {topic}}
			if err := s.post(ctx, s.Hub, "application/x-www-form-urlencoded", []byte(form.Encode())); err != nil {
				failed = append(failed, fmt.Errorf("tell the hub of %s: %w", topic, err))
			}
		}
	}
	if s.IndexNow != "" {
		for pages := range slices.Chunk(p.Pages, most) {
			if err := s.index(ctx, pages); err != nil {
				failed = append(failed, fmt.Errorf("tell IndexNow of pages (%d): %w", len(pages), err))
			}
		}
	}
	return errors.Join(failed...)
}

func (s Service) index(ctx context.Context, pages []string) error {
	base, err := url.Parse(s.BaseURL)
	if err != nil {
		return err
	}
	body, err := json.Marshal(struct {
		Host  string   `json:"host"`
		Key   string   `json:"key"`
		File  string   `json:"keyLocation"`
		Pages []string `json:"urlList"`
	}{base.Host, s.Key, s.BaseURL + "/" + s.Key + ".txt", pages})
	if err != nil {
		return err
	}
	return s.post(ctx, s.IndexNow, "application/json; charset=utf-8", body)
}

// post wants a 2xx. A redirect is none: it would turn the POST into a GET that tells
// nothing, and succeed.
func (s Service) post(ctx context.Context, to, kind string, body []byte) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", kind)
	r.Header.Set("User-Agent", "Pressroom")
	client := *s.Client
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	answer, err := client.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	text, _ := io.ReadAll(io.LimitReader(answer.Body, 300)) // enough to learn why
	if answer.StatusCode/100 != 2 {
		return fmt.Errorf("%s answers %s", to, strings.TrimSpace(answer.Status+" "+firstLine(text)))
	}
	return nil
}

// firstLine is what a service says of its refusal, made fit for a terminal.
func firstLine(text []byte) string {
	line, _, _ := strings.Cut(strings.TrimSpace(string(text)), "\n")
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			return -1
		}
		return r
	}, line)
}
