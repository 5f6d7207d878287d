package payload

import (
	"strings"
	"testing"
)

// A secret inside something else is hidden, the rest stays to be read.
func TestHidden(t *testing.T) {
	const key = "JBSWY3DPEHPK3PXP"
	for text, want := range map[string]string{
		"https://esimsetup.apple.com/esim_qrcode_provisioning?carddata=LPA:1$smdp.example.com$SECRETESIM43":         "https://esimsetup.apple.com/esim_qrcode_provisioning?carddata=(hidden)",
		"https://esimsetup.android.com/esim_qrcode_provisioning?carddata=LPA%3A1%24smdp.example.com%24SECRET43&x=1": "https://esimsetup.android.com/esim_qrcode_provisioning?carddata=(hidden)&x=1",
		"https://hotel.com/wifi\nWIFI:T:WPA;S:Guest;P:SECRET43;;":                                                   "https://hotel.com/wifi\n(hidden);;",
		"https://hotel.com/wifiWIFI:T:WPA;S:Guest;P:SECRET43;;":                                                     "https://hotel.com/wifi(hidden);;",
		"Free network: WIFI:S:Guest;T:WPA;P:SECRET43;; enjoy":                                                       "Free network: (hidden);; enjoy",
		"BEGIN:VCARD\nFN:A\nNOTE:WIFI\\:T\\:WPA\\;S\\:Guest\\;P\\:SECRET43\\;\\;\nEND:VCARD":                        "BEGIN:VCARD\nFN:A\nNOTE:(hidden)\\;\\;\nEND:VCARD",
		"BEGIN:VCARD\nFN:A\nNOTE:otpauth://totp/A?secret=" + key + "\nEND:VCARD":                                    "BEGIN:VCARD\nFN:A\nNOTE:(hidden)\nEND:VCARD",
		"https://evil-host.com/\notpauth://totp/A:b?secret=" + key + "&issuer=A":                                    "https://evil-host.com/\n(hidden)",
		"https://www.google.com/url?q=otpauth%3A%2F%2Ftotp%2FA%3Fsecret%3D" + key + "&sa=t":                         "https://www.google.com/url?q=(hidden)&sa=t",
		"https://www.google.com/url?q=otpauth%253A%252F%252Ftotp%252FA%253Fsecret%253D" + key:                       "https://www.google.com/url?q=(hidden)",
		"key motp://A:b?secret=" + key:                                                                              "key (hidden)",
		"https://pay.com/\n" + transfer:                                                                             "https://pay.com/\n(hidden)",
		"https://pay.com/" + strings.ReplaceAll(transfer, "\n", ""):                                                 "https://pay.com/(hidden)",
		"https://pay.com/\n" + bill:                                                                                 "https://pay.com/\n(hidden)",
		"https://pay.com/?iban=DE89370400440532013000&x=1":                                                          "https://pay.com/?iban=(hidden)&x=1",
		"To DE89 3704 0044 0532 0130 00 please, or CH93%200076%202011%206238%205295%207":                            "To (hidden) please, or (hidden)",
		"see SPD*1.0*ACC:CZ6508000000192000145399*AM:450.00":                                                        "see (hidden)",
		"https://pay.com/?u=payto%3A%2F%2Fiban%2FDE89370400440532013000%3Famount%3D1":                               "https://pay.com/?u=(hidden)",
		"https://pix.com/00020126580014br.gov.bcb.pix0136123e4567-e12b-12d1-a456-426655440000":                      "https://pix.com/(hidden)",
	} {
		if got := Hidden(text); got != want {
			t.Errorf("%q:\n\t%q", text, got)
		}
	}
	for _, text := range []string{
		"", "DE", "https://hotel.com/free-wifi:ask", "https://shop.example/?order=DE89370400440532013001", "https://shop.example/00020100?x=a", "wifi: see the card",
		"https://evil.example/?u=claire@example.org&t=" + b64(claire), "https://bank.example/single", "the upnq and bcd 7",
	} {
		if got := Hidden(text); got != text {
			t.Errorf("%q became %q", text, got)
		}
	}
}

// A key is one whatever its scheme.
func TestKeysOfOtherSchemes(t *testing.T) {
	for _, text := range []string{
		"motp://A:b?secret=0123456789abcdef", "intent://totp/A:b?secret=JBSWY3DPEHPK3PXP#Intent;scheme=otpauth;end",
	} {
		if p := Parse(text, true); p.Kind != OTPAuth || !p.Secret() {
			t.Errorf("%s: %s", text, p.Kind)
		}
	}
}
