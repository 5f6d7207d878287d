package payload

import (
	"encoding/base64"
	"strings"
)

// wrapper takes one kind of link apart: "" means that it is none of its kind, or that its target is not in it.
type wrapper func(parts) string

// wrappers are the link rewriters of mail gateways, the click counters of mail services, and the redirectors of large
// sites that attackers use for their name; by the host, or a domain above it.
var wrappers = map[string]wrapper{
	// Mail gateways.
	"safelinks.protection.outlook.com": param("url"), "safelinks.protection.office365.us": param("url"), "safelinks.protection.partner.outlook.cn": param("url"),
	"urldefense.com": urlDefense, "urldefense.proofpoint.com": urlDefense, "urldefense.us": urlDefense,
	"protect.checkpoint.com": checkPoint, "url.avanan.click": checkPoint, "avanan.url-protection.com": checkPoint,
	"mimecast.com": mimecast, "mimecastprotect.com": mimecast,
	"linkprotect.cudasvc.com": param("a"),
	"secure-web.cisco.com":    lastSegment,
	"clicktime.symantec.com":  param("u"), "clicktime.cloud.postoffice.net": param("u"),
	"trendmicro.com":        param("url"),
	"protection.sophos.com": sophos,
	"protect.fireeye.com":   param("u"), "protect2.fireeye.com": param("u"), "protect.trellix.com": param("u"),
	"urlsand.esvalabs.com": param("u"), "urlsand.com": param("u"),
	"scanmail.trustwave.com": param("u"), "link.edgepilot.com": param("u"), "link.zixcentral.com": param("u"),
	"shared.outlook.inky.com": param("domain"),
	"defend.egress.com":       egress,
	"mcas.ms":                 suffixed(".mcas.ms"), "mcas-gov.ms": suffixed(".mcas-gov.ms"), "mcas-gov.us": suffixed(".mcas-gov.us"),

	// Mail services.
	"awstrack.me":     awsTrack,
	"mandrillapp.com": mandrill,
	"pstmrk.it":       postmark,
	"shareasale.com":  param("urllink"),

	// Large sites.
	"bing.com":    bing,
	"youtube.com": param("q", "url", "next"), "youtu.be": param("q"),
	"linkedin.com": param("url", "session_redirect", "sessionredirect", "redirect"),
	"facebook.com": param("u", "next", "href"), "messenger.com": param("u"), "workplace.com": param("u"), "instagram.com": param("u", "next"),
	"doubleclick.net": doubleClick, "googleadservices.com": param("adurl"), "googlesyndication.com": param("adurl"),
	"googleusercontent.com": googleCache,
	"baidu.com":             param("url", "wd"),
	"yahoo.com":             yahoo, "aol.com": yahoo,
	"duckduckgo.com": param("uddg", "u"),
	"yandex.ru":      param("url", "text"), "yandex.com": param("url"), "yandex.net": param("url"),
	"vk.com":                       param("to"),
	"reddit.com":                   param("url"),
	"slack-redir.net":              param("url"),
	"amp.dev":                      amp,
	"ampproject.org":               amp,
	"translate.goog":               translated,
	"web.archive.org":              pathLink,
	"statics.teams.cdn.office.net": param("url"),
}

// param takes the first of the named parameters that holds a link, also one without a scheme.
func param(names ...string) wrapper {
	return func(p parts) string {
		query := pairs(p.query)
		for _, name := range names {
			if target := asLink(query.get(name)); target != "" {
				return target
			}
		}
		return ""
	}
}

// mimecast keeps the target on its servers and names at most its host: protect-eu.mimecast.com/s/…?domain=example.com.
func mimecast(p parts) string { return param("url", "u", "domain")(p) }

// urlDefense takes Proofpoint's three forms apart.
//
//	v1  /v1/url?u=http://…            percent-encoded
//	v2  /v2/url?u=http-3A__host_path  "-" for "%", "_" for "/"
//	v3  /v3/__http://…__;AAA!!…       "*" stands for the characters in base64 behind the semicolon
func urlDefense(p parts) string {
	switch {
	case strings.HasPrefix(p.path, "/v2/"):
		return percentDecode(strings.NewReplacer("-", "%", "_", "/").Replace(pairs(p.query).get("u")))
	case strings.HasPrefix(p.path, "/v3/"):
		return urlDefenseV3(p)
	}
	return pairs(p.query).get("u")
}

