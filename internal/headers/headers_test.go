package headers

import (
	"slices"
	"strings"
	"testing"
)

func value(path, name string) string {
	for _, h := range For(path) {
		if h.Name == name {
			return h.Value
		}
	}
	return ""
}

func TestFor(t *testing.T) {
	for path, keep := range map[string]string{
		"/": minute, "/news/2024/05/harbour/": minute, "/news/rss.xml": minute, "/manifest.json": minute,
		"/assets/press-1a2b3c4d5e.css": forever, "/images/cape.jpg": hour, "/videos/MC-1/a.mp4": hour, "/assets.html": minute,
	} {
		if got := value(path, "Cache-Control"); got != keep {
			t.Errorf("%s is kept %q, want %q", path, got, keep)
		}
	}
	for path, framed := range map[string]bool{
		"/embed/MC-1/": true, "/fr/embed/MC-1/": true, "/embed/MC-1/index.html": true,
		"/": false, "/embed": false, "/embed/": false, "/fr/embed": false, "/news/embed.html": false, "/news/2024/embed/": false, "/embedded/x": false,
	} {
		if got := value(path, "Content-Security-Policy"); (got == Framed) != framed || got != Framed && got != Ours {
			t.Errorf("%s may be framed: %v, want %v", path, !framed, framed)
		}
	}
	for path, open := range map[string]bool{"/news/index.json": true, "/news/rss.xml": true, "/events.ics": true, "/": false, "/images/cape.jpg": false} {
		if got := value(path, "Access-Control-Allow-Origin"); (got == "*") != open {
			t.Errorf("%s may be read by other sites' scripts: %v", path, !open)
		}
	}
	for _, must := range []string{"default-src 'none'", "script-src 'self'", "require-trusted-types-for 'script'", "base-uri 'none'"} {
		for _, p := range []string{Ours, Framed} {
			if !slices.Contains(strings.Split(p, "; "), must) {
				t.Errorf("the policy %q lacks %q", p, must)
			}
		}
	}
}

func TestFile(t *testing.T) {
	paths := []string{"/index.html", "/index.json", "/404.html", "/robots.txt", "/news/index.html", "/news/2024/05/harbour/index.html", "/assets/press-1.css",
		"/embed/MC-1/index.html", "/fr/index.html", "/fr/news/index.html", "/fr/embed/MC-1/index.html"}
	rules := map[string][]string{}
	var patterns []string
	for line := range strings.Lines(string(File([]string{"fr"}, slices.Values(paths)))) {
		if !strings.HasPrefix(line, " ") {
			patterns = append(patterns, strings.TrimSpace(line))
			continue
		}
		p := patterns[len(patterns)-1]
		rules[p] = append(rules[p], strings.TrimSpace(line))
	}
	want := []string{"/*", "/*.json", "/*.xml", "/*.vtt", "/*.ics", "/*.vcf", "/*.txt", "/*.srt",
		"/", "/404.html", "/assets/*", "/embed/*", "/fr/", "/fr/embed/*", "/fr/news/*", "/news/*"}
	if !slices.Equal(patterns, want) {
		t.Errorf("rules for %q, want %q", patterns, want)
	}
	// Hosts join the headers of all rules that fit, so each header must come of one alone.
	for _, path := range append(paths, "/", "/fr/") {
		seen := map[string]string{}
		for _, pattern := range patterns {
			if !fits(pattern, path) {
				continue
			}
			for _, line := range rules[pattern] {
				name, v, _ := strings.Cut(line, ": ")
				if old, twice := seen[name]; twice {
					t.Errorf("%s has %s twice: %q and %q", path, name, old, v)
				}
				seen[name] = v
			}
		}
		if !strings.HasSuffix(path, "/") {
			continue
		}
		for _, h := range For(path) {
			if seen[h.Name] != h.Value {
				t.Errorf("%s: %s is %q, want %q", path, h.Name, seen[h.Name], h.Value)
			}
		}
	}
}

// fits is how such hosts read a pattern: * stands for anything.
func fits(pattern, path string) bool {
	before, after, star := strings.Cut(pattern, "*")
	return pattern == path || star && strings.HasPrefix(path, before) && strings.HasSuffix(path, after)
}
