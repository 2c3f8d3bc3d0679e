package gate_test

import (
	"net/url"
	"strings"
	"testing"

	"pressroom/internal/gate"
)

func TestReturnPath(t *testing.T) {
	for in, want := range map[string]string{
		"/":                                   "/",
		"/videos/M-001/":                      "/videos/M-001/",
		"/search/?q=harbour&page=2#results":   "/search/?q=harbour&page=2#results",
		"/search/?q=a b":                      "/search/?q=a%20b",
		"/search/?q=a+b%2Fc&to=ana@paper.com": "/search/?q=a+b%2Fc&to=ana@paper.com",
		"/search/?u=https://other.example//x": "/search/?u=https://other.example//x",
		"/nouvelles/été/":                     "/nouvelles/%C3%A9t%C3%A9/",
		"/nouvelles/%C3%A9t%c3%a9/":           "/nouvelles/%C3%A9t%c3%a9/",
		"/100%25/":                            "", // what a second decoding makes of it is no path
		"/news/?":                             "/news/?",
		"/news/#":                             "/news/#",
		"/news/#a#b":                          "/news/#a%23b",
		"/news/<b>\"'":                        "/news/%3Cb%3E%22'",
		"/.well-known/x":                      "/.well-known/x",
		"/a...b/..c/":                         "/a...b/..c/",
		"/javascript:alert(1)":                "/javascript:alert(1)",
		"/accounts/":                          "/accounts/",
		"/newsletter/":                        "/newsletter/",
		"/download/M-001/hd":                  "/download/M-001/hd",
		"/download/M-001/hd?return=/videos/M-001/":                   "/download/M-001/hd?return=%2Fvideos%2FM-001%2F",
		"/download/M-001/hd?return=%2Fvideos%2FM-001%2F%3Fa%3D1%23b": "/download/M-001/hd?return=%2Fvideos%2FM-001%2F%3Fa%3D1%23b",
		"/download/M-001/hd?x=1&return=/videos/&return=//e#f":        "/download/M-001/hd?return=%2Fvideos%2F",
		"/download/M-001/hd?return=//e":                              "/download/M-001/hd",
		"/download/M-001/hd?return=/account/login":                   "/download/M-001/hd",
		"/download/M-001/hd?return=/download/M-001/hd?return=//e":    "/download/M-001/hd",
		"/download/M-001/hd?return=%2Fdownload%2FM-001%2Fsd":         "/download/M-001/hd",
		"/download/M-001/hd?return=https://other.example":            "/download/M-001/hd",
		"/download/M-001/hd?return=/a;b":                             "/download/M-001/hd", // a ; parts no parameters any more
		"/download/M-001/hd?return=%2Fa%0d%0aSet-Cookie:x":           "",
		"/" + strings.Repeat("a", 1999):                              "/" + strings.Repeat("a", 1999),
		"/" + strings.Repeat("a", 2000):                              "",
		"/" + strings.Repeat("é", 600):                               "", // too long when it is escaped
	} {
		if got := gate.ReturnPath(in); got != want {
			t.Errorf("%.80q: got %.80q, want %.80q", in, got, want)
		}
	}
}

// What is written to lead elsewhere leads home.
var elsewhere = []string{
	"", "e", "https://e", "https:e", "https:/e", "//e", "///e", "////e", "/\\e", "\\/e", "\\\\e", "/\\/e", "/%2f%2fe", "/%2fe", "/%2Fe", "/%5ce", "/%5C%5Ce",
	"/%252fe", "/%25252f%25252fe", "/%255ce", "/%25252525252525252525252fe", "\t//e", " //e", "/\t/e", "/\n/e", "/\r\n/e", "/%09/e", "/%0d%0a/e", "/%0aLocation:%20//e",
	"/a/..//e", "/..//e", "/.//e", "/./e", "/a/../e", "/a/./b", "/a/..", "/a/.", "/%2e%2e//e", "/a/%2e%2e/e", "/a/.%2e/e", "/a/%252e%252e/e", "/a//e", "/a/%2f/e",
	"javascript:alert(1)", "data:text/html,x", "/@e", "/%40e", "/user:p@e", "/x/@e", "@e", ".e", "/\x00/e", "/%00", "/\u2028", "/%e2%80%a8", "/\u202ee", "/\u200b/e",
	"/a\\b", "/?\\e", "/a%", "/a%zz", "/?a=%zz", "/#%zz", "/?%0d%0a", "/#%0a", "/\xff", "/%ff", "/\uff0f\uff0fe\x7f", "?//e", "#//e",
	"/account", "/account/", "/account/login", "/account?x", "/account#x", "/ACCOUNT/logout", "/%61ccount/logout", "/account%2flogout", "/%2561ccount/login",
	"/files/x", "/files", "/Files/x", "/%66iles/x", "/ /e", "/%20/e", "/a/ ../e", "/a/%a0..",
	"/" + strings.Repeat("a", 4000), "/a%5c..%5ce", "/a%2fb", "/account%3fx", "/account%23x", "/account%253fx", "/a%252Fb",
}

