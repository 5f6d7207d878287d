package identity

import (
	"bytes"
	"fmt"
	"net/netip"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/emersion/go-msgauth/dkim"

	"quishmilter/test/dns"
)

const plain = "From: Claire <claire@corp.example>\r\nSubject: hello\r\n  folded \t here\r\nTo:  x@y.example\r\n\r\nOne  line \r\n\r\ntwo\t\r\n\r\n\r\n"

var now = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// asking is a configuration that checks by itself, asking a real server.
func asking(t testing.TB, zone dns.Zone) (Config, *dns.Server) {
	t.Helper()
	server := dns.Start(t, zone)
	resolver, err := NewResolver(server.Addr)
	if err != nil {
		t.Fatal(err)
	}
	return Config{OwnCheck: true, Resolver: resolver, Timeout: 10 * time.Second}, server
}

func received(raw string) Input {
	header, body := asMilter(raw)
	return Input{Header: header, Body: body, Client: netip.MustParseAddr("198.51.100.7"), HELO: "mail.other.example",
		MailFrom: "bounce@other.example", Now: now}
}

func TestDKIMRoundTrip(t *testing.T) {
	keys := map[string]keyPair{"rsa": newRSA(t, 2048), "ed25519": newEd25519(t)}
	bodies := map[string]string{
		"lines": plain[strings.Index(plain, "\r\n\r\n")+4:], "empty": "", "one break": "\r\n", "breaks": "\r\n\r\n\r\n",
		"no break at the end": "text", "spaces": " \t \r\n  \r\n", "tabs": "a\t\tb \t c\r\n",
	}
	head := plain[:strings.Index(plain, "\r\n\r\n")+4]
	for kind, key := range keys {
		config, server := asking(t, dns.Zone{TXT: map[string][]string{"sel._domainkey.corp.example": {key.record}}})
		for name, body := range bodies {
			for _, form := range []string{"simple/simple", "simple/relaxed", "relaxed/simple", "relaxed/relaxed"} {
				headerForm, bodyForm, _ := strings.Cut(form, "/")
				raw := signDKIM(t, head+body, dkim.SignOptions{Domain: "corp.example", Signer: key.signer,
					HeaderCanonicalization: dkim.Canonicalization(headerForm), BodyCanonicalization: dkim.Canonicalization(bodyForm)})
				r := Authenticate(t.Context(), received(raw), config)
				if r.Auth != Pass || r.Method != ByDKIM || r.Domain != "corp.example" || r.Lookups != 1 || r.DNSTime <= 0 {
					t.Errorf("%s, %s, %s: %+v", kind, name, form, r)
				}
				for what, changed := range map[string]string{
					"the body":    raw + "x",
					"the subject": strings.Replace(raw, "hello", "hullo", 1),
					"the author":  strings.Replace(raw, "Claire <", "Clare <", 1),
				} {
					if r := Authenticate(t.Context(), received(changed), config); r.Auth == Pass {
						t.Errorf("%s, %s, %s, %s was changed: %+v", kind, name, form, what, r)
					}
				}
			}
		}
		if asked := server.Asked(); asked[0] != "TXT sel._domainkey.corp.example" {
			t.Errorf("asked %q", asked)
		}
	}
}

