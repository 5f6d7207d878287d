package payload

import (
	"cmp"
	"slices"
	"strings"
)

// browsers are schemes that open a web page in a certain browser: a link like any other, in a spelling that filters
// do not look for. What stands behind the scheme is the link without its own.
var browsers = map[string]string{
	"googlechrome": "http://", "googlechromes": "https://",
	"microsoft-edge-http": "http://", "microsoft-edge-https": "https://",
	"x-safari-http": "http://", "x-safari-https": "https://",
	"opera-http": "http://", "opera-https": "https://", "touch-http": "http://", "touch-https": "https://",
}

// openers are schemes that name the page in a parameter, or as a whole link behind the colon.
var openers = map[string]bool{
	"googlechrome": true, "firefox": true, "firefox-focus": true, "brave": true, "microsoft-edge": true, "samsunginternet": true,
	"ddgquicklink": true, "view-source": true, "x-web-search": true,
}

// browser reads a payload that opens a page in a certain browser.
func browser(scheme, rest string) (Payload, bool) {
	if openers[scheme] {
		if link := linkInside(percentDecode(rest)); link != "" {
			return open(link)
		}
	}
	if start := browsers[scheme]; start != "" {
		return open(start + strings.TrimLeft(rest, "/"))
	}
	return Payload{}, false
}

// open is the page of a link, where it is one.
func open(text string) (Payload, bool) {
	link, host, ok := webLink(text)
	if !ok {
		return Payload{}, false
	}
	return page(link, host), true
}

// intent reads Android's link into an app: intent://host/path#Intent;scheme=https;package=…;end. It asks for what its
// scheme does, and leads to the page for phones that lack the app too: anybody can name an app that no phone has.
func intent(text string) Payload {
	i := strings.LastIndex(text, "#Intent;")
	if i < 0 {
		return Payload{Kind: AppLink}
	}
	scheme, fallbacks := intentSettings(text[i+len("#Intent;"):])
	p := Payload{Kind: AppLink, Valid: strings.HasSuffix(text, "end") || strings.HasSuffix(text, "end;")}
	target := scheme + ":" + text[len("intent:"):i]
	if page, ok := open(target); ok && (scheme == "http" || scheme == "https") {
		p = page
	} else if meant, ok := byPrefix(target); ok && scheme != "intent" {
		p = meant
	}
	for _, fallback := range fallbacks {
		p = p.orElse(fallback)
	}
	return p
}

// intentSettings are an intent's scheme, of which the last counts, and its pages for phones that lack the app.
func intentSettings(settings string) (scheme string, fallbacks []string) {
	for setting := range strings.SplitSeq(settings, ";") {
		name, value, _ := strings.Cut(setting, "=")
		switch strings.ToLower(name) {
		case "scheme":
			scheme = strings.ToLower(percentDecode(value))
		case "s.browser_fallback_url":
			fallbacks = append(fallbacks, percentDecode(value))
		}
	}
	return scheme, fallbacks
}

// orElse is a payload that leads to a page too: it is the page's where it leads nowhere else.
func (p Payload) orElse(fallback string) Payload {
	other, ok := open(fallback)
	switch {
	case !ok || other.URL == p.URL:
	case p.URL == "" && p.Kind == AppLink && !p.secret:
		return other
	case p.URL != "" && p.Target == "":
		p.Target = cmp.Or(other.Target, other.URL)
		p.addLink(other.URL)
	default:
		p.addLink(other.URL)
		p.addLink(other.Target)
	}
	return p
}

// addLink notes a link beside the payload's own.
func (p *Payload) addLink(link string) {
	switch {
	case link == "" || link == p.URL || link == p.Target || slices.Contains(p.Links, link):
	case len(p.Links) == maxFurther:
		p.Unjudged++
	default:
		p.Links = append(p.Links, link)
	}
}

// install reads Apple's link that installs an app from outside the store; the list of what to install is on the web.
func install(text string) Payload {
	_, query, _ := strings.Cut(text, "?")
	link := asLink(pairs(query).get("url"))
	return Payload{Kind: AppLink, Valid: link != "", how: SignalAppDownload}
}

// bookmark reads NTT DoCoMo's bookmark, which ZXing's readers open: MEBKM:TITLE:…;URL:…;;.
func bookmark(text string) Payload {
	if p, ok := open(fieldsOf(text[len("mebkm:"):])["URL"]); ok {
		return p
	}
	return Payload{Kind: Text, Valid: true}
}

// app reads a link into an app: a scheme with two slashes, or one that is known without. Of any other colon nobody
// knows that it ends a scheme.
func app(scheme, rest string) (Payload, bool) {
	switch scheme {
	case "url", "urlto":
		return Payload{}, false
	case "weixin", "wxp", "alipays", "alipayqr", "paytmmp", "phonepe", "gpay", "tez", "swish", "twint", "vipps", "mobilepay":
		return Payload{Kind: Payment, Valid: strings.HasPrefix(rest, "//") && len(rest) > 2}, true
	case "market", "itms-apps", "itms-appss", "itms", "itmss", "itms-beta", "appmarket", "samsungapps", "ms-windows-store":
		return Payload{Kind: AppLink, Valid: strings.Trim(rest, "/") != ""}, true
	case "javascript", "data", "blob", "file", "about":
		return Payload{Kind: AppLink}, true // no camera opens these; a link inside counts
	}
	if p, ok := netPage(scheme, rest); ok {
		return p, true
	}
	if strings.HasPrefix(rest, "//") && len(rest) > 2 {
		return Payload{Kind: AppLink, Valid: true}, true
	}
	return Payload{}, false
}

// isAppDownload knows a link that ends in a package for phones.
func isAppDownload(link string) bool {
	path := strings.ToLower(percentDecode(split(link).path))
	for _, end := range []string{".apk", ".apks", ".xapk", ".aab", ".ipa", ".mobileconfig"} {
		if strings.HasSuffix(path, end) {
			return true
		}
	}
	return false
}
