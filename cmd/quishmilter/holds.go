package main

import (
	"context"
	"errors"
	"os"
	"time"

	"quishmilter/journal"
	"quishmilter/postfix"
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

// keptHolds is what the daemon itself does with held mail, with a line in the log for each.
type keptHolds struct {
	*records
	log *journal.Log
}

// ActOnHold records and says what is done.
func (k keptHolds) ActOnHold(ctx context.Context, event string, act journal.Act) (journal.Hold, error) {
	h, err := k.records.ActOnHold(ctx, event, act)
	if err == nil {
		k.log.HoldActed(h, act)
	}
	return h, err
}

// byDaemon is who acts when the daemon does.
const byDaemon = "daemon"

// keeper is the daemon's way to the hold queue: the queue helper, where there is one, since the daemon has no rights on
// it; its own, where it runs as root or the settings name a command. nil where there is neither.
func (f *filter) keeper() keeper {
	s := f.rules.Load().settings
	switch {
	case s.helperAnswers():
		return s.helper()
	case os.Geteuid() == 0 || len(s.QueueCommand) > 0:
		src := keptHolds{&records{db: f.db, history: f.history, holds: f.holds}, f.log}
		return &quarantine{src: src, queues: s.queues(), by: byDaemon, uid: os.Getuid()}
	}
	return nil
}

// watchHolds looks whether held messages are where they should be, and deletes those whose time is over.
func (f *filter) watchHolds(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(f.rules.Load().settings.Quarantine.Sweep.std()):
			f.sweep(ctx, time.Now())
		}
	}
}

// sweep does one round.
func (f *filter) sweep(ctx context.Context, now time.Time) {
	k := f.keeper()
	if k == nil {
		return // check says what that means
	}
	list, err := k.List(ctx) // it journals what was released, deleted or lost by others
	if err != nil {
		if !errors.Is(err, postfix.ErrNoPostfix) || len(f.rules.Load().settings.QueueCommand) > 0 {
			f.log.ControlFailed("looking at held mail", err)
		}
		return
	}
	for _, text := range list.Failed {
		f.log.ControlFailed("looking at held mail", errors.New(text))
	}
	if f.rules.Load().settings.retains() && f.clock.trusted(now, f.log) {
		f.retain(ctx, k, now)
	}
}

// announcedFor is how long before its deletion a message must have been announced.
const announcedFor = 3 * 24 * time.Hour

// mostDeleted is how many messages one round deletes: each takes Postfix some 50 ms.
const mostDeleted = 1000

// deletedOn is when a held message's time is over, if a digest announces it at that time.
func deletedOn(h journal.Hold, keep time.Duration, announced time.Time) time.Time {
	over, least := h.Time.Add(keep), announced.Add(announcedFor)
	if over.Before(least) {
		return least
	}
	return over
}

// retain deletes what is over its time and was announced.
func (f *filter) retain(ctx context.Context, k keeper, now time.Time) {
	keep := f.rules.Load().settings.Quarantine.Keep.std()
	var over []string
	err := f.holds.Each(time.Time{}, func(h journal.Hold) bool {
		if h.State == journal.Holding && !h.Announced.IsZero() && !now.Before(deletedOn(h, keep, h.Announced)) {
			over = append(over, h.Event)
		}
		return len(over) < mostDeleted && h.Time.Add(keep).Before(now)
	})
	if err != nil {
		f.log.ControlFailed("looking for held mail whose time is over", err)
		return
	}
	for _, event := range over {
		if ctx.Err() != nil {
			return
		}
		if _, err := k.Delete(ctx, event, false); err != nil {
			f.log.RetentionFailed(event, err)
		}
	}
}
