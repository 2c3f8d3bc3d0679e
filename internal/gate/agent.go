package gate

import "strings"

// agents and systems are looked for in this order: nearly every browser also calls itself
// Chrome, Safari and Mozilla, and Android calls itself Linux.
var (
	agents = [][2]string{
		{"Edg", "Edge"}, {"OPR/", "Opera"}, {"OPT/", "Opera"}, {"Opera", "Opera"}, {"Vivaldi/", "Vivaldi"},
		{"SamsungBrowser/", "Samsung Internet"}, {"YaBrowser/", "Yandex Browser"}, {"DuckDuckGo/", "DuckDuckGo"},
		{"FxiOS/", "Firefox"}, {"Firefox/", "Firefox"}, {"CriOS/", "Chrome"}, {"Chromium/", "Chromium"}, {"Chrome/", "Chrome"},
		{"Safari/", "Safari"}, {"MSIE ", "Internet Explorer"}, {"Trident/", "Internet Explorer"},
		{"curl/", "curl"}, {"Wget/", "Wget"},
	}
	systems = [][2]string{
		{"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Android", "Android"}, {"Windows", "Windows"}, {"Mac OS X", "macOS"},
		{"Macintosh", "macOS"}, {"CrOS", "ChromeOS"}, {"Linux", "Linux"}, {"X11", "Linux"},
	}
)

// UnknownAgent is a browser that does not say what it is, or nothing we know of.
const UnknownAgent = "Unknown browser"

// Agent is a User-Agent header as a list of sessions shows it: "Firefox on Linux". It is
// coarse on purpose, and made only of our own words: nothing of the header is ever shown.
func Agent(userAgent string) string {
	if len(userAgent) > 1024 {
		userAgent = userAgent[:1024]
	}
	browser, system := first(agents, userAgent), first(systems, userAgent)
	switch {
	case browser == "" && system == "":
		return UnknownAgent
	case browser == "":
		return UnknownAgent + " on " + system
	case system == "":
		return browser
	}
	return browser + " on " + system
}

func first(list [][2]string, s string) string {
	for _, e := range list {
		if strings.Contains(s, e[0]) {
			return e[1]
		}
	}
	return ""
}
