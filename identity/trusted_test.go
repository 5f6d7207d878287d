package identity

import (
	"fmt"
	"strings"
	"testing"

	"quishmilter/test/dns"
)

func TestTrustedResults(t *testing.T) {
	trust := func(ids ...string) []string { return ids }
	cases := []struct {
		name   string
		trust  []string
		fields []string
		want   string
	}{
		{"nobody is named", nil, []string{"mx; dmarc=pass header.from=corp.example"}, "none "},
		{"another one", trust("mx"), []string{"evil; dmarc=pass header.from=corp.example"}, "none "},
		{"no id", trust("mx"), []string{"dmarc=pass header.from=corp.example"}, "none "},
		{"an empty id is nobody's", trust(""), []string{"; dmarc=pass header.from=corp.example"}, "none "},
		{"DMARC", trust("MX"), []string{"mX; dmarc=pass (p=reject) header.from=Corp.Example"}, "pass dmarc"},
		{"DMARC of another author", trust("mx"), []string{"mx; dmarc=pass header.from=evil.example"}, "none "},
		{"DMARC of a subdomain", trust("mx"), []string{"mx; dmarc=pass header.from=sub.corp.example"}, "none "},
		{"DMARC of whom?", trust("mx"), []string{"mx; dmarc=pass"}, "none "},
		{"it fails", trust("mx"), []string{"mx; dmarc=fail header.from=corp.example"}, "fail dmarc"},
		{"it fails, p=none (OpenDMARC)", trust("mx"), []string{"mx; dmarc=fail (p=none dis=none) header.from=corp.example"}, "none dmarc"},
		{"it fails, policy=none (rspamd)", trust("mx"), []string{`mx; dmarc=fail reason="No valid SPF" header.from=corp.example (policy=none)`}, "none dmarc"},
		{"it fails, as a property", trust("mx"), []string{"mx; dmarc=fail policy.published-domain-policy=none header.from=corp.example"}, "none dmarc"},
		{"it fails, p=none with DKIM", trust("mx"), []string{"mx; dmarc=fail (p=none) header.from=corp.example; dkim=pass header.d=corp.example"}, "none dmarc"},
		{"one passes, one fails", trust("mx"), []string{"mx; dmarc=pass header.from=corp.example", "mx; dmarc=fail header.from=corp.example"}, "fail dmarc"},
		{"the first named speaks", trust("gw", "mx"), []string{"mx; dmarc=fail header.from=corp.example", "gw; dmarc=pass header.from=corp.example"}, "pass dmarc"},
		{"the first named has nothing to say", trust("gw", "mx"), []string{"gw; spf=none", "mx; dmarc=pass header.from=corp.example"}, "pass dmarc"},
		{"said twice, differently", trust("mx"), []string{"mx; dmarc=pass header.from=evil.example header.from=corp.example"}, "none "},
		{"a temporary error", trust("mx"), []string{"mx; dmarc=temperror header.from=corp.example"}, "none "},
		{"DKIM", trust("mx"), []string{"mx; dkim=pass (a;b) header.d=corp.example"}, "pass dkim-aligned"},
		{"DKIM in two fields", trust("mx"), []string{"mx; dkim=fail header.d=corp.example", "mx; dkim=pass header.i=@mail.corp.example"}, "pass dkim-aligned"},
		{"DKIM of another", trust("mx"), []string{"mx; dkim=pass header.d=evil.example"}, "none "},
		{"SPF", trust("mx"), []string{"mx; spf=pass (x; y) smtp.mailfrom=bounce+x=y@corp.example"}, "pass spf-aligned"},
		{"SPF of a domain", trust("mx"), []string{"mx; spf=pass smtp.mailfrom=corp.example"}, "pass spf-aligned"},
		{"SPF of another", trust("mx"), []string{"mx; spf=pass smtp.mailfrom=corp.example@evil.example"}, "none "},
		{"SPF in a quoted local part", trust("mx"), []string{`mx; spf=pass smtp.mailfrom="; dmarc=pass header.from=corp.example"@evil.example`}, "none "},
		{"SPF of HELO alone", trust("mx"), []string{"mx; spf=pass smtp.helo=corp.example"}, "none "},
		{"SPF of HELO beside another's", trust("mx"), []string{"mx; spf=pass smtp.mailfrom=evil.example smtp.helo=corp.example"}, "none "},
		{"the known version", trust("mx"), []string{"mx 1; dkim/1=pass header.d=corp.example"}, "pass dkim-aligned"},
		{"another version", trust("mx"), []string{"mx 2; dmarc=pass header.from=corp.example"}, "none "},
		{"another version, which fails", trust("mx"), []string{"mx (v) 2; dmarc=fail header.from=corp.example"}, "none "},
		{"another version of a method", trust("mx"), []string{"mx; dkim/2=pass header.d=corp.example"}, "none "},
		{"softfail", trust("mx"), []string{"mx; spf=softfail smtp.mailfrom=corp.example"}, "none "},
		{"in a comment", trust("mx"), []string{"mx (; dmarc=pass header.from=corp.example); none"}, "none "},
		{"too many fields", trust("mx"), append(strings.Split(strings.Repeat("x,", maxResultFields-1)+"x", ","), "mx; dmarc=pass header.from=corp.example"), "none "},
	}
	for _, c := range cases {
		var raw strings.Builder
		for _, f := range c.fields {
			raw.WriteString("authentication-results: " + f + "\r\n")
		}
		r := Authenticate(t.Context(), received(raw.String()+plain), Config{TrustedAuthserv: c.trust})
		if got := string(r.Auth) + " " + string(r.Method); got != c.want || r.Lookups != 0 {
			t.Errorf("%s: %+v", c.name, r)
		}
	}
}

