package payload

import (
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"
)

const claire = "claire@letsdefend.io"

func b64(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }

func escaped(text string) string {
	var b strings.Builder
	for i := range len(text) {
		fmt.Fprintf(&b, "%%%02x", text[i])
	}
	return b.String()
}

func TestRecipientInEveryEncoding(t *testing.T) {
	encodings := map[string]string{
		"plain": claire, "capitals": strings.ToUpper(claire),
		"percent":                "claire%40letsdefend.io",
		"percent, all of it":     escaped(claire),
		"percent, twice":         escaped(escaped(claire)),
		"percent, three times":   "claire%252540letsdefend.io",
		"base64":                 b64(claire),
		"base64 without padding": strings.TrimRight(b64(claire), "="),
		"base64 for links":       base64.URLEncoding.EncodeToString([]byte("?>?>" + claire)),
		"base64 of percent":      b64("claire%40letsdefend.io"),
		"base64 twice":           b64(b64(claire)),
		"base64 three times":     b64(b64(b64(claire))),
		"base64, percent":        escaped(b64(claire)),
		"base64, off by one":     "x" + strings.TrimRight(b64(claire), "="),
		"base64, off by two":     "xy" + strings.TrimRight(b64(claire), "="),
		"base64, off by three":   "xyz" + strings.TrimRight(b64(claire), "="),
		"base64 of more":         b64(`{"id":7,"e":"` + claire + `","x":1}`),
		"base64 reversed":        reversed(b64(claire)),
		"base64 of reversed":     b64(reversed(claire)),
		"base64, rot13":          rot13(b64(claire)),
		"base64 of rot13":        b64(rot13(claire)),
		"base64 of hex":          b64(hex.EncodeToString([]byte(claire))),
		"base32":                 base32.StdEncoding.EncodeToString([]byte(claire)),
		"base32, small":          strings.ToLower(strings.TrimRight(base32.StdEncoding.EncodeToString([]byte("u="+claire)), "=")),
		"base32, off by three":   "ABC" + strings.TrimRight(base32.StdEncoding.EncodeToString([]byte(claire)), "="),
		"hex":                    hex.EncodeToString([]byte(claire)),
		"hex, capitals":          strings.ToUpper(hex.EncodeToString([]byte(claire))),
		"hex, off by one":        "7" + hex.EncodeToString([]byte(claire)),
		"hex of base64":          hex.EncodeToString([]byte(b64(claire))),
		"rot13":                  rot13(claire),
		"reversed":               reversed(claire),
		"entity":                 "claire&#64;letsdefend.io",
		"(at)":                   "claire(at)letsdefend.io",
		"full width":             "claire＠letsdefend.io",
		"glued":                  "uidclaire@letsdefend.io",
	}
	places := []string{"https://evil.example/%s", "https://evil.example/a/%s/b", "https://evil.example/?u=%s", "https://evil.example/?x=1&u=%s&y=2",
		"https://evil.example/#%s", "https://evil.example/#/a?e=%s"}
	for name, encoded := range encodings {
		for _, place := range places {
			link := fmt.Sprintf(place, encoded)
			p := Parse(link, true)
			if inLink(p, []string{"other@example.org", claire}) != whole {
				t.Errorf("%s: not found in %s", name, link)
			}
			if got := inLink(p, []string{"clara@letsdefend.io", "claire@example.org"}); got == whole || got == apart {
				t.Errorf("%s: somebody else found in %s", name, link)
			}
		}
	}
}

func TestRecipientInHost(t *testing.T) {
	for link, want := range map[string]string{
		"https://" + hex.EncodeToString([]byte(claire)) + ".evil.example/":                                                        SignalRecipient,
		"https://" + strings.ToLower(strings.TrimRight(base32.StdEncoding.EncodeToString([]byte(claire)), "=")) + ".evil.example": SignalRecipient,
		"https://claire.letsdefend.io.evil.example/":                                                                              SignalRecipient,
		"https://claire@letsdefend.io:x@evil.example/":                                                                            SignalRecipient,
		"https://www.google.com/url?q=https%3A%2F%2Fevil.example%2F%23" + b64(claire):                                             SignalRecipient,
	} {
		got := BuiltinLists().Signals(Parse(link, true), []string{claire})
		if !slices.Contains(got, want) {
			t.Errorf("%s: %v, want %s", link, got, want)
		}
	}
}