func TestDKIMThatProvesNothing(t *testing.T) {
	key, other, weak := newEd25519(t), newEd25519(t), newRSA(t, 1024)
	shortKey := strings.Replace(key.record, "p=", "p=AAAA", 1)
	sign := func(options dkim.SignOptions) string {
		if options.Signer == nil {
			options.Signer = key.signer
		}
		if options.Domain == "" {
			options.Domain = "corp.example"
		}
		return signDKIM(t, plain, options)
	}
	good := sign(dkim.SignOptions{})
	cases := []struct{ name, raw, record, why string }{
		{"good", good, key.record, ""},
		{"a 1024-bit key", sign(dkim.SignOptions{Signer: weak.signer}), weak.record, ""},
		{"not expired", sign(dkim.SignOptions{Expiration: now}), key.record, ""},
		{"expired", sign(dkim.SignOptions{Expiration: now.Add(-time.Second)}), key.record, "the signature has expired"},
		{"another key", good, other.record, "the signature does not match the header"},
		{"no key", good, "", "there is no key"},
		{"a revoked key", good, "v=DKIM1; k=ed25519; p=", "the key is revoked"},
		{"a broken key", good, shortKey, "the key is broken, too short, too long or of an unknown kind"},
		{"a key for sha1", good, key.record + "; h=sha1", "the key is not for sha256"},
		{"a key not for mail", good, key.record + "; s=other", "the key is not for mail"},
		{"not a key", good, "v=spf1 -all", "the key record is broken"},
		{"i= of a subdomain", sign(dkim.SignOptions{Identifier: "x@sub.corp.example"}), key.record, ""},
		{"i= of a subdomain, strict key", sign(dkim.SignOptions{Identifier: "x@sub.corp.example"}), key.record + "; t=s", "the signature's i= lies outside its domain"},
		{"another domain", sign(dkim.SignOptions{Domain: "other.example"}), key.record, "no signature of the domain"},
		{"a part of the body", strings.Replace(good, "c=simple", "l=3; c=simple", 1), key.record, "the signature covers only a part of the body"},
		{"a strange form", strings.Replace(good, "c=simple", "c=loose", 1), key.record, "the signature's canonicalization is unknown"},
		{"sha1", strings.Replace(good, "a=ed25519-sha256", "a=rsa-sha1", 1), key.record, "the signature does not match the header"},
		{"no version", strings.Replace(good, "v=1", "v=2", 1), key.record, "no signature of the domain"},
		{"a tag twice", strings.Replace(good, "v=1", "v=1; s=a", 1), key.record, "no signature of the domain"},
		{"From is not signed", strings.Replace(good, "h=From", "h=Frum", 1), key.record, "the signature does not cover From"},
	}
	for _, c := range cases {
		zone := dns.Zone{TXT: map[string][]string{}}
		if c.record != "" {
			zone.TXT["sel._domainkey.corp.example"] = []string{c.record}
			zone.TXT["sel._domainkey.other.example"] = []string{c.record}
		}
		config, _ := asking(t, zone)
		r := Authenticate(t.Context(), received(c.raw), config)
		if c.why == "" && r.Auth != Pass || c.why != "" && (r.Auth != None || !strings.HasPrefix(r.Detail, "DKIM: "+c.why+";")) {
			t.Errorf("%s: %+v", c.name, r)
		}
	}
}

// TestVerifiersAgree compares with the library that signed, over random damage.
func TestVerifiersAgree(t *testing.T) {
	key := newEd25519(t)
	config, _ := asking(t, dns.Zone{TXT: map[string][]string{"sel._domainkey.corp.example": {key.record}}})
	lookup := func(string) ([]string, error) { return []string{key.record}, nil }
	raw := signDKIM(t, plain, dkim.SignOptions{Domain: "corp.example", Signer: key.signer,
		HeaderCanonicalization: dkim.CanonicalizationRelaxed, BodyCanonicalization: dkim.CanonicalizationRelaxed})
	agreed := map[bool]int{}
	for i := range raw {
		if i == 0 || strings.ContainsRune("\r\n", rune(raw[i])) {
			continue
		}
		for _, with := range []string{"", " ", raw[i:i+1] + " ", "\t", "x"} {
			damaged := raw[:i] + with + raw[i+1:]
			verdicts, err := dkim.VerifyWithOptions(strings.NewReader(damaged), &dkim.VerifyOptions{LookupTXT: lookup})
			theirs := err == nil && len(verdicts) == 1 && verdicts[0].Err == nil && verdicts[0].Domain == "corp.example"
			in := received(damaged)
			if AuthorOf(in.Header).Domain() != "corp.example" {
				continue
			}
			ours := Authenticate(t.Context(), in, config).Auth == Pass
			if ours != theirs {
				t.Errorf("%q at %d for %q: we say %v", with, i, raw[i], ours)
			}
			agreed[ours]++
		}
	}
	if agreed[true] < 100 || agreed[false] < 100 {
		t.Errorf("the comparison is empty: %v", agreed)
	}
}

