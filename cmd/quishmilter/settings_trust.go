package main

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"quishmilter/identity"
)

// checkTrust looks at the settings that say who is believed: a slip there opens the door to everybody.
func (s Settings) checkTrust() error {
	for _, c := range []struct {
		key   string
		value []string
		check func(string) error
	}{
		{"own_networks", s.OwnNetworks, checkNetwork},
		{"trusted_relays", s.TrustedRelays, checkNetwork},
		{"authentication.own_domains", s.Auth.OwnDomains, checkDomain},
		{"authentication.trusted_arc_sealers", s.Auth.TrustedARCSealers, checkDomain},
		{"authentication.trusted_authserv", s.Auth.TrustedAuthserv, checkAuthserv},
	} {
		for _, text := range c.value {
			if err := c.check(text); err != nil {
				return settingError{c.key, err.Error()}
			}
		}
	}
	return nil
}

// The shortest prefixes of a network that one organisation can have: 10.0.0.0/8 and fc00::/7.
const (
	leastBits4 = 8
	leastBits6 = 7
)

func checkNetwork(text string) error {
	list, err := prefixes([]string{text})
	if err != nil {
		return err
	}
	p := list[0]
	switch {
	case p.Addr().Is4In6():
		return fmt.Errorf("%q is an IPv4 network written as IPv6; write it as \"192.0.2.0/24\"", text)
	case p.Bits() < leastBits4 && p.Addr().Is4(), p.Bits() < leastBits6, p.Overlaps(allOfIPv6) && p.Bits() < 16:
		return fmt.Errorf("%q is most of the Internet, which would be believed; write your own networks, for example \"192.0.2.0/24\" or \"2001:db8::/32\"", text)
	}
	return nil
}

// allOfIPv6 is what is routed of it.
var allOfIPv6 = netip.MustParsePrefix("2000::/3")

func checkDomain(text string) error {
	domain, err := identity.ReadDomain(text)
	switch {
	case errors.Is(err, identity.ErrPublicSuffix):
		return fmt.Errorf("%q is a domain under which anybody may have one; write your own, for example \"example.org\"", text)
	case err != nil:
		return fmt.Errorf("%q is no domain; write for example \"example.org\", which stands for those below it, too", text)
	case !strings.Contains(domain, "."):
		return fmt.Errorf("%q is a top-level domain; write your own, for example \"example.org\"", text)
	}
	return nil
}

// checkAuthserv takes what RFC 8601, section 2.2, lets an authserv-id be without quotes.
func checkAuthserv(text string) error {
	if text == identity.MyHostname {
		return nil
	}
	bad := func(r rune) bool { return r <= ' ' || r == 0x7f || strings.ContainsRune(`()<>,;:\"/[]?=$*@`, r) }
	if text == "" || len(text) > 255 || strings.ContainsFunc(text, bad) {
		return fmt.Errorf("%q is no authserv-id; write the name at the beginning of the filter's Authentication-Results field, for example \"mx.example.org\", or %q", text, identity.MyHostname)
	}
	return nil
}