func TestRecipientParts(t *testing.T) {
	for _, test := range []struct {
		link, rcpt string
		want       naming
	}{
		{"https://evil.example/?d=letsdefend.io&u=claire", claire, whole},
		{"https://evil.example/letsdefend.io/claire", claire, whole},
		{"https://evil.example/?u=" + b64("claire") + "&d=" + b64("letsdefend.io"), claire, whole},
		{"https://evil.example/claire=letsdefend.io", claire, whole},
		{"https://claire.evil.example/?d=letsdefend.io", claire, apart}, // in two components
		{"https://evil.example/claire?d=letsdefend.io", claire, apart},
		{"https://evil.example/claire#letsdefend.io", claire, apart},
		{"https://evil.example/claire.dupont?d=letsdefend.io", "claire.dupont@letsdefend.io", whole}, // few people have that name
		{"https://claire.letsdefend.io.evil.example/", claire, whole},
		{"https://letsdefend.io.claire.evil.example/", claire, whole},
		{"https://evil.example/claire.letsdefend.io", claire, whole},
		{"https://evil.example/#/" + b64("claire") + "/" + b64("letsdefend.io"), claire, whole},
		{"https://www.google.com/url?q=https%3A%2F%2Fevil.example%2F%3Fu%3Dclaire%26d%3Dletsdefend.io", claire, whole},
		{"https://evil.example/claire/mail.letsdefend.io", claire, apart}, // not the domain itself
		{"https://evil.example/?u=info&d=letsdefend.io", "info@letsdefend.io", hinted},
		{"https://evil.example/?u=claire", claire, unnamed},
		{"https://evil.example/?d=letsdefend.io", claire, hinted},
		{"https://evil.example/?d=letsdefend.io&u=clairette", claire, hinted},
		{"https://portal.letsdefend.io/claire", claire, unnamed}, // the recipient's own domain
		{"https://evil.example/?u=" + rot13("claire") + "&d=" + rot13("letsdefend.io"), claire, whole},
		{"https://evil.example/" + reversed("claire") + "/letsdefend.io", claire, whole},
		{"https://evil.example/" + reversed("letsdefend.io"), claire, hinted},
		{"https://evil.example/" + rot13("claire.dupont"), "claire.dupont@letsdefend.io", hinted},
		{"https://evil.example/ab/" + b64("letsdefend.io"), claire, hinted},
		{"https://evil.example/" + b64("claire") + "/" + strings.TrimRight(b64("letsdefend.io"), "="), claire, whole},
		{"https://evil.example/x/" + b64("claire.dupont") + "/y", "claire.dupont@letsdefend.io", hinted},
		{"https://claire-dupont--example-org.evil.example/", "claire.dupont@example.org", whole},
		{"https://evil.example/claire-at-letsdefend-io", claire, whole},
		{"https://evil.example/info--letsdefend-io", "info@letsdefend.io", unnamed},
		{"https://evil.example/?u=jo@b%C3%BCcher.example", "jo@xn--bcher-kva.example", whole},
		{"https://evil.example/?d=letsdefend.io&u=info", "info@letsdefend.io", hinted},
		{"https://evil.example/?d=letsdefend.io&u=ann", "ann@letsdefend.io", hinted},
		{"https://evil.example/?u=info@letsdefend.io", "info@letsdefend.io", whole},
		{"https://evil.example/?u=claire@letsdefend.io", "Claire+news@LetsDefend.io", whole},
		{"https://evil.example/?u=susanna@letsdefend.io", "anna@letsdefend.io", hinted},
		{"https://evil.example/?u=anna@letsdefend.iot.example", "anna@letsdefend.io", whole}, // cut off by the page, for all we know
		{"https://evil.example/?u=anna@letsdefend.io.example", "anna@letsdefend.io", whole},
		{"https://evil.example/?u=anna@letsdefend.io.", "anna@letsdefend.io", whole},
		{"https://evil.example/?u=jo@xn--bcher-kva.example", "jo@bücher.example", whole},
		{"https://letsdefend.io.evil.example/", claire, hinted},
		{"https://evil.example/#" + b64("letsdefend.io"), claire, hinted},
		{"https://www.letsdefend.io/", claire, unnamed},
		{"https://evil.example/?u=claire.dupont", "Claire.Dupont@letsdefend.io", hinted},
		{"https://evil.example/?u=" + hex.EncodeToString([]byte("claire.dupont")), "claire.dupont@letsdefend.io", hinted},
		{"https://evil.example/?u=claire.duponts", "claire.dupont@letsdefend.io", unnamed},
		{"https://portal.letsdefend.io/claire.dupont", "claire.dupont@letsdefend.io", unnamed},
		{"https://evil.example/?u=no-reply", "no-reply@letsdefend.io", unnamed},
		{"https://evil.example/?u=@@@", "@", unnamed},
		{"https://evil.example/?u=x", "no address", unnamed},
	} {
		if got := inLink(Parse(test.link, true), []string{test.rcpt}); got != test.want {
			t.Errorf("%s for %s: %d, want %d", test.link, test.rcpt, got, test.want)
		}
	}
}

