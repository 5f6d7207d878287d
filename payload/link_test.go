package payload

import (
	"slices"
	"strings"
	"testing"
)

// What a phone opens, in every spelling; "" means that it opens no page.
func TestLinkSpellings(t *testing.T) {
	for text, want := range map[string]string{
		"https://example.com/a":             "https://example.com/a",
		"hTTpS://EXAMPLE.com/A":             "https://EXAMPLE.com/A",
		"https:example.com/a":               "https://example.com/a",
		"https:///example.com/a":            "https://example.com/a",
		`https:\\example.com\a`:             `https://example.com\a`,
		"https:// example.com/a":            "https://example.com/a",
		"\ufeff https://example.com/a \x00": "https://example.com/a",
		"htt\tps://exa\r\nmple.com/a":       "https://example.com/a",
		"https://exam\u200bple.com/a":       "https://example.com/a",
		"https://\u202eexample.com/a":       "https://example.com/a",
		"ｈｔｔｐｓ：／／ｅｘａｍｐｌｅ．ｃｏｍ／ａ":                      "https://example.com/a",
		"https%3A%2F%2Fexample.com%2Fa":              "https://example.com/a",
		"https://example.com/a b":                    "https://example.com/a b",
		"URL:https://example.com/a":                  "https://example.com/a",
		"urlto: example.com/a":                       "http://example.com/a",
		"MEBKM:TITLE:x;URL:http\\://example.com/a;;": "http://example.com/a",
		"//example.com/a":                            "http://example.com/a",
		"example.com":                                "http://example.com",
		"EXAMPLE.COM:8080/a":                         "http://EXAMPLE.COM:8080/a",
		"user.github.io/a":                           "http://user.github.io/a",
		"203.0.113.7/a":                              "http://203.0.113.7/a",
		"203.0.113.7:8080":                           "http://203.0.113.7:8080",
		"203.0.113.7":                                "",
		"1.2/3":                                      "",
		"co.uk":                                      "",
		"readme.txt":                                 "",
		"a@example.com":                              "",
		"example.com:name":                           "",
		"https://":                                   "",
		"https://exa%2fmple.com":                     "https://exa%2fmple.com", // of no browser, but some reader may open it
		"googlechromes://example.com/a":              "https://example.com/a",
		"googlechrome://navigate?url=https://example.com/a":                                                    "https://example.com/a",
		"x-safari-https://example.com/a":                                                                       "https://example.com/a",
		"microsoft-edge:https://example.com/a":                                                                 "https://example.com/a",
		"firefox://open-url?url=https%3A%2F%2Fexample.com%2Fa":                                                 "https://example.com/a",
		"view-source:https://example.com/a":                                                                    "https://example.com/a",
		"intent://example.com/a#Intent;scheme=https;package=com.android.chrome;end":                            "https://example.com/a",
		"intent:#Intent;action=x;package=no.such.app;S.browser_fallback_url=https%3A%2F%2Fexample.com%2Fa;end": "https://example.com/a",
		"Scan: (https://example.com/a).":                                                                       "https://example.com/a",
		"go to www.example.com, now":                                                                           "http://www.example.com",
		"see example.com/a for more":                                                                           "http://example.com/a",
		"see Node.js and example.com for more":                                                                 "",
	} {
		if got := Parse(text, true).URL; got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestHosts(t *testing.T) {
	for rest, want := range map[string]string{
		"EXAMPLE.com":               "example.com",
		"example.com.":              "example.com",
		"a:b@example.com:443/x":     "example.com",
		"a@b@example.com":           "example.com",
		`example.com\@good.example`: "example.com",
		"%65xample.com":             "example.com",
		"bücher.example":            "xn--bcher-kva.example",
		"xn--bcher-kva.example":     "xn--bcher-kva.example",
		"straße.example":            "xn--strae-oqa.example",
		"example。com":               "example.com",
		"ⓔxample.com":               "example.com",
		"a_b.example.com":           "a_b.example.com",
		"203.0.113.7":               "203.0.113.7",
		"0xcb.0.0x7107":             "203.0.113.7",
		"0313.0.113.7":              "203.0.113.7",
		"203.28935":                 "203.0.113.7",
		"3405803783":                "203.0.113.7",
		"0xCB007107":                "203.0.113.7",
		"%32%30%33.0.113.7":         "203.0.113.7",
		"２０３.0.113.7":               "203.0.113.7",
		"①②⑦.0.0.1":                 "127.0.0.1",
		"127.1":                     "127.0.0.1",
		"256.256.256.256":           "256.256.256.256", // no address; browsers refuse it
		"1.2.3.4.5":                 "1.2.3.4.5",
		"[2001:DB8::1]:443":         "2001:db8::1",
		"[::ffff:203.0.113.7]":      "::ffff:203.0.113.7",
		"[2001:db8::1":              "",
		"[203.0.113.7]":             "",
		"[fe80::1%25eth0]":          "",
		"exa mple.com":              "",
		"exa<mple.com":              "",
		"":                          "",
		"...":                       "",
		strings.Repeat("a", 254):    "",
	} {
		if got := hostOf(rest); got != want {
			t.Errorf("%q: %q, want %q", rest, got, want)
		}
	}
}

func TestDomains(t *testing.T) {
	for link, want := range map[string]string{
		"https://a.b.example.co.uk/":  "example.co.uk",
		"https://evil.workers.dev/":   "evil.workers.dev", // a private suffix: whose page it is
		"https://a.evil.workers.dev/": "evil.workers.dev",
		"https://workers.dev/":        "workers.dev",
		"https://203.0.113.7/":        "203.0.113.7",
		"https://[2001:db8::1]/":      "2001:db8::1",
		"https://localhost/":          "localhost",
		"tel:+41440000000":            "",
	} {
		if got := Parse(link, true).Domain; got != want {
			t.Errorf("%s: %q, want %q", link, got, want)
		}
	}
}

func TestSpelling(t *testing.T) {
	const look, brand, mixed, puny = SignalLookAlike, SignalBrandHost, SignalMixedScript, SignalPunycode
	for host, want := range map[string][]string{
		"example.com":                nil,
		"www.microsoft.com":          nil,
		"login.microsoftonline.com":  nil,
		"www.amazon.co.jp":           nil,
		"microsoft.evil.example":     {brand},
		"login-microsoft.example":    {brand},
		"microsoftsecurity.example":  {brand},
		"microsoft.com.evil.example": {brand},
		"microsoft-login.pages.dev":  {brand},
		"dhl-parcel.example":         {brand},
		"dhlxyz.example":             nil, // short names only as words
		"rnicrosoft.com":             {look},
		"micr0soft.com":              {look},
		"rnicr0s0ft.com":             {look},
		"paypa1.com":                 {look},
		"pay-pal.com":                {brand},
		"mircosoft.com":              {look},
		"microsft.com":               {look},
		"microsoftt.com":             {brand},
		"linkedln.com":               {look},
		"bücher.example":             {puny},
		"раураl.com":                 {puny, mixed, look}, // Cyrillic, with a Latin l
		"аррӏе.com":                  {puny, look},        // Cyrillic only
		"gооgle.com":                 {puny, mixed, look}, // two Cyrillic o
		"pаypal.evil.example":        {puny, mixed, look},
		"göögle.com":                 {puny, look},
		"日本語abc.example":             {puny},
		"한글abc.example":              {puny},
		"бank.example":               {puny, mixed},
		"пример.example":             {puny},
		"203.0.113.7":                nil,
	} {
		if got := spelling(hostOf(host)); !slices.Equal(got, want) {
			t.Errorf("%s (%s): %v, want %v", host, hostOf(host), got, want)
		}
	}
}

func TestLinkSignals(t *testing.T) {
	lists := BuiltinLists()
	for link, want := range map[string]string{
		"https://example.com:443/":                         "",
		"http://example.com:080/":                          "",
		"https://example.com:8443/":                        SignalPort,
		"https://a:8443@example.com/":                      SignalUserInfo,
		"http://[2001:db8::1]:8080/":                       SignalIPHost + " " + SignalPort,
		"https://example.com/app.APK?x=1":                  SignalAppDownload,
		"https://example.com/?f=app.apk":                   "",
		"itms-services://?url=https://example.com/m.plist": SignalAppDownload,
		"https://bucket.s3.eu-west-1.amazonaws.com/x":      SignalHosting,
		"https://k51qzi5uqu5dgutdk6i1ynyzgkqngpha5xpgia3a5qqp4jsh0u4csozksxel2r.ipns.example.net/": SignalIPFS,
		"https://aka.ms/mfasetup":   SignalOpaque,
		"https://goo.gl/abc":        SignalShortener,
		"https://maps.app.goo.gl/x": "",
	} {
		if got := strings.Join(lists.Signals(Parse(link, true), nil), " "); got != want {
			t.Errorf("%s: %q, want %q", link, got, want)
		}
	}
}
