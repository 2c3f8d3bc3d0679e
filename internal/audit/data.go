package main

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/url"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// judges read the XML of each kind, which its first element tells, by the grammars that
// the tests of feeds and sitemaps have.
var judges = map[string][]string{
	"rss":          {"jing", "-c", "rss.rnc"},
	"feed":         {"jing", "-c", "atom.rnc"},
	"urlset":       {"xmllint", "--noout", "--nonet", "--schema", "sitemap.xsd"},
	"sitemapindex": {"xmllint", "--noout", "--nonet", "--schema", "sitemap.xsd"},
}

// named are the paths of the files that end so, sorted.
func (n *newsroom) named(ext string) []string {
	return slices.Sorted(func(yield func(string) bool) {
		for p := range n.files {
			if path.Ext(p) == ext && !yield(p) {
				return
			}
		}
	})
}

func (n *newsroom) onDisk(names []string) []string {
	out := make([]string, len(names))
	for i, name := range names {
		out[i] = filepath.Join(n.dir, filepath.FromSlash(name))
	}
	return out
}

func (a *audit) data() error {
	if err := a.xml(); err != nil {
		return err
	}
	for _, m := range []struct {
		what  string
		files []string
		read  func(*newsroom) []string
	}{
		{"JSON, JSON Feed", a.ltr.named(".json"), (*newsroom).badJSON},
		{"JSON-LD", a.ltr.named(".html"), (*newsroom).badLD},
		{"calendars and cards", append(a.ltr.named(".ics"), a.ltr.named(".vcf")...), (*newsroom).badCards},
	} {
		faults := m.read(a.ltr)
		a.Find(m.what, "valid", fmt.Sprintf("%s in %s", count(len(faults), "fault"), count(len(m.files), "file")), faults...)
	}
	return a.captions()
}

// xml has feeds and sitemaps judged.
func (a *audit) xml() error {
	top, err := root()
	if err != nil {
		return err
	}
	by := map[string][]string{} // files by their first element
	var faults []string
	names := a.ltr.named(".xml")
	for _, name := range names {
		first := firstElement(a.ltr.files[name].data)
		if judges[first] == nil {
			faults = append(faults, fmt.Sprintf("%s: there is no grammar for <%s>", name, first))
			continue
		}
		by[first] = append(by[first], name)
	}
	for _, first := range slices.Sorted(maps.Keys(by)) {
		judge := judges[first]
		stdout, stderr, err := a.command(filepath.Join(top, "internal/build/testdata/schemas"), judge[0], append(judge[1:len(judge):len(judge)], a.ltr.onDisk(by[first])...)...)
		if err != nil {
			return err
		}
		for _, line := range append(lines(stdout), lines(stderr)...) {
			// Debian's jing warns of libraries that it can do without; xmllint names what is right.
			if !strings.HasPrefix(line, "[warning] ") && !strings.HasSuffix(line, " validates") {
				faults = append(faults, strings.TrimPrefix(line, a.ltr.dir))
			}
		}
	}
	a.Find("feeds and sitemaps", "valid", fmt.Sprintf("%s in %s", count(len(faults), "fault"), count(len(names), "file")), faults...)
	return nil
}

func firstElement(data []byte) string {
	d := xml.NewDecoder(bytes.NewReader(data))
	for {
		t, err := d.Token()
		if err != nil {
			return err.Error()
		}
		if e, ok := t.(xml.StartElement); ok {
			return e.Name.Local
		}
	}
}

// badJSON reads every JSON file, and what calls itself a JSON Feed as one
// (https://www.jsonfeed.org/version/1.1/).
func (n *newsroom) badJSON() (faults []string) {
	for _, name := range n.named(".json") {
		data := n.files[name].data
		bad := func(format string, args ...any) { faults = append(faults, name+": "+fmt.Sprintf(format, args...)) }
		var f struct {
			Version, Title string
			HomePageURL    string `json:"home_page_url"`
			FeedURL        string `json:"feed_url"`
			Items          []struct {
				ID, URL, Title string
				HTML           *string `json:"content_html"`
				Text           *string `json:"content_text"`
				Summary        string
				Published      string `json:"date_published"`
				Modified       string `json:"date_modified"`
			}
		}
		if !json.Valid(data) {
			bad("it is not JSON")
			continue
		}
		if json.Unmarshal(data, &f) != nil || !strings.HasPrefix(f.Version, "https://jsonfeed.org/version/") {
			continue
		}
		if f.Title == "" || !absolute(f.HomePageURL) || !absolute(f.FeedURL) {
			bad("a feed has a title and the addresses of its page and of itself")
		}
		seen := map[string]bool{}
		for i, item := range f.Items {
			if item.ID == "" || seen[item.ID] {
				bad("item %d: the id %q is none of its own", i, item.ID)
			}
			seen[item.ID] = true
			if !absolute(item.URL) {
				bad("item %d: the address %q", i, item.URL)
			}
			if item.HTML == nil && item.Text == nil {
				bad("item %d has no content", i)
			}
			for _, when := range []string{item.Published, item.Modified} {
				if _, err := time.Parse(time.RFC3339, when); when != "" && err != nil {
					bad("item %d: %v", i, err)
				}
			}
		}
	}
	return faults
}

func absolute(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.IsAbs() && u.Host != ""
}

// wanted are the properties without which search engines pass a thing over; of "a|b" one
// will do.
var wanted = map[string][]string{
	"NewsArticle": {"headline", "datePublished", "publisher"}, "VideoObject": {"name", "description", "thumbnailUrl", "uploadDate"}, "Clip": {"name", "startOffset", "url"},
	"BreadcrumbList": {"itemListElement"}, "ListItem": {"position"}, "Organization": {"name"}, "GovernmentOrganization": {"name"}, "WebSite": {"name", "url"},
	"Event": {"name", "startDate", "location"}, "ImageObject": {"contentUrl|url"}, "ImageGallery": {"name"}, "Person": {"name"}, "Place": {"name"}, "PostalAddress": {},
	"SpeakableSpecification": {}, "CorrectionComment": {"text"}, "SearchAction": {"target"},
}

