package payload

import (
	"encoding/base64"
	"strings"
)

// maxHops is how many redirectors inside one another are unwrapped.
const maxHops = 8

// unwrapped is where a link leads in the end, as far as that stands in the link itself; "" when it leads nowhere else.
// Nothing is asked of any server.
func unwrapped(link string) string {
	target := ""
	for range maxHops {
		next := unwrapOnce(link)
		if next == "" || next == link {
			break
		}
		target, link = next, next
	}
	return target
}

// unwrapOnce removes one layer: by what is known of the host, else by what redirectors have in common.
func unwrapOnce(link string) string {
	p := split(link)
	for domain := p.host; domain != ""; _, domain, _ = strings.Cut(domain, ".") {
		if target := wrappers[domain]; target != nil {
			if found := asLink(target(p)); found != "" {
				return found
			}
		}
	}
	if name, _, _ := strings.Cut(registrable(p.host), "."); name == "google" { // google.de, google.co.uk …
		if found := asLink(google(p)); found != "" {
			return found
		}
	}
	return anyTarget(p)
}

// asLink says whether a text is a web link, in the form that the next round takes.
func asLink(text string) string {
	if strings.IndexByte(text, '.') < 0 && !hasScheme(text) {
		return ""
	}
	link, _, _ := webLink(trim(text))
	return link
}

// targetNames are parameters by which redirectors of all kinds name their target, the surer ones first.
var targetNames = []string{
	"url", "u", "q", "to", "target", "dest", "destination", "redirect", "redirect_url", "redirect_uri", "redirecturl", "redirect_to", "r", "ru", "rurl",
	"return", "returnurl", "return_url", "returnto", "return_to", "next", "continue", "goto", "go", "link", "out", "uri", "location", "href", "l", "adurl",
	"murl", "forward", "page", "fallback", "$fallback_url", "$desktop_url", "af_web_dp", "deep_link_value", "lp", "landing", "service", "maxdest",
}

// notTargets are parameters that hold a link which is not where one goes: where one comes from, a picture, a share.
var notTargets = map[string]bool{
	"ref": true, "referrer": true, "referer": true, "origin": true, "source": true, "utm_source": true, "utm_medium": true, "utm_campaign": true,
	"utm_content": true, "via": true, "from": true, "src": true, "img": true, "image": true, "imgurl": true, "logo": true, "icon": true, "text": true,
	"callback": true, "canonical": true, "iss": true, "xmlns": true,
}

// anyTarget finds a whole link in a parameter that names a target, in any other parameter but the harmless ones, in
// the path or in the fragment; plain or in base64.
func anyTarget(p parts) string {
	if target := percentDecode(p.query); hasScheme(target) { // href.li/?https://…
		return asLink(target)
	}
	query := pairs(p.query)
	for _, name := range targetNames {
		for _, q := range query {
			if q.name == name {
				if target := wholeLink(q.value); target != "" {
					return target
				}
			}
		}
	}
	for _, q := range query {
		if notTargets[q.name] {
			continue
		}
		if target := wholeLink(q.value); target != "" {
			return target
		}
	}
	if target := wholeLink(percentDecode(p.fragment)); target != "" {
		return target
	}
	return pathLink(p)
}

// wholeLink is the link that a text is, plain or in base64; only with a scheme, or every file name would be one.
func wholeLink(text string) string {
	text = trim(text)
	if hasScheme(text) {
		return asLink(text)
	}
	if decoded := fromBase64(text); hasScheme(decoded) {
		return asLink(decoded)
	}
	return ""
}

// pathLink finds a link that stands at the end of the path, plain or percent-encoded, or as a segment in base64.
func pathLink(p parts) string {
	path := asciiLower(p.path)
	for _, scheme := range []string{"/https%3a", "/http%3a", "/https:", "/http:"} {
		if i := strings.Index(path, scheme); i >= 0 {
			target := p.path[i+1:]
			if p.query != "" {
				target += "?" + p.query
			}
			if strings.HasSuffix(scheme, "%3a") {
				target = percentDecode(p.path[i+1:])
			}
			return asLink(target)
		}
	}
	for segment := range strings.SplitSeq(p.path, "/") {
		if strings.HasPrefix(segment, "aHR0c") { // "http"
			if target := wholeLink(percentDecode(segment)); target != "" {
				return target
			}
		}
	}
	return ""
}

func hasScheme(text string) bool {
	rest, scheme := cutScheme(trim(text))
	return scheme != "" && rest != ""
}

// fromBase64 decodes both alphabets, with or without padding; "" for anything else.
func fromBase64(text string) string {
	if len(text) < 10 {
		return ""
	}
	if strings.ContainsAny(text, "-_ ") {
		text = strings.NewReplacer("-", "+", "_", "/", " ", "+").Replace(text)
	}
	decoded, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(text, "="))
	if err != nil {
		return ""
	}
	return string(decoded)
}
