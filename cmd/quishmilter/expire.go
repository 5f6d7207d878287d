package main

import (
	"context"
	"sync/atomic"
	"time"

	"quishmilter/journal"
)

// expire removes what is too old or too much, in slices, so that it never holds up a message for long.
func (f *filter) expire(ctx context.Context) {
	const every, slice = time.Minute, 1000
	f.clock.meets(f.newest(), f.rules.Load().keep.Keep.std(), f.log)
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-tick.C:
			f.expireOnce(ctx, now, f.clock.trusted(now, f.log), slice)
		}
	}
}

// newest is the time of the last event, the zero time when there is none.
func (f *filter) newest() (at time.Time) {
	err := f.events.Each(time.Time{}, time.Now(), func(e journal.Event) bool { at = e.Time; return false })
	f.note(err)
	return at
}

// expireOnce removes what has had its time, where the time is trusted, and what is too much in any case. What cannot be
// removed does not keep the rest from its end.
func (f *filter) expireOnce(ctx context.Context, now time.Time, trusted bool, slice int) {
	keep := f.rules.Load().keep
	bounds := journal.Bounds{Size: int64(keep.Size)}
	if trusted {
		bounds.Before = now.Add(-keep.Keep.std())
	}
	f.note(f.expireEvents(ctx, bounds, slice))
	if oldest, err := f.events.Oldest(); err == nil {
		f.early.tell(now, oldest, keep, f.log)
	}
	if !trusted {
		return
	}
	_, err := f.entries.store.Expire(ctx, now)
	f.note(err)
	_, err = f.holds.Expire(ctx, bounds.Before, slice)
	f.note(err)
	f.note(f.alerts.Expire(ctx, bounds.Before))
	f.note(f.events.ExpireFindings(ctx, bounds.Before))
	for end := false; !end && ctx.Err() == nil; {
		end, err = f.history.Expire(ctx, now, slice)
		f.note(err)
	}
}

// note says what kept something from expiring.
func (f *filter) note(err error) {
	if err != nil {
		f.log.ExpiryFailed(err)
	}
}

func (f *filter) expireEvents(ctx context.Context, bounds journal.Bounds, slice int) error {
	for n := slice; n == slice; {
		removed, early, err := f.events.ExpireEarly(ctx, bounds, slice)
		if err != nil {
			return err
		}
		n = removed
		f.early.add(early)
	}
	return nil
}

// early counts events that were removed before their time, since the journal was full.
type early struct {
	all    atomic.Int64 // since the start
	untold int64
	told   time.Time
}

func (e *early) add(n int) {
	e.all.Add(int64(n))
	e.untold += int64(n)
}

// tell says so once a day.
func (e *early) tell(now, oldest time.Time, keep JournalSettings, log *journal.Log) {
	if e.untold == 0 || now.Sub(e.told) < 24*time.Hour && !now.Before(e.told) {
		return
	}
	log.JournalFull(e.untold, oldest, keep.Keep.String(), keep.Size.String())
	e.untold, e.told = 0, now
}

// clock doubts the time of day when it jumps: a host whose clock is wrong for an hour, forward by a year, must not lose
// its journal and its history. The steady clock of the machine shows the jump.
type clock struct {
	start   time.Time
	drift   time.Duration // of the time of day against the steady clock, as far as it is known
	doubted time.Duration // until so long after the start
}

const (
	bigJump = time.Hour
	doubt   = 24 * time.Hour // for a person to notice
)

func newClock() *clock { return &clock{start: time.Now()} }

// meets doubts a clock at the start by which everything that the journal holds is to go: the host was off for long, or
// its clock is wrong.
func (c *clock) meets(newest time.Time, keep time.Duration, log *journal.Log) {
	if past := c.start.Sub(newest); !newest.IsZero() && past > keep {
		c.doubted = doubt
		log.ClockDoubted(past, doubt)
	}
}

// trusted says whether what is old by this time may be removed.
func (c *clock) trusted(now time.Time, log *journal.Log) bool {
	return c.check(now.Round(0).Sub(c.start.Round(0)), now.Sub(c.start), log)
}

// check compares how much time has passed since the start by both clocks.
func (c *clock) check(wall, steady time.Duration, log *journal.Log) bool {
	if jump := wall - steady - c.drift; jump.Abs() > bigJump {
		c.doubted = steady + doubt
		log.ClockJumped(jump, doubt)
	}
	c.drift = wall - steady
	return steady >= c.doubted
}
