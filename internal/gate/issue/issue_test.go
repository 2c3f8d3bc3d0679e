package issue

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"pressroom/internal/feed"
	"pressroom/internal/frame"
	"pressroom/internal/gate"
	"pressroom/internal/site"
)

var (
	monday = time.Date(2026, 7, 6, 9, 0, 0, 0, time.UTC)
	topics = []frame.Topic{{Slug: "energy", Names: map[string]string{"en": "Energy", "fr": "Énergie"}}, {Slug: "sea", Names: map[string]string{"en": "Sea", "fr": "Mer"}}}
)

// written is a feed as press writes it.
func written(t *testing.T, lang string, items ...site.FeedItem) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := feed.JSON(&b, site.Feed{Title: "News", Lang: lang, Items: items}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func news(slug string, at time.Time, tags ...string) site.FeedItem {
	u := "https://press.example.org/news/" + slug + "/"
	return site.FeedItem{ID: u, URL: u, Title: "Title of " + slug, Summary: "Summary\nof " + slug, Published: at, Updated: at, Categories: tags}
}

// serve answers with what is there under a path.
func serve(t *testing.T, files map[string][]byte) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, ok := files[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write(b)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// What press writes is what an issue is made of: by language, time and topic.
func TestCompose(t *testing.T) {
	hour := func(n int) time.Time { return monday.Add(time.Duration(n) * time.Hour) }
	base := serve(t, map[string][]byte{
		"/news/feed.json": written(t, "en", news("future", hour(11)), news("c", hour(3), "Sea", "Other", "Energy", "Sea"), news("last", hour(10)), news("b", hour(2), "Energy"), news("a", hour(1)),
			news("a", hour(1)), news("from", hour(0)), news("old", hour(-5))),
	})
	french := filepath.Join(t.TempDir(), "feed.json")
	if err := os.WriteFile(french, written(t, "fr", news("c-fr", hour(3), "Mer")), 0o600); err != nil {
		t.Fatal(err)
	}
	feeds := Feeds(base, []string{"en", "fr"})
	if want := map[string]string{"en": base + "/news/feed.json", "fr": base + "/fr/news/feed.json"}; !reflect.DeepEqual(feeds, want) {
		t.Errorf("feeds %v", feeds)
	}
	feeds["fr"] = french
	got, err := Compose(context.Background(), Input{Feeds: feeds, Topics: topics, From: hour(0), Until: hour(10)})
	if err != nil {
		t.Fatal(err)
	}
	item := func(slug string, at time.Time, topics ...string) gate.Item {
		u := "https://press.example.org/news/" + slug + "/"
		return gate.Item{ID: u, Title: "Title of " + slug, Summary: "Summary of " + slug, URL: u, Date: at, Topics: topics}
	}
	want := gate.Content{
		"en": {item("last", hour(10)), item("c", hour(3), "sea", "energy"), item("b", hour(2), "energy"), item("a", hour(1))},
		"fr": {item("c-fr", hour(3), "sea")},
	}
	if !reflect.DeepEqual(got.Content, want) {
		t.Errorf("got  %+v\nwant %+v", got.Content, want)
	}
	// The French feed has nothing from before: older news may have fallen out of it.
	if !reflect.DeepEqual(got.Short, []string{"fr"}) || got.Empty() {
		t.Errorf("short %v, empty %v", got.Short, got.Empty())
	}
	none, err := Compose(context.Background(), Input{Feeds: feeds, From: hour(12), Until: hour(13)})
	if err != nil || !none.Empty() || len(none.Short) > 0 {
		t.Errorf("later: %+v %v", none, err)
	}
}

func TestRefused(t *testing.T) {
	one := func(change func(map[string]any)) []byte {
		item := map[string]any{"id": "1", "url": "https://press.example.org/a/", "title": "A", "date_published": monday.Add(time.Hour)}
		f := map[string]any{"version": "https://jsonfeed.org/version/1.1", "language": "en", "items": []any{item}}
		change(f)
		change(item)
		b, err := json.Marshal(f)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	for name, c := range map[string]struct {
		file []byte
		want string
	}{
		"good":          {one(func(map[string]any) {}), ""},
		"html":          {[]byte("<!doctype html>"), "it is no JSON Feed"},
		"other json":    {[]byte("{}"), `no JSON Feed of version 1, but ""`},
		"language":      {one(func(m map[string]any) { m["language"] = "fr" }), `its language is "fr"`},
		"no date":       {one(func(m map[string]any) { delete(m, "date_published") }), `item 1, "A", has no date`},
		"no title":      {one(func(m map[string]any) { m["title"] = " \u202e" }), "item 1, https://press.example.org/a/, has no title"},
		"relative":      {one(func(m map[string]any) { m["url"] = "/a/" }), `has no address but "/a/"`},
		"script":        {one(func(m map[string]any) { m["url"] = "javascript:alert(1)" }), "has no address but"},
		"user":          {one(func(m map[string]any) { m["url"] = "https://press.example.org@x.example/" }), "has no address but"},
		"large":         {append([]byte(`{"version":"`), bytes.Repeat([]byte(" "), maxFeed)...), "it has more than"},
		"missing":       {nil, "the server answers 404"},
		"long":          {one(func(m map[string]any) { m["title"] = strings.Repeat("a", 1000) }), ""},
		"byte order":    {append([]byte("\ufeff"), one(func(map[string]any) {})...), ""},
		"bad date":      {one(func(m map[string]any) { m["date_published"] = "yesterday" }), "it is no JSON Feed"},
		"wrong version": {one(func(m map[string]any) { m["version"] = "https://jsonfeed.org/version/2" }), "no JSON Feed of version 1"},
	} {
		files := map[string][]byte{"/f": c.file}
		if c.file == nil {
			files = nil
		}
		got, err := Compose(context.Background(), Input{Feeds: map[string]string{"en": serve(t, files) + "/f"}, From: monday, Until: monday.Add(2 * time.Hour)})
		switch {
		case c.want == "" && (err != nil || len(got.Content["en"]) != 1 || len([]rune(got.Content["en"][0].Title)) > maxTitle):
			t.Errorf("%s: %v %v", name, got, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
	if _, err := Compose(context.Background(), Input{}); err == nil {
		t.Error("no feeds: no error")
	}
}

// A feed that leads on is followed a little way, and never out of TLS.
func TestRedirects(t *testing.T) {
	good := written(t, "en", news("a", monday.Add(time.Hour)))
	plain := serve(t, map[string][]byte{"/feed.json": good})
	var n int
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/out":
			http.Redirect(w, r, plain+"/feed.json", http.StatusFound)
		case r.URL.Path == "/round":
			http.Redirect(w, r, fmt.Sprint("/round?", n), http.StatusFound)
			n++
		case r.URL.Path == "/once":
			http.Redirect(w, r, "/feed.json", http.StatusMovedPermanently)
		default:
			_, _ = w.Write(good)
		}
	})
	s := httptest.NewTLSServer(handler)
	defer s.Close()
	for path, fine := range map[string]bool{"/feed.json": true, "/once": true, "/round": false, "/out": false} {
		_, err := Compose(context.Background(), Input{Feeds: map[string]string{"en": s.URL + path}, From: monday, Until: monday.Add(2 * time.Hour), Client: s.Client()})
		if (err == nil) != fine {
			t.Errorf("%s: %v", path, err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Compose(ctx, Input{Feeds: map[string]string{"en": plain + "/feed.json"}}); err == nil {
		t.Error("stopped: no error")
	}
}
