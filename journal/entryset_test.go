package journal

import (
	"strings"
	"testing"
	"time"

	"quishmilter/payload"
	"quishmilter/verdict"
)

// lists is a file's text as a set.
func lists(t testing.TB, text string) *EntrySet {
	t.Helper()
	all, err := ReadEntries(strings.NewReader(strings.ReplaceAll(text, "; ", "\n")), "test")
	if err != nil {
		t.Fatal(err)
	}
	return NewEntrySet(all)
}

func from(address, auth string) verdict.Evidence {
	return verdict.Evidence{Inbound: true, Sender: verdict.Sender{Address: address, Auth: auth}}
}

// linkTo is a code that leads to hosts.
func linkTo(hosts ...string) verdict.Evidence {
	return verdict.Evidence{Inbound: true, Codes: []verdict.Code{{Kind: payload.URL, Host: hosts[0], Hosts: hosts}}}
}

func TestEntriesOfAMessage(t *testing.T) {
	list := func(e verdict.Evidence, id string) verdict.Evidence { e.ListID = id; return e }
	client := func(addr string) verdict.Evidence { return verdict.Evidence{Inbound: true, Client: addr} }
	showing := verdict.Evidence{Inbound: true, Pictures: []string{strings.Repeat("ab", 32)}}
	for _, test := range []struct {
		name, lists string
		e           verdict.Evidence
		want        string
	}{
		{"a proven address", "allow address a@b.example", from("A@B.example", "pass"), "allow address a@b.example"},
		{"a bare From is not helped by an allow", "allow address a@b.example; allow domain b.example", from("a@b.example", "none"), ""},
		{"nor a forged one", "allow address a@b.example; allow domain b.example", from("a@b.example", "fail"), ""},
		{"but it is blocked", "block address a@b.example; block domain b.example", from("a@b.example", "none"), "block address a@b.example, block domain b.example"},
		{"another address", "block address a@b.example", from("aa@b.example", "pass"), ""},
		{"a domain is itself alone", "allow domain b.example", from("a@c.b.example", "pass"), ""},
		{"all below a domain", "allow domain *.b.example", from("a@d.c.b.example", "pass"), "allow domain *.b.example"},
		{"all below a domain is not itself", "allow domain *.b.example", from("a@b.example", "pass"), ""},
		{"a list of the proven author's domain", "allow list-id dev.lists.b.example", list(from("dev@b.example", "pass"), "dev.lists.b.example"), "allow list-id dev.lists.b.example"},
		{"anybody can write a List-Id", "allow list-id dev.lists.b.example", list(from("x@evil.example", "pass"), "dev.lists.b.example"), ""},
		{"an unproven author of the list's domain", "allow list-id dev.lists.b.example", list(from("dev@b.example", "none"), "dev.lists.b.example"), ""},
		{"a blocked list", "block list-id dev.lists.b.example", list(from("x@y.example", "none"), "dev.lists.b.example"), "block list-id dev.lists.b.example"},
		{"a network", "allow network 192.0.2.0/24; block network 192.0.2.7; block network 2001:db8::/32", client("192.0.2.7"), "allow network 192.0.2.0/24, block network 192.0.2.7/32"},
		{"a mapped address", "block network 192.0.2.0/24", client("::ffff:192.0.2.1"), "block network 192.0.2.0/24"},
		{"IPv6", "block network 2001:db8::/32", client("2001:db8:1::1"), "block network 2001:db8::/32"},
		{"no client", "block network 192.0.2.0/24", client(""), ""},
		{"a picture without a code", "block picture " + strings.Repeat("ab", 32), showing, "block picture " + strings.Repeat("ab", 32)},
		{"an allowed picture allows its codes alone", "allow picture " + strings.Repeat("ab", 32), showing, ""},
		{"an expired entry", "block domain b.example until=2026-11-21", from("a@b.example", "none"), ""},
		{"an entry that has not expired", "block domain b.example until=2026-11-22", from("a@b.example", "none"), "block domain b.example"},
		{"no From", "block domain b.example; block address a@b.example", from("", "none"), ""},
	} {
		lists(t, test.lists).Apply(&test.e, noon)
		if got := names(test.e.Entries); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

func TestEntriesOfACode(t *testing.T) {
	appLinkWith := func(host string) verdict.Evidence {
		return verdict.Evidence{Inbound: true, Codes: []verdict.Code{{Kind: payload.DeviceLink, Hosts: []string{host}}}}
	}
	class := func(kind payload.Kind) verdict.Evidence {
		return verdict.Evidence{Inbound: true, Codes: []verdict.Code{{Kind: kind, Picture: strings.Repeat("cd", 32)}}}
	}
	for _, test := range []struct {
		name, lists string
		e           verdict.Evidence
		want        string
	}{
		{"a host", "allow host a.example", linkTo("a.example"), "allow host a.example"},
		{"a host is itself alone", "allow host a.example", linkTo("www.a.example"), ""},
		{"all below", "block host *.a.example", linkTo("x.www.a.example"), "block host *.a.example"},
		{"an allowed redirector to elsewhere", "allow host a.example", linkTo("a.example", "evil.example"), ""},
		{"a stranger's redirector to an allowed host", "allow host a.example", linkTo("evil.example", "a.example"), ""},
		{"both allowed", "allow host a.example; allow host b.example", linkTo("b.example", "a.example"), "allow host b.example, allow host a.example"},
		{"both allowed, one no longer", "allow host a.example until=2026-11-01; allow host b.example", linkTo("b.example", "a.example"), ""},
		{"a blocked target", "block host evil.example; allow host a.example", linkTo("a.example", "evil.example"), "block host evil.example"},
		{"a blocked host on the third line", "block host evil.example; allow host a.example", linkTo("a.example", "b.example", "evil.example"), "block host evil.example"},
		{"two of three allowed", "allow host a.example; allow host b.example", linkTo("a.example", "b.example", "c.example"), ""},
		{"an allowed host in a link that links a device", "allow host a.example", appLinkWith("a.example"), ""},
		{"a blocked host in such a link", "block host a.example", appLinkWith("a.example"), "block host a.example"},
		{"a class", "allow class crypto; block class wifi", class(payload.Crypto), "allow class crypto"},
		{"a picture", "allow picture " + strings.Repeat("cd", 32), class(payload.URL), "allow picture " + strings.Repeat("cd", 32)},
		{"a code without a host", "allow host a.example", class(payload.Text), ""},
	} {
		lists(t, test.lists).Apply(&test.e, noon)
		if got := names(test.e.Codes[0].Entries); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

func TestEntriesAreAboutMailFromOutside(t *testing.T) {
	e := from("a@b.example", "pass")
	e.Inbound = false
	lists(t, "block domain b.example").Apply(&e, noon)
	if len(e.Entries) != 0 {
		t.Errorf("%v", e.Entries)
	}
}

func names(list []verdict.Entry) string {
	var all []string
	for _, e := range list {
		all = append(all, e.Name)
	}
	return strings.Join(all, ", ")
}

// Full lists must not slow mail down: names are looked up, not searched for.
func BenchmarkEntrySet(b *testing.B) {
	var all []Entry
	for n := range MaxEntries {
		e, err := Entry{List: Block, Kind: ByHost, Value: strings.Repeat("x", n%60+1) + "." + time.Duration(n).String() + ".example"}.Check()
		if err != nil {
			b.Fatal(err)
		}
		all = append(all, e)
	}
	set := NewEntrySet(all)
	for b.Loop() {
		e := linkTo("www.shop.example.com")
		e.Sender.Address, e.Client = "a@b.example", "192.0.2.1"
		set.Apply(&e, noon)
	}
}
