package prevalence

import (
	"errors"
	"path/filepath"
	"testing"
	"time"

	"quishmilter/test/redis"
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

// A copy of a message that a person released (the same Message-ID, From and recipients) is held anew: that takes nothing
// back, and its own release adds nothing.
func TestACopyTakesNoReleaseBack(t *testing.T) {
	server := redis.Start(t)
	alone, _ := newStore(t)
	sharing := newHost(t, server.URL(), filepath.Join(t.TempDir(), "state.db"))
	sharing.connect(t)
	for where, s := range map[string]*Store{"in the file": alone, "in the shared store": sharing.Store} {
		r := ago(4 * 24 * time.Hour)
		r.Outcome, r.Event, r.ID, r.Hosts = Held, "FIRST", NewFingerprint("<1@a.example>", r.From, []string{"r@b.example"}), []string{"h.example"}
		second := r
		second.Time, second.Event = now.Add(-3*24*time.Hour), "SECOND"
		add(t, s, r)
		for _, step := range []func() error{
			func() error { return s.Release(t.Context(), "FIRST") },
			func() error { add(t, s, second); return nil },
			func() error { return s.Release(t.Context(), "SECOND") },
		} {
			if err := step(); err != nil {
				t.Fatal(err)
			}
			deriveAll(t, s)
			for kind, key := range map[Kind]string{Address: r.From, Host: "h.example"} {
				if got, err := s.CountOf(kind, key, now, Default()); err != nil || got.Messages != 1 || !got.First.Equal(r.Time) {
					t.Errorf("%s, %s: %+v, %v", where, kind, got, err)
				}
			}
		}
	}
	sharing.untilDelivered(t)
	reader := newHost(t, server.URL(), filepath.Join(t.TempDir(), "state.db"))
	reader.whileThere(t, func() {
		if got, err := reader.Count("x@a.example", now, Default()); !reader.shared.away.Load() && (err != nil || got.Messages != 1) {
			t.Errorf("for another host: %+v, %v", got, err)
		}
	})
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
