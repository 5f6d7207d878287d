package prevalence

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// maxAddress is the longest address there can be, in octets: 64 of local part, the @, 255 of domain (RFC 5321
// section 4.5.3.1).
const maxAddress = 64 + 1 + 255

// Key is the name under which an address's history is kept: the domain in its ASCII form and lower case, the local
// part with A–Z folded. It is "" for what is no address (no local part or domain, over 320 octets, control
// characters, invalid UTF-8): such a sender has no history and is never prevalent.
//
// Local parts are case-sensitive by RFC 5321 section 2.4, and no large receiver treats them so. Only ASCII is
// folded there: Unicode's lower case turns the Kelvin sign into k, and a stranger into somebody we know.
func Key(address string) string {
	address = strings.TrimSpace(address)
	if len(address) > maxAddress || !utf8.ValidString(address) || strings.ContainsFunc(address, unicode.IsControl) {
		return ""
	}
	at := strings.LastIndexByte(address, '@')
	if at < 1 {
		return ""
	}
	domain := foldDomain(address[at+1:])
	if domain == "" {
		return ""
	}
	return foldASCII(address[:at]) + "@" + domain
}

// foldDomain maps a domain as a resolver would (UTS 46). One that the mapping refuses, an address literal for
// example, keeps its spelling.
func foldDomain(domain string) string {
	domain = strings.TrimSuffix(domain, ".")
	if mapped, err := idna.Lookup.ToASCII(domain); err == nil {
		return mapped
	}
	return foldASCII(domain)
}

func foldASCII(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}
