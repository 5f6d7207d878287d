package payload

import (
	"slices"
	"testing"
)

// A page for phones without the app counts whatever the intent's scheme is, and a target need not be a web link.
func TestTargetsBesideTheWeb(t *testing.T) {
	const named = "https://evil.com/?e=claire.dupont@victim.com"
	for _, test := range []struct{ text, host, target string }{
		{"intent://a.com/#Intent;scheme=https;package=x.y;S.browser_fallback_url=" + named + ";end", "a.com", named},
		{"intent://a.com/#Intent;scheme=https;S.browser_fallback_url=https%3A%2F%2Fa.com%2F;S.browser_fallback_url=https%3A%2F%2Fevil.com%2F;end", "a.com", "https://evil.com/"},
		{"intent://a.com/?u=https://b.com/#Intent;scheme=https;S.browser_fallback_url=https://evil.com/;end", "a.com", "https://b.com/"},
		{"intent://x#Intent;scheme=foo;S.browser_fallback_url=" + named + ";end", "evil.com", ""},
		{"https://www.google.com/url?q=tg%3A//login%3Ftoken%3Dabc", "www.google.com", "tg://login?token=abc"},
		{"https://evil.com/?u=tg://login?token=abc", "evil.com", "tg://login?token=abc"},
		{"https://www.google.com/url?q=ftp%3A%2F%2Fevil.com%2Fx", "www.google.com", "ftp://evil.com/x"},
		{"ftp://evil.com/x?u=https://victim.com", "evil.com", "https://victim.com"},
		{"ftp://user:pass@evil.com:2121/x", "evil.com", ""},
		{"webcal://evil.com/calendar.ics", "evil.com", ""}, {"WEBCAL://Evil.com/calendar.ics", "evil.com", ""},
		{"smb://203.0.113.7/share", "203.0.113.7", ""},
		{"tg://resolve?domain=evil.com", "", ""}, {"evilapp://evil.com/", "", ""}, {"market://details?id=com.evil", "", ""},
	} {
		if p := Parse(test.text, true); p.Host != test.host || p.Target != test.target {
			t.Errorf("%s:\n\thost %q, target %q", test.text, p.Host, p.Target)
		}
	}
}

// Of a link with a host the host and a recipient's name count, whatever its scheme; those of every page of an intent too.
func TestRecipientBesideTheWeb(t *testing.T) {
	const named = "https://evil.com/?e=claire.dupont@victim.com"
	for _, text := range []string{
		"ftp://evil.com/?e=claire.dupont@victim.com", "webcal://evil.com/claire.dupont@victim.com.ics",
		"intent://a.com/#Intent;scheme=https;S.browser_fallback_url=" + named + ";end",
		"intent://a.com/?u=https://b.com/#Intent;scheme=https;S.browser_fallback_url=" + named + ";end",
		"intent://login?token=a#Intent;scheme=tg;S.browser_fallback_url=" + named + ";end",
		"https://a.com/?u=webcal%3A%2F%2Fevil.com%2F%3Fe%3Dclaire.dupont%40victim.com",
	} {
		p := Parse(text, true)
		if got := BuiltinLists().Signals(p, []string{"claire.dupont@victim.com"}); !slices.Contains(got, SignalRecipient) || !slices.Contains(p.Hosts(), "evil.com") {
			t.Errorf("%s: %v %v", text, got, p.Hosts())
		}
	}
}
