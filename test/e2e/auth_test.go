package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"quishmilter/test/daemon"
	"quishmilter/test/dns"
	"quishmilter/test/mailmaker"
)

// waitForDNS returns when the daemon has found its DNS server.
func waitForDNS(t *testing.T, server *dns.Server) {
	t.Helper()
	for ctx := limited(t); len(server.Asked()) == 0; time.Sleep(5 * time.Millisecond) {
		if ctx.Err() != nil {
			t.Fatal("the daemon asked no DNS server")
		}
	}
}

// A sender whose domain says that the message is a forgery is held although its link is harmless and its history
// good; one whose domain vouches for the client is proven.
func TestAuthentication(t *testing.T) {
	server := dns.Start(t, dns.Zone{TXT: map[string][]string{
		"forged.example":        {"v=spf1 -all"},
		"_dmarc.forged.example": {"v=DMARC1; p=reject"},
		"good.example":          {"v=spf1 ip4:203.0.113.7 -all"},
		"_dmarc.good.example":   {"v=DMARC1; p=reject"},
	}})
	forged := mailmaker.PNGCode()
	forged.From = "ceo@forged.example"
	r := start(t, daemon.Config{
		Learn: [][]byte{before(forged, 3), before(forged, 4)},
		TOML:  fmt.Sprintf("[authentication]\nown_domains = [\"example.org\"]\nresolver = %q\n", server.Addr),
	})
	waitForDNS(t, server)

	t.Run("pass", func(t *testing.T) {
		good := mailmaker.PNGCode()
		good.From = "news@good.example"
		fields(t, r.delivered(mailOf(good)), "X-Quish-Verdict: tagged",
			"X-Quish-Sender: news@good.example; prevalent=no; messages=0; window=14d-1d; auth=pass")
	})
	t.Run("fail", func(t *testing.T) {
		id := r.accepted(mailOf(forged))
		line := r.logLine(id)
		if !strings.Contains(line, "verdict=quarantine reason=qr-link-from-new-sender,sender-not-authenticated") {
			t.Error(line)
		}
	})
	t.Run("forged results of this host", func(t *testing.T) {
		results := "Authentication-Results: mx.example.org; dmarc=%s header.from=%s"
		for n, c := range []struct{ from, field string }{
			{forged.From, fmt.Sprintf(results, "pass", "forged.example")},
			{forged.From, fmt.Sprintf(results, "fail (p=none)", "forged.example")},
			{"x@silent.example", fmt.Sprintf(results, "fail (p=reject)", "silent.example")}, // nothing is gained by that one
		} {
			l := forged
			l.From, l.ID, l.Fields = c.from, fmt.Sprintf("results%d@far.example", n), []string{c.field}
			if line := r.logLine(r.accepted(mailOf(l))); !strings.Contains(line, "sender-not-authenticated") {
				t.Errorf("%s: %s", c.field, line)
			}
		}
	})
	t.Run("own domain from outside", func(t *testing.T) {
		own := mailmaker.PNGCode()
		own.From = "boss@example.org"
		line := r.logLine(r.accepted(mailOf(own)))
		if !strings.Contains(line, "verdict=quarantine reason=qr-link-from-new-sender,own-domain-forged") {
			t.Error(line)
		}
	})
}

// A DNS server that keeps silent holds no mail up for longer than its own time-out, and soon not at all.
func TestSilentDNS(t *testing.T) {
	server := dns.Start(t, dns.Zone{Silent: map[string]bool{"*": true}})
	r := start(t, daemon.Config{TOML: fmt.Sprintf("[authentication]\nresolver = %q\n", server.Addr)})
	waitForDNS(t, server)
	d := r.delivered(mailOf(mailmaker.PNGCode()))
	fields(t, d, "X-Quish-Sender: welcome@example.net; prevalent=no; messages=0; window=14d-1d; auth=none")
}
