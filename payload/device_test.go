package payload

import (
	"slices"
	"testing"
)

// Every spelling that the apps and their pages take links a device.
func TestDeviceLinkSpellings(t *testing.T) {
	for _, text := range []string{
		"tg://login?token=a", "tg:login?token=a", "tg:///login?token=abc", "TG://Login?token=a",
		"sgnl://linkdevice?uuid=a&pub_key=b", "sgnl:linkdevice?uuid=a&pub_key=b", "line://au/q/abc", "line:au/q/abc", "tsdevice:/?uuid=a&pub_key=b",
		"intent://login?token=abc#Intent;scheme=tg;package=org.telegram.messenger;end",
		"https://t.me/login/abc", "https://t.me//login/abc", "https://telegram.me/login/abc", "https://telegram.dog/login/abc",
		"https://microsoft.com/devicelogin", "https://microsoft.com/%64evicelogin", "https://microsoft.com//devicelogin", "https://microsoft.com/a/../devicelogin",
		"https://login.microsoftonline.com/common/oauth2/deviceauth", "https://login.microsoftonline.com/organizations/oauth2/deviceauth",
		"https://login.live.com/oauth20_remoteconnect.srf", "https://discordapp.com/ra/abc",
		"https://api.whatsapp.com/settings/linked_devices#2@abc", "https://signal.me/#linkdevice",
	} {
		if p := Parse(text, true); p.Kind != DeviceLink {
			t.Errorf("%s: %s", text, p.Kind)
		}
	}
	for _, text := range []string{
		"https://t.me/loginhelp", "https://microsoft.com/devices", "https://login.microsoftonline.com/oauth2/deviceauth/x", "tg://resolve?domain=shop",
		"line://ti/p/abc", "https://example.com/devicelogin",
	} {
		if p := Parse(text, true); p.Kind == DeviceLink {
			t.Errorf("%s: %s", text, p.Kind)
		}
	}
}

// A link that links a device is seen wherever it stands, and makes what wraps it something that opens.
func TestDeviceLinkInside(t *testing.T) {
	const login = "tg://login?token=abc"
	for _, text := range []string{
		"BEGIN:VCARD\nVERSION:3.0\nFN:Anna\nURL:" + login + "\nEND:VCARD",
		"BEGIN:VCARD\nVERSION:3.0\nFN:Anna\nURL:tg\\://lo\n gin?token=abc\nEND:VCARD",
		"MECARD:N:Anna;URL:tg\\://login?token=abc;;",
		"BEGIN:VEVENT\nDTSTART:20261128T090000Z\nURL:" + login + "\nEND:VEVENT",
		"SMSTO:+41441112233:" + login, "geo:47.3,8.5?q=" + login, "sms:+41441112233?body=tg%3A%2F%2Flogin%3Ftoken%3Dabc",
		transfer + "\n" + login, bill + "\n" + login, "SPD*1.0*ACC:CZ6508000000192000145399*MSG:" + login, "upi://pay?pa=shop@okbank&pn=" + login,
		"otpauth://totp/A:claire?secret=JBSWY3DPEHPK3PXP&issuer=" + login, "bitcoin:1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa?label=" + login,
		"M1DESMARAIS/LUC       EABC123 YULFRAAC 0834 326J001A0025 100" + " " + login,
		"Go to " + login, "https://bank.com\n" + login, "https://www.google.com/url?q=tg%3A//login%3Ftoken%3Dabc", "https://evil.com/?u=" + login,
		"see sgnl://linkdevice?uuid=a&pub_key=b", "see FIDO:/13086400838107303667332719012595115747821895775708323189557153075146383351399743589971313508078026948312026786722471666005727649643501784024544726574771401798171307406596245",
	} {
		p := Parse(text, true)
		signals := BuiltinLists().Signals(p, nil)
		opens := p.Kind == URL || slices.Contains(signals, SignalLinkInText)
		if !slices.Contains(signals, SignalDeviceLinking) || !opens {
			t.Errorf("%q: %s %v", text, p.Kind, signals)
		}
	}
	for _, text := range []string{
		"https://mytg.example/login?x=atg:login", "Please fill the line: au/pair wanted", "BEGIN:VCARD\nVERSION:3.0\nFN:Anna\nURL:https://t.me/anna\nEND:VCARD",
		"Sign in: login with tg", "WIFI:T:WPA;S:Guest;P:tg;;",
	} {
		if signals := BuiltinLists().Signals(Parse(text, true), nil); slices.Contains(signals, SignalDeviceLinking) {
			t.Errorf("%q: %v", text, signals)
		}
	}
}
