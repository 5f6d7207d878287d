package identity

import (
	"bytes"
	"context"
	"crypto/sha256"
	"slices"
	"strconv"
	"strings"

	"quishmilter/mime"
)

// problem says why something does not verify, in words of our own; "" is no problem.
type problem string

// The problem that is nobody's fault: it never makes an author "fail".
const dnsAway problem = "DNS did not answer"

// Bounds on one signature: names in h=, octets of its field.
const (
	maxSignedNames    = 200
	maxSignatureField = 16 << 10
)

// signature is one DKIM-Signature (RFC 6376), or an ARC-Message-Signature, which differs in its name, in i= and in
// having no v= (RFC 8617, section 4.1.2). Both are verified here, which is why this is no library: those verify
// DKIM only, and the one that we tried takes 22 s for 20 MB of empty lines with two signatures.
type signature struct {
	index  int // of its field in the header
	field  mime.Field
	tags   tagList
	domain string
}

// readSignature reads the tags; ok is false for a field that is too long or broken.
func readSignature(header []mime.Field, index int) (s signature, ok bool) {
	field := header[index]
	if len(field.Value) > maxSignatureField {
		return signature{}, false
	}
	tags, ok := parseTags(field.Value)
	domain := FoldDomain(tags.word("d"))
	return signature{index, field, tags, domain}, ok && isHostName(domain) && isHostName(tags.word("s"))
}

// signedMessage is what signatures are checked against; it hashes the body once for each way of writing it.
type signedMessage struct {
	header []mime.Field
	body   []byte
	unix   int64
	dns    *lookups
	bodies [2]struct {
		sum    []byte
		length int
	}
}

// verify checks a signature over header fields and body.
func (m *signedMessage) verify(ctx context.Context, s signature) problem {
	names := s.tags.words("h")
	if !slices.Contains(names, "from") || len(names) > maxSignedNames {
		return "the signature does not cover From"
	}
	if expires, err := strconv.ParseInt(s.tags.word("x"), 10, 64); err == nil && expires < m.unix {
		return "the signature has expired"
	}
	headerForm, bodyForm, _ := strings.Cut(s.tags.word("c"), "/")
	if !knownForm(headerForm) || !knownForm(bodyForm) {
		return "the signature's canonicalization is unknown"
	}
	key, p := m.dns.key(ctx, s)
	if p != "" {
		return p
	}
	if p := checkIdentity(s, key); p != "" {
		return p
	}
	if p := m.checkBody(s, bodyForm == "relaxed"); p != "" {
		return p
	}
	sum := m.headerHash(s, names, headerForm == "relaxed")
	if !key.verify(s.tags.word("a"), sum, s.tags.base64("b")) {
		return "the signature does not match the header"
	}
	return ""
}

func knownForm(form string) bool { return form == "" || form == "simple" || form == "relaxed" }

// checkIdentity: the i= of DKIM lies within d= (section 3.5); in ARC it is a number.
func checkIdentity(s signature, key publicKey) problem {
	identity := s.tags.word("i")
	if identity == "" || !strings.Contains(identity, "@") {
		return ""
	}
	domain := FoldDomain(identity[strings.LastIndexByte(identity, '@')+1:])
	if domain != s.domain && (key.strict || !strings.HasSuffix(domain, "."+s.domain)) {
		return "the signature's i= lies outside its domain"
	}
	return ""
}

// checkBody compares the body's hash. A length (l=) is accepted only where it covers the whole body: what stands
// behind it is unsigned, and would be a place for a code.
func (m *signedMessage) checkBody(s signature, relaxed bool) problem {
	kept := &m.bodies[0]
	if relaxed {
		kept = &m.bodies[1]
	}
	if kept.sum == nil {
		kept.sum, kept.length = bodyHash(m.body, relaxed)
	}
	if l := s.tags.word("l"); l != "" && l != strconv.Itoa(kept.length) {
		return "the signature covers only a part of the body"
	}
	if !bytes.Equal(kept.sum, s.tags.base64("bh")) {
		return "the body was changed"
	}
	return ""
}

// headerHash hashes the signed fields: of several of one name the lowest first (section 5.4.2), one that is missing
// counts as nothing, and the signature's own field comes last.
func (m *signedMessage) headerHash(s signature, names []string, relaxed bool) []byte {
	positions := map[string][]int{}
	for i, f := range m.header {
		name := FoldASCII(strings.TrimRight(f.Name, " \t"))
		positions[name] = append(positions[name], i)
	}
	hash := sha256.New()
	for _, name := range names {
		if left := positions[name]; len(left) > 0 {
			last := len(left) - 1
			hash.Write([]byte(canonicalField(m.header[left[last]], relaxed) + "\r\n"))
			positions[name] = left[:last]
		}
	}
	own := mime.Field{Name: s.field.Name, Value: withoutSignature(s.field.Value)}
	hash.Write([]byte(canonicalField(own, relaxed)))
	return hash.Sum(nil)
}
