package site

import (
	"html/template"

	"pressroom/internal/memo"
)

// Body is an item's text, ready to print: {{.Body.HTML}}. It is a promise. Its key
// is known when the page is made; the bytes are made when the page is rendered, and
// not at all when nothing that the page shows has changed.
type Body struct {
	key  memo.Key
	html func() (template.HTML, error)
}

// MemoKey is the hash of the source text and of everything its links, images and
// embeds were resolved to.
func (b Body) MemoKey() memo.Key { return b.key }

// Empty tells whether there is no text.
func (b Body) Empty() bool { return b.html == nil }

// HTML makes the text.
func (b Body) HTML() (template.HTML, error) {
	if b.html == nil {
		return "", nil
	}
	return b.html()
}
