package main

import (
	"context"
	"fmt"
	"runtime/debug"
	"time"

	"quishmilter/journal"
	"quishmilter/prevalence"
)

const (
	lookForEntries = time.Second      // how often the shared store is asked whether something changed
	compareEntries = 10 * time.Minute // how often all is compared though nothing seems to have changed
)

// entryShare keeps the lists of this host and those of the other hosts of a shared store alike. The lists in this
// host's state stay what mail is judged by, and what waits while the store is away.
type entryShare struct {
	board   *prevalence.Board
	lists   *entryLists
	log     *journal.Log
	version string // of the store when both were last alike
	at      time.Time
	failed  int         // steps in a row
	away    func() bool // whether the log says already that the store does not answer
	said    bool        // that entries are not shared
	bad     int
}

// shareEntries goes on until ctx ends; it returns at once where nothing is shared.
func (f *filter) shareEntries(ctx context.Context) {
	board := f.history.Board("entries")
	if board == nil {
		return
	}
	defer board.Close()
	s := &entryShare{board: board, lists: f.entries, log: f.log, away: f.history.Away}
	tick := time.NewTicker(lookForEntries)
	defer tick.Stop()
	for ours := true; ; { // the first time all is compared
		s.told(ctx, s.step(ctx, ours))
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			ours = false
		case <-f.entries.changed:
			ours = true
		}
	}
}

// failedLeast is how many steps fail before that is told: by then histories have noticed a store that is away, and said it.
const failedLeast = 3

// told says once that entries cannot be shared though the store answers otherwise, and once that they are again.
func (s *entryShare) told(ctx context.Context, err error) {
	switch {
	case ctx.Err() != nil:
	case err == nil:
		if s.said {
			s.log.EntriesBack()
		}
		s.failed, s.said = 0, false
	case !s.said:
		if s.failed++; s.failed >= failedLeast && !s.away() {
			s.said = true
			s.log.EntriesAway(err)
		}
	}
}

// step compares the lists with the store's where one of them changed.
func (s *entryShare) step(ctx context.Context, ours bool) (err error) {
	defer func() {
		if p := recover(); p != nil {
			s.log.Panicked("sharing entries", p, debug.Stack())
			err = fmt.Errorf("a defect: %v", p)
		}
	}()
	if ours {
		s.at = time.Time{} // also when the store is away now
	}
	version, err := s.board.Version(ctx)
	if err != nil {
		s.at = time.Time{} // it may come back without what it had last
		return err
	}
	if version == s.version && time.Since(s.at) < compareEntries {
		return nil
	}
	if err := s.compare(ctx, time.Now()); err != nil {
		return err
	}
	s.version, s.at = version, time.Now() // a change of our own, or one meanwhile, is seen the next time
	return nil
}

// compare gives and takes what is newer.
func (s *entryShare) compare(ctx context.Context, now time.Time) error {
	all, err := s.board.All(ctx)
	if err != nil {
		return err
	}
	theirs := make([]journal.EntryRecord, 0, len(all))
	for name, value := range all {
		theirs = append(theirs, journal.EntryRecord{Name: name, Value: value})
	}
	ours, err := s.lists.store.Records(ctx)
	if err != nil {
		return err
	}
	give, take, drop := journal.Exchange(ours, theirs, now)
	if err := s.take(ctx, take, now); err != nil {
		return err
	}
	if err := s.board.Put(ctx, pairs(give)); err != nil {
		return err
	}
	return s.board.Drop(ctx, pairs(drop))
}

// take puts in force what other hosts changed.
func (s *entryShare) take(ctx context.Context, records []journal.EntryRecord, now time.Time) error {
	if len(records) == 0 {
		return nil
	}
	merged, err := s.lists.merge(ctx, records, now)
	if err != nil {
		return err
	}
	s.log.EntriesTaken(merged)
	if merged.Bad != s.bad && merged.Bad > 0 {
		s.log.EntriesUnreadable(merged.Bad, merged.Why)
	}
	s.bad = merged.Bad
	return nil
}

func pairs(records []journal.EntryRecord) (all []string) {
	for _, r := range records {
		all = append(all, r.Name, r.Value)
	}
	return all
}
