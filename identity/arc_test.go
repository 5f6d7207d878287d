package identity

import (
	"slices"
	"strings"
	"testing"

	"quishmilter/test/dns"
)

const letter = "From: Claire <claire@corp.example>\r\nSubject: hello  there\r\n\r\nOne line\r\n"

const (
	proven   = "dmarc=pass header.from=corp.example"
	relayed  = "dmarc=fail header.from=corp.example; arc=pass"
	unproven = "dmarc=fail header.from=corp.example"
)

// forwarders are three sealers and the zone with their keys.
func forwarders(t *testing.T) (list, gate, evil arcSealer, zone dns.Zone) {
	list, gate, evil = arcSealer{"list.example", newEd25519(t)}, arcSealer{"gate.example", newRSA(t, 1024)}, arcSealer{"evil.example", newEd25519(t)}
	zone = dns.Zone{TXT: map[string][]string{"_dmarc.corp.example": {"v=DMARC1; p=reject"}}}
	for _, a := range []arcSealer{list, gate, evil} {
		zone.TXT["sel._domainkey."+a.domain] = []string{a.key.record}
	}
	return list, gate, evil, zone
}

func TestARC(t *testing.T) {
	list, gate, evil, zone := forwarders(t)
	one := list.seal(t, letter, 1, "none", proven)
	two := gate.seal(t, one, 2, "pass", relayed)
	three := gate.seal(t, two, 3, "pass", proven)
	other := strings.Replace(letter, "corp.example", "other.example", 1)
	cases := []struct {
		name, raw string
		trust     []string
		want      Auth
	}{
		{"one set", one, []string{"List.example"}, Pass},
		{"one set, another is trusted", one, []string{"gate.example"}, None},
		{"nobody is trusted", one, nil, None},
		{"two sets, both trusted", two, []string{"list.example", "gate.example"}, Pass},
		{"two sets, the first sealer is a stranger", two, []string{"gate.example"}, None},
		{"two sets, the last sealer is a stranger", two, []string{"list.example"}, None},
		{"three sets, the last found it proven", three, []string{"gate.example"}, Pass},
		{"the sealer saw it fail", list.seal(t, letter, 1, "none", unproven), []string{"list.example"}, None},
		{"the sealer saw another author", list.seal(t, other, 1, "none", proven), []string{"list.example"}, None},
		{"it was broken before", list.seal(t, letter, 1, "fail", proven), []string{"list.example"}, None},
		{"cv=none in the second", gate.seal(t, one, 2, "none", proven), []string{"gate.example"}, None},
		{"a stranger's sets below a good one", gate.seal(t, evil.seal(t, letter, 1, "none", proven), 2, "pass", relayed), []string{"gate.example"}, None},
		{"another author than was sealed", strings.Replace(one, "claire@corp", "boss@corp", 1), []string{"list.example"}, None},
		{"another body", one + "more\r\n", []string{"list.example"}, None},
		{"other results", strings.Replace(two, "i=1; mx.list.example", "i=1; mx.evil.example", 1), []string{"gate.example", "list.example"}, None},
		{"a field is missing", strings.Replace(two, "ARC-Seal: i=1", "X: i=1", 1), []string{"gate.example"}, None},
		{"a set is missing", list.seal(t, letter, 2, "pass", proven), []string{"list.example"}, None},
		{"a field twice", "ARC-Authentication-Results: i=1; x; none\r\n" + one, []string{"list.example"}, None},
		{"no number", "ARC-Seal: cv=none\r\n" + one, []string{"list.example"}, None},
		{"a number too high", "ARC-Seal: i=21; d=a.b; s=c\r\n" + one, []string{"list.example"}, None},
		{"h= in a seal", strings.Replace(one, "cv=none;", "cv=none; h=from;", 1), []string{"list.example"}, None},
		{"no chain", letter, []string{"list.example"}, None},
	}
	for _, c := range cases {
		config, _ := asking(t, zone)
		config.OwnCheck = false
		config.TrustedARCSealers = c.trust
		r := Authenticate(t.Context(), received(c.raw), config)
		if r.Auth != c.want || (r.Auth == Pass) != (r.Method == ByARC) {
			t.Errorf("%s: %+v", c.name, r)
		}
	}
}

func TestARCOverrulesTheCheckOfTheLastHop(t *testing.T) {
	list, _, _, zone := forwarders(t)
	config, _ := asking(t, zone)
	config.TrustedAuthserv = []string{"mx"}
	field := "Authentication-Results: mx; dmarc=fail header.from=corp.example\r\n"
	sealed := list.seal(t, letter, 1, "none", proven)
	for name, raw := range map[string]string{"a filter's": field + sealed, "our own": sealed} {
		config.TrustedARCSealers = nil
		if r := Authenticate(t.Context(), received(raw), config); r.Auth != Fail {
			t.Errorf("%s: %+v", name, r)
		}
		config.TrustedARCSealers = []string{"list.example"}
		if r := Authenticate(t.Context(), received(raw), config); r.Auth != Pass || r.Method != ByARC {
			t.Errorf("%s, with a trusted sealer: %+v", name, r)
		}
	}
}

// TestForgedSealsAskNobodyElse: only the trusted sealer's own server is asked before its seal has been checked.
func TestForgedSealsAskNobodyElse(t *testing.T) {
	list, _, evil, zone := forwarders(t)
	config, server := asking(t, zone)
	config.OwnCheck, config.TrustedARCSealers = false, []string{"list.example"}
	forged := arcSealer{"list.example", evil.key}.seal(t, evil.seal(t, letter, 1, "none", proven), 2, "pass", proven)
	r := Authenticate(t.Context(), received(forged), config)
	if asked := server.Asked(); r.Auth != None || !slices.Equal(asked, []string{"TXT sel._domainkey.list.example"}) {
		t.Errorf("%+v, asked %q", r, asked)
	}
	if r := Authenticate(t.Context(), received(list.seal(t, letter, 1, "none", proven)), config); r.Auth != Pass {
		t.Errorf("%+v", r)
	}
}

func FuzzARC(f *testing.F) {
	f.Add("i=1; cv=none; d=a.b; s=c", "i=1; d=a.b; s=c; h=from", "i=1; mx; dmarc=pass")
	f.Fuzz(func(t *testing.T, seal, message, results string) {
		header, _ := asMilter("From: a@b.example\r\n\r\n")
		for name, value := range map[string]string{"ARC-Seal": seal, "ARC-Message-Signature": message, "ARC-Authentication-Results": results} {
			field := header[0]
			field.Name, field.Value = name, value
			header = append(header, field)
		}
		if chain, ok := readChain(header); ok && len(chain) > 1 {
			t.Errorf("%d sets", len(chain))
		}
	})
}
