package build

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"net/url"
	"path"
	"reflect"
	"slices"
	"testing"
	"time"

	"pressroom/internal/site"
)

// The sitemap tells the same translations as the pages, each of them both ways.
func TestSitemapAlternates(t *testing.T) {
	for name, r := range published(t) {
		told := map[string][]string{}
		for _, f := range r.Public.Files() {
			if ok, _ := path.Match("sitemap-*.xml", f.Path); !ok {
				continue
			}
			var b bytes.Buffer
			if err := f.Write(&b); err != nil {
				t.Fatal(err)
			}
			var set struct {
				URLs []struct {
					Loc   string `xml:"loc"`
					Links []struct {
						Lang string `xml:"hreflang,attr"`
						Href string `xml:"href,attr"`
					} `xml:"link"`
				} `xml:"url"`
			}
			if err := xml.Unmarshal(b.Bytes(), &set); err != nil {
				t.Fatal(f.Path, err)
			}
			for _, u := range set.URLs {
				told[u.Loc] = []string{}
				for _, l := range u.Links {
					told[u.Loc] = append(told[u.Loc], l.Lang+" "+l.Href)
				}
			}
		}
		for _, ref := range r.Pages {
			v := reflect.ValueOf(ref.View()).FieldByName("Page")
			if !v.IsValid() || ref.Layout == "404" || ref.Layout == "withdrawn" || ref.Layout == "embed" { // a player alone has its page's address
				continue
			}
			p := v.Interface().(site.Page)
			var want []string
			for _, l := range p.Languages {
				if !l.Missing {
					want = append(want, l.Lang+" "+l.Address)
				}
			}
			if len(want) < 2 {
				want = []string{}
			} else if !p.Languages[0].Missing {
				want = append(want, "x-default "+p.Languages[0].Address)
			}
			if got, ok := told[p.Canonical]; !ok || !slices.Equal(got, want) {
				t.Errorf("%s: %s: the sitemap tells %q (%v), the page %q", name, p.Canonical, got, ok, want)
			}
		}
	}
}

// Feeds keep what readers of them rely on: whole addresses, dates with their zone, ids
// that are given once, no entry older than it says, and the same items in every form.
func TestFeedsAsReaders(t *testing.T) {
	type entry struct {
		ID        string `xml:"id"`
		Title     string `xml:"title"`
		Updated   string `xml:"updated"`
		Published string `xml:"published"`
		Links     []struct {
			Rel  string `xml:"rel,attr"`
			Href string `xml:"href,attr"`
		} `xml:"link"`
	}
	var atom struct {
		Updated string  `xml:"updated"`
		Entries []entry `xml:"entry"`
	}
	type item struct {
		GUID      string `xml:"guid"`
		Published string `xml:"pubDate"`
	}
	var rss struct {
		Items []item `xml:"channel>item"`
	}
	var feed struct {
		Items []struct{ ID string }
	}
	eachFile(t, "atom.xml", func(t *testing.T, r *Result, at string, data []byte) {
		atom.Entries, rss.Items, feed.Items = nil, nil, nil
		if err := xml.Unmarshal(data, &atom); err != nil {
			t.Fatal(at, err)
		}
		for name, v := range map[string]any{"rss.xml": &rss, "feed.json": &feed} {
			decode := xml.Unmarshal
			if name == "feed.json" {
				decode = json.Unmarshal
			}
			if err := decode(open(t, r, path.Join(path.Dir(at), name)), v); err != nil {
				t.Fatal(at, name, err)
			}
		}
		if len(rss.Items) != len(atom.Entries) || len(feed.Items) != len(atom.Entries) {
			t.Fatalf("%s: %d entries, %d in RSS, %d in JSON", at, len(atom.Entries), len(rss.Items), len(feed.Items))
		}
		ids, newest := map[string]bool{}, time.Time{}
		for i, e := range atom.Entries {
			if ids[e.ID] {
				t.Errorf("%s: %s twice", at, e.ID)
			}
			ids[e.ID] = true
			updated, err := time.Parse(time.RFC3339, e.Updated)
			published, err2 := time.Parse(time.RFC3339, e.Published)
			_, err3 := time.Parse("Mon, 02 Jan 2006 15:04:05 -0700", rss.Items[i].Published)
			if err != nil || err2 != nil || err3 != nil || updated.Before(published) || e.Title == "" {
				t.Errorf("%s: %+v, %+v", at, e, rss.Items[i])
			}
			if updated.After(newest) {
				newest = updated
			}
			if rss.Items[i].GUID != e.ID || feed.Items[i].ID != e.ID {
				t.Errorf("%s: %s is %s in RSS and %s in JSON", at, e.ID, rss.Items[i].GUID, feed.Items[i].ID)
			}
			for _, l := range e.Links {
				if u, err := url.Parse(l.Href); err != nil || !u.IsAbs() {
					t.Errorf("%s: %s leads to %q", at, e.ID, l.Href)
				}
			}
		}
		if at, _ := time.Parse(time.RFC3339, atom.Updated); len(atom.Entries) > 0 && !at.Equal(newest) {
			t.Errorf("the feed is of %s, its newest entry of %s", at, newest)
		}
	})
}
