package preview

import (
	"bufio"
	"encoding/json"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"
)

// listener is an open page, as its script hears of builds.
type listener struct {
	testing.TB
	heard chan news
	ended chan error // nil for a stream that was not cut
}

func (r *running) listen(page string) listener {
	r.Helper()
	resp, err := http.Get(r.url + "/_press/events?page=" + page)
	r.must(err)
	if got := resp.Header.Get("Content-Type"); resp.StatusCode != 200 || got != "text/event-stream" {
		r.Fatalf("%d %s", resp.StatusCode, got)
	}
	l := listener{r.TB, make(chan news, 100), make(chan error, 1)}
	go func() {
		defer close(l.heard)
		defer resp.Body.Close()
		lines := bufio.NewScanner(resp.Body)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				var n news
				if json.Unmarshal([]byte(data), &n) == nil {
					l.heard <- n
				}
			}
		}
		l.ended <- lines.Err()
	}()
	return l
}

// until returns the first news of which ok holds.
func (l listener) until(what string, ok func(news) bool) news {
	l.Helper()
	limit := time.After(deadline)
	for {
		select {
		case n, open := <-l.heard:
			if !open {
				l.Fatalf("%s: the stream ended", what)
			}
			if ok(n) {
				return n
			}
		case <-limit:
			l.Fatalf("%s: not heard", what)
		}
	}
}

var tag = regexp.MustCompile(`data-page="(\w+)" data-styles="(\w+)" data-others="(\w+)"`)

// made is what a served page says that it is made of.
func (r *running) made(path string) news {
	r.Helper()
	_, body := r.get(path)
	m := tag.FindStringSubmatch(body)
	if m == nil {
		r.Fatalf("%s has no script", path)
	}
	return news{Page: m[1], Styles: m[2], Others: m[3]}
}

func TestEvents(t *testing.T) {
	f := newFolder(t)
	f.write("content/about.md", "---\ntitle: About us\n---\nWe are here.\n")
	f.write("static/css/own.css", "p{color:red}")
	f.write("static/a.pdf", "%PDF-1.7")
	r := f.run()
	page, about, nothing := r.listen(harbour), r.listen("/about/"), r.listen("/fr/rien/")
	any := func(news) bool { return true }
	was, wasAbout := page.until("the first", any), about.until("the first", any)
	nothing.until("the first", any)
	if got := r.made(harbour); got.Page != was.Page || got.Styles != was.Styles || got.Others != was.Others {
		t.Errorf("served %v, told %v", got, was)
	}

	// An edit is news for its page alone.
	r.write("content/news/2026/01/harbour.md", with("Another."))
	now := page.until("the edit", func(n news) bool { return n.Page != was.Page })
	if now.Styles != was.Styles || now.Others != was.Others {
		t.Errorf("from %v to %v", was, now)
	}
	if n := about.until("the build", any); n.Page != wasAbout.Page {
		t.Error("the other page is another now")
	}
	if got := r.made(harbour); got.Page != now.Page {
		t.Errorf("served %v, told %v", got, now)
	}

	// A stylesheet is not the page, and a picture is neither.
	r.write("static/css/own.css", "p{color:blue}")
	n := page.until("the stylesheet", func(n news) bool { return n.Styles != now.Styles })
	if n.Page != now.Page || n.Others != now.Others {
		t.Errorf("from %v to %v", now, n)
	}
	r.write("static/a.pdf", "%PDF-2.0")
	n = page.until("the file", func(n news) bool { return n.Others != now.Others })
	if n.Page != now.Page {
		t.Errorf("from %v to %v", now, n)
	}

	// A mistake leaves the page as it is and says what is wrong.
	r.write("content/about.md", "---\ntitel: \"</script>\"\n---\n")
	n = page.until("the mistake", func(n news) bool { return len(n.Problems) > 0 })
	p := n.Problems[0]
	if n.Page != now.Page || p.Place != "content/about.md:2:1" || p.Line != 2 || p.Col != 1 || p.Len != 5 || p.Severity != "error" ||
		p.Snippet != `titel: "</script>"` || !strings.Contains(p.Hint, "title") || p.Text == "" {
		t.Errorf("told %+v", p)
	}
	r.write("content/about.md", "---\ntitle: About us\n---\nWe are here.\n")
	page.until("that it is mended", func(n news) bool { return len(n.Problems) == 0 })

	// A page that goes, and one that comes.
	is := r.made("/fr/rien/")
	r.write("content/fr/rien.md", "---\ntitle: Rien\n---\nRien.\n")
	nothing.until("the new page", func(n news) bool { return n.Page != is.Page })
	r.must(os.Remove(r.at("content/fr/rien.md")))
	nothing.until("its end", func(n news) bool { return n.Page == is.Page })
}

func TestEventsOfNoPage(t *testing.T) {
	s := newFolder(t).server()
	for _, target := range []string{"/_press/events", "/_press/events?page=", "/_press/events?page=/../x", "/_press/events?page=//evil.example/", "/_press/events?page=http://evil.example/", "/_press/events?page=%00"} {
		if w := ask(s, "GET", target); w.Code != 404 || strings.Contains(w.Body.String(), "data:") {
			t.Errorf("%s: %d", target, w.Code)
		}
	}
}

// The stream ends with the server, and a script that asks again finds the next one.
func TestEventsEndWithTheServer(t *testing.T) {
	r := newFolder(t).run()
	l := r.listen("/")
	l.until("the first", func(news) bool { return true })
	if err := r.end(); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-l.ended:
		if err != nil {
			t.Errorf("the stream was cut: %v", err)
		}
	case <-time.After(deadline):
		t.Error("the stream goes on")
	}
	if n, open := <-l.heard; open {
		t.Errorf("news after the end: %+v", n)
	}
}
