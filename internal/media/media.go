// Package media knows the files beside a text: the words of captions, the type of a
// download, what a film says of itself. Pictures are package picture's.
//
// In goes one file; out comes one value. It never looks at a page.
package media

import (
	"path"
	"strings"
)

// Types are the media types of what a press site publishes, by ending. What is not
// listed is no file for readers.
var types = map[string]string{
	".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".gif": "image/gif", ".webp": "image/webp",
	".avif": "image/avif", ".svg": "image/svg+xml",
	".mp4": "video/mp4", ".m4v": "video/mp4", ".mov": "video/quicktime", ".webm": "video/webm", ".mxf": "application/mxf",
	".mp3": "audio/mpeg", ".m4a": "audio/mp4", ".wav": "audio/wav", ".ogg": "audio/ogg",
	".vtt": "text/vtt", ".srt": "application/x-subrip", ".txt": "text/plain; charset=utf-8", ".csv": "text/csv",
	".pdf": "application/pdf", ".zip": "application/zip", ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
	".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8",
	".json": "application/json", ".xml": "application/xml", ".ics": "text/calendar; charset=utf-8", ".vcf": "text/vcard; charset=utf-8", ".woff2": "font/woff2",
	".ico": "image/x-icon", ".webmanifest": "application/manifest+json",
}

// Type returns the media type of a file by its name, "application/octet-stream" when
// it is not known.
func Type(name string) string {
	if t, ok := types[strings.ToLower(path.Ext(name))]; ok {
		return t
	}
	return "application/octet-stream"
}

// IsPicture tells by its name whether a file is a picture.
func IsPicture(name string) bool { return strings.HasPrefix(Type(name), "image/") }
