package payload

import (
	"net/netip"
	"strconv"
	"strings"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
)

// idnHosts maps host names as browsers do (UTS 46, not transitional); underscores and hyphens anywhere are let pass.
var idnHosts = idna.New(idna.MapForLookup(), idna.Transitional(false), idna.StrictDomainName(false), idna.CheckHyphens(false))

// hostOf returns the host as a browser would resolve it: behind the last "@", without port, dots of all scripts made
// one, percent-decoded, lower case, ASCII; addresses in their usual form. "" means that there is none.
func hostOf(rest string) string {
	host := authority(rest)
	if i := strings.LastIndexByte(host, '@'); i >= 0 {
		host = host[i+1:]
	}
	if strings.HasPrefix(host, "[") {
		return ipv6(host)
	}
	if i := strings.IndexByte(host, ':'); i >= 0 {
		host = host[:i]
	}
	host = asciiHost(strings.TrimSpace(percentDecode(host)))
	host = strings.Trim(host, ".")
	if host == "" || len(host) > 253 || strings.ContainsFunc(host, notInHost) {
		return ""
	}
	if ip, ok := ipv4(host); ok {
		return ip
	}
	return host
}

// asciiHost is the host in lower case and in ASCII. A name that IDNA forbids stays as near as can be: a browser may be
// more lenient.
func asciiHost(host string) string {
	if !needsFolding(host) && !strings.Contains(host, "xn--") {
		return strings.ToLower(host)
	}
	host = strings.Map(dropInvisible, host)
	if ascii, err := idnHosts.ToASCII(host); err == nil {
		return ascii
	}
	if ascii, err := idna.Punycode.ToASCII(strings.ToLower(host)); err == nil {
		return ascii
	}
	return strings.ToLower(host)
}

// notInHost rejects what no host name holds (URL standard, "forbidden host code point").
func notInHost(r rune) bool {
	return r <= ' ' || r == 0x7f || strings.ContainsRune("\"<>\\^{|}`/?#@:%[]", r)
}

// ipv6 reads the address between brackets.
func ipv6(host string) string {
	end := strings.IndexByte(host, ']')
	if end < 0 {
		return ""
	}
	ip, err := netip.ParseAddr(host[1:end])
	if err != nil || !ip.Is6() || ip.Zone() != "" {
		return ""
	}
	return ip.String()
}

// ipv4 reads an address in every spelling that a browser takes: 203.0.113.7, 203.0.29031, 0xcb.0.0x7107, 0313.0.113.7,
// 3405803783 (URL standard, "IPv4 parser"). The last number fills all bytes that are left.
func ipv4(host string) (string, bool) {
	if last := host[strings.LastIndexByte(host, '.')+1:]; last == "" || last[0] < '0' || last[0] > '9' {
		return "", false
	}
	parts := strings.Split(host, ".")
	if len(parts) > 4 {
		return "", false
	}
	var address uint64
	for i, part := range parts {
		n, ok := ipNumber(part)
		if !ok {
			return "", false
		}
		if i < len(parts)-1 {
			if n > 255 {
				return "", false
			}
			address |= n << (8 * (3 - i))
		} else {
			if n >= 1<<(8*(5-len(parts))) {
				return "", false
			}
			address |= n
		}
	}
	return netip.AddrFrom4([4]byte{byte(address >> 24), byte(address >> 16), byte(address >> 8), byte(address)}).String(), true
}

// ipNumber reads decimal, octal with a leading 0, hexadecimal with 0x.
func ipNumber(text string) (uint64, bool) {
	base := 10
	switch {
	case len(text) >= 2 && (text[:2] == "0x" || text[:2] == "0X"):
		if text, base = text[2:], 16; text == "" {
			return 0, true
		}
	case len(text) >= 2 && text[0] == '0':
		text, base = text[1:], 8
	}
	n, err := strconv.ParseUint(text, base, 33)
	return n, err == nil && !strings.ContainsAny(text, "_+")
}

// isIP knows an address among the results of hostOf.
func isIP(host string) bool {
	_, err := netip.ParseAddr(host)
	return err == nil
}

// registrable is the domain that somebody registered, or got from a provider under a suffix of the provider's own
// (public suffix list, both parts); the host itself where there is none.
func registrable(host string) string {
	if host == "" || isIP(host) {
		return host
	}
	if domain, err := publicsuffix.EffectiveTLDPlusOne(host); err == nil {
		return domain
	}
	return host
}

// unusualPort tells whether a link names a port other than the ones of the web.
func unusualPort(link string) bool {
	auth := authority(afterScheme(link))
	auth = auth[strings.LastIndexByte(auth, '@')+1:]
	i := strings.LastIndexByte(auth, ':')
	if i < 0 || strings.HasSuffix(auth, "]") {
		return false
	}
	port := strings.TrimLeft(auth[i+1:], "0")
	return port != "" && port != "80" && port != "443"
}

// afterScheme is what stands behind the scheme of a link, from its host on.
func afterScheme(link string) string {
	if rest, ok := cutNetScheme(link); ok {
		return rest
	}
	rest, _ := cutScheme(link)
	return rest
}
