package main

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"pressroom/internal/build"
	"pressroom/internal/command"
	"pressroom/internal/content"
	"pressroom/internal/report"
	"pressroom/internal/site"
)

func listVerb() *verb {
	return &verb{
		Name: "list", Short: "what the site holds: held, drafts, expired, urls or all", Args: "[held|drafts|expired|urls|all]",
		Long: `Reads the site as a build would, writes nothing, and prints a table:

  held     what a build leaves out now: drafts, embargoes, future dates, expired items
  drafts   the drafts alone
  expired  the expired items alone
  urls     every page with the document it is made of, or "generated"
  all      every document: state, kind, language, date and address (the default)

With --json it prints one array. A state is "public", "withdrawn" or "held"; why an
item is held stands beside it, as in "build --json".`,
		Flags: func(fs *pflag.FlagSet, o *options) {
			bindRead(fs, o)
			bindAsked(fs, o)
			bindTalk(fs, o)
		},
		Run: does(runList),
	}
}

// lists are what can be listed; the last is the default.
var lists = []string{"held", "drafts", "expired", "urls", "all"}

// entry is one document as "list --json" prints it.
type entry struct {
	Source string    `json:"source"`
	Kind   string    `json:"kind"`
	Lang   string    `json:"lang"`
	Date   time.Time `json:"date,omitzero"`
	State  string    `json:"state"`          // public, withdrawn or held
	Why    string    `json:"why,omitempty"`  // draft, embargo, future or expired
	Until  time.Time `json:"until,omitzero"` // when it will be public
	URL    string    `json:"url"`            // "" when it makes no page
	Title  string    `json:"title"`

	bare bool // the date is a day
}

// address is one page as "list urls --json" prints it.
type address struct {
	URL    string `json:"url"`
	Layout string `json:"layout"`
	Source string `json:"source"` // or "generated"
}

func runList(c *call) error {
	what := "all"
	switch len(c.Args) {
	case 0:
	case 1:
		what = strings.ToLower(c.Args[0])
	default:
		return c.Surplus(c.Args[1], "one list at a time: "+strings.Join(lists, ", "))
	}
	keep := func(entry) bool { return true }
	switch what {
	case "held":
		keep = func(e entry) bool { return e.State == "held" }
	case "drafts":
		keep = func(e entry) bool { return e.Why == "draft" }
	case "expired":
		keep = func(e entry) bool { return e.Why == "expired" }
	case "urls", "all":
	default:
		return wrongCall(fmt.Sprintf("there is no list of %q", c.Args[0]), report.DidYouMean(c.Args[0], lists))
	}
	result, tree, err := c.look()
	if err != nil {
		return err
	}
	wanted := every
	switch what {
	case "urls":
		return c.listURLs(result)
	case "held", "drafts", "expired":
		wanted = func(path string) bool {
			return slices.ContainsFunc(result.Held, func(h site.Held) bool { return h.Source == path })
		}
	}
	chosen := []entry{}
	for _, e := range entries(result, c.documents(tree, result.Config, wanted)) {
		if keep(e) {
			chosen = append(chosen, e)
		}
	}
	return c.listEntries(what, chosen, result.Config.Zone)
}

// entries are all documents in the order of their paths.
func entries(r *build.Result, docs []*content.Doc) (all []entry) {
	held := map[string]site.Held{}
	for _, h := range r.Held {
		held[h.Source] = h
	}
	pages, urls := map[string]site.Ref{}, map[string]bool{}
	for _, p := range r.Pages {
		urls[p.URL] = true
		if p.Source != "" {
			pages[p.Source] = p
		}
	}
	for _, d := range docs {
		e := entry{Source: d.Path, Kind: kindNames[d.Kind], Lang: d.Lang, Date: d.Front.Date.Time, bare: d.Front.Date.Bare,
			Title: d.Front.Title, State: "public", URL: pages[d.Path].URL}
		if pages[d.Path].Layout == "withdrawn" {
			e.State = "withdrawn"
		}
		if list := listOf(d, r.Config.Languages[0]); e.URL == "" && urls[list] {
			e.URL = list
		}
		if h, ok := held[d.Path]; ok {
			e.State, e.Why, e.Until, e.URL = "held", h.Why, h.Until, h.URL
		}
		e.URL = escaped(e.URL)
		all = append(all, e)
	}
	return all
}

// kindNames are the kinds of documents as lists call them.
var kindNames = map[content.Kind]string{
	content.NewsItem: "news", content.VideoItem: "video", content.Page: "page", content.Section: "section",
	content.SpeakerProfile: "speaker", content.LocationProfile: "location", content.TopicProfile: "topic",
}

// listOf is the page of a list that a profile or an _index.md is shown on.
func listOf(d *content.Doc, first string) string {
	u := "/"
	if d.Lang != first {
		u += d.Lang + "/"
	}
	if d.Base != "" {
		u += strings.ToLower(d.Base) + "/"
	}
	return u
}

func escaped(path string) string { return (&url.URL{Path: path}).EscapedPath() }

func (c *call) listEntries(what string, list []entry, zone *time.Location) error {
	if c.Options.json {
		return command.JSON(c.Stdout, list)
	}
	if len(list) == 0 {
		c.say("%s: nothing", what)
		return nil
	}
	heads := []string{"STATE", "UNTIL", "SOURCE", "TITLE"}
	row := func(e entry) []string { return []string{e.Why, moment(e.Until, zone), e.Source, e.Title} }
	if what == "all" {
		heads = []string{"STATE", "KIND", "LANG", "DATE", "SOURCE", "URL"}
		row = func(e entry) []string {
			state := e.State
			if e.Why != "" {
				state = e.Why
			}
			date := moment(e.Date, zone)
			if e.bare {
				date = date[:len("2006-01-02")]
			}
			return []string{state, e.Kind, e.Lang, date, e.Source, e.URL}
		}
	}
	var rows [][]string
	for _, e := range list {
		rows = append(rows, row(e))
	}
	return command.Table(c.Stdout, heads, rows)
}

func (c *call) listURLs(r *build.Result) error {
	list := []address{}
	for _, p := range r.Pages {
		a := address{escaped(p.URL), p.Layout, p.Source}
		if a.Source == "" {
			a.Source = "generated"
		}
		list = append(list, a)
	}
	slices.SortStableFunc(list, func(a, b address) int { return cmp.Compare(a.URL, b.URL) })
	if c.Options.json {
		return command.JSON(c.Stdout, list)
	}
	var rows [][]string
	for _, a := range list {
		rows = append(rows, []string{a.URL, a.Source})
	}
	return command.Table(c.Stdout, []string{"URL", "SOURCE"}, rows)
}

// moment is an instant in the site's zone, as tables show it.
func moment(at time.Time, zone *time.Location) string {
	if at.IsZero() {
		return ""
	}
	return at.In(zone).Format("2006-01-02 15:04 MST")
}
