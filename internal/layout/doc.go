// Package layout is layouts/ as a set that can be executed. This comment is the
// manual for those who write layouts.
//
// A layout is an html/template file. What stands in your own layouts/ folder wins
// over the built-in file of the same name; everything else stays as it is, so that
// changing the footer means one file, layouts/partials/footer.html.
//
//	base.html            the frame of every page: it executes "main", and "head" and "script" if defined
//	article.html …       one file per kind of page, which defines "main"
//	account/NAME.html    the pages of the gate, which it draws in the same frame
//	partials/NAME.html   shared pieces: {{template "partials/card.html" .}}
//	embeds/NAME.html     what ::NAME{…} in a text becomes; a new file is a new embed
//	redirect.html        the page of an alias, without the frame
//	embed.html           a player alone, for frames in other people's pages
//	i18n/LANG.yaml       the words of the interface
//
// Pages are: home, article, page, list, videos, video, index, events, withdrawn and
// 404. Each is executed with its view, a struct of package site (see site/view.go):
// plain data, dates formatted, links resolved, nothing to look up. There are no
// functions but those of html/template itself; what a layout needs beyond its view
// belongs into the view. This is what makes a page's key: the hash of the view and of
// the files that its layout reaches. Change partials/card.html, and the pages that
// show cards are made again, and no others. The views of account/NAME.html are structs
// of package gate/web (see gate/web/view.go); what a page of any kind has stands in
// package frame.
//
// Words of the interface are .Site.T.some_key, from i18n/LANG.yaml; a key that a
// language lacks is taken from English, with a warning. A name that does not exist is
// an error with file, line and column; so are a partial that calls itself and a loop
// without end.
//
// Layouts are minified when they are loaded, once, not page by page. Inline styles
// and scripts have no place in them: the site is served under a policy that does not
// run them.
package layout
