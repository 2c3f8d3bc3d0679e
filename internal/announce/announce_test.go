package announce

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

func TestReadManifest(t *testing.T) {
	m, err := ReadManifest(strings.NewReader("{\"files\":[\n{\"path\":\"a/ninjs.json\",\"bytes\":3,\"sha256\":\"01\"}\n]}\n"))
	if err != nil || m["a/ninjs.json"] != "01" {
		t.Errorf("%v, %v", m, err)
	}
	for _, bad := range []string{"", "{}", "[]", `{"files":[{"path":"a"`, `{"changes":[]}`} {
		if m, err := ReadManifest(strings.NewReader(bad)); err == nil {
			t.Errorf("%q is read as %v", bad, m)
		}
	}
}

func TestCompare(t *testing.T) {
	before := Manifest{
		"news/a/ninjs.json": "1", "news/b/ninjs.json": "1", "news/gone/ninjs.json": "1", "news/a/index.html": "1", "news/rss.xml": "1", "videos/atom.xml": "1",
		"index.html": "1", "css/press.css": "1", "old/feed.json": "1",
	}
	now := Manifest{
		"news/a/ninjs.json": "1", "news/b/ninjs.json": "2", "news/été/ninjs.json": "1", "press.ninjs.json": "1", "news/a/index.html": "2", "news/rss.xml": "2",
		"videos/atom.xml": "1", "topics/x/feed.json": "1", "index.html": "2", "css/press.css": "2", "media/notninjs.json": "1",
	}
	p := Compare("https://p.example", before, now)
	if want := []string{"https://p.example/news/%C3%A9t%C3%A9/", "https://p.example/news/b/", "https://p.example/news/gone/", "https://p.example/press.html"}; !slices.Equal(p.Pages, want) {
		t.Errorf("pages %q, want %q", p.Pages, want)
	}
	if want := []string{"https://p.example/news/rss.xml", "https://p.example/topics/x/feed.json"}; !slices.Equal(p.Feeds, want) {
		t.Errorf("feeds %q, want %q", p.Feeds, want)
	}
	if p := Compare("https://p.example", now, now); len(p.Pages)+len(p.Feeds) > 0 {
		t.Errorf("nothing has changed, and %+v is told", p)
	}
}

// fake is a hub and an IndexNow that note what they are told.
func fake(t *testing.T, status int) (s Service, told *[]string) {
	told = &[]string{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method != http.MethodPost:
			*told = append(*told, r.Method+" "+r.URL.Path)
		case r.URL.Path == "/hub":
			if err := r.ParseForm(); err != nil {
				t.Error(err)
			}
			*told = append(*told, r.PostForm.Get("hub.mode")+" "+r.PostForm.Get("hub.url"))
		default:
			b, _ := io.ReadAll(r.Body)
			var v struct {
				Host, Key, KeyLocation string
				URLList                []string
			}
			if err := json.Unmarshal(b, &v); err != nil {
				t.Error(err)
			}
			*told = append(*told, fmt.Sprint(v.Host, " ", v.Key, " ", v.KeyLocation, " ", len(v.URLList)))
		}
		if status == http.StatusFound {
			http.Redirect(w, r, "/elsewhere", status)
			return
		}
		w.WriteHeader(status)
		fmt.Fprint(w, "because \x1b[31mof this\nand that")
	}))
	t.Cleanup(server.Close)
	return Service{BaseURL: "https://p.example", Hub: server.URL + "/hub", IndexNow: server.URL + "/indexnow", Key: "0123456789", Client: server.Client()}, told
}

func TestTell(t *testing.T) {
	plan := Plan{Pages: make([]string, most+1), Feeds: []string{"https://p.example/news/rss.xml", "https://p.example/news/atom.xml"}}
	for i := range plan.Pages {
		plan.Pages[i] = fmt.Sprintf("https://p.example/%d/", i)
	}
	s, told := fake(t, http.StatusNoContent)
	if err := s.Tell(context.Background(), plan); err != nil {
		t.Fatal(err)
	}
	want := []string{"publish https://p.example/news/rss.xml", "publish https://p.example/news/atom.xml",
		"p.example 0123456789 https://p.example/0123456789.txt 10000", "p.example 0123456789 https://p.example/0123456789.txt 1"}
	if !slices.Equal(*told, want) {
		t.Errorf("told %q", *told)
	}
	s.Hub = ""
	*told = nil
	if err := s.Tell(context.Background(), Plan{Feeds: plan.Feeds}); err != nil || len(*told) > 0 {
		t.Errorf("told %q, %v", *told, err)
	}
}

// Whoever refuses is named with what they said, the others are told all the same, and
// a redirect is a refusal.
func TestTellFails(t *testing.T) {
	plan := Plan{Pages: []string{"https://p.example/a/"}, Feeds: []string{"https://p.example/news/rss.xml"}}
	for _, status := range []int{http.StatusForbidden, http.StatusFound} {
		s, told := fake(t, status)
		err := s.Tell(context.Background(), plan)
		if err == nil || len(*told) != 2 {
			t.Fatalf("%d: told %q, %v", status, *told, err)
		}
		for _, want := range []string{"tell the hub of https://p.example/news/rss.xml: ", "tell IndexNow of pages (1): ", fmt.Sprint(" answers ", status)} {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%d: no %q in %q", status, want, err)
			}
		}
		if strings.ContainsAny(err.Error(), "\x1b") || strings.Contains(err.Error(), "and that") {
			t.Errorf("%q", err)
		}
	}
	ctx, stop := context.WithCancel(context.Background())
	stop()
	s, _ := fake(t, http.StatusOK)
	if err := s.Tell(ctx, plan); err == nil {
		t.Error("it was told although nobody wanted to wait")
	}
}
