package payload

import "strings"

// netSchemes are schemes beside those of the web whose links name a host that the phone, or an app on it, connects to
// (RFC 3986, section 3.2). A link with one is a link into an app, with a host like a page's.
var netSchemes = map[string]bool{
	"ftp": true, "ftps": true, "sftp": true, "webcal": true, "webcals": true, "feed": true, "smb": true, "cifs": true, "nfs": true, "afp": true,
	"dav": true, "davs": true, "ssh": true, "telnet": true, "vnc": true, "rdp": true, "ldap": true, "ldaps": true, "rtsp": true, "ws": true, "wss": true,
}

// cutNetScheme cuts the scheme off such a link.
func cutNetScheme(link string) (rest string, ok bool) {
	scheme, rest, ok := cutAnyScheme(link)
	if !ok || !netSchemes[scheme] || !strings.HasPrefix(rest, "//") {
		return "", false
	}
	return strings.TrimLeft(rest, "/"), true
}

// netPage reads such a link.
func netPage(scheme, rest string) (Payload, bool) {
	if end := strings.IndexFunc(rest, func(r rune) bool { return r <= ' ' }); end >= 0 {
		rest = rest[:end]
	}
	link := scheme + ":" + rest
	host := netHost(link)
	if host == "" {
		return Payload{}, false
	}
	return Payload{Kind: AppLink, Valid: true, URL: link, Host: host, Domain: registrable(host), Target: unwrapped(link)}, true
}

// netHost is the host of such a link: one that somebody may own, or an address; else "".
func netHost(link string) string {
	rest, ok := cutNetScheme(link)
	if host := hostOf(rest); ok && (isDomain(host) || isIP(host)) {
		return host
	}
	return ""
}

// appTarget is a text that is a link with another scheme than the web's and asks for something: to link a device, to
// connect to a host, or to open an app by an intent; else "".
func appTarget(text string) string {
	scheme, rest, ok := cutAnyScheme(text)
	if !ok || scheme == "url" || scheme == "urlto" {
		return ""
	}
	_, device := deviceURI(scheme, rest)
	if device || netHost(text) != "" || scheme == "intent" && strings.Contains(rest, "#Intent;") || scheme == "itms-services" {
		return text
	}
	return ""
}

// linkHost is the host that a link names, in the form of Payload.Host; "" for a link into an app.
func linkHost(link string) string {
	if _, _, app := cutAnyScheme(link); app {
		if _, net := cutNetScheme(link); !net {
			return ""
		}
	}
	return hostOf(afterScheme(link))
}
