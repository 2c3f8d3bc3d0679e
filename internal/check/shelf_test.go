package check

import (
	"testing"

	"pressroom/internal/build"
	"pressroom/internal/catalogue"
	"pressroom/internal/config"
	"pressroom/internal/output"
)

// resultOf is a build with nothing but files of these paths and gated files stored at
// those.
func resultOf(t *testing.T, paths []string, stored ...string) *build.Result {
	t.Helper()
	r := &build.Result{Config: &config.Site{BaseURL: "https://press.example"}, Public: &output.Tree{}, Catalogue: &catalogue.File{}}
	for _, p := range paths {
		if err := r.Public.Add(output.File{Path: p}); err != nil {
			t.Fatal(err)
		}
	}
	for _, s := range stored {
		r.Catalogue.Downloads = append(r.Catalogue.Downloads, catalogue.Download{ID: "V-1/broadcast", File: s})
	}
	return r
}

var tree = []string{
	"index.html", "about/index.html", "about/logo.svg", "news/index.html", "news/rss.xml", "news/2026/index.html", "news/2026/05/index.html",
	"news/2026/05/harbour-opens/index.html", "news/2026/05/harbour-opens/quay.jpg", "news/2025/04/old-bridge/index.html", "files/report.pdf", "élan/index.html",
}

func TestNear(t *testing.T) {
	s := newShelf(resultOf(t, tree))
	for _, c := range []struct{ at, want string }{
		{"/abuot/", "/about/"},
		{"/about", "/about/"},
		{"/nws/2026/05/", "/news/2026/05/"},
		{"/news/2026/05/harbor-opens/", "/news/2026/05/harbour-opens/"},
		{"/new/2026/05/harbor-open/", "/news/2026/05/harbour-opens/"},
		{"/news/2026/05/harbour-opens/quai.jpg", "/news/2026/05/harbour-opens/quay.jpg"},
		{"/news/atom.xml", ""},               // not like rss.xml
		{"/news/rss.xlm", "/news/rss.xml"},   //
		{"/elan/", "/élan/"},                 //
		{"/report.pdf", "/files/report.pdf"}, // the same name, elsewhere
		{"/archive/old-bridge/", "/news/2025/04/old-bridge/"},
		{"/news/rss.xml/more/", ""},
		{"/news/rss.xml/2026/", "/news/2026/"}, // nothing lies below a file
		{"/nowhere/index.html", ""},
		{"/files/", ""}, // a folder, no page
		{"/press-kit/", ""},
		{"/", ""}, // every site has it
		{"", ""},
	} {
		if got := s.near(c.at); got != c.want {
			t.Errorf("near(%q) = %q, want %q", c.at, got, c.want)
		}
	}
}

func TestFind(t *testing.T) {
	s := newShelf(resultOf(t, tree, "x/y.mxf"))
	for _, c := range []struct {
		at   string
		file string
		is   standing
	}{
		{"/", "index.html", aFile},
		{"", "index.html", aFile},
		{"/about/", "about/index.html", aFile},
		{"/about/index.html", "about/index.html", aFile},
		{"/about", "about/index.html", aRedirect},
		{"/about/logo.svg", "about/logo.svg", aFile},
		{"/about/logo.svg/", "", nothing},
		{"/files/", "", nothing},
		{"/e\u0301lan/", "", nothing}, // other bytes than élan: a server does not find it
		{"/manifest.json", "", aService},
		{"/account", "", aService},
		{"/account/login", "", aService},
		{"/accounts/", "", nothing},
		{"/newsletter/subscribe", "", aService},
		{"/download/V-1/broadcast", "", aService},
		{"/download/V-1/web", "", nothing},
		{"/downloads/", "", nothing},
	} {
		if file, is := s.find(c.at); file != c.file || is != c.is {
			t.Errorf("find(%q) = %q, %d, want %q, %d", c.at, file, is, c.file, c.is)
		}
	}
}
