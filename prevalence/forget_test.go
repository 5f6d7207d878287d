package prevalence

import (
	"bytes"
	"path/filepath"
	"testing"
	"time"

	"quishmilter/state"
)

func TestForgetLeavesNothingOfAnAddress(t *testing.T) {
	for _, secret := range [][]byte{nil, []byte("a secret of the site")} {
		s, _ := newStore(t)
		s.secret = secret
		gone, stays := "gone@a.example", "stays@a.example"
		for _, from := range []string{gone, stays} {
			in := Record{Time: now.Add(-72 * time.Hour), From: from, Spelling: "S" + from[1:], Envelope: from, Domain: "a.example", To: []string{"r@b.example", "s@b.example"}, Recipients: 2}
			if from == gone {
				in.Spelling = "GONE@a.example"
			}
			held := in
			held.Outcome, held.Event = Held, from
			out := Record{Time: now.Add(-time.Hour), From: "r@b.example", Direction: Outbound, To: []string{from}, Recipients: 1}
			back := Record{Time: now.Add(-72 * time.Hour), From: "r@b.example", To: []string{from}, Recipients: 1}
			add(t, s, in, held, out, back)
		}
		removed, err := s.Forget(t.Context(), "Gone@A.example")
		if err != nil || removed != (Forgotten{Histories: 7, Here: 7}) { // address, envelope, correspondent, spelling, two pairs from it and one to it
			t.Errorf("%+v were removed, %v", removed, err)
		}
		for _, c := range []struct {
			kind Kind
			key  string
			want int
		}{
			{Address, gone, 0}, {Address, stays, 2}, {Envelope, gone, 0}, {Exact, "GONE@a.example", 0}, {Domain, "a.example", 4},
			{Pair, PairKey(gone, "r@b.example"), 0}, {Pair, PairKey(stays, "r@b.example"), 2}, {Pair, PairKey("r@b.example", gone), 0}, {Pair, PairKey("r@b.example", stays), 1},
		} {
			w := Rule()
			w.Exclude = 0
			if got, err := s.CountOf(c.kind, c.key, now, w); err != nil || got.Messages != c.want {
				t.Errorf("%s %q: %+v, %v", c.kind, c.key, got, err)
			}
		}
		if err := s.Release(t.Context(), gone); err != nil {
			t.Error(err)
		}
		deriveAll(t, s)
		if got, err := s.CountOf(Address, gone, now, Rule()); err != nil || got.Messages != 0 {
			t.Errorf("a release brings it back: %+v, %v", got, err)
		}
		for _, text := range []string{"", "nobody", "Name <nobody>", "a@a.example, b@a.example", "stays@a.example;"} {
			if n, err := s.Forget(t.Context(), text); err == nil && n.Histories == 0 {
				t.Errorf("%q: no address was forgotten", text)
			}
		}
	}
}

func TestASecretHidesEveryAddressInACopy(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	db, err := state.Open(path, state.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	plain := New(db, 0)
	r := Record{Time: now.Add(-72 * time.Hour), From: "somebody@a.example", Spelling: "SomeBody@a.example", Envelope: "somebody@a.example", To: []string{"reader@b.example"}, Recipients: 1}
	add(t, plain, r)
	secret, err := Secret(filepath.Join(t.TempDir(), "secret"))
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		s, err := Open(t.Context(), db, Options{Secret: secret})
		if err != nil {
			t.Fatal(err)
		}
		add(t, s, r)
		deriveAll(t, s)
	}
	s, err := Open(t.Context(), db, Options{Secret: secret})
	if err != nil {
		t.Fatal(err)
	}
	for kind, key := range map[Kind]string{Address: r.From, Exact: r.Spelling, Pair: PairKey(r.From, "reader@b.example")} {
		if got, err := s.CountOf(kind, key, now, Default()); err != nil || got.Messages != 3 {
			t.Errorf("%s: %+v, %v", kind, got, err)
		}
	}
	err = db.View(func(tx *state.Tx) error {
		for kind := range kinds {
			c := s.rows(tx, kind).Cursor()
			for key, _ := c.First(); key != nil; key, _ = c.Next() {
				if bytes.Contains(bytes.ToLower(key), []byte("body")) || len(key)%hashedName != 0 {
					t.Errorf("%s has the key %q", kind, key)
				}
			}
			if key, _ := plain.rows(tx, kind).Cursor().First(); key != nil {
				t.Errorf("%s still has the plain key %q", kind, key)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestASecretMustBeTheRightOne(t *testing.T) {
	_, db := newStore(t)
	folder := t.TempDir()
	first, err := Secret(filepath.Join(folder, "first"))
	if err != nil {
		t.Fatal(err)
	}
	if again, err := Secret(filepath.Join(folder, "first")); err != nil || !bytes.Equal(first, again) {
		t.Errorf("the same file gave %x and %x, %v", first, again, err)
	}
	if _, err := Open(t.Context(), db, Options{Secret: first}); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), db, Options{}); err == nil {
		t.Error("it opens without the secret")
	}
	if _, err := Open(t.Context(), db, Options{Secret: []byte("some other secret of a site")}); err == nil {
		t.Error("it opens with another secret")
	}
}
