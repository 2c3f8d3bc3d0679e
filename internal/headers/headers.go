// Package headers says what every answer for a file of the site carries besides its
// bytes. It is the one place for that: the preview sends these headers, press build
// writes them into _headers for hosts that read such a file, and the tests of deploy/
// hold the recipes for web servers to them.
//
// In goes the path of a file; out come names and values. The gate has headers of its own.
package headers

import (
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
)

// Header is one header of an answer.
type Header struct{ Name, Value string }

// policy is what a page may do: nothing but what the site brings itself, and no script
// may make markup or code out of a text (Trusted Types). Frame-ancestors comes last.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; media-src 'self' blob:; " +
	"connect-src 'self'; form-action 'self'; base-uri 'none'; require-trusted-types-for 'script'; frame-ancestors "

// always stands on every answer.
var always = []Header{
	{"Strict-Transport-Security", "max-age=31536000"},
	{"X-Content-Type-Options", "nosniff"},
	{"Referrer-Policy", "same-origin"},
	{"Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()"},
	{"Cross-Origin-Opener-Policy", "same-origin"},
}

// Ours is the policy of a page that no other site may frame; Framed that of a player
// that every site may.
const (
	Ours   = policy + "'self'"
	Framed = policy + "*"
)

// How long a browser or CDN may keep a file: what is named by its bytes for ever (a
// year, as RFC 9111 readers take it), pictures and films for an hour, all else a minute,
// so that a correction is everywhere within one.
const (
	forever = "public, max-age=31536000, immutable"
	hour    = "public, max-age=3600"
	minute  = "public, max-age=60"
)

var hourly = []string{".jpg", ".jpeg", ".png", ".gif", ".webp", ".avif", ".mp4", ".m4v", ".webm", ".mp3", ".m4a", ".woff2"}

// open are the files that other sites' scripts may read: the site is its own API.
var open = []string{".json", ".xml", ".vtt", ".ics", ".vcf", ".txt", ".srt"}

// For returns the headers of the file at a URL path, in a fixed order.
func For(path string) []Header {
	out := append(slices.Clone(always), Header{"Cache-Control", keep(path)}, Header{"Content-Security-Policy", pagePolicy(path)})
	if ends(path, open) {
		out = append(out, Header{"Access-Control-Allow-Origin", "*"})
	}
	return out
}

func pagePolicy(path string) string {
	if isEmbed(path) {
		return Framed
	}
	return Ours
}

func keep(path string) string {
	switch {
	case strings.HasPrefix(path, "/assets/"):
		return forever
	case ends(path, hourly):
		return hour
	}
	return minute
}

// isEmbed tells the pages that other sites may frame: /embed/…, and /fr/embed/….
func isEmbed(path string) bool {
	first, rest, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	second, _, below := strings.Cut(rest, "/")
	return first == "embed" && rest != "" || second == "embed" && below
}

func ends(path string, in []string) bool {
	return slices.ContainsFunc(in, func(ext string) bool { return strings.HasSuffix(path, ext) })
}

// File writes a _headers file, in the form that Netlify, Cloudflare Pages and others
// read, for the files at these URL paths. Such hosts put the headers of all rules that fit
// a path together and know no exceptions, and the policy of embeds must not meet that of
// pages: so every folder at the top, as /news/ and /fr/news/, has a rule of its own. Languages are the
// codes that paths begin with.
func File(languages []string, paths iter.Seq[string]) []byte {
	rules := map[string]string{} // by pattern, a path that it fits
	for p := range paths {
		segments := strings.Split(strings.TrimPrefix(p, "/"), "/")
		depth := 1
		if len(segments) > 1 && slices.Contains(languages, segments[0]) {
			depth = 2
		}
		switch {
		case len(segments) > depth:
			rules["/"+strings.Join(segments[:depth], "/")+"/*"] = p
		case strings.HasSuffix(p, ".html"):
			rules[strings.TrimSuffix(p, "index.html")] = p
		}
	}
	var b strings.Builder
	rule := func(pattern string, list ...Header) {
		fmt.Fprintf(&b, "%s\n", pattern)
		for _, h := range list {
			fmt.Fprintf(&b, "  %s: %s\n", h.Name, h.Value)
		}
	}
	rule("/*", always...)
	for _, ext := range open {
		rule("/*"+ext, Header{"Access-Control-Allow-Origin", "*"})
	}
	for _, pattern := range slices.Sorted(maps.Keys(rules)) {
		keeping := minute
		if strings.HasPrefix(pattern, "/assets/") {
			keeping = forever
		}
		rule(pattern, Header{"Cache-Control", keeping}, Header{"Content-Security-Policy", pagePolicy(rules[pattern])})
	}
	return []byte(b.String())
}
