package report

// Names are the stable names of all problems, each with one line about it. Site.yaml
// silences warnings by them, CI scripts look for them, SARIF lists them as rules: a
// name may be added, never changed. Nobody writes to the map.
var Names = map[string]string{
	// Files and their text.
	"encoding":   "a file is not UTF-8, or holds signs that no text has",
	"file-name":  "a file cannot stand in a URL by its name, or is no regular file",
	"no-content": "there is no Markdown below content/",
	"symlink":    "a link in the site folder leads out of it, to a folder or nowhere",
	"too-large":  "a text is larger than any text is",
	"unreadable": "a file cannot be read",

	// site.yaml.
	"encoder":          "a program that encodes pictures is missing or fails",
	"environment":      "a PRESS_ variable stands for no key of site.yaml, or a GATE_ variable for none of gate.yaml",
	"low-contrast":     "the brand's colour cannot be read, or its logo not be seen, on a light or a dark background",
	"security-expires": "security.txt has ended, or will within 30 days",
	"site":             "a value of site.yaml cannot be used, or a required one is missing",
	"unknown-warning":  "ignoreWarnings names a warning that does not exist",

	// Gate.yaml.
	"gate":   "a value of gate.yaml cannot be used, or a required one is missing",
	"secret": "a secret of the gate stands where others can read it",

	// Front matter.
	"animation":        "a picture moves, and readers cannot stop it",
	"alias":            "an alias is not a path of this site",
	"chapters":         "chapters are out of order or beyond the end of the video",
	"preview":          "a film has no preview, because it could not be read",
	"clean-twin":       "a package of pictures and voice does not name its clean version",
	"correction":       "a correction lacks its date or its note",
	"date":             "a date cannot be read, or dates contradict each other",
	"duplicate-key":    "a key is given twice",
	"empty-item":       "a list has an item without a value",
	"empty-summary":    "an item has no summary",
	"event":            "an event has no start, or ends before it",
	"front-matter":     "the front matter does not begin or end as it must",
	"geo":              "a position is not latitude and longitude in degrees",
	"id":               "an id cannot stand in a URL",
	"id-date":          "the date in a video's id is not that of the recording",
	"image":            "an image is given in a wrong form, or its file is no picture",
	"language":         "a file is named for a language that the site does not have",
	"limit":            "a file is nested too deeply or has too many values",
	"location":         "a location has no name of which an address can be made",
	"long-summary":     "a summary is longer than search engines and desks show",
	"long-title":       "a title is longer than search engines and desks show",
	"missing-captions": "a video has no captions and no captions-waiver",
	"missing-date":     "an item has no date",
	"missing-id":       "a video has no id",
	"narrow-picture":   "a picture at the top of a page has too few pixels",
	"picture-words":    "a picture's file has a caption or credit that its page does not show",
	"missing-title":    "a document has no title",
	"rendition":        "a rendition of a video is described wrongly",
	"rights":           "the rights of a video leave open what may be done with it",
	"shotlist":         "the shots of a shotlist do not follow each other to the end of the video",
	"slug":             "a slug cannot stand in a URL",
	"speaker":          "a speaker has no name of which an address can be made",
	"syntax":           "the YAML or TOML cannot be read",
	"timecode":         "a timecode cannot be read",
	"unchecked-quote":  "a soundbite is quoted from a machine transcript that nobody has checked",
	"unknown-key":      "a key is not known",
	"unknown-word":     "a word is not one of those that its key takes",
	"url":              "a url is not a path of this site, or none can be made",
	"wrong-type":       "a value is of another kind than its key takes",

	// Text.
	"bad-link": "a link has no address, or one of a scheme that is not used here",
	"embed":    "an embed is written wrongly or takes no such argument",
	"markdown": "a text cannot be rendered",
	"raw-html": "there is HTML in a text",

	// What documents say of each other.
	"broken-anchor":      "a link leads to a place that its page does not have",
	"broken-link":        "a link leads nowhere",
	"captions":           "a file of captions is not good WebVTT, or has no language",
	"future-date":        "an open item has a correction or release that is dated in the future",
	"held-reference":     "an open item names one that is not public yet",
	"missing-alt":        "an image has no alt text",
	"missing-credit":     "an image has no credit",
	"missing-file":       "a file that a page names is not there",
	"orphan-translation": "a translation has no original",
	"related":            "what is named as related is no article",
	"remote-file":        "a file lies on a server that is not ours",
	"removed-url":        "a page of the last build is gone and no alias leads on from it",
	"same-id":            "two documents have one id",
	"same-page":          "two files are one page in one language",
	"same-url":           "two documents have one address",
	"similar-name":       "a name is spelt in two ways",
	"soundbite":          "the words of a soundbite are not in the captions",
	"static-embargo":     "a file of static/ would be public before the page that shows it",
	"unknown-contact":    "a contact is not in site.yaml",
	"unknown-embed":      "there is no embed of that name",
	"unknown-topic":      "a topic is not in site.yaml",
	"unknown-video":      "there is no video of that id",

	// Layouts.
	"layout":        "a layout cannot be read or executed",
	"missing-words": "layouts/i18n lacks words of the interface",
	"page":          "a page cannot be made",

	// Finished pages and files, as press check reads them.
	"bad-json":                "a JSON file or JSON-LD block cannot be read",
	"bad-xml":                 "a feed or sitemap is not well-formed XML",
	"canonical":               "the canonical address of a page is not its own, whole address",
	"duplicate-id":            "two elements of a page have one id",
	"link-slash":              "a link lacks the slash at its end, and works by a redirect only",
	"page-heading":            "a page has no h1, or more than one",
	"page-language":           "a page does not say its language",
	"page-title":              "a page has no title",
	"storage-path":            "the storage path of a gated file stands in an open file",
	"translation-link":        "pages do not name each other as translations, or not themselves",
	"unreachable-translation": "no page leads to a translated page",
	"unsafe-value":            "a layout prints a value that cannot be printed safely at that place",

	// What is never to be served.
	"closed": "a file of closed/ cannot be made",
}