// A sender can write the host's own name, too. Written as $myhostname it is believed when it says fail; nothing that
// is forged under it proves anybody, nor keeps us from looking ourselves.
func TestTheHostsOwnName(t *testing.T) {
	refusing, _ := asking(t, dns.Zone{TXT: map[string][]string{"_dmarc.corp.example": {"v=DMARC1; p=reject"}}})
	allowing, _ := asking(t, dns.Zone{TXT: map[string][]string{"corp.example": {"v=spf1 ip4:198.51.100.7 -all"}}})
	blind := Config{}
	const pass, fail, none = "mx.host; dmarc=pass header.from=corp.example", "mx.host; dmarc=fail (p=reject) header.from=corp.example", "MX.host; dmarc=fail (p=none) header.from=corp.example"
	for _, c := range []struct {
		name, field string
		trust       []string
		config      Config
		want        Auth
	}{
		{"a forged pass", pass, []string{MyHostname}, refusing, Fail},
		{"a forged pass without a check of our own", pass, []string{MyHostname}, blind, None},
		{"a forged signature", "mx.host; dkim=pass header.d=corp.example", []string{MyHostname}, refusing, Fail},
		{"a forged failure that excuses", none, []string{MyHostname}, refusing, Fail},
		{"a failure", fail, []string{MyHostname}, allowing, Fail},
		{"a pass that we find, too", pass, []string{MyHostname}, allowing, Pass},
		{"a pass under the name as it is written out", pass, []string{"mx.host"}, refusing, Pass},
		{"beside the name as it is written out", pass, []string{MyHostname, "MX.host"}, refusing, Pass},
		{"of another host", "mx.other; dmarc=fail header.from=corp.example", []string{MyHostname}, blind, None},
		{"the word itself", "$myhostname; dmarc=fail header.from=corp.example", []string{MyHostname}, blind, None},
		{"a failure of another author", "mx.host; dmarc=fail header.from=evil.example", []string{MyHostname}, allowing, Pass},
	} {
		in := received("Authentication-Results: " + c.field + "\r\n" + plain)
		in.Host, in.MailFrom = "mx.host", "x@corp.example"
		if c.want != Pass || c.config.Resolver == refusing.Resolver {
			in.MailFrom = "x@evil.example"
		}
		c.config.TrustedAuthserv = c.trust
		if r := Authenticate(t.Context(), in, c.config); r.Auth != c.want {
			t.Errorf("%s: %+v", c.name, r)
		}
	}
	in := received("Authentication-Results: ; dmarc=fail header.from=corp.example\r\n" + plain)
	if r := Authenticate(t.Context(), in, Config{TrustedAuthserv: []string{MyHostname}}); r.Auth != None {
		t.Errorf("a host without a name: %+v", r)
	}
}

