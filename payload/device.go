package payload

import "strings"

// device reads a link that makes somebody's device part of the recipient's account. needs is what a working one holds.
func device(needs string) func(string) Payload {
	return func(text string) Payload {
		return Payload{Kind: DeviceLink, Valid: strings.Contains(text, needs)}
	}
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
	{"wa.me", "/settings/linked_devices"},
	{"line.me", "/R/au/lgn/"}, {"line.me", "/R/au/q/"},
	{"t.me", "/login/"},
	{"discord.com", "/ra/"},
	{"s.team", "/q/"},
	{"login.weixin.qq.com", "/l/"}, {"login.wx.qq.com", "/l/"},
	{"signal.me", "/#linkdevice"},
	{"microsoft.com", "/devicelogin"}, {"www.microsoft.com", "/devicelogin"}, {"login.microsoft.com", "/device"}, {"aka.ms", "/devicelogin"},
	{"login.microsoftonline.com", "/common/oauth2/deviceauth"},
	{"github.com", "/login/device"},
	{"google.com", "/device"}, {"www.google.com", "/device"}, {"accounts.google.com", "/o/oauth2/device/"},
}

// kindOfPage knows pages that are more than a page: those that link a device, and tax authorities' own.
func kindOfPage(p Payload) (Kind, bool) {
	for _, page := range devicePages {
		if p.Host != page.host {
			continue
		}
		s := split(p.URL)
		if path := s.path + "#" + s.fragment; len(path) >= len(page.path) && strings.EqualFold(path[:len(page.path)], page.path) {
			return DeviceLink, true
		}
	}
	return Invoice, isTaxPage(p)
}
