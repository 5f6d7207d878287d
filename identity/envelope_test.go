package identity

import (
	"strings"
	"testing"

	"quishmilter/mime"
)

func TestEnvelopeKey(t *testing.T) {
	rcpts := []string{"John-Paul.X@Corp.example"}
	for from, want := range map[string]string{
		"":                                              "",
		"Anna@Example.ORG":                              "anna@example.org",
		"anna_1984@example.org":                         "anna_1984@example.org",
		"joe+tag@example.org":                           "joe@example.org",
		"prvs=1234abcdef=user@example.org":              "user@example.org",
		"PRVS=1234ABCDEF=User@example.org":              "user@example.org",
		"prvs=user/1234abcdef@example.org":              "user@example.org",
		"btv1==123abc==user@example.org":                "user@example.org",
		"msprvs1=19abcXYZ=bounces-123456@e.example":     "bounces@e.example",
		"SRS0=HHHH=TT=Example.org=User@fwd.example":     "user@example.org",
		"SRS0+HHHH=TT=example.org=user@fwd.example":     "user@example.org",
		"srs0=hhhh=tt=example.org=a=b@fwd.example":      "a=b@example.org",
		"SRS1=HH=f.example==HHH=TT=example.org=u@fwd":   "u@example.org",
		"SRS1=HH=f.example=+HHH=TT=example.org=u@fwd":   "u@example.org",
		"SRS0=HH=TT=e.example=prvs=1234abcdef=u@f":      "u@e.example",
		"SRS0=broken@fwd.example":                       "srs0=broken@fwd.example",
		"news-bounces+4711-user=example.com@l.example":  "news-bounces@l.example",
		"news-john-paul.x=corp.example@l.example":       "news@l.example",
		"news-bounces-user=example.com@l.example":       "news-bounces@l.example",
		"bounce-12345-67@l.example":                     "bounce@l.example",
		"0100018c2f3e4d5a-aaaa-bbbb-000000@ses.example": "*@ses.example",
		"a\x00@b":            "",
		"prvs=1234abcdef=@b": "prvs=1234abcdef=@b",
		strings.Repeat("SRS0=a=b=", 10_000) + "c@d.example": "",
	} {
		if got := EnvelopeKey(from, rcpts...); got != want {
			t.Errorf("%.80q: %q, want %q", from, got, want)
		}
	}
}

func TestListID(t *testing.T) {
	field := func(v string) mime.Field { return mime.Field{Name: "list-id", Value: v} }
	for value, want := range map[string]string{
		"Our list <List.Example.org>":              "list.example.org",
		"list.example.org":                         "list.example.org",
		"<list.example.org>":                       "list.example.org",
		"=?utf-8?q?L=C3=A4?=\n <list.example.org>": "list.example.org",
		"<no-dot>":                             "",
		"<a b.example>":                        "",
		"":                                     "",
		"<" + strings.Repeat("a.", 200) + "b>": "",
	} {
		if got := ListID([]mime.Field{field(value)}); got != want {
			t.Errorf("%q: %q, want %q", value, got, want)
		}
	}
	if got := ListID([]mime.Field{field("<a.b>"), field("<c.d>")}); got != "" {
		t.Errorf("two fields: %q", got)
	}
}

func FuzzEnvelopeKey(f *testing.F) {
	f.Add("SRS1=HH=f==HHH=TT=example.org=u@fwd", "u@x")
	f.Fuzz(func(t *testing.T, from, rcpt string) {
		if key := EnvelopeKey(from, rcpt); key != "" && key != Key(key) {
			t.Errorf("%q is no key", key)
		}
	})
}
