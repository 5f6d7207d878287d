package control

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"quishmilter/journal"
	"quishmilter/state"
)

func (d *daemon) Holds(_ context.Context, after string, limit int, open bool) ([]journal.Hold, error) {
	return journal.NewHolds(d.db).Page(after, limit, open)
}

func (d *daemon) Hold(_ context.Context, event string) (journal.Hold, error) {
	return journal.NewHolds(d.db).Get(event)
}

func (d *daemon) ActOnHold(ctx context.Context, event string, a journal.Act) (journal.Hold, error) {
	return journal.NewHolds(d.db).Act(ctx, event, a, func(*state.Tx) error { return nil })
}

func TestHoldsOverTheSocket(t *testing.T) {
	d, path, log := start(t)
	c, ctx := connect(t, path), context.Background()
	var ids []string
	for n := range 3 {
		e := journal.Event{Time: noon.Add(time.Duration(n) * time.Second), QueueID: "4Szm0h1234z1", HeaderFrom: "a@b.example", Verdict: "quarantine"}
		e.ID = journal.NewID(e.Time)
		ids = append(ids, e.ID)
		if err := d.db.Update(ctx, func(tx *state.Tx) error { return journal.NewHolds(d.db).Add(tx, e) }); err != nil {
			t.Fatal(err)
		}
	}
	if list, err := c.Holds(ctx, ids[0], 1, true); err != nil || len(list) != 1 || list[0].Event != ids[1] {
		t.Errorf("%+v, %v", list, err)
	}
	if _, err := c.Holds(ctx, "", MaxHolds+1, true); err == nil {
		t.Error("a page may have any length")
	}
	claim := journal.Act{State: journal.Releasing, By: "claire", UID: 1000}
	if h, err := c.ActOnHold(ctx, ids[0], claim); err != nil || h.State != journal.Releasing || !h.Acts[0].Time.Equal(noon) {
		t.Errorf("%+v, %v", h, err)
	}
	if _, err := c.ActOnHold(ctx, ids[0], journal.Act{State: journal.Releasing, By: "bob", UID: 1001}); !errors.Is(err, journal.ErrBusy) {
		t.Errorf("a second person: %v", err)
	}
	if _, err := c.ActOnHold(ctx, ids[0], journal.Act{State: "x", By: "claire", UID: 1000}); err == nil {
		t.Error("any state is taken")
	}
	claim.State = journal.Released
	if _, err := c.ActOnHold(ctx, ids[0], claim); err != nil {
		t.Error(err)
	}
	if _, err := c.ActOnHold(ctx, ids[0], claim); !errors.Is(err, journal.ErrOver) {
		t.Errorf("released twice: %v", err)
	}
	if list, err := c.Holds(ctx, "", MaxHolds, true); err != nil || len(list) != 2 {
		t.Errorf("open: %+v, %v", list, err)
	}
	if h, err := c.Hold(ctx, ids[0]); err != nil || h.State != journal.Released || len(h.Acts) != 2 {
		t.Errorf("%+v, %v", h, err)
	}
	if _, err := c.Hold(ctx, journal.NewID(noon)); !errors.Is(err, journal.ErrNotFound) {
		t.Errorf("another's message: %v", err)
	}
	if want := "4Szm0h1234z1: quarantine: released by claire uid=1000 id=" + ids[0]; !strings.Contains(log.String(), want) {
		t.Errorf("the log does not say %q:\n%s", want, log)
	}
}
