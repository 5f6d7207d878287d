package payload

import (
	"strings"
	"testing"
	"unicode/utf8"
)

var fuzzLists = BuiltinLists()

// FuzzParse reaches every reader of a format, the links and their wrappers, and the search for recipients.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"https://a@b.example/%41?x=aGVsbG8#", bill, donation, transfer, "WIFI:S:a\\;b;;", "otpauth://totp/a:b?secret=AA&issuer=c", "LPA:1$a.example$b",
		"00020101021229300012D156000000006304A13A", "upi://pay?pa=a@b", "SPD*1.0*ACC:CZ6508000000192000145399", "payto://iban/a", "K:PR|R:1", "ST00012|Name=a",
		"BEGIN:VCARD\nN:a\nEND:VCARD", "MECARD:N:a;;", "tel:+1", "smsto:1:a", "mailto:a@b.example", "MATMSG:TO:a;;", "geo:1,2", "BEGIN:VEVENT\nEND:VEVENT",
		"intent://a#Intent;scheme=https;end", "itms-services://?url=https://a.example", "tg://login?token=a", "2@a,b,c", "bitcoin:1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
		"bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", "M1DESMARAIS/LUC       EABC123 YULFRAAC 0834 326J001A0025 100", "#UT0110800000010aaa",
		"A:123456789*B:1*C:PT*D:FS*E:N*F:20190812", "_R1-AT1_a_b_c", "V0;a", "AQdFeGFtcGxlAg8zMDAwMDAwMDAwMDAwMDMDFDIwMjYtMDEtMDFUMTA6MDA6MDBaBAYxMTUuMDA=",
		"https://urldefense.com/v3/__https://a.example/**B__;PyMm!!a$", "https://protect.checkpoint.com/v2/___https://a.example___.b",
		"https://mandrillapp.com/track/click/1/a?p=eyJ", "https://a.translate.goog/", "https://r.search.yahoo.com/RU=a/RK=", "https://cdn.ampproject.org/c/a",
		"text with https://a.example/ in it", "https://a.example/\nhttps://b.example/\nhttps://c.example/", "BEGIN:VCARD\nFN:a\nitem1.URL;x=y:a.example/b\nEND:VCARD",
		"https:!%1000000000", "MECARD:N:a;URL:https\\://a.example/;;", "sms:1?body=https%3A%2F%2Fa.example%2F&x=y",
		"intent://a.com#Intent;scheme=https;S.browser_fallback_url=https://b.com/;S.browser_fallback_url=https://c.com/;end", "ftp://a.com/?u=tg://login?token=a",
		"webcal://a@b.com:1/", "https://a.com/\nWIFI:T:WPA;S:a;P:b;;", "line:au/q/a", "motp://a:b?secret=00",
	} {
		f.Add(seed, true)
	}
	f.Add("#UT0110800000010\xff", false)
	f.Add("\x9e\x81\x80VDV", false)
	f.Fuzz(func(t *testing.T, text string, isText bool) {
		p := Parse(text, isText && utf8.ValidString(text))
		fuzzLists.Signals(p, []string{claire})
		if (p.URL == "") != (p.Host == "") || (p.Host == "") != (p.Domain == "") || p.Kind == URL && p.URL == "" || p.Kind == "" {
			t.Fatalf("%q: %+v", text, p)
		}
		if p.IsPlain(text) && (p.Kind != URL || strings.ContainsAny(trim(text), " \n\t") || len(p.Links) > 0) {
			t.Fatalf("%q: %+v is no plain link", text, p)
		}
		for _, l := range p.links() {
			if l.host == "" {
				t.Fatalf("%q: %q has no host", text, l.url)
			}
		}
		if len(p.Links) > maxFurther || p.Unjudged < 0 || p.URL == "" && p.Target != "" || p.Kind == URL && p.Valid == (p.how == SignalBrokenLink) {
			t.Fatalf("%q: %+v", text, p)
		}
		if strings.ContainsAny(p.Host+p.Domain, "\r\n\x00 /@") || strings.ContainsAny(p.Issuer, "\r\n\x00") || len(p.Host) > 253 {
			t.Fatalf("%q: %+v", text, p)
		}
		if again := Parse(p.URL, true); p.URL != "" && again.Host != p.Host {
			t.Fatalf("%q: the link %q has the host %q, then %q", text, p.URL, p.Host, again.Host)
		}
	})
}

func FuzzRecipient(f *testing.F) {
	f.Add("https://a.example/"+b64(claire), claire)
	f.Add("https://a.example/@a@@b", "a@b")
	f.Fuzz(func(t *testing.T, link, recipient string) {
		inLink(Payload{URL: link, Target: link}, []string{recipient, claire})
	})
}

func FuzzLetter(f *testing.F) {
	f.Add("Urgent", "scan the QR code", "a@example.com", "Microsoft", "b@example.net")
	f.Fuzz(func(t *testing.T, subject, text, from, name, reply string) {
		l := Letter{Subject: subject, Texts: []string{text}, From: from, Name: name, ReplyTo: []string{reply}}
		l.Signals()
		l.SenderSignals()
		DocumentSignals(text)
	})
}

func FuzzBrands(f *testing.F) {
	f.Add("a, b c = d.example e.*")
	f.Fuzz(func(t *testing.T, text string) {
		if b, err := readBrands(text); err == nil {
			b.inHost("micr0soft.example")
			b.inSender("Micro Soft", "example.com")
		}
	})
}

func FuzzLists(f *testing.F) {
	f.Add("example.com # comment\n-example.net\nexample.com/a/\n")
	f.Fuzz(func(t *testing.T, text string) {
		for _, signal := range []string{"x", SignalOpaque, SignalShortener} {
			l := Lists{}
			if l.add(signal, text) == nil {
				l.signals("a.example.com")
				l.Shared("example.com")
				l.keepsTarget(link{"https://a.example.com/a/b", "a.example.com"})
			}
		}
	})
}

func FuzzPhrases(f *testing.F) {
	f.Add("[scan]\nscan, point your* + qr*, code\nqr code below\n[lure]\nurgent*\n", "scan the qr code")
	f.Fuzz(func(t *testing.T, list, text string) {
		p := newPhrases()
		p.add(list)
		p.find(text)
	})
}

// What is hidden once has nothing more to hide, and what is not hidden stays as it was.
func FuzzHidden(f *testing.F) {
	for _, seed := range []string{"a LPA:1$b$c d", "WIFI:T:WPA;S:a;P:b;;c", "q=otpauth%3A%2F%2Fa&b", transfer, bill, "DE89 3704 0044 0532 0130 00", "DE%20", "000201010211"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		hidden := Hidden(text)
		if begin, _, cut := strings.Cut(hidden, HiddenPart); cut && !strings.HasPrefix(text, begin) || !cut && hidden != text {
			t.Fatalf("%q became %q", text, hidden)
		}
	})
}
