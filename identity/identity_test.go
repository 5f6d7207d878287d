package identity

import (
	"net/netip"
	"testing"

	"quishmilter/mime"
)

func TestFrom(t *testing.T) {
	for value, want := range map[string]string{
		"security@microsecmfa.com":                  "security@microsecmfa.com",
		"Security <security@microsecmfa.com>":       "security@microsecmfa.com",
		"=?utf-8?q?S=C3=A9?= <a@example.com>":       "a@example.com",
		"a@example.com, b@example.com":              "a@example.com",
		"\"x@good.example\" <a@bad.example>":        "a@bad.example",
		"x@good.example <a@bad.example>":            "a@bad.example",
		"Broken \"Name <a@example.com>":             "a@example.com",
		"Group: a@example.com, b@example.com;":      "a@example.com",
		"<a@example.com":                            "a@example.com",
		"undisclosed":                               "",
		"":                                          "",
		"MAILER-DAEMON (Mail System)":               "",
		"=?unknown-charset?q?=FF?= <a@example.com>": "a@example.com",
		"Claire\r\n <a@example.com>":                "a@example.com",
	} {
		if got := From([]mime.Field{{Name: "from", Value: value}}); got != want {
			t.Errorf("%q: %q, want %q", value, got, want)
		}
	}
}

func TestDirection(t *testing.T) {
	own := []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}
	tests := []struct {
		addr, user, name string
		port             uint16
		want             Direction
	}{
		{"158.69.201.47", "", "localhost", 4711, Inbound},
		{"158.69.201.47", "claire", "mx.example.net", 4711, Outbound},
		{"192.0.2.7", "", "", 4711, Outbound},
		{"::ffff:192.0.2.7", "", "", 4711, Outbound},
		{"127.0.0.1", "", "localhost", 4711, Inbound},
		{"127.0.0.1", "", "localhost", 0, Outbound},
		{"", "", "localhost", 0, Outbound},
		{"", "", "unknown", 0, Inbound},
		{"", "", "", 0, Inbound},
	}
	for _, test := range tests {
		addr, _ := netip.ParseAddr(test.addr)
		if got := DirectionOf(Origin{addr, test.name, test.port, test.user}, own); got != test.want {
			t.Errorf("%+v: %s", test, got)
		}
	}
}

func FuzzFrom(f *testing.F) {
	f.Add("a <b@c>, d: e@f;")
	f.Fuzz(func(t *testing.T, value string) { From([]mime.Field{{Name: "From", Value: value}}) })
}
