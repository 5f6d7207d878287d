package payload

import (
	"encoding/base64"
	"encoding/hex"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// The signals of a link. Those of lists are the names of the lists.
const (
	SignalIPFS      = "ipfs-gateway"
	SignalShortener = "shortener"
	SignalQRService = "qr-service"
	SignalHosting   = "free-hosting"
	SignalTunnel    = "tunnel"
	SignalRecipient = "recipient-in-link"
	SignalUserInfo  = "user-info-in-link" // https://bank.example@evil.example
	SignalIPHost    = "ip-address-in-link"
	SignalRedirect  = "redirector"
	SignalPunycode  = "punycode-host"
)

// contentID is an IPFS content identifier: version 0 in base58, or version 1 in base32 or base36.
var contentID = regexp.MustCompile(`(^|[/.])(Qm[1-9A-HJ-NP-Za-km-z]{44}|b[a-z2-7]{50,}|k[0-9a-z]{50,})([/.?#]|$)`)

// Signals says what is remarkable about a link and about where it leads, given the addresses that the message went to.
func (l Lists) Signals(p Payload, recipients []string) []string {
	if p.Kind != URL {
		return nil
	}
	var found []string
	add := func(signal string, is bool) {
		if is && !slices.Contains(found, signal) {
			found = append(found, signal)
		}
	}
	add(SignalRecipient, names(p.URL, recipients) || names(p.Target, recipients))
	for _, link := range p.links() {
		for _, signal := range l.signals(link.host) {
			add(signal, true)
		}
		add(SignalIPFS, contentOnIPFS(link))
		add(SignalUserInfo, strings.Contains(authority(afterScheme(link.url)), "@"))
		add(SignalIPHost, isIP(link.host))
		add(SignalPunycode, strings.HasPrefix(link.host, "xn--") || strings.Contains(link.host, ".xn--"))
	}
	add(SignalRedirect, p.Target != "")
	return found
}

// link is a link with its host.
type link struct{ url, host string }

// links are the link itself and the one that it leads to.
func (p Payload) links() []link {
	all := []link{{p.URL, p.Host}}
	if p.Target != "" {
		all = append(all, link{p.Target, hostOf(afterScheme(p.Target))})
	}
	return all
}

func afterScheme(link string) string {
	rest, _ := cutScheme(link)
	return rest
}

// contentOnIPFS knows a gateway that no list has by the content identifier in its links.
func contentOnIPFS(l link) bool {
	return (strings.Contains(l.url, "/ipfs/") || strings.Contains(l.url, "/ipns/") || strings.Contains(l.host, ".ipfs.")) && contentID.MatchString(l.url)
}

// isIP knows an address in every spelling that a browser takes: 203.0.113.7, 203.0.29031, 0xcb.0.0x7107, 3405803783
// (URL standard, "IPv4 parser"), and IPv6.
func isIP(host string) bool {
	if strings.Contains(host, ":") {
		return true
	}
	parts := strings.Split(strings.TrimSuffix(host, "."), ".")
	if len(parts) > 4 {
		return false
	}
	for _, part := range parts {
		if _, err := strconv.ParseUint(part, 0, 33); err != nil || strings.Contains(part, "_") {
			return false
		}
	}
	return true
}

// names tells whether the link holds one of the addresses, plain or encoded.
// Only whole addresses count: a local part such as "info" stands in too many wanted links.
func names(link string, recipients []string) bool {
	readings := readingsOf(link)
	for _, rcpt := range recipients {
		rcpt = strings.ToLower(strings.TrimSpace(rcpt))
		if at := strings.LastIndexByte(rcpt, '@'); at < 1 || len(rcpt) > 320 {
			continue
		}
		for _, reading := range readings {
			if strings.Contains(reading, rcpt) {
				return true
			}
		}
	}
	return false
}

// readingsOf returns the link as it is, percent-decoded once and twice, and everything in it that decodes as base64
// or hexadecimal; all lower case.
func readingsOf(link string) []string {
	once := percentDecode(link)
	twice := percentDecode(once)
	readings := []string{strings.ToLower(link), strings.ToLower(once), strings.ToLower(twice)}
	for _, token := range encodedToken.FindAllString(twice, maxTokens) {
		for skip := 0; skip < 4 && skip < len(token); skip++ { // base64 may start anywhere in a longer run
			piece := token[skip:]
			piece = strings.NewReplacer("-", "+", "_", "/").Replace(piece)
			if decoded, err := base64.RawStdEncoding.DecodeString(piece[:len(piece)/4*4+tail(len(piece)%4)]); err == nil {
				readings = append(readings, strings.ToLower(string(decoded)))
			}
		}
	}
	for _, token := range hexToken.FindAllString(twice, maxTokens) {
		for skip := range 2 { // a digit before it shifts the pairs
			piece := token[skip:]
			if decoded, err := hex.DecodeString(piece[:len(piece)/2*2]); err == nil {
				readings = append(readings, strings.ToLower(string(decoded)))
			}
		}
	}
	return readings
}

// tail is how many characters of an unfinished base64 group hold whole bytes.
func tail(n int) int {
	if n == 1 {
		return 0
	}
	return n
}

// Runs that may be base64 (both alphabets) or hexadecimal and are long enough for "a@b.c".
var (
	encodedToken = regexp.MustCompile(`[A-Za-z0-9+/_-]{7,}`)
	hexToken     = regexp.MustCompile(`[0-9A-Fa-f]{10,}`)
)

const maxTokens = 64
