package journal

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"quishmilter/state"
)

// MaxEntries bounds each of the lists' homes: what the commands add, and each file.
const MaxEntries = 10_000

var (
	// ErrNoEntry: there is no such entry.
	ErrNoEntry = errors.New("there is no such entry")
	// ErrEntryOfFile: a command cannot change what stands in a file.
	ErrEntryOfFile = errors.New("the entry stands in a file; change it there and send SIGHUP")
	// ErrTooManyEntries: the lists are full.
	ErrTooManyEntries = fmt.Errorf("there are %d entries, which is the limit; remove some, or write a rule", MaxEntries)
)

// Entries keeps the allow and block entries that commands add. An entry is named by list, kind and value, so that
// adding it again replaces it; what several hosts do to one entry is put together by Merge.
type Entries struct{ db *state.DB }

// NewEntries keeps entries in the state file.
func NewEntries(db *state.DB) *Entries { return &Entries{db} }

// entries maps list, kind and value, with zero bytes between, to the entry in JSON.
func entries(tx *state.Tx) *state.Bucket { return tx.Bucket("journal", "entry") }

func entryID(list EntryList, kind EntryKind, value string) []byte {
	return []byte(string(list) + "\x00" + string(kind) + "\x00" + value)
}

// All returns the entries that have not expired, in a fixed order.
func (s *Entries) All(_ context.Context, now time.Time) ([]Entry, error) {
	var all []Entry
	err := s.db.View(func(tx *state.Tx) error {
		c := entries(tx).Cursor()
		for key, value := c.First(); key != nil; key, value = c.Next() {
			e, err := decodeEntry(key, value)
			if err != nil {
				return err
			}
			if !e.Expired(now) {
				all = append(all, e)
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("journal: allow and block entries: %w", err)
	}
	return all, nil
}

func decodeEntry(key, value []byte) (Entry, error) {
	var e Entry
	if err := json.Unmarshal(value, &e); err != nil || !bytes.Equal(key, entryID(e.List, e.Kind, e.Value)) {
		return e, fmt.Errorf("%.60q: %w", key, errDamaged)
	}
	return e, nil
}

// Put adds an entry, or replaces the one of the same name.
func (s *Entries) Put(ctx context.Context, e Entry) (Entry, error) {
	e, err := e.Check()
	if err != nil {
		return e, fmt.Errorf("journal: %w", err)
	}
	key := entryID(e.List, e.Kind, e.Value)
	return e, s.db.Update(ctx, func(tx *state.Tx) error {
		bucket := entries(tx)
		if bucket.Get(key) == nil && count(bucket) >= MaxEntries {
			return ErrTooManyEntries
		}
		value, err := json.Marshal(keptEntry{e, stampAfter(tx, key)})
		if err != nil {
			return fmt.Errorf("journal: %w", err)
		}
		return errors.Join(bucket.Put(key, value), removedEntries(tx).Delete(key))
	})
}

func count(b *state.Bucket) (n int) {
	c := b.Cursor()
	for key, _ := c.First(); key != nil; key, _ = c.Next() {
		n++
	}
	return n
}

// Remove takes an entry off its list; ErrNoEntry when it is not there.
func (s *Entries) Remove(ctx context.Context, e Entry) error {
	e, err := e.Check()
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	key := entryID(e.List, e.Kind, e.Value)
	return s.db.Update(ctx, func(tx *state.Tx) error {
		if entries(tx).Get(key) == nil {
			return fmt.Errorf("%w: %s", ErrNoEntry, e.Name())
		}
		stamp := stampAfter(tx, key)
		return errors.Join(entries(tx).Delete(key), removedEntries(tx).Put(key, []byte(stamp)))
	})
}

// Expire removes the entries that have come to their end, and forgets what was removed long ago.
func (s *Entries) Expire(ctx context.Context, now time.Time) (removed int, err error) {
	err = s.db.Update(ctx, func(tx *state.Tx) error {
		removed = 0 // the function may run twice
		var old [][]byte
		c := entries(tx).Cursor()
		for key, value := c.First(); key != nil; key, value = c.Next() {
			if e, err := decodeEntry(key, value); err == nil && e.Expired(now) {
				old = append(old, bytes.Clone(key))
			}
		}
		for _, key := range old {
			if err := entries(tx).Delete(key); err != nil {
				return err
			}
			removed++
		}
		return forgetRemoved(tx, now)
	})
	if err != nil {
		return 0, fmt.Errorf("journal: expiring entries: %w", err)
	}
	return removed, nil
}
