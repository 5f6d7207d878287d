package identity

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"slices"
	"strings"
)

// Sizes of RSA keys in bits: RFC 8301, section 3.2, forbids less than 1,024; more than 8,192 is there to cost time.
const (
	minRSABits = 1024
	maxRSABits = 8192
)

// publicKey is a key as a domain publishes it (RFC 6376, section 3.6.1).
type publicKey struct {
	rsa     *rsa.PublicKey
	ed25519 ed25519.PublicKey
	strict  bool // t=s: the i= of a signature must not name a subdomain
}

// parseKey reads a key record; its second result is why not.
func parseKey(record string) (publicKey, problem) {
	tags, ok := parseTags(record)
	switch {
	case !ok, tags["v"] != "" && tags["v"] != "DKIM1":
		return publicKey{}, "the key record is broken"
	case tags.word("p") == "":
		return publicKey{}, "the key is revoked"
	case tags["h"] != "" && !slices.Contains(tags.words("h"), "sha256"):
		return publicKey{}, "the key is not for sha256"
	case tags["s"] != "" && !slices.Contains(tags.words("s"), "*") && !slices.Contains(tags.words("s"), "email"):
		return publicKey{}, "the key is not for mail"
	}
	key := publicKey{strict: slices.Contains(tags.words("t"), "s")}
	data := tags.base64("p")
	switch strings.ToLower(tags["k"]) {
	case "", "rsa":
		key.rsa = parseRSA(data)
	case "ed25519":
		if len(data) == ed25519.PublicKeySize {
			key.ed25519 = data
		}
	}
	if key.rsa == nil && key.ed25519 == nil {
		return publicKey{}, "the key is broken, too short, too long or of an unknown kind"
	}
	return key, ""
}

// parseRSA takes both encodings that RFC 6376's erratum 3017 allows.
func parseRSA(data []byte) *rsa.PublicKey {
	var key *rsa.PublicKey
	if parsed, err := x509.ParsePKIXPublicKey(data); err == nil {
		key, _ = parsed.(*rsa.PublicKey)
	} else {
		key, _ = x509.ParsePKCS1PublicKey(data)
	}
	if key == nil || key.N.BitLen() < minRSABits || key.N.BitLen() > maxRSABits {
		return nil
	}
	return key
}

// verify checks a signature over a SHA-256 hash with the algorithm that the signature names; rsa-sha1 is none any
// more (RFC 8301, section 3.1).
func (k publicKey) verify(algorithm string, sum, signature []byte) bool {
	switch {
	case algorithm == "rsa-sha256" && k.rsa != nil:
		return rsa.VerifyPKCS1v15(k.rsa, crypto.SHA256, sum, signature) == nil
	case algorithm == "ed25519-sha256" && k.ed25519 != nil:
		return ed25519.Verify(k.ed25519, sum, signature)
	}
	return false
}
