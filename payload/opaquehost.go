package payload

import "strings"

// maxStart is the longest beginning of a path in the list of opaque redirectors.
const maxStart = 64

// keepsTarget tells whether a link leads on to one that it does not name: lists/opaque-redirect.txt.
func (l Lists) keepsTarget(of link) bool {
	if unwrapped(of.url) != "" {
		return false
	}
	at := split(of.url)
	path := asciiLower(at.path)
	if path == "" || path == "/" && at.query == "" {
		return false // the site itself
	}
	domain := at.host
	if name, _, _ := strings.Cut(registrable(domain), "."); name == "google" && registrable(domain) != "google.com" && domain != "share.google" {
		domain = "google.com" // google.de, google.co.uk …
	}
	for ; domain != ""; _, domain, _ = strings.Cut(domain, ".") {
		if listed, is := l.opens(domain, path); is {
			return listed
		}
	}
	return false
}

// opens looks for the longest beginning of a path that is listed for a domain.
func (l Lists) opens(domain, path string) (listed, is bool) {
	for n := min(len(path), maxStart); n >= 0; n-- {
		if listed, is := l[SignalOpaque][domain+path[:n]]; is {
			return listed, true
		}
	}
	return false, false
}
