package payload

import (
	"regexp"
	"slices"
	"strings"
)

// The signals of a link. Those of lists are the names of the lists.
const (
	SignalIPFS           = "ipfs-gateway"
	SignalShortener      = "shortener"
	SignalQRService      = "qr-service"
	SignalHosting        = "free-hosting"
	SignalTunnel         = "tunnel"
	SignalForms          = "form-service"
	SignalRecipient      = "recipient-in-link"
	SignalRecipientParts = "recipient-parts-in-link" // local part and domain, apart from one another
	SignalRecipientHint  = "recipient-hint-in-link"  // the domain alone, or a local part that few people have
	SignalUserInfo       = "user-info-in-link"       // https://bank.example@evil.example
	SignalIPHost         = "ip-address-in-link"
	SignalRedirect       = "redirector"
	SignalPunycode       = "punycode-host"
	SignalMixedScript    = "mixed-script-host"
	SignalLookAlike      = "look-alike-host" // a well-known brand's name, misspelt
	SignalBrandHost      = "brand-in-host"   // a well-known brand's name in a host that is not the brand's
	SignalPort           = "unusual-port"
	SignalAppDownload    = "app-download"
	SignalFakePayment    = "fake-payment"    // a link that pretends to be a payment
	SignalLinkInPayment  = "link-in-payment" // a payment that checks, with a link in a free field
	SignalLinkInText     = "link-in-text"    // a link among other words, or inside a contact, an event, a message …
	SignalManyLinks      = "many-links"      // more links than are judged
	SignalBrokenLink     = "broken-link"     // begins as a link and has no host that a browser takes
	SignalOpaque         = "opaque-redirect" // a redirector that keeps its target to itself
	SignalDeviceLinking  = "device-linking"  // a link inside something else that links a device
	SignalServiceCode    = "service-code"    // tel:*21*…#
)

// CodeSignals are all that a code may have: those of its link, and of the document that it stands in.
func CodeSignals() []string {
	return []string{SignalIPFS, SignalShortener, SignalQRService, SignalHosting, SignalTunnel, SignalForms, SignalRecipient, SignalRecipientParts,
		SignalRecipientHint, SignalUserInfo, SignalIPHost, SignalRedirect, SignalPunycode, SignalMixedScript, SignalLookAlike, SignalBrandHost, SignalPort,
		SignalAppDownload, SignalFakePayment, SignalLinkInPayment, SignalLinkInText, SignalManyLinks, SignalBrokenLink, SignalOpaque, SignalDeviceLinking,
		SignalServiceCode, SignalAsksToScan, SignalBareCode, SignalBlankCode}
}

// contentID is an IPFS content identifier: version 0 in base58, or version 1 in base32 or base36.
var contentID = regexp.MustCompile(`(^|[/.])(Qm[1-9A-HJ-NP-Za-km-z]{44}|b[a-z2-7]{50,}|k[0-9a-z]{50,})([/.?#]|$)`)

// Signals says what is remarkable about a payload, its link and where the link leads, given the addresses that the
// message went to.
func (l Lists) Signals(p Payload, recipients []string) []string {
	var found []string
	add := func(signal string, is bool) {
		if is && !slices.Contains(found, signal) {
			found = append(found, signal)
		}
	}
	judged := p.links()
	if len(judged) > 0 {
		named := inLink(p, recipients)
		add(SignalRecipient, named == whole)
		add(SignalRecipientParts, named == apart)
		add(SignalRecipientHint, named == hinted)
	}
	for _, link := range judged {
		for _, signal := range l.signals(link.host) {
			add(signal, true)
		}
		add(SignalIPFS, contentOnIPFS(link))
		add(SignalUserInfo, strings.Contains(authority(afterScheme(link.url)), "@"))
		add(SignalIPHost, isIP(link.host))
		add(SignalPort, unusualPort(link.url))
		add(SignalAppDownload, isAppDownload(link.url))
		for _, signal := range spelling(link.host) {
			add(signal, true)
		}
	}
	add(SignalRedirect, p.Target != "")
	add(SignalOpaque, slices.ContainsFunc(judged, l.keepsTarget))
	add(SignalLinkInPayment, p.Kind == Payment && len(p.Links) > 0)
	wraps := len(judged) > 0 && (p.Kind != AppLink || p.secret) && p.Kind != Payment || p.device
	add(SignalLinkInText, p.URL == "" && p.Kind != DeviceLink && wraps)
	add(SignalDeviceLinking, p.Kind != DeviceLink && (p.device || slices.ContainsFunc(judged, linksDevice)))
	add(SignalManyLinks, len(judged) > 0 && p.Unjudged > 0)
	add(p.how, p.how != "")
	return found
}

// linksDevice knows a page that links a device.
func linksDevice(l link) bool {
	kind, is := kindOfPage(Payload{URL: l.url, Host: l.host})
	return is && kind == DeviceLink
}

// link is a link with its host.
type link struct{ url, host string }

// links are the links that are judged: the payload's own, where it leads to, and further ones, those in the message of a
// payment or in a key too: phones show them, and attackers wrap what they mean in what is wanted.
func (p Payload) links() []link {
	var all []link
	if p.URL != "" {
		all = append(all, link{p.URL, p.Host})
	}
	add := func(url string) {
		if host := linkHost(url); host != "" {
			all = append(all, link{url, host})
		}
	}
	add(p.Target)
	for _, url := range p.Links {
		add(url)
	}
	return all
}

// Hosts are those of the links that are judged, the payload's own first, each once.
func (p Payload) Hosts() []string {
	var all []string
	for _, l := range p.links() {
		if l.host != "" && !slices.Contains(all, l.host) {
			all = append(all, l.host)
		}
	}
	return all
}

// contentOnIPFS knows a gateway that no list has by the content identifier in its links.
func contentOnIPFS(l link) bool {
	return (strings.Contains(l.url, "/ipfs/") || strings.Contains(l.url, "/ipns/") || strings.Contains(l.host, ".ipfs.") || strings.Contains(l.host, ".ipns.")) &&
		contentID.MatchString(l.url)
}
