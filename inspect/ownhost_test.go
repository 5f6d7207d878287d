package inspect

import (
	"slices"
	"strings"
	"testing"

	"quishmilter/identity"
	"quishmilter/payload"
	"quishmilter/prevalence"
	"quishmilter/qr"
	"quishmilter/verdict"
)

// judged is what a policy says of a message from outside with one code of this text.
func (a *archive) judged(policy *verdict.Policy, text string, auth identity.Auth) verdict.Decision {
	m := &Message{Envelope: Envelope{Arrived: noon, Rcpts: []string{"claire.dupont@own.example"}}}
	r := Report{Envelope: m.Envelope, Direction: identity.Inbound, Scan: Complete, Sender: Sender{From: stranger, Auth: auth}}
	r.Codes = understand([]Found{{Code: qr.Code{Text: text}}}, payload.BuiltinLists(), m.Envelope.Rcpts)
	r.Record = prevalence.Record{From: stranger}
	a.remember(&r)
	return policy.Decide(a.evidence(m, r))
}

func preset(t *testing.T, name string) *verdict.Policy {
	t.Helper()
	policy, err := verdict.Compile(name, nil, false)
	if err != nil {
		t.Fatal(err)
	}
	return policy
}

// A host of our own, or one that has long been known, speaks for a plain link to it, and for nothing else that names it.
func TestHostsSpeakForPlainLinksOnly(t *testing.T) {
	a := newArchive(t)
	standard, strict := preset(t, verdict.Standard), preset(t, verdict.Strict)
	for _, days := range []float64{20, 19, 18} {
		a.came(letter{days: days, from: "news@shop.example", to: reader, auth: identity.Pass, host: "shop.example"})
	}
	a.came(letter{days: 2, from: reader, to: stranger, outbound: true, host: "sent.example"})
	for _, host := range []string{"own.example", "sent.example", "shop.example"} {
		for _, text := range []string{
			"https://HOST", "https://HOST/", "HTTP://WWW2.HOST/a?e=claire.dupont@own.example", "https://HOST/ä?next=https%3A%2F%2FHOST%2Fb", "https://HOST:8443/", "HOST:8443/a",
			"URL:https://HOST/",
			"https://HOST/?a=tel&b=c:d",
		} {
			text = strings.ReplaceAll(text, "HOST", host)
			if host != "own.example" {
				text = strings.ReplaceAll(text, "WWW2.", "")
			}
			if d := a.judged(standard, text, identity.Pass); d.Action != verdict.Accept {
				t.Errorf("%q: %s %q", text, d.Action, d.Reasons)
			}
		}
		for _, text := range []string{
			"tg://login?token=AQIDBAUG&u=https://HOST", "sgnl://linkdevice?uuid=a&pub_key=b&u=https://HOST", "line://au/q/abc?u=https://HOST",
			"tsdevice:/?uuid=a&pub_key=b&u=https://HOST", "wc:abc@2?relay=x&u=https://HOST", "FIDO:/123?u=https://HOST",
			"market://details?id=com.evil&u=https://HOST", "ftp://evil.example/x?u=https://HOST", "smb://evil.example/x?u=https://HOST",
			"webcal://evil.example/x?u=https://HOST", "evilapp://evil.example/https://HOST/", "tel:*21*123#?u=https://HOST",
			"https://HOST\ntg://login?token=1", "https://HOST/ tg://login?token=1", "https://HOST/?u=tg://login?token=1", "https://HOST/?u=tg%3Alogin%3Ftoken=1",
			"intent://HOST/#Intent;scheme=https;package=com.none;S.browser_fallback_url=https://evil.example/?e=claire.dupont@own.example;end",
			"https://HOST/?a=https://HOST/&b=https://evil.example/", "https://bank.example@HOST/", "LPA:1$smdp.example.com$X\nhttps://HOST/",
			"microsoft-edge:https://HOST/", "Read https://HOST/",
		} {
			text = strings.ReplaceAll(text, "HOST", host)
			for name, policy := range map[string]*verdict.Policy{verdict.Standard: standard, verdict.Strict: strict} {
				if d := a.judged(policy, text, identity.Pass); d.Action == verdict.Accept {
					t.Errorf("%s: %q is accepted", name, text)
				}
			}
		}
	}
	for _, text := range []string{"tel:*21*123#?u=https://own.example", "tel:*21*123#"} {
		if d := a.judged(standard, text, identity.None); d.Action != verdict.Tag || !slices.Contains(d.Reasons, payload.SignalServiceCode) {
			t.Errorf("%q: %s %q", text, d.Action, d.Reasons)
		}
	}
}

// Which domains are ours is a setting: it holds without a history too, as in a scan of files.
func TestOwnDomainsWithoutHistory(t *testing.T) {
	a := newArchive(t)
	a.History = nil
	standard := preset(t, verdict.Standard)
	for text, want := range map[string]verdict.Action{"https://www.own.example/x": verdict.Accept, "https://notown.example/x": verdict.Tag} {
		if d := a.judged(standard, text, identity.None); d.Action != want {
			t.Errorf("%s: %s %q", text, d.Action, d.Reasons)
		}
	}
}
