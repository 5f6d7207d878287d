package identity

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
)

// maxAddress is the longest address there can be, in octets: 64 of local part, the @, 255 of domain (RFC 5321
// section 4.5.3.1).
const maxAddress = 64 + 1 + 255

// Key is the name under which an address's history is kept: the domain in its ASCII form and lower case, the local
// part with A–Z folded and without quotes that it does not need (RFC 5321 section 4.1.2: "known"@a.example is
// known@a.example). It is "" for what is no address (no local part or domain, over 320 octets, control
// characters, invalid UTF-8): such a sender has no history and is never prevalent.
//
// Local parts are case-sensitive by RFC 5321 section 2.4, and no large receiver treats them so. Only ASCII is
// folded there: Unicode's lower case turns the Kelvin sign into k, and a stranger into somebody we know.
func Key(address string) string {
	local, domain := splitAddress(address)
	if domain == "" {
		return ""
	}
	return FoldASCII(unquoted(local)) + "@" + domain
}

// unquoted is a local part as it is meant, in quotes only where it needs them.
func unquoted(local string) string {
	if !strings.Contains(local, `"`) {
		return local
	}
	var meant strings.Builder
	for rest := local; rest != ""; {
		if rest[0] != '"' {
			plain, _, _ := strings.Cut(rest, `"`)
			meant.WriteString(plain)
			rest = rest[len(plain):]
			continue
		}
		end := closingQuote(rest, 0)
		if end < 0 {
			return local
		}
		meant.WriteString(unescape(rest[1:end]))
		rest = rest[end+1:]
	}
	if isDotAtom(meant.String()) {
		return meant.String()
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(meant.String()) + `"`
}

// isDotAtom tells a local part that needs no quotes (RFC 5322 section 3.2.3, and RFC 6531 beyond ASCII).
func isDotAtom(s string) bool {
	return s != "" && !strings.ContainsAny(s, "\"(),:;<>@[\\] ") && s[0] != '.' && s[len(s)-1] != '.' && !strings.Contains(s, "..")
}

// ExactKey is Key with the local part as it was written, for rules that compare it so.
func ExactKey(address string) string {
	local, domain := splitAddress(address)
	if domain == "" {
		return ""
	}
	return local + "@" + domain
}

// DomainOf is the domain of an address in its ASCII form and lower case; "" for what is no address.
func DomainOf(address string) string {
	_, domain := splitAddress(address)
	return domain
}

// Registrable is the part of a domain that somebody registered: the public suffix and one label ("example.co.uk" of
// "mail.example.co.uk"). Private suffixes such as github.io count, since strangers share them. A domain that is
// itself a suffix, or an address literal, stands for itself.
func Registrable(domain string) string {
	domain = FoldDomain(domain)
	if domain == "" || domain[0] == '[' {
		return domain
	}
	if registered, err := publicsuffix.EffectiveTLDPlusOne(domain); err == nil {
		return registered
	}
	return domain
}

// Why a text is no domain that somebody can have.
var (
	ErrNoDomain     = errors.New("not a domain")
	ErrPublicSuffix = errors.New("a public suffix")
)

// ReadDomain reads a domain that an organisation has, and returns it in ASCII and lower case.
func ReadDomain(text string) (string, error) {
	domain := FoldDomain(text)
	if !isHostName(domain) || strings.HasPrefix(domain, ".") || strings.ContainsAny(domain, "*@:[]/ _") {
		return "", ErrNoDomain
	}
	if suffix, managed := publicsuffix.PublicSuffix(domain); managed && suffix == domain {
		return "", ErrPublicSuffix
	}
	return domain, nil
}

// splitAddress takes an address apart; the domain is folded, and "" where this is no address.
func splitAddress(address string) (local, domain string) {
	address = strings.TrimSpace(address)
	if len(address) > maxAddress || !utf8.ValidString(address) || strings.ContainsFunc(address, unicode.IsControl) {
		return "", ""
	}
	at := strings.LastIndexByte(address, '@')
	if at < 1 {
		return "", ""
	}
	return address[:at], FoldDomain(address[at+1:])
}

// FoldDomain maps a domain as a resolver would (UTS 46): ASCII, lower case, no spaces around it and no dot at the end. One
// that the mapping refuses, an address literal for example, keeps its spelling but for A–Z.
func FoldDomain(domain string) string {
	domain = withoutEnd(strings.TrimSpace(domain))
	if mapped, err := idna.Lookup.ToASCII(domain); err == nil {
		return withoutEnd(mapped)
	}
	return FoldASCII(domain)
}

func withoutEnd(domain string) string {
	return strings.TrimRightFunc(domain, func(r rune) bool { return r == '.' || unicode.IsSpace(r) })
}

// FoldASCII lower-cases A–Z and nothing else.
func FoldASCII(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}
