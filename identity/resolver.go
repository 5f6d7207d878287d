package identity

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"time"
)

// Resolver answers what the check of an author asks; *net.Resolver is one. An error is a *net.DNSError, which tells
// a name that does not exist from a server that does not answer.
type Resolver interface {
	LookupTXT(ctx context.Context, name string) ([]string, error)
	LookupMX(ctx context.Context, name string) ([]*net.MX, error)
	LookupIPAddr(ctx context.Context, host string) ([]net.IPAddr, error)
	LookupAddr(ctx context.Context, addr string) ([]string, error)
}

// NewResolver asks the DNS server at an address such as "127.0.0.1:53" (the port may be left out), or the servers of
// the system's /etc/resolv.conf when it is "". It does not cache: name a server near by that does.
func NewResolver(server string) (Resolver, error) {
	if server == "" {
		return &net.Resolver{PreferGo: true}, nil
	}
	address, err := netip.ParseAddrPort(server)
	if err != nil {
		ip, ipErr := netip.ParseAddr(strings.Trim(server, "[]"))
		if ipErr != nil {
			return nil, fmt.Errorf("the resolver is %q; write an address and a port, such as \"127.0.0.1:53\"", server)
		}
		address = netip.AddrPortFrom(ip, 53)
	}
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, address.String())
	}}, nil
}

// maxLookups bounds the questions asked for one message: SPF may need 10 terms of up to 11 each by RFC 7208, section
// 4.6.4, and needs 3 in practice; DKIM, ARC and DMARC need one or two.
const maxLookups = 24

// maxTexts bounds the TXT records of one name that are looked at.
const maxTexts = 50

var errTooMany = errors.New("too many DNS look-ups for one message")

// lookups asks a resolver for one message: it counts, measures and remembers. It is used by one goroutine.
type lookups struct {
	resolver Resolver
	count    int
	took     time.Duration
	texts    map[string]textAnswer
}

type textAnswer struct {
	records []string
	err     error
}

// begin starts a question; the function it returns ends it.
func (l *lookups) begin() (end func(), err error) {
	if l.count >= maxLookups {
		return nil, &net.DNSError{Err: errTooMany.Error(), IsTemporary: true}
	}
	l.count++
	start := time.Now()
	return func() { l.took += time.Since(start) }, nil
}

// LookupTXT asks each name once.
func (l *lookups) LookupTXT(ctx context.Context, name string) ([]string, error) {
	name = rooted(name)
	if known, ok := l.texts[name]; ok {
		return known.records, known.err
	}
	end, err := l.begin()
	if err != nil {
		return nil, err
	}
	defer end()
	records, err := l.resolver.LookupTXT(ctx, name)
	if len(records) > maxTexts {
		records = records[:maxTexts]
	}
	l.texts[name] = textAnswer{records, err}
	return records, err
}

// LookupMX is one question.
func (l *lookups) LookupMX(ctx context.Context, name string) ([]*net.MX, error) {
	end, err := l.begin()
	if err != nil {
		return nil, err
	}
	defer end()
	return l.resolver.LookupMX(ctx, rooted(name))
}

// LookupIPAddr is one question.
func (l *lookups) LookupIPAddr(ctx context.Context, host string) ([]net.IPAddr, error) {
	end, err := l.begin()
	if err != nil {
		return nil, err
	}
	defer end()
	return l.resolver.LookupIPAddr(ctx, rooted(host))
}

// LookupAddr is one question.
func (l *lookups) LookupAddr(ctx context.Context, addr string) ([]string, error) {
	end, err := l.begin()
	if err != nil {
		return nil, err
	}
	defer end()
	return l.resolver.LookupAddr(ctx, addr)
}

// rooted keeps the search list of resolv.conf out: "example" must not become example.our.domain.
func rooted(name string) string {
	if strings.HasSuffix(name, ".") {
		return name
	}
	return name + "."
}

// temporary tells a server that did not answer from one that said no.
func temporary(err error) bool {
	var dns *net.DNSError
	return err != nil && (!errors.As(err, &dns) || !dns.IsNotFound)
}

// isHostName tells a name that may be asked for: letters, digits, hyphens and underscores, 253 octets at most.
func isHostName(name string) bool {
	if name == "" || len(name) > 253 {
		return false
	}
	for label := range strings.SplitSeq(strings.TrimSuffix(name, "."), ".") {
		if label == "" || len(label) > 63 || strings.ContainsFunc(label, notInHostName) {
			return false
		}
	}
	return true
}

func notInHostName(r rune) bool {
	return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '-' || r == '_')
}

// key fetches the key of a signature. Of several records the one that is a key counts.
func (l *lookups) key(ctx context.Context, s signature) (publicKey, problem) {
	records, err := l.LookupTXT(ctx, s.tags.word("s")+"._domainkey."+s.domain)
	if temporary(err) {
		return publicKey{}, dnsAway
	}
	why := problem("there is no key")
	for _, record := range records {
		key, p := parseKey(record)
		if p == "" {
			return key, ""
		}
		why = p
	}
	return publicKey{}, why
}
