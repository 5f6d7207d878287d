package payload

import (
	"path"
	"regexp"
	"slices"
	"strings"
)

// deviceURIs are links into apps that make somebody's device part of the recipient's account: how they begin behind the
// scheme and any number of slashes, and what a working one holds.
var deviceURIs = map[string]struct{ begin, needs string }{
	"tg": {"login", "token="}, "sgnl": {"linkdevice", "pub_key="}, "tsdevice": {"", "pub_key="}, "line": {"au/", "au/"}, "viber": {"activate", "?"},
}

// deviceURI reads one of them.
func deviceURI(scheme, rest string) (Payload, bool) {
	form, known := deviceURIs[scheme]
	begin := asciiLower(strings.TrimLeft(rest, `/\`))
	if !known || !strings.HasPrefix(begin, form.begin) {
		return Payload{}, false
	}
	return Payload{Kind: DeviceLink, Valid: strings.Contains(rest, form.needs)}, true
}

// deviceInside finds a link that links a device within a longer text: the schemes of deviceURIs, passkeys and
// WalletConnect. A letter before it would make another scheme of it.
var deviceInside = regexp.MustCompile(`(?i)(?:^|[^a-z0-9+.-])(?:tg:[/\\]*login|sgnl:[/\\]*linkdevice|tsdevice:[/\\]*\?|line:[/\\]*au/|viber:[/\\]*activate|fido:[/\\]*[0-9]{12}|wc:[0-9a-f]{16,}@)`)

// holdsDevice tells whether a text links a device anywhere: as it stands, as it decodes, and as its format writes texts.
func holdsDevice(kind Kind, text string) bool {
	if strings.IndexByte(unescaped(text), ':') < 0 {
		return false
	}
	return slices.ContainsFunc(append(insides(kind, text), unescaped(text)), deviceInside.MatchString)
}

// fido reads the code by which a phone signs a computer in with a passkey (CTAP 2.2, section 11.5): digits.
func fido(text string) Payload {
	return Payload{Kind: DeviceLink, Valid: digits(text[len("fido:/"):])}
}

// whatsApp reads the bare code of WhatsApp Web: "2@", then a reference and keys in base64, by commas.
func whatsApp(text string) (Payload, bool) {
	if len(text) < 3 || text[0] < '1' || text[0] > '9' || text[1] != '@' {
		return Payload{}, false
	}
	fields := strings.Split(text[2:], ",")
	if len(fields) < 3 {
		return Payload{}, false
	}
	for _, field := range fields[1:] {
		if strings.Trim(field, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=_-") != "" {
			return Payload{}, false
		}
	}
	return Payload{Kind: DeviceLink, Valid: len(fields[1]) >= 40}, true
}

// devicePages are web links that let another device in: the apps' own, and the pages on which one types the code that
// an attacker's device shows. Host, and how the path (with the fragment) starts.
var devicePages = []struct{ host, path string }{
	{"wa.me", "/settings/linked_devices"}, {"api.whatsapp.com", "/settings/linked_devices"},
	{"line.me", "/R/au/lgn/"}, {"line.me", "/R/au/q/"},
	{"t.me", "/login/"}, {"telegram.me", "/login/"}, {"telegram.dog", "/login/"},
	{"discord.com", "/ra/"}, {"discordapp.com", "/ra/"},
	{"s.team", "/q/"},
	{"login.weixin.qq.com", "/l/"}, {"login.wx.qq.com", "/l/"},
	{"signal.me", "/#linkdevice"},
	{"microsoft.com", "/devicelogin"}, {"www.microsoft.com", "/devicelogin"}, {"login.microsoft.com", "/device"}, {"aka.ms", "/devicelogin"},
	{"login.live.com", "/oauth20_remoteconnect.srf"},
	{"login.microsoftonline.com", "/*/oauth2/deviceauth"}, {"login.microsoftonline.com", "/*/oauth2/v2.0/deviceauth"},
	{"github.com", "/login/device"},
	{"google.com", "/device"}, {"www.google.com", "/device"}, {"accounts.google.com", "/o/oauth2/device/"},
}

// kindOfPage knows pages that are more than a page: those that link a device, and tax authorities' own.
func kindOfPage(p Payload) (Kind, bool) {
	var served string
	for _, page := range devicePages {
		if p.Host != page.host && p.Host != "www."+page.host {
			continue
		}
		if served == "" {
			served = servedPath(p.URL)
		}
		if beginsAs(served, page.path) {
			return DeviceLink, true
		}
	}
	return Invoice, isTaxPage(p)
}

// servedPath is the path of a link as servers take it, lower case: decoded, a row of slashes as one, and steps up and
// down done; and the fragment.
func servedPath(link string) string {
	s := split(link)
	decoded := strings.ReplaceAll(percentDecode(s.path), `\`, "/")
	served := path.Clean("/" + decoded)
	if strings.HasSuffix(decoded, "/") && served != "/" {
		served += "/"
	}
	return asciiLower(served + "#" + percentDecode(s.fragment))
}

// beginsAs tells whether a path begins as the pattern does, in which "*" is one segment: that of a tenant.
func beginsAs(path, pattern string) bool {
	pattern = asciiLower(pattern)
	if rest, any := strings.CutPrefix(pattern, "/*"); any {
		tenant := strings.IndexByte(path[min(1, len(path)):], '/')
		return tenant > 0 && strings.HasPrefix(path[1+tenant:], rest)
	}
	return strings.HasPrefix(path, pattern)
}
