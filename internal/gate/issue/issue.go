// Package issue composes a newsletter from the site's own feeds.
//
// In go the JSON Feed of each language (an address or a file), the site's topics and a
// time from which and up to which; out comes what an issue says, newest first. It reads
// what press build writes, within bounds of size and time, and never half of it: one feed
// that cannot be read is an error, since its readers would miss the news for good. It
// sends nothing and keeps nothing.
package issue

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"
	"unicode"

	"pressroom/internal/frame"
	"pressroom/internal/gate"
)

const (
	// maxFeed is a hundred times what press writes for its twenty items.
	maxFeed = 8 << 20
	// maxTime is for one feed, from the look-up of its name to its last byte.
	maxTime = 30 * time.Second
	// A title or summary that is longer would not be read in a mail; in characters.
	maxTitle, maxSummary = 300, 1000
)

// Feeds are the addresses of the site's own feeds of news: press writes those of the
// first language below /, of each other one below its code.
func Feeds(baseURL string, languages []string) map[string]string {
	feeds := map[string]string{}
	for i, l := range languages {
		dir := "/"
		if i > 0 {
			dir += l + "/"
		}
		feeds[l] = baseURL + dir + "news/feed.json"
	}
	return feeds
}

// Input is what an issue is made of.
type Input struct {
	Feeds  map[string]string // by language: https://…/feed.json, or the path of a file
	Topics []frame.Topic     // what the feeds' tags mean
	From   time.Time         // news after this
	Until  time.Time         // and up to this
	Client *http.Client      // http.DefaultClient's transport when nil
}

// Composed is an issue that could be sent.
type Composed struct {
	gate.Content
	// Short are the languages whose feed begins after From: older news may have left it.
	Short []string
}

// Empty tells whether there is nothing to send.
func (c *Composed) Empty() bool {
	for _, items := range c.Content {
		if len(items) > 0 {
			return false
		}
	}
	return true
}

// Compose reads the feeds.
func Compose(ctx context.Context, in Input) (*Composed, error) {
	if len(in.Feeds) == 0 {
		return nil, errors.New("compose an issue: there is no feed")
	}
	out := &Composed{Content: gate.Content{}}
	for lang, at := range in.Feeds {
		items, oldest, err := in.read(ctx, lang, at)
		if err != nil {
			return nil, fmt.Errorf("compose an issue: feed of %s, %s: %w", lang, at, err)
		}
		out.Content[lang] = items
		if !oldest.IsZero() && oldest.After(in.From) {
			out.Short = append(out.Short, lang)
		}
	}
	slices.Sort(out.Short)
	return out, nil
}

// document is what we read of JSON Feed 1.1.
type document struct {
	Version  string `json:"version"`
	Language string `json:"language"`
	Items    []item `json:"items"`
}

type item struct {
	ID        string    `json:"id"`
	URL       string    `json:"url"`
	Title     string    `json:"title"`
	Summary   string    `json:"summary"`
	Text      string    `json:"content_text"`
	Published time.Time `json:"date_published"`
	Tags      []string  `json:"tags"`
}

func (in *Input) read(ctx context.Context, lang, at string) (items []gate.Item, oldest time.Time, err error) {
	ctx, cancel := context.WithTimeout(ctx, maxTime)
	defer cancel()
	b, err := in.fetch(ctx, at)
	if err != nil {
		return nil, oldest, err
	}
	var f document
	if err := json.Unmarshal(bytes.TrimPrefix(b, []byte("\ufeff")), &f); err != nil {
		return nil, oldest, fmt.Errorf("it is no JSON Feed: %w", err)
	}
	if !strings.HasPrefix(f.Version, "https://jsonfeed.org/version/1") {
		return nil, oldest, fmt.Errorf("it is no JSON Feed of version 1, but %q", f.Version)
	}
	if f.Language != "" && !strings.EqualFold(f.Language, lang) {
		return nil, oldest, fmt.Errorf("its language is %q", f.Language)
	}
	seen := map[string]bool{}
	for n, i := range f.Items {
		if i.Published.IsZero() {
			return nil, oldest, fmt.Errorf("item %d, %q, has no date", n+1, i.Title)
		}
		if oldest.IsZero() || i.Published.Before(oldest) {
			oldest = i.Published
		}
		id := cmp.Or(i.ID, i.URL)
		if !i.Published.After(in.From) || i.Published.After(in.Until) || seen[id] {
			continue
		}
		seen[id] = true
		u, err := url.Parse(i.URL)
		if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.User != nil {
			return nil, oldest, fmt.Errorf("item %d, %q, has no address but %q", n+1, i.Title, i.URL)
		}
		title := brief(i.Title, maxTitle)
		if title == "" {
			return nil, oldest, fmt.Errorf("item %d, %s, has no title", n+1, i.URL)
		}
		items = append(items, gate.Item{ID: id, Title: title, Summary: brief(cmp.Or(i.Summary, i.Text), maxSummary), URL: u.String(),
			Date: i.Published.UTC(), Topics: in.slugs(lang, i.Tags)})
	}
	slices.SortStableFunc(items, func(a, b gate.Item) int { return b.Date.Compare(a.Date) })
	return items, oldest, nil
}

// slugs are the topics that tags of a language mean: a feed names them as readers know
// them, subscriptions by their slugs. Tags that are no topics of the site are left out.
func (in *Input) slugs(lang string, tags []string) (slugs []string) {
	for _, tag := range tags {
		i := slices.IndexFunc(in.Topics, func(t frame.Topic) bool { return t.Slug == tag || t.Names[lang] == tag })
		if i >= 0 && !slices.Contains(slugs, in.Topics[i].Slug) {
			slugs = append(slugs, in.Topics[i].Slug)
		}
	}
	return slugs
}

// brief is a text on one line, not too long for a mail.
func brief(s string, most int) string {
	s = strings.Join(strings.FieldsFunc(strings.ToValidUTF8(s, ""), func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.In(r, unicode.Zl, unicode.Zp, unicode.Bidi_Control)
	}), " ")
	if r := []rune(s); len(r) > most {
		s = strings.TrimSpace(string(r[:most-1])) + "…"
	}
	return s
}

// fetch reads a feed from its address or file.
func (in *Input) fetch(ctx context.Context, at string) ([]byte, error) {
	if !strings.Contains(at, "://") {
		f, err := os.Open(at)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		return limited(f)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, at, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/feed+json, application/json")
	req.Header.Set("User-Agent", "pressroom-gate")
	// What lies between may hold an older one; an issue is composed once.
	req.Header.Set("Cache-Control", "no-cache")
	client := http.Client{CheckRedirect: func(next *http.Request, via []*http.Request) error {
		if len(via) > 3 || via[0].URL.Scheme == "https" && next.URL.Scheme != "https" {
			return fmt.Errorf("it leads on to %s", next.URL.Redacted())
		}
		return nil
	}}
	if in.Client != nil {
		client.Transport = in.Client.Transport
	}
	res, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the server answers %s", res.Status)
	}
	return limited(res.Body)
}

func limited(r io.Reader) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxFeed+1))
	if err == nil && len(b) > maxFeed {
		err = fmt.Errorf("it has more than %d bytes", maxFeed)
	}
	return b, err
}