func TestManySignaturesCostLittle(t *testing.T) {
	key := newEd25519(t)
	config, server := asking(t, dns.Zone{TXT: map[string][]string{"sel._domainkey.corp.example": {key.record}}})
	wrong := strings.Replace(signDKIM(t, plain, dkim.SignOptions{Domain: "corp.example", Signer: newEd25519(t).signer}), plain, "", 1)
	var raw strings.Builder
	for i := range 200 {
		raw.WriteString(strings.Replace(wrong, "s=sel", fmt.Sprintf("s=s%d", i), 1))
	}
	raw.WriteString(plain)
	r := Authenticate(t.Context(), received(raw.String()), config)
	if r.Auth != None || len(server.Asked()) > maxVerified+2 {
		t.Errorf("%+v after %q", r, server.Asked())
	}
}

// cpuTime is the processor time that fn takes, which a busy machine does not change.
func cpuTime(t *testing.T, fn func()) time.Duration {
	t.Helper()
	used := func() time.Duration {
		var r syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
			t.Fatal(err)
		}
		return time.Duration(r.Utime.Nano() + r.Stime.Nano())
	}
	begin := used()
	fn()
	return used() - begin
}

// TestEmptyLinesCostLittle: a verifier that copies its buffer of empty lines takes many seconds for this.
func TestEmptyLinesCostLittle(t *testing.T) {
	body := bytes.Repeat([]byte("\r\n"), 2<<20)
	for _, relaxed := range []bool{false, true} {
		var length int
		if took := cpuTime(t, func() { _, length = bodyHash(body, relaxed) }); took > 5*time.Second || length > 2 {
			t.Errorf("%v for %d octets", took, length)
		}
	}
	var length int
	if took := cpuTime(t, func() { _, length = bodyHash(append(body, 'x'), false) }); took > 5*time.Second || length != len(body)+3 {
		t.Errorf("%v for %d octets", took, length)
	}
}

func FuzzSignature(f *testing.F) {
	f.Add("v=1; a=rsa-sha256; d=a.b; s=c; h=from; bh=AA==; b=AA==", "v=DKIM1; p=AA==; t=s", []byte("a \r\n\r\n"))
	f.Fuzz(func(t *testing.T, value, record string, body []byte) {
		parseKey(record)
		if tags, ok := parseTags(withoutSignature(value)); ok && tags["b"] != "" {
			t.Errorf("a signature is left in %q", value)
		}
		for _, relaxed := range []bool{false, true} {
			sum, length := bodyHash(body, relaxed)
			if again, same := bodyHash(append(body[:len(body):len(body)], "\r\n\r\n"...), relaxed); length > 0 && !bytes.HasSuffix(body, []byte("\r")) && (!bytes.Equal(sum, again) || length != same) {
				t.Errorf("empty lines at the end of %q count", body)
			}
		}
	})
}

func BenchmarkAuthenticate(b *testing.B) {
	key := newEd25519(b)
	config, _ := asking(b, dns.Zone{TXT: map[string][]string{"sel._domainkey.corp.example": {key.record}}})
	raw := signDKIM(b, plain+strings.Repeat(strings.Repeat("word ", 14)+"\r\n", 14<<10), dkim.SignOptions{Domain: "corp.example", Signer: key.signer,
		HeaderCanonicalization: dkim.CanonicalizationRelaxed, BodyCanonicalization: dkim.CanonicalizationRelaxed})
	b.Run("dkim of 1 MB", func(b *testing.B) {
		in := received(raw)
		b.SetBytes(int64(len(raw)))
		for b.Loop() {
			if r := Authenticate(b.Context(), in, config); r.Auth != Pass {
				b.Fatal(r)
			}
		}
	})
	b.Run("trusted result", func(b *testing.B) {
		in := received("Authentication-Results: mx; dkim=pass (a; b) header.d=corp.example;\r\n\tdmarc=pass (p=reject) header.from=corp.example\r\n" + plain)
		for b.Loop() {
			if r := Authenticate(b.Context(), in, Config{TrustedAuthserv: []string{"mx"}}); r.Auth != Pass {
				b.Fatal(r)
			}
		}
	})
}

func BenchmarkReadAuthor(b *testing.B) {
	for b.Loop() {
		ReadAuthor([]string{"=?utf-8?q?Cl=C3=A4ire?= <claire@corp.example>"})
	}
}
