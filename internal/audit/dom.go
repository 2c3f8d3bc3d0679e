package main

import (
	"iter"
	"strings"

	"golang.org/x/net/html"
)

// elements are those of a document, in its order.
func elements(n *html.Node) iter.Seq[*html.Node] {
	return func(yield func(*html.Node) bool) {
		for d := range n.Descendants() {
			if d.Type == html.ElementNode && !yield(d) {
				return
			}
		}
	}
}

func attr(e *html.Node, key string) string {
	for _, a := range e.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

// rel tells whether a link has a relation.
func rel(e *html.Node, name string) bool {
	for r := range strings.FieldsSeq(strings.ToLower(attr(e, "rel"))) {
		if r == name {
			return true
		}
	}
	return false
}

// content is the text directly within an element.
func content(e *html.Node) string {
	var b strings.Builder
	for c := range e.ChildNodes() {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
		}
	}
	return b.String()
}
