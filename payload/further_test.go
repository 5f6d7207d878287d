package payload

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

const (
	wrapped = "https://ipfs.io/ipfs/Qmbr8wmr41C35c3K2GfiP2F8YGzLhYpKpb4K66KU6mLmL4"
	forYou  = "https://evil.example/?u=claire@example.org"
)

// A link that is wrapped in something which opens nothing is judged as a link: by its own signals, beside the one that
// says where it stands.
func TestLinksInside(t *testing.T) {
	lists := BuiltinLists()
	for _, test := range []struct {
		text string
		kind Kind
		want string
	}{
		{"BEGIN:VCARD\nVERSION:3.0\nFN:Anna\nURL:https://www.bakery.example\nEND:VCARD", Contact, "link-in-text"},
		{"BEGIN:VCARD\nVERSION:3.0\nFN:Anna\nTEL:+41 44 111 22 33\nEND:VCARD", Contact, ""},
		{"BEGIN:VCARD\nFN:HR\nURL:" + wrapped + "\nEND:VCARD", Contact, "ipfs-gateway link-in-text"},
		{"BEGIN:VCARD\nFN:HR\nURL;TYPE=work:evil.pages.dev\nEND:VCARD", Contact, "free-hosting link-in-text"},
		{"BEGIN:VCARD\nFN:HR\nitem1.URL:www.bakery.example\nitem2.URL:" + forYou + "\nEND:VCARD", Contact, "recipient-in-link link-in-text"},
		{"BEGIN:VCARD\r\nFN:HR\r\nNOTE:Open https\\://evil.exa\r\n mple/?u=claire@example.org now\r\nEND:VCARD", Contact, "recipient-in-link link-in-text"},
		{"BEGIN:VCARD\nVERSION:2.1\nN:HR\nNOTE;ENCODING=QUOTED-PRINTABLE:https=3A//evil.example/?u=3Dcla=\nire@example.org\nEND:VCARD", Contact, "recipient-in-link link-in-text"},
		{"BEGIN:VCARD\nFN:HR\nURL:https://www.google.com/url?q=https%3A%2F%2Fevil.example%2F%3Fu%3Dclaire%40example.org\nEND:VCARD", Contact, "recipient-in-link link-in-text"},
		{"MECARD:N:HR;URL:https\\://bakery.example;NOTE:" + strings.ReplaceAll(wrapped, ":", "\\:") + ";;", Contact, "ipfs-gateway link-in-text"},
		{"BIZCARD:N:A;X:B;T:" + wrapped + ";;", Contact, "ipfs-gateway link-in-text"},
		{"WIFI:T:WPA;S:Open " + strings.ReplaceAll(wrapped, ":", "\\:") + ";P:x;;", WiFi, "ipfs-gateway link-in-text"},
		{"BEGIN:VEVENT\nSUMMARY:MFA\nDTSTART:20261128T090000Z\nLOCATION:" + forYou + "\nEND:VEVENT", Event, "recipient-in-link link-in-text"},
		{"BEGIN:VEVENT\nDTSTART:20261128T090000Z\nDESCRIPTION:a\\n" + wrapped + "\\nb\nEND:VEVENT", Event, "ipfs-gateway link-in-text"},
		{"SMSTO:+41441112233:Confirm at " + forYou, SMS, "recipient-in-link link-in-text"},
		{"sms:+41441112233?body=https%3A%2F%2Fevil.pages.dev%2F", SMS, "free-hosting link-in-text"},
		{"mailto:a@b.example?subject=x&body=see%20https%3A%2F%2Fbit.ly%2Fx7&cc=c@d.example", Mail, "shortener link-in-text"},
		{"MATMSG:TO:a@b.example;SUB:x;BODY:" + strings.ReplaceAll(wrapped, ":", "\\:") + ";;", Mail, "ipfs-gateway link-in-text"},
		{"SMTP:a@b.example:Hello:" + wrapped, Mail, "ipfs-gateway link-in-text"},
		{"geo:47.3,8.5?q=" + wrapped, Geo, "ipfs-gateway link-in-text"},
		{"bitcoin:1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa?r=https%3A%2F%2Fevil.pages.dev%2Fi", Crypto, "free-hosting link-in-text"},
		{"BEGIN:VCARD\nFN:HR\nURL:https://signal.me/#linkdevice?x\nEND:VCARD", Contact, "link-in-text device-linking"},
		{"otpauth://totp/A:claire?secret=JBSWY3DPEHPK3PXP&issuer=" + wrapped, OTPAuth, "ipfs-gateway link-in-text"},
		{"BCD\n002\n1\nSCT\n\nExample e.V.\nDE89370400440532013000\nEUR12.30\n\n\n" + wrapped, Payment, "ipfs-gateway link-in-payment"},
		{"upi://pay?pa=merchant@ybl&pn=Shop&am=10&cu=INR&url=https%3A%2F%2Fevil.pages.dev%2Fi", Payment, "free-hosting link-in-payment"},
		{"bank://singlepaymentsepa?name=A&iban=DE71110220330123456789&bic=BHBLDEHHXXX&amount=1&reason=https%3A%2F%2Fevil.pages.dev%2Fi", Payment, "free-hosting link-in-payment"},
		{"wc:7f6e504bfad60b485450578e05678ed3e8e8c4751d3c6160be17160d63ec90f9@2?relay-protocol=irn&symKey=587d5484ce2a2a6ee3ba1962fdd7e8588e06200c46823bd18fbd67def96ad303", DeviceLink, ""},
		{"Hello,\nsee https://www.bakery.example/ or\n" + wrapped, URL, "ipfs-gateway link-in-text"},
		{strings.Repeat("x ", 600) + wrapped, URL, "ipfs-gateway link-in-text"},
	} {
		p := Parse(test.text, true)
		if got := strings.Join(lists.Signals(p, []string{"claire@example.org"}), " "); p.Kind != test.kind || got != test.want {
			t.Errorf("%q: %s %q, want %s %q", test.text, p.Kind, got, test.kind, test.want)
		}
	}
}

