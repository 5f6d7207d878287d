package identity

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-msgauth/dkim"

	"quishmilter/test/dns"
)

func TestSPF(t *testing.T) {
	const allowed, stranger = "198.51.100.7", "203.0.113.9"
	zone := dns.Zone{
		TXT: map[string][]string{
			"corp.example":          {"unrelated", "v=spf1 ip4:198.51.100.0/24 a:out.corp.example mx -all"},
			"soft.example":          {"v=spf1 ip4:198.51.100.7 ~all"},
			"neutral.example":       {"v=spf1 ?all"},
			"broken.example":        {"v=spf1 frobnicate"},
			"double.example":        {"v=spf1 -all", "v=spf1 +all"},
			"loop.example":          {"v=spf1 include:loop.example -all"},
			"xn--bcher-kva.example": {"v=spf1 ip4:198.51.100.7 -all"},
		},
		A:    map[string]string{"out.corp.example": "192.0.2.77", "mx.corp.example": "192.0.2.78", "norecord.example": "192.0.2.1"},
		AAAA: map[string]string{"out.corp.example": "2001:db8::77"},
		MX:   map[string]string{"corp.example": "mx.corp.example"},
		Fail: map[string]bool{"away.example": true},
	}
	config, _ := asking(t, zone)
	cases := []struct{ from, mailFrom, helo, client, why string }{
		{"corp.example", "a@corp.example", "", allowed, ""},
		{"corp.example", "a@CORP.example", "", allowed, ""},
		{"corp.example", "a@corp.example", "", "::ffff:" + allowed, ""},
		{"corp.example", "a@corp.example", "", "192.0.2.77", ""},
		{"corp.example", "a@corp.example", "", "192.0.2.78", ""},
		{"corp.example", "a@corp.example", "", "2001:db8::77", ""},
		{"corp.example", "", "corp.example", allowed, ""},
		{"b\u00fccher.example", "a@xn--bcher-kva.example", "", allowed, ""},
		{"corp.example", "a@corp.example", "", stranger, "fail"},
		{"soft.example", "a@soft.example", "", stranger, "softfail"},
		{"neutral.example", "a@neutral.example", "", stranger, "neutral"},
		{"norecord.example", "a@norecord.example", "", stranger, "none"},
		{"nowhere.example", "a@nowhere.example", "", stranger, "none"},
		{"broken.example", "a@broken.example", "", stranger, "permerror"},
		{"double.example", "a@double.example", "", stranger, "permerror"},
		{"loop.example", "a@loop.example", "", stranger, "permerror"},
		{"away.example", "a@away.example", "", stranger, "DNS did not answer"},
		{"corp.example", "a@other.example", "", allowed, "the envelope is of another domain"},
		{"corp.example", "", "[198.51.100.7]", allowed, "the envelope is of another domain"},
		{"corp.example", "a@corp.example", "", "", "the client is not known"},
	}
	for _, c := range cases {
		in := received("From: x@" + c.from + "\r\n\r\ntext\r\n")
		in.MailFrom, in.HELO = c.mailFrom, c.helo
		in.Client, _ = netip.ParseAddr(c.client)
		r := Authenticate(t.Context(), in, config)
		if c.why == "" && (r.Auth != Pass || r.Method != BySPF) || c.why != "" && (r.Auth != None || !strings.Contains(r.Detail, "SPF: "+c.why+";")) {
			t.Errorf("%+v: %+v", c, r)
		}
	}
}

