package prevalence

import (
	"errors"
	"testing"
	"time"
)

func TestAReleaseCountsAsLetThrough(t *testing.T) {
	for _, id := range []Fingerprint{{}, NewFingerprint("<1>", "x@a.example", nil)} {
		s, _ := newStore(t)
		r := ago(8 * 24 * time.Hour) // a person may take more than the 5 days in which a message is recognised
		r.Outcome, r.Event, r.ID, r.Domain, r.Hosts = Held, "EVENT", id, "a.example", []string{"h.example"}
		add(t, s, r)
		deriveAll(t, s)
		if err := s.Release(t.Context(), "EVENT"); err != nil {
			t.Fatal(err)
		}
		deriveAll(t, s)
		for kind, key := range map[Kind]string{Address: r.From, Domain: r.Domain, Host: "h.example"} {
			trusted, _ := s.CountOf(kind, key, now, Default())
			all, err := s.CountOf(kind, key, now, Rule())
			if err != nil || trusted.Messages != 1 || all.Messages != 1 || !trusted.First.Equal(r.Time) {
				t.Errorf("%s: %+v of %+v, %v", kind, trusted, all, err)
			}
		}
		if err := s.Release(t.Context(), "EVENT"); !errors.Is(err, ErrNotHeld) {
			t.Errorf("the second release: %v", err)
		}
		if err := s.Release(t.Context(), ""); !errors.Is(err, ErrNotHeld) {
			t.Errorf("a release of nothing: %v", err)
		}
	}
}

func TestHeldMessagesExpire(t *testing.T) {
	s, _ := newStore(t)
	r := ago(Retention + time.Second)
	r.Outcome, r.Event = Held, "EVENT"
	add(t, s, r)
	expireAll(t, s)
	if err := s.Release(t.Context(), "EVENT"); !errors.Is(err, ErrNotHeld) {
		t.Errorf("got %v", err)
	}
}

func expireAll(t *testing.T, s *Store) {
	t.Helper()
	for end := false; !end; {
		var err error
		if end, err = s.Expire(t.Context(), now, 100); err != nil {
			t.Fatal(err)
		}
	}
}