// manyRecipients are as many as a message may have.
func manyRecipients(n int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf("firstname.lastname%d@department%d.example.org", i, i%7)
	}
	return list
}

func TestManyRecipients(t *testing.T) {
	all := manyRecipients(1000)
	p := Parse("https://evil.example/?q="+b64(all[999]), true)
	if inLink(p, all) != whole {
		t.Error("the last of a thousand was not found")
	}
}

func benchmarkSignals(b *testing.B, text string, recipients []string) {
	lists := BuiltinLists()
	b.ReportAllocs()
	for b.Loop() {
		lists.Signals(Parse(text, true), recipients)
	}
}

func BenchmarkSignals(b *testing.B) {
	benchmarkSignals(b, "https://login.quish-test.example/att?u=victim%40example.org", []string{claire})
}

func BenchmarkSignalsNewsletter(b *testing.B) {
	benchmarkSignals(b, "https://shop.example.com/summer-sale/women?utm_source=newsletter&utm_medium=email&utm_campaign=2026-07&id=8f3a21", []string{claire})
}

func BenchmarkSignalsBase64(b *testing.B) {
	benchmarkSignals(b, "https://evil.example/#"+b64(claire), []string{claire})
}

func BenchmarkSignalsThousandRecipients(b *testing.B) {
	benchmarkSignals(b, "https://login.quish-test.example/att?u=victim%40example.org", manyRecipients(1000))
}

// The worst that a code may hold: as long as can be, all of it one run in every alphabet.
func BenchmarkSignalsWorst(b *testing.B) {
	benchmarkSignals(b, "https://evil.example/"+strings.Repeat("A", 7000), manyRecipients(1000))
}

func BenchmarkSignalsWorstNested(b *testing.B) {
	benchmarkSignals(b, "https://evil.example/"+b64(b64(b64(strings.Repeat("a@", 1400)))), manyRecipients(1000))
}

func BenchmarkParse(b *testing.B) {
	for b.Loop() {
		Parse("https://login.quish-test.example/att?u=victim%40example.org", true)
	}
}

