package identity

import (
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

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

func TestAuthorKey(t *testing.T) {
	cases := []struct {
		want string
		from []string
	}{
		{"a@b.example", []string{" A <a@b.example>"}},
		{"a@b.example", []string{`"ceo@corp.example" <A@b.example>`}},
		{"a@b.example", []string{`ceo@corp.example <a@b.example>`}},
		{"a@b.example", []string{"=?utf-8?q?ceo=40corp?= <a@b.example>"}},
		{"a@b.example", []string{"=?x-unknown?q?=ff?= <a@b.example>"}},
		{"a@b.example", []string{"Mr. [x] Y <a@b.example>"}},
		{"a@b.example", []string{"J\xfcrgen <a@b.example>"}},
		{"a@b.example", []string{"A\r\n\t<a@b.example>\r\n"}},
		{"a@b.example", []string{"a@b.example (A)"}},
		{"", nil},
		{"", []string{""}},
		{"", []string{"a@b.example", "c@d.example"}},
		{"", []string{"a@b.example, c@d.example"}},
		{"", []string{"group: a@b.example;"}},
		{"", []string{"group: A <a@b.example>;"}},
		{"", []string{"undisclosed-recipients:;"}},
		{"", []string{"a@b.example, [x] <c@d.example>"}},
		{"", []string{"<a@b.example> <c@d.example>"}},
		{"", []string{"[x] a@b.example c@d.example"}},
		{"", []string{strings.Repeat("a", maxAddressField+1)}},
	}
	for _, c := range cases {
		if got := ReadAuthor(c.from).Key; got != c.want {
			t.Errorf("the key of %.80q is %q, want %q", c.from, got, c.want)
		}
	}
}

func TestAuthor(t *testing.T) {
	long := strings.Repeat("a", 10_000) + "@b.example"
	cases := []struct {
		fields              []string
		address, name, sigs string
	}{
		{[]string{"Claire <c@b.example>"}, "c@b.example", "Claire", ""},
		{[]string{"c@b.example <c@B.example>"}, "c@B.example", "c@b.example", ""},
		{[]string{`"ceo@corp.example" <a@b.example>`}, "a@b.example", "ceo@corp.example", "from-name-is-address"},
		{[]string{"=?utf-8?q?Bank_=3Cinfo=40bank.example=3E?= <a@b.example>"}, "a@b.example", "Bank <info@bank.example>", "from-name-is-address"},
		{[]string{`"=?utf-8?q?info=40bank.example?=" <a@b.example>`}, "a@b.example", "info@bank.example", "from-name-is-address"},
		{[]string{"Anna @ Home <a@b.example>"}, "a@b.example", "Anna @ Home", ""},
		{[]string{"Doe, John <j@b.example>"}, "j@b.example", "Doe John", ""},
		{[]string{`"Doe, \"JD\" John" <j@b.example>`}, "j@b.example", `Doe, "JD" John`, ""},
		{[]string{"Re: Fwd <a@b.example>"}, "a@b.example", "Re: Fwd", ""},
		{[]string{"a@b.example", "c@d.example"}, "a@b.example", "", "from-several"},
		{[]string{"a@b.example, c@d.example"}, "a@b.example", "", "from-several"},
		{[]string{"Us: A <a@b.example>;"}, "a@b.example", "A", "from-several"},
		{[]string{"", "c@d.example"}, "c@d.example", "", "from-several"},
		{nil, "", "", "from-missing"},
		{[]string{"info@bank.example\u202e"}, "info@bank.example\u202e", "", "from-hidden-characters"},
		{[]string{"Ba\u200bnk <a@b.example>"}, "a@b.example", "Ba\u200bnk", "from-hidden-characters"},
		{[]string{"p@p\u0430ypal.example"}, "p@p\u0430ypal.example", "", "from-mixed-script"},
		{[]string{"p@xn--pypal-4ve.example"}, "p@xn--pypal-4ve.example", "", "from-mixed-script"},
		{[]string{"p@\u65e5\u672cab.example"}, "p@\u65e5\u672cab.example", "", ""},
		{[]string{long}, "", "", ""},
		{[]string{"a\x00@b.example"}, "", "", "from-hidden-characters"},
		{[]string{"a@b\xff.example"}, "a@b\ufffd.example", "", ""},
		{[]string{`"info@bank.example"`}, "", "info@bank.example", "from-missing,from-name-is-address"},
		{[]string{`"a b"@c.example`}, `"a b"@c.example`, "", ""},
		{[]string{`<"a>b"@c.example>`}, `"a>b"@c.example`, "", ""},
		{[]string{`<@relay.example,@x:a@b.example>`}, `a@b.example`, "", ""},
		{[]string{"a(comment(nested\\) here))@b.example"}, "", "a", ""},
	}
	for _, c := range cases {
		a := ReadAuthor(c.fields)
		var sigs []string
		for _, s := range a.Signals {
			sigs = append(sigs, string(s))
		}
		if got := strings.Join(sigs, ","); a.Address != c.address || a.Name != c.name || got != c.sigs {
			t.Errorf("%.60q: %.60q, %q, %q", c.fields, a.Address, a.Name, got)
		}
		if a.Key != "" && slices.Contains(a.Signals, SeveralAuthors) {
			t.Errorf("%q has a key", c.fields)
		}
	}
}

func TestFieldNames(t *testing.T) {
	header := []mime.Field{{Name: "from", Value: "a@b.example"}, {Name: "Subject", Value: "x"}, {Name: "From ", Value: "c@d.example"}}
	if a := AuthorOf(header); a.Address != "a@b.example" || a.Key != "" {
		t.Errorf("%+v", a)
	}
	if a := AuthorOf(header[1:]); a.Key != "c@d.example" {
		t.Errorf("%+v", a)
	}
}

func TestAddressesAreBounded(t *testing.T) {
	if got := len(Addresses(strings.Repeat("a@b,", 5000))); got != maxMailboxes {
		t.Errorf("%d addresses", got)
	}
}

// TestReadingIsLinear: what took seconds with a reader that searches for every end.
func TestReadingIsLinear(t *testing.T) {
	for _, piece := range []string{"(", `\"`, "a,", "<,", `<"\`, ":", "a:", "a@b:;", "a@", "\"a\" ", "=?utf-8?q?a?= ", "(a", "a@b.c "} {
		value := strings.Repeat(piece, maxAddressField/len(piece))
		if took := cpuTime(t, func() { ReadAuthor([]string{value, value}) }); took > time.Second {
			t.Errorf("%q: %v", piece, took)
		}
	}
}

func FuzzFrom(f *testing.F) {
	f.Add("a <b@c>, d: e@f;", "\"x@y\" (z) <@r:a@b>")
	f.Fuzz(func(t *testing.T, one, two string) {
		for _, fields := range [][]string{{one}, {one, two}, {one + "," + two}} {
			a := ReadAuthor(fields)
			if !utf8.ValidString(a.Address) || a.Key != Key(a.Key) || a.Key != "" && len(fields) > 1 {
				t.Errorf("%q: %+v", fields, a)
			}
		}
		Addresses(one)
	})
}
