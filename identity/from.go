// Package identity says who is writing: the author that a mail client shows, whether that author is proven, and
// whether the message comes from outside or from our own users.
//
// In goes what the MTA handed over: header fields, body, envelope, client. Out come plain values: an Author, a Result
// with pass, fail or none, the client behind trusted relays, names under which histories are kept.
//
// # Whom a client shows
//
// Of several From fields the first, of several addresses the first. Clients differ there, and attackers live on the
// difference: such an author has an address to be shown, but no key, so it has no history and is never prevalent. It is
// proven only when every address is, and fails when one does.
//
// # Limits
//
// An address field is read up to 64 kB and 1,000 addresses; an address has at most 320 octets. Authentication is
// bounded by Config.Timeout (2 seconds unless told otherwise), 24 DNS look-ups, 4 aligned signatures of 20, 20
// fields of results and 20 ARC sets per message. Nothing here panics on hostile input, and no failure of DNS holds
// mail up for longer or makes an author "fail".
//
// The package has no clock (the caller says what time it is) except for measuring how long DNS took.
package identity

import (
	"slices"
	"strings"
	"unicode/utf8"

	"quishmilter/mime"
)

// Author is what the header From says.
type Author struct {
	Address string   // as a mail client shows it, the first; "" without one. No case is folded; rules take it in lower case
	Name    string   // the display name, decoded; it may hold anything
	Key     string   // the name of its history; "" unless there is exactly one field with exactly one address and no group
	Domains []string // of all addresses, each once, in ASCII and lower case; "" among them: one that cannot be read. 50 at most
	Signals []Signal
}

// Signal is something about the author that a person would not see, or be misled by.
type Signal string

// The signals.
const (
	SeveralAuthors   Signal = "from-several"           // several From fields or addresses, or a group
	NoAuthor         Signal = "from-missing"           // no address at all
	NameHoldsAddress Signal = "from-name-is-address"   // the display name holds an address other than the real one
	MixedScript      Signal = "from-mixed-script"      // look-alike letters: scripts mixed within one label or local part
	HiddenCharacters Signal = "from-hidden-characters" // bidirectional controls, zero-width or control characters
)

// Bounds on what is shown, in octets. The longest valid address has 320; clients show some 100 of a name.
const (
	maxShown   = 1024
	maxName    = 2048
	maxDomains = 50 // of one message's authors

	maxFromFields = 10 // that are read; RFC 5322, section 3.6, allows one
)

// From returns the address of the header From as a mail client shows it, "" if there is none.
func From(header []mime.Field) string { return AuthorOf(header).Address }

// AuthorOf reads the From fields of a header. "From :" is one too, as RFC 5322, section 4.5, had it once and as clients
// still read it.
func AuthorOf(header []mime.Field) Author {
	var fields []string
	for _, f := range header {
		if strings.EqualFold(strings.TrimRight(f.Name, " \t"), "From") {
			fields = append(fields, f.Value)
		}
	}
	return ReadAuthor(fields)
}

// ReadAuthor reads the values of a message's From fields, top to bottom, folded or not.
func ReadAuthor(fields []string) Author {
	var shown *mailbox
	var name string
	var domains []string
	boxes, several := 0, len(fields) > 1
	for i, field := range fields[:min(len(fields), maxFromFields)] {
		list := readAddresses(field)
		boxes += len(list.boxes)
		domains = withDomains(domains, list.boxes)
		several = several || list.group || len(field) > maxAddressField
		if shown == nil && len(list.boxes) > 0 {
			shown = &list.boxes[0]
		}
		if i == 0 {
			name = list.rest
		}
	}
	several = several || boxes > 1
	if shown == nil {
		a := Author{Name: decodeName(name), Signals: []Signal{NoAuthor}}
		return a.withNameSignals()
	}
	a := Author{Name: decodeName(shown.name), Domains: domains}
	if looksLikeAddress(shown.address) {
		a.Address = strings.ToValidUTF8(shown.address, string(utf8.RuneError))
	}
	if several {
		a.Signals = append(a.Signals, SeveralAuthors)
	} else {
		a.Key = Key(shown.address)
	}
	return a.withAddressSignals(shown.address).withNameSignals()
}

func withDomains(all []string, boxes []mailbox) []string {
	for _, box := range boxes {
		if domain := DomainOf(box.address); len(all) < maxDomains && !slices.Contains(all, domain) {
			all = append(all, domain)
		}
	}
	return all
}

// Domain is the author's domain in ASCII and lower case, "" if there is none.
func (a Author) Domain() string { return DomainOf(a.Address) }

func looksLikeAddress(s string) bool {
	at := strings.LastIndexByte(s, '@')
	return at > 0 && at < len(s)-1 && len(s) <= maxShown && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f })
}

// decodeName decodes the encoded words of a display name (RFC 2047), also those in quotes, as clients do against
// section 5 of it.
func decodeName(name string) string {
	return strings.ToValidUTF8(strings.TrimSpace(mime.DecodeWords(name[:min(len(name), maxName)])), string(utf8.RuneError))
}

// Addresses returns the addresses of a To or Cc field, as many as can be made out, at most 1,000.
func Addresses(value string) []string {
	var all []string
	for _, box := range readAddresses(value).boxes {
		if looksLikeAddress(box.address) {
			all = append(all, box.address)
		}
	}
	return all
}
