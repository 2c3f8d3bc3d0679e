package config

import (
	"strings"
	"testing"
)

const good = "title: Press\nbaseURL: https://press.example\ntimeZone: Europe/Amsterdam\nlanguages: [en, fr]\n"

func TestParse(t *testing.T) {
	for _, c := range []struct {
		name, yaml string
		env        []string
		want       string // "" when it is fine, else "path:line:col: text"
	}{
		{"required alone", good, nil, ""},
		{"empty", "  \n", nil, "site.yaml:1:1: site.yaml is empty"},
		{"no title", strings.Replace(good, "title: Press\n", "", 1), nil, "site.yaml:1:1: no title"},
		{"no base URL", strings.Replace(good, "baseURL: https://press.example\n", "", 1), nil, "site.yaml:1:1: no baseURL"},
		{"base URL with a path", strings.Replace(good, "press.example", "press.example/news", 1), nil, `site.yaml:2:10: baseURL has a path, "/news"`},
		{"base URL without scheme", strings.Replace(good, "https://", "", 1), nil, `site.yaml:2:10: "press.example" is not the address of a site`},
		{"no zone", strings.Replace(good, "timeZone: Europe/Amsterdam\n", "", 1), nil, "site.yaml:1:1: no timeZone"},
		{"unknown zone", strings.Replace(good, "Europe/Amsterdam", "Europe/Atlantis", 1), nil, `site.yaml:3:11: there is no time zone "Europe/Atlantis"`},
		{"language twice", strings.Replace(good, "[en, fr]", "[en, en]", 1), nil, `site.yaml:4:12: the language "en" is listed twice`},
		{"language spelling", strings.Replace(good, "[en, fr]", "[en, pt-br]", 1), nil, `site.yaml:4:12: "pt-br" is not the usual spelling`},
		{"unknown key", good + "tilte: x\n", nil, `site.yaml:5:1: unknown key "tilte"`},
		{"permalink token", good + "permalinks: {news: /:yaer/:slug/}\n", nil, `site.yaml:5:13: unknown token ":yaer" in "/:yaer/:slug/"`},
		{"permalink without slug", good + "permalinks: {news: /:year/}\n", nil, `site.yaml:5:13: the pattern "/:year/" gives all articles of a day one URL`},
		{"accent", good + "theme: {accent: blue}\n", nil, `site.yaml:5:8: the accent "blue" is not a colour`},
		{"contact without name", good + "contacts: {desk: {email: a@b.example}}\n", nil, `site.yaml:5:12: the contact "desk" has no name`},
		{"paginate", good + "paginate: -1\n", nil, "site.yaml:5:11: paginate is -1"},
		{"security", good + "security: {contact: [a@b.example, https://b.example/x], policy: https://b.example/p, expires: 2027-05-31}\n", nil, ""},
		{"security without contact", good + "security: {expires: 2027-05-31}\n", nil, "site.yaml:5:11: security names nobody to tell"},
		{"security without end", good + "security: {contact: a@b.example}\n", nil, "site.yaml:5:11: security has no end"},
		{"security end", good + "security: {contact: a@b.example, expires: tomorrow}\n", nil, `site.yaml:5:43: "tomorrow" is not a day`},
		{"security contact", good + "security: {contact: Ana, expires: 2027-05-31}\n", nil, `site.yaml:5:21: the contact "Ana" is not an address`},
		{"security two lines", good + "security: {contact: \"mailto:a@b.example\\nContact: x\", expires: 2027-05-31}\n", nil,
			`site.yaml:5:21: the contact "mailto:a@b.example\nContact: x" is not an address`},
		{"security policy", good + "security: {contact: a@b.example, expires: 2027-05-31, policy: /p}\n", nil, `site.yaml:5:63: the policy "/p" is not an address`},
		{"hub", good + "hub: hub.example\n", nil, `site.yaml:5:6: the hub "hub.example" is not an address`},
		{"IndexNow without key", good + "indexNow: {endpoint: https://x.example/}\n", nil, "site.yaml:5:11: indexNow has no key"},
		{"IndexNow key", good + "indexNow: {key: ../robots}\n", nil, `site.yaml:5:17: "../robots" is not a key of IndexNow`},
		{"IndexNow endpoint", good + "indexNow: {key: 0123456789, endpoint: x}\n", nil, `site.yaml:5:11: the endpoint "x" is not an address`},
		{"environment", good, []string{"PRESS_BASEURL=https://other.example", "PRESS_LANGUAGES=[en]", "PRESS_THEME_ACCENT=\"#0b4f9e\"", "HOME=/"}, ""},
		{"bad environment", good, []string{"PRESS_TIMEZONE=Mars"}, `$PRESS_TIMEZONE:1:1: there is no time zone "Mars"`},
		{"misspelt environment", good, []string{"PRESS_BASURL=x"}, "$PRESS_BASURL:1:1: site.yaml has no key for PRESS_BASURL"},
	} {
		t.Run(c.name, func(t *testing.T) {
			site, problems := Parse([]byte(c.yaml), c.env)
			got := ""
			if len(problems) > 0 {
				got = problems.Sorted()[0].Place() + " " + problems.Sorted()[0].Text
			}
			if got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			if c.want == "" && site == nil {
				t.Error("no site")
			}
		})
	}
}

func TestEnvironmentStandsOverTheFile(t *testing.T) {
	s, problems := Parse([]byte(good+"theme: {accent: \"#111111\", logo: /logo.svg}\n"), []string{"PRESS_BASEURL=https://other.example/", "PRESS_THEME_ACCENT=\"#0b4f9e\"", "PRESS_PAGINATE=7"})
	if s == nil {
		t.Fatal(problems)
	}
	if s.BaseURL != "https://other.example" || s.Theme.Accent != "#0b4f9e" || s.Theme.Logo != "/logo.svg" || s.Paginate != 7 {
		t.Errorf("%q %+v %d", s.BaseURL, s.Theme, s.Paginate)
	}
}

// FuzzParse gives any bytes for site.yaml: never a panic, and never a site without what
// is required.
func FuzzParse(f *testing.F) {
	f.Add([]byte(good))
	f.Add([]byte(good + "topics: {a: {en: A}}\nmenus: {main: [{name: x, url: /}]}\npermalinks: {news: /:year/:slug/}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, problems := Parse(data, nil)
		if s == nil && !problems.HasErrors() {
			t.Error("no site and no reason")
		}
		if s != nil && (s.Zone == nil || s.BaseURL == "" || len(s.Languages) == 0 || len(s.Title) == 0) {
			t.Errorf("a site without what it needs: %+v", s)
		}
	})
}

// FuzzPermalinks gives any pattern: one that is accepted is a path of this site.
func FuzzPermalinks(f *testing.F) {
	for _, s := range []string{"/:year/:month/:slug/", "/:sections/:slug/", "/../:slug", "/:slug?x", "//:slug", "/:title/"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, pattern string) {
		if strings.ContainsAny(pattern, "\n\r\x00'") {
			return
		}
		s, _ := Parse([]byte(good+"permalinks:\n  news: '"+pattern+"'\n"), nil)
		if s == nil {
			return
		}
		if p := s.Permalinks["news"]; p != "" && (!strings.HasPrefix(p, "/") || strings.Contains(p, "..") || strings.ContainsAny(p, "?#\\")) {
			t.Errorf("%q is accepted", p)
		}
	})
}
