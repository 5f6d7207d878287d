package prevalence

import (
	"net/netip"
	"testing"
	"time"

	"quishmilter/state"
)

func TestEveryHistoryOfARecord(t *testing.T) {
	in := Record{Time: now.Add(-72 * time.Hour), From: "x@mail.a.co.uk", Envelope: "bounce@a.co.uk", Domain: "a.co.uk", List: "news.a.co.uk",
		Network: "192.0.2.0/24", To: []string{"r@b.example", "s@b.example", "r@b.example"}, Hosts: []string{"go.a.co.uk"}, Pictures: []string{"abcd"}, Recipients: 2}
	out := Record{Time: now.Add(-time.Hour), From: "me@b.example", Direction: Outbound, To: []string{"friend@c.example"}, Hosts: []string{"www.b.example"}, Pictures: []string{"logo"}, Recipients: 1}
	ours := Default().Ours()
	cases := []struct {
		kind   Kind
		key    string
		window Window
		want   int
	}{
		{Address, "x@mail.a.co.uk", Default(), 1}, {Envelope, "bounce@a.co.uk", Default(), 1}, {Domain, "a.co.uk", Default(), 1},
		{List, "news.a.co.uk", Default(), 1}, {Network, "192.0.2.0/24", Default(), 1}, {Pair, PairKey("x@mail.a.co.uk", "r@b.example"), Default(), 1},
		{Pair, PairKey("x@mail.a.co.uk", "s@b.example"), Default(), 1}, {Pair, PairKey("x@mail.a.co.uk", "other@b.example"), Default(), 0},
		{Host, "go.a.co.uk", Default(), 1}, {Host, "go.a.co.uk", ours, 0}, {Picture, "abcd", Default(), 1},
		{Correspondent, "friend@c.example", ours, 1}, {Correspondent, "friend@c.example", Default(), 0}, {Correspondent, "x@mail.a.co.uk", ours, 0},
		{Host, "www.b.example", ours, 1}, {Host, "www.b.example", Default(), 0}, {Picture, "logo", ours, 1},
		{Address, "me@b.example", Default(), 0}, {Pair, PairKey("", "r@b.example"), Default(), 0}, {Domain, "", Default(), 0}, {kinds, "x", Default(), 0},
	}
	for _, secret := range [][]byte{nil, []byte("a secret of the site")} {
		s, db := newStore(t)
		s.secret = secret
		add(t, s, in, out)
		if got, _ := s.CountOf(Address, in.From, now, Default()); got.Messages != 1 {
			t.Error("the address's history waits for the others")
		}
		deriveAll(t, s)
		for _, c := range cases {
			got, err := s.CountOf(c.kind, c.key, now, c.window)
			if err != nil || got.Messages != c.want {
				t.Errorf("%s %q: %+v, %v; want %d", c.kind, c.key, got, err, c.want)
			}
		}
		if n := queued(t, db); n != 0 {
			t.Errorf("%d entries are left in the queue", n)
		}
	}
}

func queued(t *testing.T, db *state.DB) (n int) {
	t.Helper()
	err := db.View(func(tx *state.Tx) error {
		c := queue(tx).Cursor()
		for key, _ := c.First(); key != nil; key, _ = c.Next() {
			n++
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestAnOutcomeThatChangesDoesSoInEveryHistory(t *testing.T) {
	s, _ := newStore(t)
	r := ago(72 * time.Hour)
	r.Domain, r.ID = "a.example", NewFingerprint("<1>", r.From, nil)
	add(t, s, r)
	deriveAll(t, s)
	r.Outcome = Held
	add(t, s, r, r)
	deriveAll(t, s)
	for _, kind := range []Kind{Address, Domain} {
		key := map[Kind]string{Address: r.From, Domain: r.Domain}[kind]
		trusted, _ := s.CountOf(kind, key, now, Default())
		all, err := s.CountOf(kind, key, now, Rule())
		if err != nil || trusted.Messages != 0 || all.Messages != 1 {
			t.Errorf("%s: %+v of %+v, %v", kind, trusted, all, err)
		}
	}
}

func TestNetworkOf(t *testing.T) {
	for addr, want := range map[string]string{
		"192.0.2.77": "192.0.2.0/24", "::ffff:192.0.2.77": "192.0.2.0/24", "2001:db8:1:2::3": "2001:db8:1::/48",
		"fe80::1%eth0": "fe80::/48", "127.0.0.1": "", "::1": "",
	} {
		if got := NetworkOf(netip.MustParseAddr(addr)); got != want {
			t.Errorf("%s is of %q, want %q", addr, got, want)
		}
	}
	if got := NetworkOf(netip.Addr{}); got != "" {
		t.Errorf("no address is of %q", got)
	}
}

func TestDomainOf(t *testing.T) {
	for key, want := range map[string]string{
		"x@mail.a.co.uk": "a.co.uk", "x@a.example": "a.example", "x@me.github.io": "me.github.io", "x@[192.0.2.1]": "[192.0.2.1]", "x@com": "com", "": "",
	} {
		if got := DomainOf(key); got != want {
			t.Errorf("%q is of %q, want %q", key, got, want)
		}
	}
}

func TestHostileKeysHaveNoHistoryAndDoNoHarm(t *testing.T) {
	s, _ := newStore(t)
	long := string(make([]byte, maxKey+1))
	r := ago(72 * time.Hour)
	r.List, r.Hosts, r.Spelling = long, []string{long, "", "\x00\xff"}, "X\x00@a.example"
	for range 1000 {
		r.To = append(r.To, long, "\xff\x00@b")
	}
	add(t, s, r)
	deriveAll(t, s)
	if got, err := s.CountOf(List, long, now, Default()); err != nil || got.Messages != 0 {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err := s.CountOf(Host, "\x00\xff", now, Default()); err != nil || got.Messages != 1 {
		t.Errorf("%+v, %v", got, err)
	}
}
