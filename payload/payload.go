// Package payload says what a decoded text asks the phone to do, and what is remarkable about its link.
//
// In goes the text of a code, as a phone reads it; out come its kind, the link and the link's host. Nothing is looked
// up anywhere: what is known stands in the text itself.
package payload

import (
	"strings"
)

// Kind is what a payload asks the phone to do.
type Kind string

// The kinds of payload.
const (
	URL        Kind = "url"
	Payment    Kind = "payment"
	WiFi       Kind = "wifi"
	OTPAuth    Kind = "otpauth"
	Contact    Kind = "contact"
	Phone      Kind = "phone"
	SMS        Kind = "sms"
	Mail       Kind = "mail"
	Geo        Kind = "geo"
	Event      Kind = "event"
	AppLink    Kind = "app-link"
	DeviceLink Kind = "device-link"
	Crypto     Kind = "crypto"
	Text       Kind = "text"
	Binary     Kind = "binary"
)

// Payload is a decoded text, understood.
type Payload struct {
	Kind   Kind
	URL    string // as written, with a scheme added where the phone would add one; "" unless Kind is URL
	Host   string // lower case, IDN in its ASCII form; "" unless Kind is URL
	Target string // where a redirector or a rewritten link leads in the end, where that stands in the link; "" otherwise
}

// prefixes maps what a payload starts with, lower case, to its kind. Longer ones come first where one is the start
// of another.
var prefixes = []struct {
	start string
	kind  Kind
}{
	{"spc\n", Payment}, {"spc\r\n", Payment}, // Swiss QR-bill
	{"bcd\n", Payment}, {"bcd\r\n", Payment}, // EPC069-12
	{"000201", Payment}, // EMVCo merchant-presented
	{"bank://", Payment}, {"upi://", Payment},
	{"wifi:", WiFi},
	{"otpauth://", OTPAuth}, {"otpauth-migration://", OTPAuth},
	{"begin:vcard", Contact}, {"mecard:", Contact}, {"bizcard:", Contact},
	{"tel:", Phone}, {"facetime:", Phone}, {"facetime-audio:", Phone},
	{"sms:", SMS}, {"smsto:", SMS}, {"mms:", SMS}, {"mmsto:", SMS},
	{"mailto:", Mail}, {"matmsg:", Mail}, {"smtp:", Mail},
	{"geo:", Geo},
	{"begin:vevent", Event}, {"begin:vcalendar", Event},
	{"tg://login", DeviceLink}, {"sgnl://linkdevice", DeviceLink}, {"tsdevice:", DeviceLink},
	{"market://", AppLink}, {"itms-apps://", AppLink}, {"itms-services://", AppLink}, {"intent://", AppLink}, {"lpa:1$", AppLink},
	{"bitcoin:", Crypto}, {"ethereum:", Crypto}, {"litecoin:", Crypto}, {"monero:", Crypto}, {"lightning:", Crypto}, {"solana:", Crypto},
}

// Parse understands a code's text. isText is false where its bytes are no text in any charset.
func Parse(text string, isText bool) Payload {
	if !isText {
		return Payload{Kind: Binary}
	}
	trimmed := trim(text)
	if link, host, ok := webLink(trimmed); ok {
		return Payload{Kind: URL, URL: link, Host: host, Target: unwrapped(link)}
	}
	lower := strings.ToLower(trimmed)
	for _, p := range prefixes {
		if strings.HasPrefix(lower, p.start) {
			return Payload{Kind: p.kind}
		}
	}
	return Payload{Kind: Text}
}

// Secret tells whether a payload of this kind must not be written down: it is a key or says who pays what.
func (k Kind) Secret() bool { return k == WiFi || k == OTPAuth || k == Payment }

// trim removes what phones ignore around a payload: white space, control characters and the byte order mark.
func trim(text string) string {
	return strings.TrimFunc(text, func(r rune) bool {
		return r <= ' ' || r == 0x7f || r == 0xfeff || r == 0x200b || r == 0xa0 || r == 0x3000
	})
}
