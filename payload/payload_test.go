package payload

import (
	"os"
	"path/filepath"
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
	lists := BuiltinLists()
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
		{"https://evil.workers.dev/", []string{SignalHosting}},
		{"https://workers.dev.example/", nil},
		{"https://qrco.de/abc", []string{SignalQRService}},
		{"https://a.b.ngrok-free.app", []string{SignalTunnel}},
		{"https://microsoft.com@evil.example/", []string{SignalUserInfo}},
		{"http://0xcb.0.0x7107/", []string{SignalIPHost}},
		{"http://3405803783/", []string{SignalIPHost}},
		{"http://[2001:db8::1]/", []string{SignalIPHost}},
		{"https://bücher.example/", []string{SignalPunycode}},
		{"https://www.google.com/url?q=https://ipfs.io/ipfs/x", []string{SignalIPFS, SignalRedirect}},
	}
	for _, test := range tests {
		if got := lists.Signals(Parse(test.link, true), []string{rcpt}); !slices.Equal(got, test.want) {
			t.Errorf("%s: %v, want %v", test.link, got, test.want)
		}
	}
}

func TestLists(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("shortener.txt", "# ours\nshort.example\n-bit.ly\n")
	write("seen-in-attacks.txt", "evil.example # since May\n")
	l, err := LoadLists(dir)
	if err != nil {
		t.Fatal(err)
	}
	for host, want := range map[string]string{"short.example": "shortener", "bit.ly": "", "tinyurl.com": "shortener", "x.evil.example": "seen-in-attacks"} {
		if got := strings.Join(l.signals(host), " "); got != want {
			t.Errorf("%s: %q, want %q", host, got, want)
		}
	}
	write("bad.txt", "fine.example\nhttps://not.example/\n")
	if _, err := LoadLists(dir); err == nil || !strings.Contains(err.Error(), "bad.txt: line 2") {
		t.Errorf("%v", err)
	}
	if _, err := LoadLists(filepath.Join(dir, "missing")); err == nil {
		t.Error("no error for a folder that is not there")
	}
}