// Spellings of an address that keep its parts together, and a local part made into a label of a host.
func TestRecipientSpellings(t *testing.T) {
	for _, test := range []struct {
		link, recipient, want string
	}{
		{"https://claire-dupont.evil.example.net/", "claire.dupont@letsdefend.io", SignalRecipientHint},
		{"https://evil.example.net/?u=claire_letsdefend.io", "claire@letsdefend.io", SignalRecipient},
		{"https://claire-letsdefend-io.evil.example.net/", "claire@letsdefend.io", SignalRecipient},
		{"https://evil.example.net/?u=claire*letsdefend.io", "claire@letsdefend.io", SignalRecipient},
		{"https://evil.example.net/?u=claire+x@letsdefend.io", "claire@letsdefend.io", SignalRecipient},
		{"https://evil.example.net/?u=claire@letsdefend.io", "claire+x@letsdefend.io", SignalRecipient},
		{"https://evil.example.net/?u=YwBsAGEAaQByAGUAQABsAGUAdABzAGQAZQBmAGUAbgBkAC4AaQBvAA==", "claire@letsdefend.io", SignalRecipient}, // UTF-16LE
		{"https://evil.example.net/?u=" + base32.HexEncoding.EncodeToString([]byte("claire@letsdefend.io")), "claire@letsdefend.io", SignalRecipient},
		{"https://evil.example.net/?u=63:6c:61:69:72:65:40:6c:65:74:73:64:65:66:65:6e:64:2e:69:6f", "claire@letsdefend.io", SignalRecipient},
	} {
		if got := BuiltinLists().Signals(Parse(test.link, true), []string{test.recipient}); len(got) != 1 || got[0] != test.want {
			t.Errorf("%s, %s: %q, want %s", test.link, test.recipient, got, test.want)
		}
	}
}

// A target in hexadecimal is a target.
func TestTargetInHex(t *testing.T) {
	const target = "https://final-evil.example.net/login"
	if p := Parse("https://go.example.com/r?u="+hex.EncodeToString([]byte(target)), true); p.Target != target {
		t.Errorf("%q", p.Target)
	}
}

// Letters glued to an address, line ends in it, words for its signs and pieces of its base64 hide nobody.
func TestRecipientAmongNoise(t *testing.T) {
	const dupont = "claire.dupont@victim.com"
	packed := strings.TrimRight(b64(dupont), "=")
	for _, text := range []string{
		"https://evil-host.com/?e=claire.dupont@victim.comz", "https://evil-host.com/?e=claire.dupont@victim.comZ1", "https://evil-host.com/?e=claire.dupont@victim.com-x",
		"https://evil-host.com/zzclaire.dupont@victim.comzz", "https://evil-host.com/?e=claire.dupont@victim.com.evil.com",
		"https://evil-host.com/?e=claire.dupont@victim.com\nfoo", "https://evil-host.com/?e=claire.dupont@vic\ntim.com", "https://evil-host.com/?e=claire.du%0apont@victim.com",
		"https://evil-host.com/?e=claire.dupont@victim.com\nWIFI:T:WPA;S:Guest;P:secret;;", "https://evil-host.com/?e=claire.dupont%09@victim.com",
		"https://evil-host.com/?e=claire.dupont_at_victim.com", "https://evil-host.com/?e=claire.dupontATvictim.com", "https://evil-host.com/?e=claire_dupont@victim_com",
		"https://evil-host.com/?e=claire.dupont(at)victim.com", "https://evil-host.com/?e=claire.dupont%20at%20victim.com", "https://evil-host.com/?e=xclaire_dupont_at_victim_comx",
		"https://evil-host.com/?e=" + hex.EncodeToString([]byte("claire.dupont_at_victim.comz")), "https://evil-host.com/?e=" + b64("zzclaire.dupont@victim.comzz"),
		"https://evil-host.com/?e=" + rot13("zclaire.dupont@victim.comz"), "https://evil-host.com/?e=" + reversed("zclaire.dupont@victim.comz"),
		"https://evil-host.com/" + packed[:9] + "-" + packed[9:], "https://evil-host.com/" + packed[:7] + "/" + packed[7:15] + "/" + packed[15:], "https://evil-host.com/?e=" + packed[:9] + "." + packed[9:],
	} {
		p := Parse(text, true)
		if got := inLink(p, []string{"other@example.org", dupont}); got != whole {
			t.Errorf("%q: %d", text, got)
		}
		if got := inLink(p, []string{"clara.dupont@victim.com", "claire.dupont@example.org"}); got == whole {
			t.Errorf("%q: somebody else found", text)
		}
	}
	for _, text := range []string{
		"https://evil.example/info-at-victim.com", "https://evil.example/what-is-at-victim.com", "https://evil.example/chat/victim.com", "https://evil.example/?e=eclaire.dupon_at_victim.com",
	} {
		if got := inLink(Parse(text, true), []string{"info@victim.com", "anna@victim.com", dupont}); got == whole {
			t.Errorf("%q: named", text)
		}
	}
}
