package identity

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"time"

	"quishmilter/mime"
)

// Auth says whether the header From is proven.
type Auth string

// The results.
const (
	Pass Auth = "pass" // the author's domain answers for this message
	Fail Auth = "fail" // the domain says that such a message is not from it
	None Auth = "none" // no result to be had: the domain says nothing, or DNS did not answer
)

// Method says what a result rests on.
type Method string

// The methods, the strongest first.
const (
	ByDMARC Method = "dmarc"        // a named filter's DMARC result, or the domain's policy
	ByDKIM  Method = "dkim-aligned" // a signature of the author's domain
	BySPF   Method = "spf-aligned"  // the envelope sender is of the author's domain, and its client is allowed
	ByARC   Method = "arc"          // a trusted forwarder's seal on one of these
)

// Input is what the MTA handed over of one inbound message.
type Input struct {
	Header   []mime.Field // as a milter sees it: without the one space after the colon, folded by LF or CRLF
	Body     []byte       // raw
	Cut      bool         // the body ends early, so no signature over it can be judged
	Client   netip.Addr   // who connected, behind trusted relays (ClientBehind); the zero Addr is not known
	HELO     string
	MailFrom string // without angle brackets; "" is the null sender
	Host     string // the MTA's name for itself, which MyHostname stands for; "" where it is not known
	Now      time.Time
}

// Config says whom to believe. The zero value believes nobody and checks nothing.
type Config struct {
	// TrustedAuthserv are the authserv-ids whose Authentication-Results are believed, the first that has a result
	// first. Name only filters that run on every message and remove fields which arrive under their own name
	// (OpenDKIM, OpenDMARC and rspamd do): whoever may write a named id proves anybody. Position proves nothing,
	// since milters add their results below Received. MyHostname is believed only when it says fail.
	TrustedAuthserv []string
	// TrustedARCSealers are the domains whose seals are believed when the chain verifies (RFC 8617).
	TrustedARCSealers []string
	// OwnCheck runs SPF, DKIM and DMARC where no trusted result is found. Most messages cost one DNS question.
	OwnCheck bool
	Resolver Resolver      // nil is the system's
	Timeout  time.Duration // for all of DNS; 2 seconds when it is zero
}

// DefaultTimeout is how long DNS may hold one message up. Mail is not judged better after that, only later.
const DefaultTimeout = 2 * time.Second

// Result is what is known of an author.
type Result struct {
	Auth    Auth
	Method  Method        // "" where nothing was found
	Domain  string        // the domain in question, ASCII
	Detail  string        // for people, in words of our own
	DNSTime time.Duration // spent waiting for DNS
	Lookups int           // questions asked
}

// Authenticate says whether the author of an inbound message is proven: by results of named filters, by an ARC chain
// that a trusted forwarder sealed last, or by our own check. It never takes much longer than the time-out, and a
// failure of DNS makes the result none, never fail.
func Authenticate(ctx context.Context, in Input, c Config) Result {
	timeout := c.Timeout
	if timeout <= 0 {
		timeout = DefaultTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	if c.Resolver == nil {
		c.Resolver, _ = NewResolver("")
	}
	check := newCheck(in, c)
	result := check.all(ctx, AuthorOf(in.Header).Domains)
	result.DNSTime, result.Lookups = check.dns.took, check.dns.count
	return result
}

// check is the work on one message.
type check struct {
	in     Input
	config Config
	domain string // the author's; of several authors the one in question
	dns    *lookups
	signed signedMessage
	named  map[string][]authResult // once asked for: what fields of named filters say, by their authserv-ids
	policy *policyAnswer           // likewise, of the domain
}

func newCheck(in Input, c Config) *check {
	dns := &lookups{resolver: c.Resolver, texts: map[string]textAnswer{}}
	return &check{in: in, config: c, dns: dns,
		signed: signedMessage{header: in.Header, body: in.Body, unix: in.Now.Unix(), dns: dns}}
}

// all is the worst result of any author's domain: with several a client may show either, and every one of them has a
// say in its policy (RFC 7489, section 6.6.1).
func (c *check) all(ctx context.Context, domains []string) (worst Result) {
	worst = Result{Auth: None, Detail: "From names no author"}
	for i, domain := range domains {
		c.domain, c.policy = domain, nil
		result := c.result(None, "", "an author's address cannot be read")
		if domain != "" {
			result = c.run(ctx)
		}
		if i == 0 || result.Auth == Fail || result.Auth == None && worst.Auth == Pass {
			worst = result
		}
		if worst.Auth == Fail {
			break
		}
	}
	if len(domains) == maxDomains && worst.Auth == Pass { // there may be more
		worst.Auth, worst.Method = None, ""
	}
	return worst
}

// run asks the cheapest and best witness first. A seal may overrule a filter's "fail", which is what it is made for:
// forwarding breaks SPF, and lists break DKIM.
func (c *check) run(ctx context.Context) Result {
	trusted, conclusive := c.trustedResults()
	if trusted.Auth == Pass {
		return trusted
	}
	if sealed := c.sealedResults(ctx); sealed.Auth == Pass {
		return sealed
	}
	if conclusive || !c.config.OwnCheck {
		return trusted
	}
	return c.own(ctx)
}

func (c *check) result(auth Auth, method Method, detail string) Result {
	return Result{Auth: auth, Method: method, Domain: c.domain, Detail: detail}
}

// aligned tells domains that answer for each other (RFC 7489, section 3.1.1): relaxed is the same registrable domain.
func aligned(a, b string, strict bool) bool {
	if strict || a == "" || b == "" {
		return a == b && a != ""
	}
	return Registrable(a) == Registrable(b)
}

// OwnDomainForged says whether an author of an inbound message bears a domain of the organisation's own, and nothing
// proves it.
func OwnDomainForged(a Author, auth Auth, own []string) bool {
	return auth != Pass && (IsOwn(a.Domain(), own) || slices.ContainsFunc(a.Domains, func(d string) bool { return IsOwn(d, own) }))
}

// IsOwn says whether a domain, in ASCII and lower case, is one of the organisation's own or lies below one.
func IsOwn(domain string, own []string) bool {
	return domain != "" && slices.ContainsFunc(own, func(o string) bool {
		o = FoldDomain(o)
		return domain == o || o != "" && strings.HasSuffix(domain, "."+o)
	})
}
