package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"

	"pressroom/internal/testkit/axe"
	"pressroom/internal/testkit/chromium"
	"pressroom/internal/testkit/outside"
)

// visit is a page to look at.
type visit struct {
	*newsroom
	*page
}

func (v visit) String() string { return v.lang + " " + v.at }

func visits(n *newsroom, pages []*page) (list []visit) {
	for _, p := range pages {
		list = append(list, visit{n, p})
	}
	return list
}

// browse shows pages to as many browsers as there are cores, and returns the faults that
// were found, in the order of the pages.
func browse(list []visit, look func(t *chromium.Tab, tb *outside.TB, v visit)) (faults []string, err error) {
	found, next := make([][]string, len(list)), make(chan int)
	var wait sync.WaitGroup
	var mu sync.Mutex
	for range min(runtime.GOMAXPROCS(0), len(list)) {
		wait.Go(func() {
			stopped := outside.Do(func(tb *outside.TB) error {
				t := chromium.Start(tb)
				t.Call("Network.setCacheDisabled", map[string]any{"cacheDisabled": true}, nil)
				for i := range next {
					look(t, tb, list[i])
					found[i] = tb.Take()
				}
				t.Quiet()
				mu.Lock()
				faults = append(faults, tb.Take()...)
				mu.Unlock()
				return nil
			})
			for range next { // the others are not shown
			}
			mu.Lock()
			err = cmp.Or(err, stopped)
			mu.Unlock()
		})
	}
	for i := range list {
		next <- i
	}
	close(next)
	wait.Wait()
	for _, f := range found {
		faults = append(faults, f...)
	}
	return faults, err
}

// sizes are the narrowest screen and a desktop's.
var sizes = []struct{ width, height int }{{1280, 800}, {320, 640}}

func (a *audit) axe() error {
	source, err := axe.Source()
	if err != nil {
		return err
	}
	for _, n := range []*newsroom{a.ltr, a.rtl} {
		pages, what := n.types(), "from left to right"
		if a.all {
			pages = n.seen()
		}
		if n == a.rtl {
			what = "from right to left"
			var list []*page
			for _, p := range pages {
				if p.lang == "ar" {
					list = append(list, p)
				}
			}
			pages = list
		}
		faults, err := browse(visits(n, pages), func(t *chromium.Tab, tb *outside.TB, v visit) {
			t.Open(v.url + v.at)
			axe.Load(t, source)
			for _, scheme := range []string{"light", "dark"} {
				for _, size := range sizes {
					t.Look(size.width, size.height, scheme)
					rules := axe.All
					if scheme == "dark" {
						rules = axe.Contrast
					}
					if got := axe.Faults(t, rules); got != "" {
						tb.Errorf("%s, %d px, %s:\n%s", v, size.width, scheme, got)
					}
				}
			}
		})
		if err != nil {
			return err
		}
		a.Find("axe-core, light and dark, 320 and 1280 px, "+what, "0 violations", fmt.Sprintf("%d on %s", len(faults), count(len(pages), "page")), faults...)
	}
	return nil
}

// What an article may be shown with: with the picture above its text and without. What
// browsers fetch ahead of scrolling, because its picture or film says loading=lazy, is told
// beside.
const (
	mostPlain    = 25 << 10
	mostHero     = 150 << 10
	mostRequests = 8
)

// fetched prints what the page fetched, once what is in sight is there.
const fetched = `new Promise((done) => requestIdleCallback(() => done(JSON.stringify({
	entries: [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")].map((e) => ({
		url: e.name, bytes: e.encodedBodySize,
		lazy: [...document.querySelectorAll("[loading=lazy], [loading=lazy] > track")].some((l) => [l.currentSrc, l.poster, l.src].includes(e.name)) })),
	origin: location.origin,
	hero: document.querySelector("img[fetchpriority=high]") !== null,
	stored: document.cookie.length + localStorage.length + sessionStorage.length,
}))))`

func (a *audit) network() error {
	var mu sync.Mutex
	var plain, hero, requests, strangers, kept, withLazy, requestsWithLazy int
	var tooHeavy, tooMany, others, stored []string
	pages := a.ltr.types()
	for _, p := range a.ltr.seen() {
		if p.layout == "article" && !slices.Contains(pages, p) {
			pages = append(pages, p)
		}
	}
	complaints, err := browse(visits(a.ltr, pages), func(t *chromium.Tab, tb *outside.TB, v visit) {
		for _, size := range sizes {
			t.Look(size.width, size.height, "light")
			// This also forgets the pictures in memory. Of one that it remembers a browser
			// shows the larger variant, and fetches it at once, although it is lazy.
			t.Call("Network.setCacheDisabled", map[string]any{"cacheDisabled": true}, nil)
			t.Visit(v.url + v.at) // and not Open: the same page may be there, at another size
			var got struct {
				Entries []struct {
					URL   string
					Bytes int
					Lazy  bool
				}
				Origin string
				Hero   bool
				Stored int
			}
			if err := json.Unmarshal([]byte(t.Text(fetched)), &got); err != nil {
				tb.Fatal(err)
			}
			var jar struct{ Cookies []struct{ Name string } }
			t.Call("Storage.getCookies", nil, &jar)
			var names []string
			bytes, fetches, lazy := 0, 0, 0
			for _, e := range got.Entries {
				if e.Lazy {
					lazy += e.Bytes
					continue
				}
				bytes += e.Bytes
				fetches++
				names = append(names, strings.TrimPrefix(e.URL, got.Origin))
			}
			where := fmt.Sprintf("%s, %d px", v, size.width)
			mu.Lock()
			for _, e := range got.Entries {
				if !strings.HasPrefix(e.URL, got.Origin+"/") {
					strangers++
					others = append(others, where+": "+e.URL)
				}
			}
			if len(jar.Cookies) > 0 || got.Stored > 0 {
				kept += len(jar.Cookies)
				stored = append(stored, fmt.Sprintf("%s: %d cookies, %d signs in the browser's store", where, len(jar.Cookies), got.Stored))
			}
			if v.layout == "article" {
				most, to := mostPlain, &plain
				if got.Hero {
					most, to = mostHero, &hero
				}
				*to = max(*to, bytes)
				if bytes > most {
					tooHeavy = append(tooHeavy, fmt.Sprintf("%s: %s, %s at most", where, kb(bytes), kb(most)))
				}
				withLazy = max(withLazy, bytes+lazy)
				requests, requestsWithLazy = max(requests, fetches), max(requestsWithLazy, len(got.Entries))
				if fetches > mostRequests {
					tooMany = append(tooMany, fmt.Sprintf("%s: %d requests: %s", where, fetches, strings.Join(names, " ")))
				}
			}
			mu.Unlock()
		}
	})
	if err != nil {
		return err
	}
	for _, list := range [][]string{tooHeavy, tooMany, others, stored} {
		slices.Sort(list)
	}
	a.Find("an article without / with its picture", "≤ 25 / ≤ 150 KB", fmt.Sprintf("%s / %s (%s with lazy pictures)", kb(plain), kb(hero), kb(withLazy)), tooHeavy...)
	a.Find("requests of an article", "≤ 8", fmt.Sprintf("%d (%d with lazy pictures)", requests, requestsWithLazy), tooMany...)
	a.Find("requests to other sites, cookies", "0, 0", fmt.Sprintf("%d, %d on %s", strangers, kept, count(len(pages), "page")), append(others, stored...)...)
	a.Find("exceptions, breaches of the policy", "0", fmt.Sprint(len(complaints)), complaints...)
	return nil
}
