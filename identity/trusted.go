package identity

import (
	"fmt"
	"slices"
	"strings"

	"quishmilter/mime"
)

// MyHostname among the trusted authserv-ids stands for the MTA's name for itself (Input.Host), as filters on the same
// host use it. Whether one of them removes what a sender writes under that name (RFC 8601, section 5) is not known
// unless an admin says so by writing the name out, and a milter cannot tell an earlier milter's field from one that
// came with the message. So a failure is believed, by which no forger gains, and everything else is left to the other
// witnesses, as if it was not there: a pass, and a failure under a policy of none, which would excuse the message from
// our own check.
const MyHostname = "$myhostname"

// trustedResults reads the Authentication-Results of named authserv-ids; fields under any other name are the
// sender's word. The first named id that has a result about the author speaks. Of several results under one id the
// worst counts, so that a field smuggled in beside the real one gains nothing.
func (c *check) trustedResults() (r Result, conclusive bool) {
	byServer := c.namedResults()
	for _, server := range c.config.TrustedAuthserv {
		unproven := server == MyHostname
		if unproven {
			server = c.in.Host
		}
		server = FoldASCII(server)
		results := byServer[server]
		if server == "" || len(results) == 0 {
			continue
		}
		if auth, method, ok := judge(results, c.domain); ok && (auth == Fail || !unproven) {
			return c.result(auth, method, fmt.Sprintf("%s says so (Authentication-Results)", server)), true
		}
	}
	return c.result(None, "", "no trusted result"), false
}

// namedResults reads the fields, once.
func (c *check) namedResults() map[string][]authResult {
	if c.named != nil {
		return c.named
	}
	c.named = map[string][]authResult{}
	if len(c.config.TrustedAuthserv) == 0 {
		return c.named
	}
	values := mime.Values(c.in.Header, "Authentication-Results")
	for _, value := range values[:min(len(values), maxResultFields)] {
		if c.mayBeTrusted(value) {
			ar := parseAuthResults(value)
			c.named[ar.server] = append(c.named[ar.server], ar.results...)
		}
	}
	return c.named
}

// mayBeTrusted spares the reading of fields that do not even hold a trusted name.
func (c *check) mayBeTrusted(value string) bool {
	value = FoldASCII(value[:min(len(value), maxResultField)])
	return slices.ContainsFunc(c.config.TrustedAuthserv, func(server string) bool {
		if server == MyHostname {
			server = c.in.Host
		}
		return server != "" && strings.Contains(value, FoldASCII(server))
	})
}

// judge sums up what one filter found about an author's domain; ok is false when that is nothing.
func judge(results []authResult, domain string) (auth Auth, method Method, ok bool) {
	passed, failed, enforced := false, false, false
	for _, r := range results {
		if r.method != "dmarc" || r.ambiguous || !sameDomain(r, domain) {
			continue
		}
		passed = passed || r.result == "pass"
		if r.result == "fail" {
			failed, enforced = true, enforced || !policyIsNone(r)
		}
	}
	switch {
	case enforced:
		return Fail, ByDMARC, true
	case failed:
		return None, ByDMARC, true // the domain asks for nothing to be done
	case passed:
		return Pass, ByDMARC, true
	}
	for _, r := range results {
		if r.result != "pass" || r.ambiguous {
			continue
		}
		if m := methodOf(r); m != "" && aligned(provenBy(r), domain, false) {
			return Pass, m, true
		}
	}
	return None, "", false
}

// sameDomain: a DMARC result is about the domain in header.from (RFC 7489, section 11.3); one that does not say so is
// about anybody.
func sameDomain(r authResult, domain string) bool {
	from, stated := r.properties["header.from"]
	if !stated {
		from = r.properties["header.d"]
	}
	return domainIn(from) == domain
}

// policyIsNone reads where filters write the policy: OpenDMARC "(p=none dis=none)", rspamd "(policy=none)", others a
// property. Without any, a failure is a failure.
func policyIsNone(r authResult) bool {
	for _, name := range []string{"policy.published-domain-policy", "policy.dmarc", "policy.policy"} {
		if strings.EqualFold(r.properties[name], "none") {
			return true
		}
	}
	isSeparator := func(c rune) bool { return strings.ContainsRune(" ,;()", c) }
	for _, word := range strings.FieldsFunc(r.comment, isSeparator) {
		if word == "p=none" || word == "policy=none" {
			return true
		}
	}
	return false
}

func methodOf(r authResult) Method {
	switch r.method {
	case "dkim":
		return ByDKIM
	case "spf":
		return BySPF
	}
	return ""
}

// provenBy is the domain that a passed method proves (RFC 8601, sections 2.7.1 and 2.7.2). The name that a client gave
// itself in HELO proves nobody: DMARC goes by the envelope sender (RFC 7489, section 3.1.2).
func provenBy(r authResult) string {
	names := []string{"smtp.mailfrom", "smtp.mail"}
	if r.method == "dkim" {
		names = []string{"header.d", "header.i"}
	}
	for _, name := range names {
		if value, stated := r.properties[name]; stated {
			return domainIn(value)
		}
	}
	return ""
}

// domainIn is the domain of a value that is an address, "@domain" or a domain alone.
func domainIn(value string) string {
	return FoldDomain(strings.Trim(value[strings.LastIndexByte(value, '@')+1:], " <>"))
}