// badLD reads what pages tell search engines.
func (n *newsroom) badLD() (faults []string) {
	for _, p := range n.pages {
		for e := range elements(p.doc) {
			if e.Data != "script" || attr(e, "type") != "application/ld+json" {
				continue
			}
			var v any
			if err := json.Unmarshal([]byte(content(e)), &v); err != nil {
				faults = append(faults, fmt.Sprintf("%s: %v", p.at, err))
				continue
			}
			if m, ok := v.(map[string]any); !ok || m["@context"] != "https://schema.org" {
				faults = append(faults, p.at+": its context is not schema.org")
			}
			for _, f := range thing(v) {
				faults = append(faults, p.at+": "+f)
			}
		}
	}
	return faults
}

// thing says what a value of JSON-LD and those within it lack.
func thing(v any) (faults []string) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			faults = append(faults, thing(e)...)
		}
	case map[string]any:
		if kind, ok := v["@type"].(string); ok && (v["@id"] == nil || len(v) > 2) { // an @id alone points elsewhere
			for _, keys := range wanted[kind] {
				if !slices.ContainsFunc(strings.Split(keys, "|"), func(key string) bool { return v[key] != nil }) {
					faults = append(faults, fmt.Sprintf("%s without %s", kind, keys))
				}
			}
		}
		for _, key := range slices.Sorted(maps.Keys(v)) {
			s, isText := v[key].(string)
			switch {
			case isText && slices.Contains([]string{"datePublished", "dateModified", "uploadDate", "startDate", "endDate", "expires"}, key):
				if _, err := time.Parse(time.RFC3339, s); err != nil {
					if _, err := time.Parse(time.DateOnly, s); err != nil {
						faults = append(faults, fmt.Sprintf("%s: %q is no date", key, s))
					}
				}
			case isText && slices.Contains([]string{"url", "contentUrl", "embedUrl", "thumbnailUrl", "item", "image", "logo"}, key):
				if !absolute(s) {
					faults = append(faults, fmt.Sprintf("%s: %q is no whole address", key, s))
				}
			case isText && s == "":
				faults = append(faults, key+" is empty")
			default:
				faults = append(faults, thing(v[key])...)
			}
		}
	}
	return faults
}

// badCards reads calendars (RFC 5545) and cards of contacts (RFC 6350).
func (n *newsroom) badCards() (faults []string) {
	for _, name := range append(n.named(".ics"), n.named(".vcf")...) {
		for _, err := range readCard(n.files[name].data) {
			faults = append(faults, name+": "+err.Error())
		}
	}
	return faults
}

// mustHave are the properties of each kind of block.
var mustHave = map[string][]string{"VCALENDAR": {"VERSION", "PRODID"}, "VEVENT": {"UID", "DTSTAMP", "DTSTART"}, "VCARD": {"VERSION", "FN"}}

// readCard reads blocks of lines "NAME;PARAMETER=…:VALUE", folded after 75 bytes.
func readCard(data []byte) (faults []error) {
	bad := func(line int, format string, args ...any) {
		faults = append(faults, fmt.Errorf("line %d: %s", line, fmt.Sprintf(format, args...)))
	}
	if !bytes.HasSuffix(data, []byte("\r\n")) {
		faults = append(faults, errors.New("it does not end with CRLF"))
	}
	type block struct {
		name   string
		line   int
		has    map[string]string
		blocks int
	}
	stack := []*block{{name: "", has: map[string]string{}}}
	raw := strings.Split(strings.TrimSuffix(string(data), "\r\n"), "\r\n")
	for i := 0; i < len(raw); i++ {
		at, line := i+1, raw[i]
		for i+1 < len(raw) && (strings.HasPrefix(raw[i+1], " ") || strings.HasPrefix(raw[i+1], "\t")) {
			i++
			line += raw[i][1:]
		}
		for _, part := range raw[at-1 : i+1] {
			if len(part) > 75 {
				bad(at, "%d bytes, 75 at most", len(part))
			}
			if strings.ContainsAny(part, "\r\n") {
				bad(at, "a line end that is not CRLF")
			}
		}
		head, value, ok := strings.Cut(line, ":")
		name, _, _ := strings.Cut(head, ";")
		name = strings.ToUpper(name)
		if !ok || name == "" || strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") != "" {
			bad(at, "%q is no property", line)
			continue
		}
		top := stack[len(stack)-1]
		switch name {
		case "BEGIN":
			top.blocks++
			stack = append(stack, &block{name: value, line: at, has: map[string]string{}})
		case "END":
			if top.name != value {
				bad(at, "END:%s within %s", value, top.name)
				return faults
			}
			for _, key := range mustHave[top.name] {
				if top.has[key] == "" {
					bad(top.line, "a %s without %s", top.name, key)
				}
			}
			if top.name == "VCALENDAR" && top.blocks == 0 {
				bad(top.line, "a calendar with nothing in it")
			}
			if end := top.has["DTEND"]; end != "" && end < top.has["DTSTART"] {
				bad(top.line, "it ends (%s) before it starts (%s)", end, top.has["DTSTART"])
			}
			stack = stack[:len(stack)-1]
		default:
			top.has[name] = value
		}
	}
	if len(stack) != 1 || stack[0].blocks == 0 {
		faults = append(faults, io.ErrUnexpectedEOF)
	}
	return faults
}
