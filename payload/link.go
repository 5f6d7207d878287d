package payload

import (
	"net"
	"strings"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
)

// maxLink is the longest text that is looked at as a link: a QR code holds at most 7,089 characters.
const maxLink = 8 << 10

// webLink tells whether a phone would open the text in a browser. Links are found in every spelling that the cameras
// of iOS and Android open: any case of the scheme, white space or control characters inside it, one or many slashes,
// backslashes, no scheme at all.
func webLink(text string) (link, host string, ok bool) {
	if text == "" || len(text) > maxLink {
		return "", "", false
	}
	compact := strings.Map(dropInvisible, text)
	if len(compact) > 4 && strings.EqualFold(compact[:4], "url:") { // ZXing's and Apple's "URL:" and "URLTO:" forms
		compact = compact[4:]
	} else if len(compact) > 6 && strings.EqualFold(compact[:6], "urlto:") {
		compact = compact[6:]
	}
	rest, scheme := cutScheme(compact)
	if scheme == "" {
		return schemeless(text, compact)
	}
	host = hostOf(rest)
	if host == "" {
		return "", "", false
	}
	return scheme + "://" + rest, host, true
}

// cutScheme removes "http:" or "https:" and the slashes behind it.
func cutScheme(text string) (rest, scheme string) {
	for _, s := range []string{"https", "http"} {
		if len(text) > len(s) && strings.EqualFold(text[:len(s)], s) && text[len(s)] == ':' {
			return strings.TrimLeft(text[len(s)+1:], `/\`), s
		}
	}
	return text, ""
}

// schemeless finds "www.example.com/x" and "example.com/x". Only a name under a real top-level domain counts, and
// only where no blank stands in the text, or every sentence would be a link.
func schemeless(text, compact string) (link, host string, ok bool) {
	if strings.ContainsAny(text, " \t\r\n") {
		return "", "", false
	}
	rest := strings.TrimLeft(compact, `/\`)
	host = hostOf(rest)
	if host == "" || !strings.Contains(host, ".") || strings.Contains(authority(rest), "@") {
		return "", "", false
	}
	if _, icann := publicsuffix.PublicSuffix(host); !icann && !strings.HasPrefix(host, "www.") {
		if !strings.HasPrefix(rest, host+"/") { // a private suffix (github.io) is fine with a path
			return "", "", false
		}
		if suffix, _ := publicsuffix.PublicSuffix(host); !strings.Contains(suffix, ".") {
			return "", "", false
		}
	}
	return "http://" + rest, host, true
}

// authority is what stands between the slashes and the path (RFC 3986, section 3.2); browsers end it at a backslash too.
func authority(rest string) string {
	if i := strings.IndexAny(rest, `/?#\`); i >= 0 {
		rest = rest[:i]
	}
	return rest
}

// hostOf returns the host as a browser would resolve it: behind the last "@", without port, dots of all scripts made
// one, percent-decoded, lower case, ASCII. "" means that there is none.
func hostOf(rest string) string {
	host := authority(rest)
	if i := strings.LastIndexByte(host, '@'); i >= 0 {
		host = host[i+1:]
	}
	if strings.HasPrefix(host, "[") {
		if i := strings.IndexByte(host, ']'); i > 0 && net.ParseIP(host[1:i]) != nil {
			return strings.ToLower(host[1:i])
		}
		return ""
	}
	if i := strings.IndexByte(host, ':'); i >= 0 {
		host = host[:i]
	}
	host = strings.Trim(percentDecode(host), ".")
	if ascii, err := idna.Lookup.ToASCII(host); err == nil {
		host = ascii
	}
	if host == "" || len(host) > 253 || strings.ContainsFunc(host, notInHost) {
		return ""
	}
	return strings.ToLower(host)
}

// notInHost rejects what no host name holds. Non-ASCII that did not map stays: a browser may be more lenient.
func notInHost(r rune) bool { return r <= ' ' || strings.ContainsRune(`"<>\^{|}`+"`", r) }

func dropInvisible(r rune) rune {
	switch {
	case r == '\t' || r == '\n' || r == '\r': // URL standard, section 4.4: removed
		return -1
	case r >= 0xff01 && r <= 0xff5e: // full-width forms
		return r - 0xfee0
	case r == 0x200b || r == 0x200c || r == 0x200d || r == 0x2060 || r == 0xfeff || r == 0xad:
		return -1
	case r == 0x3002 || r == 0xff61: // ideographic full stops, dots in IDNA
		return '.'
	}
	return r
}

// percentDecode decodes valid escapes and leaves the rest alone.
func percentDecode(s string) string {
	if !strings.Contains(s, "%") {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			if hi, lo := unhex(s[i+1]), unhex(s[i+2]); hi < 16 && lo < 16 {
				b.WriteByte(hi<<4 | lo)
				i += 2
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

func unhex(c byte) byte {
	switch {
	case c >= '0' && c <= '9':
		return c - '0'
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return c | 0x20 - 'a' + 10
	}
	return 255
}
