package prevalence

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"quishmilter/state"
)

// Expire looks at up to limit rows, from where the call before it ended, and removes what is older than the
// retention; also what lies further in the future than that, the trace of a clock that once was wrong. It says
// whether it reached the end, after which the next call begins anew. A slice holds up commits only for the rows
// that really change, so that a million old rows may go while mail flows. After an error it goes on with another kind of
// history: one damaged page must not keep all others from their end.
func (s *Store) Expire(ctx context.Context, now time.Time, limit int) (end bool, err error) {
	s.sweeping.Lock()
	defer s.sweeping.Unlock()
	stages := []sweep{{sightings, s.keepSighting(now.Unix())}, {held, s.keepHeldSince(now.Unix())}, {borrowed, s.keepHistory(now.Unix())}}
	for kind := range kinds {
		rows := func(tx *state.Tx) *state.Bucket { return s.rows(tx, kind) }
		stages = append(stages, sweep{rows, s.keepHistory(now.Unix())})
	}
	next, err := stages[s.stage].slice(ctx, s.db, s.swept, limit)
	if err != nil {
		next, err = nil, fmt.Errorf("prevalence: expiring: %w", err)
	}
	s.swept = next
	if next == nil {
		s.stage = (s.stage + 1) % len(stages)
	}
	return s.stage == 0 && next == nil, err
}

// sweep goes over one bucket. keep returns what is to stay of a value: the same bytes, others, or nil for nothing.
type sweep struct {
	bucket func(*state.Tx) *state.Bucket
	keep   func(value []byte) []byte
}

// slice handles up to limit keys from the given one on and returns where to go on, nil at the end.
func (s sweep) slice(ctx context.Context, db *state.DB, from []byte, limit int) (next []byte, err error) {
	var stale [][]byte
	err = db.View(func(tx *state.Tx) error {
		c := s.bucket(tx).Cursor()
		key, value := c.Seek(from)
		for n := 0; key != nil && n < limit; n++ {
			if !bytes.Equal(s.keep(value), value) {
				stale = append(stale, bytes.Clone(key))
			}
			key, value = c.Next()
		}
		next = bytes.Clone(key)
		return nil
	})
	if err != nil || len(stale) == 0 {
		return next, err
	}
	return next, db.Update(ctx, func(tx *state.Tx) error { return s.apply(tx, stale) })
}

// apply judges the keys again, since mail may have come in between.
func (s sweep) apply(tx *state.Tx, keys [][]byte) error {
	bucket := s.bucket(tx)
	for _, key := range keys {
		value := bucket.Get(key)
		kept := s.keep(value)
		var err error
		switch {
		case len(kept) == 0:
			err = bucket.Delete(key)
		case !bytes.Equal(kept, value):
			err = bucket.Put(key, kept)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) keepHistory(now int64) func([]byte) []byte {
	oldest, newest := now-s.retention, now+s.retention
	return func(value []byte) []byte {
		history, ok := decodeRow(value)
		if ok && len(history) > 0 && history[0].end() >= oldest && history[len(history)-1].at <= newest {
			return value
		}
		history = history.since(oldest)
		for len(history) > 0 && history[len(history)-1].at > newest {
			history = history[:len(history)-1]
		}
		return history.encode()
	}
}

// keepSighting keeps them as long as the history, so that learning the same mail twice counts it once.
func (s *Store) keepSighting(now int64) func([]byte) []byte {
	return func(value []byte) []byte {
		e, ok := decodeSighting(value)
		if ok && now-s.retention <= e.at && e.at <= now+s.retention {
			return value
		}
		return nil
	}
}
