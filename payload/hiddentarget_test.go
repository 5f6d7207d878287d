package payload

import (
	"strings"
	"testing"
)

// Targets that are spelt or packed so that a search for "https://" does not find them.
func TestHiddenTargets(t *testing.T) {
	const evil = "https://evil.example/a?b=c"
	link64 := strings.TrimRight(b64(evil), "=")
	for query, want := range map[string]string{
		"?url=//evil.example/a?b=c":     evil,
		`?url=/\evil.example/a?b=c`:     `https://evil.example/a?b=c`,
		`?u=\\evil.example/a?b=c`:       evil,
		"?url=%2F%2Fevil.example/a?b=c": evil,
		"?whatever=//evil.example/a":    "",
		"?url=//basket/a":               "",
		"?url=evil.com/a":               "http://evil.com/a",
		"?url=evil2.pages.dev":          "http://evil2.pages.dev",
		"?url=evil.com%252Fa":           "http://evil.com/a",
		"?q=evil.com/a":                 "",
		"?url=index.php":                "",
		"?url=a@evil.com":               "",
		"?url=the+evil.com":             "",
		"?url=" + escaped(evil):         evil,
		"?url=https%253A%252F%252Fevil.example%252Fa%253Fb%253Dc":             evil,
		"?url=https%25253A%25252F%25252Fevil.example%25252Fa%25253Fb%25253Dc": evil,
		"#/?url=https%3A%2F%2Fevil.example%2Fa%3Fb%3Dc":                       evil,
		"#url=https%3A%2F%2Fevil.example%2Fa%3Fb%3Dc":                         evil,
		"#!https://evil.example/a?b=c":                                        evil,
		"#!/go?x=1&to=https%3A%2F%2Fevil.example%2Fa%3Fb%3Dc":                 evil,
		"#/go/https://evil.example/a?b=c":                                     evil,
		"?" + link64:                                                          evil,
		"?" + link64 + "==":                                                   evil,
		"?x=1&" + link64:                                                      evil,
		"?url=" + b64(escaped(evil)):                                          evil,
		"?url=" + b64(b64(evil)):                                              evil,
		"?d=" + b64(`{"id":7,"u":"https:\/\/evil.example\/a?b=c"}`):           evil,
		"/e/c/" + b64(`{"href":"https://evil.example/a?b=c"}`) + "/x":         evil,
		`?d={"u":"https://evil.example/a?b=c"}`:                               evil,
		"?a=1;url=https%3A%2F%2Fevil.example%2Fa":                             "https://evil.example/a",
		"/out;x=1;url=https:%2F%2Fevil.example%2Fa":                           "https://evil.example/a",
		"?url=ht%09tps://evil.example/a":                                      "https://evil.example/a",
		"?url=h%0D%0Attps:%0A//evil.example/a":                                "https://evil.example/a",
		"?url=https:evil.example/a":                                           "https://evil.example/a",
		"?a=" + b64("no link in this at all"):                                 "",
		"?a=" + b64(`{"a":["b",1,{"c":null}]}`):                               "",
		"?a=" + b64(`{"a":`):                                                  "",
	} {
		if got := Parse("https://shop.example/"+strings.TrimPrefix(query, "/"), true).Target; got != want {
			t.Errorf("%s:\n\t%q, want %q", query, got, want)
		}
	}
	for _, end := range []string{"__;Iw!!abc$", "__%3BIw!!abc$", "__%3bIw!!abc$"} {
		if got := Parse("https://urldefense.com/v3/__https://evil.example/a*b"+end, true).Target; got != "https://evil.example/a#b" {
			t.Errorf("%s: %q", end, got)
		}
	}
}
