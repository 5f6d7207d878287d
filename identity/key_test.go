package identity

import (
	"strings"
	"testing"
)

func TestKey(t *testing.T) {
	long := strings.Repeat("a", 64) + "@" + strings.Repeat("b", 255)
	cases := map[string]string{
		"Claire@LetsDefend.IO":      "claire@letsdefend.io",
		" a@b.example. ":            "a@b.example",
		"a@BÜCHER.example":          "a@xn--bcher-kva.example",
		"a@xn--bcher-kva.example":   "a@xn--bcher-kva.example",
		"\u212aim@a.example":        "\u212aim@a.example", // the Kelvin sign is no k
		"kim@\u212a.example":        "kim@k.example",      // in a domain it is one, for the resolver too
		"Ä@a":                       "Ä@a",
		`"odd @ local"@a.example`:   `"odd @ local"@a.example`,
		`"known"@a.example`:         "known@a.example",
		`"Kno\wn"@a.example`:        "known@a.example",
		`k."now".n@a.example`:       "k.now.n@a.example",
		`"a\ \"b\c"@a.example`:      `"a \"bc"@a.example`,
		`"a \\"@a.example`:          `"a \\"@a.example`,
		`"a..b"@a.example`:          `"a..b"@a.example`,
		`""@a.example`:              `""@a.example`,
		`"open@a.example`:           `"open@a.example`,
		"a@[192.0.2.1]":             "a@[192.0.2.1]",
		"x@a":                       "x@a",
		long:                        long,
		long + "c":                  "",
		"":                          "",
		"@a":                        "",
		"a@":                        "",
		"a@.":                       "",
		"nobody":                    "",
		"a\x00@b":                   "",
		"a\n@b":                     "",
		"a\xff@b":                   "",
		strings.Repeat("a", 10_000): "",
	}
	for address, want := range cases {
		if got := Key(address); got != want {
			t.Errorf("Key(%.60q) is %.60q, want %.60q", address, got, want)
		} else if again := Key(got); again != got {
			t.Errorf("the key of %.60q is %.60q", got, again)
		}
	}
}

func TestExactKey(t *testing.T) {
	for address, want := range map[string]string{
		"Claire@LetsDefend.IO":  "Claire@letsdefend.io",
		"a@B\u00dcCHER.example": "a@xn--bcher-kva.example",
		"nobody":                "",
	} {
		if got := ExactKey(address); got != want {
			t.Errorf("%q: %q, want %q", address, got, want)
		}
	}
}

func TestRegistrable(t *testing.T) {
	for domain, want := range map[string]string{
		"mail.Example.CO.uk.":      "example.co.uk",
		"example.com":              "example.com",
		"a.github.io":              "a.github.io",
		"co.uk":                    "co.uk",
		"x.b\u00fccher.example":    "xn--bcher-kva.example",
		"[192.0.2.1]":              "[192.0.2.1]",
		"localhost":                "localhost",
		"":                         "",
		".":                        "",
		strings.Repeat("a.", 1000): "a.a",
	} {
		if got := Registrable(domain); got != want {
			t.Errorf("%.40q: %.40q, want %.40q", domain, got, want)
		}
	}
}
