package identity

import (
	"net/netip"
	"strings"
	"testing"

	"quishmilter/mime"
)

func TestReceivedFrom(t *testing.T) {
	for value, want := range map[string]string{
		"from mail.x (mail.x [198.51.100.7]) by gw (Postfix) with ESMTPS id 1 for <a@b>; Thu":                                     "198.51.100.7 mail.x",
		"from x (unknown [IPv6:2001:db8::7])\n\t(using TLSv1.3 with cipher Y (256/256 bits))\n\tby gw (Postfix)":                  "2001:db8::7 x",
		"from x (y [198.51.100.7])\n (Client CN \"192.0.2.9\", Issuer \"192.0.2.9\" (not verified))\n by gw":                      "198.51.100.7 x",
		"from x (y [198.51.100.7]) (Authenticated sender: 192.0.2.9) by gw":                                                       "198.51.100.7 x",
		"from x (y [192.0.2.9]) by z (unknown [198.51.100.7]) by gw (Postfix) with SMTP":                                          "198.51.100.7 x",
		"from [192.0.2.9] (unknown [198.51.100.7]) by gw":                                                                         "198.51.100.7 [192.0.2.9]",
		"from x (y [198.51.100.7] (may be forged)) by gw (8.17/8.17) with ESMTP":                                                  "198.51.100.7 x",
		"from host.example ([198.51.100.7]:12345 helo=mail.x) by gw with esmtps (Exim 4.96)":                                      "198.51.100.7 mail.x",
		"from [198.51.100.7] (helo=mail.x) by gw with esmtp (Exim 4.96)":                                                          "198.51.100.7 mail.x",
		"from [198.51.100.7] (port=4711 helo=mail.x) by gw with esmtp (Exim 4.96)":                                                "198.51.100.7 mail.x",
		"from unknown (HELO mail.x) (198.51.100.7) by 0 with SMTP; 1 Jan":                                                         "198.51.100.7 mail.x",
		"from A.example (2603:10a6:1::1) by B.example (2603:10a6:2::2) with Microsoft SMTP Server (version=TLS1_2) id 15.20; Thu": "2603:10a6:1::1 A.example",
		"from x (y [198.51.100.7]) by gw (Postfix) for <\"a by b\"@c>":                                                            "198.51.100.7 x",
		"from x (::ffff:198.51.100.7) by gw":                                                                                      "198.51.100.7 x",
		"from x by gw":                                                                                                            "invalid IP x",
		"from [192.0.2.9] by gw (192.0.2.9)":                                                                                      "invalid IP [192.0.2.9]",
		"from x (y [198.51.100.7] by gw":                                                                                          "invalid IP ",
		"from by gw":                                                                                                              "invalid IP ",
		"by gw (Postfix, from userid 0)":                                                                                          "no hop",
		"(qmail 1 invoked from network)":                                                                                          "no hop",
		"from\tx (y [198.51.100.7])\n by gw":                                                                                      "198.51.100.7 x",
		"from":                                                                                                                    "invalid IP ",
		"":                                                                                                                        "invalid IP ",
		"from x (y [198.51.100.7]) by gw " + strings.Repeat("(", 9):                                                               "invalid IP ",
		"from x (y [198.51.100.7]) by gw " + strings.Repeat("a", maxReceived):                                                     "invalid IP ",
	} {
		from, isHop := receivedFrom(value)
		got := from.Addr.String() + " " + from.HELO
		if !isHop {
			got = "no hop"
		}
		if got != want {
			t.Errorf("%.90q: %q, want %q", value, got, want)
		}
	}
}

func TestClientBehind(t *testing.T) {
	relays := []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("2001:db8:1::/48")}
	const (
		outer    = "from a (a [198.51.100.7]) by gw2; Thu"
		inner    = "from gw2 (gw2 [2001:db8:1::5]) by gw1; Thu"
		filter   = "from localhost (localhost [127.0.0.1]) by gw1; Thu"
		pickup   = "by gw1 (Postfix, from userid 0); Thu"
		forged   = "from x (x [203.0.113.9]) by y; Thu"
		nameless = "from x by gw1; Thu"
	)
	cases := []struct {
		direct string
		hops   []string
		want   string
	}{
		{"198.51.100.1", []string{outer}, "198.51.100.1"},
		{"192.0.2.1", []string{outer, forged}, "198.51.100.7"},
		{"::ffff:192.0.2.1", []string{outer, forged}, "198.51.100.7"},
		{"192.0.2.1", []string{inner, outer, forged}, "198.51.100.7"},
		{"192.0.2.1", []string{filter, pickup, inner, outer, forged}, "198.51.100.7"},
		{"192.0.2.1", []string{nameless, outer}, "invalid IP"},
		{"192.0.2.1", []string{inner}, "invalid IP"},
		{"192.0.2.1", nil, "invalid IP"},
		{"", []string{outer}, "invalid IP"},
	}
	for _, c := range cases {
		var header []mime.Field
		for _, hop := range c.hops {
			header = append(header, mime.Field{Name: "received", Value: hop})
		}
		direct, _ := netip.ParseAddr(c.direct)
		if got := ClientBehind(Client{Addr: direct}, header, relays); got.Addr.String() != c.want {
			t.Errorf("%s %q: %s", c.direct, c.hops, got.Addr)
		}
		if got := ClientBehind(Client{direct, "helo"}, header, nil); got != (Client{direct, "helo"}) {
			t.Errorf("without relays: %v", got)
		}
	}
}

func TestManyHopsEnd(t *testing.T) {
	relay := mime.Field{Name: "Received", Value: "from gw (gw [192.0.2.2]) by gw"}
	var header []mime.Field
	for range 1000 {
		header = append(header, relay)
	}
	relays := []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}
	if got := ClientBehind(Client{Addr: netip.MustParseAddr("192.0.2.1")}, header, relays); got.Addr.IsValid() {
		t.Errorf("the client is %s", got.Addr)
	}
}

func FuzzReceivedFrom(f *testing.F) {
	f.Add("from x (y [IPv6:2001:db8::7] (z)) by gw (Postfix) with ESMTP id 1 for <a@b>; Thu")
	f.Fuzz(func(t *testing.T, value string) {
		if from, isHop := receivedFrom(value); !isHop && from != (Client{}) || from.Addr.Is4In6() || from.Addr.Zone() != "" {
			t.Errorf("%+v", from)
		}
	})
}

// FuzzPolicyRecord reads what the author's domain publishes, and the name of a list: all in the sender's hand.
func FuzzPolicyRecord(f *testing.F) {
	f.Add("v=DMARC1; p=reject; sp=none; pct=0; adkim=s; aspf=r; t=y")
	f.Add("A list <list.example.org>")
	f.Fuzz(func(t *testing.T, record string) {
		tags := policyTags(record)
		for _, subdomain := range []bool{false, true} {
			if answer := readPolicy(tags, subdomain); answer.enforced && answer.why != "reject" && answer.why != "quarantine" {
				t.Errorf("%q is enforced: %s", record, answer.why)
			}
		}
		if name := ReadListID([]string{record}); len(name) > maxListID || strings.ContainsFunc(name, notInListID) {
			t.Errorf("%q names %q", record, name)
		}
	})
}
