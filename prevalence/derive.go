package prevalence

import (
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"strings"

	"quishmilter/state"
)

// The queue, in plain words. A record's effect on histories other than its address's is written down in the record's
// own commit, one small entry at the end of a bucket, and worked off afterwards in slices that touch each history
// once: a hundred messages from one large provider change its row once. A slice changes histories, position and queue
// in one transaction, so that a process that dies at any moment loses nothing and counts nothing twice.
//
// Where histories are shared, entries also wait here until the shared store has them.

func queue(tx *state.Tx) *state.Bucket { return tx.Bucket("history", "queue").Growing() }

// enqueue appends a change, unless it has no history left to go to.
func (s *Store) enqueue(tx *state.Tx, c change) error {
	if len(c.names) == 0 {
		return nil
	}
	if s.shared != nil {
		c.session = s.db.Session()
		s.shared.poke()
	}
	bucket := queue(tx)
	place, err := bucket.Next()
	if err == nil {
		err = bucket.Put(placeKey(place), c.encode())
	}
	if err != nil {
		return fmt.Errorf("prevalence: %w", err)
	}
	s.poke()
	return nil
}

// poke makes Work look at the queue. The entry may not be committed by then; Work looks again.
func (s *Store) poke() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

func placeKey(place uint64) []byte { return binary.BigEndian.AppendUint64(nil, place) }

// Positions in the queue, by their keys in meta: the place of the first entry that is not derived, or delivered, yet.
const (
	derivedKey   = "derived"
	deliveredKey = "delivered"
)

func position(tx *state.Tx, key string) uint64 {
	if value := meta(tx).Get([]byte(key)); len(value) == 8 {
		return binary.BigEndian.Uint64(value)
	}
	return 1
}

func setPosition(tx *state.Tx, key string, place uint64) error {
	return meta(tx).Put([]byte(key), placeKey(place))
}

// Derive works off up to limit entries of the queue and says whether there may be more.
func (s *Store) Derive(ctx context.Context, limit int) (more bool, err error) {
	waiting := false
	err = s.db.View(func(tx *state.Tx) error {
		waiting = position(tx, derivedKey) <= queue(tx).Given()
		if meta(tx).Get([]byte(sinceKey)) != nil {
			s.since.Store(s.oldest(tx))
		}
		return nil
	})
	if err == nil && waiting {
		err = s.db.Update(ctx, func(tx *state.Tx) (err error) {
			more, err = s.derive(tx, limit)
			return err
		})
	}
	if err != nil {
		return false, fmt.Errorf("prevalence: deriving histories: %w", err)
	}
	return more, nil
}

func (s *Store) derive(tx *state.Tx, limit int) (more bool, err error) {
	next := s.underived(tx)
	work := map[name][]change{}
	taken := 0
	for place, c := range entries(tx, next) {
		next = place + 1
		if err := s.sort(tx, c, work); err != nil {
			return false, err
		}
		if taken++; taken == limit {
			break
		}
	}
	if taken < limit {
		next = queue(tx).Given() + 1
	}
	for _, n := range slices.SortedFunc(maps.Keys(work), compareNames) {
		if err := s.revise(tx, n, work[n]); err != nil {
			return false, err
		}
	}
	if err := setPosition(tx, derivedKey, next); err != nil {
		return false, err
	}
	return taken == limit, s.clear(tx, next, 2*limit)
}

// underived is the place to go on from. Where histories are shared and more waits than the spool holds, the oldest is
// left to the shared store.
func (s *Store) underived(tx *state.Tx) uint64 {
	next := position(tx, derivedKey)
	if given := queue(tx).Given(); s.shared != nil && given > maxSpool {
		next = max(next, given-maxSpool)
	}
	return next
}

func compareNames(a, b name) int {
	return cmp.Or(cmp.Compare(a.kind, b.kind), strings.Compare(a.key, b.key))
}

// sort puts a change under each history that it belongs to.
func (s *Store) sort(tx *state.Tx, c change, work map[name][]change) error {
	if c.session != 0 { // written where histories are shared: the address's is among its names
		settled, news, err := s.settle(tx, c)
		if err != nil || !news {
			return err
		}
		c = settled
	}
	for _, n := range c.names {
		work[n] = append(work[n], c)
	}
	return nil
}

// entries goes over the queue from a place on. An entry that cannot be read is passed over: nothing can mend it, and
// the others must not wait for it. The queue may be changed only after the loop.
func entries(tx *state.Tx, from uint64) func(yield func(uint64, change) bool) {
	return func(yield func(uint64, change) bool) {
		cursor := queue(tx).Cursor()
		for key, value := cursor.Seek(placeKey(from)); key != nil; key, value = cursor.Next() {
			c, ok := decodeChange(value)
			if !ok || len(key) != 8 {
				continue
			}
			if !yield(binary.BigEndian.Uint64(key), c) {
				return
			}
		}
	}
}

// clear removes up to limit entries that nobody needs any more.
func (s *Store) clear(tx *state.Tx, derived uint64, limit int) error {
	bound := derived
	if s.shared != nil {
		if err := setPosition(tx, deliveredKey, s.shared.delivered(queue(tx).Given())); err != nil {
			return err
		}
	}
	if meta(tx).Get([]byte(deliveredKey)) != nil { // the file is shared, if not by this store of it
		delivered := position(tx, deliveredKey)
		bound = min(bound, delivered-min(delivered, keepDelivered))
	}
	var old [][]byte
	cursor := queue(tx).Cursor()
	for key, _ := cursor.First(); key != nil && len(old) < limit; key, _ = cursor.Next() {
		if len(key) == 8 && binary.BigEndian.Uint64(key) >= bound {
			break
		}
		old = append(old, key)
	}
	for _, key := range old {
		if err := queue(tx).Delete(key); err != nil {
			return err
		}
	}
	return nil
}