// Of links on lines of their own all are judged, up to a bound, and what is beyond it is said.
func TestManyLines(t *testing.T) {
	lists := BuiltinLists()
	lines := func(n int) (all []string) {
		for i := range n {
			all = append(all, fmt.Sprintf("https://shop%d.example/", i))
		}
		return all
	}
	for n, unjudged := range map[int]int{2: 0, 3: 0, maxFurther + 2: 0, maxFurther + 3: 1, 40: 40 - 2 - maxFurther} {
		p := Parse(strings.Join(lines(n), "\n"), true)
		if got := lists.Signals(p, nil); p.Unjudged != unjudged || len(p.Hosts()) != min(n, 2+maxFurther) || slices.Contains(got, SignalManyLinks) != (unjudged > 0) {
			t.Errorf("%d lines: %d left out, hosts %q, %q", n, p.Unjudged, p.Hosts(), got)
		}
	}
	for _, text := range []string{
		"https://a.example/\nhttps://b.example/\nhttps://evil.pages.dev/",
		"https://a.example/\r\nhttps://b.example/\r\nHTTPS://EVIL.PAGES.DEV/",
		"https://a.example/?url=https://b.example/\nhttps://evil.pages.dev/",
		"https://a.example/ https://b.example/ https://evil.pages.dev/",
		"https://a.example/\nhttps://b.example/\nhttps://www.google.com/url?q=https%3A%2F%2Fevil.pages.dev%2F",
	} {
		if p := Parse(text, true); !slices.Contains(p.Hosts(), "evil.pages.dev") || !slices.Contains(lists.Signals(p, nil), SignalHosting) {
			t.Errorf("%q: %+v %q", text, p, lists.Signals(p, nil))
		}
	}
	for text, hosts := range map[string]string{
		"https://exa\nmple\n.com/a":             "example.com",
		"https://a.example/x\nTable 7":          "a.example",
		"https://www.linkedin.com/slink?code=a": "www.linkedin.com",
	} {
		if got := strings.Join(Parse(text, true).Hosts(), " "); got != hosts {
			t.Errorf("%q: %s", text, got)
		}
	}
	opaque := Parse("https://www.linkedin.com/slink?code=a\nhttps://good.example/", true)
	if !slices.Contains(lists.Signals(opaque, nil), SignalOpaque) {
		t.Errorf("%+v", opaque)
	}
}

// The digits of a length in an EMVCo code are no part of the host behind them. The checksum of this one is wrong.
func TestHostInEMVCo(t *testing.T) {
	const text = "00020101021226670014br.gov.bcb.pix2545evil.example.net/Y2xhaXJlQGxldHNkZWZlbmQuaW8=5204000053039865802BR5904Loja6009SAO PAULO62070503***63040000"
	if p := Parse(text, true); !slices.Equal(p.Hosts(), []string{"evil.example.net"}) {
		t.Errorf("%s %v", p.Kind, p.Hosts())
	}
}

