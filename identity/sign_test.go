package identity

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/emersion/go-msgauth/dkim"

	"quishmilter/mime"
)

// keyPair is a signing key with the record that publishes it.
type keyPair struct {
	signer crypto.Signer
	record string
}

func newEd25519(t testing.TB) keyPair {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return keyPair{private, "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(public)}
}

func newRSA(t testing.TB, bits int) keyPair {
	private, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	public, err := x509.MarshalPKIXPublicKey(private.Public())
	if err != nil {
		t.Fatal(err)
	}
	return keyPair{private, "v=DKIM1; k=rsa; p=" + base64.StdEncoding.EncodeToString(public)}
}

// signDKIM adds a signature with a signer that is not ours.
func signDKIM(t testing.TB, raw string, options dkim.SignOptions) string {
	t.Helper()
	options.Selector = "sel"
	var out bytes.Buffer
	if err := dkim.Sign(&out, strings.NewReader(raw), &options); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// asMilter gives a message as Postfix hands it to a milter: one space behind the colon gone, folded with a bare LF.
func asMilter(raw string) (header []mime.Field, body []byte) {
	head, rest, _ := strings.Cut(raw, "\r\n\r\n")
	for line := range strings.SplitSeq(head, "\r\n") {
		if line[0] == ' ' || line[0] == '\t' {
			header[len(header)-1].Value += "\n" + line
			continue
		}
		name, value, _ := strings.Cut(line, ":")
		header = append(header, mime.Field{Name: strings.TrimSpace(name), Value: strings.TrimPrefix(value, " ")})
	}
	return header, []byte(rest)
}

// relaxed writes a field as sealers sign it, independently of canonicalField.
func relaxed(name, value string) string {
	return strings.ToLower(name) + ":" + strings.Join(strings.Fields(value), " ")
}

// arcSealer adds ARC sets to a message.
type arcSealer struct {
	domain string
	key    keyPair
}

func (a arcSealer) sign(t testing.TB, data string) string {
	digest := sha256.Sum256([]byte(data))
	var signature []byte
	var err error
	if _, isRSA := a.key.signer.(*rsa.PrivateKey); isRSA {
		signature, err = a.key.signer.Sign(rand.Reader, digest[:], crypto.SHA256)
	} else {
		signature, err = a.key.signer.Sign(rand.Reader, digest[:], crypto.Hash(0))
	}
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(signature)
}

func (a arcSealer) algorithm() string {
	if _, isRSA := a.key.signer.(*rsa.PrivateKey); isRSA {
		return "rsa-sha256"
	}
	return "ed25519-sha256"
}

// seal puts set number i in front of a message, whose body must be text with one CRLF at its end.
func (a arcSealer) seal(t testing.TB, raw string, i int, cv, results string) string {
	t.Helper()
	header, body := asMilter(raw)
	digest := sha256.Sum256(body)
	from := mime.Value(header, "From")
	aar := fmt.Sprintf("i=%d; mx.%s;\r\n %s", i, a.domain, results)
	ams := fmt.Sprintf("i=%d; a=%s; c=relaxed/simple; d=%s; s=sel;\r\n h=from:subject; bh=%s;\r\n b=",
		i, a.algorithm(), a.domain, base64.StdEncoding.EncodeToString(digest[:]))
	ams += a.sign(t, relaxed("From", from)+"\r\n"+relaxed("Subject", mime.Value(header, "Subject"))+"\r\n"+relaxed("ARC-Message-Signature", ams))
	as := fmt.Sprintf("i=%d; a=%s; cv=%s; d=%s; s=sel; t=1;\r\n b=", i, a.algorithm(), cv, a.domain)
	var before string
	for n := 1; n < i; n++ {
		for _, name := range []string{"ARC-Authentication-Results", "ARC-Message-Signature", "ARC-Seal"} {
			for _, value := range mime.Values(header, name) {
				if strings.HasPrefix(value, fmt.Sprintf("i=%d;", n)) {
					before += relaxed(name, value) + "\r\n"
				}
			}
		}
	}
	as += a.sign(t, before+relaxed("ARC-Authentication-Results", aar)+"\r\n"+relaxed("ARC-Message-Signature", ams)+"\r\n"+relaxed("ARC-Seal", as))
	return "ARC-Seal: " + as + "\r\nARC-Message-Signature: " + ams + "\r\nARC-Authentication-Results: " + aar + "\r\n" + raw
}
