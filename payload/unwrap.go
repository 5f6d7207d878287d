package payload

import (
	"strings"

	"golang.org/x/net/publicsuffix"
)

// maxHops is how many redirectors inside one another are unwrapped.
const maxHops = 8

// unwrapped is where a link leads in the end, as far as that stands in the link itself; "" when it leads nowhere else.
// Nothing is asked of any server.
func unwrapped(link string) string {
	target := ""
	for range maxHops {
		if linkHost(link) == "" { // a link into an app: what it holds is the app's
			break
		}
		next := unwrapOnce(link)
		if next == "" || next == link {
			break
		}
		target, link = next, next
	}
	return target
}

// unwrapOnce removes one layer; where there is none, that of the link as it reads in HTML.
func unwrapOnce(link string) string {
	if target := layer(link); target != "" {
		return target
	}
	if read := referenced(link); read != link {
		return layer(read)
	}
	return ""
}

// layer is the target that a link names: by what is known of the host, else by what redirectors have in common.
func layer(link string) string {
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

// sureNames are those of targetNames that hold a link also where it has no scheme: "q" may be a search for a name.
var sureNames = map[string]bool{
	"url": true, "uri": true, "target": true, "dest": true, "destination": true, "redirect": true, "redirect_url": true, "redirect_uri": true,
	"redirecturl": true, "redirect_to": true, "returnurl": true, "return_url": true, "goto": true, "href": true, "location": true, "murl": true,
}

// anyTarget finds a whole link in a parameter that names a target, in any other parameter but the harmless ones, in
// the path or in the fragment; plain or encoded. Applications read the fragment as a path with a query of its own.
func anyTarget(p parts) string {
	if target := queryTarget(p.query); target != "" {
		return target
	}
	if target := adobeCampaign(p); target != "" {
		return target
	}
	if p.fragment != "" {
		fragment := strings.TrimLeft(p.fragment, "!/")
		if target := wholeLink(fragment, maxEncodings); target != "" {
			return target
		}
		path, query, routed := strings.Cut(fragment, "?")
		if !routed {
			query = fragment
		}
		if target := queryTarget(query); target != "" {
			return target
		}
		if target := pathLink(parts{path: "/" + path, query: query}); target != "" {
			return target
		}
	}
	return pathLink(p)
}

// adobeCampaign names the target, or its end, in p1, on hosts of Adobe's customers: /r/?id=h12ab,34cd,56ef&p1=example.com.
func adobeCampaign(p parts) string {
	if p.path != "/r/" && p.path != "/r" {
		return ""
	}
	if query := pairs(p.query); strings.HasPrefix(query.get("id"), "h") && strings.Contains(query.get("id"), ",") {
		return namedLink("url", query.get("p1"))
	}
	return ""
}

// queryTarget looks at the query as a whole, at its parameters, and at them parted by semicolons, as HTML 4 (B.2.2)
// wants servers to take them.
func queryTarget(query string) string {
	if query == "" {
		return ""
	}
	if target := wholeLink(query, maxEncodings); target != "" { // href.li/?https://…
		return target
	}
	if target := paramTarget(pairs(query)); target != "" {
		return target
	}
	for field := range strings.SplitSeq(query, "&") {
		if target := wholeLink(field, maxEncodings); target != "" {
			return target
		}
	}
	if strings.Contains(query, ";") {
		return paramTarget(pairs(strings.ReplaceAll(query, ";", "&")))
	}
	return ""
}

func paramTarget(query params) string {
	for _, name := range targetNames {
		for _, q := range query {
			if q.name != name {
				continue
			}
			if target := namedLink(name, q.value); target != "" {
				return target
			}
		}
	}
	for _, q := range query {
		if notTargets[q.name] {
			continue
		}
		if target := wholeLink(q.value, maxEncodings); target != "" {
			return target
		}
	}
	return ""
}

// namedLink is the link in a parameter that names a target: also one that takes its scheme from the page, with slashes
// of either kind before the host, and in the surest parameters one without anything before a real domain.
func namedLink(name, value string) string {
	if target := wholeLink(value, maxEncodings); target != "" {
		return target
	}
	for range maxEncodings {
		value = folded(trim(value))
		if len(value) > 2 && strings.Contains(`/\`, value[:1]) && strings.Contains(`/\`, value[1:2]) {
			if host := hostOf(strings.TrimLeft(value, `/\`)); strings.Contains(host, ".") || isIP(host) {
				return asLink("https:" + value)
			}
		}
		if host := hostOf(value); sureNames[name] && isDomain(host) && isPort(authority(value)) && !strings.ContainsAny(value, " @") {
			return asLink("http://" + value)
		}
		value = percentDecode(value)
	}
	return ""
}

// isDomain tells a name under a suffix that the public suffix list has.
func isDomain(host string) bool {
	suffix, icann := publicsuffix.PublicSuffix(host)
	return suffix != host && (icann || strings.Contains(suffix, "."))
}

// pathLink finds a link that stands at the end of the path, plain or percent-encoded, as a segment in base64 or JSON,
// or in a parameter of the path (RFC 3986, section 3.3).
func pathLink(p parts) string {
	path := asciiLower(p.path)
	for _, scheme := range []string{"/https%3a", "/http%3a", "/https:", "/http:"} {
		if i := strings.Index(path, scheme); i >= 0 {
			target := p.path[i+1:]
			if len(target) > 8 && strings.Contains(asciiLower(target[:9]), ":%2f") { // a segment of its own, with more behind it: /CL0/https:%2F%2F…/1/…
				target, _, _ = strings.Cut(target, "/")
				return asLink(percentDecode(target))
			}
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
		if target := wholeLink(segment, maxEncodings); target != "" {
			return target
		}
	}
	if _, query, ok := strings.Cut(p.path, ";"); ok {
		return paramTarget(pairs(strings.ReplaceAll(query, ";", "&")))
	}
	return ""
}
