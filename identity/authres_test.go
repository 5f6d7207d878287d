package identity

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// show writes a field's meaning in one line.
func show(ar authResults) string {
	out := ar.server
	for _, r := range ar.results {
		out += "; " + r.method + "=" + r.result
		names := []string{}
		for name, value := range r.properties {
			names = append(names, fmt.Sprintf(" %s=%s", name, value))
		}
		slices.Sort(names)
		out += strings.Join(names, "")
		if r.ambiguous {
			out += " ambiguous"
		}
	}
	return out
}

func TestParseAuthResults(t *testing.T) {
	for value, want := range map[string]string{
		"mx.example.org; none":                                                "mx.example.org",
		"mx.example.org 1; none":                                              "mx.example.org",
		" MX.example.org ;\r\n\tspf=pass smtp.mailfrom=a@b.c":                 "mx.example.org; spf=pass smtp.mailfrom=a@b.c",
		"mx (a;b); dmarc=pass (p=none; dis=none) header.from=b":               "mx; dmarc=pass header.from=b",
		"mx; dkim=pass (2048-bit key; unprotected) header.d=b.c":              "mx; dkim=pass header.d=b.c",
		`mx; dkim=fail reason="a; dmarc=pass header.from=x" header.d=b`:       "mx; dkim=fail header.d=b reason=a; dmarc=pass header.from=x",
		`mx; dkim=fail reason="a\"; dmarc=pass" header.d=b`:                   `mx; dkim=fail header.d=b reason=a"; dmarc=pass`,
		"mx; dkim=pass ((nested\\) ; ) ;) header.d=b.c":                       "mx; dkim=pass header.d=b.c",
		"mx; dkim = pass header . d = b.c":                                    "mx; dkim=pass header.d=b.c",
		"mx; dkim(x)/(y)1(z)=(w)pass header(x).(y)d(z)=(w)b.c":                "mx; dkim=pass header.d=b.c",
		"mx; dkim/1=pass header.b=Zm9v== header.d=b.c":                        "mx; dkim=pass header.b=Zm9v== header.d=b.c",
		"mx; spf=pass smtp.mailfrom=list+u=b.c@d.e":                           "mx; spf=pass smtp.mailfrom=list+u=b.c@d.e",
		`mx; spf=pass smtp.mailfrom="a; dmarc=pass"@d.e`:                      "mx; spf=pass smtp.mailfrom=a; dmarc=pass@d.e",
		"mx; dkim=pass header.d=a header.d=b":                                 "mx; dkim=pass header.d=b ambiguous",
		"mx; dkim=pass header.d=a; dkim=fail header.d=b; ":                    "mx; dkim=pass header.d=a; dkim=fail header.d=b",
		"spf=pass (sender IP is 1.2.3.4) smtp.mailfrom=a; dkim=pass":          "; dkim=pass",
		`"mx.example.org"; spf=pass`:                                          "mx.example.org; spf=pass",
		"mx; dmarc=pass (unclosed header.from=b":                              "",
		`mx; dmarc=pass "unclosed header.from=b`:                              "",
		"a b c; dmarc=pass":                                                   "; dmarc=pass",
		"":                                                                    "",
		";":                                                                   "",
		"mx; =pass; dmarc=; a":                                                "mx",
		"mx; " + strings.Repeat("spf=pass;", maxResults+1):                    "mx" + strings.Repeat("; spf=pass", maxResults),
		"mx; spf=pass " + strings.Repeat("(", 1<<13) + strings.Repeat(")", 9): "",
		"mx; spf=pass " + strings.Repeat("a", maxResultField):                 "",
	} {
		if got := show(parseAuthResults(value)); got != want {
			t.Errorf("%.90q:\n got %q\nwant %q", value, got, want)
		}
	}
}

func FuzzParseAuthResults(f *testing.F) {
	f.Add("mx 1; dkim(x)/1=pass (a;b) header.d=\"b\\\"c\"@d; spf=fail reason=x")
	f.Fuzz(func(t *testing.T, value string) {
		ar := parseAuthResults(value)
		if len(ar.results) > maxResults || strings.ContainsAny(ar.server, "ABC") {
			t.Errorf("%+v", ar)
		}
		for _, r := range ar.results {
			if r.method == "" || r.result == "" {
				t.Errorf("%+v", r)
			}
		}
	})
}
