package main

import (
	"context"
	"errors"
	"net"
	"time"

	"quishmilter/journal"
	"quishmilter/prevalence"
	"quishmilter/state"
)

// Holds are the messages that we put on hold.
func (r *records) Holds(_ context.Context, after string, limit int, open bool) ([]journal.Hold, error) {
	return r.holds.Page(after, limit, open)
}

// Hold is one of them.
func (r *records) Hold(_ context.Context, event string) (journal.Hold, error) {
	return r.holds.Get(event)
}

// ActOnHold records what is done with a held message. Once released, it counts as let through, in the same commit. One
// that is older than history is no error.
func (r *records) ActOnHold(ctx context.Context, event string, act journal.Act) (journal.Hold, error) {
	return r.holds.Act(ctx, event, act, func(tx *state.Tx) error {
		if act.State != journal.Released && act.State != journal.ByHand {
			return nil
		}
		if err := r.history.ReleaseIn(tx, event); !errors.Is(err, prevalence.ErrNotHeld) {
			return err
		}
		return nil
	})
}

// sweepEvery is how often the daemon looks whether held messages are where they should be.
const sweepEvery = 15 * time.Minute

// watchHolds lets the queue helper look, where there is one: the daemon itself has no rights on Postfix's queue.
func (f *filter) watchHolds(ctx context.Context) {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := sweepHolds(ctx, f.rules.Load().queueHelper); err != nil {
				f.log.ControlFailed("looking at held mail", err)
			}
		}
	}
}

// sweepHolds makes the helper list the queue, which journals what was released, deleted or lost by others.
func sweepHolds(ctx context.Context, helper string) error {
	conn, err := net.DialTimeout("unix", helper, time.Second)
	if err != nil {
		return nil // there is no helper; check says what that means
	}
	conn.Close()
	_, err = helperClient{helper}.List(ctx)
	return err
}
