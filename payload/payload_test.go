package payload

import (
	"slices"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	tests := []struct {
		text, host string
		kind       Kind
	}{
		{"https://ipfs.io/ipfs/Qmbr8wmr41C35c3K2GfiP2F8YGzLhYpKpb4K66KU6mLmL4#", "ipfs.io", URL},
		{"HTTPS://EXAMPLE.COM/a", "example.com", URL},
		{"ht\ntps://example.com", "example.com", URL},
		{"https:/\\example.com", "example.com", URL},
		{" \x00https://example.com", "example.com", URL},
		{"ｈｔｔｐｓ://ｅｘａｍｐｌｅ。com/", "example.com", URL},
		{"https://microsoft.com@evil.example/", "evil.example", URL},
		{"https://user:pass@evil.example:8443/", "evil.example", URL},
		{"https://evil.example\\@good.example/", "evil.example", URL},
		{"https://%65vil.example/", "evil.example", URL},
		{"https://bücher.example/", "xn--bcher-kva.example", URL},
		{"http://[2001:db8::1]/", "2001:db8::1", URL},
		{"www.example.com", "www.example.com", URL},
		{"example.com/login", "example.com", URL},
		{"URLTO:https://example.com", "example.com", URL},
		{"URL:example.com", "example.com", URL},
		{"somebody@example.com", "", Text},
		{"Table 7. Enjoy.", "", Text},
		{"readme.txt", "", Text},
		{"https://", "", Text},
		{"SPC\r\n0200\r\n1", "", Payment},
		{"BCD\n002\n1\nSCT", "", Payment},
		{"00020101021129", "", Payment},
		{"WIFI:S:guest;T:WPA;P:secret;;", "", WiFi},
		{"otpauth://totp/x?secret=y", "", OTPAuth},
		{"BEGIN:VCARD\nVERSION:3.0", "", Contact},
		{"tel:+41", "", Phone},
		{"smsto:+41:hi", "", SMS},
		{"mailto:a@example.com", "", Mail},
		{"tg://login?token=x", "", DeviceLink},
		{"", "", Text},
	}
	for _, test := range tests {
		got := Parse(test.text, true)
		if got.Kind != test.kind || got.Host != test.host {
			t.Errorf("%q: %s %q, want %s %q", test.text, got.Kind, got.Host, test.kind, test.host)
		}
	}
	if got := Parse("\xff\x00", false); got.Kind != Binary {
		t.Errorf("bytes: %s", got.Kind)
	}
}

func TestSignals(t *testing.T) {
	const rcpt = "Claire@letsdefend.io"
	tests := []struct {
		link string
		want []string
	}{
		{"https://ipfs.io/ipfs/Qmbr8wmr41C35c3K2GfiP2F8YGzLhYpKpb4K66KU6mLmL4#", []string{SignalIPFS}},
		{"https://x.example/ipfs/Qmbr8wmr41C35c3K2GfiP2F8YGzLhYpKpb4K66KU6mLmL4", []string{SignalIPFS}},
		{"https://bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi.ipfs.dweb.link/", []string{SignalIPFS}},
		{"https://example.com/ipfs/about", nil},
		{"https://example.com/?u=claire@letsdefend.io", []string{SignalRecipient}},
		{"https://example.com/?u=claire%40letsdefend.io", []string{SignalRecipient}},
		{"https://example.com/?u=claire%2540letsdefend.io", []string{SignalRecipient}},
		{"https://example.com/#Q2xhaXJlQGxldHNkZWZlbmQuaW8=", []string{SignalRecipient}},
		{"https://example.com/#xQ2xhaXJlQGxldHNkZWZlbmQuaW8", []string{SignalRecipient}},
		{"https://example.com/636c61697265406c65747364656665666e642e696f", nil}, // another address
		{"https://example.com/636c61697265406c65747364656665" + "6e642e696f", []string{SignalRecipient}},
		{"https://letsdefend.io/claire", nil},
	}
	for _, test := range tests {
		if got := Parse(test.link, true).Signals([]string{rcpt}); !slices.Equal(got, test.want) {
			t.Errorf("%s: %v, want %v", test.link, got, test.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("https://a@b.example/%41?x=aGVsbG8#")
	f.Fuzz(func(t *testing.T, text string) {
		p := Parse(text, true)
		p.Signals([]string{"claire@letsdefend.io"})
		if (p.Kind == URL) != (p.Host != "") {
			t.Fatalf("%q: %+v", text, p)
		}
		if strings.ContainsAny(p.Host, "\r\n\x00 ") {
			t.Fatalf("host %q", p.Host)
		}
	})
}
