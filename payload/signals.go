package payload

import (
	"encoding/base64"
	"encoding/hex"
	"regexp"
	"strings"
)

// The signals of a link.
const (
	SignalIPFS      = "ipfs-gateway"
	SignalRecipient = "recipient-in-link"
)

// ipfsGateways are public gateways that serve any content under their own name.
var ipfsGateways = []string{
	"ipfs.io", "dweb.link", "cf-ipfs.com", "cloudflare-ipfs.com", "gateway.ipfs.io", "gateway.pinata.cloud", "mypinata.cloud",
	"nftstorage.link", "w3s.link", "4everland.io", "ipfs.eth.aragon.network", "ipfs.fleek.co", "infura-ipfs.io", "hardbin.com",
	"ipfs.infura.io", "fleek.cool", "storry.tv", "ipfs.cyou", "crustwebsites.net", "eth.limo", "inbrowser.link",
}

// contentID is an IPFS content identifier: version 0 in base58, or version 1 in base32 or base36.
var contentID = regexp.MustCompile(`(^|[/.])(Qm[1-9A-HJ-NP-Za-km-z]{44}|b[a-z2-7]{50,}|k[0-9a-z]{50,})([/.?#]|$)`)

// Signals says what is remarkable about a link, given the addresses that the message went to.
func (p Payload) Signals(recipients []string) []string {
	if p.Kind != URL {
		return nil
	}
	var signals []string
	if p.onIPFS() {
		signals = append(signals, SignalIPFS)
	}
	if names(p.URL, recipients) {
		signals = append(signals, SignalRecipient)
	}
	return signals
}

func (p Payload) onIPFS() bool {
	for _, gateway := range ipfsGateways {
		if p.Host == gateway || strings.HasSuffix(p.Host, "."+gateway) {
			return true
		}
	}
	return (strings.Contains(p.URL, "/ipfs/") || strings.Contains(p.URL, "/ipns/") || strings.Contains(p.Host, ".ipfs.")) && contentID.MatchString(p.URL)
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
