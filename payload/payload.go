// Package payload says what a decoded text asks the phone to do, and what is remarkable about its link and about the
// words around it.
//
// In goes the text of a code, as a phone reads it; out come its kind, whether it keeps the rules of its format, and,
// where a page would be opened, the link, its host, its registrable domain and where it leads in the end. Nothing is
// looked up anywhere: what is known stands in the text itself.
//
// # Limits
//
// A text over 8 KiB (a QR code holds at most 7,089 characters) is text and nothing else. Redirectors are unwrapped 8
// deep. Recipients are looked for in at most 512 KiB of decoded readings of a link, 3 encodings inside one another.
//
// Of the links beside the first 16 are judged.
//
// It does not follow shorteners, knows no reputation, and does not judge: the policy does.
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
	Ticket     Kind = "ticket"
	Invoice    Kind = "invoice"
	Text       Kind = "text"
	Binary     Kind = "binary"
)

// Kinds are all of them.
func Kinds() []string {
	var all []string
	for _, k := range []Kind{URL, Payment, WiFi, OTPAuth, Contact, Phone, SMS, Mail, Geo, Event, AppLink, DeviceLink, Crypto, Ticket, Invoice, Text, Binary} {
		all = append(all, string(k))
	}
	return all
}

// Payload is a decoded text, understood.
type Payload struct {
	Kind Kind

	// Valid means that the payload keeps the rules of its format: mandatory fields, lengths, checksums. It is true of
	// text and binary, which have no rules, and false of an opaque ticket, whose rules nobody knows.
	Valid bool

	// Issuer says whose a secret is, so that it can be named without being told: the issuer of an otpauth code, the
	// server of an eSIM. At most 64 characters. "" where the format names nobody, as with Wi-Fi and payments.
	Issuer string

	// URL, Host and Domain are those of the page that the phone opens: of every URL, of a device link or a tax invoice
	// that is written as a web link, and of an app link that names the host it connects to (ftp, webcal, smb …).
	// "" otherwise; Host is "" exactly where URL is.
	URL    string // as written, with a scheme added where the phone would add one
	Host   string // lower case, IDN in its ASCII form, an IPv4 address in dotted form
	Domain string // the registrable domain of Host; Host itself where it is an address or a public suffix

	// Target is where a redirector, a rewritten link or an intent leads in the end, where that stands in the link; ""
	// otherwise. It may be a link into an app: then it has no host.
	Target string

	// Links are further web links, at most 16: on lines of their own, or inside a payload that does not ask to open
	// them, as a contact or the message of a payment; and where they lead on to, which may be an app. They may be part
	// of a secret: write them down only where Secret is false. Unjudged is how many more there are.
	Links    []string
	Unjudged int

	secret bool   // an eSIM, which no kind tells
	device bool   // a link that links a device stands inside something else
	how    string // the signal for how the link was hidden in the text; "" for a plain link
}

// TargetHost is the host of Target, in the form of Host; "" without one.
func (p Payload) TargetHost() string {
	return linkHost(p.Target)
}

// Parse understands a code's text. isText is false where its bytes are no text in any charset.
func Parse(text string, isText bool) Payload {
	if !isText {
		return parseBytes(text)
	}
	trimmed := trim(text)
	if trimmed == "" || len(trimmed) > maxLink {
		return Payload{Kind: Text, Valid: true}
	}
	p := parse(trimmed)
	p.further(trimmed)
	p.device = p.Kind != DeviceLink && holdsDevice(p.Kind, trimmed)
	return p
}

// parse finds out what a text is, and its first link.
func parse(text string) Payload {
	if p, ok := byPrefix(text); ok {
		return p.orLink(text)
	}
	if link, host, ok := webLink(text); ok {
		p := page(link, host)
		if other := otherLine(text, host); other != "" && p.Target == "" {
			p.Target = other
		}
		return p
	}
	if p, ok := byShape(text); ok {
		return p.orLink(text)
	}
	p := Payload{Kind: Text, Valid: true}
	if link := linkInside(text); link != "" {
		return hidden(link, SignalLinkInText)
	}
	if link, hosts, begins := brokenLink(text); begins {
		return broken(link, hosts)
	}
	if opaque(text) {
		p.Kind, p.Valid = Ticket, false
	}
	return p
}

// orLink takes a payload that does not keep the rules of its format for the link inside it: it is shown as text by every
// phone, and a link in a text can be touched, whatever the payload claims to be. Attackers put "SPC" before a link to
// pass for a Swiss QR-bill.
func (p Payload) orLink(text string) Payload {
	if p.URL != "" || p.Valid || p.how == SignalAppDownload || p.how == SignalServiceCode {
		return p
	}
	if strings.HasPrefix(text, emvBegin) {
		text = emvValues(text)
	}
	link := linkInside(text)
	switch {
	case link == "":
		return p
	case p.Kind == Payment:
		return hidden(link, SignalFakePayment)
	}
	return hidden(link, SignalLinkInText)
}

// page is a payload that opens a web page.
func page(link, host string) Payload {
	p := Payload{Kind: URL, Valid: true, URL: link, Host: host, Domain: registrable(host), Target: unwrapped(link)}
	if kind, ok := kindOfPage(p); ok {
		p.Kind = kind
	}
	return p
}

// hidden is a page whose link was found inside something else.
func hidden(link, how string) Payload {
	_, host, _ := webLink(link)
	p := page(link, host)
	p.how = how
	return p
}

// broken is what begins as a link and is none that a browser takes. Some reader may be more lenient, so it counts as the
// page of the first host that stands in it, and as leading to the last; or as a link into an app where none does.
func broken(link string, hosts []string) Payload {
	if len(hosts) == 0 {
		return Payload{Kind: AppLink, how: SignalBrokenLink}
	}
	p := page(link, hosts[0])
	p.Valid, p.how = false, SignalBrokenLink
	if last := hosts[len(hosts)-1]; p.Target == "" && last != p.Host && isDomain(last) {
		p.Target = "https://" + last
	}
	return p
}

// Secret tells whether a payload of this kind must not be written down: it is a key or says who pays what.
func (k Kind) Secret() bool { return k == WiFi || k == OTPAuth || k == Payment }

// Secret tells whether this payload must not be written down. It knows of eSIM codes, which their kind does not tell.
func (p Payload) Secret() bool { return p.secret || p.Kind.Secret() }

// trim removes what phones ignore around a payload: white space, control characters and the byte order mark.
func trim(text string) string {
	return strings.TrimFunc(text, func(r rune) bool {
		return r <= ' ' || r == 0x7f || r == 0xfeff || r == 0x200b || r == 0xa0 || r == 0x3000
	})
}