func TestDMARC(t *testing.T) {
	key := newEd25519(t)
	sel := func(domain string) string { return "sel._domainkey." + domain }
	type records = map[string][]string
	at := "_dmarc.corp.example"
	sub := "_dmarc.mail.corp.example"
	none, fail := "none", "fail"
	cases := []struct {
		name, from, signer, spfOf string
		txt                       records
		want                      string
	}{
		{"no policy, nothing proven", "corp.example", "", "", records{}, none},
		{"reject", "corp.example", "", "", records{at: {"v=DMARC1; p=reject"}}, fail},
		{"quarantine, any case", "corp.example", "", "", records{at: {"v=DMARC1;P=Quarantine;"}}, fail},
		{"p=none", "corp.example", "", "", records{at: {"v=DMARC1; p=none"}}, none},
		{"pct=0", "corp.example", "", "", records{at: {"v=DMARC1; p=reject; pct=0"}}, none},
		{"pct=1", "corp.example", "", "", records{at: {"v=DMARC1; p=reject; pct=1"}}, fail},
		{"testing", "corp.example", "", "", records{at: {"v=DMARC1; p=reject; t=y"}}, none},
		{"two records", "corp.example", "", "", records{at: {"v=DMARC1; p=reject", "v=DMARC1; p=reject"}}, none},
		{"another record beside it", "corp.example", "", "", records{at: {"hello", "v=DMARC1; p=reject"}}, fail},
		{"a broken tag", "corp.example", "", "", records{at: {"v=DMARC1; p=reject; pct=x; ri=-1; junk"}}, fail},
		{"no p=", "corp.example", "", "", records{at: {"v=DMARC1"}}, none},
		{"no p=, but reports", "corp.example", "", "", records{at: {"v=DMARC1; rua=mailto:a@b"}}, none},
		{"another version", "corp.example", "", "", records{at: {"v=DMARC2; p=reject"}}, none},
		{"a subdomain under p=", "mail.corp.example", "", "", records{at: {"v=DMARC1; p=reject"}}, fail},
		{"a subdomain under sp=none", "mail.corp.example", "", "", records{at: {"v=DMARC1; p=reject; sp=none"}}, none},
		{"sp= is not for the domain itself", "corp.example", "", "", records{at: {"v=DMARC1; p=none; sp=reject"}}, none},
		{"a subdomain with its own", "mail.corp.example", "", "", records{at: {"v=DMARC1; p=reject"}, sub: {"v=DMARC1; p=none"}}, none},
		{"a deep subdomain", "a.b.c.corp.example", "", "", records{at: {"v=DMARC1; p=reject"}}, fail},

		{"DKIM of the domain", "corp.example", "corp.example", "", records{at: {"v=DMARC1; p=reject; adkim=s"}}, "dkim-aligned"},
		{"DKIM of a subdomain", "corp.example", "mail.corp.example", "", records{at: {"v=DMARC1; p=reject"}}, "dkim-aligned"},
		{"DKIM of the parent", "mail.corp.example", "corp.example", "", records{}, "dkim-aligned"},
		{"DKIM of a subdomain, strict", "corp.example", "mail.corp.example", "", records{at: {"v=DMARC1; p=reject; adkim=s"}}, fail},
		{"DKIM of another domain", "corp.example", "evil.example", "", records{at: {"v=DMARC1; p=reject"}}, fail},
		{"DKIM of a neighbour on a public suffix", "a.github.io", "b.github.io", "", records{"_dmarc.a.github.io": {"v=DMARC1; p=reject"}}, fail},

		{"SPF of the domain", "corp.example", "", "corp.example", records{at: {"v=DMARC1; p=reject; aspf=s"}}, "spf-aligned"},
		{"SPF of a subdomain", "corp.example", "", "mail.corp.example", records{at: {"v=DMARC1; p=reject"}}, "spf-aligned"},
		{"SPF of a subdomain, strict", "corp.example", "", "mail.corp.example", records{at: {"v=DMARC1; p=reject; aspf=s"}}, fail},
		{"SPF of another domain", "corp.example", "", "evil.example", records{at: {"v=DMARC1; p=reject"}}, fail},
	}
	for _, c := range cases {
		c.txt[sel(c.signer)] = []string{key.record}
		c.txt[c.spfOf] = append(c.txt[c.spfOf], "v=spf1 ip4:198.51.100.7 -all")
		config, _ := asking(t, dns.Zone{TXT: c.txt})
		raw := "From: x@" + c.from + "\r\n\r\ntext\r\n"
		if c.signer != "" {
			raw = signDKIM(t, raw, dkim.SignOptions{Domain: c.signer, Signer: key.signer})
		}
		in := received(raw)
		if c.spfOf != "" {
			in.MailFrom = "b@" + c.spfOf
		}
		r := Authenticate(t.Context(), in, config)
		got := string(r.Auth)
		if r.Auth == Pass {
			got = string(r.Method)
		}
		if got != c.want {
			t.Errorf("%s: %+v", c.name, r)
		}
	}
}

