package journal

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"quishmilter/state"
)

// Sharing the lists between hosts, in plain words. Every host has all entries in its own state file and judges by
// those. Each change of an entry, its removal too, bears a stamp; of two changes of one entry the later stamp wins, on
// every host, in whatever order they hear of them. So hosts that compare all they have, now and then, agree in the
// end, and nothing that was changed while they could not meet is lost. A change is stamped after what its host knows
// of the entry, so a host whose clock is behind can still change what another one added.

// EntryRecord is what hosts tell each other about one entry. The value begins with the stamp; what follows is the entry
// in JSON, or nothing where it was removed.
type EntryRecord struct{ Name, Value string }

// stampLength is that of a stamp: 16 hexadecimal digits of the time in microseconds, 8 of chance, so that two
// different changes never bear the same.
const stampLength = 24

// KeepRemoved is how long it is remembered that an entry was removed. A host that was away for longer brings it back.
const KeepRemoved = 90 * 24 * time.Hour

// entryGrace is how long an entry stays with the shared store after its end: clocks differ.
const entryGrace = 24 * time.Hour

// keptEntry is how the state keeps an entry.
type keptEntry struct {
	Entry
	Stamp string `json:"stamp,omitempty"` // "" in those of earlier versions
}

// removedEntries maps the keys of entries that were removed to the stamp of that.
func removedEntries(tx *state.Tx) *state.Bucket { return tx.Bucket("journal", "entry-removed") }

func stampOf(at int64, chance []byte) string {
	return fmt.Sprintf("%016x%s", uint64(max(at, 0)), hex.EncodeToString(chance[:4]))
}

// stampTime is the time of a stamp in microseconds; 0 for what is none.
func stampTime(stamp string) (at int64) {
	_, err := fmt.Sscanf(stamp[:min(len(stamp), 16)], "%x", &at)
	if err != nil || !isStamp(stamp) {
		return 0
	}
	return at
}

func isStamp(stamp string) bool {
	raw, err := hex.DecodeString(stamp)
	return err == nil && len(stamp) == stampLength && raw[0] < 0x80 && bytes.Equal([]byte(stamp), bytes.ToLower([]byte(stamp)))
}

// stampAfter stamps a change that is made now.
func stampAfter(tx *state.Tx, key []byte) string {
	chance := make([]byte, 4)
	_, _ = rand.Read(chance) // never fails
	known, _ := knownStamp(tx, key)
	return stampOf(max(time.Now().UnixMicro(), stampTime(known)+1), chance)
}

// knownStamp is the stamp of the last change of an entry, "" where nothing is known of it, and whether it was removed.
func knownStamp(tx *state.Tx, key []byte) (stamp string, removed bool) {
	if value := entries(tx).Get(key); value != nil {
		return keptStamp(value), false
	}
	return string(removedEntries(tx).Get(key)), true
}

// keptStamp is the stamp of an entry as it is kept. One of an earlier version gets it from when it was added.
func keptStamp(value []byte) string {
	var kept keptEntry
	if json.Unmarshal(value, &kept) != nil {
		return ""
	}
	if kept.Stamp != "" {
		return kept.Stamp
	}
	return stampOf(kept.Added.UnixMicro(), []byte{0, 0, 0, 0})
}

