package identity

import (
	"context"
	"strconv"
	"strings"
)

// policyAnswer is what a domain asks to be done with mail that it does not answer for.
type policyAnswer struct {
	enforced   bool // quarantine or reject
	strictDKIM bool
	strictSPF  bool
	away       bool // DNS did not answer
	why        problem
}

// policyOf finds the author's policy (RFC 7489, section 6.6.3), once.
func (c *check) policyOf(ctx context.Context) policyAnswer {
	if c.policy == nil {
		answer := c.findPolicy(ctx)
		c.policy = &answer
	}
	return *c.policy
}

// findPolicy asks the author's domain, and then its registrable domain, whose sp= is for subdomains.
func (c *check) findPolicy(ctx context.Context) policyAnswer {
	for _, domain := range []string{c.domain, Registrable(c.domain)} {
		if !isHostName(domain) {
			break
		}
		records, err := c.dns.LookupTXT(ctx, "_dmarc."+domain)
		if temporary(err) {
			return policyAnswer{away: true, why: dnsAway}
		}
		if record, ok := onlyPolicy(records); ok {
			return readPolicy(record, domain != c.domain)
		}
	}
	return policyAnswer{why: "none published"}
}

// onlyPolicy picks the DMARC record; several are as good as none.
func onlyPolicy(records []string) (tagList, bool) {
	var found []tagList
	for _, record := range records {
		version, _, _ := strings.Cut(record, ";")
		name, value, _ := strings.Cut(version, "=")
		if strings.TrimSpace(name) == "v" && strings.TrimSpace(value) == "DMARC1" {
			found = append(found, policyTags(record))
		}
	}
	if len(found) != 1 {
		return nil, false
	}
	// Without a valid p= a record that wants reports stands for p=none, and any other for nothing.
	tags := found[0]
	return tags, isPolicy(tags["p"]) || tags["rua"] != ""
}

// policyTags is more lenient than DKIM's lists: what is broken is passed over (section 6.3), and names and values
// are written in any case.
func policyTags(record string) tagList {
	tags := tagList{}
	for part := range strings.SplitSeq(FoldASCII(record), ";") {
		name, value, found := strings.Cut(part, "=")
		name = strings.TrimSpace(name)
		if _, twice := tags[name]; found && !twice && len(tags) < maxTags {
			tags[name] = strings.TrimSpace(value)
		}
	}
	return tags
}

func isPolicy(p string) bool { return p == "none" || p == "quarantine" || p == "reject" }

// readPolicy: pct=0 and t=y (a domain that is only trying) count as no enforcement. Any other pct= counts in full:
// the share is about what to do with failing mail, and not about whether it failed.
func readPolicy(tags tagList, subdomain bool) policyAnswer {
	policy := tags["p"]
	if subdomain && isPolicy(tags["sp"]) {
		policy = tags["sp"]
	}
	answer := policyAnswer{strictDKIM: tags["adkim"] == "s", strictSPF: tags["aspf"] == "s", why: problem(policy)}
	answer.enforced = policy == "quarantine" || policy == "reject"
	if percent, err := strconv.Atoi(tags["pct"]); err == nil && percent <= 0 || tags["t"] == "y" {
		answer.enforced, answer.why = false, answer.why+", not yet in force"
	}
	if !isPolicy(policy) {
		answer.why = "none"
	}
	return answer
}