// emvOf makes an EMVCo code with a checksum of its fields.
func emvOf(fields ...string) string {
	text := ""
	for _, f := range fields {
		text += fmt.Sprintf("%s%02d%s", f[:2], len(f)-2, f[2:])
	}
	text += "6304"
	return text + hex16(crc16(text))
}

// field is one data object of a template.
func field(id, value string) string { return fmt.Sprintf("%s%02d%s", id, len(value), value) }

// A link without a scheme, inside the fields of a format.
func TestSchemelessInFields(t *testing.T) {
	const evil = "evil.example.net"
	pix := func(sub string) string {
		return emvOf("0001", "26"+field("00", "br.gov.bcb.pix")+sub, "520000", "53986", "58BR", "59Loja", "60SAO PAULO", "62"+field("05", "***"))
	}
	for _, test := range []struct {
		text string
		kind Kind
		host string
	}{
		{"WIFI:S:evil.example.net/login;;", WiFi, evil},
		{"WIFI:T:WPA;S:evil.example.net/login;P:x;;", WiFi, evil},
		{`WIFI:T:WPA;S:Free at evil.example.net/login;P:x;;`, WiFi, evil},
		{pix(field("25", evil)), Payment, evil},
		{pix(field("25", evil+"/x7")), Payment, evil},
		{pix(field("01", "claire@letsdefend.io")), Payment, ""},
		{emvOf("0001", "26"+field("00", "com.google")+field("01", "4711"), "520000", "53986", "58BR", "59Loja", "60SAO PAULO"), Payment, ""},
		{emvOf("0001", "51"+field("00", "id.co.qris")+field("02", "ID10"), "80"+field("00", "x.y")+field("01", evil), "520000", "53360", "58ID", "59Toko", "60JAKARTA"), Payment, evil},
		{"BEGIN:VCARD\nFN:HR\nNOTE:evil.example.net/login\nEND:VCARD", Contact, evil},
		{"BEGIN:VCARD\nFN:HR\nORG:Example;Sales\nPHOTO;ENCODING=b;TYPE=JPEG:MIICajCC/AgEA/x\nEND:VCARD", Contact, ""},
		{"MECARD:N:HR;NOTE:evil.example.net/login;;", Contact, evil},
		{"BEGIN:VEVENT\nDTSTART:20261128T090000Z\nLOCATION:evil.example.net/x\nEND:VEVENT", Event, evil},
		{"SMSTO:+41441112233:evil.example.net/x", SMS, evil},
		{"sms:+41441112233?body=evil.example.net/x", SMS, evil},
		{"sms:+41441112233?body=evil.example.net%2Fx", SMS, evil},
		{"mailto:a@b.example?subject=x&body=evil.example.net/x", Mail, evil},
		{"MATMSG:TO:a@b.example;SUB:x;BODY:evil.example.net/x;;", Mail, evil},
		{"SMTP:a@b.example:Hello:evil.example.net/x", Mail, evil},
		{"geo:47.3,8.5?q=evil.example.net/x", Geo, evil},
		{"upi://pay?pa=merchant@ybl&pn=Shop&am=10&cu=INR&url=evil.example.net/i", Payment, evil},
		{"SPD*1.0*ACC:CZ5855000000001265098001*AM:480.50*CC:CZK*MSG:evil.example.net/i", Payment, evil},
		{"ST00012|Name=A|PersonalAcc=40702810138250123017|BankName=B|BIC=044525225|Purpose=evil.example.net/i", Payment, evil},
		{"BCD\n002\n1\nSCT\n\nExample e.V.\nDE89370400440532013000\nEUR12.30\n\n\nevil.example.net/i", Payment, evil},
		{"bitcoin:1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa?r=evil.example.net/i", Crypto, evil},
		{"otpauth://totp/A:claire?secret=JBSWY3DPEHPK3PXP&issuer=evil.example.net/x", OTPAuth, evil},
		{"otpauth://totp/Example.com:claire?secret=JBSWY3DPEHPK3PXP&issuer=Example.com", OTPAuth, ""},
		{"zoomus://zoom.us/join?confno=1&x=evil.example.net/x", AppLink, evil},
	} {
		p := Parse(test.text, true)
		if got := strings.Join(p.Hosts(), " "); p.Kind != test.kind || got != test.host {
			t.Errorf("%q: %s, hosts %q, want %s %q", test.text, p.Kind, got, test.kind, test.host)
		}
	}
}