// Records are all entries, and all removals that are remembered.
func (s *Entries) Records(context.Context) (all []EntryRecord, err error) {
	err = s.db.View(func(tx *state.Tx) error {
		c := entries(tx).Cursor()
		for key, value := c.First(); key != nil; key, value = c.Next() {
			e, err := decodeEntry(key, value)
			if err != nil {
				return err
			}
			text, err := json.Marshal(e)
			if err != nil {
				return err
			}
			all = append(all, EntryRecord{string(key), keptStamp(value) + string(text)})
		}
		c = removedEntries(tx).Cursor()
		for key, stamp := c.First(); key != nil; key, stamp = c.Next() {
			all = append(all, EntryRecord{string(key), string(stamp)})
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("journal: allow and block entries: %w", err)
	}
	return all, nil
}

// Merged is what came of the records of other hosts.
type Merged struct {
	Added   []Entry // or replaced
	Removed []Entry
	Bad     int   // records that cannot be read
	Why     error // the first of them
}

// Merge takes up what other hosts changed later than this one knows.
func (s *Entries) Merge(ctx context.Context, records []EntryRecord, now time.Time) (m Merged, err error) {
	err = s.db.Update(ctx, func(tx *state.Tx) error {
		m = Merged{} // the function may run twice
		for _, r := range records {
			if err := m.take(tx, r, now); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return Merged{}, fmt.Errorf("journal: entries of other hosts: %w", err)
	}
	return m, nil
}

func (m *Merged) take(tx *state.Tx, r EntryRecord, now time.Time) error {
	e, stamp, err := r.read()
	if err != nil {
		if m.Bad++; m.Why == nil {
			m.Why = err
		}
		return nil
	}
	key := []byte(r.Name)
	if r.gone(now, 0) {
		return nil
	}
	if known, _ := knownStamp(tx, key); known >= stamp {
		return nil
	}
	before := entries(tx).Get(key)
	if r.Value == stamp {
		if before != nil {
			m.Removed = append(m.Removed, e)
		}
		return errors.Join(entries(tx).Delete(key), removedEntries(tx).Put(key, []byte(stamp)))
	}
	m.Added = append(m.Added, e)
	value, err := json.Marshal(keptEntry{e, stamp})
	return errors.Join(err, entries(tx).Put(key, value), removedEntries(tx).Delete(key))
}

var errNoRecord = errors.New("it is no record of an entry")

// read checks a record as it would one that a person writes: the shared store is another machine.
func (r EntryRecord) read() (e Entry, stamp string, err error) {
	stamp = r.Value[:min(len(r.Value), stampLength)]
	parts := bytes.SplitN([]byte(r.Name), []byte{0}, 3)
	if !isStamp(stamp) || len(parts) != 3 {
		return e, "", fmt.Errorf("%.60q: %w", r.Name, errNoRecord)
	}
	e = Entry{List: EntryList(parts[0]), Kind: EntryKind(parts[1]), Value: string(parts[2])}
	if text := r.Value[stampLength:]; text != "" {
		if err := json.Unmarshal([]byte(text), &e); err != nil {
			return e, "", fmt.Errorf("%.60q: %w", r.Name, errNoRecord)
		}
	}
	e.Source = ""
	if e, err = e.Check(); err == nil && string(entryID(e.List, e.Kind, e.Value)) != r.Name {
		err = errNoRecord
	}
	if err != nil {
		return e, "", fmt.Errorf("%.60q: %w", r.Name, err)
	}
	return e, stamp, nil
}

// Ends is when nobody needs the record any more; zero: never.
func (r EntryRecord) Ends() time.Time {
	e, stamp, err := r.read()
	switch {
	case err != nil:
		return time.Time{}
	case r.Value == stamp:
		return time.UnixMicro(stampTime(stamp)).Add(KeepRemoved)
	}
	return e.Until
}

// gone tells whether the record's end lies so far back.
func (r EntryRecord) gone(now time.Time, grace time.Duration) bool {
	end := r.Ends()
	return !end.IsZero() && !now.Before(end.Add(grace))
}

// Exchange compares what a host has with what the shared store has: what this host has later, what the store has later
// or alone, and what the store need not keep any longer.
func Exchange(ours, theirs []EntryRecord, now time.Time) (give, take, drop []EntryRecord) {
	stamps := map[string]string{}
	for _, r := range theirs {
		stamps[r.Name] = r.Value[:min(len(r.Value), stampLength)]
	}
	own := map[string]string{}
	for _, r := range ours {
		stamp := r.Value[:min(len(r.Value), stampLength)]
		own[r.Name] = stamp
		if stamp > stamps[r.Name] && !r.gone(now, 0) {
			give = append(give, r)
		}
	}
	for _, r := range theirs {
		switch {
		case r.gone(now, entryGrace):
			drop = append(drop, r)
		case stamps[r.Name] > own[r.Name]:
			take = append(take, r)
		}
	}
	return give, take, drop
}

// forgetRemoved forgets removals that are old.
func forgetRemoved(tx *state.Tx, now time.Time) error {
	var old [][]byte
	bucket := removedEntries(tx)
	c := bucket.Cursor()
	for key, stamp := c.First(); key != nil; key, stamp = c.Next() {
		if now.Sub(time.UnixMicro(stampTime(string(stamp)))) > KeepRemoved {
			old = append(old, bytes.Clone(key))
		}
	}
	for _, key := range old {
		if err := bucket.Delete(key); err != nil {
			return err
		}
	}
	return nil
}
