package identity

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"quishmilter/mime"
)

// maxSets bounds a chain. RFC 8617, section 4.2.1, allows 50; each costs a DNS question, and real ones have up to 5.
const maxSets = 20

// arcSet is what one forwarder added.
type arcSet struct {
	results *mime.Field // ARC-Authentication-Results: what it found
	message *signature  // ARC-Message-Signature: over header and body
	seal    *signature  // ARC-Seal: over this set and those before it
}

// sealedResults believes what a trusted forwarder found: the whole chain must verify, and its last sealer must be in
// TrustedARCSealers. Where that one found only "arc=pass", the sealer before it is asked, if it is trusted as well.
// Untrusted chains cost no DNS question.
func (c *check) sealedResults(ctx context.Context) Result {
	none := c.result(None, "", "no trusted seal")
	if len(c.config.TrustedARCSealers) == 0 || c.in.Cut {
		return none
	}
	chain, ok := readChain(c.in.Header)
	if !ok || len(chain) == 0 || !c.trustsSealer(chain[len(chain)-1]) {
		return none
	}
	if p := c.verifyChain(ctx, chain); p != "" {
		none.Detail = "the ARC chain is broken: " + string(p)
		return none
	}
	for i := len(chain) - 1; i >= 0 && c.trustsSealer(chain[i]); i-- {
		found := chain[i].found()
		if auth, _, _ := judge(found, c.domain); auth == Pass {
			return c.result(Pass, ByARC, fmt.Sprintf("%s sealed so (ARC, set %d of %d)", chain[i].seal.domain, i+1, len(chain)))
		}
		if !slices.ContainsFunc(found, func(r authResult) bool { return r.method == "arc" && r.result == "pass" }) {
			break
		}
	}
	return none
}

func (c *check) trustsSealer(s arcSet) bool {
	return slices.ContainsFunc(c.config.TrustedARCSealers, func(t string) bool { return FoldDomain(t) == s.seal.domain })
}

// found reads the set's results, which follow its "i=1;".
func (s arcSet) found() []authResult {
	_, value, _ := strings.Cut(s.results.Value, ";")
	return parseAuthResults(value).results
}

// readChain collects the sets, i=1 first. A chain with a gap, or with a field twice, is broken (section 5.2).
func readChain(header []mime.Field) (chain []arcSet, ok bool) {
	sets, highest := map[int]*arcSet{}, 0
	for i := range header {
		if len(header[i].Name) < 4 || !strings.EqualFold(header[i].Name[:4], "ARC-") {
			continue
		}
		instance, placed := place(sets, header, i)
		if !placed {
			return nil, false
		}
		highest = max(highest, instance)
	}
	for i := 1; i <= highest; i++ {
		s := sets[i]
		if s == nil || s.results == nil || s.message == nil || s.seal == nil {
			return nil, false
		}
		chain = append(chain, *s)
	}
	return chain, true
}

// place puts one ARC field into its set; false means that the chain is broken.
func place(sets map[int]*arcSet, header []mime.Field, index int) (instance int, ok bool) {
	field := &header[index]
	name := FoldASCII(field.Name)
	if name != "arc-seal" && name != "arc-message-signature" && name != "arc-authentication-results" {
		return 0, true
	}
	if instance = instanceOf(field.Value); instance == 0 {
		return 0, false
	}
	s := sets[instance]
	if s == nil {
		s = &arcSet{}
		sets[instance] = s
	}
	if name == "arc-authentication-results" {
		ok, s.results = s.results == nil, field
		return instance, ok
	}
	signed, readable := readSignature(header, index)
	if name == "arc-seal" {
		ok, s.seal = s.seal == nil, &signed
	} else {
		ok, s.message = s.message == nil, &signed
	}
	return instance, ok && readable
}

// instanceOf is the number in the i= tag, which stands first in a results field and anywhere in the others; 0 is none.
func instanceOf(value string) int {
	if len(value) > maxSignatureField {
		return 0
	}
	for part := range strings.SplitSeq(value, ";") {
		if name, number, found := strings.Cut(part, "="); found && strings.TrimSpace(name) == "i" {
			n, err := strconv.Atoi(strings.TrimSpace(number))
			if err != nil || n < 1 || n > maxSets {
				return 0
			}
			return n
		}
	}
	return 0
}

// verifyChain is RFC 8617, section 5.2: what each sealer said of the chain, all seals, and the newest signature over the
// message. The newest seal comes first: a chain that merely names a trusted sealer fails there and asks nobody else.
func (c *check) verifyChain(ctx context.Context, chain []arcSet) problem {
	for i, s := range chain {
		want := "pass"
		if i == 0 {
			want = "none"
		}
		if FoldASCII(s.seal.tags.word("cv")) != want {
			return "a sealer found it broken"
		}
		if _, listed := s.seal.tags["h"]; listed || slices.Contains(s.message.tags.words("h"), "arc-seal") {
			return "it is malformed"
		}
	}
	for i := len(chain) - 1; i >= 0; i-- {
		key, p := c.dns.key(ctx, *chain[i].seal)
		if p != "" {
			return p
		}
		seal := chain[i].seal
		if !key.verify(seal.tags.word("a"), sealHash(chain[:i+1]), seal.tags.base64("b")) {
			return "a seal does not match"
		}
	}
	return c.signed.verify(ctx, *chain[len(chain)-1].message)
}

// sealHash covers the sets in order, each as results, signature, seal, always relaxed; the last seal without its b=
// (section 5.1.1).
func sealHash(chain []arcSet) []byte {
	hash := sha256.New()
	for i, s := range chain {
		hash.Write([]byte(canonicalField(*s.results, true) + "\r\n" + canonicalField(s.message.field, true) + "\r\n"))
		seal, end := s.seal.field, "\r\n"
		if i == len(chain)-1 {
			seal.Value, end = withoutSignature(seal.Value), ""
		}
		hash.Write([]byte(canonicalField(seal, true) + end))
	}
	return hash.Sum(nil)
}
