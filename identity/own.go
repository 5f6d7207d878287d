package identity

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"

	"blitiri.com.ar/go/spf"
)

// Bounds on DKIM: signatures looked at, and of those the ones of the author's domain that are verified.
const (
	maxSignatures = 20
	maxVerified   = 4
)

// own checks the author as DMARC does (RFC 7489, section 3): a signature or an envelope sender of the author's domain
// proves it; without either the domain's policy says whether that is a failure. Signatures and envelopes of other
// domains prove nothing here and are not looked at, so nobody but the author's domain can slow the check down.
func (c *check) own(ctx context.Context) Result {
	dkim := c.dkim(ctx)
	if dkim.proven {
		return c.result(Pass, ByDKIM, "a signature of "+dkim.domain)
	}
	mailFrom := c.spf(ctx)
	if mailFrom.proven {
		return c.result(Pass, BySPF, "the client may send for "+mailFrom.domain)
	}
	policy := c.policyOf(ctx)
	detail := fmt.Sprintf("DKIM: %s; SPF: %s; policy: %s", dkim.why, mailFrom.why, policy.why)
	if policy.enforced && !dkim.open && !mailFrom.open {
		return c.result(Fail, ByDMARC, detail)
	}
	return c.result(None, "", detail)
}

// finding is what DKIM or SPF says about the author.
type finding struct {
	proven bool
	open   bool // it might have been proven: DNS did not answer, or something to judge by is missing
	domain string
	why    problem
}

// accepts says whether a verified domain answers for the author under the policy's alignment. The same domain always
// does, so that most mail needs no policy.
func (c *check) accepts(ctx context.Context, domain string, strict func(policyAnswer) bool) finding {
	if domain == c.domain {
		return finding{proven: true, domain: domain}
	}
	policy := c.policyOf(ctx)
	switch {
	case policy.away:
		return finding{open: true, why: dnsAway}
	case strict(policy):
		return finding{why: "the policy wants the very domain"}
	}
	return finding{proven: true, domain: domain}
}

func (c *check) dkim(ctx context.Context) finding {
	all := finding{why: "no signature of the domain"}
	if c.in.Cut {
		return finding{open: true, why: "the message is too long"}
	}
	for _, s := range c.alignedSignatures() {
		one := finding{}
		if one.why = c.signed.verify(ctx, s); one.why == "" {
			one = c.accepts(ctx, s.domain, func(p policyAnswer) bool { return p.strictDKIM })
		}
		if one.proven {
			return one
		}
		all.why, all.open = one.why, all.open || one.open || one.why == dnsAway
	}
	return all
}

// alignedSignatures are those of the author's domain, the very domain before its relatives.
func (c *check) alignedSignatures() []signature {
	var found []signature
	seen := 0
	for i, f := range c.in.Header {
		if !strings.EqualFold(f.Name, "DKIM-Signature") {
			continue
		}
		if seen++; seen > maxSignatures {
			break
		}
		s, ok := readSignature(c.in.Header, i)
		if ok && s.tags.word("v") == "1" && aligned(s.domain, c.domain, false) {
			found = append(found, s)
		}
	}
	slices.SortStableFunc(found, func(a, b signature) int { return distance(a.domain, c.domain) - distance(b.domain, c.domain) })
	return found[:min(len(found), maxVerified)]
}

func distance(a, b string) int {
	if a == b {
		return 0
	}
	return 1
}

// spf checks the envelope sender, or the HELO name where that is empty (RFC 7208, section 2.4).
func (c *check) spf(ctx context.Context) finding {
	sender, domain := c.in.MailFrom, DomainOf(c.in.MailFrom)
	if sender == "" {
		domain = FoldDomain(c.in.HELO)
		sender = "postmaster@" + domain
	}
	switch {
	case !isHostName(domain) || !aligned(domain, c.domain, false):
		return finding{why: "the envelope is of another domain"}
	case !c.in.Client.IsValid():
		return finding{open: true, why: "the client is not known"}
	}
	local, _ := splitAddress(sender)
	result, err := spf.CheckHostWithSender(net.IP(c.in.Client.Unmap().AsSlice()), c.in.HELO, local+"@"+domain,
		spf.WithContext(ctx), spf.WithResolver(c.dns))
	var dns *net.DNSError
	switch {
	case result == spf.Pass:
		return c.accepts(ctx, domain, func(p policyAnswer) bool { return p.strictSPF })
	case result == spf.TempError, ctx.Err() != nil, errors.As(err, &dns) && temporary(err):
		return finding{open: true, why: dnsAway}
	}
	return finding{why: problem(result)}
}
