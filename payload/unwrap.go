package payload

import (
	"encoding/base64"
	"net/url"
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
			return target
		}
		target, link = next, next
	}
	return target
}

// wrapper takes one kind of link apart: "" means that it is none of its kind, or that its target is not in it.
type wrapper struct {
	hosts  []string // the host, or a domain above it
	target func(*url.URL) string
}

// wrappers are link rewriters of mail gateways, and redirectors of large sites that attackers use for their name.
var wrappers = []wrapper{
	{[]string{"safelinks.protection.outlook.com", "safelinks.protection.office365.us"}, query("url")},
	{[]string{"urldefense.com", "urldefense.proofpoint.com", "urldefense.us"}, urlDefense},
	{[]string{"protect.checkpoint.com"}, checkPoint},
	{[]string{"mimecast.com", "mimecastprotect.com"}, query("url", "u", "domain")},
	{[]string{"linkprotect.cudasvc.com"}, query("a")},
	{[]string{"secure-web.cisco.com"}, pathURL},
	{[]string{"clicktime.symantec.com", "clicktime.cloud.postoffice.net"}, query("u")},
	{[]string{"url.emailprotection.link", "trendmicro.com"}, query("url", "u")},
	{[]string{"bing.com"}, bing},
	{[]string{"youtube.com"}, query("q", "url", "next")},
	{[]string{"linkedin.com"}, query("url", "session_redirect", "redirect")},
	{[]string{"facebook.com", "instagram.com"}, query("u", "next")},
	{[]string{"doubleclick.net"}, query("adurl", "url", "ds_dest_url")},
	{[]string{"baidu.com"}, query("url", "wd")},
	{[]string{"yahoo.com"}, yahoo},
	{[]string{"amp.dev", "cdn.ampproject.org"}, amp},
	{[]string{"translate.goog"}, translated},
}

// unwrapOnce removes one layer.
func unwrapOnce(link string) string {
	u, err := url.Parse(link)
	if err != nil {
		return ""
	}
	host := strings.ToLower(u.Hostname())
	for _, w := range wrappers {
		for _, h := range w.hosts {
			if host != h && !strings.HasSuffix(host, "."+h) {
				continue
			}
			if target := asLink(w.target(u)); target != "" {
				return target
			}
		}
	}
	if strings.Contains(host, "google.") {
		if target := asLink(google(u)); target != "" {
			return target
		}
	}
	return anyParameter(u)
}

// asLink says whether a text is a web link, in the form that the next round takes.
func asLink(text string) string {
	link, _, ok := webLink(trim(text))
	if !ok || !strings.Contains(text, ".") {
		return ""
	}
	return link
}

// query takes the first of the named parameters that holds a link.
func query(names ...string) func(*url.URL) string {
	return func(u *url.URL) string {
		values := u.Query()
		for _, name := range names {
			if target := asLink(values.Get(name)); target != "" {
				return target
			}
		}
		return ""
	}
}

// urlDefense takes Proofpoint's three forms apart.
//
//	v1  /v1/url?u=http://…            percent-encoded
//	v2  /v2/url?u=http-3A__host_path  "-" for "%", "_" for "/"
//	v3  /v3/__http://…__;AAA!!…       "*" stands for the characters in base64 behind the semicolon
func urlDefense(u *url.URL) string {
	switch {
	case strings.HasPrefix(u.Path, "/v2/"):
		return percentDecode(strings.NewReplacer("-", "%", "_", "/").Replace(u.Query().Get("u")))
	case strings.HasPrefix(u.Path, "/v3/"):
		return urlDefenseV3(u)
	}
	return u.Query().Get("u")
}

func urlDefenseV3(u *url.URL) string {
	full := u.EscapedPath()
	if u.RawQuery != "" {
		full += "?" + u.RawQuery
	}
	if u.Fragment != "" {
		full += "#" + u.EscapedFragment()
	}
	_, rest, ok := strings.Cut(full, "/v3/__")
	end := strings.LastIndex(rest, "__;")
	if !ok || end < 0 {
		return ""
	}
	packed, _, _ := strings.Cut(rest[end+3:], "!")
	replaced, _ := base64.RawURLEncoding.DecodeString(strings.TrimRight(packed, "="))
	return fillStars(percentDecode(rest[:end]), replaced)
}

