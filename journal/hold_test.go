package journal

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"quishmilter/state"
)

func newHolds(t *testing.T) *Holds {
	t.Helper()
	db, err := state.Open(filepath.Join(t.TempDir(), "state.db"), state.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return NewHolds(db)
}

var heldAt = time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)

func (s *Holds) hold(t *testing.T, at time.Time) string {
	t.Helper()
	e := Event{Time: at, ID: NewID(at), QueueID: "A485398AECF", HeaderFrom: "a@b.example", Rcpts: []string{"1", "2", "3", "4"}, NRcpt: 4,
		Codes: []CodeEvent{{Kind: "url", Host: "evil.example"}}, Reasons: []string{"ipfs-gateway"}}
	if err := s.db.Update(context.Background(), func(tx *state.Tx) error { return s.Add(tx, e) }); err != nil {
		t.Fatal(err)
	}
	return e.ID
}

func (s *Holds) act(id string, a Act) error {
	_, err := s.Act(context.Background(), id, a, func(*state.Tx) error { return nil })
	return err
}

func TestWhoMayDoWhatWithAHold(t *testing.T) {
	claire := func(after time.Duration, s HoldState) Act {
		return Act{Time: heldAt.Add(after), State: s, By: "claire", UID: 1000}
	}
	bob := func(after time.Duration, s HoldState) Act {
		return Act{Time: heldAt.Add(after), State: s, By: "bob", UID: 1001}
	}
	for name, story := range map[string]struct {
		acts []Act
		want error
	}{
		"released":                         {[]Act{claire(0, Releasing), claire(1, Released)}, nil},
		"deleted":                          {[]Act{claire(0, Deleting), claire(1, Deleted)}, nil},
		"given back, then by another":      {[]Act{claire(0, Releasing), claire(1, Holding), bob(2, Deleting), bob(3, Deleted)}, nil},
		"two at once":                      {[]Act{claire(0, Releasing), bob(1, Releasing)}, ErrBusy},
		"another finishes":                 {[]Act{claire(0, Releasing), bob(1, Released)}, ErrBusy},
		"taken over just before the time":  {[]Act{claire(0, Releasing), bob(actsTime-1, Releasing)}, ErrBusy},
		"taken over":                       {[]Act{claire(0, Releasing), bob(actsTime, Releasing), bob(actsTime+1, Released)}, nil},
		"twice":                            {[]Act{claire(0, Releasing), claire(1, Released), bob(2, Releasing)}, ErrOver},
		"the daemon looks while claire is": {[]Act{claire(0, Releasing), {Time: heldAt, State: Vanished, By: "quishmilter", UID: -1}}, ErrBusy},
		"vanished, and there after all":    {[]Act{{State: Vanished}, {State: Holding}, claire(0, Releasing), claire(1, Released)}, nil},
		"vanished":                         {[]Act{{State: Vanished}, claire(0, Releasing)}, ErrOver},
	} {
		s := newHolds(t)
		id := s.hold(t, heldAt)
		var err error
		for n, a := range story.acts {
			if err = s.act(id, a); err != nil && n < len(story.acts)-1 {
				t.Errorf("%s: act %d: %v", name, n, err)
			}
		}
		if !errors.Is(err, story.want) {
			t.Errorf("%s: %v, want %v", name, err, story.want)
		}
	}
}

func TestNobodyFinishesWhatNobodyClaimed(t *testing.T) {
	s := newHolds(t)
	for _, a := range []HoldState{Released, Deleted, Holding, "x", ""} {
		if err := s.act(s.hold(t, heldAt), Act{State: a}); err == nil {
			t.Errorf("%q without a claim", a)
		}
	}
}

func TestActsAreBounded(t *testing.T) {
	s := newHolds(t)
	id := s.hold(t, heldAt)
	for n := range 2 * maxActs {
		state := []HoldState{Releasing, Holding}[n%2]
		if err := s.act(id, Act{Time: heldAt, State: state, By: "claire", Note: fmt.Sprintf("%d %01000d", n, 0)}); err != nil {
			t.Fatal(err)
		}
	}
	h, err := s.Get(id)
	if err != nil || len(h.Acts) != maxActs || h.Acts[0].Note[:2] != "0 " || h.Acts[maxActs-1].Note[:3] != "39 " || len(h.Acts[0].Note) > maxNote+3 {
		t.Errorf("%d acts: %+v, %v", len(h.Acts), h, err)
	}
	if len(h.Rcpts) != 3 || h.NRcpt != 4 || h.Hosts[0] != "evil.example" {
		t.Errorf("%+v", h)
	}
}

func TestOpenHoldsDoNotExpire(t *testing.T) {
	s := newHolds(t)
	open, over := s.hold(t, heldAt), s.hold(t, heldAt)
	if err := errors.Join(s.act(over, Act{State: Deleting}), s.act(over, Act{State: Deleted})); err != nil {
		t.Fatal(err)
	}
	for _, want := range []int{1, 0} {
		if n, err := s.Expire(context.Background(), heldAt.Add(time.Hour), 10); n != want || err != nil {
			t.Errorf("%d expired, want %d, %v", n, want, err)
		}
	}
	if list, err := s.Page("", 10, false); err != nil || len(list) != 1 || list[0].Event != open {
		t.Errorf("%+v, %v", list, err)
	}
}

// How far people were told outlasts a restart, and an announcement is kept with each message.
func TestTold(t *testing.T) {
	s := newHolds(t)
	first, second := s.hold(t, heldAt), s.hold(t, heldAt.Add(time.Second))
	if told, err := s.Told(); err != nil || told.First != "" || !told.Digest.IsZero() || told.Pending != nil {
		t.Errorf("at first: %+v, %v", told, err)
	}
	want := Told{First: "2026-11-28", Digest: heldAt, Pending: &Pending{Until: heldAt, Postmaster: true, After: "a@example.org"}}
	if err := s.SetTold(context.Background(), want, []string{second, NewID(heldAt)}, heldAt.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if told, err := s.Told(); err != nil || told.First != want.First || !told.Digest.Equal(heldAt) || *told.Pending != *want.Pending {
		t.Errorf("%+v, %v", told, err)
	}
	var seen []string
	if err := s.Each(heldAt.Add(time.Millisecond), func(h Hold) bool { seen = append(seen, h.Event); return true }); err != nil || len(seen) != 1 || seen[0] != second {
		t.Errorf("%v, %v", seen, err)
	}
	for id, announced := range map[string]bool{first: false, second: true} {
		if h, err := s.Get(id); err != nil || h.Announced.IsZero() == announced {
			t.Errorf("%s: %+v, %v", id, h, err)
		}
	}
}