func TestReturnPathElsewhere(t *testing.T) {
	for _, s := range elsewhere {
		if got := gate.ReturnPath(s); got != "" {
			t.Errorf("%.80q: got %.80q", s, got)
		}
		if got := gate.ReturnPath("/download/a/b?return=" + url.QueryEscape(s)); got != "/download/a/b" && got != "" {
			t.Errorf("%.80q of a download: got %.80q", s, got)
		}
	}
}

// browser is where a browser goes from a page of https://press.example by the rules of
// the WHATWG's URL standard, as far as they matter for what begins with a slash: blanks
// are trimmed, tabs and line ends dropped, and a backslash is a slash.
func browser(s string) (host string) {
	s = strings.TrimFunc(s, func(r rune) bool { return r <= ' ' })
	s = strings.NewReplacer("\t", "", "\n", "", "\r", "").Replace(s)
	path := s
	if i := strings.IndexAny(s, "?#"); i >= 0 {
		path = s[:i]
	}
	path = strings.ReplaceAll(path, `\`, "/")
	switch {
	case strings.HasPrefix(path, "//"):
		return strings.TrimLeft(path, "/") + " (another host)"
	case !strings.HasPrefix(path, "/"):
		return path + " (not absolute)"
	}
	return "press.example"
}

func FuzzReturnPath(f *testing.F) {
	for _, s := range elsewhere {
		f.Add(s)
		f.Add("/download/a/b?return=" + url.QueryEscape(s))
	}
	f.Add("/videos/M-001/?a=1#b")
	f.Add("/nouvelles/été/")
	base := &url.URL{Scheme: "https", Host: "press.example", Path: "/account/login"}
	f.Fuzz(func(t *testing.T, s string) {
		p := gate.ReturnPath(s)
		if p == "" {
			return
		}
		// As it stands, and as a proxy that decodes escapes hands it on.
		for read, rest := 0, p; read < 4; read++ {
			if got := browser(rest); got != "press.example" {
				t.Fatalf("%q: %q leads to %s", s, rest, got)
			}
			path, _, _ := strings.Cut(rest, "?")
			path, _, _ = strings.Cut(path, "#")
			if strings.HasPrefix(path, "/account/") || strings.HasPrefix(path, "/files/") || path == "/account" {
				t.Fatalf("%q: %q is the gate's own", s, rest)
			}
			decoded, err := url.PathUnescape(path)
			if err != nil {
				break
			}
			rest = decoded
		}
		u, err := base.Parse(p)
		if err != nil || u.Scheme != "https" || u.Host != "press.example" || u.User != nil || u.Opaque != "" {
			t.Fatalf("%q: %q leads to %v, %v", s, p, u, err)
		}
		if got := base.ResolveReference(u); !strings.HasPrefix(p, got.EscapedPath()) {
			t.Fatalf("%q: %q is resolved to %s", s, p, got)
		}
		for i := range len(p) {
			if c := p[i]; c <= ' ' || c >= 0x7f || strings.IndexByte("\\\"<>`{}|^", c) >= 0 {
				t.Fatalf("%q: %q in %q", s, c, p)
			}
		}
		if again := gate.ReturnPath(p); again != p {
			t.Fatalf("%q: %q is then %q", s, p, again)
		}
		if page := u.Query().Get("return"); strings.HasPrefix(u.Path, "/download/") && page != "" && (gate.ReturnPath(page) != page || strings.HasPrefix(page, "/download/")) {
			t.Fatalf("%q: returns to %q", s, page)
		}
	})
}
