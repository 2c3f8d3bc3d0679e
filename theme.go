// Package pressroom carries the default theme, so that the press binary needs
// nothing beside a site to make it. The root of this repository is the example
// newsroom at the same time: its content, media and pictures are not part of the
// theme and stay out of the binary.
package pressroom

import "embed"

// Theme holds the layouts and the files they ask for, under the names they have in
// a site: layouts/… and static/…. A file of a site wins over the one of the same
// name in here. The prefix all: keeps a file whose name begins with a dot or an
// underscore from being left out without a word.
//
//go:embed all:layouts all:static/css all:static/js static/schemas static/favicon.svg
var Theme embed.FS
