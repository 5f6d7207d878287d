package payload

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// maxPieces is how many parts of a link are looked at for another scheme; a link with more is not plain.
const maxPieces = 256

// withScheme is a scheme with what stands behind its slashes. One slash is enough for browsers and for "FIDO:/".
var withScheme = regexp.MustCompile(`(?i)[a-z][a-z0-9+.-]*:[/\\]+[^/\\?#&]*`)

// IsPlain tells whether a payload of this text is one web link and nothing else: no other word or line, no scheme of an
// app, before it or in a parameter, and no link within it that leads elsewhere than its hosts. Only of such a link is it
// known where everybody who scans it ends; what trusts a link for its host has to ask for this.
func (p Payload) IsPlain(text string) bool {
	text = trim(text)
	if p.Kind != URL || !p.Valid || p.how != "" || len(p.Links) > 0 || p.Unjudged > 0 || strings.ContainsFunc(text, notInLink) {
		return false
	}
	scheme, _, other := cutAnyScheme(text)
	if other && scheme != "url" && scheme != "urlto" && !strings.Contains(scheme, ".") { // ZXing's and Apple's form; "shop.example:8443/" is a host
		return false
	}
	text = unescaped(text)
	return !leadsIntoApp(text) && p.keepsToHosts(text)
}

// notInLink tells what a link does not hold: white space, and what is not seen.
func notInLink(r rune) bool {
	return r <= ' ' || unicode.IsSpace(r) || unicode.In(r, unicode.Cc, unicode.Cf)
}

// leadsIntoApp tells whether a part of a link is the beginning of one into an app, or of one that links a device.
func leadsIntoApp(link string) bool {
	n := 0
	for piece := range strings.FieldsFuncSeq(link, func(r rune) bool { return r <= ' ' || strings.ContainsRune(`/\?&#=;`, r) }) {
		if n++; n > maxPieces {
			return true
		}
		if p, ok := byPrefix(piece); ok && (p.Kind == AppLink || p.Kind == DeviceLink) {
			return true
		}
	}
	return false
}

// keepsToHosts tells whether all that has a scheme is a web link to one of the payload's hosts.
func (p Payload) keepsToHosts(link string) bool {
	hosts := p.Hosts()
	for _, one := range withScheme.FindAllString(link, -1) {
		rest, scheme := cutScheme(one)
		if scheme == "" || !slices.Contains(hosts, hostOf(rest)) {
			return false
		}
	}
	return true
}
