package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"pressroom/internal/testkit/npm"
)

// lightPages are the pages that Lighthouse sees, by their layout, in English.
var lightPages = []struct{ what, layout string }{{"home", "home"}, {"article", "article"}, {"video index", "videos"}, {"video", "video"}, {"search", "search"}}

// runs is of how many runs the median counts.
const runs = 3

// The goals of each page.
const (
	wantSpeed = 98
	wantRest  = 100
	mostLCP   = 1500 // ms
	mostCLS   = 0.01
)

// flags are those of a browser in a test; Lighthouse starts its own.
const flags = "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync"

// lit is what one run came to.
type lit struct {
	score [4]float64 // performance, accessibility, best practices, SEO
	lcp   float64
	cls   float64
	lost  []string // audits that were not passed
}

var categories = [4]string{"performance", "accessibility", "best-practices", "seo"}

func (a *audit) lighthouse() error {
	var lcp, cls float64
	var slow []string
	for _, want := range lightPages {
		i := slices.IndexFunc(a.ltr.types(), func(p *page) bool { return p.layout == want.layout && p.lang == "en" })
		if i < 0 {
			a.Find("Lighthouse, "+want.what, "≥ 98 / 100 / 100 / 100", "–", "there is no such page")
			continue
		}
		p := a.ltr.types()[i]
		var all []lit
		for range runs {
			l, err := a.light(a.ltr.url + p.at)
			if err != nil {
				return err
			}
			a.Say("  %s: %v, LCP %.0f ms, CLS %.3f", p.at, l.score, l.lcp, l.cls)
			all = append(all, l)
		}
		var got []string
		var faults []string
		for c, name := range categories {
			score := median(all, func(l lit) float64 { return l.score[c] })
			got = append(got, fmt.Sprint(score))
			least := float64(wantRest)
			if c == 0 {
				least = wantSpeed
			}
			if score < least {
				faults = append(faults, fmt.Sprintf("%s: %s %v, %v at least: %s", p.at, name, score, least, strings.Join(all[0].lost, "; ")))
			}
		}
		a.Find("Lighthouse, "+want.what, "≥ 98 / 100 / 100 / 100", strings.Join(got, " / "), faults...)
		pageLCP, pageCLS := median(all, func(l lit) float64 { return l.lcp }), median(all, func(l lit) float64 { return l.cls })
		lcp, cls = max(lcp, pageLCP), max(cls, pageCLS)
		if pageLCP > mostLCP || pageCLS > mostCLS {
			slow = append(slow, fmt.Sprintf("%s: LCP %.0f ms, CLS %.3f", p.at, pageLCP, pageCLS))
		}
	}
	a.Find("LCP / CLS on a telephone", "≤ 1.5 s / ≤ 0.01", fmt.Sprintf("%.2f s / %.3f", lcp/1000, cls), slow...)
	return nil
}

func median(all []lit, of func(lit) float64) float64 {
	var list []float64
	for _, l := range all {
		list = append(list, of(l))
	}
	slices.Sort(list)
	return list[len(list)/2]
}

// light has Lighthouse see a page once, as a telephone on a slow network, but not on a
// slow processor: this machine's own speed is all that it can tell.
func (a *audit) light(url string) (l lit, err error) {
	dir, err := npm.Dir("audit")
	if err != nil {
		return l, err
	}
	browser, err := exec.LookPath("chromium")
	if err != nil {
		return l, err
	}
	if err := os.Setenv("CHROME_PATH", browser); err != nil {
		return l, err
	}
	stdout, stderr, err := a.command(filepath.Dir(a.ltr.dir), "node", filepath.Join(dir, "node_modules/lighthouse/cli/index.js"), url, "--quiet", "--output=json",
		"--throttling.cpuSlowdownMultiplier=1", "--only-categories="+strings.Join(categories[:], ","), "--chrome-flags="+flags)
	if err != nil {
		return l, err
	}
	var report struct {
		Categories map[string]struct {
			Score     *float64
			AuditRefs []struct {
				ID     string
				Weight float64
			}
		}
		Audits map[string]struct {
			Title        string
			Score        *float64
			NumericValue float64
			DisplayValue string
		}
		RuntimeError *struct{ Message string }
	}
	if err := json.Unmarshal([]byte(stdout), &report); err != nil {
		return l, fmt.Errorf("lighthouse: %w\n%.2000s", err, stderr)
	}
	if report.RuntimeError != nil {
		return l, errors.New("lighthouse: " + report.RuntimeError.Message)
	}
	for i, name := range categories {
		c := report.Categories[name]
		if c.Score == nil {
			return l, fmt.Errorf("lighthouse gives %s no score for %s", name, url)
		}
		l.score[i] = math.Round(*c.Score * 100)
		for _, ref := range c.AuditRefs {
			if a := report.Audits[ref.ID]; ref.Weight > 0 && a.Score != nil && *a.Score < 0.9 {
				l.lost = append(l.lost, strings.TrimSpace(a.Title+" "+a.DisplayValue))
			}
		}
	}
	l.lcp, l.cls = report.Audits["largest-contentful-paint"].NumericValue, report.Audits["cumulative-layout-shift"].NumericValue
	return l, nil
}
