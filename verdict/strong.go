package verdict

import (
	"slices"
	"strings"

	"quishmilter/payload"
)

// What makes a link worth holding where it is a stranger's. Everything else that is remarkable about a code, its words
// or its sender is weak: wanted mail has it too.
//
// Strong signals of the link:
//   - it names a recipient, by the address or by local part and domain together. Links of wanted mail do so as well, to their sender's own site; so it does not count where
//     the host has been known here for two weeks, nor where the link stays on the author's own domain and the author has
//     been known for two weeks, or is proven and prevalent. A stranger who proves a domain has proven nothing else: the
//     campaigns of 2026 passed DMARC on domains of their own;
//   - it leads to a host that was never seen here, where anybody can have one within a minute: an IPFS gateway, free
//     hosting, a tunnel, a shortener;
//   - it links a device to somebody's account;
//   - it is spelt to deceive: a name before an "@", mixed scripts, a well-known name misspelt that is not the proven
//     author's own domain, a link that claims to be a payment, more links in one code than anybody needs.
//
// A link that is wrapped in a contact, an event, a message or the like counts as one that the code opens where one of
// these is true of it, or the code is disguised; else the code is what it says to be: most contacts hold their owner's
// page.
//
// Strong signals beside the link:
//   - the code is disguised: split, nested, made of characters or boxes, hardly to be seen;
//   - the author is proven to be forged, or bears a domain of our own that nothing proves;
//   - it stands in a document that holds nothing else and asks to scan it, or in one without any words that comes with a
//     letter which asks to, in the words of mail that steals passwords.

// shared are the lists of hosts that anybody can have a page or a link on, and so say nothing about who is behind it; and
// links of which nobody knows what opens them.
var shared = []string{payload.SignalIPFS, payload.SignalHosting, payload.SignalTunnel, payload.SignalShortener, payload.SignalQRService, payload.SignalForms,
	payload.SignalOpaque, payload.SignalBrokenLink}

// quick are those of them that attackers use and, from strangers, hardly anybody else.
var quick = []string{payload.SignalIPFS, payload.SignalHosting, payload.SignalTunnel, payload.SignalShortener}

// deceits are spellings of a link that nobody chooses by accident. A name like a well-known one is the other: see ownName.
var deceits = []string{payload.SignalUserInfo, payload.SignalMixedScript, payload.SignalFakePayment, payload.SignalManyLinks}

// disguises are tricks that nobody plays by accident. Colours, inversion and small size are fashion.
var disguises = []string{"split", "nested", "low-contrast"}

// drawn are carriers in which somebody put a code together out of characters or boxes.
var drawn = []string{"html-table", "html-css", "text-blocks"}

// Reasons for what the facts say beside the signals of the link.
const (
	DisguisedCode    = "disguised-code"
	NotAuthenticated = "sender-not-authenticated"
	DeviceLinking    = payload.SignalDeviceLinking
	OwnDomainForged  = "own-domain-forged"
	AsksToScan       = payload.SignalAsksToScan
	RemoteUnseen     = "remote-picture-unseen"
)

// Strong signals that are no reasons.
const (
	newSharedHost = "new-shared-host"
	deceptiveLink = "deceptive-link"
	forgedSender  = "forged-sender"
)

// weigh finds the strong signals, those of the link first.
func (f *facts) weigh() {
	c := &f.Code
	asksItself := slices.Contains(c.Signals, payload.SignalAsksToScan) && slices.Contains(c.Signals, payload.SignalBareCode)
	c.BareDocument = asksItself || slices.Contains(c.Signals, payload.SignalBlankCode) && f.Message.AsksToScan && f.Message.LureWords
	add := func(signal string, is bool) {
		if is {
			c.StrongSignals = append(c.StrongSignals, signal)
		}
	}
	add(payload.SignalRecipient, c.RecipientInLink && !f.personalLink())
	add(newSharedHost, c.HostNew && anyOf(c.Signals, quick))
	add(DeviceLinking, slices.Contains(c.Signals, DeviceLinking))
	add(deceptiveLink, anyOf(c.Signals, deceits) || slices.Contains(c.Signals, payload.SignalLookAlike) && !f.ownName())
	c.StrongInLink = len(c.StrongSignals)
	wrapped := slices.Contains(c.Signals, payload.SignalLinkInText) || slices.Contains(c.Signals, payload.SignalLinkInPayment)
	c.Opens = c.Opens || c.StrongInLink > 0 || wrapped && (c.Disguised || !slices.Contains(mayWrap, payload.Kind(c.Kind)))
	add(DisguisedCode, c.Disguised)
	add(forgedSender, f.Sender.Auth == "fail" || f.Sender.OwnDomainForged)
	add(payload.SignalBareCode, c.BareDocument)
	c.Strong = len(c.StrongSignals)
}

// mayWrap are the kinds of codes that are wanted with a plain link inside: that of a shop in a payment, of a person's page
// on a visiting card. Only a strong signal makes it a link like others there.
var mayWrap = []payload.Kind{payload.Payment, payload.Contact, payload.Ticket, payload.Invoice, payload.OTPAuth}

// ownName tells that a name which looks like a well-known one is the author's own, proven: revolt.tv, barclay.com and
// telecom.com are real. One that merely looks so, by figures for letters or the like, is nobody's by chance.
func (f *facts) ownName() bool {
	drawn := slices.ContainsFunc([]string{"xn--", "rn", "vv"}, func(s string) bool { return strings.Contains(f.Sender.Domain, s) })
	return f.Code.SenderHost && f.Sender.Auth == "pass" && !drawn && !strings.ContainsAny(f.Sender.Domain, "0123456789")
}

// SharedHost tells by the signals of a link that anybody can have one on its host, so that the host says nothing about who
// is behind it.
func SharedHost(signals []string) bool { return anyOf(signals, shared) }

// Strength is how many strong signals the code has that has most of them.
func (e Evidence) Strength() (most int) {
	for _, f := range environments(e) {
		most = max(most, f.Code.Strong)
	}
	return most
}

// personalLink tells a link that names its reader as wanted mail does: on a host that codes have long led to, or on the
// own site of an author who is known. Who controls both the author's mail and the site is the author; an attacker may own
// a domain too, but then is a stranger.
func (f *facts) personalLink() bool {
	proven := f.Sender.Auth == "pass" && f.Sender.Prevalent
	ownSite := f.Code.SenderHost && (proven || f.Sender.SinceDays >= longKnown)
	intoApp := f.Code.Kind == string(payload.AppLink) || f.Code.Kind == string(payload.DeviceLink)
	return !intoApp && !f.Code.SharedHost && (ownSite || f.Code.HostAgeDays >= longKnown)
}

// longKnown is from when on, in days, a host counts as one that the organisation deals with; whoever sends harmless
// codes so long ahead of an attack is seen by other means.
const longKnown = 14
