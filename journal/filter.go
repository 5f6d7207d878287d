package journal

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"quishmilter/identity"
	"quishmilter/payload"
	"quishmilter/verdict"
)

// Filter says which events a hunt wants: those that fulfil everything that is set. Addresses and hosts are compared
// without regard to case.
type Filter struct {
	Since, Until time.Time // both ends count, to the millisecond; the zero time is no end

	URL       string       // a part of a code's link, or of where it leads
	Host      string       // of a link, or of where it leads; or a host below it
	Sender    string       // the header From or the envelope sender
	Domain    string       // of one of these; or a domain below it
	Client    netip.Prefix // network of the client
	Recipient string       // one of the envelope
	Kind      string       // of a code: "url", "wifi", …
	Reason    string
	Verdict   string // "quarantine", …
	Picture   string // the digest of a code's picture, or its beginning
	AnyCode   bool   // a code at all
}

// Folded is the filter with names of hosts and domains as the journal has them: in lower case, and in ASCII where they are
// not (RFC 5890).
func (f Filter) Folded() Filter {
	f.Host, f.Domain = hostIn(f.Host), hostIn(f.Domain)
	f.Sender, f.Recipient = foldAddress(f.Sender), foldAddress(f.Recipient)
	return f
}

// hostIn is the host that a text names, as people copy it: alone, in a link, with a port, in an address, or with a star
// for those below it. What is no host stays as it is.
func hostIn(text string) string {
	host := strings.TrimSpace(text)
	if _, rest, found := strings.Cut(host, "://"); found {
		host = rest
	}
	if i := strings.IndexAny(host, "/?#\\"); i >= 0 {
		host = host[:i]
	}
	host = strings.TrimPrefix(host[strings.LastIndexByte(host, '@')+1:], "*.")
	if name, port, found := strings.Cut(host, ":"); found && strings.Trim(port, "0123456789") == "" {
		host = name
	}
	return identity.FoldDomain(strings.Trim(host, "."))
}

// checkHost says what is wrong with a host or domain of a filter, which would match nothing, or all.
func checkHost(name, text string) error {
	if host := hostIn(text); text != "" && (host == "" || strings.ContainsAny(host, " *,;<>\"'()") || strings.Contains(host, "..")) {
		return fmt.Errorf("%s %.80q is none; write it as evil.example", name, text)
	}
	return nil
}

func foldAddress(address string) string {
	if at := strings.LastIndexByte(address, '@'); at >= 0 {
		return address[:at+1] + identity.FoldDomain(address[at+1:])
	}
	return address
}

// sameAddress compares what a message had with what a folded filter has.
func sameAddress(address, wanted string) bool {
	return strings.EqualFold(address, wanted) || !isASCII(address) && strings.EqualFold(foldAddress(address), wanted)
}

func isASCII(text string) bool {
	return strings.IndexFunc(text, func(r rune) bool { return r >= utf8.RuneSelf }) < 0
}

// wantsCode says that an event without a code cannot match.
func (f Filter) wantsCode() bool { return f.AnyCode || f.URL+f.Host+f.Kind+f.Picture != "" }

// wantsTail says that plain mail cannot match.
func (f Filter) wantsTail() bool {
	return f.wantsCode() || f.Reason != "" || f.Verdict != "" && f.Verdict != "accept"
}

// wantsEnvelope says that an event without recipients and client cannot match.
func (f Filter) wantsEnvelope() bool { return f.Recipient != "" || f.Client.IsValid() }

// All says that nothing but the time matters.
func (f Filter) All() bool {
	f.Since, f.Until = time.Time{}, time.Time{}
	return f == Filter{}
}

// Match says whether an event is wanted.
func (f Filter) Match(e *Event) bool {
	at := e.Time.Truncate(time.Millisecond)
	switch {
	case !f.Since.IsZero() && at.Before(f.Since.Truncate(time.Millisecond)), !f.Until.IsZero() && at.After(f.Until):
		return false
	case f.Sender != "" && !sameAddress(e.HeaderFrom, f.Sender) && !sameAddress(e.MailFrom, f.Sender):
		return false
	case f.Domain != "" && !within(domainOf(e.HeaderFrom), f.Domain) && !within(domainOf(e.MailFrom), f.Domain):
		return false
	case f.Client.IsValid() && !f.clientIn(e.ClientAddr):
		return false
	case f.Recipient != "" && !slices.ContainsFunc(e.Rcpts, func(r string) bool { return sameAddress(r, f.Recipient) }):
		return false
	case f.Reason != "" && !slices.Contains(e.Reasons, f.Reason), f.Verdict != "" && f.Verdict != e.Verdict:
		return false
	}
	return !f.wantsCode() || slices.ContainsFunc(e.Codes, f.matchCode)
}

func (f Filter) clientIn(address string) bool {
	client, err := netip.ParseAddr(address)
	return err == nil && f.Client.Contains(client.Unmap())
}

// matchCode wants everything of one code.
func (f Filter) matchCode(c CodeEvent) bool {
	links := append([]string{c.Target}, c.Links...)
	return (f.URL == "" || containsFold(c.URL, f.URL) || slices.ContainsFunc(links, func(l string) bool { return containsFold(l, f.URL) })) &&
		(f.Host == "" || within(c.Host, f.Host) || slices.ContainsFunc(links, func(l string) bool { return within(HostOf(l), f.Host) })) &&
		(f.Kind == "" || c.Kind == f.Kind) &&
		(f.Picture == "" || c.Picture != "" && strings.HasPrefix(c.Picture, strings.ToLower(f.Picture)))
}

// containsFold compares without regard to case, as KQL's "contains" does: the densest mode of QR codes has capitals alone.
func containsFold(text, part string) bool {
	return strings.Contains(strings.ToLower(text), strings.ToLower(part))
}

// Check says what is wrong with words that no event can have.
func (f Filter) Check() error {
	if f.Kind != "" && !slices.Contains(payload.Kinds(), string(f.Kind)) {
		return fmt.Errorf("the kind %s", verdict.UnknownWord(fitText(string(f.Kind), 40), payload.Kinds()))
	}
	if f.Verdict != "" && !slices.Contains(verdict.Actions(), verdict.Action(f.Verdict)) {
		return fmt.Errorf("the verdict %s", verdict.UnknownWord(fitText(string(f.Verdict), 40), texts(verdict.Actions())))
	}
	if strings.Trim(strings.ToLower(f.Picture), "0123456789abcdef") != "" {
		return fmt.Errorf("%.40q is no digest of a picture, nor the beginning of one", f.Picture)
	}
	return errors.Join(checkHost("host", f.Host), checkHost("domain", f.Domain))
}

// within says that a host is another, or lies below it.
func within(host, other string) bool {
	host, other = strings.ToLower(strings.TrimSuffix(host, ".")), strings.ToLower(strings.Trim(other, "."))
	return host == other || other != "" && strings.HasSuffix(host, "."+other)
}

func domainOf(address string) string {
	domain := address[strings.LastIndexByte(address, '@')+1:]
	if !isASCII(domain) {
		return identity.FoldDomain(domain)
	}
	return domain
}

// HostOf is the host of a link, as far as its text shows it.
func HostOf(link string) string {
	if _, rest, found := strings.Cut(link, "://"); found {
		link = rest
	}
	if i := strings.IndexAny(link, "/?#\\"); i >= 0 {
		link = link[:i]
	}
	link = link[strings.LastIndexByte(link, '@')+1:]
	if i := strings.LastIndexByte(link, ':'); i >= 0 && !strings.HasSuffix(link, "]") {
		link = link[:i]
	}
	return link
}
