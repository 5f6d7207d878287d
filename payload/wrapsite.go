package payload

import "strings"

// bing packs the target of /ck/a as "a1" and base64 in the parameter u.
func bing(p parts) string {
	if rest, ok := strings.CutPrefix(pairs(p.query).get("u"), "a1"); ok {
		if target := fromBase64(rest); target != "" {
			return target
		}
	}
	return param("url", "r", "u", "mediaurl")(p)
}

// google has many: /url, /amp/s/…, /imgres, the translator's u, sign-in's continue, maps' and calendar's q.
func google(p parts) string {
	if rest, ok := strings.CutPrefix(p.path, "/amp/s/"); ok {
		return "https://" + withQuery(rest, p)
	}
	if rest, ok := strings.CutPrefix(p.path, "/amp/"); ok {
		return "http://" + withQuery(rest, p)
	}
	if p.path == "/imgres" {
		return param("imgrefurl")(p)
	}
	for _, name := range []string{"q", "url", "u", "continue", "followup", "adurl", "dest"} {
		// A search for "example.com" goes nowhere; a redirect without a scheme does not work.
		if value := pairs(p.query).get(name); hasScheme(value) {
			return value
		}
	}
	return ""
}

func withQuery(path string, p parts) string {
	if p.query != "" {
		path += "?" + p.query
	}
	return percentDecode(path)
}

// googleCache: /search?q=cache:id:https://…
func googleCache(p parts) string {
	rest, ok := strings.CutPrefix(pairs(p.query).get("q"), "cache:")
	if i := strings.Index(rest, "http"); ok && i >= 0 {
		return rest[i:]
	}
	return ""
}

// yahoo: r.search.yahoo.com/…/RU=https%3a%2f%2f…/RK=…
func yahoo(p parts) string {
	_, rest, ok := strings.Cut(p.path, "/RU=")
	if !ok {
		return ""
	}
	rest, _, _ = strings.Cut(rest, "/RK=")
	return percentDecode(rest)
}

// amp: cdn.ampproject.org/c/s/example.com/page; c, v and i are kinds of content, s stands for https.
func amp(p parts) string {
	for _, prefix := range []string{"/c/", "/v/", "/i/"} {
		rest, ok := strings.CutPrefix(p.path, prefix)
		if !ok {
			continue
		}
		if secure, ok := strings.CutPrefix(rest, "s/"); ok {
			return "https://" + withQuery(secure, p)
		}
		return "http://" + withQuery(rest, p)
	}
	return ""
}

// translated undoes the host of Google's translator: dots became "-", dashes "--".
func translated(p parts) string {
	name := strings.TrimSuffix(p.host, ".translate.goog")
	name = strings.ReplaceAll(strings.ReplaceAll(strings.ReplaceAll(name, "--", "\x00"), "-", "."), "\x00", "-")
	return "https://" + name + p.path
}

// doubleClick names the target in a parameter, or has it as the whole query, without a scheme in old links.
func doubleClick(p parts) string {
	if target := param("adurl", "url", "ds_dest_url")(p); target != "" {
		return target
	}
	if strings.HasPrefix(p.query, "//") {
		return "https:" + p.query
	}
	return ""
}
