package main

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"quishmilter/journal"
	"quishmilter/postfix"
	"quishmilter/prevalence"
	"quishmilter/state"
)

var heldAt = time.Date(2026, 11, 28, 12, 0, 0, 500e6, time.UTC)

// A queue id may be another message's by now. Ours arrived before our event ended, and not much before.
func TestQueueIDsAreUsedAgain(t *testing.T) {
	second := heldAt.Truncate(time.Second)
	for name, c := range map[string]struct {
		held []time.Duration // events with the same queue id, after heldAt
		at   time.Time       // of arrival in the queue
		want int             // index, -1 for none
	}{
		"ours":                      {[]time.Duration{0}, second, 0},
		"a slow client":             {[]time.Duration{0}, second.Add(-20 * time.Minute), 0},
		"another's, later":          {[]time.Duration{0}, second.Add(time.Minute), -1},
		"another's, just too late":  {[]time.Duration{0}, second.Add(3 * time.Second), -1},
		"another's, long before":    {[]time.Duration{0}, second.Add(-25 * time.Hour), -1},
		"the second of two of ours": {[]time.Duration{0, time.Hour}, second.Add(time.Hour), 1},
		"the first of two of ours":  {[]time.Duration{time.Hour, 0}, second, 1},
	} {
		open := openHolds{}
		for n, after := range c.held {
			open["A485398AECF"] = append(open["A485398AECF"], journal.Hold{Event: string(rune('0' + n)), QueueID: "A485398AECF", Time: heldAt.Add(after)})
		}
		h, ok := open.take(postfix.Message{ID: "A485398AECF", Arrived: c.at})
		if ok != (c.want >= 0) || ok && h.Event != string(rune('0'+c.want)) {
			t.Errorf("%s: %v %+v", name, ok, h)
		}
		if _, again := open.take(postfix.Message{ID: "A485398AECF", Arrived: c.at}); again && len(c.held) == 1 {
			t.Errorf("%s: one event is two messages", name)
		}
	}
}

// What others did with our mail is noticed, but not before it can have reached the hold queue.
func TestVanishedMail(t *testing.T) {
	db, err := state.Open(filepath.Join(t.TempDir(), "state.db"), state.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	r := &records{db: db, history: prevalence.New(db, 0), holds: journal.NewHolds(db)}
	q, ctx := &quarantine{src: r, by: "claire", uid: 1000}, context.Background()
	for name, c := range map[string]struct {
		looked time.Duration // after the event
		moved  bool
		want   journal.HoldState
	}{
		"on its way":       {graceTime - 1, false, journal.Holding},
		"vanished":         {graceTime, false, journal.Vanished},
		"released by hand": {1, true, journal.ByHand},
	} {
		e := journal.Event{ID: journal.NewID(heldAt), Time: heldAt, QueueID: "A485398AECF"}
		if err := db.Update(ctx, func(tx *state.Tx) error { return r.holds.Add(tx, e) }); err != nil {
			t.Fatal(err)
		}
		h, err := r.holds.Get(e.ID)
		if err != nil {
			t.Fatal(err)
		}
		_, err = q.notice(ctx, openHolds{h.QueueID: {h}}, map[string]bool{e.ID: c.moved}, heldAt.Add(c.looked))
		if err != nil {
			t.Fatal(err)
		}
		if h, err = r.holds.Get(e.ID); err != nil || h.State != c.want {
			t.Errorf("%s: %s, %v", name, h.State, err)
		}
	}
	if _, err := q.act(ctx, journal.NewID(heldAt), journal.Releasing, ""); !errors.Is(err, journal.ErrNotFound) {
		t.Errorf("a message that is not ours: %v", err)
	}
}

// quicker is a journal in which somebody else acts after the first look at a message.
type quicker struct {
	*records
	t     *testing.T
	acts  []journal.HoldState
	looks int
}

func (q *quicker) Hold(ctx context.Context, event string) (journal.Hold, error) {
	if q.looks++; q.looks == 2 {
		for _, s := range q.acts {
			if _, err := q.ActOnHold(ctx, event, journal.Act{Time: heldAt, State: s, By: "dora", UID: 1001}); err != nil {
				q.t.Error(err)
			}
		}
	}
	return q.records.Hold(ctx, event)
}

// Of two people the slower one is told who was quicker, also where the journal has it only after the first look.
func TestWhoWasQuickerIsSaid(t *testing.T) {
	f, _ := newFilter(t)
	gone := []postfix.Queue{{Command: []string{"sh", "-c", "echo postcat: fatal: open queue file A485398AECF: No such file or directory >&2; exit 1"}}}
	for want, acts := range map[string][]journal.HoldState{
		`releasing at 2026-11-28 12:00`:                 {journal.Releasing},
		`released at 2026-11-28 12:00`:                  {journal.Releasing, journal.Released},
		`in Postfix's queue any more; quarantine list `: nil,
	} {
		e := heldLure("a@evil.example", "evil.example")
		e.QueueID = "A485398AECF"
		alerted(t, f, e)
		id := e.ID
		q := &quarantine{src: &quicker{records: f.records(), t: t, acts: acts}, queues: gone, by: "claire", uid: 1000}
		_, err := q.Release(t.Context(), id, time.Second)
		if err == nil || !strings.Contains(err.Error(), want) || len(acts) > 0 && !strings.Contains(err.Error(), `by "dora"`) || len(acts) == 1 && !strings.Contains(err.Error(), "quarantine show "+id) {
			t.Errorf("%v: %v", acts, err)
		}
	}
}