// TestTroubleNeverFails: where something could not be looked at, a policy of reject makes no "fail".
func TestTroubleNeverFails(t *testing.T) {
	key := newEd25519(t)
	raw := signDKIM(t, plain, dkim.SignOptions{Domain: "corp.example", Signer: key.signer})
	policy := map[string][]string{"_dmarc.corp.example": {"v=DMARC1; p=reject"}, "corp.example": {"v=spf1 -all"}}
	aligned := func(in Input) Input { in.MailFrom = "x@corp.example"; return in }
	cut := received(plain)
	cut.Cut = true
	nobody := aligned(received(plain))
	nobody.Client = netip.Addr{}
	for name, c := range map[string]struct {
		in   Input
		zone dns.Zone
		want Auth
	}{
		"nothing is wrong":      {aligned(received(plain)), dns.Zone{TXT: policy}, Fail},
		"the key's server":      {received(raw), dns.Zone{TXT: policy, Fail: map[string]bool{"sel._domainkey.corp.example": true}}, None},
		"the SPF server":        {aligned(received(plain)), dns.Zone{TXT: policy, Fail: map[string]bool{"corp.example": true}}, None},
		"the policy's server":   {received(plain), dns.Zone{TXT: policy, Fail: map[string]bool{"_dmarc.corp.example": true}}, None},
		"the message is cut":    {cut, dns.Zone{TXT: policy}, None},
		"the client is unknown": {nobody, dns.Zone{TXT: policy}, None},
	} {
		config, _ := asking(t, c.zone)
		if r := Authenticate(t.Context(), c.in, config); r.Auth != c.want {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

func TestTheTimeoutHolds(t *testing.T) {
	key := newEd25519(t)
	raw := signDKIM(t, plain, dkim.SignOptions{Domain: "corp.example", Signer: key.signer})
	config, server := asking(t, dns.Zone{Silent: map[string]bool{"*": true}})
	config.Timeout = 100 * time.Millisecond
	begin := time.Now()
	in := received(raw)
	in.MailFrom = "x@corp.example"
	r := Authenticate(t.Context(), in, config)
	if took := time.Since(begin); r.Auth != None || took > 3*time.Second || r.DNSTime < 100*time.Millisecond || len(server.Asked()) == 0 {
		t.Errorf("%+v after %v", r, took)
	}
}

func TestWhoIsNotChecked(t *testing.T) {
	config, server := asking(t, dns.Zone{})
	for name, raw := range map[string]string{
		"nobody":            "Subject: x\r\n\r\n",
		"nobody to be read": "From: a\r\n\r\n",
	} {
		if r := Authenticate(t.Context(), received(raw), config); r.Auth != None || r.Lookups != 0 {
			t.Errorf("%s: %+v", name, r)
		}
	}
	config.OwnCheck = false
	if r := Authenticate(t.Context(), received(plain), config); r.Auth != None || r.Lookups != 0 {
		t.Errorf("without a check of our own: %+v", r)
	}
	if asked := server.Asked(); len(asked) > 0 {
		t.Errorf("asked %q", asked)
	}
}

func TestOwnDomains(t *testing.T) {
	config, _ := asking(t, dns.Zone{TXT: map[string][]string{"corp.example": {"v=spf1 ip4:198.51.100.7 -all"}}})
	own := []string{"Corp.Example", ""}
	for _, c := range []struct {
		from, mailFrom string
		forged         bool
	}{
		{"x@corp.example", "x@corp.example", false},
		{"x@corp.example", "x@evil.example", true},
		{"x@hr.CORP.example", "x@evil.example", true},
		{"x@corp.example, y@evil.example", "x@corp.example", true},
		{"x@notcorp.example", "x@evil.example", false},
		{"", "x@evil.example", false},
	} {
		in := received("From: " + c.from + "\r\n\r\n")
		in.MailFrom = c.mailFrom
		if r := Authenticate(t.Context(), in, config); OwnDomainForged(AuthorOf(in.Header), r.Auth, own) != c.forged {
			t.Errorf("%+v: %+v", c, r)
		}
	}
}

func TestNewResolver(t *testing.T) {
	for server, ok := range map[string]bool{"": true, "127.0.0.1:53": true, "127.0.0.1": true, "[::1]:53": true, "::1": true, "[::1]": true,
		"localhost:53": false, "127.0.0.1:x": false, "127.0.0.1:70000": false} {
		if _, err := NewResolver(server); (err == nil) != ok {
			t.Errorf("%q: %v", server, err)
		}
	}
}