// Of several authors, which RFC 5322, section 3.6.2, allows, a client may show either: the worst result of any counts.
func TestSeveralAuthorsAreAsGoodAsTheWorst(t *testing.T) {
	const ok, also, bad = "dmarc=pass header.from=a.example", "dkim=pass header.d=b.example", "dmarc=fail (p=reject) header.from=b.example"
	refusing, _ := asking(t, dns.Zone{TXT: map[string][]string{"_dmarc.b.example": {"v=DMARC1; p=reject"}}})
	for _, c := range []struct {
		name, from, results string
		want                Auth
	}{
		{"the second fails", "From: x@a.example, y@b.example\r\n", ok + "; " + bad, Fail},
		{"the first fails", "From: y@b.example, x@a.example\r\n", ok + "; " + bad, Fail},
		{"in a second field", "From: x@a.example\r\nFrom: y@b.example\r\n", ok + "; " + bad, Fail},
		{"in a group", "From: Us: x@a.example, y@b.example;\r\n", ok + "; " + bad, Fail},
		{"nobody speaks for the second", "From: x@a.example, y@c.example\r\n", ok, None},
		{"one that cannot be read", "From: x@a.example, \x00@\x00, y@b.example\r\n", ok + "; " + also, None},
		{"all pass", "From: x@a.example, y@b.example, z@a.example\r\n", ok + "; " + also, Pass},
		{"more than are looked at", "From: " + many(60) + "\r\n", ok, None},
		{"nobody", "From: \r\n", bad, None},
		{"a failure of nobody", "From: x@a.example, @, z@z\x01\r\n", "dmarc=fail", None},
	} {
		in := received("Authentication-Results: mx; " + c.results + "\r\n" + c.from + "\r\nbody\r\n")
		if r := Authenticate(t.Context(), in, Config{TrustedAuthserv: []string{"mx"}}); r.Auth != c.want {
			t.Errorf("%s: %+v", c.name, r)
		}
		if key := AuthorOf(in.Header).Key; key != "" {
			t.Errorf("%s: it has the history of %s", c.name, key)
		}
	}
	in := received("From: x@a.example, y@b.example\r\n\r\nbody\r\n")
	if r := Authenticate(t.Context(), in, refusing); r.Auth != Fail || r.Domain != "b.example" {
		t.Errorf("by our own check: %+v", r)
	}
}

// many are the addresses of n domains.
func many(n int) string {
	var all []string
	for i := range n {
		all = append(all, fmt.Sprintf("x@d%d.a.example", i))
	}
	return strings.Join(all, ", ")
}

func TestOurOwnCheckFillsTheGap(t *testing.T) {
	config, server := asking(t, dns.Zone{TXT: map[string][]string{"_dmarc.corp.example": {"v=DMARC1; p=reject"}}})
	config.TrustedAuthserv = []string{"mx"}
	for field, want := range map[string]Auth{
		"mx; dmarc=pass header.from=corp.example": Pass,
		"mx; spf=none": Fail, // nothing about the author: we look ourselves
		"mx; dmarc=temperror header.from=corp.example": Fail,
	} {
		before := len(server.Asked())
		r := Authenticate(t.Context(), received("Authentication-Results: "+field+"\r\n"+plain), config)
		if asked := len(server.Asked()) > before; r.Auth != want || asked != (want == Fail) {
			t.Errorf("%s: %+v, asked: %v", field, r, asked)
		}
	}
}