func urlDefenseV3(p parts) string {
	_, rest, ok := strings.Cut(p.all(), "/v3/__")
	rest = strings.NewReplacer("__%3B", "__;", "__%3b", "__;").Replace(rest)
	end := strings.LastIndex(rest, "__;")
	if !ok || end < 0 {
		return ""
	}
	packed, _, _ := strings.Cut(rest[end+3:], "!")
	replaced, _ := base64.RawURLEncoding.DecodeString(strings.TrimRight(packed, "="))
	return fillStars(percentDecode(rest[:end]), []rune(string(replaced)))
}

// fillStars puts the characters that v3 packed away back: "*" is one, "**A" a run of 2, "**B" of 3 and so on.
func fillStars(text string, replaced []rune) string {
	const runs = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	var b strings.Builder
	take := func(n int) {
		n = min(n, len(replaced))
		b.WriteString(string(replaced[:n]))
		replaced = replaced[n:]
	}
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] != '*':
			b.WriteByte(text[i])
		case i+2 < len(text) && text[i+1] == '*' && strings.IndexByte(runs, text[i+2]) >= 0:
			take(strings.IndexByte(runs, text[i+2]) + 2)
			i += 2
		default:
			take(1)
		}
	}
	return b.String()
}

// checkPoint: /v2/___https://…___.base64, with a region before it since 2024 (/v2/r01/___…), and /v1/url?o=….
func checkPoint(p parts) string {
	if _, rest, ok := strings.Cut(p.all(), "/___"); ok {
		if end := strings.LastIndex(rest, "___"); end >= 0 {
			rest = rest[:end]
		}
		return percentDecode(rest)
	}
	return param("o", "url", "u")(p)
}

// sophos names the domain in d, and the link in base64 in u, which its newer form replaces by a number.
func sophos(p parts) string {
	query := pairs(p.query)
	if target := fromBase64(query.get("u")); hasScheme(target) {
		return target
	}
	return query.get("d")
}

// lastSegment finds a link that stands percent-encoded as the last segment of the path.
func lastSegment(p parts) string { return percentDecode(p.path[strings.LastIndexByte(p.path, '/')+1:]) }

// egress has the link in Base64Url, deflated, and its host in Domain.
func egress(p parts) string {
	query := pairs(p.query)
	if target := wholeLink(query.get("base64url"), maxEncodings); target != "" {
		return target
	}
	return param("@originallink", "domain")(p)
}

// suffixed undoes a suffix that a proxy puts behind every host: evil.example.mcas.ms (Defender for Cloud Apps).
func suffixed(suffix string) wrapper {
	return func(p parts) string {
		host, is := strings.CutSuffix(p.host, suffix)
		if !is || !isDomain(host) {
			return ""
		}
		return "https://" + host + p.all()
	}
}

// postmark: /3s/example.com%2Fpath/…
func postmark(p parts) string {
	_, rest, ok := strings.Cut(p.path, "/3s/")
	if !ok {
		return ""
	}
	rest, _, _ = strings.Cut(rest, "/")
	return percentDecode(rest)
}

// awsTrack: /L0/https:%2F%2Fexample.com%2Fpath/1/…
func awsTrack(p parts) string {
	_, rest, ok := strings.Cut(p.path, "/L0/")
	if !ok {
		return ""
	}
	rest, _, _ = strings.Cut(rest, "/")
	return percentDecode(rest)
}

// mandrill packs JSON into base64 into JSON into base64; the link is the inner value "url".
func mandrill(p parts) string {
	outer := fromBase64(pairs(p.query).get("p"))
	_, rest, ok := strings.Cut(outer, `\"url\":\"`)
	if !ok {
		return ""
	}
	rest, _, _ = strings.Cut(rest, `\"`)
	return strings.ReplaceAll(rest, `\`, "")
}
