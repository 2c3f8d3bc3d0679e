package main

import (
	"net/url"
	"strings"

	"golang.org/x/net/html"
)

// fetching are the attributes whose address a browser fetches or sends to by itself.
var fetching = map[string]bool{"src": true, "poster": true, "data": true, "action": true, "formaction": true, "background": true}

// breaches says what on a page the policy forbids, and what it would fetch from elsewhere.
func (p *page) breaches() (faults []string) {
	for e := range elements(p.doc) {
		switch {
		case e.Data == "style":
			faults = append(faults, "styles within the page")
		case e.Data == "script" && attr(e, "src") == "" && attr(e, "type") != "application/ld+json":
			faults = append(faults, "a script within the page")
		}
		for _, a := range e.Attr {
			if a.Key == "style" || strings.HasPrefix(a.Key, "on") || strings.HasPrefix(strings.ToLower(strings.TrimSpace(a.Val)), "javascript:") {
				faults = append(faults, a.Key+"="+a.Val)
			}
			for _, address := range addresses(e, a) {
				if u, err := url.Parse(address); err != nil || u.Host != "" || u.Scheme != "" && u.Scheme != "data" {
					faults = append(faults, "fetches "+address)
				}
			}
		}
	}
	return faults
}

// addresses are those in an attribute that a browser acts on without a click.
func addresses(e *html.Node, a html.Attribute) (list []string) {
	switch {
	case a.Key == "srcset" || a.Key == "imagesrcset":
		for candidate := range strings.SplitSeq(a.Val, ",") {
			if f := strings.Fields(candidate); len(f) > 0 {
				list = append(list, f[0])
			}
		}
	case fetching[a.Key] || a.Key == "href" && e.Data == "link" && !named(e):
		list = append(list, a.Val)
	}
	return list
}

// named tells the links that only name another page.
func named(e *html.Node) bool {
	for _, r := range []string{"canonical", "alternate", "next", "prev", "author", "license", "help", "search", "me"} {
		if rel(e, r) {
			return true
		}
	}
	return false
}