// fillStars puts the characters that v3 packed away back: "*" is one, "**A" a run of 2, "**B" of 3 and so on.
func fillStars(text string, replaced []byte) string {
	const runs = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	var b strings.Builder
	take := func(n int) {
		n = min(n, len(replaced))
		b.Write(replaced[:n])
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

// checkPoint: /v2/___https://…___.base64, and /v1/url?url=….
func checkPoint(u *url.URL) string {
	full := u.EscapedPath()
	if u.RawQuery != "" {
		full += "?" + u.RawQuery
	}
	if _, rest, ok := strings.Cut(full, "___"); ok {
		target, _, _ := strings.Cut(rest, "___")
		return percentDecode(target)
	}
	return u.Query().Get("url")
}

// pathURL finds a link that stands percent-encoded at the end of the path.
func pathURL(u *url.URL) string {
	path := u.EscapedPath()
	for _, scheme := range []string{"https%3A", "http%3A", "https:/", "http:/"} {
		if i := strings.Index(path, scheme); i >= 0 {
			return percentDecode(path[i:])
		}
	}
	return ""
}

// bing packs the target of /ck/a as "a1" and base64 in the parameter u.
func bing(u *url.URL) string {
	packed := u.Query().Get("u")
	if rest, ok := strings.CutPrefix(packed, "a1"); ok {
		return fromBase64(rest)
	}
	return query("url", "r", "u")(u)
}

func google(u *url.URL) string {
	if rest, ok := strings.CutPrefix(u.Path, "/amp/s/"); ok {
		return "https://" + rest
	}
	if rest, ok := strings.CutPrefix(u.Path, "/amp/"); ok {
		return "http://" + rest
	}
	return query("q", "url", "u", "continue", "adurl", "dest")(u)
}

// yahoo: r.search.yahoo.com/…/RU=https%3a%2f%2f…/RK=…
func yahoo(u *url.URL) string {
	_, rest, ok := strings.Cut(u.EscapedPath(), "/RU=")
	if !ok {
		return ""
	}
	rest, _, _ = strings.Cut(rest, "/RK=")
	return percentDecode(rest)
}

func amp(u *url.URL) string {
	for _, prefix := range []string{"/c/s/", "/v/s/", "/i/s/"} {
		if rest, ok := strings.CutPrefix(u.Path, prefix); ok {
			return "https://" + rest
		}
	}
	return ""
}

// translated undoes the host of Google's translator: dots became "-", dashes "--".
func translated(u *url.URL) string {
	name := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".translate.goog")
	name = strings.ReplaceAll(strings.ReplaceAll(strings.ReplaceAll(name, "--", "\x00"), "-", "."), "\x00", "-")
	return "https://" + name + u.EscapedPath()
}

// redirectNames are parameters by which redirectors of all kinds name their target.
var redirectNames = []string{
	"url", "u", "q", "to", "target", "dest", "destination", "redirect", "redirect_url", "redirect_uri", "redirecturl", "r", "ru", "rurl",
	"return", "returnurl", "return_url", "next", "continue", "goto", "go", "link", "out", "uri", "location", "href", "l", "adurl", "murl", "forward", "page",
}

// anyParameter takes a whole link out of a parameter that names a target, plain or in base64.
func anyParameter(u *url.URL) string {
	values := u.Query()
	byName := map[string]string{}
	for name, value := range values {
		if len(value) > 0 {
			byName[strings.ToLower(name)] = value[0]
		}
	}
	for _, name := range redirectNames {
		value := byName[name]
		if hasScheme(value) {
			return asLink(value)
		}
		if decoded := fromBase64(value); hasScheme(decoded) {
			return asLink(decoded)
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
	text = strings.TrimRight(strings.NewReplacer("-", "+", "_", "/", " ", "+").Replace(text), "=")
	if len(text) < 10 {
		return ""
	}
	decoded, err := base64.RawStdEncoding.DecodeString(text)
	if err != nil {
		return ""
	}
	return string(decoded)
}
